"""Answers as files: CSV, XLSX, Parquet, Stata, JSON lines.

A file is written whole before any of it is sent, so that one that breaks off is never taken for an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from itertools import starmap
from pathlib import Path
from typing import Any

from archive.exports.formats.columns import (
    MEDIA_TYPES,
    About,
    Column,
    FileFormat,
    Row,
    Sheet,
    column,
    column_names,
    words,
)
from archive.exports.tables import about, answer
from archive.exports.writing import writer_of
from archive.queries.frames import AnswerGrid, ColumnKind, grid_of, grid_of_lines
from archive.queries.where import Where, choose, instant_of_question
from nianbao.language import Language
from nianbao.parameters import Narrowed, Parameters, Rows
from nianbao.people_tables import column_heading, for_people, is_folded, people_heading, people_value
from nianbao.questions import Question, table_question
from storage.home import Home

#: what an ``Accept`` header may name, beside ``application/json``
FORMATS: Mapping[str, FileFormat] = {media: fmt for fmt, media in MEDIA_TYPES.items()}

#: columns of answers in which listed words stand → their list in ``columns.toml``
_LISTED = {
    "agency_kind": "kind", "status": "status", "evidence": "evidence", "state": "state", "severity": "severity",
}  # fmt: skip
_ALL_HITS = 1_000  # of a search, in a file


def sheet_of(home: Home, question: Question, parameters: Parameters) -> tuple[Sheet, Callable[[], About]]:
    """The lines of an answer as a table, all of them, and what gives where they come from, which few formats tell."""
    if question.table is not None:
        assert isinstance(parameters, Rows)
        table, source = answer(home, table_question(question.table, parameters))
        return table, lambda: source
    as_of = instant_of_question(home, parameters.as_of)
    parameters = parameters.model_copy(update={"as_of": as_of})
    more = {"limit": _ALL_HITS, "offset": 0} if question.windowed else {}
    result = question.ask(home, parameters, **more)
    return sheet_of_answer(question, result), partial(_about, home, parameters, as_of, question)


def sheet_of_answer(question: Question, answer: Any) -> Sheet:
    """The lines of an answer that is there as a table."""
    grid = grid_of_lines(question.item, answer) if question.is_list and not question.lines else grid_of(answer)
    columns = tuple(starmap(_column, grid.columns.items()))
    return Sheet(name=question.name, zh=question.zh, en=question.en, key=(), columns=columns, rows=_rows(grid))


def lines_for_people(
    question: Question, lines: Iterable[object], lang: str, columns: Iterable[str] = ()
) -> tuple[Mapping[str, str], list[tuple[Row, Row]]]:
    """The columns that pages and terminals show with their headings; of each line its values in words, and as they are.

    ``columns``: others than those of the question. What all lines share because the question names it (a year, an
    indicator) has no column.
    """
    fields = question.parameters.model_fields
    fixed = {name for name, field in fields.items() if field.is_required() and field.annotation in {int, str}}
    names = [name for name in columns or question.slim if name not in fixed and not is_folded(name)]
    rows = rows_of_lines(question, lines)
    heads = {name: people_heading(question.name, name, rows, lang) for name in names}
    return heads, [({name: people_value(question.name, name, row, lang) for name in names}, row) for row in rows]


def rows_of_lines(question: Question, lines: Iterable[object]) -> list[Row]:
    """The lines of an answer as rows of a table, with all their columns."""
    return [*_rows(grid_of_lines(question.item, lines))]


def write(home: Home, question: Question, parameters: Parameters, fmt: FileFormat, place: Path) -> None:
    """Write the table to ``place``. Raises what the question raises, LackingError and OSError."""
    sheet, source = sheet_of(home, question, parameters)
    if fmt is FileFormat.DTA and question.table is None:
        sheet = for_stata(sheet)
    elif fmt is FileFormat.XLSX and parameters.lang is Language.ZH:
        sheet = for_people(sheet, "zh")
    writer_of(fmt, bom=fmt is FileFormat.CSV)(sheet, source(), place)


@cache
def _column(name: str, kind: ColumnKind) -> Column:
    """A column of answers with its labels: those of people's headings, else those of exported tables."""
    one = Column(name=name, kind=kind, zh=name, en=name)
    try:
        return replace(one, zh=column_heading(one, "zh"), en=column_heading(one, "en"))
    except KeyError:
        labels = column(name) if name in column_names() else one
        return replace(one, zh=labels.zh, en=labels.en)


def for_stata(sheet: Sheet) -> Sheet:
    """The table whose words bear labels, and whose missing numbers the state beside them explains."""
    names = {one.name for one in sheet.columns}

    def described(one: Column) -> Column:
        if (
            one.is_number
            and one.name.endswith("value")
            and (state := f"{one.name.removesuffix('value')}state") in names
        ):
            return replace(one, state=state)
        listed = _LISTED.get(one.name)
        return (
            replace(one, kind=ColumnKind.CHOSEN, words=words(listed)) if listed and one.kind is ColumnKind.TEXT else one
        )

    return replace(sheet, columns=tuple(map(described, sheet.columns)))


def _rows(grid: AnswerGrid) -> Iterable[Row]:
    """The rows, of whose values few need to become another: lists of records are lists also where there is one."""
    changed = [(name, _CHANGES[kind]) for name, kind in grid.columns.items() if kind in _CHANGES]
    for row in grid.rows:
        for name, change in changed:
            row[name] = change(row[name])
        yield row


def _as_decimal(value: object) -> object:
    return Decimal(repr(value)) if isinstance(value, float) else value


def _listed(value: Any) -> object:
    return value if value is None or isinstance(value, (tuple, list)) else [value]


def _tuple(value: Any) -> object:
    return tuple(value) if isinstance(value, frozenset) else value


_CHANGES: Mapping[ColumnKind, Callable[[object], object]] = {
    ColumnKind.NUMBER: _as_decimal, ColumnKind.NESTED: _listed, ColumnKind.LIST: _tuple,
}  # fmt: skip


def _about(home: Home, parameters: Parameters, as_of: datetime, question: Question) -> About:
    where = parameters.where() if isinstance(parameters, Narrowed) else Where()
    values = parameters.model_dump(mode="json", exclude_defaults=True)
    question_text = "; ".join(
        [f"question {question.name}", *(f"{name} {value}" for name, value in sorted(values.items()))]
    )
    return about(choose(home, where, as_of=as_of), question_text)
