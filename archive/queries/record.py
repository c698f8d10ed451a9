"""What every answer is made of: frozen records, and lists of them, that become plain values and data frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from archive.queries.frames import grid_of, grid_of_lines, pandas_frame, plain, polars_frame

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Line = TypeVar("Line")


class Result:
    """A part of an answer."""

    __slots__ = ()

    @classmethod
    def of(cls, source: object, /, **given: Any) -> Self:
        """Make a record with the fields that ``source`` has as well, but those that are ``given``."""
        record: Any = cls
        kind: Any = type(source)
        shared = _names_in_both(record, kind)
        return cls(**{name: getattr(source, name) for name in shared if name not in given}, **given)

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


@cache
def _names_in_both(record: Any, source: Any) -> tuple[str, ...]:
    """The fields of a type of records that another type has as well."""
    held = {*dir(source), *getattr(source, "__dataclass_fields__", ())}
    return tuple(one.name for one in fields(record) if one.name in held)


class Lines(tuple[Line, ...], Generic[Line]):
    """An answer that is nothing but records of one type, which ``kind`` names also where there are none."""

    kind: type[Line]

    def __new__(cls, kind: type[Line], lines: Iterable[Line]) -> Lines[Line]:
        """The records ``lines``, each a ``kind``."""
        made = super().__new__(cls, lines)
        made.kind = kind
        return made

    def to_pandas(self) -> pd.DataFrame:
        """The records as a pandas frame, a row each."""
        return pandas_frame(grid_of_lines(self.kind, self))

    def to_polars(self) -> pl.DataFrame:
        """The records as a polars frame, a row each."""
        return polars_frame(grid_of_lines(self.kind, self))
