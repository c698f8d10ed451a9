"""What seems a ruling in a tight table and is a column of letters: their uprights, one over the other in every row.

Where rows are hardly higher than their type, the strokes of 0, 1 or 口 in neighbouring rows run together with the
rulings between them, once noise is evened out along them. Looked at without that they leave paper beside each ruling
they seem to cross, and are no longer than a letter in between; a ruling, even a broken one, is neither.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WHOLE = 0.05  # share of a stroke that may be paper: what has less is a ruling
_GAP = 2  # pixels of paper that are a gap
_BESIDE = 6  # pixels from a ruling: gaps there are beside it
_ROW = 0.5  # type heights: rulings nearer to each other are the two edges of one
_LETTER = 1.2  # type heights: ink that runs on for longer is no letter's
_MOSTLY = 0.5  # share of the rows in which a stroke is a letter's: then it is a column of letters

Span = tuple[int, int]  #: where something starts and ends along a stroke, in pixels


def paper(darkest: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Where paper shows through a stroke; ``darkest``: of its pixels at each place along it."""
    if not len(darkest):
        return np.zeros(0, bool)
    return np.asarray(darkest > (255 + int(np.median(darkest))) // 2, dtype=bool)


def is_whole(gaps: NDArray[np.bool_]) -> bool:
    """Whether next to no paper shows through a stroke."""
    return float(gaps.mean()) <= _WHOLE if len(gaps) else False


def has_gap(gaps: NDArray[np.bool_]) -> bool:
    """Whether paper shows through a stroke somewhere, by more than a speck."""
    return bool(_gaps(gaps))


def longest_ink(gaps: NDArray[np.bool_]) -> Span:
    """Where the longest stretch without a gap starts, and the pixel behind its end."""
    edges = [-1, *(end for run in _gaps(gaps) for end in run), len(gaps)]
    return max(((edges[at] + 1, edges[at + 1]) for at in range(0, len(edges), 2)), key=lambda span: span[1] - span[0])


def length_of_ink(gaps: NDArray[np.bool_]) -> int:
    """Pixels of the longest stretch without a gap."""
    start, end = longest_ink(gaps)
    return end - start


def ruled(gaps: NDArray[np.bool_], crossings: Sequence[float], type_size: float) -> list[Span]:
    """The parts of a stroke that are no letters'.

    ``gaps``: see ``paper``; ``crossings``: where rulings cross the stroke, ascending, from its start.
    """
    whole = [(0, len(gaps))]
    if is_whole(gaps):
        return whole
    edges = [round(place) for place in crossings]
    rows = [(a, b) for a, b in itertools.pairwise(edges) if b - a >= _ROW * type_size]
    if not rows:
        return whole
    letters = [_is_letter(_between(gaps, a, b), type_size) for a, b in rows]
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


def _between(gaps: NDArray[np.bool_], start: int, end: int) -> NDArray[np.bool_]:
    """A row of a stroke; what lies beyond its ends is paper."""
    before, behind = max(0, -start), max(0, end + 1 - len(gaps))
    return np.pad(gaps[max(0, start) : end + 1], (before, behind), constant_values=True)


def _runs(rows: Sequence[Span], letters: Sequence[bool]) -> list[tuple[bool, list[tuple[Span, bool]]]]:
    pairs = zip(rows, letters, strict=True)
    return [(letter, list(run)) for letter, run in itertools.groupby(pairs, key=lambda pair: pair[1])]


def _is_letter(row: NDArray[np.bool_], type_size: float) -> bool:
    """Whether a stroke, from one ruling to the next, leaves paper beside one of them and is as short as a letter's."""
    beside = max(_BESIDE, len(row) // 4)
    ends = any(start <= beside or end >= len(row) - beside for start, end in _gaps(row))
    return ends and length_of_ink(row) <= _LETTER * type_size


def _gaps(gaps: NDArray[np.bool_]) -> list[Span]:
    """The gaps as first pixel and last."""
    padded = np.concatenate([[False], gaps, [False]]).astype(np.int8)
    steps = np.diff(padded)
    found = zip(np.flatnonzero(steps == 1).tolist(), np.flatnonzero(steps == -1).tolist(), strict=True)
    return [(start, end - 1) for start, end in found if end - start >= _GAP]
