"""Draw figures over the years as line charts; a line is broken where a figure is missing or the form changed.

Up to MAX_TOGETHER agencies share one wide chart with a table of numbers below it, drawn once more, narrow, for phones;
more get one small chart each.

A chart is a list of marks with coordinates; a template turns them into SVG and ``figure_picture.py`` into a bitmap. We
compute the coordinates ourselves because plotting libraries write styles and scripts into their SVG, which the security
policy of our pages refuses, and none of them marks a change of form. No function here reads the archive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor, log10
from statistics import median_low

from archive.exports.plain_values import number, percent
from archive.queries.figure_answers import FigureLine
from archive.queries.find import gloss
from archive.queries.results import AgencyLine
from nianbao.answer_words import figure_words
from nianbao.language import Language
from nianbao.messages import messages, say
from nianbao.web.list_tables import figure_link
from storage.records import AgencyKind

WIDTH = 720  #: pixels of a wide chart, and of a row of small charts
SMALL_IN_A_ROW = 3
GAP = 12  #: pixels between two charts
MAX_TOGETHER = 5  #: agencies in one chart: colours and dashes cannot tell more lines apart
NOTE, LABEL = 11, 12  #: font sizes of numbers and of agency names
_FAR_LARGER = 4  # an agency whose maximum is over 4 times the median of all maxima gets a scale of its own
_ROW_HEIGHT = 17  # pixels of a row of numbers below a chart
_MIN_STEP = 27  # pixels of a year in a narrow chart, so that ten fit the screen of a phone
_MIN_NARROW = 304  # pixels: in a narrow chart few years take more room each
_MAX_YEARS = 8  # in the chart of one agency: with more, a year would be too narrow to tap with a finger
_NAMES_WIDTH = {Language.ZH: 164, Language.EN: 204}  # pixels right of a wide chart, for names
_YEAR_WIDTH = 34  # pixels that the label of a year takes
_WIDE_LETTERS = "\u2e80"  # characters from here on (Chinese) are as wide as they are high
_PIECE = re.compile("[^ \u2e80-\U0010ffff]*(?:[ \u2e80-\U0010ffff]|$)")  # text that a line break never splits
#: marks of figures that are drawn as hollow dots: figures that the reader doubts, and rates of few cases
WEAK = frozenset({"doubted", "small_n"})
Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One shape of a chart. ``sort``: ``line``, ``dot``, ``square`` (its report was taken down), ``text``, ``band``
    (shades a year without a figure) or ``link`` (makes the column of a year lead to the source of its figure).

    ``style``: CSS class for colour and dashes; ``points``: the corners of a line, two opposite corners of a band or
    link, the position of other marks; ``text``: the written text, or the tooltip of other marks; ``is_hollow``: the
    dot stands for a figure whose marks are in WEAK; ``meaning``: what a letter stands for.
    """

    sort: str
    style: str
    points: tuple[Point, ...]
    text: str = ""
    size: int = NOTE
    anchor: str = "start"
    is_hollow: bool = False
    link: str = ""
    meaning: str = ""


def text_mark(x: float, y: float, text: str, style: str = "ink", anchor: str = "start", size: int = NOTE) -> Mark:
    """Return a text at a position."""
    return Mark(sort="text", style=style, points=((x, y),), text=text, size=size, anchor=anchor)


def _line(style: str, begin: Point, end: Point) -> Mark:
    return Mark(sort="line", style=style, points=(begin, end))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart: its size in pixels of the SVG, marks, agencies, all its figures as text, and a narrow one for phones."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    agencies: tuple[AgencyLine, ...]
    words: str
    narrow: Chart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartGroup:
    """Charts with the same scale, either of governments (whose figures sum their departments' reports) or of others,
    as ``heading`` says. ``is_large``: their figures are far larger than most; on their scale other lines would be flat.
    """

    heading: str
    is_large: bool
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """The figures of one agency by year."""

    agency: AgencyLine
    lines: Mapping[int, FigureLine]

    @property
    def values(self) -> dict[int, Decimal]:
        """Return year → figure, without the years whose figure is not known."""
        return {year: line.figure.value for year, line in self.lines.items() if line.figure.value is not None}


