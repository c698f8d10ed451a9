"""Word files (.docx, ECMA-376 part 1) → Document: what the body would print, with its images and core properties."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from archive.documents.model import (
    MAX_TABLE_COLUMNS,
    Cell,
    Document,
    Limits,
    Paragraph,
    Table,
    UnreadableError,
    number_tables,
)
from archive.documents.packages import UNREAD, Element, ZipParts, load_image, parse_xml, read_relations
from archive.findings import finding
from storage.records import Finding

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MAX_BASES = 12  # styles each based on the next; Word allows eleven
LEVEL_TEXT_MAX_CHARS = 40
MAX_TINY_HALF_POINTS = 2  # print of this size is not seen
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_MAIN = re.compile(r"(?:[\w-]{1,40}/)?document\d{0,3}\.xml")  # some writers number it
# empty elements that say how things look and nothing that is read, two thirds of most documents; white and tiny stay
_LOOKS = re.compile(
    rb"<w:(?:kern|szCs|lang|rFonts|widowControl|spacing|jc|top|start|left|bottom|end|right|insideH|insideV|tcW|bidi|ind"
    rb"|snapToGrid|adjustRightInd|autoSpaceDE|autoSpaceDN|bCs|b|shd|vAlign|sz(?! w:val=\"[0-2]\")"
    rb"|color(?! w:val=\"(?i:f{6})\"))(?: [^<>]*)?/>"
)
# nine tenths of many a list of styles
_UNREAD_STYLES = ((b'<w:style w:type="table"', b"</w:style>"), (b"<w:latentStyles", b"</w:latentStyles>"))
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # a thing shown in a second way
_VAL, _T = f"{W}val", f"{W}t"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_P, _R, _TBL, _TR, _TC, _BOX = (f"{W}{name}" for name in ("p", "r", "tbl", "tr", "tc", "txbxContent"))
_LEFT_OUT = {f"{W}{name}" for name in ("del", "moveFrom", "rPr", "pPr", "tcPr", "trPr", "tblPr", "rt", "sectPr")}
_LEFT_OUT |= {f"{W}{name}" for name in ("tblGrid", "instrText", "delText", "sdtPr", "rubyPr")}
_SIGNS: Mapping[object, str] = {
    f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-",
    f"{W}sym": "□",  # fonts of symbols have their own codes
}  # fmt: skip
_CORE = frozenset(("title", "subject", "creator", "keywords", "description", "lastmodifiedby", "created", "modified"))
_DIGITS = "〇一二三四五六七八九"

Block = Paragraph | Table
Properties = Mapping[str, Element]
ListItem = tuple[str, int]  # list and level


def open_docx(data: bytes, limits: Limits) -> Document:
    """Read a .docx. Raises UnreadableError."""
    if not data.startswith(b"PK"):
        raise UnreadableError("encrypted")  # how Office keeps an encrypted package
    return read_word_parts(ZipParts(data, limits.bytes), limits)


def read_word_parts(parts: Mapping[str, bytes], limits: Limits) -> Document:
    """Read the parts of a Word package, given by name. Raises UnreadableError."""
    main = next((name for name in sorted(parts) if _MAIN.fullmatch(name)), "")
    if not main:
        raise UnreadableError("missing")
    findings: list[Finding] = []
    root, sound = parse_xml(_LOOKS.sub(b"", parts[main].replace(_STRICT, W[1:-1].encode())))
    if not sound:
        findings.append(finding("document_damaged", case="unsound"))
    etree.strip_elements(root, _FALLBACK, with_tail=False)
    folder = main.rpartition("/")[0]
    styles = _Styles(_lesser_part(parts, f"{folder}/styles.xml", findings))
    lists = _Lists(_lesser_part(parts, f"{folder}/numbering.xml", findings))
    body = _Body(limits, styles, lists)
    body.read_blocks(root, 0, body.blocks)
    blocks = number_tables(body.blocks)
    findings += [finding("limit_reached", bound=bound, expected=most) for bound, most in body.passed.items()]
    if struck := "".join(body.struck).strip():
        findings.append(finding("struck_out", found=struck[:60], count=len(struck)))
    relations = read_relations(parts, main) if body.images else {}
    loaded = [load_image(parts, relations.get(name, ""), at) for at, name in body.images[: limits.images]]
    images = tuple(image for image in loaded if image)
    core = _lesser_part(parts, "docProps/core.xml", findings)
    named = ((str(one.tag).rpartition("}")[2].lower(), (one.text or "").strip()) for one in core)
    meta = {name: text[:300] for name, text in named if name in _CORE and text}
    unreadable = "" if blocks else "needs_ocr" if images else "empty"
    title = meta.get("title", "")
    return Document("docx", blocks, meta, title=title, images=images, findings=tuple(findings), unreadable=unreadable)


def _lesser_part(parts: Mapping[str, bytes], name: str, findings: list[Finding]) -> Element:
    """Return a part without which the text is there all the same."""
    try:
        xml = parts.get(name, b"<none/>").replace(_STRICT, W[1:-1].encode())
        for begin, end in _UNREAD_STYLES:
            first, *others = xml.split(begin)
            xml = first + b"".join(piece.partition(end)[2] or piece for piece in others)
        return parse_xml(xml)[0]
    except UnreadableError:
        findings.append(finding("document_damaged", case="part", name=name))
    return parse_xml(b"<none/>")[0]


class _Body:
    """One walk over a document part. ``images``: block before which each stands, and its relation."""

    def __init__(self, limits: Limits, styles: _Styles, lists: _Lists) -> None:
        self.blocks: list[Block] = []
        self.images: list[tuple[int, str]] = []
        self.struck: list[str] = []
        self.passed: dict[str, int] = {}  # bounds
        self._limits, self._styles, self._lists = limits, styles, lists
        self._cells = self._paragraphs = 0
        self._faint = False  # print of the cell being read is white or tiny

    def read_blocks(self, parent: Element, depth: int, out: list[Block]) -> None:
        """Add paragraphs and tables; wrappers (w:body, w:sdt, w:ins, w:smartTag …) are looked into."""
        for element in _outermost(parent, (_P, _TBL), _LEFT_OUT):
            if element.tag == _P:
                self._read_paragraph(element, depth, out)
            elif depth < self._limits.depth:
                self._read_table(element, depth + 1, out)
            else:
                self.passed["levels"] = self._limits.depth

    def _read_paragraph(self, element: Element, depth: int, out: list[Block]) -> None:
        said = _properties(element, "pPr")
        looks, item = self._styles.get(_value(said, "pStyle") or "")
        item = _list_item(said) or item
        number = self._lists.next_number(item) if item else ""
        words: list[str] = []
        boxes: list[Block] = []
        for run in _outermost(element, (_R,), _LEFT_OUT):
            self._read_run(run, looks, words, boxes, depth)
        self._paragraphs += 1
        if text := "".join(words).strip("\n\r "):
            out.append(Paragraph(number + text, locator={"paragraph": self._paragraphs}))
        out += boxes

    def _read_run(
        self, run: Element, looks: Mapping[str, bool], words: list[str], boxes: list[Block], depth: int
    ) -> None:
        """Add what a run prints, and the blocks of text boxes anchored in it."""
        raised, faint = False, False
        if properties := _properties(run, "rPr"):
            of_style = self._styles.get(_value(properties, "rStyle") or "?").looks
            looks = {**looks, **of_style, **_read_looks(properties)}
            raised = _value(properties, "vertAlign") in ("superscript", "subscript")
            white = (_value(properties, "color") or "").upper() == "FFFFFF"
            faint = white or _integer(_value(properties, "sz"), 21) <= MAX_TINY_HALF_POINTS
        if looks.get("vanish"):
            return
        out = self.struck if looks.get("strike") or looks.get("dstrike") else words
        for element in run:
            if element.tag == _T:
                text = element.text or ""
                self._faint = self._faint or (faint and bool(text.strip()))
                if raised and text.strip() and out and out[-1][-1:].isdecimal():
                    text = f"[{text}]"  # a mark of a note behind a figure is no digit of it
            elif len(element) and element.tag not in _LEFT_OUT:
                text = self._read_drawing(element, boxes, depth)
            else:
                text = _SIGNS.get(element.tag, "")
            if text:
                out.append(text)

    def _read_drawing(self, drawing: Element, boxes: list[Block], depth: int) -> str:
        """Read the text boxes of a drawing, or note the images that it shows; return what marks them in a cell."""
        if (found := list(_outermost(drawing, (_BOX,)))) and depth < self._limits.depth:
            for box in found:
                self.read_blocks(box, depth + 1, boxes)
            return ""
        images = [
            one.get(f"{_RELATION}embed") or one.get(f"{_RELATION}id") for one in drawing.iter("{*}blip", "{*}imagedata")
        ]
        self.images += [(len(self.blocks), name) for name in images if name]
        return UNREAD if depth else ""

    def _read_table(self, table: Element, depth: int, out: list[Block]) -> None:
        """Add a table and behind it the tables within its cells; a table of one cell is only a frame."""
        closed = _LEFT_OUT | {_TBL, _P, _TC}
        rows = [(row, list(_outermost(row, (_TC,), closed))) for row in _outermost(table, (_TR,), closed)]
        if len(rows) == 1 and len(rows[0][1]) == 1:
            self.read_blocks(rows[0][1][0], depth, out)
            return
        cells: dict[tuple[int, int], Cell] = {}
        inner: list[Block] = []
        above: dict[int, tuple[int, int]] = {}
        number = 0
        for row, elements in rows:
            of_row = _properties(row, "trPr")
            if "del" in of_row:
                continue
            if self._cells > self._limits.cells:
                self.passed["cells"] = self._limits.cells
                break
            col = _integer(_value(of_row, "gridBefore"), 0, MAX_TABLE_COLUMNS)
            here: dict[int, tuple[int, int]] = {}
            for element in elements:
                said = _properties(element, "tcPr")
                width = max(1, _integer(_value(said, "gridSpan"), 1, MAX_TABLE_COLUMNS))
                col = min(col, MAX_TABLE_COLUMNS)
                cell = self._read_cell(element, (number, col), width, depth, inner)
                cell.visible = cell.visible and not _is_on(of_row, "hidden")
                place = above.get(col) if _value(said, "vMerge") in ("", "continue") else None
                here[col] = place or (number, col)
                cells[here[col]] = cells[place].go_on(cell, number + 1 - place[0]) if place else cell
                col += width
            above = here
            number += 1
        if cells:
            out.append(Table(tuple(cells.values())))
        out += inner

    def _read_cell(
        self, element: Element, place: tuple[int, int], colspan: int, depth: int, inner: list[Block]
    ) -> Cell:
        """Return a cell, and add the tables in it."""
        self._cells += 1
        struck_before, self._faint = len(self.struck), False
        lines: list[str] = []
        blocks: list[Block] = []
        self.read_blocks(element, depth, blocks)
        for block in blocks:
            if isinstance(block, Paragraph):
                lines.append(block.text.strip())
            elif len(texts := [cell.text for cell in block.cells if cell.text]) < 2:
                lines += texts  # an inner table of one text shows what the cell would
            else:
                inner.append(block)
                lines.append(UNREAD)
        struck = "".join(self.struck[struck_before:])
        locator: dict[str, object] = {"struck": struck} if struck else {}
        return Cell(*place, 1, colspan, "\n".join(lines).strip(), locator, not self._faint, struck)


def _outermost(parent: Element, wanted: Container[object], closed: Container[object] = ()) -> Iterator[Element]:
    """Yield the elements of these names that lie in no other such; elements that are ``closed`` are not looked into."""
    for element in parent:
        if element.tag in wanted:
            yield element
        elif len(element) and element.tag not in closed:
            yield from _outermost(element, wanted, closed)


# ---------------------------------------------------------------------------------------------------- styles and lists


class _Style(NamedTuple):
    """``looks``: property (``vanish``, ``strike``, ``dstrike``) → whether it is on."""

    looks: Mapping[str, bool] = {}
    item: ListItem | None = None


def _properties(parent: Element, name: str) -> Properties:
    """Return the children of an element's first child of a name (w:rPr …) by their own names."""
    found = next(parent.iterchildren(W + name), None)
    return {} if found is None else {str(one.tag)[len(W) :]: one for one in found}


