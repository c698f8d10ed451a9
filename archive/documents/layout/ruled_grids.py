"""Drawn lines → grids of merged cells.

Rulings come in pieces (one per cell, dashes, thin rectangles), a little off, and open where a page ends: pieces on one
line are joined, and where lines run out beyond the last crossing ruling their ends count as an edge.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from archive.documents.layout.page_layout import Ruling

_SAME = 2.5  # points: lines no further apart are one
_GAP = 3.0  # a gap in a line that is still one line
_TOUCH = 3.0  # lines meet although they miss each other by this
_NARROW = 4.5  # no cell is narrower or lower: two lines so close are the borders of neighbours
_OPEN = 5.0  # lines that run on further than this beyond the last crossing one make an open edge
_LONGEST = 1_000  # lines of each direction that are looked at
MAX_ELEMENTARY = 100_000
_AT, _START = attrgetter("at"), attrgetter("start")


class Region(NamedTuple):
    """A cell of a grid: its place and spans in grid units.

    ``closed``: edges all around, the assumed ones of an open end too; ``above``/``below``: that edge is really drawn.
    """

    row: int
    col: int
    rowspan: int
    colspan: int
    closed: bool = True
    above: bool = True
    below: bool = True


@dataclass(frozen=True, slots=True)
class Grid:
    """``xs``, ``ys``: ascending lines of the grid; ``open_top``/``open_bottom``: that edge is not drawn.

    ``cut``: its left side is drawn and its right side is not, where its lines end: what stands there is cut off.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    regions: tuple[Region, ...]
    open_top: bool = False
    open_bottom: bool = False
    cut: bool = False

    @property
    def area(self) -> float:
        """Area in square points."""
        return (self.xs[-1] - self.xs[0]) * (self.ys[-1] - self.ys[0])


def grids(horizontal: Sequence[Ruling], vertical: Sequence[Ruling]) -> list[Grid]:
    """All grids with at least two cells, in no particular order."""
    across, down = join_strokes(horizontal), join_strokes(vertical)
    found: list[Grid] = []
    for rows, cols in _connected_groups(across, down):
        grid = _grid(rows, cols)
        if grid is not None and len(grid.regions) > 1:
            found.append(grid)
    return found


def join_strokes(strokes: Sequence[Ruling]) -> list[Ruling]:
    """Strokes on (nearly) one line and with (nearly) no gap between them made one; the longest thousand."""
    rulings: list[Ruling] = []
    for group in _levels(strokes):
        at = sum([s.at for s in group]) / len(group)
        group.sort(key=_START)
        start, end = group[0].start, group[0].end
        for stroke in group:
            if stroke.start > end + _GAP:
                rulings.append(Ruling(at, start, end))
                start, end = stroke.start, stroke.end
            elif stroke.end > end:
                end = stroke.end
        rulings.append(Ruling(at, start, end))
    rulings.sort(key=lambda s: s.start - s.end)
    return [s for s in rulings[:_LONGEST] if s.end - s.start > _TOUCH]


def _levels(strokes: Sequence[Ruling]) -> list[list[Ruling]]:
    groups: list[list[Ruling]] = []
    group: list[Ruling] = []
    first = last = 0.0
    for stroke in sorted(strokes, key=_AT):
        at = stroke.at
        if group and at - last <= _SAME / 2 and at - first <= _SAME:
            group.append(stroke)
        else:
            group = [stroke]
            groups.append(group)
            first = at
        last = at
    return groups


