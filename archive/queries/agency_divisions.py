"""Find the division and level of agencies, and which agencies of two portals are the same.

An agency's division can differ from its portal's: a prefecture's portal also lists the governments of its counties. So
the division of a government is found by its name within its portal's division; if that fails, its level is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from archive.identity.divisions import FIRST_YEAR, LAST_YEAR, Division, code_in, divisions, level_of, prefix_of, split
from archive.queries.bounds import NotKnownError, QueryError
from archive.queries.selection import Selection, remembered
from archive.queries.stored import group_by
from archive.queries.where import Where, choose
from storage.home import Home
from storage.records import Agency, AgencyKind, Portal
from storage.tables import AGENCIES, PORTALS

_GOVERNMENT = ("人民政府", "政府")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyDivision:
    """The division and identity of an agency. ``code``: its division's code in the year asked for, and ``how`` it was
    found (None: as recorded). ``recorded``: the code as recorded; ``level``: of a government, None if unknown; ``own``:
    its division is its portal's; ``key``: equal for agencies of two portals that are the same.
    """

    code: str | None
    how: str | None
    recorded: str | None
    level: str | None
    own: bool
    key: tuple[str, ...]


def agency_divisions(
    agencies: Mapping[str, Agency], portals: Mapping[str, Portal], codes: int | None = None
) -> Mapping[str, AgencyDivision]:
    """Return by id the agencies' divisions, in codes of year ``codes`` (None: as recorded), and who each is."""
    if codes is not None and not FIRST_YEAR <= codes <= LAST_YEAR:
        raise QueryError(code="query.far_codes", first=FIRST_YEAR, last=LAST_YEAR, year=codes)
    codes_by_name: dict[str, list[tuple[str, str]]] = {}
    by_agency = {}
    for agency in agencies.values():
        portal = portals[agency.portal]
        recorded = _division(agency, portal)
        code_then = code_in(recorded, codes) if recorded is not None and codes is not None else None
        is_government = agency.kind is AgencyKind.GOVERNMENT
        by_agency[agency.id] = AgencyDivision(
            code=code_then.code if code_then and code_then.code is not None else recorded,
            how=code_then.how if code_then else None,
            recorded=recorded if is_government or portal.division is None else portal.division,
            level=level_of(recorded) if is_government and recorded is not None else None,
            own=recorded == portal.division,
            key=_key(agency, recorded, codes_by_name),
        )
    return by_agency


def divisions_of(chosen: Selection, codes: int | None) -> Mapping[str, AgencyDivision]:
    """Return the chosen agencies' :func:`agency_divisions`; those of all governments are cached."""

    def find() -> Mapping[str, AgencyDivision]:
        return agency_divisions(chosen.agencies, chosen.portals, codes)

    if chosen.is_every_government:
        return remembered(chosen.home, f"divisions in codes of {codes}", [PORTALS, AGENCIES], find)
    return find()


@cache
def _by_province() -> dict[str, list[Division]]:
    return group_by(divisions(), lambda one: one.code[:2])


def _division(agency: Agency, portal: Portal) -> str | None:
    """Return the code of an agency's division: its portal's or, for a government, that in its name; None if unknown."""
    code = portal.division
    if agency.kind is not AgencyKind.GOVERNMENT or code is None:
        return code
    name = next((agency.name.removesuffix(end) for end in _GOVERNMENT if agency.name.endswith(end)), "")
    chain, rest = split(name)
    own = chain[-1] if chain and not rest else name  # 城区, 芒市: names that ``split`` does not take for divisions
    if not own:
        return None
    is_of_portal = portal.place.endswith(own) or (own == name and name.endswith(portal.place))
    return code if is_of_portal else _code_of_name(own, prefix_of(code))


def _code_of_name(name: str, area: str) -> str | None:
    """Return the code, beginning with ``area``, of the division with this name; of several the one whose code is still
    in use; None if there is none, or more than one.
    """
    inside = [one for one in _by_province().get(area[:2], ()) if one.code.startswith(area)]
    codes = {one.code for one in inside if one.name == name}
    if len(codes) > 1:
        codes = {one.code for one in inside if one.code in codes and one.until is None} or codes
    return codes.pop() if len(codes) == 1 else None


def _key(agency: Agency, recorded: str | None, codes_by_name: dict[str, list[tuple[str, str]]]) -> tuple[str, ...]:
    """Return a key that is equal for one agency: governments of a division, or one name in nested divisions.
    ``recorded``: the code of its division, if known; ``codes_by_name`` grows: name → (code's beginning, key).
    """
    if recorded is None:
        return (agency.id,)
    if agency.kind is AgencyKind.GOVERNMENT:
        return ("government", recorded)
    if not split(agency.name)[0]:
        return (agency.id,)  # a name without a place (司法局) is another agency on each portal
    area = prefix_of(recorded)
    for other, key in codes_by_name.setdefault(agency.name, []):
        if other.startswith(area) or area.startswith(other):
            return ("agency", key)
    codes_by_name[agency.name].append((area, agency.id))
    return ("agency", agency.id)


def governments_at(home: Home, text: str) -> Iterator[Agency]:
    """Yield the governments of the places that ``text`` means, if any; of each portal only that of its own place."""
    try:
        chosen = choose(home, Where(place=text, kinds=frozenset({AgencyKind.GOVERNMENT})))
    except NotKnownError:
        return
    exactly = {name for name, one in chosen.portals.items() if text.strip() in (one.place, one.name, one.division)}
    for name, division in agency_divisions(chosen.agencies, chosen.portals).items():
        agency = chosen.agencies[name]
        if division.own and (not exactly or agency.portal in exactly):
            yield agency
