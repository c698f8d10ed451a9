"""Word files (.docx, ECMA-376 part 1) → Document: what the body would print, with its images and core properties."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

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
VAL, P_PR, R_PR = f"{W}val", f"{W}pPr", f"{W}rPr"

MAX_BASES = 12  # styles each based on the next; Word allows eleven
LEVEL_TEXT_MAX_CHARS = 40
_OFF = (None, "0", "false", "off", "none")
_DIGITS = "〇一二三四五六七八九"
# how what no text is read from begins and ends: nine tenths of many a list of styles
_UNUSED = ((b'<w:style w:type="table"', b"</w:style>"), (b"<w:latentStyles", b"</w:latentStyles>"))
MAX_TINY_HALF_POINTS = 2  # print of this size is not seen
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_MAIN = re.compile(r"(?:[\w-]{1,40}/)?document\d{0,3}\.xml")  # some writers number it
# empty elements that say how things look and nothing that is read, two thirds of most documents; white and tiny stay
_LOOKS = re.compile(
    rb"<w:(?:kern|szCs|lang|rFonts|widowControl|spacing|jc|top|start|left|bottom|end|right|insideH|insideV|tcW|bidi|ind"
    rb"|snapToGrid|adjustRightInd|autoSpaceDE|autoSpaceDN|bCs|b|shd|vAlign|sz(?! w:val=\"[0-2]\")"
    rb"|color(?! w:val=\"(?i:f{6})\"))(?: [^<>]*)?/>"
)
_P, _R, _T, _SYM = f"{W}p", f"{W}r", f"{W}t", f"{W}sym"
_TBL, _TR, _TR_PR, _TC, _TC_PR = f"{W}tbl", f"{W}tr", f"{W}trPr", f"{W}tc", f"{W}tcPr"
_BREAKS: Mapping[object, str] = {
    f"{W}tab": "\t",
    f"{W}ptab": "\t",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-",
}
_LEFT_OUT = {f"{W}{name}" for name in ("del", "moveFrom", "rPr", "pPr", "tcPr", "trPr", "tblPr", "rt", "sectPr")}
_LEFT_OUT |= {f"{W}{name}" for name in ("tblGrid", "instrText", "delText", "sdtPr", "rubyPr")}
_CHOICES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_DRAWN = {f"{W}drawing", f"{W}pict", f"{W}object", _CHOICES}
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_CORE = frozenset(("title", "subject", "creator", "keywords", "description", "lastmodifiedby", "created", "modified"))

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
    folder = main.rpartition("/")[0]
    styles = WordStyles(_lesser_part(parts, f"{folder}/styles.xml", findings))
    lists = WordLists(_lesser_part(parts, f"{folder}/numbering.xml", findings))
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
        if name in parts:
            xml = parts[name].replace(_STRICT, W[1:-1].encode())
            for begin, end in _UNUSED:
                first, *others = xml.split(begin)
                xml = first + b"".join(piece.partition(end)[2] if end in piece else piece for piece in others)
            return parse_xml(xml)[0]
    except UnreadableError:
        findings.append(finding("document_damaged", case="part", name=name))
    return parse_xml(b"<none/>")[0]


class _Body:
    """One walk over a document part. ``images``: block before which each stands, and its relation."""

    def __init__(self, limits: Limits, styles: WordStyles, lists: WordLists) -> None:
        self.blocks: list[Block] = []
        self.images: list[tuple[int, str]] = []
        self.struck: list[str] = []
        self.passed: dict[str, int] = {}  # bounds
        self._limits, self._styles, self._lists = limits, styles, lists
        self._cells = self._paragraphs = 0
        self._faint = False  # print of the cell being read is white or tiny

    def read_blocks(self, parent: Element, depth: int, out: list[Block]) -> None:
        """Add paragraphs and tables; wrappers (w:body, w:sdt, w:ins, w:smartTag …) are looked into."""
        for element in parent:
            tag = element.tag
            if tag == _P:
                self._read_paragraph(element, depth, out)
            elif tag == _TBL:
                if depth < self._limits.depth:
                    self._read_table(element, depth + 1, out)
                else:
                    self.passed["levels"] = self._limits.depth
            elif tag not in _LEFT_OUT:
                self.read_blocks(_first_choice(element), depth, out)

    def _read_paragraph(self, element: Element, depth: int, out: list[Block]) -> None:
        style = self._styles.of_paragraph(child(element, P_PR))
        number = self._lists.next_number(style.item) if style.item else ""
        words: list[str] = []
        boxes: list[Block] = []
        self._read_runs(element, style, words, boxes, depth)
        self._paragraphs += 1
        if text := "".join(words).strip("\n\r "):
            out.append(Paragraph(number + text, locator={"paragraph": self._paragraphs}))
        out += boxes

    def _read_runs(self, parent: Element, style: Style, words: list[str], boxes: list[Block], depth: int) -> None:
        """Add what runs print, and the blocks of text boxes anchored in them."""
        for element in parent:
            tag = element.tag
            if tag == _R:
                self._read_run(element, style, words, boxes, depth)
            elif tag not in _LEFT_OUT:
                self._read_runs(_first_choice(element), style, words, boxes, depth)

    def _read_run(self, run: Element, style: Style, words: list[str], boxes: list[Block], depth: int) -> None:
        looks, raised, faint = style.looks, False, False
        if properties := children_by_name(child(run, R_PR)):
            of_style = self._styles.get(value_of(properties, "rStyle") or "?").looks
            looks = {**looks, **of_style, **read_looks(properties)}
            raised = value_of(properties, "vertAlign") in ("superscript", "subscript")
            white = (value_of(properties, "color") or "").upper() == "FFFFFF"
            faint = white or parse_integer(value_of(properties, "sz"), 21) <= MAX_TINY_HALF_POINTS
        if looks.get("vanish"):
            return
        out = self.struck if looks.get("strike") or looks.get("dstrike") else words
        for element in run:
            tag = element.tag
            if tag == _T:
                text = element.text or ""
                self._faint = self._faint or (faint and bool(text.strip()))
                if raised and text.strip() and out and out[-1][-1:].isdecimal():
                    text = f"[{text}]"  # a mark of a note behind a figure is no digit of it
            elif tag == R_PR:
                continue
            elif tag == _SYM:
                text = "□"  # fonts of symbols have their own codes
            elif tag in _DRAWN:
                text = self._read_drawing(_first_choice(element), boxes, depth)
            else:
                text = _BREAKS.get(tag, "")
            if text:
                out.append(text)

    def _read_drawing(self, drawing: Element, boxes: list[Block], depth: int) -> str:
        """Read the text boxes of a drawing, or note the images that it shows; return what marks them in a cell."""
        if (found := list(_text_boxes(drawing))) and depth < self._limits.depth:
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
        rows = [(row, list(_children(row, _TC))) for row in _children(table, _TR)]
        if len(rows) == 1 and len(rows[0][1]) == 1:
            self.read_blocks(rows[0][1][0], depth, out)
            return
        cells: dict[tuple[int, int], Cell] = {}
        inner: list[Block] = []
        above: dict[int, tuple[int, int]] = {}
        number = 0
        for row, elements in rows:
            properties = children_by_name(child(row, _TR_PR))
            if "del" in properties:
                continue
            if self._cells > self._limits.cells:
                self.passed["cells"] = self._limits.cells
                break
            col = parse_integer(value_of(properties, "gridBefore"), 0, MAX_TABLE_COLUMNS)
            is_hidden = is_on(properties, "hidden")
            here: dict[int, tuple[int, int]] = {}
            for element in elements:
                said = children_by_name(child(element, _TC_PR))
                width = max(1, parse_integer(value_of(said, "gridSpan"), 1, MAX_TABLE_COLUMNS))
                col = min(col, MAX_TABLE_COLUMNS)
                cell = self._read_cell(element, (number, col), width, depth, inner)
                cell.visible = cell.visible and not is_hidden
                place = above.get(col) if value_of(said, "vMerge") in ("", "continue") else None
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


def _children(parent: Element, wanted: str) -> Iterator[Element]:
    """Yield rows or cells, also those within w:sdt, w:ins and the like."""
    for element in parent:
        if element.tag == wanted:
            yield element
        elif element.tag not in _LEFT_OUT and element.tag not in (f"{W}tbl", f"{W}p", f"{W}tc"):
            yield from _children(element, wanted)


def _text_boxes(parent: Element) -> Iterator[Element]:
    """Yield the text boxes of a drawing, not those within them."""
    for element in parent:
        if element.tag == f"{W}txbxContent":
            yield element
        else:
            yield from _text_boxes(_first_choice(element))


def _first_choice(element: Element) -> Element:
    """Return of several ways to show a thing the first; the element itself if it is no such choice."""
    return element[0] if element.tag == _CHOICES and len(element) else element


# ---------------------------------------------------------------------------------------------------- styles and lists


class Style(NamedTuple):
    """``looks``: property (``vanish``, ``strike``, ``dstrike``) → whether it is on."""

    looks: Mapping[str, bool] = {}
    item: ListItem | None = None


PLAIN = Style()


def children_by_name(parent: Element | None) -> Properties:
    """Return the children of an element by their names in Word's namespace."""
    return {} if parent is None else {str(one.tag)[len(W) :]: one for one in parent}


