"""Excel 2007+: the sheets' XML → what they show. Nothing is made room for by what a file announces."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import chain, islice
from string import digits
from typing import NamedTuple

from lxml import etree

from archive.documents.container import ContainerError
from archive.documents.pages import UNREAD, Limits
from archive.documents.workbook.conditional_formats import doubt_turned_white
from archive.documents.workbook.formats import formatted
from archive.documents.workbook.grid import Sheet
from archive.documents.workbook.hidden_cells import doubt_hidden, doubt_white
from archive.documents.workbook.merged_ranges import merged_ranges
from archive.documents.workbook.package import Workbook, crossed_out, opened, salvaged, string
from archive.documents.workbook.sheet_facts import Place, Worksheet
from archive.documents.workbook.text import differs, rounded, shown

_NO_ZEROS = re.compile(rb'<(?:\w{1,9}:)?sheetView\s[^<>]{0,1000}?\bshowZeros="(?:0|false)"')
_HIDDEN, _NO_HEIGHT, _NO_WIDTH = b' hidden="', b' ht="0', b' width="0'
_ROW_TAG = re.compile(rb"<(?:\w{1,9}:)?row(\s[^<>]{1,1000})>")
_COL_TAG = re.compile(rb"<(?:\w{1,9}:)?col(\s[^<>]{1,1000})>")
_ATTRIBUTE = re.compile(rb'\s(r|min|max|hidden|ht|width)="([^"<>]{1,20})"')
_COLUMN_TAGS = 300  # looked at; each may name all columns
_NO_SIZE = re.compile(rb"0+(?:\.[0-9]*)?")  # points of a height, digits of a width: below 1 nothing is seen
_LETTERS = re.compile(r"\$?[A-Za-z]{1,3}\$?")  # of a reference
_LONGEST = 8  # digits of a row
_NUMBER = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?\s*", re.ASCII)
_ZERO = re.compile(r"\s*[-+]?0*\.?0*(?:[eE][-+]?[0-9]{1,4})?\s*", re.ASCII)
_ROWS, _COLUMNS = 1 << 20, 1 << 14  # that a sheet may have
_READ_WHOLE = 100_000  # places of a rectangle that is read wherever it lies; of a larger one its first rows and columns
_FIRST_ROWS, _FIRST_COLUMNS = 10_000, 200
_NUMBERS = frozenset(("", "n"))
MAX_SHARED = 256 << 20  # characters that shared texts may come to in the cells that name them


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
        read = _read(book, content, zeros=_NO_ZEROS.search(content) is None)
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
    blank: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
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
    """The sheet without what lies under merged ranges, or far down or right. Raises ContainerError(``too_large``)."""
    rows = read.rows
    columns: set[int] = set().union(*rows.values())
    end, astray = (max(rows), max(columns)) if columns else (0, 0), list[Place]()
    if columns and (end[0] + 1 - min(rows)) * (end[1] + 1 - min(columns)) > _READ_WHOLE:
        rows, astray = _first(rows)
        end = max(rows, default=0), max(chain.from_iterable(rows.values()), default=0)
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


def _first(rows: dict[int, dict[int, str]]) -> tuple[dict[int, dict[int, str]], list[Place]]:
    """What stands in the first rows and columns, and the places of the rest.

    One entry in the last row makes a rectangle that no memory holds.
    """
    astray: list[Place] = []
    near: dict[int, dict[int, str]] = {}
    for row, texts in sorted(rows.items()):
        for col, text in sorted(texts.items()):
            if row < _FIRST_ROWS and col < _FIRST_COLUMNS:
                near.setdefault(row, {})[col] = text
            else:
                astray.append((row, col))
    return near, astray


def _hidden(content: bytes) -> tuple[set[int], set[int]]:
    """The rows and the columns that a sheet does not show."""
    rows: set[int] = set()
    columns: set[int] = set()
    for tag in _ROW_TAG.finditer(content):
        attributes = dict(_ATTRIBUTE.findall(tag[1]))
        if _is_hidden(attributes, b"ht") and (number := _index(attributes.get(b"r"))):
            rows.add(number - 1)
    for tag in islice(_COL_TAG.finditer(content), _COLUMN_TAGS):
        attributes = dict(_ATTRIBUTE.findall(tag[1]))
        if _is_hidden(attributes, b"width"):
            columns.update(
                range(max(_index(attributes.get(b"min")) - 1, 0), min(_index(attributes.get(b"max")), _COLUMNS))
            )
    return rows, columns


def _is_hidden(attributes: Mapping[bytes, bytes], size: bytes) -> bool:
    return attributes.get(b"hidden") in {b"1", b"true"} or _NO_SIZE.fullmatch(attributes.get(size, b"1")) is not None


def _index(digits: bytes | None) -> int:
    return int(digits) if digits and digits.isdigit() and len(digits) < 8 else 0


def _read(book: Workbook, content: bytes, *, zeros: bool) -> _Read:
    """A sheet, by its XML; one that is broken as far as it goes. ``zeros``: whether it shows them."""
    root, torn = salvaged(content)
    read = _Read(torn=torn, ranges=_ranges(e.get("ref") or "" for e in root.iter("{*}mergeCell")))
    number = -1
    for row in root.iter("{*}row"):
        number, col = _row_number(row.get("r"), number + 1), -1
        for cell in row.iterchildren("{*}c"):
            read.cells += 1
            reference = cell.get("r")
            place = (number, col + 1) if reference is None else _place(reference)
            read.unplaced += place is None
            at, col = place or (number, col + 1)
            if at >= _ROWS or col >= _COLUMNS:
                continue
            text = _taken(book, _stored(cell), read, (at, col), zeros=zeros) if len(cell) else ""
            if not text or text.isspace():
                read.blank[at].add(col)
                continue
            texts = read.rows.setdefault(at, {})
            if place is None:
                texts.setdefault(col, text)
                continue
            twice = col in texts and texts[col] != text  # then nobody knows what it shows
            texts[col] = UNREAD + text if twice else text
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


class _Stored(NamedTuple):
    """What a cell stores: its type, its style, its value ("" if none), a text of its own, its formula."""

    kind: str
    style: str
    value: str
    own: etree._Element | None
    formula: etree._Element | None


def _stored(cell: etree._Element) -> _Stored:
    value, own, formula = "", None, None
    for inner in cell:
        tag = str(inner.tag)
        if tag.endswith("}v"):
            value = "".join(inner.itertext()) if len(inner) else inner.text or ""
        elif tag.endswith("}is"):
            own = inner
        elif tag.endswith("}f"):
            formula = inner
    return _Stored(cell.get("t", ""), cell.get("s", "0"), value, own, formula)


def _taken(book: Workbook, cell: _Stored, read: _Read, place: Place, *, zeros: bool) -> str:
    """What a cell shows; what it crosses out, keeps otherwise, prints in white or has no result for is noted."""
    crossed = cell.style in book.struck
    text, unsolved = _text(book, cell, zeros=zeros) if not crossed else ("", False)
    read.unsolved += unsolved
    if text == UNREAD and cell.kind == "s":
        read.lost.append(cell.value.strip())
    if said := _text(book, cell, zeros=True)[0].strip() if crossed else _crossed_in(book, cell):
        read.struck[place] = said
    elif text != cell.value and cell.kind in _NUMBERS and differs(text, cell.value):
        read.kept[place] = shown(float(cell.value))
    if cell.style in book.white:
        read.white.append(place)
    return text


def _row_number(reference: str | None, following: int) -> int:
    """The row that a row says to be, else the one after that before it."""
    if reference and reference.isascii() and reference.isdigit() and len(reference) < 8 and 0 < int(reference) <= _ROWS:
        return int(reference) - 1
    return following


def _crossed_in(book: Workbook, cell: _Stored) -> str:
    """What is crossed out of a cell's text."""
    if cell.own is not None:
        return crossed_out(cell.own)
    return book.crossed.get(cell.value.strip(), "") if book.crossed and cell.kind == "s" else ""


