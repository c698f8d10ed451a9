"""An Excel 5–2003 workbook that is cut → one that the library opens: what is left of its records, in a file of its own.

The records of a workbook stand one behind the other, row by row; the tables that say which sector of the file follows
which often stand at its end, and are the first to go. The last row of a sheet that is cut is left out: cells that it
lacks would look blank. Sheets that are gone are empty.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from archive.documents.ole import Ole, first_workbook

_BOF, _EOF, _BOUNDSHEET, _FILEPASS = 0x809, 0x0A, 0x85, 0x2F
_CELLS = frozenset((0x203, 0x204, 0x27E, 0xD6, 0xFD, 0x06, 0x205, 0xBD, 0x201, 0xBE))  # records that begin with a row
_LONGEST, _LAST = 8_224, 0x10FF  # bytes of a record, and the greatest number of one ([MS-XLS] 2.1.4, 2.3)
_HEADER, _PLACE = struct.Struct("<2H"), struct.Struct("<I")
_END = _HEADER.pack(_EOF, 0)
_EMPTY = struct.pack("<4H2HII", _BOF, 16, 0x600, 0x10, 0, 0, 0, 6) + _END  # a sheet without anything
_SECTOR, _LEAST = 512, 4_096  # bytes; shorter streams would lie elsewhere
_TABLES = 109  # sectors of the table of sectors that a header names; more would be named elsewhere
_FREE, _CHAIN_END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def mended(data: bytes) -> bytes | None:
    """A whole file with what is left of a cut one; None where it is not cut, encrypted, or its sheets are not known."""
    ole = Ole(data)
    if ole.rooted and not ole.torn and len(data) % _SECTOR == 0:
        return None
    stream = ole.stream("Workbook") or ole.stream("Book")
    if not stream and (begin := first_workbook(data)):
        stream = ole.stream_at(begin)
    left = _closed_records(stream)
    return compound(left) if left is not None else None


def _closed_records(stream: bytes) -> bytes | None:
    """The records that are left, every substream ended; None without the workbook's own."""
    places: list[int] = []  # of what says where sheets begin
    at, size = 0, len(stream)
    ended = begun = 0  # behind the last whole substream, and where the one at hand begins
    cells: dict[int, int] = {}  # the first cell of each row of it
    last = -1
    while at + 4 <= size:
        kind, length = _HEADER.unpack_from(stream, at)
        following = at + 4 + length
        if following > size or length > _LONGEST or kind > _LAST or kind == _FILEPASS:
            break
        if at == ended:
            if kind != _BOF:
                break
            begun, cells, last = at, {}, -1
        elif kind == _BOUNDSHEET and length >= 4 and not ended:
            places.append(at + 4)
        elif kind in _CELLS and length >= 6:
            last = stream[at + 4] | stream[at + 5] << 8
            cells.setdefault(last, at)
        at = following
        if kind == _EOF:
            ended = at
    if not ended or not places:
        return None
    left = bytearray(stream[:ended])
    if last >= 0 and begun >= ended:
        left += stream[ended : cells[last]] + _END
    for place in places:
        if _PLACE.unpack_from(left, place)[0] >= len(left):
            _PLACE.pack_into(left, place, len(left))
            left += _EMPTY
    return bytes(left)


def records(stream: bytes | bytearray) -> Iterator[tuple[int, int, int]]:
    """Place, kind and length of each whole record."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = _HEADER.unpack_from(stream, at)
        if at + 4 + length > len(stream):
            return
        yield at, kind, length
        at += 4 + length


def compound(stream: bytes) -> bytes | None:
    """A compound file ([MS-CFB], version 3) of one stream, the workbook; None if it is longer than 7 MB."""
    count = max(-(-len(stream) // _SECTOR), _LEAST // _SECTOR)
    tables = 1
    while tables * (_SECTOR // 4) < count + 1 + tables:
        tables += 1
    if tables > _TABLES:
        return None
    chain = [*range(1, count), _CHAIN_END, _CHAIN_END, *[_FAT] * tables]
    chain += [_FREE] * (tables * (_SECTOR // 4) - len(chain))
    header = struct.pack("<8s16s6H10I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0,
                         tables, count, 0, _LEAST, _CHAIN_END, 0, _CHAIN_END, 0)  # fmt: skip
    header += struct.pack(f"<{_TABLES}I", *range(count + 1, count + 1 + tables), *[_FREE] * (_TABLES - tables))
    root = _entry("Root Entry", 5, 1, _CHAIN_END, 0)
    own = _entry("Workbook", 2, _FREE, 0, max(len(stream), _LEAST))
    directory = (root + own).ljust(_SECTOR, b"\0")
    return header + stream.ljust(count * _SECTOR, b"\0") + directory + struct.pack(f"<{len(chain)}I", *chain)


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    letters = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sH2B3I16sI2QIQ", letters, len(letters), kind, 1, _FREE, _FREE, child, bytes(16), 0, 0, 0, start, size
    )
