"""A PDF whose table of objects is gone, as every file that breaks off loses it: a new one, by what is left.

Objects are found by the words they begin with, those in streams of objects unpacked, within bounds. Where the catalogue
is lost, one is made of what is left of the tree of pages, or of single pages in the order of their numbers.
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from archive.documents.pdfium.streams import BEGIN

_OBJECT = re.compile(rb"(?<![0-9])([0-9]{1,6})[ \r\n\t]{1,4}[0-9]{1,5}[ \r\n\t]{1,4}obj(?![a-z])")
_CATALOG = re.compile(rb"/Type\s{0,4}/Catalog\b")
_PAGES = re.compile(rb"/Type\s{0,4}/Pages\b")
_PAGE = re.compile(rb"/Type\s{0,4}/Page(?![A-Za-z])")
_PARENT = re.compile(rb"/Parent\s{0,4}([0-9]{1,6})\s{1,4}[0-9]{1,5}\s{1,4}R\b")
_PACKED = re.compile(rb"/Type\s{0,4}/ObjStm\b")
_FIRST = re.compile(rb"/First\s{1,4}([0-9]{1,7})\b")
_LOCKED = re.compile(rb"/Encrypt\b|/Filter\s{0,4}/Standard\b")
_BOX = b"/MediaBox [0 0 595 842]"  # A4, for pages that inherited theirs
MAX_NUMBER = 200_000  # of an object
MAX_UNPACKED = 32 << 20  # bytes of all streams of objects together
_HEAD = 4_096  # bytes of an object in which it says what it is


@dataclass(slots=True)
class _Objects:
    """What is left of a file: where its objects begin, by number, and those that stood in streams of objects."""

    data: bytes
    begin: dict[int, int] = field(default_factory=dict)
    packed: dict[int, bytes] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)  # of all that begin, the same number twice too

    def heads(self) -> Iterator[tuple[int, bytes]]:
        """The number of each object and its beginning, in the order of their numbers."""
        for number in sorted(self.begin.keys() | self.packed.keys()):
            if number in self.begin:
                at = self.begin[number]
                yield number, self.data[at : min(at + _HEAD, self.end_of(at))]
            else:
                yield number, self.packed[number][:_HEAD]

    def end_of(self, at: int) -> int:
        """Where the next object begins."""
        behind = bisect_right(self.starts, at)
        return self.starts[behind] if behind < len(self.starts) else len(self.data)


def rebuilt(data: bytes) -> bytes | None:
    """The file with a table of objects of its own behind it; None if it is encrypted, or no page is left."""
    start = data.find(b"%PDF-", 0, 1024)
    if start < 0 or _LOCKED.search(data):
        return None
    objects = _objects(data[start:] + b"\nendstream\nendobj\n")
    more: dict[int, bytes] = dict(objects.packed)
    root = _root(objects, more)
    return None if root is None else _written(objects, more, root)


def _objects(data: bytes) -> _Objects:
    found = _Objects(data)
    for match in _OBJECT.finditer(data):
        found.starts.append(match.start())
        if int(match[1]) <= MAX_NUMBER:
            found.begin[int(match[1])] = match.start()  # the last of a number counts
    left = MAX_UNPACKED
    for at in found.starts:
        end = found.end_of(at)
        head = data[at : min(at + _HEAD, end)]
        if (begin := BEGIN.search(data, at, end)) is None or not _PACKED.search(head):
            continue
        first = _FIRST.search(head)
        body = _unpacked(data[begin.end() : end], left) if first is not None else b""
        left -= len(body)
        if first is not None and body:
            found.packed.update(_inside(body, int(first[1])))
        if left <= 0:
            break
    return found


def _unpacked(stream: bytes, most: int) -> bytes:
    """What a packed stream holds, as far as it goes."""
    engine = zlib.decompressobj()
    pieces: list[bytes] = []
    for at in range(0, len(stream), 1 << 16):
        try:
            pieces.append(engine.decompress(stream[at : at + (1 << 16)], max(1, most)))
        except zlib.error:
            break
        most -= len(pieces[-1])
        if engine.eof or most <= 0:
            break
    return b"".join(pieces)


def _inside(body: bytes, first: int) -> Mapping[int, bytes]:
    """The objects of a stream of objects, by number: pairs of number and place stand before ``first``."""
    words = body[:first].split()
    pairs = [
        (int(number), first + int(place))
        for number, place in zip(words[::2], words[1::2], strict=False)
        if number.isdigit() and place.isdigit() and len(number) < 7 and len(place) < 9
    ]
    ends = [place for _, place in pairs[1:]] + [len(body)]
    return {
        number: body[place:end]
        for (number, place), end in zip(pairs, ends, strict=True)
        if place < end and number <= MAX_NUMBER
    }


def _root(objects: _Objects, more: dict[int, bytes]) -> int | None:
    """The number of the catalogue, made and put into ``more`` if it is lost."""
    tops: list[int] = []
    pages: list[tuple[int, bytes]] = []
    catalog: int | None = None
    for number, head in objects.heads():
        if _CATALOG.search(head):
            catalog = number
        elif _PAGES.search(head):
            tops += [] if _PARENT.search(head) else [number]
        elif _PAGE.search(head):
            pages.append((number, head))
    if catalog is not None and tops:
        return catalog
    if not tops and not pages:
        return None
    known = objects.begin.keys() | more.keys()
    free = max(known, default=0) + 1
    top = tops[-1] if tops else _missing_parent(pages, known) or free + 1
    if not tops:
        kids = b" ".join(b"%d 0 R" % number for number, _ in pages)
        more[top] = b"<< /Type /Pages /Count %d /Kids [%b] %b >>" % (len(pages), kids, _BOX)
    more[free] = b"<< /Type /Catalog /Pages %d 0 R >>" % top
    return free


def _missing_parent(pages: list[tuple[int, bytes]], known: set[int]) -> int | None:
    """The number of the lost tree of pages, as its pages name it."""
    named = [int(parent[1]) for _, head in pages if (parent := _PARENT.search(head))]
    return named[0] if named and named[0] not in known and named[0] <= MAX_NUMBER else None


def _written(objects: _Objects, more: Mapping[int, bytes], root: int) -> bytes:
    pieces = [objects.data]
    at = len(objects.data)
    places = dict(objects.begin)
    for number, body in sorted(more.items()):
        if number not in objects.begin:
            piece = b"%d 0 obj\n%b\nendobj\n" % (number, body)
            places[number] = at
            pieces.append(piece)
            at += len(piece)
    size = max(places) + 1
    table = [b"0000000000 65535 f \n"]
    table += [
        b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 00000 f \n"
        for number in range(1, size)
    ]
    trailer = b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, root, at)
    return b"".join([*pieces, b"xref\n0 %d\n" % size, *table, trailer])
