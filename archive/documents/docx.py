""".docx → Pages: word/document.xml as it would print, insertions taken, deletions left out (ECMA-376 part 1, 17)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from archive.documents.container import ContainerError, member, open_zip
from archive.documents.findings import damaged, limit_reached
from archive.documents.grid import number_tables
from archive.documents.pages import GridCell, Limits, Pages, Paragraph, Table
from storage.records import Finding, Part

Element = etree._Element

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_CORE = "{http://purl.org/dc/elements/1.1/}"
_HEADING = re.compile(r"(?:heading|标题)\s*([1-6])$", re.IGNORECASE)
# Elements whose content does not print, or prints a second time (the fallback of a text box).
_SILENT = frozenset(
    (
        "del",
        "moveFrom",
        "Fallback",
        "instrText",
        "delText",
        "pPr",
        "rPr",
        "tblPr",
        "tblGrid",
        "trPr",
        "tcPr",
        "sectPr",
        "sdtPr",
    )
)
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
_DEEP = 200  # elements within elements inside one paragraph
MAX_ELEMENTS = 600_000


def read(data: bytes, limits: Limits) -> Pages:
    """Read a .docx. ``unreadable``: ``truncated``, ``damaged``, ``encrypted``, ``too_large``, ``missing``."""
    try:
        archive = open_zip(data)
        names = set(archive.namelist())
        main = "word/document.xml" if "word/document.xml" in names else _main_part(names)
        body = _parse(member(archive, main, limits.bytes))
    except ContainerError as error:
        return Pages(kind="docx", blocks=(), unreadable=error.reason)
    findings: list[Finding] = []
    extras = {}
    for name in ("word/styles.xml", "docProps/core.xml"):
        if name in names:
            try:
                extras[name] = _parse(member(archive, name, limits.bytes // 4))
            except ContainerError:
                findings.append(damaged(f"部件 {name} 无法读取。", f"The part {name} cannot be read."))
    reader = _Reader(limits, _headings(extras.get("word/styles.xml")), findings)
    blocks = reader.blocks(body)
    core = extras.get("docProps/core.xml")
    title = (core.findtext(f"{_CORE}title") or "").strip()[:300] if core is not None else ""
    images = tuple(
        Part(kind="image", url=name) for name in sorted(names) if name.startswith("word/media/") and len(name) < 200
    )
    empty = not blocks and not images
    return Pages(
        kind="docx",
        blocks=number_tables(blocks),
        title=title,
        parts=images[:200],
        findings=tuple(findings),
        unreadable="needs_ocr" if not blocks and images else "empty" if empty else "",
    )


def _main_part(names: set[str]) -> str:
    """Some writers name the part document2.xml or put it elsewhere."""
    found = sorted(name for name in names if re.fullmatch(r"(?:\w{1,40}/)?document\d{0,3}\.xml", name))
    if not found:
        raise ContainerError("missing")
    return found[0]


def _parse(content: bytes) -> Element:
    """XML without entities, network or DTD; a cut end is mended by the parser."""
    if content.count(b"<") > MAX_ELEMENTS:
        raise ContainerError("too_large")
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content:
        raise ContainerError("damaged")  # no office program writes one
    content = content.replace(_STRICT, _W.encode())  # ISO "strict" documents differ by their name space only
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ContainerError("damaged") from error
    if root is None:
        raise ContainerError("damaged")
    return root


def _headings(styles: Element | None) -> dict[str, int]:
    """Style id → heading level, by the style's name or outline level."""
    found: dict[str, int] = {}
    if styles is None:
        return found
    for style in _children(styles, "style"):
        identifier = _attribute(style, "styleId")
        name = next((_attribute(c, "val") for c in _children(style, "name")), "")
        match = _HEADING.match(name)
        if identifier and match:
            found[identifier] = int(match.group(1))
        elif identifier and name.lower() == "title":
            found[identifier] = 1
    return found


def _local(element: Element) -> str:
    tag = element.tag
    return _local_name(tag) if isinstance(tag, str) else ""


@lru_cache(4_096)
def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attribute(element: Element, name: str) -> str:
    return element.get(f"{{{_W}}}{name}") or element.get(name) or ""


def _children(element: Element, name: str) -> Iterator[Element]:
    return element.iterchildren(f"{{{_W}}}{name}")


def _child(element: Element | None, name: str) -> Element | None:
    return None if element is None else element.find(f"{{{_W}}}{name}")


def _number(element: Element | None, default: int) -> int:
    value = "" if element is None else _attribute(element, "val")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else default


@dataclass(slots=True)
class _Slot:
    """A cell being put together: its place, and how far down it reaches."""

    row: int
    col: int
    colspan: int
    texts: list[str] = field(default_factory=list)
    rowspan: int = 1


