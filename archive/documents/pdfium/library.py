"""Opening a PDF, and pypdfium2's raw functions with plain numbers for handles: several times faster on every call."""

from __future__ import annotations

import atexit
import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import c_int, c_size_t, c_void_p
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from archive.documents.pdfium.substitute import box_font

Handle = int  # an address in pdfium; 0 is none


class PdfError(Exception):
    """A PDF that does not open; ``reason`` is an ``unreadable`` code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def fast(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A function of pdfium that takes addresses as numbers."""
    address = ctypes.cast(getattr(raw, name), c_void_p).value or 0
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


def address_of(handle: Any) -> Handle:
    """The address behind a handle of pypdfium2."""
    return ctypes.cast(handle, c_void_p).value or 0


load_page = fast("FPDF_LoadPage", c_size_t, c_void_p, c_int)
close_page = fast("FPDF_ClosePage", None, c_void_p)
load_text = fast("FPDFText_LoadPage", c_size_t, c_void_p)
close_text = fast("FPDFText_ClosePage", None, c_void_p)
count_objects = fast("FPDFPage_CountObjects", c_int, c_void_p)
form_count = fast("FPDFFormObj_CountObjects", c_int, c_void_p)
count_characters = fast("FPDFText_CountChars", c_int, c_void_p)
page_text = fast("FPDFText_GetText", c_int, c_void_p, c_int, c_int, c_void_p)
bounding_box = fast("FPDF_GetPageBoundingBox", c_int, c_void_p, c_void_p)
page_rotation = fast("FPDFPage_GetRotation", c_int, c_void_p)


@contextmanager
def opened(data: bytes) -> Iterator[Any]:
    """An open document; raises PdfError(``encrypted``, ``truncated`` or ``damaged``).

    While it is open, fonts that the file does not embed are not looked for on the machine: what is read must not depend
    on the fonts installed, and to look through them takes longer than all the rest.
    """
    with _FONTS.closed(), _fresh():
        try:
            document = pdfium.PdfDocument(data)
        except pdfium.PdfiumError as error:
            raise PdfError(_reason(data, error)) from error
        try:
            yield document
        finally:
            document.close()


@contextmanager
def drawn(data: bytes) -> Iterator[Any]:
    """An open document to draw pages of: fonts of the machine stand in for those the file does not embed.

    Raises PdfiumError.
    """
    with _fresh():
        document = pdfium.PdfDocument(data)
        try:
            yield document
        finally:
            document.close()


_open = 0


@contextmanager
def _fresh() -> Iterator[None]:
    """Pdfium as if it had read nothing before: what it keeps of the fonts of one file shows in the text of the next
    one, where that is damaged, and the same bytes must give the same reading.
    """
    global _open  # noqa: PLW0603 - the library is one for the whole process
    if not _open:
        raw.FPDF_DestroyLibrary()
        raw.FPDF_InitLibrary()
        _FONTS.put_in()
    _open += 1
    try:
        yield
    finally:
        _open -= 1


@contextmanager
def forms_of(document: Any) -> Iterator[Handle]:
    """A handle for the fields of an open document's form, or 0 if it has none. No script of it is run."""
    if raw.FPDF_GetFormType(document.raw) == raw.FORMTYPE_NONE:
        yield 0
        return
    filling = raw.FPDF_FORMFILLINFO()
    filling.version = 1
    form = raw.FPDFDOC_InitFormFillEnvironment(document.raw, filling)
    try:
        yield address_of(form) if form else 0
    finally:
        if form:
            raw.FPDFDOC_ExitFormFillEnvironment(form)


def _reason(data: bytes, error: pdfium.PdfiumError) -> str:
    code = getattr(error, "err_code", None)
    if code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY) or (b"/Encrypt" in data and "assword" in str(error)):
        return "encrypted"
    return "truncated" if b"%%EOF" not in data[-2048:] else "damaged"


_BOXES = 1  # stands for the font of boxes; pdfium's own fonts are addresses
_IDEOGRAPHIC = (128, 129, 134, 136)  # character sets: Japanese, Korean, simplified and traditional Chinese


class _Fonts:
    """What pdfium asks for fonts: hands on to its own way, unless closed."""

    def __init__(self) -> None:
        self._closed = 0
        self._boxes = box_font()
        self._own = raw.FPDF_GetDefaultSystemFontInfo().contents
        self._mapper: Any = None
        self._info = raw.FPDF_SYSFONTINFO()
        self._info.version = self._own.version
        self._kept: list[Any] = []
        for name, kind in raw.FPDF_SYSFONTINFO._fields_:
            if name != "version":
                callback = kind(getattr(self, f"_{name}", None) or self._handed_on(name))
                self._kept.append(callback)
                setattr(self._info, name, callback)
        self.put_in()
        atexit.register(raw.FPDF_SetSystemFontInfo, None)

    def put_in(self) -> None:
        """Let pdfium ask here; again each time it is started."""
        raw.FPDF_SetSystemFontInfo(self._info)

    @contextmanager
    def closed(self) -> Iterator[None]:
        self._closed += 1
        try:
            yield
        finally:
            self._closed -= 1

    def _handed_on(self, name: str) -> Callable[..., Any]:
        own = getattr(self._own, name)
        return lambda _, *arguments: own(self._own, *arguments)

    def _Release(self, _: Any) -> None:  # noqa: N802 - pdfium's name
        """Nothing: pdfium's own way outlives the document."""

    def _EnumFonts(self, _: Any, mapper: Any) -> None:  # noqa: N802
        """Put off until a font is really asked for."""
        self._mapper = mapper

    def _MapFont(self, _: Any, *arguments: Any) -> Any:  # noqa: N802
        if self._closed:
            return _BOXES if arguments[2] in _IDEOGRAPHIC else None
        if self._mapper is not None:
            self._own.EnumFonts(self._own, self._mapper)
            self._mapper = None
        return self._own.MapFont(self._own, *arguments)

    def _GetFont(self, _: Any, face: Any) -> Any:  # noqa: N802
        return None if self._closed else self._own.GetFont(self._own, face)

    def _GetFontData(self, _: Any, font: Any, table: int, buffer: Any, size: int) -> int:  # noqa: N802
        if font != _BOXES:
            return int(self._own.GetFontData(self._own, font, table, buffer, size))
        if table:
            return 0
        if buffer and size >= len(self._boxes):
            ctypes.memmove(buffer, self._boxes, len(self._boxes))
        return len(self._boxes)

    def _GetFaceName(self, _: Any, font: Any, buffer: Any, size: int) -> int:  # noqa: N802
        return 0 if font == _BOXES else int(self._own.GetFaceName(self._own, font, buffer, size))

    def _GetFontCharset(self, _: Any, font: Any) -> int:  # noqa: N802
        return 0 if font == _BOXES else int(self._own.GetFontCharset(self._own, font))

    def _DeleteFont(self, _: Any, font: Any) -> None:  # noqa: N802
        if font != _BOXES:
            self._own.DeleteFont(self._own, font)


_FONTS = _Fonts()
