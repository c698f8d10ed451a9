"""The ten facts that a status needs, as known at a time (``docs/status-rules.md``).

1 the agency's life · 2 a ruling on the duty · 3 a report that covers it · 4 D, the due day · 5 p, when it was first
shown · 6 the absences · 7 d, the declared date · 8 witnesses against d · 9 links that may be the report · 10 who
attests that the agency owed one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from archive.assessment.absences import Absence, Ledger
from archive.assessment.calendar import day_begins, local_day, year_over
from archive.assessment.facts import DateFact, DutyFacts, LookFact, Verdict
from storage.records import DatedWitness, EvidenceGrade, LookOutcome, Status


class Case:
    """One duty with what was known of it at a time (``facts`` as ``facts.known_by`` gives it)."""

    def __init__(self, facts: DutyFacts, as_of: datetime) -> None:
        self.facts, self.as_of = facts, as_of
        self.year, self.due = facts.duty.year, facts.duty.due
        #: D, or where no statute sets one the customary day
        self.expected_by = facts.duty.due or facts.duty.practice
        #: the ruling in force on the duty itself
        self.ruling = max(facts.rulings, key=lambda ruling: (ruling.known_from, ruling.ruling), default=None)
        void = {look.id for look in facts.looks if look.voided}
        valid = [sighting for sighting in facts.sightings if sighting.look not in void]
        #: those that no voided look made, the earliest first
        self.sightings = sorted(valid, key=lambda one: (one.at, one.capture or "", one.look or "", one.url))
        skewed = {look.id for look in facts.looks if look.skewed}
        certain = (one for one in self.sightings if not (one.imported or one.skewed or one.look in skewed))
        first = next(certain, None)
        #: when the report was first shown, as far as a time is proven (no hand import, no wrong clock)
        self.p = None if first is None else first.at
        #: the sighting that is told as the first
        self.first_sighting = first or next(iter(self.sightings), None)
        #: when the report is first known to have existed: an absence after that says nothing about lateness
        self.existed = self.sightings[0].at if self.sightings else None
        self.d = declared(facts.dates, self.year, self.existed if first is None else first.at)
        listed = (sighting.listing for sighting in self.sightings if sighting.listing is not None)
        self.ledger = Ledger(facts.scope, facts.looks, next(listed, None))

    @property
    def is_announced(self) -> bool:
        """Whether a look before the report was first seen showed a lead that names it, and nobody knows yet what that
        opens: the report may have been there.
        """
        return any(
            lead.names_it and lead.resolved_at is None
            for look in self.facts.looks
            if not look.voided and (self.existed is None or look.finished <= self.existed)
            for lead in look.unresolved
        )

    @property
    def has_earlier_scope(self) -> bool:
        """Whether a listing spoke for the agency other than by showing this very report. If none did, the report may
        have stood in a column that nobody knew of, and looks weigh no more than one.
        """
        return any(
            entry.reason != "appeared"
            or (self.existed is not None and (entry.reason_since or entry.known_from) < self.existed)
            for entry in self.facts.scope
        )

    def passing_look(self, end: datetime) -> LookFact | None:
        """Return the last look between ``end`` (D_end) and p, whatever its outcome, that showed another body's report
        on the year and not this one, at a listing that has shown this one since.

        A look with an open lead that could be this report is none.
        """
        listings = {sighting.listing for sighting in self.sightings}
        looks = (
            look
            for look in self.facts.looks
            if look.others_from is not None and not look.shows and not look.voided
            if look.listing in listings and look.started > end and self.existed and look.finished <= self.existed
            if all(lead.resolved_at is not None for lead in look.unresolved)
        )
        return max(looks, key=lambda look: (look.started, look.id), default=None)

    def is_first_ok_look(self, look: LookFact) -> bool:
        """Whether no ok look at its listing began earlier, as far as the facts go back."""
        ok = (one for one in self.facts.looks if one.outcome is LookOutcome.OK and not one.voided)
        return look.started <= min(one.started for one in ok if one.listing == look.listing)

    def verdict(
        self,
        rule: int,
        status: Status,
        evidence: EvidenceGrade,
        reason: str,
        *,
        upon: tuple[Absence | None, ...] = (),
        last: Absence | None = None,
        passing: LookFact | None = None,
        **more: Any,
    ) -> Verdict:
        """Return a verdict with its evidence: the looks of the absences ``upon`` which it rests, the ``passing`` look
        that showed others' reports and not this one, and the first sighting.

        ``last``: the absence whose first start is told as ``last_absent``. A guessed duty is never proven: nobody
        attests that the body existed then, or of which kind it was.
        """
        sighting = self.first_sighting
        looks = [look.id for absence in upon if absence is not None for look in absence.looks]
        looks += [name for name in (passing and passing.id, sighting and sighting.look) if name]
        result = Verdict(
            rule=rule,
            status=status,
            evidence=evidence,
            reason=reason,
            first_shown=self.p,
            last_absent=None if last is None else last.first_start,
            looks=tuple(dict.fromkeys(looks)),
            captures=(sighting.capture,) if sighting is not None and sighting.capture is not None else (),
            **more,
        )
        is_guess = self.facts.duty.guessed and evidence is EvidenceGrade.PROVEN
        return replace(result, evidence=EvidenceGrade.ONE_LOOK) if is_guess else result


# -------------------------------------------------------------------------------- dates


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the site itself says about the day of publication.

    ``day``: d, None if there is none or it is void. ``listed``: a listing date that holds although the metadata
    date is void, or no edition is held; it cannot accuse, only keep from accusing. ``sides``: metadata and listing
    date, those that are known and not void.
    """

    day: date | None = None
    listed: date | None = None
    sides: tuple[date, ...] = ()


