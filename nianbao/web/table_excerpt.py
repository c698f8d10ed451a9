"""The part of a captured table around one cell, small enough to be seen at once: its headings, labels and neighbours.

Only text leaves the captured page, as its reader sees it: without what the page hides.
"""

from __future__ import annotations

from typing import Any, TypedDict

from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector

from archive.documents.grid import places
from archive.documents.markup.flow import Cell, cell_text
from archive.documents.markup.scan import scan
from archive.documents.markup.tables import own_rows, own_text, span
from archive.documents.markup.tree_text import prepare
from archive.documents.pages import UNREAD, Limits

_ROWS_AROUND, _COLUMNS_AROUND = 1, 1  # on either side of the cell: more do not fit a phone
_MAX_CELL_CHARS = 24
_PICTURES = ("img", "svg", "object", "embed", "canvas")


class ExcerptCell(TypedDict):
    """A cell of an excerpt. ``head``: ``row`` or ``col`` of a label or heading, else ""."""

    text: str
    rowspan: int
    colspan: int
    head: str
    is_marked: bool


def find_element(tree: Any, css: str) -> Any:
    """Return the one element that a locator means; None where it means none, or several."""
    try:
        found = CSSSelector(css, translator="html")(tree)
    except (SelectorError, etree.XPathError, ValueError):
        return None
    return found[0] if len(found) == 1 else None


def cut_excerpt(data: bytes, css: str) -> list[list[ExcerptCell]]:
    """Return the rows of the excerpt around the cell that ``css`` locates; [] if it is no cell of a table."""
    page = scan(data, Limits())
    if page is None:
        return []
    prepare(page)
    element = find_element(page.root, css)
    table = None if element is None else next(element.iterancestors("table"), None)
    if table is None:
        return []
    placed, width = places([[_read_cell(one) for one in row.cells] for row in own_rows(table, page.hidden)])
    marked = next((one for one in placed if one[4].element is element), None)
    return [] if marked is None else _cut(placed, width, marked)


def _read_cell(element: Any) -> Cell:
    text = cell_text(own_text(element)) or (UNREAD if next(element.iter(*_PICTURES), None) is not None else "")
    return Cell(text, span(element.get("rowspan"), lowest=0), span(element.get("colspan")), element)


_Placed = tuple[int, int, int, int, Cell]  # row, column, rowspan, colspan


def _cut(placed: list[_Placed], table_width: int, marked: _Placed) -> list[list[ExcerptCell]]:
    """Keep the rows and columns around a cell, those of its headings and those of its labels."""
    top, left, bottom, right = marked[0], marked[1], marked[0] + marked[2], marked[1] + marked[3]
    headings: set[int] = set()
    labels: set[int] = set()
    for row, col, height, width, cell in placed:
        if not any(map(str.isalpha, cell.text)) or width == table_width:
            continue
        if row + height <= top and col < right and left < col + width:
            headings.update(range(row, row + height))
        elif col + width <= left and row < bottom and top < row + height:
            labels.update(range(col, col + width))
    rows = sorted(headings.union(range(top - _ROWS_AROUND, bottom + _ROWS_AROUND)))
    columns = sorted(labels.union(range(left - _COLUMNS_AROUND, right + _COLUMNS_AROUND)))
    kept: dict[int, list[tuple[int, ExcerptCell]]] = {}
    for one in placed:
        row, col, height, width, cell = one
        own = [number for number in rows if row <= number < row + height]
        across = [number for number in columns if col <= number < col + width]
        if own and across:
            short = cell.text if len(cell.text) <= _MAX_CELL_CHARS else cell.text[: _MAX_CELL_CHARS - 1] + "…"
            head = "col" if headings.issuperset(own) else "row" if labels.issuperset(across) else ""
            shown = ExcerptCell(
                text=short, rowspan=len(own), colspan=len(across), head=head if short else "", is_marked=one is marked
            )
            kept.setdefault(own[0], []).append((col, shown))
    return [[cell for _, cell in sorted(kept[row], key=lambda pair: pair[0])] for row in sorted(kept)]
