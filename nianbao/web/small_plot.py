"""One figure of one agency over the years as a small picture: a bar and its number for each year. Pure.

A year without a figure bears a cross, never a bar of no height; a dashed line stands where the national form changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from archive.exports.plain_values import number, percent
from archive.queries.figure_answers import FigureLine
from nianbao.language import Language
from nianbao.people_tables import figure_words
from nianbao.web.list_tables import figure_link

_MAX_YEARS = 8  # the newest, so that numbers stay readable on a phone
_COLUMN, _TOP, _FLOOR = 40, 20, 74  # widths and heights in the picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A year. ``text``: its figure in short, "" where there is none; ``words``: all of it, or why there is none."""

    year: int
    x: int
    height: float
    text: str
    words: str
    link: str
    is_doubted: bool
    is_break: bool

    @property
    def top(self) -> float:
        """The height at which the bar ends in the picture."""
        return _FLOOR - self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallPlot:
    """The bars of a figure, and how wide they are together."""

    bars: tuple[Bar, ...]
    width: int


def small_plot(lines: Sequence[FigureLine], lang: Language) -> SmallPlot | None:
    """Return the picture of one agency's lines on one indicator; None where no year has a figure."""
    ordered = sorted(lines, key=lambda one: one.year)
    first = next((at for at, one in enumerate(ordered) if one.figure.value is not None), None)
    if first is None:
        return None
    newest = ordered[first:][-_MAX_YEARS:]
    greatest = max((one.figure.value for one in newest if one.figure.value is not None), default=Decimal(0))
    bars = tuple(_bar(at, one, greatest, lang) for at, one in enumerate(newest))
    return SmallPlot(bars=bars, width=_COLUMN * len(bars))


def _bar(at: int, line: FigureLine, greatest: Decimal, lang: Language) -> Bar:
    value, n = line.figure.value, line.figure.n
    is_bar = value is not None and greatest > 0
    return Bar(
        year=line.year,
        x=_COLUMN * at,
        height=round(float((_FLOOR - _TOP) * max(value or Decimal(0), Decimal(0)) / greatest), 1) if is_bar else 0.0,
        text="" if value is None else number(value) if n is None else percent(value),
        words=figure_words(value, line.figure.state, n, None, lang),
        link=figure_link(line, lang),
        is_doubted="doubted" in line.marks,
        is_break="break" in line.marks,
    )
