"""Rulings that letters prolong: an upright stroke in line with one, between its last cell and the ruling beyond that.

So stands a letter of a heading that is squeezed between two tables, or of a label in a merged cell of a low row. Noise
evened out along the ruling makes them one. A letter leaves paper beside both rulings, or beside the last one of the
table; a ruling that is whole elsewhere does not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

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
_HEADING = 2.0  # the same where other strokes of the letter meet it
_HALF, _APART = 2, 3  # pixels: half of a ruling; of paper between it and ink that surely does not touch it


class Beside(NamedTuple):
    """What is known of the places along a stroke: whether one lies in a line of text (``in_text``), and not near the
    ends of that, where a ruling may stand beside it (``amid_text``); whether from one to another ink meets the stroke
    from its sides (``met``).
    """

    in_text: Callable[[float], bool]
    amid_text: Callable[[float], bool]
    met: Callable[[int, int], bool]

    def turned(self, last: int) -> Beside:
        """The same seen from the stroke's other end."""
        return Beside(
            lambda place: self.in_text(last - place),
            lambda place: self.amid_text(last - place),
            lambda start, end: self.met(last - end, last - start),
        )


def own_part(gaps: Paper, crossings: Sequence[float], type_size: float, beside: Beside) -> tuple[int, int]:
    """Where a stroke starts and ends without the letters at its ends, along itself.

    ``gaps``: where paper shows through it; ``crossings``: where rulings cross it, ascending.
    """
    places, last = [round(place) for place in crossings], len(gaps) - 1
    whole = 0, len(gaps)
    if len(places) < 2:
        return whole
    start = _own_start(gaps, places, type_size, beside)
    end = len(gaps) - _own_start(
        gaps[::-1], [last - place for place in reversed(places)], type_size, beside.turned(last)
    )
    rows = [
        gaps[max(a, 0) : b + 1]
        for a, b in itertools.pairwise(places)
        if start <= max(a, 0) and min(b, last) <= end and not _is_letters((a, b), gaps, type_size, beside)
    ]
    if max(map(len, rows), default=0) <= _ROW * type_size or float(np.concatenate(rows).mean()) > _WHOLE:
        return whole
    return start, end


def has_no_own(gaps: Paper, crossings: Sequence[float], type_size: float, beside: Beside) -> bool:
    """Whether letters' strokes amid text are all that stands between the rulings across a stroke.

    Near the ends of a line of text a stroke of one row that reaches neither ruling is a letter's all the same.
    """
    places = [round(place) for place in crossings]
    rows = [row for row in itertools.pairwise(places) if row[1] - row[0] >= _ROW * type_size]
    amid = beside._replace(in_text=beside.amid_text)
    if rows and all(_is_letters(row, gaps, type_size, amid) for row in rows):
        return True
    if len(places) != 2 or not beside.in_text(sum(places) / 2):
        return False
    row = _between(gaps, *places)
    ends = sorted(_widest(part) for part in _ends(row))
    return ends[0] >= _GAP and ends[1] >= _APART and _is_letter(row, type_size)


def _is_letters(row: tuple[int, int], gaps: Paper, type_size: float, beside: Beside) -> bool:
    """Whether what stands between two rulings is a letter's: within text, with paper beside both or, met by more
    strokes of the letter, beside one of them.
    """
    middle, between = sum(row) / 2, _between(gaps, *row)
    if not beside.in_text(middle):
        return False
    if _is_letter(between, type_size):
        return True
    apart = max(_widest(part) for part in _ends(between)) >= _APART
    return apart and _is_met((max(row[0], 0), min(row[1], len(gaps) - 1)), between, type_size, beside)


def _is_met(row: tuple[int, int], gaps: Paper, type_size: float, beside: Beside) -> bool:
    """Whether ink amid text, no longer than a letter of a heading is high, is met by other strokes."""
    short = tight.length_of_ink(gaps) <= _HEADING * type_size
    return short and beside.amid_text(sum(row) / 2) and beside.met(*row)


def _ends(row: Paper) -> tuple[Paper, Paper]:
    """What of a row stands beside its two rulings."""
    near = max(_BESIDE, len(row) // 4)
    return row[:near], row[-near:]


def _widest(gaps: Paper) -> int:
    """Places of the widest gap."""
    return max((len(list(run)) for paper, run in itertools.groupby(gaps.tolist()) if paper), default=0)


def _between(gaps: Paper, start: int, end: int) -> Paper:
    """A row of a stroke; what lies beyond its ends is paper, but for half of the ruling there."""
    before, behind = max(0, -start), max(0, end + 1 - len(gaps))
    row = np.pad(gaps[max(0, start) : end + 1], (before, behind), constant_values=True)
    row[: min(before, _HALF)] = False
    row[len(row) - min(behind, _HALF) :] = False
    return row


def _own_start(gaps: Paper, places: Sequence[int], type_size: float, beside: Beside) -> int:
    """Where a stroke starts without the letters before it, and without what parts the lines of a double ruling."""
    start = 0
    if places[0] >= _BESIDE:
        before = gaps[: places[0] + 1]
        if not beside.in_text(0) or not (
            _is_letter(before, type_size, is_open=True) or _is_met((0, places[0]), before, type_size, beside)
        ):
            return 0
        start = places[0]
    for first, last in itertools.pairwise(places):
        row = gaps[max(first, 0) : last + 1]
        if last - first < _FRAME * type_size and tight.has_gap(row):
            start = min(last, len(gaps) - 1)
        elif last - first < _ROW * type_size:
            continue
        elif _is_letters((first, last), gaps, type_size, beside):
            start = min(last, len(gaps) - 1)
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
