"""What is left of a table's rulings where a row of it stands by itself, over the end of a page: bars, read as 1.

The row is too low for its uprights to be known as rulings. But they stand where those of its table stand, side by side,
all as high, at the first and the last of them; no figures of a row do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from archive.documents.recognised.ink import Ink

if TYPE_CHECKING:
    from numpy.typing import NDArray

_THIN, _HIGH = 0.2, (0.5, 2.5)  # type heights: how broad a bar is at most; how high a row may be
_NEAR = 2  # pixels by which bars miss the rulings of their table, and each other's ends
_PAPER = 255


def without_bars(ink: Ink, tables: Sequence[tuple[Sequence[float], Sequence[float]]]) -> Ink:
    """The print without such bars. ``tables``: where the rulings of each stand, across and down, in pixels."""
    top, width, height = (ink.parts[:, at] for at in (1, 2, 3))
    slim = (width <= max(3.0, _THIN * ink.type_size)) & (height >= _HIGH[0] * ink.type_size)
    bars = np.flatnonzero(slim & (height <= _HIGH[1] * ink.type_size))
    if len(bars) < 2:
        return ink
    gone = np.zeros(len(ink.parts), bool)
    for xs, ys in tables:
        outside = (top[bars] >= ys[-1]) | (top[bars] + height[bars] <= ys[0])
        gone[_at_rulings(ink.parts, bars[outside], xs)] = True
    if not gone.any():
        return ink
    for x, y, wide, high in ink.parts[gone, :4].tolist():
        ink.flat[y : y + high, x : x + wide] = _PAPER
    return Ink(ink.flat, ink.parts[~gone], ink.type_size)


def _at_rulings(parts: NDArray[np.int32], bars: NDArray[np.int64], xs: Sequence[float]) -> list[int]:
    """The bars, by number, of rows that have one at the first and at the last upright of a table."""
    middle = parts[bars, 0] + parts[bars, 2] / 2
    off = np.abs(middle[:, None] - np.asarray(xs)[None])
    at, held = off.argmin(axis=1), off.min(axis=1) <= _NEAR
    found: list[int] = []
    for first in np.flatnonzero(held & (at == 0)).tolist():
        ends = np.abs(parts[bars, 1] - parts[bars[first], 1]) <= _NEAR
        ends &= np.abs(parts[bars, 1] + parts[bars, 3] - parts[bars[first], 1] - parts[bars[first], 3]) <= _NEAR
        row = held & ends
        if (at[row] == len(xs) - 1).any():
            found += bars[row].tolist()
    return found
