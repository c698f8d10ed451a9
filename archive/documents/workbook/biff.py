"""Excel 5–2003 (BIFF): the records of the workbook stream, for what the library that reads them leaves out."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import replace

from archive.documents.container import ContainerError
from archive.documents.contrast import is_faint
from archive.documents.ole import Ole
from archive.documents.workbook.formats import PLAIN, CellStyle, NumberFormat, of_format
from archive.documents.workbook.patterns import LONGEST
from archive.documents.workbook.sheet_facts import MAX_AREA, Known, Place

_BOF, _FILEPASS, _BOUNDSHEET = 0x809, 0x2F, 0x85
_BLANK, _MULBLANK, _FORMULA, _BOOLERR = 0x201, 0xBE, 0x06, 0x205
_MULRK = 0xBD
_VALUES = frozenset((0x203, 0x204, 0x27E, 0xD6, 0xFD))  # NUMBER, LABEL, RK, RSTRING and LABELSST
_CELLS = frozenset((_FORMULA, _BOOLERR, _MULRK, _BLANK))
_TEXTS = 0xFC  # the table of shared texts, which begins with how many there are
_EXTENT = 0x200  # the rows and columns that a sheet says it uses
_WHOLE_SHEET = 65_536 * 256  # more cells no sheet of these versions can have
_COLUMNS = tuple(range(256))  # that a sheet of these versions has
_CHECKED = frozenset((_FILEPASS, _TEXTS, _EXTENT))
# of the workbook: a format's code, a cell's style, its font, since when days count, the colours
_FORMAT, _XF, _FONT, _DATEMODE, _PALETTE = 0x41E, 0xE0, 0x31, 0x22, 0x92
_NO_FONT = 4  # a number that no font has
_PAPER = frozenset((1, 65))  # colours that are white whatever the palette says; of its own the default one has 9
_OWN_COLOURS, _DEFAULT_WHITE = 8, 9
_SOLID, _NO_GROUND, _PATTERNED = 1, -1, -2  # a fill of one colour; instead of its colour where it has none, or two
_LEAST_HEIGHT, _LEAST_WIDTH = 20, 256  # 1 point, the width of a digit: below them nothing is seen
_ROW, _COLINFO, _WINDOW = 0x208, 0x7D, 0x23E  # of a sheet
_OF_SHEET = frozenset((_ROW, _COLINFO, _WINDOW))
_WANTED = (
    _VALUES
    | _CELLS
    | _CHECKED
    | {_MULBLANK, _BOF, _BOUNDSHEET, _FORMAT, _XF, _FONT, _DATEMODE, _PALETTE, _COLINFO, _WINDOW}
)
# a ROW, of 16 bytes, that is hidden or was given next to no height; most sheets tell of each row, and hide none
_HIDDEN_ROW = re.compile(
    rb"\x08\x02\x10\0.{6}(?:.{6}[\x20-\x3f\x60-\x7f\xa0-\xbf\xe0-\xff]|[\0-\x13]\0.{4}[\x40-\x7f\xc0-\xff])", re.DOTALL
)
_BIFF8 = 0x600
_FILLING = re.compile(rb"\0{4,}")
_HEADER, _PLACE = struct.Struct("<4H").unpack_from, struct.Struct("<I").unpack_from
_ROW_OF, _COLUMNS_OF = struct.Struct("<7H").unpack_from, struct.Struct("<5H").unpack_from
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


def look(data: bytes) -> list[Known]:
    """What is known of each sheet, in the workbook's order. Raises ContainerError(``encrypted``, ``too_large`` …)."""
    ole = Ole(data)
    stream = _workbook(ole)
    book = _Book()
    current = _SheetRecords({})
    blank = current.known.blank
    for at, kind, length, row, col in _records(stream):
        if kind == _MULBLANK:
            if length >= 6:
                last = stream[at + length + 2] | stream[at + length + 3] << 8
                blank[row].update(_COLUMNS[col : last + 1])
        elif kind in _VALUES:
            if length >= 6:
                if row != current.last or not current.left <= col < current.right:
                    current.grow(row, col, col)
                if current.styles:
                    current.style(stream, at + 8, row, col)
        elif kind in _CELLS:
            if length >= 6:
                current.add(stream, at + 4, kind, length, row, col)
        elif kind == _BOF:
            current = book.begin(at, row)
            blank = current.known.blank
        else:
            (current if kind in _OF_SHEET else book).note(stream, at + 4, kind, length)
    if any(start >= len(stream) for start in book.starts):
        raise ContainerError("truncated" if ole.torn else "damaged")
    return [book.sheets.get(start, Known()) for start in book.starts]


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
        if last < first or right < left:
            raise ContainerError("damaged")  # the library makes room for what the difference wraps around to
        if (last - first) * (right - left) > _WHOLE_SHEET:
            raise ContainerError("too_large")


