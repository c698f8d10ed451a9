"""The text of a Word 97 file, piece by piece as its piece table orders it ([MS-DOC] 2.9.38 Clx, 2.8.35 PlcPcd)."""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archive.documents.crossed import crossed
from archive.documents.pages import UNREAD
from archive.documents.raised import lifted, raised
from archive.documents.word97.formatted import Special, Stretches
from archive.documents.word97.header import CLX, Streams
from archive.documents.word97.model import NotWord97Error

_WORDS = re.compile(r"[^\r\x07\x0c\x13-\x15]+")
_DIGITS = re.compile(r"\d{1,40}")
_CELL = 40  # characters of a cell of figures
_BEFORE, _BEHIND = re.compile(r"(?:^|[\r\x07\x0c])[\d., \0]*$"), re.compile(r"[\d., \0]*\x07")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_FIGURE = "0"  # may stand at the end of the piece before
MAX_CHARACTERS = 4_000_000


@dataclass(slots=True)
class Piece:
    """A stretch of text that lies in one place of the file: its first byte, bytes a character, characters.

    One character stands for each place that the text takes in the file.
    """

    start: int
    width: int
    text: str

    def printed(self, special: Special) -> str:
        """The text with NUL for what does not print; marks of paragraphs and fields stay.

        What is struck out or superscript is marked so; digits shifted upwards behind a figure are raised ones. For
        white digits in a cell of nothing but figures, which may be on white, U+FFFC stands.
        """
        silent, struck, above, shifted, white = special
        text = self._changed(self.text, silent, lambda own, _: _WORDS.sub(_nothing, own)) if silent else self.text
        text = self._changed(text, struck, lambda own, _: _WORDS.sub(_crossed, own)) if struck else text
        text = self._changed(text, above, lambda own, _: _WORDS.sub(_lifted, own)) if above else text
        text = self._changed(text, shifted, raised) if shifted else text
        return self._unseen(text, white) if white else text

    def _unseen(self, text: str, white: Stretches) -> str:
        """The text with U+FFFC for each of its digits in these stretches that stand in cells of figures."""
        parts: list[str] = []
        done, end = 0, self.start + self.width * len(text)
        for first, last in white[max(0, bisect_right(white, (self.start, 0)) - 1) :]:
            if first >= end:
                break
            begin = max(done, -(-(first - self.start) // self.width))
            for digits in _DIGITS.finditer(text, begin, max(begin, -(-(last - self.start) // self.width))):
                before, behind = (
                    text[max(0, digits.start() - _CELL) : digits.start()],
                    text[digits.end() : digits.end() + _CELL],
                )
                if _BEFORE.search(before) and _BEHIND.match(behind):
                    parts += [text[done : digits.start()], UNREAD * len(digits[0])]
                    done = digits.end()
        return "".join([*parts, text[done:]]) if parts else text

    def _changed(self, text: str, stretches: Stretches, change: Callable[[str, str], str]) -> str:
        """The text changed within stretches; ``change`` is given what is within and what stands before it."""
        parts: list[str] = []
        done, end = 0, self.start + self.width * len(text)
        for first, last in stretches[max(0, bisect_right(stretches, (self.start, 0)) - 1) :]:
            if first >= end:
                break
            begin = max(done, -(-(first - self.start) // self.width))
            stop = max(begin, -(-(last - self.start) // self.width))
            parts += [text[done:begin], change(text[begin:stop], text[begin - 1 : begin] if begin else _FIGURE)]
            done = stop
        return "".join([*parts, text[done:]]) if parts else text


def _nothing(match: re.Match[str]) -> str:
    return "\0" * len(match[0])


def _crossed(match: re.Match[str]) -> str:
    return crossed(match[0])


def _lifted(match: re.Match[str]) -> str:
    return lifted(match[0])


def pieces(word: Streams, end: int | None = None) -> Iterator[Piece]:
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
        yield Piece(start, width, decoded)
    if not found:
        raise NotWord97Error("no text")
