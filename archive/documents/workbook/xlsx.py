"""Excel 2007+: the sheets' XML → what they show. Nothing is made room for by what a file announces."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from lxml import etree

from archive.documents.container import ContainerError
from archive.documents.pages import UNREAD, Limits
from archive.documents.workbook.apart import NEAR, outside, together
from archive.documents.workbook.conditional import doubt_turned_white
from archive.documents.workbook.formats import formatted
from archive.documents.workbook.grid import Sheet
from archive.documents.workbook.hidden import doubt_hidden, doubt_white
from archive.documents.workbook.known import Place, Worksheet
from archive.documents.workbook.merging import merged_ranges
from archive.documents.workbook.package import Workbook, crossed_out, opened, salvaged, string
from archive.documents.workbook.text import differs, rounded, shown

# a cell as nearly all programs write it: column, row, style and type, value ("" if it has none); one with its formula
_CELL, _HELD = r'<c r="([A-Z]{1,3}+)([1-9][0-9]{0,6}+)"([^<>/]*+)(?:>', r"<v>([^<]++)</v></c>|/>)"
_PLAIN_CELL = re.compile(_CELL + _HELD)
_COMPUTED = re.compile(_CELL + r"(?:<f[^<>]*/>|<f[^<>]*>[^<]*</f>)?" + _HELD)
_STYLED = re.compile(r'(?: s="([0-9]{1,5})")?(?: t="([a-z]{1,3})")?')
_ROW = re.compile(r'<row (?:[^<>]{0,200}? )??r="([1-9][0-9]{0,6})"')
_MERGED = re.compile(r'<mergeCell ref="([A-Z]{1,3})([1-9][0-9]{0,6}):([A-Z]{1,3})([1-9][0-9]{0,6})"')
_NO_ZEROS = re.compile(rb'<(?:\w{1,9}:)?sheetView\s[^<>]{0,1000}?\bshowZeros="(?:0|false)"')
_HIDDEN, _NO_HEIGHT, _NO_WIDTH = b' hidden="', b' ht="0', b' width="0'
_ROW_TAG = re.compile(rb"<(?:\w{1,9}:)?row(\s[^<>]{1,1000})>")
_COL_TAG = re.compile(rb"<(?:\w{1,9}:)?col(\s[^<>]{1,1000})>")
_ATTRIBUTE = re.compile(rb'\s(r|min|max|hidden|ht|width)="([^"<>]{1,20})"')
_COLUMN_TAGS = 300  # looked at; each may name all columns
_NO_SIZE = re.compile(rb"0+(?:\.[0-9]*)?")  # points of a height, digits of a width: below 1 nothing is seen
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
_NUMBER = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?\s*", re.ASCII)
_ZERO = re.compile(r"\s*[-+]?0*\.?0*(?:[eE][-+]?[0-9]{1,4})?\s*", re.ASCII)
_ROWS, _COLUMNS = 1 << 20, 1 << 14  # that a sheet may have
_PLAIN = frozenset(("", "n", "str", "b", "e"))  # types of values that the reader of plain sheets knows, but for "s"
_NUMBERS = frozenset(("", "n"))
_EXACT = 16  # digits from which a whole number is not shown as it is written
MAX_SHARED = 256 << 20  # characters that shared texts may come to in the cells that name them


class _OddError(Exception):
    """A sheet that is written otherwise than nearly all are."""


class _UnreadableError(Exception):
    """A sheet that contradicts itself."""


def worksheets(data: bytes, limits: Limits) -> Iterable[Worksheet]:
    """The worksheets of a workbook in its order, each read when it is asked for. Raises ContainerError."""
    return worksheets_of(opened(data, limits), limits)


def worksheets_of(book: Workbook, limits: Limits) -> Iterable[Worksheet]:
    """The same of one that is open."""
    return (_worksheet(book, *about, limits.cells) for about in book.sheets)


def _worksheet(book: Workbook, name: str, content: bytes, shows: bool, limit: int) -> Worksheet:
    if (cells := _at_most(content, limit)) > limit:
        return Worksheet(name=name, shows=shows, sheet=Sheet(name, {}), cells=cells)
    try:
        try:
            zeros = b"showZeros" not in content or _NO_ZEROS.search(content) is None
            if book.struck or book.crossed or not zeros:
                raise _OddError
            read = _plainly(book, content)
        except (_OddError, _UnreadableError):
            read = _thoroughly(book, content, zeros=zeros)
    except _UnreadableError:
        return Worksheet(name=name, shows=shows, sheet=None)
    sheet = _laid(name, read, book.strings)
    if _HIDDEN in content or _NO_HEIGHT in content or _NO_WIDTH in content:
        doubt_hidden(sheet, *_hidden(content))
    if book.white_rules:
        doubt_turned_white(sheet, content, book.white_rules)
    if read.white:
        doubt_white(sheet, read.white)
    return Worksheet(name=name, shows=shows, sheet=sheet, cells=read.cells, unsolved=read.unsolved,
                     unplaced=read.unplaced, lost=len(read.lost), torn=read.torn or book.torn)  # fmt: skip


def _at_most(content: bytes, limit: int) -> int:
    """How many cells a sheet has at most. They are counted only where there is room for more than ``limit``."""
    shortest = len("<c ")
    if len(content) <= limit * shortest:
        return len(content) // shortest
    return max(content.count(b"<c "), content.count(b":c ") + content.count(b"<c>"))


@dataclass(slots=True)
class _Read:
    """What was read of a sheet: texts by row and column, formatted places without any by row, merged ranges.

    Blank places are told of rows with at most one text: of others they say nothing. ``lost``: the numbers of shared
    texts that cells name and that are not there.
    """

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    blank: dict[int, set[int]] = field(default_factory=dict)
    ranges: list[tuple[Place, Place]] = field(default_factory=list)
    struck: dict[Place, str] = field(default_factory=dict)
    kept: dict[Place, str] = field(default_factory=dict)
    white: list[Place] = field(default_factory=list)
    cells: int = 0
    unsolved: int = 0
    unplaced: int = 0
    lost: list[str] = field(default_factory=list)
    torn: bool = False


def _laid(name: str, read: _Read, strings: Mapping[str, str]) -> Sheet:
    """The sheet without what lies under merged ranges, or far from all else. Raises ContainerError(``too_large``)."""
    rows = read.rows
    columns: set[int] = set().union(*rows.values())
    end, astray = (max(rows), max(columns)) if columns else (0, 0), list[Place]()
    if columns and (end[0] + 1 - min(rows)) * (end[1] + 1 - min(columns)) > NEAR:
        rows, end, astray = _gathered(rows)
    longest = max(map(len, strings.values()), default=0)
    if longest * read.cells > MAX_SHARED < sum(len(text) for texts in rows.values() for text in texts.values()):
        raise ContainerError("too_large")
    merged, covered = merged_ranges(read.ranges, end)
    for number, under in covered.items():
        texts = rows.get(number)
        if texts and not under.isdisjoint(texts):
            rows[number] = {col: text for col, text in texts.items() if col not in under}
    blank = {number for number, cols in read.blank.items() if not cols <= covered.get(number, set())}
    return Sheet(name, rows, blank, merged, read.struck, read.kept, astray)


def _gathered(rows: dict[int, dict[int, str]]) -> tuple[dict[int, dict[int, str]], Place, list[Place]]:
    """What stands together, its last row and column, and the places of what does not.

    Raises ContainerError(``too_large``).
    """
    kept = together(rows)
    if kept is None:
        raise ContainerError("too_large")
    down, across = kept
    if astray := outside(rows, kept):
        near = {row: {col: text for col, text in rows[row].items() if col in across} for row in rows if row in down}
        rows = {row: texts for row, texts in near.items() if texts}
    return rows, (down[-1], across[-1]), astray


def _hidden(content: bytes) -> tuple[set[int], set[int]]:
    """The rows and the columns that a sheet does not show."""
    rows: set[int] = set()
    columns: set[int] = set()
    for tag in _ROW_TAG.finditer(content):
        said = dict(_ATTRIBUTE.findall(tag[1]))
        if _is_hidden(said, b"ht") and (number := _index(said.get(b"r"))):
            rows.add(number - 1)
    for tag in islice(_COL_TAG.finditer(content), _COLUMN_TAGS):
        said = dict(_ATTRIBUTE.findall(tag[1]))
        if _is_hidden(said, b"width"):
            columns.update(range(max(_index(said.get(b"min")) - 1, 0), min(_index(said.get(b"max")), _COLUMNS)))
    return rows, columns


def _is_hidden(said: Mapping[bytes, bytes], size: bytes) -> bool:
    return said.get(b"hidden") in {b"1", b"true"} or _NO_SIZE.fullmatch(said.get(size, b"1")) is not None


def _index(digits: bytes | None) -> int:
    return int(digits) if digits and digits.isdigit() and len(digits) < 8 else 0


def _plainly(book: Workbook, content: bytes) -> _Read:
    """A sheet as nearly all programs write it, cell by cell without parsing the XML. Raises _OddError if it is not.

    It is one if cells with and without value, their formulas and their rows account for every tag.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _OddError from error
    begin, end = text.find("<sheetData>") + 11, text.find("</sheetData>")
    if not 11 <= begin <= end or _marks_up(text) or not text.endswith("</worksheet>", 0, len(text.rstrip())):
        raise _OddError
    # to look for a letter takes next to no time, to count what most tags begin with as long as to read them
    formulas = text.count("<f", begin, end) if text.find("f", begin, end) >= 0 else 0
    closed = text.count("</f>", begin, end) if formulas else 0
    cells = (_COMPUTED if formulas else _PLAIN_CELL).findall(text, begin, end)
    told = _ROW.findall(text, begin, end)
    rows = text.count("</row>", begin, end)
    read = _Read(cells=len(cells))
    filled = _fill(book, cells, read)
    if 3 * filled + len(cells) + formulas + closed + len(told) + rows != text.count("<", begin, end):
        raise _OddError
    alone = len(cells) - filled + formulas - closed + len(told) - rows
    surely = not formulas and len(told) == rows and 2 * filled + rows + alone == text.count("/", begin, end)
    if not surely and alone != text.count("/>", begin, end):
        raise _OddError
    read.ranges = _plain_ranges(text, end)
    if sum(map(len, read.rows.values())) != filled != len({cell[:2] for cell in cells if cell[3]}):
        raise _OddError  # a place is written twice
    if read.rows and (max(read.rows) >= _ROWS or max(map(max, read.rows.values())) >= _COLUMNS):
        raise _OddError
    return read


