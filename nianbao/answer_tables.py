"""Convert answers to tables, and write these as files (CSV, XLSX, Parquet, Stata, JSON lines).

The server writes a file completely before it sends the first byte, so that nobody takes half a file for an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, cached_property, partial
from itertools import starmap
from operator import itemgetter
from pathlib import Path
from typing import Any, Self

from archive.exports.formats.columns import (
    About,
    ExportColumn,
    FileFormat,
    Row,
    Sheet,
    Written,
    declared_columns,
    display_rules,
    heading,
    words,
)
from archive.exports.plain_values import jsonable
from archive.exports.tables import Export, about
from archive.exports.writing import mark_simulated, writer_of
from archive.queries.frames import SIMULATED, AnswerGrid, ColumnKind, grid_of, grid_of_lines
from archive.queries.where import Where, choose, instant_of_question
from nianbao.answer_words import section_of, words_for
from nianbao.language import Language
from nianbao.paging import known_of
from nianbao.parameters import Narrowed, Parameters
from nianbao.questions import Question
from nianbao.sentences import in_language
from storage.home import Home


def put_into_words(sheet: Sheet, lang: str) -> Sheet:
    """Return the table with headings and words in one language; lists of records become columns of text.

    If two columns have the same heading, the name of the column is added to each.
    """
    pairs = [pair for column in sheet.columns for pair in _columns_in_words(sheet.name, column, lang)]
    texts = [in_language(column, lang) for column, _ in pairs]
    columns = tuple(
        replace(column, title=f"{text} ({column.name})" if texts.count(text) > 1 else text)
        for (column, _), text in zip(pairs, texts, strict=True)
    )
    return replace(
        sheet, columns=columns, rows=({column.name: read(row) for column, read in pairs} for row in sheet.rows)
    )


def _columns_in_words(
    table: str, column: ExportColumn, lang: str
) -> Iterator[tuple[ExportColumn, Callable[[Row], object]]]:
    """Yield the columns that people get for one (for a list of records: one a field), and how a row gives its value."""
    within = display_rules("within").get(column.name) if column.kind is ColumnKind.NESTED else None
    if within is not None:
        for name, field in within.items():
            merged = replace(column, name=name, kind=ColumnKind.TEXT, zh=heading(name, "zh"), en=heading(name, "en"))
            yield merged, partial(_joined_fields, column.name, field)
    elif not column.is_number and (section := section_of(table, column.name)):  # record_http_status is a number
        yield column, lambda row: words_for(section, row[column.name], lang)
    else:
        yield column, itemgetter(column.name)


def _joined_fields(name: str, field: str, row: Row) -> str:
    records = row[name]
    return " ".join(str(jsonable(getattr(one, field))) for one in (records if isinstance(records, Iterable) else ()))


def slimmed(sheet: Sheet, names: Iterable[str], lang: str) -> Sheet:
    """Return the table with only the columns ``names``, in order, or all if it has none of them; ``sentence`` is the
    column ``zh`` or ``en``.
    """
    by_name = {one.name: one for one in sheet.columns}
    columns_chosen = [name for name in ((lang if name == "sentence" else name) for name in names) if name in by_name]
    if not columns_chosen:
        return sheet
    columns_chosen += [SIMULATED] if SIMULATED in by_name else []
    sentence: Any = {"name": "sentence", "zh": heading("sentence", "zh"), "en": heading("sentence", "en")}
    columns = tuple(replace(by_name[name], **sentence if name == lang else {}) for name in columns_chosen)
    rows = (
        {column.name: row[name] for column, name in zip(columns, columns_chosen, strict=True)} for row in sheet.rows
    )
    return replace(sheet, columns=columns, rows=rows)


# ---------------------------------------------------------------------------------------------- files


_SPREADSHEETS = frozenset({FileFormat.CSV, FileFormat.XLSX})
_ALL_HITS = 1_000  # rows of a search that a file holds


@dataclass(frozen=True)
class AnswerTable:
    """The answer to a question as a table; the question is asked once, when the table is first needed."""

    home: Home
    question: Question
    parameters: Any

    @classmethod
    def of(cls, home: Home, question: Question, parameters: Parameters) -> Self:
        """Create it as of the instant in ``parameters``, or as of now."""
        as_of = instant_of_question(home, parameters.as_of)
        return cls(home, question, parameters.model_copy(update={"as_of": as_of}))

    @cached_property
    def _answer(self) -> Any:
        """What the question returned."""
        more = {"limit": _ALL_HITS, "offset": 0} if self.question.windowed else {}
        return self.question.ask(self.home, self.parameters, **more)

    @cached_property
    def sheet(self) -> Sheet:
        """The table; its rows can be read once."""
        return sheet_of_answer(self.home, self.question, self._answer)

    @cached_property
    def about(self) -> About:
        """The provenance of the table."""
        return self._answer.about if isinstance(self._answer, Export) else self._about_question()

    @property
    def knowledge(self) -> object:
        """How much is known of the reports asked about."""
        return known_of(self.home, self.parameters, self._answer)

    def _about_question(self) -> About:
        """Return the provenance of an answer that is no exported table; its question is described by its parameters."""
        is_narrowed = isinstance(self.parameters, Narrowed)
        where = self.parameters.where() if is_narrowed else Where(as_of=self.parameters.as_of)
        values = self.parameters.model_dump(mode="json", exclude_defaults=True)
        parts = [f"question {self.question.name}", *(f"{name} {value}" for name, value in sorted(values.items()))]
        return about(choose(self.home, where), "; ".join(parts))

    def write(self, fmt: FileFormat, place: Path, *, in_words: bool = False, slim: bool = False) -> Written:
        """Write all lines to a file. Raises LackingError, OSError and errors of queries.

        ``in_words``: CSV and XLSX get headings and words in the reader's language (XLSX in Chinese always does);
        ``slim``: only the main columns.
        """
        sheet, lang = self.sheet, self.parameters.lang
        if slim:
            sheet = slimmed(sheet, self.question.slim, lang)
        if fmt is FileFormat.DTA and self.question.table is None:
            sheet = for_stata(sheet)
        elif (in_words and fmt in _SPREADSHEETS) or (fmt is FileFormat.XLSX and lang is Language.ZH):
            sheet = put_into_words(sheet, lang)
        return writer_of(fmt, bom=fmt is FileFormat.CSV)(sheet, self.about, place)


def sheet_of_answer(home: Home, question: Question, answer: Any) -> Sheet:
    """Convert an answer to a table with a row for each of its lines, or one row if it is no list."""
    if isinstance(answer, Export):
        return answer.sheet
    # with ``question.lines`` the answer is a record that has its lists in these fields
    grid = grid_of_lines(question.item, answer) if question.is_list and not question.lines else grid_of(answer)
    columns = tuple(starmap(_column, grid.columns.items()))
    sheet = Sheet(name=question.name, zh=question.zh, en=question.en, key=(), columns=columns, rows=_rows(grid))
    return mark_simulated(sheet, home)


def rows_of_lines(question: Question, lines: Iterable[object]) -> list[Row]:
    """Convert the lines of an answer to rows with all columns."""
    return [*_rows(grid_of_lines(question.item, lines))]


@cache
def _column(name: str, kind: ColumnKind) -> ExportColumn:
    """Return a column with its labels: the headings that people see, else the labels of exported tables, else none."""
    try:
        return ExportColumn(name=name, kind=kind, zh=heading(name, "zh"), en=heading(name, "en"))
    except KeyError:
        labels = declared_columns().get(name)
        return ExportColumn(name=name, kind=kind, zh=labels.zh if labels else name, en=labels.en if labels else name)


def for_stata(sheet: Sheet) -> Sheet:
    """Return the table for Stata: words become labelled values, and missing numbers get their reason from ``state``."""
    names = {one.name for one in sheet.columns}

    def for_labels(one: ExportColumn) -> ExportColumn:
        """Return a column with the ``state`` that tells why its numbers are missing, or with the list of its words."""
        state = f"{one.name.removesuffix('value')}state"  # value → state, before_value → before_state
        if one.is_number and one.name.endswith("value") and state in names:
            return replace(one, state=state)
        word_list = display_rules("listed").get(one.name)
        if word_list and one.kind is ColumnKind.TEXT:
            return replace(one, kind=ColumnKind.CHOSEN, words=words(word_list))
        return one

    return replace(sheet, columns=tuple(map(for_labels, sheet.columns)))


def _rows(grid: AnswerGrid) -> Iterable[Row]:
    """Yield the rows; floats become Decimal, a single record becomes a list of one, and a set becomes a tuple."""
    changed = [(name, kind) for name, kind in grid.columns.items() if kind in _KINDS_CONVERTED]
    for row in grid.rows:
        for name, kind in changed:
            row[name] = _as_written(row[name], kind)
        yield row


_KINDS_CONVERTED = frozenset({ColumnKind.NUMBER, ColumnKind.NESTED, ColumnKind.LIST})


def _as_written(value: Any, kind: ColumnKind) -> object:
    if kind is ColumnKind.NESTED:
        return value if value is None or isinstance(value, (tuple, list)) else [value]
    if isinstance(value, float):
        return Decimal(repr(value))
    return tuple(value) if isinstance(value, frozenset) else value
