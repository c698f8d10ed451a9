"""The form's tables as some offices arrange them: side by side, cut between columns or rows, last year's beside this.

Pure functions from printed tables to printed tables; any writer prints what they give.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from archive.forms.printer import PrintedCell, PrintedTable

#: How a column of another year says so: a line of its own below the header, or in the label itself.
Said = Literal["line", "label"]


def beside(tables: Sequence[PrintedTable], gap: int = 1) -> PrintedTable:
    """Tables side by side in one grid, ``gap`` empty columns between them."""
    cells: list[PrintedCell] = []
    at = 0
    rows = max(table.rows for table in tables)
    for table in tables:
        cells += [replace(cell, col=cell.col + at) for cell in table.cells]
        at += table.cols + gap
    taken = {
        (row, col)
        for cell in cells
        for row in range(cell.row, cell.row + cell.rowspan)
        for col in range(cell.col, cell.col + cell.colspan)
    }
    spare = ((row, col) for row in range(rows) for col in range(at - gap) if (row, col) not in taken)
    cells += [PrintedCell(row=row, col=col, text="") for row, col in spare]
    return _table("+".join(table.key for table in tables), cells, rows, at - gap)


def columns_apart(table: PrintedTable, cut: int, *, labels: bool = True) -> tuple[PrintedTable, PrintedTable]:
    """A matrix cut before its value column ``cut`` into two tables; ``labels``: the second has the rows' labels too.

    A merged header over both is printed over each part.
    """
    first = min(cell.col for cell in table.cells if cell.id is not None)
    return _columns(table, 0, 0, first + cut), _columns(table, first if labels else 0, first + cut, table.cols)


def _columns(table: PrintedTable, kept: int, begin: int, end: int) -> PrintedTable:
    """The columns before ``kept`` and those from ``begin`` to ``end``."""
    cells: list[PrintedCell] = []
    for cell in table.cells:
        wide = [c for c in range(cell.col, cell.col + cell.colspan) if c < kept or begin <= c < end]
        if wide:
            col = wide[0] if wide[0] < kept else kept + wide[0] - begin
            cells.append(replace(cell, col=col, colspan=len(wide)))
    return _table(table.key, cells, table.rows, kept + end - begin)


def rows_apart(table: PrintedTable, cut: int) -> tuple[PrintedTable, PrintedTable]:
    """A table cut before row ``cut``; a cell merged over both parts is printed in the first, blank in the second."""
    above = [replace(c, rowspan=min(c.rowspan, cut - c.row)) for c in table.cells if c.row < cut]
    below = [replace(c, row=c.row - cut) for c in table.cells if c.row >= cut]
    below += [
        replace(c, row=0, rowspan=c.row + c.rowspan - cut, text="")
        for c in table.cells
        if c.row < cut < c.row + c.rowspan
    ]
    return _table(table.key, above, cut, table.cols), _table(table.key, below, table.rows - cut, table.cols)


def with_former(
    table: PrintedTable,
    former: Mapping[str, str],
    names: tuple[str, str] = ("本年", "上年"),
    *,
    said: Said = "line",
    first: bool = False,
) -> PrintedTable:
    """Beside each column of figures one of last year's (``former``: by indicator); ``first``: left of it.

    ``names``: what this year's and last year's columns are called. A table of several headers gets a line below each.
    """
    begin = min(cell.col for cell in table.cells if cell.id is not None)
    heads = _heads(table)
    after = {row: sum(1 for head in heads if head < row) for row in range(table.rows + 1)} if said == "line" else {}
    cells: list[PrintedCell] = []
    for cell in table.cells:
        row = cell.row + after.get(cell.row, 0)
        end = cell.row + cell.rowspan
        rowspan = end + after.get(end - 1, 0) - row if cell.id or cell.col >= begin else end + after.get(end, 0) - row
        col = cell.col if cell.col < begin else begin + 2 * (cell.col - begin)
        colspan = cell.colspan + max(0, cell.col + cell.colspan - max(begin, cell.col))
        moved = replace(cell, row=row, rowspan=rowspan, col=col, colspan=colspan)
        if cell.id is None and (said == "line" or cell.row + cell.rowspan - 1 not in heads or cell.col < begin):
            cells.append(moved)
            continue
        pair = (
            (cell.text, former.get(cell.id, ""))
            if cell.id
            else tuple(name + cell.text.removeprefix("本年") for name in names)
        )
        here = replace(moved, col=col + first, colspan=1, text=pair[0])
        then = replace(moved, col=col + (not first), colspan=1, text=pair[1], id=None)
        wide = colspan // 2
        cells += [
            replace(here, col=col + wide * first, colspan=wide),
            replace(then, col=col + wide * (not first), colspan=wide),
        ]
    if said == "line":
        cells += _lines(table, heads, after, begin, names, first=first)
    return _table(
        table.key, cells, table.rows + (len(heads) if said == "line" else 0), begin + 2 * (table.cols - begin)
    )


def _heads(table: PrintedTable) -> list[int]:
    """The last row of each header: a row of figures stands below it, none in it."""
    filled = {cell.row for cell in table.cells if cell.id is not None}
    return [row - 1 for row in sorted(filled) if row - 1 not in filled]


def _lines(
    table: PrintedTable,
    heads: Sequence[int],
    after: Mapping[int, int],
    begin: int,
    names: tuple[str, str],
    *,
    first: bool,
) -> list[PrintedCell]:
    """The lines that say which column is of which year, one below each header."""
    cells: list[PrintedCell] = []
    for head in heads:
        values = [cell for cell in table.cells if cell.id is not None and cell.row == head + 1]
        for cell in values:
            col = begin + 2 * (cell.col - begin)
            wide = cell.colspan
            for at, name in enumerate(names[::-1] if first else names):
                row = head + 1 + after[head]
                cells.append(PrintedCell(row=row, col=col + wide * at, colspan=wide, text=name))
    return cells


def _table(key: str, cells: Sequence[PrintedCell], rows: int, cols: int) -> PrintedTable:
    done = tuple(sorted(cells, key=lambda cell: (cell.row, cell.col)))
    return PrintedTable(key=key, rows=rows, cols=cols, cells=done)


Arrangement = Callable[[PrintedTable], Sequence[PrintedTable]]
