"""Workbooks (.xls, .xlsx, .et) → Document: what the visible sheets show, as paragraphs and tables.

A library reads texts and merged cells. What it leaves out (what is hidden, crossed out or without a value) is looked up
in the XML of an .xlsx and in the records of an .xls.
"""

from __future__ import annotations

import io
import re
import struct
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import groupby
from typing import NamedTuple

from doc2docx.cfb import CompoundFile
from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from archive.documents.model import Cell, Document, Limits, Paragraph, Table, UnreadableError, number_tables
from archive.documents.packages import Element, ZipParts, load_image, parse_xml, read_relations
from archive.findings import finding

MAX_COLUMNS = 16_384
SIGNIFICANT_DIGITS = 15  # that a workbook keeps
# kinds of records of an .xls
END, FILE_PASSWORD, COLUMNS, SHEET, SEVERAL_NUMBERS, SEVERAL_BLANKS, ROW = 0x0A, 0x2F, 0x7D, 0x85, 0xBD, 0xBE, 0x0208
CELLS = frozenset((0x06, SEVERAL_NUMBERS, SEVERAL_BLANKS, 0xD6, 0xFD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E))
HIDDEN_ROW, HIDDEN_COLUMN = 0x20, 0x01  # bits of the byte that tells how a row or a column looks
WHOLE_FORMATS = frozenset(("0", "49"))  # of numbers: General and text show all digits
PLAIN_FORMATS = frozenset(map(str, (*range(9), *range(37, 45), 49)))  # built in: no per cent, date or time
_CAPTION = re.compile(r"\s*第.{1,12}[条项]")  # the article that a part of a table rests on stands over its rows
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_FORMAT_TEXT = re.compile(r'General|\[[^\]]*\]|"[^"]*"|[\\_*].')  # of a number's format: what stands for itself
_OTHER_VALUE = re.compile(r"[A-Za-z%/年月日]")  # a format with these shows no plain number
_SINGLE = 1, 1
_YES = ("1", "true")

Place = tuple[int, int]  # row and column from 0


@dataclass(slots=True)
class _Sheet:
    """``places``: all that a cell is stored for. ``texts`` and ``spans`` by place; ``covered``: under merged cells.

    ``doubtful``: places of texts that are crossed out, in all or in part, and of numbers of which the format may show
    nothing or less. ``unsolved``: errors, and formulas without a stored value.
    """

    places: list[Place] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    doubtful: set[Place] = field(default_factory=set)
    unsolved: dict[Place, str] = field(default_factory=dict)
    name: str = ""
    texts: dict[Place, str] = field(default_factory=dict)
    spans: dict[Place, Place] = field(default_factory=dict)
    covered: set[Place] = field(default_factory=set)

    def merge(self, ranges: Iterable[Sequence[Place]]) -> None:
        """Make each range, given by its first and last place, one cell: what lies under it belongs to its corner."""
        end_row, end_col = (max(side, default=0) for side in zip(*self.texts, strict=True)) if self.texts else (0, 0)
        for corner, last in ranges:
            rows = range(corner[0], min(last[0], end_row) + 1)
            columns = range(corner[1], min(last[1], end_col) + 1)
            if rows and columns and corner not in self.covered:
                self.spans[corner] = len(rows), len(columns)
                self.covered |= {(row, col) for row in rows for col in columns} - {corner}
        self.texts = {place: text for place, text in self.texts.items() if place not in self.covered}

    def is_visible(self, place: Place) -> bool:
        """Whether what stands at a place is surely seen."""
        row, column = place
        return not (row in self.hidden_rows or column in self.hidden_columns or place in self.doubtful)


def open_sheet(data: bytes, limits: Limits) -> Document:
    """Read a workbook. Raises UnreadableError."""
    parts, sheets = _read_sheets(data, limits)
    blocks = number_tables(block for sheet in sheets for block in _split(sheet))
    unsolved = [(one.name, len(one.unsolved)) for one in sheets if one.unsolved]
    findings = tuple(finding("formula_without_value", sheet=name, found=count) for name, count in unsolved)
    media = [name for name in parts if name.startswith("xl/media/")]
    loaded = (load_image(parts, name, len(blocks)) for name in media[: limits.images])
    images = tuple(image for image in loaded if image)
    unreadable = "" if blocks else "needs_ocr" if images else "empty"
    return Document("xlsx", blocks, images=images, findings=findings, unreadable=unreadable)


def read_visible_texts(data: bytes, limits: Limits) -> Iterator[tuple[str, Mapping[Place, str]]]:
    """Yield the name of each visible sheet and its texts by place. Raises UnreadableError."""
    yield from ((sheet.name, sheet.texts) for sheet in _read_sheets(data, limits)[1])


