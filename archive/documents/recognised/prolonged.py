"""Rulings that letters prolong: an upright stroke in line with one, between its last cell and the ruling beyond that.

So stands a letter of a heading that is squeezed between two tables, or of a label in a merged cell of a low row. Noise
evened out along the ruling makes them one. A letter leaves paper beside both rulings; a ruling that is whole
elsewhere does not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Paper = NDArray[np.bool_]

_WHOLE = 0.05  # share of the rest of a stroke that may be paper
_GAP = 2  # pixels of paper that are a gap
_BESIDE = 6  # pixels from a ruling, or a quarter of the row if that is more: a gap there is beside it
_ROW = 0.5  # type heights: rulings nearer to each other are the two edges of one
_LETTER = 1.6  # type heights: ink that runs on for longer is no letter's, not even of a heading


def own_part(
    gaps: Paper, crossings: Sequence[float], type_size: float, in_text: Callable[[float], bool]
) -> tuple[int, int]:
    """Where a stroke starts and ends without the letters at its ends, along itself.

    ``gaps``: where paper shows through it; ``crossings``: where rulings cross it, ascending; ``in_text``: whether a
    place along it lies in a line of text.
    """
    edges = [round(place) for place in crossings]
    rows = [(a, b) for a, b in itertools.pairwise(edges) if b - a >= _ROW * type_size]
    start, end = 0, len(gaps)
    if len(rows) < 2:
        return start, end
    (first, inner), (outer, last) = rows[0], rows[-1]
    if first < _BESIDE and in_text((first + inner) / 2) and _is_letter(gaps[max(0, first) : inner + 1], type_size):
        start = inner
    if end - last < _BESIDE and in_text((outer + last) / 2) and _is_letter(gaps[outer : last + 1], type_size):
        end = min(end, outer + 1)
    whole = start < end and float(gaps[start:end].mean()) <= _WHOLE
    return (start, end) if whole else (0, len(gaps))


def _is_letter(row: Paper, type_size: float) -> bool:
    """Whether ink as short as a letter's stroke stands in a row with paper before and behind it."""
    beside = max(_BESIDE, len(row) // 4)
    runs = [(paper, len(list(run))) for paper, run in itertools.groupby(row.tolist())]
    places = list(itertools.accumulate((length for _, length in runs), initial=0))
    gaps = [(at, at + length) for (paper, length), at in zip(runs, places, strict=False) if paper and length >= _GAP]
    if not gaps or gaps[0][0] > beside or gaps[-1][1] < len(row) - beside:
        return False
    return max((b[0] - a[1] for a, b in itertools.pairwise(gaps)), default=0) <= _LETTER * type_size
