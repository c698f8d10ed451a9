"""Coverage, missing, late: one line per duty, looked up in the stored histories as of a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from archive.queries import bounds
from archive.queries.asof import instant_of_question
from archive.queries.coverage_of_answer import known_in, known_of, with_known_gaps
from archive.queries.duty_rows import absent_as_of, days_late, duty_rows
from archive.queries.links import Links
from archive.queries.nearest import suggest_year
from archive.queries.rates import NOT_COUNTED, TOWNSHIPS, group_of, rate_rows
from archive.queries.results import Counts, Coverage, CoverageRow, DutyLine, DutyLines, DutyList
from archive.queries.stored import open_projections, open_snapshot
from archive.queries.tallies import States
from archive.queries.where import Chosen, Where, choose
from storage.home import Home
from storage.records import AgencyKind, Duty, EvidenceGrade, Status, StatusInterval

#: the statuses that questions list
MISSING, LATE = frozenset({Status.MISSING, Status.NOT_FOUND}), frozenset({Status.LATE})
_KIND_ORDER = {kind: place for place, kind in enumerate(AgencyKind)}


def coverage(
    home: Home,
    where: Where | None = None,
    *,
    years: Collection[int] | None = None,
    as_of: datetime | None = None,
    evidence: Collection[EvidenceGrade] | None = None,
    links: bool = True,
) -> Coverage:
    """Every duty of the chosen agencies as agency × year, with counts by status and rates with their bounds.

    ``evidence``: only duties whose status is founded so; in the rates all others are not taken for known. ``links``:
    with the looks, captures and editions that each rests on.
    """
    years, chosen, as_of = bounds.reporting_years(years), choose(home, where), instant_of_question(home, as_of)
    every = duty_lines(home, chosen, years=years, as_of=as_of, links=links)
    if not every:
        for year in years or ():
            check_year(home, chosen, year)
    grades = None if evidence is None else frozenset(evidence)
    lines = [line for line in every if grades is None or line.evidence in grades]
    by_agency: dict[str, dict[int, DutyLine]] = {}
    for line in lines:
        by_agency.setdefault(line.agency.id, {})[line.year] = line
    rows = [CoverageRow(agency=chosen.line(agency), cells=cells) for agency, cells in by_agency.items()]
    rows.sort(
        key=lambda row: (row.agency.division or "", row.agency.portal, _KIND_ORDER[row.agency.kind], row.agency.id)
    )
    states = States(
        counts=Counter((line.status, line.reason) for line in every),
        unknown=Counter(line.agency.portal for line in every if line.status is Status.UNKNOWN),
    )
    with open_projections(home) as store:
        known = known_of(states) if every else known_in(store, chosen, years, as_of)
        known = with_known_gaps(home, store, chosen, years, as_of, known)
    return Coverage(
        as_of=as_of,
        years=tuple(sorted({line.year for line in lines})),
        rows=tuple(rows),
        counts=_counts(line for line in lines if group_of(line) == "statutory"),
        townships=_counts(line for line in lines if group_of(line) == "townships"),
        others=_counts(line for line in lines if group_of(line) == "others"),
        rates=rate_rows(every, grades),
        evidence=None if grades is None else tuple(grade for grade in EvidenceGrade if grade in grades),
        known=known,
    )


def missing(
    home: Home,
    year: int,
    where: Where | None = None,
    *,
    as_of: datetime | None = None,
    evidence: Collection[EvidenceGrade] | None = None,
) -> DutyList:
    """List the reports on ``year`` that are missing; townships' that were not found stand apart."""
    at = instant_of_question(home, as_of)
    return _with_known(home, year, where, at, list_duties(home, year, where, MISSING, as_of=at, evidence=evidence))


def late(
    home: Home,
    year: int,
    where: Where | None = None,
    *,
    min_days: int = 0,
    as_of: datetime | None = None,
    evidence: Collection[EvidenceGrade] | None = None,
) -> DutyList:
    """List the reports on ``year`` that came late, by at least ``min_days`` as claimed or proven."""
    at = instant_of_question(home, as_of)
    found = list_duties(home, year, where, LATE, min_days=min_days, as_of=at, evidence=evidence)
    return _with_known(home, year, where, at, found)


