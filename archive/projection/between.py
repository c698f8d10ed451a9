"""Two years of one agency's reports held against each other by the links of the form (domain: identities Y1–Y3)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from archive.forms.loader import known_form
from archive.forms.model import Link, Sum
from archive.projection.held import figure
from storage.records import Finding, Reading, Severity


def between_years(now: Reading, before: Reading, year: int) -> Iterator[Finding]:
    """Say what of the report on ``year`` does not follow from that on the year before.

    A firm link that breaks is a ``carry_over``; another, which recounts and clean-ups break too, a ``stock_differs``.
    A link is judged only where every figure of it is printed and none is doubted.
    """
    form = known_form(now.form)
    broken: dict[tuple[str, str, bool], list[tuple[Link, Decimal, Decimal]]] = {}
    for link in form.links if form else ():
        taken, left = _sum(now, link.now), _sum(before, link.before)
        if taken is None or left is None or taken == left:
            continue
        if not _doubted(now, link.now) and not _doubted(before, link.before):
            broken.setdefault((link.code, link.zh, link.firm), []).append((link, taken, left))
    for (code, rule, firm), found in broken.items():
        # the columns of a row break together: the last is its 总计
        link, taken, left = found[-1]
        yield Finding(
            code="carry_over" if firm else "stock_differs",
            severity=Severity.WARNING if firm else Severity.INFO,
            zh=f"{code} 不成立：{rule}；{year}年报告为 {taken:f}，{year - 1}年报告为 {left:f}。",
            en=f"{code} does not hold: the report on {year} gives {taken:f}, that on {year - 1} gives {left:f}.",
            cells=tuple(dict.fromkeys(name for one, _, _ in found for name, _ in one.now)),
            expected=f"{left:f}",
            found=f"{taken:f}",
        )


def _sum(reading: Reading, terms: Sum) -> Decimal | None:
    """The sum of figures; None if one of them is not printed."""
    total = Decimal(0)
    for name, sign in terms:
        value = figure(reading, name)
        if value is None:
            return None
        total += sign * value
    return total


def _doubted(reading: Reading, terms: Sum) -> bool:
    """Whether a cell of a sum carries a flag: a doubt about it is no ground for another finding."""
    return any(reading.cells[name].flags for name, _ in terms)
