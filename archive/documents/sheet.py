"""Spreadsheets (.xls, .xlsx, .et) → Pages: what the visible sheets show, as titles, tables and paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from archive.documents.container import ContainerError, last_end, member, open_zip
from archive.documents.findings import parts_doubled, struck_out
from archive.documents.ole import is_ole
from archive.documents.pages import Limits, Pages, Paragraph, Picture, Table
from archive.documents.workbook import markup, xls, xlsx
from archive.documents.workbook.grid import Sheet, blocks, cell_name
from archive.documents.workbook.package import MAX_SHEETS, opened
from archive.documents.workbook.sheet_facts import Worksheet
from archive.documents.workbook.side_notes import without_reckoning
from archive.findings import finding, first_in_both
from storage.records import Finding

Block = Paragraph | Table

_ENDED = re.compile(rb"</(?:\w{1,20}:)?Workbook\s{0,9}>")
_TAIL = 400  # bytes from the end of a file in which that stands
_NAMED = 5  # places of what is left out that are named
_IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")


def read(data: bytes, limits: Limits) -> Pages:
    """Read a workbook. Locators: ``sheet`` and ``cell`` ("B7").

    ``unreadable``: ``encrypted``, ``truncated``, ``damaged``, ``missing``, ``too_large``, ``empty``,
    ``kind_unsupported``.
    """
    kind = "xls" if is_ole(data) else "xlsx"
    try:
        if kind == "xls":
            return _read(kind, xls.worksheets(data), limits, [])
        book = opened(data, limits)
        found = parts_doubled(book.doubled)
        if book.left:
            found.append(finding("limit_reached", bound="sheets", expected=MAX_SHEETS))
        read = _read(kind, xlsx.worksheets_of(book, limits), limits, found)
        return _with_pictures(read, data, limits)
    except ContainerError as error:
        return Pages(kind=kind, blocks=(), unreadable=error.reason)


def read_xml(data: bytes, limits: Limits) -> Pages:
    """Read an Excel 2003 XML workbook; its kind is given as ``xls``, as it is published under that name."""
    content, findings = _whole_rows(data)
    try:
        sheets = list(markup.excel_sheets(markup.parsed(content), limits))
        return _gathered("xls", sheets, [*findings, *_crossed_out(sheets)])
    except ContainerError as error:
        return Pages(kind="xls", blocks=(), unreadable=error.reason)


def _whole_rows(data: bytes) -> tuple[bytes, list[Finding]]:
    """A workbook in one file of XML; of one that breaks off what ends with a whole row."""
    if b"\0" in data[:200] or _ENDED.search(data, max(0, len(data) - _TAIL)):
        return data, []
    return data[: last_end(data)], [finding("document_damaged", case="cut_short")]


def _read(kind: str, worksheets: Iterable[Worksheet], limits: Limits, findings: list[Finding]) -> Pages:
    """The sheets' blocks and what is said of them, behind the ``findings`` so far."""
    sheets: list[tuple[Sheet, bool]] = []
    budget = limits.cells
    for one in worksheets:
        if one.sheet is None:
            findings.append(finding("document_damaged", case="sheet", sheet=one.name))
            continue
        budget -= one.cells
        if budget < 0:
            findings.append(finding("limit_reached", bound="cells", expected=limits.cells))
            break
        sheets.append((one.sheet, one.shows))
        if one.shows:
            findings += _findings_of(one)
    return _gathered(kind, sheets, findings)


def _findings_of(one: Worksheet) -> list[Finding]:
    """What is to be said of a sheet that was read."""
    findings: list[Finding] = []
    if one.torn:
        findings.append(finding("document_damaged", case="sheet_torn", sheet=one.name))
    if one.unplaced:
        findings.append(finding("document_damaged", case="cells_unplaced", sheet=one.name, count=one.unplaced))
    if one.lost:
        findings.append(finding("document_damaged", case="texts_lost", sheet=one.name, count=one.lost))
    if one.sheet is not None:
        findings += _crossed_out([(one.sheet, True)])
    if one.unsolved:
        findings.append(finding("formula_without_value", sheet=one.name, found=one.unsolved))
    return findings


def _crossed_out(sheets: Iterable[tuple[Sheet, bool]]) -> list[Finding]:
    """What is said of text that is crossed out in sheets that show."""
    held = [sheet.struck for sheet, shows in sheets if shows and sheet.struck]
    return [struck_out("".join(text for _, text in sorted(struck.items()))) for struck in held]


def _astray(sheets: Iterable[tuple[Sheet, bool]]) -> list[Finding]:
    """What is said of entries that stand far from all else, in sheets that show."""
    held = [sheet for sheet, shows in sheets if shows and sheet.astray]
    return [_far_apart(one) for one in held]


def _far_apart(sheet: Sheet) -> Finding:
    places = first_in_both([cell_name(*at) for at in sheet.astray], _NAMED, "…")
    return finding(
        "limit_reached",
        case="far_apart",
        found=places[0],
        sheet=sheet.name,
        count=len(sheet.astray),
        places=places,
    )


def _gathered(kind: str, sheets: list[tuple[Sheet, bool]], findings: list[Finding]) -> Pages:
    """The visible sheets' blocks; those of hidden ones only if no other has any."""
    for wanted in (True, False):
        found: list[Block] = []
        seen = 0
        for sheet, shows in sheets:
            if shows == wanted:
                sheet_blocks = blocks(without_reckoning(sheet), sum(isinstance(block, Table) for block in found))
                seen += bool(sheet_blocks)
                found += sheet_blocks
        if found:
            break
    findings += _astray(sheets)
    if found and not wanted:
        findings.append(finding("hidden_sheet"))
    return Pages(
        kind=kind,
        blocks=tuple(found),
        findings=tuple(findings),
        page_count=max(seen, 1),
        unreadable="" if found else _nothing(findings),
    )


def _nothing(findings: list[Finding]) -> str:
    """Why there are no blocks: what was cut at a bound is not known to be empty."""
    if any(found.code == "limit_reached" for found in findings):
        return "too_large"
    return "damaged" if findings else "empty"


def _with_pictures(pages: Pages, data: bytes, limits: Limits) -> Pages:
    """The images of an .xlsx stand at its end; a workbook that holds nothing else is a scan."""
    if pages.kind != "xlsx" or b"xl/media/" not in data:
        return pages
    names = [name for name in open_zip(data).namelist() if name.lower().startswith("xl/media/")]
    pictures = tuple(
        Picture(at=len(pages.blocks), source=_MediaImage(data, name, limits.bytes), locator={"member": name})
        for name in names
        if name.lower().endswith(_IMAGES)
    )[: limits.pictures]
    if not pictures or pages.blocks:
        return replace(pages, pictures=pictures)
    return replace(pages, kind="scan", pictures=pictures, unreadable="needs_ocr")


@dataclass(frozen=True, slots=True)
class _MediaImage:
    """An image in the zip of a workbook, of at most ``limit`` bytes."""

    data: bytes = field(repr=False)
    name: str
    limit: int

    def load(self) -> bytes:
        """Unpack it. Raises ValueError with a reason."""
        try:
            return member(open_zip(self.data), self.name, self.limit)
        except ContainerError as error:
            raise ValueError(error.reason) from error
