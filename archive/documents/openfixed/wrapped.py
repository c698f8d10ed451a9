"""An image in a coding that few can read → a bitmap, by the decoder that PDF brings along."""

from __future__ import annotations

from archive.documents.pages import UnseenError
from archive.documents.pdfium.images import DPI, page_image

_TINT = "0.5 0.5 0.5"
_LOST = "an image that cannot be decoded"
_HEAD = 54  # bytes of a bitmap before its pixels


def to_bitmap(body: bytes, width: int, height: int, coding: str, pixels: int) -> bytes:
    """The image at its own resolution. ``coding``: how PDF names it. Raises ValueError with a reason."""
    if not 0 < width * height <= pixels:
        raise ValueError(f"an image of {width} × {height} pixels")
    try:
        shown = page_image(_wrapped(body, width, height, coding), 0, pixels)
    except UnseenError as error:
        raise ValueError(_LOST) from error
    if shown.count(b"\xff") >= 3 * width * height:  # a white page, or one that the decoder left as it was
        tinted = page_image(_wrapped(body, width, height, coding, ground=_TINT), 0, pixels)
        if b"\xff\xff\xff" not in tinted[_HEAD:]:
            raise ValueError(_LOST)
    return shown


def _wrapped(body: bytes, width: int, height: int, coding: str, ground: str = "") -> bytes:
    """A PDF of one page that shows the image at its own resolution, on a page of the colour ``ground``."""
    wide, high = width * 72 / DPI, height * 72 / DPI
    under = f"{ground} rg 0 0 {wide:.3f} {high:.3f} re f " if ground else ""
    paint = f"{under}{wide:.3f} 0 0 {high:.3f} 0 0 cm /I Do".encode()
    image = f"<</Type/XObject/Subtype/Image/Width {width}/Height {height}{coding}/Length {len(body)}>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {wide:.3f} {high:.3f}]"
        "/Resources<</XObject<</I 5 0 R>>>>/Contents 4 0 R>>".encode(),
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(paint), paint),
        image.encode() + b"\nstream\n" + body + b"\nendstream",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)
