"""Agencies of many portals as far as an answer names them: the whole registry is never read for a question."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from storage import rows
from storage.home import Home
from storage.prepared import Prepared
from storage.records import Agency, AgencyKind
from storage.references import among
from storage.tables import AgencyRow, Base

_BATCH = 5_000
_KINDS = {kind.value: kind for kind in AgencyKind}


@dataclass(frozen=True, slots=True)
class Head:
    """What an answer says of an agency beside its id."""

    portal: str
    name: str
    kind: AgencyKind


def newest(home: Home, model: type[Base]) -> int:
    """The number of the last row of a table of the registry: rows are only added, so it tells states apart."""
    with home.truth.read() as connection:
        [(number,)] = _newest(model).tuples(connection)
    return number or 0


@cache
def _newest(model: type[Base]) -> Prepared:
    return Prepared(select(func.max(rows.table(model).c.no)))


def agency_heads(home: Home, ids: Collection[str]) -> Mapping[str, Head]:
    """The names, kinds and portals of agencies as they stand, by id."""
    table = rows.table(AgencyRow)
    query = select(table.c.id, table.c.portal, table.c.name, table.c.kind).order_by(table.c.recorded_at, table.c.no)
    found: dict[str, Head] = {}
    with home.truth.read() as connection:
        for names in _batches(ids):
            for name, portal, called, kind in connection.execute(query.where(among(table.c.id, names))).all():
                found[name] = Head(portal, called, _KINDS[kind])
    return found


def agencies_by_id(home: Home, ids: Collection[str]) -> list[Agency]:
    """Those of the agencies that are there, as they stand, in the order of ids."""
    found: dict[str, rows.Row] = {}
    with home.truth.read() as connection:
        for names in _batches(ids):
            found |= {row["id"]: row for row in connection.execute(_histories(), {"ids": names}).mappings()}
    return [rows.agency_of(found[name]) for name in sorted(found)]


@cache
def _histories() -> Select[Any]:
    """Every row of the agencies whose id is one of ``ids``, the row that holds last."""
    table = rows.table(AgencyRow)
    named = table.c.id.in_(bindparam("ids", expanding=True))
    return select(table).where(named).order_by(table.c.recorded_at, table.c.no)


def agencies_at(
    home: Home, portals: Collection[str] | None, kinds: Collection[AgencyKind] | None = None
) -> Mapping[str, Agency]:
    """The agencies of these portals (None: of all) and kinds as they stand, by id, in the order of ids."""
    table = rows.table(AgencyRow)
    query: Any = select(table).order_by(table.c.id, table.c.recorded_at, table.c.no)
    if kinds is not None:
        of_kind = select(table.c.id).where(table.c.kind.in_([kind.value for kind in sorted(kinds)]))
        query = query.where(table.c.id.in_(of_kind))
    found: dict[str, rows.Row] = {}
    with home.truth.read() as connection:
        for names in [None] if portals is None else _batches(portals):
            narrowed = query if names is None else query.where(table.c.portal.in_(names))
            found.update((row["id"], row) for row in connection.execute(narrowed).mappings())
    agencies = (rows.agency_of(row) for row in found.values())
    held = {agency.id: agency for agency in agencies if kinds is None or agency.kind in kinds}
    return held if portals is None or len(portals) <= _BATCH else dict(sorted(held.items()))


def agency_names(home: Home) -> Iterator[tuple[str, str, str]]:
    """Id, name and aliases (JSON) of every row of every agency, the row that holds last."""
    table = rows.table(AgencyRow)
    query = select(table.c.id, table.c.name, table.c.aliases).order_by(table.c.recorded_at, table.c.no)
    with home.truth.read() as connection:
        for row in connection.execute(query):
            yield row.id, row.name, row.aliases


def _batches(ids: Collection[str]) -> Iterator[list[str]]:
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _BATCH):
        yield wanted[start : start + _BATCH]
