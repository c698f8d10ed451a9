"""Tables that a page builds without <table>: rows of equal boxes, CSS tables, CSS grids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.documents.markup.flow import Cell, RawTable, cell_text
from archive.documents.markup.scan import Element, text_in

_BOXES = frozenset(("div", "ul", "dl", "section", "li", "article"))
_CELLS = frozenset(("div", "span", "p", "li", "dt", "dd", "label", "section", "b", "strong", "em"))
_ROW_NAME = re.compile(r"(?:^|[-_\s])(?:row|tr|line|hang|flex)(?:$|[-_\s\d])", re.IGNORECASE)
_ROW_STYLE = re.compile(r"display\s*:\s*(?:table-row|flex|inline-flex|grid)", re.IGNORECASE)
_GRID = re.compile(r"grid-template-columns\s*:\s*([^;]{1,300})", re.IGNORECASE)
_REPEAT = re.compile(r"repeat\(\s*(\d{1,2})\s*,\s*[^()]{1,40}(?:\([^()]{1,40}\))?\s*\)")
_SPAN = re.compile(r"grid-(column|row)\s*:\s*(?:\d+\s*/\s*)?span\s*(\d{1,3})", re.IGNORECASE)
_LEAST_ROWS = 3
_LEAST_FILLED = 6
_LONGEST_CELL = 120  # characters; a longer text is a paragraph, not a cell
_LABEL = 60  # characters of the longest label of the forms
_MOST_COLUMNS = 60
_MOST_CELLS = 3_000
_MOST_ROWSPAN = 40
MAX_GRIDS = 50


@dataclass(slots=True)
class BoxGrid:
    """Sibling elements that are the rows of a table (``of`` the one that holds them), ready to be read."""

    of: Element
    rows: list[list[Cell]]
    members: list[Element]
    ruled: bool


def find_grids(content: Element) -> list[BoxGrid]:
    """The tables without <table> inside an element, none within another. Text inside them is not looked into again."""
    found: list[BoxGrid] = []
    elements: set[Element] = set()
    for element in content.iter(*_BOXES, "body", "td", "form"):
        if elements and any(ancestor in elements for ancestor in element.iterancestors()):
            continue
        grid = _css_grid(element) or _stacked(element)
        if grid is not None:
            found.append(grid)
            elements.update(grid.members)
            if len(found) >= MAX_GRIDS:
                break
    return found


def _css_grid(element: Element) -> BoxGrid | None:
    """display:grid with a number of columns: its children are the cells, laid out row by row."""
    template = _GRID.search(element.get("style", ""))
    if template is None:
        return None
    tracks = _REPEAT.sub(lambda match: " x" * int(match.group(1)), template.group(1))
    columns = len(re.sub(r"\([^()]*\)", "", tracks).split())
    cells = [child for child in element if isinstance(child.tag, str) and child.tag in _CELLS]
    if (
        not 2 <= columns <= _MOST_COLUMNS
        or not columns * 2 <= len(cells) <= _MOST_CELLS
        or len(cells) != len(element)
        or not _all_in(element)
    ):
        return None
    spanned = [_spanned(cell) for cell in cells]
    if any(len(cell.text) > _LONGEST_CELL for cell in spanned):
        return None
    rows = list(_rows_of_cells(spanned, columns))
    return BoxGrid(element, rows, [element], ruled=True)


def _rows_of_cells(cells: Sequence[Cell], columns: int) -> Iterator[list[Cell]]:
    """Cells in rows as a browser places them: the next that has room, cells from above in the way."""
    busy: dict[int, int] = {}  # column → rows it is still taken by a cell from above
    at, row = 0, list[Cell]()
    for cell in cells:
        while True:
            while at < columns and busy.get(at, 0) > 0:
                at += 1
            if at + cell.colspan <= columns or not (row or busy):
                break
            yield row
            row, at = [], 0
            busy = {column: left - 1 for column, left in busy.items() if left > 1}
        row.append(cell)
        for column in range(at, min(at + cell.colspan, columns)):
            busy[column] = cell.rowspan
        at += cell.colspan
    if row:
        yield row


def _spanned(element: Element) -> Cell:
    spans = {name.lower(): int(count) for name, count in _SPAN.findall(element.get("style", ""))}
    down, over = min(spans.get("row", 1), _MOST_ROWSPAN), spans.get("column", 1)
    return Cell(cell_text(text_in(element)), max(1, down), max(1, over), element)


def _stacked(element: Element) -> BoxGrid | None:
    """Children that are rows of boxes, one below the other."""
    run: list[Element] = []
    best: list[Element] = []
    for child in element:
        if _is_row(child):
            run.append(child)
        else:
            if len(run) > len(best):
                best = run
            run = []
    best = run if len(run) > len(best) else best
    if len(best) < _LEAST_ROWS:
        return None
    rows = [[Cell(cell_text(text_in(cell)), 1, 1, cell) for cell in row] for row in best]
    counts = {len(row) for row in rows}
    named = sum(1 for row in best if _ROW_NAME.search(row.get("class", "")) or _ROW_STYLE.search(row.get("style", "")))
    filled = sum(1 for row in rows for cell in row if cell.text)
    if filled < _LEAST_FILLED or max(counts) < 2 or (len(counts) > 1 and named < len(best)):
        return None
    if any(len(cell.text) > _LONGEST_CELL for row in rows for cell in row):
        return None
    if named < len(best) and any("。" in cell.text or len(cell.text) > _LABEL for row in rows for cell in row):
        return None  # paragraphs in boxes
    return BoxGrid(element, rows, best, ruled=len(counts) == 1)


def _is_row(element: Element) -> bool:
    """A box whose text stands in boxes of its own, two at least, none of which holds rows again."""
    if element.tag not in _BOXES or not len(element) or not _all_in(element):
        return False
    named = bool(_ROW_NAME.search(element.get("class", "")) or _ROW_STYLE.search(element.get("style", "")))
    if len(element) < 2 and not named:
        return False
    for cell in element:
        if (
            cell.tag not in _CELLS
            or next(cell.iterdescendants("table", "ul", "ol", "h1", "h2", "h3"), None) is not None
        ):
            return False
        if sum(1 for inner in cell if inner.tag in _BOXES) > 1:
            return False
    return True


def _all_in(element: Element) -> bool:
    """Whether all text of an element stands in its children."""
    if element.text and not element.text.isspace():
        return False
    return not any(child.tail and not child.tail.isspace() for child in element)


def rows_of(grid: BoxGrid, start: int, end: int) -> RawTable:
    """The grid as a table of the page."""
    return RawTable(start, end, grid.rows, grid.of, grid.ruled)
