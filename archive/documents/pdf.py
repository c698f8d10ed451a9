"""PDF → Document: characters and rulings through pdfium; pages and pictures without text become images."""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from statistics import median
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from archive.documents.layout.page import WHITE, Box, Drawing, Glyph, Matrix, Page, Point, cut_path, span
from archive.documents.layout.page_joining import collect_pages
from archive.documents.model import Document, Image, Limits, Locator, UnreadableError

MAX_PAGE_CHARACTERS = 40_000
MAX_PAGE_OBJECTS = 50_000
MAX_FORM_DEPTH = 8  # of forms within each other
MAX_COVERS = 300  # filled boxes of a page: of more it is not asked what each covers, but looked at all text
MAX_SEGMENTS = 400  # of one path: a drawing has more
SEGMENTS_OF_BOX = 5
STEPS = {raw.FPDF_SEGMENT_MOVETO: "M", raw.FPDF_SEGMENT_LINETO: "L"}
EVERYWHERE = (-math.inf, -math.inf, math.inf, math.inf)
DOWNWARDS = Matrix(d=-1.0)  # pdfium counts y upwards
MIN_READABLE = 0.7  # of a page's characters that are Chinese, Latin or usual punctuation
IMAGE_DPI = 200
CHECK_SCALE = 2.0  # pixels for a point where it is checked whether text can be seen
MIN_CONTRAST = 40  # of 255: less cannot be seen
HYPHENS = (0x02, 0xFFFE)  # what pdfium gives for a hyphen at a line's end
LARGE_BOX = 3.0  # times the usual height: the box of a character is looked at


def open_pdf(data: bytes, limits: Limits) -> Document:
    """Read a PDF. Raises UnreadableError."""
    with _opened(data) as source:

        def read_page(number: int) -> Page | None:
            try:
                return _read_page(source, number, limits)
            except pdfium.PdfiumError:
                return None

        return collect_pages("pdf", len(source), read_page, _title(source), limits)


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    try:
        source = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise UnreadableError("encrypted") from error
        raise UnreadableError("damaged" if b"%%EOF" in data[-2048:] else "truncated") from error
    try:
        source.init_forms()
        yield source
    finally:
        source.close()


@contextmanager
def opened_page(data: bytes, index: int) -> Iterator[Any]:
    """Open page ``index`` (from 0), to be drawn. Raises ValueError with a reason."""
    with _opened(data) as source:
        if not 0 <= index < len(source):
            raise ValueError(f"there is no page {index + 1}")
        try:
            page = source[index]
        except pdfium.PdfiumError as error:
            raise ValueError(f"page {index + 1} is damaged") from error
        try:
            yield page
        finally:
            page.close()


def page_image(data: bytes, index: int, pixels: int) -> bytes:
    """Return page ``index`` (from 0) as it is shown, as an image file. Raises ValueError with a reason."""
    with opened_page(data, index) as page:
        return _render(page, pixels)


def shown_box(page: Any, box: Sequence[float] | None) -> Box:
    """Return where a box of the page (left, bottom, right, top in its points), or all of it, stands when it is shown.

    In points from the left upper corner.
    """
    width, height = page.get_size()
    if box is None:
        return 0.0, 0.0, width, height
    fine = 1_000  # units of a point: pdfium answers in whole numbers
    across, down = ctypes.c_int(), ctypes.c_int()
    corners: list[Point] = []
    for x, y in (box[:2], box[2:]):
        raw.FPDF_PageToDevice(page.raw, 0, 0, round(width * fine), round(height * fine), 0, x, y, across, down)
        corners.append((across.value / fine, down.value / fine))
    return span(*corners)


def _title(source: pdfium.PdfDocument) -> str:
    """Return the title of the metadata; one that ends within a character is none."""
    try:
        return source.get_metadata_value("Title") or ""
    except UnicodeDecodeError:
        return ""


def _read_page(source: Any, number: int, limits: Limits) -> Page:
    page = source[number - 1]
    if page.formenv:  # what stands in the fields of a form becomes text of its page
        page.flatten()
        page.close()
        page = source[number - 1]
    try:
        reader = _PageReader(page)
        drawing, is_readable = reader.drawing, reader.read()
        left, bottom, right, top = page.get_bbox()

        def locate(box: Box) -> Locator:
            sides = (box[0], -box[3], box[2], -box[1])  # left, bottom, right, top, y upwards
            return {"page": number, "box": [round(side, 2) for side in sides]}

        if not is_readable or drawing.is_picture((right - left) * (top - bottom)):
            image = Image(0, _render(page, limits.pixels), {"page": number}, page.get_size())
            return Page(number, 0.0, locate, images=[image])
        return drawing.place(number, (left, -top, right, -bottom), locate)
    finally:
        page.close()


