"""PDF → Document: characters and rulings through pdfium; pages and pictures without text become images."""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from archive.documents.layout.page import (
    IDENTITY,
    Box,
    Glyph,
    Matrix,
    Page,
    Ruling,
    add_ruling,
    compose,
    enclose,
    place_page,
    transform,
    unit_box,
    upright_turn,
)  # fmt: skip
from archive.documents.layout.page_joining import collect_pages
from archive.documents.model import Document, Image, Limits, Locator
from archive.documents.unreadable_reasons import UnreadableError
from archive.findings import finding
from storage.records import Finding

MAX_PAGE_CHARACTERS = 40_000
MAX_PAGE_OBJECTS = 50_000
MAX_COVERS = 300  # filled boxes of a page: of more it is not asked what each covers, but looked at all text
MAX_SEGMENTS = 400  # of one path: a drawing has more
SEGMENTS_OF_BOX = 5
DOWNWARDS = (1.0, 0.0, 0.0, -1.0, 0.0, 0.0)  # pdfium counts y upwards
MIN_READABLE = 0.7  # of a page's characters that are Chinese, Latin or usual punctuation
MIN_IMAGE = 0.15  # of a page's area that an image covers to be worth recognition
MIN_CHARACTERS = 20  # of a page that is read as text
MIN_SHAPES = 100  # bent shapes on a page without text: its letters are drawn
IMAGE_DPI = 200
CHECK_SCALE = 2.0  # pixels for a point where it is checked whether text can be seen
MIN_CONTRAST = 40  # of 255: less cannot be seen
WHITE = 235  # of 255: lighter ink is checked
HYPHENS = (0x02, 0xFFFE)  # what pdfium gives for a hyphen at a line's end
LARGE_BOX = 3.0  # times the usual height: the box of a character is looked at


@dataclass(slots=True)
class _Drawing:
    """What is drawn on a page besides text. ``covers``: boxes and how many text objects were drawn before each."""

    horizontal: list[Ruling] = field(default_factory=list)
    vertical: list[Ruling] = field(default_factory=list)
    images: list[Box] = field(default_factory=list)
    covers: list[tuple[int, Box]] = field(default_factory=list)
    texts: dict[int, int] = field(default_factory=dict)  # address of a text object → its place in drawing order
    curves: int = 0
    objects: int = 0


def open_pdf(data: bytes, limits: Limits) -> Document:
    """Read a PDF. Raises UnreadableError."""
    with _opened(data) as source:
        return _read(source, limits)


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
    corners: list[tuple[float, float]] = []
    for x, y in (box[:2], box[2:]):
        raw.FPDF_PageToDevice(page.raw, 0, 0, round(width * fine), round(height * fine), 0, x, y, across, down)
        corners.append((across.value / fine, down.value / fine))
    return enclose(corners)


def _read(source: Any, limits: Limits) -> Document:
    pages: list[Page] = []
    images: list[tuple[int, Image]] = []
    findings: list[Finding] = []
    lost: list[int] = []
    characters = 0
    if len(source) > limits.pages:
        findings.append(finding("limit_reached", bound="pages", expected=limits.pages))
    for index in range(min(len(source), limits.pages)):
        try:
            page, found = _read_page(source, index, limits)
        except pdfium.PdfiumError:
            lost.append(index + 1)
            continue
        images += [(page.number, image) for image in found]
        characters += len(page.glyphs)
        if characters > limits.characters:
            findings.append(finding("limit_reached", bound="characters_or_lines", expected=limits.characters))
            break
        pages.append(page)
    return collect_pages("pdf", pages, images, findings, lost, source.get_metadata_value("Title") or "", limits)


