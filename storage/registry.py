"""Portals, agencies and listings with their history: a change is a new row, and the latest row holds.

Questions over many portals read only the agencies that an answer names (the functions at the end), never all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, Table, bindparam, func, select

from storage.home import Home
from storage.mapping import Row, shape
from storage.records import Agency, AgencyKind, Listing, Portal
from storage.statements import Prepared, among, batches
from storage.tables import AGENCIES, LISTINGS, PORTALS

Record = TypeVar("Record", Portal, Agency, Listing)
_TABLES: Mapping[type[Any], tuple[Table, str]] = {
    Portal: (PORTALS, "name"),
    Agency: (AGENCIES, "id"),
    Listing: (LISTINGS, "id"),
}  # with the column that names what a row is of
_KINDS = {kind.value: kind for kind in AgencyKind}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyDiff:
    """What a list of agencies changed: new ones, and changed ones as (before, after). Nothing is ever removed."""

    added: tuple[Agency, ...] = ()
    changed: tuple[tuple[Agency, Agency], ...] = ()
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed)


class Registry:
    """The repository of portals, agencies and listings of one archive."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def put_portal(self, portal: Portal) -> bool:
        """Add a row for the portal unless it stands there so already; return whether one was added."""
        return bool(self._put(Portal, [portal])[0])

    def portals(self) -> tuple[Portal, ...]:
        """Return all portals, by name."""
        return self._latest(Portal)

    def portal(self, name: str) -> Portal | None:
        """Return the portal of this name."""
        return next((portal for portal in self.portals() if portal.name == name), None)

    def put_agencies(self, agencies: Iterable[Agency]) -> AgencyDiff:
        """Add rows for the agencies that are new or differ from their latest row (``recorded_at`` aside)."""
        put, former = self._put(Agency, agencies)
        added = tuple(agency for agency in put if agency.id not in former)
        changed = tuple((former[agency.id], agency) for agency in put if agency.id in former)
        return AgencyDiff(added=added, changed=changed, unchanged=len(former) - len(changed))

    def agencies(self, portal: str | None = None, as_of: datetime | None = None) -> tuple[Agency, ...]:
        """Return the agencies as they stand, or stood at ``as_of`` (time of recording), by id."""
        return self._latest(Agency, portal, as_of)

    def agency_history(self, agency_id: str) -> tuple[Agency, ...]:
        """Return every row an agency ever had, oldest first."""
        query = select(AGENCIES).where(AGENCIES.c.id == agency_id)
        return self.home.truth.records(Agency, query.order_by(AGENCIES.c.recorded_at, AGENCIES.c.no))

    def agency_histories(self, portal: str | None = None) -> dict[str, tuple[Agency, ...]]:
        """Return every row that the agencies of a portal (or of all) ever had, by id, oldest first."""
        return self._histories(Agency, portal)

    def listing_histories(self, portal: str | None = None) -> dict[str, tuple[Listing, ...]]:
        """Return the same of listings."""
        return self._histories(Listing, portal)

    def agencies_once_named(self, name: str) -> tuple[str, ...]:
        """Return the ids of agencies that bear this name, or bore it once."""
        query = select(AGENCIES.c.id).where(AGENCIES.c.name == name).distinct().order_by(AGENCIES.c.id)
        with self.home.truth.read() as connection:
            return tuple(connection.execute(query).scalars())

    def put_listing(self, listing: Listing) -> bool:
        """Add a row for the listing unless it stands there so already; return whether one was added."""
        return bool(self.put_listings([listing]))

    def put_listings(self, listings: Iterable[Listing]) -> int:
        """Put several listings in one transaction; return how many rows were added."""
        return len(self._put(Listing, listings)[0])

    def listings(self, portal: str | None = None, as_of: datetime | None = None) -> tuple[Listing, ...]:
        """Return the listings as they stand, or stood at ``as_of``, by id; ended ones included."""
        return self._latest(Listing, portal, as_of)

    def listing_counts(self) -> Counter[str]:
        """Return how many listings each portal has, ended ones included."""
        query = select(LISTINGS.c.portal, func.count(LISTINGS.c.id.distinct())).group_by(LISTINGS.c.portal)
        with self.home.truth.read() as connection:
            return Counter({row[0]: row[1] for row in connection.execute(query)})

    def _put(self, kind: type[Record], records: Iterable[Record]) -> tuple[list[Record], dict[str, Record]]:
        """Append what differs. Return the records put, and the former ones of all names given."""
        table, key = _TABLES[kind]
        put: list[Record] = []
        former: dict[str, Record] = {}
        described = shape(kind)
        with self.home.truth.begin() as connection:
            self.home.truth.lock(connection, table.name)
            for record in records:
                name = str(getattr(record, key))
                found = _newest_of(table, key).first(connection, key=name)
                if found is not None:
                    former[name] = described.record(found)
                    if described.row(replace(former[name], recorded_at=record.recorded_at)) == described.row(record):
                        continue
                connection.execute(table.insert(), described.row(record))
                put.append(record)
        return put, former

    def _latest(
        self, kind: type[Record], portal: str | None = None, as_of: datetime | None = None
    ) -> tuple[Record, ...]:
        key = _TABLES[kind][1]
        latest = {row[key]: row for row in self._rows(kind, portal, as_of)}
        return tuple([shape(kind).record(row) for row in latest.values()])

    def _histories(self, kind: type[Record], portal: str | None) -> dict[str, tuple[Record, ...]]:
        key = _TABLES[kind][1]
        found: dict[str, list[Record]] = {}
        for row in self._rows(kind, portal):
            found.setdefault(row[key], []).append(shape(kind).record(row))
        return {name: tuple(history) for name, history in found.items()}

    def _rows(self, kind: type[Record], portal: str | None, as_of: datetime | None = None) -> list[dict[str, Any]]:
        query = _oldest_first(*_TABLES[kind], of_portal=portal is not None, known=as_of is not None)
        given: dict[str, object] = {"portal": portal, "as_of": as_of}
        with self.home.truth.read() as connection:
            return query.rows(connection, **{name: value for name, value in given.items() if value is not None})


