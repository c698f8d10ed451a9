"""Truth and judgements → the facts on each duty, exactly as ``archive.assessment.facts`` documents them.

What is shared by many duties (looks, leads, rulings) is prepared once per portal; one duty then only picks its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from archive.assessment.facts import (
    CoveredBy,
    DutyFacts,
    DutyRuling,
    LookFact,
    ScopeEntry,
    Sighting,
    UnresolvedLead,
)
from archive.projection.binding import Bound
from archive.projection.dates import date_facts, report_dates
from archive.projection.leads import Addresses, LookLead, Resolution
from archive.projection.scopes import scopes
from archive.projection.truth import PortalTruth
from archive.projection.witnesses import shared_dates
from storage.records import (
    Agency,
    Duty,
    Edition,
    ListingForm,
    Look,
    LookOutcome,
    ReportKind,
    Ruling,
    RulingKind,
    Status,
)

#: More than this between our clock and the server's makes a look no proof (seconds).
SKEW = 300.0
_DUTY_STATUS = {"not_expected": Status.NOT_EXPECTED, "elsewhere": Status.ELSEWHERE, "expected": None}

Report = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An unresolved lead on a look, and whose it could be: None means anybody's, any year."""

    lead: UnresolvedLead
    agency: str | None
    name: str | None
    year: int | None

    def could_be(self, agency: Agency, year: int) -> bool:
        if self.year not in (None, year):
            return False
        if self.agency is not None:
            return self.agency == agency.id
        return self.name is None or names_overlap(self.name, (agency.name, *agency.aliases))


def names_overlap(name: str, known: Iterable[str]) -> bool:
    """Say whether ``name`` could be short for one of ``known`` or the other way round (人社局, 数据局 and 大数据局).

    Every character of the shorter has to occur in the longer; wide on purpose, as it only keeps a lead open.
    """
    return any(set(name) <= set(other) or set(other) <= set(name) for other in known)


