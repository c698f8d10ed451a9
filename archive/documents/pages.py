"""What every document module gives: blocks of text and tables in reading order, each with a locator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from storage.records import Finding, Part


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds a document module must keep: bytes after decompression, tables, cells, pages, nesting, characters."""

    bytes: int = 64 << 20
    pages: int = 200
    tables: int = 2_000
    cells: int = 200_000
    depth: int = 64
    characters: int = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCell:
    r"""One printed cell, merged cells once. ``row``/``col`` are 0-based grid positions, spans in grid units.

    ``text`` keeps line breaks inside the cell as ``\n``; no other change is made to it.
    """

    row: int
    col: int
    rowspan: int = 1
    colspan: int = 1
    text: str
    locator: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A grid of cells. ``ruled`` is False where the columns were inferred from spacing or tabs, not from structure."""

    cells: tuple[GridCell, ...]
    rows: int
    cols: int
    ruled: bool = True
    locator: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A run of text that stands on its own. ``heading`` is 1–6 where the document marks it as one, else 0."""

    text: str
    heading: int = 0
    locator: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """A document as blocks in reading order. Nothing is judged here.

    ``meta``: names lower-cased. ``title``: the container's own title (HTML <title>, document property), may mislead.
    ``parts``: attachments, embedded documents, images. ``findings``: damage met on the way (``charset_broken``,
    ``limit_reached`` …). ``unreadable``: a reason code if nothing could be read (``encrypted``, ``truncated``,
    ``needs_ocr``, ``kind_unsupported`` …), else "".
    """

    kind: str
    blocks: tuple[Paragraph | Table, ...]
    meta: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    breadcrumb: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    findings: tuple[Finding, ...] = ()
    page_count: int = 1
    unreadable: str = ""
