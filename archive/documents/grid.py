"""Rows of spanned cells → a Table: where each cell stands, for HTML, old Word files and tables in text.

The algorithm is that of HTML (WHATWG "forming a table"), with every span bounded: a merged cell keeps its identity,
and a span that runs over another cell or out of the table is cut. Formats that say the columns of each cell themselves
(Word 2007+, sheets) place them in their own readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from archive.documents.pages import GridCell, Paragraph, Table, grid_cell

MAX_ROWSPAN = 65_534
WIDE = 100  # columns; a cell over more than these is taken to reach to the end of the table
MAX_COLS = 1_000
_DIVIDED = 3  # columns of a row that one cell was divided into
_NOWHERE = 1 << 30  # a column beyond all others
TALL = 2_000  # rows; a table with more is a list, and as many columns as WIDE are enough for it


class Spanning(Protocol):
    """Whatever reaches over rows and columns. ``rowspan`` 0 means down to the last row."""

    rowspan: int
    colspan: int


C = TypeVar("C", bound=Spanning)


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
    """Place ``rows``; never fails. Cells beyond column 1,000 (100 in a table of over 2,000 rows) are dropped."""
    placed, cols = places([row.cells for row in rows], [row.before for row in rows])
    cells = tuple(
        grid_cell(row, col, cell.text, cell.locator, rowspan, colspan) for row, col, rowspan, colspan, cell in placed
    )
    return Table(cells=cells, rows=len(rows), cols=cols, ruled=ruled, locator=locator or {})


def places(
    rows: Sequence[Sequence[C]], before: Sequence[int] | None = None
) -> tuple[list[tuple[int, int, int, int, C]], int]:
    """(row, column, rowspan, colspan, cell) of every cell that has a place, and the number of columns.

    ``before``: columns left out at the start of each row.
    """
    placed: list[tuple[int, int, int, int, C]] = []
    carried: list[tuple[int, int, int]] = []  # (first column, end column, last row) of cells that reach down, sorted
    height = len(rows)
    limit = MAX_COLS if height <= TALL else WIDE
    reach: int | None = None
    cols = soonest = 0  # the first row below which a cell from above ends
    for r, row in enumerate(rows):
        if carried and r > soonest:
            carried = [interval for interval in carried if interval[2] >= r]
            soonest = min((interval[2] for interval in carried), default=0)
        started: list[tuple[int, int, int]] = []
        col, at = before[r] if before else 0, 0
        many, end = len(carried), 0
        nearest = carried[0][0] if carried else _NOWHERE
        for cell in row:
            while nearest <= col:
                col = max(col, carried[at][1])
                at += 1
                nearest = carried[at][0] if at < many else _NOWHERE
            if col >= limit:
                break
            colspan, rowspan = cell.colspan, cell.rowspan
            if colspan > WIDE:
                reach = _reach(rows) if reach is None else reach
                colspan = min(reach, limit) - col
            behind = col + (colspan if colspan > 1 else 1)
            end = behind if behind < nearest else nearest
            if rowspan != 1:
                rowspan = max(1, min(rowspan or MAX_ROWSPAN, MAX_ROWSPAN, height - r))
                if rowspan > 1:
                    started.append((col, end, r + rowspan - 1))
            placed.append((r, col, rowspan, end - col, cell))
            col = behind
        cols = max(cols, end)
        if started:
            carried = _merged_intervals(carried, started)
            soonest = min(interval[2] for interval in carried)
    return placed, cols


def _merged_intervals(
    carried: list[tuple[int, int, int]], started: list[tuple[int, int, int]]
) -> list[tuple[int, int, int]]:
    """All intervals from left to right, neighbours that end in the same row as one."""
    done: list[tuple[int, int, int]] = []
    for first, end, last in sorted(carried + started):
        if done and done[-1][1] >= first and done[-1][2] == last:
            done[-1] = (done[-1][0], max(end, done[-1][1]), last)
        else:
            done.append((first, end, last))
    return done


def _reach(rows: Sequence[Sequence[Spanning]]) -> int:
    """The widest row, in columns, counting what is too wide to be meant as one."""
    return max(sum(c.colspan if c.colspan <= WIDE else 1 for c in row) for row in rows)


def columns_each(inner: int, outer: int) -> int:
    """How many columns of a cell over ``outer`` each of ``inner`` columns takes that stand in it as a table of one row.

    0 where they do not go into it. A cell of one column was drawn as one and divided afterwards.
    """
    if inner >= _DIVIDED and outer == 1:
        return 1
    return outer // inner if inner > 1 and outer % inner == 0 else 0


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


def relocated(
    block: Paragraph | Table, change: Callable[[Mapping[str, object]], Mapping[str, object]]
) -> Paragraph | Table:
    """The same block with other locators: its own, and those of its cells."""
    if isinstance(block, Paragraph):
        return replace(block, locator=change(block.locator))
    cells = tuple(_with_locator(c, change(c.locator)) for c in block.cells)
    return replace(block, cells=cells, locator=change(block.locator))


def _with_locator(cell: GridCell, locator: Mapping[str, object]) -> GridCell:
    """The same cell somewhere else: written out, for dataclasses.replace costs many times as much."""
    return grid_cell(cell.row, cell.col, cell.text, locator, cell.rowspan, cell.colspan)


def _numbered(table: Table, number: int) -> Table:
    cells = tuple(_with_locator(c, {"table": number, "row": c.row, "col": c.col, **c.locator}) for c in table.cells)
    locator = {"table": number, **table.locator}
    return Table(cells=cells, rows=table.rows, cols=table.cols, ruled=table.ruled, locator=locator)
