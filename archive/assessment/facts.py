"""The facts from which the status of one duty is judged: its looks, sightings, dates and rulings.

``archive.projection`` makes them from the stored truth; only ``archive.assessment`` reads them. Every fact carries the
instant from which it was known; :func:`known_by` returns the facts known at a time. ``docs/status-rules.md`` has the
rules by which they are judged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from archive.assessment.calendar import day_ends, year_over
from storage.records import Duty, EvidenceGrade, Finding, LookOutcome, Status

ALWAYS = datetime.min.replace(tzinfo=UTC)


def keep_earliest(times: dict[Any, datetime], key: object, at: datetime) -> None:
    """Set the time of ``key`` to ``at`` unless an earlier one is there: a fact is known since its first proof."""
    times[key] = min(at, times.get(key, at))


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFact:
    """A fact that was known from an instant on, and until another instant (None: still known)."""

    known_from: datetime
    known_until: datetime | None = None

    def holds(self, as_of: datetime) -> bool:
        """True if the fact was known at ``as_of``."""
        return self.known_from <= as_of and (self.known_until is None or as_of < self.known_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeEntry(KnownFact):
    """A listing on which the report of this duty should stand.
    ``reason``: ``appeared`` (known since the agency was first seen there), ``structure`` (since the listing's row was
    written) or ``ruling`` (since the ruling). ``reason_since``: when the reason began, if ``known_from`` is only the
    time of a newer row. ``ended_known_from``: when the end became known (None: at the end itself). ``listed_from``:
    when the listing's first row was written (None: it was always there). ``proves``: True if absence from this listing
    proves something by itself; if not, an absence needs it beside another listing that does.
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
        """Return when its end became known."""
        return self.ended_known_from or self.ended_at


@dataclass(frozen=True, slots=True, kw_only=True)
class UnresolvedLead:
    """A lead on a look that could be this report. ``resolved_at``: when a capture showed what it is (None: unknown);
    ``names_it``: the lead itself names this agency and year.
    """

    url: str
    resolved_at: datetime | None = None
    names_it: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFact:
    """What one look at one listing means for this duty; it is known once the look is finished.
    ``shows``: a lead on it, or the page itself, is bound to this duty. ``skewed``: the clocks differed by more than 5
    minutes. ``control``: a known-good address of the same addressed listing answered in the same run (True for other
    listings). ``voided``: by a ruling. ``lost``: how many leads a suspect look lacks against its base, else 0.
    ``unverified``: fetched over a broken certificate that no ruling trusts. ``whole_from``: the look was partial,
    but would show every report on this year or a later one (see ``of_year``). ``on_parent_list``: a look at the list
    above, on which no link led to this listing; it has the id of that look. ``others_from``: since when the look is
    known to have shown another agency's report on the same year (None: it showed none).
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
    whole_from: int | None = None
    on_parent_list: bool = False
    others_from: datetime | None = None

    def of_year(self, year: int) -> LookFact:
        """Return the look for a report on ``year``: a partial look that is complete from that year on becomes ok."""
        is_whole = self.whole_from is not None and year >= self.whole_from and self.outcome is LookOutcome.PARTIAL
        return replace(self, outcome=LookOutcome.OK) if is_whole else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting(KnownFact):
    """The report was seen at a time: on a listing's page (``look``) or as a page of its own (``capture``).
    ``at``: the fetch time. It is known since the capture that proved it, or since ``at`` if the document cannot be read
    or fetched. ``imported`` or ``skewed`` (our clock was wrong): it proves that the report existed, but not when.
    ``source``: the archive that saw it, "" if we did.
    """

    at: datetime
    url: str
    capture: str | None = None
    look: str | None = None
    listing: str | None = None
    imported: bool = False
    skewed: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFact(KnownFact):
    """A declared date (page metadata or listing date) or another witness. ``origin`` as in DatedWitness.
    ``shared_from``: since when many reports of several years are known to carry the date (a migration). ``corrected``:
    the text calls itself corrected, and the archive has no earlier edition. ``has_edition`` False: a listing's date
    while the archive has no edition; it may excuse the agency, but does not count as declared.
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
    """A ruling on this duty: ``status`` not_expected or elsewhere; None: expected, which revokes an earlier ruling."""

    ruling: str
    status: Status | None
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredBy(KnownFact):
    """Another report (for a whole system of agencies) covers this duty, by a ruling or by its own text."""

    edition: str
    ruling: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity(KnownFact):
    """From when to when the agency existed, as one registry row has it; both days are included, None is unbounded."""

    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFinding(KnownFact):
    """A finding about the duty (``unreadable``, ``two_at_once`` …)."""

    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Unattested(KnownFact):
    """No source says that the agency owed a report on the year. ``reason``: a reason code of row 12."""

    known_from: datetime = ALWAYS
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyFacts:
    """All facts that matter for one duty, in any order.
    ``validity``: from each registry row (none: unbounded). ``attested_from``: the duty was a guess until then, when a
    source first attested the agency in that year or later. ``unattested``: why no source says that it owed a report.
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

    @property
    def due_end(self) -> datetime:
        """Return D_end, or the end of the reporting year if no day is set by law or custom."""
        day = self.duty.due or self.duty.practice
        return year_over(self.duty.year) if day is None else day_ends(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVerdict:
    """The status of a duty as of one time. ``rule``: the row of the status rules; ``reason``: of ``reasons.toml``.
    ``conflict``: dates contradict looks or each other (finding ``date_conflict``); ``against``: what contradicts the
    declared date, each a key of ``[against]`` in ``reasons.toml`` with its day. ``where``: the place or edition of a
    report that is published elsewhere. ``source``: the other archive that first saw the report. The other fields as in
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
    against: tuple[tuple[str, date], ...] = ()
    where: str = ""
    source: str = ""


