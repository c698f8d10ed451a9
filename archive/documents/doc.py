""".doc (Word 97–2003) and .wps → Pages: our own reader of the binary format, office_oxide where that finds nothing.

office_oxide gives the text reliably, but tears a table where its columns change and loses merged cells: so second.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from office_oxide import Document, OfficeOxideError

from archive.documents.findings import damaged, limit_reached
from archive.documents.grid import RawCell, RawRow, lay_out, number_tables
from archive.documents.ole import Ole, wps_or_doc
from archive.documents.pages import GridCell, Limits, Pages, Paragraph, Picture, Table
from archive.documents.word97 import NotWord97Error, RowShape, WordParagraph, is_encrypted, paragraphs
from archive.documents.word97_images import images
from storage.records import Finding

Block = Paragraph | Table
Node = Mapping[str, Any]

_SAME_EDGE = 40  # twips: edges of two rows no further apart are one
_BREAKS = {"line_break": "\n", "break": "\n", "tab": "\t", "page_break": "\n"}
_FIELDS = ("content", "children", "elements", "items")


def read(data: bytes, limits: Limits) -> Pages:
    """Read a Word 97 or WPS file. ``unreadable``: ``encrypted``, ``truncated``, ``damaged`` or ``empty``."""
    ole = Ole(data)
    kind = wps_or_doc(ole.names)
    if is_encrypted(ole):
        return Pages(kind=kind, blocks=(), unreadable="encrypted")
    findings: list[Finding] = []
    builder = Builder(limits, findings)
    try:
        blocks = builder.build(paragraphs(ole))
    except NotWord97Error:
        blocks = []
    shown = tuple(_pictures(ole, builder.drawn, len(blocks), limits))
    title = ""
    if not blocks and not ole.torn:
        blocks, title = _by_library(data, limits, findings)
    if blocks and ole.torn:
        findings.append(
            damaged("文件不完整，其后的内容没有读取。", "The file is cut short: what lies beyond was not read.")
        )
    return Pages(
        kind=kind,
        blocks=number_tables(blocks),
        title=title,
        findings=tuple(findings),
        unreadable="truncated" if ole.torn else "" if blocks else "needs_ocr" if shown else "empty",
        pictures=shown,
    )


def _pictures(ole: Ole, drawn: Sequence[int], end: int, limits: Limits) -> Iterator[Picture]:
    """The images, each where it stands if there are as many as places for them, else behind the text."""
    found = list(images(ole, limits.pictures))
    places = drawn if len(drawn) == len(found) else [end] * len(found)
    for number, (at, data) in enumerate(zip(places, found, strict=True), 1):
        yield Picture(at=at, load=partial(bytes, data), locator={"picture": number})


@dataclass(slots=True)
class _OpenTable:
    """A table being put together: finished rows, and the lines of the cells of the row at hand."""

    rows: list[tuple[RowShape | None, list[str]]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    inner: list[Block] = field(default_factory=list)


class Builder:
    """Paragraphs with their depth in tables → blocks; for .doc and whatever else counts cells by their ends."""

    def __init__(self, limits: Limits, findings: list[Finding]) -> None:
        self._limits = limits
        self._findings = findings
        self._cells = 0
        self._done: list[Block] = []
        self._open: list[_OpenTable] = []
        self.drawn: list[int] = []  # before which block an image or object stands, in order

    def build(self, stream: Iterator[WordParagraph]) -> list[Block]:
        """Paragraphs → blocks; rows that follow each other are one table, as Word shows them."""
        for number, paragraph in enumerate(stream, 1):
            depth = min(paragraph.depth, self._limits.depth)
            if paragraph.drawn:
                self.drawn += [len(self._done)] * min(paragraph.drawn, self._limits.pictures)
            while len(self._open) > depth:
                self._close()
            while len(self._open) < depth:
                self._open.append(_OpenTable())
            if not depth:
                self._line(paragraph, number)
                continue
            if self._cells > self._limits.cells:
                self._findings.append(limit_reached("表格单元格数", "cells", self._limits.cells))
                break
            self._in_table(self._open[-1], paragraph)
        while self._open:
            self._close()
        return self._done

    def _line(self, paragraph: WordParagraph, number: int) -> None:
        text = paragraph.text.strip("\r\n ")
        if text.strip():
            self._done.append(Paragraph(text=text, heading=paragraph.heading, locator={"paragraph": number}))

    def _in_table(self, table: _OpenTable, paragraph: WordParagraph) -> None:
        if paragraph.row_end:
            table.rows.append((paragraph.row, table.cells))
            table.cells = []
            table.lines = []
            return
        if paragraph.text.strip():
            table.lines.append(paragraph.text.strip())
        if paragraph.cell_end:
            self._cells += 1
            table.cells.append("\n".join(table.lines))
            table.lines = []

    def _close(self) -> None:
        """The innermost table ends: to the table around it, or to the document."""
        ended = self._open.pop()
        if ended.cells or ended.lines:  # a torn file ends in the middle of a row
            ended.rows.append((None, [*ended.cells, "\n".join(ended.lines)]))
        table = _grid(ended.rows)
        if self._open:
            outer = self._open[-1]
            if len(table.cells) == 1:
                outer.lines.append(table.cells[0].text)
            else:
                outer.inner += [table, *ended.inner]
        elif len(table.cells) == 1 and ended.inner:
            self._done += [Paragraph(text=c.text) for c in table.cells if c.text.strip()] + ended.inner
        else:
            self._done += [table, *ended.inner] if table.cells else ended.inner


@dataclass(slots=True)
class _Slot:
    row: int
    col: int
    colspan: int
    texts: list[str]
    rowspan: int = 1


def _grid(rows: list[tuple[RowShape | None, list[str]]]) -> Table:
    """Rows of any widths on the columns that all their edges make together."""
    if any(shape is None or len(shape.edges) <= len(cells) for shape, cells in rows):
        return lay_out([RawRow([RawCell(text) for text in cells]) for _, cells in rows])
    columns = _columns(edge for shape, _ in rows if shape is not None for edge in shape.edges)
    slots: list[_Slot] = []
    above: dict[int, _Slot] = {}
    for number, (shape, cells) in enumerate(rows):
        assert shape is not None
        here: dict[int, _Slot] = {}
        for index, text in enumerate(cells):
            col = columns[shape.edges[index]]
            width = max(1, columns[shape.edges[index + 1]] - col)
            last = slots[-1] if slots else None
            if shape.across[index] and last is not None and last.row == number:
                last.colspan = max(last.colspan, col + width - last.col)
                last.texts += [text] if text else []
            elif shape.down[index] and col in above:
                upper = here[col] = above[col]
                upper.rowspan = number - upper.row + 1
                upper.texts += [text] if text else []
            else:
                here[col] = _Slot(number, col, width, [text] if text else [])
                slots.append(here[col])
        above = here
    cells_ = tuple(
        GridCell(row=s.row, col=s.col, rowspan=s.rowspan, colspan=s.colspan, text="\n".join(s.texts)) for s in slots
    )
    return Table(cells=cells_, rows=len(rows), cols=max((c.col + c.colspan for c in cells_), default=0))


def _columns(edges: Iterator[int]) -> dict[int, int]:
    """Edge in twips → number of the grid line it lies on."""
    lines: dict[int, int] = {}
    first: int | None = None
    number = -1
    for edge in sorted(set(edges)):
        if first is None or edge - first > _SAME_EDGE:
            first, number = edge, number + 1
        lines[edge] = number
    return lines


def _by_library(data: bytes, limits: Limits, findings: list[Finding]) -> tuple[list[Block], str]:
    """What office_oxide makes of the bytes, its torn tables joined again."""
    try:
        tree = json.loads(Document.from_bytes(data, "doc").to_ir_json())
    except (OfficeOxideError, ValueError, OSError, RuntimeError):
        return [], ""
    title = str((tree.get("metadata") or {}).get("title") or "").strip()
    torn_letters = any("\x80" <= character <= "\xff" for character in title)  # a wrong code page
    reader = _TreeReader(limits, findings)
    blocks: list[Block] = []
    for section in tree.get("sections") or ():
        blocks += reader.blocks(section.get("elements") or (), 0)
    return blocks, "" if torn_letters else title[:300]


class _TreeReader:
    """office_oxide's tree → blocks."""

    def __init__(self, limits: Limits, findings: list[Finding]) -> None:
        self._limits = limits
        self._findings = findings
        self._cells = 0

    def blocks(self, elements: Sequence[Node], depth: int) -> list[Block]:
        """Blocks of a list of elements; ``depth`` counts tables and boxes within each other."""
        done: list[Block] = []
        if depth > self._limits.depth:
            return done
        for element in elements:
            kind = element.get("type")
            if kind == "table":
                done += self._table(element, depth)
            elif kind in ("paragraph", "heading"):
                text = "".join(_texts(element.get("content") or (), 0)).strip("\r\n ")
                if text.strip():
                    done.append(Paragraph(text=text))
            else:  # lists, text boxes and whatever else holds elements
                for name in _FIELDS:
                    inner = element.get(name)
                    if isinstance(inner, list):
                        done += self.blocks([e for e in inner if isinstance(e, dict)], depth + 1)
        return done

    def _table(self, element: Node, depth: int) -> list[Block]:
        rows: list[RawRow] = []
        inner: list[Block] = []
        for row in element.get("rows") or ():
            cells: list[RawCell] = []
            for cell in row.get("cells") or ():
                self._cells += 1
                if self._cells > self._limits.cells:
                    break
                held = self.blocks([e for e in cell.get("content") or () if isinstance(e, dict)], depth + 1)
                inner += [block for block in held if isinstance(block, Table)]
                lines = [block.text.strip() for block in held if isinstance(block, Paragraph)]
                cells.append(RawCell("\n".join(lines), _span(cell, "row_span"), _span(cell, "col_span")))
            rows.append(RawRow(cells))
        table = lay_out(rows)
        return [table, *inner] if table.cells else inner


def _span(cell: Node, name: str) -> int:
    value = cell.get(name)
    return value if isinstance(value, int) and value > 0 else 1


def _texts(content: Sequence[Any], depth: int) -> Iterator[str]:
    """What runs print; struck-out and hidden text does not count as printed."""
    for run in content:
        if not isinstance(run, dict) or run.get("strikethrough") or run.get("hidden") or depth > 20:
            continue
        if isinstance(run.get("text"), str):
            yield run["text"].replace("\x0b", "\n").replace("\x07", "")
        elif run.get("type") in _BREAKS:
            yield _BREAKS[run["type"]]
        elif isinstance(run.get("content"), list):
            yield from _texts(run["content"], depth + 1)