def curves_of(lines: Iterable[FigureLine]) -> list[Curve]:
    """Group the lines of a series by agency; agencies keep the order in which they first occur."""
    agencies: dict[str, tuple[AgencyLine, dict[int, FigureLine]]] = {}
    for line in lines:
        agencies.setdefault(line.agency.id, (line.agency, {}))[1][line.year] = line
    return [Curve(agency, by_year) for agency, by_year in agencies.values()]


def chart_groups(curves: Sequence[Curve], lang: Language, *, has_one_scale: bool = False) -> list[ChartGroup]:
    """Draw charts of some agencies on one axis of years, in groups of one scale: governments before other agencies,
    and unless ``has_one_scale`` those with far larger figures after the others. A group is one wide chart, or a small
    chart for each of more than MAX_TOGETHER agencies. A group without figures is omitted.
    """
    groups = []
    lines_drawn = 0
    years = range(first_known(curves), max((year for one in curves for year in one.lines), default=0) + 1)
    for are_governments in (True, False):
        members = [one for one in curves if (one.agency.kind is AgencyKind.GOVERNMENT) is are_governments]
        for is_large, part in enumerate([members] if has_one_scale else _split_by_size(members)):
            scale = _scale(part, years)
            if scale is not None:
                is_wide = len(part) <= MAX_TOGETHER
                small = () if is_wide else tuple(_small_chart(one, scale, lang) for one in part)
                styles = [f"c{(lines_drawn + at) % MAX_TOGETHER}" for at in range(len(part))]
                charts = (_wide_chart(part, styles, scale, lang),) if is_wide else small
                lines_drawn += len(part)
                heading = say("web", lang, "figures.governments" if are_governments else "figures.departments")
                heading += say("web", lang, "figures.large") if is_large else ""
                groups.append(ChartGroup(heading=heading, is_large=bool(is_large), charts=charts))
    return groups


def letters_of(charts: Iterable[Chart]) -> Mapping[str, None]:
    """Return the letters in shaded boxes of some charts, each once with its meaning."""
    return dict.fromkeys(f"{mark.text} = {mark.meaning}" for chart in charts for mark in chart.marks if mark.meaning)


def agency_chart(lines: Iterable[FigureLine], lang: Language) -> Chart | None:
    """Draw one agency's figures of the newest years; each year links to the source. None if no figure is known."""
    newest: dict[int, FigureLine] = {}
    for line in sorted(lines, key=lambda one: one.year):
        if newest or line.figure.value is not None:
            newest[line.year] = line
    if not newest:
        return None
    curve = Curve(next(iter(newest.values())).agency, dict([*newest.items()][-_MAX_YEARS:]))
    scale = _scale([curve], range(min(curve.lines), max(curve.lines) + 1), least_years=1)
    return _small_chart(curve, scale, lang, is_linked=True) if scale else None


def first_known(curves: Iterable[Curve]) -> int:
    """Return the first year with a known figure; 0 if there is none."""
    return min((year for one in curves for year in one.values), default=0)


def _split_by_size(curves: Sequence[Curve]) -> tuple[list[Curve], list[Curve]]:
    """Return the curves that can share a scale, and those with a maximum far above the median of all maxima."""
    heights = {one.agency.id: max(map(abs, one.values.values()), default=Decimal(0)) for one in curves}
    usual = median_low([one for one in heights.values() if one] or [Decimal(0)])
    large = [one for one in curves if heights[one.agency.id] > _FAR_LARGER * usual]
    return [one for one in curves if one not in large], large


# ---------------------------------------------------------------------------------------------- scales


@dataclass(frozen=True, slots=True)
class _Scale:
    years: Sequence[int]
    ticks: tuple[Decimal, ...]
    are_rates: bool

    def label(self, value: Decimal) -> str:
        return percent(value) if self.are_rates else number(value)


def _scale(curves: Sequence[Curve], years: Sequence[int], least_years: int = 2) -> _Scale | None:
    """Return the axes that fit all these figures; None for fewer than ``least_years`` years or if none is known."""
    lines = [line for curve in curves for line in curve.lines.values()]
    values = [line.figure.value for line in lines if line.figure.value is not None]
    if len(years) < least_years or not values:
        return None
    are_rates = any(line.figure.n is not None for line in lines if line.figure.value is not None)
    ticks = _ticks(min(*values, Decimal(0)), max(*values, Decimal(0)))
    return _Scale(years, ticks, are_rates)


