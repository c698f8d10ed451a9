"""Watermarks and seals: text in another ink that lies over the text of a page, or across the rulings of its tables.

What leans was left out before; this is what stands upright. Figures in another ink that lie over nothing stay. In the
document's own ink only what is printed in far larger type is known for a mark.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from archive.documents.contrast import BLACK, RGB, brightness
from archive.documents.layout.page_layout import MARKS, Glyph, PageLayout

_SHARE = 0.15  # of all characters that a document's own ink has at least
_LEVEL = 0.3  # heights by which characters of one line are off each other
_GAP = 1.2  # heights between two characters of one run
_NEAR = 4.0  # and between runs of one mark
_ALIKE = 0.2  # of the height: type of one size
_INNER = 0.2  # of a box: so much at each side holds no ink
_BIG = 1.6  # times the height of a document's own type
_FAINT = 150  # of 255: lighter ink is that of a mark, if its words return on other pages
_PALE = 130  # of 255: ink so light stands out from dark text
_BRIGHT = 90  # of 255: by so much the parts of a bright colour differ
_SAME = 3.0  # points by which what returns may be off
_LONG = 8  # digits that are no figure but the number of a seal
_TILED = 5  # times that a mark is laid over a document: a number laid over it as often (张三 8812) is no figure
_SAMPLE = 5  # of so many characters one tells the size of a document's type
_MOST = 20_000  # characters in other inks that are looked at


@dataclass(slots=True)
class _Run:
    """Characters of one ink beside each other. ``lies``: over text of the document's ink, or across rulings."""

    page: int
    glyphs: list[Glyph]
    text: str = ""
    lies: bool = False
    sealed: bool = False
    foreign: bool = False

    @property
    def worded(self) -> bool:
        """Whether it has letters."""
        return any(character.isalpha() for character in self.text)

    @property
    def height(self) -> float:
        """The size of its type."""
        return self.glyphs[0].height


@dataclass(slots=True)
class Overlaid:
    """What was left out: the numbers of its pages, and what it says."""

    pages: list[int] = field(default_factory=list)
    text: str = ""


def without_overlaid(pages: Sequence[PageLayout]) -> Overlaid:
    """Leave out what was laid over the pages of a document, and doubt figures that may be."""
    done = Overlaid()
    inks: Counter[RGB] = Counter()
    for page in pages:
        for glyph in page.glyphs:
            inks[glyph.ink] += len(glyph.text)
    own = _own_ink(inks)
    _leave_large(pages, own, done)
    if len(inks) < 2:
        return done
    if sum(inks.values()) - inks[own] > _MOST:
        return done
    sizes = _sizes(pages, [[glyph for glyph in page.glyphs if glyph.ink == own] for page in pages])
    runs = [run for at, page in enumerate(pages) for run in _runs(page, at, own)]
    for at, page in enumerate(pages):
        _look(page, [run for run in runs if run.page == at], [g for g in page.glyphs if g.ink == own])
    often = {ink for ink, count in inks.items() if count >= _SHARE * sum(inks.values())}
    _judge(runs, sizes, often)
    for at, page in enumerate(pages):
        gone = {id(g) for run in runs if run.page == at and run.foreign for g in run.glyphs}
        if gone:
            _leave_out(page, gone, "".join(run.text for run in runs if run.page == at and run.foreign), done)
    marks = {run.glyphs[0].ink for run in runs if run.foreign}
    for run in runs:
        if not run.foreign and not run.worded and run.glyphs[0].ink in marks:
            pages[run.page].doubted += run.glyphs
    return done


def _leave_out(page: PageLayout, gone: Collection[int], text: str, overlaid: Overlaid) -> None:
    """Take characters, by identity, from a page. ``text``: what they say."""
    if page.number not in overlaid.pages:
        overlaid.pages.append(page.number)
    overlaid.text += text
    page.glyphs = [g for g in page.glyphs if id(g) not in gone]
    page.doubted = [g for g in page.doubted if id(g) not in gone]


