"""An Excel 5–2003 workbook in which an entry stands far from all else → one without it, that the library has room for.

The library makes a rectangle around all that a sheet holds, and one of what it announces. Records of what stands far
off are made such as nobody knows, and what is announced is set right.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from archive.documents.ole import Ole
from archive.documents.workbook.outlying_cells import outside, together
from archive.documents.workbook.sheet_facts import MAX_AREA, Place
from archive.documents.workbook.truncated_workbook import compound, records

_BOF, _BOUNDSHEET, _FILEPASS, _EXTENT = 0x809, 0x85, 0x2F, 0x200
_CELLS = frozenset((0x203, 0x204, 0x27E, 0xD6, 0xFD, 0x06, 0x205, 0x201))  # records of one cell
_MULRK, _MULBLANK, _BLANK = 0xBD, 0xBE, 0x201
_RESULT = 0x207  # the text that a formula comes to, behind it
_UNKNOWN = 0x10FE  # no record has this number ([MS-XLS] 2.3)
_WIDTH = 256  # columns of these versions
_KIND, _PLACE, _ROW_COL = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<2H")
_REACH = struct.Struct("<2I2H")  # of the extent: first row, one behind the last, the same of columns


@dataclass(slots=True)
class _Substream:
    """A sheet: its records of cells as place, row, first and last column; what it announces, by place."""

    cells: list[tuple[int, int, int, int]] = field(default_factory=list)
    extents: list[int] = field(default_factory=list)
    held: dict[int, set[int]] = field(default_factory=dict)


def thinned(data: bytes) -> tuple[bytes, list[list[Place]]] | None:
    """The workbook without what stands far from all else, and its places by sheet; None where that is not to be had."""
    ole = Ole(data)
    stream = bytearray(ole.stream("Workbook") or ole.stream("Book"))
    sheets: list[int] = []
    found: dict[int, _Substream] = {}
    current = _Substream()
    for at, kind, length in records(stream):
        if kind == _FILEPASS:
            return None
        if kind == _BOF:
            current = found[at] = _Substream()
        elif kind == _BOUNDSHEET and length >= 4:
            sheets.append(_PLACE.unpack_from(stream, at + 4)[0])
        elif kind == _EXTENT and length >= _REACH.size:
            current.extents.append(at + 4)
        elif kind in _CELLS or kind in (_MULRK, _MULBLANK):
            _note(current, stream, at, kind, length)
    astray = {start: _left_out(stream, sheet) for start, sheet in found.items()}
    whole = compound(bytes(stream))
    return (whole, [astray.get(start) or [] for start in sheets]) if whole is not None else None


def _note(sheet: _Substream, stream: bytearray, at: int, kind: int, length: int) -> None:
    """A record of one cell or of several side by side; blank ones take room, and stand nowhere."""
    if length < 6:
        return
    row, first = _ROW_COL.unpack_from(stream, at + 4)
    last = first
    if kind in (_MULRK, _MULBLANK):
        last = min(_KIND.unpack_from(stream, at + 2 + length)[0], _WIDTH - 1)
    sheet.cells.append((at, row, first, max(first, last)))
    if kind not in (_BLANK, _MULBLANK):
        sheet.held.setdefault(row, set()).update(range(first, last + 1))


def _left_out(stream: bytearray, sheet: _Substream) -> list[Place]:
    """Make unknown what stands far from all else in a sheet that takes too much room; its places."""
    rows = {row: cols for row, cols in sheet.held.items() if cols}
    kept = together(rows) if rows else None
    if kept is None:
        return []
    left, right = min(map(min, rows.values())), max(map(max, rows.values()))
    far = (max(rows) + 1 - min(rows)) * (right + 1 - left) > MAX_AREA
    down, across = kept if far else (range(min(rows), max(rows) + 1), range(left, right + 1))
    for at in sheet.extents:
        _REACH.pack_into(stream, at, down.start, down.stop, across.start, across.stop)
    if not far:
        return []
    for at, row, first, last in sheet.cells:
        if row not in down or first not in across or last not in across:
            _KIND.pack_into(stream, at, _UNKNOWN)
            following = at + 4 + _KIND.unpack_from(stream, at + 2)[0]
            if stream[following : following + 2] == _KIND.pack(_RESULT):
                _KIND.pack_into(stream, following, _UNKNOWN)
    return outside(rows, kept)
