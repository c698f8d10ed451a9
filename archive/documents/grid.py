"""Rows of spanned cells → a Table: the one rule of where a cell stands, for HTML, Word and whatever has spans.

The algorithm is that of HTML (WHATWG "forming a table"), with every span bounded: a merged cell keeps its identity,
and a span that runs over another cell or out of the table is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archive.documents.pages import GridCell, Paragraph, Table

MAX_ROWSPAN = 65_534
WIDE = 100  # columns; a cell over more than these is taken to reach to the end of the table
MAX_COLS = 1_000


@dataclass(slots=True)
class RawCell:
    """A cell before it has a place. ``rowspan`` 0 means down to the last row."""

    text: str
    rowspan: int = 1
    colspan: int = 1
    locator: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class RawRow:
    """A row of cells; ``before`` columns are left out at its start (Word's gridBefore)."""

    cells: list[RawCell]
    before: int = 0


def lay_out(rows: Sequence[RawRow], *, ruled: bool = True, locator: Mapping[str, object] | None = None) -> Table:
    """Place ``rows``; never fails. Cells that begin beyond column 1,000 are dropped."""
    placed: list[GridCell] = []
    carried: list[tuple[int, int, int]] = []  # (first column, end column, last row) of cells that reach down, sorted
    height = len(rows)
    reach = max((sum(c.colspan if c.colspan <= WIDE else 1 for c in row.cells) for row in rows), default=0)
    for r, row in enumerate(rows):
        carried = sorted(interval for interval in carried if interval[2] >= r)
        started: list[tuple[int, int, int]] = []
        col, at = row.before, 0
        for cell in row.cells:
            while at < len(carried) and carried[at][0] <= col:
                col = max(col, carried[at][1])
                at += 1
            if col >= MAX_COLS:
                break
            colspan = max(1, cell.colspan if cell.colspan <= WIDE else min(reach, MAX_COLS) - col)
            rowspan = min(cell.rowspan or MAX_ROWSPAN, MAX_ROWSPAN, height - r)
            rowspan = max(1, rowspan)
            free = carried[at][0] - col if at < len(carried) else colspan
            width = min(colspan, free)
            placed.append(
                GridCell(row=r, col=col, rowspan=rowspan, colspan=width, text=cell.text, locator=cell.locator)
            )
            if rowspan > 1:
                started.append((col, col + width, r + rowspan - 1))
            col += colspan
        carried += started
    cols = max((cell.col + cell.colspan for cell in placed), default=0)
    return Table(cells=tuple(placed), rows=height, cols=cols, ruled=ruled, locator=locator or {})


def number_tables(blocks: Iterable[Paragraph | Table]) -> tuple[Paragraph | Table, ...]:
    """Blocks with locators of tables and cells completed: ``table`` (its order), ``row``, ``col``, all from 0."""
    done: list[Paragraph | Table] = []
    number = 0
    for block in blocks:
        if isinstance(block, Table):
            done.append(_numbered(block, number))
            number += 1
        else:
            done.append(block)
    return tuple(done)


def _numbered(table: Table, number: int) -> Table:
    cells = tuple(
        GridCell(
            row=c.row,
            col=c.col,
            rowspan=c.rowspan,
            colspan=c.colspan,
            text=c.text,
            locator={"table": number, "row": c.row, "col": c.col, **c.locator},
        )
        for c in table.cells
    )
    return Table(
        cells=cells, rows=table.rows, cols=table.cols, ruled=table.ruled, locator={"table": number, **table.locator}
    )


def joined(first: Table, second: Table) -> Table:
    """``second`` below ``first``: one table that was cut in two."""
    lower = tuple(replace(cell, row=cell.row + first.rows) for cell in second.cells)
    return Table(
        cells=first.cells + lower,
        rows=first.rows + second.rows,
        cols=max(first.cols, second.cols),
        ruled=first.ruled and second.ruled,
        locator=first.locator,
    )
