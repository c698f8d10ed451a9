"""Word files (.docx, ECMA-376 part 1) → Document: the text that the body prints, its images and core properties.

Text that is hidden or crossed out is left out; a cell that has no other keeps it, as hidden. Named styles are not
resolved: only formatting at the text itself counts.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping

from lxml import etree

from archive.documents.model import (
    MAX_TABLE_COLUMNS,
    Document,
    Limits,
    Paragraph,
    Table,
    TableCell,
    UnreadableError,
    number_tables,
)
from archive.documents.packages import UNREAD, Element, ZipParts, load_image, parse_xml, read_relations
from archive.findings import finding

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MAX_TINY_HALF_POINTS = 2  # text of this size or smaller is invisible
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_MAIN = re.compile(r"(?:[\w-]{1,40}/)?document\d{0,3}\.xml")  # some programs number the file
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # a second copy of the same content
_VAL, _T = f"{W}val", f"{W}t"
_R_PR, _TC_PR, _TR_PR = (f"{W}{name}" for name in ("rPr", "tcPr", "trPr"))
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_P, _R, _TBL, _TR, _TC, _BOX = (f"{W}{name}" for name in ("p", "r", "tbl", "tr", "tc", "txbxContent"))
_LEFT_OUT = {f"{W}{name}" for name in ("del", "moveFrom", "rPr", "pPr", "tcPr", "trPr", "tblPr", "rt", "sectPr")}
_LEFT_OUT |= {f"{W}{name}" for name in ("tblGrid", "instrText", "delText", "sdtPr", "rubyPr")}
_SIGNS: Mapping[object, str] = {
    f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-",
    f"{W}sym": "□",  # symbol fonts have their own codes
}  # fmt: skip
_CORE = frozenset(("title", "subject", "creator", "keywords", "description", "lastmodifiedby", "created", "modified"))

Block = Paragraph | Table
Properties = Mapping[str, str]


def open_docx(data: bytes, limits: Limits) -> Document:
    """Read a .docx. Raises UnreadableError."""
    if not data.startswith(b"PK"):
        raise UnreadableError("encrypted")  # Office wraps an encrypted package in another format
    return read_word_parts(ZipParts(data, limits.bytes), limits)


def read_word_parts(parts: Mapping[str, bytes], limits: Limits) -> Document:
    """Read the parts of a Word package, given by name. Raises UnreadableError."""
    main = next((name for name in sorted(parts) if _MAIN.fullmatch(name)), "")
    if not main:
        raise UnreadableError("missing")
    root, is_sound = parse_xml(parts[main].replace(_STRICT, W[1:-1].encode()))
    etree.strip_elements(root, _FALLBACK, with_tail=False)
    body = _DocxBody(limits)
    body.read_blocks(root, 0, body.blocks)
    blocks = number_tables(body.blocks)
    findings = [] if is_sound else [finding("document_damaged", case="unsound")]
    findings += [finding("limit_reached", bound=bound, expected=most) for bound, most in body.limits_reached.items()]
    relations = read_relations(parts, main) if body.images else {}
    loaded = [load_image(parts, relations.get(name, ""), at) for at, name in body.images[: limits.images]]
    images = tuple(image for image in loaded if image)
    meta = _read_properties(parts)
    unreadable = "" if blocks else "needs_ocr" if images else "empty"
    title = meta.get("title", "")
    return Document("docx", blocks, meta, title=title, images=images, findings=tuple(findings), unreadable=unreadable)


def _read_properties(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the core properties by name, none if they are damaged: the text does not depend on them."""
    try:
        core = parse_xml(parts.get("docProps/core.xml", b"<none/>"))[0]
    except UnreadableError:
        return {}
    fields = ((str(one.tag).rpartition("}")[2].lower(), (one.text or "").strip()) for one in core)
    return {name: text[:300] for name, text in fields if name in _CORE and text}


