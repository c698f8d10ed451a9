"""Workbooks in one file of XML, as Excel 2003 saves them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from lxml import etree

from archive.documents.container import ContainerError
from archive.documents.contrast import from_hex, is_faint
from archive.documents.office_xml import without_type
from archive.documents.pages import Limits
from archive.documents.workbook.formats import PLAIN, CellStyle, formatted, of_format
from archive.documents.workbook.formats import NumberFormat as Shown
from archive.documents.workbook.grid import Sheet
from archive.documents.workbook.hidden_cells import doubt_hidden, doubt_white
from archive.documents.workbook.patterns import LONGEST
from archive.documents.workbook.text import differs, rounded, shown

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_CROSSING = "{http://www.w3.org/TR/REC-html40}S"  # of a text in Excel 2003 XML, what is crossed out
_ROWS, _COLS = 65_536, 1_000  # what lies beyond is not looked at
_SPANNED = 2_000
MAX_CELLS = 400_000
_STYLES, _PARENTS = 4_096, 8  # looked at: styles of a workbook, those that one rests on
# below 1 point in height or 4 in width nothing is seen
_NO_SIZE = {"Height": re.compile(r"0+(?:\.[0-9]{0,20})?"), "Width": re.compile(r"0*[0-3](?:\.[0-9]{0,20})?")}
# formats that Excel 2003 XML calls by name, where a number shows as another or as none
_NAMED = {"Percent": "0.00%", "Yes/No": '"Yes";"Yes";"No"', "True/False": '"True";"True";"False"',
          "On/Off": '"On";"On";"Off"', "General Date": "yyyy/m/d h:mm", "Long Date": "yyyy/m/d",
          "Medium Date": "yyyy/m/d", "Short Date": "yyyy/m/d", "Long Time": "h:mm:ss", "Medium Time": "h:mm",
          "Short Time": "h:mm", "General Number": "General", "Currency": "0.00", "Euro Currency": "0.00",
          "Fixed": "0.00", "Standard": "#,##0.00", "Scientific": "0.00E+00"}  # fmt: skip


def parsed(content: bytes) -> etree._Element:
    """XML without entities, network or DTD. Raises ContainerError(``damaged``)."""
    content = without_type(content)
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
    styles = _styles(root)
    for element in root.iter(f"{_SS}Worksheet"):
        sheet = Sheet(element.get(f"{_SS}Name") or "", {})
        merged: dict[tuple[int, int], tuple[int, int]] = {}
        zeros = element.find("{*}WorksheetOptions/{*}DoNotDisplayZeros") is None
        columns = _columns(element)
        table = element.find(f"{_SS}Table")
        whole = table.get(f"{_SS}StyleID") if table is not None else None
        hidden: set[int] = set()
        white: list[tuple[int, int]] = []
        kept: dict[tuple[int, int], str] = {}
        struck: dict[tuple[int, int], str] = {}
        at = 0
        for row in element.iter(f"{_SS}Row"):
            at = _whole_number(row.get(f"{_SS}Index"), at + 1, _ROWS) - 1
            span = _whole_number(row.get(f"{_SS}Span"), 0, _ROWS)
            if _is_hidden(row, "Height"):
                hidden.update(range(at, min(at + span + 1, _ROWS)))
            col = 0
            for cell in row.iterchildren(f"{_SS}Cell"):
                col = _whole_number(cell.get(f"{_SS}Index"), col + 1, _COLS) - 1
                across = _whole_number(cell.get(f"{_SS}MergeAcross"), 0, _COLS)
                down = _whole_number(cell.get(f"{_SS}MergeDown"), 0, _SPANNED)
                data = cell.find(f"{_SS}Data")
                named = cell.get(f"{_SS}StyleID") or row.get(f"{_SS}StyleID") or columns.styles.get(col) or whole
                style = styles.get(named or "Default", PLAIN)
                text, held = _shown_data(data, style, zeros=zeros) if data is not None else ("", "")
                if data is not None and (gone := _crossed_out(data, text, style)):
                    struck[at, col], text = gone, text.replace(gone, "", 1)
                _put(sheet, at, col, text)
                if style.white:
                    white.append((at, col))
                if held and differs(text, held):
                    kept[at, col] = held
                if across or down:
                    merged[at, col] = (down + 1, across + 1)
                col += across + 1
                budget -= 1
            at += 1 + span
            if budget < 0:
                break
        sheet.merged, sheet.kept, sheet.struck = merged, kept, struck
        doubt_white(sheet, white)
        doubt_hidden(sheet, hidden, columns.hidden)
        options = element.find("{*}WorksheetOptions/{*}Visible")
        yield sheet, options is None or options.text not in ("SheetHidden", "SheetVeryHidden")


@dataclass(slots=True)
class _Columns:
    """The columns of a sheet, from 0: their styles, and those that do not show."""

    styles: dict[int, str] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)


def _columns(sheet: etree._Element) -> _Columns:
    found = _Columns()
    at = 0
    for column in islice(sheet.iterfind(f"{_SS}Table/{_SS}Column"), _COLS):
        at = _whole_number(column.get(f"{_SS}Index"), at + 1, _COLS) - 1
        end = min(at + _whole_number(column.get(f"{_SS}Span"), 0, _COLS) + 1, _COLS)
        if style := column.get(f"{_SS}StyleID"):
            found.styles.update(dict.fromkeys(range(at, end), style))
        if _is_hidden(column, "Width"):
            found.hidden.update(range(at, end))
        at = end
    return found


def _is_hidden(element: etree._Element, size: str) -> bool:
    """Whether a row or column is hidden, or was given next to no height or width (points)."""
    size_text = element.get(f"{_SS}{size}", "")
    return element.get(f"{_SS}Hidden") in {"1", "True", "true"} or _NO_SIZE[size].fullmatch(size_text) is not None


def _styles(root: etree._Element) -> dict[str, CellStyle]:
    """The styles, by name, that do not show a number as it is; what one does not say itself its parent says."""
    styles = {style.get(f"{_SS}ID") or "": style for style in islice(root.iter(f"{_SS}Style"), _STYLES)}
    found: dict[str, CellStyle] = {}
    for name in styles:
        number_format = _style_part(styles, name, "NumberFormat")
        code = number_format.get(f"{_SS}Format", "") if number_format is not None else ""
        style = of_format(_NAMED.get(code, code)[:LONGEST])
        font, ground = _style_part(styles, name, "Font"), _style_part(styles, name, "Interior")
        if font is not None and _is_faint(font) and _is_paper(ground):
            style = replace(style, white=True)
        if font is not None and font.get(f"{_SS}StrikeThrough") == "1":
            style = replace(style, look=Shown.STRUCK)
        if style != PLAIN:
            found[name] = style
    return found


def _crossed_out(data: etree._Element, said: str, style: CellStyle) -> str:
    """What of a cell's text is crossed out: all by its style, or some by its markup."""
    if style.look is Shown.STRUCK:
        return said.strip()
    return "".join("".join(held.itertext()) for held in data.iter(_CROSSING)) if len(data) else ""


