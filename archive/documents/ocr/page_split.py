"""Pages side by side in one picture, as of an open book: parted where nothing crosses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.ocr.engine import TextBox
from archive.documents.ocr.rulings import Rulings, detect_rulings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Matrix = NDArray[np.float64]
    Spans = Sequence[tuple[float, float]]

PAIR = 2  #: pages of an open book
_UPRIGHT_PAGE = 0.707  # width of a page as a share of its height
_BROAD = 1.15  # times as broad as high: two upright pages
_FEW, _SIDE = 12, 4  # lines of text on all pages, and on those of each side
_OPEN = 0.06  # of a page's breadth: between the print of pages side by side
_ASIDE = 0.2  # of a page's breadth by which that may lie off
_WHOLE = 0.8  # of a picture's breadth: of a longer line is not asked whether it crosses


def find_gutter(flat: Grey, text_boxes: Sequence[TextBox]) -> int | None:
    """Where an open book is folded, or the first of several pages beside each other ends.

    A band where a page of the usual shape ends that nothing crosses: of two, in the middle of a broad picture.
    """
    height, width = flat.shape
    if width < _BROAD * height or len(text_boxes) < _FEW:
        return None
    spans = [(f.x0, f.x1) for f in text_boxes] + [
        (2 * s.start, 2 * s.end) for s in _rulings_at_half_size(flat).horizontal
    ]
    if any(end - start > _WHOLE * width for start, end in spans):
        return None
    page = width / max(PAIR, pages_beside(flat))
    middle = _free(spans, page, _ASIDE * page, _OPEN * page)
    if middle is None:
        return None
    left = sum(f.x1 < middle for f in text_boxes)
    return middle if min(left, len(text_boxes) - left) >= _SIDE else None


def pages_beside(flat: Grey) -> int:
    """How many upright pages of the usual shape a picture is as broad as."""
    height, width = flat.shape[:2]
    return round(int(width) / int(height) / _UPRIGHT_PAGE)


def _rulings_at_half_size(flat: Grey) -> Rulings:
    """What is ruled on the page at half its size."""
    return detect_rulings(cast("Grey", cv2.resize(flat, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)))


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


def part_of(flat: Grey, back: Matrix, rows: slice, columns: slice) -> tuple[Grey, Matrix]:
    """A part of a page; the second leads from its pixels to those of the file."""
    shift = np.array([[1, 0, columns.start or 0], [0, 1, rows.start or 0], [0, 0, 1.0]])
    return np.ascontiguousarray(flat[rows, columns]), back @ shift
