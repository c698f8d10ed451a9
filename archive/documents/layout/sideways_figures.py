"""Figures that are printed on their side among upright text: each set upright as one glyph where it stands.

Narrow columns are filled in so. Digit by digit, a figure longer than its cell is high would lie in two cells, and where
nothing rules the table it would be no figure of a row at all. Whole tables on their side stay as they are, and so do
figures within words that are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from archive.documents.layout.page_layout import Glyph, PageLayout

_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
_LEVEL = 0.3  # of the height: characters of one line are no further off each other
_BESIDE = 0.3  # heights between two characters of one line
_WORDS = 0.1  # of a page's characters: so many words on their side are text of its own
_SEVERAL = 3  # figures, which are no page number


def set_upright(page: PageLayout) -> None:
    """Set upright the figures of a page that run up or down it; they are its ``sideways``."""
    turned = [n for n, glyph in enumerate(page.glyphs) if glyph.turn in (1, 3)]
    words = sum(page.glyphs[n].text.isalpha() for n in turned)
    if not turned or words > _WORDS * len(page.glyphs):
        return
    runs = [run for run in _runs(page.glyphs, turned) if _FIGURE.fullmatch("".join(page.glyphs[n].text for n in run))]
    if len(runs) < _SEVERAL:
        runs = [run for run in runs if _is_ruled_around(page, page.glyphs[run[0]])]
    if not runs:
        return
    firsts = {run[0]: _upright([page.glyphs[n] for n in run]) for run in runs}
    gone = {n for run in runs for n in run}
    page.glyphs = [firsts.get(n, glyph) for n, glyph in enumerate(page.glyphs) if n in firsts or n not in gone]
    page.sideways = list(firsts.values())


def _runs(glyphs: Sequence[Glyph], turned: Sequence[int]) -> list[list[int]]:
    """The turned characters that stand one behind the other, as printed."""
    runs: list[list[int]] = []
    for n in turned:
        if runs and glyphs[n].turn == glyphs[runs[-1][-1]].turn and _follows(glyphs[runs[-1][-1]], glyphs[n]):
            runs[-1].append(n)
        else:
            runs.append([n])
    return runs


def _follows(before: Glyph, glyph: Glyph) -> bool:
    """Whether a turned character stands right behind another, for who turns his head."""
    height = before.x1 - before.x0
    gap = before.y0 - glyph.y1 if glyph.turn == 1 else glyph.y0 - before.y1
    beside = -_BESIDE * height < gap < _BESIDE * height and not glyph.spaced
    return beside and abs(before.cx - glyph.cx) < _LEVEL * height


def _is_ruled_around(page: PageLayout, glyph: Glyph) -> bool:
    """Whether rulings stand left and right of a character, above and below."""
    beside = [s.at > glyph.cx for s in page.vertical if s.start <= glyph.cy <= s.end]
    over = [s.at > glyph.cy for s in page.horizontal if s.start <= glyph.cx <= s.end]
    return len(set(beside)) == len(set(over)) == len((False, True))


def _upright(run: Sequence[Glyph]) -> Glyph:
    text = "".join(glyph.text for glyph in run)
    low, high = min(glyph.y0 for glyph in run), max(glyph.y1 for glyph in run)
    return replace(run[0], text=text, y0=low, y1=high, turn=0)
