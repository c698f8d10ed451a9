"""Images in the main text that may hold (part of) the report: addresses as parts, embedded ones as pictures."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from archive.documents.markup.paths import Paths
from archive.documents.markup.scan import Element, Scan
from archive.documents.pages import Limits, Paragraph, Picture, Table

_DATA = re.compile(r"data:image/(?:png|jpe?g|gif|bmp|webp|tiff?|x-ms-bmp|pjpeg);base64,", re.IGNORECASE)
_TAKEN_OUT = re.compile(r"#(\d{1,6})$")
_LEAST = 2_000  # characters of base64; a picture of a table has more
_MOST = 40_000_000
_HEAD = 48  # characters of base64 in which images of these kinds say their width and height: how, and where
_SIZES = ((b"\x89PNG\r\n\x1a\n", ">2I", 16), (b"GIF8", "<2H", 6), (b"BM", "<2i", 18))
_PICTURE = 1_000_000  # pixels that no icon has
_PIXELS = re.compile(r"(?<![\w-])(?:max-)?(?:width|height)\s*:\s*(\d{1,4})(?:\.\d+)?px", re.IGNORECASE)
_SMALL = 40  # pixels; a smaller image is an icon


def is_icon(image: Element) -> bool:
    """Whether the page shows an image too small to be read."""
    for name in ("width", "height"):
        value = (image.get(name) or "").strip().removesuffix("px")
        if value.isdigit() and int(value) < _SMALL:
            return True
    return any(int(size) < _SMALL for size in _PIXELS.findall(image.get("style") or ""))


def pictures_of(
    page: Scan, content: Element, blocks: Sequence[Paragraph | Table], limits: Limits
) -> tuple[Picture, ...]:
    """Embedded images of the content, each with the number of the block it stands before, in page order."""
    pictures: list[Picture] = []
    paths = Paths(page.ids)
    before = _BlockCounts(content, paths, blocks)
    for image in content.iter("img"):
        source = (image.get("src") or "").strip()
        if not _DATA.match(source) or is_icon(image) or len(pictures) >= limits.pictures:
            continue
        if page.hidden and any(ancestor in page.hidden for ancestor in (image, *image.iterancestors())):
            continue
        body = _body(page, source)
        if len(body) <= min(_MOST, limits.bytes) and (len(body) >= _LEAST or _claimed_pixels(body) >= _PICTURE):
            pictures.append(Picture(at=before(image), source=_Base64Image(body), locator={"css": paths.of(image)}))
    return tuple(pictures)


def _claimed_pixels(body: bytes) -> int:
    """The pixels that a short image in base64 says to have: so much of one colour packs to next to nothing."""
    try:
        head = base64.b64decode(body[:_HEAD])
    except binascii.Error:
        return 0
    for begin, layout, at in _SIZES:
        if head.startswith(begin) and len(head) >= at + struct.calcsize(layout):
            width, height = struct.unpack_from(layout, head, at)
            return int(abs(width * height))
    return 0


class _BlockCounts:
    """How many blocks begin before an element, by the paths in their locators."""

    def __init__(self, content: Element, paths: Paths, blocks: Sequence[Paragraph | Table]) -> None:
        self._order = {element: number for number, element in enumerate(content.iter("*"))}
        wanted = {str(block.locator.get("css")) for block in blocks}
        place = {path: number for e, number in self._order.items() if (path := paths.of(e)) in wanted}
        self._places = [place.get(str(block.locator.get("css")), -1) for block in blocks]

    def __call__(self, image: Element) -> int:
        """The first block that begins behind ``image``; the number of blocks if there is none."""
        at = self._order[image]
        return next((number for number, place in enumerate(self._places) if place > at), len(self._places))


def _body(page: Scan, source: str) -> bytes:
    taken = _TAKEN_OUT.search(source[:80])
    if taken is not None:
        number = int(taken.group(1))
        return page.images[number] if number < len(page.images) else b""
    return source.split(",", 1)[1].encode("ascii", "replace")


@dataclass(frozen=True, slots=True)
class _Base64Image:
    """An image as a page holds it."""

    body: bytes

    def load(self) -> bytes:
        """Decode it. Raises ValueError."""
        try:
            return base64.b64decode(self.body.replace(b"%2B", b"+").replace(b"%2F", b"/").replace(b"%3D", b"="))
        except binascii.Error as error:
            raise ValueError("not base64") from error
