"""Words and figures by their places, where tables are printed without rulings: what they are, the form's labels tell.

Rows and columns that geometry alone leaves open (labels of several lines, figures at another height than their labels)
can be told by whoever knows the labels: ``archive.parser.unruled``.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from archive.documents.layout.page_blocks import PageBlocks, PlacedTable, looks_tabular
from archive.documents.layout.page_furniture import furniture_of
from archive.documents.layout.page_layout import Glyph, PageLayout
from archive.documents.layout.ruled_grids import join_strokes
from archive.documents.layout.text_lines import Line, mark_raised
from archive.documents.pages import PositionedText, PositionedWord

_LEVEL = 0.25  # heights by which the middles of characters of one line differ at most
_GAP = 0.25  # heights between two digits that parts figures
_WORD_GAP = 0.08  # and words: ideographs touch, and cells may nearly do so
_HIGH = 0.6  # of the usual height: what is lower stands somewhere in its line
_OVER = 0.45  # of the width: characters over each other
_SEAM = 1.0  # heights of the type between the last line of a page and the first of the next
_DASHED = re.compile(r"^[-—–―·•~]{1,6}\d{1,4}[-—–―·•~]{1,6}$")
_EDGE = 0.09  # of a page's height: its margins
_STACKED = re.compile(r"\n-?\d[\d,.]*$|\n-?\d[\d,.]*\n|^-?\d[\d,.]*\n")  # a figure on one of several lines
_ROW = re.compile(r"(?:^|\s)\d[\d,.]*(?: +[-—\d][\d,.]*){2,}")  # figures beside each other in one cell
_SIDE_BY_SIDE = 2  # such cells in one row
_SIGNS = "增减"  # words that belong to the figure behind them


def positioned_text(pages: Sequence[PageBlocks]) -> PositionedText | None:
    """What stands on the pages of a document; None if all its tables seem to be ruled."""
    if not any(_has_open_tables(page, ()) for page in pages):
        return None
    margins = furniture_of(list(pages))
    if not any(_has_open_tables(page, furniture) for page, furniture in zip(pages, margins, strict=True)):
        return None
    pieces: list[PositionedWord] = []
    across: list[tuple[float, float, float]] = []
    down: list[tuple[float, float, float]] = []
    tops: list[_Top] = []
    edge = 0.0
    for blocks, furniture in zip(pages, margins, strict=True):
        own = _pieces(blocks, furniture)
        if not own:
            continue
        page = blocks.page
        size = sorted(p.y1 - p.y0 for p in own)[len(own) // 2]
        shift = edge - own[0].y0
        for piece in own:
            piece.y0, piece.y1 = piece.y0 + shift, piece.y1 + shift
        pieces += own
        top, bottom = edge - _SEAM * size / 2, max(p.y1 for p in own) + _SEAM * size / 2
        edge = bottom + _SEAM * size / 2
        across += [(min(max(s.at + shift, top), bottom), s.start, s.end) for s in join_strokes(page.horizontal)]
        down += [(s.at, s.start + shift, s.end + shift) for s in join_strokes(page.vertical)]
        tops.append(_Top(own[0].page, shift, page))
    return PositionedText(tuple(pieces), tuple(across), tuple(down), _PointPlaces(tuple(tops)))


class _Top(NamedTuple):
    """By how much the places of a page were shifted down, below those of the pages before it."""

    number: int
    shift: float
    page: PageLayout


@dataclass(frozen=True, slots=True)
class _PointPlaces:
    """Places in points of the pages."""

    tops: tuple[_Top, ...]

    def locator(self, page: int, x0: float, y0: float, x1: float, y1: float) -> Mapping[str, object]:
        """Give page and box."""
        top = next(top for top in self.tops if top.number == page)
        return {"page": page, "box": top.page.box(x0, y0 - top.shift, x1, y1 - top.shift)}


def _has_open_tables(blocks: PageBlocks, furniture: Sequence[Line]) -> bool:
    """Whether a page has tables of which not all rows and columns are ruled, what stands in its margins aside."""
    tables = [item for item in blocks.items if isinstance(item, PlacedTable)]
    if any(not item.table.ruled or _holds_several(item) for item in tables):
        return True
    lines = (item for item in blocks.items if isinstance(item, Line) and not any(item is line for line in furniture))
    return any(map(looks_tabular, lines))


def _holds_several(placed: PlacedTable) -> bool:
    """Whether rows of figures stand in the cells of one row of a ruled table."""
    lines = [cell for cell in placed.table.cells if "\n" in cell.text]
    deep = [cell.row for cell in lines if _STACKED.search(cell.text)]
    return any(deep.count(row) >= _SIDE_BY_SIDE for row in set(deep)) or any(_ROW.search(cell.text) for cell in lines)


def _pieces(blocks: PageBlocks, furniture: Sequence[Line]) -> list[PositionedWord]:
    """The pieces of a page in reading order, without those of its furniture."""
    page = blocks.page
    ruled = [i for i in blocks.items if isinstance(i, PlacedTable) and i.table.ruled and not _holds_several(i)]
    bounds = [(line.x0, line.y0 - 0.1, line.x1, line.y1 + 0.1) for line in furniture]
    glyphs = [
        g
        for g in mark_raised(page.glyphs)
        if not g.turn and not any(x0 <= g.cx <= x1 and y0 <= g.cy <= y1 for x0, y0, x1, y1 in bounds)
    ]
    found = [piece for row in _levels(glyphs) for piece in _split_line(row, page)]
    for piece in found:
        piece.ruled = any(t.xs[0] <= piece.x0 and piece.x1 <= t.xs[-1] and t.top <= piece.cy <= t.bottom for t in ruled)
    found.sort(key=lambda piece: (piece.cy, piece.x0))
    return _without_number(found, page)


@dataclass(slots=True)
class _Row:
    """Glyphs at one height; ``y0``, ``y1``: of the high ones among them."""

    glyphs: list[Glyph]
    y0: float
    y1: float


def _levels(glyphs: Sequence[Glyph]) -> list[_Row]:
    """Glyphs whose middles are at one height. Some fonts tell a box for 一 that is hardly higher than its stroke."""
    if not glyphs:
        return []
    heights = sorted(g.y1 - g.y0 for g in glyphs)
    least = _HIGH * heights[len(heights) // 2]
    rows: list[_Row] = []
    for glyph in sorted((g for g in glyphs if g.y1 - g.y0 >= least), key=lambda g: g.y0 + g.y1):
        last = rows[-1].glyphs[0] if rows else None
        if last is not None and glyph.cy - last.cy <= _LEVEL * min(glyph.height, last.height):
            row = rows[-1]
            row.glyphs.append(glyph)
            row.y0, row.y1 = min(row.y0, glyph.y0), max(row.y1, glyph.y1)
        else:
            rows.append(_Row([glyph], glyph.y0, glyph.y1))
    middles = [(row.y0 + row.y1) / 2 for row in rows]
    for glyph in [g for g in glyphs if g.y1 - g.y0 < least]:
        at = bisect_left(middles, glyph.cy)
        near = min((n for n in (at - 1, at) if 0 <= n < len(middles)), key=lambda n: abs(middles[n] - glyph.cy))
        if rows[near].y0 <= glyph.cy <= rows[near].y1:
            rows[near].glyphs.append(glyph)
        else:
            rows.append(_Row([glyph], glyph.y0, glyph.y1))
    return rows


def _split_line(row: _Row, page: PageLayout) -> list[PositionedWord]:
    """The pieces of a line: parted at gaps, and figures from words."""
    row.glyphs.sort(key=lambda g: g.x0)
    height = row.y1 - row.y0
    parts: list[list[Glyph]] = []
    odd: set[int] = set()  # parts with characters over each other
    for glyph in row.glyphs:
        before = parts[-1][-1] if parts else None
        if before is not None:
            gap = glyph.x0 - before.x1
            over = -gap > _OVER * min(glyph.x1 - glyph.x0, before.x1 - before.x0)
            if over and glyph.text == before.text:
                continue  # printed twice to look bold
            if gap <= _gap(before.text, glyph.text) * height:
                if over and glyph.text.isdecimal() and before.text.isdecimal():
                    odd.add(len(parts) - 1)
                parts[-1].append(glyph)
                continue
        parts.append([glyph])
    return [_piece(part, row, page, doubted=n in odd) for n, part in enumerate(parts)]


def _gap(before: str, text: str) -> float:
    """How far apart two characters of one piece are at most: a figure may touch the words of the cell before it."""
    if text[:1].isdecimal() and not before.isascii() and before not in _SIGNS:
        return -_OVER
    return _GAP if before.isascii() and text.isascii() else _WORD_GAP


def _piece(part: list[Glyph], row: _Row, page: PageLayout, *, doubted: bool) -> PositionedWord:
    x0, x1 = part[0].x0, max(g.x1 for g in part)
    y0, y1 = min(g.y0 for g in part), max(g.y1 for g in part)
    if y1 - y0 < _HIGH * (row.y1 - row.y0):
        y0, y1 = row.y0, row.y1
    where: dict[str, object] = {"page": page.number, "box": page.box(x0, y0, x1, y1)}
    unsure = itertools.chain(page.doubted, page.odd, page.sideways)
    if doubted or any(x0 <= g.cx <= x1 and y0 <= g.cy <= y1 for g in unsure):
        where["astray"] = True
    return PositionedWord("".join(g.text for g in part), x0, y0, x1, y1, page.number, where)


def _without_number(pieces: list[PositionedWord], page: PageLayout) -> list[PositionedWord]:
    """Pieces without a dashed page number in the margin, which a table beside it hides from the lines of the page."""
    edge = _EDGE * (page.bottom - page.top)
    outer = [p for p in pieces if not page.top + edge <= p.cy <= page.bottom - edge]
    gone: set[int] = set()
    for first in outer:
        line = [p for p in outer if abs(p.cy - first.cy) <= _LEVEL * (p.y1 - p.y0)]
        if _DASHED.match("".join(p.text for p in sorted(line, key=lambda p: p.x0))):
            gone.update(id(p) for p in line)
    return [p for p in pieces if id(p) not in gone] if gone else pieces
