"""Coverage, missing, late: one line per duty, looked up in the stored histories as of a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime

from sqlalchemy import select

from archive.assessment.calendar import local_day
from archive.queries.asof import asked_at
from archive.queries.results import Counts, Coverage, CoverageRow, DutyLine, DutyList
from archive.queries.stored import opened
from archive.queries.where import Chosen, Where, choose, suggest_year
from storage.home import Home
from storage.projection_tables import shape
from storage.projections import ProjectionStore
from storage.records import AgencyKind, Duty, Status, StatusInterval

#: Statuses in which nothing is owed (yet), so that they are no part of the share of unknown.
_NOT_COUNTED = frozenset({Status.NOT_EXPECTED, Status.NOT_YET_DUE})
_KIND_ORDER = {kind: place for place, kind in enumerate(AgencyKind)}


def coverage(
    home: Home, where: Where | None = None, *, years: Collection[int] | None = None, as_of: datetime | None = None
) -> Coverage:
    """Every duty of the chosen agencies as agency × year, with counts by status."""
    as_of = asked_at(home, as_of)
    chosen = choose(home, where)
    lines = tuple(duty_lines(home, chosen, years=years, as_of=as_of))
    by_agency: dict[str, dict[int, DutyLine]] = {}
    for line in lines:
        by_agency.setdefault(line.agency.id, {})[line.year] = line
    rows = [CoverageRow(agency=chosen.line(agency), cells=cells) for agency, cells in by_agency.items()]
    rows.sort(
        key=lambda row: (row.agency.division or "", row.agency.portal, _KIND_ORDER[row.agency.kind], row.agency.id)
    )
    return Coverage(
        as_of=as_of,
        years=tuple(sorted({line.year for line in lines})),
        rows=tuple(rows),
        counts=_counts(line for line in lines if line.due is not None),
        townships=_counts(line for line in lines if line.due is None),
    )


def missing(home: Home, year: int, where: Where | None = None, *, as_of: datetime | None = None) -> DutyList:
    """List the reports on ``year`` that are missing; townships' that were not found stand apart."""
    return _listed(home, year, where, as_of, {Status.MISSING, Status.NOT_FOUND})


def late(
    home: Home, year: int, where: Where | None = None, *, min_days: int = 0, as_of: datetime | None = None
) -> DutyList:
    """List the reports on ``year`` that came late, by at least ``min_days`` as claimed or proven."""
    found = _listed(home, year, where, as_of, {Status.LATE})
    kept = tuple(line for line in found.duties if min_days <= (line.days_late or 0))
    return DutyList(as_of=found.as_of, duties=kept, townships=found.townships)


def duty_lines(
    home: Home, chosen: Chosen, *, years: Collection[int] | None = None, as_of: datetime
) -> Iterator[DutyLine]:
    """Every duty of the chosen agencies with its status at ``as_of``, by agency and year."""
    with opened(home) as store:
        yield from _lines(store, chosen, years, as_of)


def _lines(
    store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime
) -> Iterator[DutyLine]:
    duties, statuses = store.tables.duties, store.tables.statuses
    query = (
        select(duties, statuses)
        .join(statuses, (statuses.c.agency == duties.c.agency) & (statuses.c.year == duties.c.year))
        .where(
            duties.c.portal.in_(list(chosen.portals)),
            statuses.c.since <= as_of,
            statuses.c.until.is_(None) | (statuses.c.until > as_of),
        )
        .order_by(duties.c.agency, duties.c.year)
    )
    if years is not None:
        query = query.where(duties.c.year.in_(sorted(set(years))))
    with store.read() as connection:
        for row in connection.execute(query):
            values = row._mapping
            if values[duties.c.agency] in chosen.agencies:
                duty = shape(Duty).record({column.name: values[column] for column in duties.c})
                interval = shape(StatusInterval).record({column.name: values[column] for column in statuses.c})
                yield line_of(chosen, duty, interval)


def line_of(chosen: Chosen, duty: Duty, interval: StatusInterval) -> DutyLine:
    """Put a duty and the status that holds together."""
    return DutyLine(
        agency=chosen.line(duty.agency),
        year=duty.year,
        due=duty.due,
        practice=duty.practice,
        holiday=duty.holiday,
        guessed=duty.guessed,
        status=interval.status,
        evidence=interval.evidence,
        reason=interval.reason,
        zh=interval.zh,
        en=interval.en,
        first_shown=interval.first_shown,
        last_absent=interval.last_absent,
        declared=interval.declared,
        days_late=days_late(duty.due, interval),
        findings=tuple(dict.fromkeys(finding.code for finding in interval.findings)),
    )


def days_late(due: date | None, interval: StatusInterval) -> int | None:
    """Give the days late: as the site's own date says where it lies after the due date and what looks prove; else the
    least that the last absence proves.
    """
    if interval.status is not Status.LATE or due is None:
        return None
    if interval.days_late is not None:
        return interval.days_late
    claimed = (interval.declared - due).days if interval.declared else 0
    proven = (local_day(interval.last_absent) - due).days if interval.last_absent else 0
    return max(1, claimed, proven) if claimed > 0 or interval.last_absent else None


def _listed(
    home: Home, year: int, where: Where | None, as_of: datetime | None, statuses: Collection[Status]
) -> DutyList:
    as_of = asked_at(home, as_of)
    chosen = choose(home, where)
    lines = tuple(duty_lines(home, chosen, years=[year], as_of=as_of))
    if not lines:
        check_year(home, chosen, year)
    found = [line for line in lines if line.status in statuses]
    return DutyList(
        as_of=as_of,
        duties=tuple(line for line in found if line.due is not None),
        townships=tuple(line for line in found if line.due is None),
    )


def check_year(home: Home, chosen: Chosen, year: int) -> None:
    """Raise :class:`NotKnownError` with the nearest years if there are duties, but none on ``year``."""
    with opened(home) as store, store.read() as connection:
        table = store.tables.duties
        query = select(table.c.year).where(table.c.portal.in_(list(chosen.portals))).distinct()
        held = set(connection.execute(query).scalars())
    if held and year not in held:
        raise suggest_year(year, held)


def _counts(lines: Iterable[DutyLine]) -> Counts:
    found = Counter(line.status for line in lines)
    counted = sum(count for status, count in found.items() if status not in _NOT_COUNTED)
    return Counts(
        total=found.total(),
        by_status={status.value: found[status] for status in Status if found[status]},
        unknown_share=found[Status.UNKNOWN] / counted if counted else None,
    )
