"""Workbooks in XML that the library does not read, or reads without merged ranges: Excel 2003 XML and OpenDocument."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from archive.documents.container import ContainerError
from archive.documents.pages import Limits
from archive.documents.workbook.grid import Sheet
from archive.documents.workbook.text import shown

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_ROWS, _COLS = 65_536, 1_000  # what lies beyond is not looked at
_AGAIN = 200  # times that a cell with text may be repeated
_SPANNED = 2_000
MAX_CELLS = 400_000


def parsed(content: bytes) -> etree._Element:
    """XML without entities, network or DTD. Raises ContainerError(``damaged``)."""
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content:
        raise ContainerError("damaged")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(content.lstrip(b"\xef\xbb\xbf \r\n\t"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ContainerError("damaged") from error
    if root is None:
        raise ContainerError("damaged")
    return root


def excel_sheets(root: etree._Element, limits: Limits) -> Iterator[tuple[Sheet, bool]]:
    """Sheets of an Excel 2003 XML workbook, and whether each can be seen."""
    budget = min(limits.cells, MAX_CELLS)
    for element in root.iter(f"{_SS}Worksheet"):
        sheet = Sheet(element.get(f"{_SS}Name") or "", {})
        merged: dict[tuple[int, int], tuple[int, int]] = {}
        at = 0
        for row in element.iter(f"{_SS}Row"):
            at = _whole(row.get(f"{_SS}Index"), at + 1, _ROWS) - 1
            col = 0
            for cell in row.iterchildren(f"{_SS}Cell"):
                col = _whole(cell.get(f"{_SS}Index"), col + 1, _COLS) - 1
                across = _whole(cell.get(f"{_SS}MergeAcross"), 0, _COLS)
                down = _whole(cell.get(f"{_SS}MergeDown"), 0, _SPANNED)
                data = cell.find(f"{_SS}Data")
                _put(sheet, at, col, _said(data) if data is not None else "")
                if across or down:
                    merged[at, col] = (down + 1, across + 1)
                col += across + 1
                budget -= 1
            at += 1
            if budget < 0:
                break
        sheet.merged = merged
        options = element.find("{*}WorksheetOptions/{*}Visible")
        yield sheet, options is None or options.text not in ("SheetHidden", "SheetVeryHidden")


def _said(data: etree._Element) -> str:
    """The text of a Data element: numbers without what is no digit of theirs, dates without an empty time."""
    text = "".join(data.itertext())
    kind = data.get(f"{_SS}Type")
    if kind == "Number":
        try:
            return shown(float(text))
        except (ValueError, OverflowError):
            return text
    return text.removesuffix("T00:00:00.000") if kind == "DateTime" else text


def open_sheets(root: etree._Element, limits: Limits) -> Iterator[tuple[Sheet, bool]]:
    """Sheets of an OpenDocument workbook's content, and whether each can be seen."""
    budget = min(limits.cells, MAX_CELLS)
    hidden = {
        style.get("{urn:oasis:names:tc:opendocument:xmlns:style:1.0}name")
        for style in root.iter("{*}style")
        if any(part.get(f"{_TABLE}display") == "false" for part in style)
    }
    for element in root.iter(f"{_TABLE}table"):
        sheet = Sheet(element.get(f"{_TABLE}name") or "", {})
        merged: dict[tuple[int, int], tuple[int, int]] = {}
        at = 0
        for row in element.iter(f"{_TABLE}table-row"):
            repeated = _whole(row.get(f"{_TABLE}number-rows-repeated"), 1, 1 << 20)
            cells = list(_open_cells(row))
            budget -= len(cells)
            if at >= _ROWS or budget < 0:
                break
            for below in range(at, at + min(repeated, _AGAIN) if any(text for _, text, _ in cells) else at + 1):
                for col, text, span in cells:
                    _put(sheet, below, col, text)
                    if span != (1, 1):
                        merged[below, col] = span
            at += repeated
        sheet.merged = merged
        yield sheet, element.get(f"{_TABLE}style-name") not in hidden


def _open_cells(row: etree._Element) -> Iterator[tuple[int, str, tuple[int, int]]]:
    """Column, text, and height and width of a row's cells; covered ones are left out, empty ends as well."""
    col = 0
    for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
        repeated = _whole(cell.get(f"{_TABLE}number-columns-repeated"), 1, 1 << 15)
        if cell.tag == f"{_TABLE}table-cell":
            text = "\n".join("".join(p.itertext()) for p in cell.iterchildren(f"{_TEXT}p"))
            height = _whole(cell.get(f"{_TABLE}number-rows-spanned"), 1, _SPANNED)
            width = _whole(cell.get(f"{_TABLE}number-columns-spanned"), 1, _COLS)
            if text or repeated <= _AGAIN:
                for place in range(col, min(col + min(repeated, _AGAIN), _COLS)):
                    yield place, text, (height, width)
        col += repeated
        if col >= _COLS:
            return


def _put(sheet: Sheet, row: int, col: int, text: str) -> None:
    if text.strip():
        sheet.rows.setdefault(row, {})[col] = text.replace("\r\n", "\n")
    else:
        sheet.blank.add(row)


def _whole(text: str | None, default: int, most: int) -> int:
    """A whole number of at least 0 and at most ``most``."""
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 9 else default
