"""Glyphs → lines of text → paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.documents.layout.page import Box, Glyph, Page, enclose
from archive.documents.model import Locator, Paragraph

SAME_LINE = 0.5  # of the lower one's height: a glyph that overlaps a line so far stands in it
BLANK_GAP = 0.3  # of the line's height: a wider gap is a blank
COLUMN_GAP = 1.5  # of the line's height: a wider gap parts columns
INDENT = 1.2  # of the line's height: a first line begins further right than the lines after it
ORPHAN = 1.6  # of the line's height: so short a line is the last character of the one above, in a centred title too
MARGIN = 2.5  # of the line's height: a line that goes on reaches the right margin as near as this
SAME_SIZE = 0.45  # of the larger line's height: bold type has other boxes
LEADING = 2.2  # of the line's height: lines of one paragraph are no further apart
HEADING = re.compile(r"[一二三四五六七八九十]{1,2}、")  # begins a paragraph, also where the line above is full


@dataclass(slots=True)
class Line:
    """Glyphs of one line, from left to right. In its text a tab stands where a gap parts columns."""

    glyphs: list[Glyph]
    box: Box
    text: str

    @property
    def height(self) -> float:
        """Return the height of the line."""
        return self.box[3] - self.box[1]

    @property
    def has_columns(self) -> bool:
        """Return whether a wide gap parts the line."""
        return "\t" in self.text


def build_lines(glyphs: Iterable[Glyph]) -> list[Line]:
    """Return the lines that glyphs form, from top to bottom."""
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


def _line(glyphs: list[Glyph], top: float, bottom: float) -> Line:
    glyphs.sort(key=lambda glyph: glyph.x0)
    blank, column = BLANK_GAP * (bottom - top), COLUMN_GAP * (bottom - top)
    words: list[str] = []
    right = glyphs[0].x0
    for glyph in glyphs:
        gap = glyph.x0 - right
        if gap > blank and words:
            words.append("\t" if gap > column else " ")
        words.append(glyph.text)
        right = max(right, glyph.x1)
    return Line(glyphs, (glyphs[0].x0, top, right, bottom), "".join(words))


def text_of(glyphs: Iterable[Glyph]) -> str:
    """Return the text of glyphs that stand in one cell."""
    return "\n".join([line.text for line in build_lines(glyphs)]).replace("\t", " ")


def build_paragraphs(lines: Sequence[Line], page: Page, margins: tuple[float, float]) -> list[Paragraph]:
    """Join lines that run on; ``margins`` are the left and right edge of the page's running text."""
    groups: list[list[Line]] = []
    for line in lines:
        if groups and runs_on(groups[-1][-1], line, margins) and line.box[1] > groups[-1][-1].box[1]:
            groups[-1].append(line)
        else:
            groups.append([line])
    return [
        Paragraph(
            "".join(line.text for line in group),
            locator=_locate(page, group),
        )
        for group in groups
    ]


def _locate(page: Page, lines: Sequence[Line]) -> Locator:
    """Return where a paragraph stands, and how surely it was read where it was recognised."""
    place = page.locate(enclose(corner for line in lines for corner in (line.box[:2], line.box[2:])))
    confidence = min(glyph.confidence for line in lines for glyph in line.glyphs)
    return place if confidence == 1.0 else {**place, "confidence": round(confidence, 3)}


def runs_on(upper: Line, lower: Line, margins: tuple[float, float], *, over_pages: bool = False) -> bool:
    """Whether a sentence goes on from one line to the next."""
    left, right = margins
    height = max(upper.height, lower.height)
    near = over_pages or lower.box[1] - upper.box[1] <= LEADING * height
    same_size = abs(upper.height - lower.height) <= SAME_SIZE * height
    reaches = upper.box[2] >= right - MARGIN * height
    flush = lower.box[0] <= left + INDENT * height or lower.box[2] - lower.box[0] <= ORPHAN * height
    in_one_column = flush and not upper.has_columns and not lower.has_columns
    return near and same_size and reaches and in_one_column and not HEADING.match(lower.text)
