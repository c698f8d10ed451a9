"""Plain text → Document. Lines become paragraphs, and two layouts are read as tables.

* rows drawn with strokes (``| 规章 | 0 |``), one row per line, as programs that convert web pages write them;
* one cell per line, each begun by a tab, with an empty line after each row, as browsers and Word copy tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from archive.documents.charset import decode
from archive.documents.model import Document, Limits, Paragraph, Table, TableCell, number_tables
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
    """Yield drawn and tabbed tables as tables, and every other line as a paragraph."""
    start = 0
    while start < len(lines):
        end = _end_of_drawn_table(lines, start)
        rows = lines[start:end]
        # strokes show a cell's column only if all rows have equally many
        has_columns = len({row.strip().count("|") for row in rows}) == 1 and any(map(_RULE.fullmatch, rows))
        if len(rows) >= MIN_TABLE_ROWS and has_columns:
            yield _pipe_table(rows, start + 1)
        elif _begins_cell(lines[start]):
            end = _end_of_tabbed_table(lines, start)
            yield _tabbed_table(lines[start:end], start + 1)
        else:
            end = max(end, start + 1)
            yield from (Paragraph(lines[number], locator={"line": number + 1}) for number in range(start, end))
        start = end


def _end_of_drawn_table(lines: list[str], start: int) -> int:
    """Return the line after a drawn table; a line of rules below a header begins another table."""
    end = start
    while end < len(lines) and _ROW.fullmatch(lines[end]):
        if end > start and end + 1 < len(lines) and _RULE.fullmatch(lines[end + 1]):
            break
        end += 1
    return end


def _pipe_table(lines: list[str], first_line: int) -> Table:
    """Return rows drawn with strokes as a table, without its lines of rules."""
    cells: list[TableCell] = []
    row = 0
    for number, line in enumerate(lines, first_line):
        if _RULE.fullmatch(line):
            continue
        for col, text in enumerate(line.strip().strip("|").split("|")):
            cells.append(TableCell(row, col, 1, 1, text.strip(), {"line": number}))
        row += 1
    return Table(tuple(cells), ruled=True)


def _begins_cell(line: str) -> bool:
    """Return whether a line holds one cell begun by a tab. A line with more tabs is a row, without merged cells."""
    return line.startswith("\t") and "\t" not in line[1:]


def _end_of_tabbed_table(lines: list[str], start: int) -> int:
    """Return the line after a table with one cell a line: after it come several tabs, or an empty line and no cell."""
    end = start + 1
    while end < len(lines):
        is_row_end = not lines[end - 1]
        if (is_row_end and not _begins_cell(lines[end])) or lines[end].count("\t") > 1:
            break
        end += 1
    return end


def _tabbed_table(lines: list[str], first_line: int) -> Table:
    """Return a table of cells that each begin with a tab; a line without a tab continues the cell before it."""
    cells: list[TableCell] = []
    row = col = 0
    for number, line in enumerate(lines, first_line):
        if not line:
            row, col = row + 1, 0
        elif line.startswith("\t"):
            cells.append(TableCell(row, col, 1, 1, line.strip(), {"line": number}))
            col += 1
        else:
            last = cells[-1]
            cells[-1] = replace(last, text=f"{last.text}\n{line.strip()}".strip())
    return Table(tuple(cells), ruled=False)
