"""How much is known of what a question asks about, so that an empty answer says whether it is empty or unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from archive.queries import bounds
from archive.queries.asof import instant_of_question
from archive.queries.grounds import Known
from archive.queries.stored import open_projections
from archive.queries.tallies import States, states
from archive.queries.where import Chosen, Where, choose
from storage.home import Home
from storage.projections import ProjectionStore
from storage.records import Status

_BATCH = 500
_MOST_PORTALS = 8


def known(
    home: Home, where: Where | None = None, *, years: Collection[int] | None = None, as_of: datetime | None = None
) -> Known:
    """Give how much is known of the duties of the chosen agencies (on ``years``)."""
    years, as_of = bounds.reporting_years(years), instant_of_question(home, as_of)
    chosen = choose(home, where)
    with open_projections(home) as store:
        return replace(known_in(store, chosen, years, as_of), asked=len(chosen.portals))


def known_in(store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime) -> Known:
    """The same of stored projections that are open already."""
    found = states(store, chosen, years, as_of)
    return known_of(found, None if found.counts else _first_record(store, chosen, years))


def known_of(found: States, first_record: datetime | None = None) -> Known:
    """Sum up duties that were counted."""
    by_status: Counter[Status] = Counter()
    reasons: Counter[str] = Counter()
    for (status, reason), number in found.counts.items():
        by_status[status] += number
        if status is Status.UNKNOWN:
            reasons[reason] += number
    return Known(
        duties=by_status.total(),
        not_owed=by_status[Status.NOT_EXPECTED] + by_status[Status.NOT_YET_DUE],
        unknown=by_status[Status.UNKNOWN],
        reasons=dict(reasons.most_common()),
        undetermined=by_status[Status.UNDETERMINED],
        first_record=first_record,
        portals=tuple(name for name, _ in Counter(found.unknown).most_common(_MOST_PORTALS)),
    )


def _first_record(store: ProjectionStore, chosen: Chosen, years: Collection[int] | None) -> datetime | None:
    """When the first of the chosen duties became known: after the time asked about, as there were none by then."""
    table = store.tables.statuses
    query = select(table.c.agency, func.min(table.c.since)).group_by(table.c.agency)
    if years is not None:
        query = query.where(table.c.year.in_(sorted(set(years))))
    found: list[datetime] = []
    with store.read() as connection:
        for names in _batches(chosen.portals):
            rows = connection.execute(query.where(table.c.portal.in_(names)))
            found += [since for agency, since in rows if agency in chosen.agencies]
    return min(found, default=None)


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    held = list(names)
    for start in range(0, len(held), _BATCH):
        yield held[start : start + _BATCH]
