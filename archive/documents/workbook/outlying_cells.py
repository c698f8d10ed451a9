"""What stands far from all else in a sheet: one entry in its last row makes a rectangle that no memory holds.

What stands together is read, and the places of the rest are told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from archive.documents.workbook.sheet_facts import MAX_AREA, Place

_ROWS, _COLUMNS = 1_000, 200  # empty ones, side by side, that part what is no one table nor text
NEAR = 100_000  # places of a rectangle in which nothing is taken to stand far from the rest


def together(rows: Mapping[int, Collection[int]]) -> tuple[range, range] | None:
    """Rows and columns of the rectangle around what stands together, where most is; None if it has too many places.

    ``rows``: by number the columns that hold anything, in no order. What stands further up or down is taken in, the
    nearer first, as long as the rectangle keeps its bound.
    """
    across = max(_runs(Counter(col for cols in rows.values() for col in cols), _COLUMNS), key=_weight)[0]
    held = Counter({row: count for row, cols in rows.items() if (count := sum(col in across for col in cols))})
    runs = list(_runs(held, _ROWS))
    fullest = max(range(len(runs)), key=lambda at: _weight(runs[at]))
    down = runs[fullest][0]
    most = MAX_AREA // len(across)
    if len(down) > most:
        return None
    above, below = runs[:fullest], runs[:fullest:-1]  # the nearest last
    while above or below:
        up = down.start - above[-1][0].stop if above else None
        side = below if up is None or (below and below[-1][0].start - down.stop < up) else above
        run = side.pop()[0]
        wider = range(min(down.start, run.start), max(down.stop, run.stop))
        if len(wider) <= most:
            down = wider
        else:
            side.clear()
    return down, across


def outside(rows: Mapping[int, Collection[int]], kept: tuple[range, range]) -> list[Place]:
    """The places that do not stand in a rectangle, from the top."""
    down, across = kept
    return [(row, col) for row in sorted(rows) for col in sorted(rows[row]) if row not in down or col not in across]


def _runs(counts: Mapping[int, int], gap: int) -> Iterator[tuple[range, int]]:
    """Numbers with fewer than ``gap`` missing between each and the next, as ranges, and what is counted in each."""
    numbers = sorted(counts)
    begin = 0
    for at in range(1, len(numbers) + 1):
        if at == len(numbers) or numbers[at] - numbers[at - 1] > gap:
            run = numbers[begin:at]
            yield range(run[0], run[-1] + 1), sum(map(counts.__getitem__, run))
            begin = at


def _weight(run: tuple[range, int]) -> tuple[int, int]:
    """By what is counted in it; of equals the first."""
    return run[1], -run[0].start