#: The fields of DutyFacts that hold ``KnownFact`` objects.
_GROUPS = ("scope", "sightings", "dates", "rulings", "covered_by", "validity", "unattested", "findings")


def known_by(facts: DutyFacts, as_of: datetime) -> DutyFacts:
    """Return ``facts`` without anything that became known after ``as_of``, be it a fact or a part of one. If a lead (a
    link) on a look (a reading of a list) proved only later to be this report, the look has an unresolved lead until
    that proof. Of the registry's rows (``validity``) only the latest is kept; the duty (a report owed) is a guess until
    a source attests the agency (``attested_from``).
    """
    proven_at: dict[str | None, datetime] = {}  # look → when it was first known to show the report
    for sighting in facts.sightings:
        keep_earliest(proven_at, sighting.look, sighting.known_from)
    groups: dict[str, Any] = {name: tuple(one for one in getattr(facts, name) if one.holds(as_of)) for name in _GROUPS}
    groups["scope"] = tuple(
        replace(one, ended_at=None, ended_known_from=None) if one.end_known_from and one.end_known_from > as_of else one
        for one in groups["scope"]
    )
    groups["dates"] = tuple(
        replace(one, shared_from=None) if one.shared_from and one.shared_from > as_of else one
        for one in groups["dates"]
    )
    groups["looks"] = tuple(_look_at(one, as_of, proven_at.get(one.id)) for one in facts.looks if one.finished <= as_of)
    validity = sorted(groups["validity"], key=lambda one: (one.known_from, str(one.valid_from), str(one.valid_to)))
    guessed = facts.duty.guessed if facts.attested_from is None else as_of < facts.attested_from
    return replace(
        facts,
        **groups | {"validity": tuple(validity[-1:])},
        duty=facts.duty if facts.duty.guessed is guessed else replace(facts.duty, guessed=guessed),
        attested_from=None if guessed else facts.attested_from,
    )


def _look_at(look: LookFact, as_of: datetime, proven_at: datetime | None) -> LookFact:
    """Return the look (a reading of a list) as known at ``as_of``: without what became known later of its leads (links)
    and of the reports that it showed. ``proven_at``: when it was first known to show this report, if it was.
    """
    is_unproven = look.shows and proven_at is not None and proven_at > as_of
    are_others_unknown = look.others_from is not None and look.others_from > as_of
    if not (is_unproven or are_others_unknown or look.unresolved):
        return look
    leads = tuple(
        replace(lead, resolved_at=None) if lead.resolved_at is not None and lead.resolved_at > as_of else lead
        for lead in look.unresolved
    )
    if is_unproven and all(lead.resolved_at is not None for lead in leads):
        leads += (UnresolvedLead(url="", names_it=True),)  # until then what it shows could be this report
    others = None if are_others_unknown else look.others_from
    return replace(look, shows=look.shows and not is_unproven, unresolved=leads, others_from=others)


def instants(facts: DutyFacts) -> set[datetime]:
    """Return every instant at which a fact became known, so that the status may change; without the ends of looks."""
    known_facts = [one for name in _GROUPS for one in getattr(facts, name)]
    times: set[datetime | None] = {facts.attested_from}
    times |= {edge for one in known_facts for edge in (one.known_from, one.known_until)}
    times |= {one.end_known_from for one in facts.scope} | {one.shared_from for one in facts.dates}
    for look in facts.looks:
        times |= {look.others_from, *(lead.resolved_at for lead in look.unresolved)}
    return {instant for instant in times if instant is not None}
