"""Spreadsheets (.xls, .xlsx, .et, .ods) → Pages: what the visible sheets show, as titles, tables and paragraphs."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from archive.documents.container import ContainerError, member, open_zip
from archive.documents.findings import damaged, limit_reached
from archive.documents.ole import is_ole
from archive.documents.pages import Limits, Pages, Paragraph, Picture, Table
from archive.documents.workbook import biff, markup, xlsx
from archive.documents.workbook.grid import Sheet, blocks
from archive.documents.workbook.known import ROW, Known, Spot
from archive.documents.workbook.text import Value, shown
from storage.records import Finding, Severity

Block = Paragraph | Table

_TALL, _BROAD = 2_000, 200  # rows and columns of a merged range that may mean it
_IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
_COVERED = 400_000  # places under merged ranges


def read(data: bytes, limits: Limits) -> Pages:
    """Read a workbook. Locators: ``sheet`` and ``cell`` ("B7").

    ``unreadable``: ``encrypted``, ``truncated``, ``damaged``, ``missing``, ``too_large``, ``empty``,
    ``kind_unsupported``.
    """
    kind = "xls" if is_ole(data) else "xlsx"
    try:
        known = biff.look(data) if kind == "xls" else xlsx.look(data, limits)
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return _with_pictures(_read(kind, book, known, limits), data, limits)
    except ContainerError as error:
        return Pages(kind=kind, blocks=(), unreadable=error.reason)
    except PasswordError:
        return Pages(kind=kind, blocks=(), unreadable="encrypted")
    except (CalamineError, OSError, ValueError):
        return Pages(kind=kind, blocks=(), unreadable="damaged")
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how the library fails over contradictory records
            raise
        return Pages(kind=kind, blocks=(), unreadable="damaged")


def read_xml(data: bytes, limits: Limits) -> Pages:
    """Read an Excel 2003 XML workbook; its kind is given as ``xls``, as it is published under that name."""
    try:
        return _gathered("xls", list(markup.excel_sheets(markup.parsed(data), limits)), [])
    except ContainerError as error:
        return Pages(kind="xls", blocks=(), unreadable=error.reason)


def read_ods(data: bytes, limits: Limits) -> Pages:
    """Read an OpenDocument workbook."""
    try:
        content = member(open_zip(data), "content.xml", limits.bytes)
        return _gathered("ods", list(markup.open_sheets(markup.parsed(content), limits)), [])
    except ContainerError as error:
        return Pages(kind="ods", blocks=(), unreadable=error.reason)


def _read(kind: str, book: CalamineWorkbook, known: list[Known], limits: Limits) -> Pages:
    findings: list[Finding] = []
    sheets: list[tuple[Sheet, bool]] = []
    budget = limits.cells
    for index, about in enumerate(book.sheets_metadata):
        shows = about.visible == SheetVisibleEnum.Visible
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        beforehand = known[index] if index < len(known) else Known()
        try:
            sheet = _sheet(book.get_sheet_by_index(index), beforehand)
        except CalamineError:
            findings.append(damaged(f"工作表“{about.name}”无法读取。", f"The sheet {about.name} cannot be read."))
            continue
        budget -= len(sheet.texts) + len(sheet.blank)
        if budget < 0:
            findings.append(limit_reached("表格单元格数", "cells", limits.cells))
            break
        sheets.append((sheet, shows))
        if beforehand.unsolved and shows:
            findings.append(_unsolved(about.name, beforehand.unsolved))
    return _gathered(kind, sheets, findings)


def _gathered(kind: str, sheets: list[tuple[Sheet, bool]], findings: list[Finding]) -> Pages:
    """The visible sheets' blocks; those of hidden ones only if no other has any."""
    for wanted in (True, False):
        found: list[Block] = []
        seen = 0
        for sheet, shows in sheets:
            if shows == wanted:
                made = blocks(sheet, sum(isinstance(block, Table) for block in found))
                seen += bool(made)
                found += made
        if found:
            break
    if found and not wanted:
        findings.append(_hidden())
    return Pages(
        kind=kind,
        blocks=tuple(found),
        findings=tuple(findings),
        page_count=max(seen, 1),
        unreadable="" if found else "damaged" if findings else "empty",
    )


def _with_pictures(pages: Pages, data: bytes, limits: Limits) -> Pages:
    """The images of an .xlsx stand at its end; a workbook that holds nothing else is a scan."""
    if pages.kind != "xlsx" or b"xl/media/" not in data:
        return pages
    names = [name for name in open_zip(data).namelist() if name.lower().startswith("xl/media/")]
    pictures = tuple(
        Picture(at=len(pages.blocks), load=partial(_image, data, name, limits.bytes), locator={"member": name})
        for name in names
        if name.lower().endswith(_IMAGES)
    )[: limits.pictures]
    if not pictures or pages.blocks:
        return replace(pages, pictures=pictures)
    return replace(pages, kind="scan", pictures=pictures, unreadable="needs_ocr")


def _image(data: bytes, name: str, limit: int) -> bytes:
    try:
        return member(open_zip(data), name, limit)
    except ContainerError as error:
        raise ValueError(error.reason) from error


def _sheet(sheet: CalamineSheet, known: Known) -> Sheet:
    """Texts by place; what lies under a merged range belongs to its corner."""
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[Spot] = set()
    end = sheet.end or (0, 0)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        # a range of whole columns or rows ends where the sheet does
        height = (bottom if bottom - top < _TALL else min(bottom, end[0])) + 1 - top
        width = (right if right - left < _BROAD else min(right, end[1])) + 1 - left
        if height < 1 or width < 1 or height * width == 1 or len(covered) > _COVERED or left + width > ROW:
            continue
        corner = top * ROW + left
        places = [range(at, at + width) for at in range(corner, corner + height * ROW, ROW)]
        if all(map(covered.isdisjoint, places)):
            covered.update(*places)
            covered.remove(corner)
            merged[top, left] = (height, width)
    texts = _texts(sheet, known, covered)
    return Sheet(sheet.name, texts, known.blank - texts.keys() - covered, merged)


def _texts(sheet: CalamineSheet, known: Known, covered: set[Spot]) -> dict[Spot, str]:
    texts: dict[Spot, str] = {}
    percents = known.percent
    if sheet.start is not None:
        first_row, first_col = sheet.start
        rows: list[list[Value]] = sheet.to_python(skip_empty_area=True)
        for row, values in enumerate(rows, first_row):
            for spot, value in enumerate(values, row * ROW + first_col):
                if value == "" or spot in covered:
                    continue
                if type(value) is str:
                    text = value if "\r" not in value else shown(value)
                    if text.isspace():
                        continue
                elif type(value) is float and value.is_integer() and -1e15 < value < 1e15 and not percents:
                    text = str(int(value))
                else:
                    text = shown(value, spot in percents)
                texts[spot] = text
    texts |= {spot: said for spot, said in known.unsolved.items() if spot not in texts and spot not in covered}
    return texts


def _unsolved(name: str, cells: dict[Spot, str]) -> Finding:
    count = len(cells)
    return Finding(
        code="formula_without_value",
        severity=Severity.WARNING,
        zh=f"工作表“{name}”有 {count} 个单元格的公式没有可用的结果，按公式原样保留。",
        en=f"In the sheet {name}, {count} formulas have no usable result: kept as they are written.",
        found=str(count),
    )


def _hidden() -> Finding:
    return Finding(
        code="hidden_sheet",
        severity=Severity.WARNING,
        zh="只有隐藏的工作表有内容，已读取隐藏的工作表。",
        en="Only hidden sheets hold anything: they were read.",
    )
