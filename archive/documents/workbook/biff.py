"""Excel 5–2003 (BIFF): the records of the workbook stream, for what the library that reads them leaves out."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from archive.documents.container import ContainerError
from archive.documents.ole import Ole
from archive.documents.workbook.known import MAX_AREA, Known, Place

_BOF, _EOF, _FILEPASS, _BOUNDSHEET = 0x809, 0x0A, 0x2F, 0x85
_BLANK, _MULBLANK, _FORMULA, _BOOLERR = 0x201, 0xBE, 0x06, 0x205
_MULRK = 0xBD
_VALUES = frozenset((0x203, 0x204, 0x27E, 0xD6, 0xFD))  # NUMBER, LABEL, RK, RSTRING and LABELSST
_CELLS = frozenset((_FORMULA, _BOOLERR, _MULRK, _BLANK))
_TEXTS = 0xFC  # the table of shared texts, which begins with how many there are
_EXTENT = 0x200  # the rows and columns that a sheet says it uses
_WHOLE_SHEET = 65_536 * 256  # more cells no sheet of these versions can have
_COLUMNS = tuple(range(256))  # that a sheet of these versions has
_CHECKED = frozenset((_FILEPASS, _TEXTS, _EXTENT))
_WANTED = _VALUES | _CELLS | _CHECKED | {_MULBLANK, _BOF, _BOUNDSHEET}
_FILLING = re.compile(rb"\0{4,}")
_HEADER, _PLACE = struct.Struct("<4H").unpack_from, struct.Struct("<I").unpack_from
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


def look(data: bytes) -> list[Known]:
    """What is known of each sheet, in the workbook's order. Raises ContainerError(``encrypted``, ``too_large`` …)."""
    ole = Ole(data)
    stream = _workbook(ole)
    starts: list[int] = []
    sheets: dict[int, Known] = {}
    current = _Sheet()
    blank = current.known.blank
    for at, kind, length, row, col in _records(stream):
        if kind == _MULBLANK:
            if length >= 6:
                last = stream[at + length + 2] | stream[at + length + 3] << 8
                blank[row].update(_COLUMNS[col : last + 1])
        elif kind in _VALUES:
            if length >= 6 and (row != current.last or not current.left <= col < current.right):
                current.grow(row, col, col)
        elif kind in _CELLS:
            if length >= 6:
                current.add(stream, at + 4, kind, length, row, col)
        elif kind == _BOF:
            current = _Sheet()
            blank = current.known.blank
            sheets[at] = current.known
        elif kind in _CHECKED:
            _check(stream, at + 4, kind, length)
        elif length >= 4:
            starts.append(_PLACE(stream, at + 4)[0])
    if any(start >= len(stream) for start in starts):
        raise ContainerError("truncated" if ole.torn else "damaged")
    return [sheets.get(start, Known()) for start in starts]


def _workbook(ole: Ole) -> bytes:
    stream = ole.stream("Workbook") or ole.stream("Book")
    if not stream:
        raise ContainerError("truncated" if ole.torn else "missing")
    if not ole.sound():
        raise ContainerError("damaged")
    return stream


def _check(stream: bytes, at: int, kind: int, length: int) -> None:
    """Refuse what is encrypted or promises more texts or cells than there can be: the library makes room for them."""
    if kind == _FILEPASS:
        raise ContainerError("encrypted")
    if kind == _TEXTS:
        if length >= 8 and _PLACE(stream, at + 4)[0] > len(stream):
            raise ContainerError("damaged")
    elif length >= 12:
        first, last, left, right = struct.unpack_from("<2I2H", stream, at)
        if max(0, last - first) * max(0, right - left) > _WHOLE_SHEET:
            raise ContainerError("too_large")


def _records(stream: bytes) -> Iterator[tuple[int, int, int, int, int]]:
    """Place, kind and length of each record that is wanted, and the row and column with which those of cells begin.

    Of a thousand records most are none of ours: a step over one of them must cost next to nothing. The zeros that fill
    a short stream up are read as empty records, hundreds of them: stepped over at once.
    """
    padded, at, size = stream + bytes(4), 0, len(stream)
    while at + 4 <= size:
        kind, length, row, col = _HEADER(padded, at)
        if not kind and not length and (filling := _FILLING.match(stream, at)):
            at += (filling.end() - at) & ~3
            continue
        following = at + 4 + length
        if following > size:
            return
        if kind in _WANTED:
            yield at, kind, length, row, col
        at = following


class _Sheet:
    """One substream: its cells' extent, checked as it grows. ``last``: the row of the cell met last."""

    def __init__(self) -> None:
        self.known = Known()
        self.last = -1
        self.top = self.left = 1 << 20
        self.bottom = self.right = 0

    def add(self, stream: bytes, at: int, kind: int, length: int, row: int, col: int) -> None:
        """A record of one cell that may be blank or computed, or of several side by side."""
        if kind == _BLANK:
            self.known.blank[row].add(col)
        elif kind == _MULRK:
            self.grow(row, col, min(stream[at + length - 2] | stream[at + length - 1] << 8, 255))
        else:
            self.grow(row, col, col)
            self._computed(stream, at, kind, length, (row, col))

    def _computed(self, stream: bytes, at: int, kind: int, length: int, place: Place) -> None:
        """An error, or a formula whose result is one or was never made."""
        if kind == _BOOLERR:
            if length >= 8 and stream[at + 7]:
                self.known.unsolved[place] = _ERRORS.get(stream[at + 6], "#ERROR!")
        elif length >= 16 and stream[at + 12 : at + 14] == b"\xff\xff":
            kept = stream[at + 6]
            if kept == 2:
                self.known.unsolved[place] = _ERRORS.get(stream[at + 8], "#ERROR!")
            elif kept == 3:  # an empty text: the result, or what programs store that cannot calculate
                self.known.unsolved[place] = "="

    def grow(self, row: int, first: int, last: int) -> None:
        """Note that there are cells in a row from column ``first`` to ``last``."""
        self.last = row
        if self.top <= row < self.bottom and self.left <= first and last < self.right:
            return
        self.top, self.bottom = min(self.top, row), max(self.bottom, row + 1)
        self.left, self.right = min(self.left, first), max(self.right, last + 1)
        if (self.bottom - self.top) * (self.right - self.left) > MAX_AREA:
            raise ContainerError("too_large")