def _ticks(low: Decimal, high: Decimal, count: int = 4) -> tuple[Decimal, ...]:
    """Return about ``count`` evenly spaced round numbers, the first at most ``low``, the last at least ``high``."""
    span = float(high - low) or float(count)
    power = Decimal(10) ** floor(log10(span / count))
    step = next(power * one for one in (1, 2, 5, 10) if float(power * one) * count >= span)
    first = -ceil(-low / step) * step
    return tuple(first + step * at for at in range(max(ceil((high - first) / step), 1) + 1))


@dataclass(frozen=True, slots=True)
class _Frame:
    """The rectangle in which lines are drawn, in pixels; ``x`` and ``y`` convert a year and a value to coordinates."""

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


def _wide_chart(curves: Sequence[Curve], styles: Sequence[str], scale: _Scale, lang: Language) -> Chart:
    """Draw several agencies in one chart, and in a narrow one, which is as wide as its years need."""
    begin, labels = _grid_begin(scale), [scale.label(value) for curve in curves for value in curve.values.values()]
    step = max(_MIN_STEP, 4 + max(text_width(label, NOTE) for label in labels))
    narrow = _Frame(scale, begin, max(begin + step * len(scale.years), _MIN_NARROW), 22, 210)
    wide = _Frame(scale, max(begin, 52), WIDTH - _NAMES_WIDTH[lang], 22, 210)
    chart = _chart_of_frame(curves, styles, wide, lang, is_narrow=False)
    return replace(chart, narrow=_chart_of_frame(curves, styles, narrow, lang, is_narrow=True))


def _chart_of_frame(
    curves: Sequence[Curve], styles: Sequence[str], frame: _Frame, lang: Language, *, is_narrow: bool
) -> Chart:
    """Draw several agencies, each name at the end of its line (in English on English pages) and of its row of numbers;
    if narrow, only above the row, in both languages on English pages.
    """
    marks = [*_axes(frame), *_breaks(curves, frame, lang)]
    marks += [] if is_narrow else _end_labels(curves, frame, styles, lang)
    y = frame.floor + _ROW_HEIGHT
    for curve, style in zip(curves, styles, strict=True):
        marks += _line_marks(curve, frame, style, lang)
        y += _ROW_HEIGHT
        x, room = (frame.begin, frame.end - frame.begin) if is_narrow else (frame.end + 8, WIDTH - frame.end - 14)
        name = f"{curve.agency.name} {_english_name(curve, lang)}".strip() if is_narrow else curve.agency.name
        marks.append(text_mark(x, y, fit(name, room, NOTE), style))
        marks.append(_line(style, (2, y - 4), (frame.begin - 8, y - 4)))
        y += _ROW_HEIGHT if is_narrow else 0
        marks += _number_row(curve, frame, y, lang)
    return _chart(frame.end + 4 if is_narrow else WIDTH, y + 14, marks, curves, lang)


