"""HTML → Document. The tree is a browser's (lexbor), which closes what authors left open, and it is never changed.

Locators are selectors in that tree; those of a plain table's cells suit the source as well, whether it writes
``<tbody>`` or not. A table that holds tables is taken for layout: what is in it is read as if the table were not there.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.documents import page_facts
from archive.documents.charset import Decoded, decode
from archive.documents.model import (
    Cell,
    Document,
    Image,
    Limits,
    Paragraph,
    Table,
    extend_locators,
    number_tables,
    place_spanned_rows,
)
from archive.documents.packages import UNREAD
from archive.documents.style_visibility import PLAIN, Attributes, find_doubtful_nodes, look_of
from archive.findings import finding
from storage.records import Part

MAX_SPAN = 1_000
MAX_PATH_CHARS = 1_000
MAX_OPEN_ELEMENTS = 5_000  # within each other: the parser looks through them all at each further one
MAX_ATTRIBUTES = 5_000  # of one element: it compares each with all others
LONG_TAG_CHARS = 20_000  # the attributes of a shorter one are not counted
MAX_MEASURED = 300  # elements of a page of which the text is measured
MAX_FURNITURE_CHARS = 1_000  # a longer text is no furniture, whatever its element is called
MAX_TRAIL_CHARS = 200
MAX_SCRIPT_CHARS = 4_000_000
MIN_TEXT_CHARS = 200  # a page with less, and without tables, may frame its report

_SKIPPED = frozenset((
    "script", "style", "noscript", "template", "head", "select", "textarea", "button", "iframe", "svg", "math", "audio",
    "video", "object", "title", "rt", "rp", "datalist", "xml", "-comment",
))  # fmt: skip
_BLOCKS = frozenset((
    "p", "div", "section", "article", "li", "ul", "ol", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "table",
    "blockquote", "pre", "form", "fieldset", "header", "footer", "nav", "main", "aside", "body", "html", "tr", "td",
    "th", "caption", "center", "address", "figure", "tbody", "thead", "tfoot", "hr",
))  # fmt: skip
_FURNITURE = frozenset(("nav", "footer", "aside"))
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_NESTING_TAG = re.compile(
    r"<(/?)(?:div|ul|ol|dl|section|article|center|blockquote|table|main|nav|header|footer|aside|figure|details|menu|dir|"
    r"form|pre|listing|address|fieldset|summary|h[1-6]|button|ruby|search|hgroup|object|marquee)\b",
    re.IGNORECASE,
)
_PLAIN_ID = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_BLANKS = re.compile(r"\s+")
_BREAK = "\0"  # between the lines of a cell: no text holds one
_STRING = re.compile(r'"((?>(?:[^"\\\n]++|\\.)*))"')
_NO_JSON_ESCAPE = re.compile(r'(?<!\\)(?:\\\\)*\\(?:[^"\\/bfnrtu]|u(?![0-9a-fA-F]{4}))')
_MARKUP = re.compile(r"<(?:p|div|table|span|br)\b", re.IGNORECASE)
_DATA_IMAGE = re.compile(r"data:image/[\w.+-]{1,20};base64,", re.IGNORECASE)


def open_html(data: bytes, limits: Limits) -> Document:
    """Read a page."""
    return read_markup(decode(data), limits)


def read_markup(decoded: Decoded, limits: Limits) -> Document:
    """Read the text of a page."""
    findings = list(decoded.findings)
    text = decoded.text
    if len(text) > limits.characters:
        findings.append(finding("limit_reached", bound="characters_or_lines", expected=limits.characters))
        text = text[: limits.characters]
    if (end := _end_of_parseable(text)) < len(text):
        findings.append(finding("limit_reached", bound="levels", expected=MAX_OPEN_ELEMENTS))
        text = text[:end]
    tree = LexborHTMLParser(text)
    walk = _Walk(tree, limits)
    if tree.body is not None:
        walk.read(tree.body)
    findings += [finding("limit_reached", bound=bound, expected=most) for bound, most in walk.passed.items()]
    if struck := "".join(walk.struck).strip():
        findings.append(finding("struck_out", found=struck[:60], count=len(struck)))
    blocks = number_tables(walk.blocks)
    printed = sum(len(block.text) for block in blocks if isinstance(block, Paragraph) and not block.furniture)
    has_tables = any(isinstance(block, Table) for block in blocks)
    inner_parts: tuple[Part, ...] = ()
    is_bare = printed < MIN_TEXT_CHARS and not has_tables
    if is_bare and (number_and_text := _text_in_scripts(tree)):
        number, hidden = number_and_text
        inner = read_markup(replace(decoded, text=hidden), limits)
        blocks = number_tables((*blocks, *extend_locators(inner.blocks, "script", number)))
        findings += inner.findings
        inner_parts = inner.parts
    title = tree.css_first("title")
    return Document(
        "html",
        blocks,
        {**page_facts.read_labels(blocks), **page_facts.read_meta(tree)},
        page_facts.read_breadcrumb(walk.trail, blocks),
        " ".join(title.text().split()) if title else "",
        tuple(dict.fromkeys((*page_facts.collect_parts(tree, is_bare=is_bare), *inner_parts))),
        tuple(walk.images),
        findings=tuple(findings),
        unreadable="charset_broken" if decoded.refused else "" if blocks else "needs_ocr" if walk.images else "empty",
    )


def _text_in_scripts(tree: LexborHTMLParser) -> tuple[int, str] | None:
    """Return the longest text among the strings of scripts, with the number of its script, from 0.

    Pages of gkmlpt hold their article so (``_CONFIG.DETAIL.content``).
    """
    found = [
        (number, json.loads(f'"{match[1]}"', strict=False))
        for number, script in enumerate(tree.css("script"))
        for match in _STRING.finditer(script.text()[:MAX_SCRIPT_CHARS])
        if len(match[1]) >= MIN_TEXT_CHARS and _NO_JSON_ESCAPE.search(match[1]) is None
    ]
    texts = [one for one in found if _MARKUP.search(one[1])]
    return max(texts, key=lambda one: len(one[1]), default=None)


def _end_of_parseable(text: str) -> int:
    """Return where a page begins to nest elements, or to crowd attributes, so that parsing would take for ever."""
    end = len(text)
    at = -1
    for number, piece in enumerate(text.split("<")):
        if number and len(piece) > LONG_TAG_CHARS and len(piece.partition(">")[0].split()) > MAX_ATTRIBUTES:
            end = at
            break
        at += len(piece) + 1
    depth = 0
    for tag in _NESTING_TAG.finditer(text, 0, end) if text.count("<", 0, end) > MAX_OPEN_ELEMENTS else ():
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > MAX_OPEN_ELEMENTS:
            return tag.start()
    return end


class _Place(NamedTuple):
    """What an element inherits. ``path`` is its own selector, ``block`` that of the nearest block around it."""

    path: str
    block: str
    heading: int = 0
    furniture: bool = False
    linked: bool = False
    struck: bool = False
    pre: bool = False


class _Walk:
    """One walk over the tree: tables of figures become tables, all other text becomes paragraphs."""

    def __init__(self, tree: LexborHTMLParser, limits: Limits) -> None:
        self.blocks: list[Paragraph | Table] = []
        self.images: list[Image] = []
        self.struck: list[str] = []
        self.trail: LexborNode | None = None  #: the element with the columns above the text
        self.passed: dict[str, int] = {}  # bounds
        self._limits = limits
        self._doubtful = find_doubtful_nodes(tree)
        self._ids = Counter(node.id for node in tree.css("[id]"))
        self._cells = self._tables = self._measured = 0
        self._words: list[str] = []
        self._begin: _Place | None = None  # of the paragraph at hand
        self._linked = self._printed = 0  # its characters

    def read(self, root: LexborNode) -> None:
        """Read a tree from its body on."""
        stack: list[tuple[LexborNode | None, _Place]] = [(root, _Place("body", "body"))]
        while stack:
            node, place = stack.pop()
            if node is None:
                self._end_paragraph()
            elif node.is_text_node:
                self._add_text(node.text_content or "", place)
            elif node.tag == "br":
                self._words.append("\n")
            elif node.tag == "table" and len(node.css("table")) == 1:  # itself
                self._end_paragraph()
                self._read_table(node, place)
            elif node.tag == "img":
                self._read_image(node, place.path)
            elif node.tag not in _SKIPPED:
                stack += reversed(list(self._open_element(node, place)))
        self._end_paragraph()

    def _open_element(self, node: LexborNode, place: _Place) -> Iterator[tuple[LexborNode | None, _Place]]:
        """Yield the children of an element with their places, and None behind those of a block."""
        tag, attributes = node.tag or "", node.attributes
        look = look_of(node, attributes, frozenset())
        if look.hidden:
            return
        is_block = tag in _BLOCKS
        if is_block:
            self._end_paragraph()
        if attributes or is_block:
            place = self._within(node, place, is_block=is_block, is_struck=look.struck)
        counts: Counter[str] = Counter()
        for child in node.iter(include_text=True):
            if child.is_text_node:
                yield child, place
            else:
                name = child.tag or ""
                counts[name] += 1
                path = self._path(child, place.path, f"{name}:nth-of-type({counts[name]})")
                yield child, _Place(path, *place[1:])
        if is_block:
            yield None, place

    def _within(self, node: LexborNode, place: _Place, *, is_block: bool, is_struck: bool) -> _Place:
        """Return what the children of an element inherit."""
        tag, attributes = node.tag or "", node.attributes
        names = page_facts.words_of(attributes)
        furniture = place.furniture
        if not furniture and (tag in _FURNITURE or not page_facts.FURNITURE_NAMES.isdisjoint(names)):
            furniture = self._is_short(node, MAX_FURNITURE_CHARS)
        if (
            self.trail is None
            and not page_facts.TRAIL_NAMES.isdisjoint(names)
            and self._is_short(node, MAX_TRAIL_CHARS)
        ):
            self.trail = node
        return _Place(
            place.path,
            place.path if is_block else place.block,
            _HEADINGS.get(tag, place.heading),
            furniture,
            place.linked or (tag == "a" and bool(attributes.get("href"))),
            place.struck or is_struck,
            place.pre or tag == "pre" or "white-space:pre" in (attributes.get("style") or "").replace(" ", ""),
        )

    def _is_short(self, node: LexborNode, most: int) -> bool:
        """Whether an element has little text; that is asked of so many elements only, as each asks all within it."""
        self._measured += 1
        return self._measured <= MAX_MEASURED and len(node.text()) <= most

    def _path(self, node: LexborNode, parent: str, step: str) -> str:
        """Return the selector of a child, "" where it is too long to be of use."""
        name = node.id
        if name and self._ids[name] == 1 and _PLAIN_ID.fullmatch(name):
            return f"#{name}"
        return f"{parent} > {step}" if 0 < len(parent) <= MAX_PATH_CHARS else ""

    def _add_text(self, text: str, place: _Place) -> None:
        if not place.pre:
            text = _BLANKS.sub(" ", text)
        count = len(text) - text.count(" ")
        if place.struck:
            self.struck.append(text)
            return
        if count and self._begin is None:
            self._begin = place
        self._printed += count
        self._linked += count * place.linked
        self._words.append(text)

    def _end_paragraph(self) -> None:
        """Make the text gathered so far paragraphs, one a line, and forget it."""
        if self._begin is not None:
            locator = {"css": self._begin.block} if self._begin.block else {}
            furniture = self._begin.furniture or self._linked == self._printed
            for line in "".join(self._words).split("\n"):
                if text := _BLANKS.sub(" ", line).strip():
                    linked = 2 * self._linked > self._printed
                    self.blocks.append(Paragraph(text, self._begin.heading, locator, furniture, linked))
        self._words.clear()
        self._begin, self._printed, self._linked = None, 0, 0

    def _read_image(self, node: LexborNode, path: str) -> None:
        """Take a picture that the page holds itself."""
        source = node.attributes.get("src") or ""
        match = _DATA_IMAGE.match(source)
        if match is None or page_facts.is_icon(node.attributes):
            return
        if len(self.images) >= self._limits.images:
            self.passed["images"] = self._limits.images
            return
        try:
            data = base64.b64decode(source[match.end() :])
        except (binascii.Error, ValueError):
            return
        self.images.append(Image(len(self.blocks), data, {"css": path} if path else {}))

    def _read_table(self, table: LexborNode, place: _Place) -> None:
        if look_of(table, table.attributes, frozenset()).hidden:
            return
        if self._tables >= self._limits.tables:
            self.passed["tables"] = self._limits.tables
            return
        self._tables += 1
        for caption in table.css("caption"):
            if text := " ".join(caption.text().split()):
                self.blocks.append(Paragraph(text, 0, {"css": place.path}))
        rows: list[list[Cell]] = []
        for row, path in _rows_with_paths(table, place.path):
            if self._cells > self._limits.cells:
                self.passed["cells"] = self._limits.cells
                break
            look = look_of(row, row.attributes, self._doubtful)
            if not look.hidden:
                rows.append(list(self._read_row(row, path, is_doubtful=look.doubtful)))
        if cells := place_spanned_rows(rows):
            self.blocks.append(Table(cells, locator={"css": place.path} if place.path else {}))

    def _read_row(self, row: LexborNode, path: str, *, is_doubtful: bool) -> Iterator[Cell]:
        counts = {"td": 0, "th": 0}
        for node in row.iter():
            tag = node.tag or ""
            if tag not in counts:
                continue
            counts[tag] += 1
            attributes = node.attributes
            look = look_of(node, attributes, self._doubtful)
            if look.hidden and "display" in (attributes.get("style") or "").lower():
                continue  # the cells after it move up
            text, struck, is_sure, linked = self._read_cell(node, is_struck=look.struck)
            locator: dict[str, object] = {"css": f"{path} > {tag}:nth-of-type({counts[tag]})"} if path else {}
            if struck:
                locator["struck"] = struck
            visible = not text or (is_sure and not (look.hidden or look.doubtful or is_doubtful))
            rowspan, colspan = _span(attributes, "rowspan"), _span(attributes, "colspan") or 1
            yield Cell(0, 0, rowspan, colspan, text, locator, visible, struck, linked=linked)
        self._cells += sum(counts.values())

    def _read_cell(self, cell: LexborNode, *, is_struck: bool) -> tuple[str, str, bool, bool]:
        """Return the text of a cell, what is crossed out in it, whether the text is certainly seen so, or linked.

        Paragraphs and line breaks become new lines. What is hidden is left out, unless nothing else stands there.
        """
        words: list[str] = []
        struck: list[str] = []
        hidden: list[str] = []
        is_sure, has_picture, linked = True, False, 0
        first = struck if is_struck else words
        stack: list[tuple[LexborNode, list[str]]] = [(one, first) for one in cell.iter(include_text=True)][::-1]
        while stack:
            node, out = stack.pop()
            if node.is_text_node:
                out.append(node.text_content or "")
                continue
            tag = node.tag
            if tag == "br":
                out.append(_BREAK)
            elif tag == "img":
                has_picture = has_picture or not page_facts.is_icon(node.attributes)
                self._read_image(node, "")
            elif tag in {"sup", "sub"} and words and words[-1][-1:].isdecimal():  # the mark of a note is no digit
                out.append(f"[{node.text(strip=True)}]")
            elif tag not in _SKIPPED:
                look = look_of(node, node.attributes, self._doubtful)
                linked += len(node.text(strip=True)) if tag == "a" and node.attributes.get("href") else 0
                if look is not PLAIN:
                    out = hidden if look.hidden else struck if look.struck else out
                    is_sure = is_sure and not (look.doubtful and node.text(strip=True))
                if tag in _BLOCKS:
                    out.append(_BREAK)
                stack += [(child, out) for child in node.iter(include_text=True)][::-1]
        text, crossed = _join_lines(words), _join_lines(struck)
        self.struck.append(crossed)
        if not text and (unseen := _join_lines(hidden)):
            return unseen, crossed, False, False
        return text or UNREAD * (has_picture and not crossed), crossed, is_sure, 2 * linked > len(text)


def _join_lines(words: list[str]) -> str:
    lines = [" ".join(line.split()) for line in "".join(words).split(_BREAK)]
    return "\n".join([line for line in lines if line])


def _rows_with_paths(table: LexborNode, path: str) -> Iterator[tuple[LexborNode, str]]:
    """Yield the rows of a table with their selectors, which name no ``<tbody>`` where there is nothing else."""
    sections = [child for child in table.iter() if child.tag in {"thead", "tbody", "tfoot"}]
    counts: Counter[str] = Counter()
    for section in sections:
        tag = section.tag or ""
        counts[tag] += 1
        step = f" > {tag}:nth-of-type({counts[tag]}) >" if len(sections) > 1 or tag != "tbody" else ""
        rows = (child for child in section.iter() if child.tag == "tr")
        for number, row in enumerate(rows, 1):
            yield row, f"{path}{step} tr:nth-of-type({number})" if path else ""


def _span(attributes: Attributes, name: str) -> int:
    value = attributes.get(name)
    return min(int(value), MAX_SPAN) if value and value.isdecimal() and len(value) < 7 else 1