class FactMaker:
    """Makes the facts of any duty of one portal."""

    def __init__(
        self,
        truth: PortalTruth,
        bounds: tuple[Bound, ...],
        leads: Mapping[str, tuple[LookLead, ...]],
        suspect: frozenset[str],
        editions: Iterable[Edition] = (),
    ) -> None:
        self._truth = truth
        self._bounds = bounds
        self._addresses = Addresses(bounds)
        self._reports: dict[Report, list[Bound]] = {}
        for bound in bounds:
            if bound.report is not None:
                self._reports.setdefault(bound.report, []).append(bound)
        self._sightings: dict[Report, list[Sighting]] = {}
        self._candidates: dict[str, list[_Candidate]] = {}
        self._shown_on: dict[Report, set[str]] = {}
        self._listed: dict[Report, list[LookLead]] = {}
        self._read_listings(leads)
        self._looks = self._base_looks(suspect)
        self._scopes = scopes(truth, self._appeared())
        self._dates = {
            report: report_dates(found[0], self._listed.get(report, ())) for report, found in self._reports.items()
        }
        self._shared = shared_dates({report: [w for w, _, _ in dates] for report, dates in self._dates.items()})
        self._rulings = _duty_rulings(truth.rulings)
        self._covered = _covered(bounds, editions)

    def facts(self, duty: Duty, agency: Agency) -> DutyFacts:
        """Give everything that bears on ``duty``."""
        report = (agency.id, duty.year)
        scope = self._scopes.of(agency, duty.year)
        return DutyFacts(
            duty=duty,
            agency_name=agency.name,
            known_from=self._truth.agency_known.get(agency.id, agency.recorded_at),
            valid_from=agency.valid_from,
            valid_to=agency.valid_to,
            scope=scope,
            looks=self._look_facts(agency, duty.year, scope),
            sightings=tuple(sorted(self._sightings.get(report, ()), key=_sighting_order)),
            dates=date_facts(self._dates.get(report, ()), self._shared, self._reports.get(report, ())),
            rulings=self._rulings.get(f"{agency.id}/{duty.year}", ()),
            covered_by=self._covered.get(report, ()),
        )

    def reports(self) -> Mapping[Report, list[Bound]]:
        """Bound visits by (agency, year), oldest first."""
        return self._reports

    # ------------------------------------------------------------------ looks

    def _base_looks(self, suspect: frozenset[str]) -> dict[str, list[LookFact]]:
        """Make every look's fact as it is for a duty that it does not show, by listing, oldest first."""
        voids = {r.subject: r for r in self._truth.rulings if r.kind is RulingKind.VOID_LOOK}
        addressed = {listing.id for listing in self._truth.listings if listing.form is ListingForm.ADDRESSED}
        good = {bound.visit.main.id for bound in self._bounds if bound.report is not None}
        first_ok: set[str] = set()
        found: dict[str, list[LookFact]] = {}
        for look in self._truth.looks:
            first = look.outcome is LookOutcome.OK and look.listing not in first_ok
            if first:
                first_ok.add(look.listing)
            void = voids.get(look.id)
            fact = LookFact(
                id=look.id,
                listing=look.listing,
                started=look.started,
                finished=look.finished,
                outcome=look.outcome,
                suspect=look.id in suspect,
                skewed=look.clock_skew is not None and abs(look.clock_skew) > SKEW,
                control=look.listing not in addressed or look.control in good,
                voided_at=void.made_at if void else None,
                void_ruling=void.id if void else None,
                first_ok=first,
            )
            found.setdefault(look.listing, []).append(fact)
        return found

    def _look_facts(self, agency: Agency, year: int, scope: tuple[ScopeEntry, ...]) -> tuple[LookFact, ...]:
        shown = self._shown_on.get((agency.id, year), set())
        where = {entry.listing for entry in scope}
        where |= {s.listing for s in self._sightings.get((agency.id, year), ()) if s.listing is not None}
        facts = []
        for listing in sorted(where):
            for fact in self._looks.get(listing, ()):
                could = tuple(c.lead for c in self._candidates.get(fact.id, ()) if c.could_be(agency, year))
                if could or fact.id in shown:
                    facts.append(replace(fact, shows=fact.id in shown, unresolved=could))
                else:
                    facts.append(fact)
        return tuple(facts)

    # ------------------------------------------------------------------ what listings and pages showed

    def _read_listings(self, leads: Mapping[str, tuple[LookLead, ...]]) -> None:
        listings = {listing.id: listing for listing in self._truth.listings}
        by_capture = {bound.visit.main.id: bound for bound in self._bounds}
        on_looks: set[str] = set()
        for look in self._truth.looks:
            listing = listings.get(look.listing)
            if listing is not None and listing.form is ListingForm.ADDRESSED:
                for capture in look.captures:
                    if capture != look.control and capture in by_capture:
                        on_looks.add(capture)
                        self._own_page(look, by_capture[capture], listing.agency, listing.year)
                continue
            for row in leads.get(look.id, ()):
                self._lead(look, row)
        for bound in self._bounds:
            if bound.visit.main.id not in on_looks and bound.report is not None:
                self._sight(bound.report, _page_sighting(bound))

    def _own_page(self, look: Look, bound: Bound, agency: str | None, year: int | None) -> None:
        """Take an addressed listing's answer: the report itself, nothing, or something that could be the report."""
        if bound.report is not None:
            self._sight(bound.report, _page_sighting(bound, look))
            if bound.report[0] == agency or bound.report[1] != year:
                return
            # Of another agency by its text, though at this one's own address: not proof of absence here.
        elif not bound.pending and not (bound.binding and bound.binding.is_report):
            return
        candidate = _Candidate(UnresolvedLead(url=bound.visit.main.url), agency, None, year)
        self._candidates.setdefault(look.id, []).append(candidate)

    def _lead(self, look: Look, row: LookLead) -> None:
        """Take a lead on a look: a sighting once it is known whose it is, open until then."""
        found = self._addresses.resolve(row.address, row.at)
        report = found.report
        if found.unfetched and row.lead.is_report and row.lead.agency and row.lead.year:
            report = (row.lead.agency, row.lead.year)  # shown, and nothing better to be had: the listing's word holds
        if report is not None:
            assert found.at is not None
            known = max(found.at, row.at)
            sighting = Sighting(
                at=row.at,
                known_from=known,
                url=row.link.url,
                capture=row.link.capture or None,
                look=look.id,
                listing=look.listing,
            )
            self._sight(report, sighting)
            self._listed.setdefault(report, []).append(row)
        if row.lead.is_report or (found.open and found.name is not None):
            self._open(look, row, found, report)

    def _open(self, look: Look, row: LookLead, found: Resolution, report: Report | None) -> None:
        """Keep a lead as one that could be somebody's report, until a capture shows whose it is."""
        lead = row.lead
        resolved = found.at if report is not None or not found.open else None
        if found.unfetched and report is None:
            resolved = None
        named = found.open and found.name is not None
        candidate = _Candidate(
            UnresolvedLead(url=row.link.url, resolved_at=resolved),
            agency=None if named else lead.agency,
            name=found.name if named else lead.agency_name if lead.agency is None else None,
            year=found.year or lead.year,
        )
        if resolved is None or resolved > look.started:
            self._candidates.setdefault(look.id, []).append(candidate)

    def _sight(self, report: Report, sighting: Sighting) -> None:
        self._sightings.setdefault(report, []).append(sighting)
        if sighting.look is not None:
            self._shown_on.setdefault(report, set()).add(sighting.look)

    def _appeared(self) -> dict[tuple[str, str], datetime]:
        """Since when each agency is known to have appeared on each listing."""
        found: dict[tuple[str, str], datetime] = {}
        for (agency, _), sightings in self._sightings.items():
            for sighting in sightings:
                if sighting.listing is not None:
                    key = (sighting.listing, agency)
                    found[key] = min(found.get(key, sighting.known_from), sighting.known_from)
        return found


