"""Split tables that stand side by side in one grid into a table each."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from archive.documents.bounded_cache import Remembered
from archive.documents.pages import GridCell, Table
from archive.forms.spelling import LONGEST
from archive.parser.text_classes import classes_of

_SEVERAL = 3  # cells that name places of a table make it one


def split_side_by_side(table: Table) -> list[Table]:
    """The tables of the form that ``table`` holds side by side, from left to right; itself alone if it does not.

    They do where all that names one table stands right of all that names another, and no figure lies over the border.
    Locators stay those of the print.
    """
    if len(set().union(*map(_cached_names, table.texts))) < 2:
        return [table]
    begins = _first_columns(table)
    if len(begins) < 2:
        return [table]
    edges = [0, *begins[1:], table.cols]
    bands: list[list[GridCell]] = [[] for _ in begins]
    for cell in table.cells:
        at = max(number for number, edge in enumerate(edges[:-1]) if edge <= cell.col)
        end = edges[at + 1]
        if cell.col + cell.colspan > end:
            if classes_of(cell.text).number:
                return [table]
            cell = replace(cell, colspan=end - cell.col)  # noqa: PLW2901 — a title over all of them
        bands[at].append(replace(cell, col=cell.col - edges[at]))
    return [_trimmed(replace(table, cells=tuple(cells))) for cells in bands]


def _first_columns(table: Table) -> list[int]:
    """The first columns of the tables of the form, from left to right; fewer than two where they are not apart."""
    spans: dict[str, tuple[int, int, int]] = {}
    for cell in table.cells:
        for name in _cached_names(cell.text):
            first, end, count = spans.get(name, (cell.col, cell.col, 0))
            spans[name] = min(first, cell.col), max(end, cell.col + 1), count + 1
    placed = sorted((first, end) for first, end, count in spans.values() if count >= _SEVERAL)
    if any(end > begin for (_, end), (begin, _) in pairwise(placed)):
        return []
    return [first for first, _ in placed]


def _names(text: str) -> tuple[str, ...]:
    """The table that a text surely belongs to."""
    classes = classes_of(text)
    if classes.value:
        return ()
    if classes.row is not None and not classes.row.vague:
        return (classes.row.table,)
    if classes.corner:
        return ("applications",)
    if classes.heading is not None and classes.heading.table:
        return (classes.heading.table,)
    if classes.block is not None or classes.over:
        return ("remedies",)
    return tuple(classes.columns) if len(classes.columns) == 1 else ()


_cached_names = Remembered(_names, longest=LONGEST, most=4_096).__getitem__


def _trimmed(table: Table) -> Table:
    """A table without the blank columns at its end, and without the blank rows there but for one."""
    printed = [cell for cell in table.cells if cell.text.strip()]
    cols = max((cell.col + cell.colspan for cell in printed), default=0)
    rows = min(table.rows, max((cell.row + cell.rowspan for cell in printed), default=0) + 1)
    cells = tuple(
        replace(cell, colspan=min(cell.colspan, cols - cell.col), rowspan=min(cell.rowspan, rows - cell.row))
        for cell in table.cells
        if cell.col < cols and cell.row < rows
    )
    return replace(table, cells=cells, rows=rows, cols=cols)
