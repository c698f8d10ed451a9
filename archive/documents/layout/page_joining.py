"""Pages → one sequence of blocks: page numbers and running heads dropped, tables and sentences over pages joined.

Rows that a page's end cuts are joined here in ruled PDF, OFD and scans; in tables without rulings by
``parser/unruled/label_pieces``, in HTML, Word and text by ``parser/rows_cut_by_pages``.
"""

from __future__ import annotations

import re
from dataclasses import replace

from archive.documents.layout.page_blocks import PageBlocks, PlacedTable, paragraphs
from archive.documents.layout.page_furniture import furniture_of
from archive.documents.layout.ruled_grids import nearest_index
from archive.documents.layout.text_lines import Line, runs_on
from archive.documents.pages import GridCell, Paragraph, Table

Block = Paragraph | Table

_NUMBERED = re.compile(r"^\s*[（(]?[一二三四五六七八九十\d]{1,3}\s*[)）、.．]")
_BROKEN_NUMBER = re.compile(r"[（(][一二三四五六七八九十\d]{0,3}\n[一二三四五六七八九十\d]{0,3}[)）]\S")
_FIGURE = re.compile(r"^[-+\d,，.\s%]*\d[-+\d,，.\s%]*$")
_SAME_COLUMN = 4.0  # points


def blocks_of(pages: list[PageBlocks]) -> list[Block]:
    """All blocks in reading order."""
    furniture = {id(line) for lines in furniture_of(pages) for line in lines}
    kept = [[i for i in p.items if id(i) not in furniture] for p in pages]
    blocks: list[Block] = []
    open_table: PlacedTable | None = None
    at = 0  # where it stands among those done
    tail: tuple[Line, PageBlocks] | None = None
    for page, items, following in zip(pages, kept, [*kept[1:], []], strict=True):
        lines: list[Line] = []
        beside: list[Line] = []
        last: PlacedTable | None = None
        for item in items:
            if isinstance(item, Line):
                (beside if last is not None and not lines and _stands_beside(item, last) else lines).append(item)
                continue
            blocks += paragraphs(beside, page)
            beside = []
            tail = _flush(blocks, lines, page, tail)
            lines = []
            if open_table is not None and tail is None and _continues(open_table, item):
                open_table = _joined_tables(open_table, item)
                blocks[at] = open_table.table
            else:
                at = len(blocks)
                blocks.append(item.table)
                open_table = item
            tail = None
            last = item
        blocks += paragraphs(beside, page)
        if not lines:
            continue
        if open_table is not None and tail is None:
            grown = _with_strays(open_table, lines, following)
            if grown is not None:
                open_table = grown
                blocks[at] = grown.table
                continue
        tail = _flush(blocks, lines, page, tail)
        open_table = None
    return blocks


def _with_strays(table: PlacedTable, lines: list[Line], following: list[Line | PlacedTable]) -> PlacedTable | None:
    """Take words below a page's last ruling into the cells above them: browsers let a merged cell's text run out there.

    Only if the table goes on at the top of the next page, and every piece is a word within one column. None if not so.
    """
    if not following or not isinstance(following[0], PlacedTable) or not _continues(table, following[0]):
        return None
    grown: dict[int, str] = {}
    for text, left, right in (chunk for line in lines for chunk in line.chunks):
        cell = _cell_above(table, left, right)
        if cell is None or any(character.isdigit() for character in text):
            return None
        grown[id(cell)] = grown.get(id(cell), cell.text) + "\n" + text
    cells = tuple(replace(c, text=grown[id(c)].strip()) if id(c) in grown else c for c in table.table.cells)
    return replace(table, table=replace(table.table, cells=cells))


def _stands_beside(line: Line, table: PlacedTable) -> bool:
    """Whether a figure pushed out of its cell stands beside a table: that does not end the table."""
    return table.top <= line.y0 and line.y1 <= table.bottom and _FIGURE.match(line.text) is not None


def _moved(cell: GridCell, row: int, col: int, colspan: int) -> GridCell:
    """A cell at another place; written out, as ``replace`` takes five times as long."""
    return GridCell(row=row, col=col, rowspan=cell.rowspan, colspan=colspan, text=cell.text, locator=cell.locator)


def _cell_above(table: PlacedTable, left: float, right: float) -> GridCell | None:
    """The cell of the last row, narrower than the table, that stands above a stretch."""
    for cell in table.table.cells:
        last = cell.row + cell.rowspan == table.table.rows and cell.colspan < table.table.cols
        if last and table.xs[cell.col] <= left and right <= table.xs[cell.col + cell.colspan]:
            return cell
    return None


