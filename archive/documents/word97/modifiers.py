"""Property modifiers (sprms, [MS-DOC] 2.6): what a list of them says of characters, of a paragraph, of a row."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from archive.documents.contrast import is_faint
from archive.documents.word97.model import MAX_COLUMNS, RowShape

_SIZES = (1, 1, 2, 4, 2, 2, 0, 3)  # operand length by the top three bits of a sprm; 6: told by its first byte
_VARIABLE, _TABS, _LONG_TABS = 6, 0xC615, 255
_IN_TABLE, _TTP, _ITAP, _INNER_CELL, _INNER_TTP = 0x2416, 0x2417, 0x6649, 0x244B, 0x244C
_LIST, _LIST_LEVEL = 0x460B, 0x260A
_TDEF, _HUGE, _HUGE_OLD, _OUTLINE, _VERT_MERGE, _MERGE = 0xD608, 0x6646, 0x6645, 0x2640, 0xD62B, 0x5624
_OF_PARAGRAPHS = frozenset((
    _IN_TABLE, _TTP, _ITAP, _INNER_CELL, _INNER_TTP, _LIST, _LIST_LEVEL, _TDEF, _HUGE, _HUGE_OLD, _OUTLINE,
    _VERT_MERGE, _MERGE,
))  # fmt: skip
_HUGE_LENGTH = 6  # its code, and a place in the Data stream
_WHOLE = frozenset((_ITAP, _LIST, _HUGE, _HUGE_OLD))  # say nothing if they are cut
_UNPRINTED = frozenset((0x0800, 0x083C))  # deleted, hidden
_STRIKING = frozenset((0x0837, 0x2A53))  # struck out once and twice
_SUPERSCRIPT, _POSITION = 0x2A48, 0x4845
_OF_SUPERSCRIPT, _OF_POSITION = frozenset((_SUPERSCRIPT,)), frozenset((_POSITION,))
_SUPERSCRIPT_BYTES, _POSITION_BYTES = _SUPERSCRIPT.to_bytes(2, "little"), _POSITION.to_bytes(2, "little")
_PALETTE_COLOUR, _COLOUR = 0x2A42, 0x6870  # of the palette, where 7 is yellow, 8 white; red, green, blue, 0
_OF_COLOUR = frozenset((_PALETTE_COLOUR, _COLOUR))
_COLOUR_BYTES = tuple(code.to_bytes(2, "little") for code in _OF_COLOUR)
_FAINT_OF_PALETTE = (b"\x07", b"\x08")
_UNPRINTED_BYTES = tuple(code.to_bytes(2, "little") for code in _UNPRINTED)
_STRIKING_BYTES = tuple(code.to_bytes(2, "little") for code in _STRIKING)


@dataclass(frozen=True, slots=True)
class Properties:
    """What the modifiers of a paragraph say of it."""

    in_table: bool = False
    ttp: bool = False  # its mark ends a row
    depth: int = 0
    inner_cell: bool = False
    inner_ttp: bool = False
    outline: int = 9
    row: RowShape | None = None
    list: int | None = None  # 0 is none, against its style
    level: int = 0


_NOTHING_SAID = Properties()
_NO = (b"", b"\x00")


def unprinted(grpprl: bytes) -> bool:
    """Whether characters with these modifiers are deleted or hidden."""
    if not any(code in grpprl for code in _UNPRINTED_BYTES):
        return False
    return any(operand[:1] not in _NO for _, operand in _modifiers(grpprl, _UNPRINTED))


def is_struck(grpprl: bytes) -> bool:
    """Whether characters with these modifiers are struck out."""
    if not any(code in grpprl for code in _STRIKING_BYTES):
        return False
    return any(operand[:1] not in _NO for _, operand in _modifiers(grpprl, _STRIKING))


def is_superscript(grpprl: bytes) -> bool:
    """Whether characters with these modifiers are smaller type above or below the line; the last word on it counts."""
    if _SUPERSCRIPT_BYTES not in grpprl:
        return False
    return dict(_modifiers(grpprl, _OF_SUPERSCRIPT)).get(_SUPERSCRIPT, b"")[:1] in (b"\1", b"\2")


def is_shifted(grpprl: bytes) -> bool:
    """Whether characters with these modifiers stand above the line by half points."""
    if _POSITION_BYTES not in grpprl:
        return False
    return any(int.from_bytes(operand, "little", signed=True) > 0 for _, operand in _modifiers(grpprl, _OF_POSITION))


def prints_faintly(grpprl: bytes) -> bool:
    """Whether characters with these modifiers have a colour that is hardly seen on paper; the last word counts."""
    if not any(code in grpprl for code in _COLOUR_BYTES):
        return False
    found = _modifiers(grpprl, _OF_COLOUR)
    if not found:
        return False
    code, operand = found[-1]
    if code == _PALETTE_COLOUR:
        return operand[:1] in _FAINT_OF_PALETTE
    return len(operand) == 4 and not operand[3] and is_faint((operand[0], operand[1], operand[2]))


def paragraph_properties(grpprl: bytes, data: bytes) -> Properties:
    """What the modifiers say; ``data``: the Data stream, which keeps those that are too many for a page."""
    found = _modifiers(grpprl, _OF_PARAGRAPHS)
    if not found:
        return _NOTHING_SAID
    properties = dict(found)  # of each the last
    if _HUGE in properties or _HUGE_OLD in properties:
        found = _expanded(found, data)
        properties = dict(found)
    row = None
    if _TDEF in properties:
        for code, operand in found:
            if code == _TDEF:
                row = _row_shape(operand)
            elif row is not None and code in (_VERT_MERGE, _MERGE):
                row = _changed(row, code, operand)
    outline, number, level = properties.get(_OUTLINE), properties.get(_LIST), properties.get(_LIST_LEVEL)
    return Properties(
        in_table=properties.get(_IN_TABLE, b"")[:1] not in _NO,
        ttp=properties.get(_TTP, b"")[:1] not in _NO,
        depth=min(int.from_bytes(properties.get(_ITAP, b""), "little"), 64),
        inner_cell=properties.get(_INNER_CELL, b"")[:1] not in _NO,
        inner_ttp=properties.get(_INNER_TTP, b"")[:1] not in _NO,
        outline=9 if outline is None else int.from_bytes(outline, "little"),
        row=row,
        list=None if number is None else int.from_bytes(number, "little"),
        level=0 if level is None else int.from_bytes(level, "little"),
    )


def kept_elsewhere(grpprl: bytes, data: bytes) -> bytes | None:
    """The list in the Data stream for which a single modifier stands; None where the list says more or all itself."""
    if len(grpprl) != _HUGE_LENGTH or grpprl[0] | grpprl[1] << 8 not in (_HUGE, _HUGE_OLD):
        return None
    at = int.from_bytes(grpprl[2:], "little")
    return data[at + 2 : at + 2 + (data[at] | data[at + 1] << 8)] if at + 2 <= len(data) else b""


def _modifiers(grpprl: bytes, wanted: frozenset[int]) -> list[tuple[int, bytes]]:
    """Code and operand of the modifiers of a list that are wanted; most are not."""
    found: list[tuple[int, bytes]] = []
    at, end = 0, len(grpprl) - 1
    while at < end:
        code = grpprl[at] | grpprl[at + 1] << 8
        at += 2
        size = _SIZES[code >> 13]
        if not size:
            if at > end or (code == _TDEF and at == end):
                break
            size = grpprl[at] + 1
            if code == _TDEF:
                size += grpprl[at + 1] << 8
            elif code == _TABS and size > _LONG_TABS:
                break  # a tab list too long for its length byte: nothing behind it matters here
        if code in wanted and (at + size <= end + 1 or code not in _WHOLE):
            found.append((code, grpprl[at : at + size]))
        at += size
    return found


def _expanded(modifiers: list[tuple[int, bytes]], data: bytes) -> list[tuple[int, bytes]]:
    """Modifiers of a paragraph, with those kept in the Data stream where there are too many for a page."""
    found: list[tuple[int, bytes]] = []
    for code, operand in modifiers:
        if code in (_HUGE, _HUGE_OLD):
            at = int.from_bytes(operand, "little")
            if at + 2 <= len(data):
                size = struct.unpack_from("<H", data, at)[0]
                found += _modifiers(data[at + 2 : at + 2 + size], _OF_PARAGRAPHS)
        else:
            found.append((code, operand))
    return found


def _row_shape(operand: bytes) -> RowShape | None:
    """TDefTable: the edges of a row's cells and how each is merged ([MS-DOC] 2.9.325, TC80 2.9.316)."""
    if len(operand) < 5:
        return None
    count = operand[2]
    if not 0 < count <= MAX_COLUMNS or 3 + 2 * (count + 1) > len(operand):
        return None
    edges = struct.unpack_from(f"<{count + 1}h", operand, 3)
    cells = operand[3 + 2 * (count + 1) :]
    flags = cells[: len(cells) // 20 * 20][: 20 * count : 20]  # of each cell the byte that tells how it is merged
    rest = (False,) * (count - len(flags))
    return RowShape(edges, (*[f & 3 == 1 for f in flags], *rest), (*[f >> 5 & 3 == 1 for f in flags], *rest))


def _changed(row: RowShape, code: int, operand: bytes) -> RowShape:
    """The row with its cells merged otherwise."""
    if code == _VERT_MERGE and len(operand) >= 3 and operand[1] < len(row.down):
        down = list(row.down)
        down[operand[1]] = operand[2] == 1
        return RowShape(row.edges, row.across, down)
    if code == _MERGE and len(operand) >= 2:
        merged = range(operand[0] + 1, min(operand[1], len(row.across)))
        return RowShape(row.edges, [here or at in merged for at, here in enumerate(row.across)], row.down)
    return row
