"""Glyphs → lines of text; lines → paragraphs, and columns where there are no rulings."""

from __future__ import annotations

import itertools
import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from archive.documents.layout.page_layout import Glyph
from archive.documents.note_marks import bracket_mark, raised_as_printed

_WIDE = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\u2018-\u201d\u2026\u2014\U00020000-\U0003ffff]"
)
_LEFT, _RIGHT = attrgetter("x0"), attrgetter("x1")
_SEVERAL = re.compile(r"\d \d")  # two figures that stand too close for columns
_CIRCLED = frozenset("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")  # marks of notes
_MOST_RAISED = 2_000  # small digits of a page that are looked at
_SMALL = 0.8  # of the height of others: type of another size
_ODD = 0.7  # of the height of others: digits of one figure are not so small
_ABOVE = 0.05  # of its height by which a small character stands higher than the one before it
_RAISED = 0.15  # of the height, by which the foot of a note's mark stands above that of its figure
_LESS, _LIFTED = 0.9, 0.2  # the same of marks that browsers print: they are hardly smaller (5/6), and clearly raised
_SAME_LINE = 0.9  # of the height: twice the distance of middles within a line
_OVER = 0.45  # of the width and height: type that lies over other type
_ENDED = ("。", "！", "？", "；", "：", "!", "?", ";", ":")  # what ends a sentence, or a clause before a list
_HEADING = re.compile(r"\s*[一二三四五六七八九十]{1,2}\s?[、.．]")
_MIDDLE = 0.5  # of the height: twice the distance of the middles of two centred lines
_SPACED = 1.5  # heights between two lines of a title
_APART = ("(", "（", "[", "〔", "【", "—", "-", "－")  # what begins a line below a title that is none of it
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
    """Lines from top to bottom. ``columns``: part a line at wide gaps (else a gap is a blank, however wide).

    A character printed twice at nearly the same place (bold type is often made so) counts once.
    """
    return [_line(row, columns) for row in rows_of(glyphs)]


def mark_raised(glyphs: Sequence[Glyph], odd: list[Glyph] | None = None) -> list[Glyph]:
    """The glyphs of a page in the order of printing, small digits raised behind a figure told as such.

    Other digits far smaller than those they stand beside are added to ``odd``: they may be none of the figure.
    """
    done: list[Glyph] = []
    base: Glyph | None = None  # the last digit that stands on its line
    for glyph in glyphs:
        text = glyph.text
        if not text.isdecimal():
            if base is not None and text in _CIRCLED and _is_note(base, glyph) and _is_next(done[-1], glyph):
                done.append(replace(glyph, text=bracket_mark(text, "0")))
                continue
            base = None
        elif base is not None and _is_above(base, glyph) and _is_next(done[-1], glyph):
            done.append(
                replace(glyph, text=bracket_mark(text, "0") if _is_note(base, glyph) else raised_as_printed(text, "0"))
            )
            continue
        else:
            base = glyph  # one of a figure of its own, in smaller type, may stand higher as well
        done.append(glyph)
    return _mark_raised_by_place(done, odd)


