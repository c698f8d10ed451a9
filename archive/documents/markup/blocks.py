"""One walk over the page: its text without blanks, where each element stands in it, its blocks in reading order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from archive.documents.grid import columns_each
from archive.documents.markup.flow import Cell, Raw, RawTable, RawText, cell_text, gaps_in, tidy
from archive.documents.markup.grids import BoxGrid, rows_of
from archive.documents.markup.scan import SKIPPED, Element, Scan, text_in
from archive.documents.markup.tables import TableRow, cells_of, holder, is_layout, own_rows, own_text, span, strays_in
from archive.documents.markup.vocabulary import Vocabulary, vocabulary
from archive.documents.pages import UNREAD, Limits
from archive.findings import finding
from storage.records import Finding

BLOCKS = vocabulary().blocks | vocabulary().containers
_OF_TABLES = frozenset(("tr", "td", "th"))
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_GLUED = re.compile(r"^(\s*[-+]?[\d,.]*\s*)(?=[一二三四五六][、.．])")
_FIGURE = re.compile(r"[\d.,]{1,20}")
_UNREADABLE = ("img", "svg", "canvas", "iframe", "object", "embed", "video", "math", "button")  # shown, but no text
_SHOWN = frozenset(_UNREADABLE)
_PLACES = frozenset(("p", "div", "li", "dd", "dt", "section"))  # blank ones take as much room as those with a figure
_PICTURED = 5  # cells of the shortest row of figures without a label
_FEW_CELLS = 60  # a table of no more is walked into, since it may hold what the page says about itself
_SEVERAL = 2  # filled cells that make a table in a cell more than a frame
_FEW_TEXTS = 8  # filled cells up to which a table in a last cell is that cell's: others may have been swallowed
_LONG_CELL = 40  # characters from which the last cell may have swallowed the text behind the table


class BlockReader:
    """Walks elements of one page and collects blocks, within the limits; fills the scan's text, spans and links."""

    def __init__(self, scan: Scan, vocabulary: Vocabulary, limits: Limits) -> None:
        self.findings: list[Finding] = []
        self._scan = scan
        self._vocabulary = vocabulary
        self._limits = limits
        self._grids: Mapping[Element, BoxGrid | None] = {}
        self._cells = 0
        self._tables = 0
        self._at = 0
        self._pieces: list[str] = []

    def page(self) -> list[Raw]:
        """All blocks of the page; its text and spans are known afterwards."""
        scan = self._scan
        scan.spans.clear()
        scan.links.clear()
        self._at = self._cells = self._tables = 0
        self._pieces = []
        blocks = self._walk(scan.root, 0)
        scan.text = "".join(self._pieces)
        return blocks

    def blocks(self, element: Element, grids: Mapping[Element, BoxGrid | None] | None = None) -> list[Raw]:
        """The blocks of one element, read anew: text and spans of the page stay as they were.

        ``grids``: the first row of a table made without <table> → the table; its other rows → None.
        """
        scan = self._scan
        spans, links, at, pieces = dict(scan.spans), list(scan.links), self._at, self._pieces
        self._tables = self._cells = 0
        self._pieces = []
        self._grids = grids or {}
        blocks = self._walk(element, 0)
        self._grids = {}
        scan.spans, scan.links, self._at, self._pieces = spans, links, at, pieces
        return blocks

    def _walk(self, top: Element, depth: int) -> list[Raw]:
        """Blocks below ``top``. ``depth`` counts tables in tables only."""
        flow = _Flow(self._at, self._pieces)
        starts: list[int] = []
        spans, hidden = self._scan.spans, self._scan.hidden
        walker = etree.iterwalk(top, events=("start", "end"))
        for event, element in walker:
            tag = element.tag
            if event == "start":
                at = flow.at
                starts.append(at)
                spans[element] = (at, at)
                if tag in BLOCKS:
                    flow.open(element, tag)
                    self._at = at
                    if (found := self._closed_blocks(element, tag, depth, top)) is not None:
                        flow.add_blocks(found, self._at)
                        walker.skip_subtree()
                        continue
                elif tag == "a":
                    flow.link(element)
                elif tag in SKIPPED or element in hidden:
                    walker.skip_subtree()
                    continue
                elif tag in _SHOWN:
                    flow.fresh = False
                if text := element.text:
                    flow.add(text)
                continue
            begin = starts.pop()
            spans[element] = (begin, flow.at)
            if tag in BLOCKS:
                flow.close(tag)
            elif tag == "a":
                flow.unlink(element)
                self._scan.links.append((begin, flow.at))
            if element is not top and (text := element.tail):
                flow.add(text)
        flow.flush()
        self._at = flow.at
        return flow.blocks

    def _closed_blocks(self, element: Element, tag: str, depth: int, top: Element) -> list[Raw] | None:
        """The blocks of an element that is not to be walked into; None for one that is."""
        if element in self._scan.hidden:
            return []
        if tag == "table":
            return self._table(element, depth)
        if self._grids and element in self._grids:
            grid = self._grids[element]
            return [] if grid is None else self._grid(grid)
        return [] if depth and tag in _OF_TABLES and element is not top and _is_stray(element) else None

    def _table(self, table: Element, depth: int) -> list[Raw] | None:
        """The table, and behind it what stood in its cells without belonging there; None if it is mere layout."""
        if depth >= self._limits.depth:
            return None
        hidden = self._scan.hidden
        nested = next(table.iterdescendants("table"), None) is not None
        regular = None if nested else cells_of(table, hidden)
        rows = own_rows(table, hidden) if regular is None else regular
        text_of = own_text if regular is None else text_in
        texts = [[text_of(cell) if len(cell) else cell.text or "" for cell in row.cells] for row in rows]
        if is_layout(rows, texts, self._vocabulary, nested=nested):
            return None
        if self._tables >= self._limits.tables or self._cells >= self._limits.cells:
            self._cells_cut()
            return []
        self._tables += 1
        blocks = self._caption(table)
        raw = RawTable(self._at, self._at, [], table)
        blocks.append(raw)
        blocks += self._fill(raw, rows, texts, depth, regular=regular is not None)
        raw.end = self._at
        return blocks

    def _fill(
        self, raw: RawTable, rows: Sequence[TableRow], texts: Sequence[Sequence[str]], depth: int, *, regular: bool
    ) -> list[Raw]:
        """Read the cells of a table into ``raw``; what stood in them without belonging there."""
        behind: list[Raw] = []
        few = sum([len(row.cells) for row in rows]) <= _FEW_CELLS
        last = rows[-1].cells[-1] if rows[-1].cells else None
        pictured = next(raw.element.iter(*_UNREADABLE), None) is not None
        plain = regular and not few and not pictured
        for row, line in zip(rows, texts, strict=True):
            if plain and row is not rows[-1] and self._cells + len(line) <= self._limits.cells:
                raw.rows.append(self._plain(row, line))  # nearly all
                continue
            cells: list[Cell] = []
            raw.rows.append(cells)
            for cell, text in zip(row.cells, line, strict=True):
                if self._cells >= self._limits.cells:
                    self._cells_cut()
                    break
                self._cells += 1
                begin = self._at
                rowspan, colspan = _spans(cell)
                parts = text.split() if text else ()
                if not parts:
                    printed = UNREAD if pictured and len(cell) and self._is_unread(cell, line) else ""
                elif cell is last or (not regular and _is_deep(cell)):
                    printed, rest = self._last(cell, text, depth) if cell is last else self._cell(cell, depth + 1)
                    if inner := _one_row(printed, rest, rowspan, colspan):
                        cells += inner
                        continue
                    behind += rest
                elif len(parts) == 1:
                    printed = parts[0]
                    self._pieces.append(printed)
                    self._at += len(printed)
                else:
                    printed = self._print(text, parts)
                printed += self._beside(printed, cell, line) if pictured and len(cell) else ""
                if few:
                    self._scan.spans[cell] = (begin, self._at)
                cells.append(Cell(printed, rowspan, colspan, cell))
        return behind

    def _plain(self, row: TableRow, line: Sequence[str]) -> list[Cell]:
        """The cells of a row that hold text and nothing else; where each begins in the page's text nobody asks."""
        compact = "".join("".join(line).split())
        self._pieces.append(compact)
        self._at += len(compact)
        self._cells += len(line)
        return [Cell(cell_text(text), *_spans(cell), cell) for cell, text in zip(row.cells, line, strict=True)]

    def _is_unread(self, cell: Element, line: Sequence[str]) -> bool:
        """Whether a cell without text shows what is no text: a picture, a page of its own.

        In a row with some, or in one of figures that are all such: a few of them only make room.
        """
        hidden, ignored = self._scan.hidden, self._vocabulary.ignored_images
        if len(line) < _PICTURED and not any(text and not text.isspace() for text in line):
            return False
        strays = strays_in(cell)
        for element in cell.iterdescendants(*_UNREADABLE):
            if element.tag == "img" and (
                ignored.search(element.get("src") or "") or element.get("width") in ("0", "1")
            ):
                continue
            around = (element, *element.iterancestors()) if hidden or strays else ()
            if not any(e in hidden or e in strays for e in around):
                return True
        return False

    def _beside(self, printed: str, cell: Element, line: Sequence[str]) -> str:
        """What is to be said of a picture beside digits, which may be one."""
        return UNREAD if _FIGURE.fullmatch(printed) and self._is_unread(cell, line) else ""

    def _print(self, text: str, parts: Sequence[str]) -> str:
        """The text of a cell as shown, added to the page's; ``parts`` are its pieces between blanks."""
        compact = parts[0] if len(parts) == 1 else "".join(parts)
        self._pieces.append(compact)
        self._at += len(compact)
        return compact if len(parts) == 1 else "\n".join(tidy(text))

    def _last(self, cell: Element, text: str, depth: int) -> tuple[str, list[Raw]]:
        """The last cell of a table, which may have swallowed what stands behind it."""
        parts = text.split()
        if len(cell) and (sum(map(len, parts)) > _LONG_CELL or _is_deep(cell)):
            return self._cell(cell, depth + 1, swallowing=True)
        begin = self._at
        printed = self._print(text, parts)
        if len(printed) <= 8:
            return printed, []
        printed, heading = self._unglued(printed)
        return printed, [RawText(begin, self._at, heading, 0, cell)] if heading else []

    def _grid(self, grid: BoxGrid) -> list[Raw]:
        """A table made without <table>."""
        start = self._at
        for row in grid.rows:
            for cell in row:
                self._cells += 1
                self._print("", cell.text.split())
        self._tables += 1
        return [rows_of(grid, start, self._at)]

    def _caption(self, table: Element) -> list[Raw]:
        caption = next(table.iterchildren("caption"), None)
        return [] if caption is None else self._walk(caption, self._limits.depth)

    def _cell(self, cell: Element, depth: int, *, swallowing: bool = False) -> tuple[str, list[Raw]]:
        """Text of a cell, and the blocks that do not belong to it (tables within; what an unclosed cell swallowed)."""
        lines: list[str] = []
        rest: list[Raw] = []
        for block in self._walk(cell, depth):
            if swallowing and rest:
                rest.append(block)
            elif isinstance(block, RawTable):
                texts = [inner.text for row in block.rows for inner in row if inner.text]
                if len(texts) < _SEVERAL:  # it shows what a cell would
                    lines += texts
                    continue
                if not swallowing or len(texts) <= _FEW_TEXTS:
                    lines.append(UNREAD)  # which of them are this cell's figure nobody said
                rest.append(block)
            else:
                for number, line in enumerate(block.lines):
                    text, heading = self._unglued(line) if swallowing else (line, [])
                    if text:
                        lines.append(text)
                    if heading:
                        heading += block.lines[number + 1 :]
                        rest.append(RawText(block.start, block.end, heading, block.level, block.holder))
                        break
        return "\n".join(lines), rest

    def _unglued(self, text: str) -> tuple[str, list[str]]:
        """Split "57 四、政府信息公开行政复议…" into the figure and the heading that an unclosed cell swallowed."""
        first, *more = text.split("\n")
        match = _GLUED.match(first)
        if match is not None:
            heading = first[match.end() :]
            if self._vocabulary.heading.match("".join(heading.split())):
                return match.group(1).strip(), [heading, *more]
        return text, []

    def _cells_cut(self) -> None:
        if not any(one.code == "limit_reached" for one in self.findings):
            self.findings.append(finding("limit_reached", bound="cells", expected=self._limits.cells))


