"""What the document writers share: a printed table row by row, and how wide its columns want to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from archive.forms.printer import PrintedCell, PrintedTable


def rows_of(table: PrintedTable) -> list[list[PrintedCell]]:
    """The cells that begin in each row, from left to right."""
    rows: list[list[PrintedCell]] = [[] for _ in range(table.rows)]
    for cell in sorted(table.cells, key=lambda cell: cell.col):
        rows[cell.row].append(cell)
    return rows


def shares(table: PrintedTable) -> list[float]:
    """Share of the width for each column: by its longest unmerged text, neither starved nor greedy."""
    wants = [3.0] * table.cols
    for cell in table.cells:
        if cell.colspan == 1:
            wants[cell.col] = max(wants[cell.col], min(len(cell.text), 14 if cell.rowspan == 1 else 4))
    total = sum(wants)
    return [want / total for want in wants]


def plain_table(rows: Sequence[Sequence[str]], key: str = "") -> PrintedTable:
    """A table without merged cells."""
    cells = tuple(PrintedCell(row=r, col=c, text=text) for r, row in enumerate(rows) for c, text in enumerate(row))
    return PrintedTable(key=key, rows=len(rows), cols=max(map(len, rows)), cells=cells)


@dataclass
class Measured:
    """A table measured: column edges, row heights, wrapped texts."""

    edges: list[float]
    heights: list[float]
    lines: dict[PrintedCell, list[str]] = field(default_factory=dict)


def measured(
    table: PrintedTable, left: float, width: float, advance: Callable[[str], float], leading: float, pad: float
) -> Measured:
    """Measure a table that begins at ``left`` and is ``width`` wide; lines are ``leading`` high, cells padded."""
    edges = [left]
    for share in shares(table):
        edges.append(edges[-1] + share * width)
    plan = Measured(edges, [leading + 2 * pad] * table.rows)
    for cell in sorted(table.cells, key=lambda cell: cell.rowspan):
        room = edges[cell.col + cell.colspan] - edges[cell.col] - 2 * pad
        plan.lines[cell] = lines = wrapped(cell.text, room, advance)
        have = sum(plan.heights[cell.row : cell.row + cell.rowspan])
        plan.heights[cell.row] += max(0.0, len(lines) * leading + 2 * pad - have)
    return plan


def wrapped(text: str, width: float, advance: Callable[[str], float]) -> list[str]:
    """Lines of at most ``width``, characters being ``advance`` wide; the text's own line ends are kept."""
    lines: list[str] = []
    for part in text.split("\n"):
        line, used = "", 0.0
        for character in part:
            step = advance(character)
            if line and used + step > width:
                lines.append(line)
                line, used = "", 0.0
            line += character
            used += step
        lines.append(line)
    return lines
