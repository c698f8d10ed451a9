"""Plain text → Document. Lines become paragraphs, and two layouts become tables.

* rows drawn with strokes (``| 规章 | 0 |``), one row a line, as converters of pages write them;
* cells begun by a tab, one cell a line, rows parted by an empty line, as browsers and Word copy tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from archive.documents.charset import decode
from archive.documents.model import Cell, Document, Limits, Paragraph, Table, number_tables
from archive.findings import finding

_ROW = re.compile(r"\s*\|.*\|\s*")
_RULE = re.compile(r"\s*\|(?:\s*:?-+:?\s*\|)+\s*")
MIN_TABLE_ROWS = 2


def open_text(data: bytes, limits: Limits) -> Document:
    """Read a text file."""
    decoded = decode(data)
    findings = list(decoded.findings)
    lines = decoded.text[: limits.characters].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(decoded.text) > limits.characters or len(lines) > limits.cells:
        findings.append(finding("limit_reached", bound="characters_or_lines", expected=limits.characters))
        lines = lines[: limits.cells]
    unreadable = "charset_broken" if decoded.refused else ""
    return Document("text", number_tables(_blocks(lines)), findings=tuple(findings), unreadable=unreadable)


def _blocks(lines: list[str]) -> Iterator[Paragraph | Table]:
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and _ROW.fullmatch(lines[end]) and not (end > start and _heads_table(lines, end)):
            end += 1
        if end - start >= MIN_TABLE_ROWS and _has_equal_rows(lines[start:end]):
            yield _pipe_table(lines[start:end], start + 1)
            start = end
            continue
        if _begins_cell(lines[start]):
            end = _end_of_tabbed_table(lines, start)
            yield _tabbed_table(lines[start:end], start + 1)
            start = end
            continue
        for number in range(start, max(end, start + 1)):
            yield Paragraph(lines[number], locator={"line": number + 1})
        start = max(end, start + 1)


def _heads_table(lines: list[str], number: int) -> bool:
    """Whether a line is the header of a table of its own: a line of rules stands below it."""
    return number + 1 < len(lines) and _RULE.fullmatch(lines[number + 1]) is not None


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


def _begins_cell(line: str) -> bool:
    """Whether a line holds one cell begun by a tab; a line with further tabs is a row, which keeps no merged cells."""
    return line.startswith("\t") and "\t" not in line[1:]


def _end_of_tabbed_table(lines: list[str], start: int) -> int:
    """Return the line behind a table: two empty lines, or a row that does not begin with a tab."""
    end = start + 1
    while end < len(lines):
        is_row_end = not lines[end - 1]
        if (is_row_end and not _begins_cell(lines[end])) or lines[end].count("\t") > 1:
            break
        end += 1
    return end


def _tabbed_table(lines: list[str], first_line: int) -> Table:
    """Read cells that each begin with a tab; a line without one goes on in the cell before it."""
    cells: list[Cell] = []
    row = col = 0
    for number, line in enumerate(lines, first_line):
        if not line:
            row, col = row + 1, 0
        elif line.startswith("\t"):
            cells.append(Cell(row, col, 1, 1, line.strip(), {"line": number}))
            col += 1
        else:
            last = cells[-1]
            cells[-1] = replace(last, text=f"{last.text}\n{line.strip()}".strip())
    return Table(tuple(cells), ruled=False)
