"""Tables of one portal → the facts on each duty, exactly as ``archive.assessment.facts`` documents them.

What is shared by many duties (looks, leads, rulings) is prepared once per portal; one duty then only picks its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from archive.assessment.facts import (
    DutyFacts,
    KnownFinding,
    LookFact,
    ScopeEntry,
    Unattested,
    UnresolvedLead,
    Validity,
)
from archive.findings import finding
from archive.identity.agency_csv import is_self_named
from archive.projection.binding import Report
from archive.projection.bodies_by_link_only import sourced_from
from archive.projection.dates import date_facts
from archive.projection.findings import is_unreadable, unreadable_finding
from archive.projection.page_answers import report_aftermath
from archive.projection.portal_tables import SILENT_OTHERS, PortalTables
from storage.records import Agency, Duty, Finding, RulingKind


def duty_facts(tables: PortalTables, duty: Duty, agency: Agency) -> DutyFacts:
    """Give everything that bears on ``duty``; it is guessed or not as the reports held attest."""
    report = (agency.id, duty.year)
    attested = _first_held(tables, agency, lambda year: year >= duty.year)
    scope = tables.scopes.of(agency, duty.year)
    history = tables.truth.agency_history.get(agency.id, (agency,))
    return DutyFacts(
        duty=replace(duty, guessed=agency.guessed and attested is None),
        agency_name=agency.name,
        known_from=history[0].recorded_at,
        validity=tuple(
            Validity(known_from=row.recorded_at, valid_from=row.valid_from, valid_to=row.valid_to) for row in history
        ),
        attested_from=attested if agency.guessed else None,
        unattested=tuple(_unattested(tables, agency, history, duty.year)),
        scope=scope,
        looks=tuple(_look_facts(tables, agency, duty.year, scope)),
        sightings=tuple(sorted(tables.shown.of.get(report, ()), key=lambda one: (one.at, one.url, one.look or ""))),
        dates=date_facts(tables.dates.get(report, ()), tables.shared_dates, tables.first_visits.get(report, ())),
        rulings=tuple(tables.rulings.get(f"{agency.id}/{duty.year}", ())),
        covered_by=(tables.covered[report],) if report in tables.covered else (),
        findings=(
            *(KnownFinding(known_from=since, finding=one) for one, since in _findings(tables, report).items()),
            *report_aftermath(
                tables.answers, report, tables.reports.get(report, ()), tables.shown.listed.get(report, ())
            ),
        ),
    )


# ------------------------------------------------------------------------------------------------ the agency


def _first_held(tables: PortalTables, agency: Agency, of_year: Callable[[int], bool]) -> datetime | None:
    """Since when a report of the agency on such a year is held."""
    held = (found[0].visit.at for (who, year), found in tables.reports.items() if who == agency.id and of_year(year))
    return min(held, default=None)


def _unattested(tables: PortalTables, agency: Agency, history: Sequence[Agency], year: int) -> Iterator[Unattested]:
    """Yield why nobody says that the agency owed a report on ``year``."""
    sourced = sourced_from(history, tables.lists, tables.truth.portal.place)

    def until(*ends: datetime | None) -> datetime | None:
        return min((end for end in (sourced, *ends) if end is not None), default=None)

    if not is_self_named(agency):
        if sourced is not None and sourced <= history[0].recorded_at:
            return
        yield Unattested(reason="link_alone", known_until=until(tables.read_from.get(agency.id)))
    met = _first_held(tables, agency, lambda other: other <= year)
    yield Unattested(reason="not_attested", known_until=until(met))
    # it showed its newest report before that year, and others have reports on two more years since
    own = tables.known.get(agency.id, {})
    newest = max((shown for shown in own if shown < year), default=None)
    others = [] if newest is None else [known for known, other in tables.newer[newest] if other != agency.id]
    if len(others) >= SILENT_OTHERS:
        again = min((known for shown, known in own.items() if shown >= year), default=None)
        since = others[SILENT_OTHERS - 1]
        yield Unattested(reason="fallen_silent", known_from=since, known_until=until(again))


# ------------------------------------------------------------------------------------------------ looks


def _look_facts(tables: PortalTables, agency: Agency, year: int, scope: Iterable[ScopeEntry]) -> Iterator[LookFact]:
    shown = tables.shown
    sightings = shown.of.get((agency.id, year), ())
    on_looks = {sighting.look for sighting in sightings}
    showed_it = {sighting.listing for sighting in sightings if sighting.listing is not None}
    similar = _similar_reports(tables, agency, year)
    for listing in sorted({entry.listing for entry in scope} | showed_it):
        for known in tables.look_facts.get(listing, ()):
            fact = known.of_year(year)
            shows = fact.id in on_looks
            if fact.on_parent_list and shows:  # the list shows the report itself
                continue
            could = shown.open_leads(fact.id, agency, year)
            could += tuple(lead for lead, at, looks in similar if fact.id in looks or fact.started >= at)
            others = None
            if listing in showed_it and not (shows or fact.on_parent_list):
                others = shown.others_from(fact.id, agency, year)
            changed = could or shows or others is not None
            yield replace(fact, shows=shows, unresolved=could, others_from=others) if changed else fact


def _similar_reports(
    tables: PortalTables, agency: Agency, year: int
) -> list[tuple[UnresolvedLead, datetime, frozenset[str | None]]]:
    """Give the reports on ``year`` of bodies which ``agency`` could be, as leads that are open until a year has reports
    of both, or a person rules whose that report is; each with when and on which looks it was shown.
    """
    own, found = tables.known.get(agency.id, {}), []
    for other in () if year in own else tables.similar(agency):
        theirs, report = tables.known.get(other.id, {}), (other.id, year)
        if year not in theirs:
            continue
        settled = [max(own[both], theirs[both]) for both in own.keys() & theirs.keys()]
        since = min([*settled, *_rulings_on(tables, report)], default=None)
        if since is None or since > theirs[year]:
            seen = tables.shown.of[report]
            first = min(seen, key=lambda one: (one.at, one.url))
            lead = UnresolvedLead(url=first.url, resolved_at=since)
            found.append((lead, first.at, frozenset(one.look for one in seen)))
    return found


def _rulings_on(tables: PortalTables, report: Report) -> Iterator[datetime]:
    """When a person said that a report is that body's."""
    bindings = [bound.binding for bound in tables.reports.get(report, ()) if bound.binding is not None]
    subjects = {one for held in bindings if held.basis.get("agency") == "ruling" for one in (held.document, held.url)}
    for ruling in tables.truth.rulings:
        if ruling.kind is RulingKind.BINDING and ruling.subject in subjects:
            yield ruling.made_at


# ------------------------------------------------------------------------------------------------ the report


def _findings(tables: PortalTables, report: Report) -> dict[Finding, datetime]:
    """Give what is to be known about the report's documents: unreadable, linked as another body's."""
    shown, held = tables.shown, tables.reports.get(report, ())
    names = {agency.id: agency.name for agency in tables.truth.agencies}
    found: dict[Finding, datetime] = {}
    for bound in held:
        if is_unreadable(bound):
            found.setdefault(unreadable_finding(bound), bound.visit.at)
    beside = {} if report in shown.of else shown.linked_beside.get(report, {})
    for (holder, _), since in beside.items():
        one, other = names[report[0]], names[holder]
        note = finding("shared_report", case="one_named", found=f"{other}、{one}", holder=other, name=one)
        found.setdefault(note, since)
    if report in shown.linked_together:
        since, together = shown.linked_together[report]
        note = finding("shared_report", case="not_fetched", found="、".join(names[one] for one in together))
        found.setdefault(note, since)
    return found