class _PageReader:
    """Reads what is drawn on one page. What pdfium fills in is made once, not for each of thousands of questions."""

    def __init__(self, page: Any) -> None:
        self.drawing = Drawing()
        self._page = page
        self._texts: dict[int, int] = {}  # address of a text object → its place in drawing order
        self._matrix, self._box = raw.FS_MATRIX(), raw.FS_RECTF()
        self._mode = ctypes.c_int(), ctypes.c_int()
        self._colour = tuple(ctypes.c_uint() for _ in range(4))
        self._sides = tuple(ctypes.c_float() for _ in range(4))

    def read(self) -> bool:
        """Fill the drawing, its glyphs in reading orientation; return whether most of them can be read."""
        for number, (item, kind, matrix) in enumerate(self._objects(None, DOWNWARDS, 0)):
            if number >= MAX_PAGE_OBJECTS:
                break
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                self._texts[_address(item)] = len(self._texts)
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                self.drawing.add_image(self._matrix_of(item).within(matrix).put_unit(), len(self._texts))
            elif kind == raw.FPDF_PAGEOBJ_PATH:
                self._draw_path(item, matrix)
        return self._read_glyphs()

    def _objects(self, form: Any, matrix: Matrix, depth: int) -> Iterator[tuple[Any, int, Matrix]]:
        """Yield all objects in drawing order, those of forms with the matrix that places the form."""
        holder = self._page.raw if form is None else form
        count, get = (
            (raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject)
            if form is None
            else (raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject)
        )
        for number in range(count(holder)):
            item = get(holder, number)
            kind = raw.FPDFPageObj_GetType(item)
            if kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_FORM_DEPTH:
                yield from self._objects(item, self._matrix_of(item).within(matrix), depth + 1)
            else:
                yield item, kind, matrix

    def _matrix_of(self, item: Any) -> Matrix:
        found = self._matrix
        is_known = raw.FPDFPageObj_GetMatrix(item, found)
        return Matrix(found.a, found.b, found.c, found.d, found.e, found.f) if is_known else Matrix()

    def _colour_of(self, item: Any, ask: Any) -> tuple[int, int, int, int]:
        r, g, b, alpha = self._colour
        return (r.value, g.value, b.value, alpha.value) if ask(item, r, g, b, alpha) else (0, 0, 0, 255)

    def _draw_path(self, item: Any, matrix: Matrix) -> None:
        fill, stroke = self._mode
        raw.FPDFPath_GetDrawMode(item, fill, stroke)
        is_filled = bool(fill.value)
        is_stroked = bool(stroke.value and self._colour_of(item, raw.FPDFPageObj_GetStrokeColor)[3])
        count = raw.FPDFPath_CountSegments(item)
        if count == 2 or (count <= SEGMENTS_OF_BOX and not is_stroked):
            parts = self._bounds(item, matrix)
        else:
            parts = cut_path(_steps(item, min(count, MAX_SEGMENTS), self._matrix_of(item).within(matrix)))
        self.drawing.add_path(parts, len(self._texts), is_filled=is_filled, is_stroked=is_stroked)

    def _bounds(self, item: Any, matrix: Matrix) -> Iterable[Sequence[Point]]:
        """Return the corners of the box around a path: of a line and of a filled box it says as much as its parts."""
        left, bottom, right, top = self._sides
        if not raw.FPDFPageObj_GetBounds(item, left, bottom, right, top):
            return ()
        return ((matrix.put(left.value, bottom.value), matrix.put(right.value, top.value)),)

    def _read_glyphs(self) -> bool:
        text = self._page.get_textpage()
        try:
            suspects, indexes, is_readable = self._read_text(text)
            _correct_large_boxes(text, self.drawing.glyphs, indexes)
        finally:
            text.close()
        _check_visibility(self._page, suspects)
        return is_readable

    def _read_text(self, text: Any) -> tuple[list[Glyph], list[int], bool]:
        """Return the glyphs that may not be seen, the index of each glyph, and whether most can be read."""
        handle, box, drawing = text.raw, self._box, self.drawing
        indexes: list[int] = []
        known: dict[int, tuple[int | None, bool, bool, list[Box]]] = {}
        suspects: list[Glyph] = []
        readable = printed = 0
        for index in range(min(text.count_chars(), MAX_PAGE_CHARACTERS)):
            character, is_readable = _character(raw.FPDFText_GetUnicode(handle, index))
            if not character or not raw.FPDFText_GetLooseCharBox(handle, index, box):
                continue
            printed += 1
            readable += is_readable
            item = raw.FPDFText_GetTextObject(handle, index)
            address = _address(item)
            if address not in known:
                known[address] = self._describe(item, address, raw.FPDFText_GetCharAngle(handle, index))
            turn, is_painted, is_white, covers = known[address]
            if turn is None:  # leaning text is a watermark or runs round a seal
                continue
            glyph = Glyph(character, box.left, -box.top, box.right, -box.bottom, is_painted)
            drawing.glyphs.append(glyph)
            drawing.turns.append(turn)
            indexes.append(index)
            if is_painted and (is_white or (covers and _is_covered(glyph, covers))):
                suspects.append(glyph)
        return suspects, indexes, readable >= MIN_READABLE * printed

    def _describe(self, item: Any, address: int, angle: float) -> tuple[int | None, bool, bool, list[Box]]:
        """Return the quarter turns of a text object (None: it leans), if it is painted, if in white, and what hides it.

        The quarter turns count clockwise.
        """
        quarters = angle / (math.pi / 2)
        turn = round(quarters) % 4 if abs(quarters - round(quarters)) < 0.1 else None
        r, g, b, alpha = self._colour_of(item, raw.FPDFPageObj_GetFillColor)
        mode = raw.FPDFTextObj_GetTextRenderMode(item)
        unpainted = mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP) or not alpha
        order = self._texts.get(address, len(self._texts))
        covers = [box for before, box in self.drawing.covers if order < before]
        if len(self.drawing.covers) > MAX_COVERS:
            covers = [EVERYWHERE]
        return turn, not unpainted, min(r, g, b) > WHITE, covers


