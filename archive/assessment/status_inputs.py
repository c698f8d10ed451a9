"""The ten facts that a status needs, as known at a time (``docs/status-rules.md``), and a verdict.

1 the agency's life · 2 a ruling on the duty · 3 a report that covers it · 4 D, the due day · 5 p, when it was first
shown · 6 the absences · 7 d, the declared date · 8 witnesses against d · 9 links that may be the report · 10 who
attests that the agency owed one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from archive.assessment.absences import Absence, Ledger
from archive.assessment.dates import Declared, declared
from archive.assessment.facts import DutyFacts, DutyRuling, LookFact, Sighting
from storage.records import EvidenceGrade, LookOutcome, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the facts known at a time say. ``rule`` is the row; ``reason`` a code of ``reasons.toml``.

    ``conflict``: dates and looks, or dates among themselves, disagree (finding ``date_conflict``). ``where``: the
    place or edition of a report published elsewhere. The other fields as in
    :class:`storage.records.StatusInterval`.
    """

    rule: int
    status: Status
    evidence: EvidenceGrade
    reason: str
    first_shown: datetime | None = None
    last_absent: datetime | None = None
    declared: date | None = None
    days_late: int | None = None
    looks: tuple[str, ...] = ()
    captures: tuple[str, ...] = ()
    rulings: tuple[str, ...] = ()
    conflict: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One duty with what was known of it at a time (``known`` as ``asof.known_by`` gives it).

    ``ruling``: that in force on the duty itself. ``sightings``: those that no voided look made, the earliest first;
    ``first``: the first of them whose time is beyond doubt (no hand import, no wrong clock). ``is_announced``: a look
    before the report was first seen showed a lead that names it, and nobody knows yet what that opens: the report may
    have been there. ``has_earlier_scope``: a listing spoke for the agency other than by showing this very report; if
    none did, the report may have stood in a column that nobody knew of, and looks weigh no more than one.
    """

    known: DutyFacts
    as_of: datetime
    ruling: DutyRuling | None
    sightings: tuple[Sighting, ...]
    first: Sighting | None
    d: Declared
    ledger: Ledger
    is_announced: bool
    has_earlier_scope: bool

    @property
    def p(self) -> datetime | None:
        """When the report was first shown, as far as a time is proven."""
        return None if self.first is None else self.first.at

    @property
    def first_existed(self) -> datetime:
        """When the report is first known to have existed: an absence after that says nothing about lateness."""
        return self.sightings[0].at

    @property
    def due(self) -> date | None:
        """D, the statutory day; None where no statute sets one."""
        return self.known.duty.due

    @property
    def expected_by(self) -> date | None:
        """D, or where no statute sets one the customary day."""
        return self.known.duty.due or self.known.duty.practice


def case_of(known: DutyFacts, as_of: datetime) -> Case:
    """Give the case of what was ``known`` at ``as_of``."""
    sightings = _valid_sightings(known)
    skewed = {look.id for look in known.looks if look.skewed}
    certain = (one for one in sightings if not (one.imported or one.skewed or one.look in skewed))
    first, existed = next(certain, None), sightings[0].at if sightings else None
    first_on = next((sighting.listing for sighting in sightings if sighting.listing is not None), None)
    return Case(
        known=known,
        as_of=as_of,
        ruling=max(known.rulings, key=lambda ruling: (ruling.made_at, ruling.ruling), default=None),
        sightings=sightings,
        first=first,
        d=declared(known.dates, known.duty.year, existed if first is None else first.at),
        ledger=Ledger(known.scope, known.looks, first_on),
        is_announced=any(
            lead.names_it and lead.resolved_at is None
            for look in known.looks
            if look.voided_at is None and (existed is None or look.finished <= existed)
            for lead in look.unresolved
        ),
        has_earlier_scope=any(
            entry.reason != "appeared" or (existed is not None and (entry.reason_since or entry.known_from) < existed)
            for entry in known.scope
        ),
    )


def _valid_sightings(known: DutyFacts) -> tuple[Sighting, ...]:
    void = {look.id for look in known.looks if look.voided_at is not None}
    valid = (sighting for sighting in known.sightings if sighting.look is None or sighting.look not in void)
    return tuple(sorted(valid, key=lambda one: (one.at, one.capture or "", one.look or "", one.url)))


def passing_look(case: Case, end: datetime) -> LookFact | None:
    """Return the last look between ``end`` (D_end) and p, whatever its outcome, that showed another body's report
    on the year and not this one, at a listing that has shown this one since.

    A look with an open lead that could be this report is none.
    """
    listings = {sighting.listing for sighting in case.sightings}
    found = (
        look
        for look in case.known.looks
        if look.others_from is not None and not look.shows and look.voided_at is None
        if look.listing in listings and look.started > end and look.finished <= case.first_existed
        if all(lead.resolved_at is not None for lead in look.unresolved)
    )
    return max(found, key=lambda look: (look.started, look.id), default=None)


def first_ok_looks(known: DutyFacts) -> dict[str, datetime]:
    """Give when the first ok look at each listing began, as far as the facts go back."""
    first: dict[str, datetime] = {}
    for look in known.looks:
        if look.outcome is LookOutcome.OK and look.voided_at is None:
            first[look.listing] = min(look.started, first.get(look.listing, look.started))
    return first


def verdict(
    case: Case,
    rule: int,
    status: Status,
    evidence: EvidenceGrade,
    reason: str,
    *,
    upon: tuple[Absence | None, ...] = (),
    last: Absence | None = None,
    passing: LookFact | None = None,
    **more: object,
) -> Verdict:
    """Return a verdict with its evidence: the looks of the absences ``upon`` which it rests, the ``passing`` look
    that showed others' reports and not this one, and the first sighting.

    ``last``: the absence whose first start is told as ``last_absent``.
    """
    looks = [look.id for absence in upon if absence is not None for look in absence.looks]
    looks += [] if passing is None else [passing.id]
    shown = case.first or (case.sightings[0] if case.sightings else None)
    if shown is not None and shown.look is not None:
        looks.append(shown.look)
    made = Verdict(
        rule=rule,
        status=status,
        evidence=evidence,
        reason=reason,
        first_shown=case.p,
        last_absent=None if last is None else last.first_start,
        looks=tuple(dict.fromkeys(looks)),
        captures=() if shown is None or shown.capture is None else (shown.capture,),
    )
    return replace(made, **more)  # type: ignore[arg-type]