def _leave_large(pages: Sequence[PageLayout], own: RGB, overlaid: Overlaid) -> None:
    """Leave out words in the document's own ink, but far larger type, that lie over its text or across rulings.

    The words that return elsewhere are the same mark, whatever lies beneath them there.
    """
    sizes = _sizes(pages, [page.glyphs[::_SAMPLE] for page in pages])
    large = [
        [g for g in page.glyphs if g.ink == own and g.height >= _BIG * size > 0]
        for page, size in zip(pages, sizes, strict=True)
    ]
    if not any(large) or sum(map(len, large)) > _MOST:
        return
    runs: list[_Run] = []
    for at, (page, some) in enumerate(zip(pages, large, strict=True)):
        mine = _runs_of(some, at)
        _look(page, mine, [g for g in page.glyphs if g.ink == own and g.height < _BIG * sizes[at]])
        runs += mine
    marks = {run.text for run in runs if run.lies and len(run.glyphs) > 1}
    for at, page in enumerate(pages):
        gone = [run for run in runs if run.page == at and run.text in marks]
        if gone:
            held = {id(glyph) for run in gone for glyph in run.glyphs}
            _leave_out(page, held, "".join(run.text for run in gone), overlaid)


def _own_ink(inks: Counter[RGB]) -> RGB:
    """The document's own ink: the darkest of those in which much is printed."""
    total = sum(inks.values())
    return min((ink for ink, count in inks.items() if count >= _SHARE * total), key=brightness, default=BLACK)


def _sizes(pages: Sequence[PageLayout], glyphs: Sequence[Sequence[Glyph]]) -> list[float]:
    """The size of type by page: the document's, or of a page that is told to another scale its own."""
    usual = _size([glyph for page, some in zip(pages, glyphs, strict=True) if page.scale == 1 for glyph in some])
    return [
        (usual if page.scale == 1 else _size(some)) or _size(page.glyphs)
        for page, some in zip(pages, glyphs, strict=True)
    ]


