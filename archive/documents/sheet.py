"""Workbooks (.xls, .xlsx, .et) → Document: what the visible sheets show, as paragraphs and tables.

An .xlsx is XML, read here; an .xls is read by a library, and its records are searched for what the library leaves out.
"""

from __future__ import annotations

import io
import re
import struct
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from doc2docx.cfb import CompoundFile
from doc2docx.errors import Doc2DocxError
from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from archive.documents.model import Cell, Document, Limits, Paragraph, Table, UnreadableError, number_tables
from archive.documents.packages import Element, ZipParts, load_image, parse_xml, read_relations
from archive.findings import finding
from storage.records import Finding

MAX_COLUMNS = 16_384
SIGNIFICANT_DIGITS = 15  # that a workbook keeps
DAYS = 2_958_466  # that a date in a cell can be: to the end of the year 9999
# kinds of records of an .xls
END, FILE_PASSWORD, COLUMNS, SHEET, SEVERAL_NUMBERS, SEVERAL_BLANKS, ROW = 0x0A, 0x2F, 0x7D, 0x85, 0xBD, 0xBE, 0x0208
CELLS = frozenset((0x06, SEVERAL_NUMBERS, SEVERAL_BLANKS, 0xD6, 0xFD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E))
HIDDEN_ROW, HIDDEN_COLUMN = 0x20, 0x01  # bits of the byte that tells how a row or a column looks
WHOLE_FORMATS = frozenset(("0", "49"))  # of numbers: General and text show all digits
DATE_FORMATS = frozenset(("14", "15", "16", "17", "22"))
PLAIN_FORMATS = frozenset(map(str, (*range(9), *range(37, 45), 49)))  # built in: no per cent, date or time
_CAPTION = re.compile(r"\s*第.{1,12}[条项]")  # the article that a part of a table rests on stands over its rows
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_FORMAT_TEXT = re.compile(r'General|\[[^\]]*\]|"[^"]*"|[\\_*].')  # of a number's format: what stands for itself
_OTHER_VALUE = re.compile(r"[A-Za-z%/年月日]")  # a format with these shows no plain number
_DATE_FORMAT = re.compile(r"y.*d", re.IGNORECASE | re.DOTALL)
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001 - of a date in a cell, which has no time zone
_SINGLE = 1, 1

Place = tuple[int, int]  # row and column from 0


@dataclass(slots=True)
class _Sheet:
    """``texts`` and ``spans`` by place; ``covered``: places under merged cells, but for their corners.

    ``doubtful`` (.xlsx): places of texts that are crossed out, in all or in part, and of numbers of which the format
    may show nothing or less. ``unsolved``: how many cells hold errors, or formulas without a stored value.
    """

    name: str
    texts: dict[Place, str] = field(default_factory=dict)
    spans: dict[Place, Place] = field(default_factory=dict)
    covered: set[Place] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    doubtful: set[Place] = field(default_factory=set)
    unsolved: int = 0

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


def open_sheet(data: bytes, limits: Limits) -> Document:
    """Read a workbook. Raises UnreadableError."""
    sheets, parts, findings = _read_sheets(data, limits)
    blocks = [block for sheet in sheets for block in _split(sheet)]
    findings += [finding("formula_without_value", sheet=one.name, found=one.unsolved) for one in sheets if one.unsolved]
    media = [name for name in parts if name.startswith("xl/media/")]
    loaded = (load_image(parts, name, len(blocks)) for name in media[: limits.images])
    images = tuple(image for image in loaded if image)
    unreadable = "" if blocks else "needs_ocr" if images else "too_large" if findings else "empty"
    return Document("xlsx", number_tables(blocks), images=images, findings=tuple(findings), unreadable=unreadable)


def read_visible_texts(data: bytes, limits: Limits) -> Iterator[tuple[str, Mapping[Place, str]]]:
    """Yield the name of each visible sheet and its texts by place. Raises UnreadableError."""
    sheets, _, findings = _read_sheets(data, limits)
    if findings:
        raise UnreadableError("too_large")
    yield from ((sheet.name, sheet.texts) for sheet in sheets)