def _marks_up(text: str) -> bool:
    """Whether a text has comments, CDATA or a DTD."""
    return "!" in text and "<!" in text


def _plain_ranges(text: str, begin: int) -> list[tuple[Place, Place]]:
    """The merged ranges told behind the cells. Raises _OddError if one is written otherwise than nearly all are."""
    merged = _MERGED.findall(text, begin)
    if len(merged) != text.count("<mergeCell ", begin):
        raise _OddError
    return [((int(top) - 1, _COLUMN[left]), (int(bottom) - 1, _COLUMN[right])) for left, top, right, bottom in merged]


def _fill(book: Workbook, cells: Iterable[tuple[str, str, str, str]], read: _Read) -> int:
    """Put the texts of cells with a value in their places, and the places without any; how many have one."""
    strings, rows, white = book.strings, read.rows, book.white
    current, number = "", -1
    texts: dict[int, str] = {}
    blank: list[str] = []
    blanks: dict[int, list[str]] = {}
    styles = _Styles(book.looks.keys() | white if white else book.looks)
    filled = 0
    for letters, digits, told, value in cells:
        if digits != current:
            current, number = digits, int(digits) - 1
            texts = rows.setdefault(number, {})
            blank = blanks.setdefault(number, [])
        if not value:
            blank.append(letters)
            continue
        filled += 1
        style, kind, as_it_is = styles[told]
        if kind == "s":
            if (text := strings.get(value)) is None:
                raise _OddError
        elif as_it_is and value.isdigit() and len(value) < _EXACT and (value[0] != "0" or value == "0"):
            texts[_COLUMN[letters]] = value
            continue
        elif "&" in value or kind not in _PLAIN:
            raise _OddError
        else:
            text = _shown(book, kind, style, value)
            read.unsolved += kind == "e"
            if kind in _NUMBERS and differs(text, value):
                read.kept[number, _COLUMN[letters]] = shown(float(value))
        if text and not text.isspace():
            texts[_COLUMN[letters]] = text
            if white and (style or "0") in white:
                read.white.append((number, _COLUMN[letters]))
    _leave_blank(read, blanks)
    return filled


