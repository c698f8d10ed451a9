"""Images in codings that few can read → bitmaps, by the decoder that PDF brings along.

OFD allows JPEG 2000 (ITU-T T.800) for scans, and scanners put JBIG2 (ITU-T T.88) into it.
"""

from __future__ import annotations

import struct

from archive.documents.pages import UnseenError
from archive.documents.pdfium.images import DPI, page_image

_CODESTREAM = b"\xff\x4f\xff\x51"  # JPEG 2000: its start, and the marker of its size, which comes first
_MAGIC = b"\x97JB2\r\n\x1a\n"  # JBIG2: of a file
_CODING = "/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/JBIG2Decode"
_PAGE = 48  # the segment that gives the size
_SEGMENTS = 1_000  # looked at for it
_TINT = "0.5 0.5 0.5"
_LOST = "an image that cannot be decoded"
_HEAD = 54  # bytes of a bitmap before its pixels


def from_jpeg_2000(data: bytes, pixels: int) -> bytes:
    """The image of a JP2 file or a bare codestream. Raises ValueError with a reason."""
    at = data.find(_CODESTREAM)
    if at < 0 or len(data) < at + 24:
        raise ValueError("JPEG 2000 without a codestream")
    right, bottom, left, top = struct.unpack_from(">4I", data, at + 8)
    return _to_bitmap(data, max(0, right - left), max(0, bottom - top), "/Filter/JPXDecode", pixels)


def from_jbig2(data: bytes, pixels: int) -> bytes:
    """The first page of a JBIG2 file. Raises ValueError with a reason."""
    body = _segments(data)
    width, height = _size(body)
    return _to_bitmap(body, width, height, _CODING, pixels)


def _segments(data: bytes) -> bytes:
    """The file without its header: the segments, each followed by its data."""
    if not data.startswith(_MAGIC):
        return data
    flags = data[8] if len(data) > 13 else 0
    if not flags & 1:
        raise ValueError("JBIG2 in random-access order")
    return data[9 if flags & 2 else 13 :]


def _size(body: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the segment of the first page."""
    at = 0
    for _ in range(_SEGMENTS):
        if at + 11 > len(body):
            break
        number, flags, referred = struct.unpack_from(">IBB", body, at)
        count, at = referred >> 5, at + 6
        if count == 7:
            count = struct.unpack_from(">I", body, at - 1)[0] & 0x1FFFFFFF
            at += 3 + (count + 8) // 8
        at += count * (1 if number <= 256 else 2 if number <= 65_536 else 4) + (4 if flags & 0x40 else 1)
        if at + 12 > len(body):
            break
        length = struct.unpack_from(">I", body, at)[0]
        at += 4
        if flags & 0x3F == _PAGE:
            width, height = struct.unpack_from(">II", body, at)
            return width, height
        at += length
    raise ValueError("JBIG2 without a page")


def _to_bitmap(body: bytes, width: int, height: int, coding: str, pixels: int) -> bytes:
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
