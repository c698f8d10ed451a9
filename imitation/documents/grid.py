"""Shared by the document writers: printed tables row by row, and the layout of paragraphs and tables on pages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from archive.forms.printer import PrintedCell, PrintedTable
from imitation.wording import Block, SectionHeading


def rows_of(table: PrintedTable) -> list[list[PrintedCell]]:
    """Return the cells that begin in each row, from left to right."""
    rows: list[list[PrintedCell]] = [[] for _ in range(table.rows)]
    for cell in sorted(table.cells, key=lambda cell: cell.col):
        rows[cell.row].append(cell)
    return rows


def shares(table: PrintedTable) -> list[float]:
    """Return each column's share of the width, by its longest unmerged text, within limits."""
    wants = [3.0] * table.cols
    for cell in table.cells:
        if cell.colspan == 1:
            wants[cell.col] = max(wants[cell.col], min(len(cell.text), 14 if cell.rowspan == 1 else 4))
    total = sum(wants)
    return [want / total for want in wants]


def plain_table(rows: Sequence[Sequence[str]]) -> PrintedTable:
    """Return a table without merged cells."""
    cells = tuple(PrintedCell(row=r, col=c, text=text) for r, row in enumerate(rows) for c, text in enumerate(row))
    return PrintedTable(key="", rows=len(rows), cols=max(map(len, rows)), cells=cells)


def wrapped(text: str, width: float, advance: Callable[[str], float]) -> list[str]:
    """Return lines of at most ``width``; ``advance`` gives a character's width. The text's own line breaks are kept."""
    lines: list[str] = []
    for part in text.split("\n"):
        line, line_width = "", 0.0
        for character in part:
            step = advance(character)
            if line and line_width + step > width:
                lines.append(line)
                line, line_width = "", 0.0
            line += character
            line_width += step
        lines.append(line)
    return lines


@dataclass(frozen=True, kw_only=True)
class GridSizes:
    """Sizes on a page, in the unit of the format.

    ``gap``, ``below``: space above and below a table. ``least``: if less room than this is left and not one row fits, a
    table begins on the next page.
    """

    width: float
    height: float
    margin: float
    size: float
    leading: float
    cell_size: float
    cell_leading: float
    pad: float
    gap: float
    below: float
    least: float


@dataclass
class _Plan:
    """The layout of a table: x of its column edges, row heights, and the wrapped text of its cells."""

    edges: list[float]
    heights: list[float]
    lines: dict[PrintedCell, list[str]] = field(default_factory=dict)


class Pages(ABC):
    """Sets blocks on pages from top to bottom; subclasses draw and measure characters."""

    heading_indent = 0

    def __init__(self, measures: GridSizes) -> None:
        self.measures = measures
        self.y = 0.0

    @abstractmethod
    def advance(self, character: str, size: float) -> float:
        """Return the width of a character."""

    @abstractmethod
    def write(self, text: str, x: float, y: float, size: float) -> None:
        """Write text whose base line begins at ``x``, ``y``."""

    @abstractmethod
    def box(self, x0: float, y0: float, x1: float, y1: float, *, open_above: bool, open_below: bool) -> None:
        """Draw the edges of a cell; an open one continues on the page before or after."""

    @abstractmethod
    def end_part(self) -> None:
        """Finish the part of a table on the current page."""

    @abstractmethod
    def base_line(self, lines: int, y0: float, y1: float) -> float:
        """Return the base line of the first of ``lines`` lines in a cell."""

    @abstractmethod
    def next_page(self) -> None:
        """Begin a new page."""

    def add(self, blocks: Iterable[Block]) -> None:
        """Set headings, paragraphs and tables in order."""
        for block in blocks:
            if isinstance(block, PrintedTable):
                self.table(block)
            elif isinstance(block, SectionHeading):
                self.paragraph(block.text, indent=self.heading_indent)
            else:
                self.paragraph(block)

    def paragraph(self, text: str, *, indent: int = 2, centred: bool = False) -> None:
        """Set a paragraph; ``indent``: of its first line, in characters."""
        sizes = self.measures
        width, advance = sizes.width - 2 * sizes.margin, partial(self.advance, size=sizes.size)
        first = wrapped(text, width - indent * sizes.size, advance)[0]
        rest = wrapped(text[len(first) :].removeprefix("\n"), width, advance) if len(first) < len(text) else []
        for number, line in enumerate([first, *rest]):
            if self.y + sizes.leading > sizes.height - sizes.margin:
                self.next_page()
            self.y += sizes.leading
            x = sizes.margin + (indent * sizes.size if number == 0 else 0)
            self.write(line, self._centred_x(line, 0, sizes.width, sizes.size) if centred else x, self.y, sizes.size)

    def table(self, table: PrintedTable) -> None:
        """Draw a table row by row, on as many pages as needed."""
        sizes, plan, start = self.measures, self._measure_table(table), 0
        while start < table.rows:
            end, top = start, self.y + sizes.gap
            room = sizes.height - sizes.margin - top
            while end < table.rows and sum(plan.heights[start : end + 1]) <= room:
                end += 1
            if end == start and room < sizes.least:
                self.next_page()
                continue
            end = max(end, start + 1)
            self._draw_part(table, plan, start, end, top)
            self.y = top + sum(plan.heights[start:end]) + sizes.below
            start = end
            if start < table.rows:
                self.next_page()

    def _measure_table(self, table: PrintedTable) -> _Plan:
        sizes = self.measures
        edges = [sizes.margin]
        for share in shares(table):
            edges.append(edges[-1] + share * (sizes.width - 2 * sizes.margin))
        plan = _Plan(edges, [sizes.cell_leading + 2 * sizes.pad] * table.rows)
        for cell in sorted(table.cells, key=lambda cell: cell.rowspan):
            room = edges[cell.col + cell.colspan] - edges[cell.col] - 2 * sizes.pad
            plan.lines[cell] = lines = wrapped(cell.text, room, partial(self.advance, size=sizes.cell_size))
            spanned_height = sum(plan.heights[cell.row : cell.row + cell.rowspan])
            plan.heights[cell.row] += max(0.0, len(lines) * sizes.cell_leading + 2 * sizes.pad - spanned_height)
        return plan

    def _draw_part(self, table: PrintedTable, plan: _Plan, start: int, end: int, top: float) -> None:
        """Draw the rows from ``start`` up to ``end`` (exclusive); text of a merged cell continues on the next page."""
        sizes, tops = self.measures, [top]
        for height in plan.heights[start:end]:
            tops.append(tops[-1] + height)
        for cell in table.cells:
            first, last = max(cell.row, start), min(cell.row + cell.rowspan, end)
            if first >= last:
                continue
            x0, x1 = plan.edges[cell.col], plan.edges[cell.col + cell.colspan]
            y0, y1 = tops[first - start], tops[last - start]
            above, below = first == start > 0, last == end < table.rows
            self.box(x0, y0, x1, y1, open_above=above, open_below=below)
            lines = plan.lines[cell]
            fitting = max(1, int((y1 - y0 - 2 * sizes.pad + 0.1) / sizes.cell_leading)) if last == end else len(lines)
            y = self.base_line(len(lines[:fitting]), y0, y1)
            for line in lines[:fitting]:
                self.write(line, self._centred_x(line, x0, x1, sizes.cell_size), y, sizes.cell_size)
                y += sizes.cell_leading
            plan.lines[cell] = lines[fitting:]
        self.end_part()

    def _centred_x(self, line: str, x0: float, x1: float, size: float) -> float:
        return (x0 + x1 - sum(self.advance(character, size) for character in line)) / 2