def _leave_blank(read: _Read, blanks: Mapping[int, list[str]]) -> None:
    """Tell the blank places, by row and letters, of rows with at most one text; rows without any are none."""
    for number, held in blanks.items():
        texts = read.rows[number]
        if len(texts) <= 1:
            if blank := set(map(_COLUMN.__getitem__, held)).difference(texts):
                read.blank[number] = blank
            if not texts:
                del read.rows[number]


class _Styles(dict[str, tuple[str, str, bool]]):
    """Style and type of cells by their attributes as written, and whether a whole number in them is shown as it is.

    A sheet has few of them: each is read when first met. ``looks``: styles that show a number as something else.
    """

    def __init__(self, looks: Container[str]) -> None:
        super().__init__()
        self._looks = looks

    def __missing__(self, told: str) -> tuple[str, str, bool]:
        match = _STYLED.fullmatch(told)
        if match is None:
            raise _OddError
        style, kind = match[1] or "", match[2] or ""
        self[told] = read = style, kind, not kind and style not in self._looks
        return read


def _thoroughly(book: Workbook, content: bytes, *, zeros: bool) -> _Read:
    """Any other sheet, by its XML; one that is broken as far as it goes. ``zeros``: whether it shows them."""
    root, torn = salvaged(content)
    read = _Read(torn=torn, ranges=_ranges(e.get("ref") or "" for e in root.iter("{*}mergeCell")))
    placed: set[Place] = set()
    number = -1
    for row in root.iter("{*}row"):
        number, col = _row_number(row.get("r"), number + 1), 0
        for cell in row.iterchildren("{*}c"):
            told = cell.get("r")
            place = _place(told) if told is not None else (number, col)
            if place is None:
                read.unplaced += 1
            at, col = place or (number, col)
            read.cells += 1
            if at < _ROWS and col < _COLUMNS:
                text, unsolved = _text(book, cell, zeros=zeros)
                if text == UNREAD and cell.get("t") == "s":
                    read.lost.append(cell.findtext("{*}v", "").strip())
                _note(book, cell, read, (at, col), text)
                read.unsolved += unsolved
                if not text or text.isspace():
                    read.blank.setdefault(at, set()).add(col)
                elif place is not None or col not in read.rows.get(at, ()):
                    texts = read.rows.setdefault(at, {})
                    if (at, col) in placed and texts[col] != text:
                        text = UNREAD + text  # of a place that is written twice nobody knows what it shows
                    texts[col] = text
                    if place is not None:
                        placed.add(place)
            col += 1
    if not book.torn and _are_shifted(read.lost, len(book.strings)):
        raise _UnreadableError
    for at, cols in read.blank.items():
        cols.difference_update(read.rows.get(at, ()))
    read.blank = {at: cols for at, cols in read.blank.items() if cols}
    return read


