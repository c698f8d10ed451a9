"""One page → blocks: tables where lines rule them, paragraphs elsewhere."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from archive.documents.layout.framed_parts import Part, glyphs_in, split_at_text
from archive.documents.layout.overflowing_lines import move_hanging_stops, split_by_grid, to_their_cells
from archive.documents.layout.page_layout import MARKS, Glyph, PageLayout
from archive.documents.layout.ruled_grids import Grid, grids
from archive.documents.layout.text_lines import (
    Line,
    cell_text,
    columns_of,
    lines_of,
    mark_raised,
    overdrawn,
    runs_on,
    turned_lines,
)
from archive.documents.pages import UNREAD, GridCell, Paragraph, Table

_PAGE_NUMBER = re.compile(r"^[-—–―·•\s]{1,6}\d{1,4}[-—–―·•\s]{1,6}$")
_FIGURE = re.compile(r"^[-+－—–−]?\d[\d,，.．\s]*(?:件|条|次|万元|元|万|%|％)?$")
_CLOSE = 0.3  # heights between two lines of one row
_STACKED, _SIDE_BY_SIDE = 4, 3  # line ends between figures in one cell, such cells in a row: no figure wraps so often
_LONGEST = 24  # characters of a figure with its unit and more
_BESIDE = 0.3  # of the height: between two digits of a figure
_DEEP = 0.3  # of a digit's height and width that lie within a grid
_OVER = 1.0  # points by which a digit stands over the edge of a cell
_WIDE, _HIGH = 2.0, 4.0  # points of a picture of a figure, at least
_EDGE = 3.0  # points from the edge of a page: a table that goes on so far goes on beyond
_FOOT = 0.88  # below this share of the page's height a dashed number is the page's


@dataclass(slots=True)
class PlacedTable:
    """A table with where it stands, for joining over pages.

    ``open_top``/``open_bottom``: no ruling closes that end; ``above``/``below``: columns and spans of the cells of the
    first and last row whose outer edge is not drawn while that of others is: merged cells that go on over the page end.
    ``cut``: see ``Grid``; or it goes on beyond the page's right-hand edge.
    """

    table: Table
    xs: tuple[float, ...]
    top: float
    bottom: float
    open_top: bool = False
    open_bottom: bool = False
    above: frozenset[tuple[int, int]] = frozenset()
    below: frozenset[tuple[int, int]] = frozenset()
    cut: bool = False


@dataclass(slots=True)
class PageBlocks:
    """What a page holds, from top to bottom; lines are not yet joined to paragraphs.

    ``left``/``right`` bound its running text.
    ``staggered``: figures outside of tables stand above and below others of their row: their order is not certain.
    """

    page: PageLayout
    items: list[Line | PlacedTable] = field(default_factory=list)
    left: float = 0.0
    right: float = 0.0
    staggered: bool = False


def page_blocks(page: PageLayout) -> PageBlocks:
    """The tables and the free lines of one page."""
    placed: list[PlacedTable] = []
    page.odd = []
    free = mark_raised(page.glyphs, page.odd)
    for grid in sorted(grids(page.horizontal, page.vertical), key=lambda g: g.area):
        inside, outside = split_by_grid(grid, free, *_split_glyphs(free, grid))
        if not inside or (len(grid.xs) == 2 and _rules_only_rows(inside)):
            continue
        table = _table(page, grid, inside, _across_the_edge(grid, outside, inside))
        if len(table.cells) > 1 and not _rules_only_columns(table):
            parts, text = split_at_text(table, grid.xs)
            loose = glyphs_in(text, grid.xs, grid.ys, inside)[1] if text else []
            whole = _place_table(table, grid, page)
            placed += map(_without_empty_end, _place_parts(whole, parts, grid) if text else [whole])
            free = [*outside, *loose]
    lines = _free_lines(free)
    done = PageBlocks(page)
    done.items = sorted([*lines, *placed], key=lambda item: item.top if isinstance(item, PlacedTable) else item.y0)
    done.left, done.right = _margins(lines, page)
    done.staggered = _staggered(lines)
    return done


def _rules_only_columns(table: Table) -> bool:
    """Whether rows stand in the cells one below the other: then only positions tell which figures are of one row."""
    tall = [(cell.row, cell.text.split("\n")) for cell in table.cells if cell.text.count("\n") >= _STACKED]
    deep = [row for row, lines in tall if sum(_FIGURE.match(line) is not None for line in lines) > _STACKED]
    return any(deep.count(row) >= _SIDE_BY_SIDE for row in set(deep))


def _place_parts(placed: PlacedTable, parts: Sequence[Part], grid: Grid) -> list[PlacedTable]:
    """What is left of a table without its rows of text: nothing goes on over these."""
    done: list[PlacedTable] = []
    for table, first in parts:
        end = first + table.rows
        top, bottom = first == 0, end == len(grid.ys) - 1
        done.append(
            replace(
                placed,
                table=table,
                top=grid.ys[first],
                bottom=grid.ys[end],
                open_top=top and placed.open_top,
                open_bottom=bottom and placed.open_bottom,
                above=placed.above if top else frozenset(),
                below=placed.below if bottom else frozenset(),
            )
        )
    return done


def _rules_only_rows(inside: list[Glyph]) -> bool:
    """Whether figures stand beside each other in the rows of a grid of one column: then only positions tell columns."""
    return any(looks_tabular(line) for line in lines_of(inside))


def _staggered(lines: Sequence[Line]) -> bool:
    """Whether a line of figures alone stands as near to another with figures as the lines of one row do."""
    figures = [[_FIGURE.match(text) is not None for text, _, _ in line.chunks] for line in lines]
    for n, (upper, lower) in enumerate(itertools.pairwise(lines)):
        one, other = figures[n], figures[n + 1]
        alone = (all(one) and any(other)) or (all(other) and any(one))
        if alone and lower.y0 - upper.y1 < _CLOSE * min(upper.height, lower.height):
            return True
    return False


def looks_tabular(line: Line) -> bool:
    """Whether a line may be a row of a table: words or figures beside each other, a figure among them."""
    return len(line.chunks) > 1 and any(text[-1:].isdigit() for text, _, _ in line.chunks[1:])


def _free_lines(glyphs: list[Glyph]) -> list[Line]:
    """Lines outside of tables; what is printed sideways after the rest."""
    turns = sorted({g.turn for g in glyphs})
    if turns in ([], [0]):
        return lines_of(glyphs)
    lines = lines_of([g for g in glyphs if g.turn == 0])
    return lines + [line for turn in turns if turn for line in turned_lines(glyphs, turn)]


def _place_table(table: Table, grid: Grid, page: PageLayout) -> PlacedTable:
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
        grid.cut or (grid.xs[-1] > page.right - _EDGE and _goes_over(table, grid, page)),
    )


def _goes_over(table: Table, grid: Grid, page: PageLayout) -> bool:
    """Whether a table that ends at the page's right-hand edge goes on beyond: it begins further from the other, figures
    stand beyond, or nothing is seen in any cell of its last column. Else the page may have been cut to its size.
    """
    if page.over or grid.xs[0] > page.left + _EDGE:
        return True
    return not any(cell.text for cell in table.cells if cell.col == table.cols - 1)


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


def _split_glyphs(glyphs: list[Glyph], grid: Grid) -> tuple[list[Glyph], list[Glyph]]:
    x0, x1, y0, y1 = 2 * grid.xs[0], 2 * grid.xs[-1], 2 * grid.ys[0], 2 * grid.ys[-1]
    inside: list[Glyph] = []
    outside: list[Glyph] = []
    for glyph in glyphs:
        within = y0 <= glyph.y0 + glyph.y1 <= y1 and x0 <= glyph.x0 + glyph.x1 <= x1
        (inside if within else outside).append(glyph)
    return inside, outside


def _across_the_edge(grid: Grid, outside: list[Glyph], inside: Sequence[Glyph]) -> set[int]:
    """The rows of a grid into which a digit reaches that stands outside, or whose last figure goes on outside."""
    left, right, top, bottom = grid.xs[0], grid.xs[-1], grid.ys[0], grid.ys[-1]
    found: set[int] = set()
    for g in outside:
        if g.text.isdecimal() and g.y0 < bottom and g.y1 > top and g.x0 < right and g.x1 > left:
            deep = min(g.y1, bottom) - max(g.y0, top), min(g.x1, right) - max(g.x0, left)
            if deep[0] > _DEEP * (g.y1 - g.y0) and deep[1] > _DEEP * (g.x1 - g.x0):
                found.add(min(max(bisect_right(grid.ys, g.cy) - 1, 0), len(grid.ys) - 2))
        elif g.text.isdecimal() and top < g.cy < bottom and left - g.height < g.cx < right + g.height:
            goes_on = any(_goes_on(g, other) for other in inside if other.text.isdecimal())
            found |= {min(max(bisect_right(grid.ys, g.cy) - 1, 0), len(grid.ys) - 2)} if goes_on else set()
    return found


def _goes_on(one: Glyph, other: Glyph) -> bool:
    """Whether two digits stand beside each other as those of one figure do."""
    gap = max(one.x0 - other.x1, other.x0 - one.x1)
    return abs(one.cy - other.cy) < _BESIDE * one.height and -_BESIDE * one.height < gap < _BESIDE * one.height


def _table(page: PageLayout, grid: Grid, glyphs: list[Glyph], over: set[int]) -> Table:
    """The cells of a grid with what stands in them. ``over``: rows of which figures stand over an edge of the grid."""
    held = _glyphs_by_region(grid, glyphs)
    to_their_cells(grid, held, glyphs)
    move_hanging_stops(grid, held)
    struck = _glyphs_by_region(grid, _split_glyphs(page.struck, grid)[0]) if page.struck else [[]] * len(grid.regions)
    box, number = page.boxes(grid.xs, grid.ys), page.number
    cells: list[GridCell] = []
    doubted: set[tuple[int, int]] = set()
    for (row, col, rowspan, colspan, closed, _, _), inside, gone in zip(grid.regions, held, struck, strict=True):
        text = _without_page_number(cell_text(inside), inside, page) if inside else ""
        if not text and page.pictures and _is_pictured(page.pictures, grid, (row, col, rowspan, colspan)):
            text = UNREAD
        if text or closed:
            where: dict[str, object] = {"page": number, "box": box(col, row, col + colspan, row + rowspan)}
            if gone:
                where["struck"] = cell_text(gone)
            cells.append(GridCell(row=row, col=col, rowspan=rowspan, colspan=colspan, text=text, locator=where))
            if inside and len(inside) <= _LONGEST:
                if _is_over(inside, grid.xs[col], grid.xs[col + colspan]):
                    over.add(row)
                if len(inside) > 1 and overdrawn([g for g in inside if g.text.isdecimal() or g.text in MARKS]):
                    doubted.add((row, col))
    if page.doubted or page.odd:
        doubted |= _doubtful_cells(grid, page, over)
    if page.sideways:
        doubted |= _cells_reached(grid, page.sideways)
    for cell in cells if over or doubted else ():
        if cell.row in over or (cell.row, cell.col) in doubted:
            cell.locator = {**cell.locator, "astray": True}
    return Table(cells=tuple(cells), rows=len(grid.ys) - 1, cols=len(grid.xs) - 1)


def _is_pictured(
    pictures: Sequence[tuple[float, float, float, float]], grid: Grid, region: tuple[int, int, int, int]
) -> bool:
    """Whether a picture as large as a figure stands within a cell: what it shows is not read, and no blank."""
    row, col, rowspan, colspan = region
    left, right, top, bottom = grid.xs[col], grid.xs[col + colspan], grid.ys[row], grid.ys[row + rowspan]
    return any(
        _WIDE <= x1 - x0 <= right - left + _WIDE
        and _HIGH <= y1 - y0 <= bottom - top + _HIGH
        and left <= (x0 + x1) / 2 <= right
        and top <= (y0 + y1) / 2 <= bottom
        for x0, y0, x1, y1 in pictures
    )


def _doubtful_cells(grid: Grid, page: PageLayout, over: set[int]) -> set[tuple[int, int]]:
    """The cells with characters that are not surely seen. If those are of a label, its rows are added to ``over``."""
    found: set[tuple[int, int]] = set()
    for region, held in zip(
        grid.regions, _glyphs_by_region(grid, _split_glyphs([*page.doubted, *page.odd], grid)[0]), strict=True
    ):
        if held:
            found.add((region.row, region.col))
            if not all(g.text.isdecimal() or g.text in MARKS for g in held):
                over.update(range(region.row, region.row + region.rowspan))
    return found


def _cells_reached(grid: Grid, sideways: Sequence[Glyph]) -> set[tuple[int, int]]:
    """The cells into which figures on their side reach that are longer than one of them is high."""
    found: set[tuple[int, int]] = set()
    for glyph in sideways:
        if not grid.xs[0] < glyph.cx < grid.xs[-1]:
            continue
        col = bisect_right(grid.xs, glyph.cx) - 1
        own = [r for r in grid.regions if r.col <= col < r.col + r.colspan]
        in_it = [r for r in own if glyph.y0 < grid.ys[r.row + r.rowspan] - _OVER and glyph.y1 > grid.ys[r.row] + _OVER]
        beyond = glyph.y0 < grid.ys[0] - _OVER or glyph.y1 > grid.ys[-1] + _OVER
        if len(in_it) > 1 or beyond:
            found.update((r.row, r.col) for r in in_it)
    return found


def _is_over(glyphs: Sequence[Glyph], left: float, right: float) -> bool:
    """Whether a digit, or a mark that stands for none, stands over an edge of its cell."""
    return any(
        (g.x0 < left - _OVER or g.x1 > right + _OVER) and (g.text.isdecimal() or g.text in MARKS) for g in glyphs
    )


def _glyphs_by_region(grid: Grid, glyphs: list[Glyph]) -> list[list[Glyph]]:
    """The glyphs in each region."""
    held: list[list[Glyph]] = [[] for _ in grid.regions]
    height, width = len(grid.ys) - 1, len(grid.xs) - 1
    owner = [[held[0]] * width for _ in range(height)]
    for (row, col, rowspan, colspan, _, _, _), inside in zip(grid.regions, held, strict=True):
        if rowspan == colspan == 1:
            owner[row][col] = inside
            continue
        for r in range(row, row + rowspan):
            owner[r][col : col + colspan] = [inside] * colspan
    rows, cols = [2 * y for y in grid.ys[1:-1]], [2 * x for x in grid.xs[1:-1]]
    for glyph in glyphs:
        owner[bisect_right(rows, glyph.y0 + glyph.y1)][bisect_right(cols, glyph.x0 + glyph.x1)].append(glyph)
    return held


def _without_page_number(text: str, glyphs: list[Glyph], page: PageLayout) -> str:
    """A footer "— 4 —" that stands inside a table that runs to the foot of the page is no figure."""
    last = text.rsplit("\n", 1)
    foot = page.top + _FOOT * (page.bottom - page.top)
    if _PAGE_NUMBER.match(last[-1]) and max(g.cy for g in glyphs) > foot:
        return last[0] if len(last) > 1 else ""
    return text


def _margins(lines: list[Line], page: PageLayout) -> tuple[float, float]:
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
        run = _numbered_run(lines, at)
        if len(run) >= 3 and (spans := columns_of(run)) is not None:
            done.append(_unruled(run, len(spans), blocks.page))
            at += len(run)
            continue
        text, last = [lines[at]], at + 1
        while last < len(lines) and runs_on(lines[last - 1], lines[last], blocks.left, blocks.right):
            text.append(lines[last])
            last += 1
        done.append(_paragraph(text, blocks))
        at = last
    return done


def _numbered_run(lines: list[Line], at: int) -> list[Line]:
    """Lines from ``at`` on with the same number, three or more, of chunks."""
    count = len(lines[at].chunks)
    end = at
    while count >= 3 and end < len(lines) and len(lines[end].chunks) == count:
        end += 1
    return lines[at:end]


def _unruled(lines: list[Line], cols: int, page: PageLayout) -> Table:
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


def _paragraph(lines: list[Line], blocks: PageBlocks) -> Paragraph:
    page = blocks.page
    text = lines[0].text
    for line in lines[1:]:
        wordy = text[-1:].isascii() and line.text[:1].isascii() and text[-1:].isalpha() and line.text[:1].isalpha()
        text += (" " if wordy else "") + line.text
    box = page.box(min(x.x0 for x in lines), lines[0].y0, max(x.x1 for x in lines), lines[-1].y1)
    locator: dict[str, object] = {"page": page.number, "box": box}
    if blocks.staggered and any(_FIGURE.match(chunk) for line in lines for chunk, _, _ in line.chunks):
        locator["astray"] = True
    return Paragraph(text=text, locator=locator)
