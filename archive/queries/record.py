"""What every answer is made of: frozen records that become plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING

from archive.queries.frames import grid_of, pandas_frame, polars_frame

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


def plain(value: object) -> object:
    """Give ``value`` as dicts, lists, text, numbers, dates, instants and decimals only."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list, frozenset, set)):
        return [plain(item) for item in value]
    return value


class Result:
    """A part of an answer."""

    __slots__ = ()

    def to_dict(self) -> dict[str, object]:
        """Give the record as a dict of plain values."""
        found = plain(self)
        assert isinstance(found, dict)
        return found

    def to_pandas(self, part: str | None = None) -> pd.DataFrame:
        """The lines of the answer as a pandas frame; ``part``: one of its lists (:func:`frames.grid_of`)."""
        return pandas_frame(grid_of(self, part))

    def to_polars(self, part: str | None = None) -> pl.DataFrame:
        """The lines of the answer as a polars frame; ``part``: one of its lists (:func:`frames.grid_of`)."""
        return polars_frame(grid_of(self, part))
