"""Compare agency names without higher divisions, and find them in a registry. Pure.

A name that fits two bodies of the registry fits none. Names that are only similar never bind a report; they are enough
not to call one missing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from archive.identity.divisions import differs_by_one, same_division
from archive.identity.names import LEVEL, Name, complete, is_generic, is_publisher_of_all, kind_of, normalise
from archive.identity.text import data
from storage.records import Agency, AgencyKind


def key(name: Name) -> str:
    """Return what is compared: the name without county and higher divisions (kept where they are foreign)."""
    body = _comparable(name.local) if not name.township else name.township + name.local
    return (name.county if name.foreign else "") + body


def _comparable(local: str) -> str:
    council = re.sub("(?<![党纪法市县区团编工州镇乡省旗])委$", "委员会", local)
    joined = council.translate(str.maketrans("", "", "和与及、")) if len(council) > 4 else council
    return joined.replace("管理委员会", "管委会")


@cache
def _short_forms() -> Mapping[str, set[str]]:
    table: Mapping[str, Sequence[str]] = data("names.toml")["short"]
    return {_comparable(short): set(map(_comparable, fulls)) for short, fulls in table.items()}


def is_short_for(short: str, full: str) -> bool:
    """Whether one comparable form (:func:`key`) is the everyday form of another (教体局 of 教育体育局)."""
    return full in _short_forms().get(short, ())


def abbreviates(one: str, other: str) -> bool:
    """Whether one comparable form may shorten the other: in order, same first and last character (教体局)."""
    short, long = sorted((one, other), key=len)
    rest = iter(long)
    same_ends = len(short) >= 3 and short[0] == long[0] and short[-1] == long[-1]
    return same_ends and all(character in rest for character in short)


def agree(one: Name, other: Name) -> bool:
    """Whether two names can be one agency's, or a government's and its office's (the office compiles both reports)."""
    if not other.complete and one.county:
        other = complete(other.text, one.county)
    elif not one.complete and other.county:
        one = complete(one.text, other.county)
    if one.county and other.county and not same_division(one.county, other.county):
        return False
    if one.township and other.township:
        return one.township == other.township
    a, b = (_without_level(each) for each in (one, other))
    short, long = sorted((a, b), key=len)
    if long.endswith(short) or is_short_for(short, long):
        return True
    if len(short) >= 3 and (long.startswith(short) or abbreviates(a, b)):
        return True
    return is_publisher_of_all(one) and is_publisher_of_all(other)


def _without_level(name: Name) -> str:
    plain = key(replace(name, foreign=False))
    return LEVEL.sub("", plain, count=1) if not name.chain else plain


# ------------------------------------------------------------------------------------------------------- the registry


def is_near(one: Name, other: Name) -> bool:
    """Whether two names are so near that an address settles which is meant (教育局, at that of 教育和体育局)."""
    if one.foreign or other.foreign or one.township or other.township:
        return False
    a, b = key(one), key(other)
    return (len(a) >= 4 and differs_by_one(a, b)) or abbreviates(a, b)


@dataclass(frozen=True, slots=True)
class Match:
    """A name looked up in the registry. ``how``: exact, name, short (one name is short for the other), or
    office_of_township.
    """

    agency: Agency | None = None
    how: str = ""
    ambiguous: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Index:
    exact: Mapping[str, set[str]]
    keys: Mapping[str, set[str]]
    latest: Mapping[str, Agency]
    place: str


@lru_cache(maxsize=32)
def _index(agencies: tuple[Agency, ...], place_text: str | None) -> _Index:
    where = place_text or ""
    exact: defaultdict[str, set[str]] = defaultdict(set)
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for agency in agencies:
        for spelling in filter(None, map(normalise, (agency.name, *agency.aliases))):
            exact[spelling].add(agency.id)
            keys[key(complete(spelling, where))].add(agency.id)
    latest = {one.id: one for one in sorted(agencies, key=lambda one: (one.recorded_at, one.name))}
    return _Index(dict(exact), {text: ids for text, ids in keys.items() if text}, latest, where)


def _is_valid(agency: Agency, year: int | None) -> bool:
    begun = agency.valid_from is None or year is None or agency.valid_from.year <= year
    return begun and (agency.valid_to is None or year is None or agency.valid_to.year >= year)


