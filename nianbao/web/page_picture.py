"""Draw a page of a PDF or a scan as a picture with one cell marked, in a confined child process."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from nianbao.web.confined_work import BusyError, ConfinedWork, CostlyError
from storage.errors import CodedError

MAX_BYTES_DRAWN = 32_000_000  #: larger documents are not drawn
_PIXELS = 1_400_000  # of the whole page
_ABOVE, _BELOW = 360, 160  # pixels shown above and below the marked cell
_RED = (179, 38, 30)
_DRAWING = ConfinedWork(cpu_seconds=20, memory=1 << 31, seconds=20)


class NotDrawnError(CodedError, ValueError):
    """The page cannot be drawn; the message says why."""


def can_be_drawn(locator: Mapping[str, object]) -> bool:
    """True if a locator has a box on a page that can be drawn: in points or pixels, and not in a file within a file."""
    box = locator.get("box")
    return isinstance(box, (list, tuple)) and len(box) == 4 and locator.get("unit") != "mm" and "part" not in locator


def page_picture(read_document: Callable[[int], bytes], locator: Mapping[str, object], *, whole: bool = False) -> bytes:
    """Return a WebP of the part of a page around a locator's box, or of the whole page, with the box marked.

    ``read_document`` is called once a child process is free. Raises NotDrawnError and the errors of ``read_document``.
    """
    place = {name: locator[name] for name in ("page", "box", "unit") if name in locator}
    try:
        with _DRAWING.place():
            document = read_document(MAX_BYTES_DRAWN + 1) if can_be_drawn(locator) else b""
            if not 0 < len(document) <= MAX_BYTES_DRAWN:
                raise NotDrawnError("this document cannot be drawn", code="picture.no_document")
            return _DRAWING.run("nianbao.web.page_picture:draw", {**place, "whole": whole}, document)
    except BusyError:
        message = "too many pages are being drawn for others; ask again in a moment"
        raise NotDrawnError(message, code="picture.busy") from None
    except TimeoutError:
        raise NotDrawnError("drawing this page took too long", code="picture.too_long") from None
    except CostlyError:
        raise NotDrawnError("this page could not be drawn", code="picture.not_drawn") from None


def draw(document: bytes, place: Mapping[str, Any]) -> bytes:
    """Draw the picture in the child process. ``place``: ``page``, ``box`` and ``unit`` of a locator, and ``whole``."""
    from PIL import Image, ImageDraw, ImageOps  # noqa: PLC0415 - only the child process needs these

    from archive.documents.pdf import draw_page  # noqa: PLC0415

    box = [float(side) for side in place["box"]]
    if place.get("unit") == "px":
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(document))).convert("RGB")  # like our reader
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
