"""Pages, and parts of pages, drawn as image files for recognition. Bounded in pixels; with any font.

In colour: only that tells the red of a seal from the print beneath it.
"""

from __future__ import annotations

import ctypes
import math
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2 as pdfium
from pypdfium2 import raw

from archive.documents.pages import UnseenError
from archive.documents.pdfium import library
from archive.documents.pdfium.library import drawn
from archive.documents.pdfium.unseen import is_lost, large_images

Box = tuple[float, float, float, float]

DPI = 200
MAX_PIXELS = 20_000_000
_MIN_DPI = 40  # nothing can be recognised below
_RIM = 2  # pixels at the edge of an image in which it may be mixed with what is around it


class Painted(NamedTuple):
    """Pixels row by row, each row of ``stride`` bytes."""

    pixels: bytes
    columns: int
    rows: int
    stride: int


@dataclass(frozen=True, slots=True)
class PdfImage:
    """Page ``index`` (from 0) as an image, or what stands in ``box`` of it."""

    data: bytes = field(repr=False)
    index: int
    pixels: int
    box: Box | None = None

    def load(self) -> bytes:
        """Draw it. Raises ValueError with a reason."""
        if self.box is None:
            return page_image(self.data, self.index, self.pixels)
        return box_image(self.data, self.index, self.box, self.pixels)


@dataclass(frozen=True, slots=True)
class PdfParts:
    """A file of which parts of pages are drawn."""

    data: bytes = field(repr=False)
    pixels: int

    def part(self, page: int, box: Box) -> bytes:
        """Draw a box of a page, counted from 1. Raises ValueError with a reason."""
        return part_image(self.data, page - 1, box, self.pixels)


def page_image(data: bytes, index: int, pixels: int) -> bytes:
    """Page ``index`` (from 0) as it is shown: turned, cropped, with its notes. Raises ValueError with a reason:
    UnseenError where an image of it shows nothing because it cannot be decoded.
    """
    with opened_page(data, index) as page:
        return _draw_visible(page, shown_box(page, None), pixels)


def box_image(data: bytes, index: int, box: Box, pixels: int) -> bytes:
    """The same of what stands in ``box`` (left, bottom, right, top in points of the page)."""
    with opened_page(data, index) as page:
        return _draw_visible(page, shown_box(page, box), pixels)


def part_image(data: bytes, index: int, box: Box, pixels: int) -> bytes:
    """What is seen in ``box``, whatever else is drawn there. Raises ValueError with a reason."""
    with opened_page(data, index) as page:
        part = shown_box(page, box)
        return _bmp(*_paint(page, part, pixels))


def _draw_visible(page: Any, part: Box, pixels: int) -> bytes:
    """A part of the shown page as an image file. Raises UnseenError where an image of it is not seen."""
    painting, dpi = _paint(page, part, pixels)
    done = _bmp(painting, dpi)
    handle, scale = library.address_of(page), dpi / 72
    for image in large_images(handle):
        x0, y0, x1, y1 = shown_box(page, image.box)
        box = max(x0, part[0]), max(y0, part[1]), min(x1, part[2]), min(y1, part[3])
        if not (box[2] > box[0] and box[3] > box[1]):
            continue
        left, top, right, bottom = (
            round((side - origin) * scale) for side, origin in zip(box, (*part[:2], *part[:2]), strict=True)
        )
        if is_lost(image.handle, handle, even=_is_even(painting, left, top, right, bottom)):
            raise UnseenError(done)
    return done


def _is_even(painting: Painted, left: int, top: int, right: int, bottom: int) -> bool:
    """Whether a part of a picture (blue, green and red) is of one colour, but for its edge."""
    left, top = max(0, left + _RIM), max(0, top + _RIM)
    right, bottom = min(painting.columns, right - _RIM), min(painting.rows, bottom - _RIM)
    if right <= left or bottom <= top:
        return False
    begin = top * painting.stride
    colour = painting.pixels[begin + 3 * left : begin + 3 * left + 3] * (right - left)
    return all(
        painting.pixels[row * painting.stride + 3 * left : row * painting.stride + 3 * right] == colour
        for row in range(top, bottom)
    )