@cache
def _newest_of(table: Table, key: str) -> Prepared:
    """The latest row of one ``key``."""
    query = select(table).where(table.c[key] == bindparam("key"))
    return Prepared(query.order_by(table.c.recorded_at.desc(), table.c.no.desc()).limit(1))


@cache
def _oldest_first(table: Table, key: str, *, of_portal: bool, known: bool) -> Prepared:
    """Every row by name, the latest last: of a ``portal``, and recorded by ``as_of``."""
    query: Select[Any] = select(table).order_by(table.c[key], table.c.recorded_at, table.c.no)
    if of_portal:
        query = query.where(table.c.portal == bindparam("portal"))
    if known:
        query = query.where(table.c.recorded_at <= bindparam("as_of"))
    return Prepared(query)


def statements() -> tuple[Prepared, ...]:
    """Return what every crawl asks of the registry."""
    return (
        *(_newest_of(*one) for one in _TABLES.values()),
        *(_oldest_first(*_TABLES[kind], of_portal=True, known=False) for kind in (Agency, Listing)),
    )


# ------------------------------------------------------------------------------------------ agencies of many portals


@dataclass(frozen=True, slots=True)
class AgencyHead:
    """What an answer says of an agency beside its id."""

    portal: str
    name: str
    kind: AgencyKind


def newest(home: Home, table: Table) -> int:
    """Return the number of the last row of a table of the registry: rows are only added, so it tells states apart."""
    with home.truth.read() as connection:
        [(number,)] = _newest(table).tuples(connection)
    return number or 0


@cache
def _newest(table: Table) -> Prepared:
    return Prepared(select(func.max(table.c.no)))


def agency_heads(home: Home, ids: Collection[str]) -> Mapping[str, AgencyHead]:
    """Return the names, kinds and portals of agencies as they stand, by id."""
    query = select(AGENCIES.c.id, AGENCIES.c.portal, AGENCIES.c.name, AGENCIES.c.kind)
    query = query.order_by(AGENCIES.c.recorded_at, AGENCIES.c.no)
    found: dict[str, AgencyHead] = {}
    with home.truth.read() as connection:
        for names in batches(ids):
            for name, portal, called, kind in connection.execute(query.where(among(AGENCIES.c.id, names))).all():
                found[name] = AgencyHead(portal, called, _KINDS[kind])
    return found


def agencies_by_id(home: Home, ids: Collection[str]) -> list[Agency]:
    """Return those of the agencies that are there, as they stand, in the order of ids."""
    found: dict[str, Row] = {}
    with home.truth.read() as connection:
        for names in batches(ids):
            found |= {row["id"]: row for row in connection.execute(_histories_of(), {"ids": names}).mappings()}
    return [shape(Agency).record(found[name]) for name in sorted(found)]


@cache
def _histories_of() -> Select[Any]:
    """Every row of the agencies whose id is one of ``ids``, the row that holds last."""
    named = AGENCIES.c.id.in_(bindparam("ids", expanding=True))
    return select(AGENCIES).where(named).order_by(AGENCIES.c.recorded_at, AGENCIES.c.no)


def agencies_at(
    home: Home, portals: Collection[str] | None, kinds: Collection[AgencyKind] | None = None
) -> Mapping[str, Agency]:
    """Return the agencies of these portals (None: of all) and kinds as they stand, by id, in the order of ids."""
    query: Any = select(AGENCIES).order_by(AGENCIES.c.id, AGENCIES.c.recorded_at, AGENCIES.c.no)
    if kinds is not None:
        of_kind = select(AGENCIES.c.id).where(AGENCIES.c.kind.in_([kind.value for kind in sorted(kinds)]))
        query = query.where(AGENCIES.c.id.in_(of_kind))
    found: dict[str, Row] = {}
    with home.truth.read() as connection:
        for names in [None] if portals is None else batches(portals):
            narrowed = query if names is None else query.where(AGENCIES.c.portal.in_(names))
            found.update((row["id"], row) for row in connection.execute(narrowed).mappings())
    agencies = (shape(Agency).record(found[name]) for name in sorted(found))
    return {agency.id: agency for agency in agencies if kinds is None or agency.kind in kinds}


def agency_names(home: Home) -> Iterator[tuple[str, str, str]]:
    """Return id, name and aliases (JSON) of every row of every agency, the row that holds last."""
    query = select(AGENCIES.c.id, AGENCIES.c.name, AGENCIES.c.aliases)
    with home.truth.read() as connection:
        for row in connection.execute(query.order_by(AGENCIES.c.recorded_at, AGENCIES.c.no)):
            yield row.id, row.name, row.aliases
