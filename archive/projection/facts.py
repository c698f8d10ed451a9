"""Tables of one portal → the facts on each duty, exactly as ``archive.assessment.facts`` documents them.

What is shared by many duties (looks, leads, rulings) is prepared once per portal; one duty then only picks its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache

from archive.assessment.facts import (
    CoveredBy,
    DutyFacts,
    DutyRuling,
    KnownFinding,
    LookFact,
    ScopeEntry,
    Unattested,
    UnresolvedLead,
    Validity,
)
from archive.findings import finding
from archive.identity.agency_csv import is_self_named
from archive.identity.matching import could_be_one
from archive.projection.binding import Bound
from archive.projection.bodies_by_link_only import shared_lists, sourced_from
from archive.projection.dates import Dated, date_facts, report_dates, shared_dates
from archive.projection.findings import is_unreadable, unreadable_finding
from archive.projection.look_trust import JudgedLooks, Scopes, base_facts
from archive.projection.page_answers import PageAnswers, page_answers, report_aftermath
from archive.projection.sightings import Report, ShownReports, open_leads, others_from
from archive.projection.truth import PortalTruth
from storage.records import UNDATED, Agency, Duty, Edition, Finding, ReportKind, Ruling, RulingKind, Status

_DUTY_STATUS = {"not_expected": Status.NOT_EXPECTED, "elsewhere": Status.ELSEWHERE, "expected": None}
_SILENT_YEARS = 2  # without a report of a body, on which others have theirs: a reform may have ended it
_SILENT_OTHERS = 2  # bodies that have

Reports = Mapping[Report, Sequence[Bound]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalTables:
    """Everything that the facts on the duties of one portal are picked from.

    ``reports``: the visits of each report, oldest first; ``first_edition``: those of its first edition. ``looks``: by
    listing. ``known``: agency → year → since when its report is known to have been shown; ``newer``: year → the first
    agencies known to have a report two years after it or later. ``similar``: the other agencies that one could be.
    ``covered``: by (agency, year), the report of a system that covers it. ``read_from``: since when a report of an
    agency that could be read is held.
    """

    truth: PortalTruth
    reports: Reports
    shown: ShownReports
    looks: Mapping[str, Sequence[LookFact]]
    scopes: Scopes
    answers: PageAnswers
    known: Mapping[str, Mapping[int, datetime]]
    newer: Mapping[int, Sequence[tuple[datetime, str]]]
    similar: Callable[[Agency], tuple[Agency, ...]]
    first_edition: Reports
    dates: Mapping[Report, Sequence[Dated]]
    shared_dates: Mapping[tuple[str, date], datetime]
    rulings: Mapping[str, Sequence[DutyRuling]]
    covered: Mapping[Report, CoveredBy]
    read_from: Mapping[str, datetime]
    lists: frozenset[str]


def portal_tables(
    truth: PortalTruth,
    bounds: Sequence[Bound],
    reports: Reports,
    shown: ShownReports,
    looks: JudgedLooks,
    editions: Sequence[Edition],
) -> PortalTables:
    """Prepare what many duties share."""
    known: dict[str, dict[int, datetime]] = {}
    for (agency, year), seen in shown.of.items():
        known.setdefault(agency, {})[year] = min(one.known_from for one in seen)
    first = _first_editions(editions)
    captures = {report: frozenset(edition.captures) for report, edition in first.items()}
    first_visits = {
        report: [bound for bound in found if bound.visit.main.id in captures.get(report, ())]
        for report, found in reports.items()
    }
    dates = {
        report: report_dates(first_visits.get(report, ()), shown.listed.get(report, ()))
        for report in {**reports, **shown.listed}
    }
    held = {report: [(one.witness, one.known) for one in found if one.held] for report, found in dates.items()}
    return PortalTables(
        truth=truth,
        reports=reports,
        shown=shown,
        looks=base_facts(looks, bounds),
        scopes=Scopes(truth, shown),
        answers=page_answers(truth, bounds, editions, looks.own),
        known=known,
        newer={year: _known_after(known, year) for own in known.values() for year in own},
        similar=cache(
            lambda agency: tuple(
                other
                for other in truth.agencies
                if other.id != agency.id and could_be_one(agency, other, truth.portal.place)
            )
        ),
        first_edition=first_visits,
        dates=dates,
        shared_dates=shared_dates(held),
        rulings=_duty_rulings(truth.rulings),
        covered=_covered(bounds, first),
        read_from=_read_from(reports),
        lists=shared_lists(truth.listings),
    )


def duty_facts(tables: PortalTables, duty: Duty, agency: Agency) -> DutyFacts:
    """Give everything that bears on ``duty``; it is guessed or not as the reports held attest."""
    report, shown = (agency.id, duty.year), tables.shown
    attested = _first_held(tables.reports, agency, lambda year: year >= duty.year)
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
        sightings=tuple(sorted(shown.of.get(report, ()), key=lambda one: (one.at, one.url, one.look or ""))),
        dates=date_facts(tables.dates.get(report, ()), tables.shared_dates, tables.first_edition.get(report, ())),
        rulings=tuple(tables.rulings.get(f"{agency.id}/{duty.year}", ())),
        covered_by=(tables.covered[report],) if report in tables.covered else (),
        findings=_findings(tables, report),
    )


# ------------------------------------------------------------------------------------------------ the agency


def _first_held(reports: Reports, agency: Agency, of_year: Callable[[int], bool]) -> datetime | None:
    """Since when a report of the agency on such a year is held."""
    held = (found[0].visit.at for (who, year), found in reports.items() if who == agency.id and of_year(year))
    return min(held, default=None)


def _unattested(tables: PortalTables, agency: Agency, history: Sequence[Agency], year: int) -> Iterator[Unattested]:
    """Yield why nobody says that the agency owed a report on ``year``."""
    sourced = sourced_from(history, tables.lists, tables.truth.portal.place)
    if not is_self_named(agency):
        if sourced is not None and sourced <= history[0].recorded_at:
            return
        yield Unattested(reason="link_alone", known_until=_first(sourced, tables.read_from.get(agency.id)))
    met = _first_held(tables.reports, agency, lambda other: other <= year)
    yield Unattested(reason="not_attested", known_until=_first(sourced, met))
    silent = _silence(tables, agency.id, year)
    if silent is not None:
        yield replace(silent, known_until=_first(sourced, silent.known_until))


def _silence(tables: PortalTables, agency: str, year: int) -> Unattested | None:
    """Return since and until when an agency is known to have been silent on a year and for two at least, while others
    have reports on them; None where it was not, or never showed a report before that year.
    """
    own = tables.known.get(agency, {})
    newest = max((shown for shown in own if shown < year), default=None)
    others = [] if newest is None else [known for known, other in tables.newer[newest] if other != agency]
    if len(others) < _SILENT_OTHERS:
        return None
    again = min((known for shown, known in own.items() if shown >= year), default=None)
    return Unattested(reason="fallen_silent", known_from=others[_SILENT_OTHERS - 1], known_until=again)


def _known_after(known: Mapping[str, Mapping[int, datetime]], newest: int) -> list[tuple[datetime, str]]:
    since = newest + _SILENT_YEARS
    later = ((own, [at for year, at in years.items() if year >= since]) for own, years in known.items())
    return sorted((min(at), agency) for agency, at in later if at)[: _SILENT_OTHERS + 1]


def _first(*instants: datetime | None) -> datetime | None:
    return min((one for one in instants if one is not None), default=None)


def _read_from(reports: Reports) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for (agency, _), bounds in reports.items():
        for bound in bounds:
            if bound.reading is not None and not (bound.reading.unreadable and bound.cells_from is None):
                found[agency] = min(bound.visit.at, found.get(agency, bound.visit.at))
    return found


# ------------------------------------------------------------------------------------------------ looks


def _look_facts(tables: PortalTables, agency: Agency, year: int, scope: Iterable[ScopeEntry]) -> Iterator[LookFact]:
    shown, place = tables.shown, tables.truth.portal.place
    sightings = shown.of.get((agency.id, year), ())
    on_looks = {sighting.look for sighting in sightings}
    showed_it = {sighting.listing for sighting in sightings if sighting.listing is not None}
    similar = _similar_reports(tables, agency, year)
    for listing in sorted({entry.listing for entry in scope} | showed_it):
        for known in tables.looks.get(listing, ()):
            fact = known.of_year(year)
            shows = fact.id in on_looks
            if fact.on_parent_list and shows:  # the list shows the report itself
                continue
            could = open_leads(shown, fact.id, agency, year, place)
            could += tuple(lead for lead, at, looks in similar if fact.id in looks or fact.started >= at)
            others = None
            if listing in showed_it and not (shows or fact.on_parent_list):
                others = others_from(shown, fact.id, agency, year)
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
        settled += _rulings_on(tables, report)
        since = min(settled, default=None)
        if since is None or since > theirs[year]:
            seen = tables.shown.of[report]
            first = min(seen, key=lambda one: (one.at, one.url))
            looks = frozenset(one.look for one in seen)
            found.append((UnresolvedLead(url=first.url, resolved_at=since), first.at, looks))
    return found


def _rulings_on(tables: PortalTables, report: Report) -> Iterator[datetime]:
    """When a person said that a report is that body's."""
    for bound in tables.reports.get(report, ()):
        held = bound.binding
        if held is not None and held.basis.get("agency") == "ruling":
            for ruling in tables.truth.rulings:
                if ruling.kind is RulingKind.BINDING and ruling.subject in {held.document, held.url}:
                    yield ruling.made_at


