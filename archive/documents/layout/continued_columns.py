"""Sheets whose columns run over to further pages, as Excel and Calc print them: down first, then over.

The pages with the further columns show the same rows at the same heights, and no labels. Of several sheets each is
printed so in turn. What is told surely is put together; a document of which any page with tables behind the first such
neither fits nor begins a sheet that runs over too is left as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from archive.documents.layout.page_blocks import PageBlocks, PlacedTable
from archive.documents.layout.ruled_grids import nearest_index
from archive.documents.pages import UNREAD, GridCell

_NEAR = 1.0  # points: rows of one sheet are printed at one height
_MOST = 60  # pages with tables that are compared
_LEAST = 2  # rows of a table that is told by its heights
_LARGEST = 5_000  # cells of one; no page of a report holds as many
_FIGURE = re.compile(r"[-+增减]?[\d,，.\s]*\d\s{0,4}(?:[件条次%％]|[百千万亿]{0,3}元)?|[-—–/／\\无]{1,3}|")
_HEADING = re.compile(r"\s*[一二三四五六七八九]\s?[、.．]")

Rows = Mapping[int, int]  #: row of a table → row of both together


def join_parts(laid: list[PageBlocks]) -> list[PageBlocks]:
    """The pages with tables put together from their parts; the same list where nothing is told surely."""
    tabled = [n for n, page in enumerate(laid) if any(isinstance(item, PlacedTable) for item in page.items)]
    if not 1 < len(tabled) <= _MOST:
        return laid
    first: list[int] = []  # pages with the first columns
    over: list[tuple[int, int]] = []  # pages with further ones, and whose
    for n in tabled:
        fitting = [m for m in first if _fits(laid[m], laid[n])]
        if len(fitting) > 1:
            return laid
        if fitting:
            over.append((n, fitting[0]))
        else:
            first.append(n)
    if not over:
        return laid
    begun = {m for _, m in over}  # another sheet may begin on one of them, with a section of its own
    if any(m > over[0][0] and m not in begun for m in first):
        return laid
    behind = (laid[n] for n in range(over[0][0], len(laid)) if n not in begun)
    if _goes_on_as_text(behind) or not any(_is_labelled(laid[m]) for _, m in over):
        return laid
    done = list(laid)
    for n, m in over:
        done[m] = _widened(done[m], done[n])
        done[n] = replace(done[n], items=[item for item in done[n].items if not isinstance(item, PlacedTable)])
    return done


def mark_cut_columns(laid: Iterable[PageBlocks]) -> list[PageBlocks]:
    """The pages with what is cut off at the right-hand end of tables told as unread: cells that seem blank are not,
    and a figure of which only some is seen is none.
    """
    return [
        replace(
            page,
            items=[
                _mark_cut_cells(item) if isinstance(item, PlacedTable) and item.cut else item for item in page.items
            ],
        )
        for page in laid
    ]


def _mark_cut_cells(placed: PlacedTable) -> PlacedTable:
    table = placed.table
    cells = tuple(
        replace(c, text=f"{c.text}{UNREAD}") if c.col + c.colspan == table.cols and _is_cut(c) else c
        for c in table.cells
    )
    return replace(placed, table=replace(table, cells=cells))


def _is_cut(cell: GridCell) -> bool:
    return not cell.text.strip() or ("astray" in cell.locator and _is_figure(cell.text))


def _goes_on_as_text(pages: Iterable[PageBlocks]) -> bool:
    """Whether a section of a report begins on one of the pages: only the ends of long lines run over."""
    lines = (item for page in pages for item in page.items if not isinstance(item, PlacedTable))
    return any(_HEADING.match(line.text) for line in lines)


def _is_labelled(page: PageBlocks) -> bool:
    """Whether a row of figures on the page begins with words."""
    for table in _tables(page):
        last = _last(table)
        labels = (c for c in table.table.cells if c.col == 0 and c.rowspan == 1 and not _is_figure(c.text))
        if any(last.get(cell.row, "").strip() and _is_figure(last[cell.row]) for cell in labels):
            return True
    return False


def _tables(page: PageBlocks) -> list[PlacedTable]:
    return [item for item in page.items if isinstance(item, PlacedTable)]


def _fits(page: PageBlocks, further: PageBlocks) -> bool:
    """Whether each table of a page goes on with the columns of one of the other's."""
    tables = _tables(page)
    return all(any(_rows(page, table, further, part) is not None for table in tables) for part in _tables(further))


