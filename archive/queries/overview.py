"""Answer the questions coverage, totals, missing and late about duties, and list portals, runs and non-reports."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import func, select

from archive.queries.coverage_of_answer import known_in, known_of, with_known_gaps
from archive.queries.duty_rows import duty_lines
from archive.queries.freshness import freshness
from archive.queries.results import (
    Counts,
    Coverage,
    CoverageRow,
    DutyLine,
    DutyList,
    NonReport,
    PlaceTotals,
    PortalLine,
    RunLine,
    Totals,
)
from archive.queries.selection import Selection, agency_order, known_portals
from archive.queries.stored import fetch, open_snapshot
from archive.queries.tallies import NOT_COUNTED, Tally, count_duties, parse_tally_key, rates_of, sum_tallies
from archive.queries.where import EVERYTHING, Where, choose
from storage.home import Home
from storage.mapping import shape
from storage.observations import Observations
from storage.operator_records import Schedules
from storage.records import TOWNSHIPS, Binding, EvidenceGrade, Note, Status
from storage.registry import Registry

#: the statuses that questions list
MISSING, LATE = frozenset({Status.MISSING, Status.NOT_FOUND}), frozenset({Status.LATE})
_FOLDERS = re.compile(r"(?<![\w:/.-])/(?:[^/\s\"']+/)+(?=[^/\s\"'])")  # of files' paths, not of addresses with hosts
Evidence = Collection[EvidenceGrade] | None  #: grades of evidence that statuses must have; None: any


def coverage(home: Home, where: Where = EVERYTHING, *, evidence: Evidence = None, links: bool = True) -> Coverage:
    """Return the chosen duties (reports owed) as agency × year, with counts by status and rates with their bounds.
    ``evidence``: only duties with one of these grades; rates count all others as not known (``tallies``). ``links``:
    include the looks, captures and editions that each duty rests on.
    """
    chosen = choose(home, where)
    by_agency: dict[str, dict[int, DutyLine]] = {}
    for line in duty_lines(chosen, links=links):
        if evidence is None or line.evidence in evidence:
            by_agency.setdefault(line.agency.id, {})[line.year] = line
    rows = [CoverageRow(agency=chosen.line(agency), cells=cells) for agency, cells in by_agency.items()]
    return Coverage(
        as_of=chosen.as_of,
        years=tuple(sorted({year for cells in by_agency.values() for year in cells})),
        rows=tuple(sorted(rows, key=lambda row: agency_order(row.agency))),
        **_shared_fields(chosen, count_duties(chosen), evidence),
    )


def totals(home: Home, where: Where = EVERYTHING, *, evidence: Evidence = None) -> Totals:
    """Count the chosen duties (reports owed) by portal, year and status, with rates and bounds: as :func:`coverage`,
    without single agencies. ``evidence``: only those with these grades; rates take others as unknown.
    """
    with open_snapshot(home):
        chosen = choose(home, where)
        tallies = count_duties(chosen)
        counted = _shared_fields(chosen, tallies, evidence)
    places: dict[str, dict[int, Counts]] = {}
    for portal, year, counts in tallies:
        if (of_place := _counts(counts, evidence)).total:
            places.setdefault(portal, {})[year] = of_place
    lines = [PlaceTotals.of(chosen.portals[name], portal=name, years=years) for name, years in places.items()]
    return Totals(
        as_of=chosen.as_of,
        years=tuple(sorted({year for by_year in places.values() for year in by_year})),
        places=tuple(sorted(lines, key=lambda line: (line.division or "", line.portal))),
        **counted,
    )


def _shared_fields(chosen: Selection, tallies: Sequence[Tally], evidence: Evidence) -> dict[str, Any]:
    """Return the fields that coverage and totals share. Raises :class:`NotKnownError` for a year without any duty."""
    if not tallies:
        chosen.check_years()
    knowledge = known_of(tallies) if tallies else known_in(chosen)
    sums = sum_tallies(tallies)
    duties = [
        (parse_tally_key(key), year, number)
        for year, of_year in groupby(sorted(tallies, key=attrgetter("year")), key=attrgetter("year"))
        for key, number in sum_tallies(of_year).items()
    ]
    return {
        "counts": _counts(sums, evidence, "statutory"),
        "townships": _counts(sums, evidence, "townships"),
        "others": _counts(sums, evidence, "others"),
        "rates": rates_of(duties, evidence),
        "evidence": None if evidence is None else tuple(grade for grade in EvidenceGrade if grade in evidence),
        "known": with_known_gaps(chosen, knowledge),
    }


def _counts(tally: Mapping[str, int], evidence: Evidence, group: str | None = None) -> Counts:
    """Count reports owed by status; ``evidence``, ``group``: only with these grades, of this group (None: all)."""
    by_status: Counter[Status] = Counter()
    by_law = 0
    for key, number in tally.items():
        one = parse_tally_key(key)
        if (evidence is None or one.evidence in evidence) and (group is None or one.group == group):
            by_status[one.status] += number
            by_law += number * (one.group == "statutory")
    counted = by_status.total() - sum(by_status[status] for status in NOT_COUNTED)
    return Counts(
        total=by_status.total(),
        by_status={status.value: by_status[status] for status in Status if by_status[status]},
        unknown_share=by_status[Status.UNKNOWN] / counted if counted else None,
        by_law=by_law,
    )


def missing(home: Home, where: Where = EVERYTHING, *, evidence: Evidence = None) -> DutyList:
    """List the missing reports; townships' reports not found are listed apart."""
    return _list_duties(home, where, MISSING, evidence)


