"""One portal's truth and readings → all its rows. Pure: the same truth, readings and reader give the same rows.

Histories are made for all of as-of time: what only the clock changes (a due date passes) is in them already, so that a
question asked later needs no update.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from archive.assessment.duties import duties
from archive.assessment.history import history
from archive.identity.leads import lead_of
from archive.projection.binding import Binder, Bound
from archive.projection.facts import FactMaker
from archive.projection.findings import finding_rows
from archive.projection.leads import LookLead, best_leads, lead_rows, look_leads
from archive.projection.looking import judge_looks, look_rows
from archive.projection.sightings import Report, Sightings
from archive.projection.truth import PortalTruth
from archive.projection.versions import report_editions
from archive.projection.visits import visits
from storage.judgements import PortalRows
from storage.records import Lead, Link, Reading

#: Later than anything that will be asked about.
END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)


def judge(truth: PortalTruth, readings: Mapping[str, Reading], now: datetime) -> PortalRows:
    """Judge everything known of a portal. ``now`` only decides which reporting years are over."""
    leads = look_leads(truth)
    shown = [row for look in truth.looks for row in leads.get(look.id, ())]
    binder = Binder(truth, readings, best_leads(shown))
    bounds = binder.bind_all(visits(truth))
    sightings = Sightings(truth, bounds, leads)
    looks = judge_looks(truth, leads, sightings)
    reports = by_report(bounds)
    editions = tuple(edition for report in sorted(reports) for edition in report_editions(report, reports[report]))
    maker = FactMaker(truth, bounds, sightings, looks, editions)
    agencies = {agency.id: agency for agency in truth.agencies}
    owed = duties(
        truth.agencies,
        min([truth.portal.first_year, *(year for _, year in reports)]),
        now,
        attested_years=_attested(reports),
    )
    return PortalRows(
        leads=[*lead_rows(shown), *_own_pages(truth, bounds, shown)],
        look_judgements=look_rows(looks, leads),
        bindings=binder.bindings(),
        editions=editions,
        duties=owed,
        statuses=[
            interval for duty in owed for interval in history(maker.facts(duty, agencies[duty.agency]), END_OF_TIME)
        ],
        findings=finding_rows(editions, reports, binder.bindings(), looks),
    )


def by_report(bounds: Iterable[Bound]) -> dict[Report, list[Bound]]:
    """Bound visits by (agency, year), in the order given."""
    found: dict[Report, list[Bound]] = {}
    for bound in bounds:
        if bound.report is not None:
            found.setdefault(bound.report, []).append(bound)
    return found


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
    found: dict[str, Lead] = {}
    for bound in bounds:
        listing = listings.get(bound.visit.listing or "")
        if listing is None or bound.report is None or bound.visit.address in linked or bound.reading is None:
            continue
        link = Link(url=listing.url, text=bound.reading.title, capture=bound.visit.main.id)
        found[listing.id] = lead_of(link, listing, truth.portal, truth.agencies)
    return [found[key] for key in sorted(found)]