def _rows(page: PageBlocks, table: PlacedTable, further: PageBlocks, part: PlacedTable) -> tuple[Rows, Rows] | None:
    """Which rows of both together those of a table and of its part are; None if the part is none of it.

    The rows of figures agree in height and in kind; headings may be parted otherwise.
    """
    if abs(table.bottom - part.bottom) > _NEAR or abs(table.xs[0] - part.xs[0]) > _NEAR or part.table.rows < _LEAST:
        return None
    if not (table.table.ruled and part.table.ruled) or part.top < table.top - _NEAR:
        return None
    if len(table.table.cells) > _LARGEST or len(part.table.cells) > _LARGEST:
        return None
    own, other = _heights(page, table), _heights(further, part)
    worded = {cell.row for cell in part.table.cells if not _is_figure(cell.text)}
    filled = {cell.row for cell in part.table.cells if cell.text.strip()} - worded
    if not filled:
        return None
    head = other[min(filled)] - _NEAR
    places = sorted(own.values())
    if any(y > head and abs(y - places[nearest_index(places, y)]) > _NEAR for y in other.values()):
        return None
    ends = _last(table)
    by_place = dict(zip(own.values(), own, strict=True))
    last = {}
    for row in worded | filled:
        at = max(bisect_right(places, other[row] + _NEAR) - 1, 0)
        last[row] = ends.get(by_place[places[at]], "")
    above = {row for row in worded if other[row] <= head}  # where a heading may be parted, and blank in one half
    if any(_is_figure(last[row]) and (last[row].strip() or not (row in above or table.cut)) for row in worded):
        return None
    if any(not _is_figure(last[row]) for row in filled):
        return None
    heights: list[float] = []
    for y in sorted([*own.values(), *other.values()]):
        if not heights or y - heights[-1] > _NEAR:
            heights.append(y)
    return _rows_at(own, heights), _rows_at(other, heights)


def _rows_at(rows: Mapping[int, float], heights: Sequence[float]) -> Rows:
    return {row: nearest_index(heights, y) for row, y in rows.items()}


def _heights(page: PageBlocks, table: PlacedTable) -> dict[int, float]:
    """Where the rows in which cells begin do so, and below the last where the table ends."""
    heights = {0: table.top, table.table.rows: table.bottom}
    for cell in table.table.cells:
        box = cell.locator.get("box")
        if cell.row not in heights and isinstance(box, list):
            heights[cell.row] = page.page.height_of(box)
    return heights


def _last(table: PlacedTable) -> dict[int, str]:
    """Row → the text of its last cell."""
    cols = table.table.cols
    cells = [c for c in table.table.cells if c.col + c.colspan == cols]
    return {row: cell.text for cell in cells for row in range(cell.row, cell.row + cell.rowspan)}


def _is_figure(text: str) -> bool:
    """Whether a text is a figure, a mark that stands for one, or nothing."""
    return _FIGURE.fullmatch(text.strip()) is not None


def _widened(page: PageBlocks, further: PageBlocks) -> PageBlocks:
    """A page with the columns of another behind those of its tables."""
    items = list(page.items)
    for part in _tables(further):
        for n, item in enumerate(items):
            if isinstance(item, PlacedTable) and (rows := _rows(page, item, further, part)) is not None:
                items[n] = _join_beside(item, part, rows)
                break
    return replace(page, items=items)


def _join_beside(table: PlacedTable, part: PlacedTable, rows: tuple[Rows, Rows]) -> PlacedTable:
    """A table with the columns of a part behind its own. A heading that the page end cut is one cell again, and so are
    the cells below it.
    """
    cols = table.table.cols
    own = [_moved(cell, rows[0], 0) for cell in table.table.cells]
    moved = [_moved(cell, rows[1], cols) for cell in part.table.cells]
    edge = {(c.row, c.rowspan): c for c in moved if c.col == cols}
    cut = {place: c for place, c in edge.items() if not c.text.strip()}
    gone: set[int] = set()
    below: tuple[int, int] | None = None  # the widths of both halves of the heading above, if it was cut
    for n, cell in enumerate(own):
        if cell.col + cell.colspan != cols:
            continue
        if table.cut and not cell.text.strip() and (whole := edge.get((cell.row, cell.rowspan))) is not None:
            gone.add(id(whole))
            own[n] = replace(whole, col=cell.col, colspan=cell.colspan + whole.colspan)
            continue
        rest = cut.get((cell.row, cell.rowspan))
        halves = (cell.colspan, rest.colspan) if rest is not None else None
        if heading := not _is_figure(cell.text):
            below = halves
        if rest is not None and (heading or halves == below):
            gone.add(id(rest))
            own[n] = replace(cell, colspan=cell.colspan + rest.colspan)
    moved = [cell for cell in moved if id(cell) not in gone]
    cells = tuple(sorted([*own, *moved], key=lambda c: (c.row, c.col)))
    shift = table.xs[-1] - part.xs[0]
    return replace(
        table,
        table=replace(table.table, cells=cells, rows=rows[0][table.table.rows], cols=cols + part.table.cols),
        xs=(*table.xs, *(x + shift for x in part.xs[1:])),
        above=table.above | _shifted(part.above, cols),
        below=table.below | _shifted(part.below, cols),
        cut=part.cut,
    )


def _moved(cell: GridCell, rows: Rows, by: int) -> GridCell:
    """A cell at its place in both together; where no other begins below it, it is as high as it was."""
    begin = rows[cell.row]
    end = rows.get(cell.row + cell.rowspan, begin + cell.rowspan)
    return replace(cell, row=begin, rowspan=max(end - begin, 1), col=cell.col + by)


def _shifted(places: Iterable[tuple[int, int]], by: int) -> frozenset[tuple[int, int]]:
    return frozenset((col + by, span) for col, span in places)
