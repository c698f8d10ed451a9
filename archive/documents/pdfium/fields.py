"""What was typed into a PDF: values of form fields, and notes placed on the page as text."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

from pypdfium2 import raw

from archive.documents.layout.page_layout import Glyph, PageLayout, rotate_box
from archive.documents.pdfium import library
from archive.documents.pdfium.library import Handle

Box = tuple[float, float, float, float]

MAX_NOTES = 2_000  # on one page
MAX_UNITS = 4_000  # UTF-16 code units of one value
_UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_INVISIBLE | raw.FPDF_ANNOT_FLAG_NOVIEW
_TYPED = (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX)
_HARMLESS = (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP, raw.FPDF_ANNOT_FILEATTACHMENT)
_PAINTED = (  # which a viewer draws although the file does not, and which may change what is read
    raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_LINE, raw.FPDF_ANNOT_SQUARE, raw.FPDF_ANNOT_CIRCLE,
    raw.FPDF_ANNOT_POLYGON, raw.FPDF_ANNOT_POLYLINE, raw.FPDF_ANNOT_STRIKEOUT, raw.FPDF_ANNOT_STAMP,
    raw.FPDF_ANNOT_INK, raw.FPDF_ANNOT_REDACT, raw.FPDF_ANNOT_CARET,
)  # fmt: skip
_HIGHEST = 14.0  # points: no line of a value is taken to be higher

_P = ctypes.c_void_p
_count = library.fast("FPDFPage_GetAnnotCount", ctypes.c_int, _P)
_get = library.fast("FPDFPage_GetAnnot", ctypes.c_size_t, _P, ctypes.c_int)
_close = library.fast("FPDFPage_CloseAnnot", None, _P)
_subtype = library.fast("FPDFAnnot_GetSubtype", ctypes.c_int, _P)
_flags = library.fast("FPDFAnnot_GetFlags", ctypes.c_int, _P)
_rect = library.fast("FPDFAnnot_GetRect", ctypes.c_int, _P, _P)
_appearance = library.fast("FPDFAnnot_GetAP", ctypes.c_ulong, _P, ctypes.c_int, _P, ctypes.c_ulong)
_flatten = library.fast("FPDFPage_Flatten", ctypes.c_int, _P, ctypes.c_int)
_field_type = library.fast("FPDFAnnot_GetFormFieldType", ctypes.c_int, _P, _P)
_field_flags = library.fast("FPDFAnnot_GetFormFieldFlags", ctypes.c_int, _P, _P)
_field_value = library.fast("FPDFAnnot_GetFormFieldValue", ctypes.c_ulong, _P, _P, _P, ctypes.c_ulong)
_string = library.fast("FPDFAnnot_GetStringValue", ctypes.c_ulong, _P, ctypes.c_char_p, _P, ctypes.c_ulong)


@dataclass(frozen=True, slots=True)
class Note:
    """A field or a note that a viewer shows. ``text``: what was typed into it; ``box``: in points of the page.

    ``drawn``: the file draws it, else the viewer does, and may paint over what stands there.
    """

    text: str
    box: Box
    drawn: bool


def notes_on(page: Handle, form: Handle) -> list[Note]:
    """All that can be seen and may hold text or hide some."""
    done: list[Note] = []
    for index in range(min(_count(page), MAX_NOTES)):
        note = _get(page, index)
        if not note:
            continue
        try:
            if (kind := _subtype(note)) in _HARMLESS or _flags(note) & _UNSEEN:
                continue
            text = _text(note, kind, form)
            drawn = _appearance(note, raw.FPDF_ANNOT_APPEARANCEMODE_NORMAL, 0, 0) > 2
            floats = (ctypes.c_float * 4)()
            if (text or drawn or kind in _PAINTED) and _rect(note, ctypes.addressof(floats)):
                left, top, right, bottom = floats
                done.append(Note(text, (left, bottom, right, top), drawn))
        finally:
            _close(note)
    return done


def flattened(page: Handle) -> bool:
    """Make the notes that the file draws part of the page; it must be loaded anew then."""
    return bool(_flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS)


def add_note(page: PageLayout, note: Note) -> None:
    """Add what was typed, each line as one glyph in reading orientation, unless the page shows it already.

    Where it shows something else there, that is doubted.
    """
    x0, y0, x1, y1 = rotate_box(note.box, page.turn)
    there = [g for g in page.glyphs if x0 <= g.cx <= x1 and y0 <= g.cy <= y1]
    if note.drawn and _without_blanks("".join(g.text for g in there)) == _without_blanks(note.text):
        return
    typed = [] if note.drawn and there else _lines(note.text, (x0, y0, x1, y1))
    page.glyphs += typed
    if note.text or not note.drawn:
        page.doubted += there
    if typed and (there or note.drawn):
        page.doubted += typed


def _without_blanks(text: str) -> str:
    return "".join(text.split())


def _text(note: Handle, kind: int, form: Handle) -> str:
    buffer = (ctypes.c_ushort * (MAX_UNITS + 1))()
    at, size = ctypes.addressof(buffer), 2 * MAX_UNITS
    if kind == raw.FPDF_ANNOT_WIDGET and form and _field_type(form, note) in _TYPED:
        if _field_flags(form, note) & raw.FPDF_FORMFLAG_TEXT_PASSWORD:
            return ""
        value = _field_value(form, note, at, size)
    elif kind == raw.FPDF_ANNOT_FREETEXT:
        value = _string(note, b"Contents", at, size)
    else:
        return ""
    if not 2 < value <= size:
        return ""
    return bytes(buffer)[: value - 2].decode("utf-16-le", "replace").strip("\0 \r\n\t")


def _lines(text: str, box: Box) -> list[Glyph]:
    x0, y0, x1, y1 = box
    lines = [" ".join(line.split()) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    lines = [line for line in lines if line]
    if not lines or x1 <= x0 or y1 <= y0:
        return []
    step = min(_HIGHEST, (y1 - y0) / len(lines))
    first = (y0 + y1 - step * len(lines)) / 2
    return [Glyph(line, x0, first + n * step, x1, first + (n + 1) * step, spaced=True) for n, line in enumerate(lines)]
