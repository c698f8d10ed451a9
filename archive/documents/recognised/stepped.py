"""Type in steps: screens that smooth nothing show letters of whole pixels, black or white, as no print has them.

Recognition was taught by print. Smoothed a little it reads such letters better; their digits are told by their pixels
as well (``matched``), for which the picture stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_BLACK, _WHITE = 80, 190  # between them are the greys of smoothed edges
_STEPPED = 0.05  # of the black: smoothed type has three times as much grey, or more
_SMOOTH = 0.5  # pixels


def is_stepped(flat: Grey) -> bool:
    """Whether next to nothing of a picture is grey: a screenshot of type that is not smoothed, packed or not."""
    black = int((flat < _BLACK).sum())
    grey = int((flat < _WHITE).sum()) - black
    return black > 0 and grey < _STEPPED * black


def smoothed(flat: Grey, times: int) -> Grey:
    """The picture larger, its steps smoothed."""
    large = cv2.resize(flat, None, fx=times, fy=times, interpolation=cv2.INTER_NEAREST)
    return cast("Grey", cv2.GaussianBlur(large, (0, 0), _SMOOTH * times))
