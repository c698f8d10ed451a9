"""Comma-separated values, as others exported a sheet → blocks: titles and running text, and the rest as tables.

A line of text has commas too: rows are several lines on end with equally many fields, many of them figures or blank.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archive.documents.pages import Paragraph, Table
from archive.documents.workbook.grid import Sheet, blocks
from archive.documents.workbook.labels import FIGURE

_FIELDS = 4  # fewer are a sentence with commas
_ROWS = 3  # with equally many fields
_FIGURES = 3  # one field in so many, at least, is a figure or blank


@dataclass(slots=True)
class _Row:
    """One row: the line it begins in, from 0, its text as it stands, its fields."""

    line: int
    text: str
    fields: list[str]
    tabular: bool = False


def separated(lines: Sequence[str], cells: int) -> list[Paragraph | Table] | None:
    """The blocks of a text that is a sheet of comma-separated values; None if it is none. At most ``cells`` fields."""
    if sum(line.count(",") >= _FIELDS - 1 for line in lines[:400]) < _ROWS:
        return None
    try:
        rows = list(_rows(lines, cells))
    except csv.Error:
        return None
    runs = list(_runs(rows))
    fields = [field for run in runs for row in run for field in row.fields]
    if not fields or sum(FIGURE.match(field) is not None for field in fields) * _FIGURES < len(fields):
        return None
    for run in runs:
        for row in run:
            row.tabular = True
    return _blocks(rows)


def _rows(lines: Sequence[str], cells: int) -> Iterator[_Row]:
    reader = csv.reader(lines)
    begin = seen = 0
    for fields in reader:
        seen += len(fields)
        if seen > cells:
            return
        if len(fields) >= _FIELDS or any(field.strip() for field in fields):
            yield _Row(begin, "\n".join(lines[begin : reader.line_num]), fields)
        begin = reader.line_num


def _runs(rows: list[_Row]) -> Iterator[list[_Row]]:
    """Rows on end that have equally many fields."""
    run: list[_Row] = []
    for row in rows:
        if run and len(row.fields) != len(run[0].fields):
            if len(run) >= _ROWS:
                yield run
            run = []
        if len(row.fields) >= _FIELDS:
            run.append(row)
    if len(run) >= _ROWS:
        yield run


def _blocks(rows: list[_Row]) -> list[Paragraph | Table]:
    """A sheet made of the rows and taken apart again; the locators tell lines of the text."""
    sheet = Sheet(name="", rows={})
    widths = {len(row.fields) for row in rows}
    at: list[_Row] = []
    for row in rows:
        if at and row.line > at[-1].line + at[-1].text.count("\n") + 1:
            at.append(replace(row, fields=[], text=""))  # an empty line
        for col, field in enumerate(
            row.fields if row.tabular else [row.text if len(row.fields) > 1 else row.fields[0]]
        ):
            if field.strip():
                sheet.rows.setdefault(len(at), {})[col] = field
            elif row.tabular and len(widths) > 1:
                sheet.blank.add(len(at))  # where all rows are equally long, what is missing was filled up
        at.append(row)
    made: list[Paragraph | Table] = []
    for block in blocks(sheet):
        if isinstance(block, Paragraph):
            made.append(replace(block, locator={"line": at[_number(block.locator)].line + 1}))
            continue
        located = [replace(cell, locator={"line": at[_number(cell.locator)].line + 1}) for cell in block.cells]
        made.append(replace(block, cells=tuple(located), ruled=True, locator={}))
    return made


def _number(locator: object) -> int:
    """Row of a sheet, from 0, of a locator such as ``{"cell": "B7"}``."""
    name = str(locator["cell"]) if isinstance(locator, dict) else ""
    return int("".join(character for character in name if character.isdigit()) or 1) - 1