def match_agency(
    name: str | None, agencies: Sequence[Agency], *, place: str | None = None, year: int | None = None
) -> Match:
    """Find the one agency a name means: as printed, then without higher divisions, then by its unambiguous short form.

    Bodies valid in ``year`` win over namesakes. The order of ``agencies`` never matters.
    """
    plain = normalise(name)
    if not plain or not agencies or is_generic(plain):
        return Match()
    index = _index(tuple(agencies), place)
    found = complete(plain, index.place)
    sought = key(found)
    if not sought:
        return Match()
    ids, how = index.exact.get(plain) or index.exact.get(found.text), "exact"
    if not ids:
        ids, how = index.keys.get(sought), "name"
    if not ids and not found.foreign and not found.township:
        forms = {short for short in _short_forms() if is_short_for(short, sought)} | _short_forms().get(sought, set())
        ids, how = set[str]().union(*(index.keys.get(form, ()) for form in forms)), "short"
    if not ids and found.township and "办公室" in found.local:
        ids, how = index.keys.get(key(complete(found.county + found.township, index.place))), "office_of_township"
    ids = ids or set()
    valid = {one for one in ids if _is_valid(index.latest[one], year)} or ids
    if len(valid) == 1:
        return Match(index.latest[next(iter(valid))], how)
    return Match(None, "", tuple(sorted(valid)))


# ------------------------------------------------------------------------------------------------------- similar names

_CALLED = ("委员会", "管理局", "办公室", "局", "委", "办", "中心")
_WHOLE = frozenset({AgencyKind.GOVERNMENT, AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT})


def shortens(short: str, full: str, place: str) -> bool:
    """Whether a department's name is the everyday form of another's (教体局, 教育体育局)."""
    less, more = (complete(name, place or None) for name in (short, full))
    departments = all(kind_of(name) in (AgencyKind.DEPARTMENT, AgencyKind.OTHER) for name in (less, more))
    return departments and not (less.foreign or more.foreign) and is_short_for(key(less), key(more))


@dataclass(frozen=True, slots=True)
class Matter:
    """What a body is there for, as its name says: the characters beside its divisions and its last word."""

    kind: AgencyKind
    foreign: bool
    characters: frozenset[str]


@lru_cache(maxsize=65_536)
def matter(name: str, place: str, kind: AgencyKind | None = None) -> Matter:
    """Return the matter that a body of this name deals with; ``kind`` None is what the name alone says."""
    full = complete(name, place)
    words = key(full)
    for group in data("names.toml")["one_matter"]:
        word = next((word for word in sorted(group[1:], key=len, reverse=True) if word in words), "")
        words = words.replace(word, group[0]) if word and group[0] not in words else words
    words = re.sub("(?:人民)?政府", "", words) or words  # 人民政府办公室 has nothing of 民政局
    end = next((word for word in _CALLED if words.endswith(word)), "")
    return Matter(kind or kind_of(full), full.foreign, frozenset(words.removesuffix(end) or words))


def are_similar(one: Matter, other: Matter) -> bool:
    """Whether one name holds every character of the other; governments and townships are told apart."""
    kinds = {one.kind, other.kind}
    if one.foreign != other.foreign or (len(kinds) > 1 and kinds & _WHOLE):
        return False
    return one.characters <= other.characters or other.characters <= one.characters


def could_mean(name: str, agency: Agency, place: str) -> bool:
    """Whether a name that the registry does not know could mean ``agency`` (数据局 the 大数据局, 人社局 …)."""
    return any(are_similar(matter(name, place), known) for known in _matters(agency, place))


def _matters(agency: Agency, place: str) -> list[Matter]:
    return [matter(name, place, agency.kind) for name in (agency.name, *agency.aliases)]


def is_one_name(one: Name, other: Name) -> bool:
    """Whether two completed names are one, printed with more or fewer of the divisions above."""
    if not one.text or key(one) != key(other):
        return False
    pairs = zip(reversed(one.chain), reversed(other.chain), strict=False)
    return one.foreign == other.foreign and all(same_division(a, b) for a, b in pairs)


def could_be_one(one: Agency, other: Agency, place: str) -> bool:
    """Whether two bodies of the registry could be one: a common name, or departments alike."""
    names = [[complete(name, place) for name in (each.name, *each.aliases)] for each in (one, other)]
    if one.kind is other.kind and any(is_one_name(a, b) for a in names[0] for b in names[1]):
        return True
    if one.kind in _WHOLE or other.kind in _WHOLE:
        return False
    return any(are_similar(a, b) for a in _matters(one, place) for b in _matters(other, place))