def _small_chart(curve: Curve, scale: _Scale, lang: Language, *, is_linked: bool = False) -> Chart:
    """Draw one agency with numbers at its dots and years without a figure shaded; ``is_linked``: each year links to the
    source of its figure, and the name is left out, because the page shows it anyway.
    """
    width = (WIDTH - (SMALL_IN_A_ROW - 1) * GAP) / SMALL_IN_A_ROW
    has_break = any("break" in line.marks for line in curve.lines.values())
    english = "" if is_linked else _english_name(curve, lang)
    frame = _Frame(scale, _grid_begin(scale), width - 8, 34 + (14 if has_break else 0) + (14 if english else 0), 128)
    name = text_mark(2, 14, fit(curve.agency.name, width - 4, LABEL), size=LABEL)
    marks = [
        *([] if is_linked else [name]),
        *([text_mark(2, 27, fit(english, width - 4, NOTE), "pale")] if english else []),
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


def _english_name(curve: Curve, lang: Language) -> str:
    """Return where an agency is and what it is, in English; "" on Chinese pages."""
    return gloss(curve.agency.name, curve.agency.place) if lang is Language.EN else ""


def _column(frame: _Frame, year: int, top: float, floor: float) -> tuple[Point, Point]:
    """Return the upper left and the lower right corner of the column of a year."""
    x, half = frame.x(year), frame.step / 2 - 1
    return (round(x - half, 1), top), (round(x + half, 1), floor)


def _grid_begin(scale: _Scale) -> float:
    """Return the x at which the grid begins: right of the widest label of the value axis."""
    return max(text_width(scale.label(tick), NOTE) for tick in scale.ticks) + 10


def _chart(width: float, height: float, marks: Sequence[Mark], curves: Sequence[Curve], lang: Language) -> Chart:
    """Return a chart of ``curves``, drawn by ``marks``, with all their figures in words for screen readers."""
    words = "; ".join(
        f"{curve.agency.name}: "
        + ", ".join(f"{year} {_words(line, lang)}" for year, line in sorted(curve.lines.items()))
        for curve in curves
    )
    agencies = tuple(curve.agency for curve in curves)
    return Chart(width=round(width, 1), height=height, marks=tuple(marks), agencies=agencies, words=words)


def _axes(frame: _Frame, labels: int = 9) -> Iterator[Mark]:
    """Draw grid, values and years. With more than ``labels`` grid lines only the lowest and highest show a value."""
    ticks = frame.scale.ticks
    labelled = ticks if len(ticks) <= labels else (ticks[0], ticks[-1])
    for tick in ticks:
        y = frame.y(tick)
        style = "axis" if not tick else "grid"
        yield _line(style, (frame.begin, y), (frame.end, y))
        if tick in labelled:
            yield text_mark(frame.begin - 5, y + 4, frame.scale.label(tick), "pale", "end")
    years = frame.scale.years
    every = ceil(_YEAR_WIDTH / frame.step)
    for year in years:
        if not (years[-1] - year) % every:
            yield text_mark(frame.x(year), frame.floor + 15, str(year), "pale", "middle")


def _gaps(curve: Curve, frame: _Frame, lang: Language, top: float, floor: float) -> Iterator[Mark]:
    """Shade each year without a figure; the tooltip, a label if it fits (14 px: fonts differ), or a letter says why."""
    for year in frame.scale.years:
        if year not in curve.values:
            line = curve.lines.get(year)
            state = line.figure.state if line else "not_looked_for"
            why = say("web", lang, f"state.{state}")
            corners = _column(frame, year, top, floor)
            yield Mark(sort="band", style="gap", points=corners, text=f"{curve.agency.name} {year}: {why}")
            fits = text_width(why, 14) < frame.step
            key = f"letter.{state}" if f"letter.{state}" in messages("web") else "letter.no_figure"
            label = text_mark(frame.x(year), floor - 2, why if fits else say("web", lang, key), "pale", "middle")
            yield label if fits else replace(label, meaning=why)


def _breaks(curves: Sequence[Curve], frame: _Frame, lang: Language) -> Iterator[Mark]:
    """Draw a dashed vertical line before each figure from a new form of the report, with the name of the new form."""
    breaks: dict[float, str] = {}
    for curve in curves:
        for before, year in pairwise(sorted(curve.values)):
            line = curve.lines[year]
            if "break" in line.marks:
                breaks[(before + year) / 2] = line.form or ""
    texts = {at: say("web", lang, "plot.new_form", form=form) for at, form in sorted(breaks.items())}
    if any(text_width(texts[at], NOTE) > frame.x(following) - frame.x(at) for at, following in pairwise(texts)):
        texts = breaks  # only the names of the forms: longer labels would overlap
    for at, text in texts.items():
        x = frame.x(at)
        yield _line("break", (x, frame.top - 6), (x, frame.floor))
        yield text_mark(x, max(frame.top - 20, 13), text, "pale", "middle")  # above the numbers at the dots


def _line_marks(curve: Curve, frame: _Frame, style: str, lang: Language) -> Iterator[Mark]:
    """Join figures of consecutive years by lines, except across a change of form, and mark each figure."""
    values = curve.values
    for before, year in pairwise(sorted(values)):
        if year == before + 1 and "break" not in curve.lines[year].marks:
            yield _line(style, *((frame.x(one), frame.y(values[one])) for one in (before, year)))
    for year, value in sorted(values.items()):
        line = curve.lines[year]
        marks = "".join(f", {say('web', lang, f'mark.{mark}')}" for mark in line.marks)
        yield Mark(
            sort="square" if "withdrawn" in line.marks else "dot", style=style,
            points=((frame.x(year), frame.y(value)),), is_hollow=bool(WEAK & {*line.marks}),
            text=f"{curve.agency.name} {year}: {_words(line, lang)}{marks}",
        )  # fmt: skip


def _point_labels(curve: Curve, frame: _Frame) -> Iterator[Mark]:
    """Write numbers at the dots: all if each fits its year, else those of the first, last, lowest and highest."""
    values = curve.values
    labels = {year: frame.scale.label(value) for year, value in sorted(values.items())}
    if any(text_width(text, NOTE) > frame.step for text in labels.values()):
        chosen = {min(labels), max(labels), min(values, key=values.__getitem__), max(values, key=values.__getitem__)}
        labels = {year: text for year, text in labels.items() if year in chosen}
    end = 0.0
    for year, text in labels.items():
        half = text_width(text, NOTE) / 2
        x, y = _label_place(values, year, frame, half)
        if x - half >= end:
            yield text_mark(round(x, 1), y, text, anchor="middle")
            end = x + half + 2


def _label_place(values: Mapping[int, Decimal], year: int, frame: _Frame, half: float) -> Point:
    """Return where a number ``2 * half`` wide stands at its dot: above it, beside a line that goes up from there, and
    below it if both its lines go up and there is room.
    """
    x, y, value = frame.x(year), frame.y(values[year]), values[year]
    goes_up = [values.get(one, value) > value for one in (year - 1, year + 1)]
    if all(goes_up):
        y += 20 if y + 14 < frame.floor else 0
    elif any(goes_up):
        x += half + 2 if goes_up[0] else -half - 2
    return min(max(x, frame.begin + half), frame.end + 6 - half), y - 6


def _end_labels(curves: Sequence[Curve], frame: _Frame, styles: Sequence[str], lang: Language) -> Iterator[Mark]:
    """Write the name of each agency to the right of its last figure; names that would overlap are moved apart."""
    ends = {at: frame.y(values[max(values)]) for at, curve in enumerate(curves) if (values := curve.values)}
    order = sorted(ends, key=ends.__getitem__)
    highest, places = frame.top, []
    for at in order:
        highest = max(highest, ends[at])
        places.append(highest)
        highest += LABEL + 2
    over = max(places[-1] - frame.floor, 0.0) if places else 0.0
    for at, y in zip(order, places, strict=True):
        name = _english_name(curves[at], lang) or curves[at].agency.name
        text = fit(name, WIDTH - frame.end - 14, LABEL)
        yield text_mark(frame.end + 8, round(y - over + 4, 1), text, styles[at], size=LABEL)


def _number_row(curve: Curve, frame: _Frame, y: float, lang: Language) -> Iterator[Mark]:
    """Write one row of the table below a chart: the figures of an agency below their years."""
    yield from _gaps(curve, frame, lang, y - 11, y + 2)
    for year, value in curve.values.items():
        text = fit(frame.scale.label(value), frame.step, NOTE)
        yield text_mark(frame.x(year), y, text, anchor="middle")


def _words(line: FigureLine, lang: Language) -> str:
    return figure_words(line.figure.value, line.figure.state, line.figure.n, None, lang)


# ---------------------------------------------------------------------------------------------- the width of text


def text_width(text: str, size: float) -> float:
    """Estimate the width of a text in pixels; fonts differ, so this is not exact."""
    return sum(size if one >= _WIDE_LETTERS else 0.62 * size for one in text)


def fit(text: str, width: float, size: float) -> str:
    """Return the text, shortened and with ``…`` at its end if it is wider than ``width`` pixels."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text}…"


def wrap(text: str, width: float, size: float) -> list[str]:
    """Split a text into lines of at most ``width`` pixels, at spaces and between Chinese characters."""
    lines = [""]
    for piece in _PIECE.findall(text):
        if lines[-1] and text_width(lines[-1] + piece.rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return lines
