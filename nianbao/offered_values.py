"""Suggest values for form fields and shell completion: places, portals, agencies, indicators and years."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain

from archive.assessment.measures import measures
from archive.forms.loader import all_forms
from archive.identity.divisions import level_of
from archive.queries.find import Match, find_agencies, indicators, places, portals, spell
from archive.queries.selection import agency_lines, known_names
from archive.queries.words import CHINA
from nianbao.language import Language
from storage.home import Home

MAX_OFFERED = 500  #: values of a field: more would make pages large
_MAX_COMPLETED = 30  # values for shell completion
_FIRST_YEAR = 2008  # the first reporting year
Offer = tuple[str, str]  #: a value and its meaning, or how to type it in pinyin


def offered(home: Home, lang: Language, name: str, begun: str = "") -> list[Offer]:
    """Return all values of a parameter in their usual order, or those that match the typed text ``begun``, best first.

    With more than MAX_OFFERED places only provinces and prefectures are returned, with more agencies none of them.
    """
    return [*_OFFERS[name](home, lang, begun)]


def is_offered(name: str) -> bool:
    """True if there are suggestions for a parameter."""
    return name in _OFFERS


def _offered_places(home: Home, lang: Language, begun: str) -> Iterator[Offer]:  # noqa: ARG001 - as the others
    every = places(home)
    things = every.find(begun, _MAX_COMPLETED) if begun else every.things
    if len(things) > MAX_OFFERED:
        things = [one for one in things if one.id.isdecimal() and level_of(one.id) != "county"]
    yield from ((one.name, _how_typed(one)) for one in things)


def _offered_portals(home: Home, lang: Language, begun: str) -> Iterator[Offer]:  # noqa: ARG001 - as the others
    every = portals(home)
    things = every.find(begun, _MAX_COMPLETED) if begun else every.things
    yield from ((one.id, one.name) for one in things[:MAX_OFFERED])


def _offered_agencies(home: Home, lang: Language, begun: str) -> Iterator[Offer]:  # noqa: ARG001 - as the others
    ids: Collection[str] = find_agencies(home, begun, _MAX_COMPLETED) if begun else known_names(home)
    if len(ids) > MAX_OFFERED:
        return
    lines = agency_lines(home, ids)
    yield from ((lines[one].name, f"{one} {spell(lines[one].name).initials}") for one in ids)


def _offered_bodies(home: Home, lang: Language, begun: str) -> Iterator[Offer]:
    yield from chain(_offered_places(home, lang, begun), _offered_agencies(home, lang, begun))


def _offered_indicators(home: Home, lang: Language, begun: str) -> Iterator[Offer]:  # noqa: ARG001 - as the others
    """Yield indicators of the newest form and rates; with typed text also those of older forms."""
    every = indicators()
    newest = all_forms()[-1].name
    things = every.find(begun, _MAX_COMPLETED) if begun else every.things
    yield from (
        (one.id, one.zh if lang is Language.ZH else one.en)
        for one in things
        if begun or newest in measures()[one.id].forms
    )


def _offered_years(home: Home, lang: Language, begun: str) -> Iterator[Offer]:  # noqa: ARG001 - as the others
    last = home.clock.now().astimezone(CHINA).year - 1
    yield from ((year, "") for year in map(str, range(last, _FIRST_YEAR - 1, -1)) if year.startswith(begun))


def _how_typed(place: Match) -> str:
    return f"{place.id} {spell(place.name).full} {spell(place.name).initials}"


_OFFERS: Mapping[str, Callable[[Home, Language, str], Iterator[Offer]]] = {
    "place": _offered_places,
    "portal": _offered_portals,
    "agency": _offered_agencies,
    "body": _offered_bodies,
    "indicator": _offered_indicators,
    **dict.fromkeys(("year", "years", "before", "after"), _offered_years),
}
