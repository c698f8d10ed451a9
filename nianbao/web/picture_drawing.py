"""Draws a page of a PDF, or a scan, with one place marked; imported only in the process that does nothing else."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageDraw, ImageOps

from archive.documents.pdf import draw_page

_PIXELS = 1_400_000
_ABOVE, _BELOW = 360, 160  # pixels of the page that are shown around the marked place
_RED = (179, 38, 30)


def draw(document: bytes, place: Mapping[str, Any]) -> bytes:
    """Draw the picture; called in a process that has limits."""
    box = [float(side) for side in place["box"]]
    if place.get("unit") == "px":
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(document))).convert("RGB")  # as the reader saw it
        scale = min(1.0, (_PIXELS / (picture.width * picture.height)) ** 0.5)
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BOX)
        box = [side * scale for side in box]
    else:
        image, (*box,) = draw_page(document, int(place.get("page", 1)), _PIXELS, box)
        picture = Image.open(io.BytesIO(image))
    x_min, y_min, x_max, y_max = map(round, box)
    ImageDraw.Draw(picture).rectangle((x_min - 4, y_min - 4, x_max + 4, y_max + 4), outline=_RED, width=3)
    if not place["whole"]:
        picture = picture.crop((0, max(0, y_min - _ABOVE), picture.width, min(picture.height, y_max + _BELOW)))
    output = io.BytesIO()
    picture.save(output, "WEBP", quality=60)
    return output.getvalue()
