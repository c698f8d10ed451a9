"""A whole table for Python: to walk, as a data frame, or as a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archive.exports.files import safe_place
from archive.exports.formats.choosing import format_of
from archive.exports.formats.model import About, Column, Row, Sheet, Written
from archive.exports.tables import TableQuestion, answer
from archive.exports.writing import write_file
from archive.queries.frames import AnswerGrid, pandas_frame, polars_frame
from storage.home import Home

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


class Export:
    """A table of an archive. It is asked for anew each time that it is walked, framed or written.

    ``columns``: what stands in it; ``about``: as of when, read by which reader, from which portals.
    """

    def __init__(self, home: Home, question: TableQuestion) -> None:
        self._home, self._question = home, question
        sheet, self.about = answer(home, question)
        self.columns: tuple[Column, ...] = sheet.columns

    def __iter__(self) -> Iterator[Row]:
        """The rows, one by one: no more of the archive is in memory than one portal."""
        return iter(self._sheet()[0].rows)

    def _sheet(self) -> tuple[Sheet, About]:
        return answer(self._home, self._question)

    def _grid(self) -> AnswerGrid:
        return AnswerGrid({one.name: one.kind for one in self.columns}, map(dict, self))

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a pandas frame with nullable types."""
        return pandas_frame(self._grid())

    def to_polars(self) -> pl.DataFrame:
        """The rows as a polars frame."""
        return polars_frame(self._grid())

    def write(self, path: str | Path, fmt: str | None = None, *, bom: bool = False) -> Written:
        """Write the table to a file by its ending (or ``fmt``), with dictionary and descriptor beside.

        Raises UnknownFormatError, LackingError, and PlaceError for a place among the archive's own files.
        """
        place = safe_place(self._home, Path(path))
        sheet, about = self._sheet()
        return write_file(sheet, about, format_of(fmt, place), place, bom=bom)
