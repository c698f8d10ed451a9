"""Text set from top to bottom (Word's and WPS' 三、本年度办理结果 beside its rows): the size its characters have.

The box that pdfium tells of such a character has the size of its font before the text's matrix makes that smaller: 199
points for the 10 that are printed.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence

from pypdfium2 import raw

from archive.documents.pdfium import library
from archive.documents.pdfium.library import Handle

_LARGE = 1.5  # times the height of the middle one of a page's characters: looked at
_OFF = 1.3  # times: no type is so much larger than its size

Box = tuple[float, float, float, float]

_matrix = library.fast("FPDFText_GetMatrix", ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_size = library.fast("FPDFText_GetFontSize", ctypes.c_double, ctypes.c_void_p, ctypes.c_int)
_ink = library.fast("FPDFText_GetCharBox", ctypes.c_int, ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * 4)
_DOUBLE = ctypes.sizeof(ctypes.c_double)


def large(heights: Sequence[float], ordered: Sequence[float]) -> list[int]:
    """The places of the heights that are far above the middle one. ``ordered``: the heights from the least on."""
    high = _LARGE * ordered[len(ordered) // 2] if ordered else 0.0
    return [at for at, height in enumerate(heights) if height > high] if ordered and ordered[-1] > high else []


def printed_box(text: Handle, index: int, box: Box) -> Box | None:
    """The box (left, bottom, right, top in points) of a character whose ``box`` is larger than its type.

    None where it is not, or where nothing is told of it.
    """
    matrix = raw.FS_MATRIX()
    if not _matrix(text, index, ctypes.addressof(matrix)):
        return None
    size = _size(text, index) * math.hypot(matrix.c, matrix.d)
    sides = (ctypes.c_double * 4)()  # left, right, bottom, top of its ink
    places = [ctypes.addressof(sides) + at * _DOUBLE for at in range(4)]
    if not size or box[3] - box[1] <= _OFF * size or not _ink(text, index, *places):
        return None
    left, right, bottom, top = sides
    if max(right - left, top - bottom) > _OFF * size:
        return None  # it is as large: the units of a Type 3 font are its own
    x, y = (left + right) / 2, (bottom + top) / 2
    if box[2] - box[0] <= _OFF * size:  # a font that leaves much room above and below: its advance is true
        return box[0], y - size / 2, box[2], y + size / 2
    return x - size / 2, y - size / 2, x + size / 2, y + size / 2
