"""What the document writers share: a printed table row by row, and how wide its columns want to be."""

from __future__ import annotations

from collections.abc import Sequence

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