def _spans(cell: Element) -> tuple[int, int]:
    """Rows and columns of a cell; rowspan 0 means down to the last row."""
    names = cell.keys()
    if not names:
        return 1, 1
    rowspan = span(cell.get("rowspan"), lowest=0) if "rowspan" in names else 1
    return rowspan, span(cell.get("colspan")) if "colspan" in names else 1


def _leads_elsewhere(link: Element) -> bool:
    """Whether an <a> leads to another page or file: not an anchor, and not to a place of this page."""
    address = (link.get("href") or "").strip()
    return (bool(address) and address[0] != "#") or "onclick" in link.attrib


def _one_row(printed: str, behind: Sequence[Raw], rowspan: int, colspan: int) -> list[Cell]:
    """The cells of a table that is nothing but the row of the cell it stands in, over as many columns; else none."""
    if printed.strip(UNREAD) or len(behind) != 1 or not isinstance(behind[0], RawTable):
        return []
    rows = [row for row in behind[0].rows if row]
    if len(rows) != 1:
        return []
    times = columns_each(sum(cell.colspan for cell in rows[0]), colspan)
    return [Cell(cell.text, rowspan, cell.colspan * times, cell.element) for cell in rows[0]] if times else []


def _is_deep(cell: Element) -> bool:
    """Whether tables or rows are nested in a cell: then it must be walked through."""
    return bool(len(cell)) and next(cell.iterdescendants("table", "tr", "td", "th"), None) is not None


