"""pypdfium2 behind two functions. Only this module knows the library; it works on its raw interface for speed."""

from __future__ import annotations

import ctypes
import itertools
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from archive.documents.ruled.page import Glyph, RuledPage, Stroke, quarter, turned

Matrix = tuple[float, float, float, float, float, float]

_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_THIN = 3.0  # points; a filled shape no thicker is a drawn line
_STRAIGHT = 1.0  # points a line may lean
_SHORT = 0.3
MAX_SEGMENTS = 4_000  # of one path; more make a drawing
MAX_GLYPHS = 40_000  # on one page
MAX_STROKES = 60_000
MAX_OBJECTS = 60_000
MAX_FORMS = 8  # levels of forms within forms
_INVISIBLE_MODES = (3, 7)


class PdfError(Exception):
    """A PDF that does not open; ``reason`` is an ``unreadable`` code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@contextmanager
def opened(data: bytes) -> Iterator[Any]:
    """An open document; raises PdfError(``encrypted``, ``truncated`` or ``damaged``)."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code == raw.FPDF_ERR_PASSWORD or (b"/Encrypt" in data and "assword" in str(error)):
            raise PdfError("encrypted") from error
        if code == raw.FPDF_ERR_SECURITY:
            raise PdfError("encrypted") from error
        raise PdfError("truncated" if b"%%EOF" not in data[-2048:] else "damaged") from error
    try:
        yield document
    finally:
        document.close()


def page_of(document: Any, index: int) -> RuledPage | None:
    """Page ``index`` (from 0) as glyphs and strokes, or None if it is damaged."""
    try:
        page = document[index]
    except pdfium.PdfiumError:
        return None
    try:
        text = page.get_textpage()
    except pdfium.PdfiumError:
        page.close()
        return None
    try:
        return _read(page, text, index + 1)
    finally:
        text.close()
        page.close()


def _read(page: Any, text: Any, number: int) -> RuledPage:
    turn = _turn(text.raw)
    left, bottom, right, top = page.get_cropbox()
    (x0, y0), (x1, y1) = turned(left, bottom, turn), turned(right, top, turn)
    done = RuledPage(number, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1), turn)
    done.glyphs = list(_glyphs(text.raw, done))
    drawing = _Drawing(done, abs((right - left) * (top - bottom)))
    if done.glyphs:
        drawing.page(page.raw)
    else:
        drawing.images_only(page.raw)
    return done


