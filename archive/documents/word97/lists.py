"""Lists of a Word 97 file ([MS-DOC] 2.9.131 LSTF, 2.9.150 LVL, 2.9.129 LFO) and the styles that number paragraphs."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from archive.documents.ooxml.numbering import Level, Numbering

_FC_STYLES, _FC_LISTS, _FC_OVERRIDES = 154 + 8, 154 + 73 * 8, 154 + 74 * 8
_MOST = 2_000  # lists, and styles
#: MSONFC codes → the names of w:numFmt; others are written in figures.
_FORMS = {
    1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 10: "ideographDigital",
    11: "japaneseCounting", 17: "japaneseDigitalTenThousand", 18: "decimalEnclosedCircle", 22: "decimalZero",
    23: "bullet", 28: "decimalEnclosedCircleChinese", 30: "ideographTraditional", 31: "ideographZodiac",
    33: "taiwaneseCounting", 35: "taiwaneseCountingThousand", 37: "chineseCounting", 38: "chineseLegalSimplified",
    39: "chineseCountingThousand", 255: "none",
}  # fmt: skip


def has_lists(main: bytes) -> bool:
    """Whether the file names any list."""
    return len(main) >= _FC_OVERRIDES + 8 and struct.unpack_from("<I", main, _FC_OVERRIDES + 4)[0] > 4


def read_lists(main: bytes, table: bytes) -> Numbering:
    """The lists by number (1-based, as paragraphs name them); none where the tables make no sense."""
    try:
        levels = _levels(main, table)
        lists, restarts = _overrides(main, table)
    except (struct.error, IndexError, ValueError):
        return Numbering()
    return Numbering(lists, levels, restarts)


def _levels(main: bytes, table: bytes) -> dict[str, dict[int, Level]]:
    begin, size = struct.unpack_from("<2I", main, _FC_LISTS)
    if size < 2:
        return {}
    count = min(struct.unpack_from("<H", table, begin)[0], _MOST)
    found: dict[str, dict[int, Level]] = {}
    at = begin + 2 + 28 * count  # the levels of all lists follow behind the lists
    for index in range(count):
        identifier, flags = struct.unpack_from("<i22xB", table, begin + 2 + 28 * index)
        plans = found[str(identifier)] = {}
        for level in range(1 if flags & 1 else 9):
            plans[level], at = _level(table, at)
    return found


def _level(table: bytes, at: int) -> tuple[Level, int]:
    """One LVL, and where it ends."""
    start, form = struct.unpack_from("<iB", table, at)
    after_text, before_text = table[at + 24], table[at + 25]  # grpprls of the number's characters and of the paragraph
    at += 28 + before_text + after_text
    length = struct.unpack_from("<H", table, at)[0]
    text = table[at + 2 : at + 2 + 2 * min(length, 40)].decode("utf-16-le", "replace")
    shown = "".join(f"%{ord(sign) + 1}" if sign < "\x09" else sign for sign in text)
    return Level(max(0, min(start, 3_000)), _FORMS.get(form, "decimal"), shown), at + 2 + 2 * length


def _overrides(main: bytes, table: bytes) -> tuple[dict[str, str], dict[str, dict[int, int]]]:
    """Number of a list → its definition, and the levels that it begins anew."""
    begin, size = struct.unpack_from("<2I", main, _FC_OVERRIDES)
    if size < 4:
        return {}, {}
    count = min(struct.unpack_from("<I", table, begin)[0], _MOST)
    lists: dict[str, str] = {}
    restarts: dict[str, dict[int, int]] = {}
    at = begin + 4 + 16 * count
    for index in range(count):
        identifier, changes = struct.unpack_from("<i8xB", table, begin + 4 + 16 * index)
        lists[str(index + 1)] = str(identifier)
        at += 4
        for _ in range(changes):
            start, flags = struct.unpack_from("<2I", table, at)
            at += 8
            if flags & 0x10 and flags & 15 < 9:
                restarts.setdefault(str(index + 1), {})[flags & 15] = min(start, 3_000)
            if flags & 0x20:
                _, at = _level(table, at)
    return lists, restarts


def numbered_styles(
    main: bytes, table: bytes, listed: Callable[[bytes], tuple[int | None, int]]
) -> Mapping[int, tuple[int, int]]:
    """Style number → the list and level it puts a paragraph in (STSH, 2.9.271); ``listed`` reads them from a grpprl."""
    begin, size = struct.unpack_from("<2I", main, _FC_STYLES)
    sheet = table[begin : begin + size]
    found: dict[int, tuple[int, int]] = {}
    try:
        at = 2 + struct.unpack_from("<H", sheet, 0)[0]
        count, base = struct.unpack_from("<2H", sheet, 2)
        for number in range(min(count, _MOST)):
            length = struct.unpack_from("<H", sheet, at)[0]
            style = sheet[at + 2 : at + 2 + length]
            at += 2 + length
            if length > base and struct.unpack_from("<H", style, 2)[0] & 15 == 1:  # of paragraphs
                parent = struct.unpack_from("<H", style, 2)[0] >> 4
                number_of, level = listed(_paragraph_part(style, base))
                if number_of is not None:
                    found[number] = number_of, level
                elif parent in found:
                    found[number] = found[parent]
    except struct.error:
        return found  # a torn table: what came before holds
    return found


def _paragraph_part(style: bytes, base: int) -> bytes:
    """The grpprl of paragraphs in a style: behind its name, filled up to even, with the style's number before it."""
    at = base + 2 + 2 * struct.unpack_from("<H", style, base)[0] + 2
    size = struct.unpack_from("<H", style, at)[0]
    return style[at + 4 : at + 2 + size]
