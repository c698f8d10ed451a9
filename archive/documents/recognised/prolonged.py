"""Rulings that letters prolong: an upright stroke in line with one, between its last cell and the ruling beyond that.

So stands a letter of a heading that is squeezed between two tables, or of a label in a merged cell of a low row. Noise
evened out along the ruling makes them one. A letter leaves paper beside both rulings, or beside the last one of the
table; a ruling that is whole elsewhere does not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from archive.documents.recognised import tight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Paper = NDArray[np.bool_]

_WHOLE = 0.05  # share of the rest of a stroke that may be paper
_GAP = 2  # pixels of paper that are a gap
_BESIDE = 6  # pixels from a ruling, or a quarter of the row if that is more: a gap there is beside it
_ROW = 0.5  # type heights: rulings nearer to each other are the two edges of one
_FRAME = 0.7  # the same of the lines of a double one
_LETTER = 1.6  # type heights: ink that runs on for longer is no letter's, not even of a heading


def own_part(
    gaps: Paper, crossings: Sequence[float], type_size: float, in_text: Callable[[float], bool]
) -> tuple[int, int]:
    """Where a stroke starts and ends without the letters at its ends, along itself.

    ``gaps``: where paper shows through it; ``crossings``: where rulings cross it, ascending; ``in_text``: whether a
    place along it lies in a line of text.
    """
    edges, last = _edges(gaps, crossings), len(gaps) - 1
    whole = 0, len(gaps)
    if len(edges) < 2:
        return whole
    start = _own_start(gaps, edges, type_size, in_text)
    end = len(gaps) - _own_start(
        gaps[::-1], [last - edge for edge in reversed(edges)], type_size, lambda place: in_text(last - place)
    )
    rows = [
        gaps[a : b + 1]
        for a, b in itertools.pairwise(edges)
        if start <= a and b <= end and not _is_letters((a, b), gaps, type_size, in_text)
    ]
    if max(map(len, rows), default=0) <= _ROW * type_size or float(np.concatenate(rows).mean()) > _WHOLE:
        return whole
    return start, end


def _edges(gaps: Paper, crossings: Sequence[float]) -> list[int]:
    return [min(max(round(place), 0), len(gaps) - 1) for place in crossings]


def _is_letters(row: tuple[int, int], gaps: Paper, type_size: float, in_text: Callable[[float], bool]) -> bool:
    """Whether what stands between two rulings is a letter's."""
    first, last = row
    return in_text((first + last) / 2) and _is_letter(gaps[first : last + 1], type_size)


def has_no_own(gaps: Paper, crossings: Sequence[float], type_size: float, in_text: Callable[[float], bool]) -> bool:
    """Whether letters' strokes are all that stands between the rulings across a stroke, and seem to reach them."""
    edges = _edges(gaps, crossings)
    rows = [row for row in itertools.pairwise(edges) if row[1] - row[0] >= _ROW * type_size]
    return bool(rows) and all(_is_letters(row, gaps, type_size, in_text) for row in rows)


def _own_start(gaps: Paper, edges: Sequence[int], type_size: float, in_text: Callable[[float], bool]) -> int:
    """Where a stroke starts without the letters before it, and without what parts the lines of a double ruling."""
    start = 0
    if edges[0] >= _BESIDE:
        if not in_text(0) or not _is_letter(gaps[: edges[0] + 1], type_size, is_open=True):
            return 0
        start = edges[0]
    for first, last in itertools.pairwise(edges):
        row = gaps[first : last + 1]
        if last - first < _FRAME * type_size and tight.has_gap(row):
            start = last
        elif last - first < _ROW * type_size:
            continue
        elif _is_letters((first, last), gaps, type_size, in_text):
            start = last
        else:
            break
    return start


def _is_letter(row: Paper, type_size: float, *, is_open: bool = False) -> bool:
    """Whether ink as short as a letter's stroke stands in a row with paper before and behind it.

    ``is_open``: no ruling stands before the row, and no paper need be there.
    """
    beside = max(_BESIDE, len(row) // 4)
    runs = [(paper, len(list(run))) for paper, run in itertools.groupby(row.tolist())]
    places = list(itertools.accumulate((length for _, length in runs), initial=0))
    gaps = [(at, at + length) for (paper, length), at in zip(runs, places, strict=False) if paper]
    if not gaps or (gaps[0][0] > beside and not is_open) or gaps[-1][1] < len(row) - beside:
        return False
    outer = gaps[-1:] if is_open else [gaps[0], gaps[-1]]
    if max(end - start for start, end in outer) < _GAP:  # blurred, the narrower of the two may be less
        return False
    wide = [gap for gap in gaps if gap in outer or gap[1] - gap[0] >= _GAP]
    edges = [(0, 0), *wide] if is_open else wide
    return max((b[0] - a[1] for a, b in itertools.pairwise(edges)), default=0) <= _LETTER * type_size