def _connected_groups(across: list[Ruling], down: list[Ruling]) -> list[tuple[list[Ruling], list[Ruling]]]:
    """Groups of lines that meet."""
    parent = list(range(len(across) + len(down)))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    upright = [(j, v.at, v.start - _TOUCH, v.end + _TOUCH) for j, v in enumerate(down, len(across))]
    for i, h in enumerate(across):
        y, left, right = h.at, h.start - _TOUCH, h.end + _TOUCH
        for j in [j for j, x, top, bottom in upright if left <= x <= right and top <= y <= bottom]:
            parent[find(i)] = find(j)
    groups: dict[int, tuple[list[Ruling], list[Ruling]]] = {}
    for i, h in enumerate(across):
        groups.setdefault(find(i), ([], []))[0].append(h)
    for j, v in enumerate(down, len(across)):
        groups.setdefault(find(j), ([], []))[1].append(v)
    lone = [cols for rows, cols in groups.values() if not rows]
    tables = [(rows, cols) for rows, cols in groups.values() if rows and cols and len(rows) + len(cols) >= 3]
    for _, cols in tables:
        top, bottom = min(c.start for c in cols), max(c.end for c in cols)
        cols += [c for single in lone for c in single if _bounds_table(c, top, bottom)]
    return tables


def _bounds_table(line: Ruling, top: float, bottom: float) -> bool:
    """Whether a line that meets no other bounds a table: a merged cell as high as the page has no ruling across."""
    return abs(line.start - top) <= _TOUCH and abs(line.end - bottom) <= _TOUCH and bottom - top > 4 * _OPEN


def _grid(rows: list[Ruling], cols: list[Ruling]) -> Grid | None:
    first, last = min(r.at for r in rows), max(r.at for r in rows)
    left, right = min(c.at for c in cols), max(c.at for c in cols)
    top, bottom = min(c.start for c in cols), max(c.end for c in cols)
    begin, end = min([left, *(r.start for r in rows)]), max([right, *(r.end for r in rows)])
    open_top, open_bottom = top < first - _OPEN, bottom > last + _OPEN
    drawn, rows, cols = list(rows), list(rows), list(cols)
    rows += [Ruling(top, begin, end)] * open_top + [Ruling(bottom, begin, end)] * open_bottom
    if begin < left - _OPEN:
        cols.append(Ruling(begin, min(top, first), max(bottom, last)))
    if end > right + _OPEN:
        cols.append(Ruling(end, min(top, first), max(bottom, last)))
    xs, ys = _coordinates(cols), _coordinates(rows)
    if len(xs) < 2 or len(ys) < 2 or (len(xs) - 1) * (len(ys) - 1) > MAX_ELEMENTARY:
        return None
    across = _Lines(ys, rows, xs)
    edges = _Edges(across, _Lines(xs, cols, ys), _Lines(ys, drawn, xs) if len(drawn) < len(rows) else across)
    cut = begin >= left - _OPEN and end > right + _OPEN
    return Grid(tuple(xs), tuple(ys), tuple(edges.regions()), open_top, open_bottom, cut)


def _coordinates(strokes: list[Ruling]) -> list[float]:
    found: list[float] = []
    for stroke in sorted(strokes, key=lambda s: s.at):
        if not found or stroke.at - found[-1] > _NARROW:
            found.append(stroke.at)
    return found


class _Lines:
    """Which stretches between grid lines are drawn."""

    def __init__(self, places: list[float], strokes: list[Ruling], steps: list[float]) -> None:
        """Lines at ``places``, measured at the grid lines across them, ``steps``."""
        self._steps = steps
        self._upto = [[0.0] * len(steps) for _ in places]
        for stroke in strokes:
            upto = self._upto[nearest_index(places, stroke.at)]
            start, end = stroke.start, stroke.end
            for n in range(bisect_right(steps, start), len(steps)):
                step = steps[n]
                upto[n] += (step if step < end else end) - start

    def stretches(self) -> list[list[bool]]:
        """Of each line, whether it is drawn between each step and the next."""
        halves = [(after - step) / 2 for step, after in itertools.pairwise(self._steps)]
        return [
            [after - before >= half for (before, after), half in zip(itertools.pairwise(upto), halves, strict=True)]
            for upto in self._upto
        ]

    def is_drawn(self, index: int, first: int, last: int) -> bool:
        """Whether at least half of a stretch between two steps is drawn."""
        upto = self._upto[index]
        return upto[last] - upto[first] >= (self._steps[last] - self._steps[first]) / 2


