"""Portals, agencies and listings with their history: a change is a new row, and the latest row holds.

Questions over many portals read only the agencies that an answer names (the functions at the end), never all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, Select, Table, bindparam, func, select

from storage.home import Home
from storage.mapping import shape
from storage.records import Agency, AgencyKind, Listing, Portal
from storage.statements import among, batches
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
        return _latest(self.home, Portal)

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
        return _latest(self.home, Agency, *_known(AGENCIES, portal, as_of))

    def agency_history(self, agency_id: str) -> tuple[Agency, ...]:
        """Return every row an agency ever had, oldest first."""
        return tuple(shape(Agency).record(row) for row in _rows(self.home, Agency, AGENCIES.c.id == agency_id))

    def agency_histories(self, portal: str | None = None) -> dict[str, tuple[Agency, ...]]:
        """Return every row that the agencies of a portal (or of all) ever had, by id, oldest first."""
        return _histories(self.home, Agency, portal)

    def listing_histories(self, portal: str | None = None) -> dict[str, tuple[Listing, ...]]:
        """Return the same of listings."""
        return _histories(self.home, Listing, portal)

    def agencies_once_named(self, name: str) -> tuple[str, ...]:
        """Return the ids of agencies that bear this name, or bore it once."""
        query = select(AGENCIES.c.id).where(AGENCIES.c.name == name).distinct().order_by(AGENCIES.c.id)
        return tuple(self.home.truth.scalars(query))

    def put_listing(self, listing: Listing) -> bool:
        """Add a row for the listing unless it stands there so already; return whether one was added."""
        return bool(self.put_listings([listing]))

    def put_listings(self, listings: Iterable[Listing]) -> int:
        """Put several listings in one transaction; return how many rows were added."""
        return len(self._put(Listing, listings)[0])

    def listings(self, portal: str | None = None, as_of: datetime | None = None) -> tuple[Listing, ...]:
        """Return the listings as they stand, or stood at ``as_of``, by id; ended ones included."""
        return _latest(self.home, Listing, *_known(LISTINGS, portal, as_of))

    def listing_counts(self) -> Counter[str]:
        """Return how many listings each portal has, ended ones included."""
        query = select(LISTINGS.c.portal, func.count(LISTINGS.c.id.distinct())).group_by(LISTINGS.c.portal)
        return Counter(dict(map(tuple, self.home.truth.rows(query))))

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
                found = connection.execute(_newest_of(table, key), {"key": name}).mappings().first()
                if found is not None:
                    former[name] = described.record(found)
                    if described.row(replace(former[name], recorded_at=record.recorded_at)) == described.row(record):
                        continue
                connection.execute(table.insert(), described.row(record))
                put.append(record)
        return put, former


@cache
def _newest_of(table: Table, key: str) -> Select[Any]:
    """The latest row of one ``key``."""
    query = select(table).where(table.c[key] == bindparam("key"))
    return query.order_by(table.c.recorded_at.desc(), table.c.no.desc()).limit(1)


def _known(table: Table, portal: str | None, as_of: datetime | None = None) -> Iterator[ColumnElement[bool]]:
    """That rows are of a portal, and were recorded by an instant."""
    if portal is not None:
        yield table.c.portal == portal
    if as_of is not None:
        yield table.c.recorded_at <= as_of


def _rows(home: Home, kind: type[Any], *where: ColumnElement[bool]) -> Sequence[RowMapping]:
    """Every row by name, the row that holds last."""
    table, key = _TABLES[kind]
    query = select(table).where(*where).order_by(table.c[key], table.c.recorded_at, table.c.no)
    return [row._mapping for row in home.truth.rows(query)]


def _latest(home: Home, kind: type[Record], *where: ColumnElement[bool]) -> tuple[Record, ...]:
    key = _TABLES[kind][1]
    latest = {row[key]: row for row in _rows(home, kind, *where)}
    return tuple([shape(kind).record(row) for row in latest.values()])


def _histories(home: Home, kind: type[Record], portal: str | None) -> dict[str, tuple[Record, ...]]:
    table, key = _TABLES[kind]
    rows = groupby(_rows(home, kind, *_known(table, portal)), key=itemgetter(key))
    return {name: tuple([shape(kind).record(row) for row in same]) for name, same in rows}


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
        return connection.execute(select(func.max(table.c.no))).scalar_one() or 0


def agency_heads(home: Home, ids: Collection[str]) -> Mapping[str, AgencyHead]:
    """Return the names, kinds and portals of agencies as they stand, by id."""
    query = select(AGENCIES.c.id, AGENCIES.c.portal, AGENCIES.c.name, AGENCIES.c.kind)
    query = query.order_by(AGENCIES.c.recorded_at, AGENCIES.c.no)
    found: dict[str, AgencyHead] = {}
    for names in batches(ids):
        for name, portal, called, kind in home.truth.rows(query.where(among(AGENCIES.c.id, names))):
            found[name] = AgencyHead(portal, called, _KINDS[kind])
    return found


def agencies_by_id(home: Home, ids: Collection[str]) -> list[Agency]:
    """Return those of the agencies that are there, as they stand, in the order of ids."""
    return [one for names in batches(ids) for one in _latest(home, Agency, among(AGENCIES.c.id, names))]


def agencies_at(
    home: Home, portals: Collection[str] | None, kinds: Collection[AgencyKind] | None = None
) -> Mapping[str, Agency]:
    """Return the agencies of these portals (None: of all) and kinds as they stand, by id, in the order of ids."""
    where = [] if portals is None else [among(AGENCIES.c.portal, sorted(portals))]
    if kinds is not None:
        of_kind = select(AGENCIES.c.id).where(AGENCIES.c.kind.in_([kind.value for kind in sorted(kinds)]))
        where.append(AGENCIES.c.id.in_(of_kind))
    return {one.id: one for one in _latest(home, Agency, *where) if kinds is None or one.kind in kinds}


def agency_names(home: Home) -> Iterator[tuple[str, str, str]]:
    """Return id, name and aliases (JSON) of every row of every agency, the row that holds last."""
    query = select(AGENCIES.c.id, AGENCIES.c.name, AGENCIES.c.aliases)
    for row in home.truth.rows(query.order_by(AGENCIES.c.recorded_at, AGENCIES.c.no)):
        yield row.id, row.name, row.aliases
