"""JPEG 2000 images (ITU-T T.800), which OFD allows as scans → a bitmap."""

from __future__ import annotations

import struct

from archive.documents.openfixed import wrapped

_CODESTREAM = b"\xff\x4f\xff\x51"  # its start, and the marker of its size, which comes first


def to_bitmap(data: bytes, pixels: int) -> bytes:
    """The image of a JP2 file or a bare codestream. Raises ValueError with a reason."""
    at = data.find(_CODESTREAM)
    if at < 0 or len(data) < at + 24:
        raise ValueError("JPEG 2000 without a codestream")
    right, bottom, left, top = struct.unpack_from(">4I", data, at + 8)
    return wrapped.to_bitmap(data, max(0, right - left), max(0, bottom - top), "/Filter/JPXDecode", pixels)
