"""Text under an opaque image, as in a scan whose recognised text was put behind it."""

from __future__ import annotations

import ctypes

from pypdfium2 import raw

from archive.documents.layout.page_layout import Glyph, turned_box
from archive.documents.pdfium import library
from archive.documents.pdfium.drawing import Image
from archive.documents.pdfium.library import Handle

_MAX_PIXELS = 30_000_000
_MAX_IMAGES = 20  # looked at on one page
_OPAQUE = 250  # of 255
_ALL = 0.95  # of the sample
_SAMPLE = 4_096  # points of an image looked at

_pixels = library.fast("FPDFImageObj_GetImagePixelSize", ctypes.c_int, *[ctypes.c_void_p] * 3)
_bitmap = library.fast("FPDFImageObj_GetRenderedBitmap", ctypes.c_size_t, *[ctypes.c_void_p] * 3)
_format = library.fast("FPDFBitmap_GetFormat", ctypes.c_int, ctypes.c_void_p)
_stride = library.fast("FPDFBitmap_GetStride", ctypes.c_int, ctypes.c_void_p)
_rows = library.fast("FPDFBitmap_GetHeight", ctypes.c_int, ctypes.c_void_p)
_columns = library.fast("FPDFBitmap_GetWidth", ctypes.c_int, ctypes.c_void_p)
_buffer = library.fast("FPDFBitmap_GetBuffer", ctypes.c_size_t, ctypes.c_void_p)
_destroy = library.fast("FPDFBitmap_Destroy", None, ctypes.c_void_p)


def covered(glyphs: list[Glyph], orders: list[int], images: list[Image], turn: int, document: Handle) -> list[bool]:
    """Which glyphs lie under an image that lets nothing through. ``orders``: when each was painted."""
    gone = [False] * len(glyphs)
    for image in images[:_MAX_IMAGES]:
        x0, y0, x1, y1 = turned_box(image.box, turn)
        under = [
            n
            for n, (glyph, order) in enumerate(zip(glyphs, orders, strict=True))
            if 0 < order < image.order and x0 <= glyph.cx <= x1 and y0 <= glyph.cy <= y1
        ]
        if under and _opaque(image, document):
            for n in under:
                gone[n] = True
    return gone


def _opaque(image: Image, document: Handle) -> bool:
    size = (ctypes.c_uint * 2)()
    at = ctypes.addressof(size)
    if not _pixels(image.handle, at, at + 4) or size[0] * size[1] > _MAX_PIXELS:
        return False
    bitmap = _bitmap(document, 0, image.handle)
    if not bitmap:
        return False
    try:
        if _format(bitmap) != raw.FPDFBitmap_BGRA:
            return True
        stride, rows, columns = _stride(bitmap), _rows(bitmap), _columns(bitmap)
        pixels = ctypes.string_at(_buffer(bitmap), stride * rows)
        step = max(1, rows * columns // _SAMPLE)
        alphas = [pixels[n // columns * stride + n % columns * 4 + 3] for n in range(0, rows * columns, step)]
        return bool(sum(alpha >= _OPAQUE for alpha in alphas) >= _ALL * len(alphas))
    finally:
        _destroy(bitmap)
