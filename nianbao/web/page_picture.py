"""A page of a PDF, or a scan, as a picture with one place marked, drawn in a process that can do nothing else.

The document is hostile: the process gives up files, connections and programs before it opens it (``confine``), and has
limits of time and memory.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from threading import BoundedSemaphore

from storage.errors import CodedError

MOST = 32_000_000  #: bytes of a document that is drawn
_PIXELS = 1_400_000
_SECONDS, _MEMORY = 20, 1 << 31
_AT_ONCE = BoundedSemaphore(2)
_ABOVE, _BELOW = 360, 160  # pixels of the page that are shown around the marked place
_RED = (179, 38, 30)


class NotDrawnError(CodedError, ValueError):
    """The page cannot be drawn."""


def can_be_drawn(locator: Mapping[str, object]) -> bool:
    """Whether a locator means a box on a page whose document can be drawn."""
    box = locator.get("box")
    return isinstance(box, (list, tuple)) and len(box) == 4 and locator.get("unit") != "mm" and "part" not in locator


def page_picture(read_document: Callable[[], bytes], locator: Mapping[str, object], *, whole: bool = False) -> bytes:
    """Draw the part of a page around a locator's box, or the whole page, as WebP with the box marked.

    The document is read when there is a place to draw it. Raises NotDrawnError, and what ``read_document`` raises.
    """
    if not can_be_drawn(locator):
        raise NotDrawnError("this document cannot be drawn", code="picture.no_document")
    place = {name: locator[name] for name in ("page", "box", "unit") if name in locator}
    head = json.dumps({**place, "whole": whole}).encode()
    if not _AT_ONCE.acquire(timeout=_SECONDS):
        message = "too many pages are being drawn for others; ask again in a moment"
        raise NotDrawnError(message, code="picture.busy")
    try:
        document = read_document()
        if len(document) > MOST:
            raise NotDrawnError("this document cannot be drawn", code="picture.no_document")
        done = subprocess.run(
            [sys.executable, "-m", "nianbao.web.page_picture"],
            input=head + b"\n" + document,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotDrawnError("drawing this page took too long", code="picture.too_long") from None
    finally:
        _AT_ONCE.release()
    if done.returncode or not done.stdout.startswith(b"RIFF"):
        raise NotDrawnError("this page could not be drawn", code="picture.not_drawn")
    return done.stdout


def main() -> None:
    """Read a locator and a document from standard input; write the picture."""
    import resource  # noqa: PLC0415 - all of these only in the process that draws

    from PIL import Image, ImageDraw, ImageOps  # noqa: PLC0415

    from archive.documents.pdf import draw_page  # noqa: PLC0415
    from archive.projection.confinement import confine  # noqa: PLC0415

    confine()
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    locator = json.loads(sys.stdin.buffer.readline())
    document = sys.stdin.buffer.read()
    box = [float(side) for side in locator["box"]]
    if locator.get("unit") == "px":
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(document))).convert("RGB")  # as the reader saw it
        scale = min(1.0, (_PIXELS / (picture.width * picture.height)) ** 0.5)
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BOX)
        box = [side * scale for side in box]
    else:
        image, (*box,) = draw_page(document, int(locator.get("page", 1)), _PIXELS, box)
        picture = Image.open(io.BytesIO(image))
    left, top, right, bottom = map(round, box)
    ImageDraw.Draw(picture).rectangle((left - 4, top - 4, right + 4, bottom + 4), outline=_RED, width=3)
    if not locator["whole"]:
        picture = picture.crop((0, max(0, top - _ABOVE), picture.width, min(picture.height, bottom + _BELOW)))
    picture.save(sys.stdout.buffer, "WEBP", quality=60)


if __name__ == "__main__":
    main()
