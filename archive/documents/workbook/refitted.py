"""An Excel 5–2003 workbook with records that contradict themselves → one that the library opens, without these.

The library gives up a workbook over one record of a length it does not expect ([MS-XLS] 2.4). A cell whose record
cannot be right is an error there, never blank; a shared text whose length cannot be right is one unknown character.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice

from archive.documents.ole import Ole
from archive.documents.workbook.cut import compound, records

_BOUNDSHEET, _FILEPASS, _DIMENSIONS, _MERGED, _SST, _CONTINUE = 0x85, 0x2F, 0x200, 0xE5, 0xFC, 0x3C
_MULRK, _MULBLANK, _BOOLERR = 0xBD, 0xBE, 0x205
_LEAST = {0x203: 14, 0x27E: 10, 0xFD: 10, 0x06: 22, 0x204: 8, 0xD6: 8, _BOOLERR: 8}  # bytes of records of one cell
_COLUMNS = 256
_NOT_AVAILABLE = 0x2A
_UNKNOWN = "\N{REPLACEMENT CHARACTER}".encode("utf-16-le")
_LONGEST, _STEPS = 1 << 20, 2_000_000  # bytes of shared texts that are looked through, and what that may cost
_RECORDS = 500_000  # of a workbook; one that has more is let be
_HEADER, _PLACE = struct.Struct("<2H"), struct.Struct("<I")
_TEXT, _COUNTS = struct.Struct("<HB"), struct.Struct("<2I")

Record = tuple[int, bytes]


def refitted(data: bytes) -> bytes | None:
    """A file whose records all fit; None where nothing was wrong with them, or the shared texts are beyond mending."""
    ole = Ole(data)
    stream = ole.stream("Workbook") or ole.stream("Book")
    groups = list(islice(_groups(stream), _RECORDS))
    if len(groups) == _RECORDS:
        return None
    out = bytearray()
    moved = [(0, 0)]  # from which place on what follows stands further on, and by how much
    sheets: list[int] = []
    wrong = False
    for following, given in groups:
        kind, body = given[0]
        fit = _texts(given) if kind == _SST else list(_fit(kind, body))
        if fit is None or kind == _FILEPASS:
            return None
        wrong |= fit != given
        if kind == _BOUNDSHEET and len(body) >= 4:
            sheets.append(len(out) + 4)
        for one, held in fit:
            out += _HEADER.pack(one, len(held)) + held
        if following + moved[-1][1] != len(out):
            moved.append((following, len(out) - following))
    if not wrong:
        return None
    for sheet in sheets:
        start = _PLACE.unpack_from(out, sheet)[0]
        after = moved[bisect_right(moved, (start, len(out))) - 1][1]
        _PLACE.pack_into(out, sheet, min(max(start + after, 0), 0xFFFFFFFF))
    return compound(bytes(out))


def _groups(stream: bytes) -> Iterator[tuple[int, list[Record]]]:
    """The whole records, those of the shared texts together, each with the place behind it."""
    texts: list[Record] = []
    begin = 0
    for at, kind, length in records(stream):
        following = at + 4 + length
        body = stream[at + 4 : following]
        if texts and kind != _CONTINUE:
            yield begin, texts
            texts = []
        if kind == _SST or texts:
            texts.append((kind, body))
        else:
            yield following, [(kind, body)]
        begin = following
    if texts:
        yield begin, texts


def _fit(kind: int, body: bytes) -> Iterator[Record]:
    """A record as it may stand; nothing, or errors in its cells, where it cannot."""
    if kind == _MERGED:
        ranges = [body[at : at + 8] for at in range(2, len(body) - 7, 8)]
        said = int.from_bytes(body[:2], "little")
        sound = [one for one in ranges[:said] if _is_range(*struct.unpack("<4H", one))]
        if said == len(sound):
            yield kind, body
        elif sound:
            yield kind, len(sound).to_bytes(2, "little") + b"".join(sound)
    elif kind == _DIMENSIONS and len(body) >= 12:
        first, last, left, right = struct.unpack_from("<2I2H", body)
        if first <= last and left <= right:
            yield kind, body
    elif kind in {_MULRK, _MULBLANK} and len(body) >= 6:
        width = 6 if kind == _MULRK else 2
        row, first, last = *_HEADER.unpack_from(body), int.from_bytes(body[-2:], "little")
        count = (len(body) - 6) // width
        if last < _COLUMNS and len(body) == 6 + width * (last - first + 1):
            yield kind, body
        elif kind == _MULRK and first + count <= _COLUMNS:
            for col in range(first, first + count):
                yield _error(row, col)
    elif len(body) < _LEAST.get(kind, 0):
        if len(body) >= 4:
            yield _error(*_HEADER.unpack_from(body))
    else:
        yield kind, body


def _is_range(first: int, last: int, left: int, right: int) -> bool:
    return first <= last and left <= right < _COLUMNS


def _error(row: int, col: int) -> Record:
    return _BOOLERR, struct.pack("<3H2B", row, col, 0, _NOT_AVAILABLE, 1)


def _texts(given: list[Record]) -> list[Record] | None:
    """The shared texts with as many as there are; one that runs over what follows it ends where the others go on.

    None if that leaves more than one way to read them, or none.
    """
    body = b"".join(held for _, held in given)
    if not 8 <= len(body) <= _LONGEST:
        return None
    breaks, at = [], 0
    for _, held in given:
        breaks.append(at := at + len(held))
    count = _COUNTS.unpack_from(body)[1]
    table = _Texts(body, breaks)
    at = 8
    for number in range(count):
        following = table.end(at)
        if at == len(body):
            return _recounted(given, number)
        if following is None:
            return _resumed(given, table, at, count - number - 1)
        at = following
    return given


def _recounted(given: list[Record], count: int) -> list[Record]:
    kind, first = given[0]
    return [(kind, _COUNTS.pack(count, count) + first[8:]), *given[1:]]


def _resumed(given: list[Record], table: _Texts, at: int, left: int) -> list[Record] | None:
    """Put one unknown character for the text at a place, behind which ``left`` others are read to the very end."""
    places = [place for place in range(at + 3, len(table.body) + 1) if table.left(place) == left]
    if len(places) != 1 or table.steps > _STEPS:
        return None
    room = places[0] - at
    if room >= 9:  # the rest of its room is what a program may put behind a text
        new = _TEXT.pack(1, 0x05) + _PLACE.pack(room - 9) + _UNKNOWN
    elif room % 2:
        new = _TEXT.pack((room - 3) // 2, 0x01) + _UNKNOWN * ((room - 3) // 2)
    else:
        new = _TEXT.pack(room - 3, 0) + b"?" * (room - 3)
    begin = 0
    mended: list[Record] = []
    for kind, held in given:
        end = begin + len(held)
        if begin <= at < end < at + len(new):
            return None
        within = begin <= at < end
        mended.append((kind, held[: at - begin] + new + held[at - begin + len(new) :] if within else held))
        begin = end
    return mended


class _Texts:
    """The table of shared texts ([MS-XLS] 2.4.265, 2.5.293), its records one behind the other, ended at ``breaks``."""

    def __init__(self, body: bytes, breaks: list[int]) -> None:
        self.body = body
        self._breaks = breaks
        self._left: dict[int, int] = {len(body): 0}
        self.steps = 0

    def end(self, at: int) -> int | None:
        """The place behind the text that begins at one; None if it is not whole."""
        size = len(self.body)
        if at + 3 > size:
            return None
        letters, flags = _TEXT.unpack_from(self.body, at)
        at += 3
        extra = 0
        if flags & 0x08:
            extra += 4 * int.from_bytes(self.body[at : at + 2], "little")
            at += 2
        if flags & 0x04:
            extra += int.from_bytes(self.body[at : at + 4], "little")
            at += 4
        width = 1 + (flags & 1)
        while letters:
            self.steps += 1
            if at >= size or self.steps > _STEPS:
                return None
            stop = self._breaks[bisect_right(self._breaks, at)]
            taken = min(letters, (stop - at) // width)
            letters -= taken
            at += taken * width
            if letters:  # a record that goes on with a text says anew how wide its letters are
                if stop >= size:
                    return None
                width, at = 1 + (self.body[stop] & 1), stop + 1
        at += extra
        return at if at <= size else None

    def left(self, at: int) -> int:
        """How many texts are read from a place to the very end; -1 if none of them ends there."""
        way: list[int] = []
        here: int | None = at
        while here is not None and here not in self._left:
            way.append(here)
            here = self.end(here)
        known = -1 if here is None else self._left[here]
        for place in reversed(way):
            known = known + 1 if known >= 0 else -1
            self._left[place] = known
        return self._left[at]
