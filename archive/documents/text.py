"""Plain text → Document. Lines become paragraphs, and rows drawn with strokes (``| 规章 | 0 |``) become tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.documents.charset import decode
from archive.documents.model import Document, Limits, Paragraph, Table, TableCell, number_tables
from archive.findings import finding

_ROW = re.compile(r"\s*\|.*\|\s*")
_RULE = re.compile(r"\s*\|(?:\s*:?-+:?\s*\|)+\s*")
MIN_TABLE_ROWS = 2


def open_text(data: bytes, limits: Limits) -> Document:
    """Read a text file; what is beyond the limits is left out, with a finding."""
    decoded = decode(data)
    findings = list(decoded.findings)
    lines = decoded.text[: limits.characters].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(decoded.text) > limits.characters or len(lines) > limits.cells:
        findings.append(finding("limit_reached", bound="characters_or_lines", expected=limits.characters))
        lines = lines[: limits.cells]
    unreadable = "charset_broken" if decoded.refused else ""
    return Document("text", number_tables(_blocks(lines)), findings=tuple(findings), unreadable=unreadable)


def _blocks(lines: list[str]) -> Iterator[Paragraph | Table]:
    """Yield drawn tables as tables, and every other line as a paragraph."""
    start = 0
    while start < len(lines):
        end = _end_of_drawn_table(lines, start)
        rows = lines[start:end]
        # strokes show a cell's column only if all rows have equally many
        has_columns = len({row.strip().count("|") for row in rows}) == 1 and any(map(_RULE.fullmatch, rows))
        if len(rows) >= MIN_TABLE_ROWS and has_columns:
            yield _pipe_table(rows, start + 1)
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
    return Table(tuple(cells))
