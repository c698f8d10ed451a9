"""One page → blocks: tables where lines rule them, paragraphs elsewhere."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from statistics import median

from archive.documents.pages import GridCell, Paragraph, Table
from archive.documents.ruled.lines import Line, cell_text, columns_of, lines_of, runs_on
from archive.documents.ruled.page import Glyph, RuledPage
from archive.documents.ruled.rulings import Grid, Region, grids

_PAGE_NUMBER = re.compile(r"^[-—–―·•\s]{1,6}\d{1,4}[-—–―·•\s]{1,6}$")
_FOOT = 0.88  # below this share of the page's height a dashed number is the page's


@dataclass(slots=True)
class PlacedTable:
    """A table with where it stands, for joining over pages.

    ``open_top``/``open_bottom``: no ruling closes that end; ``above``/``below``: columns and spans of the cells of the
    first and last row whose outer edge is not drawn while that of others is: merged cells that go on over the page end.
    """

    table: Table
    xs: tuple[float, ...]
    top: float
    bottom: float
    open_top: bool = False
    open_bottom: bool = False
    above: frozenset[tuple[int, int]] = frozenset()
    below: frozenset[tuple[int, int]] = frozenset()


@dataclass(slots=True)
class PageBlocks:
    """What a page holds, from top to bottom; lines are not yet joined to paragraphs."""

    page: RuledPage
    items: list[Line | PlacedTable] = field(default_factory=list)
    left: float = 0.0
    right: float = 0.0


def page_blocks(page: RuledPage) -> PageBlocks:
    """The tables and the free lines of one page."""
    placed: list[PlacedTable] = []
    free = page.glyphs
    for grid in sorted(grids(page.horizontal, page.vertical), key=lambda g: g.area):
        inside, outside = _parted(free, grid)
        if not inside:
            continue
        table, rest = _table(page, grid, inside)
        if len(table.cells) > 1:
            placed.append(_without_empty_end(_placed(table, grid)))
            free = outside + rest
    lines = lines_of(free)
    done = PageBlocks(page)
    done.items = sorted([*lines, *placed], key=lambda item: item.top if isinstance(item, PlacedTable) else item.y0)
    done.left, done.right = _margins(lines, page)
    return done


def _placed(table: Table, grid: Grid) -> PlacedTable:
    first = [r for r in grid.regions if r.row == 0]
    last = [r for r in grid.regions if r.row + r.rowspan == len(grid.ys) - 1]
    above = frozenset((r.col, r.colspan) for r in first if not r.above)
    below = frozenset((r.col, r.colspan) for r in last if not r.below)
    return PlacedTable(
        table,
        grid.xs,
        grid.ys[0],
        grid.ys[-1],
        grid.open_top,
        grid.open_bottom,
        above if len(above) < len(first) else frozenset(),
        below if len(below) < len(last) else frozenset(),
    )


def _without_empty_end(placed: PlacedTable) -> PlacedTable:
    """Drop the space between the last row and the page's end, where the sides of the table are drawn but no row is."""
    table = placed.table
    last = table.rows - 1
    begun = [c for c in table.cells if c.row == last]
    if not placed.open_bottom or last < 1 or any(c.text for c in begun):
        return placed
    through = [c for c in table.cells if c.row < last <= c.row + c.rowspan - 1]
    cells = tuple(
        replace(c, rowspan=c.rowspan - 1) if c.row + c.rowspan > last else c for c in table.cells if c.row < last
    )
    shorter = replace(table, cells=cells, rows=last)
    below = frozenset((c.col, c.colspan) for c in through)
    return replace(placed, table=shorter, open_bottom=False, below=below)


def _parted(glyphs: list[Glyph], grid: Grid) -> tuple[list[Glyph], list[Glyph]]:
    x0, x1, y0, y1 = grid.xs[0], grid.xs[-1], grid.ys[0], grid.ys[-1]
    inside: list[Glyph] = []
    outside: list[Glyph] = []
    for glyph in glyphs:
        (inside if x0 <= glyph.cx <= x1 and y0 <= glyph.cy <= y1 else outside).append(glyph)
    return inside, outside


