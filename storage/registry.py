"""Store portals, agencies and listings with their history: every change is a new row, and the latest row is valid.

Questions about many portals must not load all agencies: the functions at the end load only those that they name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, Table, func, or_, select

from storage.home import Home
from storage.mapping import shape
from storage.records import Agency, AgencyKind, Listing, Portal
from storage.statements import among
from storage.tables import AGENCIES, LISTINGS, PORTALS

Record = TypeVar("Record", Portal, Agency, Listing)
_TABLES: Mapping[type[Any], tuple[Table, str]] = {
    Portal: (PORTALS, "name"),
    Agency: (AGENCIES, "id"),
    Listing: (LISTINGS, "id"),
}  # each with the column that identifies the portal, agency or listing


class Registry:
    """Stores and reads the portals, agencies and listings of one archive."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def put_portal(self, portal: Portal) -> None:
        """Add a row for the portal unless the latest one is equal."""
        self._add_changed(Portal, [portal])

    def put_agencies(self, agencies: Iterable[Agency]) -> tuple[Agency, ...]:
        """Add and return the agencies that differ from their latest row (``recorded_at`` aside), or have none."""
        return tuple(self._add_changed(Agency, agencies))

    def put_listings(self, listings: Iterable[Listing]) -> None:
        """Add rows for listings that are new or differ from their latest row, in one transaction."""
        self._add_changed(Listing, listings)

    def portals(self) -> tuple[Portal, ...]:
        """Return all portals, by name."""
        return _latest_records(self.home, Portal)

    def portal(self, name: str) -> Portal | None:
        """Return the portal of this name, None if there is none."""
        return next(iter(_latest_records(self.home, Portal, PORTALS.c.name == name)), None)

    def agencies(self, portal: str | None = None, as_of: datetime | None = None) -> tuple[Agency, ...]:
        """Return the agencies of a portal (None: of all) by id, as recorded up to ``as_of`` (None: now)."""
        return _latest_records(self.home, Agency, *_row_conditions(AGENCIES, portal, as_of))

    def listings(self, *portals: str, as_of: datetime | None = None) -> tuple[Listing, ...]:
        """Return the listings, ended ones too, of these portals (none: all), by id, as recorded now or by ``as_of``."""
        conditions = [among(LISTINGS.c.portal, portals)] if portals else []
        return _latest_records(self.home, Listing, *conditions, *_row_conditions(LISTINGS, None, as_of))

    def agency_history(self, agency_id: str) -> tuple[Agency, ...]:
        """Return all rows of an agency, oldest first."""
        return _histories(self.home, Agency, AGENCIES.c.id == agency_id).get(agency_id, ())

    def agency_histories(self, portal: str | None) -> dict[str, tuple[Agency, ...]]:
        """Return all rows of the agencies of a portal (None: of all), by id, oldest first."""
        return _histories(self.home, Agency, *_row_conditions(AGENCIES, portal))

    def listing_histories(self, portal: str) -> dict[str, tuple[Listing, ...]]:
        """Return all rows of the listings of a portal, by id, oldest first."""
        return _histories(self.home, Listing, *_row_conditions(LISTINGS, portal))

    def agencies_once_named(self, name: str) -> tuple[str, ...]:
        """Return the ids of agencies that have or had this name."""
        query = select(AGENCIES.c.id).where(AGENCIES.c.name == name).distinct().order_by(AGENCIES.c.id)
        return tuple(self.home.truth.scalars(query))

    def listing_counts(self) -> Counter[str]:
        """Count the listings of each portal, ended ones too."""
        query = select(LISTINGS.c.portal, func.count(LISTINGS.c.id.distinct())).group_by(LISTINGS.c.portal)
        return Counter(dict(map(tuple, self.home.truth.rows(query))))

    def _add_changed(self, kind: type[Record], records: Iterable[Record]) -> list[Record]:
        """Add rows for records that are new or differ from the latest row; return the new ones."""
        table, key = _TABLES[kind]
        new_records: list[Record] = []
        described = shape(kind)
        newest = select(table).order_by(table.c.recorded_at.desc(), table.c.no.desc()).limit(1)
        with self.home.truth.begin() as connection:
            self.home.truth.lock(connection, table.name)
            for record in records:
                row = described.row(record)
                latest_row = connection.execute(newest.where(table.c[key] == row[key])).mappings().first()
                if latest_row is None:
                    new_records.append(record)
                elif described.row(replace(described.record(latest_row), recorded_at=record.recorded_at)) == row:
                    continue
                connection.execute(table.insert(), row)
        return new_records


