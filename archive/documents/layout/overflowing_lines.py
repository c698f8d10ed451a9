"""Text higher than its row, as Calc and Excel print it: lines of it stand on the rulings above and below.

By its place such a line is as much of one cell as of the next. In the order of drawing it goes on with the line of its
own cell, and both together stand in the middle of that. A stop at the end of a line may hang over a ruling as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archive.documents.layout.page_layout import Glyph
from archive.documents.layout.ruled_grids import Grid

_THROUGH = 0.2  # of its height: how deep a ruling runs through a character at least
_EVEN = 0.3  # of the height: characters of one line
_NEXT = 0.7, 2.0  # heights between two lines of one cell
_MIDDLE = 0.35  # of the height: how far from the middle of its cell a text may stand
_WIDE = "\u3400"  # the first Chinese character
_HANGING = frozenset("、，。；：！？,.;:")  # what a line may end with beyond its margin
_TOUCHING = 0.5  # of its height: how far such a sign stands from the word before it


def to_their_cells(grid: Grid, held: list[list[Glyph]], glyphs: Sequence[Glyph]) -> None:
    """Put lines of words that a ruling runs through into the cell whose text they go on with.

    ``held``: the characters in each region of the grid; ``glyphs``: all of them, in the order in which they are drawn.
    """
    ys = grid.ys
    across = [
        number
        for number, (region, inside) in enumerate(zip(grid.regions, held, strict=True))
        if inside and _is_crossed(ys[region.row], ys[region.row + region.rowspan], inside)
    ]
    if not across:  # nearly all
        return
    place = {id(g): number for number, inside in enumerate(held) for g in inside}
    lines = _lines(glyphs)
    at = {id(line[0]): n for n, line in enumerate(lines)}
    for number in across:
        region = grid.regions[number]
        edges = ys[region.row], ys[region.row + region.rowspan]
        for line in [line for line in lines if place.get(id(line[0])) == number]:
            if not (_is_worded(line) and any(_runs_through(y, line[0]) for y in edges)):
                continue
            owner = _cell_of(grid, lines, at[id(line[0])], lambda g: place.get(id(g)), but=number)
            if owner is not None:
                gone = {id(g) for g in line}
                held[number] = [g for g in held[number] if id(g) not in gone]
                held[owner] += line
                place.update(dict.fromkeys(gone, owner))


def move_hanging_stops(grid: Grid, held: list[list[Glyph]]) -> None:
    """Put stops that hang over a ruling on the right of their cell back into that. ``held``: as ``to_their_cells``."""
    for number, (region, inside) in enumerate(zip(grid.regions, held, strict=True)):
        left = grid.xs[region.col]
        hanging = [g for g in inside if g.text in _HANGING and g.x0 < left + _EVEN * g.height]
        for glyph in hanging:
            owner = _cell_before_stop(grid, held, number, glyph)
            if owner is not None:
                held[number] = [g for g in held[number] if g is not glyph]
                held[owner].append(glyph)


def _cell_before_stop(grid: Grid, held: Sequence[Sequence[Glyph]], number: int, glyph: Glyph) -> int | None:
    """The number of the cell on the left, in which the word stands that a stop touches."""
    col = grid.regions[number].col
    for owner, (region, inside) in enumerate(zip(grid.regions, held, strict=True)):
        level = grid.ys[region.row] < glyph.cy < grid.ys[region.row + region.rowspan]
        if level and region.col + region.colspan == col and any(_is_ended_by(g, glyph) for g in inside):
            return owner
    return None


def _is_ended_by(word: Glyph, stop: Glyph) -> bool:
    """Whether a stop stands right behind a Chinese character, on its line."""
    apart, touching = abs(word.cy - stop.cy), abs(stop.x0 - word.x1)
    return word.text >= _WIDE and apart < _EVEN * stop.height and touching < _TOUCHING * stop.height


def split_by_grid(
    grid: Grid, glyphs: Sequence[Glyph], inside: list[Glyph], outside: list[Glyph]
) -> tuple[list[Glyph], list[Glyph]]:
    """The characters within a grid and outside of it, lines that stand on its outermost rulings with their cells.

    ``glyphs``: both, in the order in which they are drawn.
    """
    edges, left, right = (grid.ys[0], grid.ys[-1]), grid.xs[0], grid.xs[-1]
    low, high = edges
    near = [g for g in outside if g.y0 < low < g.y1 or g.y0 < high < g.y1]
    if not any(left < g.cx < right and any(_runs_through(y, g) for y in edges) for g in near):  # nearly all
        return inside, outside
    within = {id(g) for g in inside}
    lines = _lines(glyphs)
    taken: set[int] = set()
    for n, line in enumerate(lines):
        if id(line[0]) in within or not (_is_worded(line) and any(_runs_through(y, line[0]) for y in edges)):
            continue
        if _cell_of(grid, lines, n, lambda g: _owner(grid, g) if id(g) in within else None) is not None:
            taken.update(map(id, line))
    if not taken:
        return inside, outside
    within |= taken
    return [g for g in glyphs if id(g) in within], [g for g in outside if id(g) not in taken]


def _cell_of(
    grid: Grid,
    lines: Sequence[list[Glyph]],
    n: int,
    owner_of: Callable[[Glyph], int | None],
    but: int | None = None,
) -> int | None:
    """The number of the cell (``but`` this one) with whose text line ``n`` goes on: both stand in the middle of it."""
    for text in (_text(lines, n, -1), _text(lines, n, 1)):
        owner = owner_of(text[-1][0]) if text else None
        if owner is not None and owner != but and _is_amid(grid, owner, [lines[n], *text]):
            return owner
    return None


def _owner(grid: Grid, glyph: Glyph) -> int | None:
    """The number of the region in which a character stands."""
    for number, (row, col, rowspan, colspan, _, _, _) in enumerate(grid.regions):
        if grid.xs[col] < glyph.cx < grid.xs[col + colspan] and grid.ys[row] < glyph.cy < grid.ys[row + rowspan]:
            return number
    return None


def _is_crossed(top: float, bottom: float, inside: Sequence[Glyph]) -> bool:
    """Whether one of the edges of a region runs through a character in it."""
    for glyph in inside:
        if (glyph.y0 < top or glyph.y1 > bottom) and (_runs_through(top, glyph) or _runs_through(bottom, glyph)):
            return True
    return False


def _runs_through(y: float, glyph: Glyph) -> bool:
    deep = _THROUGH * (glyph.y1 - glyph.y0)
    return glyph.y0 + deep < y < glyph.y1 - deep


def _lines(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Characters that are drawn one behind the other on one line."""
    lines: list[list[Glyph]] = []
    for glyph in glyphs:
        before = lines[-1][-1] if lines else None
        if before is not None and abs(glyph.cy - before.cy) < _EVEN * before.height:
            gap = glyph.x0 - before.x1
            if -before.height < gap < before.height:
                lines[-1].append(glyph)
                continue
        lines.append([glyph])
    return lines