def _table(page: RuledPage, grid: Grid, glyphs: list[Glyph]) -> tuple[Table, list[Glyph]]:
    """The table, and the glyphs that stand in its bounding box but outside its rulings."""
    owner: dict[tuple[int, int], Region] = {}
    for region in grid.regions:
        for r in range(region.row, region.row + region.rowspan):
            for c in range(region.col, region.col + region.colspan):
                owner[r, c] = region
    held: dict[Region, list[Glyph]] = {region: [] for region in grid.regions}
    rest: list[Glyph] = []
    for glyph in glyphs:
        row = min(max(bisect_right(grid.ys, glyph.cy) - 1, 0), len(grid.ys) - 2)
        col = min(max(bisect_right(grid.xs, glyph.cx) - 1, 0), len(grid.xs) - 2)
        region = owner[row, col]
        held[region].append(glyph)
    cells: list[GridCell] = []
    for region, inside in held.items():
        text = _without_page_number(cell_text(inside), inside, page) if inside else ""
        if not text and not region.closed:
            continue
        cells.append(_cell(page, grid, region, text))
    return Table(cells=tuple(cells), rows=len(grid.ys) - 1, cols=len(grid.xs) - 1), rest


def _cell(page: RuledPage, grid: Grid, region: Region, text: str) -> GridCell:
    box = page.box(
        grid.xs[region.col],
        grid.ys[region.row],
        grid.xs[region.col + region.colspan],
        grid.ys[region.row + region.rowspan],
    )
    return GridCell(
        row=region.row,
        col=region.col,
        rowspan=region.rowspan,
        colspan=region.colspan,
        text=text,
        locator={"page": page.number, "box": box},
    )


def _without_page_number(text: str, glyphs: list[Glyph], page: RuledPage) -> str:
    """A footer "— 4 —" that stands inside a table that runs to the foot of the page is no figure."""
    last = text.rsplit("\n", 1)
    foot = page.top + _FOOT * (page.bottom - page.top)
    if _PAGE_NUMBER.match(last[-1]) and max(g.cy for g in glyphs) > foot:
        return last[0] if len(last) > 1 else ""
    return text


def _margins(lines: list[Line], page: RuledPage) -> tuple[float, float]:
    """Left and right edge of the running text: where most long lines begin and end."""
    single = [line for line in lines if len(line.chunks) == 1 and line.x1 - line.x0 > 0.5 * (page.right - page.left)]
    if len(single) < 2:
        return page.left, page.right
    left = min(line.x0 for line in single)
    right = median(sorted(line.x1 for line in single)[len(single) // 2 :])
    return left, right


def paragraphs(lines: list[Line], blocks: PageBlocks) -> list[Paragraph | Table]:
    """Free lines that follow each other → paragraphs, and unruled tables where the columns are certain."""
    done: list[Paragraph | Table] = []
    at = 0
    while at < len(lines):
        run = _run(lines, at)
        if len(run) >= 3 and (spans := columns_of(run)) is not None:
            done.append(_unruled(run, len(spans), blocks.page))
            at += len(run)
            continue
        text, last = [lines[at]], at + 1
        while last < len(lines) and runs_on(lines[last - 1], lines[last], blocks.left, blocks.right):
            text.append(lines[last])
            last += 1
        done.append(_paragraph(text, blocks.page))
        at = last
    return done


def _run(lines: list[Line], at: int) -> list[Line]:
    """Lines from ``at`` on with the same number, three or more, of chunks."""
    count = len(lines[at].chunks)
    end = at
    while count >= 3 and end < len(lines) and len(lines[end].chunks) == count:
        end += 1
    return lines[at:end]


def _unruled(lines: list[Line], cols: int, page: RuledPage) -> Table:
    cells = [
        GridCell(
            row=r,
            col=c,
            text=text,
            locator={"page": page.number, "box": page.box(x0, line.y0, x1, line.y1)},
        )
        for r, line in enumerate(lines)
        for c, (text, x0, x1) in enumerate(line.chunks)
    ]
    return Table(cells=tuple(cells), rows=len(lines), cols=cols, ruled=False)


def _paragraph(lines: list[Line], page: RuledPage) -> Paragraph:
    text = lines[0].text
    for line in lines[1:]:
        wordy = text[-1:].isascii() and line.text[:1].isascii() and text[-1:].isalpha() and line.text[:1].isalpha()
        text += (" " if wordy else "") + line.text
    box = page.box(min(x.x0 for x in lines), lines[0].y0, max(x.x1 for x in lines), lines[-1].y1)
    return Paragraph(text=text, locator={"page": page.number, "box": box})