def _turn(text: Any) -> int:
    """How most of the text runs, from a sample of its characters (pdfium counts angles clockwise)."""
    count = raw.FPDFText_CountChars(text)
    if count <= 0:
        return 0
    sample = range(0, count, max(1, count // 200))
    angles = Counter(
        quarter(-raw.FPDFText_GetCharAngle(text, i)) for i in sample if raw.FPDFText_GetUnicode(text, i) > 32
    )
    return angles.most_common(1)[0][0] if angles else 0


def _glyphs(text: Any, page: RuledPage) -> Iterator[Glyph]:
    """Printed characters inside the page, each once (bold type is often drawn twice)."""
    box = raw.FS_RECTF()
    reference = ctypes.byref(box)
    count = min(raw.FPDFText_CountChars(text), MAX_GLYPHS)
    page.cut = raw.FPDFText_CountChars(text) > MAX_GLYPHS
    get_unicode, get_box, turn = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox, page.turn
    seen: dict[tuple[str, int, int], tuple[float, float]] = {}
    spaced, high = False, 0
    for index in range(count):
        code = get_unicode(text, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
        high = 0
        character = chr(code) if 0 < code < 0x110000 else "\ufffd"
        if character.isspace() or character in "\u200b\ufeff\u00ad\x02":
            spaced = True
            if character == "\x02":  # pdfium's mark for a hyphen at a line's end
                character = "-"
            else:
                continue
        if not get_box(text, index, reference):
            continue
        (x0, y0), (x1, y1) = turned(box.left, box.bottom, turn), turned(box.right, box.top, turn)
        if x0 > x1:
            x0, x1 = x1, x0
        if y0 > y1:
            y0, y1 = y1, y0
        cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
        if not (page.left <= cx <= page.right and page.top <= cy <= page.bottom):
            continue
        key = (character, round(cx / 2), round(cy / 2))
        before = seen.get(key)
        if before is not None and abs(before[0] - cx) < 0.2 * (y1 - y0) and abs(before[1] - cy) < 0.2 * (y1 - y0):
            continue
        seen[key] = (cx, cy)
        yield Glyph(_plain(character), x0, y0, x1, y1, spaced)
        spaced = False


def _plain(character: str) -> str:
    """Radicals and compatibility forms that some fonts give in place of the ideograph (⼀ for 一)."""
    if "\u2e80" <= character <= "\u2fdf" or "\uf900" <= character <= "\ufaff":
        return unicodedata.normalize("NFKC", character)
    return character


class _Drawing:
    """Collects the straight lines of a page, through forms within forms."""

    def __init__(self, page: RuledPage, area: float) -> None:
        self._page = page
        self._area = max(area, 1.0)
        self._objects = 0
        self._text = self._unpainted = 0

    def page(self, handle: Any) -> None:
        """Everything drawn on the page."""
        count = raw.FPDFPage_CountObjects(handle)
        for index in range(count):
            self._object(raw.FPDFPage_GetObject(handle, index), _IDENTITY, 0)
        self._page.invisible = self._unpainted / self._text if self._text else 0.0

    def images_only(self, handle: Any) -> None:
        """Only how much of the page images cover."""
        self.page(handle)

    def _object(self, item: Any, outer: Matrix, level: int) -> None:
        self._objects += 1
        if self._objects > MAX_OBJECTS:
            self._page.cut = True
            return
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            self._path(item, _times(_matrix(item), outer))
        elif kind == raw.FPDF_PAGEOBJ_TEXT:
            self._text += 1
            self._unpainted += raw.FPDFTextObj_GetTextRenderMode(item) in _INVISIBLE_MODES
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            a, b, c, d, _, _ = _times(_matrix(item), outer)
            self._page.images += abs(a * d - b * c) / self._area
        elif kind == raw.FPDF_PAGEOBJ_FORM and level < MAX_FORMS:
            inner = _times(_matrix(item), outer)
            for index in range(raw.FPDFFormObj_CountObjects(item)):
                self._object(raw.FPDFFormObj_GetObject(item, index), inner, level + 1)

    def _path(self, item: Any, matrix: Matrix) -> None:
        count = raw.FPDFPath_CountSegments(item)
        if not 2 <= count <= MAX_SEGMENTS or len(self._page.horizontal) + len(self._page.vertical) > MAX_STROKES:
            return
        mode, stroked = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(item, mode, stroked)
        if not (mode.value or stroked.value):
            return
        lines = _polylines(item, count, matrix)
        if stroked.value and not _unseen(item):
            for points in lines:
                for start, end in itertools.pairwise(points):
                    self._stroke(start, end)
        elif mode.value:
            for points in lines:
                self._filled(points)

    def _stroke(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        (x0, y0), (x1, y1) = turned(*start, self._page.turn), turned(*end, self._page.turn)
        if abs(y0 - y1) <= _STRAIGHT and abs(x0 - x1) > _SHORT:
            self._page.horizontal.append(Stroke((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
        elif abs(x0 - x1) <= _STRAIGHT and abs(y0 - y1) > _SHORT:
            self._page.vertical.append(Stroke((x0 + x1) / 2, min(y0, y1), max(y0, y1)))

    def _filled(self, points: list[tuple[float, float]]) -> None:
        """A filled shape counts as a line if it is thin (a dot as a bit of both); larger ones are backgrounds."""
        if len(points) < 3:
            return
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
        if y1 - y0 <= _THIN:
            self._stroke((x0, (y0 + y1) / 2), (x1, (y0 + y1) / 2))
        if x1 - x0 <= _THIN:
            self._stroke(((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1))


def _polylines(item: Any, count: int, matrix: Matrix) -> list[list[tuple[float, float]]]:
    """The straight runs of a path, closed ones back to their start; curves break a run."""
    a, b, c, d, e, f = matrix
    x, y = ctypes.c_float(), ctypes.c_float()
    lines: list[list[tuple[float, float]]] = []
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        if not segment or not raw.FPDFPathSegment_GetPoint(segment, x, y):
            continue
        point = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind != raw.FPDF_SEGMENT_LINETO or not lines:
            lines.append([point])
        else:
            lines[-1].append(point)
        if raw.FPDFPathSegment_GetClose(segment) and len(lines[-1]) > 1:
            lines[-1].append(lines[-1][0])
    return lines


def _unseen(item: Any) -> bool:
    """Whether a path is stroked with a wholly transparent colour."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    return bool(raw.FPDFPageObj_GetStrokeColor(item, red, green, blue, alpha)) and alpha.value == 0


def _matrix(item: Any) -> Matrix:
    m = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(item, m):
        return _IDENTITY
    return (m.a, m.b, m.c, m.d, m.e, m.f)


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """First ``inner``, then ``outer``."""
    if outer is _IDENTITY:
        return inner
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)
