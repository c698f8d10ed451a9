"""Everything judged of one portal, as its rulings stood at a time: what the facts on its duties are picked from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from archive.assessment.facts import CoveredBy, DutyRuling
from archive.identity.matching import could_be_one
from archive.projection.binding import Binder, Bound, Report, Wholes
from archive.projection.bodies_by_link_only import shared_lists
from archive.projection.dates import report_dates, shared_dates
from archive.projection.leads import best_leads, look_leads, rival_leads
from archive.projection.look_trust import Scopes, base_facts, judge_looks
from archive.projection.page_answers import PageAnswers
from archive.projection.sightings import ShownReports
from archive.projection.truth import PortalTruth
from archive.projection.versions import report_editions
from archive.projection.visits import visits
from storage.records import UNDATED, Agency, Edition, Reading, ReportKind, RulingKind, Status

SILENT_YEARS = 2  # without a report of a body, on which others have theirs: a reform may have ended it
SILENT_OTHERS = 2  # bodies that have
_DUTY_STATUS = {"not_expected": Status.NOT_EXPECTED, "elsewhere": Status.ELSEWHERE, "expected": None}


class PortalTables:
    """One judging of a portal's truth. ``wholes``: what pages and parts made together in judgings before."""

    def __init__(self, truth: PortalTruth, readings: Mapping[str, Reading], wholes: Wholes) -> None:
        self.truth = truth
        self.leads = look_leads(truth)
        #: the leads of all looks, in the order of the looks
        self.links = tuple(row for look in truth.looks for row in self.leads.get(look.id, ()))
        rivals = rival_leads(self.links, truth)
        binder = Binder(truth, readings, best_leads(self.links), rivals, wholes)
        self.bounds, self.bindings = binder.bounds(visits(truth)), binder.bindings
        #: the visits of each report, oldest first
        self.reports: dict[Report, list[Bound]] = {}
        for bound in self.bounds:
            if bound.report is not None:
                self.reports.setdefault(bound.report, []).append(bound)
        self.shown = ShownReports(truth, self.bounds, self.leads, rivals)
        #: the looks at listings themselves, and those at a list that speak for a folder that it links
        self.looks, self.looks_on_parent = judge_looks(truth, self.leads, self.shown)
        self.look_facts = base_facts(self.looks, self.looks_on_parent, self.bounds)
        self.editions = tuple(
            edition
            for report in sorted(self.reports)
            for edition in report_editions(report, self.reports[report], truth.imports)
        )
        self.scopes = Scopes(truth, self.shown)
        self.answers = PageAnswers(truth, self.bounds, self.editions, self.looks)
        self.lists = shared_lists(truth.listings)
        self._note_editions()
        self._note_agencies()
        #: rulings on duties, by their subject
        self.rulings: dict[str, list[DutyRuling]] = defaultdict(list)
        for ruling in truth.rulings:
            status = str(ruling.decision.get("status"))
            if ruling.kind is RulingKind.DUTY and status in _DUTY_STATUS:
                where = str(ruling.decision.get("where") or "")
                self.rulings[ruling.subject].append(
                    DutyRuling(ruling=ruling.id, known_from=ruling.made_at, status=_DUTY_STATUS[status], where=where)
                )

        @cache
        def similar(agency: Agency) -> Sequence[Agency]:
            place = truth.portal.place
            return [one for one in truth.agencies if one.id != agency.id and could_be_one(agency, one, place)]

        #: the other agencies that one could be
        self.similar = similar

    def _note_editions(self) -> None:
        first: dict[Report, Edition] = {}  # of those that nobody can date only if there is no other
        for edition in sorted(self.editions, key=lambda one: (one.change == UNDATED, one.first_seen, one.id)):
            first.setdefault((edition.agency, edition.year), edition)
        captures = {report: frozenset(edition.captures) for report, edition in first.items()}
        #: the visits of the first edition of each report
        self.first_visits = {
            report: [bound for bound in found if bound.visit.main.id in captures.get(report, ())]
            for report, found in self.reports.items()
        }
        listed = self.shown.listed
        #: the dates of each report
        self.dates = {
            report: report_dates(self.first_visits.get(report, ()), listed.get(report, ()))
            for report in {**self.reports, **listed}
        }
        #: (origin, day) of dates that many reports of several years have, and since when that is known
        self.shared_dates = shared_dates(self.dates)
        #: by (agency, year), the first edition of a system's report that covers it
        self.covered: dict[Report, CoveredBy] = {}
        for bound in self.bounds:
            report, binding = bound.report, bound.binding
            if report is None or binding is None or report not in first:
                continue
            if binding.report_kind is not ReportKind.SYSTEM:
                continue
            ruling = binding.basis.get("ruling")
            cover = CoveredBy(edition=first[report].id, known_from=bound.visit.at, ruling=ruling)
            for agency in binding.covers:
                if agency != report[0]:
                    self.covered.setdefault((agency, report[1]), cover)

    def _note_agencies(self) -> None:
        #: agency → year → since when its report is known to have been shown
        self.known: dict[str, dict[int, datetime]] = defaultdict(dict)
        for (agency, year), seen in self.shown.of.items():
            self.known[agency][year] = min(one.known_from for one in seen)
        #: since when a report of an agency that could be read is held
        self.read_from: dict[str, datetime] = {}
        for (agency, _), bounds in self.reports.items():
            for bound in bounds:
                if bound.reading is not None and not (bound.reading.unreadable and bound.cells_from is None):
                    self.read_from[agency] = min(bound.visit.at, self.read_from.get(agency, bound.visit.at))
        #: year → the first agencies known to have a report two years after it or later, and since when
        self.newer = {year: self._known_after(year) for year in {year for _, year in self.shown.of}}

    def _known_after(self, newest: int) -> list[tuple[datetime, str]]:
        later = [
            (min(at), agency)
            for agency, years in self.known.items()
            if (at := [known for year, known in years.items() if year >= newest + SILENT_YEARS])
        ]
        return sorted(later)[: SILENT_OTHERS + 1]
