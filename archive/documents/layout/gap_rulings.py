"""Rulings that nobody drew: the gaps between filled boxes on a ground of another colour.

Many pages of public bodies rule their tables so: a black table, white cells a pixel apart.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from archive.documents.layout.page_layout import Ruling

Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in points

_LEAST = 0.1  # points: boxes no further apart touch
_MOST = 4.0  # points: a wider gap is no ruling
_FEWEST = 4  # boxes that make a table
_COVERED = 0.7  # share of the ground that they cover
_GROUNDS = 50  # on one page


def gap_rulings(boxes: Sequence[Box], colours: Sequence[object]) -> tuple[list[Ruling], list[Ruling]]:
    """The horizontal and the vertical rulings between filled boxes, given in the order in which they are painted.

    Where boxes reach the edge of their ground, as cells that go on over a page's end do, there is none.
    """
    horizontal: list[Ruling] = []
    vertical: list[Ruling] = []
    for ground, tiles in _tiled(boxes, colours):
        (down, near_x), (across, near_y) = _rulings_between(tiles, ground, 0), _rulings_between(tiles, ground, 1)
        if down and across and (near_x or near_y):
            vertical += down
            horizontal += across
    return horizontal, vertical


def _tiled(boxes: Sequence[Box], colours: Sequence[object]) -> Iterator[tuple[Box, list[Box]]]:
    """Each ground with the boxes that fill it but for the gaps between them."""
    looked = 0
    for n in range(len(boxes) - _FEWEST):
        ground, colour = boxes[n], colours[n]
        if colours[n + 1] == colour or not _within(boxes[n + 1], ground):
            continue
        tiles = [
            box
            for box, own in zip(boxes[n + 1 :], colours[n + 1 :], strict=True)
            if own != colour and _within(box, ground)
        ]
        if len(tiles) >= _FEWEST and _COVERED * _area(ground) <= sum(map(_area, tiles)) <= _area(ground):
            yield ground, tiles
        looked += 1
        if looked == _GROUNDS:
            return


def _rulings_between(tiles: Sequence[Box], ground: Box, axis: int) -> tuple[list[Ruling], bool]:
    """The rulings across ``axis`` (0: x, 1: y), and whether some part boxes; none if boxes touch: those are stripes.

    Where the ground shows wider than a ruling, a cell that spans rows was painted too short, or the next row went to
    the next page: at the edge of the ground the last row ends there all the same.
    """
    low, high, other = axis, axis + 2, 1 - axis
    begins = sorted({tile[low] for tile in tiles} | {ground[high]})
    ends = sorted({tile[high] for tile in tiles} | {ground[low]})
    rulings: list[Ruling] = []
    near = False
    for tile in tiles:
        before = ends[max(0, bisect_right(ends, tile[low] + _LEAST) - 1)]
        after = begins[min(bisect_left(begins, tile[high] - _LEAST), len(begins) - 1)]
        for edge, beyond, outer in ((tile[low], before, ground[low]), (tile[high], after, ground[high])):
            gap = abs(edge - beyond)
            if gap < _LEAST and beyond != outer:
                return [], False
            near = near or (gap <= _MOST and beyond != outer)
            if gap >= _LEAST and (gap <= _MOST or beyond == outer):
                at = (edge + beyond) / 2 if gap <= _MOST else edge
                rulings.append(Ruling(at, tile[other], tile[other + 2]))
    return rulings, near


def _within(box: Box, ground: Box) -> bool:
    return (
        box[0] >= ground[0] - _LEAST
        and box[1] >= ground[1] - _LEAST
        and box[2] <= ground[2] + _LEAST
        and box[3] <= ground[3] + _LEAST
    )


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
