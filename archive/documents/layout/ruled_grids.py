"""Turn rulings into grids of merged cells.

Rulings come in pieces (one per cell, dashes, thin rectangles), slightly displaced, and may stop at a page's end. So
pieces on one line are joined, and where lines extend beyond the last ruling across them, their ends count as an edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import NamedTuple

from archive.documents.layout.page import Box, RuledLine

SAME_LINE = 2.5  # points: rulings no further apart are the same line
MAX_GAP = 3.0  # points: a larger gap ends a line
TOUCH = 3.0  # points: the largest gap between two lines that still meet
MIN_CELL = 6.0  # points: two lines closer than this are the borders of adjacent cells, not a cell
OPEN_END = 5.0  # points: lines that extend further beyond the last ruling show an edge without a ruling
MAX_LINES = 400  # joined lines of each direction
MAX_SQUARES = 20_000  # of one grid


class Region(NamedTuple):
    """A cell of a grid: its position and spans."""

    row: int
    col: int
    rowspan: int
    colspan: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid of cells. ``xs``, ``ys``: its lines, ascending; ``regions``: its cells in reading order."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    regions: tuple[Region, ...]

    @property
    def box(self) -> Box:
        """Return the box of the whole grid."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def box_of(self, region: Region) -> Box:
        """Return the box of one cell."""
        right, bottom = region.col + region.colspan, region.row + region.rowspan
        return self.xs[region.col], self.ys[region.row], self.xs[right], self.ys[bottom]


def find_grids(horizontal: Sequence[RuledLine], vertical: Sequence[RuledLine]) -> list[Grid]:
    """Return all grids of at least two cells, from top to bottom."""
    grids: list[Grid] = []
    for rows, cols in _connected_groups(join_rulings(horizontal), join_rulings(vertical)):
        grid = _make_grid(rows, cols)
        if grid is not None and len(grid.regions) > 1:
            grids.append(grid)
    return sorted(grids, key=lambda grid: (grid.ys[0], grid.xs[0]))


def join_rulings(pieces: Sequence[RuledLine]) -> list[RuledLine]:
    """Join pieces on nearly one line with almost no gap; return the MAX_LINES longest lines, without mere dots."""
    joined: list[RuledLine] = []
    for level in _levels(pieces):
        at = sum(piece.at for piece in level) / len(level)
        level.sort(key=lambda piece: piece.start)
        start, end = level[0].start, level[0].end
        for piece in level:
            if piece.start > end + MAX_GAP:
                joined.append(RuledLine(at, start, end))
                start, end = piece.start, piece.end
            end = max(end, piece.end)
        joined.append(RuledLine(at, start, end))
    joined.sort(key=lambda line: line.start - line.end)
    return [line for line in joined[:MAX_LINES] if line.end - line.start > TOUCH]


def _levels(pieces: Sequence[RuledLine]) -> list[list[RuledLine]]:
    """Group parallel pieces by position, so that the pieces of a group are on nearly one line."""
    levels: list[list[RuledLine]] = []
    for piece in sorted(pieces):
        near = levels and piece.at - levels[-1][-1].at <= SAME_LINE / 2 and piece.at - levels[-1][0].at <= SAME_LINE
        if near:
            levels[-1].append(piece)
        else:
            levels.append([piece])
    return levels


def _connected_groups(across: list[RuledLine], down: list[RuledLine]) -> list[tuple[set[RuledLine], set[RuledLine]]]:
    """Return each group of lines that are connected with each other: (horizontal, vertical); one line is no group."""
    groups: list[tuple[set[RuledLine], set[RuledLine]]] = []
    for v in down:
        rows, cols = {h for h in across if _meet(h, v)}, {v}
        met = [group for group in groups if not rows.isdisjoint(group[0])]
        rows, cols = rows.union(*(group[0] for group in met)), cols.union(*(group[1] for group in met))
        groups = [*(group for group in groups if rows.isdisjoint(group[0])), (rows, cols)]
    lone = [v for rows, cols in groups if not rows for v in cols]
    tables = [(rows, cols) for rows, cols in groups if rows and len(rows) + len(cols) > 2]
    for _, cols in tables:  # no ruling meets the outer edge beside a merged cell as high as its page
        top, bottom = min(c.start for c in cols), max(c.end for c in cols)
        cols.update(c for c in lone if abs(c.start - top) <= TOUCH and abs(c.end - bottom) <= TOUCH)
    return tables