def late(home: Home, where: Where = EVERYTHING, *, min_days: int = 0, evidence: Evidence = None) -> DutyList:
    """List the late reports, late by at least ``min_days`` (as the site's date says or looks prove)."""
    return _list_duties(home, where, LATE, evidence, min_days=min_days)


def unknown(home: Home, where: Where = EVERYTHING) -> DutyList:
    """List the reports of which nobody can say whether they were published; the reason says what would settle it."""
    return _list_duties(home, where, [Status.UNKNOWN])


def backdated(home: Home, where: Where = EVERYTHING) -> DutyList:
    """List the reports, of any status, whose date on the site contradicts looks or other dates (``date_conflict``)."""
    return _list_duties(home, where, None, finding="date_conflict")


def _list_duties(
    home: Home, where: Where, statuses: Collection[Status] | None, evidence: Evidence = None, *, min_days: int = 0,
    finding: str = "",
) -> DutyList:  # fmt: skip
    """List the duties (reports owed) with one of ``statuses`` and of the grades ``evidence`` (None: all), townships
    apart. ``min_days``: only reports late by at least so many days; ``finding``: only with a finding of this code.
    """
    with open_snapshot(home):
        chosen = choose(home, where)
        every = duty_lines(chosen, statuses=statuses, finding=finding)
        if not every:
            chosen.check_years()
        knowledge = with_known_gaps(chosen, known_in(chosen))
    chosen_lines = [
        line for line in every if (evidence is None or line.evidence in evidence) and min_days <= (line.days_late or 0)
    ]
    return DutyList(
        as_of=chosen.as_of,
        duties=tuple(line for line in chosen_lines if line.agency.kind not in TOWNSHIPS),
        townships=tuple(line for line in chosen_lines if line.agency.kind in TOWNSHIPS),
        known=knowledge,
    )


# ---------------------------------------------------------------------------------------------- what is kept


def portals(home: Home, where: Where = EVERYTHING) -> tuple[PortalLine, ...]:
    """Return the chosen portals with their numbers of agencies, listings, looks (readings of lists) and reports."""
    chosen = choose(home, where)
    table = chosen.store.tables.editions
    query = select(table.c.portal, table.c.agency, func.count(table.c.year.distinct()))
    query = query.where(*chosen.conditions(table)).group_by(table.c.portal, table.c.agency)
    reports: Counter[str] = Counter()
    for portal, agency, years in fetch(chosen.store, query):
        reports[portal] += years if agency in chosen.agencies else 0
    agencies = Counter(agency.portal for agency in chosen.agencies.values())
    listings, looks = Registry(home).listing_counts(), Observations(home).look_counts()
    outcomes = Schedules(home).last_outcomes()
    fresh = {one.portal: one for one in freshness(home, where)}
    return tuple(
        PortalLine.of(
            portal,
            agencies=agencies[portal.name],
            listings=listings[portal.name],
            looks=looks[portal.name].looks if portal.name in looks else 0,
            complete_as_of=fresh[portal.name].complete_as_of,
            last_look=fresh[portal.name].last_look,
            last_crawl=outcomes.get(portal.name),
            reports=reports[portal.name],
        )
        for portal in chosen.portals.values()
    )


def runs(home: Home, portal: str | None = None) -> tuple[RunLine, ...]:
    """Return the crawls of a portal (None: of all), newest last; folders in notes are cut: they reveal the machine."""
    portals = known_portals(home)
    return tuple(
        RunLine.of(
            run,
            place=portals[run.portal].place if run.portal in portals else "",
            note=_FOLDERS.sub("", run.note),
            notes=tuple(Note.of(json.loads(_FOLDERS.sub("", json.dumps(note.as_json)))) for note in run.notes),
        )
        for run in Observations(home).runs(portal)
    )


def non_reports(home: Home, where: Where = EVERYTHING) -> tuple[NonReport, ...]:
    """Return the documents that were fetched as reports but are none: one line for each address and reason."""
    chosen = choose(home, where)
    bindings, readings = chosen.store.tables.bindings, chosen.store.tables.readings
    query = (
        select(bindings, readings.c.kind.label("read_kind"), readings.c.title.label("read_title"))
        .join(readings, readings.c.document == bindings.c.document)
        .where(bindings.c.is_report.is_(False), bindings.c.portal.in_(list(chosen.portals)))
        .order_by(bindings.c.portal, bindings.c.url, bindings.c.no)
    )
    out, lines = chosen.out, dict[tuple[str, str, str], NonReport]()
    for row in fetch(chosen.store, query):
        binding = shape(Binding).record(row._mapping)
        key = (row.portal, binding.url, binding.reason)
        lines[key] = NonReport(
            document=binding.document,
            url=out.address(binding.url),
            portal=row.portal,
            kind=row.read_kind,
            title="" if binding.document in out.documents else out.text(row.read_title),
            reason=binding.reason,
            documents=lines[key].documents + 1 if key in lines else 1,
        )
    return tuple(lines.values())
