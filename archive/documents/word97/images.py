"""Images in a Word 97 file: the blips of Office art ([MS-ODRAW] 2.2.23) among its pictures and floating shapes."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from archive.documents.ole import Ole

_BLIP = re.compile(rb"[\x1d\x1e\x29\x2a]\xf0(?=.{4})", re.DOTALL)  # JPEG, PNG, TIFF, JPEG of four colours
_IMAGE = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|II\*\0|MM\0\*")
_FIRST = (b"\x89PNG", b"\xff\xd8\xff", b"II*", b"MM")  # bytes of any image
_HEAD = 50  # bytes between the record's header and the image: one or two digests and a tag
_LEAST = 8_000  # bytes; emblems and seals are smaller than a table


def images(ole: Ole, most: int) -> Iterator[bytes]:
    """The images of a file in the order of their streams, at most ``most``; small ones are left out."""
    for name in ("Data", "WordDocument"):
        stream = ole.stream(name)
        last = len(stream) - _LEAST + 4  # where the first bytes of the last image that is large enough end
        if last < 4 or not any(stream.find(image, 0, last) >= 0 for image in _FIRST):
            continue
        end = 0
        for match in _BLIP.finditer(stream):
            if match.start() < end or most <= 0:
                continue
            length = struct.unpack_from("<I", stream, match.end())[0]
            begin = match.end() + 4
            image = _IMAGE.search(stream, begin, begin + _HEAD)
            if image is None or begin + length > len(stream):
                continue
            end = begin + length
            if end - image.start() >= _LEAST:
                most -= 1
                yield stream[image.start() : end]
