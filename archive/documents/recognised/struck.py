"""Figures that are struck out with a level stroke, and perhaps corrected beside: what counts of them, nobody can tell.

As ink they are read like others; so they are told by the stroke, which is longer than any of a digit and runs through
their middle.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_DARK = 165  # print is darker than this on white paper
_MIDDLE = 0.34, 0.64, 0.8  # of a figure's height, from above: no bar stands there; none but that of a 4
_LOW = 10  # pixels: strokes of lower figures cannot be told
_LONG, _LONGER = 0.68, 1.25  # heights of a figure: of a stroke where no digit has one; no digit is so broad
_SHORTEST = 6  # pixels of a stroke
_BARS = 0.9  # widths of a digit that a stroke is longer than the bars of fours side by side


def is_struck(line: Grey, text: str) -> bool:
    """Whether a stroke runs through the middle of a figure without a sign; ``line``: its box on the page."""
    high, wide = line.shape
    if not text[:1].isdigit() or high < _LOW:
        return False
    upper, bars, lower = (int(share * high) for share in _MIDDLE)
    dark = (line < _DARK).view(np.uint8)
    fours = max(len(run) for run in re.findall("4*", text))
    longer = max(_LONGER * high, (fours + _BARS) * wide / len(text))
    least = max(_SHORTEST, _LONG * high if text.isdigit() and not fours else _LONGER * high)
    return _runs(dark[upper : bars + 1], least) or _runs(dark[bars + 1 : lower], longer)


def _runs(dark: NDArray[np.uint8], least: float) -> bool:
    """Whether ink runs on level for so many pixels."""
    long = round(least)
    return (
        dark.size > 0
        and dark.shape[1] >= long
        and bool(cv2.erode(dark, np.ones((1, long), np.uint8), borderValue=0).any())
    )
