"""A Word file whose table stream is lost, or whose pages of properties are: what its own stream still tells.

The stream of the document holds the text and, behind it, pages of 512 bytes that tell which stretch of it has which
properties ([MS-DOC] 2.9.33, 2.9.174). The tables that list these pages and the pieces of the text stand elsewhere. Of a
file saved as a whole they can be made anew: its text lies in one piece, each page goes on where the one before it ends,
and every stretch of a page of paragraphs ends with the mark of one. What no page tells of is left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archive.documents.ole import Ole
from archive.documents.word97.header import CHPX, CLX, MEANT, PAPX

_PAGE, _SHORTEST = 512, 900
_PARAGRAPHS, _RUNS = 29, 101  # stretches that a page of each kind may hold
_PAIRS, _COUNT = 154, 93  # where the places of tables stand in the FIB, and how many
_CHARACTERS, _FLAGS = 76, 10
_SAVED_IN_PIECES = 0x0004  # of the flags: the text does not lie in order
_WIDE_ENDS, _NARROW_ENDS = (b"\r\0", b"\x07\0", b"\x0c\0"), (b"\r", b"\x07", b"\x0c")
_HUGE = (b"\x46\x66", b"\x45\x66")  # modifiers that name a place in the Data stream ([MS-DOC] 2.6.2)
_LONGEST = 0x3FA2  # bytes of a list there
_OF_PARAGRAPHS = frozenset((0x24, 0x26, 0x44, 0x46, 0x64, 0x66, 0x84, 0xC6, 0x34, 0x36, 0x54, 0x56, 0x74, 0x76, 0x96,
                            0xD6, 0xF6))  # fmt: skip
_STEP, _ASKED = 64, 60  # small streams begin at multiples of this; places that are tried
_FARTHEST = 1 << 24  # bytes of a file in which the Data stream is looked for


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of properties: its number, and the stretches of the file that it tells of."""

    number: int
    edges: tuple[int, ...]


def regained(main: bytes) -> tuple[bytes, bytes] | None:
    """The stream of a document with the table stream that goes with it, made anew; None where that cannot be."""
    if len(main) < _SHORTEST or int.from_bytes(main[_FLAGS : _FLAGS + 2], "little") & _SAVED_IN_PIECES:
        return None
    pages = list(_pages(main))
    width = next((w for w in (2, 1) if any(_ends(main, page, w) for page in pages)), 0)
    chain = _chain(
        [page for page in pages if width and len(page.edges) <= _PARAGRAPHS + 1 and _ends(main, page, width)]
    )
    if not chain:
        return None
    begin, end = chain[0].edges[0], chain[-1].edges[-1]
    those = {id(page) for page in chain}
    looks = _chain([page for page in pages if id(page) not in those and page.edges[0] >= begin], begin)
    (length,) = struct.unpack_from("<i", main, _CHARACTERS)
    count = min(length, (end - begin) // width)
    if count <= 0:
        return None
    place = begin if width == 2 else 2 * begin | 0x40000000
    pieces = struct.pack("<2IHIH", 0, count, 0, place, 0)
    parts = {CLX: struct.pack("<BI", 2, len(pieces)) + pieces, PAPX: _listed(chain), CHPX: _listed(looks)}
    rebuilt, table = bytearray(main), b""
    struct.pack_into("<I", rebuilt, MEANT, len(main))
    rebuilt[_PAIRS : _PAIRS + 8 * _COUNT] = bytes(8 * _COUNT)  # lists, styles and boxes are lost
    for at, part in parts.items():
        struct.pack_into("<2I", rebuilt, at, len(table), len(part))
        table += part
    return bytes(rebuilt), table


def _pages(main: bytes) -> Iterable[_Page]:
    """What may be pages of properties: their stretches follow each other within the file."""
    for at in range(_PAGE, len(main) - _PAGE + 1, _PAGE):
        count = main[at + _PAGE - 1]
        if 0 < count <= _RUNS:
            edges = struct.unpack_from(f"<{count + 1}I", main, at)
            if edges[0] >= _PAGE and edges[-1] <= at and all(a < b for a, b in pairwise(edges)):
                yield _Page(at // _PAGE, edges)


def _ends(main: bytes, page: _Page, width: int) -> bool:
    """Whether each stretch of a page ends with the mark of a paragraph, a cell or a section."""
    marks = _WIDE_ENDS if width == 2 else _NARROW_ENDS
    return all(main[edge - width : edge] in marks for edge in page.edges[1:])


def _chain(pages: Sequence[_Page], begin: int | None = None) -> list[_Page]:
    """The pages that go on where the one before ends, from the one that begins first (or at ``begin``)."""
    by_start = {page.edges[0]: page for page in pages}
    at = begin if begin is not None else min(by_start, default=0)
    found: list[_Page] = []
    while (page := by_start.get(at)) is not None:
        found.append(page)
        at = page.edges[-1]
    return found


def _listed(pages: Sequence[_Page]) -> bytes:
    """The table that lists pages ([MS-DOC] 2.8.5, 2.8.6)."""
    if not pages:
        return b""
    edges = [*(page.edges[0] for page in pages), pages[-1].edges[-1]]
    return struct.pack(f"<{len(edges)}I{len(pages)}I", *edges, *(page.number for page in pages))


def data_stream(ole: Ole, data: bytes, main: bytes) -> bytes:
    """The Data stream, told by what the properties of paragraphs say stands in it; b"" where it is not found."""
    places = _data_places(main)
    if not places:
        return b""
    for base in range(_PAGE, min(len(data), _FARTHEST), _STEP):
        if all(_is_list(data, base + place) for place in places):
            whole = ole.stream_at(base) if base % _PAGE == 0 else b""
            return whole if all(_is_list(whole, place) for place in places) else data[base:]
    return b""


def _data_places(main: bytes) -> list[int]:
    """Places in the Data stream that pages of properties name."""
    found: list[int] = []
    for page in _pages(main):
        held = main[page.number * _PAGE : (page.number + 1) * _PAGE]
        for sign in _HUGE:
            at = held.find(sign)
            while at >= 0 and len(found) < _ASKED:
                found.append(int.from_bytes(held[at + 2 : at + 6], "little"))
                at = held.find(sign, at + 6)
    return [place for place in dict.fromkeys(found) if place < len(main) << 4]


def _is_list(data: bytes, at: int) -> bool:
    """Whether a list of modifiers of paragraphs or tables stands there, behind its length."""
    size = int.from_bytes(data[at : at + 2], "little")
    return 2 < size <= _LONGEST and at + 2 + size <= len(data) and data[at + 3] in _OF_PARAGRAPHS