def _text(book: Workbook, cell: _Stored, *, zeros: bool) -> tuple[str, bool]:
    """What a cell shows, and whether it is an error or a formula without a stored value."""
    if cell.own is not None and cell.kind != "s":
        return string(cell.own), False
    if cell.kind == "e":
        return cell.value or "#ERROR!", True
    if cell.value:
        if not zeros and cell.kind in _NUMBERS and _ZERO.fullmatch(cell.value):
            return "", False
        return _shown(book, cell), False
    if cell.formula is None or cell.kind in {"str", "s", "inlineStr"}:
        return "", False
    return f"={cell.formula.text or ''}"[:200], True


def _shown(book: Workbook, cell: _Stored) -> str:
    """A stored value by its type and style. One that is said to be a number and is none is told, and has no value.
    Of a shared text that is not there nothing is known.
    """
    kind, style, value, *_ = cell
    if kind == "s":
        return book.strings.get(value.strip(), UNREAD)
    if kind in _NUMBERS:
        if not _NUMBER.fullmatch(value):
            return UNREAD + shown(value) if kind and not value.startswith("#") else shown(value)
        look, number = book.looks.get(style), float(value)
        if look is None and not number.is_integer():
            return rounded(number, book.decimals[style])
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


@lru_cache(maxsize=8_192)
def _place(reference: str) -> Place | None:
    """Row and column of a reference; None if it names no place that a sheet has."""
    letters = reference.rstrip(digits)
    number = reference[len(letters) :]
    row, col = int(number) if 0 < len(number) < _LONGEST else 0, _COLUMN[letters]
    return (row - 1, col) if 0 < row <= _ROWS and 0 <= col < _COLUMNS else None


class _Columns(dict[str, int]):
    """Columns from 0 by their letters, A … ZZZ, each reckoned when first asked for; -1 for what names none."""

    def __missing__(self, letters: str) -> int:
        number = 0
        if _LETTERS.fullmatch(letters) is None:
            return -1
        for letter in letters.replace("$", "").upper():
            number = number * 26 + ord(letter) - 64
        self[letters] = number - 1
        return number - 1


_COLUMN = _Columns()
