"""Workbooks (.xls, .xlsx, .et) → Document: what the visible sheets show, as paragraphs and tables."""

from __future__ import annotations

import io
import re
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, reduce
from types import MappingProxyType

from doc2docx.cfb import CompoundFile
from doc2docx.errors import Doc2DocxError
from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from archive.documents.model import Cell, Document, Limits, Paragraph, Table, UnreadableError, number_tables
from archive.documents.packages import Element, ZipParts, load_image, parse_xml, read_relations
from archive.findings import finding
from storage.records import Finding

MAX_COLUMNS = 16_384
LABEL_MAX_CHARS = 45  # no label of a row is longer
# kinds of records of an .xls
END, FILE_PASSWORD, COLUMNS, SHEET, SEVERAL_NUMBERS, SEVERAL_BLANKS, ROW = 0x0A, 0x2F, 0x7D, 0x85, 0xBD, 0xBE, 0x0208
CELLS = frozenset((0x06, SEVERAL_NUMBERS, SEVERAL_BLANKS, 0xD6, 0xFD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E))
HIDDEN_ROW = 0x20  # of the byte that tells how a row looks
HIDDEN_COLUMN = 0x01
SIGNIFICANT_DIGITS = 15  # that a workbook keeps
_HEADING = re.compile(r"\s*(?:[一二三四五六七八九十]{1,3}、|附[件表]|.{4,40}年度报告[)）]?\s*$)")
_CAPTION = re.compile(r"\s*第.{1,12}[条项]")  # the article that a part of a table rests on stands over its rows
_LABEL = re.compile(
    r"\s*[（(][一二三四五六七八九十]{1,3}[)）]|[-\d,.]+%?$"
)  # or a figure: so a row below a label goes on
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})$")
_SINGLE = 1, 1

Place = tuple[int, int]  # row and column from 0


@dataclass(slots=True)
class _Sheet:
    """``texts`` and ``spans`` by place; ``covered``: places under merged cells, but for their corners.

    What follows the hidden lines is known of .xlsx only. ``doubtful``: places of texts that are crossed out, in all or
    in part, and of numbers of which the format may show nothing or less. ``unsolved``: errors, and formulas without a
    stored value.
    """

    name: str
    texts: dict[Place, str] = field(default_factory=dict)
    spans: dict[Place, Place] = field(default_factory=dict)
    covered: set[Place] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    doubtful: set[Place] = field(default_factory=set)
    unsolved: dict[Place, str] = field(default_factory=dict)


def open_sheet(data: bytes, limits: Limits) -> Document:
    """Read a workbook. Raises UnreadableError."""
    findings: list[Finding] = []
    blocks: list[Paragraph | Table] = []
    with _opened(data, limits) as (book, more):
        for visible in (True, False):
            for sheet in _read_sheets(book, more, limits, findings, visible=visible):
                blocks += _split(sheet)
                if sheet.unsolved:
                    findings.append(finding("formula_without_value", sheet=sheet.name, found=len(sheet.unsolved)))
            if blocks:
                findings += [] if visible else [finding("hidden_sheet")]
                break
    parts = more.parts
    media = [name for name in parts if name.startswith("xl/media/")]
    loaded = (load_image(parts, name, len(blocks)) for name in media[: limits.images])
    images = tuple(image for image in loaded if image)
    unreadable = "" if blocks else "needs_ocr" if images else "too_large" if findings else "empty"
    return Document("xlsx", number_tables(blocks), images=images, findings=tuple(findings), unreadable=unreadable)


def read_visible_texts(data: bytes, limits: Limits) -> Iterator[tuple[str, Mapping[Place, str]]]:
    """Yield the name of each visible sheet and its texts by place. Raises UnreadableError."""
    findings: list[Finding] = []
    with _opened(data, limits) as (book, more):
        sheets = list(_read_sheets(book, more, limits, findings, visible=True))
    if findings:
        raise UnreadableError("too_large")
    yield from ((sheet.name, sheet.texts) for sheet in sheets)


@contextmanager
def _opened(data: bytes, limits: Limits) -> Iterator[tuple[CalamineWorkbook, _Package | _Records]]:
    """Open a workbook by the library, which meets damage with errors of its own, and panics, which are no Exception."""
    is_package = data.startswith(b"PK")
    more = _Package(ZipParts(data, limits.bytes)) if is_package else _Records(data, limits.cells)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            yield book, more
    except PasswordError as error:
        raise UnreadableError("encrypted") from error
    except UnreadableError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise UnreadableError("damaged") from error


