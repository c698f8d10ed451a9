"""What in an archive bears a name: agencies, places, portals and indicators, each with the names it is found by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from archive.assessment.measures import JOINED, measures
from archive.fuzzy_lookup import comparable_name
from archive.identity.divisions import division
from archive.queries.name_book import NameBook
from archive.queries.pinyin import spell
from archive.queries.selection import known_names, known_portals, remembered
from archive.queries.words import data_file
from storage.home import Home
from storage.records import Portal
from storage.tables import AGENCIES, PORTALS

_GOVERNMENT = "人民政府"


class Sort(StrEnum):
    """What a name may be found to be, in the order in which answers show it."""

    PLACE = "place"
    AGENCY = "agency"
    REPORT = "report"
    INDICATOR = "indicator"
    PORTAL = "portal"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class NamedThing:
    """A place, a portal or an indicator. ``zh``, ``en``: what it is, beside its name; ``names``: others it has."""

    sort: Sort
    id: str
    name: str
    zh: str
    en: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedThings:
    """Things of one sort with the book in which they are found."""

    things: Sequence[NamedThing]
    book: NameBook

    def find(self, text: str, most: int) -> list[NamedThing]:
        """Return those that a text names, the best first."""
        return [self.things[number] for number in self.book.find(text, most)]


def find_agencies(home: Home, text: str, most: int) -> list[str]:
    """Return the ids of the agencies that a text names, in Chinese, pinyin or English, the best first."""
    ids, book = remembered(home, "agency book", [PORTALS, AGENCIES], lambda: _agency_book(home))
    return [ids[number] for number in book.find(_in_chinese(text), most) or book.find(text, most)]


def _agency_book(home: Home) -> tuple[Sequence[str], NameBook]:
    """Return the ids of all agencies, governments first in their portal, and the book of their names."""
    places = {name: comparable_name(portal.place) for name, portal in known_portals(home).items()}
    names = known_names(home)
    portals = {agency: agency.partition("/")[0] for agency in names}

    def order(agency: str) -> tuple[str, bool, str]:
        portal = portals[agency]
        return portal, not names[agency][0].endswith(f"{places.get(portal, '')}{_GOVERNMENT}"), agency

    ids = sorted(names, key=order)
    return ids, NameBook(_agency_names(one, names[one], places.get(portals[one], "")) for one in ids)


def _agency_names(agency: str, names: Sequence[str], place: str) -> Iterator[str]:
    """Give the names of an agency, its id, and its first name in pinyin; a place and the rest are spelt apart."""
    yield from names
    yield agency.casefold()
    yield agency.casefold().rpartition("/")[2]
    here = place if names[0].startswith(place) else ""
    spellings = spell(here), spell(names[0].removeprefix(here))
    yield from map("".join, zip(*spellings, strict=True))


def places(home: Home) -> NamedThings:
    """Return the provinces, prefectures and counties of which a portal is in the archive."""
    return remembered(home, "place book", [PORTALS], lambda: _book_of(_places(known_portals(home).values())))


def portals(home: Home) -> NamedThings:
    """Return the portals of the archive."""
    return remembered(home, "portal book", [PORTALS], lambda: _book_of(map(_portal, known_portals(home).values())))


def _places(every: Iterable[Portal]) -> Iterator[NamedThing]:
    by_code: dict[str, NamedThing] = {}
    for portal in every:
        code = portal.division or ""
        above = [one for digits in (2, 4) if code and (one := division(code[:digits].ljust(6, "0"))) is not None]
        chain = "".join(one.name for one in above if one.code != code)
        for at, one in enumerate(above):
            inside = "".join(two.name for two in above[:at])
            by_code.setdefault(one.code, _place(one.code, one.name, inside))
        key = code or portal.place
        by_code.setdefault(key, _place(key, portal.place, chain))
    yield from (by_code[code] for code in sorted(by_code))


def _place(code: str, name: str, inside: str) -> NamedThing:
    return NamedThing(Sort.PLACE, code, name, inside, inside, (code, inside + name, *spell(name)))


def _portal(portal: Portal) -> NamedThing:
    what = " ".join(portal.hosts)
    return NamedThing(
        Sort.PORTAL, portal.name, portal.place, what, what, (portal.name, *portal.hosts, *spell(portal.place))
    )


@cache
def indicators() -> NamedThings:
    """Return the indicators in the order of the form: those of the newest form, rates, those of former forms."""
    every = [one for one in measures().values() if not one.id.startswith(JOINED)]
    return _book_of(NamedThing(Sort.INDICATOR, one.id, one.zh, one.zh, one.en, (one.id, one.en)) for one in every)


def _book_of(things: Iterator[NamedThing]) -> NamedThings:
    every = [*things]
    return NamedThings(every, NameBook([comparable_name(one.name), *map(comparable_name, one.names)] for one in every))


def _in_chinese(text: str) -> str:
    """Return a text with its English words for agencies and places in Chinese, without those that say nothing."""
    table = _english_names()
    words: dict[str, str] = table["words"]
    translated = table["pattern"].sub(lambda match: f" {words.get(match[0].casefold(), '')} ", text)
    return translated if translated.strip() else text


@cache
def _english_names() -> dict[str, Any]:
    """Return the tables of english_names.toml, with the ``pattern`` of all words in them, the longest first."""
    table = data_file("english_names.toml")
    every = sorted([*table["words"], *table["omitted"]["words"]], key=len, reverse=True)
    return {**table, "pattern": re.compile(rf"\b(?:{'|'.join(every)})\b", re.IGNORECASE | re.ASCII)}
