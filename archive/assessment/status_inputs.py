"""The quantities in the rows of the status table (``docs/status-rules.md``: p, d, D, absences), and a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

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


class Case:
    """One duty with what was known of it at a time (``known`` as ``asof.known_by`` gives it)."""

    def __init__(self, known: DutyFacts, as_of: datetime) -> None:
        """Take the facts known at ``as_of``."""
        self.known = known
        self.as_of = as_of
        self.ledger = Ledger(known.scope, known.looks, self._first_on)

    @property
    def _first_on(self) -> str | None:
        """The listing that first showed the report."""
        return next((sighting.listing for sighting in self.sightings if sighting.listing is not None), None)

    @cached_property
    def ruling(self) -> DutyRuling | None:
        """The ruling in force on the duty itself."""
        return max(self.known.rulings, key=lambda ruling: (ruling.made_at, ruling.ruling), default=None)

    @cached_property
    def sightings(self) -> tuple[Sighting, ...]:
        """Every sighting that no voided look made, the earliest first."""
        void = {look.id for look in self.known.looks if look.voided_at is not None}
        valid = (sighting for sighting in self.known.sightings if sighting.look is None or sighting.look not in void)
        return tuple(
            sorted(valid, key=lambda sighting: (sighting.at, sighting.capture or "", sighting.look or "", sighting.url))
        )

    @cached_property
    def first(self) -> Sighting | None:
        """The first sighting whose time is beyond doubt: no hand import, no wrong clock."""
        skewed = {look.id for look in self.known.looks if look.skewed}
        return next(
            (
                sighting
                for sighting in self.sightings
                if not (sighting.imported or sighting.skewed or sighting.look in skewed)
            ),
            None,
        )

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

    @cached_property
    def d(self) -> Declared:
        """The declared date, held against the first sighting (of an import: against the day it came in)."""
        return declared(
            self.known.dates, self.known.duty.year, self.p or (self.first_existed if self.sightings else None)
        )

    def passing_look(self, end: datetime) -> LookFact | None:
        """Return the last look between ``end`` (D_end) and p, whatever its outcome, that showed another body's report
        on the year and not this one, at a listing that has shown this one since.

        A look with an open lead that could be this report is none.
        """
        listings = {sighting.listing for sighting in self.sightings}
        found = (
            look
            for look in self.known.looks
            if look.others_from is not None and not look.shows and look.voided_at is None
            if look.listing in listings and look.started > end and look.finished <= self.first_existed
            if all(lead.resolved_at is not None for lead in look.unresolved)
        )
        return max(found, key=lambda look: (look.started, look.id), default=None)

    @cached_property
    def is_announced(self) -> bool:
        """Whether a look before the report was first seen showed a lead that names it, and nobody knows yet what that
        opens: the report may have been there, so no later look proves that it never was.
        """
        return any(
            lead.names_it and lead.resolved_at is None
            for look in self.known.looks
            if look.voided_at is None and not (self.sightings and look.finished > self.first_existed)
            for lead in look.unresolved
        )

    @cached_property
    def has_earlier_scope(self) -> bool:
        """Whether a listing spoke for the agency other than by showing this very report.

        Where the agency is first met with this report, the listing was in no scope before it, and the report may
        have stood in a column that nobody knew of. Looks at the listing then weigh no more than one.
        """
        return any(
            entry.reason != "appeared" or (entry.reason_since or entry.known_from) < self.first_existed
            for entry in self.known.scope
        )

    @cached_property
    def _first_ok(self) -> dict[str, datetime]:
        first: dict[str, datetime] = {}
        for look in self.known.looks:
            if look.outcome is LookOutcome.OK and look.voided_at is None:
                first[look.listing] = min(look.started, first.get(look.listing, look.started))
        return first

    def is_first_ok(self, look: LookFact) -> bool:
        """Tell whether ``look`` (an ok one) is its listing's first ok look, as far as the facts go back."""
        return look.is_first_ok or look.started <= self._first_ok[look.listing]

    def verdict(
        self,
        rule: int,
        status: Status,
        evidence: EvidenceGrade,
        reason: str,
        *,
        upon: tuple[Absence | None, ...] = (),
        last: Absence | None = None,
        declared: date | None = None,
        days_late: int | None = None,
        conflict: bool = False,
        passing_look: LookFact | None = None,
    ) -> Verdict:
        """Return a verdict with its evidence: the looks of the absences ``upon`` which it rests, the ``passing_look``
        that showed others' reports and not this one, and the first sighting.

        ``last``: the absence whose first start is told as ``last_absent``.
        """
        looks = [look.id for absence in upon if absence is not None for look in absence.looks]
        looks += [] if passing_look is None else [passing_look.id]
        shown = self.first or (self.sightings[0] if self.sightings else None)
        if shown is not None and shown.look is not None:
            looks.append(shown.look)
        return Verdict(
            rule=rule,
            status=status,
            evidence=evidence,
            reason=reason,
            first_shown=self.p,
            last_absent=None if last is None else last.first_start,
            declared=declared,
            days_late=days_late,
            looks=tuple(dict.fromkeys(looks)),
            captures=() if shown is None or shown.capture is None else (shown.capture,),
            conflict=conflict,
        )