def _size(glyphs: Sequence[Glyph]) -> float:
    heights = sorted(glyph.height for glyph in glyphs)
    return heights[len(heights) // 2] if heights else 0.0


def _runs(page: PageLayout, at: int, own: RGB) -> list[_Run]:
    return _runs_of([g for g in page.glyphs if g.ink != own], at)


def _runs_of(glyphs: Sequence[Glyph], at: int) -> list[_Run]:
    done: list[_Run] = []
    others = sorted(glyphs, key=lambda g: (g.ink, g.cy, g.x0))
    rows: list[list[Glyph]] = []
    for glyph in others:
        first = rows[-1][0] if rows else None
        if first is not None and glyph.ink == first.ink and abs(glyph.cy - first.cy) <= _LEVEL * first.height:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    for row in rows:
        row.sort(key=lambda g: g.x0)
        parts: list[list[Glyph]] = []
        for glyph in row:
            before = parts[-1][-1] if parts else None
            alike = before is not None and abs(before.height - glyph.height) <= _ALIKE * glyph.height
            if before is not None and alike and glyph.x0 - before.x1 <= _GAP * glyph.height:
                parts[-1].append(glyph)
            else:
                parts.append([glyph])
        done += [_Run(at, part, "".join(g.text for g in part)) for part in parts]
    return done


def _look(page: PageLayout, runs: Sequence[_Run], text: Sequence[Glyph]) -> None:
    """Find the runs that lie over the ``text`` or across rulings, and those within the ring of a seal."""
    if not runs:
        return
    below = sorted(text, key=lambda g: g.y0)
    tops = [g.y0 for g in below]
    tallest = max((g.height for g in below), default=0.0)
    for run in runs:
        high = run.height
        left, right = run.glyphs[0].x0 + high / 2, run.glyphs[-1].x1 - high / 2
        run.lies = any(
            left < s.at < right and any(s.start < g.cy < s.end for g in run.glyphs[:1]) for s in page.vertical
        ) or any(
            _overlap(glyph, other)
            for glyph in run.glyphs
            for other in below[bisect_left(tops, glyph.y0 - tallest) : bisect_right(tops, glyph.y1)]
        )
        ring = [(x, y) for x, y, ink in page.leaning if ink == run.glyphs[0].ink]
        if ring:
            x, y = (run.glyphs[0].x0 + run.glyphs[-1].x1) / 2, run.glyphs[0].cy
            xs, ys = [x for x, _ in ring], [y for _, y in ring]
            run.sealed = min(xs) - high <= x <= max(xs) + high and min(ys) - high <= y <= max(ys) + 2 * high


def _overlap(one: Glyph, other: Glyph) -> bool:
    """Whether the ink of two characters lies over each other."""
    (a0, b0, a1, b1), (c0, d0, c1, d1) = _inner(one), _inner(other)
    return a0 < c1 and c0 < a1 and b0 < d1 and d0 < b1


def _inner(glyph: Glyph) -> tuple[float, float, float, float]:
    y = _INNER * glyph.height
    x = min(_INNER * (glyph.x1 - glyph.x0), y)
    return glyph.x0 + x, glyph.y0 + y, glyph.x1 - x, glyph.y1 - y


def _stands_out(ink: RGB) -> bool:
    """Whether an ink is as light, or as bright, as those of marks are: many pages have several dark greys."""
    return brightness(ink) >= _PALE or max(ink) - min(ink) >= _BRIGHT


def _judge(runs: Sequence[_Run], sizes: Sequence[float], often: Collection[RGB]) -> None:
    """Find the runs that are no text of the document. ``sizes``: of type, by page. ``often``: inks of much print."""
    again = Counter(_spot(run) for run in runs)
    for run in runs:
        returns = again[_spot(run)] > 1 and brightness(run.glyphs[0].ink) >= _FAINT
        big = run.lies and run.height >= _BIG * sizes[run.page]
        if not _stands_out(run.glyphs[0].ink):
            run.foreign = run.worded and big
        elif run.worded:
            run.foreign = run.sealed or run.lies or returns
        else:
            long = len(run.text) >= _LONG
            bare = not any(character.isdecimal() or character in MARKS for character in run.text)  # its star
            run.foreign = (run.sealed and (run.lies or long or bare)) or big
    for ink in {run.glyphs[0].ink for run in runs}:
        some = [run for run in runs if run.glyphs[0].ink == ink]
        words = [run for run in some if run.worded]
        found = sum(run.foreign for run in words)
        same = max(Counter(run.text for run in words).values(), default=0)
        if ink in often and 2 * found < len(words) and 2 * same < len(words):
            for run in some:
                run.foreign = False  # text of the document, some of which runs over its cell
            continue
        alike = Counter(run.text for run in words if run.foreign)
        for run in words:
            run.foreign = run.foreign or alike[run.text] > 1
        _judge_tiled(some, max(alike.values(), default=0))
        if found < 2 or 2 * found < len(words):  # one may lie so by chance
            continue
        for run in words:
            run.foreign = True
        for run in some:
            run.foreign = run.foreign or run.lies or any(_beside(run, other) for other in words)


def _judge_tiled(runs: Sequence[_Run], times: int) -> None:
    """Find the numbers that are laid over a document as often as the words of a mark in their ink, so many times."""
    if times < _TILED:
        return
    numbers = Counter(run.text for run in runs if not run.worded and len(run.text) > 1)
    for run in runs:
        run.foreign = run.foreign or numbers[run.text] >= times


def _spot(run: _Run) -> tuple[str, RGB, int, int]:
    first = run.glyphs[0]
    return run.text, first.ink, round(first.x0 / _SAME), round(first.y0 / _SAME)


def _beside(run: _Run, other: _Run) -> bool:
    one, two = run.glyphs, other.glyphs
    high = run.height
    level = run.page == other.page and abs(one[0].cy - two[0].cy) <= _LEVEL * high
    alike = abs(high - other.height) <= _ALIKE * high
    return level and alike and max(one[0].x0 - two[-1].x1, two[0].x0 - one[-1].x1) <= _NEAR * high
