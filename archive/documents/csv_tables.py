"""Comma-separated values, as others exported a sheet → blocks: titles and running text, and the rest as tables.

A line of text has commas too: rows are several lines on end with equally many fields, many of them figures or blank.
Where every text is quoted, fields may be parted by tabs (tabs between plain fields are read line by line, text.py).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from archive.documents.pages import Paragraph, Table
from archive.documents.workbook.grid import Sheet, blocks
from archive.documents.workbook.labels import FIGURE

_FIELDS = 4  # fewer are a sentence with commas
_ROWS = 3  # with equally many fields
_FIGURES = 3  # one field in so many, at least, is a figure or blank
_NUMBER = re.compile(r"\s{0,8}([一二三四五六七八九十]{1,3})、")
_QUOTED = re.compile(r'(?:^|\t)"[^"\t]{1,400}"(?:\t|$)')  # a field between tabs


@dataclass(slots=True)
class _Record:
    """One row: the line it begins in, from 0, its text as it stands, its fields."""

    line: int
    text: str
    fields: list[str]
    tabular: bool = False


def separated(lines: Sequence[str], cells: int) -> list[Paragraph | Table] | None:
    """The blocks of a text that is a sheet of separated values; None if it is none. At most ``cells`` fields."""
    if sum(line.count(",") >= _FIELDS - 1 for line in lines[:400]) >= _ROWS:
        sign = ","
    elif sum(line.count("\t") >= _FIELDS - 1 and _QUOTED.search(line) is not None for line in lines[:400]) >= _ROWS:
        sign = "\t"
    else:
        return None
    try:
        rows = list(_rows(lines, cells, sign))
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


def _rows(lines: Sequence[str], cells: int, sign: str) -> Iterator[_Record]:
    reader = csv.reader(lines, delimiter=sign)
    begin = seen = 0
    for fields in reader:
        seen += len(fields)
        if seen > cells:
            return
        if len(fields) >= _FIELDS or any(field.strip() for field in fields):
            yield _Record(begin, "\n".join(lines[begin : reader.line_num]), fields)
        begin = reader.line_num


def _runs(rows: list[_Record]) -> Iterator[list[_Record]]:
    """Rows on end that have equally many fields."""
    run: list[_Record] = []
    for row in rows:
        if run and len(row.fields) != len(run[0].fields):
            if len(run) >= _ROWS:
                yield run
            run = []
        if len(row.fields) >= _FIELDS:
            run.append(row)
    if len(run) >= _ROWS:
        yield run


def _blocks(rows: list[_Record]) -> list[Paragraph | Table]:
    """A sheet made of the rows and taken apart again; the locators tell lines of the text."""
    sheet = Sheet(name="", rows={})
    widths = {len(row.fields) for row in rows}
    at: list[_Record] = []
    unfilled = {id(row) for row, below in pairwise(rows) if row.tabular and _is_unfilled(row, below)}
    for row in rows:
        if at and row.line > at[-1].line + at[-1].text.count("\n") + 1:
            at.append(replace(row, fields=[], text=""))  # an empty line
        for col, field in enumerate(
            row.fields if row.tabular else [row.text if len(row.fields) > 1 else row.fields[0]]
        ):
            if field.strip():
                sheet.rows.setdefault(len(at), {})[col] = field
            elif row.tabular and (len(widths) > 1 or id(row) in unfilled):
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


def _is_unfilled(row: _Record, below: _Record) -> bool:
    """Whether a row is a numbered label without figures: the heading of a section below it has the same number."""
    filled, heading = ([field for field in one.fields if field.strip()] for one in (row, below))
    if len(filled) != 1 or len(heading) != 1:
        return False
    number, own = _NUMBER.match(filled[0]), _NUMBER.match(heading[0])
    return number is not None and own is not None and number[1] == own[1]


def _number(locator: object) -> int:
    """Row of a sheet, from 0, of a locator such as ``{"cell": "B7"}``."""
    name = str(locator["cell"]) if isinstance(locator, dict) else ""
    return int("".join(character for character in name if character.isdigit()) or 1) - 1