# ------------------------------------------------------------------------------------------------ the report


def _findings(tables: PortalTables, report: Report) -> tuple[KnownFinding, ...]:
    """Give what is to be known about the report's documents: unreadable, linked as another body's, gone from their
    address, dated back.
    """
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
    known = (KnownFinding(known_from=since, finding=note) for note, since in found.items())
    return (*known, *report_aftermath(tables.answers, report, held, shown.listed.get(report, ())))


def _first_editions(editions: Iterable[Edition]) -> dict[Report, Edition]:
    """Give the first edition held of each report; of those that nobody can date only where there is no other."""
    first: dict[Report, Edition] = {}
    for edition in sorted(editions, key=lambda one: (one.change == UNDATED, one.first_seen, one.id)):
        first.setdefault((edition.agency, edition.year), edition)
    return first


def _duty_rulings(rulings: Iterable[Ruling]) -> dict[str, list[DutyRuling]]:
    found: dict[str, list[DutyRuling]] = defaultdict(list)
    for ruling in rulings:
        status = str(ruling.decision.get("status"))
        if ruling.kind is RulingKind.DUTY and status in _DUTY_STATUS:
            fact = DutyRuling(
                ruling=ruling.id,
                known_from=ruling.made_at,
                status=_DUTY_STATUS[status],
                where=str(ruling.decision.get("where") or ""),
            )
            found[ruling.subject].append(fact)
    return found


def _covered(bounds: Iterable[Bound], first: Mapping[Report, Edition]) -> dict[Report, CoveredBy]:
    """Give for each covered agency and year the first edition of a system's report that covers it."""
    found: dict[Report, CoveredBy] = {}
    for bound in bounds:
        report, binding = bound.report, bound.binding
        if report is None or binding is None or binding.report_kind is not ReportKind.SYSTEM or report not in first:
            continue
        cover = CoveredBy(edition=first[report].id, known_from=bound.visit.at, ruling=binding.basis.get("ruling"))
        for agency in binding.covers:
            if agency != report[0]:
                found.setdefault((agency, report[1]), cover)
    return found
