"""The element model that every format becomes. The code that uses it never asks which format a document had.

A document is a sequence of paragraphs and tables in reading order. Nothing is interpreted here: a cell says what is
printed, where it is, and whether a person would see it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import Self

from storage.records import LARGEST_BODY, Finding, PagePart

Locator = Mapping[str, object]  #: where something is in the source; docs/reading.md lists its keys per format

MAX_TABLE_COLUMNS = 1_000
MAX_SPANNED_SQUARES = 200_000  # grid squares of one table that its merged cells cover
MAX_PACKAGE_FILES = 5_000  #: files in one office package
MAX_RATIO = 200  #: unpacked to packed bytes of a file; office XML stays below 60


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits that every format module obeys. They count and never use time: the same bytes give the same document.

    ``bytes`` after decompression; ``cells``: of all tables; ``members``: files of an archive; ``levels``: archives
    inside archives; ``images``: recognised in one document, or pages of one image; ``pixels``: of one image.
    """

    bytes: int = LARGEST_BODY
    pages: int = 200
    cells: int = 200_000
    depth: int = 64
    characters: int = 4_000_000
    members: int = 200
    levels: int = 2
    images: int = 40
    pixels: int = 60_000_000


class UnreadableError(ValueError):
    """Nothing can be read from these bytes; ``reason`` is a code of ``unreadable_reasons.toml``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@lru_cache
def why(reason: str) -> tuple[str, str]:
    """Return the Chinese and English words for a reason code of ``unreadable``; an unknown code is returned twice."""
    data = tomllib.loads(files("archive.documents").joinpath("unreadable_reasons.toml").read_text("utf-8"))
    if reason not in data:
        return reason, reason
    limits = Limits()
    bounds = {
        "mib": limits.bytes >> 20, "cells": limits.cells, "characters": limits.characters, "pixels": limits.pixels,
        "members": MAX_PACKAGE_FILES, "ratio": MAX_RATIO, "levels": limits.levels,
    }  # fmt: skip
    zh, en = data[reason]
    return zh.format(**bounds), en.format(**bounds)


@dataclass(slots=True)  # a frozen one takes four times as long to make, and a report has 300
class TableCell:
    r"""One printed cell; a merged cell is one TableCell. ``row`` and ``col`` count from 0, spans are in grid units.

    ``text`` keeps line breaks inside the cell as ``\n``. ``visible`` is False where the source hides the cell or may
    hide it or cross it out (the reader then doubts its figure). ``doubts`` are flags that the format module sets
    (``low_confidence``: recognised unsurely; ``label_doubt``: printed across a ruling). ``linked``: most of the text
    consists of links to other pages.
    """

    row: int
    col: int
    rowspan: int
    colspan: int
    text: str
    locator: dict[str, object]
    visible: bool = True
    doubts: tuple[str, ...] = ()
    linked: bool = False

    def go_on(self, lower: TableCell, rowspan: int) -> Self:
        """Return this cell joined with its lower part, which some writers store as a cell with text of its own."""
        return replace(
            self,
            rowspan=rowspan,
            text="\n".join(filter(None, (self.text, lower.text))),
            visible=self.visible and lower.visible,
            doubts=tuple(dict.fromkeys((*self.doubts, *lower.doubts))),
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of cells in reading order."""

    cells: tuple[TableCell, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph outside tables. ``furniture``: it belongs to the page around the report (navigation, buttons);
    ``linked``: most of it is links.
    """

    text: str
    locator: Locator = field(default_factory=dict)
    furniture: bool = False
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that may show part of the report, before the block with the index ``before`` of its document.
    ``points``: width and height where it is a whole page; its boxes are then in points, not pixels.
    """

    before: int
    data: bytes = field(repr=False)
    locator: Locator = field(default_factory=dict)
    points: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive. ``name``: as stored, made safe to display."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Document:
    """The contents of one file, before anything is interpreted.

    ``meta``: values by lower-case name. ``breadcrumb``: the site sections that a page prints above its text.
    ``title``: the file's own title (HTML ``<title>``, a document property), which may mislead. ``parts``: linked
    attachments, embedded documents and images. ``unreadable``: a reason code of ``unreadable_reasons.toml`` if nothing
    could be read (``encrypted``, ``truncated``, ``needs_ocr``), else "".
    """

    kind: str
    blocks: tuple[Paragraph | Table, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)
    breadcrumb: tuple[str, ...] = ()
    title: str = ""
    parts: tuple[PagePart, ...] = ()
    images: tuple[Image, ...] = ()
    members: tuple[Member, ...] = ()
    findings: tuple[Finding, ...] = ()
    unreadable: str = ""

    @property
    def tables(self) -> list[Table]:
        """All tables in reading order."""
        return [block for block in self.blocks if isinstance(block, Table)]


def place_spanned_rows(rows: list[list[TableCell]]) -> tuple[TableCell, ...]:
    """Give every cell its row and column as browsers do (WHATWG, "forming a table"); ``rowspan`` 0: all rows below.
    Spans over other cells are cut; cells beyond MAX_TABLE_COLUMNS or MAX_SPANNED_SQUARES are dropped.
    """
    occupied: set[tuple[int, int]] = set()
    placed: list[TableCell] = []
    for number, row in enumerate(rows):
        col = 0
        for cell in row:
            while (number, col) in occupied:
                col += 1
            if col >= MAX_TABLE_COLUMNS or len(occupied) > MAX_SPANNED_SQUARES:
                break
            height = min(cell.rowspan or len(rows), len(rows) - number)
            end = min(col + cell.colspan, MAX_TABLE_COLUMNS)
            width = next((at for at in range(col + 1, end) if (number, at) in occupied), end) - col
            if height > 1:  # squares of this row need no entry: ``col`` moves past them
                occupied.update((r, c) for r in range(number + 1, number + height) for c in range(col, col + width))
            cell.row, cell.col, cell.rowspan, cell.colspan = number, col, height, width
            placed.append(cell)
            col += width
    return tuple(placed)


def number_tables(blocks: Iterable[Paragraph | Table]) -> tuple[Paragraph | Table, ...]:
    """Return the blocks, with the numbers ``table``, ``row`` and ``col`` (from 0) added to the locator of each cell."""
    numbered = tuple(blocks)
    for number, table in enumerate(block for block in numbered if isinstance(block, Table)):
        for cell in table.cells:
            cell.locator |= {"table": number, "row": cell.row, "col": cell.col}
    return numbered


def find_cell(document: Document, locator: Locator) -> tuple[Table, TableCell] | None:
    """Return the cell that a locator of this document points to, after its table; None if there is no such cell."""
    for table in document.tables:
        for cell in table.cells:
            if all(cell.locator.get(name) == value for name, value in locator.items()):
                return table, cell
    return None
