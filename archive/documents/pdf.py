"""PDF → Document: characters and rulings are read with pdfium; pages and pictures without text become images."""

from __future__ import annotations

import ctypes
import io
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache
from itertools import islice
from operator import attrgetter
from statistics import median
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from archive.documents.layout.page import WHITE, Box, Drawing, Glyph, PageContent, Point, cut_path, enclose
from archive.documents.layout.page_joining import collect_pages
from archive.documents.model import Document, Image, Limits, Locator, UnreadableError

MAX_PAGE_CHARACTERS = 40_000
MAX_PAGE_OBJECTS = 50_000
MAX_FORM_DEPTH = 8  # forms inside forms
SEGMENTS_OF_BOX = 5
MAX_COVERS = 300  # boxes drawn over one text: with more, all its characters are checked
EVERYWHERE = (-math.inf, -math.inf, math.inf, math.inf)
MAX_SEGMENTS = 400  # of one path: those with more are drawings, not rulings
STEPS = {raw.FPDF_SEGMENT_MOVETO: "M", raw.FPDF_SEGMENT_LINETO: "L"}
MIDDLE = attrgetter("cx")
DOWNWARDS = pdfium.PdfMatrix(d=-1.0)  # pdfium counts y upwards
MIN_READABLE = 0.7  # share of a page's characters that must be Chinese, Latin or common punctuation
IMAGE_DPI = 200
CHECK_SCALE = 2.0  # pixels per point when checking whether text is visible
MIN_CONTRAST = 40  # of 255: text with less is invisible
HYPHENS = (0x02, 0xFFFE)  # codes that pdfium returns for a hyphen at the end of a line
LARGE_BOX = 3.0  # times the usual height: a character box taller than this is corrected
# buffers that pdfium fills: made once, not for each of thousands of calls
_MATRIX = raw.FS_MATRIX()
_INTEGERS = ctypes.c_int(), ctypes.c_int()
_COLOUR = tuple(ctypes.c_uint() for _ in range(4))
_SIDES = tuple(ctypes.c_float() for _ in range(4))


def open_pdf(data: bytes, limits: Limits) -> Document:
    """Read a PDF; damaged pages are left out, with a finding. Raises UnreadableError."""
    with closing(_open_source(data)) as source:

        def read_page(number: int) -> PageContent | None:
            try:
                return _read_page(source, number, limits)
            except pdfium.PdfiumError:
                return None

        return collect_pages("pdf", len(source), read_page, _title(source), limits)


def _open_source(data: bytes) -> Any:
    """Open a PDF, with its form fields. Raises UnreadableError: ``encrypted``, ``damaged``, ``truncated``."""
    try:
        source = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise UnreadableError("encrypted") from error
        raise UnreadableError("damaged" if b"%%EOF" in data[-2048:] else "truncated") from error
    source.init_forms()
    return source


def draw_page(data: bytes, number: int, pixels: int, box: Sequence[float]) -> tuple[bytes, Box]:
    """Return page ``number`` as a PNG, and ``box`` (in points, y upwards) in its pixels. Raises ValueError."""
    with closing(_open_source(data)) as source:
        if not 1 <= number <= len(source):
            raise ValueError(f"there is no page {number}")
        try:
            page = source[number - 1]
        except pdfium.PdfiumError as error:
            raise ValueError(f"page {number} is damaged") from error
        picture = _render(page, pixels)
        across, down = _INTEGERS
        corners: list[Point] = []
        for point in (box[:2], box[2:]):
            raw.FPDF_PageToDevice(page.raw, 0, 0, picture.width, picture.height, 0, *point, across, down)
            corners.append((across.value, down.value))
        return _save(picture, "PNG"), enclose(corners)


def _title(source: pdfium.PdfDocument) -> str:
    """Return the title of the metadata, or "" if it is cut within a character."""
    try:
        return source.get_metadata_value("Title") or ""
    except UnicodeDecodeError:
        return ""


def _read_page(source: Any, number: int, limits: Limits) -> PageContent:
    """Return the glyphs, rulings and images of a page, or the page as an image if it has no readable text."""
    page = source[number - 1]
    if page.formenv:  # turns the contents of form fields into page text
        page.flatten()
        page.close()
        page = source[number - 1]
    try:
        drawing = Drawing()
        is_readable = _read_glyphs(page, drawing, _read_objects(page, drawing))
        left, bottom, right, top = page.get_bbox()

        def locate(box: Box) -> Locator:
            sides = (box[0], -box[3], box[2], -box[1])  # left, bottom, right, top, y upwards
            return {"page": number, "box": [round(side, 2) for side in sides]}

        is_picture = drawing.is_picture((right - left) * (top - bottom))
        if is_picture or not is_readable:
            picture = _save(_render(page, limits.pixels), "TIFF")  # written and read in a fifth of PNG's time
            image = Image(0, picture, {"page": number}, page.get_size())
            return PageContent(number, 0.0, locate, images=[image], is_picture=is_picture)
        return drawing.place(number, (left, -top, right, -bottom), locate)
    finally:
        page.close()


