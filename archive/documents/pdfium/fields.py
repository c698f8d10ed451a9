"""What was typed into a PDF: values of form fields, and notes placed on the page as text."""

from __future__ import annotations

import ctypes

from pypdfium2 import raw

from archive.documents.pdfium import library
from archive.documents.pdfium.library import Handle
from archive.documents.ruled.page import Glyph, turned_box

MAX_NOTES = 2_000  # on one page
MAX_UNITS = 4_000  # UTF-16 code units of one value
_UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_INVISIBLE | raw.FPDF_ANNOT_FLAG_NOVIEW
_TYPED = (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX)
_HIGHEST = 14.0  # points: no line of a value is taken to be higher

_P = ctypes.c_void_p
_count = library.fast("FPDFPage_GetAnnotCount", ctypes.c_int, _P)
_get = library.fast("FPDFPage_GetAnnot", ctypes.c_size_t, _P, ctypes.c_int)
_close = library.fast("FPDFPage_CloseAnnot", None, _P)
_subtype = library.fast("FPDFAnnot_GetSubtype", ctypes.c_int, _P)
_flags = library.fast("FPDFAnnot_GetFlags", ctypes.c_int, _P)
_rect = library.fast("FPDFAnnot_GetRect", ctypes.c_int, _P, _P)
_field_type = library.fast("FPDFAnnot_GetFormFieldType", ctypes.c_int, _P, _P)
_field_flags = library.fast("FPDFAnnot_GetFormFieldFlags", ctypes.c_int, _P, _P)
_field_value = library.fast("FPDFAnnot_GetFormFieldValue", ctypes.c_ulong, _P, _P, _P, ctypes.c_ulong)
_string = library.fast("FPDFAnnot_GetStringValue", ctypes.c_ulong, _P, ctypes.c_char_p, _P, ctypes.c_ulong)


def written_in(page: Handle, form: Handle, turn: int) -> list[Glyph]:
    """The lines of every visible value at its rectangle, each as one glyph in reading orientation."""
    done: list[Glyph] = []
    for index in range(min(_count(page), MAX_NOTES)):
        note = _get(page, index)
        if not note:
            continue
        try:
            text = _text(note, form)
            if text:
                done += _lines(note, text, turn)
        finally:
            _close(note)
    return done


def _text(note: Handle, form: Handle) -> str:
    kind = _subtype(note)
    if _flags(note) & _UNSEEN:
        return ""
    buffer = (ctypes.c_ushort * (MAX_UNITS + 1))()
    at, size = ctypes.addressof(buffer), 2 * MAX_UNITS
    if kind == raw.FPDF_ANNOT_WIDGET and form and _field_type(form, note) in _TYPED:
        if _field_flags(form, note) & raw.FPDF_FORMFLAG_TEXT_PASSWORD:
            return ""
        told = _field_value(form, note, at, size)
    elif kind == raw.FPDF_ANNOT_FREETEXT:
        told = _string(note, b"Contents", at, size)
    else:
        return ""
    if not 2 < told <= size:
        return ""
    return bytes(buffer)[: told - 2].decode("utf-16-le", "replace").strip("\0 \r\n\t")


def _lines(note: Handle, text: str, turn: int) -> list[Glyph]:
    floats = (ctypes.c_float * 4)()
    if not _rect(note, ctypes.addressof(floats)):
        return []
    left, top, right, bottom = floats
    x0, y0, x1, y1 = turned_box((left, bottom, right, top), turn)
    lines = [" ".join(line.split()) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    lines = [line for line in lines if line]
    if not lines or x1 <= x0 or y1 <= y0:
        return []
    step = min(_HIGHEST, (y1 - y0) / len(lines))
    first = (y0 + y1 - step * len(lines)) / 2
    return [Glyph(line, x0, first + n * step, x1, first + (n + 1) * step, spaced=True) for n, line in enumerate(lines)]
