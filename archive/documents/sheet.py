"""Workbooks (.xls, .xlsx, .et) → Document: what the visible sheets show, as paragraphs and tables.

A library reads texts and merged cells. Hidden rows and columns, and in an .xlsx errors and formulas without a value, it
does not report: they are read from the XML of an .xlsx or from the records of an .xls.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import groupby, product

from doc2docx.cfb import CompoundFile
from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from archive.documents.model import Document, Limits, Paragraph, Table, TableCell, UnreadableError, number_tables
from archive.documents.packages import Element, ZipParts, load_image, parse_xml, read_relations
from archive.findings import finding

MAX_COLUMNS = 16_384
SIGNIFICANT_DIGITS = 15  # the precision of numbers in a workbook
# record types of an .xls file
END, FILE_PASSWORD, COLUMNS, SHEET, SEVERAL_NUMBERS, SEVERAL_BLANKS, ROW = 0x0A, 0x2F, 0x7D, 0x85, 0xBD, 0xBE, 0x0208
CELLS = frozenset((0x06, SEVERAL_NUMBERS, SEVERAL_BLANKS, 0xD6, 0xFD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E))
HIDDEN_ROW, HIDDEN_COLUMN = 0x20, 0x01  # bits in the flags of a row or a column
_CAPTION = re.compile(r"\s*第.{1,12}[条项]")  # the article of law that is printed over its rows
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_YES = ("1", "true")

Place = tuple[int, int]  # row and column from 0


@dataclass(slots=True)
class _SheetReader:
    """One sheet. ``stored``: all cells of the file. ``unsolved``: errors, and formulas without a stored value."""

    stored: list[Place] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    unsolved: dict[Place, str] = field(default_factory=dict)
    name: str = ""
    texts: dict[Place, str] = field(default_factory=dict)
    spans: dict[Place, Place] = field(default_factory=dict)
    covered: set[Place] = field(default_factory=set)  # places inside merged cells, without their corners

    def area(self) -> int:
        """Return the area of the rectangle around all cells: the library allocates memory for all of it."""
        sides = [max(side) - min(side) + 1 for side in zip(*self.stored, strict=True)]
        return sides[0] * sides[1] if sides else 0

    def fill(self, rows: Sequence[Sequence[object]], start: Place, merged: Iterable[Sequence[Place]]) -> None:
        """Store the texts of the rows, and formulas without a value; of those under a merged cell only the first."""
        for row, values in enumerate(rows, start[0]):
            filled = [(col, _text_of(value)) for col, value in enumerate(values, start[1]) if value != ""]
            self.texts |= {(row, col): text for col, text in filled if text}
        self.texts |= self.unsolved
        end_row, end_col = (max(side) for side in zip(*self.texts, strict=True)) if self.texts else (0, 0)
        for corner, last in merged:
            rows_covered = range(corner[0], min(last[0], end_row) + 1)
            columns = range(corner[1], min(last[1], end_col) + 1)
            if rows_covered and columns and corner not in self.covered:
                self.spans[corner] = len(rows_covered), len(columns)
                self.covered |= {(row, col) for row in rows_covered for col in columns} - {corner}
        self.texts = {place: text for place, text in self.texts.items() if place not in self.covered}


def open_sheet(data: bytes, limits: Limits) -> Document:
    """Read a workbook (.xlsx, .xls); formulas without a value are a finding. Raises UnreadableError."""
    parts, sheets = _read_sheets(data, limits)
    blocks = number_tables(block for sheet in sheets for block in _split(sheet))
    unsolved = [one for one in sheets if one.unsolved]
    findings = tuple(finding("formula_without_value", sheet=one.name, found=len(one.unsolved)) for one in unsolved)
    media = [name for name in parts if name.startswith("xl/media/")]
    images = tuple(filter(None, (load_image(parts, name, len(blocks)) for name in media[: limits.images])))
    unreadable = "" if blocks else "needs_ocr" if images else "empty"
    return Document("xlsx", blocks, images=images, findings=findings, unreadable=unreadable)


def read_visible_texts(data: bytes, limits: Limits) -> Iterator[tuple[str, Mapping[Place, str]]]:
    """Yield the name and the texts by place of each visible sheet. Raises UnreadableError."""
    yield from ((sheet.name, sheet.texts) for sheet in _read_sheets(data, limits)[1])


def _read_sheets(data: bytes, limits: Limits) -> tuple[Mapping[str, bytes], list[_SheetReader]]:
    """Return the parts of an .xlsx ({} for an .xls), and the visible sheets. Raises UnreadableError."""
    parts = ZipParts(data, limits.bytes) if data.startswith(b"PK") else {}
    try:
        sheets = list(_look_through_package(parts) if parts else _look_through_records(data))
        if sum(sheet.area() for sheet in sheets) > limits.cells:
            raise UnreadableError("too_large")
        visible_sheets: list[_SheetReader] = []
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for number, (about, sheet) in enumerate(zip(book.sheets_metadata, sheets, strict=False)):
                if about.typ == SheetTypeEnum.WorkSheet and about.visible == SheetVisibleEnum.Visible:
                    stored, sheet.name = book.get_sheet_by_index(number), about.name
                    rows, merged = stored.to_python(skip_empty_area=True), stored.merged_cell_ranges or ()
                    sheet.fill(rows, stored.start or (0, 0), merged)
                    visible_sheets.append(sheet)
        return parts, visible_sheets
    except UnreadableError:
        raise
    except BaseException as error:  # on damaged files, the library raises own errors, and panics (no Exception)
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise UnreadableError("encrypted" if isinstance(error, PasswordError) else "damaged") from error


def _text_of(value: object) -> str:
    """Return a stored value as text; its display format is ignored."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**SIGNIFICANT_DIGITS:
        return str(int(value))
    if not isinstance(value, int | float):
        return str(value).replace("\r\n", "\n").removesuffix(" 00:00:00").strip()
    if isinstance(value, bool):
        return str(value).upper()
    return f"{Decimal(f'{value:.{SIGNIFICANT_DIGITS}g}'):f}"