def _are_shifted(lost: Iterable[str], texts: int) -> bool:
    """Whether shared texts may have been lost between others, by the numbers that are not there: then some follow the
    last one that is, and those of other cells may be wrong too. A number far beyond them is its own cell's fault.
    """
    return any(number.isdigit() and len(number) < 9 and int(number) <= texts + texts // 2 for number in lost)


def _note(book: Workbook, cell: etree._Element, read: _Read, place: Place, text: str) -> None:
    """What a cell that shows this text crosses out, keeps otherwise or prints in white."""
    if said := _struck(book, cell):
        read.struck[place] = said
    elif cell.get("t", "") in _NUMBERS and differs(text, value := cell.findtext("{*}v", "")):
        read.kept[place] = shown(float(value))
    if cell.get("s", "0") in book.white:
        read.white.append(place)


def _row_number(told: str | None, following: int) -> int:
    """The row that a row says to be, else the one after that before it."""
    if told and told.isascii() and told.isdigit() and len(told) < 8 and 0 < int(told) <= _ROWS:
        return int(told) - 1
    return following


def _struck(book: Workbook, cell: etree._Element) -> str:
    """What is crossed out in a cell: all of it by its style, or some of its text."""
    if cell.get("s") in book.struck:
        return _text(replace(book, struck=frozenset()), cell, zeros=True)[0].strip()
    held = cell.find("{*}is")
    if held is not None:
        return crossed_out(held)
    return book.crossed.get(cell.findtext("{*}v", "").strip(), "") if book.crossed and cell.get("t") == "s" else ""


def _text(book: Workbook, cell: etree._Element, *, zeros: bool) -> tuple[str, bool]:
    """What a cell shows, and whether it is an error or a formula without a stored value."""
    if cell.get("s") in book.struck:
        return "", False
    kind, value = cell.get("t") or "", cell.find("{*}v")
    held = cell.find("{*}is")
    if held is not None and kind != "s":
        return string(held), False
    stored = "".join(value.itertext()) if value is not None else ""
    if kind == "e":
        return stored or "#ERROR!", True
    if stored:
        if not zeros and kind in {"", "n"} and _ZERO.fullmatch(stored):
            return "", False
        return _shown(book, kind, cell.get("s") or "", stored), False
    formula = cell.find("{*}f")
    if formula is None or kind in {"str", "s", "inlineStr"}:
        return "", False
    return f"={formula.text or ''}"[:200], True


def _shown(book: Workbook, kind: str, style: str, value: str) -> str:
    """A stored value by its type and style. One that is said to be a number and is none is told, and has no value.
    Of a shared text that is not there nothing is known.
    """
    if kind == "s":
        return book.strings.get(value.strip(), UNREAD)
    if kind in {"", "n"}:
        if not _NUMBER.fullmatch(value):
            return UNREAD + shown(value) if kind and not value.startswith("#") else shown(value)
        look, number = book.looks.get(style), float(value)
        if look is None and not number.is_integer():
            return rounded(number, book.decimals[style or "0"])
        return formatted(number, look, since_1904=book.since_1904)
    if kind == "b":
        return "FALSE" if value.strip() == "0" else "TRUE"
    if kind == "d":
        return _iso(value)
    return shown(value)


def _iso(value: str) -> str:
    try:
        return shown(datetime.fromisoformat(value))
    except ValueError:
        return value


def _ranges(references: Iterable[str]) -> list[tuple[Place, Place]]:
    """Merged ranges by their first and last place; what is no range is left out."""
    found: list[tuple[Place, Place]] = []
    for reference in references:
        first, _, last = reference.partition(":")
        begin, end = _place(first), _place(last)
        if begin is not None and end is not None:
            found.append((begin, end))
    return found


def _place(reference: str) -> Place | None:
    """Row and column of a reference; None if it names no place that a sheet has."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    row, col = int(match[2]) - 1, _COLUMN[match[1].upper()]
    return (row, col) if row < _ROWS and col < _COLUMNS else None


class _Columns(dict[str, int]):
    """Columns from 0 by their letters, A … ZZZ, each reckoned when first asked for."""

    def __missing__(self, letters: str) -> int:
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        self[letters] = number - 1
        return number - 1


_COLUMN = _Columns()
