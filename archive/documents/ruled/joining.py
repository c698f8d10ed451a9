"""Pages → one sequence of blocks: page numbers and running heads dropped, tables and sentences continued over pages joined."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from archive.documents.grid import joined
from archive.documents.pages import GridCell, Paragraph, Table
from archive.documents.ruled.layout import PageBlocks, PlacedTable, paragraphs
from archive.documents.ruled.lines import Line, runs_on

Block = Paragraph | Table

_NUMBER = re.compile(
    r"^[-—–―·•~\s]*(?:第\s*)?\d{1,4}\s*(?:页)?(?:\s*[/／,，]?\s*(?:共|of)?\s*\d{1,4}\s*页?)?[-—–―·•~\s]*$"
)
_DIGITS = re.compile(r"\d+")
_MARGIN = 0.09  # of the page's height at top and bottom
_SAME_COLUMN = 4.0  # points


def blocks_of(pages: list[PageBlocks]) -> list[Block]:
    """All blocks in reading order."""
    running = _running_heads(pages)
    done: list[Block] = []
    open_table: PlacedTable | None = None
    tail: tuple[Line, PageBlocks] | None = None
    for page in pages:
        items = [i for i in page.items if not (isinstance(i, Line) and _is_furniture(i, page, running))]
        lines: list[Line] = []
        for item in items:
            if isinstance(item, Line):
                lines.append(item)
                continue
            tail = _flush(done, lines, page, tail)
            lines = []
            if open_table is not None and tail is None and _continues(open_table, item):
                done[-1] = table = _joined_tables(open_table, item)
                open_table = PlacedTable(table, open_table.xs, item.top, item.bottom, False, item.open_bottom)
            else:
                done.append(item.table)
                open_table = item
            tail = None
        if lines:
            tail = _flush(done, lines, page, tail)
            open_table = None
    return done


def _flush(
    done: list[Block], lines: list[Line], page: PageBlocks, tail: tuple[Line, PageBlocks] | None
) -> tuple[Line, PageBlocks] | None:
    """Add free lines; the first goes on with the sentence that the page before left open."""
    if not lines:
        return None
    added = paragraphs(lines, page)
    last = done[-1] if done else None
    if (
        tail is not None
        and isinstance(last, Paragraph)
        and isinstance(added[0], Paragraph)
        and tail[1] is not page
        and runs_on(tail[0], lines[0], page.left, tail[1].right)
    ):
        done[-1] = Paragraph(text=last.text + added[0].text, heading=last.heading, locator=last.locator)
        added = added[1:]
    done += added
    return lines[-1], page


def _edge(line: Line, page: PageBlocks) -> bool:
    height = page.page.bottom - page.page.top
    return line.y1 < page.page.top + _MARGIN * height or line.y0 > page.page.bottom - _MARGIN * height


def _is_furniture(line: Line, page: PageBlocks, running: frozenset[str]) -> bool:
    """A page number in the margin or at the very edge of what is printed, or a running head."""
    number = _NUMBER.match(line.text) is not None
    outer = line is page.items[0] or line is page.items[-1]
    if number and (_edge(line, page) or (outer and not line.text.strip().isdigit())):
        return True
    return _edge(line, page) and _DIGITS.sub("#", line.text) in running


def _running_heads(pages: list[PageBlocks]) -> frozenset[str]:
    """Lines in the margins that return, but for figures, on at least two thirds of three or more pages."""
    if len(pages) < 3:
        return frozenset()
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_DIGITS.sub("#", i.text) for i in page.items if isinstance(i, Line) and _edge(i, page)})
    return frozenset(text for text, count in seen.items() if count * 3 >= len(pages) * 2)


def _continues(upper: PlacedTable, lower: PlacedTable) -> bool:
    """Whether ``lower``, first on its page, is the rest of ``upper``, last on its page: every column line of the one is the other's."""
    if abs(upper.xs[0] - lower.xs[0]) > _SAME_COLUMN or abs(upper.xs[-1] - lower.xs[-1]) > _SAME_COLUMN:
        return False
    few, many = sorted((upper.xs, lower.xs), key=len)
    return all(min(abs(x - y) for y in many) <= _SAME_COLUMN for x in few)


def _joined_tables(upper: PlacedTable, lower: PlacedTable) -> Table:
    """One table on the columns of both; a row cut by the page end (no ruling on either side) is one row again."""
    xs = list(upper.xs)
    xs += [x for x in lower.xs if min(abs(x - y) for y in upper.xs) > _SAME_COLUMN]
    xs.sort()
    first, second = _on(upper, xs), _on(lower, xs)
    if upper.open_bottom and lower.open_top:
        return _mended(first, second)
    return _reaching_down(joined(first, second), first.rows)


def _on(placed: PlacedTable, xs: list[float]) -> Table:
    """The table with its columns counted on ``xs``."""
    places = [min(range(len(xs)), key=lambda i: abs(xs[i] - x)) for x in placed.xs]
    if len(places) == len(xs) or len(places) - 1 > placed.table.cols:
        return replace(placed.table, cols=len(xs) - 1)
    cells = tuple(
        replace(c, col=places[c.col], colspan=places[c.col + c.colspan] - places[c.col]) for c in placed.table.cells
    )
    return replace(placed.table, cells=cells, cols=len(xs) - 1)


def _mended(first: Table, second: Table) -> Table:
    """Join the last row of ``first`` with the first of ``second`` cell by cell."""
    ends = {(c.col, c.colspan): c for c in first.cells if c.row + c.rowspan == first.rows}
    begins = {(c.col, c.colspan): c for c in second.cells if c.row == 0}
    if set(ends) != set(begins):
        return joined(first, second)
    cells: list[GridCell] = [c for c in first.cells if c.row + c.rowspan < first.rows]
    for place, upper in ends.items():
        lower = begins[place]
        text = "\n".join(t for t in (upper.text, lower.text) if t)
        cells.append(replace(upper, text=text, rowspan=upper.rowspan + lower.rowspan - 1))
    shift = first.rows - 1
    cells += [replace(c, row=c.row + shift) for c in second.cells if c.row > 0]
    cells.sort(key=lambda c: (c.row, c.col))
    return replace(first, cells=tuple(cells), rows=first.rows + second.rows - 1)


def _reaching_down(table: Table, seam: int) -> Table:
    """A merged cell cut by the page end goes on as an empty cell of the same columns: make it one again."""
    above = {(c.col, c.colspan): c for c in table.cells if c.row + c.rowspan == seam and c.rowspan > 1}
    grown: dict[int, int] = {}
    gone: set[int] = set()
    for cell in table.cells:
        upper = above.get((cell.col, cell.colspan))
        if cell.row == seam and upper is not None and not cell.text and upper.text:
            grown[id(upper)] = cell.rowspan
            gone.add(id(cell))
    if not gone:
        return table
    cells = tuple(
        replace(c, rowspan=c.rowspan + grown[id(c)]) if id(c) in grown else c for c in table.cells if id(c) not in gone
    )
    return replace(table, cells=cells)
