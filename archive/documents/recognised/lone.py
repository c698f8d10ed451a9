"""The uprights of a row that stands by itself: between two rulings of one length, closed at both ends by an upright.

Such rows, left of a table over the end of a page, may be so low that their uprights are no longer than strokes of
letters. But in a closed frame no letter's stroke runs from ruling to ruling, and a heading between two tables stands in
none.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from archive.documents.ruled.page import Stroke

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_LONG = 10.0  # type heights: shorter rulings enclose no row of figures
_LOW, _HIGH = 0.5, 2.5  # type heights: how high such a row is
_LEAST = 12  # pixels of the same
_EVEN = 6  # pixels by which the ends of the two rulings differ
_EDGE = 3  # pixels of a row that are its rulings'
_WHOLE = 0.95  # share of an upright that is ink
_THIN = 0.2  # heights of the row: a broader upright is a bar
_PAPER, _BESIDE = 0.6, 8  # share of what is beside an upright that is paper, and pixels of it
_CORNER = 12  # pixels beyond a corner of the frame: the table does not go on there

Upright = tuple[int, int, int, int]  #: left, right, top, bottom in pixels, the second and last behind its end


def uprights(flat: Grey, level: Sequence[Stroke], type_size: float, ink: int) -> list[Upright]:
    """The uprights of rows that stand alone on a page; ``level``: its level rulings; ``ink`` is darker than this."""
    done: list[Upright] = []
    whole = sorted((s for s in level if s.end - s.start >= _LONG * type_size), key=lambda s: s.at)
    for above, below in itertools.pairwise(whole):
        high = below.at - above.at
        even = abs(above.start - below.start) <= _EVEN and abs(above.end - below.end) <= _EVEN
        if even and max(_LEAST, _LOW * type_size) <= high <= _HIGH * type_size:
            done += _closed(flat, above, below, ink)
    return done


def _closed(flat: Grey, above: Stroke, below: Stroke, ink: int) -> list[Upright]:
    """The uprights between two rulings, if there is one at each of their ends, and none of these runs on."""
    top, bottom = round(above.at), round(below.at) + 1
    left = max(0, round(min(above.start, below.start)) - _EDGE)
    right = round(max(above.end, below.end)) + _EDGE
    for rows in (slice(max(0, top - _CORNER), max(0, top - _EDGE)), slice(bottom + _EDGE, bottom + _CORNER)):
        for columns in (slice(left, left + 2 * _EVEN), slice(max(0, right - 2 * _EVEN), right)):
            if not (flat[rows, columns] >= ink).any(axis=0).all():
                return []
    dark = (flat[top + _EDGE : bottom - _EDGE, left:right] < ink).view(np.uint8)
    through = cv2.dilate(dark, np.ones((1, 3), np.uint8)).mean(axis=0) >= _WHOLE
    edges = np.flatnonzero(np.diff(np.concatenate([[False], through, [False]]).view(np.int8)))
    found = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        first, last = (start + 1, end - 1) if end - start > 2 else (start, end)  # without what was drawn out
        if last - first <= max(4.0, _THIN * (bottom - top)) and _is_apart(dark, first, last):
            found.append((left + first, left + last, top, bottom))
    return found if found and _at_ends(found, above, below) else []


def _is_apart(dark: NDArray[np.uint8], first: int, last: int) -> bool:
    """Whether mostly paper is on both sides of an upright: within a dark bar, letters leave such strokes too."""
    sides = dark[:, max(0, first - _BESIDE) : max(0, first - 1)], dark[:, last + 1 : last + _BESIDE]
    return all(not side.size or float(side.mean()) <= 1 - _PAPER for side in sides)


def _at_ends(found: Sequence[Upright], above: Stroke, below: Stroke) -> bool:
    """Whether the first upright and the last stand where both rulings start and end."""
    starts = max(abs(found[0][0] - s.start) for s in (above, below))
    ends = max(abs(found[-1][1] - s.end) for s in (above, below))
    return max(starts, ends) <= 2 * _EVEN
