"""Several pages on one sheet: an open book, pages side by side, and rows of such below each other."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.recognised.engine import Found
from archive.documents.recognised.ruling_detection import Drawn, drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Spans = Sequence[tuple[float, float]]

PAIR = 2  #: pages of an open book
_UPRIGHT_PAGE = 0.707  # width of a page as a share of its height
_BROAD = 1.15  # times as broad as high: two upright pages
_FEW, _SIDE = 12, 4  # lines of text on all pages, and on those of each side
_OPEN = 0.06  # of a page's breadth: between the print of pages side by side
_ASIDE = 0.2  # of a page's breadth by which that may lie off
_WHOLE = 0.8  # of a picture's breadth: of a longer line is not asked whether it crosses
_APART = 0.04  # of a page's height: between the print of pages below each other
_OFF = 0.1  # of a page's height by which that may lie off
_FULL, _LINES = 0.6, 3  # of a page's breadth: a line of prose, or a ruling; such lines of pages on each side
_MOST = 8  # rows of pages


def gutter(flat: Grey, found: Sequence[Found]) -> int | None:
    """Where an open book is folded, or the first of several pages beside each other ends.

    A band where a page of the usual shape ends that nothing crosses: of two, in the middle of a broad picture.
    """
    height, width = flat.shape
    if width < _BROAD * height or len(found) < _FEW:
        return None
    spans = [(f.x0, f.x1) for f in found] + [(2 * s.start, 2 * s.end) for s in _half_drawn(flat).horizontal]
    if any(end - start > _WHOLE * width for start, end in spans):
        return None
    page = width / max(PAIR, pages_beside(flat))
    middle = _free(spans, page, _ASIDE * page, _OPEN * page)
    if middle is None:
        return None
    left = sum(f.x1 < middle for f in found)
    return middle if min(left, len(found) - left) >= _SIDE else None


def pages_beside(flat: Grey) -> int:
    """How many upright pages of the usual shape a picture is as broad as."""
    height, width = flat.shape[:2]
    return round(int(width) / int(height) / _UPRIGHT_PAGE)


def in_rows(flat: Grey, found: Sequence[Found]) -> list[tuple[slice, slice]]:
    """The pages, as rows and columns of the picture, of one as high as several rows of two side by side; else none.

    Nothing crosses the middle from top to bottom, both sides hold full lines, and nothing stands where each row ends. A
    table without rulings has figures on one side; one with rulings crosses the middle.
    """
    height, width = flat.shape
    page = width / PAIR
    rows = round(height * _UPRIGHT_PAGE / page)
    if not PAIR <= rows <= _MOST or len(found) < PAIR * _FEW:
        return []
    across = [(f.x0, f.x1) for f in found]
    if _free(across, page, _ASIDE * page, _OPEN * page) is None:
        return []
    lines = _half_drawn(flat)
    across += [(2 * s.start, 2 * s.end) for s in lines.horizontal]
    middle = _free(across, page, _ASIDE * page, _OPEN * page)
    if middle is None:
        return []
    full = [start < middle for start, end in across if end - start >= _FULL * page]
    if min(sum(full), len(full) - sum(full)) < _LINES:
        return []
    down = [(f.y0, f.y1) for f in found] + [(2 * s.start, 2 * s.end) for s in lines.vertical]
    high = height / rows
    ends = [_free(down, at * high, _OFF * high, _APART * high) for at in range(1, rows)]
    if None in ends:
        return []
    places = [0, *(end for end in ends if end is not None), height]
    sides = slice(0, middle), slice(middle, width)
    return [(slice(top, bottom), side) for top, bottom in itertools.pairwise(places) for side in sides]


def _half_drawn(flat: Grey) -> Drawn:
    """What is ruled on the page at half its size."""
    return drawn(cast("Grey", cv2.resize(flat, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)))


def _free(spans: Spans, at: float, off: float, least: float) -> int | None:
    """The middle of the longest stretch near a place that no span reaches into, if not shorter than ``least``."""
    first, last = int(at - off), int(at + off)
    taken = np.zeros(max(0, last - first), bool)
    for start, end in spans:
        taken[max(0, int(start) - first) : max(0, int(end) + 1 - first)] = True
    best, run = (0, 0), 0
    for place, full in enumerate(taken.tolist()):
        run = 0 if full else run + 1
        best = max(best, (run, place))
    return first + best[1] - best[0] // 2 if best[0] >= least else None
