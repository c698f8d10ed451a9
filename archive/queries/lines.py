"""Answers that are nothing but a list of records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Generic, TypeVar

from archive.queries.frames import grid_of_lines, pandas_frame, polars_frame

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Line = TypeVar("Line")


class Lines(tuple[Line, ...], Generic[Line]):
    """A tuple of records of one kind, that can be a data frame. ``kind`` also where there are none."""

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
