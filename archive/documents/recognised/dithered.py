"""Grey that was printed or scanned as dots: where paper or shading is full of specks, they are taken away.

Pages made black and white by error diffusion have ten thousands of them, others some hundreds; dots on one line make
what passes for rulings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.recognised.components import components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_DARK = 205  # of 255: specks are darker
_BAND = 0.375, 0.625  # of the page's height: where they are looked for first
_MANY = 0.001  # specks per pixel: a page has a hundredth of it, or ten times as many
_NARROW, _LARGEST = 2, 0.1  # pixels of a speck's shorter side; type heights of the longer: points are thicker


def without_dots(flat: Grey, type_size: float) -> Grey:
    """The page without its specks where it is full of them; the same one where it is not."""
    height = flat.shape[0]
    band = flat[round(_BAND[0] * height) : round(_BAND[1] * height)]
    if len(_specks(band, type_size)[1]) < _MANY * band.size:
        return flat
    labels, specks = _specks(flat, type_size)
    gone = np.zeros(int(labels.max()) + 1, np.uint8)
    gone[specks] = 1
    held = gone[labels]
    kept = ((labels > 0) & (held == 0)).view(np.uint8)
    near = np.ones((3, 3), np.uint8)
    around = (cv2.dilate(held, near) > 0) & (cv2.dilate(kept, near) == 0)
    return cast("Grey", np.where((held > 0) | around, np.uint8(255), flat))


def _specks(flat: Grey, type_size: float) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """The numbers of all ink, pixel by pixel, and those of the specks."""
    found = components((flat < _DARK).view(np.uint8))
    sides = np.sort(found.stats[:, 2:4], axis=1)
    small = (sides[:, 0] <= _NARROW) & (sides[:, 1] <= _LARGEST * type_size)
    return found.labels, np.flatnonzero(small) + 1