def _mark_raised_by_place(glyphs: list[Glyph], odd: list[Glyph] | None) -> list[Glyph]:
    """The same with small digits told as raised that were printed at another time than the figure before them."""
    digits = [g for g in glyphs if g.text.isdecimal()]
    heights = sorted([g.y1 - g.y0 for g in digits])
    small = _SMALL * heights[len(heights) // 2] if heights else 0.0
    found = [g for g in digits if g.y1 - g.y0 < small][:_MOST_RAISED] if heights and heights[0] < small else []
    if not found:
        return glyphs
    lefts = sorted(digits, key=_RIGHT)
    rights = [g.x1 for g in lefts]
    reach = heights[len(heights) // 2]
    marks: dict[int, str] = {}
    for glyph in sorted(found, key=_LEFT):
        near = lefts[bisect_left(rights, glyph.x0 - reach) : bisect_left(rights, glyph.x0 + reach)]
        for base in near:
            goes_on = id(base) in marks and abs(base.cy - glyph.cy) < _ABOVE * (glyph.y1 - glyph.y0)
            if base is not glyph and _is_next(base, glyph) and (goes_on or _is_above(base, glyph)):
                bracketed = marks[id(base)][0] == "[" if goes_on else _is_note(base, glyph)
                marks[id(glyph)] = bracket_mark(glyph.text, "0") if bracketed else raised_as_printed(glyph.text, "0")
                break
    if odd is not None:
        for glyph in found:
            if id(glyph) not in marks:
                near = lefts[bisect_left(rights, glyph.x0 - reach) : bisect_left(rights, glyph.x1 + 2 * reach)]
                odd += [glyph] if any(_is_odd_beside(glyph, other) for other in near) else []
    return [replace(g, text=marks[id(g)]) if id(g) in marks else g for g in glyphs]


def _is_next(before: Glyph, glyph: Glyph) -> bool:
    """Whether a glyph stands right behind another: within half the height of the larger."""
    return -0.2 < (glyph.x0 - before.x1) / (max(before.y1 - before.y0, glyph.y1 - glyph.y0) or 1.0) < 0.5


def _is_odd_beside(glyph: Glyph, other: Glyph) -> bool:
    """Whether a digit far smaller than another stands on its line, near enough to be of the same figure."""
    height = other.y1 - other.y0
    if glyph.y1 - glyph.y0 >= _ODD * height or abs(glyph.cy - other.cy) > height:
        return False
    return -height < max(glyph.x0 - other.x1, other.x0 - glyph.x1) < height


def _is_above(base: Glyph, glyph: Glyph) -> bool:
    height = base.y1 - base.y0
    higher = base.y0 + base.y1 - glyph.y0 - glyph.y1 > 2 * _ABOVE * height
    if not higher or glyph.y1 <= base.y0:
        return False
    return glyph.y1 - glyph.y0 < _SMALL * height or _is_note(base, glyph)


def _is_note(base: Glyph, glyph: Glyph) -> bool:
    """Whether a glyph is superscript behind a digit: so small and so high as digits of one figure are not."""
    height = base.y1 - base.y0
    size, foot = glyph.y1 - glyph.y0, base.y1 - glyph.y1
    clear = (size < _ODD * height and foot > _RAISED * height) or (size < _LESS * height and foot > _LIFTED * height)
    return clear and glyph.y0 < base.cy


def rows_of(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """The glyphs of each line, in no order within it."""
    rows: list[list[Glyph]] = []
    row: list[Glyph] = []
    middle = reach = 0.0
    for cy, _, glyph in sorted([(g.y0 + g.y1, n, g) for n, g in enumerate(glyphs)]):
        height = glyph.y1 - glyph.y0
        if row and abs(cy - middle) <= _SAME_LINE * (height if height > reach else reach):
            row.append(glyph)
            middle += (cy - middle) / len(row)
        else:
            row = [glyph]
            rows.append(row)
            middle, reach = cy, height
    return rows


def _line(row: list[Glyph], columns: bool) -> Line:
    row.sort(key=_LEFT)
    heights = sorted([g.y1 - g.y0 for g in row])
    height = heights[len(row) // 2]
    near, parted = 0.1 * height, (_COLUMN_GAP if columns else math.inf) * height
    chunks: list[tuple[str, float, float]] = []
    before = row[0]
    left, parts = before.x0, [before.text]
    for glyph in row[1:]:
        gap = glyph.x0 - before.x1
        if gap > near:
            if gap > parted:
                chunks.append(("".join(parts), left, before.x1))
                left, parts = glyph.x0, []
            elif _blank_between(before, glyph, gap, height):
                parts.append(" ")
        elif gap < -near and glyph.text == before.text and _is_printed_twice(before, glyph):
            continue
        parts.append(glyph.text)
        before = glyph
    chunks.append(("".join(parts), left, before.x1))
    return Line(chunks, row[0].x0, min([g.y0 for g in row]), before.x1, max([g.y1 for g in row]), height)


def _is_printed_twice(before: Glyph, glyph: Glyph) -> bool:
    size = 0.2 * (glyph.y1 - glyph.y0)
    return abs(glyph.x0 - before.x0) < size and abs(glyph.y0 - before.y0) < size


def _blank_between(before: Glyph, glyph: Glyph, gap: float, height: float) -> bool:
    both = _WIDE.match(before.text[-1:]) is not None and _WIDE.match(glyph.text[:1]) is not None
    if both:
        return gap > 0.6 * height
    return gap > 0.3 * height or glyph.spaced


def cell_text(glyphs: Sequence[Glyph]) -> str:
    """Text of a cell, its lines parted by line ends; of a cell printed sideways, in the order in which it is read."""
    if len(glyphs) == 1:
        return glyphs[0].text
    if any(g.turn for g in glyphs):
        return "\n".join(line.text for turn in range(4) for line in turned_lines(glyphs, turn))
    return "\n".join([line.chunks[0][0] for line in lines_of(glyphs, columns=False)])


def overdrawn(glyphs: Sequence[Glyph]) -> bool:
    """Whether two different digits, or marks, of a cell stand over each other: what is seen there is neither."""
    for n, one in enumerate(glyphs):
        width, height = one.x1 - one.x0, one.y1 - one.y0
        for other in glyphs[:n]:
            across = min(one.x1, other.x1) - max(one.x0, other.x0)
            if across <= 0 or across <= _OVER * min(width, other.x1 - other.x0):
                continue
            down = min(one.y1, other.y1) - max(one.y0, other.y0)
            if down > _OVER * min(height, other.y1 - other.y0) and not (
                one.text == other.text and _is_printed_twice(other, one)
            ):
                return True
    return False


def turned_lines(glyphs: Sequence[Glyph], turn: int) -> list[Line]:
    """The lines among ``glyphs`` that run ``turn`` quarter turns off, each in one chunk at its place on the page."""
    own = [_unturned(g) for g in glyphs if g.turn == turn]
    lines = lines_of(own, columns=False)
    for line in lines if turn else ():
        x0, y0, x1, y1 = line.x0, line.y0, line.x1, line.y1
        if turn == 1:
            x0, y0, x1, y1 = y0, -x1, y1, -x0
        elif turn == 2:
            x0, y0, x1, y1 = -x1, -y1, -x0, -y0
        else:
            x0, y0, x1, y1 = -y1, x0, -y0, x1
        line.x0, line.y0, line.x1, line.y1 = x0, y0, x1, y1
        line.chunks = [(line.text, x0, x1)]
    return lines


def _unturned(g: Glyph) -> Glyph:
    """A glyph as it stands for who turns his head."""
    if g.turn == 1:  # runs upwards
        return Glyph(g.text, -g.y1, g.x0, -g.y0, g.x1, g.spaced)
    if g.turn == 2:
        return Glyph(g.text, -g.x1, -g.y1, -g.x0, -g.y0, g.spaced)
    if g.turn == 3:
        return Glyph(g.text, g.y0, -g.x1, g.y1, -g.x0, g.spaced)
    return g


def runs_on(upper: Line, lower: Line, left: float, right: float) -> bool:
    """Whether ``lower`` continues the sentence of ``upper``: that fills its line and this begins at the margin.

    So does the rest of a centred title. A line that begins in the right half is set there (内部资料 above a title), and
    no sentence that fills it. A numbered heading (二、…) behind a sentence that has ended continues nothing.
    """
    if len(upper.chunks) > 1 or len(lower.chunks) > 1:
        return False
    size = max(upper.height, lower.height)
    if upper.x1 < right - 2.0 * size or min(upper.height, lower.height) < 0.85 * size or upper.x0 > (left + right) / 2:
        return False
    ended = upper.text.rstrip().endswith(_ENDED)
    if lower.x0 > left + 0.9 * size:
        return not ended and _is_centred_rest(upper, lower, left, right, size)
    return not (ended and _HEADING.match(lower.text))


def _is_centred_rest(upper: Line, lower: Line, left: float, right: float, size: float) -> bool:
    """Whether ``lower`` stands below the middle of a line that fills the page and cannot hold another character."""
    filled = upper.x0 <= left + size and upper.x1 >= right - size
    centred = abs(upper.x0 + upper.x1 - lower.x0 - lower.x1) <= _MIDDLE * size
    near = lower.y0 - upper.y1 <= _SPACED * size
    return filled and centred and near and not lower.text.startswith(_APART)


def columns_of(lines: Sequence[Line]) -> list[tuple[float, float]] | None:
    """The columns that at least three lines share with the same number of chunks, or None if they are not certain."""
    count = len(lines[0].chunks)
    if count < 3 or len(lines) < 3 or any(len(line.chunks) != count for line in lines):
        return None
    if any(_SEVERAL.search(text) for line in lines for text, _, _ in line.chunks):
        return None
    spans = [(min(line.chunks[i][1] for line in lines), max(line.chunks[i][2] for line in lines)) for i in range(count)]
    apart = all(a[1] < b[0] for a, b in itertools.pairwise(spans))
    return spans if apart else None
