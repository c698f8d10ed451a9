"""Turn blocks into .xlsx and .xls, as offices keep their report: on one sheet, or with one table per sheet."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import xlsxwriter
import xlwt

from archive.forms.printer import PrintedCell, PrintedTable
from imitation.wording import Block, SectionHeading

_MADE = datetime(2020, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,8})?")
_SHEETS = ("主动公开", "依申请", "复议诉讼")


@dataclass(frozen=True)
class SheetStyle:
    """How an office keeps its workbook.

    ``apart``: each table on its own sheet below the paragraphs before it, else all on one sheet. ``numbers``: figures
    as numbers, else as text.
    """

    apart: bool = False
    numbers: bool = True


class _Target(Protocol):
    """What both formats can do: begin a sheet, and write one cell, which may be merged."""

    def sheet(self, name: str) -> None: ...

    def cell(self, row: int, col: int, height: int, width: int, value: str | float, *, framed: bool) -> None: ...


def xlsx(title: str, blocks: Iterable[Block], *, style: SheetStyle | None = None) -> bytes:
    """Return an Excel 2007 workbook."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": title, "created": _MADE})
    _fill_workbook(_Xlsx(book), title, list(blocks), style or SheetStyle())
    book.close()
    return out.getvalue()


def xls(title: str, blocks: Iterable[Block], *, style: SheetStyle | None = None) -> bytes:
    """Return an Excel 97 workbook."""
    out = io.BytesIO()
    book = xlwt.Workbook(encoding="utf-8")
    _fill_workbook(_Xls(book), title, list(blocks), style or SheetStyle())
    book.save(out)
    return out.getvalue()


class _Xlsx:
    def __init__(self, book: Any) -> None:
        self._book = book
        self._frame = book.add_format({"border": 1, "text_wrap": True})
        self._plain = book.add_format({"align": "center"})
        self._sheet: Any = None

    def sheet(self, name: str) -> None:
        """Begin a sheet."""
        self._sheet = self._book.add_worksheet(name)

    def cell(self, row: int, col: int, height: int, width: int, value: str | float, *, framed: bool) -> None:
        """Write a cell; an empty one only if it has a border."""
        look = self._frame if framed else self._plain
        if height * width > 1:
            self._sheet.merge_range(row, col, row + height - 1, col + width - 1, "", look)
        if value == "":
            if framed:
                self._sheet.write_blank(row, col, None, look)
        elif isinstance(value, str):
            self._sheet.write_string(row, col, value, look)
        else:
            self._sheet.write_number(row, col, value, look)


class _Xls:
    def __init__(self, book: Any) -> None:
        self._book = book
        edges = "borders: left thin, right thin, top thin, bottom thin; align: wrap on"
        self._frame, self._plain = xlwt.easyxf(edges), xlwt.easyxf("align: horiz center")
        self._sheet: Any = None

    def sheet(self, name: str) -> None:
        """Begin a sheet."""
        self._sheet = self._book.add_sheet(name)

    def cell(self, row: int, col: int, height: int, width: int, value: str | float, *, framed: bool) -> None:
        """Write a cell; an empty one only if it has a border."""
        look = self._frame if framed else self._plain
        if height * width > 1:
            self._sheet.write_merge(row, row + height - 1, col, col + width - 1, value, look)
        elif value != "" or framed:
            self._sheet.write(row, col, value, look)


def _fill_workbook(target: _Target, title: str, blocks: list[Block], style: SheetStyle) -> None:
    wide = max((block.cols for block in blocks if isinstance(block, PrintedTable)), default=8)
    for name, content in _split_into_sheets(blocks, style):
        target.sheet(name)
        row = 0
        for block in [title, *content]:
            if isinstance(block, PrintedTable):
                for cell in block.cells:
                    height, width = cell.rowspan, cell.colspan
                    target.cell(row + 1 + cell.row, cell.col, height, width, _cell_value(cell, style), framed=True)
                row += block.rows + 2
            else:
                text = block.text if isinstance(block, SectionHeading) else block
                target.cell(row, 0, 1, wide, text, framed=False)
                row += 1


def _split_into_sheets(blocks: list[Block], style: SheetStyle) -> Iterator[tuple[str, list[Block]]]:
    if not style.apart:
        yield "年度报告", blocks
        return
    names = iter(_SHEETS)
    sheets: list[Block] = []
    for block in blocks:
        sheets.append(block)
        if isinstance(block, PrintedTable):
            yield next(names, f"表{len(sheets)}"), sheets
            sheets = []
    if sheets:
        yield "其他", sheets


def _cell_value(cell: PrintedCell, style: SheetStyle) -> str | float:
    if style.numbers and _NUMBER.fullmatch(cell.text):
        return float(cell.text)
    return cell.text
