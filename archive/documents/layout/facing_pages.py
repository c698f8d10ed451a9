"""Two pages on one sheet: the left one is read before the right one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from archive.documents.layout.page_layout import Glyph, PageLayout, Ruling
from archive.documents.layout.text_lines import rows_of

_WIDER = 1.15  # than high
_MIDDLE = 0.06  # of the width: how far from the middle the gutter may be
_GUTTER = 20.0  # points
_LINES = 8  # on each side
_WORDY = 0.6  # share of the lines on each side that have words: of a wide table only the labels' side has
_LONG, _PROSE = 10, 3  # ideographs of a line of text, and such lines on each side: a wide table has them on one
_WORD = re.compile("[\u3400-\u9fff]")


def leaves(page: PageLayout) -> list[PageLayout]:
    """The two pages of a spread, or the page alone."""
    width, height = page.right - page.left, page.bottom - page.top
    if width < _WIDER * height or len(page.glyphs) < 2 * _LINES:
        return [page]
    at = _gutter(page.glyphs, (page.left + page.right) / 2, _MIDDLE * width)
    if at is None or any(s.start < at - 1 and s.end > at + 1 for s in page.horizontal):
        return [page]
    left, right = ([g for g in page.glyphs if (g.x0 < at) == side] for side in (True, False))
    if not (_wordy(left) and _wordy(right)):
        return [page]
    return [_half(page, page.left, at, left), _half(page, at, page.right, right)]


def _gutter(glyphs: Sequence[Glyph], middle: float, off: float) -> float | None:
    """The middle of the widest stretch near the middle of the page that nothing is printed on."""
    edge = middle - off - _GUTTER
    best: tuple[float, float] | None = None
    for x0, x1 in [*sorted((g.x0, g.x1) for g in glyphs), (middle + off + _GUTTER, 0.0)]:
        at = (edge + x0) / 2
        if x0 - edge >= _GUTTER and abs(at - middle) <= off and (best is None or x0 - edge > best[0]):
            best = x0 - edge, at
        edge = max(edge, x1)
    return best[1] if best else None


def _wordy(glyphs: Sequence[Glyph]) -> bool:
    rows = rows_of(glyphs)
    words = [sum(_WORD.match(g.text) is not None for g in row) for row in rows]
    long = sum(count >= _LONG for count in words)
    return len(rows) >= _LINES and sum(count > 1 for count in words) >= _WORDY * len(rows) and long >= _PROSE


def _half(page: PageLayout, left: float, right: float, glyphs: list[Glyph]) -> PageLayout:
    def inside(stroke: Ruling) -> bool:
        return left - 1 <= stroke.start and stroke.end <= right + 1

    return replace(
        page,
        left=left,
        right=right,
        glyphs=glyphs,
        horizontal=[s for s in page.horizontal if inside(s)],
        vertical=[s for s in page.vertical if left - 1 <= s.at <= right + 1],
        struck=[g for g in page.struck if left <= g.cx <= right],
    )