def _records(stream: bytes) -> Iterator[tuple[int, int, int, int, int]]:
    """Place, kind and length of each record that is wanted, and the row and column with which those of cells begin.

    Of a thousand records most are none of ours: a step over one of them must cost next to nothing. The zeros that fill
    a short stream up are read as empty records, hundreds of them: stepped over at once.
    """
    padded, at, size = stream + bytes(4), 0, len(stream)
    wanted = _WANTED | {_ROW} if _HIDDEN_ROW.search(stream) else _WANTED
    while at + 4 <= size:
        kind, length, row, col = _HEADER(padded, at)
        if not kind and not length and (filling := _FILLING.match(stream, at)):
            at += (filling.end() - at) & ~3
            continue
        following = at + 4 + length
        if following > size:
            return
        if kind in wanted:
            yield at, kind, length, row, col
        at = following


class _Book:
    """What the workbook says: where its sheets begin, their styles; what is known of each substream, by its place."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.sheets: dict[int, Known] = {}
        self._wide = True  # texts may be UTF-16
        self._since_1904 = False
        self._codes: dict[int, str] = {}
        self._styles: list[int] = []
        self._fonts: list[tuple[bool, int]] = []  # whether each strikes out, its colour
        self._style_fonts: list[int] = []
        self._grounds: list[int] = []  # the colour of each style's fill, or that it has none
        self._white = _PAPER | {_DEFAULT_WHITE}
        self._found: dict[int, CellStyle] | None = None

    def begin(self, at: int, version: int) -> _SheetRecords:
        """A substream begins at a place: the workbook's own first, then those of its sheets."""
        if not self.sheets:
            self._wide = version >= _BIFF8
        sheet = _SheetRecords(self._not_plain() if self.sheets else {})
        sheet.known.since_1904 = self._since_1904
        self.sheets[at] = sheet.known
        return sheet

    def note(self, stream: bytes, at: int, kind: int, length: int) -> None:
        """A record of the workbook; one of a sheet that is checked alone."""
        if kind == _XF:  # a style without all it needs is one nevertheless: they are counted
            self._styles.append(stream[at + 2] | stream[at + 3] << 8 if length >= 4 else 0)
            self._style_fonts.append(stream[at] | stream[at + 1] << 8 if length >= 4 else 0)
            self._grounds.append(_ground(stream[at : at + length], wide=self._wide))
        elif kind == _FONT:
            colour = stream[at + 4] | stream[at + 5] << 8 if length >= 6 else 0
            self._fonts.append((length >= 4 and bool(stream[at + 2] & 0x08), colour))
        elif kind in _CHECKED:
            _check(stream, at, kind, length)
        elif length < 2:
            return
        elif kind == _DATEMODE:
            self._since_1904 = stream[at] == 1
        elif length < 4:
            return
        elif kind == _PALETTE:
            colours = range(min(stream[at] | stream[at + 1] << 8, (length - 2) // 4))
            parts = [tuple(stream[at + 2 + 4 * each : at + 5 + 4 * each]) for each in colours]
            white = {_OWN_COLOURS + each for each, part in enumerate(parts) if len(part) == 3 and is_faint(part)}
            self._white = _PAPER | white
        elif kind == _FORMAT:
            self._codes[stream[at] | stream[at + 1] << 8] = self._text(stream[at + 2 : at + length])[:LONGEST]
        else:
            self.starts.append(_PLACE(stream, at)[0])

    def _style(self, style: CellStyle, font: int, ground: int) -> CellStyle:
        """A style with what its font and its fill do to it."""
        at = font - (font > _NO_FONT)
        struck, colour = self._fonts[at] if at < len(self._fonts) else (False, 0)
        if struck:
            return CellStyle(NumberFormat.STRUCK)
        if colour in self._white and (ground == _NO_GROUND or ground in self._white):
            return replace(style, white=True)
        return style

    def _text(self, held: bytes) -> str:
        """A format's code behind the number of its characters: two bytes and one of flags, before Excel 97 one byte.

        Then it is in the code page of its maker, here taken for the Chinese one.
        """
        if not self._wide:
            return held[1 : 1 + held[0]].decode("gb18030", "replace")
        if len(held) < 3:
            return ""
        length, double = held[0] | held[1] << 8, held[2] & 1
        return held[3 : 3 + length * (1 + double)].decode("utf-16-le" if double else "latin-1", "replace")

    def _not_plain(self) -> Mapping[int, CellStyle]:
        """The styles, by number, that show a number as something else or rounded, cross it out or print it in white."""
        if self._found is None:
            formats = {name: of_format(self._codes.get(name), str(name)) for name in set(self._styles)}
            made = [formats[name] for name in self._styles]
            if any(struck or colour in self._white for struck, colour in self._fonts):
                made = list(map(self._style, made, self._style_fonts, self._grounds))
            self._found = {at: style for at, style in enumerate(made) if style is not PLAIN}
        return self._found


def _ground(style: bytes, *, wide: bool) -> int:
    """The colour of a style's fill ([MS-XLS] 2.5.20; before Excel 97 it stands before the borders)."""
    if len(style) < (20 if wide else 16):
        return _NO_GROUND
    pattern, colour = (style[17] >> 2, style[18] & 0x7F) if wide else (style[10] & 0x3F, style[8] & 0x7F)
    return _NO_GROUND if not pattern else colour if pattern == _SOLID else _PATTERNED


class _SheetRecords:
    """One substream: its cells' extent, checked as it grows. ``last``: the row of the cell met last.

    ``styles``: those that do not show a number as it is.
    """

    def __init__(self, styles: Mapping[int, CellStyle]) -> None:
        self.known = Known()
        self.styles = styles
        self.last = -1
        self.top = self.left = 1 << 20
        self.bottom = self.right = 0

    def note(self, stream: bytes, at: int, kind: int, length: int) -> None:
        """What is hidden: a row, columns, zeros."""
        if kind == _ROW and length >= 16:
            row, _, _, height, _, _, options = _ROW_OF(stream, at)
            if options & 0x20 or (options & 0x40 and height < _LEAST_HEIGHT):
                self.known.rows.add(row)
        elif kind == _COLINFO and length >= 10:
            first, last, width, _, options = _COLUMNS_OF(stream, at)
            if options & 1 or width < _LEAST_WIDTH:
                self.known.columns.update(_COLUMNS[first : last + 1])
        elif kind == _WINDOW and length >= 2:
            self.known.zeros = bool(stream[at] & 0x10)

    def style(self, stream: bytes, at: int, row: int, col: int) -> None:
        """Note how a cell shows a number, by the number of its style, which stands at ``at``."""
        if found := self.styles.get(stream[at] | stream[at + 1] << 8):
            self.known.styles[row, col] = found

    def add(self, stream: bytes, at: int, kind: int, length: int, row: int, col: int) -> None:
        """A record of one cell that may be blank or computed, or of several side by side."""
        if kind == _BLANK:
            self.known.blank[row].add(col)
        elif kind == _MULRK:
            last = min(stream[at + length - 2] | stream[at + length - 1] << 8, 255)
            self.grow(row, col, last)
            for each in range(min(last + 1 - col, (length - 6) // 6) if self.styles else 0):
                self.style(stream, at + 4 + 6 * each, row, col + each)
        else:
            self.grow(row, col, col)
            if self.styles:
                self.style(stream, at + 4, row, col)
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