def _read_page(source: Any, index: int, limits: Limits) -> tuple[Page, list[Image]]:
    page = source[index]
    if page.formenv:  # what stands in the fields of a form becomes text of its page
        page.flatten()
        page.close()
        page = source[index]
    try:
        drawing = _Drawing()
        for item, matrix in _objects(page.raw, None, DOWNWARDS, 0):
            drawing.objects += 1
            if drawing.objects > MAX_PAGE_OBJECTS:
                break
            _draw(item, matrix, drawing)
        glyphs, turn, is_readable = _characters(page, drawing)
        left, bottom, right, top = page.get_bbox()
        area = max((right - left) * (top - bottom), 1.0)
        seen = sum(glyph.visible for glyph in glyphs)
        share = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in drawing.images) / area
        is_drawn = share > MIN_IMAGE or drawing.curves > MIN_SHAPES

        def locate(box: Box) -> Locator:
            sides = (box[0], -box[3], box[2], -box[1])  # left, bottom, right, top, y upwards
            return {"page": index + 1, "box": [round(side, 2) for side in sides]}

        drawn = Page(index + 1, right - left, top - bottom, locate)
        if (seen < MIN_CHARACTERS and is_drawn) or not is_readable:
            image = Image(0, _render(page, limits.pixels), {"page": index + 1}, page.get_size())
            return drawn, [image]
        drawn.glyphs, drawn.horizontal, drawn.vertical = glyphs, drawing.horizontal, drawing.vertical
        return place_page(drawn, (left, -top, right, -bottom), turn), []
    finally:
        page.close()


def _objects(page: Any, form: Any, matrix: Matrix, depth: int) -> Iterator[tuple[Any, Matrix]]:
    """Yield all objects in drawing order, those of forms with the matrix that places the form."""
    count = raw.FPDFPage_CountObjects(page) if form is None else raw.FPDFFormObj_CountObjects(form)
    for number in range(count):
        item = raw.FPDFPage_GetObject(page, number) if form is None else raw.FPDFFormObj_GetObject(form, number)
        if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_FORM and depth < 8:
            yield from _objects(page, item, compose(_matrix(item), matrix), depth + 1)
        else:
            yield item, matrix


def _matrix(item: Any) -> Matrix:
    found = raw.FS_MATRIX()
    return (
        (found.a, found.b, found.c, found.d, found.e, found.f) if raw.FPDFPageObj_GetMatrix(item, found) else IDENTITY
    )


def _draw(item: Any, matrix: Matrix, drawing: _Drawing) -> None:
    kind = raw.FPDFPageObj_GetType(item)
    if kind == raw.FPDF_PAGEOBJ_TEXT:
        drawing.texts[_address(item)] = len(drawing.texts)
    elif kind == raw.FPDF_PAGEOBJ_IMAGE:
        box = unit_box(compose(_matrix(item), matrix))
        drawing.images.append(box)
        drawing.covers.append((len(drawing.texts), box))
    elif kind == raw.FPDF_PAGEOBJ_PATH:
        _draw_path(item, matrix, drawing)


def _address(item: Any) -> int:
    return ctypes.addressof(item.contents) if item else 0


