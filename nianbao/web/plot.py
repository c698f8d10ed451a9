"""Figures over the years as a picture: lines with an axis, broken where a figure is lacking or the form changed. Pure.

The template draws it as SVG, and the data stand in the table below. Our own geometry, as the plotting libraries that
write SVG write styles and scripts into it, which the pages' security policy refuses; none marks breaks between forms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10

from archive.exports.plain_values import percent
from archive.queries.figure_answers import FigureLine
from nianbao.people_tables import figure_words

MOST_CURVES = 6  #: as many as are told apart by colour and dashes
WIDTH, HEIGHT = 760, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 16, 44
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Point:
    """A figure that is known. ``text``: as it is told; ``doubted``: the reader doubts it."""

    x: float
    y: float
    year: int
    text: str
    doubted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A body's figures. ``paths``: runs of years without a gap and on one form; ``gaps``: x and year of those without
    a figure; ``breaks``: where the form changed.
    """

    name: str
    points: tuple[Point, ...]
    paths: tuple[str, ...]
    gaps: tuple[tuple[float, int], ...]
    breaks: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What is drawn. ``rows``: heights with their labels; ``columns``: places of the years; ``floor``: height of 0."""

    curves: tuple[Curve, ...]
    rows: tuple[tuple[float, str], ...]
    columns: tuple[tuple[float, int], ...]
    floor: float


def curves_of(lines: Iterable[FigureLine]) -> Mapping[str, Sequence[FigureLine]]:
    """Lines of a series by body, the first :data:`MOST_CURVES` bodies that have any figure."""
    found: dict[str, list[FigureLine]] = {}
    for line in lines:
        found.setdefault(line.agency.id, []).append(line)
    known = {name: held for name, held in found.items() if any(one.figure.value is not None for one in held)}
    return {known[name][0].agency.name: known[name] for name in [*known][:MOST_CURVES]}


def plot(curves: Mapping[str, Sequence[FigureLine]]) -> Plot | None:
    """The picture of some bodies' figures; None where there are not two years with a figure."""
    figures = [one.figure for held in curves.values() for one in held if one.figure.value is not None]
    values = [one.value for one in figures if one.value is not None]
    years = sorted({one.year for held in curves.values() for one in held})
    if len(years) < 2 or not values:
        return None
    are_rates = any(one.n is not None for one in figures)
    ticks = _ticks(min(*values, Decimal(0)), max(*values, Decimal(0)))
    low, high = ticks[0], ticks[-1]

    def x(year: int) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * (year - years[0]) / (years[-1] - years[0]), 1)

    def y(value: Decimal) -> float:
        return round(float(_TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - float((value - low) / (high - low)))), 1)

    def point(one: FigureLine) -> Point:
        assert one.figure.value is not None
        return Point(x(one.year), y(one.figure.value), one.year, _text(one), "doubted" in one.marks)

    return Plot(
        curves=tuple(_curve(name, held, years, point, x) for name, held in curves.items()),
        rows=tuple((y(tick), percent(tick) if are_rates else f"{tick.normalize():f}") for tick in ticks),
        columns=tuple((x(year), year) for year in years),
        floor=y(Decimal(0)),
    )


def _text(one: FigureLine) -> str:
    """A figure that is known, the same in both languages."""
    return figure_words(one.figure.value, one.figure.state, one.figure.n, None, "en")


def _curve(
    name: str,
    lines: Sequence[FigureLine],
    years: Sequence[int],
    point: Callable[[FigureLine], Point],
    x: Callable[[int], float],
) -> Curve:
    known = {one.year: one for one in lines if one.figure.value is not None}
    runs: list[list[Point]] = []
    breaks = []
    before: int | None = None
    for year in sorted(known):
        line, here = known[year], point(known[year])
        changed = before is not None and "break" in line.marks
        if changed and before is not None:
            breaks.append((x(before) + x(year)) / 2)
        if before == year - 1 and not changed:
            runs[-1].append(here)
        else:
            runs.append([here])
        before = year
    return Curve(
        name=name,
        points=tuple(one for run in runs for one in run),
        paths=tuple("M" + "L".join(f"{one.x} {one.y}" for one in run) for run in runs if len(run) > 1),
        gaps=tuple((x(year), year) for year in years if year not in known),
        breaks=tuple(breaks),
    )


def _ticks(low: Decimal, high: Decimal) -> list[Decimal]:
    """Round numbers from at most ``low`` to at least ``high``."""
    span = float(high - low) or 1.0
    power = Decimal(10) ** floor(log10(span / _TICKS))
    step = next(power * one for one in (1, 2, 5, 10) if float(power * one) * _TICKS >= span)
    first = (low // step) * step if low >= 0 else -(-low // step + (1 if -low % step else 0)) * step
    found = [first]
    while found[-1] < high or len(found) < 2:
        found.append(found[-1] + step)
    return found
