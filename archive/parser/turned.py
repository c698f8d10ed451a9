"""Tables printed with rows for columns: laid over on their other side, so that everything after reads them as usual."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from archive.documents.pages import Table
from archive.parser.looks import look

_SEVERAL = 3  # labels of columns, one below the other


def upright(table: Table) -> Table:
    """The table with rows and columns exchanged if the form's columns are its rows; else itself.

    They are where several of one table's columns stand one below the other, and nowhere two side by side. Locators
    stay those of the print.
    """
    if not table.ruled or not _is_turned(table):
        return table
    cells = [
        replace(cell, row=cell.col, col=cell.row, rowspan=cell.colspan, colspan=cell.rowspan) for cell in table.cells
    ]
    cells.sort(key=lambda cell: (cell.row, cell.col))
    return replace(table, cells=tuple(cells), rows=table.cols, cols=table.rows)


def _is_turned(table: Table) -> bool:
    named = [(cell, columns) for cell in table.cells if (columns := look(cell.text).columns)]
    if len(named) < _SEVERAL:
        return False
    down: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    across: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    for cell, columns in named:
        for key, ids in columns.items():
            down[key, cell.col].update(ids)
            across[key, cell.row].update(ids)
    turned = {key for (key, _), ids in down.items() if len(ids) >= _SEVERAL}
    return bool(turned) and all(len(ids) < 2 for (key, _), ids in across.items() if key in turned)