# ------------------------------------------------------------------------------------------------------ sheets → blocks


def _split(sheet: _SheetReader) -> Iterator[Paragraph | Table]:
    """Yield the blocks of a sheet: empty rows separate tables; a row with nothing but one wide text is a paragraph."""
    rows = {row: [place[1] for place in places] for row, places in groupby(sorted(sheet.texts), lambda one: one[0])}
    merged_rows = {top + below for (top, _), (height, _) in sheet.spans.items() for below in range(1, height)}
    left, right = _sides(sheet, sheet.texts)

    def is_of_table(row: int) -> bool:  # a single text is of a table if it is merged downwards, narrow or a caption
        if row in merged_rows or len(rows.get(row, ())) != 1:
            return row in merged_rows or row in rows
        place = row, rows[row][0]
        height, across = sheet.spans.get(place, (1, 1))
        return height > 1 or across * 3 < (right - left) * 2 or bool(_CAPTION.match(sheet.texts[place]))

    for is_table, group in groupby(range(min(rows, default=0), max(rows, default=-1) + 1), is_of_table):
        numbers = list(group)
        filled = [(row, col) for row in numbers for col in rows.get(row, ())]
        if is_table and filled:
            yield _make_table(sheet, numbers, *_sides(sheet, filled))
        elif not is_table:
            yield from (Paragraph(sheet.texts[place], _locate(sheet, place)) for place in filled)


def _sides(sheet: _SheetReader, filled: Iterable[Place]) -> Place:
    """Return the first column of these places, and the one after the last."""
    ends = [(place[1], place[1] + sheet.spans.get(place, (1, 1))[1]) for place in filled]
    return min((first for first, _ in ends), default=0), max((end for _, end in ends), default=0)