def child(parent: Element, name: str) -> Element | None:
    """Return the first child of a name."""
    return next(parent.iterchildren(name), None)


def value_of(properties: Properties, name: str) -> str | None:
    """Return ``w:val`` of a property, "" if it has none; None if there is no such property."""
    found = properties.get(name)
    return found.get(VAL, "") if found is not None else None


def is_on(properties: Properties, name: str) -> bool:
    """Whether a property is there and not switched off."""
    return value_of(properties, name) not in _OFF


def parse_integer(text: str | None, default: int = 0, most: int = 30_000) -> int:
    """Return a whole number of at most ``most``, else the default."""
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 10 else default


def read_looks(properties: Properties) -> dict[str, bool]:
    """Return which of the properties that keep text from counting a w:rPr switches on or off."""
    return {name: is_on(properties, name) for name in ("vanish", "strike", "dstrike") if name in properties}


def _read_list_item(properties: Properties) -> ListItem | None:
    """Return list and level of a w:pPr, if it names a list."""
    said = children_by_name(properties.get("numPr"))
    number = value_of(said, "numId")
    return None if number is None else (number, parse_integer(value_of(said, "ilvl"), 0, 8))


class WordStyles:
    """Styles by their id; the default paragraph style also stands under ""."""

    def __init__(self, root: Element) -> None:
        self._elements: dict[str, Element] = {}
        self._known: dict[str, Style] = {}
        for style in root.iterchildren(f"{W}style"):
            self._elements[style.get(f"{W}styleId", "")] = style
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on"):
                self._elements[""] = style

    def of_paragraph(self, properties: Element | None) -> Style:
        """Return the style that a w:pPr names, with what else it says."""
        if properties is None:
            return self.get("")
        said = children_by_name(properties)
        style = self.get(value_of(said, "pStyle") or "")
        return style._replace(item=_read_list_item(said) or style.item)

    def get(self, name: str, depth: int = 0) -> Style:
        """Return what a style says, with what it is based on."""
        if name in self._known:
            return self._known[name]
        element = self._elements.get(name)
        if element is None or depth > MAX_BASES:
            return PLAIN
        based_on = value_of(children_by_name(element), "basedOn")
        base = self.get(based_on, depth + 1) if based_on else PLAIN
        looks = {**base.looks, **read_looks(children_by_name(child(element, R_PR)))}
        item = _read_list_item(children_by_name(child(element, P_PR)))
        self._known[name] = Style(looks, item or base.item)
        return self._known[name]