@contextmanager
def opened_page(data: bytes, index: int) -> Iterator[Any]:
    """Page ``index`` (from 0), to be drawn. Raises ValueError with a reason."""
    try:
        with drawn(data) as document:
            page = raw.FPDF_LoadPage(document.raw, index)
            if not page:
                raise ValueError(f"page {index + 1} is damaged")
            try:
                yield page
            finally:
                raw.FPDF_ClosePage(page)
    except pdfium.PdfiumError as error:
        raise ValueError(f"the file does not open: {error}") from error


_FINE = 1_000  # units of a point in which places are asked for


def shown_box(page: Any, box: Sequence[float] | None) -> Box:
    """A box of the page (left, bottom, right, top in its points), or all of it → the points between which it is shown,
    from the left upper corner of what is shown.
    """
    if box is None:
        return 0.0, 0.0, raw.FPDF_GetPageWidthF(page), raw.FPDF_GetPageHeightF(page)
    corners = [_to_shown(page, box[0], box[1]), _to_shown(page, box[2], box[3])]
    xs, ys = sorted(c[0] for c in corners), sorted(c[1] for c in corners)
    return xs[0], ys[0], xs[1], ys[1]


def _to_shown(page: Any, x: float, y: float) -> tuple[float, float]:
    """A point of the page → points from the left upper corner of what is shown."""
    across, down = ctypes.c_int(), ctypes.c_int()
    width, height = round(raw.FPDF_GetPageWidthF(page) * _FINE), round(raw.FPDF_GetPageHeightF(page) * _FINE)
    raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, across, down)
    return across.value / _FINE, down.value / _FINE


def _paint(page: Any, part: Box, pixels: int) -> tuple[Painted, float]:
    """The part of the shown page between (x0, y0) and (x1, y1) points from its left upper corner, and its dpi."""
    wide, high = part[2] - part[0], part[3] - part[1]
    if not (wide > 0 and high > 0 and math.isfinite(wide * high)):
        raise ValueError("nothing is shown there")
    dpi = min(DPI, 72 * math.sqrt(min(pixels, MAX_PIXELS) / (wide * high)))
    if dpi < _MIN_DPI:
        raise ValueError(f"a page of {wide:.0f} × {high:.0f} points is too large to draw")
    return painted(page, part, dpi / 72, raw.FPDFBitmap_BGR), dpi


def painted(page: Any, part: Box, scale: float, kind: int) -> Painted:
    """The part of the shown page between (x0, y0) and (x1, y1) points from its left upper corner, on white.

    ``scale``: pixels for a point; ``kind``: of pdfium's bitmaps. Raises ValueError with a reason.
    """
    columns, rows = (max(1, math.ceil(side * scale)) for side in (part[2] - part[0], part[3] - part[1]))
    whole = [round(scale * side) for side in (raw.FPDF_GetPageWidthF(page), raw.FPDF_GetPageHeightF(page))]
    if max(whole) > 1 << 20:
        raise ValueError("the page is too large to draw")
    bitmap = raw.FPDFBitmap_CreateEx(columns, rows, kind, None, 0)
    if not bitmap:
        raise ValueError("no memory to draw the page")
    try:
        raw.FPDFBitmap_FillRect(bitmap, 0, 0, columns, rows, 0xFFFFFFFF)
        left, top = -round(part[0] * scale), -round(part[1] * scale)
        raw.FPDF_RenderPageBitmap(bitmap, page, left, top, *whole, 0, raw.FPDF_ANNOT)
        stride = raw.FPDFBitmap_GetStride(bitmap)
        return Painted(ctypes.string_at(raw.FPDFBitmap_GetBuffer(bitmap), stride * rows), columns, rows, stride)
    finally:
        raw.FPDFBitmap_Destroy(bitmap)


def _bmp(page: Painted, dpi: float) -> bytes:
    """A BMP of blue, green and red bytes, with its resolution: it is read at once, so packing it would be wasted."""
    pixels, columns, rows, stride = page
    line = -(-3 * columns // 4) * 4
    if stride != line:
        padding = bytes(line - 3 * columns)
        pixels = b"".join(pixels[row * stride : row * stride + 3 * columns] + padding for row in range(rows))
    per_metre = round(dpi / 0.0254)
    start = 14 + 40
    # a negative height: the upper row comes first
    shape = struct.pack("<IiiHHIIiiII", 40, columns, -rows, 1, 24, 0, len(pixels), per_metre, per_metre, 0, 0)
    return struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start) + shape + pixels