def _row_conditions(table: Table, portal: str | None, as_of: datetime | None = None) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions for rows of a portal, and for rows recorded up to an instant; none for None."""
    if portal is not None:
        yield table.c.portal == portal
    if as_of is not None:
        yield table.c.recorded_at <= as_of


def _select_rows(home: Home, kind: type[Any], *conditions: ColumnElement[bool]) -> Sequence[RowMapping]:
    """Return all matching rows by id, each id's latest row last."""
    table, key = _TABLES[kind]
    query = select(table).where(*conditions).order_by(table.c[key], table.c.recorded_at, table.c.no)
    return [row._mapping for row in home.truth.rows(query)]


def _latest_records(home: Home, kind: type[Record], *conditions: ColumnElement[bool]) -> tuple[Record, ...]:
    key = _TABLES[kind][1]
    latest = {row[key]: row for row in _select_rows(home, kind, *conditions)}
    return tuple([shape(kind).record(row) for row in latest.values()])


def _histories(home: Home, kind: type[Record], *conditions: ColumnElement[bool]) -> dict[str, tuple[Record, ...]]:
    rows = groupby(_select_rows(home, kind, *conditions), key=itemgetter(_TABLES[kind][1]))
    return {name: tuple([shape(kind).record(row) for row in rows_of_id]) for name, rows_of_id in rows}


# ------------------------------------------------------------------------------------------ agencies of many portals


def newest(home: Home, table: Table) -> int:
    """Return the number of a registry table's last row; it changes with every change, because rows are only added."""
    return home.truth.scalars(select(func.max(table.c.no)))[0] or 0


def agencies_by_id(home: Home, ids: Collection[str]) -> list[Agency]:
    """Return the agencies that exist among these ids, by their latest rows, sorted by id."""
    return [*_latest_records(home, Agency, among(AGENCIES.c.id, ids))]


def agencies_in_succession(home: Home, ids: Sequence[str], as_of: datetime) -> tuple[Agency, ...]:
    """Return these agencies, all ever succeeded (merged, renamed), and their successors, as recorded by ``as_of``."""
    until = [*_row_conditions(AGENCIES, None, as_of)]
    succeeded = select(AGENCIES.c.id).where(AGENCIES.c.successors.is_not(None))
    related = _latest_records(home, Agency, or_(among(AGENCIES.c.id, ids), AGENCIES.c.id.in_(succeeded)), *until)
    successors = {name for agency in related for name in agency.successors} - {agency.id for agency in related}
    return (*related, *_latest_records(home, Agency, among(AGENCIES.c.id, sorted(successors)), *until))


def agencies_at(
    home: Home, portals: Collection[str] | None, kinds: Collection[AgencyKind] | None = None
) -> Mapping[str, Agency]:
    """Return the agencies of these portals and kinds (None: all), by id and sorted by id, by their latest rows."""
    conditions = [] if portals is None else [among(AGENCIES.c.portal, sorted(portals))]
    if kinds is not None:
        of_kind = select(AGENCIES.c.id).where(AGENCIES.c.kind.in_([kind.value for kind in sorted(kinds)]))
        conditions.append(AGENCIES.c.id.in_(of_kind))
    return {
        agency.id: agency
        for agency in _latest_records(home, Agency, *conditions)
        if kinds is None or agency.kind in kinds  # the latest row may have another kind
    }


def count_agencies(home: Home, portals: Collection[str]) -> int:
    """Return how many agencies these portals have."""
    query = select(func.count(AGENCIES.c.id.distinct())).where(among(AGENCIES.c.portal, sorted(portals)))
    (count,) = home.truth.scalars(query)
    return int(count)


def agency_names(home: Home) -> Iterator[tuple[str, str, str]]:
    """Yield id, name and aliases (JSON) of all rows of all agencies, oldest row first."""
    query = select(AGENCIES.c.id, AGENCIES.c.name, AGENCIES.c.aliases)
    return map(tuple, home.truth.rows(query.order_by(AGENCIES.c.recorded_at, AGENCIES.c.no)))


def listing_urls(home: Home, ids: Collection[str]) -> Mapping[str, str]:
    """Return the addresses of listings by id, from their latest rows."""
    query = select(LISTINGS.c.id, LISTINGS.c.url).where(among(LISTINGS.c.id, ids))
    return dict(map(tuple, home.truth.rows(query.order_by(LISTINGS.c.recorded_at, LISTINGS.c.no))))
