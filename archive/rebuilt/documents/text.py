"""Plain text → Document. Tables drawn with strokes, one row a line, become tables; every other line is a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.rebuilt.documents.charset import decode
from archive.rebuilt.documents.model import Cell, Document, Limits, Paragraph, Table, number_tables

_ROW = re.compile(r"\s*\|.*\|\s*")
_RULE = re.compile(r"\s*\|(?:\s*:?-+:?\s*\|)+\s*")
MIN_TABLE_ROWS = 2


def open_text(data: bytes, limits: Limits) -> Document:
    """Read a text file."""
    lines = decode(data)[: limits.characters].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Document(kind="text", blocks=number_tables(_blocks(lines)))


def _blocks(lines: list[str]) -> Iterator[Paragraph | Table]:
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and _ROW.fullmatch(lines[end]):
            end += 1
        if end - start >= MIN_TABLE_ROWS and _has_equal_rows(lines[start:end]):
            yield _pipe_table(lines[start:end], start + 1)
            start = end
            continue
        for number in range(start, max(end, start + 1)):
            yield Paragraph(lines[number], locator={"line": number + 1})
        start = max(end, start + 1)


def _has_equal_rows(lines: list[str]) -> bool:
    """Whether all rows have the same number of cells: only then does a stroke say which column a cell belongs to."""
    return len({line.strip().count("|") for line in lines}) == 1 and any(_RULE.fullmatch(line) for line in lines)


def _pipe_table(lines: list[str], first_line: int) -> Table:
    cells: list[Cell] = []
    row = 0
    for number, line in enumerate(lines, first_line):
        if _RULE.fullmatch(line):
            continue
        for col, text in enumerate(line.strip().strip("|").split("|")):
            cells.append(Cell(row, col, 1, 1, text.strip(), {"line": number}))
        row += 1
    return Table(tuple(cells), ruled=True)
