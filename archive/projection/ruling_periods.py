"""Rulings on links and documents act from their making on: before it, "as of" tells what was judged without them.

Looks voided, bases, scopes and duties carry the instant of their ruling in the facts themselves. What a link or a
document *is* has no such place there; so the portal is judged once for each instant at which a ruling changed that,
and the histories are put together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.assessment.facts import DutyFacts
from archive.assessment.history import history, splice
from archive.projection.truth import PortalTruth
from storage.records import Agency, Duty, Ruling, RulingKind, StatusInterval

_RETELLING = frozenset({RulingKind.LEAD, RulingKind.BINDING})

#: The facts on a duty of an agency, as some judging of the portal has them.
Facts = Callable[[Duty, Agency], DutyFacts]


@dataclass(frozen=True, slots=True)
class RulingPeriod:
    """What was judged until ``until`` (not included; None: until today)."""

    until: datetime | None
    facts: Facts


def truths_before_rulings(truth: PortalTruth) -> tuple[tuple[datetime, PortalTruth], ...]:
    """Give the truth without the rulings of each instant and after it, oldest first; nothing where none retells."""
    rulings = [ruling for ruling in truth.rulings if ruling.kind in _RETELLING]
    here = _subjects(truth) if rulings else frozenset()
    return tuple(
        (made_at, replace(truth, rulings=tuple(ruling for ruling in truth.rulings if _known(ruling, made_at))))
        for made_at in sorted({ruling.made_at for ruling in rulings if ruling.subject in here})
    )


def history_over_periods(
    duty: Duty, agency: Agency, periods: Sequence[RulingPeriod], end: datetime
) -> tuple[StatusInterval, ...]:
    """Give the history of a duty over the periods, oldest first."""
    facts = [period.facts(duty, agency) for period in periods]
    if all(one == facts[-1] for one in facts[:-1]):
        return history(facts[-1], end)
    parts: list[tuple[datetime | None, tuple[StatusInterval, ...]]] = []
    for place, (period, known) in enumerate(zip(periods, facts, strict=True)):
        if place + 1 < len(facts) and facts[place + 1] == known:
            continue  # nothing was retold of this duty here
        parts.append((period.until, history(known, end)))
    return splice(parts)


def _known(ruling: Ruling, by: datetime) -> bool:
    return ruling.kind not in _RETELLING or ruling.made_at < by


def _subjects(truth: PortalTruth) -> frozenset[str]:
    """Give every link, address and document of the portal that a ruling may name."""
    links = {link.url for found in truth.extractions.values() for link in found.links}
    captures = {name for capture in truth.captures for name in (capture.url, capture.requested, capture.document)}
    return frozenset(links | {name for name in captures if name is not None})
