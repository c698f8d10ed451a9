"""The content of an OpenDocument text → blocks: insertions taken, what does not print left out."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.documents.findings import struck_out
from archive.documents.ooxml.body import EmbeddedImage, inches
from archive.documents.ooxml.tables import WIDEST, GridTable, Held, OpenCell, OpenTable, Slot
from archive.documents.opendocument.styles import TABLE, TEXT, Element, TextStyle, TextStyles
from archive.documents.pages import UNREAD, Limits, Paragraph, Table
from archive.documents.runs import Run, Visibility, printed
from archive.findings import finding
from storage.records import Finding

_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_LOEXT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
_AGAIN = 200  # times that a row or a cell may be repeated
_LONG = 1_000  # characters that count as much as a cell
# Elements with all that is in them do not print where they stand: what was deleted, and what only says something.
_SILENT = frozenset(
    [f"{TEXT}{name}" for name in (
        "tracked-changes", "sequence-decls", "variable-decls", "user-field-decls", "dde-connection-decls",
        "note-body", "ruby-text", "script", "table-of-content-source",
    )]
    + [f"{_OFFICE}{name}" for name in ("annotation", "forms", "event-listeners")]
    + [f"{space}{name}" for space in (_SVG, TABLE) for name in ("title", "desc")]
)  # fmt: skip
_PRINTING = (TEXT, _LOEXT, _OFFICE, TABLE)  # other elements hold no text
_PARAGRAPHS = frozenset((f"{TEXT}p", f"{TEXT}h"))
_ROWS = frozenset(f"{TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group"))


@dataclass(slots=True)
class OpenBody:
    """What a content prints, and the images in it by their names in the package."""

    blocks: tuple[Paragraph | Table, ...] = ()
    drawn: list[EmbeddedImage] = field(default_factory=list)


@dataclass(slots=True)
class _OpenParagraph:
    """The paragraph being read: its text, and what is anchored in it."""

    runs: list[Run] = field(default_factory=list)
    boxes: list[Held] = field(default_factory=list)


def read_body(root: Element, limits: Limits, looks: TextStyles, findings: list[Finding]) -> OpenBody:
    """The blocks of a parsed content. Locators: ``paragraph`` from 1, or ``table``, ``row`` and ``col`` from 0."""
    return _Walk(limits, looks, findings).walk(root)


class _Walk:
    def __init__(self, limits: Limits, looks: TextStyles, findings: list[Finding]) -> None:
        self._limits = limits
        self._looks = looks
        self._findings = findings
        self._top: list[Held] = []
        self._tables: list[OpenTable] = []
        self._cells: list[OpenCell] = []
        self._unsure = 0  # open rows that are not shown
        self._count = 0
        self._blanks = 0  # paragraphs without text since the last with some
        self._spent = 0
        self._struck: list[str] = []
        self._body = OpenBody()

    def walk(self, root: Element) -> OpenBody:
        for text in root.iter(f"{_OFFICE}text"):
            self._read_children(text, self._top)
            break
        number = 0
        blocks: list[Paragraph | Table] = []
        for held in self._top:
            if isinstance(held, GridTable):
                blocks.append(held.table(number))
                number += 1
            elif isinstance(held, Paragraph):
                blocks.append(held)
        self._body.blocks = tuple(blocks)
        if struck_text := "".join("".join(self._struck).split()):
            self._findings.append(struck_out(struck_text))
        return self._body

    def _read_children(self, parent: Element, out: list[Held]) -> None:
        """What stands in a body, a section, a list, a cell or a text box."""
        for element in parent:
            tag = element.tag
            if not isinstance(tag, str) or tag in _SILENT or _is_hidden(element):
                continue
            if tag in _PARAGRAPHS:
                self._paragraph(element, out)
            elif tag == f"{TABLE}table":
                self._table(element, out)
            elif tag.startswith(_DRAW):
                line = _OpenParagraph()
                self._shape(element, line)
                out += line.boxes
            elif tag.startswith(_PRINTING):
                self._read_children(element, out)

    # ---- paragraphs

    def _paragraph(self, element: Element, out: list[Held]) -> None:
        self._count += 1
        number = self._count
        line = _OpenParagraph()
        self._inline(element, self._looks.of("paragraph", element.get(f"{TEXT}style-name")), line)
        text, struck = printed(line.runs, in_cell=bool(self._cells))
        if struck.strip():
            self._struck.append(struck)
            if self._cells:
                self._cells[-1].struck += "".join(struck.split())
        self._spent += len(text) // _LONG
        if text.strip():
            text = _number_of(element) + text.strip("\n\r ")
            if self._cells:
                out.append(text.strip())
            else:
                level = element.get(f"{TEXT}outline-level") if element.tag == f"{TEXT}h" else None
                heading = int(level) if level in {"1", "2", "3", "4", "5", "6"} else 0
                locator = {"paragraph": number}
                out.append(Paragraph(text=text, heading=heading, locator=locator, blanks=self._blanks))
                self._blanks = 0
        elif not self._cells:
            self._blanks += not line.boxes
        elif _begins_item(element):
            self._cells[-1].unread = True  # what the list writes before it shows
        out += line.boxes

    def _inline(self, element: Element, look: TextStyle, line: _OpenParagraph) -> None:
        """The text in an element, and behind each that is in it."""
        if element.text:
            self._say(element.text, look, line)
        for inner in element:
            tag = inner.tag
            if isinstance(tag, str) and tag not in _SILENT and not _is_hidden(inner):
                self._within(inner, tag, look, line)
            if inner.tail:
                self._say(inner.tail, look, line)

    def _within(self, element: Element, tag: str, look: TextStyle, line: _OpenParagraph) -> None:
        if tag == f"{TEXT}span":
            self._inline(element, self._looks.of("text", element.get(f"{TEXT}style-name")).over(look), line)
        elif tag == f"{TEXT}s":
            self._say(" " * _whole_number(element.get(f"{TEXT}c"), 1, 1_000), look, line)
        elif tag == f"{TEXT}tab":
            self._say("\t", look, line)
        elif tag == f"{TEXT}line-break":
            self._say("\n", look, line, plain=True)
        elif tag == f"{TEXT}note-citation":
            self._inline(element, TextStyle(raised=True, smaller=True).over(look), line)
        elif tag == f"{TEXT}hidden-text":
            self._say(element.get(f"{TEXT}string-value") or "", look, line)
        elif tag == f"{TEXT}number":
            return  # of a heading or a list; it was put before the paragraph
        elif tag.startswith(_DRAW):
            self._shape(element, line)
        elif tag.startswith(_PRINTING):
            self._inline(element, look, line)

    def _say(self, text: str, look: TextStyle, line: _OpenParagraph, *, plain: bool = False) -> None:
        if not plain:
            text = text.replace("\n", " ").replace("\r", " ")  # what shows as a break has an element of its own
        run = look.of(text)
        if self._unsure:
            run = run._replace(visible=max(run.visible, Visibility.FAINT))
        line.runs.append(run)

    # ---- shapes

    def _shape(self, element: Element, line: _OpenParagraph) -> None:
        """A frame with a box of text or an image, a drawing, or a formula: text in it stands behind the paragraph."""
        if len(self._tables) + 1 >= self._limits.depth:
            self._too_deep(line.boxes)
            return
        inline = element.get(f"{TEXT}anchor-type") == "as-char"
        box = next(element.iter(f"{_DRAW}text-box"), element)
        before = len(line.boxes)
        self._read_children(box, line.boxes)
        if len(line.boxes) > before:
            return
        image = next(element.iter(f"{_DRAW}image"), None)
        name = (image.get(_LINK) or "").removeprefix("./") if image is not None else ""
        if name and len(self._body.drawn) < self._limits.pictures:
            size = inches(element.get(f"{_SVG}width") or ""), inches(element.get(f"{_SVG}height") or "")
            self._body.drawn.append(EmbeddedImage(len(self._top), name, *size))
        if self._cells:
            self._cells[-1].unread = True
            if inline:
                line.runs.append(Run(UNREAD))

    # ---- tables

    def _table(self, element: Element, out: list[Held]) -> None:
        if element.get(f"{TABLE}style-name") in self._looks.hidden_tables:
            return
        if len(self._tables) >= self._limits.depth:
            self._too_deep(out)
            return
        grid = _OpenGrid(OpenTable())
        self._tables.append(grid.table)
        self._rows(element, grid)
        self._tables.pop()
        out += grid.finish()
        self._blanks = 0

    def _rows(self, parent: Element, grid: _OpenGrid) -> None:
        for element in parent:
            if element.tag in _ROWS:
                self._rows(element, grid)
            elif element.tag == f"{TABLE}table-row":
                again = _whole_number(element.get(f"{TABLE}number-rows-repeated"), 1, _AGAIN)
                for _ in range(max(again, 1)):
                    if self._spent > self._limits.cells:
                        self._tell(finding("limit_reached", bound="cells", expected=self._limits.cells))
                        return
                    self._row(element, grid)

    def _row(self, element: Element, grid: _OpenGrid) -> None:
        grid.table.begin_row()
        unseen = element.get(f"{TABLE}visibility", "visible") != "visible"
        self._unsure += unseen
        col = 0
        for cell in element.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            again = max(_whole_number(cell.get(f"{TABLE}number-columns-repeated"), 1, WIDEST), 1)
            if cell.tag == f"{TABLE}table-cell":
                width = max(_whole_number(cell.get(f"{TABLE}number-columns-spanned"), 1, WIDEST), 1)
                height = max(_whole_number(cell.get(f"{TABLE}number-rows-spanned"), 1, WIDEST), 1)
                for at in range(col, min(col + min(again, _AGAIN), WIDEST)):
                    self._spent += width
                    if self._spent > self._limits.cells:
                        break
                    grid.put(at, width, height, self._cell(cell))
            col += again
        self._unsure -= unseen

    def _cell(self, element: Element) -> OpenCell:
        cell = OpenCell()
        self._cells.append(cell)
        self._read_children(element, cell.held)
        self._cells.pop()
        if not cell.held and cell.unread:
            cell.held.append(UNREAD)
        return cell

    def _too_deep(self, out: list[Held]) -> None:
        """What is nested deeper is not read: the cell around it is neither blank nor what else stands in it."""
        out.append(UNREAD)
        self._tell(finding("limit_reached", bound="levels", expected=self._limits.depth))

    def _tell(self, finding: Finding) -> None:
        if finding not in self._findings:
            self._findings.append(finding)


@dataclass(slots=True)
class _OpenGrid:
    """A table being read with the cells that reach down into the rows to come: column → cell."""

    table: OpenTable
    reaching: dict[int, Slot] = field(default_factory=dict)

    def put(self, col: int, width: int, height: int, cell: OpenCell) -> None:
        """Give a cell its place; one above it that says that it reaches so far down ends here."""
        row = self.table.rows - 1
        width = min(width, WIDEST - col)
        for at in range(col, col + width):
            above = self.reaching.pop(at, None)
            if above is not None and above.row + above.rowspan > row:
                above.rowspan = max(row - above.row, 1)
        self.table.col = col
        self.table.cell = cell
        cell.width = width
        self.table.end_cell()
        slot = self.table.slots[-1]
        slot.rowspan = height
        if height > 1:
            self.reaching.update(dict.fromkeys(range(col, col + width), slot))

    def finish(self) -> list[Paragraph | GridTable]:
        """The table without what its cells say to reach beyond its end."""
        for slot in self.table.slots:
            slot.rowspan = min(slot.rowspan, self.table.rows - slot.row)
        return self.table.finish()


def _is_hidden(element: Element) -> bool:
    """A section, a paragraph or a text that is not shown: always, or by a condition that held when it was saved."""
    display = element.get(f"{TEXT}display")
    if display == "none":
        return True
    hides = display == "condition" or element.tag in (f"{TEXT}hidden-text", f"{TEXT}hidden-paragraph")
    return hides and element.get(f"{TEXT}is-hidden") == "true"


def _begins_item(paragraph: Element) -> bool:
    """Whether a paragraph is the first of a list's item."""
    item = paragraph.getparent()
    return item is not None and item.tag == f"{TEXT}list-item" and paragraph.getprevious() is None


def _number_of(paragraph: Element) -> str:
    """The number before a heading, or before the first paragraph of a list's item, as the writer saved it."""
    number = paragraph.find(f"{TEXT}number")
    if number is None:
        number = paragraph.getprevious()
        if number is None or number.tag != f"{TEXT}number":
            return ""
    return "".join(number.itertext())[:40]


def _whole_number(text: str | None, default: int, most: int) -> int:
    """A whole number of at least 0 and at most ``most``."""
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 9 else default
