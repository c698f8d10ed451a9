"""Glyphs → lines of text; lines → paragraphs, and columns where there are no rulings."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from archive.documents.ruled.page import Glyph

_WIDE = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\u2018-\u201d\u2026\u2014\U00020000-\U0003ffff]"
)
_COLUMN_GAP = 1.6  # in heights of the type: a wider gap parts columns


@dataclass(slots=True)
class Line:
    """A line of text; ``chunks`` are its parts between wide gaps, as (text, left, right)."""

    chunks: list[tuple[str, float, float]]
    x0: float
    y0: float
    x1: float
    y1: float
    height: float

    @property
    def text(self) -> str:
        """The line, with tabs where the gaps are wide."""
        return "\t".join(chunk[0] for chunk in self.chunks)


def lines_of(glyphs: Sequence[Glyph], *, columns: bool = True) -> list[Line]:
    """Lines from top to bottom. ``columns``: part a line at wide gaps (else a gap is a blank, however wide)."""
    rows: list[list[Glyph]] = []
    middle = 0.0
    for glyph in sorted(glyphs, key=lambda g: g.cy):
        if rows and abs(glyph.cy - middle) <= 0.5 * max(glyph.height, rows[-1][0].height) * 0.9:
            rows[-1].append(glyph)
            middle += (glyph.cy - middle) / len(rows[-1])
        else:
            rows.append([glyph])
            middle = glyph.cy
    return [_line(sorted(row, key=lambda g: g.x0), columns) for row in rows]


def _line(row: list[Glyph], columns: bool) -> Line:
    height = median(g.height for g in row)
    chunks: list[tuple[str, float, float]] = []
    text, left = row[0].text, row[0].x0
    for before, glyph in itertools.pairwise(row):
        gap = glyph.x0 - before.x1
        if columns and gap > _COLUMN_GAP * height:
            chunks.append((text, left, before.x1))
            text, left = glyph.text, glyph.x0
        else:
            text += (" " if _blank_between(before, glyph, gap, height) else "") + glyph.text
    chunks.append((text, left, row[-1].x1))
    return Line(chunks, row[0].x0, min(g.y0 for g in row), row[-1].x1, max(g.y1 for g in row), height)


def _blank_between(before: Glyph, glyph: Glyph, gap: float, height: float) -> bool:
    both = _WIDE.match(before.text) is not None and _WIDE.match(glyph.text) is not None
    if both:
        return gap > 0.6 * height
    return gap > 0.3 * height or (glyph.spaced and gap > 0.1 * height)


def cell_text(glyphs: Sequence[Glyph]) -> str:
    """Text of a cell, its lines parted by line ends."""
    return "\n".join(line.text for line in lines_of(glyphs, columns=False))


def runs_on(upper: Line, lower: Line, left: float, right: float) -> bool:
    """Whether ``lower`` continues the sentence of ``upper``: that fills its line and this begins at the margin."""
    if len(upper.chunks) > 1 or len(lower.chunks) > 1:
        return False
    size = max(upper.height, lower.height)
    full = upper.x1 >= right - 2.0 * size
    begins = lower.x0 <= left + 0.9 * size
    same = min(upper.height, lower.height) >= 0.85 * size
    return full and begins and same


def columns_of(lines: Sequence[Line]) -> list[tuple[float, float]] | None:
    """The columns that at least three lines share with the same number of chunks, or None if they are not certain."""
    count = len(lines[0].chunks)
    if count < 3 or len(lines) < 3 or any(len(line.chunks) != count for line in lines):
        return None
    spans = [(min(line.chunks[i][1] for line in lines), max(line.chunks[i][2] for line in lines)) for i in range(count)]
    apart = all(a[1] < b[0] for a, b in itertools.pairwise(spans))
    return spans if apart else None
