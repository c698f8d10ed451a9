"""Streams of a PDF that come to more than any page needs, emptied before pdfium, which knows no bound, opens the file.

A megabyte of deflate unpacks to a gigabyte of blanks, 40 kB to 20 million operators: minutes and all memory. What is
emptied keeps its length, so that the rest of the file stands where its table of contents says. Streams that are small
as they stand are not unpacked to look at them, nor are images and fonts, which are loaded only where they are drawn:
what is hidden among those costs its document its time or memory, as a defect of a library does.
"""

from __future__ import annotations

import re
import zlib

MOST = 32 << 20  #: bytes a stream may come to
_LEAST = MOST // 1032 + 1  # deflate makes of no fewer bytes so many
END = b"endstream"
BEGIN = re.compile(rb"(?<!end)stream(?:\r\n|\n|\r)")
_HEAD = 4_096  # bytes before a stream in which what is said of it stands
_NO_CONTENT = re.compile(rb"/Subtype\s*/Image\b|/DCTDecode|/JPXDecode|/JBIG2Decode|/CCITTFaxDecode|/Length1\b")
_CHUNK = 1 << 16
_TWICE = re.compile(
    rb"\[\s{0,4}((?:/Fl(?:ateDecode)?\s{0,4}){2,8})"
)  # deflate within deflate makes a thousand of it again
_NESTED = 4  # times ``most`` that those come to in all
_NOTHING = zlib.compress(b"")


def within_bounds(data: bytes, most: int = MOST) -> tuple[bytes, int]:
    """The same file without the streams that hold more than ``most`` bytes each, and how many of them were emptied."""
    emptied = _bursting_within(data, most)
    if len(data) < _LEAST and not emptied:
        return data, 0
    before = 0
    while before < len(data):
        small = data.rfind(END, before, before + _LEAST)
        end = small if small >= 0 else data.find(END, before)
        end = len(data) if end < 0 else end
        if end - before >= _LEAST and (begin := _beginning(data, before, end)) >= 0 and _bursts(data, begin, end, most):
            emptied.append((begin, end))
        before = end + len(END)
    if not emptied:
        return data, 0
    held = bytearray(data)
    for begin, end in emptied:
        held[begin:end] = _NOTHING.ljust(end - begin, b"\0")
    return bytes(held), len(emptied)


def _bursting_within(data: bytes, most: int) -> list[tuple[int, int]]:
    """Where the streams stand that are packed several times over and come to more than ``most``, in all or each."""
    found: list[tuple[int, int]] = []
    left = _NESTED * most
    for match in _TWICE.finditer(data):
        begun = BEGIN.search(data, match.end(), match.end() + _HEAD)
        if begun is None or _NO_CONTENT.search(data, match.start(), begun.start()):
            continue
        begin, end = begun.end(), data.find(END, begun.end())
        piece, bound = data[begin : end if end >= 0 else len(data)], min(most, left)
        for _ in range(match[1].count(b"/")):
            try:
                piece = zlib.decompressobj().decompress(piece, bound + 1)
            except zlib.error:
                break
            left -= len(piece)
            if len(piece) > bound:
                found.append((begin, end if end >= 0 else len(data)))
                break
    return found


def _beginning(data: bytes, before: int, end: int) -> int:
    """Where the first stream between two places begins; -1 if there is none to be looked at."""
    found = BEGIN.search(data, before, end)
    if found is None or _NO_CONTENT.search(data, max(before, found.start() - _HEAD), found.start()):
        return -1
    return found.end()


def _bursts(data: bytes, begin: int, end: int, most: int) -> bool:
    """Whether a stream comes to more than ``most``; of what is not packed nothing is said."""
    _, size = unpacks(data, begin, end, most)
    return size > most


def unpacks(data: bytes, begin: int, end: int, most: int) -> tuple[bool, int]:
    """Whether a stream unpacks to its end, as far as ``most`` bytes, and how many it comes to (one more: or beyond)."""
    engine, view, size = zlib.decompressobj(), memoryview(data), 0
    try:
        for at in range(begin, end, _CHUNK):
            size += len(engine.decompress(view[at : min(end, at + _CHUNK)], most - size + 1))
            if engine.eof or size > most:
                return True, size
    except zlib.error:
        return False, size
    return not data[begin:end].strip(), size
