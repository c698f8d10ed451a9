"""Judge everything of one portal under the rulings of one time, and pick the facts on each duty from it.

    truth ─▶ leads of looks ─▶ bound visits ─▶ reports shown ─▶ trust in looks ─▶ facts on a duty
                                     └──▶ editions ─▶ dates, answers of pages ────────┘

What many duties share (looks, leads, rulings) is prepared once per portal; ``on`` then picks what belongs to one duty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from itertools import chain

from archive.assessment.calendar import local_day
from archive.assessment.facts import (
    CoveredBy,
    DateFact,
    DutyFacts,
    DutyRuling,
    KnownFinding,
    LookFact,
    ScopeEntry,
    Unattested,
    UnresolvedLead,
    Validity,
)
from archive.assessment.scopes import Scopes
from archive.findings import finding
from archive.identity.agency_csv import is_self_named
from archive.identity.matching import could_be_one
from archive.projection.binding import BoundVisit, bind_visits
from archive.projection.dates import mark_shared_dates, report_dates
from archive.projection.editions import report_editions, unreadable_finding
from archive.projection.leads import best_leads, contested_leads, look_leads
from archive.projection.look_trust import judge_looks, spans_as_no_listing
from archive.projection.page_answers import PageAnswers
from archive.projection.sightings import ShownReports
from archive.projection.truth import PortalTruth
from archive.projection.unregistered_agencies import shared_lists, sourced_from
from storage.records import UNDATED, Agency, Duty, Edition, Reading, ReportKey, ReportKind, RulingKind, Status

SILENT_YEARS = 2  # after an agency's newest report: if others have later ones, a reform may have ended the agency
SILENT_OTHERS = 2  # how many other agencies must have later reports
_DUTY_STATUS = {"not_expected": Status.NOT_EXPECTED, "elsewhere": Status.ELSEWHERE, "expected": None}


def _edition_with_dates(first: Edition, editions: Sequence[Edition]) -> Edition:
    """Return the edition whose dates count: the ``first``; if only another archive has that, and it states no date, the
    next one that states a date by which the first was seen, so that a copy takes no date from the agency.
    """
    if first.declared is not None or first.dated_from is not None or first.known_from == first.first_seen:
        return first
    day = local_day(first.first_seen)
    return next((one for one in editions if one.declared is not None and one.declared <= day), first)


class PortalFacts:
    """A portal's truth, judged."""

    def __init__(self, truth: PortalTruth, readings: Mapping[str, Reading]) -> None:
        """Judge step by step, each from those before it: links, bindings, sightings, looks, editions, scopes, dates."""
        self.truth, self.leads = truth, look_leads(truth)
        #: the leads of all looks, in the order of the looks
        self.links = tuple(row for look in truth.looks for row in self.leads.get(look.id, ()))
        contested = contested_leads(self.links, truth)
        self.bounds, self.bindings = bind_visits(truth, readings, best_leads(self.links), contested)
        #: the visits of each report, oldest first
        self.reports: dict[ReportKey, list[BoundVisit]] = {}
        for bound in self.bounds:
            if bound.report is not None:
                self.reports.setdefault(bound.report, []).append(bound)
        self.first_year = min([truth.portal.first_year, *(year for _, year in self.reports)])
        self._reports_shown = ShownReports(truth, self.bounds, self.leads, contested)
        reports = {one.visit.main.id for one in self.bounds if one.binding is not None and one.binding.is_report}
        #: all looks; one at a list that did not link its folder is there again as a look at the folder
        self.looks = judge_looks(truth, self.leads, self._reports_shown.proven, reports)
        self._look_facts: dict[str, list[LookFact]] = defaultdict(list)
        for judged in self.looks:
            self._look_facts[judged.look.listing].append(judged.fact)
        #: the editions of each report, in the order of their beginning
        self.editions_of = {
            report: report_editions(report, bounds, truth) for report, bounds in sorted(self.reports.items())
        }
        self.editions = tuple(chain.from_iterable(self.editions_of.values()))
        kinds = {agency.id: agency.kind for agency in truth.agencies}
        appearances, not_listings = self._reports_shown.appearances(), spans_as_no_listing(truth.looks)
        self._scopes = Scopes(truth.listing_history, appearances, truth.rulings, kinds, not_listings)
        self._answers = PageAnswers(truth, self.bounds, self.editions, self.looks)
        first = self._first_editions()
        self._dates, self._covered = self._dates_of_reports(first), self._reports_that_cover(first)
        self._rulings = self._rulings_by_duty()
        self._lists = shared_lists(truth.listings)
        #: agency → year → since when its report is known to have been shown, since when the archive has it
        self._shown_since: dict[str, dict[int, datetime]] = defaultdict(dict)
        self._stored_since: dict[str, dict[int, datetime]] = defaultdict(dict)
        for (agency, year), sightings in self._reports_shown.sightings.items():
            self._shown_since[agency][year] = min(one.known_from for one in sightings)
        for (agency, year), bounds in self.reports.items():
            self._stored_since[agency][year] = bounds[0].visit.at
        self._newer = cache(self._first_newer_than)
        self._similar = cache(self._agencies_like)

    def _first_editions(self) -> dict[ReportKey, Edition]:
        """Return the first edition of each report; an undated one only if there is no other. Of those first seen on one
        day a correction (更正) is last, and the one that the site dates earliest first: a list may show a report again
        above the one that it replaces.
        """
        corrections = {
            bound.visit.main.id for bound in self.bounds if bound.reading and bound.reading.identity.corrected
        }

        def order(one: Edition) -> tuple[object, ...]:
            is_correction = not corrections.isdisjoint(one.captures)
            day = local_day(one.first_seen)
            return one.change == UNDATED, day, is_correction, one.declared or date.max, one.first_seen, one.id

        return {report: min(editions, key=order) for report, editions in self.editions_of.items()}

    def _dates_of_reports(self, first: Mapping[ReportKey, Edition]) -> dict[ReportKey, tuple[DateFact, ...]]:
        """Return the dates of each report: those of its ``first`` edition and of the lists that show it."""
        dates = {}
        for report in {**self.reports, **self._reports_shown.listed}:
            dated = _edition_with_dates(first[report], self.editions_of[report]) if report in first else None
            captures = frozenset(dated.captures if dated is not None else ())
            edition = [bound for bound in self.reports.get(report, ()) if bound.visit.main.id in captures]
            dates[report] = report_dates(edition, self._reports_shown.listed.get(report, ()))
        return mark_shared_dates(dates)

    def _reports_that_cover(self, first: Mapping[ReportKey, Edition]) -> dict[ReportKey, CoveredBy]:
        """Return by (agency, year) the ``first`` edition of the report of a whole system that covers it."""
        covered: dict[ReportKey, CoveredBy] = {}
        for bound in self.bounds:
            covering, binding = bound.report, bound.binding
            if covering is not None and binding is not None and binding.report_kind is ReportKind.SYSTEM:
                ruling = binding.basis.get("ruling")
                cover = CoveredBy(edition=first[covering].id, known_from=bound.visit.at, ruling=ruling)
                for agency in {*binding.covers} - {covering[0]}:
                    covered.setdefault((agency, covering[1]), cover)
        return covered

    def _rulings_by_duty(self) -> dict[str, list[DutyRuling]]:
        """Return "agency/year" → the rulings on this duty (a report owed), without those of an unknown status."""
        rulings: dict[str, list[DutyRuling]] = defaultdict(list)
        for ruling in self.truth.rulings:
            status, where = str(ruling.decision.get("status")), str(ruling.decision.get("where") or "")
            if ruling.kind is RulingKind.DUTY and status in _DUTY_STATUS:
                rulings[ruling.subject].append(
                    DutyRuling(ruling=ruling.id, known_from=ruling.made_at, status=_DUTY_STATUS[status], where=where)
                )
        return rulings

    def _first_newer_than(self, newest: int) -> list[tuple[datetime, str]]:
        """Return the first agencies with a report two or more years after ``newest``, and since when that is known: if
        others have such reports, an agency whose last one is on ``newest`` may have ended.
        """
        later = [
            (min(times), agency)
            for agency, years in self._shown_since.items()
            if (times := [since for year, since in years.items() if year >= newest + SILENT_YEARS])
        ]
        return sorted(later)[: SILENT_OTHERS + 1]

    def _agencies_like(self, agency: Agency) -> Sequence[Agency]:
        """Return the other agencies that could be the same as this one, by their names."""
        place = self.truth.portal.place
        return [one for one in self.truth.agencies if one.id != agency.id and could_be_one(agency, one, place)]

    # -------------------------------------------------------------------------------------------- one duty

    def on(self, duty: Duty, agency: Agency) -> DutyFacts:
        """Return all facts on ``duty`` (the report that ``agency`` owes for a year), from which its status is judged.
        The duty of an agency that is only guessed is certain if the archive has its report on that year or a later one.
        """
        report = (agency.id, duty.year)
        attested = min((at for year, at in self._stored_since[agency.id].items() if year >= duty.year), default=None)
        scope = self._scopes.entries_for(agency, duty.year)
        history = self.truth.agency_history.get(agency.id, (agency,))
        return DutyFacts(
            duty=replace(duty, guessed=agency.guessed and attested is None),
            agency_name=agency.name,
            known_from=history[0].recorded_at,
            validity=tuple(
                Validity(known_from=row.recorded_at, valid_from=row.valid_from, valid_to=row.valid_to)
                for row in history
            ),
            attested_from=attested if agency.guessed else None,
            unattested=tuple(self._unattested(agency, history, duty.year)),
            scope=scope,
            looks=tuple(self._looks_for(agency, duty.year, scope)),
            sightings=tuple(self._reports_shown.sightings.get(report, ())),
            dates=self._dates.get(report, ()),
            rulings=tuple(self._rulings.get(f"{agency.id}/{duty.year}", ())),
            covered_by=(self._covered[report],) if report in self._covered else (),
            findings=tuple(self._findings(report)),
        )

    def _unattested(self, agency: Agency, history: Sequence[Agency], year: int) -> Iterator[Unattested]:
        """Yield the reasons why no source says that the agency owed a report on ``year``: only a link names it
        (``link_alone``), it has no report up to that year (``not_attested``), or none since while others have
        (``fallen_silent``). Each holds until a report or a better source is known. ``history``: its registry rows.
        """
        sourced = sourced_from(history, self._lists, self.truth.portal.place)

        def until(ends: Iterable[datetime]) -> datetime | None:
            return min((*ends, *([] if sourced is None else [sourced])), default=None)

        if not is_self_named(agency):
            if sourced is not None and sourced <= history[0].recorded_at:
                return
            own = (bound for other in self._stored_since[agency.id] for bound in self.reports[agency.id, other])
            yield Unattested(reason="link_alone", known_until=until(one.visit.at for one in own if one.is_readable))
        up_to_year = (since for other, since in self._stored_since[agency.id].items() if other <= year)
        yield Unattested(reason="not_attested", known_until=until(up_to_year))
        # its newest report is older than that year, and others have reports two or more years after it
        own_years = self._shown_since.get(agency.id, {})
        newest = max((own_year for own_year in own_years if own_year < year), default=None)
        others = [] if newest is None else [since for since, other in self._newer(newest) if other != agency.id]
        if len(others) >= SILENT_OTHERS:
            again = (since for own_year, since in own_years.items() if own_year >= year)
            yield Unattested(reason="fallen_silent", known_from=others[SILENT_OTHERS - 1], known_until=until(again))

    def _looks_for(self, agency: Agency, year: int, scope: Iterable[ScopeEntry]) -> Iterator[LookFact]:
        """Yield the looks (readings) of the lists in ``scope``, where the report should stand, or that showed it, each
        with what it means for this duty (the report of ``agency`` on ``year``): whether it shows the report, which open
        links on it could be the report, and since when it showed others. A look is unchanged if none of these is so.
        """
        sightings = self._reports_shown.sightings.get((agency.id, year), ())
        showing_looks = {sighting.look for sighting in sightings}
        showed_it = {sighting.listing for sighting in sightings if sighting.listing is not None}
        similar = self._similar_reports(agency, year)
        for listing in sorted({entry.listing for entry in scope} | showed_it):
            for fact in (one.of_year(year) for one in self._look_facts.get(listing, ())):
                shows = fact.id in showing_looks
                if fact.on_parent_list and shows:  # the parent list shows the report itself
                    continue
                unresolved = self._reports_shown.open_leads(fact.id, agency, year)
                unresolved += tuple(lead for lead, at, looks in similar if fact.id in looks or fact.started >= at)
                others = None
                if listing in showed_it and not (shows or fact.on_parent_list):
                    others = self._reports_shown.others_from(fact.id, agency, year)
                is_affected = unresolved or shows or others is not None
                yield replace(fact, shows=shows, unresolved=unresolved, others_from=others) if is_affected else fact

    def _similar_reports(
        self, agency: Agency, year: int
    ) -> list[tuple[UnresolvedLead, datetime, frozenset[str | None]]]:
        """Return reports on ``year`` of agencies that could be ``agency`` itself, each as a lead with when and where.
        Until both have a report on one year, or a person rules whose it is, no look proves that ``agency`` has none.
        """
        own_years, reports = self._shown_since.get(agency.id, {}), []
        for other in () if year in own_years else self._similar(agency):
            other_years, report = self._shown_since.get(other.id, {}), (other.id, year)
            if year not in other_years:
                continue
            told_apart = [max(own_years[both], other_years[both]) for both in own_years.keys() & other_years.keys()]
            bindings = [bound.binding for bound in self.reports.get(report, ()) if bound.binding is not None]
            ruled = [self._reports_shown.ruled_at(one) for one in bindings if one.basis.get("agency") == "ruling"]
            since = min(filter(None, (*told_apart, *ruled)), default=None)
            if since is None or since > other_years[year]:
                sightings = self._reports_shown.sightings[report]
                first = min(sightings, key=lambda one: (one.at, one.url))
                lead = UnresolvedLead(url=first.url, resolved_at=since)
                reports.append((lead, first.at, frozenset(one.look for one in sightings)))
        return reports

    def _findings(self, report: ReportKey) -> Iterator[KnownFinding]:
        """Yield the findings about a report: a document of it could not be read; links name it together with another
        agency's report; and what happened to its pages.
        """
        bounds, names = self.reports.get(report, ()), {agency.id: agency.name for agency in self.truth.agencies}
        unreadable = {unreadable_finding(one): one.visit.at for one in reversed(bounds)}
        yield from (KnownFinding(known_from=at, finding=one) for one, at in unreadable.items() if one is not None)
        beside = {} if report in self._reports_shown.sightings else self._reports_shown.linked_beside.get(report, {})
        for (holder, _), since in beside.items():
            own, other = names[report[0]], names[holder]
            shared = finding("shared_report", case="one_named", found=f"{other}、{own}", holder=other, name=own)
            yield KnownFinding(known_from=since, finding=shared)
        if report in self._reports_shown.linked_together:
            since, agencies = self._reports_shown.linked_together[report]
            listed = "、".join(names[agency] for agency in agencies)
            yield KnownFinding(known_from=since, finding=finding("shared_report", case="not_fetched", found=listed))
        yield from self._answers.findings_about(report, bounds, self._reports_shown.listed.get(report, ()))
