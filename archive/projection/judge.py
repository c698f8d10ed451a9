"""One portal's truth and readings → all its rows. Pure: the same truth, readings and reader give the same rows.

Histories are made for all of as-of time: what only the clock changes (a due date passes) is in them already, so that a
question asked later needs no update.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain

from archive.assessment.duties import duties
from archive.assessment.facts import DutyFacts
from archive.identity.classification import lead_of
from archive.projection.binding import Binder, Bound, Wholes
from archive.projection.bodies_by_link_only import everyday_names, shared_lists
from archive.projection.contradicting import contradicting
from archive.projection.duty_timeline import duty_timeline
from archive.projection.facts import FactMaker
from archive.projection.findings import finding_rows
from archive.projection.leads import LookLead, best_leads, lead_rows, look_leads, rival_leads
from archive.projection.look_trust import JudgedLooks, judge_looks, look_rows
from archive.projection.ruling_periods import RulingPeriod, history_over_periods, truths_before_rulings
from archive.projection.searching import edition_texts
from archive.projection.self_named import self_named
from archive.projection.sightings import Report, Sightings
from archive.projection.truth import PortalTruth
from archive.projection.versions import report_editions
from archive.projection.visits import visits
from storage.judgements import PortalRows
from storage.records import Agency, Binding, Duty, Edition, Lead, Link, Reading

#: Later than anything that will be asked about.
END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One judging of a portal's truth, up to the facts on its duties."""

    leads: Mapping[str, tuple[LookLead, ...]]
    shown: tuple[LookLead, ...]
    bounds: tuple[Bound, ...]
    bindings: tuple[Binding, ...]
    looks: JudgedLooks
    reports: Mapping[Report, list[Bound]]
    editions: tuple[Edition, ...]
    maker: FactMaker

    def facts(self, duty: Duty, agency: Agency) -> DutyFacts:
        """Give the facts on ``duty``, guessed or not as the reports of this judging attest."""
        attested = any(who == agency.id and year >= duty.year for who, year in self.reports)
        return self.maker.facts(replace(duty, guessed=agency.guessed and not attested), agency)


def judge(truth: PortalTruth, readings: Mapping[str, Reading], now: datetime) -> PortalRows:
    """Judge everything known of a portal. ``now`` only decides which reporting years are over."""
    truth = _without_everyday_names(truth)
    wholes: Wholes = {}
    today = _judged(truth, readings, wholes)
    periods = [
        *(
            RulingPeriod(until, _judged(before, readings, wholes).facts)
            for until, before in truths_before_rulings(truth)
        )
    ]
    periods.append(RulingPeriod(None, today.facts))
    agencies = {agency.id: agency for agency in truth.agencies}
    owed = duties(
        truth.agencies,
        min([truth.portal.first_year, *(year for _, year in today.reports)]),
        now,
        attested_years=_attested(today.reports),
    )
    histories = [
        interval
        for duty in owed
        for interval in history_over_periods(duty, agencies[duty.agency], periods, END_OF_TIME)
    ]
    meeting = contradicting(truth.portal.place, truth.agencies, today.editions, today.reports)
    return PortalRows(
        leads=[*lead_rows(today.shown), *_own_pages(truth, today.bounds, today.shown)],
        look_judgements=look_rows(today.looks, today.leads),
        bindings=today.bindings,
        editions=today.editions,
        combined=_combined(today.editions, today.bounds, readings),
        duties=owed,
        statuses=histories,
        standing=[*duty_timeline(owed, histories, today.editions, today.bindings)],
        findings=finding_rows(today.editions, today.reports, today.bindings, today.looks.own, truth.agencies),
        texts=edition_texts(today.editions, readings, agencies),
        contradictions=meeting.contradictions,
        fingerprints=meeting.fingerprints,
        repeats=meeting.repeats,
    )


def _without_everyday_names(truth: PortalTruth) -> PortalTruth:
    """Leave out bodies that are but the everyday name of one that a source names: its titles are that one's."""
    names = everyday_names(truth.agency_history, shared_lists(truth.listings), truth.portal.place)
    return replace(truth, agencies=tuple(agency for agency in truth.agencies if agency.id not in names))


def named_by_reports(
    truth: PortalTruth, readings: Mapping[str, Reading], rows: PortalRows, now: datetime
) -> tuple[Agency, ...]:
    """Give the bodies that the registry does not know and that their own reports name beyond doubt, as ``rows`` (which
    :func:`judge` gave) have them; known from ``now`` on.
    """
    return self_named(
        truth.portal,
        tuple(chain.from_iterable(truth.agency_history.values())),
        truth.listings,
        rows.leads,
        rows.bindings,
        {document: reading.identity for document, reading in readings.items()},
        now=now,
    )


def _judged(truth: PortalTruth, readings: Mapping[str, Reading], wholes: Wholes) -> Judged:
    leads = look_leads(truth)
    shown = tuple(row for look in truth.looks for row in leads.get(look.id, ()))
    rivals = rival_leads(shown, truth)
    binder = Binder(truth, readings, best_leads(shown), wholes, rivals)
    bounds = binder.bind_all(visits(truth))
    sightings = Sightings(truth, bounds, leads, rivals)
    looks = judge_looks(truth, leads, sightings)
    reports = by_report(bounds)
    made = (report_editions(report, reports[report], truth.imports) for report in sorted(reports))
    editions = tuple(chain.from_iterable(made))
    return Judged(
        leads=leads,
        shown=shown,
        bounds=bounds,
        bindings=binder.bindings(),
        looks=looks,
        reports=reports,
        editions=editions,
        maker=FactMaker(truth, bounds, sightings, looks, editions),
    )


def by_report(bounds: Iterable[Bound]) -> dict[Report, list[Bound]]:
    """Bound visits by (agency, year), in the order given."""
    found: dict[Report, list[Bound]] = {}
    for bound in bounds:
        if bound.report is not None:
            found.setdefault(bound.report, []).append(bound)
    return found


def _combined(
    editions: Iterable[Edition], bounds: Iterable[Bound], readings: Mapping[str, Reading]
) -> tuple[Reading, ...]:
    """Give the readings that editions take their cells from and that are of no document alone."""
    wanted = {edition.cells_from for edition in editions} - {None, *readings}
    found = {b.cells_from.document: b.cells_from for b in bounds if b.cells_from and b.cells_from.document in wanted}
    return tuple(found[document] for document in sorted(found))


def _attested(reports: Iterable[Report]) -> dict[str, set[int]]:
    """Give the reporting years for which a report held names each agency."""
    found: dict[str, set[int]] = {}
    for agency, year in reports:
        found.setdefault(agency, set()).add(year)
    return found


def _own_pages(truth: PortalTruth, bounds: Iterable[Bound], shown: Iterable[LookLead]) -> list[Lead]:
    """Make leads of reports found at addresses that no link led to (agency and year are in the address)."""
    linked = {row.address for row in shown}
    listings = {listing.id: listing for listing in truth.listings}
    leads: dict[str, Lead] = {}
    for bound in bounds:
        listing = listings.get(bound.visit.listing or "")
        if listing is None or bound.report is None or bound.visit.address in linked or bound.reading is None:
            continue
        link = Link(url=listing.url, text=bound.reading.title, capture=bound.visit.main.id)
        leads[listing.id] = lead_of(link, listing, truth.portal, truth.agencies)
    return [leads[key] for key in sorted(leads)]
