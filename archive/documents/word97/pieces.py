"""The text of a Word 97 file, piece by piece as its piece table orders it ([MS-DOC] 2.9.38 Clx, 2.8.35 PlcPcd)."""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.documents.pages import UNREAD
from archive.documents.word97.header import CLX, Streams
from archive.documents.word97.model import NotWord97Error
from archive.documents.word97.property_pages import Look, Looks

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
MAX_CHARACTERS = 4_000_000


@dataclass(slots=True)
class TextPiece:
    """A stretch of text that lies in one place of the file: its first byte, bytes a character, characters.

    One character stands for each place that the text takes in the file.
    """

    start: int
    width: int
    text: str

    def printed_as(self, looks: Looks) -> Sequence[Look | None] | None:
        """How each character is printed, None for one that simply is; None where all are."""
        found: list[Look | None] | None = None
        end = self.start + self.width * len(self.text)
        for look, stretches in looks:
            for first, last in stretches[max(0, bisect_right(stretches, (self.start, 0)) - 1) :]:
                if first >= end:
                    break
                begin = max(0, -(-(first - self.start) // self.width))
                stop = min(max(begin, -(-(last - self.start) // self.width)), len(self.text))
                if begin < stop:
                    found = found or [None] * len(self.text)
                    found[begin:stop] = [look] * (stop - begin)
        return found


def pieces(word: Streams, end: int | None = None) -> Iterator[TextPiece]:
    """The pieces in the order of the text; raises NotWord97Error where the file has no piece table.

    ``end``: how many characters are wanted, where those of the main text are not all. Where a piece lies beyond the
    end of the file, U+FFFC stands for what is missing.
    """
    clx, main = word.part(CLX), word.main
    left = min(word.characters if end is None else end, MAX_CHARACTERS)
    at = 0
    while at + 3 <= len(clx) and clx[at] == 1:  # property modifiers before the pieces
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at + 5 > len(clx) or clx[at] != 2:
        raise NotWord97Error("no piece table")
    plc = clx[at + 5 :]
    count = (len(plc) - 4) // 12
    if count < 1:
        raise NotWord97Error("no pieces")
    ends = struct.unpack_from(f"<{count + 1}I", plc)
    found = False
    for index in range(count):
        length = min(ends[index + 1] - ends[index], left)
        if length <= 0:
            continue
        left -= length
        place = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * index + 2)[0]
        start = place & 0x3FFFFFFF
        if place & 0x40000000:
            start //= 2
            decoded = main[start : start + length].decode("cp1252", "replace")
            width = 1
        else:
            width = 2
            decoded = main[start : start + 2 * length].decode("utf-16-le", "replace")
            if len(decoded) * 2 < min(2 * length, len(main) - start) - 1:  # of other planes: two places each
                decoded = _ASTRAL.sub(lambda m: m[0] + "\0", decoded)
        found = found or decoded != ""
        if len(main) < start + width * length:
            decoded += UNREAD
        yield TextPiece(start, width, decoded)
    if not found:
        raise NotWord97Error("no text")