def list_duties(
    home: Home,
    year: int,
    where: Where | None,
    statuses: Collection[Status],
    *,
    min_days: int = 0,
    as_of: datetime,
    evidence: Collection[EvidenceGrade] | None = None,
) -> DutyLines:
    """List the duties on ``year`` with one of ``statuses``, without looking up what is known of all others."""
    year = bounds.reporting_year(year)
    with open_snapshot(home):
        chosen = choose(home, where)
        every = duty_lines(home, chosen, years=[year], as_of=as_of, statuses=statuses)
        if not every:
            check_year(home, chosen, year)
    duties: list[DutyLine] = []
    townships: list[DutyLine] = []
    for line in every:
        if (evidence is None or line.evidence in evidence) and min_days <= (line.days_late or 0):
            (townships if line.agency.kind in TOWNSHIPS else duties).append(line)
    return DutyLines(duties=tuple(duties), townships=tuple(townships))


def _with_known(home: Home, year: int, where: Where | None, as_of: datetime, found: DutyLines) -> DutyList:
    chosen, years = choose(home, where), [bounds.reporting_year(year)]
    with open_snapshot(home) as store:
        known = with_known_gaps(home, store, chosen, years, as_of, known_in(store, chosen, years, as_of))
    return DutyList(as_of=as_of, duties=found.duties, townships=found.townships, known=known)


def duty_lines(
    home: Home,
    chosen: Chosen,
    *,
    years: Collection[int] | None = None,
    as_of: datetime,
    statuses: Collection[Status] | None = None,
    links: bool = True,
) -> list[DutyLine]:
    """Every duty of the chosen agencies (with one of ``statuses``) at ``as_of``, by agency and year."""
    with open_projections(home) as store:
        return duty_rows(home, store, chosen, years=years, as_of=as_of, statuses=statuses, links=links)


def line_of(chosen: Chosen, duty: Duty, interval: StatusInterval, links: Links) -> DutyLine:
    """Put a duty, the status that holds and what it rests on together."""
    return DutyLine.of(
        interval,
        agency=chosen.line(duty.agency),
        due=duty.due,
        practice=duty.practice,
        holiday=duty.holiday,
        guessed=duty.guessed,
        absent_as_of=absent_as_of(interval.status, interval.last_absent),
        days_late=days_late(duty.due, interval.status, interval.days_late, interval.declared, interval.last_absent),
        findings=tuple(dict.fromkeys(finding.code for finding in interval.findings)),
        looks=links.looks_of(interval.looks),
        captures=links.captures_of((duty.agency, duty.year), interval.captures),
        editions=links.editions_of((duty.agency, duty.year)),
    )


def check_year(home: Home, chosen: Chosen, year: int) -> None:
    """Raise :class:`NotKnownError` with the nearest years if there are duties, but none on ``year``."""
    with open_projections(home) as store, store.read() as connection:
        table = store.tables.duties
        query = select(table.c.year).where(table.c.portal.in_(list(chosen.portals))).distinct()
        held = set(connection.execute(query).scalars())
    if held and year not in held:
        raise suggest_year(year, held)


def _counts(lines: Iterable[DutyLine]) -> Counts:
    return counts_of(Counter(line.status.value for line in lines))


_ORDER = tuple(status.value for status in Status)
_LEFT_OUT = tuple(status.value for status in NOT_COUNTED)


def counts_of(found: Mapping[str, int]) -> Counts:
    """Sum up how many duties have which status."""
    total = sum(found.values())
    counted = total - sum([found.get(status, 0) for status in _LEFT_OUT])
    return Counts(
        total=total,
        by_status={status: found[status] for status in _ORDER if found.get(status)},
        unknown_share=found.get(Status.UNKNOWN.value, 0) / counted if counted else None,
    )
