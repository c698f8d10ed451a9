"""Split labels that name row and column of a figure in one cell (规章本年制发件数) into a cell for each."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache

from archive.documents.pages import GridCell, Table
from archive.parser.labels import index
from archive.parser.text_classes import classes_of

_COLS, _ROWS, _MOST = 2, 3, 600  # of such a table, and of one that may be it
_LONGEST = 80  # characters of both names


def with_split_labels(table: Table) -> Table:
    """The table with the labels of its first column cut in two where all that have a figure, three at least, name a row
    and a column of it; the same object where they do not. Locators stay those of the print.
    """
    if table.cols != _COLS or not _ROWS <= table.rows <= _MOST:
        return table
    names = {cell.row: cut for cell in table.cells if cell.col == 0 and (cut := _split_label(cell.text)) is not None}
    if len(names) < _ROWS or any(cell.row not in names and classes_of(cell.text).number for cell in table.cells):
        return table
    cells: list[GridCell] = []
    for cell in table.cells:
        if cell.col:
            cells.append(replace(cell, col=cell.col + 1))
        elif cell.row in names:
            row, column = names[cell.row]
            cells += [replace(cell, text=row), replace(cell, text=column, col=1)]
        else:
            cells.append(replace(cell, colspan=cell.colspan + 1))
    return replace(table, cells=tuple(cells), cols=_COLS + 1)


@cache
def _columns() -> re.Pattern[str]:
    """Where the heading of a column may begin: an empty match, as headings may lie in each other."""
    return re.compile(f"(?=(?:{'|'.join(map(re.escape, index().columns))}))")


@lru_cache(maxsize=4096)
def _split_label(text: str) -> tuple[str, str] | None:
    """The names of row and column that make up a label; None if it is no such label, or can be cut in several ways."""
    if len(text) > _LONGEST:
        return None
    found = []
    for match in _columns().finditer(text, 1):
        row, column = text[: match.start()], text[match.start() :]
        classes = classes_of(row)
        table = (
            "remedies"
            if classes.block
            else classes.row.table
            if classes.row is not None and not classes.row.vague
            else ""
        )
        if table and table in classes_of(column).columns:
            found.append((row, column))
    return found[0] if len(found) == 1 else None