class _DocxBody:
    """Reads one document part. ``images``: for each image the index of the block after it, and its relation id."""

    def __init__(self, limits: Limits) -> None:
        """Begin with an empty body; text beyond ``limits`` will be left out and noted."""
        self.blocks: list[Block] = []
        self.images: list[tuple[int, str]] = []
        self.limits_reached: dict[str, int] = {}  # name of a limit → its value
        self._limits = limits
        self._cells = self._paragraphs = 0
        self._faint = False  # the cell being read has white or tiny text
        self._hidden: list[str] = []  # texts of that cell that are hidden or crossed out

    def read_blocks(self, parent: Element, depth: int, out: list[Block]) -> None:
        """Add the paragraphs and tables of an element, also those inside wrappers (w:sdt, w:ins, w:smartTag …)."""
        for element in _outermost(parent, (_P, _TBL), _LEFT_OUT):
            if element.tag == _P:
                self._read_paragraph(element, depth, out)
            elif depth < self._limits.depth:
                self._read_table(element, depth + 1, out)
            else:
                self.limits_reached["levels"] = self._limits.depth

    def _read_paragraph(self, element: Element, depth: int, out: list[Block]) -> None:
        """Add a paragraph as typed, without the automatic number that Word would print before it."""
        words: list[str] = []
        boxes: list[Block] = []
        for run in _outermost(element, (_R,), _LEFT_OUT):
            self._read_run(run, words, boxes, depth)
        self._paragraphs += 1
        if text := "".join(words).strip("\n\r "):
            out.append(Paragraph(text, locator={"paragraph": self._paragraphs}))
        out += boxes

    def _read_run(self, run: Element, words: list[str], boxes: list[Block], depth: int) -> None:
        """Add the printed text of a run to ``words``, the blocks of its text boxes to ``boxes``; hidden text is only
        noted for its cell.
        """
        raised = faint = False
        if properties := _properties(run, _R_PR):
            if any(_is_on(properties, name) for name in ("vanish", "strike", "dstrike")):
                self._hidden += [one.text or "" for one in run.iterchildren(_T)]
                return
            raised = properties.get("vertAlign") in ("superscript", "subscript")
            is_white = properties.get("color", "").upper() == "FFFFFF"
            is_tiny = _integer(properties.get("sz"), 21) <= MAX_TINY_HALF_POINTS
            faint = is_white or is_tiny
        for element in run:
            if element.tag == _T:
                text = element.text or ""
                self._faint = self._faint or (faint and bool(text.strip()))
                if raised and text.strip() and words and words[-1][-1:].isdecimal():
                    text = f"[{text}]"  # a footnote mark after a figure is not one of its digits
            elif len(element) and element.tag not in _LEFT_OUT:
                text = self._read_drawing(element, boxes, depth)
            else:
                text = _SIGNS.get(element.tag, "")
            if text:
                words.append(text)

    def _read_drawing(self, drawing: Element, boxes: list[Block], depth: int) -> str:
        """Read the text boxes of a drawing or note its images; return a sign of unread content in a cell, else ""."""
        if (text_boxes := list(_outermost(drawing, (_BOX,)))) and depth < self._limits.depth:
            for box in text_boxes:
                self.read_blocks(box, depth + 1, boxes)
            return ""
        images = [
            one.get(f"{_RELATION}embed") or one.get(f"{_RELATION}id") for one in drawing.iter("{*}blip", "{*}imagedata")
        ]
        self.images += [(len(self.blocks), name) for name in images if name]
        return UNREAD if depth else ""

    def _read_table(self, table: Element, depth: int, out: list[Block]) -> None:
        """Add a table to ``out``, and after it the tables inside its cells; a table of one cell only frames text."""
        closed = _LEFT_OUT | {_TBL, _P, _TC}
        rows = [(row, list(_outermost(row, (_TC,), closed))) for row in _outermost(table, (_TR,), closed)]
        if len(rows) == 1 and len(rows[0][1]) == 1:
            self.read_blocks(rows[0][1][0], depth, out)
            return
        cells: dict[tuple[int, int], TableCell] = {}
        inner: list[Block] = []
        #: column -> place (row, column) of the cell that a continued merge (w:vMerge) in this column belongs to
        cell_over: dict[int, tuple[int, int]] = {}
        row_number = 0
        for row, elements in rows:
            of_row = _properties(row, _TR_PR)
            if "del" in of_row:
                continue
            if self._cells > self._limits.cells:
                self.limits_reached["cells"] = self._limits.cells
                break
            col = _integer(of_row.get("gridBefore"), 0, MAX_TABLE_COLUMNS)
            cell_here: dict[int, tuple[int, int]] = {}
            for element in elements:
                properties = _properties(element, _TC_PR)
                width = max(1, _integer(properties.get("gridSpan"), 1, MAX_TABLE_COLUMNS))
                col = min(col, MAX_TABLE_COLUMNS)
                cell = self._read_cell(element, (row_number, col), width, depth, inner)
                cell.visible = cell.visible and not _is_on(of_row, "hidden")
                place = cell_over.get(col) if properties.get("vMerge") in ("", "continue") else None
                cell_here[col] = place or (row_number, col)
                cells[cell_here[col]] = cells[place].go_on(cell, row_number + 1 - place[0]) if place else cell
                col += width
            cell_over = cell_here
            row_number += 1
        if cells:
            out.append(Table(tuple(cells.values())))
        out += inner

    def _read_cell(
        self, element: Element, place: tuple[int, int], colspan: int, depth: int, inner: list[Block]
    ) -> TableCell:
        """Return one cell, and add the tables inside it to ``inner``; ``depth``: how deep its table is nested."""
        self._cells += 1
        self._faint, self._hidden = False, []
        lines: list[str] = []
        blocks: list[Block] = []
        self.read_blocks(element, depth, blocks)
        for block in blocks:
            if isinstance(block, Paragraph):
                lines.append(block.text.strip())
            elif len(texts := [cell.text for cell in block.cells if cell.text]) < 2:
                lines += texts  # an inner table with one text only frames it
            else:
                inner.append(block)
                lines.append(UNREAD)
        text, other_text = "\n".join(lines).strip(), "".join(self._hidden).strip()
        is_visible = not (self._faint or (other_text and not text))
        return TableCell(*place, 1, colspan, text or other_text, {}, is_visible)


def _outermost(parent: Element, tags: Container[object], closed: Container[object] = ()) -> Iterator[Element]:
    """Yield the outermost elements with one of these tags; what lies inside ``closed`` elements is skipped."""
    for element in parent:
        tag = element.tag
        if tag in tags:
            yield element
        elif tag not in closed and len(element):
            yield from _outermost(element, tags, closed)


def _properties(parent: Element, name: str) -> Properties:
    """Return the properties in an element's first child called ``name`` (w:rPr …): ``w:val``, "" if it has none."""
    child = next(parent.iterchildren(name), ())
    return {str(one.tag)[len(W) :]: one.get(_VAL, "") for one in child}


def _is_on(properties: Properties, name: str) -> bool:
    return properties.get(name) not in (None, "0", "false", "off", "none")


def _integer(text: str | None, default: int = 0, most: int = 30_000) -> int:
    """Return the text as a whole number of at most ``most``, or the default if it is not one."""
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 10 else default
