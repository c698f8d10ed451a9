"""The file information block (FIB, [MS-DOC] 2.5): the streams of a document and where its tables lie in them."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from archive.documents.ole import Ole
from archive.documents.word97.model import NotWord97Error

#: Places of the pairs (offset and size in the table stream) in the WordDocument stream.
CHPX, PAPX, CLX = 154 + 12 * 8, 154 + 13 * 8, 154 + 33 * 8
ANCHORS, BOXES = 154 + 40 * 8, 154 + 56 * 8
#: Place of the length of the WordDocument stream in it.
MEANT = 64
_MAGIC, _SHORTEST, _CHARACTERS = 0xA5EC, 600, 76


@dataclass(frozen=True, slots=True)
class Streams:
    """The WordDocument stream, the table stream that is in use, and the Data stream."""

    main: bytes
    table: bytes
    data: bytes

    @property
    def characters(self) -> int:
        """Characters of the main text (ccpText)."""
        found: int = struct.unpack_from("<i", self.main, _CHARACTERS)[0]
        return found

    @property
    def box_text(self) -> tuple[int, int]:
        """Where the text of the text boxes begins, behind all text of other kinds, and how long it is (ccpTxbx)."""
        *others, own = struct.unpack_from("<7i", self.main, _CHARACTERS)
        return sum(max(0, count) for count in others), own

    def part(self, at: int) -> bytes:
        """The part of the table stream that the pair at ``at`` names."""
        begin, size = struct.unpack_from("<2I", self.main, at)
        return self.table[begin : begin + size]


def streams(ole: Ole) -> Streams:
    """The streams of a document; raises NotWord97Error where it has no FIB."""
    main = ole.stream("WordDocument")
    if len(main) < _SHORTEST or struct.unpack_from("<H", main, 0)[0] != _MAGIC:
        raise NotWord97Error("no FIB")
    table = ole.stream("1Table" if struct.unpack_from("<H", main, 10)[0] & 0x0200 else "0Table")
    return Streams(main, table, ole.stream("Data"))


def is_whole(ole: Ole) -> bool:
    """Whether the streams of a document reach as far as its text (cbMac, [MS-DOC] 2.5.4), its looks and its pieces."""
    try:
        word = streams(ole)
    except NotWord97Error:
        return False
    (length,) = struct.unpack_from("<I", word.main, MEANT)
    pairs = (struct.unpack_from("<2I", word.main, at) for at in (CHPX, PAPX, CLX))
    return len(word.main) >= length > _SHORTEST and all(begin + size <= len(word.table) for begin, size in pairs)


def is_encrypted(ole: Ole) -> bool:
    """Whether the document says that it is encrypted (FIB base, [MS-DOC] 2.5.2)."""
    head = ole.stream("WordDocument")[:12]
    return len(head) == 12 and bool(struct.unpack_from("<H", head, 10)[0] & 0x0100)
