"""Decide which of a line of labels each figure belongs to, along one axis.

A cell holds its label, so what stands beside a label is of it; what stands between two labels is of the one before or
of the one behind, and of the same one in the whole table, as figures and labels stand alike in all its cells.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Span = tuple[float, float]

SIDES = (0, 1)  #: before, behind
_OFF = 0.25  # of a label, by which an item beside it stands nearer to one of its ends
_SHARED = 0.3  # of an item that overlaps a label which is surely its own


@dataclass(frozen=True, slots=True)
class SideAssignment:
    """Which label each item has, and whether it stands beside that label or has a line drawn between it and others.

    ``side``: on which side of the others their labels are taken to be; None if there are no others.
    """

    labels: tuple[int, ...]
    sure: tuple[bool, ...]
    side: int | None = field(default=None, compare=False)


def assigned(items: Sequence[Span], labels: Sequence[Span], cuts: Sequence[float]) -> list[SideAssignment]:
    """The ways to give each item its label, in order and no label to two: none, one, or two if that is not certain.

    All are in ascending order; ``cuts``: lines drawn across the axis.
    """
    found: list[SideAssignment] = []
    for side in SIDES:
        way = assign_side(items, labels, cuts, side)
        if way is not None and way not in found:
            found.append(way)
    places = [_place(item, labels, cuts)[0] for item in items]
    if not found and len(items) == len(labels) and all(n in options for n, options in enumerate(places)):
        found.append(SideAssignment(tuple(range(len(labels))), tuple(len(options) == 1 for options in places)))
    return found


def assign_side(
    items: Sequence[Span], labels: Sequence[Span], cuts: Sequence[float], side: int
) -> SideAssignment | None:
    """Assign each item between two labels to the one before it (side 0) or behind it (1).

    None if that cannot be: an item has no label on that side, or lines drawn between others, or their places beside
    their labels, contradict it.
    """
    places = [_place(item, labels, cuts) for item in items]
    if any(not options for options, _ in places):
        return None
    sure = tuple(len(options) == 1 for options, _ in places)
    leans = {lean for _, lean in places if lean is not None}
    if not all(sure) and leans == {1 - side}:
        return None
    own = tuple(options[side if len(options) > 1 else 0] for options, _ in places)
    ordered = all(a < b for a, b in pairwise(own))
    inside = not own or (own[0] >= 0 and own[-1] < len(labels))
    return SideAssignment(own, sure, None if all(sure) else side) if ordered and inside else None


def _place(item: Span, labels: Sequence[Span], cuts: Sequence[float]) -> tuple[tuple[int, ...], int | None]:
    """The label of an item; or those before and behind it, perhaps beyond the first or last; none where lines forbid.

    With it the side on which that label is, where this is certain.
    """
    start, end = item
    middle = (start + end) / 2
    shared = [(min(end, b) - max(start, a), n) for n, (a, b) in enumerate(labels) if a < end and start < b]
    most, best = max(shared, default=(0.0, 0))
    if most > _SHARED * (end - start) or any(a <= middle <= b for a, b in labels):
        a, b = labels[best]
        off = middle - (a + b) / 2
        return (best,), None if abs(off) <= _OFF * (b - a) else int(off < 0)
    behind = bisect_right([(a + b) / 2 for a, b in labels], middle)
    before = behind - 1
    above = before >= 0 and any(labels[before][1] - 1 < cut < start + 1 for cut in cuts)
    below = behind < len(labels) and any(end - 1 < cut < labels[behind][0] + 1 for cut in cuts)
    if above and below:
        return (), None
    return ((behind,), 1) if above else ((before,), 0) if below else ((before, behind), None)
