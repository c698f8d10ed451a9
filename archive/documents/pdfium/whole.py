"""Whether the packed streams of a PDF unpack to their end.

Pdfium says nothing of a page's content that breaks off or a font that cannot be unpacked: it draws the page without
them, a cell whose figure is gone looks blank, and 447228 without the digit that a torn font lacks is 44722.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.documents.pdfium.streams import BEGIN, END, unpacks

_DICTIONARY = 2_048  # bytes before a stream in which what is said of it stands
_FIRST_FILTER = re.compile(rb"/(?:Filter|F)\s{0,4}\[?\s{0,4}/(\w{1,20})")
_PACKED = frozenset((b"FlateDecode", b"Fl"))
_IMAGE = re.compile(rb"/Subtype\s{0,4}/Image\b")  # half an image is seen to be one, and recognised as such
_STREAMS, _MOST = 2_000, 64 << 20  # streams looked at, and bytes they may come to in all


def torn_streams(data: bytes) -> int:
    """How many packed streams of a file do not unpack to their end; 0 if it is encrypted.

    Images are left out, and what lies beyond 2,000 streams or 64 MB unpacked.
    """
    if b"/Encrypt" in data:
        return 0
    torn, left = 0, _MOST
    for begin, end in _packed(data):
        whole, used = unpacks(data, begin, end, left)
        torn += not whole
        left -= used
        if left <= 0:
            break
    return torn


def _packed(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the streams stand that deflate packed, alone or last of all."""
    at = 0
    for _ in range(_STREAMS):
        match = BEGIN.search(data, at)
        if match is None:
            return
        begin = match.end()
        end = data.find(END, begin)
        end = len(data) if end < 0 else end
        said = data[max(at, match.start() - _DICTIONARY, data.rfind(b" obj", at, match.start())) : match.start()]
        first = _FIRST_FILTER.search(said)
        at = end + len(END)
        if first is None or first[1] not in _PACKED or _IMAGE.search(said):
            continue
        yield begin, end
