"""What seems a ruling in a tight table and is a column of letters: their uprights, one over the other in every row.

Where rows are hardly higher than their type, the strokes of 0, 1 or 口 in neighbouring rows run together with the
rulings between them, once noise is evened out along them. Looked at without that they leave paper beside each ruling
they seem to cross, and are no longer than a letter in between; a ruling, even a broken one, is neither.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.layout.page_layout import Ruling
from archive.documents.ocr.ruling_strokes import Span, StrokesOneWay, darkest_along, gaps_of, longest_ink, paper_gaps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_WHOLE = 0.05  # share of a stroke that may be paper: what has less is a ruling
_BESIDE = 6  # pixels from a ruling: gaps there are beside it
_ROW = 0.5  # type heights: rulings nearer to each other are the two edges of one
_LETTER = 1.2  # type heights: ink that runs on for longer is no letter's
_SURELY = 2.5  # type heights: a stroke so long without gaps is a ruling by which others are judged
_NEAR = 0.3  # type heights by which digits that fill their column may miss the rulings beside it
_MEETS = 4  # pixels by which the end of a stroke may miss the ruling it stands at
_MOSTLY = 0.5  # share of the rows in which a stroke is a letter's: then it is a column of letters


def _is_unbroken(gaps: NDArray[np.bool_]) -> bool:
    """Whether next to no paper shows through a stroke."""
    return float(gaps.mean()) <= _WHOLE if len(gaps) else False


def _ruled_parts(gaps: NDArray[np.bool_], crossings: Sequence[float], type_size: float) -> list[Span]:
    """The parts of a stroke that are no letters'.

    ``gaps``: see ``paper``; ``crossings``: where rulings cross the stroke, ascending, from its start.
    """
    whole = [(0, len(gaps))]
    if _is_unbroken(gaps):
        return whole
    edges = [round(place) for place in crossings]
    rows = [(a, b) for a, b in itertools.pairwise(edges) if b - a >= _ROW * type_size]
    if not rows:
        return whole
    letters = [_is_letter(_stroke_row(gaps, a, b), type_size) for a, b in rows]
    if not any(letters):
        return whole
    runs = [[row for row, _ in run] for letter, run in _runs(rows, letters) if not letter]
    if not runs:
        return []
    if sum(letters) < _MOSTLY * len(rows):
        runs = [[runs[0][0], runs[-1][-1]]]
    first, last = rows[0], rows[-1]
    return [
        (0 if run[0] == first else max(0, run[0][0]), len(gaps) if run[-1] == last else min(len(gaps), run[-1][1] + 1))
        for run in runs
    ]


def _stroke_row(gaps: NDArray[np.bool_], start: int, end: int) -> NDArray[np.bool_]:
    """A row of a stroke; what lies beyond its ends is paper."""
    before, behind = max(0, -start), max(0, end + 1 - len(gaps))
    return np.pad(gaps[max(0, start) : end + 1], (before, behind), constant_values=True)


def _runs(rows: Sequence[Span], letters: Sequence[bool]) -> list[tuple[bool, list[tuple[Span, bool]]]]:
    pairs = zip(rows, letters, strict=True)
    return [(letter, list(run)) for letter, run in itertools.groupby(pairs, key=lambda pair: pair[1])]


def _is_letter(row: NDArray[np.bool_], type_size: float) -> bool:
    """Whether a stroke, from one ruling to the next, leaves paper beside one of them and is as short as a letter's."""
    beside = max(_BESIDE, len(row) // 4)
    ends = any(start <= beside or end >= len(row) - beside for start, end in gaps_of(row))
    start, end = longest_ink(row)
    return ends and end - start <= _LETTER * type_size


def leave_out_letter_columns(flat: Grey, level: StrokesOneWay, upright: StrokesOneWay, type_size: float) -> None:
    """Leave out what letters of several rows, or of several columns, make with the rulings between them."""
    ways = ((level, flat), (upright, cast("Grey", cv2.transpose(flat))))
    gaps = [[paper_gaps(darkest_along(grey, part)) for part in way.parts] for way, grey in ways]
    sure = [
        [s for s, of_stroke in zip(way.strokes, own, strict=True) if _is_long(s, type_size) and _is_unbroken(of_stroke)]
        for (way, _), own in zip(ways, gaps, strict=True)
    ]
    for (way, _), own, others in zip(ways, gaps, reversed(sure), strict=True):
        strokes, parts = way.strokes, way.parts
        way.strokes, way.parts = [], []
        for stroke, part, of_stroke in zip(strokes, parts, own, strict=True):
            number, left, top, right, bottom = part
            for start, end in _ruled_parts(of_stroke, _crossings(stroke, others, type_size), type_size):
                kept = (start, end) == (0, right - left)
                way.strokes.append(stroke if kept else Ruling(stroke.at, float(left + start), float(left + end)))
                way.parts.append((number, left + start, top, left + end, bottom))


def _is_long(stroke: Ruling, type_size: float) -> bool:
    return stroke.end - stroke.start >= _SURELY * type_size


def _crossings(stroke: Ruling, others: Sequence[Ruling], type_size: float) -> list[float]:
    """Where rulings cross a stroke or end at it, from its start; those near the ends of a short one may be missed."""
    near = _MEETS if _is_long(stroke, type_size) else max(_MEETS, _NEAR * type_size)
    return sorted(
        other.at - stroke.start
        for other in others
        if stroke.start - near <= other.at <= stroke.end + near
        and other.start - _MEETS <= stroke.at <= other.end + _MEETS
    )