def _value(properties: Properties, name: str) -> str | None:
    """Return ``w:val`` of a property, "" if it has none; None if there is no such property."""
    found = properties.get(name)
    return found.get(_VAL, "") if found is not None else None


def _is_on(properties: Properties, name: str) -> bool:
    return _value(properties, name) not in (None, "0", "false", "off", "none")


def _integer(text: str | None, default: int = 0, most: int = 30_000) -> int:
    """Return a whole number of at most ``most``, else the default."""
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 10 else default


def _read_looks(properties: Properties) -> dict[str, bool]:
    """Return which of the properties that keep text from counting a w:rPr switches on or off."""
    return {name: _is_on(properties, name) for name in ("vanish", "strike", "dstrike") if name in properties}


def _list_item(properties: Properties) -> ListItem | None:
    """Return list and level of a w:pPr, if it names a list."""
    if "numPr" not in properties:
        return None
    said = {str(one.tag)[len(W) :]: one for one in properties["numPr"]}
    number = _value(said, "numId")
    return None if number is None else (number, _integer(_value(said, "ilvl"), 0, 8))


class _Styles:
    """Styles by their id; the default paragraph style also stands under ""."""

    def __init__(self, root: Element) -> None:
        self._elements: dict[str, Element] = {}
        self._known: dict[str, _Style] = {}
        for style in root.iterchildren(f"{W}style"):
            self._elements[style.get(f"{W}styleId", "")] = style
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on"):
                self._elements[""] = style

    def get(self, name: str, depth: int = 0) -> _Style:
        """Return what a style says, with what it is based on."""
        element = self._elements.get(name)
        if element is None or depth > MAX_BASES:
            return _Style()
        if name not in self._known:
            based_on = next((one.get(_VAL, "?") for one in element.iterchildren(f"{W}basedOn")), "?")
            base = self.get(based_on, depth + 1)
            looks = {**base.looks, **_read_looks(_properties(element, "rPr"))}
            self._known[name] = _Style(looks, _list_item(_properties(element, "pPr")) or base.item)
        return self._known[name]


