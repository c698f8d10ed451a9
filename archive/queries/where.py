"""Find the agencies, years and time that a question is about, and suggest names if a name is unknown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from archive.fuzzy_lookup import SUGGESTIONS, Suggestion, comparable_name, nearest_code, nearest_names, suggestions_for
from archive.identity.divisions import (
    Division,
    code_in,
    codes_and_names,
    divisions_meant,
    former_divisions,
    heirs_today,
    place_of_stem,
    prefix_of,
    prefixes,
)
from archive.queries import bounds
from archive.queries.bounds import NotKnownError, portal_named
from archive.queries.selection import Selection, ids_by_name, known_names, known_portals
from storage.home import Home
from storage.observations import Observations
from storage.records import SHANGHAI, Agency, AgencyKind, Portal
from storage.registry import agencies_at, agencies_by_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What a question is about: agencies that meet these conditions, years and a time; None is no condition.
    ``place``: a place's name or part of it, a province or prefecture (济宁市: all places in it), a division code or its
    beginning (3708), or a portal's name. ``portal``: the name of one portal. ``kinds``: kinds of agencies. ``agency``:
    an agency's id (wenshang/sfj) or name, else part of one. ``codes``: the year of the division codes in ``place``
    (None: as recorded). Names are compared in their normal form (:func:`archive.fuzzy_lookup.comparable_name`).
    ``years``: reporting years; ``as_of``: the time asked about (None: now).
    """

    place: str | None = None
    portal: str | None = None
    kinds: frozenset[AgencyKind] | None = None
    agency: str | None = None
    codes: int | None = None
    years: tuple[int, ...] | None = None
    as_of: datetime | None = None


EVERYTHING = Where()


def choose(home: Home, where: Where = EVERYTHING) -> Selection:
    """Return the selection that ``where`` describes. Raises :class:`NotKnownError` for an unknown place, portal or
    agency, QueryError for a name that is too long.
    """
    asked_years = bounds.reporting_years(where.years)
    for named_so in filter(None, (where.place, where.portal, where.agency)):
        bounds.name(named_so)
    every = known_portals(home)
    try:
        portals = _portals(every, where)
    except NotKnownError:  # the text given as place may be the name of an agency
        if where.agency or comparable_name(where.place or "") not in ids_by_name(home):
            raise
        portals = _portals(every, where := replace(where, place=None, agency=where.place))
    chosen = Selection(
        home=home,
        portals=portals,
        as_of=instant_of_question(home, where.as_of),
        years=asked_years,
        kinds=where.kinds,
        everywhere=len(portals) == len(every),
    )
    return chosen if where.agency is None else _with_agency(chosen, where.agency)


def _with_agency(chosen: Selection, text: str) -> Selection:
    """Return the selection of the chosen agencies with this id or name, or else with ``text`` in a name. Raises
    :class:`NotKnownError` with similar names if there are none.
    """
    if "/" in text:
        kinds = chosen.kinds or frozenset(AgencyKind)
        by_id = agencies_by_id(chosen.home, [text])
        narrowed = chosen.only(*(one for one in by_id if one.portal in chosen.portals and one.kind in kinds))
    else:
        part, agencies = comparable_name(text), chosen.agencies
        names = known_names(chosen.home)  # read after the agencies, so that none of them is lacking
        whole = {name: one for name, one in agencies.items() if part in names[name]}
        holding = {name: one for name, one in agencies.items() if any(part in own for own in names[name])}
        narrowed = replace(chosen, by_id=whole or holding)
    if narrowed.agencies:
        return narrowed
    similar = nearest_names(text, [agency.name for agency in agencies_at(chosen.home, chosen.portals).values()])
    raise _not_known("agency", text, known_portals(chosen.home), similar)


def choose_one(
    home: Home, agency: str, *, years: Collection[int] | None = None, as_of: datetime | None = None
) -> tuple[Agency, Selection]:
    """Return the one agency that a text means, and a selection of it (:func:`choose`). Raises as :func:`one_agency`."""
    asked_years, instant = bounds.reporting_years(years), instant_of_question(home, as_of)
    who = one_agency(home, agency)
    everybody = Selection(home=home, portals=known_portals(home), as_of=instant, years=asked_years)
    return who, everybody.only(who)


def _portals(portals: Mapping[str, Portal], where: Where) -> Mapping[str, Portal]:
    """Return the portals that meet ``where``. Raises :class:`NotKnownError` if there are none."""
    if where.portal is not None:
        name = portal_named(where.portal, {one: portal.place for one, portal in portals.items()})
        portals = {name: portals[name]}
    if where.place is not None:
        place = comparable_name(where.place)
        at_place = {name: portal for name, portal in portals.items() if _is_at(portal, place, where.codes)}
        if not at_place:
            raise _not_known("place", where.place, portals, _places_like(where.place, portals))
        portals = at_place
    return portals


def _places_like(text: str, portals: Mapping[str, Portal]) -> tuple[Suggestion, ...]:
    """Return suggestions for an unknown place: places of portals with similar names, or for digits similar codes."""
    name = comparable_name(text)
    if name.isdigit():
        return nearest_code(name, [portal.division for portal in portals.values() if portal.division])
    return suggestions_for(
        text, {key: Suggestion(one.place, name) for name, one in portals.items() for key in (name, one.place)}
    )


