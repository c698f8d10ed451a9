"""Write XLSX with XlsxWriter, row by row: typed numbers and dates, frozen header, codes as text; notes and dictionary
on sheets of their own. A table with more rows than a sheet can hold continues on further sheets.

Nothing is written as a formula, and text that a spreadsheet would run if somebody edits it begins with an apostrophe.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from archive.exports.formats.columns import About, ExportColumn, Row, Sheet, Written
from archive.exports.formats.describing import DICTIONARY, dictionary, notes
from archive.exports.plain_values import exact_float, neutral, one_text
from archive.queries.words import CHINA

ROWS = 1_048_576  #: rows of a sheet, including the header
LETTERS = 32_767  #: characters of a cell
_FIRST = date(1900, 3, 1)  # Excel has no dates before 1900 and wrongly treats that year as a leap year


def write_xlsx(sheet: Sheet, about: About, path: Path, *, rows_a_sheet: int = ROWS) -> Written:
    """Write a table to the file ``path``; rows beyond ``rows_a_sheet``, dictionary and notes go to further sheets."""
    settings = {"constant_memory": True, "tmpdir": str(path.parent), "default_date_format": "yyyy-mm-dd"}
    book = xlsxwriter.Workbook(str(path), settings)
    book.use_zip64()  # a sheet of a million rows exceeds 2 GB; smaller files do not change
    # the time of writing would make files with equal content differ
    book.set_properties({"title": sheet.zh, "comments": about.question, "created": about.as_of.astimezone(UTC)})
    writer = _Writer(book, sheet, rows_a_sheet)
    for row in sheet.rows:
        writer.add(row)
    writer.finish()
    _write_list(book, "dictionary", [*DICTIONARY.values()], map(dict.values, dictionary(sheet)))
    note_lines = (*notes(sheet, about), *writer.notes())
    _write_list(book, "notes", ("about", "说明 / note"), note_lines)
    book.close()
    return Written(writer.rows, writer.inexact)


class _Writer:
    """Writes rows to sheets. ``inexact``: how many values a cell could not hold exactly."""

    def __init__(self, book: Any, sheet: Sheet, limit: int) -> None:
        """Begin the first sheet of ``book``; ``limit``: rows, with the heading, of each."""
        self._book, self._sheet, self._limit = book, sheet, limit
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._text = book.add_format({"num_format": "@"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._at = 0
        self._page: Any = None
        self._pages: list[str] = []
        self.rows = self.inexact = 0
        self._begin_page()

    def _begin_page(self) -> None:
        """Begin the next sheet, because one holds a limited number of rows, with headings in its first row."""
        self.finish()
        name = self._sheet.name if not self._pages else f"{self._sheet.name}_{len(self._pages) + 1}"
        self._pages.append(name)
        self._page = self._book.add_worksheet(name)
        self._page.freeze_panes(1, 0)
        for at, column in enumerate(self._sheet.columns):
            self._page.set_column(at, at, column.kind.width)
            self._page.write_string(0, at, column.heading, self._head)
        self._at = 1

    def finish(self) -> None:
        """Finish the current sheet by adding filters to its header."""
        if self._page is not None:
            self._page.autofilter(0, 0, max(self._at - 1, 1), len(self._sheet.columns) - 1)

    def add(self, row: Row) -> None:
        """Write a row, on a new sheet if the current one is full; the state of a number left out is ``not_exact``."""
        if self._at == self._limit:
            self._begin_page()
        states: dict[str, str] = {}
        written = [self._value(column, row[column.name], states) for column in self._sheet.columns]
        for at, (column, (value, style)) in enumerate(zip(self._sheet.columns, written, strict=True)):
            if isinstance(content := states.get(column.name, value), str):
                self._page.write_string(self._at, at, content, style)  # never a formula or a link
            elif content is not None:
                self._page.write(self._at, at, content, style)
        self._at += 1
        self.rows += 1

    def _value(self, column: ExportColumn, value: object, states: dict[str, str]) -> tuple[object, Any]:
        """Return what to write for a value, and its style. A number that no cell holds is left out, and ``states`` gets
        its new state; days before March 1900 become text, and a text longer than a cell is cut.
        """
        if value is None or isinstance(value, bool):
            return value, None
        if column.is_number:
            assert isinstance(value, Decimal | int | float)
            number = exact_float(value if not isinstance(value, float) else Decimal(str(value)))
            if number is None:
                self.inexact += 1
                states |= {column.state: "not_exact"} if column.state else {}
            return number, None
        if isinstance(value, datetime):
            local = value.astimezone(CHINA).replace(tzinfo=None)
            return (local, self._instant) if local.date() >= _FIRST else (one_text(value), self._text)
        if isinstance(value, date):
            return (value, self._day) if value >= _FIRST else (value.isoformat(), self._text)
        text = neutral(one_text(value))
        if len(text) > LETTERS:
            self.inexact += 1
            text = text[: LETTERS - 1] + "…"
        return text, self._text

    def notes(self) -> tuple[tuple[str, str], ...]:
        """Return notes on how rows are spread over sheets, and on inexact values."""
        lines = []
        if len(self._pages) > 1:
            lines.append(("sheets", f"{self.rows} rows on {len(self._pages)} sheets: {', '.join(self._pages)}"))
        if self.inexact:
            lines.append(("not exact", f"{self.inexact} values do not fit a cell: numbers are left out, texts cut"))
        return tuple(lines)


def _write_list(book: Any, name: str, head: Sequence[str], rows: Iterable[Iterable[str]]) -> None:
    """Write rows of text to a sheet of their own (``name``), with the header ``head``."""
    page, bold = book.add_worksheet(name), book.add_format({"bold": True, "bottom": 1})
    page.freeze_panes(1, 0)
    page.set_column(0, 1, 24)
    page.set_column(2, len(head), 32)
    for at, text in enumerate(head):
        page.write_string(0, at, text, bold)
    for line, row in enumerate(rows, start=1):
        for at, text in enumerate(row):
            page.write_string(line, at, neutral(one_text(text))[:LETTERS])
