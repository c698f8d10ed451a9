"""How many duties have which status: counted as they were judged, so that the totals of a province are few rows.

What is counted holds to this day. As of an earlier instant, or where bodies are chosen by name, histories are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import case, func, select

from archive.queries.chosen import Chosen
from storage.projections import ProjectionStore
from storage.records import AgencyKind, EvidenceGrade, Status

KINDS = {kind.value: kind for kind in AgencyKind}
STATUSES = {status.value: status for status in Status}
GRADES = {grade.value: grade for grade in EvidenceGrade}
_NAMES = ("portal", "year", "kind", "dated", "status", "evidence", "reason")


class Tally(NamedTuple):
    """So many duties of one portal, year and kind of body are in one state, in the words of the columns: they are many,
    and only what is told of them is worth a record. ``dated``: what sets their day (``statute``, ``practice``,
    ``nothing``).
    """

    portal: str
    year: int
    kind: str
    dated: str
    status: str
    evidence: str
    reason: str
    duties: int


def tallied(store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime) -> Sequence[Tally]:
    """Count the chosen agencies' duties (on ``years``) as of an instant."""
    found = _present(store, chosen, years, as_of)
    return _counted(store, chosen, years, as_of) if found is None else found


def _present(
    store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime
) -> Sequence[Tally] | None:
    """What was counted when it was judged; None if that does not answer the question."""
    table, where = store.tables.tallies, _present_where(store, chosen, years, as_of)
    if where is None:
        return None
    with store.read() as connection:
        rows = connection.execute(select(*(table.c[name] for name in _NAMES), table.c.duties).where(*where)).all()
    return cast("Sequence[Tally]", rows)


def states(
    store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime
) -> Mapping[tuple[str, Status, str], int]:
    """Count by status; what is unknown by portal and reason as well (of all else these are "")."""
    table = store.tables.tallies
    where = _asked_of(table, chosen, years)
    if where is None:
        return by_state(_counted(store, chosen, years, as_of))
    unknown = table.c.status == Status.UNKNOWN.value
    portal, reason = (case((unknown, table.c[name]), else_="") for name in ("portal", "reason"))
    query = select(portal, table.c.status, reason, func.sum(table.c.duties), func.max(table.c.since)).where(*where)
    with store.read() as connection:
        rows = connection.execute(query.group_by(portal, table.c.status, reason)).all()
    if any(newest > as_of for *_, newest in rows):
        return by_state(_counted(store, chosen, years, as_of))
    return {(portal, STATUSES[status], reason): int(number) for portal, status, reason, number, _ in rows}


def _present_where(
    store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime
) -> list[Any] | None:
    """What of the tallies is asked about; None if these do not answer the question."""
    table = store.tables.tallies
    where = _asked_of(table, chosen, years)
    if where is None:
        return None
    with store.read() as connection:
        newest = connection.execute(select(func.max(table.c.since)).where(*where)).scalar_one()
    return None if newest is not None and newest > as_of else where


def _asked_of(table: Any, chosen: Chosen, years: Collection[int] | None) -> list[Any] | None:
    where = chosen.conditions(table)
    if where is not None and years is not None:
        where.append(table.c.year.in_(sorted(set(years))))
    return where


def _counted(store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime) -> list[Tally]:
    """The same counted in the histories."""
    table = store.tables.statuses
    dated = case((table.c.due.is_not(None), "statute"), (table.c.practice.is_not(None), "practice"), else_="nothing")
    columns = [dated.label("dated") if name == "dated" else table.c[name] for name in _NAMES]
    where = chosen.conditions(table)
    conditions: list[Any] = [
        *([table.c.portal.in_(sorted(chosen.portals))] if where is None else where),
        table.c.kind.is_not(None),
        table.c.since <= as_of,
        table.c.until.is_(None) | (table.c.until > as_of),
    ]
    if years is not None:
        conditions.append(table.c.year.in_(sorted(set(years))))
    with store.read() as connection:
        if where is not None:
            grouped = select(*columns, func.count()).where(*conditions).group_by(*columns)
            return [Tally._make(row) for row in connection.execute(grouped)]
        rows = connection.execute(select(table.c.agency, *columns).where(*conditions))
        counts = Counter(tuple(row)[1:] for row in rows if row.agency in chosen.agencies)
    return [Tally._make((*key, number)) for key, number in counts.items()]


def by_state(tallies: Iterable[Tally]) -> Mapping[tuple[str, Status, str], int]:
    """Count by portal, status and reason."""
    found: Counter[tuple[str, str, str]] = Counter()
    for portal, _, _, _, status, _, reason, number in tallies:
        found[portal, status, reason] += number
    return {(portal, STATUSES[status], reason): number for (portal, status, reason), number in found.items()}
