"""The pages that tell the properties of stretches of the file (formatted disk pages, [MS-DOC] 2.9.33 and 2.9.174)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from archive.documents.runs import Raised, Run, Visibility
from archive.documents.word97.header import CHPX, PAPX, Streams
from archive.documents.word97.modifiers import is_shifted, is_struck, is_superscript, prints_faintly, unprinted

_PAGE = 512
_PLAIN = b"\0\0"  # the number of the style stands before the modifiers


Stretches = Sequence[tuple[int, int]]


#: The looks that characters may have, each with the stretches of the file that have it, in order.
Looks = Sequence[tuple["Look", Stretches]]


class Look(NamedTuple):
    """How characters are printed that are not simply printed."""

    visible: Visibility = Visibility.SHOWN
    struck: bool = False
    raised: Raised = Raised.NOT

    def of(self, text: str) -> Run:
        """A text that is printed so."""
        return Run(text, *self)


@dataclass(slots=True)
class Runs:
    """Style and modifiers of paragraphs (a grpprl with its style before it) by file position.

    ``starts`` in order; ``values``: b"" for what lies before the first, then one for each.
    """

    starts: list[int] = field(default_factory=list)
    values: list[bytes] = field(default_factory=lambda: [b""])


def _pages(word: Streams, at: int) -> Iterator[bytes]:
    """The 512-byte property pages that a bin table names."""
    plc, main = word.part(at), word.main
    count = max(0, (len(plc) - 4) // 8)
    for number in struct.unpack_from(f"<{count}I", plc, 4 * (count + 1)) if count else ():
        begin = (number & 0x3FFFFF) * _PAGE
        page = main[begin : begin + _PAGE]
        if len(page) == _PAGE:
            yield page


def paragraph_runs(word: Streams) -> Runs:
    """What is said of the paragraphs, by where they begin in the file."""
    starts: list[int] = []
    values: list[bytes] = []
    for page in _pages(word, PAPX):
        count = page[511]
        first = 4 * (count + 1)
        if first + 13 * count > 511:
            continue
        starts += struct.unpack_from(f"<{count}I", page)
        halves = page[first : first + 13 * count : 13]
        modifiers = [
            page[at + 1 : at + 2 * page[at]] if page[at] else page[at + 2 : at + 2 + 2 * page[at + 1]]
            for at in [2 * half for half in halves]
        ]
        if 0 in halves or 255 in halves or min(map(len, modifiers), default=2) < 2:
            modifiers = [_papx_at(page, 2 * half) for half in halves]
        values += modifiers
    ordered = sorted(starts)
    if ordered != starts:
        runs = sorted(zip(starts, values, strict=True), key=lambda run: run[0])
        values = [value for _, value in runs]
    return Runs(ordered, [b"", *values])


def _papx_at(page: bytes, at: int) -> bytes:
    """The PapxInFkp at a place of its page, however its length is told."""
    if not 0 < at < 510:
        return _PLAIN
    size, begin = 2 * page[at] - 1, at + 1
    if page[at] == 0:
        size, begin = 2 * page[at + 1], at + 2
    return page[begin : begin + max(size, 2)]


def looks(word: Streams) -> Looks:
    """The stretches of the file whose characters are not simply printed, by how they are printed."""
    found: dict[Look, list[tuple[int, int]]] = {}
    known: dict[bytes, Look | None] = {b"": None}
    for page in _pages(word, CHPX):
        count = page[511]
        first = 4 * (count + 1)
        if 5 * count + 4 > 511:
            continue
        offsets = page[first : first + count]
        special: dict[int, Look] = {}
        for offset in set(offsets):
            at = 2 * offset
            grpprl = page[at + 1 : at + 1 + page[at]] if at else b""
            if grpprl not in known:
                known[grpprl] = _look(grpprl)
            if (look := known[grpprl]) is not None:
                special[offset] = look
        if special:
            starts = struct.unpack_from(f"<{count + 1}I", page)
            for offset, begin, end in zip(offsets, starts, starts[1:], strict=False):
                if offset in special and begin < end:
                    found.setdefault(special[offset], []).append((begin, end))
    return [(look, sorted(stretches)) for look, stretches in found.items()]


def _look(grpprl: bytes) -> Look | None:
    if unprinted(grpprl):
        return Look(Visibility.HIDDEN)
    note, shifted = is_superscript(grpprl), is_shifted(grpprl)
    found = Look(
        Visibility.FAINT if prints_faintly(grpprl) else Visibility.SHOWN,
        is_struck(grpprl),
        Raised.NOTE if note else Raised.SHIFTED if shifted else Raised.NOT,
    )
    return found if any(found) else None
