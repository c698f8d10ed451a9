"""Compare an agency's figures on two years: broken carry-overs, jumps, and tables copied from last year. Pure.

The codes of `nianbao check` and their thresholds stand in ``contradictions.toml``, those of jumps in ``jumps.toml``.
Too few figures prove nothing: a table of zeros is the same every year, and so may a department's 1, 2 and 3 be.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from archive.assessment.data_files import data_file
from archive.assessment.measures import measures
from archive.findings import finding, first_in_both
from archive.forms.loader import known_form
from archive.forms.model import Form, Rule, Sum
from storage.records import Finding, Reading

Figures = Mapping[str, Decimal | None]
Terms = list[tuple[int, Decimal]]


@dataclass(frozen=True, slots=True)
class Code:
    """A code of `nianbao check`. ``about``: the two things compared; ``flags``: cell flags that mean the same fault."""

    id: str
    about: str
    flags: frozenset[str]


class Weight(NamedTuple):
    """How much equal figures prove: how many different ones are not 0, and the sum of their log2(1 + value)."""

    values: int
    bits: int

    def reaches(self, values: int, bits: int) -> bool:
        """True if there are at least so many different ``values`` and ``bits``."""
        return self.values >= values and self.bits >= bits


def weight(values: Iterable[Decimal | None]) -> Weight:
    """Return how much figures prove; equal values count once, blanks and zeros not at all."""
    different = {abs(value) for value in values if value}
    return Weight(len(different), int(sum(math.log2(1 + one) for one in different)))


@cache
def codes() -> Mapping[str, Code]:
    """Return every code by its id, in the order of the data file."""
    return {one["id"]: Code(one["id"], one["about"], frozenset(one.get("flags", ()))) for one in data()["code"]}


def printed_codes() -> list[str]:
    """Return the codes of contradictions that the report itself prints, and that are no doubt about our reading."""
    printed: list[str] = data()["printed"]["codes"]
    return printed


def data() -> dict[str, Any]:
    """Return the codes and thresholds of ``contradictions.toml``."""
    return data_file("contradictions.toml")


def broken_links(
    now: Reading, before: Sequence[Reading], year: int, predecessors: Sequence[str] = ()
) -> Iterator[Finding]:
    """Find figures of the report on ``year`` that do not follow from the report before, by the form's links: equations
    such as 上年结转 = 结转下年度 a year before. A broken firm link, which holds by its meaning, is a ``carry_over``;
    any other is a ``stock_differs``, as recounts break it too. A link is judged only if all its figures are printed and
    none is doubted. ``before``: several readings if the agency took over others and their open requests;
    ``predecessors``: their names, unless it is only the agency itself.
    """
    form = known_form(now.form)
    broken: dict[tuple[str, bool], list[tuple[Rule, Terms, Terms]]] = {}
    for link in form.links if form else ():
        sum_now, sum_before = _terms((now,), link.left), _terms(before, link.right)
        if sum_now is not None and sum_before is not None and _total(sum_now) != _total(sum_before):
            broken.setdefault((link.zh, link.firm), []).append((link, sum_now, sum_before))
    case = "" if not predecessors else "of_another" if len(predecessors) == 1 else "of_several"
    for (rule, firm), links in broken.items():
        link, sum_now, sum_before = links[-1]  # the columns of a row break together: the last is its 总计
        yield finding(
            "carry_over" if firm else "stock_differs",
            case=case,
            cells=dict.fromkeys(name for one, _, _ in links for name, _ in one.left),
            expected=f"{_total(sum_before):f}",
            found=f"{_total(sum_now):f}",
            rule=(rule, link.en),
            year=year,
            before=year - 1,
            own=_sum_in_words(sum_now),
            theirs=_sum_in_words(sum_before),
            names=first_in_both(predecessors, len(predecessors)),
        )


def _terms(readings: Sequence[Reading], terms: Sum) -> Terms | None:
    """Return the figures of a sum with their signs; None if one of them is not printed or is doubted."""
    cells = [(sign, reading.cells.get(name)) for reading in readings for name, sign in terms]
    values = [(sign, cell.value) for sign, cell in cells if cell is not None and not cell.flags]
    numbers = [(sign, value) for sign, value in values if value is not None]
    return numbers if len(numbers) == len(cells) else None


def _total(terms: Terms) -> Decimal:
    return sum((sign * value for sign, value in terms), start=Decimal(0))


def _sum_in_words(terms: Terms) -> str:
    """Write a sum with its figures (``7 - 1 + 0 = 6``), so that people can find them in the report."""
    total, parts = f"{_total(terms):f}", [f"{'+' if sign > 0 else '-'} {value:f}" for sign, value in terms]
    return total if len(parts) == 1 else f"{' '.join(parts).removeprefix('+ ')} = {total}"


@dataclass(frozen=True, slots=True)
class Jump:
    """When a cell jumps: the greater figure is at least ``least``, and ``low`` to ``high`` times the smaller, which
    counts as at least ``floor``. Code ``unit_jump``: 元 printed for 万元, or the other way round.
    """

    code: str
    cell: str
    low: Decimal
    high: Decimal
    floor: Decimal
    least: Decimal


@cache
def jump_rules() -> tuple[Jump, ...]:
    """Return the rules of ``jumps.toml``, mistaken units (元, 万元) first: such a cell gets no finding of a jump."""
    entries, unbounded = data_file("jumps.toml"), Decimal("Infinity")
    unit_jumps = [("unit_jump", entry, entry["from"], entry["to"], 0) for entry in entries["slip"]]
    plain_jumps = [("jump", entry, entry["factor"], unbounded, entry["floor"]) for entry in entries["jump"]]
    return tuple(
        Jump(code, cell, Decimal(low), Decimal(high), Decimal(floor), Decimal(entry["least"]))
        for code, entry, low, high, floor in (*unit_jumps, *plain_jumps)
        for cell in entry["cells"]
    )


def jumps(now: Figures, before: Figures, doubted: Collection[str], year: int) -> Iterator[Finding]:
    """Find cells whose figure grew or fell many times since ``year - 1``, by :func:`jump_rules`. Cells that are
    doubted, negative or without a figure are left out; a cell with a mistaken unit gets no other finding.
    """
    mistaken_units: set[str] = set()
    for rule in jump_rules():
        after, was = now.get(rule.cell), before.get(rule.cell)
        if after is None or was is None or rule.cell in {*doubted, *mistaken_units} or min(after, was) < 0:
            continue
        smaller, greater = max(min(after, was), rule.floor), max(after, was)
        if greater < rule.least or not rule.low * smaller <= greater <= (rule.high * smaller if smaller else 0):
            continue
        if rule.code == "unit_jump":
            mistaken_units.add(rule.cell)
        yield finding(
            rule.code,
            cells=(rule.cell,),
            expected=f"{was:f}",
            found=f"{after:f}",
            label=measures()[rule.cell].zh,
            year=year,
            before=year - 1,
            factor=f"{rule.low:f}" if rule.code == "jump" else "",
        )


def figures_copied(form: Form, now: Figures, before: Figures, doubted: Collection[str], year: int) -> Iterator[Finding]:
    """Find the tables that the report on ``year`` repeats from the report before; one finding names all of them.
    ``now``, ``before``: the cells of two reports on the same ``form``; cells ``doubted`` in either prove nothing.
    """
    places = {table.key: [name for name, one in form.places.items() if one.table == table.key] for table in form.tables}
    same = [table for table in form.tables if _is_copied(form, table.key, places[table.key], now, before, doubted)]
    if not same:
        return
    cells = [name for table in same for name in places[table.key] if now.get(name)]
    headings = {section.key: section.heading for section in form.sections}
    titles = [headings.get(table.section, table.key) for table in same]
    yield finding(
        "figures_copied",
        cells=cells,
        found="、".join(titles),
        tables=("、".join(f"“{one}”表" for one in titles), ", ".join(titles)),
        year=year,
        before=year - 1,
        count=len(cells),
    )


def _is_copied(
    form: Form, table: str, places: Sequence[str], now: Figures, before: Figures, doubted: Collection[str]
) -> bool:
    """True if all cells of a ``table`` are equal in both reports, and its figures too many and varied for chance."""
    if any((now.get(name) or 0) != (before.get(name) or 0) for name in places):
        return False
    # a "stock", such as all rules in force, may well be the same a year later
    proving = [now.get(name) for name in places if name not in doubted and form.places[name].kind != "stock"]
    least = data()["copied"]["tables"][table]
    return weight(proving).reaches(least["values"], least["bits"])