def _read_sheets(
    book: CalamineWorkbook, more: _Package | _Records, limits: Limits, findings: list[Finding], *, visible: bool
) -> Iterator[_Sheet]:
    """Yield the visible or the hidden sheets, until they hold too many cells."""
    cells = 0
    for index, about in enumerate(book.sheets_metadata):
        if about.typ != SheetTypeEnum.WorkSheet or (about.visible == SheetVisibleEnum.Visible) != visible:
            continue
        sheet = _Sheet(about.name)
        more.read_sheet(index, sheet, limits.cells)
        stored = book.get_sheet_by_index(index)
        cells += stored.height * stored.width
        if cells > limits.cells:
            findings.append(finding("limit_reached", bound="cells", expected=limits.cells))
            return
        _fill(sheet, stored)
        yield sheet


def _fill(sheet: _Sheet, stored: CalamineSheet) -> None:
    """Take the texts by place; what lies under a merged range belongs to its corner."""
    if stored.start is None or stored.end is None:
        return
    for (top, left), end in stored.merged_cell_ranges or ():
        bottom, right = min(end[0], stored.end[0]), min(end[1], stored.end[1])
        if (top, left) not in sheet.covered and top <= bottom and left <= right:
            sheet.spans[top, left] = bottom - top + 1, right - left + 1
            sheet.covered |= {(row, col) for row in range(top, bottom + 1) for col in range(left, right + 1)}
            sheet.covered.remove((top, left))
    for row, values in enumerate(stored.to_python(skip_empty_area=True), stored.start[0]):
        for col, value in enumerate(values, stored.start[1]):
            if value == "" and not sheet.unsolved:
                continue
            place = row, col
            if place not in sheet.covered and (text := (sheet.unsolved.get(place) or show_value(value)).strip()):
                sheet.texts[place] = text


