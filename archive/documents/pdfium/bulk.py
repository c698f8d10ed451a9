"""One function of pdfium asked about thousands of handles.

ctypes converts every argument of a call by its declared type, and that takes longer than what pdfium then does. So the
functions here declare none: their handles are made ready once (``ready``), the places for their answers are ready for
good, and only plain ints that fit a C int are converted.
"""

from __future__ import annotations

import ctypes
import struct
import threading
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from pypdfium2 import raw

from archive.documents.pdfium.library import Handle

_WORDS = 8_192  # of four bytes: places for the answers of one round

pointer: Callable[[Handle], Any] = ctypes.c_void_p.from_param  #: a handle as an argument of the functions here


def undeclared(name: str, result: Any) -> Callable[..., Any]:
    """A function of pdfium that takes handles made ready, and ints."""
    return ctypes.PYFUNCTYPE(result)(ctypes.cast(getattr(raw, name), ctypes.c_void_p).value or 0)


def ready(handles: Iterable[Handle]) -> list[Any]:
    """Handles as arguments of the functions here."""
    return list(map(pointer, handles))


class _Memory(threading.local):
    """Where answers are written, with its places as arguments."""

    def __init__(self) -> None:
        self._block = (ctypes.c_uint * _WORDS)()
        self.address = ctypes.addressof(self._block)
        self._places = ready(range(self.address, self.address + 4 * _WORDS, 4))
        self._chosen: dict[tuple[int, int], list[list[Any]]] = {}

    def places(self, width: int, pointers: int) -> list[list[Any]]:
        """The first ``pointers`` places of every ``width`` words."""
        chosen = self._chosen.get((width, pointers))
        if chosen is None:
            chosen = self._chosen[width, pointers] = [self._places[n::width] for n in range(pointers)]
        return chosen


_MEMORY = _Memory()


def answers(
    call: Callable[..., Any], count: int, width: int, pointers: int, *arguments: Iterable[Any]
) -> tuple[bytes, list[int]]:
    """Call ``count`` times with ``arguments`` and as many ``pointers`` to words for the answer, ``width`` words long.

    Gives all words, 0 where nothing was told, and what each call returned.
    """
    memory = _MEMORY
    places = memory.places(width, pointers)
    feeds = [iter(argument) for argument in arguments]
    words: list[bytes] = []
    returned: list[int] = []
    most = _WORDS // width
    for start in range(0, count, most):
        number = min(most, count - start)
        ctypes.memset(memory.address, 0, 4 * width * number)
        returned += map(call, *[islice(feed, number) for feed in feeds], *places)
        words.append(ctypes.string_at(memory.address, 4 * width * number))
    return words[0] if len(words) == 1 else b"".join(words), returned


def floats(words: bytes) -> tuple[float, ...]:
    """Answers that are floats."""
    return struct.unpack(f"{len(words) // 4}f", words)


def ints(words: bytes) -> tuple[int, ...]:
    """Answers that are unsigned ints."""
    return struct.unpack(f"{len(words) // 4}I", words)


page_object = undeclared("FPDFPage_GetObject", ctypes.c_size_t)
form_object = undeclared("FPDFFormObj_GetObject", ctypes.c_size_t)
object_type = undeclared("FPDFPageObj_GetType", ctypes.c_int)
object_matrix = undeclared("FPDFPageObj_GetMatrix", ctypes.c_int)
is_transparent = undeclared("FPDFPageObj_HasTransparency", ctypes.c_int)
fill_colour = undeclared("FPDFPageObj_GetFillColor", ctypes.c_int)
stroke_colour = undeclared("FPDFPageObj_GetStrokeColor", ctypes.c_int)
draw_mode = undeclared("FPDFPath_GetDrawMode", ctypes.c_int)
count_segments = undeclared("FPDFPath_CountSegments", ctypes.c_int)
segment_at = undeclared("FPDFPath_GetPathSegment", ctypes.c_size_t)
segment_point = undeclared("FPDFPathSegment_GetPoint", ctypes.c_int)
segment_type = undeclared("FPDFPathSegment_GetType", ctypes.c_int)
segment_closes = undeclared("FPDFPathSegment_GetClose", ctypes.c_int)
render_mode = undeclared("FPDFTextObj_GetTextRenderMode", ctypes.c_int)
unicode_of = undeclared("FPDFText_GetUnicode", ctypes.c_uint)
loose_box = undeclared("FPDFText_GetLooseCharBox", ctypes.c_int)
angle_of = undeclared("FPDFText_GetCharAngle", ctypes.c_float)
character_matrix = undeclared("FPDFText_GetMatrix", ctypes.c_int)
stroke_width = undeclared("FPDFPageObj_GetStrokeWidth", ctypes.c_int)
bounds_of = undeclared("FPDFPageObj_GetBounds", ctypes.c_int)
set_active = undeclared("FPDFPageObj_SetIsActive", ctypes.c_int)
clip_path = undeclared("FPDFPageObj_GetClipPath", ctypes.c_size_t)
count_clips = undeclared("FPDFClipPath_CountPaths", ctypes.c_int)
count_clip_segments = undeclared("FPDFClipPath_CountPathSegments", ctypes.c_int)
clip_segment = undeclared("FPDFClipPath_GetPathSegment", ctypes.c_size_t)
count_marks = undeclared("FPDFPageObj_CountMarks", ctypes.c_int)
mark_at = undeclared("FPDFPageObj_GetMark", ctypes.c_size_t)
mark_name = undeclared("FPDFPageObjMark_GetName", ctypes.c_int)
mark_kind_of = undeclared("FPDFPageObjMark_GetParamValueType", ctypes.c_int)
text_object = undeclared("FPDFText_GetTextObject", ctypes.c_size_t)
