"""Merged ranges of a sheet: what they span, and what lies under them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from archive.documents.workbook.sheet_facts import Place

_TALL, _BROAD = 2_000, 200  # rows and columns of a merged range that may mean it
_COVERED = 400_000  # places under merged ranges


def merged_ranges(
    ranges: Iterable[tuple[Place, Place]], end: Place
) -> tuple[dict[Place, tuple[int, int]], Mapping[int, set[int]]]:
    """Height and width by corner of ranges from corner to corner, and by row the columns they cover but for that one.

    ``end``: the last row and column that hold anything; ranges of whole columns or rows end there. Of ranges that
    overlap the first is taken.
    """
    merged: dict[Place, tuple[int, int]] = {}
    covered: defaultdict[int, set[int]] = defaultdict(set)
    places = 0
    for (top, left), (bottom, right) in ranges:
        height = (bottom if bottom - top < _TALL else min(bottom, end[0])) + 1 - top
        width = (right if right - left < _BROAD else min(right, end[1])) + 1 - left
        if height < 1 or width < 1 or height * width == 1 or places > _COVERED:
            continue
        across = range(left, left + width)
        first = covered[top]
        if first and not first.isdisjoint(across):
            continue
        if height > 1:  # few are
            below = [covered[row] for row in range(top + 1, top + height)]
            if not all([under.isdisjoint(across) for under in below]):  # noqa: C419 — a generator takes twice as long
                continue
            for under in below:
                under.update(across)
        if width > 1:
            first.update(across[1:])
        places += height * width - 1
        merged[top, left] = (height, width)
    return merged, covered
