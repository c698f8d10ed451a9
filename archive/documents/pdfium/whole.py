"""Whether the packed streams of a PDF unpack to their end.

Pdfium says nothing of a page's content that breaks off or a font that cannot be unpacked: it draws the page without
them, a cell whose figure is gone looks blank, and 447228 without the digit that a torn font lacks is 44722.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.documents.pdfium.printable import BASE_85, HEX, from_base_85, from_hex
from archive.documents.pdfium.streams import BEGIN, END, unpacks

_DICTIONARY = 2_048  # bytes before a stream in which what is said of it stands
_FILTERS = re.compile(rb"/(?:Filter|F)\s{0,4}(\[[^\]]{0,200}|/\w{1,20})")
_NAME = re.compile(rb"/(\w{1,20})")
_PACKED = frozenset((b"FlateDecode", b"Fl"))
_PRINTABLE = HEX | BASE_85
# ISO 32000-1, table 6; by another name pdfium unpacks nothing
_OTHERS = "LZWDecode LZW RunLengthDecode RL CCITTFaxDecode CCF JBIG2Decode DCTDecode DCT JPXDecode Crypt"
_KNOWN = frozenset((*_PACKED, *_PRINTABLE, *_OTHERS.encode().split()))
_LONGEST = 4 << 20  # bytes of a stream in printable characters that is looked at
_IMAGE = re.compile(rb"/Subtype\s{0,4}/Image\b")  # half an image is seen to be one, and recognised as such
_STREAMS, _MOST = 2_000, 64 << 20  # streams looked at, and bytes they may come to in all


def torn_streams(data: bytes) -> int:
    """How many packed streams of a file do not unpack to their end; 0 if it is encrypted.

    Images are left out, and what lies beyond 2,000 streams or 64 MB unpacked.
    """
    if b"/Encrypt" in data:
        return 0
    torn, left = 0, _MOST
    for begin, end, filters in _packed(data):
        whole, used = _is_whole(data, begin, end, filters, left)
        torn += not whole
        left -= used
        if left <= 0:
            break
    return torn


def _is_whole(data: bytes, begin: int, end: int, filters: list[bytes], most: int) -> tuple[bool, int]:
    """Whether a stream unpacks to its end, as far as ``most`` bytes, and how many it comes to."""
    if not _KNOWN.issuperset(filters):
        return False, 0
    if filters[0] in _PACKED:
        return unpacks(data, begin, end, most)
    decoded, ended = (from_hex if filters[0] in HEX else from_base_85)(data[begin:end])
    if len(filters) == 1:
        return ended, len(decoded)
    return unpacks(decoded, 0, len(decoded), most) if filters[1] in _PACKED else (True, len(decoded))


def _packed(data: bytes) -> Iterator[tuple[int, int, list[bytes]]]:
    """Where the streams stand that deflate packed last of all or printable characters stand for, or nobody knows what,
    and how they are made.
    """
    at = 0
    for _ in range(_STREAMS):
        match = BEGIN.search(data, at)
        if match is None:
            return
        begin = match.end()
        end = data.find(END, begin)
        end = len(data) if end < 0 else end
        dictionary = data[max(at, match.start() - _DICTIONARY, data.rfind(b" obj", at, match.start())) : match.start()]
        at = end + len(END)
        found = _FILTERS.search(dictionary)
        filters = _NAME.findall(found[1]) if found is not None else []
        if not filters or _IMAGE.search(dictionary):
            continue
        short = end - begin <= _LONGEST
        if filters[0] in _PACKED or (filters[0] in _PRINTABLE and short) or not _KNOWN.issuperset(filters):
            yield begin, end, filters
