"""Rows lower than their digits, which reach over the rulings above and below: what of them seems to be ruled.

The strokes of 0 over 0 run on from row to row as an upright ruling does, without paper beside the rulings they cross.
But no column is narrower than a digit, and none is there for a row or two of many.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from archive.documents.ruled.page import Stroke

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

LOW = 1.4  #: type heights: rows so low have no room for figures
_SAME, _NARROW = 0.25, 0.9  # type heights: strokes so near are two edges of one ruling; no column is so narrow
_FEW, _SHARE = 4, 3  # rows of a stroke that is a digit's, of so many times as many; more are a ruling's
_MEETS = 4  # pixels by which a stroke may miss the ruling it ends at
_INK, _MOSTLY = 165, 0.6  # ink is darker than this; share of a digit's other stroke that is ink


def strokes_of_digits(flat: Grey, uprights: Sequence[Stroke], levels: Sequence[Stroke], type_size: float) -> set[int]:
    """The numbers of the uprights in low rows that digits over each other make."""
    rows = [_rows(stroke, levels, type_size) for stroke in uprights]
    low = [at for at, own in enumerate(rows) if own and sorted(own)[len(own) // 2] <= LOW * type_size]
    gone = set()
    for at in low:
        stroke = uprights[at]
        beside = [other for other in uprights if other is not stroke and _overlap(stroke, other) >= min(rows[at])]
        near = [other for other in beside if _SAME * type_size < abs(other.at - stroke.at) < _NARROW * type_size]
        narrow = any(not _outreaches(stroke, other, type_size) for other in near)
        alone = not near and any(_outreaches(other, stroke, type_size) for other in beside)
        longest = max((other.end - other.start for other in beside), default=0.0)
        short = len(rows[at]) <= _FEW and _SHARE * (stroke.end - stroke.start) <= longest
        short = short and not any(_is_alike(stroke, other, type_size) for other in uprights if other is not stroke)
        if narrow or short or (alone and _is_inked_beside(flat, stroke, type_size)):
            gone.add(at)
    return gone


def _is_inked_beside(flat: Grey, stroke: Stroke, type_size: float) -> bool:
    """Whether the other stroke of a digit runs along beside one, though not as even as that."""
    rows = slice(round(stroke.start), round(stroke.end))
    near, far = (round(share * type_size) for share in (_SAME, _NARROW))
    at = round(stroke.at)
    sides = flat[rows, max(0, at - far) : max(0, at - near)], flat[rows, at + near : at + far]
    return any(side.size > 0 and float((side < _INK).mean(axis=0).max()) >= _MOSTLY for side in sides)


def _rows(stroke: Stroke, levels: Sequence[Stroke], type_size: float) -> list[float]:
    """How high the rows are through which an upright runs from ruling to ruling."""
    crossed = sorted(
        level.at
        for level in levels
        if stroke.start - _MEETS <= level.at <= stroke.end + _MEETS
        and level.start - _MEETS <= stroke.at <= level.end + _MEETS
    )
    return [lower - upper for upper, lower in itertools.pairwise(crossed) if lower - upper > _SAME * type_size]


def _overlap(one: Stroke, other: Stroke) -> float:
    return min(one.end, other.end) - max(one.start, other.start)


def _is_alike(one: Stroke, other: Stroke, type_size: float) -> bool:
    """Whether a stroke goes on in line with another, or ends with it on both sides: columns of a few rows, as those
    below each heading of the form's first table.
    """
    near = _SAME * type_size
    if abs(one.at - other.at) <= near:
        return True
    return abs(one.start - other.start) <= near and abs(one.end - other.end) <= near


def _outreaches(one: Stroke, other: Stroke, type_size: float) -> bool:
    """Whether a stroke goes on where the other has ended: a ruling beside the strokes of digits."""
    return one.start < other.start - type_size or one.end > other.end + type_size