def nearest_index(places: Sequence[float], at: float) -> int:
    """The index of the ascending place nearest to ``at``."""
    right = bisect_left(places, at)
    if right == 0 or right == len(places):
        return min(right, len(places) - 1)
    return right if places[right] - at < at - places[right - 1] else right - 1


@dataclass(slots=True)
class _Edges:
    """The lines of a grid, those assumed at open ends too, and (``really``) only those drawn across."""

    across: _Lines
    down: _Lines
    really: _Lines

    def regions(self) -> list[Region]:
        """Elementary cells united where no line parts them; a union that is no rectangle is taken apart row by row."""
        edges, sides = self.across.stretches(), self.down.stretches()
        really = edges if self.really is self.across else self.really.stretches()
        height, width = len(edges) - 1, len(sides) - 1
        below, right = edges[1:], [list(row) for row in zip(*sides[1:], strict=True)]
        label = [[-1] * width for _ in range(height)]
        regions: list[Region] = []
        for r, labels in enumerate(label):
            for c in range(width):
                if labels[c] >= 0:
                    continue
                beside = (c == 0 or sides[c][r]) and (c + 1 == width or sides[c + 1][r])
                if beside and (r == 0 or edges[r][c]) and (r + 1 == height or edges[r + 1][c]):  # what most are
                    closed = edges[r][c] and edges[r + 1][c] and sides[c][r] and sides[c + 1][r]
                    regions.append(Region(r, c, 1, 1, closed, really[r][c], really[r + 1][c]))
                else:
                    regions += self._rectangles(_flood(r, c, label, right, below))
        regions.sort()
        return regions

    def _rectangles(self, cells: list[tuple[int, int]]) -> list[Region]:
        if len(cells) == 1:
            return [self._cell_region(*cells[0], 1, 1)]
        rows, cols = [r for r, _ in cells], [c for _, c in cells]
        r0, r1, c0, c1 = min(rows), max(rows), min(cols), max(cols)
        if (r1 - r0 + 1) * (c1 - c0 + 1) == len(cells):
            return [self._cell_region(r0, c0, r1 - r0 + 1, c1 - c0 + 1)]
        regions: list[Region] = []
        for r in range(r0, r1 + 1):
            here = sorted(c for row, c in cells if row == r)
            start = here[0] if here else 0
            for c, following in zip(here, [*here[1:], -1], strict=True):
                if following != c + 1:
                    regions.append(self._cell_region(r, start, 1, c - start + 1))
                    start = following
        return regions

    def _cell_region(self, row: int, col: int, rowspan: int, colspan: int) -> Region:
        bottom, right = row + rowspan, col + colspan
        above, below = self.across.is_drawn(row, col, right), self.across.is_drawn(bottom, col, right)
        beside = self.down.is_drawn(col, row, bottom) and self.down.is_drawn(right, row, bottom)
        really = self.really.is_drawn(row, col, right), self.really.is_drawn(bottom, col, right)
        return Region(row, col, rowspan, colspan, above and below and beside, *really)


def _flood(
    r: int, c: int, label: list[list[int]], right: list[list[bool]], below: list[list[bool]]
) -> list[tuple[int, int]]:
    """The elementary cells that no line parts from one."""
    height, width = len(label), len(label[0])
    label[r][c] = 1
    stack, cells = [(r, c)], []
    while stack:
        r, c = stack.pop()
        cells.append((r, c))
        beside = (
            (r, c + 1, c + 1 < width and not right[r][c]),
            (r, c - 1, c > 0 and not right[r][c - 1]),
            (r + 1, c, r + 1 < height and not below[r][c]),
            (r - 1, c, r > 0 and not below[r - 1][c]),
        )
        for row, col, free in beside:
            if free and label[row][col] < 0:
                label[row][col] = 1
                stack.append((row, col))
    return cells
