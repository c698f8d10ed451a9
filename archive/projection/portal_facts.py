"""Everything judged of one portal, as its rulings stood at a time, and the facts on each duty that are picked from it.

    truth ─▶ leads of looks ─▶ bound visits ─▶ what was shown ─▶ what looks are worth ─▶ facts on a duty
                                     └──▶ editions ─▶ dates, what became of pages ──────────┘

What is shared by many duties (looks, leads, rulings) is prepared once per portal; one duty then only picks its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from itertools import chain

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
from archive.projection.binding import Bound, Report, Wholes, bind_visits
from archive.projection.dates import report_dates, with_shared
from archive.projection.editions import is_unreadable, report_editions, unreadable_finding
from archive.projection.leads import best_leads, look_leads, rival_leads
from archive.projection.look_trust import judge_looks, no_listings
from archive.projection.page_answers import PageAnswers
from archive.projection.sightings import ShownReports
from archive.projection.truth import PortalTruth
from archive.projection.unregistered_bodies import shared_lists, sourced_from
from storage.records import UNDATED, Agency, Duty, Reading, ReportKind, RulingKind, Status

SILENT_YEARS = 2  # without a report of a body, on which others have theirs: a reform may have ended it
SILENT_OTHERS = 2  # bodies that have
_DUTY_STATUS = {"not_expected": Status.NOT_EXPECTED, "elsewhere": Status.ELSEWHERE, "expected": None}


class PortalFacts:
    """One judging of a portal's truth. ``wholes``: what pages and parts made together in judgings before."""

    def __init__(self, truth: PortalTruth, readings: Mapping[str, Reading], wholes: Wholes) -> None:
        self.truth, self.leads = truth, look_leads(truth)
        #: the leads of all looks, in the order of the looks
        self.links = tuple(row for look in truth.looks for row in self.leads.get(look.id, ()))
        rivals = rival_leads(self.links, truth)
        self.bounds, self.bindings = bind_visits(truth, readings, best_leads(self.links), rivals, wholes)
        #: the visits of each report, oldest first
        self.reports: dict[Report, list[Bound]] = {}
        for bound in self.bounds:
            if bound.report is not None:
                self.reports.setdefault(bound.report, []).append(bound)
        self._shown = ShownReports(truth, self.bounds, self.leads, rivals)
        good = {one.visit.main.id for one in self.bounds if one.binding is not None and one.binding.is_report}
        #: the looks at listings, and those at a list that speak for a folder that it links
        self.looks = judge_looks(truth, self.leads, self._shown.proven, good)
        self._look_facts: dict[str, list[LookFact]] = defaultdict(list)
        for judged in self.looks:
            self._look_facts[judged.look.listing].append(judged.fact)
        #: of each report, in the order of their beginning
        self.editions_of = {
            report: report_editions(report, bounds, truth.imports) for report, bounds in sorted(self.reports.items())
        }
        self.editions = tuple(chain.from_iterable(self.editions_of.values()))
        kinds = {agency.id: agency.kind for agency in truth.agencies}
        appearances, none = self._shown.appearances(), no_listings(truth.looks)
        self._scopes = Scopes(truth.listing_history, appearances, truth.rulings, kinds, none)
        self._answers = PageAnswers(truth, self.bounds, self.editions, self.looks)
        self._dates, self._covered = self._of_first_editions()
        self._rulings = self._rulings_by_duty()
        self._lists = shared_lists(truth.listings)
        #: by agency and year: since when its report is known to have been shown, since when one is held
        self._known: dict[str, dict[int, datetime]] = defaultdict(dict)
        self._held: dict[str, dict[int, datetime]] = defaultdict(dict)
        for (agency, year), sightings in self._shown.of.items():
            self._known[agency][year] = min(one.known_from for one in sightings)
        for (agency, year), bounds in self.reports.items():
            self._held[agency][year] = bounds[0].visit.at
        #: the first agencies known to have a report two years after a year or later, and since when
        self._newer = cache(self._first_newer_than)
        #: the other agencies that one could be
        self._similar = cache(self._bodies_like)

    def _of_first_editions(self) -> tuple[dict[Report, tuple[DateFact, ...]], dict[Report, CoveredBy]]:
        """Give the dates of each report, and what the first edition of a system's report covers, by agency and year."""
        first = {  # one that nobody can date only if there is no other
            report: min(editions, key=lambda one: (one.change == UNDATED, one.first_seen, one.id))
            for report, editions in self.editions_of.items()
        }
        dates = {}
        for report in {**self.reports, **self._shown.listed}:
            captures = frozenset(first[report].captures) if report in first else frozenset()
            edition = [bound for bound in self.reports.get(report, ()) if bound.visit.main.id in captures]
            dates[report] = report_dates(edition, self._shown.listed.get(report, ()))
        covered: dict[Report, CoveredBy] = {}
        for bound in self.bounds:
            holder, binding = bound.report, bound.binding
            if holder is not None and binding is not None and binding.report_kind is ReportKind.SYSTEM:
                ruling = binding.basis.get("ruling")
                cover = CoveredBy(edition=first[holder].id, known_from=bound.visit.at, ruling=ruling)
                for agency in {*binding.covers} - {holder[0]}:
                    covered.setdefault((agency, holder[1]), cover)
        return with_shared(dates), covered

    def _rulings_by_duty(self) -> dict[str, list[DutyRuling]]:
        rulings: dict[str, list[DutyRuling]] = defaultdict(list)
        for ruling in self.truth.rulings:
            status, where = str(ruling.decision.get("status")), str(ruling.decision.get("where") or "")
            if ruling.kind is RulingKind.DUTY and status in _DUTY_STATUS:
                status_ruled = _DUTY_STATUS[status]
                rulings[ruling.subject].append(
                    DutyRuling(ruling=ruling.id, known_from=ruling.made_at, status=status_ruled, where=where)
                )
        return rulings

    def _first_newer_than(self, newest: int) -> list[tuple[datetime, str]]:
        later = [
            (min(at), agency)
            for agency, years in self._known.items()
            if (at := [since for year, since in years.items() if year >= newest + SILENT_YEARS])
        ]
        return sorted(later)[: SILENT_OTHERS + 1]

    def _bodies_like(self, agency: Agency) -> Sequence[Agency]:
        place = self.truth.portal.place
        return [one for one in self.truth.agencies if one.id != agency.id and could_be_one(agency, one, place)]

    # -------------------------------------------------------------------------------------------- one duty

    def on(self, duty: Duty, agency: Agency) -> DutyFacts:
        """Give everything that bears on ``duty``; it is guessed or not as the reports held attest."""
        report = (agency.id, duty.year)
        attested = min((at for year, at in self._held[agency.id].items() if year >= duty.year), default=None)
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
            sightings=tuple(self._shown.of.get(report, ())),
            dates=self._dates.get(report, ()),
            rulings=tuple(self._rulings.get(f"{agency.id}/{duty.year}", ())),
            covered_by=(self._covered[report],) if report in self._covered else (),
            findings=tuple(self._findings(report)),
        )

    def _unattested(self, agency: Agency, history: Sequence[Agency], year: int) -> Iterator[Unattested]:
        """Yield why nobody says that the agency owed a report on ``year``."""
        sourced = sourced_from(history, self._lists, self.truth.portal.place)

        def until(ends: Iterable[datetime]) -> datetime | None:
            return min((*ends, *([] if sourced is None else [sourced])), default=None)

        if not is_self_named(agency):
            if sourced is not None and sourced <= history[0].recorded_at:
                return
            own = (bound for when in self._held[agency.id] for bound in self.reports[agency.id, when])
            yield Unattested(reason="link_alone", known_until=until(one.visit.at for one in own if one.is_readable))
        met = (at for other, at in self._held[agency.id].items() if other <= year)
        yield Unattested(reason="not_attested", known_until=until(met))
        # it showed its newest report before that year, and others have reports on two more years since
        shown_years = self._known.get(agency.id, {})
        newest = max((shown_year for shown_year in shown_years if shown_year < year), default=None)
        others = [] if newest is None else [at for at, other in self._newer(newest) if other != agency.id]
        if len(others) >= SILENT_OTHERS:
            again = (known_from for shown_year, known_from in shown_years.items() if shown_year >= year)
            yield Unattested(reason="fallen_silent", known_from=others[SILENT_OTHERS - 1], known_until=until(again))

    def _looks_for(self, agency: Agency, year: int, scope: Iterable[ScopeEntry]) -> Iterator[LookFact]:
        sightings = self._shown.of.get((agency.id, year), ())
        on_looks = {sighting.look for sighting in sightings}
        showed_it = {sighting.listing for sighting in sightings if sighting.listing is not None}
        similar = self._similar_reports(agency, year)
        for listing in sorted({entry.listing for entry in scope} | showed_it):
            for fact in (one.of_year(year) for one in self._look_facts.get(listing, ())):
                shows = fact.id in on_looks
                if fact.on_parent_list and shows:  # the list shows the report itself
                    continue
                could = self._shown.open_leads(fact.id, agency, year)
                could += tuple(lead for lead, at, looks in similar if fact.id in looks or fact.started >= at)
                others = None
                if listing in showed_it and not (shows or fact.on_parent_list):
                    others = self._shown.others_from(fact.id, agency, year)
                changed = could or shows or others is not None
                yield replace(fact, shows=shows, unresolved=could, others_from=others) if changed else fact

    def _similar_reports(
        self, agency: Agency, year: int
    ) -> list[tuple[UnresolvedLead, datetime, frozenset[str | None]]]:
        """Give the reports on ``year`` of bodies which ``agency`` could be, as leads that are open until a year has
        reports of both, or a person rules whose that report is; each with when and on which looks it was shown.
        """
        own, reports = self._known.get(agency.id, {}), []
        for other in () if year in own else self._similar(agency):
            theirs, report = self._known.get(other.id, {}), (other.id, year)
            if year not in theirs:
                continue
            settled = [max(own[both], theirs[both]) for both in own.keys() & theirs.keys()]
            since = min([*settled, *self._rulings_on(report)], default=None)
            if since is None or since > theirs[year]:
                sightings = self._shown.of[report]
                first = min(sightings, key=lambda one: (one.at, one.url))
                lead = UnresolvedLead(url=first.url, resolved_at=since)
                reports.append((lead, first.at, frozenset(one.look for one in sightings)))
        return reports

    def _rulings_on(self, report: Report) -> Iterator[datetime]:
        """When a person said that a report is that body's."""
        bindings = [bound.binding for bound in self.reports.get(report, ()) if bound.binding is not None]
        ruled = [one for one in bindings if one.basis.get("agency") == "ruling"]
        subjects = {one for binding in ruled for one in (binding.document, binding.url)}
        for ruling in self.truth.rulings:
            if ruling.kind is RulingKind.BINDING and ruling.subject in subjects:
                yield ruling.made_at

    def _findings(self, report: Report) -> Iterator[KnownFinding]:
        """Yield what is to be known about the report's documents (unreadable, linked as another body's) and pages."""
        bounds, names = self.reports.get(report, ()), {agency.id: agency.name for agency in self.truth.agencies}
        unreadable = {unreadable_finding(one): one.visit.at for one in reversed(bounds) if is_unreadable(one)}
        yield from (KnownFinding(known_from=at, finding=one) for one, at in unreadable.items())
        beside = {} if report in self._shown.of else self._shown.linked_beside.get(report, {})
        for (holder, _), since in beside.items():
            one, other = names[report[0]], names[holder]
            shared = finding("shared_report", case="one_named", found=f"{other}、{one}", holder=other, name=one)
            yield KnownFinding(known_from=since, finding=shared)
        if report in self._shown.linked_together:
            since, together = self._shown.linked_together[report]
            bodies = "、".join(names[one] for one in together)
            yield KnownFinding(known_from=since, finding=finding("shared_report", case="not_fetched", found=bodies))
        yield from self._answers.aftermath(report, bounds, self._shown.listed.get(report, ()))