def show_value(value: object) -> str:
    """Return a stored value, whatever its format shows of it."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**SIGNIFICANT_DIGITS:
        return str(int(value))
    if isinstance(value, int | float):
        return f"{Decimal(f'{value:.{SIGNIFICANT_DIGITS}g}'):f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _split(sheet: _Sheet) -> Iterator[Paragraph | Table]:
    """Yield the blocks of a sheet: empty rows part tables, rows that hold one wide text or a heading are paragraphs."""
    rows: dict[int, list[int]] = defaultdict(list)
    for row, col in sorted(sheet.texts):
        rows[row].append(col)
    reached = {top + below for (top, _), (height, _) in sheet.spans.items() for below in range(1, height)}
    width = max((col + sheet.spans.get((row, col), _SINGLE)[1] for row, col in sheet.texts), default=0)
    width -= min((col for _, col in sheet.texts), default=0)
    table: list[int] = []
    for row in range(min(rows, default=0), max(rows, default=-1) + 2):
        cols = rows.get(row, [])
        below = [sheet.texts[row + 1, col] for col in rows.get(row + 1, ())]
        prose = row not in reached and len(cols) == 1 and _is_prose(sheet, (row, cols[0]), width, below)
        if (cols and not prose) or row in reached:
            table.append(row)
            continue
        yield from _make_table(sheet, table, [(row, col) for row in table for col in rows.get(row, ())])
        table = []
        if prose:
            yield Paragraph(sheet.texts[row, cols[0]], 0, {"sheet": sheet.name, "cell": cell_name(row, cols[0])})


def _is_prose(sheet: _Sheet, place: Place, width: int, below: list[str]) -> bool:
    """Whether the one text of a row is no label of a table whose fields are blank; ``below``: texts of the next row."""
    text, (height, across) = sheet.texts[place], sheet.spans.get(place, _SINGLE)
    if len(text) > LABEL_MAX_CHARS:
        return True
    if height > 1 or _CAPTION.match(text) or (across < width and text.startswith(("（", "("))):
        return False
    if len(below) > 1 and any(_LABEL.match(one) for one in below):
        return False
    return across * 3 >= width * 2 or _HEADING.match(text) is not None


def _make_table(sheet: _Sheet, rows: list[int], filled: list[Place]) -> Iterator[Table]:
    """Yield the rows as one table in which every place that no merged range covers is a cell."""
    if not filled:
        return
    left = min([col for _, col in filled])
    right = max([col + sheet.spans.get((row, col), _SINGLE)[1] for row, col in filled])
    cells: list[Cell] = []
    for row in rows:
        is_shown = row not in sheet.hidden_rows
        for col in range(left, right):
            place = row, col
            if place in sheet.covered:
                continue
            height, width = sheet.spans.get(place, _SINGLE)
            locator: dict[str, object] = {"sheet": sheet.name, "cell": cell_name(row, col)}
            visible = is_shown and col not in sheet.hidden_columns and place not in sheet.doubtful
            text = sheet.texts.get(place, "")
            cells.append(Cell(row - rows[0], col - left, height, min(width, right - col), text, locator, visible))
    yield Table(tuple(cells), locator={"sheet": sheet.name})


def cell_name(row: int, col: int) -> str:
    """Return what a sheet calls a place: B7."""
    return f"{_column_name(col)}{row + 1}"


@cache
def _column_name(col: int) -> str:
    return (_column_name(col // 26 - 1) if col > 25 else "") + chr(65 + col % 26)


def find_place(name: str | None) -> Place | None:
    """Return row and column of a place such as B7, None if it names none."""
    match = _PLACE.match(name or "")
    return (int(match[2]) - 1, _column_number(match[1])) if match else None


@cache
def _column_number(letters: str) -> int:
    return reduce(lambda number, letter: number * 26 + ord(letter) - 64, letters, 0) - 1


class _Package:
    """The parts of an .xlsx that say what the library does not."""

    def __init__(self, parts: ZipParts) -> None:
        self.parts = parts
        for name in parts:
            parts.check_size(name)  # before the library unpacks it without a bound
        book, relations = self._root("xl/workbook.xml"), read_relations(parts, "xl/workbook.xml")
        ids = [[value for key, value in one.attrib.items() if str(key)[-3:] == "}id"] for one in book.iter("{*}sheet")]
        self._sheets = [relations.get(str(one[0]), "") if one else "" for one in ids]
        styles = self._root("xl/styles.xml")
        crossed = {str(at) for at, font in enumerate(styles.iterfind("{*}fonts/{*}font")) if _is_struck(font)}
        used = list(enumerate(styles.iterfind("{*}cellXfs/{*}xf")))
        self._rounding = {str(at) for at, one in used if one.get("numFmtId", "0") not in ("0", "49")}
        codes = ((one.get("numFmtId"), one.get("formatCode", "").split(";")) for one in styles.iter("{*}numFmt"))
        hiding = {name for name, sections in codes if "" in sections}
        self._doubtful = {str(at) for at, one in used if one.get("fontId") in crossed or one.get("numFmtId") in hiding}
        strings = enumerate(self._root("xl/sharedStrings.xml").iterfind("{*}si"))
        self._struck_strings = {str(at) for at, one in strings if any(map(_is_struck, one.iterfind("{*}r/{*}rPr")))}

    def _root(self, name: str) -> Element:
        return parse_xml(self.parts.get(name, b"<none/>"))[0]

    def read_sheet(self, index: int, sheet: _Sheet, most: int) -> None:
        """Note what is hidden, crossed out or without a value.

        Raises UnreadableError(``too_large``) where the rectangle of all cells, for which the library makes room, has
        more than ``most`` places.
        """
        root = self._root(self._sheets[index] if index < len(self._sheets) else "")
        for column in root.iter("{*}col"):
            first, last = column.get("min", ""), column.get("max", "")
            if column.get("hidden") in ("1", "true") and first.isdecimal() and last.isdecimal():
                sheet.hidden_columns.update(range(int(first) - 1, min(int(last), MAX_COLUMNS)))
        places: list[Place] = []
        for row in root.iter("{*}row"):
            is_hidden = row.get("hidden") in ("1", "true")
            for cell in row:
                if not len(cell) or (place := find_place(cell.get("r"))) is None:
                    continue
                places.append(place)
                if is_hidden:
                    sheet.hidden_rows.add(place[0])
                self._read_cell(place, cell, sheet)
        rows, columns = zip(*places, strict=True) if places else ((), ())
        if _extent(rows) * _extent(columns) > most:
            raise UnreadableError("too_large")

    def _read_cell(self, place: Place, cell: Element, sheet: _Sheet) -> None:
        style, kind = cell.get("s", "0"), cell.get("t", "n")
        value, formula = "", None
        for part in cell:
            name = str(part.tag)
            if name.endswith("}v"):
                value = part.text or ""
            elif name.endswith("}f"):
                formula = part.text or ""
        if kind == "e" or (formula is not None and not value and kind != "str"):
            sheet.unsolved[place] = value or f"={formula}"[:200]
        is_rounded = kind == "n" and "." in value and style in self._rounding
        if is_rounded or (value and style in self._doubtful) or (kind == "s" and value in self._struck_strings):
            sheet.doubtful.add(place)


def _is_struck(properties: Element) -> bool:
    strike = properties.find("{*}strike")
    return strike is not None and strike.get("val", "1") not in ("0", "false")


# -------------------------------------------------------- what the library does not say of .xls, and would not survive


class _Records:
    """The records of an .xls that say what the library does not."""

    parts: Mapping[str, bytes] = MappingProxyType({})

    def __init__(self, data: bytes, most: int) -> None:
        """Find the hidden rows and columns of each sheet.

        Raises UnreadableError: ``damaged``, ``encrypted``; ``too_large`` where cells span more than ``most`` places.
        """
        stream = _open_stream(data)
        if any(kind == FILE_PASSWORD for kind, _ in _records(stream, 0)):
            raise UnreadableError("encrypted")
        self._hidden: list[tuple[set[int], set[int]]] = []
        for start in [int.from_bytes(body[:4], "little") for kind, body in _records(stream, 0) if kind == SHEET]:
            hidden_rows, hidden_columns = set[int](), set[int]()
            rows: list[int] = []
            columns: list[int] = []
            for kind, body in _records(stream, start):
                if kind in CELLS and len(body) >= 6:
                    rows.append(int.from_bytes(body[:2], "little"))
                    columns.append(int.from_bytes(body[2:4], "little"))
                    if kind in (SEVERAL_NUMBERS, SEVERAL_BLANKS):
                        columns.append(int.from_bytes(body[-2:], "little"))
                elif kind == ROW and len(body) >= 13 and body[12] & HIDDEN_ROW:
                    hidden_rows.add(int.from_bytes(body[:2], "little"))
                elif kind == COLUMNS and len(body) >= 9 and body[8] & HIDDEN_COLUMN:
                    first, last = struct.unpack_from("<HH", body)
                    hidden_columns.update(range(first, last + 1))
            most -= _extent(rows) * _extent(columns)
            if most < 0:
                raise UnreadableError("too_large")
            self._hidden.append((hidden_rows, hidden_columns))

    def read_sheet(self, index: int, sheet: _Sheet, _: int) -> None:
        """Note what is hidden."""
        if index < len(self._hidden):
            sheet.hidden_rows, sheet.hidden_columns = self._hidden[index]


def _extent(places: Sequence[int]) -> int:
    return max(places) - min(places) + 1 if places else 0


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a part of the stream, up to its end."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == END:
            return
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _open_stream(data: bytes) -> bytes:
    """Return the stream of records. Raises UnreadableError if it cannot be had, or a chain of sectors has no end."""
    try:
        opened = CompoundFile(data)
        names = [entry.path for entry in opened.entries if entry.path.lower() in ("workbook", "book")]
        stream = bytes(opened.open_stream(max(names))) if names else b""
    except (Doc2DocxError, ValueError, struct.error) as error:
        raise UnreadableError("damaged") from error
    if _has_cycle(opened._fat) or _has_cycle(opened._mini_fat):
        raise UnreadableError("damaged")
    return stream


def _has_cycle(following: Sequence[int]) -> bool:
    """Whether a walk from sector to sector comes back to where it was."""
    walk_of = [0] * len(following)  # the walk that came by a sector first
    for walk, start in enumerate(range(len(following)), 1):
        at = start
        while at < len(following) and not walk_of[at]:
            walk_of[at] = walk
            at = following[at]
        if at < len(following) and walk_of[at] == walk:
            return True
    return False
