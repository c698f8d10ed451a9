"""The selection that a question is about (portals, agencies, years, a time), and registry rows kept in memory.

Agencies are loaded only when needed: a question about all agencies of some portals needs only the portals' names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table, select

from archive.fuzzy_lookup import comparable_name
from archive.queries.bounds import suggest_year
from archive.queries.results import AgencyLine
from archive.queries.stored import fetch, holds_at, open_projections
from archive.queries.withheld_content import Outgoing, outgoing
from storage.home import Home
from storage.projections import ProjectionStore
from storage.records import Agency, AgencyKind, Portal
from storage.registry import Registry, agencies_at, agencies_by_id, agency_names, count_agencies, newest
from storage.statements import among
from storage.tables import AGENCIES, PORTALS

Read = TypeVar("Read")
_GOVERNMENTS = frozenset({AgencyKind.GOVERNMENT})


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The portals by name, the agencies, the years (None: all) and the time (``as_of``) that a question is about.
    The agencies are those of ``by_id`` or, if it is None, those of the portals (``everywhere``: these are all known
    portals) with one of ``kinds`` (None: any).
    """

    home: Home
    portals: Mapping[str, Portal]
    as_of: datetime
    years: tuple[int, ...] | None = None
    kinds: frozenset[AgencyKind] | None = None
    everywhere: bool = False
    by_id: Mapping[str, Agency] | None = None

    @property
    def is_by_kind(self) -> bool:
        """Whether the agencies are determined by portals and kinds alone."""
        return self.by_id is None

    @property
    def is_every_government(self) -> bool:
        """Whether the agencies are the governments of all portals: a small group that is often asked for."""
        return self.kinds == _GOVERNMENTS and self.is_by_kind and self.everywhere

    @cached_property
    def agencies(self) -> Mapping[str, Agency]:
        """The agencies by id, read from the registry on first use; all governments are kept for later questions."""
        if self.by_id is not None:
            return self.by_id
        if self.is_every_government:  # the table has no index by kind
            every = remembered(self.home, "governments", [AGENCIES], lambda: agencies_at(self.home, None, _GOVERNMENTS))
        else:
            every = agencies_at(self.home, None if self.everywhere else self.portals, self.kinds)
        return {name: agency for name, agency in every.items() if agency.portal in self.portals}

    @cached_property
    def store(self) -> ProjectionStore:
        """The projections. Raises as :func:`open_projections`."""
        return open_projections(self.home)

    @cached_property
    def out(self) -> Outgoing:
        """The rules for what may be given out."""
        return outgoing(self.home)

    def line(self, agency_id: str) -> AgencyLine:
        """Describe an agency."""
        return agency_line(self.agencies[agency_id], self.portals)

    def lines(self, ids: Collection[str]) -> Mapping[str, AgencyLine]:
        """Describe the selected agencies with one of ``ids``, by id."""
        if not self.is_by_kind:
            return {name: self.line(name) for name in ids if name in self.agencies}
        lines, kinds = agency_lines(self.home, ids), self.kinds
        return {
            name: line
            for name in ids
            if (line := lines.get(name)) and line.portal in self.portals and (kinds is None or line.kind in kinds)
        }

    @property
    def is_every_agency(self) -> bool:
        """True if all agencies of the portals are selected."""
        return self.is_by_kind and self.kinds is None

    @property
    def agency_count(self) -> int:
        """How many agencies are selected; if all are, they are counted without being read."""
        return count_agencies(self.home, self.portals) if self.is_every_agency else len(self.agencies)

    def by_portal(self) -> Iterator[Selection]:
        """Yield a selection for each portal that has a selected agency. Agencies chosen by kind are read portal by
        portal, so that those of all portals are never in memory at once.
        """
        if self.is_by_kind and not self.is_every_government:
            for name, portal in self.portals.items():
                one = replace(self, portals={name: portal}, everywhere=False)
                if one.agencies:
                    yield replace(one, by_id=one.agencies)
            return
        own: dict[str, dict[str, Agency]] = {}
        for agency in self.agencies.values():
            own.setdefault(agency.portal, {})[agency.id] = agency
        for name, portal in self.portals.items():
            if name in own:
                yield replace(self, portals={name: portal}, by_id=own[name])

    def only(self, *agencies: Agency) -> Selection:
        """Return this selection restricted to ``agencies`` and their portals."""
        portals = {one.portal: self.portals[one.portal] for one in agencies}
        return replace(self, portals=portals, by_id={one.id: one for one in agencies})

    def conditions(self, table: Any) -> list[ColumnElement[bool]]:
        """Return the conditions that a row is about one of the portals and one of the years."""
        return [among(table.c.portal, self.portals), *self.year_conditions(table)]

    def year_conditions(self, table: Any) -> list[ColumnElement[bool]]:
        """Return the condition that a row is about one of the years; none if all years are selected."""
        return [] if self.years is None else [table.c.year.in_(self.years)]

    def kind_conditions(self, table: Any) -> list[ColumnElement[bool]]:
        """Return the condition that a row is about an agency of one of the kinds; none if the agencies are chosen by
        name: then more rows match than are selected.
        """
        return (
            [table.c.kind.in_([kind.value for kind in sorted(self.kinds)])]
            if self.kinds is not None and self.is_by_kind
            else []
        )

    def conditions_then(self, table: Any) -> list[ColumnElement[bool]]:
        """Return the conditions that a row was valid at the time asked about."""
        return holds_at(table, self.as_of)

    def check_years(self) -> None:
        """Raise :class:`NotKnownError` with the nearest years if reports are owed, but none in one of the years."""
        if not self.years:
            return
        duties = self.store.tables.duties
        query = select(duties.c.year).where(duties.c.portal.in_(list(self.portals))).distinct()
        years_with_duties = {row.year for row in fetch(self.store, query)}
        for year in self.years:
            if years_with_duties and year not in years_with_duties:
                raise suggest_year(year, years_with_duties)