def declared(dates: Sequence[DateFact], year: int, shown_at: datetime | None) -> Declared:
    """Return d: page metadata, else the listing date, of the first edition held.

    Void if before 1 January of ``year`` + 1, after ``shown_at`` (p), shared by many reports of several years (a
    migration), or if the text calls itself corrected and no earlier edition is held.
    """
    own = [fact for fact in dates if fact.declared and fact.has_edition]
    meta = _earliest(fact for fact in own if fact.origin != "listing")
    listing = _earliest(fact for fact in own if fact.origin == "listing")
    choice = meta or listing
    if choice is None:
        witness = _earliest(fact for fact in dates if fact.declared)
        return Declared(listed=None if witness is None or _is_void(witness, year, shown_at) else witness.day)
    if any(fact.corrected for fact in own):
        return Declared()
    sound = [fact for fact in (meta, listing) if fact is not None and not _is_void(fact, year, shown_at)]
    return Declared(
        day=choice.day if choice in sound else None,
        listed=listing.day if listing is not None and listing in sound and choice not in sound else None,
        sides=tuple(fact.day for fact in sound),
    )


def witnesses(dates: Iterable[DateFact]) -> tuple[DateFact, ...]:
    """Return the dates that say "not before": of the document, its address, Last-Modified, object ids; shared ones
    say nothing.
    """
    return tuple(sorted((fact for fact in dates if not fact.declared and fact.shared_from is None), key=_order))


def as_witnesses(dates: Iterable[DateFact]) -> tuple[DatedWitness, ...]:
    """Return every date of the first edition as a reader should see it, declared ones included."""
    ordered = sorted(dates, key=_order)
    return tuple(
        dict.fromkeys(DatedWitness(origin=one.origin, at=day_begins(one.day), text=one.text) for one in ordered)
    )


def _is_void(fact: DateFact, year: int, shown_at: datetime | None) -> bool:
    early, late = local_day(year_over(year)), None if shown_at is None else local_day(shown_at)
    return fact.day < early or (late is not None and fact.day > late) or fact.shared_from is not None


def _earliest(facts: Iterable[DateFact]) -> DateFact | None:
    """Return the date that was known first; of several known at once the earliest day, in doubt for the agency."""
    return min(facts, key=lambda fact: (fact.known_from, fact.day, fact.text), default=None)


def _order(fact: DateFact) -> tuple[str, date, str]:
    return fact.origin, fact.day, fact.text