def _draw_path(item: Any, matrix: Matrix, drawing: _Drawing) -> None:
    """Take the straight strokes of a path and its thin filled boxes as rulings."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item, fill, stroke)
    is_stroked = stroke.value and _colour(item, raw.FPDFPageObj_GetStrokeColor)[3]
    count = raw.FPDFPath_CountSegments(item)
    if count == 2 or (count <= SEGMENTS_OF_BOX and not is_stroked):
        shapes: Iterable[tuple[list[tuple[float, float]], bool]] = _bounds(item, matrix)
    else:
        shapes = _shapes(item, min(count, MAX_SEGMENTS), compose(_matrix(item), matrix))
    for points, is_bent in shapes:
        if is_bent:
            drawing.curves += 1
            continue
        box = enclose(points)
        if fill.value and not add_ruling(box, drawing.horizontal, drawing.vertical):
            drawing.covers.append((len(drawing.texts), box))
        for pair in pairwise(points) if is_stroked else ():
            add_ruling(enclose(pair), drawing.horizontal, drawing.vertical)


def _bounds(item: Any, matrix: Matrix) -> Iterator[tuple[list[tuple[float, float]], bool]]:
    """Yield the corners of the box around a path, which for a line and for a filled box says as much as its parts."""
    sides = [ctypes.c_float() for _ in range(4)]
    if raw.FPDFPageObj_GetBounds(item, *sides):
        left, bottom, right, top = (side.value for side in sides)
        yield [transform(matrix, left, bottom), transform(matrix, right, top)], False


def _shapes(item: Any, count: int, matrix: Matrix) -> Iterator[tuple[list[tuple[float, float]], bool]]:
    """Yield the corners of each part of a path and whether the part is bent."""
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[tuple[float, float]] = []
    is_bent = False
    for number in range(count):
        segment = raw.FPDFPath_GetPathSegment(item, number)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO and points:
            yield points, is_bent
            points, is_bent = [], False
        is_bent = is_bent or kind == raw.FPDF_SEGMENT_BEZIERTO
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        place = transform(matrix, x.value, y.value)
        if not all(map(math.isfinite, place)):
            return
        points.append(place)
        if raw.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if points:
        yield points, is_bent


def _colour(item: Any, ask: Any) -> tuple[int, int, int, int]:
    r, g, b, alpha = (ctypes.c_uint() for _ in range(4))
    return (r.value, g.value, b.value, alpha.value) if ask(item, r, g, b, alpha) else (0, 0, 0, 255)


def _characters(page: Any, drawing: _Drawing) -> tuple[list[Glyph], int, bool]:
    """Return the glyphs in reading orientation, the quarter turns that bring it about, and if most can be read."""
    text = page.get_textpage()
    try:
        found: list[tuple[Glyph, int]] = []
        indexes: list[int] = []
        facts: dict[int, tuple[int | None, bool, bool]] = {}
        suspects: list[Glyph] = []
        box = raw.FS_RECTF()
        readable = printed = 0
        for index in range(min(text.count_chars(), MAX_PAGE_CHARACTERS)):
            code = raw.FPDFText_GetUnicode(text.raw, index)
            character = _character(code)
            if character.isspace() or not raw.FPDFText_GetLooseCharBox(text.raw, index, box):
                continue
            printed += 1
            readable += _is_readable(code)
            item = raw.FPDFText_GetTextObject(text.raw, index)
            address = _address(item)
            if address not in facts:
                facts[address] = (_turn_of(raw.FPDFText_GetCharAngle(text.raw, index)), *_paint_of(item))
            turn, is_painted, is_white = facts[address]
            if turn is not None:  # leaning text is a watermark or runs round a seal
                glyph = Glyph(character, box.left, -box.top, box.right, -box.bottom, visible=is_painted)
                found.append((glyph, turn))
                indexes.append(index)
                order = drawing.texts.get(address, len(drawing.texts))
                if is_painted and (is_white or _is_covered(glyph, order, drawing)):
                    suspects.append(glyph)
        _correct_large_boxes(text, [glyph for glyph, _ in found], indexes)
    finally:
        text.close()
    _check_visibility(page, suspects)
    turn = upright_turn(turn for _, turn in found)
    return [glyph for glyph, _ in found], turn, readable >= MIN_READABLE * printed


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


def _character(code: int) -> str:
    if code in HYPHENS:
        return "-"
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"


def _is_readable(code: int) -> bool:
    return 0x20 < code < 0x250 or 0x2000 <= code < 0xA000 or 0xF900 <= code < 0xFB00 or 0xFF00 <= code < 0xFFF0


def _turn_of(angle: float) -> int | None:
    """Return the clockwise quarter turns of a character, None if it leans."""
    quarters = angle / (math.pi / 2)
    return round(quarters) % 4 if abs(quarters - round(quarters)) < 0.1 else None


def _paint_of(item: Any) -> tuple[bool, bool]:
    """Return whether a text object is painted at all, and whether its ink is white."""
    r, g, b, alpha = _colour(item, raw.FPDFPageObj_GetFillColor)
    mode = raw.FPDFTextObj_GetTextRenderMode(item)
    unpainted = mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP) or not alpha
    return not unpainted, min(r, g, b) > WHITE


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


def _is_covered(glyph: Glyph, order: int, drawing: _Drawing) -> bool:
    return len(drawing.covers) > MAX_COVERS or any(
        order < before and x0 <= glyph.cx <= x1 and y0 <= glyph.cy <= y1 for before, (x0, y0, x1, y1) in drawing.covers
    )


def _render(page: Any, pixels: int) -> bytes:
    """Return a page as it is shown, as a PNG of at most so many pixels."""
    width, height = page.get_size()
    scale = min(IMAGE_DPI / 72, math.sqrt(pixels / max(width * height, 1.0)))
    out = io.BytesIO()
    page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB").save(out, "PNG", compress_level=1)
    return out.getvalue()
