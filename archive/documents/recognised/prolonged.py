"""Rulings that letters prolong: an upright stroke in line with one, between its last cell and the ruling beyond that,
or where no ruling is.

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
    if not rows:
        return start, end
    first, last = max(0, rows[0][0]), min(end, rows[-1][1])
    if first >= _BESIDE and in_text(first / 2) and _is_letter(gaps[: first + 1], type_size, open_before=True):
        start = first
    if end - last >= _BESIDE and in_text((last + end) / 2) and _is_letter(gaps[last:], type_size, open_behind=True):
        end = last + 1
    while len(rows) > 1 and rows[0][0] < start + _BESIDE and _is_letters_row(gaps, rows[0], type_size, in_text):
        start = rows.pop(0)[1]
    while len(rows) > 1 and rows[-1][1] > end - _BESIDE and _is_letters_row(gaps, rows[-1], type_size, in_text):
        end = rows.pop()[0] + 1
    whole = start < end and float(gaps[start:end].mean()) <= _WHOLE
    return (start, end) if whole else (0, len(gaps))


def _is_letters_row(gaps: Paper, row: tuple[int, int], type_size: float, in_text: Callable[[float], bool]) -> bool:
    return in_text((row[0] + row[1]) / 2) and _is_letter(gaps[max(0, row[0]) : row[1] + 1], type_size)


def _is_letter(row: Paper, type_size: float, *, open_before: bool = False, open_behind: bool = False) -> bool:
    """Whether ink as short as a letter's stroke stands in a row with paper before and behind it.

    ``open_before``, ``open_behind``: no ruling ends the row there, and none of paper need be.
    """
    beside = max(_BESIDE, len(row) // 4)
    runs = [(paper, len(list(run))) for paper, run in itertools.groupby(row.tolist())]
    places = list(itertools.accumulate((length for _, length in runs), initial=0))
    gaps = [(at, at + length) for (paper, length), at in zip(runs, places, strict=False) if paper]
    if not gaps or (gaps[0][0] > beside and not open_before) or (gaps[-1][1] < len(row) - beside and not open_behind):
        return False
    outer = [*(() if open_before else gaps[:1]), *(() if open_behind else gaps[-1:])]
    if max(end - start for start, end in outer) < _GAP:  # blurred, the narrower of the two may be less
        return False
    wide = [gap for gap in gaps if gap in outer or gap[1] - gap[0] >= _GAP]
    edges = [*([(0, 0)] if open_before else ()), *wide, *([(len(row), len(row))] if open_behind else ())]
    return max((b[0] - a[1] for a, b in itertools.pairwise(edges)), default=0) <= _LETTER * type_size
