"""Charts of figures over the years: lines that break where a figure is lacking or the form changed. Pure.

A chart of few agencies is wide, with all numbers below it; of many each has a small one, as on the page of an agency.

A chart is a list of marks with coordinates, of which a template makes SVG and ``figure_picture.py`` a bitmap. It is our
own geometry: the plotting libraries that write SVG write styles and scripts into it, which the security policy of our
pages refuses, and none marks breaks between forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor, log10
from statistics import median_low

from archive.exports.plain_values import number, percent
from archive.queries.figure_answers import NOT_OWED, FigureLine
from archive.queries.results import AgencyLine
from nianbao.answer_tables import figure_words
from nianbao.language import Language
from nianbao.messages import say
from nianbao.web.list_tables import figure_link
from storage.records import AgencyKind

WIDTH = 720  #: of a chart of several agencies, and of a row of small ones
SMALL_IN_A_ROW = 3
GAP = 12  #: between charts
MAX_TOGETHER = 5  #: lines in one chart: as many as are told apart by colour and dashes
NOTE, LABEL = 11, 12  #: sizes of text
_FAR_LARGER = 4  # times as high as the middle one
_ROW_HEIGHT = 17  # of the numbers below a chart
_MAX_YEARS = 8  # of the chart of one agency, each wide enough to be followed with a finger
_YEAR_WIDTH = 34  # that the label of a year takes
_WIDE_LETTERS = "\u2e80"  # from here on a letter is as wide as it is high
_PIECE = re.compile("[^ \u2e80-\U0010ffff]*(?:[ \u2e80-\U0010ffff]|$)")  # what is not broken over lines
#: marks of figures that are drawn as hollow dots: the reader doubts them, or they are rates of few cases
WEAK = frozenset({"doubted", "small_n"})
Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something drawn. ``sort``: ``line``, ``dot``, ``text``, ``band`` (a year without a figure) or ``link`` (a year
    that leads to where its figure stands).

    ``style``: its colour and dashes; ``points``: of a line its corners, of a band or link its first and its opposite
    corner, of others their place; ``text``: what is written, or what the mark says to those who point at it;
    ``is_hollow``: of the dot of a figure that is weak.
    """

    sort: str
    style: str
    points: tuple[Point, ...]
    text: str = ""
    size: int = NOTE
    anchor: str = "start"
    is_hollow: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart: its size, its marks, the agencies in it, and its figures in words."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    agencies: tuple[AgencyLine, ...]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartGroup:
    """Charts on one scale: those of governments, which sum their departments' reports, or those of other agencies.

    ``is_large``: their figures are far larger than those of most, which would be flat on the same scale.
    """

    are_governments: bool
    is_large: bool
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """The figures of one agency by year."""

    agency: AgencyLine
    lines: Mapping[int, FigureLine]

    @property
    def values(self) -> dict[int, Decimal]:
        """The figures that are known."""
        return {year: line.figure.value for year, line in self.lines.items() if line.figure.value is not None}


def curves_of(lines: Iterable[FigureLine]) -> list[Curve]:
    """Lines of a series by agency, in their order."""
    agencies: dict[str, tuple[AgencyLine, dict[int, FigureLine]]] = {}
    for line in lines:
        agencies.setdefault(line.agency.id, (line.agency, {}))[1][line.year] = line
    return [Curve(agency, by_year) for agency, by_year in agencies.values()]


def count_known(lines: Iterable[FigureLine]) -> tuple[int, int]:
    """How many of the figures that are due are known, and how many are due."""
    due = [one for one in lines if one.figure.value is not None or one.status not in NOT_OWED]
    return sum(one.figure.value is not None for one in due), len(due)


def chart_groups(curves: Sequence[Curve], lang: Language) -> list[ChartGroup]:
    """The charts of some agencies' figures, the governments apart; none where there are not two years with a figure."""
    groups = []
    for are_governments in (True, False):
        members = [one for one in curves if (one.agency.kind is AgencyKind.GOVERNMENT) is are_governments]
        for is_large, part in enumerate(_split_by_size(members)):
            scale = _scale(part)
            if scale is not None:
                is_wide = len(part) <= MAX_TOGETHER
                small = () if is_wide else tuple(_small_chart(one, scale, lang) for one in part)
                charts = (_wide_chart(part, scale, lang),) if is_wide else small
                groups.append(ChartGroup(are_governments=are_governments, is_large=bool(is_large), charts=charts))
    return groups


