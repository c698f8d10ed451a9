"""The portals and agencies that a question chose. Agencies are read when somebody asks for them, and no more of them.

A question for all bodies of some portals needs the names of these portals only; of a list, the names of those listed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Table

from archive.queries.nearest import comparable_name
from archive.queries.results import AgencyLine
from storage.home import Home
from storage.records import Agency, AgencyKind, Portal
from storage.registry import Registry, agencies_at, agencies_by_id, agency_names, newest
from storage.statements import listed
from storage.tables import AGENCIES, PORTALS

Read = TypeVar("Read")


_GOVERNMENTS = frozenset({AgencyKind.GOVERNMENT})


class Agencies(Mapping[str, Agency]):
    """The agencies of some portals (``everywhere``: of all that are known), by id: of ``kinds`` (None: all), with
    ``named`` in a name (None: whatever they are called). Read once, and only if looked into.
    """

    def __init__(
        self,
        home: Home,
        portals: Mapping[str, Portal],
        kinds: frozenset[AgencyKind] | None,
        named: str | None,
        *,
        everywhere: bool,
    ) -> None:
        self.kinds = kinds
        self.named = named
        self.everywhere = everywhere
        self._home, self._portals = home, portals
        self._held: Mapping[str, Agency] | None = None

    @property
    def every_government(self) -> bool:
        """Whether they are the governments of all portals: few, and asked for again and again."""
        return self.kinds == _GOVERNMENTS and self.named is None and self.everywhere

    @property
    def held(self) -> Mapping[str, Agency]:
        """All of them."""
        if self._held is None:
            found = self._read()
            self._held = {
                name: agency
                for name, agency in found.items()
                if agency.portal in self._portals and (self.named is None or is_named(agency, self.named))
            }
        return self._held

    def _read(self) -> Mapping[str, Agency]:
        if not self.everywhere:
            return agencies_at(self._home, self._portals, self.kinds)
        if self.kinds == _GOVERNMENTS:  # few, and asked for again and again; the table has no index by kind
            return remembered(
                self._home, "governments", [AGENCIES], lambda: agencies_at(self._home, None, _GOVERNMENTS)
            )
        return agencies_at(self._home, None, self.kinds)

    def lines(self, ids: Collection[str]) -> dict[str, AgencyLine]:
        """Describe those of the agencies that are among these."""
        if self.named is not None:
            return {name: agency_line(self.held[name], self._portals) for name in ids if name in self.held}
        lines = agency_lines(self._home, ids)
        found = ((name, lines[name]) for name in ids if name in lines)
        return {
            name: line
            for name, line in found
            if line.portal in self._portals and (self.kinds is None or line.kind in self.kinds)
        }

    def __getitem__(self, name: str) -> Agency:
        return self.held[name]

    def __contains__(self, name: object) -> bool:
        return name in self.held

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The portals and agencies of a :class:`archive.queries.where.Where`, by name and id."""

    portals: Mapping[str, Portal]
    agencies: Mapping[str, Agency]

    @property
    def of_departments(self) -> bool:
        """Whether departments, whatever they are called, are among those chosen."""
        chosen = self.agencies
        if not isinstance(chosen, Agencies) or chosen.named is not None:
            return False
        return chosen.kinds is None or AgencyKind.DEPARTMENT in chosen.kinds

    def line(self, agency_id: str) -> AgencyLine:
        """Describe an agency."""
        return agency_line(self.agencies[agency_id], self.portals)

    def lines(self, ids: Collection[str]) -> Mapping[str, AgencyLine]:
        """Describe those of the chosen agencies that are among these."""
        if isinstance(self.agencies, Agencies):
            return self.agencies.lines(ids)
        return {name: self.line(name) for name in ids if name in self.agencies}

    def narrowed(self) -> dict[str, object] | None:
        """What of a table with ``portal`` and ``kind`` (of a duty's body) is chosen, as values for
        :func:`storage.statements.is_one_given`; None if that cannot be told so.
        """
        if not isinstance(self.agencies, Agencies) or self.agencies.named is not None:
            return None
        found: dict[str, object] = {"portal": listed(self.portals)}
        if self.agencies.kinds is not None:
            found["kind"] = [kind.value for kind in sorted(self.agencies.kinds)]
        return found


def agency_line(agency: Agency, portals: Mapping[str, Portal]) -> AgencyLine:
    """Describe an agency with its portal."""
    portal = portals[agency.portal]
    return AgencyLine(
        id=agency.id,
        name=agency.name,
        kind=agency.kind,
        portal=portal.name,
        place=portal.place,
        division=portal.division,
    )


def names_of(agency: Agency) -> Iterator[str]:
    """The names of an agency in their normal form."""
    return map(comparable_name, (agency.name, *agency.aliases))


def is_named(agency: Agency, wanted: str) -> bool:
    """Whether a name of an agency holds ``wanted`` (in its normal form)."""
    return any(wanted in name for name in names_of(agency))


class _RememberedRegistry:
    """What was read of the registry, for as long as no row is added. Threads share it: whole entries alone are looked
    up and set, each in one step of a dict.
    """

    def __init__(self) -> None:
        self.held: dict[str, tuple[object, Any]] = {}

    def close(self) -> None:
        """Forget it."""
        self.held.clear()


def remembered(home: Home, name: str, models: Sequence[Table], read: Callable[[], Read]) -> Read:
    """What ``read`` gave, until a row is added to one of the tables that it was read from."""
    memory, last = home.kept("registry", _RememberedRegistry), [newest(home, model) for model in models]
    found = memory.held.get(name)
    if found is None or found[0] != last:
        found = memory.held[name] = (last, read())
    held: Read = found[1]
    return held


def known_portals(home: Home) -> Mapping[str, Portal]:
    """All portals as they stand, by name."""
    return remembered(home, "portals", [PORTALS], lambda: {portal.name: portal for portal in Registry(home).portals()})


def known_names(home: Home) -> Mapping[str, tuple[str, ...]]:
    """The names of all agencies in their normal form, by id."""

    def read() -> Mapping[str, tuple[str, ...]]:
        return {
            name: (comparable_name(called),)
            if aliases == "[]"
            else tuple(map(comparable_name, (called, *json.loads(aliases))))
            for name, called, aliases in agency_names(home)
        }

    return remembered(home, "names", [AGENCIES], read)


def ids_by_name(home: Home) -> Mapping[str, tuple[str, ...]]:
    """The ids of the agencies that bear a name (in its normal form), or that id."""

    def read() -> Mapping[str, tuple[str, ...]]:
        ids: dict[str, tuple[str, ...]] = {}
        for agency, names in known_names(home).items():
            for name in dict.fromkeys((agency.casefold(), *names)):
                ids[name] = (*ids.get(name, ()), agency)
        return ids

    return remembered(home, "ids by name", [AGENCIES], read)


def agency_lines(home: Home, ids: Collection[str]) -> Mapping[str, AgencyLine]:
    """Describe agencies, those of these ids among them: none is read twice."""
    nothing: dict[str, AgencyLine] = {}
    lines = remembered(home, "lines", [PORTALS, AGENCIES], lambda: nothing)
    unread = [one for one in ids if one not in lines]
    if not unread:
        return lines
    portals = known_portals(home)
    for agency in agencies_by_id(home, unread):
        lines[agency.id] = agency_line(agency, portals)
    return lines