class _Lists:
    """Gives the numbers that Word writes before paragraphs, counting as it is asked."""

    def __init__(self, root: Element) -> None:
        kinds = {one.get(f"{W}abstractNumId"): one for one in root.iterchildren(f"{W}abstractNum")}
        self._levels: dict[ListItem, tuple[str, Properties]] = {}  # kind of list, and what it says of the level
        for one in root.iterchildren(f"{W}num"):
            kind = next((found.get(_VAL, "") for found in one.iterchildren(f"{W}abstractNumId")), "")
            for level in kinds[kind].iter(f"{W}lvl") if kind in kinds else ():
                place = one.get(f"{W}numId", ""), _integer(level.get(f"{W}ilvl"), 0, 8)
                self._levels[place] = kind, {str(said.tag)[len(W) :]: said for said in level}
        self._counts: dict[str, list[int]] = {}

    def next_number(self, item: ListItem) -> str:
        """Return the number of the next paragraph of this list and level, "" for bullets and unknown lists."""
        if item not in self._levels:
            return ""
        (kind, said), at = self._levels[item], item[1]
        counts = self._counts.setdefault(kind, [0] * 9)
        counts[at] = (counts[at] or _integer(_value(said, "start"), 1) - 1) + 1
        counts[at + 1 :] = [0] * (8 - at)
        form = _value(said, "numFmt") or "decimal"
        if form in ("bullet", "none"):
            return ""
        text = (_value(said, "lvlText") or "")[:LEVEL_TEXT_MAX_CHARS]
        return re.sub(r"%([1-9])", lambda match: _write_number(max(1, counts[int(match[1]) - 1]), form), text)


def _write_number(value: int, form: str) -> str:
    """Write a number of a list in Chinese or in digits."""
    if value >= 100 or not form.startswith(("chineseCounting", "japaneseCounting", "taiwaneseCounting")):
        return str(value)
    tens, ones = divmod(value, 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones or not tens else "")