def agency_chart(lines: Iterable[FigureLine], lang: Language) -> Chart | None:
    """The chart of one agency's figures in the newest years, each of which leads to its place in the source."""
    newest: dict[int, FigureLine] = {}
    for line in sorted(lines, key=lambda one: one.year):
        if newest or line.figure.value is not None:
            newest[line.year] = line
    curves = [Curve(line.agency, dict([*newest.items()][-_MAX_YEARS:])) for line in [*newest.values()][:1]]
    scale = _scale(curves, least_years=1)
    return _small_chart(curves[0], scale, lang, is_linked=True) if scale else None


def _split_by_size(curves: Sequence[Curve]) -> tuple[list[Curve], list[Curve]]:
    """Those that can share a scale, and those that reach far higher than most."""
    heights = {one.agency.id: max(map(abs, one.values.values()), default=Decimal(0)) for one in curves}
    usual = median_low([one for one in heights.values() if one] or [Decimal(0)])
    large = [one for one in curves if heights[one.agency.id] > _FAR_LARGER * usual]
    return [one for one in curves if one not in large], large


# ---------------------------------------------------------------------------------------------- scales


@dataclass(frozen=True, slots=True)
class _Scale:
    years: tuple[int, ...]
    ticks: tuple[Decimal, ...]
    are_rates: bool

    def label(self, value: Decimal) -> str:
        return percent(value) if self.are_rates else number(value)


def _scale(curves: Sequence[Curve], least_years: int = 2) -> _Scale | None:
    """The years and heights that hold all these figures; None where they are on too few years."""
    lines = [line for curve in curves for line in curve.lines.values()]
    values = [line.figure.value for line in lines if line.figure.value is not None]
    years = {line.year for line in lines}
    if len(years) < least_years or not values:
        return None
    are_rates = any(line.figure.n is not None for line in lines if line.figure.value is not None)
    ticks = _ticks(min(*values, Decimal(0)), max(*values, Decimal(0)))
    return _Scale(tuple(range(min(years), max(years) + 1)), ticks, are_rates)


