"""The Word 97–2003 binary format ([MS-DOC]) as far as its printed text and tables need it.

Text comes from the piece table, paragraphs from the PAPX pages, rows and merged cells from each row's TDefTable, so
that a merged cell keeps its identity. Deleted, hidden and struck-out text is left out, as are field codes.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from archive.documents.ole import Ole
from archive.documents.ooxml.numbering import Numbering
from archive.documents.word97_lists import has_lists, numbered_styles, read_lists

_FC_CHPX, _FC_PAPX, _FC_CLX = 154 + 12 * 8, 154 + 13 * 8, 154 + 33 * 8
_SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}  # operand length by the top three bits of a sprm
_IN_TABLE, _TTP, _ITAP, _INNER_CELL, _INNER_TTP = 0x2416, 0x2417, 0x6649, 0x244B, 0x244C
_LIST, _LIST_LEVEL = 0x460B, 0x260A
_TDEF, _HUGE, _HUGE_OLD, _OUTLINE, _VERT_MERGE, _MERGE = 0xD608, 0x6646, 0x6645, 0x2640, 0xD62B, 0x5624
_DELETED, _STRUCK, _STRUCK_TWICE, _VANISHED = 0x0800, 0x0837, 0x2A53, 0x083C
_MARKS = "\r\x07\x0c"
_FIELD_MARKS = "\x13\x14\x15"
_RUN = re.compile(r"[^\r\x07\x0c\x13-\x15]+|[\r\x07\x0c\x13-\x15]")
_WORDS = re.compile(r"[^\r\x07\x0c\x13-\x15]+")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f]")
_SHOWN = {code: None for code in range(32) if code != 9} | {0x0B: "\n", 0x1E: "-"}
MAX_CHARACTERS = 4_000_000
MAX_COLUMNS = 64


class NotWord97Error(ValueError):
    """The bytes are no Word 97 document that this module understands."""


@dataclass(slots=True)
class RowShape:
    """A row as its definition draws it: edges in twips and, per cell, how it is merged."""

    edges: tuple[int, ...]
    across: list[bool]  # merged into the cell on its left
    down: list[bool]  # merged into the cell above
    restart: list[bool]  # begins a cell that reaches down


@dataclass(slots=True)
class WordParagraph:
    """One paragraph. ``depth`` of tables it stands in; ``cell_end``/``row_end``: its mark ends one.

    ``drawn``: places in it where an image or object stands.
    """

    text: str
    depth: int = 0
    cell_end: bool = False
    row_end: bool = False
    heading: int = 0
    row: RowShape | None = None
    drawn: int = 0


@dataclass(slots=True)
class _Properties:
    in_table: bool = False
    ttp: bool = False
    depth: int = 0
    inner_cell: bool = False
    inner_ttp: bool = False
    outline: int = 9
    row: RowShape | None = None
    list: int | None = None  # 0 is none, against its style
    level: int = 0


@dataclass(slots=True)
class _Runs:
    """Properties by file position."""

    starts: list[int] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)

    def at(self, position: int) -> bytes:
        index = bisect_right(self.starts, position) - 1
        return self.values[index] if index >= 0 else b""


def is_encrypted(ole: Ole) -> bool:
    """Whether the document says that it is encrypted (FIB base, [MS-DOC] 2.5.2)."""
    head = ole.stream("WordDocument")[:12]
    return len(head) == 12 and bool(struct.unpack_from("<H", head, 10)[0] & 0x0100)


def paragraphs(ole: Ole) -> Iterator[WordParagraph]:
    """The paragraphs of the main text in order; raises NotWord97Error where the structure makes no sense."""
    main = ole.stream("WordDocument")
    if len(main) < 600 or struct.unpack_from("<H", main, 0)[0] != 0xA5EC:
        raise NotWord97Error("no FIB")
    table = ole.stream("1Table" if struct.unpack_from("<H", main, 10)[0] & 0x0200 else "0Table")
    data = ole.stream("Data")
    papx, silent = _papx_runs(main, table), _silent_runs(main, table)
    left = min(struct.unpack_from("<i", main, 76)[0], MAX_CHARACTERS)  # ccpText
    text: list[str] = []
    known: dict[bytes, _Properties] = {}
    fields: list[bool] = []  # per open field: whether its result has begun
    codes = 0  # open fields whose result has not begun
    lists = _Lists(main, table, data)
    for piece in _pieces(main, table, left):
        for match in _RUN.finditer(_without(piece, silent)):
            found = match[0]
            if found in _FIELD_MARKS:
                codes += _field(found, fields)
            elif found not in _MARKS:
                if not codes:
                    text.append(found)
            else:
                grpprl = papx.at(piece.position(match.start()))
                properties = known.get(grpprl)
                if properties is None:
                    properties = known[grpprl] = _paragraph_properties(grpprl[2:], data)
                printed, drawn = _printed(text)
                paragraph = _paragraph(lists.before(grpprl, properties, printed), found, properties)
                paragraph.drawn = drawn
                yield paragraph
                text.clear()
    if text:
        yield WordParagraph(_printed(text)[0])


class _Lists:
    """The numbers that Word writes before paragraphs, where the file has lists at all."""

    def __init__(self, main: bytes, table: bytes, data: bytes) -> None:
        self._main, self._table, self._data = main, table, data
        self._lists: Numbering | None = None
        self._styles: Mapping[int, tuple[int, int]] = {}
        if has_lists(main):
            self._lists = read_lists(main, table)
            self._styles = numbered_styles(main, table, self._listed)

    def _listed(self, grpprl: bytes) -> tuple[int | None, int]:
        found = _paragraph_properties(grpprl, self._data)
        return found.list, found.level

    def before(self, grpprl: bytes, properties: _Properties, text: str) -> str:
        """The text with its number; empty paragraphs are counted, but stay empty."""
        if self._lists is None:
            return text
        number, level = properties.list, properties.level
        if number is None:
            number, level = self._styles.get(int.from_bytes(grpprl[:2], "little"), (0, 0))
        if not number:
            return text
        written = self._lists.next(str(number), level)
        return written + text if text.strip() else text


def _field(mark: str, fields: list[bool]) -> int:
    """A field begins, its result begins, or it ends: by how much the number of open codes changes."""
    if mark == "\x13":
        fields.append(False)
        return 1
    if mark == "\x14":
        if not fields or fields[-1]:
            return 0
        fields[-1] = True
        return -1
    return -1 if fields and not fields.pop() else 0


def _printed(pieces: list[str]) -> tuple[str, int]:
    """What prints, and how many images and objects stand in it (U+0001)."""
    text = "".join(pieces)
    return (text.translate(_SHOWN), text.count("\x01")) if _CONTROL.search(text) else (text, 0)


@dataclass(slots=True)
class _Piece:
    """A stretch of text that lies in one place of the file: its first byte, bytes a character, characters."""

    start: int
    width: int
    text: str

    def position(self, index: int) -> int:
        """The file position of a character."""
        return self.start + self.width * index


def _without(piece: _Piece, silent: list[tuple[int, int]]) -> str:
    """The text with NUL for what is deleted, hidden or struck out; marks of paragraphs and fields stay."""
    text, done = piece.text, 0
    parts: list[str] = []
    end = piece.position(len(text))
    for first, last in silent[max(0, bisect_right(silent, (piece.start, 0)) - 1) :]:
        if first >= end:
            break
        begin = max(done, -(-(first - piece.start) // piece.width))
        stop = max(begin, -(-(last - piece.start) // piece.width))
        parts += [text[done:begin], _WORDS.sub(_nothing, text[begin:stop])]
        done = stop
    return "".join([*parts, text[done:]]) if parts else text


def _nothing(match: re.Match[str]) -> str:
    return "\0" * len(match[0])


def _paragraph(text: str, mark: str, properties: _Properties) -> WordParagraph:
    depth = max(properties.depth, 1 if properties.in_table or properties.ttp else 0)
    if depth > 1:
        cell_end, row_end = properties.inner_cell, properties.inner_ttp
    else:
        row_end = properties.ttp
        cell_end = mark == "\x07" and not row_end
        if mark == "\x07" and depth == 0:
            depth = 1
    heading = properties.outline + 1 if properties.outline < 6 else 0
    return WordParagraph(text, depth, cell_end and not row_end, row_end, heading, properties.row if row_end else None)


def _pair(main: bytes, at: int) -> tuple[int, int]:
    fc, lcb = struct.unpack_from("<2I", main, at)
    return fc, lcb


def _pieces(main: bytes, table: bytes, left: int) -> Iterator[_Piece]:
    """The pieces in the order of the text; one character of a piece stands for each place it takes in the file."""
    fc, lcb = _pair(main, _FC_CLX)
    clx = table[fc : fc + lcb]
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
    for index in range(count):
        length = min(ends[index + 1] - ends[index], left)
        if length <= 0:
            continue
        left -= length
        place = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * index + 2)[0]
        start = place & 0x3FFFFFFF
        if place & 0x40000000:
            start //= 2
            yield _Piece(start, 1, main[start : start + length].decode("cp1252", "replace"))
        else:
            decoded = main[start : start + 2 * length].decode("utf-16-le", "replace")
            if len(decoded) * 2 < min(2 * length, len(main) - start) - 1:  # of other planes: two places each
                decoded = _ASTRAL.sub(lambda m: m[0] + "\0", decoded)
            yield _Piece(start, 2, decoded)


def _pages(main: bytes, table: bytes, at: int) -> Iterator[bytes]:
    """The 512-byte property pages that a bin table names."""
    fc, lcb = _pair(main, at)
    plc = table[fc : fc + lcb]
    count = (len(plc) - 4) // 8
    for index in range(max(0, count)):
        number = struct.unpack_from("<I", plc, 4 * (count + 1) + 4 * index)[0] & 0x3FFFFF
        page = main[number * 512 : number * 512 + 512]
        if len(page) == 512:
            yield page


def _papx_runs(main: bytes, table: bytes) -> _Runs:
    runs: list[tuple[int, bytes]] = []
    for page in _pages(main, table, _FC_PAPX):
        count = page[511]
        if 4 * (count + 1) + 13 * count > 511:
            continue
        starts = struct.unpack_from(f"<{count + 1}I", page)
        for index in range(count):
            at = 2 * page[4 * (count + 1) + 13 * index]
            grpprl = b"\0\0"  # the number of the style stands before the modifiers
            if 0 < at < 510:
                size, begin = 2 * page[at] - 1, at + 1
                if page[at] == 0:
                    size, begin = 2 * page[at + 1], at + 2
                grpprl = page[begin : begin + max(size, 2)]
            runs.append((starts[index], grpprl))
    return _sorted(runs)


def _silent_runs(main: bytes, table: bytes) -> list[tuple[int, int]]:
    """Stretches of the file whose characters do not print, in order."""
    found: list[tuple[int, int]] = []
    known: dict[bytes, bool] = {b"": False}
    for page in _pages(main, table, _FC_CHPX):
        count = page[511]
        if 5 * count + 4 > 511:
            continue
        starts = struct.unpack_from(f"<{count + 1}I", page)
        for index in range(count):
            at = 2 * page[4 * (count + 1) + index]
            grpprl = page[at + 1 : at + 1 + page[at]] if at else b""
            silent = known.get(grpprl)
            if silent is None:
                silent = known[grpprl] = _unprinted(grpprl)
            if silent and starts[index] < starts[index + 1]:
                found.append((starts[index], starts[index + 1]))
    return sorted(found)


def _sorted(runs: list[tuple[int, bytes]]) -> _Runs:
    runs.sort(key=lambda run: run[0])
    return _Runs([start for start, _ in runs], [value for _, value in runs])


def _sprms(grpprl: bytes) -> Iterator[tuple[int, bytes]]:
    """The single property modifiers of a list ([MS-DOC] 2.6)."""
    at = 0
    while at + 2 <= len(grpprl):
        code = struct.unpack_from("<H", grpprl, at)[0]
        at += 2
        kind = code >> 13
        if code == _TDEF:
            if at + 2 > len(grpprl):
                return
            size = struct.unpack_from("<H", grpprl, at)[0] + 1
        elif kind == 6:
            if at >= len(grpprl):
                return
            size = grpprl[at] + 1
            if code == 0xC615 and grpprl[at] == 255:
                return  # a tab list too long for its length byte: nothing behind it matters here
        else:
            size = _SIZES[kind]
        yield code, grpprl[at : at + size]
        at += size


def _unprinted(grpprl: bytes) -> bool:
    return any(
        code in (_DELETED, _STRUCK, _STRUCK_TWICE, _VANISHED) and operand[:1] not in (b"", b"\x00")
        for code, operand in _sprms(grpprl)
    )


def _paragraph_properties(grpprl: bytes, data: bytes) -> _Properties:
    found = _Properties()
    for code, operand in _expanded(grpprl, data):
        value = operand[0] if operand else 0
        if code == _IN_TABLE:
            found.in_table = bool(value)
        elif code == _TTP:
            found.ttp = bool(value)
        elif code == _ITAP and len(operand) == 4:
            found.depth = min(struct.unpack("<I", operand)[0], 64)
        elif code == _INNER_CELL:
            found.inner_cell = bool(value)
        elif code == _INNER_TTP:
            found.inner_ttp = bool(value)
        elif code == _OUTLINE:
            found.outline = value
        elif code == _LIST and len(operand) == 2:
            found.list = struct.unpack("<H", operand)[0]
        elif code == _LIST_LEVEL:
            found.level = value
        elif code == _TDEF:
            found.row = _row_shape(operand)
        elif found.row is not None and code in (_VERT_MERGE, _MERGE):
            _change(found.row, code, operand)
    return found


def _expanded(grpprl: bytes, data: bytes) -> Iterator[tuple[int, bytes]]:
    """Modifiers, with those kept in the Data stream where there are too many for a page."""
    for code, operand in _sprms(grpprl):
        if code in (_HUGE, _HUGE_OLD) and len(operand) == 4:
            at = struct.unpack("<I", operand)[0]
            if at + 2 <= len(data):
                size = struct.unpack_from("<H", data, at)[0]
                yield from _sprms(data[at + 2 : at + 2 + size])
        else:
            yield code, operand


def _row_shape(operand: bytes) -> RowShape | None:
    """TDefTable: the edges of a row's cells and how each is merged ([MS-DOC] 2.9.325, TC80 2.9.316)."""
    if len(operand) < 5:
        return None
    count = operand[2]
    if not 0 < count <= MAX_COLUMNS or 3 + 2 * (count + 1) > len(operand):
        return None
    edges = struct.unpack_from(f"<{count + 1}h", operand, 3)
    at = 3 + 2 * (count + 1)
    across, down, restart = [False] * count, [False] * count, [False] * count
    for index in range(min(count, (len(operand) - at) // 20)):
        flags = struct.unpack_from("<H", operand, at + 20 * index)[0]
        across[index] = flags & 3 == 1
        vertical = flags >> 5 & 3
        down[index], restart[index] = vertical == 1, vertical == 3
    return RowShape(edges, across, down, restart)


def _change(row: RowShape, code: int, operand: bytes) -> None:
    if code == _VERT_MERGE and len(operand) >= 3 and operand[1] < len(row.down):
        row.down[operand[1]], row.restart[operand[1]] = operand[2] == 1, operand[2] == 3
    elif code == _MERGE and len(operand) >= 2:
        for index in range(operand[0] + 1, min(operand[1], len(row.across))):
            row.across[index] = True