def _make_table(sheet: _SheetReader, rows: Sequence[int], left: int, right: int) -> Table:
    """Return rows as one table; every place outside merged ranges is a cell."""
    cells: list[TableCell] = []
    for place in product(rows, range(left, right)):
        if place not in sheet.covered:
            (row, col), (height, width) = place, sheet.spans.get(place, (1, 1))
            at = row - rows[0], col - left, height, min(width, right - col)
            is_visible = row not in sheet.hidden_rows and col not in sheet.hidden_columns
            cells.append(TableCell(*at, sheet.texts.get(place, ""), _locate(sheet, place), is_visible))
    return Table(tuple(cells))


def _locate(sheet: _SheetReader, place: Place) -> dict[str, object]:
    """Return the locator of a place: the name of the sheet, and that of the cell, such as B7."""
    return {"sheet": sheet.name, "cell": f"{_column_name(place[1])}{place[0] + 1}"}


@cache
def _column_name(col: int) -> str:
    return (_column_name(col // 26 - 1) if col > 25 else "") + chr(65 + col % 26)


# ---------------------------------------------------------------------------------------------------------------- .xlsx


def _look_through_package(parts: Mapping[str, bytes]) -> Iterator[_SheetReader]:
    """Yield a reader for each sheet of an .xlsx with what the library does not report, empty for a hidden sheet."""

    def root(name: str) -> Element:
        return parse_xml(parts.get(name, b"<none/>"))[0]

    relations = read_relations(parts, "xl/workbook.xml")
    for about in root("xl/workbook.xml").iter("{*}sheet"):
        sheet = _SheetReader()
        if about.get("state", "visible") == "visible":
            names = [relations.get(str(value), "") for key, value in about.items() if str(key).endswith("}id")]
            _look_through_sheet(root("".join(names[:1])), sheet)
        yield sheet


def _look_through_sheet(content: Element, sheet: _SheetReader) -> None:
    """Record hidden columns and rows, all stored cells, and cells with errors or unsolved formulas."""
    for column in [one for one in content.iter("{*}col") if one.get("hidden") in _YES]:
        last = min(int(column.get("max", "")), MAX_COLUMNS)
        sheet.hidden_columns.update(range(int(column.get("min", "")) - 1, last))
    number = 0
    for row in content.iter("{*}row"):
        number = int(row.get("r", number + 1))
        if row.get("hidden") in _YES:
            sheet.hidden_rows.add(number - 1)
        for at, cell in enumerate(row):
            if len(cell) == 0:
                continue
            place = _find_place(name) if (name := cell.get("r")) else (number - 1, at)
            sheet.stored.append(place)
            kind, texts = cell.get("t"), {str(part.tag)[-2:]: part.text or "" for part in cell}
            value, formula = texts.get("}v"), texts.get("}f")
            if kind == "e" or (formula is not None and not value and kind != "str"):
                sheet.unsolved[place] = value or f"={formula}"[:200]


def _find_place(name: str) -> Place:
    """Return row and column (from 0) of a place such as B7. Raises UnreadableError if it is not one."""
    match = _PLACE.fullmatch(name)
    if match is None:
        raise UnreadableError("damaged")
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - 64
    return int(match[2]) - 1, number - 1


# ----------------------------------------------------------------------------------------------------------------- .xls


def _look_through_records(data: bytes) -> Iterator[_SheetReader]:
    """Yield a reader for each sheet of an .xls with its hidden rows and columns, and its first and last cells."""
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
        sheet = _SheetReader()
        for kind, body in _records(stream, start):
            first, second = struct.unpack_from("<HH", body.ljust(4, b"\0"))
            if kind in CELLS:
                last = int.from_bytes(body[-2:], "little") if kind in (SEVERAL_NUMBERS, SEVERAL_BLANKS) else second
                sheet.stored += [(first, second), (first, last)]
            elif kind == ROW and len(body) >= 13 and body[12] & HIDDEN_ROW:
                sheet.hidden_rows.add(first)
            elif kind == COLUMNS and len(body) >= 9 and body[8] & HIDDEN_COLUMN:
                sheet.hidden_columns.update(range(first, second + 1))
        yield sheet


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield type and contents of each record from ``at`` to the end of this part of the stream."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == END:
            return
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size