def _meet(h: RuledLine, v: RuledLine) -> bool:
    return h.start - TOUCH <= v.at <= h.end + TOUCH and v.start - TOUCH <= h.at <= v.end + TOUCH


def _make_grid(rows: set[RuledLine], cols: set[RuledLine]) -> Grid | None:
    """Return the grid of rulings that touch (``rows`` horizontal, ``cols`` vertical); None if it would have no cell, or
    too many. Where rulings extend beyond the last one across them, their ends count as an edge of the grid.
    """
    top, bottom = min(c.start for c in cols), max(c.end for c in cols)
    first, last = min(r.at for r in rows), max(r.at for r in rows)
    left, right = min(c.at for c in cols), max(c.at for c in cols)
    start, end = min(left, *(r.start for r in rows)), max(right, *(r.end for r in rows))
    low, high = min(top, first), max(bottom, last)
    rows |= {RuledLine(at, start, end) for at in (top, bottom) if at < first - OPEN_END or at > last + OPEN_END}
    cols |= {RuledLine(at, low, high) for at in (start, end) if at < left - OPEN_END or at > right + OPEN_END}
    xs, ys = _grid_lines(cols), _grid_lines(rows)
    if len(xs) < 2 or len(ys) < 2 or (len(xs) - 1) * (len(ys) - 1) > MAX_SQUARES:
        return None
    regions = _regions(_drawn_stretches(ys, rows, xs), _drawn_stretches(xs, cols, ys))
    return Grid(tuple(xs), tuple(ys), tuple(regions))


def _grid_lines(lines: Iterable[RuledLine]) -> list[float]:
    """Return the ascending positions of the lines, without lines that are too close to the one before for a cell."""
    places: list[float] = []
    for line in sorted(lines):
        if not places or line.at - places[-1] > MIN_CELL:
            places.append(line.at)
    return places


def nearest_index(places: Sequence[float], at: float) -> int:
    """Return the index of the number nearest to ``at``, of two the first."""
    return min(range(len(places)), key=lambda number: abs(places[number] - at))


def _drawn_stretches(grid_lines: list[float], rulings: Iterable[RuledLine], crossings: list[float]) -> list[list[bool]]:
    """Return for each grid line, and each stretch of it between two crossing lines, whether rulings cover half of it;
    else the cells on both sides are one. ``rulings``: parallel to the grid lines; others: ascending.
    """
    stretches = list(pairwise(crossings))
    covered = [[0.0] * len(stretches) for _ in grid_lines]
    for at, start, end in rulings:
        row = covered[nearest_index(grid_lines, at)]
        for number, (before, after) in enumerate(stretches):
            if start < after and end > before:
                row[number] += min(after, end) - max(before, start)
    return [
        [part >= (after - before) / 2 for part, (before, after) in zip(row, stretches, strict=True)] for row in covered
    ]


def _regions(edges: list[list[bool]], sides: list[list[bool]]) -> Iterator[Region]:
    """Yield cells: squares without a line between them are merged, unless together they are not a rectangle.
    ``edges``, ``sides``: of each horizontal, each vertical grid line, whether each of its stretches is drawn.
    """
    height, width = len(edges) - 1, len(sides) - 1
    used_squares: set[tuple[int, int]] = set()
    for row, col in product(range(height), range(width)):
        if (row, col) in used_squares:
            continue
        right = next((c for c in range(col + 1, width) if sides[c][row]), width)
        bottom = next((r for r in range(row + 1, height) if edges[r][col]), height)
        rows, cols = range(row, bottom), range(col, right)
        is_parted = any(sides[c][r] for r in rows for c in cols[1:]) or any(edges[r][c] for r in rows[1:] for c in cols)
        is_closed = all(sides[c][r] for r in rows for c in (col, right) if 0 < c < width) and all(
            edges[r][c] for r in (row, bottom) if 0 < r < height for c in cols
        )
        if is_parted or not is_closed:
            rows, cols = rows[:1], cols[:1]
        used_squares.update(product(rows, cols))
        yield Region(row, col, len(rows), len(cols))
