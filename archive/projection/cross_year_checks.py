"""Two years of one agency's reports held against each other by the links of the form (domain: identities Y1–Y3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from archive.findings import finding, first_in_both
from archive.forms.loader import known_form
from archive.forms.model import Link, Sum
from archive.projection.stored_readings import figure, flagged
from storage.records import Finding, Reading


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
        if taken is None or left is None or taken == left:
            continue
        if not _doubted((now,), link.now) and not _doubted(earlier, link.before):
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


def _sum_in_words(readings: Sequence[Reading], terms: Sum, total: Decimal) -> str:
    """A sum with the figures that it is made of, so that whoever opens the report finds them: ``7 - 1 + 0 = 6``."""
    parts = [
        f"{'+' if sign > 0 else '-'} {value:f}"
        for reading in readings
        for name, sign in terms
        if (value := figure(reading, name)) is not None
    ]
    return f"{total:f}" if len(parts) == 1 else f"{' '.join(parts).removeprefix('+ ')} = {total:f}"


def _sum(readings: Sequence[Reading], terms: Sum) -> Decimal | None:
    """The sum of figures; None if one of them is not printed."""
    total = Decimal(0)
    for reading in readings:
        for name, sign in terms:
            value = figure(reading, name)
            if value is None:
                return None
            total += sign * value
    return total


def _doubted(readings: Sequence[Reading], terms: Sum) -> bool:
    """Whether a cell of a sum carries a flag: a doubt about it is no ground for another finding."""
    named = {name for name, _ in terms}
    return any(not flagged(reading).isdisjoint(named) for reading in readings)