def _flush(
    blocks: list[Block], lines: list[Line], page: PageBlocks, tail: tuple[Line, PageBlocks] | None
) -> tuple[Line, PageBlocks] | None:
    """Add free lines; the first goes on with the sentence that the page before left open."""
    if not lines:
        return None
    added = paragraphs(lines, page)
    last = blocks[-1] if blocks else None
    if (
        tail is not None
        and isinstance(last, Paragraph)
        and isinstance(added[0], Paragraph)
        and tail[1] is not page
        and runs_on(tail[0], lines[0], page.left, tail[1].right)
    ):
        blocks[-1] = Paragraph(text=last.text + added[0].text, heading=last.heading, locator=last.locator)
        added = added[1:]
    blocks += added
    return lines[-1], page


def _continues(upper: PlacedTable, lower: PlacedTable) -> bool:
    """Whether ``lower``, first on its page, is the rest of ``upper``, last on its page: column lines agree."""
    if not (upper.table.ruled and lower.table.ruled):
        return False
    if abs(upper.xs[0] - lower.xs[0]) > _SAME_COLUMN or abs(upper.xs[-1] - lower.xs[-1]) > _SAME_COLUMN:
        return False
    few, many = sorted((upper.xs, lower.xs), key=len)
    return all(min(abs(x - y) for y in many) <= _SAME_COLUMN for x in few)


def _joined_tables(upper: PlacedTable, lower: PlacedTable) -> PlacedTable:
    """One table on the columns of both. What the page end cut is made whole: a row, a merged cell, a repeated head."""
    xs = list(upper.xs)
    xs += [x for x in lower.xs if min(abs(x - y) for y in upper.xs) > _SAME_COLUMN]
    xs.sort()
    first, second = _on_columns(upper, xs), _on_columns(lower, xs)
    below = _without_head(first, second)
    open_cells = _places(upper.below, upper.xs, xs) | (_places(lower.above, lower.xs, xs) if below is second else set())
    seam = _Seam(first, below, open_cells)
    cut = not open_cells and seam.row_is_cut(open_ended=upper.open_bottom and lower.open_top)
    table = seam.row_mended() if cut else seam.cells_mended()
    return PlacedTable(
        table,
        tuple(xs),
        lower.top,
        lower.bottom,
        False,
        lower.open_bottom,
        frozenset(),
        frozenset(_places(lower.below, lower.xs, xs)),
    )


def _on_columns(placed: PlacedTable, xs: list[float]) -> Table:
    """The table with its columns counted on ``xs``."""
    if len(placed.xs) == len(xs):
        return placed.table
    places = _nearest_columns(placed.xs, xs)
    cells = tuple(
        _moved(c, c.row, places[c.col], places[c.col + c.colspan] - places[c.col]) for c in placed.table.cells
    )
    return replace(placed.table, cells=cells, cols=len(xs) - 1)


def _nearest_columns(own: tuple[float, ...], xs: list[float]) -> list[int]:
    return [nearest_index(xs, x) for x in own]


def _places(cells: frozenset[tuple[int, int]], own: tuple[float, ...], xs: list[float]) -> set[tuple[int, int]]:
    """Columns and spans counted on ``own`` lines, counted on ``xs``."""
    places = _nearest_columns(own, xs)
    return {(places[col], places[col + span] - places[col]) for col, span in cells}


def _without_head(first: Table, second: Table) -> Table:
    """``second`` without the head rows that a word processor repeats on every page."""
    for height in range(min(4, second.rows - 1), 0, -1):
        head = [c for c in second.cells if c.row < height]
        whole = all(c.row + c.rowspan <= height for c in head)
        wordy = any(c.text for c in head) and not any(_FIGURE.match(c.text) for c in head)
        if whole and wordy and _shape(head) == _shape([c for c in first.cells if c.row < height]):
            cells = tuple([_moved(c, c.row - height, c.col, c.colspan) for c in second.cells if c.row >= height])
            return replace(second, cells=cells, rows=second.rows - height)
    return second


def _shape(cells: list[GridCell]) -> set[tuple[int, int, int, int, str]]:
    return {(c.row, c.col, c.rowspan, c.colspan, "".join(c.text.split())) for c in cells}