def _address(item: Any) -> int:
    return ctypes.addressof(item.contents) if item else 0


def _steps(item: Any, count: int, matrix: Matrix) -> Iterator[tuple[str, Point]]:
    x, y = ctypes.c_float(), ctypes.c_float()
    for number in range(count):
        segment = raw.FPDFPath_GetPathSegment(item, number)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.put(x.value, y.value)
        yield STEPS.get(raw.FPDFPathSegment_GetType(segment), "B") if all(map(math.isfinite, point)) else "B", point
        if raw.FPDFPathSegment_GetClose(segment):
            yield "C", point


def _is_covered(glyph: Glyph, covers: Sequence[Box]) -> bool:
    x, y = glyph.cx, glyph.cy
    return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in covers)


def _correct_large_boxes(text: Any, glyphs: Sequence[Glyph], indexes: Sequence[int]) -> None:
    """Set the box of text that runs downwards: pdfium tells the size of its font before the matrix makes it smaller."""
    usual = median(glyph.y1 - glyph.y0 for glyph in glyphs) if glyphs else 0.0
    matrix = raw.FS_MATRIX()
    for glyph, index in zip(glyphs, indexes, strict=True):
        if glyph.y1 - glyph.y0 <= LARGE_BOX * usual or not raw.FPDFText_GetMatrix(text.raw, index, matrix):
            continue
        half = raw.FPDFText_GetFontSize(text.raw, index) * math.hypot(matrix.c, matrix.d) / 2
        left, bottom, right, top = text.get_charbox(index)
        x, y = (left + right) / 2, -(bottom + top) / 2
        if glyph.y1 - glyph.y0 > LARGE_BOX * half:
            glyph.x0, glyph.y0, glyph.x1, glyph.y1 = x - half, y - half, x + half, y + half


@cache
def _character(code: int) -> tuple[str, bool]:
    """Return the character of a code, "" of a blank, and whether it is one that reports are written with."""
    character = chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"
    is_readable = 0x20 < code < 0x250 or 0x2000 <= code < 0xA000 or 0xF900 <= code < 0xFB00 or 0xFF00 <= code < 0xFFF0
    return "-" if code in HYPHENS else "" if character.isspace() else character, is_readable


def _check_visibility(page: Any, suspects: Sequence[Glyph]) -> None:
    """Look at the pixels of text that may not be seen: white text, and text under what was drawn later."""
    if not suspects:
        return
    left, _, _, top = page.get_bbox()
    pixels = page.render(scale=CHECK_SCALE, rotation=-page.get_rotation() % 360, grayscale=True).to_pil()
    for glyph in suspects:
        x0, x1 = (round((x - left) * CHECK_SCALE) for x in (glyph.x0, glyph.x1))
        y0, y1 = (round((y + top) * CHECK_SCALE) for y in (glyph.y0, glyph.y1))
        box = max(x0, 0), max(y0, 0), min(x1, pixels.width), min(y1, pixels.height)
        darkest, lightest = pixels.crop(box).getextrema() if box[0] < box[2] and box[1] < box[3] else (0, 0)
        glyph.visible = lightest - darkest >= MIN_CONTRAST


def _render(page: Any, pixels: int) -> bytes:
    """Return a page as it is shown, as a PNG of at most so many pixels."""
    width, height = page.get_size()
    scale = min(IMAGE_DPI / 72, math.sqrt(pixels / max(width * height, 1.0)))
    out = io.BytesIO()
    page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB").save(out, "PNG", compress_level=1)
    return out.getvalue()
