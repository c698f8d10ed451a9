"""What is written in the images of a page beneath its text: drawn without the text, it looks like lines of print."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

from pypdfium2 import raw

from archive.documents.pdfium import library
from archive.documents.pdfium.images import opened_page, painted, shown_box

_PIXELS = 2_000_000  # drawn at once; a point is a pixel of a page that is not larger
_LIGHTER = 48  # of 255: print is darker than its paper by as much
_DARK_PAPER = 80  # no page photographed in a room is darker; pictures are
_MIXED = 0.35  # of the pixels: more that is dark makes no print
_STROKES = 6  # of print in a row of pixels
_ROWS = 0.1  # of the rows: as much print has a page with a few lines and a table


def writing(data: bytes, index: int, box: Sequence[float] | None = None) -> bool:
    """Whether page ``index`` (from 0), or what is in ``box`` (points of the page), shows print that is no text of it.

    Text inside of forms is not taken away: a line or two of it are too little to be taken for print.
    Raises ValueError where the page cannot be drawn.
    """
    rows = _without_text(data, index, box)
    shades = [0] * 256
    for row in rows:
        for shade in set(row):
            shades[shade] += row.count(shade)
    total = sum(shades)
    paper = next(shade for shade, so_far in enumerate(accumulate(shades)) if 2 * so_far >= total)
    dark = paper - _LIGHTER
    if paper < _DARK_PAPER or sum(shades[: dark + 1]) > _MIXED * total:
        return False
    ink = bytes(shade <= dark for shade in range(256))
    return sum(_strokes(row.translate(ink)) >= _STROKES for row in rows) >= _ROWS * len(rows)


def _strokes(row: bytes) -> int:
    return sum(map(bool, row.split(b"\0")))


def _without_text(data: bytes, index: int, box: Sequence[float] | None) -> list[bytes]:
    """The rows of pixels of a page, or a part of it, one byte a pixel, without its text objects."""
    with opened_page(data, index) as page:
        texts = [
            item
            for n in range(library.count_objects(page))
            if raw.FPDFPageObj_GetType(item := raw.FPDFPage_GetObject(page, n)) == raw.FPDF_PAGEOBJ_TEXT
        ]
        for item in texts:
            raw.FPDFPageObj_SetIsActive(item, 0)
        x0, y0, x1, y1 = shown_box(page, box)
        wide, high = x1 - x0, y1 - y0
        if not (wide > 0 and high > 0 and math.isfinite(wide * high)):
            raise ValueError("nothing is shown there")
        scale = min(1.0, math.sqrt(_PIXELS / (wide * high)))
        pixels, columns, rows, stride = painted(page, (x0, y0, x1, y1), scale, raw.FPDFBitmap_Gray)
    return [pixels[row * stride : row * stride + columns] for row in range(rows)]
