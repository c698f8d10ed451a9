"""Connected ink with its measures. OpenCV takes these of every pixel of the page; ink is a small part of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SORTED_FAST = 1 << 16  # numpy sorts 16-bit numbers by counting


@dataclass(frozen=True, slots=True)
class Components:
    """Connected pixels (8 neighbours). ``labels``: the number of each pixel, from 1, 0 for none.

    ``stats``: left, top, width, height, area of number n in row n - 1; ``middles``: the mean row of its pixels.
    """

    labels: NDArray[np.int32]
    stats: NDArray[np.int32]
    middles: NDArray[np.float64]


def components(mask: NDArray[np.uint8]) -> Components:
    """What is connected in ``mask`` (0 is the ground)."""
    count, found = cv2.connectedComponents(mask, connectivity=8)
    labels = cast("NDArray[np.int32]", found)
    places = np.flatnonzero(mask != 0)
    if not len(places):
        return Components(labels, np.zeros((0, 5), np.int32), np.zeros(0))
    numbers = labels.ravel()[places]
    order = np.argsort(numbers.astype(np.uint16) if count <= _SORTED_FAST else numbers, kind="stable")
    places = places[order]
    rows, columns = np.divmod(places, labels.shape[1])
    area = np.bincount(numbers, minlength=count)[1:]
    start = np.concatenate([[0], np.cumsum(area)[:-1]])
    top, bottom = rows[start], rows[start + area - 1]  # in order of rows within a number
    left, right = np.minimum.reduceat(columns, start), np.maximum.reduceat(columns, start)
    stats = np.stack([left, top, right - left + 1, bottom - top + 1, area], axis=1).astype(np.int32)
    return Components(labels, stats, np.add.reduceat(rows, start) / area)