def _read_sheets(data: bytes, limits: Limits) -> tuple[list[_Sheet], Mapping[str, bytes], list[Finding]]:
    """Return the visible sheets, up to the bound of cells, and the parts of an .xlsx. Raises UnreadableError.

    The library meets damage with errors of its own, and with panics, which are no Exception.
    """
    parts = ZipParts(data, limits.bytes) if data.startswith(b"PK") else {}
    sheets: list[_Sheet] = []
    left = limits.cells
    try:
        for sheet in _read_package(parts) if parts else _read_records(data, limits.cells):
            left -= _area(sheet.texts)
            if left < 0:
                return sheets, parts, [finding("limit_reached", bound="cells", expected=limits.cells)]
            sheets.append(sheet)
    except UnreadableError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise UnreadableError("encrypted" if isinstance(error, PasswordError) else "damaged") from error
    return sheets, parts, []


def _area(places: Collection[Place]) -> int:
    """Return how many places the rectangle around the given ones has."""
    if not places:
        return 0
    rows, columns = [row for row, _ in places], [column for _, column in places]
    return (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)


# ------------------------------------------------------------------------------------------------------ sheets → blocks


def _split(sheet: _Sheet) -> Iterator[Paragraph | Table]:
    """Yield the blocks of a sheet: empty rows part tables, rows that hold one wide text are paragraphs."""
    rows: dict[int, list[int]] = defaultdict(list)
    for row, col in sorted(sheet.texts):
        rows[row].append(col)
    reached = {top + below for (top, _), (height, _) in sheet.spans.items() for below in range(1, height)}
    width = max((col + sheet.spans.get((row, col), _SINGLE)[1] for row, col in sheet.texts), default=0)
    width -= min((col for _, col in sheet.texts), default=0)
    table: list[int] = []
    for row in range(min(rows, default=0), max(rows, default=-1) + 2):
        cols = rows.get(row, [])
        height, across = sheet.spans.get((row, cols[0]), _SINGLE) if cols else _SINGLE
        is_prose = row not in reached and len(cols) == height == 1 and across * 3 >= width * 2
        is_prose = is_prose and not _CAPTION.match(sheet.texts[row, cols[0]])
        if (cols and not is_prose) or row in reached:
            table.append(row)
            continue
        yield from _make_table(sheet, table, [(row, col) for row in table for col in rows.get(row, ())])
        table = []
        if is_prose:
            yield Paragraph(sheet.texts[row, cols[0]], 0, {"sheet": sheet.name, "cell": _cell_name(row, cols[0])})


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
            locator: dict[str, object] = {"sheet": sheet.name, "cell": _cell_name(row, col)}
            visible = is_shown and col not in sheet.hidden_columns and place not in sheet.doubtful
            text = sheet.texts.get(place, "")
            cells.append(Cell(row - rows[0], col - left, height, min(width, right - col), text, locator, visible))
    yield Table(tuple(cells), locator={"sheet": sheet.name})


def _cell_name(row: int, col: int) -> str:
    """Return what a sheet calls a place: B7."""
    return f"{_column_name(col)}{row + 1}"