def _is_stray(element: Element) -> bool:
    """A row or cell that begins in a cell whose block was never closed: its table has it already."""
    around = holder(element)
    return around is not None and around.tag in ("td", "th")


class _Flow:
    """Text that runs on until a block begins or ends. ``fresh``: nothing came since a block began."""

    __slots__ = (
        "at", "blanks", "blocks", "buffer", "fresh", "holders", "leading", "leads", "linked", "linking", "pieces",
        "pre", "start",
    )  # fmt: skip

    def __init__(self, at: int, pieces: list[str]) -> None:
        self.blocks: list[Raw] = []
        self.buffer: list[str] = []
        self.holders: list[tuple[Element, int]] = []  # open block elements with their heading level
        self.pieces = pieces
        self.at = self.start = at
        self.linking = self.linked = self.leading = 0
        self.leads: list[str] = []  # texts of the links that lead elsewhere, since the block began
        self.pre = 0
        self.blanks = 0  # blocks without anything in them since the last with text
        self.fresh = False

    def open(self, element: Element, tag: str) -> None:
        """A block begins."""
        self.flush()
        self.holders.append((element, _HEADINGS.get(tag, 0)))
        self.pre += tag == "pre"
        self.fresh = True

    def close(self, tag: str) -> None:
        """A block ends."""
        self.flush()
        if self.fresh:
            self.blanks += tag in _PLACES
            self.fresh = False
        self.holders.pop()
        self.pre -= tag == "pre"

    def add_blocks(self, blocks: list[Raw], at: int) -> None:
        """Blocks that were read by themselves, up to a place of the page's text."""
        if blocks:
            self.blocks += blocks
            self.blanks = 0
        self.fresh = False
        self.at = self.start = at

    def add(self, text: str) -> None:
        """Text as it stands in the source."""
        parts = text.split()
        if parts:
            compact = parts[0] if len(parts) == 1 else "".join(parts)
            self.buffer.append(text)
            self.pieces.append(compact)
            self.at += len(compact)
            if self.linking:
                self.linked += len(compact)
                if self.leading:
                    self._lead(compact)
        elif self.buffer or self.pre:
            self.buffer.append(text)

    def link(self, element: Element) -> None:
        """An <a> begins."""
        self.linking += 1
        if _leads_elsewhere(element):
            self.leading += 1
            self.leads.append("")

    def unlink(self, element: Element) -> None:
        """An <a> ends."""
        self.linking -= 1
        if self.leading and _leads_elsewhere(element):
            self.leading -= 1

    def _lead(self, compact: str) -> None:
        """Text of a link that leads elsewhere; one that holds blocks goes on in each of them."""
        if not self.leads:
            self.leads.append("")
        self.leads[-1] += compact

    def flush(self) -> None:
        """What has run up to here is a block."""
        if self.buffer:
            holder, level = self.holders[-1] if self.holders else (None, 0)
            text = "".join(self.buffer)
            self.buffer.clear()
            if self.pre:
                lines = text.strip("\n").split("\n")
                self.blocks.append(RawText(self.start, self.at, lines, level, holder, preformatted=True))
            elif lines := tidy(text):
                lines = ["\n".join(lines)] if level else lines
                gaps = gaps_in(text) if len(lines) > 1 else []
                behind = gaps.pop() if gaps else 0
                raw = RawText(self.start, self.at, lines, level, holder, blanks=self.blanks, gaps=gaps)
                if self.linked:
                    raw.linked, raw.leads = self.linked, tuple(filter(None, self.leads))
                self.blocks.append(raw)
                self.blanks = behind
            else:
                self.blanks = 0
            self.fresh = False
        self.start = self.at
        self.linked = 0
        if self.leads:
            self.leads = []
