"""The pages that tell the properties of stretches of the file (formatted disk pages, [MS-DOC] 2.9.33 and 2.9.174)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from archive.documents.word97.header import CHPX, PAPX, Streams
from archive.documents.word97.modifiers import is_shifted, is_struck, is_superscript, is_white, unprinted

_PAGE = 512
_SILENT, _STRUCK, _ABOVE, _SHIFTED, _WHITE = range(5)
_PLAIN = b"\0\0"  # the number of the style stands before the modifiers


Stretches = Sequence[tuple[int, int]]


class Special(NamedTuple):
    """Stretches of the file, in order: their characters do not print, are struck out, superscript, shifted upwards,
    white.
    """

    silent: Stretches
    struck: Stretches
    above: Stretches
    shifted: Stretches = ()
    white: Stretches = ()


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
        said = [
            page[at + 1 : at + 2 * page[at]] if page[at] else page[at + 2 : at + 2 + 2 * page[at + 1]]
            for at in [2 * half for half in halves]
        ]
        if 0 in halves or 255 in halves or min(map(len, said), default=2) < 2:
            said = [_said(page, 2 * half) for half in halves]
        values += said
    ordered = sorted(starts)
    if ordered != starts:
        runs = sorted(zip(starts, values, strict=True), key=lambda run: run[0])
        values = [value for _, value in runs]
    return Runs(ordered, [b"", *values])


def _said(page: bytes, at: int) -> bytes:
    """The PapxInFkp at a place of its page, however its length is told."""
    if not 0 < at < 510:
        return _PLAIN
    size, begin = 2 * page[at] - 1, at + 1
    if page[at] == 0:
        size, begin = 2 * page[at + 1], at + 2
    return page[begin : begin + max(size, 2)]


def special_runs(word: Streams) -> Special:
    """The stretches of the file whose characters are not simply printed."""
    found: tuple[list[tuple[int, int]], ...] = ([], [], [], [], [])
    known: dict[bytes, int | None] = {b"": None}
    for page in _pages(word, CHPX):
        count = page[511]
        first = 4 * (count + 1)
        if 5 * count + 4 > 511:
            continue
        offsets = page[first : first + count]
        special: dict[int, int] = {}
        for offset in set(offsets):
            at = 2 * offset
            grpprl = page[at + 1 : at + 1 + page[at]] if at else b""
            if grpprl not in known:
                known[grpprl] = _kind(grpprl)
            if (kind := known[grpprl]) is not None:
                special[offset] = kind
        if special:
            starts = struct.unpack_from(f"<{count + 1}I", page)
            stretches = zip(offsets, starts, starts[1:], strict=False)
            for offset, begin, end in stretches:
                if offset in special and begin < end:
                    found[special[offset]].append((begin, end))
    return Special(*map(sorted, found))


def _kind(grpprl: bytes) -> int | None:
    if unprinted(grpprl):
        return _SILENT
    if is_struck(grpprl):
        return _STRUCK
    if is_superscript(grpprl):
        return _ABOVE
    return _SHIFTED if is_shifted(grpprl) else _WHITE if is_white(grpprl) else None
