"""How many duties have which status: counted as they were judged, so that the totals of a province are few rows.

What is counted holds to this day. As of an earlier instant, or where bodies are chosen by name, histories are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, Table, Text, bindparam, case, cast, func, select, type_coerce

from archive.queries.selected_agencies import Agencies, Chosen
from storage.projections import ProjectionStore
from storage.records import AgencyKind, EvidenceGrade, Status
from storage.statements import among_given, is_one_given, listed
from storage.status_rows import ALL_YEARS, tally_counts, tally_key, tally_parts


class TallyKey(NamedTuple):
    """What duties that are counted together have alike. ``dated``: what sets their day (``statute``, ``practice``,
    ``nothing``).
    """

    kind: AgencyKind
    dated: str
    status: Status
    evidence: EvidenceGrade
    reason: str


@lru_cache(maxsize=65_536)
def parse_tally_key(key: str) -> TallyKey:
    """The same of a key of :class:`Tally`: there are some hundreds of them at most."""
    kind, dated, status, evidence, reason = tally_parts(key)
    return TallyKey(AgencyKind(kind), dated, Status(status), EvidenceGrade(evidence), reason)


class Tally(NamedTuple):
    """The duties of one portal's bodies on one year: so many of each sort (:func:`parse_tally_key` says of which)."""

    portal: str
    year: int
    counts: Mapping[str, int]


def tallied(store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime) -> Sequence[Tally]:
    """Count the chosen agencies' duties (on ``years``) as of an instant, by portal and year."""
    found = _present(store, chosen, years, as_of)
    return _count_histories(store, chosen, years, as_of) if found is None else found


class States(NamedTuple):
    """How many duties stand how. ``counts``: by status and reason; ``unknown``: those that are unknown, by portal."""

    counts: Mapping[tuple[Status, str], int]
    unknown: Mapping[str, int]


def states(store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime) -> States:
    """Count the chosen agencies' duties (on ``years``) as of an instant, all years together."""
    found = _present(store, chosen, (ALL_YEARS,) if years is None else years, as_of)
    return states_of(_count_histories(store, chosen, years, as_of) if found is None else found)


def states_of(tallies: Sequence[Tally]) -> States:
    """The same of duties that were counted already."""
    of_key: dict[str, int] = {}
    for _, _, counts in tallies:
        for key, number in counts.items():
            of_key[key] = of_key.get(key, 0) + number
    counted: Counter[tuple[Status, str]] = Counter()
    for key, number in of_key.items():
        one = parse_tally_key(key)
        counted[one.status, one.reason] += number
    unknown_keys = {key for key in of_key if parse_tally_key(key).status is Status.UNKNOWN}
    unknown: Counter[str] = Counter()
    for portal, _, counts in tallies:
        unknown[portal] += sum([number for key, number in counts.items() if key in unknown_keys])
    return States(counted, +unknown)


def _present(
    store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime
) -> list[Tally] | None:
    """What was counted when it was judged; None if that does not answer the question."""
    if not isinstance(chosen.agencies, Agencies) or chosen.agencies.named is not None:
        return None
    kinds = chosen.agencies.kinds
    values: dict[str, Any] = {"portals": listed(chosen.portals), "at": as_of}
    if years is not None:
        values["years"] = listed(years)
    with store.read() as connection:
        rows = [*connection.execute(_counts(store.tables.tallies, years is not None), values)]
    if any(is_later for _, _, is_later, _ in rows):
        return None
    rows.sort(key=itemgetter(0, 1))
    unpacked = tally_counts([row[3] for row in rows])
    found = [Tally(row[0], row[1], counts) for row, counts in zip(rows, unpacked, strict=True)]
    if kinds is None:
        return found
    narrowed = (
        one._replace(counts={key: number for key, number in one.counts.items() if parse_tally_key(key).kind in kinds})
        for one in found
    )
    return [one for one in narrowed if one.counts]


@cache
def _counts(table: Table, by_year: bool) -> Select[Any]:
    """What was counted of some portals, and whether it holds from a later instant on; ``by_year``: of some years."""
    is_later = type_coerce(table.c.since > bindparam("at"), Integer).label("is_later")  # as the driver gives it
    where = [among_given(table.c.portal, "portals")]
    where.append(among_given(cast(table.c.year, Text), "years") if by_year else table.c.year != ALL_YEARS)
    return select(table.c.portal, table.c.year, is_later, table.c.counts).where(*where)


def _count_histories(
    store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime
) -> list[Tally]:
    """The same counted in the histories."""
    table = store.tables.statuses
    dated = case((table.c.due.is_not(None), "statute"), (table.c.practice.is_not(None), "practice"), else_="nothing")
    columns = [table.c.portal, table.c.year, table.c.kind, dated, table.c.status, table.c.evidence, table.c.reason]
    where = chosen.narrowed()
    values = where or {"portal": listed(chosen.portals)}
    if years is not None:
        values["year"] = sorted(set(years))
    conditions = [
        *(is_one_given(table.c[name], name) for name in values),
        table.c.kind.is_not(None),
        table.c.since <= as_of,
        table.c.until.is_(None) | (table.c.until > as_of),
    ]
    with store.read() as connection:
        if where is not None:
            grouped = select(*columns, func.count()).where(*conditions).group_by(*columns)
            counts = {tuple(row)[:-1]: row[-1] for row in connection.execute(grouped, values)}
        else:
            rows = connection.execute(select(table.c.agency, *columns).where(*conditions), values)
            counts = Counter(tuple(row)[1:] for row in rows if row.agency in chosen.agencies)
    found: dict[tuple[str, int], dict[str, int]] = {}
    for (portal, year, *state), number in counts.items():
        found.setdefault((portal, year), {})[tally_key(*state)] = number
    return [Tally(portal, year, of_place) for (portal, year), of_place in sorted(found.items())]
