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


def offered(home: Home, lang: Language, name: str, text: str = "") -> list[Offer]:
    """Return all values of a parameter in their usual order, or those that match the typed ``text``, best first.

    With more than MAX_OFFERED places only provinces and prefectures are returned, with more agencies none of them.
    """
    return [*_OFFERS[name](home, lang, text)]


def is_offered(name: str) -> bool:
    """True if there are suggestions for a parameter."""
    return name in _OFFERS


def _places(home: Home, text: str) -> Iterator[Offer]:
    """Yield places with their codes and pinyin; if they are too many, only provinces and prefectures."""
    every = places(home)
    things = every.find(text, _MAX_COMPLETED) if text else every.things
    if len(things) > MAX_OFFERED:
        things = [one for one in things if one.id.isdecimal() and level_of(one.id) != "county"]
    for one in things:
        pinyin = spell(one.name)
        yield one.name, f"{one.id} {pinyin.full} {pinyin.initials}"


def _portals(home: Home, text: str) -> Iterator[Offer]:
    every = portals(home)
    things = every.find(text, _MAX_COMPLETED) if text else every.things
    yield from ((one.id, one.name) for one in things[:MAX_OFFERED])


def _agencies(home: Home, text: str) -> Iterator[Offer]:
    ids: Collection[str] = find_agencies(home, text, _MAX_COMPLETED) if text else known_names(home)
    if len(ids) <= MAX_OFFERED:
        lines = agency_lines(home, ids)
        yield from ((lines[one].name, f"{one} {spell(lines[one].name).initials}") for one in ids)


def _indicators(lang: Language, text: str) -> Iterator[Offer]:
    """Yield indicators of the newest form and rates; with typed text also those of older forms."""
    every, newest = indicators(), all_forms()[-1].name
    for one in every.find(text, _MAX_COMPLETED) if text else every.things:
        if text or newest in measures()[one.id].forms:
            yield one.id, one.zh if lang is Language.ZH else one.en


def _years(home: Home, text: str) -> Iterator[Offer]:
    last = home.clock.now().astimezone(CHINA).year - 1
    yield from ((year, "") for year in map(str, range(last, _FIRST_YEAR - 1, -1)) if year.startswith(text))


_OFFERS: Mapping[str, Callable[[Home, Language, str], Iterable[Offer]]] = {
    "place": lambda home, _, text: _places(home, text),
    "portal": lambda home, _, text: _portals(home, text),
    "agency": lambda home, _, text: _agencies(home, text),
    "body": lambda home, _, text: chain(_places(home, text), _agencies(home, text)),
    "name": lambda home, lang, text: chain(
        _places(home, text), _agencies(home, text), _indicators(lang, text), _portals(home, text)
    ),
    "indicator": lambda _, lang, text: _indicators(lang, text),
    **dict.fromkeys(("year", "years", "before", "after"), lambda home, _, text: _years(home, text)),
}
