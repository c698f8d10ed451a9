"""Answers as files: CSV, XLSX, Parquet, Stata, JSON lines.

A file is written whole before any of it is sent, so that one that breaks off is never taken for an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from archive.exports.formats.choosing import writer_of
from archive.exports.formats.columns import column, column_names
from archive.exports.formats.model import MEDIA_TYPES, About, Column, FileFormat, Kind, Row, Sheet
from archive.exports.tables import about, answer
from archive.queries.asof import asked_at
from archive.queries.frames import Grid, Sort, grid_of, grid_of_lines
from archive.queries.record import plain
from archive.queries.where import Where, choose
from nianbao.parameters import Narrowed, Parameters, Rows
from nianbao.questions import Question, table_question
from storage.home import Home

#: what an ``Accept`` header may name, beside ``application/json``
FORMATS: Mapping[str, FileFormat] = {media: fmt for fmt, media in MEDIA_TYPES.items()}

_KINDS = {
    Sort.INTEGER: Kind.INTEGER,
    Sort.NUMBER: Kind.NUMBER,
    Sort.FLAG: Kind.FLAG,
    Sort.DATE: Kind.DATE,
    Sort.INSTANT: Kind.INSTANT,
    Sort.LIST: Kind.LIST,
    Sort.JSON: Kind.NESTED,
}
_ALL_HITS = 1_000  # of a search, in a file


def sheet_of(home: Home, question: Question, parameters: Parameters) -> tuple[Sheet, About]:
    """The lines of an answer as a table, all of them, and what a file says of where it comes from."""
    if question.table is not None:
        assert isinstance(parameters, Rows)
        return answer(home, table_question(question.table, parameters))
    as_of = asked_at(home, parameters.as_of)
    parameters = parameters.model_copy(update={"as_of": as_of})
    more = {"limit": _ALL_HITS, "offset": 0} if question.windowed else {}
    result = question.ask(home, parameters, **more)
    grid = grid_of_lines(question.item, result) if question.is_list and not question.lines else grid_of(result)
    sheet = Sheet(
        name=question.name, zh=question.zh, en=question.en, key=(), columns=tuple(_columns(grid)), rows=_rows(grid)
    )
    return sheet, _about(home, parameters, as_of, question)


def write(home: Home, question: Question, parameters: Parameters, fmt: FileFormat, place: Path) -> None:
    """Write the table to ``place``. Raises what the question raises, LackingError and OSError."""
    sheet, source = sheet_of(home, question, parameters)
    writer_of(fmt, bom=fmt is FileFormat.CSV)(sheet, source, place)


def _columns(grid: Grid) -> Iterable[Column]:
    names = column_names()
    for name, sort in grid.columns.items():
        kind = _KINDS.get(sort, Kind.TEXT)
        labels = column(name) if name in names else None
        yield Column(name=name, kind=kind, zh=labels.zh if labels else name, en=labels.en if labels else name)


def _rows(grid: Grid) -> Iterable[Row]:
    for row in grid.rows:
        yield {name: _value(plain(row.get(name)), sort) for name, sort in grid.columns.items()}


def _value(value: Any, sort: Sort) -> object:
    if sort is Sort.JSON and value is not None and not isinstance(value, list):
        return [value]
    if isinstance(value, float):
        return Decimal(repr(value))
    return value


def _about(home: Home, parameters: Parameters, as_of: datetime, question: Question) -> About:
    where = parameters.where() if isinstance(parameters, Narrowed) else Where()
    values = parameters.model_dump(mode="json", exclude_defaults=True)
    words = "; ".join([f"question {question.name}", *(f"{name} {value}" for name, value in sorted(values.items()))])
    return about(home, as_of, words, choose(home, where))