class WordLists:
    """Gives the numbers that Word writes before paragraphs, counting as it is asked."""

    def __init__(self, root: Element) -> None:
        abstract = {
            one.get(f"{W}abstractNumId"): {
                parse_integer(level.get(f"{W}ilvl")): children_by_name(level) for level in one.iter(f"{W}lvl")
            }
            for one in root.iter(f"{W}abstractNum")
        }
        used = {one.get(f"{W}numId", ""): children_by_name(one) for one in root.iter(f"{W}num")}
        self._abstract = {number: value_of(said, "abstractNumId") for number, said in used.items()}
        self._levels = {number: abstract.get(name, {}) for number, name in self._abstract.items()}
        self._counts: dict[str | None, dict[int, int]] = {}

    def next_number(self, item: ListItem) -> str:
        """Return the number of the next paragraph of this list and level, "" for bullets and unknown lists."""
        number, at = item
        levels = self._levels.get(number, {})
        if at not in levels:
            return ""
        name = self._abstract[number]
        counts = {level: count for level, count in self._counts.get(name, {}).items() if level <= at}
        for level in range(at + 1):
            start = parse_integer(value_of(levels.get(level, {}), "start"), 1)
            counts[level] = counts.get(level, start - (level == at)) + (level == at)
        self._counts[name] = counts
        forms = {level: value_of(said, "numFmt") or "decimal" for level, said in levels.items()}
        if forms[at] in ("bullet", "none"):
            return ""
        written = {str(level + 1): write_number(count, forms.get(level, "")) for level, count in counts.items()}
        text = (value_of(levels[at], "lvlText") or "")[:LEVEL_TEXT_MAX_CHARS]
        return re.sub(r"%([1-9])", lambda match: written.get(match[1], ""), text)


def write_number(value: int, form: str) -> str:
    """Write a number of a list in Chinese or in digits."""
    if value >= 100 or not form.startswith(("chineseCounting", "japaneseCounting", "taiwaneseCounting")):
        return str(value)
    tens, ones = divmod(value, 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones or not tens else "")