def _ticks(low: Decimal, high: Decimal, count: int = 4) -> tuple[Decimal, ...]:
    """Round numbers from at most ``low`` to at least ``high``."""
    span = float(high - low) or 1.0
    power = Decimal(10) ** floor(log10(span / count))
    step = next(power * one for one in (1, 2, 5, 10) if float(power * one) * count >= span)
    first = -ceil(-low / step) * step
    return tuple(first + step * at for at in range(max(ceil((high - first) / step), 1) + 1))


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the lines of a chart are drawn, and where a year and a value stand in it."""

    scale: _Scale
    begin: float
    end: float
    top: float
    floor: float

    def x(self, year: float) -> float:
        years = self.scale.years
        return round(self.begin + (self.end - self.begin) * (year - years[0] + 0.5) / len(years), 1)

    def y(self, value: Decimal) -> float:
        low, high = self.scale.ticks[0], self.scale.ticks[-1]
        return round(self.floor - (self.floor - self.top) * float((value - low) / (high - low)), 1)

    @property
    def step(self) -> float:
        return (self.end - self.begin) / len(self.scale.years)


# ---------------------------------------------------------------------------------------------- charts


def _wide_chart(curves: Sequence[Curve], scale: _Scale, lang: Language) -> Chart:
    """Several lines in one chart, each labelled at its end, with all their numbers below the years."""
    frame = _Frame(scale, max(_grid_begin(scale), 52), WIDTH - 164, 22, 210)
    marks = [*_axes(frame), *_breaks(curves, frame, lang)]
    for at, curve in enumerate(curves):
        marks += _line_marks(curve, frame, f"c{at}", lang)
    marks += _end_labels(curves, frame)
    for at, curve in enumerate(curves):
        marks += _number_row(curve, frame, f"c{at}", frame.floor + 2 * _ROW_HEIGHT + at * _ROW_HEIGHT, lang)
    height = frame.floor + (1 + len(curves)) * _ROW_HEIGHT + 14
    return _chart(WIDTH, height, marks, curves, lang)


def _small_chart(curve: Curve, scale: _Scale, lang: Language, *, is_linked: bool = False) -> Chart:
    """One line with its numbers; a year without a figure is shaded. ``is_linked``: each year leads to its figure, and
    the name of the agency stands elsewhere.
    """
    width = (WIDTH - (SMALL_IN_A_ROW - 1) * GAP) / SMALL_IN_A_ROW
    has_break = any("break" in line.marks for line in curve.lines.values())
    frame = _Frame(scale, _grid_begin(scale), width - 8, 48 if has_break else 34, 128)
    name = Mark(sort="text", style="ink", points=((2, 14),), size=LABEL, text=fit(curve.agency.name, width - 4, LABEL))
    marks = [
        *([] if is_linked else [name]),
        *_gaps(curve, frame, lang, frame.top, frame.floor),
        *_axes(frame, labels=2),
        *_breaks([curve], frame, lang),
        *_line_marks(curve, frame, "c0", lang),
        *_point_labels(curve, frame),
    ]
    for year, line in curve.lines.items() if is_linked else ():
        corners = _column(frame, year, 0, 150)
        text = f"{year}: {_words(line, lang)}"
        marks.append(Mark(sort="link", style="pale", points=corners, text=text, link=figure_link(line, lang)))
    return _chart(width, 150, marks, [curve], lang)


def _column(frame: _Frame, year: int, top: float, floor: float) -> tuple[Point, Point]:
    """The corners of the place of a year."""
    x, half = frame.x(year), frame.step / 2 - 1
    return (round(x - half, 1), top), (round(x + half, 1), floor)


def _grid_begin(scale: _Scale) -> float:
    """Where the grid begins: right of the longest of its values."""
    return max(text_width(scale.label(tick), NOTE) for tick in scale.ticks) + 10


def _chart(width: float, height: float, marks: Sequence[Mark], curves: Sequence[Curve], lang: Language) -> Chart:
    words = "; ".join(
        f"{curve.agency.name}: "
        + ", ".join(f"{year} {_words(line, lang)}" for year, line in sorted(curve.lines.items()))
        for curve in curves
    )
    agencies = tuple(curve.agency for curve in curves)
    return Chart(width=round(width, 1), height=height, marks=tuple(marks), agencies=agencies, words=words)


def _axes(frame: _Frame, labels: int = 9) -> Iterator[Mark]:
    """The grid with its values, and the years; ``labels``: so many values at most, the lowest and the highest first."""
    ticks = frame.scale.ticks
    labelled = ticks if len(ticks) <= labels else (ticks[0], ticks[-1])
    for tick in ticks:
        y = frame.y(tick)
        style = "axis" if not tick else "grid"
        yield Mark(sort="line", style=style, points=((frame.begin, y), (frame.end, y)))
        if tick in labelled:
            text = frame.scale.label(tick)
            yield Mark(sort="text", style="pale", points=((frame.begin - 5, y + 4),), text=text, anchor="end")
    years = frame.scale.years
    every = ceil(_YEAR_WIDTH / frame.step)
    for year in years:
        if not (years[-1] - year) % every:
            at = ((frame.x(year), frame.floor + 15),)
            yield Mark(sort="text", style="pale", points=at, text=str(year), anchor="middle")


def _gaps(curve: Curve, frame: _Frame, lang: Language, top: float, floor: float) -> Iterator[Mark]:
    """A band for each year without a figure, which says why there is none, where there is room for it."""
    values = curve.values
    for year in frame.scale.years:
        if year not in values:
            line = curve.lines.get(year)
            why = _words(line, lang) if line else say("web", lang, "state.not_looked_for")
            corners = _column(frame, year, top, floor)
            yield Mark(sort="band", style="gap", points=corners, text=f"{curve.agency.name} {year}: {why}")
            if text_width(why, NOTE) < frame.step:
                place = ((frame.x(year), floor - 2),)
                yield Mark(sort="text", style="pale", points=place, text=why, anchor="middle")


def _breaks(curves: Sequence[Curve], frame: _Frame, lang: Language) -> Iterator[Mark]:
    """A dashed line where a figure is on another form than the one before, with the name of that form."""
    breaks: dict[float, str] = {}
    for curve in curves:
        for before, year in pairwise(sorted(curve.values)):
            line = curve.lines[year]
            if "break" in line.marks:
                breaks[(before + year) / 2] = line.form or ""
    for at, form in breaks.items():
        x = frame.x(at)
        yield Mark(sort="line", style="break", points=((x, frame.top - 6), (x, frame.floor)))
        text = say("web", lang, "plot.new_form", form=form)
        yield Mark(sort="text", style="pale", points=((x, frame.top - 9),), text=text, anchor="middle")


def _line_marks(curve: Curve, frame: _Frame, style: str, lang: Language) -> Iterator[Mark]:
    """The lines that join neighbouring years on one form, and a dot for each figure."""
    values = curve.values
    for before, year in pairwise(sorted(values)):
        if year == before + 1 and "break" not in curve.lines[year].marks:
            ends = tuple((frame.x(one), frame.y(values[one])) for one in (before, year))
            yield Mark(sort="line", style=style, points=ends)
    for year, value in sorted(values.items()):
        line = curve.lines[year]
        marks = "".join(f", {say('web', lang, f'mark.{mark}')}" for mark in line.marks)
        yield Mark(
            sort="dot", style=style, points=((frame.x(year), frame.y(value)),), is_hollow=bool(WEAK & {*line.marks}),
            text=f"{curve.agency.name} {year}: {_words(line, lang)}{marks}",
        )  # fmt: skip


def _point_labels(curve: Curve, frame: _Frame) -> Iterator[Mark]:
    """The numbers at the dots: all if there is room, else the first, the last, the least and the most."""
    values = curve.values
    labels = {year: frame.scale.label(value) for year, value in sorted(values.items())}
    if any(text_width(text, NOTE) > frame.step for text in labels.values()):
        chosen = {min(labels), max(labels), min(values, key=values.__getitem__), max(values, key=values.__getitem__)}
        labels = {year: text for year, text in labels.items() if year in chosen}
    end = 0.0
    for year, text in labels.items():
        half = text_width(text, NOTE) / 2
        x = min(max(frame.x(year), frame.begin + half), frame.end + 6 - half)
        if x - half >= end:
            at = ((round(x, 1), frame.y(values[year]) + _label_shift(values, year, frame)),)
            yield Mark(sort="text", style="ink", points=at, text=text, anchor="middle")
            end = x + half + 2


def _label_shift(values: Mapping[int, Decimal], year: int, frame: _Frame) -> float:
    """How far from a dot its number stands: below it if the lines beside it go up and there is room."""
    beside = [values[one] for one in (year - 1, year + 1) if one in values]
    goes_up = bool(beside) and all(one > values[year] for one in beside)
    return 14 if goes_up and frame.y(values[year]) + 14 < frame.floor else -6


def _end_labels(curves: Sequence[Curve], frame: _Frame) -> Iterator[Mark]:
    """The name of each agency at the right of its last figure, moved apart where they would lie on each other."""
    ends = {at: frame.y(values[max(values)]) for at, curve in enumerate(curves) if (values := curve.values)}
    order = sorted(ends, key=ends.__getitem__)
    highest, places = frame.top, []
    for at in order:
        highest = max(highest, ends[at])
        places.append(highest)
        highest += LABEL + 2
    over = max(places[-1] - frame.floor, 0.0) if places else 0.0
    for at, y in zip(order, places, strict=True):
        text = fit(curves[at].agency.name, WIDTH - frame.end - 14, LABEL)
        place = ((frame.end + 8, round(y - over + 4, 1)),)
        yield Mark(sort="text", style=f"c{at}", points=place, size=LABEL, text=text)


def _number_row(curve: Curve, frame: _Frame, style: str, y: float, lang: Language) -> Iterator[Mark]:
    """An agency's figures below their years, and its name."""
    yield Mark(sort="line", style=style, points=((2, y - 4), (frame.begin - 8, y - 4)))
    yield from _gaps(curve, frame, lang, y - 11, y + 2)
    for year, value in curve.values.items():
        text = fit(frame.scale.label(value), frame.step, NOTE)
        yield Mark(sort="text", style="ink", points=((frame.x(year), y),), text=text, anchor="middle")
    name = fit(curve.agency.name, WIDTH - frame.end - 14, NOTE)
    yield Mark(sort="text", style="ink", points=((frame.end + 8, y),), text=name)


def _words(line: FigureLine, lang: Language) -> str:
    return figure_words(line.figure.value, line.figure.state, line.figure.n, None, lang)


# ---------------------------------------------------------------------------------------------- the width of text


def text_width(text: str, size: float) -> float:
    """About how wide a text is."""
    return sum(size if one >= _WIDE_LETTERS else 0.62 * size for one in text)


def fit(text: str, width: float, size: float) -> str:
    """The text, cut where it is wider than there is room."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text}…"


def wrap(text: str, width: float, size: float) -> list[str]:
    """The text in lines no wider than this, broken at spaces, and between Chinese characters."""
    lines = [""]
    for piece in _PIECE.findall(text):
        if lines[-1] and text_width(lines[-1] + piece.rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return lines
