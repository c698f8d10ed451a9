"""What stored histories tell of a report's pages and listings, each finding from the instant at which it was known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import or_, select

from archive.queries.where import Chosen
from storage.mapping import shape
from storage.projections import ProjectionStore
from storage.records import Finding, StatusInterval

#: Told again in other words when a later look adds to it, and never twice for one occurrence: they are counted.
_COUNTED = frozenset({"withdrawn", "returned"})
_CODE = '"code":"{}"'  # as findings lie in their column


@dataclass(frozen=True, slots=True)
class PageEvent:
    """A finding about a duty and from when it was known."""

    agency: str
    year: int
    known: datetime
    finding: Finding


def page_events(
    store: ProjectionStore,
    chosen: Chosen,
    codes: Collection[str],
    *,
    years: Collection[int] | None = None,
    as_of: datetime,
) -> Iterator[PageEvent]:
    """Every finding with one of ``codes`` about duties of the chosen agencies that was known by ``as_of``."""
    if not codes:
        return
    table = store.tables.statuses
    told = or_(*(table.c.findings.contains(_CODE.format(code), autoescape=True) for code in sorted(codes)))
    query = (
        select(table)
        .where(table.c.portal.in_(list(chosen.portals)), table.c.since <= as_of, told)
        .order_by(table.c.agency, table.c.year, table.c.since)
    )
    if years is not None:
        query = query.where(table.c.year.in_(sorted(set(years))))
    with store.read() as connection:
        rows = connection.execute(query).mappings()
        found = (shape(StatusInterval).record(row) for row in rows if row["agency"] in chosen.agencies)
        for _, history in groupby(found, key=lambda interval: (interval.agency, interval.year)):
            yield from _events_in(history, codes)


def _events_in(history: Iterable[StatusInterval], codes: Collection[str]) -> Iterator[PageEvent]:
    findings: set[Finding] = set()
    most = dict.fromkeys(_COUNTED, 0)
    for interval in history:
        fresh = [one for one in interval.findings if one.code in codes and one not in findings]
        findings.update(fresh)
        for code in _COUNTED:
            count = sum(one.code == code for one in interval.findings)
            more, most[code] = max(0, count - most[code]), max(count, most[code])
            again = [one for one in fresh if one.code == code]
            for one in again[: len(again) - more]:
                fresh.remove(one)
        for one in fresh:
            yield PageEvent(interval.agency, interval.year, interval.since, one)