def _read_objects(page: Any, drawing: Drawing) -> dict[int, int]:
    """Add a page's paths and images to the drawing. Return how many covers were drawn before each text, by address."""
    covers_before: dict[int, int] = {}
    objects = _objects(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, DOWNWARDS, 0)
    for item, kind, matrix in islice(objects, MAX_PAGE_OBJECTS):
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            covers_before[_address(item)] = len(drawing.covers)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            box = _matrix_of(item).multiply(matrix).on_rect(0, 0, 1, 1)
            drawing.images.append(box)
            drawing.covers.append(box)
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            _draw_path(item, matrix, drawing)
    return covers_before


def _objects(holder: Any, count: Any, get: Any, matrix: Any, depth: int) -> Iterator[tuple[Any, int, Any]]:
    """Yield each drawn object with its type and the matrix that places it on the page; forms are opened."""
    for number in range(count(holder)):
        item = get(holder, number)
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_FORM_DEPTH:
            inner = _matrix_of(item).multiply(matrix)
            yield from _objects(item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner, depth + 1)
        else:
            yield item, kind, matrix


def _matrix_of(item: Any) -> Any:
    return pdfium.PdfMatrix.from_raw(_MATRIX) if raw.FPDFPageObj_GetMatrix(item, _MATRIX) else pdfium.PdfMatrix()


def _draw_path(path: Any, outer: Any, drawing: Drawing) -> None:
    """Add a path to the drawing; ``outer``: the matrix that places it on the page."""
    fill, stroke = _INTEGERS
    raw.FPDFPath_GetDrawMode(path, fill, stroke)
    is_stroked = bool(stroke.value and _colour(path, raw.FPDFPageObj_GetStrokeColor)[3])
    count = raw.FPDFPath_CountSegments(path)
    parts: Iterable[Sequence[Point]]
    if count == 2 or (count <= SEGMENTS_OF_BOX and not is_stroked):  # its bounding box says as much as its segments
        left, bottom, right, top = _SIDES
        raw.FPDFPageObj_GetBounds(path, left, bottom, right, top)
        parts = ((outer.on_point(left.value, bottom.value), outer.on_point(right.value, top.value)),)
    else:
        parts = cut_path(_steps(path, _matrix_of(path).multiply(outer)))
    drawing.add_path(parts, is_filled=bool(fill.value), is_stroked=is_stroked)


def _steps(path: Any, matrix: Any) -> Iterator[tuple[str, Point]]:
    """Yield the steps of a path for :func:`cut_path`, in points of the page."""
    x, y, *_ = _SIDES
    for number in range(min(raw.FPDFPath_CountSegments(path), MAX_SEGMENTS)):
        segment = raw.FPDFPath_GetPathSegment(path, number)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.on_point(x.value, y.value)
        yield STEPS.get(raw.FPDFPathSegment_GetType(segment), "B") if all(map(math.isfinite, point)) else "B", point
        if raw.FPDFPathSegment_GetClose(segment):
            yield "C", point


def _colour(item: Any, ask: Any) -> tuple[int, int, int, int]:
    r, g, b, alpha = _COLOUR
    return (r.value, g.value, b.value, alpha.value) if ask(item, r, g, b, alpha) else (0, 0, 0, 255)


def _read_glyphs(page: Any, drawing: Drawing, covers_before: Mapping[int, int]) -> bool:
    """Add the characters of a page to the drawing; return whether most of them are readable."""
    with closing(page.get_textpage()) as text:
        suspects, indexes, is_readable = _read_text(text, drawing, covers_before)
        _correct_large_boxes(text, drawing.glyphs, indexes)
    _hide_replaced(suspects, drawing.glyphs)
    _check_visibility(page, suspects)
    return is_readable


def _read_text(text: Any, drawing: Drawing, covers_before: Mapping[int, int]) -> tuple[list[Glyph], list[int], bool]:
    """Add the characters, but slanted ones; return those that may be invisible (white, or under a later drawing),
    pdfium's index of each added one, and if most are readable. ``covers_before``: by :func:`_read_objects`.
    """
    suspects, indexes = list[Glyph](), list[int]()
    handle, box, covers = text.raw, raw.FS_RECTF(), drawing.covers
    descriptions: dict[int, tuple[int | None, bool, bool, list[Box]]] = {}
    readable = printed = 0
    for index in range(min(text.count_chars(), MAX_PAGE_CHARACTERS)):
        character, is_readable = _character(raw.FPDFText_GetUnicode(handle, index))
        if not character or not raw.FPDFText_GetLooseCharBox(handle, index, box):
            continue
        printed += 1
        readable += is_readable
        item = raw.FPDFText_GetTextObject(handle, index)
        address = _address(item)
        if address not in descriptions:
            later = covers[covers_before.get(address, len(covers)) :]
            later = later if len(later) <= MAX_COVERS else [EVERYWHERE]
            descriptions[address] = *_describe(item, raw.FPDFText_GetCharAngle(handle, index)), later
        turn, is_painted, is_white, later = descriptions[address]
        if turn is None:  # slanted text is a watermark or runs round a seal
            continue
        glyph = Glyph(character, box.left, -box.top, box.right, -box.bottom, is_painted, turn=turn)
        drawing.glyphs.append(glyph)
        indexes.append(index)
        if is_white or (later and any(x0 <= glyph.cx <= x1 and y0 <= glyph.cy <= y1 for x0, y0, x1, y1 in later)):
            suspects.append(glyph)
    return suspects, indexes, readable >= MIN_READABLE * printed


