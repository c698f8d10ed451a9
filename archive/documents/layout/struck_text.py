"""Characters crossed out: a thin line through their middle, no longer than they are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter

from archive.documents.layout.page_layout import Glyph, PageLayout, Ruling

_MIDDLE = 0.2  # of the height, above and below the middle of the box
_HUGGED = 0.8  # share of a stroke that must lie over characters: a ruling that happens to cross some is longer
_CROSSED = 0.5  # share of a character's width that a stroke must cover
_TALLEST = 60.0  # points; no running text is higher


def set_struck_aside(page: PageLayout) -> None:
    """Move the crossed-out characters of a page from ``glyphs`` to ``struck``, and forget the lines through them."""
    if not page.horizontal or not page.glyphs:
        return
    ordered = sorted(page.glyphs, key=attrgetter("y0"))
    tops = [g.y0 for g in ordered]
    heights = [g.y1 - g.y0 for g in ordered]
    reach, least = (0.5 + _MIDDLE) * min(_TALLEST, max(heights)), (0.5 - _MIDDLE) * max(0.0, min(heights))
    gone: set[int] = set()
    rulings: list[Ruling] = []
    at_height: dict[float, list[Glyph]] = {}  # rulings come in pieces, many at one height
    for stroke in page.horizontal:
        at = stroke.at
        near = at_height.get(at)
        if near is None:
            near = ordered[bisect_left(tops, at - reach) : bisect_right(tops, at - least)]
            near = [g for g in near if abs((g.y0 + g.y1) / 2 - at) <= _MIDDLE * (g.y1 - g.y0)]
            at_height[at] = near
        crossed = [g for g in near if _lies_over(stroke, g)] if near else near
        if crossed and _strikes_all(stroke, crossed):
            gone.update(map(id, crossed))
        else:
            rulings.append(stroke)
    if gone:
        page.struck = [g for g in page.glyphs if id(g) in gone]
        page.glyphs = [g for g in page.glyphs if id(g) not in gone]
        page.horizontal = rulings


def _lies_over(stroke: Ruling, glyph: Glyph) -> bool:
    over = min(stroke.end, glyph.x1) - max(stroke.start, glyph.x0)
    return over >= _CROSSED * (glyph.x1 - glyph.x0) and over > 0


def _strikes_all(stroke: Ruling, crossed: list[Glyph]) -> bool:
    """Whether a stroke lies over characters nearly all along, with gaps for no more than blanks."""
    at, over = stroke.start, 0.0
    for glyph in sorted(crossed, key=attrgetter("x0")):
        blank = 0.7 * (glyph.y1 - glyph.y0)
        start = max(glyph.x0, at)
        if start - at <= blank:
            start = at
        end = min(glyph.x1, stroke.end)
        over += max(0.0, end - start)
        at = max(at, end)
    return over >= _HUGGED * (stroke.end - stroke.start)