def _style_part(styles: Mapping[str, etree._Element], name: str, part: str) -> etree._Element | None:
    """A part of a style, its own or that of the nearest style it rests on; of all at last the one called Default."""
    own: etree._Element | None = styles[name]
    for _ in range(_PARENTS):
        if own is None:
            break
        if (part_element := own.find(f"{_SS}{part}")) is not None:
            return part_element
        own = styles.get(own.get(f"{_SS}Parent") or "Default") if own is not styles.get("Default") else None
    return None


def _is_paper(ground: etree._Element | None) -> bool:
    """Whether a fill is none, or white."""
    pattern = ground.get(f"{_SS}Pattern", "None") if ground is not None else "None"
    return pattern == "None" or (pattern == "Solid" and ground is not None and _is_faint(ground))


def _is_faint(part: etree._Element) -> bool:
    """Whether the colour of a font or a fill is white, or nearly so."""
    colour = from_hex(part.get(f"{_SS}Color", ""))
    return colour is not None and is_faint(colour)


def _shown_data(data: etree._Element, style: CellStyle, *, zeros: bool) -> tuple[str, str]:
    """The text of a Data element, a number as its format shows it, a date without an empty time; the number kept."""
    text = "".join(data.itertext())
    kind = data.get(f"{_SS}Type")
    if kind == "Number":
        try:
            number = float(text)
            if not number and not zeros:
                return "", ""
            if style.look is None and not number.is_integer():
                return rounded(number, style.decimals), shown(number)
            if style.look is Shown.STRUCK:
                return shown(number), ""
            return formatted(number, style.look, since_1904=False), shown(number)
        except (ValueError, OverflowError):
            return text, ""
    return (text.removesuffix("T00:00:00.000") if kind == "DateTime" else text), ""


def _put(sheet: Sheet, row: int, col: int, text: str) -> None:
    if text.strip():
        sheet.rows.setdefault(row, {})[col] = text.replace("\r\n", "\n")
    else:
        sheet.blank.add(row)


def _whole_number(text: str | None, default: int, most: int) -> int:
    """A whole number of at least 0 and at most ``most``."""
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 9 else default
