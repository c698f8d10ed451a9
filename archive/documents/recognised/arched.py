"""Rulings told from pieces of a seal's ring, which for the height of a row or two runs nearly straight.

Such a piece is drawn with a broader line than the rulings of its page, and it is bent or leans. Rulings bend too where
the page does, but then they are long, and as thin as others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_SHORT = 8.0  # type heights: no ring runs nearly straight for so long
_BROAD = 1.4  # times as thick as the rulings of the page
_LEANS, _BENT = 0.015, 0.7  # pixels per pixel, and pixels that the middle strays from a straight line


class Shape(NamedTuple):
    """A stroke: its length and thickness in pixels, how it leans, how far its middle strays from a straight line."""

    length: float
    thick: float
    slope: float
    rough: float


def arcs(shapes: Sequence[Shape], type_size: float) -> set[int]:
    """Which strokes of one direction are pieces of rings."""
    if not shapes:
        return set()
    order = sorted((shape.thick, shape.length) for shape in shapes)
    upto = np.cumsum([length for _, length in order])
    usual = order[int(np.searchsorted(upto, upto[-1] / 2))][0]
    return {
        at
        for at, shape in enumerate(shapes)
        if shape.length < _SHORT * type_size
        and shape.thick >= _BROAD * usual
        and (abs(shape.slope) > _LEANS or shape.rough > _BENT)
    }