class _Reader:
    def __init__(self, limits: Limits, headings: dict[str, int], findings: list[Finding]) -> None:
        self._limits = limits
        self._headings = headings
        self._findings = findings
        self._cells = 0
        self._paragraphs = 0

    def blocks(self, root: Element) -> list[Paragraph | Table]:
        """Blocks of the body in order; what stands in wrappers (w:sdt, w:ins, mc:AlternateContent …) is looked into."""
        found: list[Paragraph | Table] = []
        self._collect(root, found, 0)
        return found

    def _collect(self, parent: Element, found: list[Paragraph | Table], depth: int) -> None:
        """``depth`` counts tables and text boxes within each other, which alone recurse."""
        stack = [iter(parent)]
        while stack:
            element = next(stack[-1], None)
            if element is None:
                stack.pop()
                continue
            name = _local(element)
            if name == "p":
                self._paragraph(element, found, depth)
            elif name == "tbl":
                if depth < self._limits.depth:
                    self._table(element, found, depth + 1)
            elif name not in _SILENT:
                stack.append(iter(element))

    def _paragraph(self, element: Element, found: list[Paragraph | Table], depth: int) -> None:
        text, boxes = _text(element)
        self._paragraphs += 1
        if text.strip():
            locator: dict[str, object] = {"paragraph": self._paragraphs}
            found.append(Paragraph(text=text.strip("\n\r "), heading=self._level(element), locator=locator))
        for box in boxes:
            if depth < self._limits.depth:
                self._collect(box, found, depth + 1)

    def _level(self, paragraph: Element) -> int:
        properties = _child(paragraph, "pPr")
        outline = _child(properties, "outlineLvl")
        if outline is not None:
            level = _number(outline, 9)
            return level + 1 if level < 6 else 0
        style = _child(properties, "pStyle")
        return 0 if style is None else self._headings.get(_attribute(style, "val"), 0)

    def _table(self, element: Element, found: list[Paragraph | Table], depth: int) -> None:
        """The table, and behind it the tables that stood in its cells; a table of one cell is only a frame."""
        rows = list(_through(element, "tr"))
        grid: dict[int, _Slot] = {}  # column → the cell that a vertical merge may lengthen
        slots: list[_Slot] = []
        inner: list[Paragraph | Table] = []
        count = 0
        for row in rows:
            if self._cells > self._limits.cells:
                self._findings.append(limit_reached("表格单元格数", "cells", self._limits.cells))
                break
            if _deleted(row):
                continue
            self._row(row, count, grid, slots, inner, depth)
            count += 1
        if len(slots) == 1 and inner:
            found += [Paragraph(text=slots[0].texts[0])] if slots[0].texts else []
            found += inner
            return
        cells = tuple(
            GridCell(row=s.row, col=s.col, rowspan=s.rowspan, colspan=s.colspan, text="\n".join(s.texts)) for s in slots
        )
        cols = max((c.col + c.colspan for c in cells), default=0)
        if cells:
            found.append(Table(cells=cells, rows=count, cols=cols))
        found += inner

    def _row(
        self,
        row: Element,
        number: int,
        grid: dict[int, _Slot],
        slots: list[_Slot],
        inner: list[Paragraph | Table],
        depth: int,
    ) -> None:
        properties = _child(row, "trPr")
        col = min(_number(_child(properties, "gridBefore"), 0), 1_000)
        met: dict[int, _Slot] = {}
        for cell in _through(row, "tc"):
            self._cells += 1
            settings = _child(cell, "tcPr")
            width = min(max(1, _number(_child(settings, "gridSpan"), 1)), 1_000)
            merge = _child(settings, "vMerge")
            across = _child(settings, "hMerge")
            texts, nested = self._cell(cell, depth)
            above = grid.get(col)
            if across is not None and _attribute(across, "val") != "restart" and slots and slots[-1].row == number:
                slots[-1].colspan += width
                slots[-1].texts += texts
            elif merge is not None and _attribute(merge, "val") != "restart" and above is not None:
                above.rowspan = number - above.row + 1
                above.texts += texts  # a merged cell prints nothing of its own, but some writers leave the text there
                met[col] = above
            else:
                slot = _Slot(number, col, width, texts)
                slots.append(slot)
                met[col] = slot
            inner += nested
            col = min(col + width, 1_000)
        grid.clear()
        grid.update(met)

    def _cell(self, cell: Element, depth: int) -> tuple[list[str], list[Paragraph | Table]]:
        """Lines of a cell, and the tables in it that are more than a frame."""
        found: list[Paragraph | Table] = []
        self._collect(cell, found, depth)
        lines: list[str] = []
        nested: list[Paragraph | Table] = []
        for block in found:
            if isinstance(block, Paragraph):
                lines.append(block.text.strip())
            elif block.rows == block.cols == 1:
                lines.append(block.cells[0].text)
            else:
                nested.append(block)
        return lines, nested


def _through(parent: Element, name: str) -> Iterator[Element]:
    """Children of that name, also inside w:sdt, w:ins, w:customXml; not inside nested tables."""
    stack = [iter(parent)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
            continue
        local = _local(element)
        if local == name:
            yield element
        elif local not in _SILENT and local not in ("tbl", "tr", "tc", "p"):
            stack.append(iter(element))


def _deleted(row: Element) -> bool:
    return _child(_child(row, "trPr"), "del") is not None


def _text(paragraph: Element) -> tuple[str, list[Element]]:
    """What a paragraph prints, and the text boxes anchored in it."""
    pieces: list[str] = []
    boxes: list[Element] = []
    stack = [iter(paragraph)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
            continue
        name = _local(element)
        if name == "t":
            pieces.append(element.text or "")
        elif name in _BREAKS:
            pieces.append(_BREAKS[name])
        elif name == "sym":
            pieces.append(_symbol(element))
        elif name == "txbxContent":
            boxes.append(element)
        elif name == "r":
            if not _unprinted(element):
                stack.append(iter(element))
        elif name not in _SILENT and name and len(stack) < _DEEP:
            stack.append(iter(element))
    return "".join(pieces), boxes


def _unprinted(run: Element) -> bool:
    """Hidden or struck-out text does not count as printed."""
    properties = _child(run, "rPr")
    if properties is None:
        return False
    marks = [e for name in ("vanish", "strike", "dstrike") for e in _children(properties, name)]
    return any(_attribute(mark, "val") not in ("0", "false", "off", "none") for mark in marks)


def _symbol(element: Element) -> str:
    """A w:sym is a character of a symbol font: shown as is where it is in Unicode, else as U+25A1."""
    code = _attribute(element, "char")
    try:
        value = int(code, 16)
    except ValueError:
        return ""
    return "\u25a1" if 0xF000 <= value <= 0xF0FF or not 32 <= value < 0xD800 else chr(value)
