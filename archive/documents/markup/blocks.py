"""Content → paragraphs and tables in reading order, without recursion over the page's own nesting."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.documents.findings import limit_reached
from archive.documents.grid import RawCell, RawRow, joined, lay_out
from archive.documents.markup.content import BLOCKS
from archive.documents.markup.paths import Paths
from archive.documents.markup.scan import SKIPPED, Element, Scan, hidden
from archive.documents.markup.tables import Row, is_layout, own_rows, span
from archive.documents.markup.vocabulary import Vocabulary
from archive.documents.pages import Limits, Paragraph, Table
from storage.records import Finding

Block = Paragraph | Table

_BLANKS = re.compile(r"[ \t\r\n\f]+")
_SEAM = re.compile(r" *\x1e[ \x1e]*")  # \x1e: blanks with a line end, which between two Chinese characters are nothing
_SPACES = re.compile(r" {2,}")
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\U00020000-\U0003ffff]")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_STRUCK = frozenset(("del", "s", "strike"))
_GLUED = re.compile(r"^(\s*[-+]?[\d,.]*\s*)(?=[一二三四五六][、.．])")
_CSS_CELLS = 20_000  # a locator is for people: no page they look at has more cells


def tidy(text: str) -> str:
    """Blanks as a browser shows them: runs are one, none at line ends, none where a source line breaks Chinese."""
    if "\x1e" in text:
        text = _SEAM.sub(_seam, text)
    text = _SPACES.sub(" ", text)
    if "\n" not in text:
        return text.strip()
    return "\n".join(line.strip() for line in text.split("\n")).strip()


def _seam(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    if start == 0 or end == len(text):
        return ""
    return "" if _WIDE.match(text[start - 1]) and _WIDE.match(text[end]) else " "


def _blank(match: re.Match[str]) -> str:
    return "\x1e" if "\n" in match.group() else " "


class BlockReader:
    """Walks elements of one page and collects blocks, within the limits."""

    def __init__(
        self, scan: Scan, vocabulary: Vocabulary, limits: Limits, left_out: frozenset[Element], *, script: bool = False
    ) -> None:
        self._base: dict[str, object] = {"script": True} if script else {}
        self.findings: list[Finding] = []
        self._scan = scan
        self._vocabulary = vocabulary
        self._limits = limits
        self._left_out = left_out
        self._paths = Paths(scan.ids)
        self._cells = 0
        self._tables = 0

    def read(self, element: Element) -> list[Block]:
        """The blocks of an element, adjoining halves of a cut table joined."""
        return _rejoined(self._walk(element, 0))

    def path(self, element: Element) -> str:
        """The CSS path of an element of this page."""
        return self._paths.of(element)

    def _walk(self, top: Element, depth: int) -> list[Block]:
        """Blocks below ``top``. ``depth`` counts tables in tables only."""
        flow = _Flow(self._paths, self._base)
        flow.open(top)
        flow.text(top.text)
        stack: list[tuple[Element, Iterator[Element]]] = [(top, iter(top))]
        while stack:
            parent, children = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                if stack:
                    flow.close(parent)
                    flow.text(parent.tail)
                continue
            if self._enter(child, flow, depth):
                stack.append((child, iter(child)))
            else:
                flow.text(child.tail)
        flow.flush()
        return flow.blocks

    def _enter(self, child: Element, flow: _Flow, depth: int) -> bool:
        """Whether to walk into ``child``; what is no container is dealt with here."""
        tag = child.tag
        if not isinstance(tag, str) or tag in SKIPPED or tag in _STRUCK or child in self._left_out:
            return False
        if tag == "br":
            flow.line()
            return False
        if tag == "input":
            if child.get("type", "text").lower() in ("text", "number"):
                flow.text(child.get("value"))
            return False
        if tag == "sup":
            flow.raised(self._scan.text_of(child))
            return False
        if tag == "table":
            rows = own_rows(child)
            if depth < self._limits.depth and not is_layout(self._scan, rows, self._vocabulary):
                flow.flush()
                flow.blocks.extend(self._table(child, rows, depth + 1))
                return False
        elif "style" in child.attrib and hidden(child) and self._scan.size(child) < 200:
            return False
        flow.open(child)
        flow.text(child.text)
        return True

    def _table(self, table: Element, rows: list[Row], depth: int) -> list[Block]:
        """The table, and behind it what stood in its cells without belonging there."""
        if self._tables >= self._limits.tables or self._cells >= self._limits.cells:
            self._limit("表格单元格数", "cells", self._limits.cells)
            return []
        self._tables += 1
        raw: list[RawRow] = []
        behind: list[Block] = []
        last = rows[-1].cells[-1] if rows[-1].cells else None
        for row in rows:
            cells: list[RawCell] = []
            raw.append(RawRow(cells))
            for cell in row.cells:
                if self._cells >= self._limits.cells:
                    self._limit("表格单元格数", "cells", self._limits.cells)
                    break
                self._cells += 1
                text, rest = self._cell(cell, depth, swallowing=cell is last)
                behind += rest
                css = self._paths.of(cell) if self._cells <= _CSS_CELLS else ""
                cells.append(RawCell(text, span(cell, "rowspan"), span(cell, "colspan"), self._locator(css)))
        return [*self._caption(table), lay_out(raw, locator=self._locator(self._paths.of(table))), *behind]

    def _locator(self, css: str) -> dict[str, object]:
        return {**self._base, "css": css} if css else self._base

    def _caption(self, table: Element) -> list[Block]:
        caption = next((c for c in table.iterchildren("caption") if self._scan.size(c)), None)
        return [] if caption is None else self._walk(caption, self._limits.depth)

    def _cell(self, cell: Element, depth: int, *, swallowing: bool) -> tuple[str, list[Block]]:
        """Text of a cell, and the blocks that do not belong to it (tables within; what an unclosed cell swallowed)."""
        if len(cell) == 0:
            text = tidy(_BLANKS.sub(_blank, cell.text)) if cell.text else ""
            return self._unglued(text) if swallowing and len(text) > 8 else (text, [])
        lines: list[str] = []
        rest: list[Block] = []
        for block in self._walk(cell, depth):
            if swallowing and rest:
                rest.append(block)
            elif isinstance(block, Table):
                if block.rows == block.cols == 1:
                    lines.append(block.cells[0].text)
                else:
                    rest.append(block)
            else:
                text, heading = self._unglued(block.text) if swallowing else (block.text, [])
                if heading:
                    rest += heading
                if text:
                    lines.append(text)
        return "\n".join(lines), rest

    def _unglued(self, text: str) -> tuple[str, list[Block]]:
        """Split "57 四、政府信息公开行政复议…" into the figure and the heading that an unclosed cell swallowed."""
        first, *more = text.split("\n", 1)
        match = _GLUED.match(first)
        if match is not None:
            heading = first[match.end() :]
            if self._vocabulary.heading.match("".join(heading.split())):
                return match.group(1).strip(), [Paragraph(text="\n".join([heading, *more]))]
        return text, []

    def _limit(self, zh: str, en: str, limit: int) -> None:
        if not any(finding.code == "limit_reached" for finding in self.findings):
            self.findings.append(limit_reached(zh, en, limit))


class _Flow:
    """Text that runs on until a block begins or ends."""

    def __init__(self, paths: Paths, base: dict[str, object]) -> None:
        self.blocks: list[Block] = []
        self._paths = paths
        self._base = base
        self._buffer: list[str] = []
        self._holder: list[tuple[Element, int]] = []  # open block elements with their heading level
        self._pre = 0

    def text(self, text: str | None) -> None:
        """Text as it stands in the source."""
        if text:
            self._buffer.append(text if self._pre else _BLANKS.sub(_blank, text))

    def line(self) -> None:
        """A <br>."""
        self._buffer.append("\n")

    def raised(self, text: str) -> None:
        """A superscript, kept apart from a figure before it: 3¹ is not 31."""
        if text:
            before = self._buffer[-1][-1:] if self._buffer else ""
            self._buffer.append(f"[{text}]" if not before or before.isdigit() or before.isspace() else text)

    def open(self, element: Element) -> None:
        """An element begins."""
        if element.tag in BLOCKS:
            self.flush()
            self._holder.append((element, _HEADINGS.get(str(element.tag), 0)))
            self._pre += element.tag == "pre"

    def close(self, element: Element) -> None:
        """An element ends."""
        if element.tag in BLOCKS:
            self.flush()
            self._holder.pop()
            self._pre -= element.tag == "pre"

    def flush(self) -> None:
        """What has run up to here is a block."""
        if not self._buffer:
            return
        text = "".join(self._buffer)
        self._buffer.clear()
        text = text.expandtabs(4).strip("\n") if self._pre and "\t" not in text else text
        text = text if self._pre else tidy(text)
        if not text.strip():
            return
        holder, level = self._holder[-1] if self._holder else (None, 0)
        locator = dict(self._base)
        if holder is not None and (path := self._paths.of(holder)):
            locator["css"] = path
        lines = [text] if level or "\n" not in text else [line for line in text.split("\n") if line.strip()]
        self.blocks += [Paragraph(text=line, heading=level, locator=locator) for line in lines]


def _rejoined(blocks: list[Block]) -> list[Block]:
    """Two tables of the same four or more columns with nothing between them are one that an editor cut."""
    done: list[Block] = []
    for block in blocks:
        before = done[-1] if done else None
        if isinstance(block, Table) and isinstance(before, Table) and before.cols == block.cols >= 4:
            done[-1] = joined(before, block)
        else:
            done.append(block)
    return done