def agency_line(agency: Agency, portals: Mapping[str, Portal]) -> AgencyLine:
    """Describe an agency with its portal."""
    portal = portals[agency.portal]
    return AgencyLine.of(agency, portal=portal.name, place=portal.place, division=portal.division)


def agency_order(line: AgencyLine) -> tuple[object, ...]:
    """Return the sort key of an agency: division, portal, kind, id."""
    return (line.division or "", line.portal, _KIND_ORDER[line.kind], line.id)


_KIND_ORDER = {kind: at for at, kind in enumerate(AgencyKind)}


# ---------------------------------------------------------------------------------------------- remembered


def remembered(home: Home, name: str, tables: Sequence[Table], read: Callable[[], Read]) -> Read:
    """Return the result of ``read``, kept as ``name`` until a row is added to one of ``tables``."""
    return home.keep(name, [newest(home, table) for table in tables], read)


def known_portals(home: Home) -> Mapping[str, Portal]:
    """Return all portals of the registry, by name."""
    return remembered(home, "portals", [PORTALS], lambda: {portal.name: portal for portal in Registry(home).portals()})


def known_names(home: Home) -> Mapping[str, tuple[str, ...]]:
    """Return the names and aliases of all agencies in their normal form, by id; read anew when an agency is added."""

    def read() -> Mapping[str, tuple[str, ...]]:
        return {
            name: tuple(map(comparable_name, [own_name] if aliases == "[]" else [own_name, *json.loads(aliases)]))
            for name, own_name, aliases in agency_names(home)
        }

    return remembered(home, "names", [AGENCIES], read)


def ids_by_name(home: Home) -> Mapping[str, tuple[str, ...]]:
    """Return the ids of the agencies with each name, alias or id (in normal form)."""

    def read() -> Mapping[str, tuple[str, ...]]:
        ids: dict[str, tuple[str, ...]] = {}
        for agency, names in known_names(home).items():
            for name in dict.fromkeys((agency.casefold(), *names)):
                ids[name] = (*ids.get(name, ()), agency)
        return ids

    return remembered(home, "ids by name", [AGENCIES], read)


def agency_lines(home: Home, ids: Collection[str]) -> Mapping[str, AgencyLine]:
    """Return descriptions of agencies, at least those with one of ``ids``; each is read only once and then cached."""
    lines = remembered(home, "lines", [PORTALS, AGENCIES], dict[str, AgencyLine])
    if unread := [one for one in ids if one not in lines]:
        portals = known_portals(home)
        for agency in agencies_by_id(home, unread):
            lines[agency.id] = agency_line(agency, portals)
    return lines
