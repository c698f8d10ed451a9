"""The facts from which the status of one duty is judged: its looks, sightings, dates and rulings.

``archive.projection`` makes them out of truth and judgements; only ``archive.assessment`` reads them. All of them are
frozen, and every fact carries the instant from which it was known, so that "as of" means to leave out what came later.
The rows of the status table, by which they are judged, stand in ``docs/status-rules.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from storage.records import Duty, Finding, LookOutcome, Status

#: As-of times (from, until), at which something holds; None: until today.
Spans = tuple[tuple[datetime, datetime | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeEntry:
    """A listing that speaks for this duty. ``reason``: ``appeared``, ``structure`` or ``ruling``.

    ``known_from``: when the reason became known (the first sighting there of the agency, the listing row, the
    ruling); ``known_until``: when a ruling or a newer row took it back. ``ended_known_from``: when the end became
    known (None: at the end itself). ``reason_since``: since when the reason itself holds, if ``known_from`` is only
    the time of a newer row. ``listed_from``: when the listing's first row was written (None: it was always there).
    ``proves``: whether the report's absence here says something by itself; where not, the listing is asked for beside
    others that do.
    """

    listing: str
    reason: str
    known_from: datetime
    ended_at: datetime | None = None
    known_until: datetime | None = None
    ended_known_from: datetime | None = None
    reason_since: datetime | None = None
    listed_from: datetime | None = None
    proves: bool = True


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
    """One look at one listing, as far as this duty is concerned.

    ``shows``: a lead (or the page itself) bound to this duty was on it. ``skewed``: clocks differed by more than 5
    min. ``control``: an addressed listing's look has a known-good answer in the same run (always True for columns).
    ``suspect_spans``, ``unverified_spans``: as-of times at which it is suspect, or made over a certificate that does
    not hold and that no ruling trusts. ``lost``: how many leads a suspect look lacked against its base.
    ``complete_from``: although it was read in part, the look would show every report on that year or a later one
    (``of_year``). ``on_parent_list``: it was made at the list that links to the listing, where nothing led to the
    listing; it shares its id with that look. ``others_from``: since when it is known to have shown another body's
    report on the year (None: it showed none).
    """

    id: str
    listing: str
    started: datetime
    finished: datetime
    outcome: LookOutcome
    skewed: bool = False
    control: bool = True
    voided_at: datetime | None = None
    shows: bool = False
    unresolved: tuple[UnresolvedLead, ...] = ()
    suspect_spans: Spans = ()
    unverified_spans: Spans = ()
    lost: int = 0
    complete_from: int | None = None
    on_parent_list: bool = False
    others_from: datetime | None = None

    def of_year(self, year: int) -> LookFact:
        """Return the look as a fact about a report on ``year``: ok, if it would show such a report."""
        whole = self.complete_from is not None and year >= self.complete_from and self.outcome is LookOutcome.PARTIAL
        return replace(self, outcome=LookOutcome.OK) if whole else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The report was shown: on a listing's page (``look``) or as a page of its own (``capture``).

    ``at``: fetch time. ``known_from``: when it was known to be this report (the capture that proved it, or ``at``
    when the document cannot be read or fetched). ``imported``: proves existence, never time; ``skewed`` (our clock
    was wrong at that fetch) likewise.
    """

    at: datetime
    known_from: datetime
    url: str
    capture: str | None = None
    look: str | None = None
    listing: str | None = None
    imported: bool = False
    skewed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFact:
    """A declared date or a witness. ``origin`` as in DatedWitness; ``declared``: page metadata or listing date.

    ``shared_from``: since when many reports of several years are known to carry it (a migration). ``corrected``: the
    text calls itself corrected and no earlier edition is held. ``held`` False: a listing's date while no edition is
    held; it may spare the agency, but declares nothing.
    """

    origin: str
    day: date
    text: str
    known_from: datetime
    declared: bool
    corrected: bool = False
    shared_from: datetime | None = None
    held: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRuling:
    """A ruling on this duty: ``status`` not_expected or elsewhere, or None for "expected" (takes an earlier one
    back).
    """

    ruling: str
    made_at: datetime
    status: Status | None
    where: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredBy:
    """Another report (of a whole system) covers this duty, as ruled or as printed in it."""

    edition: str
    known_from: datetime
    ruling: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """The agency's life as the registry gave it from ``known_from`` on; both days belong to it, None is unbounded."""

    known_from: datetime
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFinding:
    """A finding about the duty (``unreadable``, ``two_at_once`` …) from the instant at which it was known."""

    known_from: datetime
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Unattested:
    """Nobody says that a body owed a report on a year. ``reason``: why, a reason code of row 12. It holds from
    ``known_from`` until ``known_until``; None: without a bound.
    """

    reason: str
    known_from: datetime | None = None
    known_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyFacts:
    """Everything that bears on one duty, in any order.

    ``validity``: its life as the registry gave it, row by row; none: unbounded. ``attested_from``: from then on a
    source attests the agency in that year or later; where given, the duty is a guess before it and none after.
    ``unattested``: why nobody says that the body owed a report in that year. ``findings`` hold from the instant that
    each names.
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