def _is_worded(line: Sequence[Glyph]) -> bool:
    return any(g.text >= _WIDE for g in line) and not line[0].turn


def _text(lines: Sequence[list[Glyph]], n: int, step: int) -> list[list[Glyph]]:
    """The line that is drawn before (``step`` -1) or behind a line of words and stands right above or below it."""
    if not 0 <= n + step < len(lines):
        return []
    one, other = lines[n], lines[n + step]
    apart = step * (other[0].cy - one[0].cy) / one[0].height
    beside = other[-1].x1 <= one[0].x0 or one[-1].x1 <= other[0].x0
    return [other] if _is_worded(other) and _NEXT[0] < apart < _NEXT[1] and not beside else []


def _is_amid(grid: Grid, number: int, lines: Sequence[Sequence[Glyph]]) -> bool:
    """Whether lines stand in the middle of a cell, those of them that reach beyond it too, and within its sides."""
    region = grid.regions[number]
    left, right = grid.xs[region.col], grid.xs[region.col + region.colspan]
    middle = (grid.ys[region.row] + grid.ys[region.row + region.rowspan]) / 2
    first, last = min(line[0].y0 for line in lines), max(line[0].y1 for line in lines)
    within = all(left < g.cx < right for line in lines for g in line)
    return within and abs((first + last) / 2 - middle) <= _MIDDLE * lines[0][0].height
