"""A document part → blocks, in one walk over its elements: insertions taken, what does not print left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from archive.documents.contrast import from_hex, is_faint, is_tiny
from archive.documents.findings import struck_out
from archive.documents.ooxml.numbering import Numbering, Styles
from archive.documents.ooxml.tables import WIDEST, GridTable, Held, OpenCell, OpenTable
from archive.documents.pages import UNREAD, Limits, Paragraph, Table
from archive.documents.runs import Raised, Run, Visibility, printed
from archive.findings import finding
from storage.records import Finding

Element = etree._Element

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"  #: the name space of Word's elements
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_VAL = f"{{{W}}}val"
_OFF = frozenset(("0", "false", "off", "none"))
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# Elements with all that is in them do not print: deletions, readings of ruby, former properties, tab stops.
_SILENT = (
    "moveFrom", "rt", "tabs", "pPrChange", "rPrChange", "tcPrChange", "trPrChange", "tblPrChange", "tblPrExChange",
    "tblGridChange", "sectPrChange", "numberingChange", "sectPr",
)  # fmt: skip
_HIDING = ("vanish", "strike", "dstrike")
_STRIKING = frozenset(("strike", "dstrike"))
_RAISING = ("vertAlign", "position")
_SHOWN = ("drawing", "pict", "object", "contentPart", "fldSimple")  # what stands there is not, or not only, text
_FORMULA = frozenset(("oMath", "r", "t", "rPr", "ctrlPr"))  # of one that is written in one line as text is
_USUAL = 21  # half points: the size of print where none is told
_KNOWN = re.compile(r"http://(?:schemas\.(?:microsoft|openxmlformats)\.|purl\.oclc\.org/ooxml/)")
_KNOWN_PREFIX = re.compile(r"wp(?:s|g|c|i|14)|w1\d\w{0,8}|a14|cx\d?|aink|am3d|v")
_TURNED = "\u202e"  # what follows is shown from right to left
_MARKS = (
    "p", "t", "tbl", "tr", "tc", "txbxContent", "pStyle", "outlineLvl", "ilvl", "numId", "vMerge", "vmerge", "hMerge",
    "hmerge", "gridSpan", "gridBefore", "del", "Choice", "Fallback", "fldChar", "sym", "extent", "shape", "blip",
    "imagedata", "altChunk", "drawing", "pict", "object", "contentPart", "fldSimple", "oMath", "bdo", "instrText",
    "rStyle", "color", "sz", "tblStyle", "hidden",
)  # fmt: skip
_TAGS = tuple(f"{{*}}{name}" for name in (*_MARKS, *_BREAKS, *_SILENT, *_HIDING, *_RAISING))


@dataclass(slots=True)
class EmbeddedImage:
    """An image in the text: before block ``at``; ``relation`` names it; ``width``/``height`` in inches, 0 unknown."""

    at: int
    relation: str
    width: float = 0.0
    height: float = 0.0


@dataclass(slots=True)
class WordBody:
    """What a document part prints; ``chunks``: relations of files that Word would put in (w:altChunk)."""

    blocks: tuple[Paragraph | Table, ...] = ()
    drawn: list[EmbeddedImage] = field(default_factory=list)
    chunks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _OpenParagraph:
    """The paragraph being read, and the text boxes anchored in it."""

    number: int
    runs: list[Run] = field(default_factory=list)
    boxes: list[Held] = field(default_factory=list)
    style: str = ""
    hides: frozenset[str] = frozenset()  # the properties by which its style keeps text from being printed
    outline: int | None = None
    level: int = 0
    numbered: str | None = None


def read_body(
    root: Element, limits: Limits, styles: Styles, numbering: Callable[[], Numbering], findings: list[Finding]
) -> WordBody:
    """The blocks of a parsed part; ``numbering`` gives its lists, asked only if a paragraph is in one.

    What stands in wrappers (w:sdt, w:ins, w:smartTag …) is looked into.
    """
    return _Walk(limits, styles, numbering, findings).walk(root)


class _Walk:
    def __init__(
        self, limits: Limits, styles: Styles, numbering: Callable[[], Numbering], findings: list[Finding]
    ) -> None:
        self._limits = limits
        self._styles = styles
        self._numbering = numbering
        self._lists: Numbering | None = None
        self._findings = findings
        self._top: list[Held] = []
        self._out = self._top
        self._outs: list[list[Held]] = []
        self._opened: list[_OpenParagraph] = []
        self._paragraph: _OpenParagraph | None = None
        self._tables: list[OpenTable] = []
        self._table: OpenTable | None = None
        self._cells = 0
        self._count = 0
        self._blanks = 0  # paragraphs without text since the last with some
        self._hidden: Element | None = None
        self._crossed: Element | None = None  # the same, where it is seen with a line through it
        self._struck: list[str] = []
        self._raised: tuple[Element | None, Raised] = (None, Raised.NOT)
        self._faint: tuple[Element | None, Visibility] = (None, Visibility.SHOWN)  # a run that is white, or tiny
        self._fields: list[bool] = []  # open fields: whether their result has begun
        self._codes = 0  # those whose result has not
        self._composed = False  # one of them puts signs together (EQ), and keeps no text of what it shows
        self._extent = (0.0, 0.0)
        self._body = WordBody()
        self._skip: Callable[[], object] = int
        self._closing: Element | None = None  # skipped, its end is still to come
        self._hides: frozenset[str] = frozenset()  # of a paragraph that names no style

    def walk(self, root: Element) -> WordBody:
        self._hides = self._styles.paragraph_hides("")
        walker: Any = etree.iterwalk(root, events=("start", "end"), tag=_TAGS)
        self._skip = walker.skip_subtree
        starters = self._starts()
        enders = {"p": self._end_p, "tc": self._end_tc, "tbl": self._end_tbl, "txbxContent": self._end_box}
        starts: dict[str, Callable[[Element], None]] = {}  # by tags as they come, whatever their name space
        ends: dict[str, Callable[[], None]] = {}
        for event, element in walker:
            tag = element.tag
            if event == "start":
                if tag not in starts:
                    name = _local(tag)
                    starts[tag] = starters[name]
                    if name in enders:
                        ends[tag] = enders[name]
                starts[tag](element)
            elif tag in ends:
                if element is self._closing:
                    self._closing = None
                else:
                    ends[tag]()
        self._body.blocks = tuple(self._blocks())
        if struck_text := "".join("".join(self._struck).split()):
            self._findings.append(struck_out(struck_text))
        return self._body

    def _blocks(self) -> Iterator[Paragraph | Table]:
        number = 0
        for held in self._top:
            if isinstance(held, GridTable):
                yield held.table(number)
                number += 1
            elif isinstance(held, Paragraph):
                yield held

    def _starts(self) -> dict[str, Callable[[Element], None]]:
        starts: dict[str, Callable[[Element], None]] = {
            "p": self._start_p, "t": self._text, "tbl": self._start_tbl, "tr": self._start_tr, "tc": self._start_tc,
            "txbxContent": self._start_box, "pStyle": self._style, "outlineLvl": self._outline, "ilvl": self._ilvl,
            "numId": self._num_id, "vMerge": self._v_merge, "vmerge": self._v_merge, "hMerge": self._h_merge,
            "hmerge": self._h_merge, "gridSpan": self._grid_span, "gridBefore": self._grid_before, "del": self._del,
            "Choice": self._choice, "Fallback": self._fallback, "fldChar": self._field, "sym": self._symbol,
            "extent": self._sized, "shape": self._shaped, "blip": self._blip, "imagedata": self._blip,
            "altChunk": self._chunk, "oMath": self._formula, "bdo": self._turn, "rStyle": self._run_style,
            "color": self._color, "sz": self._size, "tblStyle": self._table_style, "hidden": self._hidden_row,
            "instrText": self._instruction,
        }  # fmt: skip
        starts |= dict.fromkeys(_SHOWN, self._unread)
        starts |= dict.fromkeys(_BREAKS, self._break) | dict.fromkeys(_SILENT, self._silent)
        starts |= dict.fromkeys(_RAISING, self._raise)
        return starts | dict.fromkeys(_HIDING, self._hide)

    # ---- paragraphs

    def _start_p(self, element: Element) -> None:  # noqa: ARG002
        self._count += 1
        self._paragraph = _OpenParagraph(self._count, hides=self._hides)
        self._opened.append(self._paragraph)

    def _end_p(self) -> None:
        ended = self._opened.pop()
        self._paragraph = self._opened[-1] if self._opened else None
        if self._codes:  # field codes do not run over paragraphs: what never closed hides nothing behind it
            self._fields.clear()
            self._codes, self._composed = 0, False
        number = self._numbered(ended)
        text, struck = printed(ended.runs, in_cell=self._table is not None)
        if struck:
            self._struck.append(struck)
            if self._table is not None:
                self._table.cell.struck += struck
        if text.strip():
            text = number + text.strip("\n\r ")
            if self._table is not None:
                self._out.append(text.strip())
            else:
                locator: dict[str, object] = {"paragraph": ended.number}
                level = self._level(ended)
                self._out.append(Paragraph(text=text, heading=level, locator=locator, blanks=self._blanks))
                self._blanks = 0
        elif self._table is None:
            self._blanks += not ended.boxes
        elif number.strip():
            self._table.cell.number = self._table.cell.number or number.strip()
        if ended.boxes:
            self._out += ended.boxes

    def _numbered(self, ended: _OpenParagraph) -> str:
        """What Word writes before the paragraph; it counts empty ones too."""
        number, level = ended.numbered, ended.level
        if number is None:
            inherited = self._styles.get(ended.style).numbered
            if inherited is None:
                return ""
            number, level = inherited
        if number == "0":  # taken out of the list its style puts it in
            return ""
        if self._lists is None:
            self._lists = self._numbering()
        return self._lists.next(number, level)

    def _level(self, ended: _OpenParagraph) -> int:
        if ended.outline is not None:
            return ended.outline + 1 if ended.outline < 6 else 0
        return self._styles.get(ended.style).heading

    def _style(self, element: Element) -> None:
        if self._paragraph is not None:
            self._paragraph.style = name = _value(element)
            self._paragraph.hides = self._styles.paragraph_hides(name)

    def _table_style(self, element: Element) -> None:
        if self._table is not None and self._styles.hides(_value(element)):
            self._table.unsure = True

    def _outline(self, element: Element) -> None:
        if self._paragraph is not None:
            self._paragraph.outline = _number(element, 9)

    def _ilvl(self, element: Element) -> None:
        if self._paragraph is not None:
            self._paragraph.level = _number(element, 0)

    def _num_id(self, element: Element) -> None:
        if self._paragraph is not None:
            self._paragraph.numbered = _value(element)

    # ---- what runs print

    def _text(self, element: Element) -> None:
        text = element.text
        if not text:
            return
        run = element.getparent()
        if self._unprinted(element):
            if self._is_crossed_out(run):
                self._opened[-1].runs.append(Run(text, struck=True))
            return
        raised = self._raised[1] if run is self._raised[0] else Raised.NOT
        visible = self._faint[1] if run is self._faint[0] else Visibility.SHOWN
        if self._table is not None and self._table.unsure:  # some rows of a table style may hide it
            visible = max(visible, Visibility.FAINT)
        self._opened[-1].runs.append(Run(text, visible, raised=raised))

    def _is_crossed_out(self, run: Element | None) -> bool:
        """Whether what is left out has a line through it: it is seen, as what is hidden is not."""
        if self._paragraph is None or self._codes:
            return False
        return self._crossed is run if self._hidden is run else bool(self._paragraph.hides & _STRIKING)

    def _unprinted(self, element: Element) -> bool:
        if self._paragraph is None or self._codes:
            return True
        if self._paragraph.hides and self._hides_run(self._paragraph.hides, element.getparent()):
            return True
        return self._hidden is not None and element.getparent() is self._hidden

    def _hides_run(self, hides: frozenset[str], run: Element | None) -> bool:
        """Whether what the style of a paragraph hides by holds for a run, which may say otherwise."""
        properties = next(run.iterchildren("{*}rPr"), None) if run is not None else None
        if properties is None:
            return True
        back: set[str] = set()
        for one in properties:
            name, value = _local(one.tag), _value(one)
            if value in _OFF:
                back.add(name)
            elif name == "rStyle":
                back |= {name for name, on in self._styles.visibility_of(value).items() if not on}
        return not hides <= back

    def _break(self, element: Element) -> None:
        if not self._unprinted(element):
            self._print(_BREAKS[_local(element.tag)])

    def _symbol(self, element: Element) -> None:
        """A w:sym is a character of a symbol font: shown as is where it is in Unicode, else as U+25A1."""
        try:
            value = int(_attribute(element, "char"), 16)
        except ValueError:
            return
        if not self._unprinted(element):
            plain = 32 <= value < 0xD800
            self._print(chr(value) if plain and not 0xF000 <= value <= 0xF0FF else "\u25a1")

    def _hide(self, element: Element) -> None:
        """Hidden or struck-out text does not count as printed: the run of these properties is passed over."""
        run = self._run(element)
        if run is not None and _value(element) not in _OFF:
            crossed = _local(element.tag) in _STRIKING and (self._hidden is not run or self._crossed is run)
            self._crossed = run if crossed else None
            self._hidden = run

    def _run_style(self, element: Element) -> None:
        """A character style that hides or strikes out, where the run itself does not say otherwise."""
        run, properties = self._run(element), element.getparent()
        hides = self._styles.hides(_value(element))
        if run is None or properties is None or not hides:
            return
        if not hides <= {_local(one.tag) for one in properties if _value(one) in _OFF}:
            self._crossed = run if hides <= _STRIKING and self._hidden is not run else None
            self._hidden = run

    def _color(self, element: Element) -> None:
        colour = from_hex(_value(element))
        if colour is not None and is_faint(colour):
            self._see(self._run(element), Visibility.FAINT)

    def _size(self, element: Element) -> None:
        if is_tiny(_number(element, _USUAL) / 2):  # it is told in half points
            self._see(self._run(element), Visibility.TINY)

    def _see(self, run: Element | None, sight: Visibility) -> None:
        """A run is hardly seen, for one of two reasons or both."""
        if run is not None:
            self._faint = run, max(sight, self._faint[1]) if self._faint[0] is run else sight

    def _print(self, text: str) -> None:
        """A text that is printed as all is."""
        self._opened[-1].runs.append(Run(text))

    def _turn(self, element: Element) -> None:
        if _value(element) == "rtl" and not self._unprinted(element):
            self._print(_TURNED)

    def _formula(self, element: Element) -> None:
        """The parts of a fraction or a power are no figure one behind the other: 8/96 is not 896."""
        plain = all(_local(inner.tag) in _FORMULA for inner in element.iterdescendants("*"))
        if not plain and not self._unprinted(element):
            self._print(UNREAD)

    @staticmethod
    def _run(element: Element) -> Element | None:
        """The run of which an element is a property."""
        properties = element.getparent()
        run = properties.getparent() if properties is not None else None
        return run if run is not None and _local(run.tag) == "r" else None

    def _raise(self, element: Element) -> None:
        """A run above the line, or a smaller one below it: w:vertAlign, or w:position in half points."""
        run = self._run(element)
        superscript = _value(element) in ("superscript", "subscript")
        if run is not None and (superscript or _number(element, 0) > 0):
            self._raised = run, Raised.NOTE if superscript else Raised.SHIFTED

    def _field(self, element: Element) -> None:
        kind = _attribute(element, "fldCharType")
        if kind == "begin":
            self._fields.append(False)
            self._codes += 1
        elif kind == "separate" and self._fields and not self._fields[-1]:
            self._fields[-1] = True
            self._codes -= 1
        elif kind == "end" and self._fields:
            begun = self._fields.pop()
            if not begun or self._composed:
                self._codes -= not begun
                self._composed = False
                self._unread(element)

    def _instruction(self, element: Element) -> None:
        """The code of a field; what EQ shows is drawn from it alone, whatever result is kept."""
        if self._codes and "".join(element.itertext()).lstrip()[:3].lower().rstrip("\\ ") == "eq":
            self._composed = True

    # ---- what is passed over

    def _silent(self, element: Element) -> None:  # noqa: ARG002
        self._skip()

    def _del(self, element: Element) -> None:
        """Deleted runs, or the mark that a whole row is deleted."""
        parent = element.getparent()
        if parent is not None and _local(parent.tag) == "trPr" and self._table is not None:
            self._table.deleted = True
        self._skip()

    def _hidden_row(self, element: Element) -> None:
        """A row that the table does not show (w:trPr/w:hidden)."""
        parent = element.getparent()
        if parent is not None and _local(parent.tag) == "trPr" and self._table is not None:
            self._table.deleted = self._table.deleted or _value(element) not in _OFF

    def _choice(self, element: Element) -> None:
        """Of alternatives the first that a program of today understands is taken."""
        before = element.itersiblings(preceding=True)
        if not _is_understood(element) or any(_is_understood(other) for other in before):
            self._skip()

    def _fallback(self, element: Element) -> None:
        if any(_is_understood(other) for other in element.itersiblings(preceding=True)):
            self._skip()

    # ---- tables and boxes

    def _start_tbl(self, element: Element) -> None:
        if len(self._outs) >= self._limits.depth:
            self._too_deep(element)
            return
        self._table = OpenTable()
        self._tables.append(self._table)

    def _end_tbl(self) -> None:
        ended = self._tables.pop()
        self._table = self._tables[-1] if self._tables else None
        self._out += ended.finish()
        self._blanks = 0

    def _too_deep(self, element: Element) -> None:
        """What is nested deeper is not read: the cell around it is neither blank nor what else stands in it."""
        self._closing = element
        self._out.append(UNREAD)
        self._tell(finding("limit_reached", bound="levels", expected=self._limits.depth))
        self._skip()

    def _tell(self, finding: Finding) -> None:
        if finding not in self._findings:
            self._findings.append(finding)

    def _start_tr(self, element: Element) -> None:  # noqa: ARG002
        if self._cells > self._limits.cells:
            self._tell(finding("limit_reached", bound="cells", expected=self._limits.cells))
            self._skip()
        elif self._table is not None:
            self._table.begin_row()

    def _start_tc(self, element: Element) -> None:  # noqa: ARG002
        self._cells += 1
        self._outs.append(self._out)
        cell = OpenCell()
        if self._table is not None:
            self._table.cell = cell
        self._out = cell.held

    def _end_tc(self) -> None:
        held, self._out = self._out, self._outs.pop()
        if self._table is None:
            self._out += held
        else:
            cell = self._table.cell
            if not held and (cell.unread or (cell.number and cell.down != "continue")):
                held.append(UNREAD + cell.number)
            self._table.cell.held = held  # that of an inner table's cell stood there meanwhile, if any
            self._table.end_cell()

    def _v_merge(self, element: Element) -> None:
        if self._table is not None:
            self._table.cell.down = _value(element) or "continue"

    def _h_merge(self, element: Element) -> None:
        if self._table is not None:
            self._table.cell.across = _value(element) or "continue"

    def _grid_span(self, element: Element) -> None:
        if self._table is not None:
            self._table.cell.width = _columns(_value(element))

    def _grid_before(self, element: Element) -> None:
        if self._table is not None:
            self._table.col = min(_number(element, 0), WIDEST)

    def _start_box(self, element: Element) -> None:
        if len(self._outs) >= self._limits.depth:
            self._too_deep(element)
            return
        self._outs.append(self._out)
        if self._paragraph is not None:
            self._out = self._paragraph.boxes

    def _end_box(self) -> None:
        self._out = self._outs.pop()

    # ---- images and files

    def _unread(self, element: Element) -> None:
        """Something that may show a figure: a cell with nothing else is not blank, and 8▢96 is not 896."""
        if self._table is None or not self._outs:
            return
        self._table.cell.unread = True
        if _is_inline(element) and self._paragraph is not None:
            runs = self._paragraph.runs
            if runs and not runs[-1].struck and runs[-1].text[-1:].isdecimal() and not self._unprinted(element):
                runs.append(Run(UNREAD))

    def _sized(self, element: Element) -> None:
        wide, high = element.get("cx") or "", element.get("cy") or ""
        if wide.isascii() and high.isascii() and wide.isdigit() and high.isdigit() and len(wide) + len(high) < 30:
            self._extent = int(wide) / 914_400, int(high) / 914_400

    def _shaped(self, element: Element) -> None:
        self._extent = shape_size(element.get("style") or "")

    def _blip(self, element: Element) -> None:
        relation = next((v for k, v in element.attrib.items() if _local(str(k)) in ("embed", "id")), "")
        if relation and len(self._body.drawn) < self._limits.pictures:
            self._body.drawn.append(EmbeddedImage(len(self._top), str(relation), *self._extent))
        self._extent = (0.0, 0.0)

    def _chunk(self, element: Element) -> None:
        self._unread(element)
        relation = element.get(f"{{{_R}}}id") or next((str(v) for v in element.attrib.values()), "")
        if relation and len(self._body.chunks) < self._limits.members:
            self._body.chunks.append(relation)


def _is_inline(element: Element) -> bool:
    """Whether a drawing stands in its line as a character does (wp:inline), and not before or behind the text."""
    return _local(element.tag) == "drawing" and any(_local(inner.tag) == "inline" for inner in element)


def _is_understood(element: Element) -> bool:
    """Whether an element is an mc:Choice all of whose requirements are known."""
    if _local(element.tag) != "Choice":
        return False
    names = (element.get("Requires") or "").split()
    spaces = element.nsmap
    return all(_KNOWN.match(spaces[n]) if n in spaces else _KNOWN_PREFIX.fullmatch(n) for n in names)


_UNITS = {"pt": 72.0, "in": 1.0, "cm": 2.54, "mm": 25.4, "px": 96.0}


def shape_size(style: str) -> tuple[float, float]:
    """Width and height in inches from the style of a VML shape; 0 where it does not say."""
    properties = dict(part.split(":", 1) for part in style.lower().replace(" ", "").split(";") if ":" in part)
    return inches(properties.get("width", "")), inches(properties.get("height", ""))


def inches(text: str) -> float:
    """A length with its unit in inches; 0 where it makes no sense."""
    unit = _UNITS.get(text[-2:])
    try:
        return float(text[:-2]) / unit if unit and len(text) < 20 else 0.0
    except ValueError:
        return 0.0


def _local(tag: object) -> str:
    return _local_name(tag) if isinstance(tag, str) else ""


@lru_cache(4_096)
def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attribute(element: Element, name: str) -> str:
    value = element.get(f"{{{W}}}{name}") or element.get(name)
    if value is None:  # Word 2003 and others have a name space of their own
        value = next((v for k, v in element.attrib.items() if _local(str(k)) == name), "")
    return str(value)


def _value(element: Element) -> str:
    return element.get(_VAL) or (_attribute(element, "val") if element.attrib else "")


def _number(element: Element, default: int) -> int:
    return _whole_number(_value(element), default)


def _whole_number(value: str, default: int) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else default


def _columns(value: str) -> int:
    return min(max(1, _whole_number(value, 1)), WIDEST)
