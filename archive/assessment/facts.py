"""The facts from which the status of one duty is judged: its looks, sightings, dates and rulings.

``archive.projection`` makes them out of truth and judgements; only ``archive.assessment`` reads them. Every fact has
the instant from which it was known; :func:`known_by` gives the facts as of a time. The rows of the table by which they
are judged stand in ``docs/status-rules.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from storage.records import Duty, EvidenceGrade, Finding, LookOutcome, Status

ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFact:
    """A fact that is known from an instant on, and until another (None: to this day)."""

    known_from: datetime
    known_until: datetime | None = None

    def holds(self, as_of: datetime) -> bool:
        """Whether it was known at ``as_of``."""
        return self.known_from <= as_of and (self.known_until is None or as_of < self.known_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeEntry(KnownFact):
    """A listing that speaks for this duty. ``reason``: ``appeared``, ``structure`` or ``ruling``; it is known since the
    agency was first seen there, the listing's row or the ruling was written.

    ``ended_known_from``: when the end became known (None: at the end itself). ``reason_since``: since when the reason
    itself holds, if ``known_from`` is only the time of a newer row. ``listed_from``: when the listing's first row was
    written (None: it was always there). ``proves``: whether the report's absence here says something by itself; if
    not, the listing is asked for beside others that do.
    """

    listing: str
    reason: str
    ended_at: datetime | None = None
    ended_known_from: datetime | None = None
    reason_since: datetime | None = None
    listed_from: datetime | None = None
    proves: bool = True

    @property
    def end_known_from(self) -> datetime | None:
        """When its end became known."""
        return self.ended_known_from or self.ended_at


@dataclass(frozen=True, slots=True, kw_only=True)
class UnresolvedLead:
    """A lead on a look that could be this report. ``resolved_at``: when a capture showed whose it is; None: still
    open. ``names_it``: the lead itself names this body and year.
    """

    url: str
    resolved_at: datetime | None = None
    names_it: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFact:
    """One look at one listing, as far as this duty is concerned; it is known once it is finished.

    ``shows``: a lead (or the page itself) bound to this duty was on it. ``skewed``: clocks differed by more than 5
    min. ``control``: an addressed listing's look has a known-good answer in the same run (always True for columns).
    ``voided``: by a ruling. ``lost``: of a suspect look, how many leads the list lacks against its base, else 0.
    ``unverified``: made over a certificate that does not hold and that no ruling trusts. ``complete_from``: although it
    was read in part, the look would show every report on that year or a later one (``of_year``). ``on_parent_list``: it
    was made at the list that links to the listing, where nothing led to the listing; it shares its id with that look.
    ``others_from``: since when it is known to have shown another body's report on the year (None: it showed none).
    """

    id: str
    listing: str
    started: datetime
    finished: datetime
    outcome: LookOutcome
    skewed: bool = False
    control: bool = True
    voided: bool = False
    shows: bool = False
    unresolved: tuple[UnresolvedLead, ...] = ()
    unverified: bool = False
    lost: int = 0
    complete_from: int | None = None
    on_parent_list: bool = False
    others_from: datetime | None = None

    def of_year(self, year: int) -> LookFact:
        """Return the look as a fact about a report on ``year``: ok, if it would show such a report."""
        whole = self.complete_from is not None and year >= self.complete_from and self.outcome is LookOutcome.PARTIAL
        return replace(self, outcome=LookOutcome.OK) if whole else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting(KnownFact):
    """The report was shown: on a listing's page (``look``) or as a page of its own (``capture``).

    ``at``: fetch time. It is known since the capture that proved it, or since ``at`` if the document cannot be read or
    fetched. ``imported`` proves existence, never time; ``skewed`` (our clock was wrong at that fetch) likewise.
    """

    at: datetime
    url: str
    capture: str | None = None
    look: str | None = None
    listing: str | None = None
    imported: bool = False
    skewed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFact(KnownFact):
    """A declared date or a witness. ``origin`` as in DatedWitness; ``declared``: page metadata or listing date.

    ``shared_from``: since when many reports of several years are known to carry it (a migration). ``corrected``: the
    text calls itself corrected and no earlier edition is held. ``has_edition`` False: a listing's date while no
    edition is held; it may spare the agency, but declares nothing.
    """

    origin: str
    day: date
    text: str
    declared: bool
    corrected: bool = False
    shared_from: datetime | None = None
    has_edition: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRuling(KnownFact):
    """A ruling on this duty: ``status`` not_expected or elsewhere, or None for "expected" (takes an earlier one
    back).
    """

    ruling: str
    status: Status | None
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredBy(KnownFact):
    """Another report (of a whole system) covers this duty, as ruled or as printed in it."""

    edition: str
    ruling: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity(KnownFact):
    """The agency's life as the registry gave it; both days belong to it, None is unbounded."""

    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFinding(KnownFact):
    """A finding about the duty (``unreadable``, ``two_at_once`` …)."""

    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Unattested(KnownFact):
    """Nobody says that a body owed a report on a year. ``reason``: why, a reason code of row 12."""

    known_from: datetime = ALWAYS
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyFacts:
    """Everything that bears on one duty, in any order.

    ``validity``: its life as the registry gave it, row by row; none: unbounded. ``attested_from``: from then on a
    source attests the agency in that year or later; where given, the duty is a guess before it and none after.
    ``unattested``: why nobody says that the body owed a report in that year.
    """

    duty: Duty
    agency_name: str
    known_from: datetime
    scope: tuple[ScopeEntry, ...] = ()
    looks: tuple[LookFact, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    dates: tuple[DateFact, ...] = ()
    rulings: tuple[DutyRuling, ...] = ()
    covered_by: tuple[CoveredBy, ...] = ()
    validity: tuple[Validity, ...] = ()
    attested_from: datetime | None = None
    unattested: tuple[Unattested, ...] = ()
    findings: tuple[KnownFinding, ...] = ()


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


#: The groups of facts that are known from an instant on.
_GROUPS = ("scope", "sightings", "dates", "rulings", "covered_by", "validity", "unattested", "findings")


def known_by(facts: DutyFacts, as_of: datetime) -> DutyFacts:
    """Return ``facts`` without what became known after ``as_of``; an unknown part of a fact is taken back, too.

    A look on which a lead later proved to be this report has, until the proof, an unresolved lead instead.
    """
    proofs: dict[str | None, datetime] = {}
    for sighting in facts.sightings:
        proofs[sighting.look] = min(sighting.known_from, proofs.get(sighting.look, sighting.known_from))
    groups: dict[str, Any] = {name: tuple(one for one in getattr(facts, name) if one.holds(as_of)) for name in _GROUPS}
    groups["scope"] = tuple(
        replace(one, ended_at=None, ended_known_from=None) if one.end_known_from and one.end_known_from > as_of else one
        for one in groups["scope"]
    )
    groups["dates"] = tuple(
        replace(one, shared_from=None) if one.shared_from and one.shared_from > as_of else one
        for one in groups["dates"]
    )
    groups["looks"] = tuple(_look_by(one, as_of, proofs.get(one.id)) for one in facts.looks if one.finished <= as_of)
    lives = sorted(groups["validity"], key=lambda one: (one.known_from, str(one.valid_from), str(one.valid_to)))
    guessed = facts.duty.guessed if facts.attested_from is None else as_of < facts.attested_from
    return replace(
        facts,
        **groups | {"validity": tuple(lives[-1:])},
        duty=facts.duty if facts.duty.guessed is guessed else replace(facts.duty, guessed=guessed),
        attested_from=None if guessed else facts.attested_from,
    )


def _look_by(look: LookFact, as_of: datetime, proof: datetime | None) -> LookFact:
    pending = look.shows and proof is not None and proof > as_of
    early = look.others_from is not None and look.others_from > as_of
    if not (pending or early or look.unresolved):
        return look
    leads = tuple(
        replace(lead, resolved_at=None) if lead.resolved_at is not None and lead.resolved_at > as_of else lead
        for lead in look.unresolved
    )
    if pending and all(lead.resolved_at is not None for lead in leads):
        leads += (UnresolvedLead(url="", names_it=True),)
    others = None if early else look.others_from
    return replace(look, shows=look.shows and not pending, unresolved=leads, others_from=others)


def instants(facts: DutyFacts) -> set[datetime]:
    """Return every instant at which something in ``facts`` became known, the ends of looks left out."""
    rows = [one for name in _GROUPS for one in getattr(facts, name)]
    times: set[datetime | None] = {facts.attested_from}
    times |= {edge for one in rows for edge in (one.known_from, one.known_until)}
    times |= {one.end_known_from for one in facts.scope} | {one.shared_from for one in facts.dates}
    for look in facts.looks:
        times |= {look.others_from, *(lead.resolved_at for lead in look.unresolved)}
    return {instant for instant in times if instant is not None}
