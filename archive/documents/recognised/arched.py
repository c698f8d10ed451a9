"""Rulings told from pieces of a seal's ring, which for the height of a row or two runs nearly straight.

Such a piece is drawn with a broader line than the rulings of its page, and it is bent or leans. Rulings bend too where
the page does, but then they are long, and as thin as others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

SHORT = 8.0  #: type heights: no ring runs nearly straight for so long
_BROAD = 1.4  # times as thick as the rulings of the page
_LEANS, _BENT = (
    0.06,
    0.028,
)  # type heights by which its ends stand aside; by which its middle strays from a straight line


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
    usual = float(np.median([shape.thick for shape in shapes]))
    return {
        at
        for at, shape in enumerate(shapes)
        if shape.length < SHORT * type_size
        and shape.thick >= _BROAD * usual
        and max(abs(shape.slope) * shape.length / _LEANS, shape.rough / _BENT) > type_size
    }
