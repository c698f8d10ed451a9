"""Which agencies a question is about, and what to say when nothing of that name is known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archive.identity.division_codes import LAST_YEAR, divisions, harmonised, prefixes
from archive.queries.results import AgencyLine
from storage.home import Home
from storage.records import Agency, AgencyKind, Portal
from storage.registry import Registry

_SUGGESTIONS = 5


class NotKnownError(LookupError):
    """Nothing of this name is known. ``suggestions``: what was perhaps meant, nearest first."""

    def __init__(self, message: str, suggestions: Iterable[str] = ()) -> None:
        self.suggestions = tuple(suggestions)
        hint = f" Did you mean: {', '.join(self.suggestions)}?" if self.suggestions else ""
        super().__init__(message + hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A choice of agencies; what is None does not narrow it.

    ``place``: a place's name or part of it, a province's or prefecture's (济宁市: all in it), a division code or its
    beginning (3708), or a portal's name. ``portal``: the name of one portal. ``kinds``: kinds of agencies. ``agency``:
    part of an agency's name. ``codes``: the year whose division codes ``place`` is given in (None: as recorded).
    """

    place: str | None = None
    portal: str | None = None
    kinds: frozenset[AgencyKind] | None = None
    agency: str | None = None
    codes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The portals and agencies of a :class:`Where`, by name and id."""

    portals: Mapping[str, Portal]
    agencies: Mapping[str, Agency]

    def line(self, agency_id: str) -> AgencyLine:
        """Describe an agency."""
        return agency_line(self.agencies[agency_id], self.portals)


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


def choose(home: Home, where: Where | None = None) -> Chosen:
    """Find the portals and agencies. Raises :class:`NotKnownError` where a named one is not there."""
    where = where or Where()
    registry = Registry(home)
    portals = {portal.name: portal for portal in registry.portals()}
    if where.portal is not None:
        if where.portal not in portals:
            raise NotKnownError(f"There is no portal {where.portal!r}.", nearest(where.portal, portals))
        portals = {where.portal: portals[where.portal]}
    if where.place is not None:
        held = {name: portal for name, portal in portals.items() if _is_at(portal, where.place, where.codes)}
        if not held:
            places = [portal.place for portal in portals.values()] + list(portals)
            raise NotKnownError(
                f"No portal is at {where.place!r}.", _former(where.place) or nearest(where.place, places)
            )
        portals = held
    agencies = {
        agency.id: agency
        for agency in registry.agencies()
        if agency.portal in portals
        and (where.kinds is None or agency.kind in where.kinds)
        and (where.agency is None or _is_named(agency, where.agency))
    }
    if where.agency is not None and not agencies:
        names = [agency.name for agency in registry.agencies() if agency.portal in portals]
        raise NotKnownError(f"No agency is named {where.agency!r}.", nearest(where.agency, names))
    return Chosen(portals=portals, agencies=agencies)


def one_agency(home: Home, text: str) -> Agency:
    """Find the one agency meant by an id, a name, an alias, or a part of a name that only one has.

    Raises :class:`NotKnownError` with the nearest names where there is none, or the candidates where there are several.
    """
    found = agencies_named(home, text)
    if len(found) > 1:
        names = sorted(f"{agency.name} ({agency.id})" for agency in found)
        raise NotKnownError(f"{text.strip()!r} names {len(found)} agencies.", names[:_SUGGESTIONS])
    return found[0]


def agencies_named(home: Home, text: str) -> list[Agency]:
    """Find the agencies meant by an id, a name or an alias, or else by a part of a name; at least one.

    Raises :class:`NotKnownError` with the nearest names where there is none.
    """
    known = Registry(home).agencies()
    text = text.strip()
    for match in (_is_exactly, _is_short_for, _is_named):
        found = [agency for agency in known if match(agency, text)]
        if found:
            return found
    names = [name for agency in known for name in (agency.name, *agency.aliases)] + [agency.id for agency in known]
    raise NotKnownError(f"No agency is known as {text!r}.", nearest(text, names))


def suggest_year(year: int, held: Iterable[int]) -> NotKnownError:
    """Make the error for a year of which nothing is known, with the nearest years that are."""
    years = sorted(set(held), key=lambda other: (abs(other - year), other))[:3]
    return NotKnownError(f"Nothing is known of the reports on {year}.", [str(other) for other in sorted(years)])


def nearest(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Give the names most like ``text``: those that share its beginning of meaning first, then by likeness."""
    unique = list(dict.fromkeys(names))
    holding = [name for name in unique if text and (text in name or name in text)]
    alike = difflib.get_close_matches(text, unique, n=_SUGGESTIONS, cutoff=0.3)
    return tuple(dict.fromkeys([*sorted(holding, key=len), *alike]))[:_SUGGESTIONS]


def _is_at(portal: Portal, place: str, codes: int | None = None) -> bool:
    place = place.strip()
    division = portal.division
    if division is not None and codes is not None:
        division = harmonised(division, codes).code or division
    beginnings = (place,) if place.isdigit() else prefixes(place)
    if division is not None and beginnings and division.startswith(beginnings):
        return True
    return (
        bool(place) and not place.isdigit() and (place in portal.place or portal.place in place or place == portal.name)
    )


def _former(place: str) -> tuple[str, ...]:
    """The codes that divisions of a former code bear now (3712: 370116, 370117); () if it is no former code."""
    if not place.isdigit() or any(one.code.startswith(place) for one in divisions() if one.stands(LAST_YEAR)):
        return ()
    gone = (harmonised(one.code, LAST_YEAR).code for one in divisions() if one.code.startswith(place))
    return tuple(sorted({code for code in gone if code is not None}))[:_SUGGESTIONS]


def _is_exactly(agency: Agency, text: str) -> bool:
    return text in (agency.id, agency.name, *agency.aliases)


def _is_short_for(agency: Agency, text: str) -> bool:
    return agency.name.endswith(text) or agency.id.endswith(f"/{text}")


def _is_named(agency: Agency, text: str) -> bool:
    return any(text in name for name in (agency.name, *agency.aliases))
