"""Two years of one agency's reports held against each other: by the links of the form (identities Y1-Y3), and by
figures that differ beyond likelihood (``jumps.toml``). Pure.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from archive.assessment.measures import measures
from archive.findings import finding, first_in_both
from archive.forms.loader import known_form
from archive.forms.model import Link, Sum
from storage.records import Finding, Reading

Figures = Mapping[str, Decimal | None]


def between_years(
    now: Reading, before: Reading | Sequence[Reading], year: int, names: Sequence[str] = ()
) -> Iterator[Finding]:
    """Say what of the report on ``year`` does not follow from that on the year before.

    A firm link that breaks is a ``carry_over``; another, which recounts and clean-ups break too, a ``stock_differs``.
    A link is judged only where every figure of it is printed and none is doubted. ``before``: several where a body took
    others over, whose requests are its own since: they count together. ``names``: of the bodies whose reports those
    are, where they are not its own alone.
    """
    earlier = (before,) if isinstance(before, Reading) else tuple(before)
    form = known_form(now.form)
    broken: dict[tuple[str, str, bool], list[tuple[Link, Decimal, Decimal]]] = {}
    for link in form.links if form else ():
        taken, left = _sum((now,), link.now), _sum(earlier, link.before)
        if taken is not None and left is not None and taken != left:
            broken.setdefault((link.code, link.zh, link.firm), []).append((link, taken, left))
    case = "" if not names else "of_another" if len(names) == 1 else "of_several"
    for (code, rule, firm), found in broken.items():
        # the columns of a row break together: the last is its 总计
        link, taken, left = found[-1]
        yield finding(
            "carry_over" if firm else "stock_differs",
            case=case,
            cells=dict.fromkeys(name for one, _, _ in found for name, _ in one.now),
            expected=f"{left:f}",
            found=f"{taken:f}",
            link=code,
            rule=(rule, link.en),
            year=year,
            before=year - 1,
            own=_sum_in_words((now,), link.now, taken),
            theirs=_sum_in_words(earlier, link.before, left),
            names=first_in_both(names, len(names)),
        )


def figure_of(reading: Reading, name: str) -> Decimal | None:
    """Give the figure of a cell, None where there is none (or no cell)."""
    cell = reading.cells.get(name)
    return cell.value if cell else None


def _sum_in_words(readings: Sequence[Reading], terms: Sum, total: Decimal) -> str:
    """A sum with the figures that it is made of, so that whoever opens the report finds them: ``7 - 1 + 0 = 6``."""
    figures = ((sign, figure_of(reading, name)) for reading in readings for name, sign in terms)
    parts = [f"{'+' if sign > 0 else '-'} {value:f}" for sign, value in figures if value is not None]
    return f"{total:f}" if len(parts) == 1 else f"{' '.join(parts).removeprefix('+ ')} = {total:f}"


def _sum(readings: Sequence[Reading], terms: Sum) -> Decimal | None:
    """The sum of figures; None if one of them is not printed, or doubted: a doubt is no ground for another finding."""
    total = Decimal(0)
    for reading in readings:
        for name, sign in terms:
            value = figure_of(reading, name)
            if value is None or reading.cells[name].flags:
                return None
            total += sign * value
    return total


@dataclass(frozen=True, slots=True)
class Jump:
    """What is a jump of a cell: the greater figure is ``least`` at least and ``low`` to ``high`` times the smaller
    (counted as ``floor`` at least). ``unit_jump``: 元 for 万元, or the other way round.
    """

    code: str
    cell: str
    low: Decimal
    high: Decimal
    floor: Decimal
    least: Decimal


@cache
def jump_rules() -> tuple[Jump, ...]:
    """The rules of ``jumps.toml``, slips of the unit first: a cell that has one is told once."""
    text = files("archive.assessment").joinpath("jumps.toml").read_text(encoding="utf-8")
    known, endless = tomllib.loads(text, parse_float=Decimal), Decimal("Infinity")
    slips = [("unit_jump", one, one["from"], one["to"], 0) for one in known["slip"]]
    plain = [("jump", one, one["factor"], endless, one["floor"]) for one in known["jump"]]
    return tuple(
        Jump(code, cell, Decimal(low), Decimal(high), Decimal(floor), Decimal(one["least"]))
        for code, one, low, high, floor in (*slips, *plain)
        for cell in one["cells"]
    )


def jumps(now: Figures, before: Figures, doubted: Collection[str], year: int) -> Iterator[Finding]:
    """Tell the jumps from the report on ``year - 1`` to that on ``year``; a cell that is ``doubted`` in either is not
    judged, nor one that is blank or not printed.
    """
    told: set[str] = set()
    for rule in jump_rules():
        after, was = now.get(rule.cell), before.get(rule.cell)
        if after is None or was is None or rule.cell in doubted or rule.cell in told or min(after, was) < 0:
            continue
        smaller, greater = max(min(after, was), rule.floor), max(after, was)
        if greater < rule.least or not rule.low * smaller <= greater <= (rule.high * smaller if smaller else 0):
            continue
        told |= {rule.cell} if rule.code == "unit_jump" else set()
        yield finding(
            rule.code,
            cells=(rule.cell,),
            expected=f"{was:f}",
            found=f"{after:f}",
            label=(measures()[rule.cell].zh, rule.cell),
            year=year,
            before=year - 1,
            factor=f"{rule.low:f}" if rule.code == "jump" else "",
        )
