"""Find the lines, paragraphs and tables of one page, in reading order."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from archive.documents.layout.page import Box, Glyph, PageContent, enclose
from archive.documents.layout.ruled_grids import Grid, Region, find_grids
from archive.documents.model import Paragraph, TableCell

CROSSING = 0.25  # of a glyph's size: one that reaches further over an edge of its cell is printed across the ruling
CLOSE = 0.12  # of a glyph's height: digits as close as this belong to one figure
LOW_CONFIDENCE = 0.9  #: text recognised with less is doubted
SAME_LINE = 0.5  # of the lower one's height: a glyph that overlaps a line by this much belongs to it
BLANK_GAP = 0.3  # of the line's height: a wider gap is a space
COLUMN_GAP = 1.5  # of the line's height: a wider gap separates columns
INDENT = 1.2  # of the line's height: a line that begins further right begins a paragraph
MARGIN = 2.5  # of the line's height: a line that ends further from the right margin ends a paragraph
LEADING = 2.2  # of the line's height: the greatest distance between lines of one paragraph
HEADING = re.compile(r"[一二三四五六七八九十]{1,2}、")  # begins a paragraph, even if the line above is full


@dataclass(slots=True)
class GlyphLine:
    """Glyphs of one line, from left to right. In its text a tab marks a gap between columns."""

    glyphs: list[Glyph]
    box: Box
    text: str

    @property
    def height(self) -> float:
        """Return the height of the line."""
        return self.box[3] - self.box[1]

    @property
    def has_columns(self) -> bool:
        """Return whether a wide gap divides the line into columns."""
        return "\t" in self.text


def build_lines(glyphs: Iterable[Glyph]) -> list[GlyphLine]:
    """Group glyphs into lines, from top to bottom: those that overlap enough in height are on one line."""
    groups: list[tuple[list[Glyph], float, float]] = []
    line: list[Glyph] = []
    top = bottom = 0.0
    for glyph in sorted(glyphs, key=lambda glyph: glyph.y0 + glyph.y1):
        y0, y1 = glyph.y0, glyph.y1
        if line and y0 == top and y1 == bottom:
            line.append(glyph)
        elif line and min(bottom, y1) - max(top, y0) >= SAME_LINE * min(bottom - top, y1 - y0):
            line.append(glyph)
            top, bottom = min(top, y0), max(bottom, y1)
        else:
            groups.append((line, top, bottom))
            line, top, bottom = [glyph], y0, y1
    return [_line(*group) for group in (*groups, (line, top, bottom)) if group[0]]


def _line(glyphs: list[Glyph], top: float, bottom: float) -> GlyphLine:
    """Join glyphs to a line of text, with a space for a wide gap and a tab for a gap between columns."""
    glyphs.sort(key=lambda glyph: glyph.x0)
    glyphs = [*glyphs[:1], *(glyph for before, glyph in pairwise(glyphs) if not _is_printed_again(before, glyph))]
    blank, column = BLANK_GAP * (bottom - top), COLUMN_GAP * (bottom - top)
    words: list[str] = []
    right = glyphs[0].x0
    for glyph in glyphs:
        gap = glyph.x0 - right
        if gap > blank and words:
            words.append("\t" if gap > column else " ")
        words.append(glyph.text)
        right = max(right, glyph.x1)
    return GlyphLine(glyphs, (glyphs[0].x0, top, right, bottom), "".join(words))


def _is_printed_again(before: Glyph, glyph: Glyph) -> bool:
    """Return whether a glyph is the one before it on its line, printed again to look bold (jsvine/pdfplumber#992)."""
    return glyph.text == before.text and glyph.x0 < before.cx


def text_of(glyphs: Iterable[Glyph]) -> str:
    """Return the text of the glyphs of one cell."""
    return "\n".join([line.text for line in build_lines(glyphs)]).replace("\t", " ")


def build_paragraphs(lines: Sequence[GlyphLine], page: PageContent, margins: tuple[float, float]) -> list[Paragraph]:
    """Join lines into paragraphs; ``margins`` are the left and right edge of the page's running text."""
    groups: list[list[GlyphLine]] = []
    for line in lines:
        if groups and runs_on(groups[-1][-1], line, margins) and line.box[1] > groups[-1][-1].box[1]:
            groups[-1].append(line)
        else:
            groups.append([line])
    paragraphs: list[Paragraph] = []
    for group in groups:
        box = enclose(corner for line in group for corner in (line.box[:2], line.box[2:]))
        locator = _locate(page, box, (glyph for line in group for glyph in line.glyphs))
        paragraphs.append(Paragraph("".join([line.text for line in group]), locator=locator))
    return paragraphs


def _locate(page: PageContent, box: Box, glyphs: Iterable[Glyph]) -> dict[str, object]:
    """Return the locator of a box, with the lowest confidence of its glyphs if they were recognised."""
    confidence = min([glyph.confidence for glyph in glyphs], default=1.0)
    return {**page.locate(box), **({"confidence": round(confidence, 3)} if confidence < 1.0 else {})}


def runs_on(upper: GlyphLine, lower: GlyphLine, margins: tuple[float, float]) -> bool:
    """Return whether a sentence continues from one line to the next: from the right margin to the left one."""
    left, right = margins
    height = max(upper.height, lower.height)
    is_full = upper.box[2] >= right - MARGIN * height and lower.box[0] <= left + INDENT * height
    is_near = lower.box[1] - upper.box[1] <= LEADING * height  # on the next page it stands higher
    return is_full and is_near and not upper.has_columns and not lower.has_columns and not HEADING.match(lower.text)


@dataclass(slots=True)
class PlacedTable:
    """A table with the x of its vertical grid lines and the number of its rows."""

    cells: list[TableCell]
    xs: tuple[float, ...]
    rows: int
    box: Box


Item = PlacedTable | list[GlyphLine]  #: a table, or the lines between two tables


def lay_out(page: PageContent) -> list[Item]:
    """Return the tables of a page and the lines between them, from top to bottom, without invisible text in lines."""
    grids = sorted(find_grids(page.horizontal, page.vertical), key=lambda grid: _area(grid.box))
    inside: list[list[Glyph]] = [[] for _ in grids]
    outside: list[Glyph] = []
    boxes = [(*grid.box, content) for grid, content in zip(grids, inside, strict=True)]
    for glyph in page.glyphs:
        x, y = glyph.cx, glyph.cy
        for left, top, right, bottom, content in boxes:
            if left <= x <= right and top <= y <= bottom:
                content.append(glyph)
                break
        else:
            if glyph.visible:
                outside.append(glyph)
    tables = [_fill(page, grid, glyphs) for grid, glyphs in zip(grids, inside, strict=True) if glyphs]
    items: list[Item] = []
    lines = sorted(build_lines(outside), key=lambda line: line.box[1])
    for table in sorted(tables, key=lambda table: table.box[1]):
        count = sum(line.box[1] <= table.box[1] for line in lines)
        items += [lines[:count], table]
        lines = lines[count:]
    return [item for item in (*items, lines) if item]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _fill(page: PageContent, grid: Grid, glyphs: Sequence[Glyph]) -> PlacedTable:
    """Put glyphs into the cells of a grid by their centres; doubt cells if a figure runs across a ruling."""
    number_at = {
        square: number
        for number, (row, col, rowspan, colspan) in enumerate(grid.regions)
        for square in product(range(row, row + rowspan), range(col, col + colspan))
    }
    contents: list[list[Glyph]] = [[] for _ in grid.regions]
    rows, cols = grid.ys[1:-1], grid.xs[1:-1]
    for glyph in glyphs:
        row, col = bisect_right(rows, glyph.cy), bisect_right(cols, glyph.cx)
        contents[number_at[row, col]].append(glyph)
    astray = _cells_with_split_figures(contents)
    cells = [
        _cell(page, region, grid.box_of(region), inside, is_astray=number in astray)
        for number, (region, inside) in enumerate(zip(grid.regions, contents, strict=True))
    ]
    return PlacedTable(cells, grid.xs, len(grid.ys) - 1, grid.box)


def _cells_with_split_figures(contents: Sequence[Sequence[Glyph]]) -> set[int]:
    """Return the numbers of cells that share a figure: digits close together on a line, with a ruling between."""
    digits = [(glyph, number) for number, cell in enumerate(contents) for glyph in cell if glyph.text[-1:].isdecimal()]
    digits.sort(key=lambda item: (round(item[0].cy), item[0].x0))
    numbers: set[int] = set()
    for (left, one), (right, other) in pairwise(digits):
        height = left.y1 - left.y0
        is_close = abs(left.cy - right.cy) < 0.3 * height and abs(right.x0 - left.x1) < CLOSE * height
        if one != other and is_close:
            numbers |= {one, other}
    return numbers


def _cell(page: PageContent, region: Region, box: Box, glyphs: list[Glyph], *, is_astray: bool) -> TableCell:
    """Return a cell; its text is doubted if it crosses a ruling (``is_astray``: it shares a figure) or was recognised
    unsurely.
    """
    is_astray = is_astray or any(_crosses_edge(glyph, box) for glyph in glyphs)
    is_unsure = any(glyph.confidence < LOW_CONFIDENCE for glyph in glyphs)
    doubts = ("label_doubt",) * is_astray + ("low_confidence",) * is_unsure
    visible_glyphs = [glyph for glyph in glyphs if glyph.visible]
    text = text_of(visible_glyphs or glyphs)
    is_visible = len(visible_glyphs) == len(glyphs)
    return TableCell(*region, text, _locate(page, box, glyphs), is_visible, doubts=doubts)


def _crosses_edge(glyph: Glyph, box: Box) -> bool:
    """Return whether a glyph reaches over an edge of its cell; the blank margin of its box is allowed for."""
    across, down = CROSSING * (glyph.x1 - glyph.x0), 1.2 * CROSSING * (glyph.y1 - glyph.y0)
    return (
        glyph.x0 < box[0] - across or glyph.x1 > box[2] + across or glyph.y0 < box[1] - down or glyph.y1 > box[3] + down
    )
