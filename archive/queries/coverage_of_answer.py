"""How much is known of what a question asks about, so that an empty answer says whether it is empty or unknown.

That is counted of the duties themselves, and of what no duty shows: reports that name nobody known, lists that were not
read to their end, bodies that are only guessed, places of which hardly any body is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, Text, bindparam, case, cast, func, select

from archive.queries import bounds
from archive.queries.asof import instant_of_question
from archive.queries.results import Known
from archive.queries.stored import open_projections
from archive.queries.tallies import States, states
from archive.queries.where import Chosen, Where, choose
from storage.home import Home
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import AgencyKind, ListingForm, LookOutcome, RulingKind, Status
from storage.registry import Registry
from storage.statements import among, among_given, listed
from storage.tables import LOOKS

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


_FEW = 5  # departments: the smallest county has some twenty, so of a place with fewer most are not known
_MOST = 64  # portals of a question that is answered with it although duties are unknown, so that it is no EMPTY anyway


def with_known_gaps(
    home: Home, store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime, known: Known
) -> Known:
    """Return what is known of the chosen duties with the gaps that are known beside them."""
    known = replace(known, asked=len(chosen.portals))
    if not chosen.portals or (known.unknown and len(chosen.portals) > _MOST):
        return known
    names, wanted = sorted(chosen.portals), None if years is None else sorted(set(years))
    asked = {"portals": listed(names)} | ({} if wanted is None else {"years": listed(wanted)})
    guessed, few = _bodies(store, asked)
    return replace(
        known,
        unnamed=_unnamed(home, store, asked),
        unread=_count_unread(home, store, names, wanted, as_of),
        guessed=guessed,
        few=few if chosen.of_departments else (),
        unjudged=unjudged(store, chosen),
    )


def unjudged(store: ProjectionStore, chosen: Chosen) -> tuple[str, ...]:
    """The chosen portals of which nothing was ever read and judged."""
    return tuple(sorted(chosen.portals.keys() - store.judged()))


def _unnamed(home: Home, store: ProjectionStore, asked: Mapping[str, str]) -> int:
    """Reports held of which it cannot be said whose they are, or on which year, and nobody has ruled."""
    with store.read() as connection:
        found = connection.execute(_nobodys(store.tables.bindings, "years" in asked), asked).all()
    if not found:
        return 0
    ruled = {one.subject for one in Observations(home).rulings() if one.kind in (RulingKind.BINDING, RulingKind.LEAD)}
    return len({url for url, document in found if not {url, document} & ruled})


@cache
def _nobodys(table: Table, by_year: bool) -> Select[Any]:
    """The addresses and documents of reports of an unknown agency or year."""
    where = [
        _is_of(table, by_year=False),
        table.c.is_report.is_(True),
        table.c.agency.is_(None) | table.c.year.is_(None),
    ]
    if by_year:
        where.append(_is_on(table) | table.c.year.is_(None))
    return select(table.c.url, table.c.document).where(*where)


def _count_unread(
    home: Home, store: ProjectionStore, names: Sequence[str], years: Sequence[int] | None, as_of: datetime
) -> int:
    """Lists that their last look by then did not show to their end, or that nobody has looked at."""
    registry = Registry(home)
    held = registry.listings(names[0] if len(names) == 1 else None, as_of)
    asked = {
        one.id
        for one in held
        if one.portal in names and one.ended_at is None and one.form is not ListingForm.ADDRESSED
        and (years is None or one.year is None or one.year in years)
    }  # fmt: skip
    with home.truth.read() as connection:
        last = connection.execute(_last_looks(), {"portals": listed(names), "at": as_of}).all()
    looks = {listing: (look, outcome) for look, listing, outcome in last if listing in asked}
    judged = store.tables.look_judgements
    columns = select(judged.c.look, judged.c.suspect, judged.c.whole_from).where(
        among(judged.c.portal, names), among(judged.c.look, sorted(look for look, _ in looks.values()))
    )
    with store.read() as connection:
        thought = {row.look: (row.suspect, row.whole_from) for row in connection.execute(columns)}
    first = min(years) if years else None
    whole = 0
    for look, outcome in looks.values():
        suspect, whole_from = thought.get(look, (False, None))
        far_enough = first is not None and whole_from is not None and whole_from <= first
        whole += not suspect and (outcome == LookOutcome.OK or far_enough)
    return len(asked) - whole


@cache
def _last_looks() -> Select[Any]:
    """The last look at each list of some portals by an instant."""
    table = LOOKS
    last = (
        select(table.c.listing, func.max(table.c.started).label("at"))
        .where(among_given(table.c.portal, "portals"), table.c.started <= bindparam("at"))
        .group_by(table.c.listing)
        .subquery()
    )
    is_last = (table.c.listing == last.c.listing) & (table.c.started == last.c.at)
    return select(table.c.id, table.c.listing, table.c.outcome).join(last, is_last)


def _bodies(store: ProjectionStore, asked: Mapping[str, str]) -> tuple[int, tuple[str, ...]]:
    """How many bodies with a duty then no source attests, and the portals with a duty then, but with those of next to
    no department.
    """
    with store.read() as connection:
        found = connection.execute(_bodies_of(store.tables.duties, "years" in asked), asked).all()
    return sum(guessed for *_, guessed in found), tuple(portal for portal, number, _ in found if number < _FEW)


@cache
def _bodies_of(table: Table, by_year: bool) -> Select[Any]:
    """Portal by portal, how many departments have a duty, and how many bodies that are guessed."""
    department = case((table.c.kind == AgencyKind.DEPARTMENT.value, table.c.agency))
    guessed = case((table.c.guessed.is_(True), table.c.agency))
    query = select(table.c.portal, func.count(department.distinct()), func.count(guessed.distinct()))
    return query.where(_is_of(table, by_year=by_year)).group_by(table.c.portal).order_by(table.c.portal)


def _is_of(table: Table, *, by_year: bool) -> ColumnElement[bool]:
    """Whether a row is about one of the portals asked about and, ``by_year``, one of the years."""
    portals = among_given(table.c.portal, "portals")
    return portals & _is_on(table) if by_year else portals


def _is_on(table: Table) -> ColumnElement[bool]:
    return among_given(cast(table.c.year, Text), "years")