def _not_known(
    kind: str, text: str, portals: Mapping[str, Portal], similar: Iterable[Suggestion | str]
) -> NotKnownError:
    """Return the error for an unknown place or agency. It says that the place has no portal, or names similar ones."""
    stem = place_of_stem(comparable_name(text))  # 北京 means 北京市
    if places := places_without_portal(text, portals) or places_without_portal(stem, portals):
        codes, _ = codes_and_names(places)
        return NotKnownError(code="not_known.no_portal", place=places[0].name, codes=codes)
    past = former_divisions(comparable_name(text))
    if len(past) == 1 and (heirs := heirs_today(past[0])):
        codes, names = codes_and_names(heirs)
        code = "not_known.former" if len(heirs) == 1 else "not_known.divided"
        return NotKnownError(code=code, place=past[0].name, since=past[0].until, heirs=names, codes=codes)
    return NotKnownError(suggestions=similar, code=f"not_known.{kind}", text=text)


def places_without_portal(text: str, portals: Mapping[str, Portal]) -> list[Division]:
    """Return the divisions that a text names, or [] if a portal is at a place of this name."""
    places = divisions_meant(comparable_name(text))
    return [] if any(_is_at(portal, one.name) for one in places for portal in portals.values()) else places


def one_agency(home: Home, text: str) -> Agency:
    """Return the one agency that an id, a name, an alias, or a part of a name means. Raises :class:`NotKnownError` with
    similar names if there is none, or with the candidates if there are several.
    """
    return only_one(agencies_named(home, text), text)


def only_one(matches: Sequence[Agency], text: str, most: int = SUGGESTIONS) -> Agency:
    """Return the only agency of ``matches``. Raises :class:`NotKnownError` with the candidates if there are several."""
    if len(matches) > 1:
        names = sorted((Suggestion(agency.name, agency.id) for agency in matches), key=str)
        raise NotKnownError(suggestions=names[:most], code="not_known.agencies", text=text.strip(), number=len(matches))
    return matches[0]


def agencies_named(home: Home, text: str) -> list[Agency]:
    """Return the agencies with this id, name or alias or, if there are none, with ``text`` in their name; at least one.
    Raises :class:`NotKnownError` with similar names if there is none.
    """
    text = bounds.name(text.strip())
    if "/" in text and (by_id := agencies_by_id(home, [text])):
        return by_id  # answers and web addresses contain these ids
    all_names, sought = known_names(home), comparable_name(text)
    if sought and (ids := ids_by_name(home).get(sought)):
        return agencies_by_id(home, ids)
    if sought:
        short = (
            one
            for one, names in all_names.items()
            if names[0].endswith(sought) or one.casefold().endswith(f"/{sought}")
        )
        holding = (one for one, names in all_names.items() if any(sought in name for name in names))
        if matches := [*short] or [*holding]:
            return agencies_by_id(home, matches)
    every = agencies_at(home, None).values()
    in_full = {name: Suggestion(one.name, one.id) for one in every for name in (one.name, *one.aliases, one.id)}
    raise _not_known("agency", text, known_portals(home), suggestions_for(text, in_full))


def _is_at(portal: Portal, place: str, codes: int | None = None) -> bool:
    """Whether a portal's place is, or lies in, the place of this name or code; ``codes``: the year of the code."""
    division = portal.division
    if division is not None and codes is not None:
        division = code_in(division, codes).code or division
    beginnings = (_beginning(place),) if place.isdigit() else prefixes(place)
    if division is not None and beginnings and division.startswith(beginnings):
        return True
    if not place or place.isdigit():
        return False
    here = comparable_name(portal.place)
    # 山东省济宁市汶上县 means 汶上县; but 洛阳市栾川县 does not mean 洛阳市, and 汶上县南站街道 not 汶上县
    return place in here or place.endswith(here) or place == comparable_name(portal.name)


def _beginning(code: str) -> str:
    """Return the digits with which all codes inside a division begin: 37 for 370000; 370830000000 counts as 370830."""
    if code[6:].strip("0"):
        return code
    code = code[:6]
    return prefix_of(code) if len(code) == 6 else code


# ---------------------------------------------------------------------------------------------- the time asked about

_SECOND = timedelta(seconds=1)  # answers show whole seconds, so a time may lie up to a second after the clock


def instant_of_question(home: Home, as_of: datetime | None) -> datetime:
    """Return ``as_of``, or now if it is None or a later time of today (in China), so that no answer is dated in the
    future. Raises :class:`NotKnownError` for a day in the future, and as :func:`aware`. In an imitation archive
    NIANBAO_NOW restarts the clock with every command, so that the previous command may have recorded later times; the
    newest recorded time then counts as now.
    """
    if as_of is None:
        now = home.clock.now()
        return _latest_instant(home, now) if home.simulated else now
    aware("as_of", as_of)
    if as_of <= home.clock.now() + _SECOND:
        return as_of
    now = _latest_instant(home, home.clock.now())
    if as_of <= now + _SECOND:
        return as_of
    if _day(as_of) == _day(now):
        return now
    instant, today = f"{as_of:%Y-%m-%d %H:%M}", f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    raise NotKnownError(code="not_known.not_yet", asked=instant, now=today)


def aware(name: str, instant: datetime) -> None:
    """Raise QueryError for a day or a time without a zone (ambiguous), and a time outside the years 1–9999 in UTC."""
    if not isinstance(instant, datetime) or instant.tzinfo is None:
        raise bounds.QueryError(code="query.no_zone", name=name)
    try:
        instant.astimezone(UTC)
    except OverflowError:
        raise bounds.QueryError(code="query.far_instant", name=name) from None


def _latest_instant(home: Home, now: datetime) -> datetime:
    """Return the later one of ``now`` and the newest recorded time."""
    newest = Observations(home).newest_instant()
    return now if newest is None else max(now, newest)


def _day(instant: datetime) -> tuple[int, ...]:
    """Return the day in China at ``instant``; an empty tuple, which equals no day, if that is after the year 9999."""
    try:
        return instant.astimezone(SHANGHAI).timetuple()[:3]
    except OverflowError:
        return ()