class _Seam:
    """Where two parts of a table meet: the cells that end above and those that begin below, by their columns."""

    def __init__(self, first: Table, second: Table, open_cells: set[tuple[int, int]]) -> None:
        self._first, self._second, self._open = first, second, open_cells
        self._ends = {(c.col, c.colspan): c for c in first.cells if c.row + c.rowspan == first.rows}
        top = [c for c in second.cells if c.row == 0]
        self._begins = {(c.col, c.colspan): c for c in top}
        # a row of nothing but figures and blanks goes on with none of the cells above: those are its header
        self._worded = any(c.rowspan > 1 or (c.text and _FIGURE.match(c.text) is None) for c in top)

    def row_is_cut(self, *, open_ended: bool) -> bool:
        """Whether the first row below is the rest of the last one above: no text stands twice but a label that goes on.

        With a ruling between them a label must go on; without one (``open_ended``) it is enough that the halves agree.
        Where a label goes on, the figures of some columns may do so too: their cells were too narrow.
        """
        if set(self._ends) != set(self._begins):
            return False
        pairs = [(upper, self._begins[place]) for place, upper in self._ends.items()]
        single = [(u, v) for u, v in pairs if u.rowspan == v.rowspan == 1]
        going_on = any(_goes_on(upper, lower) for upper, lower in single)
        both = [(u, v) for u, v in pairs if u.text and v.text and not _goes_on(u, v)]
        clear = not both or (going_on and _are_wrapped(both, pairs))
        return clear and bool(single) and (going_on or open_ended)

    def row_mended(self) -> Table:
        """The last row above and the first below as one row."""
        first, second = self._first, self._second
        cells = [c for c in first.cells if c.row + c.rowspan < first.rows]
        for place, upper in self._ends.items():
            lower = self._begins[place]
            cells.append(replace(upper, text=_text_of(upper, lower), rowspan=upper.rowspan + lower.rowspan - 1))
        shift = first.rows - 1
        cells += [_moved(c, c.row + shift, c.col, c.colspan) for c in second.cells if c.row > 0]
        cells.sort(key=lambda c: (c.row, c.col))
        return replace(first, cells=tuple(cells), rows=first.rows + second.rows - 1)

    def cells_mended(self) -> Table:
        """All rows kept; a merged cell that goes on below, empty or with the rest of its text, is one cell again."""
        gone: set[tuple[int, int]] = set()
        cells: list[GridCell] = []
        for cell in self._first.cells:
            lower = self._begins.get((cell.col, cell.colspan))
            reaches = cell.row + cell.rowspan == self._first.rows
            if lower is not None and reaches and (self._is_open(cell, lower) or self._is_one(cell, lower)):
                gone.add((lower.col, lower.colspan))
                cells.append(replace(cell, text=_text_of(cell, lower), rowspan=cell.rowspan + lower.rowspan))
            else:
                cells.append(cell)
        first, second = self._first, self._second
        rest = [c for c in second.cells if c.row > 0 or (c.col, c.colspan) not in gone]
        cells += [_moved(c, c.row + first.rows, c.col, c.colspan) for c in rest]
        ruled = first.ruled and second.ruled
        return replace(
            first, cells=tuple(cells), rows=first.rows + second.rows, cols=max(first.cols, second.cols), ruled=ruled
        )

    def _is_open(self, upper: GridCell, lower: GridCell) -> bool:
        """Whether no ruling parts the halves, where it parts others; two figures are never one."""
        figures = _FIGURE.match(upper.text) is not None and _FIGURE.match(lower.text) is not None
        return (upper.col, upper.colspan) in self._open and not figures

    def _is_one(self, upper: GridCell, lower: GridCell) -> bool:
        """Whether two cells at the seam, at least one of them merged over rows, are halves of one."""
        merged = upper.rowspan > 1 or lower.rowspan > 1
        worded = bool(upper.text) and _FIGURE.match(upper.text) is None
        return self._worded and merged and worded and (not lower.text or _goes_on(upper, lower))


def _goes_on(upper: GridCell, lower: GridCell) -> bool:
    """Whether the text below is the rest of the numbered label above: it has no number of its own and is no figure.

    The page may end within the number itself: （六 and ）其他处理.
    """
    if not lower.text:
        return False
    if _NUMBERED.match(upper.text) is None:
        halves = ("".join(cell.text.split()) for cell in (upper, lower))  # narrow cells print a letter a line
        return _BROKEN_NUMBER.match("\n".join(halves)) is not None
    return _NUMBERED.match(lower.text) is None and _FIGURE.match(lower.text) is None


def _are_wrapped(both: list[tuple[GridCell, GridCell]], pairs: list[tuple[GridCell, GridCell]]) -> bool:
    """Whether the cells with text above and below hold figures that go on: digits, in fewer columns than above."""
    digits = all("".join(c.text.split()).isdecimal() for pair in both for c in pair)
    shorter = all(len(v.text) <= len(u.text.rsplit("\n", 1)[-1]) for u, v in both)
    figures = [(_FIGURE.match(u.text) is not None, bool(v.text)) for u, v in pairs]
    alone = sum(above and not below for above, below in figures)
    return digits and shorter and alone >= len(both)


def _text_of(upper: GridCell, lower: GridCell) -> str:
    return "\n".join(text for text in (upper.text, lower.text) if text)
