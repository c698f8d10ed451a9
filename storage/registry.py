"""Portals, agencies and listings with their history: a change is a new row, and the latest row holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, func, select

from storage import rows
from storage.home import Home
from storage.prepared import Prepared
from storage.records import Agency, Listing, Portal
from storage.tables import AgencyRow, Base, ListingRow, PortalRow

Record = TypeVar("Record", Portal, Agency, Listing)


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
        """Add a row for the portal unless it stands there so already; whether one was added."""
        return bool(self._put(PortalRow, rows.portal_row, rows.portal_of, "name", [portal])[0])

    def portals(self) -> tuple[Portal, ...]:
        """All portals, by name."""
        return self._latest(PortalRow, rows.portal_of, "name")

    def portal(self, name: str) -> Portal | None:
        """The portal of this name."""
        return next((portal for portal in self.portals() if portal.name == name), None)

    def put_agencies(self, agencies: Iterable[Agency]) -> AgencyDiff:
        """Add rows for the agencies that are new or differ from their latest row (``recorded_at`` aside)."""
        put, former = self._put(AgencyRow, rows.agency_row, rows.agency_of, "id", agencies)
        added = tuple(agency for agency in put if agency.id not in former)
        changed = tuple((former[agency.id], agency) for agency in put if agency.id in former)
        return AgencyDiff(added=added, changed=changed, unchanged=len(former) - len(changed))

    def agencies(self, portal: str | None = None, as_of: datetime | None = None) -> tuple[Agency, ...]:
        """The agencies as they stand, or stood at ``as_of`` (time of recording), by id."""
        return self._latest(AgencyRow, rows.agency_of, "id", portal, as_of)

    def agency_history(self, agency_id: str) -> tuple[Agency, ...]:
        """Every row an agency ever had, oldest first."""
        table = rows.table(AgencyRow)
        query = select(table).where(table.c.id == agency_id).order_by(table.c.recorded_at, table.c.no)
        with self.home.truth.read() as connection:
            return tuple(rows.agency_of(row) for row in connection.execute(query).mappings())

    def agency_histories(self, portal: str | None = None) -> dict[str, tuple[Agency, ...]]:
        """Every row that the agencies of a portal (or of all) ever had, by id, oldest first."""
        table = rows.table(AgencyRow)
        query = select(table).order_by(table.c.id, table.c.recorded_at, table.c.no)
        if portal is not None:
            query = query.where(table.c.portal == portal)
        found: dict[str, list[Agency]] = {}
        with self.home.truth.read() as connection:
            for row in connection.execute(query).mappings():
                found.setdefault(row["id"], []).append(rows.agency_of(row))
        return {name: tuple(history) for name, history in found.items()}

    def agencies_once_named(self, name: str) -> tuple[str, ...]:
        """The ids of agencies that bear this name, or bore it once."""
        table = rows.table(AgencyRow)
        with self.home.truth.read() as connection:
            found = connection.execute(select(table.c.id).where(table.c.name == name).distinct().order_by(table.c.id))
            return tuple(found.scalars())

    def put_listing(self, listing: Listing) -> bool:
        """Add a row for the listing unless it stands there so already; whether one was added."""
        return bool(self.put_listings([listing]))

    def put_listings(self, listings: Iterable[Listing]) -> int:
        """Several listings in one transaction; how many rows were added."""
        return len(self._put(ListingRow, rows.listing_row, rows.listing_of, "id", listings)[0])

    def listings(self, portal: str | None = None, as_of: datetime | None = None) -> tuple[Listing, ...]:
        """The listings as they stand, or stood at ``as_of``, by id; ended ones included."""
        return self._latest(ListingRow, rows.listing_of, "id", portal, as_of)

    def listing_counts(self) -> Counter[str]:
        """How many listings each portal has, ended ones included."""
        table = rows.table(ListingRow)
        query = select(table.c.portal, func.count(table.c.id.distinct())).group_by(table.c.portal)
        with self.home.truth.read() as connection:
            return Counter({row[0]: row[1] for row in connection.execute(query)})

    def _put(
        self,
        model: type[Base],
        row_of: Callable[[Record], dict[str, Any]],
        record_of: Callable[[rows.Row], Record],
        key: str,
        records: Iterable[Record],
    ) -> tuple[list[Record], dict[str, Record]]:
        """Append what differs. The records put, and the former ones of all keys given."""
        table = rows.table(model)
        put: list[Record] = []
        former: dict[str, Record] = {}
        with self.home.truth.begin() as connection:
            self.home.truth.lock(connection, table.name)
            for record in records:
                name = str(getattr(record, key))
                found = _newest(model, key).first(connection, key=name)
                row = row_of(record)
                if found is not None:
                    former[name] = record_of(found)
                    if row_of(replace(former[name], recorded_at=record.recorded_at)) == row:
                        continue
                connection.execute(table.insert(), row)
                put.append(record)
        return put, former

    def _latest(
        self,
        model: type[Base],
        record_of: Callable[[rows.Row], Record],
        key: str,
        portal: str | None = None,
        as_of: datetime | None = None,
    ) -> tuple[Record, ...]:
        query = _oldest_first(model, key, of_portal=portal is not None, known=as_of is not None)
        given: dict[str, object] = {"portal": portal, "as_of": as_of}
        asked = {name: value for name, value in given.items() if value is not None}
        with self.home.truth.read() as connection:
            latest = {row[key]: row for row in query.rows(connection, **asked)}
        return tuple(record_of(row) for row in latest.values())


@cache
def _newest(model: type[Base], key: str) -> Prepared:
    """The latest row of one ``key``."""
    table = rows.table(model)
    query = select(table).where(table.c[key] == bindparam("key"))
    return Prepared(query.order_by(table.c.recorded_at.desc(), table.c.no.desc()).limit(1))


@cache
def _oldest_first(model: type[Base], key: str, *, of_portal: bool, known: bool) -> Prepared:
    """Every row by ``key``, the latest last: of a ``portal``, and recorded by ``as_of``."""
    table = rows.table(model)
    query: Select[Any] = select(table).order_by(table.c[key], table.c.recorded_at, table.c.no)
    if of_portal:
        query = query.where(table.c.portal == bindparam("portal"))
    if known:
        query = query.where(table.c.recorded_at <= bindparam("as_of"))
    return Prepared(query)


def statements() -> tuple[Prepared, ...]:
    """What every crawl asks of the registry."""
    of_portal = ((AgencyRow, "id"), (ListingRow, "id"))
    return (
        *(_newest(model, key) for model, key in ((PortalRow, "name"), *of_portal)),
        *(_oldest_first(model, key, of_portal=True, known=False) for model, key in of_portal),
    )
