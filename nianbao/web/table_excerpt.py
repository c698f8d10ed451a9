"""The part of a captured table around one cell, small enough to be seen at once: its headings, labels and neighbours.

Only text leaves the captured page, as its reader sees it: without what the page hides.
"""

from __future__ import annotations

from typing import TypedDict

from archive.documents.html import open_html
from archive.documents.model import Cell, Limits, Table, find_cell

_ROWS_AROUND, _COLUMNS_AROUND = 1, 1  # on either side of the cell: more do not fit a phone
_MAX_CELL_CHARS = 24


class ExcerptCell(TypedDict):
    """A cell of an excerpt. ``head``: ``row`` or ``col`` of a label or heading, else ""."""

    text: str
    rowspan: int
    colspan: int
    head: str
    is_marked: bool


def cut_excerpt(data: bytes, css: str) -> list[list[ExcerptCell]]:
    """Return the rows of the excerpt around the cell that ``css`` locates; [] if it is no cell of a table."""
    found = find_cell(open_html(data, Limits(images=0)), {"css": css})
    return [] if found is None else _cut(*found)


def _cut(table: Table, marked: Cell) -> list[list[ExcerptCell]]:
    """Keep the rows and columns around a cell, those of its headings and those of its labels."""
    top, left, bottom, right = marked.row, marked.col, marked.row + marked.rowspan, marked.col + marked.colspan
    table_width = max(cell.col + cell.colspan for cell in table.cells)
    headings: set[int] = set()
    labels: set[int] = set()
    for cell in table.cells:
        if not any(map(str.isalpha, cell.text)) or cell.colspan == table_width:
            continue
        if cell.row + cell.rowspan <= top and cell.col < right and left < cell.col + cell.colspan:
            headings.update(range(cell.row, cell.row + cell.rowspan))
        elif cell.col + cell.colspan <= left and cell.row < bottom and top < cell.row + cell.rowspan:
            labels.update(range(cell.col, cell.col + cell.colspan))
    rows = sorted(headings.union(range(top - _ROWS_AROUND, bottom + _ROWS_AROUND)))
    columns = sorted(labels.union(range(left - _COLUMNS_AROUND, right + _COLUMNS_AROUND)))
    kept: dict[int, list[tuple[int, ExcerptCell]]] = {}
    for cell in table.cells:
        own = [number for number in rows if cell.row <= number < cell.row + cell.rowspan]
        across = [number for number in columns if cell.col <= number < cell.col + cell.colspan]
        if own and across:
            short = cell.text if len(cell.text) <= _MAX_CELL_CHARS else cell.text[: _MAX_CELL_CHARS - 1] + "…"
            head = "col" if headings.issuperset(own) else "row" if labels.issuperset(across) else ""
            shown = ExcerptCell(
                text=short, rowspan=len(own), colspan=len(across), head=head if short else "", is_marked=cell is marked
            )
            kept.setdefault(own[0], []).append((cell.col, shown))
    return [[shown for _, shown in sorted(kept[row], key=lambda pair: pair[0])] for row in sorted(kept)]