def _read_sheets(data: bytes, limits: Limits) -> tuple[Mapping[str, bytes], list[_Sheet]]:
    """Return the parts of an .xlsx, and the visible sheets. Raises UnreadableError.

    The library makes room for all between the outermost cells. It meets damage with errors of its own, and with panics,
    which are no Exception.
    """
    parts = ZipParts(data, limits.bytes) if data.startswith(b"PK") else {}
    try:
        sheets = list(_look_through_package(parts) if parts else _look_through_records(data))
        if sum(_area(sheet.places) for sheet in sheets) > limits.cells:
            raise UnreadableError("too_large")
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return parts, [sheet for number, sheet in enumerate(sheets) if _fill(sheet, book, number)]
    except UnreadableError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise UnreadableError("encrypted" if isinstance(error, PasswordError) else "damaged") from error


def _area(places: Collection[Place]) -> int:
    """Return how many places the rectangle around the given ones has."""
    if not places:
        return 0
    rows, columns = [row for row, _ in places], [column for _, column in places]
    return (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)


def _fill(sheet: _Sheet, book: CalamineWorkbook, number: int) -> bool:
    """Fill a sheet with its texts; return whether it is seen at all."""
    about = book.sheets_metadata[number]
    if about.typ != SheetTypeEnum.WorkSheet or about.visible != SheetVisibleEnum.Visible:
        return False
    stored = book.get_sheet_by_index(number)
    sheet.name = about.name
    top, left = stored.start or (0, 0)
    for row, values in enumerate(stored.to_python(skip_empty_area=True), top):
        for col, value in enumerate(values, left):
            if text := show_value(value):
                sheet.texts[row, col] = text
    sheet.texts |= sheet.unsolved
    sheet.doubtful &= sheet.texts.keys()
    sheet.merge(stored.merged_cell_ranges or ())
    return True


