"""Pages whose drawing costs more than it can tell: hundreds of thousands of lines across all of the page, an image that
is painted thousands of times.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

from archive.documents.pdfium import bulk, library
from archive.documents.pdfium.drawing import Box, Image, Matrix, Way, bounds_of, matrix_of, times

MOST = 10_000.0  #: ways across its page (width and height) that may be drawn on it: two seconds of computing
_OF_ONE = 20  # segments of one path cost as much as a path of its own
_SAMPLED = 200  # segments of a path whose lengths are looked at

_FEW = 50  # images of a page that may be as large as they like
_PIXELS = 2_000_000_000  #: of the images of a page, each as often as it is painted: two seconds of computing

_size = library.fast("FPDFImageObj_GetImagePixelSize", ctypes.c_int, *[ctypes.c_void_p] * 3)


def are_costly(images: Sequence[Image]) -> bool:
    """Whether the images of a page are too much to be drawn: each is gone through whenever it is painted."""
    if len(images) <= _FEW:
        return False
    size = (ctypes.c_uint * 2)()
    at = ctypes.addressof(size)
    pixels = 0
    for image in images:
        pixels += size[0] * size[1] if _size(image.handle, at, at + 4) else 0
        if pixels > _PIXELS:
            return True
    return False


def is_costly(ways: list[Way], unseen: float, frame: Box) -> bool:
    """Whether the paths of a page are too much to be drawn; there are ``unseen`` times as many as ``ways``."""
    across = (frame[2] - frame[0]) + (frame[3] - frame[1])
    length = sum(min(_extent(handle, outer), across) for handle, _, outer in ways) * unseen
    long = ((handle, size, outer) for handle, size, outer in ways if size > _SAMPLED)
    length += sum(min(_segment(handle, size, outer), across) * size for handle, size, outer in long) / _OF_ONE
    return length > MOST * across


def _extent(handle: Any, outer: Matrix) -> float:
    left, bottom, right, top = bounds_of(handle, outer)
    return (right - left) + (top - bottom)


def _segment(handle: Any, size: int, outer: Matrix) -> float:
    """About how long the segments of a path are, from some of them."""
    a, b, c, d, _, _ = times(matrix_of(handle), outer)
    step = size // _SAMPLED
    starts = range(0, size - 1, step)
    begins, ends = (_points(handle, range(first, size, step)[: len(starts)]) for first in (0, 1))
    length = 0.0
    for (x0, y0), (x1, y1) in zip(begins, ends, strict=True):
        length += abs(a * (x1 - x0) + c * (y1 - y0)) + abs(b * (x1 - x0) + d * (y1 - y0))
    return length / len(starts)


def _points(handle: Any, numbers: range) -> list[tuple[float, float]]:
    segments = bulk.ready(bulk.segment_at(handle, number) for number in numbers)
    values = bulk.floats(bulk.answers(bulk.segment_point, len(segments), 2, 2, segments)[0])
    return list(zip(values[0::2], values[1::2], strict=True))
