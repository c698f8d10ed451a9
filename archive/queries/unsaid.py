"""What an answer leaves unsaid though every duty that is known has its status: reports that name nobody known, lists
that were not read to their end, bodies that are only guessed, places of which hardly any body is known.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import case, func, select

from archive.queries.chosen import Chosen
from archive.queries.grounds import Known
from storage import rows
from storage.home import Home
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import AgencyKind, ListingForm, LookOutcome, RulingKind
from storage.references import among
from storage.registry import Registry
from storage.tables import LookRow

_FEW = 5  # departments: the smallest county has some twenty, so of a place with fewer most are not known
_MOST = 64  # portals of a question that is answered with it although duties are unknown, so that it is no EMPTY anyway


def with_unsaid(
    home: Home, store: ProjectionStore, chosen: Chosen, years: Collection[int] | None, as_of: datetime, known: Known
) -> Known:
    """Return what is known of the chosen duties with what nobody has said beside them."""
    known = replace(known, asked=len(chosen.portals))
    if not chosen.portals or (known.unknown and len(chosen.portals) > _MOST):
        return known
    names, wanted = sorted(chosen.portals), None if years is None else sorted(set(years))
    return replace(
        known,
        unnamed=_unnamed(home, store, names, wanted),
        unread=_count_unread(home, store, names, wanted, as_of),
        guessed=_count_guessed(store, names, wanted),
        few=_sparse_portals(store, names, wanted) if chosen.of_departments else (),
        unjudged=unjudged(store, chosen),
    )


def unjudged(store: ProjectionStore, chosen: Chosen) -> tuple[str, ...]:
    """The chosen portals of which nothing was ever read and judged."""
    return tuple(sorted(chosen.portals.keys() - store.judged()))


def _unnamed(home: Home, store: ProjectionStore, names: Sequence[str], years: Sequence[int] | None) -> int:
    """Reports held of which it cannot be said whose they are, or on which year, and nobody has ruled."""
    table = store.tables.bindings
    conditions = [
        among(table.c.portal, names),
        table.c.is_report.is_(True),
        table.c.agency.is_(None) | table.c.year.is_(None),
    ]
    if years is not None:
        conditions.append(table.c.year.in_(years) | table.c.year.is_(None))
    with store.read() as connection:
        found = [
            (row.url, row.document)
            for row in connection.execute(select(table.c.url, table.c.document).where(*conditions))
        ]
    if not found:
        return 0
    ruled = {one.subject for one in Observations(home).rulings() if one.kind in (RulingKind.BINDING, RulingKind.LEAD)}
    return len({url for url, document in found if not {url, document} & ruled})


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
    table = rows.table(LookRow)
    last = (
        select(table.c.listing, func.max(table.c.started).label("at"))
        .where(among(table.c.portal, names), table.c.started <= as_of)
        .group_by(table.c.listing)
        .subquery()
    )
    query = select(table.c.id, table.c.listing, table.c.outcome).join(
        last, (table.c.listing == last.c.listing) & (table.c.started == last.c.at)
    )
    with home.truth.read() as connection:
        looks = {row.listing: (row.id, row.outcome) for row in connection.execute(query) if row.listing in asked}
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


def _count_guessed(store: ProjectionStore, names: Sequence[str], years: Sequence[int] | None) -> int:
    """Bodies with a duty then that no source attests."""
    table = store.tables.duties
    conditions = [among(table.c.portal, names), table.c.guessed.is_(True)]
    if years is not None:
        conditions.append(table.c.year.in_(years))
    with store.read() as connection:
        return int(connection.execute(select(func.count(table.c.agency.distinct())).where(*conditions)).scalar_one())


def _sparse_portals(store: ProjectionStore, names: Sequence[str], years: Sequence[int] | None) -> tuple[str, ...]:
    """The portals with a duty then, but with those of next to no department."""
    table = store.tables.duties
    department = case((table.c.kind == AgencyKind.DEPARTMENT.value, table.c.agency))
    query = select(table.c.portal, func.count(department.distinct())).where(among(table.c.portal, names))
    if years is not None:
        query = query.where(table.c.year.in_(years))
    with store.read() as connection:
        found = connection.execute(query.group_by(table.c.portal).order_by(table.c.portal)).all()
    return tuple(portal for portal, departments in found if departments < _FEW)
