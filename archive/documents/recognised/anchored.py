"""Which strokes are rulings: long ones, and short ones that run from ruling to ruling as the edges of cells do.

The strokes of letters are no longer than a letter and end in the paper, or at other letters' strokes (口, 目). A short
stroke is therefore believed only where it is fixed at rulings already believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.uint8]

_LONG = 10.0  # type heights: no letters run together into a stroke so long
_LONG_HELD = 5.0, 3.0  # the same of a stroke, level or upright, one end of which is fixed
_REACH = 0.15  # type heights that the end of a stroke may stay away from what it is fixed at
_LEAST_REACH = 3  # pixels of the same
_BROKEN_GAP = 0.35  # type heights: pieces of one line no further apart are one stroke
_PIECE = 1.5  # type heights: shorter pieces may be a letter's stroke that stands where a ruling ends
_OVERHANG = 1.2  # type heights: what runs on so far beyond the last ruling across may be such a stroke
_ACROSS, _BEYOND = 3, 0.5  # rulings that an upright stroke crosses, and type heights by which it ends beyond those
_SPREAD, _COVERED = 20.0, 0.75  # type heights over which pieces on one line are a broken ruling, if they cover so much
_OPEN_AT = 4  # rulings that end where no ruling crosses them: there the table goes on
_ONE_LINE = 1.5  # pixels by which the pieces of one line differ
_ROUNDS = 4  # short strokes fixed at short strokes, and so on

Span = tuple[float, float, float]  #: where a stroke is across itself, where it starts and ends along itself, in pixels


def length_trusted(spans: Sequence[Span], type_size: float) -> NDArray[np.bool_]:
    """Which strokes of one direction are rulings by their length alone, with the pieces on their line."""
    done = np.zeros(len(spans), bool)
    order = sorted(range(len(spans)), key=lambda i: spans[i][0])
    first = 0
    for last in range(1, len(order) + 1):
        if last < len(order) and spans[order[last]][0] - spans[order[last - 1]][0] <= _ONE_LINE:
            continue
        line = sorted(order[first:last], key=lambda i: spans[i][1])
        _trust(line, spans, type_size, done)
        first = last
    return done


def _trust(line: Sequence[int], spans: Sequence[Span], type_size: float, done: NDArray[np.bool_]) -> None:
    """Mark the strokes of one line, from left to right, that are long together."""
    whole = spans[line[-1]][2] - spans[line[0]][1]
    inked = sum(spans[i][2] - spans[i][1] for i in line)
    if whole >= _SPREAD * type_size and inked >= _COVERED * whole:
        done[list(line)] = True
        return
    line = [i for i in line if spans[i][2] - spans[i][1] >= _PIECE * type_size]
    if not line:
        return
    run = [line[0]]
    for index in [*line[1:], None]:
        if index is not None and spans[index][1] - spans[run[-1]][2] <= _BROKEN_GAP * type_size:
            run.append(index)
            continue
        if spans[run[-1]][2] - spans[run[0]][1] >= _LONG * type_size:
            done[run] = True
        if index is not None:
            run = [index]


def fixed_ends(span: Span, thick: float, across: Mask, type_size: float) -> int:
    """How many ends of a stroke (0–2) are at rulings, or at the edge of the picture.

    ``across``: 1 where a ruling of the other direction is; rows along ``span[0]``, columns along the stroke.
    """
    reach = max(_LEAST_REACH, round(_REACH * type_size))
    at, start, end = (round(v) for v in span)
    top, bottom = max(0, at - round(thick / 2) - reach), at + round(thick / 2) + reach + 1
    count = 0
    for place in (start, end):
        paper = place <= reach or place >= across.shape[1] - 1 - reach
        if paper or across[top:bottom, max(0, place - reach) : place + reach + 1].any():
            count += 1
    return count


def runs_across(span: Span, thick: float, across: Mask, type_size: float) -> bool:
    """Whether a stroke crosses several rulings and ends just beyond the first and the last of them.

    There the rest of a seal, a pen or a speck stands on the end of a ruling between cells; no letter's stroke crosses
    so many. ``across`` as in ``fixed_ends``.
    """
    at, start, end = (round(v) for v in span)
    top, bottom = max(0, at - round(thick / 2)), at + round(thick / 2) + 1
    crossed = np.flatnonzero(across[top:bottom, max(0, start) : end + 1].any(axis=0))
    if not len(crossed) or 1 + int((np.diff(crossed) > 1).sum()) < _ACROSS:
        return False
    beyond = max(float(crossed[0]), float(end - max(0, start) - crossed[-1]))
    return end - start >= _LONG_HELD[1] * type_size and beyond <= _BEYOND * type_size


def without_overhang(
    span: Span, thick: float, across: Mask, type_size: float, ends: Sequence[float]
) -> tuple[float, float]:
    """Where a ruling starts and ends without the letters' strokes that it runs into beyond the rulings across it.

    ``ends``: where all rulings of its direction start and end. Where several end, the table is open.
    """
    reach = max(_LEAST_REACH, round(_REACH * type_size))
    at, start, end = span
    top, bottom = max(0, round(at - thick / 2) - reach), round(at + thick / 2) + reach + 1
    crossed = np.flatnonzero(across[top:bottom, max(0, round(start)) : round(end) + 1].any(axis=0))
    if not len(crossed):
        return start, end
    first, last = max(0, round(start)) + int(crossed[0]), max(0, round(start)) + int(crossed[-1])

    def open_at(place: float) -> bool:
        return sum(abs(other - place) <= _LEAST_REACH for other in ends) >= _OPEN_AT

    if reach < first - start <= _OVERHANG * type_size and not open_at(start):
        start = float(first)
    if reach < end - last <= _OVERHANG * type_size and not open_at(end):
        end = float(last)
    return start, end


def held(fixed: int, length: float, type_size: float, *, upright: bool) -> bool:
    """Whether a stroke of this length is a ruling, so many of its ends being at rulings."""
    return fixed == 2 or (fixed == 1 and length >= _LONG_HELD[upright] * type_size)


ROUNDS = _ROUNDS