@cache
def _column_name(col: int) -> str:
    return (_column_name(col // 26 - 1) if col > 25 else "") + chr(65 + col % 26)


def _find_place(name: str) -> Place:
    """Return row and column of a place such as B7. Raises UnreadableError if it names none."""
    match = _PLACE.fullmatch(name)
    if match is None:
        raise UnreadableError("damaged")
    return int(match[2]) - 1, _column_number(match[1])


@cache
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


# ---------------------------------------------------------------------------------------------------------------- .xlsx


class _Looks:
    """The styles of a workbook by their numbers: of which it is doubtful whether text, or a number, shows as stored."""

    def __init__(self, styles: Element) -> None:
        struck = {str(at) for at, font in enumerate(styles.iterfind("{*}fonts/{*}font")) if _is_struck(font)}
        codes = {one.get("numFmtId", ""): one.get("formatCode", "") for one in styles.iter("{*}numFmt")}
        hiding = {number for number, code in codes.items() if "" in code.split(";")}
        other = {number for number, code in codes.items() if _OTHER_VALUE.search(_FORMAT_TEXT.sub("", code))}
        used = {str(at): one for at, one in enumerate(styles.iterfind("{*}cellXfs/{*}xf"))}
        formats = {at: one.get("numFmtId", "0") for at, one in used.items()}
        self.text = {at for at, one in used.items() if one.get("fontId") in struck or formats[at] in hiding}
        self.numbers = {
            at for at, number in formats.items() if number in other or number not in codes.keys() | PLAIN_FORMATS
        }
        self.fractions = {at for at, number in formats.items() if number not in WHOLE_FORMATS}
        dated = {number for number, code in codes.items() if _DATE_FORMAT.search(_FORMAT_TEXT.sub("", code))}
        self.dates = {at for at, number in formats.items() if number in dated | DATE_FORMATS}


def _read_package(parts: Mapping[str, bytes]) -> Iterator[_Sheet]:
    """Yield the visible sheets of an .xlsx."""

    def root(name: str) -> Element:
        return parse_xml(parts.get(name, b"<none/>"))[0]

    relations = read_relations(parts, "xl/workbook.xml")
    looks = _Looks(root("xl/styles.xml"))
    if any(one.get("date1904") in ("1", "true") for one in root("xl/workbook.xml").iter("{*}workbookPr")):
        looks.dates = set()  # its days are counted from 1904: what they are in the other count would be a wrong date
    strings = [
        (_text_of(one), any(map(_is_struck, one.iterfind("{*}r/{*}rPr"))))
        for one in root("xl/sharedStrings.xml").iterfind("{*}si")
    ]
    for about in root("xl/workbook.xml").iter("{*}sheet"):
        if about.get("state", "visible") != "visible":
            continue
        sheet = _Sheet(about.get("name", ""))
        part = next((relations.get(str(value), "") for key, value in about.items() if str(key).endswith("}id")), "")
        content = root(part)
        for column in content.iter("{*}col"):
            if column.get("hidden") in ("1", "true"):
                sheet.hidden_columns.update(
                    range(int(column.get("min", "")) - 1, min(int(column.get("max", "")), MAX_COLUMNS))
                )
        number = -1
        for row in content.iter("{*}row"):
            number = int(row.get("r", number + 2)) - 1
            is_hidden = row.get("hidden") in ("1", "true")
            for at, cell in enumerate(row):
                if len(cell):
                    place = _find_place(name) if (name := cell.get("r")) else (number, at)
                    sheet.hidden_rows.update([place[0]] * is_hidden)
                    _read_cell(place, cell, sheet, strings, looks)
        sheet.merge([tuple(map(_find_place, one.get("ref", "").split(":"))) for one in content.iter("{*}mergeCell")])
        yield sheet


def _text_of(string: Element) -> str:
    """Return the text of a string, whole or in runs, without how it is pronounced."""
    return "".join(
        [(one.text or "").replace("_x000D_", "") for path in ("{*}t", "{*}r/{*}t") for one in string.iterfind(path)]
    )


def _read_cell(place: Place, cell: Element, sheet: _Sheet, strings: Sequence[tuple[str, bool]], looks: _Looks) -> None:
    style, kind = cell.get("s", "0"), cell.get("t", "n")
    found = {str(part.tag).rpartition("}")[2]: part for part in cell}
    text = value = found["v"].text or "" if "v" in found else ""
    is_doubtful = style in looks.text
    if kind == "s":
        text, is_struck = strings[int(value)]
        is_doubtful = is_doubtful or is_struck
    elif kind == "inlineStr":
        text = _text_of(found["is"])
    elif kind == "b":
        text = show_value(value == "1")
    elif kind == "e" or ("f" in found and not value and kind != "str"):
        sheet.unsolved += 1
        text = value or f"={found['f'].text or ''}"[:200]
    elif kind == "n" and value:
        is_date = style in looks.dates and 1 <= float(value) < DAYS
        text = show_value(_FIRST_DAY + timedelta(float(value)) if is_date else float(value))
        is_doubtful = is_doubtful or style in looks.numbers or ("." in value and style in looks.fractions)
    if text := text.strip().replace("\r\n", "\n"):
        sheet.texts[place] = text
        if is_doubtful:
            sheet.doubtful.add(place)


def _is_struck(properties: Element) -> bool:
    strike = properties.find("{*}strike")
    return strike is not None and strike.get("val", "1") not in ("0", "false")


# ----------------------------------------------------------------------------------------------------------------- .xls


def _read_records(data: bytes, max_cells: int) -> Iterator[_Sheet]:
    """Yield the visible sheets of an .xls."""
    hidden = _find_hidden(_open_stream(data), max_cells)
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        for index, about in enumerate(book.sheets_metadata):
            stored = book.get_sheet_by_index(index) if about.typ == SheetTypeEnum.WorkSheet else None
            if about.visible != SheetVisibleEnum.Visible or stored is None or stored.start is None:
                continue
            sheet = _Sheet(about.name)
            sheet.hidden_rows, sheet.hidden_columns = hidden.get(index, (set(), set()))
            for row, values in enumerate(stored.to_python(skip_empty_area=True), stored.start[0]):
                for col, value in enumerate(values, stored.start[1]):
                    if text := show_value(value).strip():
                        sheet.texts[row, col] = text
            sheet.merge(stored.merged_cell_ranges or ())
            yield sheet


def show_value(value: object) -> str:
    """Return a stored value, whatever its format shows of it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**SIGNIFICANT_DIGITS:
        return str(int(value))
    if isinstance(value, int | float):
        return f"{Decimal(f'{value:.{SIGNIFICANT_DIGITS}g}'):f}"
    return str(value).replace("\r\n", "\n").removesuffix(" 00:00:00")


def _find_hidden(stream: bytes, max_cells: int) -> dict[int, tuple[set[int], set[int]]]:
    """Return the hidden rows and columns of each sheet by its number.

    Raises UnreadableError: ``encrypted``; ``too_large`` where cells, for which the library makes room, span too much.
    """
    starts: list[int] = []
    for kind, body in _records(stream, 0):
        if kind == FILE_PASSWORD:
            raise UnreadableError("encrypted")
        if kind == SHEET:
            starts.append(int.from_bytes(body[:4], "little"))
    found: dict[int, tuple[set[int], set[int]]] = {}
    for number, start in enumerate(starts):
        hidden_rows, hidden_columns = found[number] = set(), set()
        places: list[Place] = []
        for kind, body in _records(stream, start):
            first, second = struct.unpack_from("<HH", body.ljust(4, b"\0"))
            if kind in CELLS:
                last = int.from_bytes(body[-2:], "little") if kind in (SEVERAL_NUMBERS, SEVERAL_BLANKS) else second
                places += [(first, second), (first, last)]
            elif kind == ROW and len(body) >= 13 and body[12] & HIDDEN_ROW:
                hidden_rows.add(first)
            elif kind == COLUMNS and len(body) >= 9 and body[8] & HIDDEN_COLUMN:
                hidden_columns.update(range(first, second + 1))
        max_cells -= _area(places)
        if max_cells < 0:
            raise UnreadableError("too_large")
    return found


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a part of the stream, up to its end."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == END:
            return
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _open_stream(data: bytes) -> bytes:
    """Return the stream of records. Raises UnreadableError."""
    try:
        opened = CompoundFile(data)
        names = [entry.path for entry in opened.entries if entry.path.lower() in ("workbook", "book")]
        return bytes(opened.open_stream(max(names))) if names else b""
    except (Doc2DocxError, ValueError, struct.error) as error:
        raise UnreadableError("damaged") from error
