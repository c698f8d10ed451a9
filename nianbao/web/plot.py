"""Figures over the years as a picture: lines with an axis, broken where a figure is lacking or the form changed. Pure.

The template draws it as SVG, and the data stand in the table below. Our own geometry, as the plotting libraries that
write SVG write styles and scripts into it, which the pages' security policy refuses; none marks breaks between forms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from math import floor, log10
from typing import Any

from archive.exports.plain_values import percent
from archive.queries.figure_answers import FigureLine
from nianbao.people_tables import figure_words

_MAX_CURVES = 6  # as many as are told apart by colour and dashes
_WIDTH, _HEIGHT = 760, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 16, 44
_TICKS = 5
Curves = Mapping[str, Sequence[FigureLine]]


def curves_of(lines: Iterable[FigureLine]) -> Curves:
    """Lines of a series by body, the first :data:`_MAX_CURVES` bodies that have any figure."""
    by_body: dict[str, list[FigureLine]] = {}
    for line in lines:
        by_body.setdefault(line.agency.id, []).append(line)
    with_figures = [
        lines_of_body
        for lines_of_body in by_body.values()
        if any(one.figure.value is not None for one in lines_of_body)
    ]
    return {lines_of_body[0].agency.name: lines_of_body for lines_of_body in with_figures[:_MAX_CURVES]}


def plot(curves: Curves) -> dict[str, Any] | None:
    """What is drawn of some bodies' figures; None where there are not two years with a figure.

    ``rows``: heights with their labels; ``columns``: places of the years; ``floor``: height of 0.
    """
    lines = [one for lines_of_body in curves.values() for one in lines_of_body]
    values = [one.figure.value for one in lines if one.figure.value is not None]
    years = sorted({one.year for one in lines})
    if len(years) < 2 or not values:
        return None
    are_rates = any(one.figure.n is not None for one in lines if one.figure.value is not None)
    ticks = _ticks(min(*values, Decimal(0)), max(*values, Decimal(0)))
    low, high = ticks[0], ticks[-1]

    def x(year: int) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * (year - years[0]) / (years[-1] - years[0]), 1)

    def y(value: Decimal) -> float:
        return round(float(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - float((value - low) / (high - low)))), 1)

    return {
        "curves": [_curve(name, lines_of_body, years, x, y) for name, lines_of_body in curves.items()],
        "rows": [(y(tick), percent(tick) if are_rates else f"{tick.normalize():f}") for tick in ticks],
        "columns": [(x(year), year) for year in years],
        "floor": y(Decimal(0)),
    }


def _curve(
    name: str, lines: Sequence[FigureLine], years: Sequence[int], x: Callable[[int], float],
    y: Callable[[Decimal], float],
) -> dict[str, Any]:  # fmt: skip
    """A body's figures. ``paths``: runs of years without a gap and on one form; ``gaps``: x and year of those without
    a figure; ``breaks``: where the form changed.
    """
    runs: list[list[dict[str, Any]]] = []
    breaks = []
    before: int | None = None
    for line in sorted(lines, key=lambda one: one.year):
        figure, year = line.figure, line.year
        if figure.value is None:
            continue
        if (changed := before is not None and "break" in line.marks) and before is not None:
            breaks.append((x(before) + x(year)) / 2)
        if before != year - 1 or changed:
            runs.append([])
        text = figure_words(figure.value, figure.state, figure.n, None, "en")  # the same in both languages
        is_doubted = "doubted" in line.marks
        runs[-1].append({"x": x(year), "y": y(figure.value), "year": year, "text": text, "doubted": is_doubted})
        before = year
    points = [one for run in runs for one in run]
    years_with_figures = {one["year"] for one in points}
    return {
        "name": name, "points": points, "gaps": [(x(year), year) for year in years if year not in years_with_figures],
        "paths": ["M" + "L".join(f"{one['x']} {one['y']}" for one in run) for run in runs if len(run) > 1],
        "breaks": breaks,
    }  # fmt: skip


def _ticks(low: Decimal, high: Decimal) -> list[Decimal]:
    """Round numbers from at most ``low`` to at least ``high``."""
    span = float(high - low) or 1.0
    power = Decimal(10) ** floor(log10(span / _TICKS))
    step = next(power * one for one in (1, 2, 5, 10) if float(power * one) * _TICKS >= span)
    first = (low // step) * step if low >= 0 else -(-low // step + (1 if -low % step else 0)) * step
    ticks = [first]
    while ticks[-1] < high or len(ticks) < 2:
        ticks.append(ticks[-1] + step)
    return ticks
