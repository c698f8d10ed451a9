"""Rulings that strokes of a seal or a pen across them have hidden: pieces of them are missing within a grid.

Where those of other rows or columns go on through a merged cell, and ink runs through it from edge to edge, it is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from archive.documents.layout.page_layout import Ruling
from archive.documents.layout.ruled_grids import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_EDGE = 2  # pixels by which a ruling may stray, or others reach into its ends
_INKED, _THROUGH = 170, 0.92  # ink is darker than this; the share of a ruling's length that is ink


def find_crossed_rulings(flat: Grey, grids: Sequence[Grid], unit: float) -> tuple[list[Ruling], list[Ruling]]:
    """The pieces that are missing, across and down, in points. ``unit``: pixels of ``flat`` per point."""
    across: list[Ruling] = []
    down: list[Ruling] = []
    turned = flat.T
    for grid in grids:
        for region in grid.regions:
            left, right = grid.xs[region.col], grid.xs[region.col + region.colspan]
            top, bottom = grid.ys[region.row], grid.ys[region.row + region.rowspan]
            if region.rowspan == 1:
                inner = grid.xs[region.col + 1 : region.col + region.colspan]
                down += [Ruling(x, top, bottom) for x in inner if _is_inked(flat, x * unit, top * unit, bottom * unit)]
            if region.colspan == 1:
                inner = grid.ys[region.row + 1 : region.row + region.rowspan]
                across += [
                    Ruling(y, left, right) for y in inner if _is_inked(turned, y * unit, left * unit, right * unit)
                ]
    return across, down


def _is_inked(flat: Grey, at: float, start: float, end: float) -> bool:
    """Whether ink runs down a page at the column ``at``, from row to row."""
    first, last, middle = round(start) + _EDGE, round(end) - _EDGE, round(at)
    band = flat[first:last, max(0, middle - _EDGE) : middle + _EDGE + 1]
    return last - first > 3 * _EDGE and float((band.min(axis=1) < _INKED).mean()) >= _THROUGH
