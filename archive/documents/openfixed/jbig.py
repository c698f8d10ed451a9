"""JBIG2 images (ITU-T T.88), as scanners put them into OFD → a bitmap."""

from __future__ import annotations

import struct

from archive.documents.openfixed import wrapped

_MAGIC = b"\x97JB2\r\n\x1a\n"
_CODING = "/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/JBIG2Decode"
_PAGE = 48  # the segment that gives the size
_SEGMENTS = 1_000  # looked at for it


def to_bitmap(data: bytes, pixels: int) -> bytes:
    """The first page of a JBIG2 file. Raises ValueError with a reason."""
    body = _segments(data)
    width, height = _size(body)
    return wrapped.to_bitmap(body, width, height, _CODING, pixels)


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