def _describe(item: Any, angle: float) -> tuple[int | None, bool, bool]:
    """Return a text's clockwise quarter turns (None: it is slanted), if it is painted, and if its colour is white."""
    quarters = angle / (math.pi / 2)
    turn = round(quarters) % 4 if abs(quarters - round(quarters)) < 0.1 else None
    r, g, b, alpha = _colour(item, raw.FPDFPageObj_GetFillColor)
    mode = raw.FPDFTextObj_GetTextRenderMode(item)
    unpainted = mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP) or not alpha
    return turn, not unpainted, min(r, g, b) > WHITE


def _address(item: Any) -> int:
    return ctypes.addressof(item.contents) if item else 0


def _correct_large_boxes(text: Any, glyphs: Sequence[Glyph], indexes: Sequence[int]) -> None:
    """Correct the boxes of vertical text: pdfium returns the font size before the matrix makes it smaller."""
    usual = median(glyph.y1 - glyph.y0 for glyph in glyphs) if glyphs else 0.0
    for glyph, index in zip(glyphs, indexes, strict=True):
        if glyph.y1 - glyph.y0 <= LARGE_BOX * usual or not raw.FPDFText_GetMatrix(text.raw, index, _MATRIX):
            continue
        half = raw.FPDFText_GetFontSize(text.raw, index) * math.hypot(_MATRIX.c, _MATRIX.d) / 2
        left, bottom, right, top = text.get_charbox(index)
        x, y = (left + right) / 2, -(bottom + top) / 2
        if glyph.y1 - glyph.y0 > LARGE_BOX * half:
            glyph.x0, glyph.y0, glyph.x1, glyph.y1 = x - half, y - half, x + half, y + half


@cache
def _character(code: int) -> tuple[str, bool]:
    """Return a code's character ("" for white space), and whether it is one that reports are written with."""
    character = chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"
    is_readable = 0x20 < code < 0x250 or 0x2000 <= code < 0xA000 or 0xF900 <= code < 0xFB00 or 0xFF00 <= code < 0xFFF0
    return "-" if code in HYPHENS else "" if character.isspace() else character, is_readable


def _hide_replaced(suspects: Sequence[Glyph], glyphs: Sequence[Glyph]) -> None:
    """Mark suspects as invisible in whose place another character stands, as figures cover a heading of
    suqian_compare_2023_2024.pdf: the contrast there is that of the character on top.
    """
    suspect_ids = {id(glyph) for glyph in suspects}
    others = sorted((glyph for glyph in glyphs if id(glyph) not in suspect_ids), key=MIDDLE) if suspects else []
    for glyph in suspects:
        near = others[bisect_left(others, glyph.x0, key=MIDDLE) : bisect_right(others, glyph.x1, key=MIDDLE)]
        glyph.visible = glyph.visible and not any(glyph.y0 <= other.cy <= glyph.y1 for other in near)


def _check_visibility(page: Any, suspects: Sequence[Glyph]) -> None:
    """Mark the suspect characters as invisible if the rendered page shows no contrast in their boxes."""
    if not suspects:
        return
    left, _, _, top = page.get_bbox()
    pixels = page.render(scale=CHECK_SCALE, rotation=-page.get_rotation() % 360, grayscale=True).to_pil()
    for glyph in suspects:
        x0, x1 = (round((x - left) * CHECK_SCALE) for x in (glyph.x0, glyph.x1))
        y0, y1 = (round((y + top) * CHECK_SCALE) for y in (glyph.y0, glyph.y1))
        box = max(x0, 0), max(y0, 0), min(x1, pixels.width), min(y1, pixels.height)
        darkest, lightest = pixels.crop(box).getextrema() if box[0] < box[2] and box[1] < box[3] else (0, 0)
        glyph.visible = glyph.visible and lightest - darkest >= MIN_CONTRAST


def _render(page: Any, pixels: int) -> Any:
    """Return a page rendered as it is displayed, with at most ``pixels`` pixels."""
    width, height = page.get_size()
    scale = min(IMAGE_DPI / 72, math.sqrt(pixels / max(width * height, 1.0)))
    return page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")


def _save(picture: Any, kind: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, compress_level=1, compression="packbits")
    return out.getvalue()
