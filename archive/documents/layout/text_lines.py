"""Glyphs → lines of text → paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from archive.documents.layout.page import Box, Glyph, Page
from archive.documents.model import Locator, Paragraph

SAME_LINE = 0.5  # of the lower one's height: a glyph that overlaps a line so far stands in it
BLANK_GAP = 0.3  # of the line's height: a wider gap is a blank
COLUMN_GAP = 1.5  # of the line's height: a wider gap parts columns
INDENT = 1.2  # of the line's height: a first line begins further right than the lines after it
MARGIN = 2.5  # of the line's height: a line that goes on reaches the right margin as near as this
SAME_SIZE = 0.45  # of the larger line's height: bold type has other boxes
HEADING = re.compile(r"[一二三四五六七八九十]{1,2}、")  # begins a paragraph however full the line above it is
LEADING = 2.2  # of the line's height: lines of one paragraph are no further apart
HEADING = re.compile(r"[一二三四五六七八九十]{1,2}、")  # begins a paragraph, also where the line above is full


@dataclass(slots=True)
class Line:
    """Glyphs of one line, from left to right."""

    glyphs: list[Glyph]
    box: Box

    @property
    def height(self) -> float:
        """Return the height of the line."""
        return self.box[3] - self.box[1]

    def text(self, column_mark: str = " ") -> str:
        """Return the text; where a gap parts columns ``column_mark`` stands."""
        done, right = "", self.glyphs[0].x0
        for glyph in self.glyphs:
            gap = glyph.x0 - right
            if done and gap > COLUMN_GAP * self.height:
                done += column_mark
            elif done and gap > BLANK_GAP * self.height:
                done += " "
            done += glyph.text
            right = max(right, glyph.x1)
        return done


def build_lines(glyphs: Sequence[Glyph]) -> list[Line]:
    """Return the lines that glyphs form, from top to bottom."""
    groups: list[list[Glyph]] = []
    top = bottom = 0.0
    for glyph in sorted(glyphs, key=lambda glyph: glyph.y0 + glyph.y1):
        overlap = min(bottom, glyph.y1) - max(top, glyph.y0)
        if groups and overlap >= SAME_LINE * min(bottom - top, glyph.y1 - glyph.y0):
            groups[-1].append(glyph)
            top, bottom = min(top, glyph.y0), max(bottom, glyph.y1)
        else:
            groups.append([glyph])
            top, bottom = glyph.y0, glyph.y1
    return [_line(group) for group in groups]


def _line(glyphs: list[Glyph]) -> Line:
    glyphs.sort(key=lambda glyph: glyph.x0)
    return Line(glyphs, enclosing_box(glyphs))


def enclosing_box(glyphs: Sequence[Glyph]) -> Box:
    """Return the smallest box around all glyphs."""
    return (
        min(glyph.x0 for glyph in glyphs),
        min(glyph.y0 for glyph in glyphs),
        max(glyph.x1 for glyph in glyphs),
        max(glyph.y1 for glyph in glyphs),
    )


def has_columns(line: Line) -> bool:
    """Whether a wide gap parts the line."""
    return "\t" in line.text("\t")


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
            "".join(line.text("\t") for line in group),
            locator=_locate(page, [glyph for line in group for glyph in line.glyphs]),
        )
        for group in groups
    ]


def _locate(page: Page, glyphs: Sequence[Glyph]) -> Locator:
    """Return where a paragraph stands, and how surely it was read where it was recognised."""
    confidence = min(glyph.confidence for glyph in glyphs)
    place = page.locate(enclosing_box(glyphs))
    return place if confidence == 1.0 else {**place, "confidence": round(confidence, 3)}


def runs_on(upper: Line, lower: Line, margins: tuple[float, float], *, over_pages: bool = False) -> bool:
    """Whether a sentence goes on from one line to the next."""
    if HEADING.match(lower.text()):
        return False
    left, right = margins
    height = max(upper.height, lower.height)
    near = over_pages or lower.box[1] - upper.box[1] <= LEADING * height
    same_size = abs(upper.height - lower.height) <= SAME_SIZE * height
    reaches = upper.box[2] >= right - MARGIN * height
    flush = lower.box[0] <= left + INDENT * height
    in_one_column = flush and not has_columns(upper) and not has_columns(lower)
    return near and same_size and reaches and in_one_column and not HEADING.match(lower.text())