def _page_sighting(bound: Bound, look: Look | None = None) -> Sighting:
    main = bound.visit.main
    return Sighting(
        at=main.fetched_at,
        known_from=main.fetched_at,
        url=main.url,
        capture=main.id,
        look=look.id if look else None,
        listing=look.listing if look else None,
    )


def _sighting_order(sighting: Sighting) -> tuple[datetime, str, str]:
    return sighting.at, sighting.url, sighting.look or ""


def _duty_rulings(rulings: Iterable[Ruling]) -> dict[str, tuple[DutyRuling, ...]]:
    found: dict[str, tuple[DutyRuling, ...]] = {}
    for ruling in rulings:
        status = str(ruling.decision.get("status"))
        if ruling.kind is RulingKind.DUTY and status in _DUTY_STATUS:
            fact = DutyRuling(
                ruling=ruling.id,
                made_at=ruling.made_at,
                status=_DUTY_STATUS[status],
                where=str(ruling.decision.get("where") or ""),
                reason=ruling.reason,
            )
            found[ruling.subject] = (*found.get(ruling.subject, ()), fact)
    return found


def _covered(bounds: Iterable[Bound], editions: Iterable[Edition]) -> dict[Report, tuple[CoveredBy, ...]]:
    """Give for each covered agency and year the first edition of a system's report that covers it."""
    first: dict[Report, Edition] = {}
    for edition in editions:
        held = first.get((edition.agency, edition.year))
        if held is None or edition.first_seen < held.first_seen:
            first[edition.agency, edition.year] = edition
    found: dict[Report, tuple[CoveredBy, ...]] = {}
    for bound in bounds:
        report, binding = bound.report, bound.binding
        if report is None or binding is None or binding.report_kind is not ReportKind.SYSTEM or report not in first:
            continue
        for agency in binding.covers:
            key = (agency, report[1])
            if agency != report[0] and key not in found:
                ruling = binding.basis.get("ruling")
                found[key] = (CoveredBy(edition=first[report].id, known_from=bound.visit.at, ruling=ruling),)
    return found
