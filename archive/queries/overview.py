"""Coverage, totals, missing, late: duties as of a time, looked up in the stored histories or counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from archive.queries import bounds
from archive.queries.asof import instant_of_question
from archive.queries.coverage_of_answer import known_in, known_of, with_known_gaps
from archive.queries.duty_rows import duty_lines
from archive.queries.nearest import suggest_year
from archive.queries.rates import GROUPS, NOT_COUNTED, TOWNSHIPS, group_of, rates_of
from archive.queries.results import Counts, Coverage, CoverageRow, DutyLine, DutyList, PlaceTotals, Totals
from archive.queries.stored import open_projections, open_snapshot
from archive.queries.tallies import Tally, parse_tally_key, states_of, tallied
from archive.queries.where import Chosen, Where, choose
from storage.home import Home
from storage.projections import ProjectionStore
from storage.records import AgencyKind, EvidenceGrade, Status

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
    with open_projections(home) as store:
        counted = _counted(home, store, chosen, years, as_of, evidence)
    by_agency: dict[str, dict[int, DutyLine]] = {}
    for line in every:
        if evidence is None or line.evidence in evidence:
            by_agency.setdefault(line.agency.id, {})[line.year] = line
    rows = [CoverageRow(agency=chosen.line(agency), cells=cells) for agency, cells in by_agency.items()]
    rows.sort(
        key=lambda row: (row.agency.division or "", row.agency.portal, _KIND_ORDER[row.agency.kind], row.agency.id)
    )
    held = tuple(sorted({year for cells in by_agency.values() for year in cells}))
    return Coverage(as_of=as_of, years=held, rows=tuple(rows), **counted)


def totals(
    home: Home,
    where: Where | None = None,
    *,
    years: Collection[int] | None = None,
    as_of: datetime | None = None,
    evidence: Collection[EvidenceGrade] | None = None,
) -> Totals:
    """Count the duties of the chosen agencies by portal, year and status, with rates and their bounds: what
    :func:`coverage` says of every body, without naming any. Raises :class:`NotKnownError` as it does.
    """
    years = bounds.reporting_years(years)
    with open_snapshot(home) as store:
        as_of, chosen = instant_of_question(home, as_of), choose(home, where)
        tallies = tallied(store, chosen, years, as_of)
        counted = _counted(home, store, chosen, years, as_of, evidence, tallies)
    places: dict[str, dict[int, Counts]] = {}
    for portal, year, counts in tallies:
        if (of_place := _counts(counts, evidence)).total:
            places.setdefault(portal, {})[year] = of_place
    lines = [
        PlaceTotals(portal=name, place=chosen.portals[name].place, division=chosen.portals[name].division, years=held)
        for name, held in places.items()
    ]
    return Totals(
        as_of=as_of,
        years=tuple(sorted({year for held in places.values() for year in held})),
        places=tuple(sorted(lines, key=lambda line: (line.division or "", line.portal))),
        **counted,
    )


def _counted(
    home: Home,
    store: ProjectionStore,
    chosen: Chosen,
    years: Collection[int] | None,
    as_of: datetime,
    evidence: Collection[EvidenceGrade] | None,
    tallies: Sequence[Tally] | None = None,
) -> dict[str, Any]:
    """What coverage and totals say alike: counts and rates by group, and how much is known.

    Raises :class:`NotKnownError` for a year on which there is no duty at all.
    """
    if tallies is None:
        tallies = tallied(store, chosen, years, as_of)
    if not tallies:
        check_years(home, chosen, years)
    known = known_of(states_of(tallies)) if tallies else known_in(store, chosen, years, as_of)
    duties = [
        (group_of(one.kind, dated=one.dated == "statute"), year, one.status, one.dated, one.evidence, number)
        for year, sums in _by_year(tallies).items()
        for one, number in ((parse_tally_key(key), number) for key, number in sums.items())
    ]
    of_group: dict[str, Counter[str]] = {group: Counter() for group in GROUPS}
    for group, _, status, _, grade, number in duties:
        if evidence is None or grade in evidence:
            of_group[group][status.value] += number
    return {
        "counts": _summed(of_group["statutory"]),
        "townships": _summed(of_group["townships"]),
        "others": _summed(of_group["others"]),
        "rates": rates_of(duties, evidence),
        "evidence": None if evidence is None else tuple(grade for grade in EvidenceGrade if grade in evidence),
        "known": with_known_gaps(home, store, chosen, years, as_of, known),
    }


def _by_year(tallies: Sequence[Tally]) -> Mapping[int, Mapping[str, int]]:
    """How many duties of each sort there are on a year: of a province, far fewer than of its portals."""
    found: dict[int, dict[str, int]] = {}
    for _, year, counts in tallies:
        sums = found.setdefault(year, {})
        for key, number in counts.items():
            sums[key] = sums.get(key, 0) + number
    return found


def _counts(tally: Mapping[str, int], evidence: Collection[EvidenceGrade] | None) -> Counts:
    found: Counter[str] = Counter()
    for key, number in tally.items():
        one = parse_tally_key(key)
        if evidence is None or one.evidence in evidence:
            found[one.status.value] += number
    return _summed(found)


def _summed(found: Mapping[str, int]) -> Counts:
    """Sum up how many duties have which status."""
    total = sum(found.values())
    counted = total - sum(found.get(status, 0) for status in NOT_COUNTED)
    return Counts(
        total=total,
        by_status={status.value: found[status] for status in Status if found.get(status)},
        unknown_share=found.get(Status.UNKNOWN, 0) / counted if counted else None,
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
    return _list_duties(home, year, where, MISSING, 0, as_of, evidence)


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
    return _list_duties(home, year, where, LATE, min_days, as_of, evidence)


def _list_duties(
    home: Home,
    year: int,
    where: Where | None,
    statuses: Collection[Status],
    min_days: int,
    as_of: datetime | None,
    evidence: Collection[EvidenceGrade] | None,
) -> DutyList:
    year, as_of = bounds.reporting_year(year), instant_of_question(home, as_of)
    with open_snapshot(home) as store:
        chosen = choose(home, where)
        every = duty_lines(home, chosen, years=[year], as_of=as_of, statuses=statuses)
        if not every:
            check_years(home, chosen, [year])
        known = with_known_gaps(home, store, chosen, [year], as_of, known_in(store, chosen, [year], as_of))
    wanted = [
        line for line in every if (evidence is None or line.evidence in evidence) and min_days <= (line.days_late or 0)
    ]
    return DutyList(
        as_of=as_of,
        duties=tuple(line for line in wanted if line.agency.kind not in TOWNSHIPS),
        townships=tuple(line for line in wanted if line.agency.kind in TOWNSHIPS),
        known=known,
    )


def check_years(home: Home, chosen: Chosen, years: Collection[int] | None) -> None:
    """Raise :class:`NotKnownError` with the nearest years if there are duties, but none on one of ``years``."""
    if not years:
        return
    with open_projections(home) as store, store.read() as connection:
        table = store.tables.duties
        query = select(table.c.year).where(table.c.portal.in_(list(chosen.portals))).distinct()
        held = set(connection.execute(query).scalars())
    for year in years:
        if held and year not in held:
            raise suggest_year(year, held)
