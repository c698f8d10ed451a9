"""HTML → Document. The tree is parsed as a browser does (lexbor), and it is never changed.

Locators are CSS selectors in that tree; those of a plain table's cells also work in the source, with or without
``<tbody>``. A table that contains tables is layout: its contents are read as if the outer table were not there.
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.documents import page_facts
from archive.documents.charset import Decoded, decode
from archive.documents.model import (
    Document,
    Image,
    Limits,
    Locator,
    Paragraph,
    Table,
    TableCell,
    number_tables,
    place_spanned_rows,
)
from archive.documents.packages import UNREAD
from archive.documents.style_visibility import PLAIN, Attributes, find_doubtful_nodes, look_of
from archive.findings import finding

MAX_SPAN = 1_000
MAX_PATH_CHARS = 1_000
MAX_OPEN_ELEMENTS = 5_000  # nested in each other: at each further one the parser searches all of them
MIN_TEXT_CHARS = 200  # a page with less text and no table may keep its report in a frame or a script
_SKIPPED, _BLOCKS = (frozenset(page_facts.WORDS[name]) for name in ("skipped_tags", "block_tags"))
_NESTING_TAG = re.compile(rf"<(/?)(?:{'|'.join(page_facts.WORDS['nesting_tags'])})\b", re.IGNORECASE)
# the parser compares each attribute of an element with all the others: so many would take minutes
_CROWDED_TAG = re.compile(r"<(?=[^<>]{10000})[^\s<>]*+(?:\s++[^\s<>]++){5000}")
_PLAIN_ID = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_BLANKS = re.compile(r"\s+")
_LONG_STRING = re.compile(r'"((?>(?:[^"\\\n]++|\\.)*))"')
_MARKUP = re.compile(r"<(?:p|div|table|span|br)\b", re.IGNORECASE)
_DATA_IMAGE = re.compile(r"data:image/[\w.+-]{1,20};base64,", re.IGNORECASE)


def open_html(data: bytes, limits: Limits) -> Document:
    """Read a web page."""
    return _read_markup(decode(data), limits, {})


def _read_markup(decoded: Decoded, limits: Limits, source: Locator) -> Document:
    """Read markup; if it shows hardly any text, also the article that a script holds. ``source``: the locator of the
    script that contains this markup, added to all locators; {} for the page.
    """
    text = decoded.text[: limits.characters]
    end = _end_of_parseable(text)
    tree = LexborHTMLParser(text[:end])
    page = _PageWalk(tree, limits, source)
    if len(text) < len(decoded.text):
        page.limits_reached["characters_or_lines"] = limits.characters
    if end < len(text):
        page.limits_reached["levels"] = MAX_OPEN_ELEMENTS
    walk = _Walk(page, page.blocks)
    if tree.body is not None:
        walk.read(tree.body, _Place(tree.body))
    limited = [finding("limit_reached", bound=bound, expected=most) for bound, most in page.limits_reached.items()]
    findings = [*decoded.findings, *limited]
    blocks = number_tables(page.blocks)
    printed = sum(len(one.text) for one in blocks if isinstance(one, Paragraph) and not one.furniture)
    is_bare = printed < MIN_TEXT_CHARS and not any(isinstance(one, Table) for one in blocks)
    parts = page_facts.collect_parts(tree, is_bare=is_bare)
    if is_bare and (scripted := _text_in_scripts(tree)):
        number, markup = scripted
        inner = _read_markup(replace(decoded, text=markup), limits, {"script": number})
        blocks = number_tables((*blocks, *inner.blocks))
        findings += inner.findings
        parts += inner.parts
    title = tree.css_first("title")
    return Document(
        "html",
        blocks,
        page_facts.read_meta(tree),
        page_facts.read_breadcrumb(page.trail, blocks),
        " ".join(title.text().split()) if title else "",
        tuple(dict.fromkeys(parts)),
        tuple(page.images),
        findings=tuple(findings),
        unreadable="charset_broken" if decoded.refused else "" if blocks else "needs_ocr" if page.images else "empty",
    )


def _text_in_scripts(tree: LexborHTMLParser) -> tuple[int, str] | None:
    """Return the number of a script and the longest string with markup in it; some systems keep their texts there."""
    texts: list[tuple[int, str]] = []
    for number, script in enumerate(tree.css("script")):
        for match in _LONG_STRING.finditer(script.text()):
            if len(match[1]) >= MIN_TEXT_CHARS:
                with suppress(ValueError):  # JavaScript strings are not always valid JSON
                    texts.append((number, json.loads(f'"{match[1]}"', strict=False)))
    return max((one for one in texts if _MARKUP.search(one[1])), key=lambda one: len(one[1]), default=None)


def _end_of_parseable(text: str) -> int:
    """Return how many characters to parse: up to where nesting or attributes would make the parser take minutes."""
    crowded = _CROWDED_TAG.search(text)
    end = crowded.start() if crowded else len(text)
    depth = 0
    for tag in _NESTING_TAG.finditer(text, 0, end) if text.count("<", 0, end) > MAX_OPEN_ELEMENTS else ():
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > MAX_OPEN_ELEMENTS:
            return tag.start()
    return end


class _Place(NamedTuple):
    """The properties that elements inherit. ``block``: the nearest block element around them, None in a table cell."""

    block: LexborNode | None
    furniture: bool = False
    linked: bool = False


class _PageWalk:
    """The state that all walks over one page share. ``limits_reached``: name of a limit → its value."""

    def __init__(self, tree: LexborHTMLParser, limits: Limits, source: Locator) -> None:
        """Look over the whole page first: doubtful nodes, navigation, ids; ``source`` begins every locator."""
        self.limits, self.source = limits, source
        self.doubtful = find_doubtful_nodes(tree)
        self.furniture, self.trail = page_facts.find_surroundings(tree)  # navigation and buttons; the breadcrumb
        self.blocks: list[Paragraph | Table] = []
        self.images: list[Image] = []
        self.limits_reached: dict[str, int] = {}
        self.cells = 0
        self._ids = Counter(node.id for node in tree.css("[id]"))  # an id locates an element only if no other has it
        self._selectors = {tree.body.mem_id: "body"} if tree.body is not None else {}  # of nodes seen, by ``mem_id``

    def locate(self, block: LexborNode | None) -> dict[str, object]:
        """Return the locator of an element of the body: a selector, or none if it would be too long to be useful."""
        if block is None:
            return {}
        line = [block]
        while line[-1].mem_id not in self._selectors and (parent := line[-1].parent) is not None:
            line.append(parent)
        for parent in line[:0:-1]:
            counts: Counter[str] = Counter()
            # the source of a page often lacks <tbody>: if it is the only section of a table, selectors omit it
            table = parent.parent if parent.tag == "tbody" and len(_sections(parent.parent)) == 1 else None
            base, joint = self._selectors[(table or parent).mem_id], " " if table else " > "
            for child in parent.iter():
                name, tag = child.id or "", child.tag or ""
                counts[tag] += 1
                step = f"{base}{joint}{tag}:nth-of-type({counts[tag]})" if 0 < len(base) <= MAX_PATH_CHARS else ""
                is_named = self._ids[name] == 1 and _PLAIN_ID.fullmatch(name)
                self._selectors[child.mem_id] = f"#{name}" if is_named else step
        css = self._selectors[block.mem_id]
        return {**self.source, "css": css} if css else {**self.source}


class _Walk:
    """Reads an element (the page's body or one cell) into paragraphs and tables.

    ``hidden_texts``: text that is left out; ``is_doubtful``: a style may change how some text looks.
    """

    def __init__(self, page: _PageWalk, blocks: list[Paragraph | Table]) -> None:
        """``blocks``: where to add what is read: the page's own, or those of one cell."""
        self.blocks = blocks
        self.hidden_texts: list[str] = []
        self.is_doubtful = self.has_picture = False
        self._page = page
        self._words: list[str] = []
        self._begin: _Place | None = None  # of the paragraph being gathered
        self._linked = self._printed = 0  # numbers of its characters: those of links, all

    def read(self, root: LexborNode, place: _Place) -> None:
        """Read an element and everything inside it. ``place``: what it inherits from the elements around it."""
        stack: list[tuple[LexborNode | None, _Place]] = [(root, place)]
        while stack:
            node, place = stack.pop()
            if node is None:
                if self._words:
                    self._end_paragraph()
                continue
            tag = node.tag or ""
            if tag == "-text":
                self._add_text(node.text_content or "", place)
            elif tag == "br":
                self._words.append("\n")
            elif tag == "table" and len(node.css("table")) == 1:  # itself
                self._end_paragraph()
                self._read_table(node)
            elif tag == "img":
                self._read_image(node, place)
            elif tag in {"sup", "sub"} and self._words and self._words[-1][-1:].isdecimal():
                self._add_text(f"[{node.text(strip=True)}]", place)  # a footnote mark is not a digit
            elif tag not in _SKIPPED:
                stack += self._open_element(node, tag, place)
        self._end_paragraph()

    def _open_element(self, node: LexborNode, tag: str, place: _Place) -> list[tuple[LexborNode | None, _Place]]:
        """Return an element's children for the stack of :meth:`read`, so last first, with what they inherit, and before
        them None if the element is a block, which ends the paragraph. The text of a hidden one is kept aside.
        """
        attributes, page = node.attributes, self._page
        look = look_of(tag, node, attributes, page.doubtful)
        if look.is_hidden:
            self.hidden_texts.append(node.text())
            return []
        if look.is_doubtful and node.text(strip=True):
            self.is_doubtful = True
        block, furniture, linked = place
        is_block = tag in _BLOCKS
        is_outer = is_block and block is not None
        furniture = furniture or (bool(page.furniture) and node.mem_id in page.furniture)
        if is_outer or furniture or tag == "a":
            linked = linked or (tag == "a" and bool(attributes.get("href")))
            place = _Place(node if is_outer else block, furniture, linked)
        if is_block and self._words:
            self._end_paragraph()
        end: list[tuple[LexborNode | None, _Place]] = [(None, place)] if is_block else []
        return end + [(one, place) for one in node.iter(include_text=True)][::-1]

    def _add_text(self, text: str, place: _Place) -> None:
        """Add text to the current paragraph, and count its characters and those of links."""
        text = _BLANKS.sub(" ", text)
        count = len(text) - text.count(" ")
        if count and self._begin is None:
            self._begin = place
        self._printed += count
        self._linked += count * place.linked
        self._words.append(text)

    def _end_paragraph(self) -> None:
        """Add the text gathered so far as paragraphs, one for each line, and clear it."""
        if self._begin is not None:
            locator = self._page.locate(self._begin.block)
            furniture, linked = self._begin.furniture or self._linked == self._printed, 2 * self._linked > self._printed
            for line in "".join(self._words).split("\n"):
                if text := " ".join(line.split()):
                    self.blocks.append(Paragraph(text, locator, furniture, linked))
            self._begin, self._printed, self._linked = None, 0, 0
        self._words.clear()

    def _read_image(self, node: LexborNode, place: _Place) -> None:
        """Note that there is a picture, if it is no icon; keep its bytes if the page contains them (a data URL)."""
        if page_facts.is_icon(node.attributes):
            return
        self.has_picture = True
        source, images, most = node.attributes.get("src") or "", self._page.images, self._page.limits.images
        match = _DATA_IMAGE.match(source)
        if match and len(images) >= most:
            self._page.limits_reached["images"] = most
        elif match:
            with suppress(ValueError):  # not valid base64
                data = base64.b64decode(source[match.end() :])
                locator = self._page.locate(node if place.block is not None else None)
                images.append(Image(len(self._page.blocks), data, locator))

    def _read_table(self, table: LexborNode) -> None:
        """Add a table without inner tables, after its captions as paragraphs; nothing of it, or of a row, if hidden."""
        page = self._page
        if look_of("table", table, table.attributes, page.doubtful).is_hidden:
            return
        for caption in table.css("caption"):
            if text := " ".join(caption.text().split()):
                self.blocks.append(Paragraph(text, page.locate(table)))
        rows: list[list[TableCell]] = []
        for row in (row for section in _sections(table) for row in section.iter() if row.tag == "tr"):
            if page.cells > page.limits.cells:
                page.limits_reached["cells"] = page.limits.cells
                break
            look = look_of("tr", row, row.attributes, page.doubtful)
            if not look.is_hidden:
                rows.append(list(self._read_row(row, is_doubtful=look.is_doubtful)))
        if cells := place_spanned_rows(rows):
            self.blocks.append(Table(cells))

    def _read_row(self, row: LexborNode, *, is_doubtful: bool) -> Iterator[TableCell]:
        """Yield the displayed cells of a row, without positions. ``is_doubtful``: a style may hide the row."""
        for node in row.iter():
            tag, attributes = node.tag or "", node.attributes
            if tag not in ("td", "th"):
                continue
            self._page.cells += 1
            look = look_of(tag, node, attributes, self._page.doubtful)
            if look.is_hidden and "display" in (attributes.get("style") or "").lower():
                continue  # the cells after it move up
            locator, only = self._page.locate(node), node.first_child
            if look is PLAIN and only is not None and only.tag == "-text" and only.next is None:  # true of most cells
                text = " ".join(node.text().split())
                yield TableCell(0, 0, *spans_of(attributes), text, locator, not (text and is_doubtful))
            else:
                yield self._read_cell(node, locator, is_doubtful=is_doubtful)

    def _read_cell(self, node: LexborNode, locator: dict[str, object], *, is_doubtful: bool) -> TableCell:
        """Return a cell with its paragraphs as lines; hidden text is left out unless the cell has no other."""
        inner = _Walk(self._page, [])
        inner.read(node, _Place(None))
        lines = [one for one in inner.blocks if isinstance(one, Paragraph)]
        printed = "\n".join([one.text for one in lines])
        text = printed or " ".join("".join(inner.hidden_texts).split()) or UNREAD * inner.has_picture
        is_unseen = not printed and bool(inner.hidden_texts)
        visible = not text or not (is_unseen or inner.is_doubtful or is_doubtful)
        linked = 2 * sum([len(one.text) for one in lines if one.linked]) > len(text)
        return TableCell(0, 0, *spans_of(node.attributes), text, locator, visible, linked=linked)


def _sections(table: LexborNode | None) -> list[LexborNode]:
    """Return the sections of a table, which the parser adds where the source has none."""
    return [] if table is None else [one for one in table.iter() if one.tag in {"thead", "tbody", "tfoot"}]


def spans_of(attributes: Attributes) -> tuple[int, int]:
    """Return how many rows (0: all that follow) and columns a cell spans."""
    return _span(attributes.get("rowspan")), _span(attributes.get("colspan")) or 1


def _span(text: str | None) -> int:
    """Return how many rows or columns the attribute of a cell names; 1 if it is missing or no plain number."""
    return min(int(text), MAX_SPAN) if text and text.isdecimal() and len(text) < 7 else 1
