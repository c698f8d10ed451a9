"""Suggest values for form fields and shell completion: places, portals, agencies, indicators and years."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain

from archive.assessment.measures import measures
from archive.forms.loader import all_forms
from archive.identity.divisions import level_of
from archive.queries.find import find_agencies, indicators, places, portals, spell
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


def _places(home: Home, begun: str) -> Iterator[Offer]:
    every = places(home)
    things = every.find(begun, _MAX_COMPLETED) if begun else every.things
    if len(things) > MAX_OFFERED:
        things = [one for one in things if one.id.isdecimal() and level_of(one.id) != "county"]
    for one in things:
        pinyin = spell(one.name)
        yield one.name, f"{one.id} {pinyin.full} {pinyin.initials}"


def _portals(home: Home, begun: str) -> Iterator[Offer]:
    every = portals(home)
    things = every.find(begun, _MAX_COMPLETED) if begun else every.things
    yield from ((one.id, one.name) for one in things[:MAX_OFFERED])


def _agencies(home: Home, begun: str) -> Iterator[Offer]:
    ids: Collection[str] = find_agencies(home, begun, _MAX_COMPLETED) if begun else known_names(home)
    if len(ids) <= MAX_OFFERED:
        lines = agency_lines(home, ids)
        yield from ((lines[one].name, f"{one} {spell(lines[one].name).initials}") for one in ids)


def _indicators(lang: Language, begun: str) -> Iterator[Offer]:
    """Yield indicators of the newest form and rates; with typed text also those of older forms."""
    every, newest = indicators(), all_forms()[-1].name
    for one in every.find(begun, _MAX_COMPLETED) if begun else every.things:
        if begun or newest in measures()[one.id].forms:
            yield one.id, one.zh if lang is Language.ZH else one.en


def _years(home: Home, begun: str) -> Iterator[Offer]:
    last = home.clock.now().astimezone(CHINA).year - 1
    yield from ((year, "") for year in map(str, range(last, _FIRST_YEAR - 1, -1)) if year.startswith(begun))


_OFFERS: Mapping[str, Callable[[Home, Language, str], Iterable[Offer]]] = {
    "place": lambda home, _, begun: _places(home, begun),
    "portal": lambda home, _, begun: _portals(home, begun),
    "agency": lambda home, _, begun: _agencies(home, begun),
    "body": lambda home, _, begun: chain(_places(home, begun), _agencies(home, begun)),
    "indicator": lambda _, lang, begun: _indicators(lang, begun),
    **dict.fromkeys(("year", "years", "before", "after"), lambda home, _, begun: _years(home, begun)),
}