def show_value(value: object) -> str:
    """Return a stored value, whatever its format shows of it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**SIGNIFICANT_DIGITS:
        return str(int(value))
    if isinstance(value, int | float):
        return f"{Decimal(f'{value:.{SIGNIFICANT_DIGITS}g}'):f}"
    return str(value).replace("\r\n", "\n").removesuffix(" 00:00:00").strip()


# ------------------------------------------------------------------------------------------------------ sheets → blocks


def _split(sheet: _Sheet) -> Iterator[Paragraph | Table]:
    """Yield the blocks of a sheet: empty rows part tables, rows that hold one wide text are paragraphs."""
    rows: dict[int, list[int]] = defaultdict(list)
    for row, col in sorted(sheet.texts):
        rows[row].append(col)
    reached = {top + below for (top, _), (height, _) in sheet.spans.items() for below in range(1, height)}
    left, right = _sides(sheet, sheet.texts)

    def is_of_table(row: int) -> bool:
        if row in reached or len(cols := rows.get(row, [])) != 1:
            return row in reached or row in rows
        height, across = sheet.spans.get((row, cols[0]), _SINGLE)
        return height > 1 or across * 3 < (right - left) * 2 or bool(_CAPTION.match(sheet.texts[row, cols[0]]))

    for is_table, several in groupby(range(min(rows, default=0), max(rows, default=-1) + 1), is_of_table):
        numbers = list(several)
        if is_table and (filled := [(row, col) for row in numbers for col in rows.get(row, ())]):
            yield _make_table(sheet, numbers, *_sides(sheet, filled))
        elif not is_table:
            for place in [(row, rows[row][0]) for row in numbers if row in rows]:
                yield Paragraph(sheet.texts[place], 0, {"sheet": sheet.name, "cell": _cell_name(*place)})


def _sides(sheet: _Sheet, filled: Iterable[Place]) -> tuple[int, int]:
    """Return the first column of some places, and the one behind the last."""
    ends = [(col, col + sheet.spans.get((row, col), _SINGLE)[1]) for row, col in filled]
    return min((first for first, _ in ends), default=0), max((end for _, end in ends), default=0)


def _make_table(sheet: _Sheet, rows: Sequence[int], left: int, right: int) -> Table:
    """Return rows as one table in which every place that no merged range covers is a cell."""
    cells: list[Cell] = []
    for place in [(row, col) for row in rows for col in range(left, right) if (row, col) not in sheet.covered]:
        row, col = place
        height, width = sheet.spans.get(place, _SINGLE)
        locator: dict[str, object] = {"sheet": sheet.name, "cell": _cell_name(row, col)}
        spans = height, min(width, right - col)
        text = sheet.texts.get(place, "")
        cells.append(Cell(row - rows[0], col - left, *spans, text, locator, sheet.is_visible(place)))
    return Table(tuple(cells), locator={"sheet": sheet.name})


def _cell_name(row: int, col: int) -> str:
    """Return what a sheet calls a place: B7."""
    return f"{_column_name(col)}{row + 1}"


@cache
def _column_name(col: int) -> str:
    return (_column_name(col // 26 - 1) if col > 25 else "") + chr(65 + col % 26)


# ---------------------------------------------------------------------------------------------------------------- .xlsx


class _Style(NamedTuple):
    """What a style makes of a cell: ``is_unseen``: text may not be seen; the others are of numbers."""

    is_unseen: bool
    is_other: bool
    is_whole: bool


def _read_styles(styles: Element) -> Iterator[_Style]:
    struck = [_is_struck(font) for font in styles.iterfind("{*}fonts/{*}font")]
    codes = {one.get("numFmtId", ""): one.get("formatCode", "") for one in styles.iter("{*}numFmt")}
    for one in styles.iterfind("{*}cellXfs/{*}xf"):
        number = one.get("numFmtId", "0")
        code = codes.get(number, "0" if number in PLAIN_FORMATS else "%")
        is_unseen = "" in code.split(";") or struck[int(one.get("fontId", "0"))]
        yield _Style(is_unseen, bool(_OTHER_VALUE.search(_FORMAT_TEXT.sub("", code))), number in WHOLE_FORMATS)


def _is_struck(properties: Element) -> bool:
    strike = properties.find("{*}strike")
    return strike is not None and strike.get("val", "1") not in ("0", "false")


def _look_through_package(parts: Mapping[str, bytes]) -> Iterator[_Sheet]:
    """Yield for each sheet of an .xlsx what the library leaves out."""

    def root(name: str) -> Element:
        return parse_xml(parts.get(name, b"<none/>"))[0]

    relations = read_relations(parts, "xl/workbook.xml")
    styles = list(_read_styles(root("xl/styles.xml"))) or [_Style(False, False, True)]
    strings = enumerate(root("xl/sharedStrings.xml").iterfind("{*}si"))
    struck = {str(number) for number, one in strings if any(map(_is_struck, one.iterfind("{*}r/{*}rPr")))}
    for about in root("xl/workbook.xml").iter("{*}sheet"):
        sheet = _Sheet()
        if about.get("state", "visible") != "visible":
            yield sheet
            continue
        part = next((relations.get(str(value), "") for key, value in about.items() if str(key).endswith("}id")), "")
        content = root(part)
        for column in [one for one in content.iter("{*}col") if one.get("hidden") in _YES]:
            last = min(int(column.get("max", "")), MAX_COLUMNS)
            sheet.hidden_columns.update(range(int(column.get("min", "")) - 1, last))
        number = 0
        for row in content.iter("{*}row"):
            number = int(row.get("r", number + 1))
            if row.get("hidden") in _YES:
                sheet.hidden_rows.add(number - 1)
            for at, cell in enumerate(row):
                place = _find_place(name) if (name := cell.get("r")) else (number - 1, at)
                _look_at_cell(place, cell, sheet, styles, struck)
        yield sheet


def _find_place(name: str) -> Place:
    """Return row and column of a place such as B7. Raises UnreadableError if it names none."""
    match = _PLACE.fullmatch(name)
    if match is None:
        raise UnreadableError("damaged")
    return int(match[2]) - 1, _column_number(match[1])


@cache
def _column_number(letters: str) -> int:
    return _column_number(letters[:-1]) * 26 + 26 + ord(letters[-1]) - 65 if len(letters) > 1 else ord(letters) - 65


def _look_at_cell(
    place: Place, cell: Element, sheet: _Sheet, styles: Sequence[_Style], struck: Collection[str]
) -> None:
    style, kind = styles[int(cell.get("s", "0"))], cell.get("t", "n")
    parts = {str(part.tag).rpartition("}")[2]: part.text or "" for part in cell}
    value = parts.get("v", "")
    if parts:
        sheet.places.append(place)
    if kind == "e" or ("f" in parts and not value and kind != "str"):
        sheet.unsolved[place] = value or f"={parts['f']}"[:200]
    is_less = kind == "n" and (style.is_other or ("." in value and not style.is_whole))
    if style.is_unseen or is_less or (kind == "s" and value in struck):
        sheet.doubtful.add(place)


# ----------------------------------------------------------------------------------------------------------------- .xls


def _look_through_records(data: bytes) -> Iterator[_Sheet]:
    """Yield for each sheet of an .xls what the library leaves out. Raises UnreadableError: ``encrypted``."""
    opened = CompoundFile(data)
    names = [entry.path for entry in opened.entries if entry.path.lower() in ("workbook", "book")]
    stream = bytes(opened.open_stream(max(names)))
    starts: list[int] = []
    for kind, body in _records(stream, 0):
        if kind == FILE_PASSWORD:
            raise UnreadableError("encrypted")
        if kind == SHEET:
            starts.append(int.from_bytes(body[:4], "little"))
    for start in starts:
        sheet = _Sheet()
        for kind, body in _records(stream, start):
            first, second = struct.unpack_from("<HH", body.ljust(4, b"\0"))
            if kind in CELLS:
                last = int.from_bytes(body[-2:], "little") if kind in (SEVERAL_NUMBERS, SEVERAL_BLANKS) else second
                sheet.places += [(first, second), (first, last)]
            elif kind == ROW and len(body) >= 13 and body[12] & HIDDEN_ROW:
                sheet.hidden_rows.add(first)
            elif kind == COLUMNS and len(body) >= 9 and body[8] & HIDDEN_COLUMN:
                sheet.hidden_columns.update(range(first, second + 1))
        yield sheet


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a part of the stream, up to its end."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == END:
            return
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size
