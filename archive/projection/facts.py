"""Truth and judgements → the facts on each duty, exactly as ``archive.assessment.facts`` documents them.

What is shared by many duties (looks, leads, rulings) is prepared once per portal; one duty then only picks its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from archive.assessment.facts import (
    CoveredBy,
    DutyFacts,
    DutyRuling,
    KnownFinding,
    LookFact,
    ScopeEntry,
    Sighting,
    Unattested,
    Validity,
)
from archive.findings import finding
from archive.identity.agency_csv import is_self_named
from archive.projection.answers import Answers
from archive.projection.binding import Bound
from archive.projection.bodies_by_link_only import shared_lists, sourced_from
from archive.projection.dates import date_facts, report_dates
from archive.projection.findings import unreadable, unreadable_finding
from archive.projection.look_trust import JudgedLooks, Scopes, base_facts
from archive.projection.namesakes import Namesakes
from archive.projection.sightings import Report, Sightings
from archive.projection.silence import Silence
from archive.projection.truth import PortalTruth
from archive.projection.witnesses import shared_dates
from storage.records import (
    UNDATED,
    Agency,
    Duty,
    Edition,
    Finding,
    ReportKind,
    Ruling,
    RulingKind,
    Status,
)

_DUTY_STATUS = {"not_expected": Status.NOT_EXPECTED, "elsewhere": Status.ELSEWHERE, "expected": None}


class FactMaker:
    """Makes the facts of any duty of one portal.

    ``reports``: the visits of each report, by (agency, year), oldest first.
    """

    def __init__(
        self,
        truth: PortalTruth,
        bounds: tuple[Bound, ...],
        sightings: Sightings,
        looks: JudgedLooks,
        editions: Sequence[Edition] = (),
    ) -> None:
        self._truth = truth
        self._sightings = sightings
        self.reports: dict[Report, list[Bound]] = {}
        for bound in bounds:
            if bound.report is not None:
                self.reports.setdefault(bound.report, []).append(bound)
        self._looks = base_facts(looks, bounds)
        self._scopes = Scopes(truth, sightings.appearances())
        self._namesakes = Namesakes(truth, sightings.of, self.reports)
        self._names = {agency.id: agency.name for agency in truth.agencies}
        self._lists = shared_lists(truth.listings)
        self._read_from = _read_from(self.reports)
        self._answers = Answers(truth, bounds, editions, looks.own)
        self._silence = Silence(sightings.of)
        self._first = _first_editions(self.reports, editions)
        self._dates = {
            report: report_dates(self._first.get(report, ()), sightings.listed.get(report, ()))
            for report in {**self.reports, **sightings.listed}
        }
        self._shared = shared_dates(
            {
                report: [(dated.witness, dated.known) for dated in dates if dated.held]
                for report, dates in self._dates.items()
            }
        )
        self._rulings = _duty_rulings(truth.rulings)
        self._covered = _covered(bounds, editions)

    def facts(self, duty: Duty, agency: Agency) -> DutyFacts:
        """Give everything that bears on ``duty``."""
        report = (agency.id, duty.year)
        scope = self._scopes.of(agency, duty.year)
        history = self._truth.agency_history.get(agency.id, (agency,))
        return DutyFacts(
            duty=duty,
            agency_name=agency.name,
            known_from=history[0].recorded_at,
            valid_from=agency.valid_from,
            valid_to=agency.valid_to,
            validity=tuple(
                Validity(known_from=row.recorded_at, valid_from=row.valid_from, valid_to=row.valid_to)
                for row in history
            ),
            attested_from=self._attested(agency, duty.year) if duty.guessed or agency.guessed else None,
            unattested=tuple(self._unattested(agency, history, duty.year)),
            scope=scope,
            looks=self._look_facts(agency, duty.year, scope),
            sightings=tuple(sorted(self._sightings.of.get(report, ()), key=_order)),
            dates=date_facts(self._dates.get(report, ()), self._shared, self._first.get(report, ())),
            rulings=self._rulings.get(f"{agency.id}/{duty.year}", ()),
            covered_by=self._covered.get(report, ()),
            dated_findings=self._findings(report),
        )

    def _attested(self, agency: Agency, year: int) -> datetime | None:
        """Since when a report held names the agency in ``year`` or later."""
        held = [found[0].visit.at for (who, when), found in self.reports.items() if who == agency.id and when >= year]
        return min(held, default=None)

    def _unattested(self, agency: Agency, history: Sequence[Agency], year: int) -> Iterator[Unattested]:
        """Yield why nobody says that the agency owed a report on ``year``."""
        sourced = sourced_from(history, self._lists, self._truth.portal.place)
        if not is_self_named(agency):
            if sourced is not None and sourced <= history[0].recorded_at:
                return
            yield Unattested(reason="link_alone", known_until=_first(sourced, self._read_from.get(agency.id)))
        yield Unattested(reason="not_attested", known_until=_first(sourced, self._met(agency, year)))
        if (silent := self._silence.of(agency.id, year)) is not None:
            yield replace(silent, known_until=_first(sourced, silent.known_until))

    def _met(self, agency: Agency, year: int) -> datetime | None:
        """Since when a report of the agency on ``year`` or before is held."""
        held = [found[0].visit.at for (who, when), found in self.reports.items() if who == agency.id and when <= year]
        return min(held, default=None)

    def _findings(self, report: Report) -> tuple[KnownFinding, ...]:
        """Give what is to be known about the report's documents: unreadable, linked as another body's, gone from their
        address, dated back.
        """
        found: dict[Finding, datetime] = {}
        for bound in self.reports.get(report, ()):
            if unreadable(bound):
                reason = bound.reading.unreadable if bound.reading else ""
                found.setdefault(unreadable_finding(reason), bound.visit.at)
        beside = {} if report in self._sightings.of else self._sightings.linked_beside.get(report, {})
        for (holder, _), since in beside.items():
            one, other = self._names[report[0]], self._names[holder]
            note = finding("shared_report", case="one_named", found=f"{other}、{one}", holder=other, name=one)
            found.setdefault(note, since)
        if report in self._sightings.linked_together:
            since, together = self._sightings.linked_together[report]
            names = "、".join(self._names[one] for one in together)
            found.setdefault(finding("shared_report", case="not_fetched", found=names), since)
        known = tuple(KnownFinding(known_from=since, finding=note) for note, since in found.items())
        held = self.reports.get(report, ())
        return (*known, *self._answers.aftermath(report, held, self._sightings.listed.get(report, ())))

    def _look_facts(self, agency: Agency, year: int, scope: tuple[ScopeEntry, ...]) -> tuple[LookFact, ...]:
        shown = self._sightings.shown_on.get((agency.id, year), set())
        where = {entry.listing for entry in scope}
        showed_it = {s.listing for s in self._sightings.of.get((agency.id, year), ()) if s.listing is not None}
        where |= showed_it
        similar = self._namesakes.of(agency, year)
        facts = []
        for listing in sorted(where):
            for known in self._looks.get(listing, ()):
                fact = known.of_year(year)
                if fact.on_parent_list and fact.id in shown:  # the list shows the report itself
                    continue
                could = self._sightings.open_leads(fact.id, agency, year)
                could += tuple(one.lead for one in similar if one.stands_on(fact))
                shows, others = fact.id in shown, None
                if listing in showed_it and not (shows or fact.on_parent_list):
                    others = self._sightings.others_from(fact.id, agency, year)
                if could or shows or others is not None:
                    facts.append(replace(fact, shows=shows, unresolved=could, others_from=others))
                else:
                    facts.append(fact)
        return tuple(facts)


def _first(*instants: datetime | None) -> datetime | None:
    return min((one for one in instants if one is not None), default=None)


def _read_from(reports: Mapping[Report, Iterable[Bound]]) -> dict[str, datetime]:
    """Give since when a report of each agency that could be read is held."""
    found: dict[str, datetime] = {}
    for (agency, _), bounds in reports.items():
        for bound in bounds:
            if bound.reading is not None and not (bound.reading.unreadable and bound.cells_from is None):
                found[agency] = min(bound.visit.at, found.get(agency, bound.visit.at))
    return found


def _first_editions(
    reports: Mapping[Report, list[Bound]], editions: Iterable[Edition]
) -> dict[Report, tuple[Bound, ...]]:
    """Give the visits of the first edition held of each report, oldest first."""
    first: dict[Report, Edition] = {}
    for edition in editions:
        report = (edition.agency, edition.year)
        if report not in first or _from_the_first(edition) < _from_the_first(first[report]):
            first[report] = edition
    captures = {report: frozenset(edition.captures) for report, edition in first.items()}
    return {
        report: tuple(bound for bound in found if bound.visit.main.id in captures.get(report, ()))
        for report, found in reports.items()
    }


def _from_the_first(edition: Edition) -> tuple[bool, datetime, str]:
    """Order editions of one report; those that nobody can date last."""
    return edition.change == UNDATED, edition.first_seen, edition.id


def _order(sighting: Sighting) -> tuple[datetime, str, str]:
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


def _covered(bounds: Iterable[Bound], editions: Iterable[Edition]) -> Mapping[Report, tuple[CoveredBy, ...]]:
    """Give for each covered agency and year the first edition of a system's report that covers it."""
    first: dict[Report, Edition] = {}
    for edition in editions:
        held = first.get((edition.agency, edition.year))
        if held is None or _from_the_first(edition) < _from_the_first(held):
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
