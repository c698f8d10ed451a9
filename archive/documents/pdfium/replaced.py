"""Characters given in place of what is drawn (ActualText), within forms.

Pdfium places them where the drawn text stands in its form, not where the form is put on the page; all others it places
on the page. Programs give 一 or 行 so, where their glyph is that of a radical too.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from itertools import repeat

from pypdfium2 import raw

from archive.documents.pdfium import bulk, library
from archive.documents.pdfium.characters import Characters
from archive.documents.pdfium.drawing import IDENTITY, Matrix
from archive.documents.pdfium.library import Handle

Point = tuple[float, float]

_SAME = 0.01  # of a unit of the page: one point
_MOST_MARKS = 20  # of one text object that are looked at

_origin = library.fast("FPDFText_GetCharOrigin", ctypes.c_int, ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * 2)
_count_marks = library.fast("FPDFPageObj_CountMarks", ctypes.c_int, ctypes.c_void_p)
_mark = library.fast("FPDFPageObj_GetMark", ctypes.c_size_t, ctypes.c_void_p, ctypes.c_ulong)
_kind_of_value = library.fast("FPDFPageObjMark_GetParamValueType", ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)


def put_in_place(characters: Characters, text: Handle, forms: Mapping[Handle, Matrix]) -> None:
    """Move such characters to where their forms are. ``forms``: text objects in forms → matrix of the form."""
    begins = {item: begin for item, matrix in forms.items() if matrix != IDENTITY and (begin := _begin(item))}
    if not begins:
        return
    at = (ctypes.c_double * 2)()
    place = ctypes.addressof(at)
    for n, item in enumerate(map(bulk.text_object, repeat(bulk.pointer(text)), characters.indexes)):
        begin = begins.get(item)
        if begin is None or not _origin(text, characters.indexes[n], place, place + ctypes.sizeof(ctypes.c_double)):
            continue
        if abs(at[0] - begin[0]) < _SAME and abs(at[1] - begin[1]) < _SAME:
            _move(characters, n, forms[item])


def _begin(item: Handle) -> Point | None:
    """Where a text object begins in its form, if characters are given in place of it."""
    marks = (_mark(item, n) for n in range(min(_count_marks(item), _MOST_MARKS)))
    if not any(_kind_of_value(mark, b"ActualText") == raw.FPDF_OBJECT_STRING for mark in marks if mark):
        return None
    words, known = bulk.answers(bulk.object_matrix, 1, 6, 1, (bulk.pointer(item),))
    x, y = bulk.floats(words)[4:6]
    return (x, y) if known[0] else None


def _move(c: Characters, n: int, matrix: Matrix) -> None:
    a, b, d, e, f, g = matrix
    corners = [(x, y) for x in (c.left[n], c.right[n]) for y in (c.bottom[n], c.top[n])]
    xs, ys = [a * x + d * y + f for x, y in corners], [b * x + e * y + g for x, y in corners]
    c.left[n], c.bottom[n], c.right[n], c.top[n] = min(xs), min(ys), max(xs), max(ys)
