"""Find names so alike that they may mean one body: never enough to bind a report, enough not to call one missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from archive.identity import naming
from archive.identity.text import data
from storage.records import Agency, AgencyKind

_CALLED = ("委员会", "管理局", "办公室", "局", "委", "办", "中心")
_GOVERNMENT = re.compile("(?:人民)?政府")
_WHOLE = frozenset({AgencyKind.GOVERNMENT, AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT})


@dataclass(frozen=True, slots=True)
class Matter:
    """What a body is there for, as its name says: the characters beside its divisions and its last word."""

    kind: AgencyKind
    foreign: bool
    characters: frozenset[str]


@lru_cache(maxsize=65_536)
def matter(name: str, place: str, kind: AgencyKind | None = None) -> Matter:
    """Return the matter that a body of this name deals with; ``place`` completes the name, ``kind`` None is what the
    name alone says.
    """
    full = naming.complete(name, place)
    words = _one_word(naming.key(full))
    words = _GOVERNMENT.sub("", words) or words  # 人民政府办公室 has nothing of 民政局
    end = next((word for word in _CALLED if words.endswith(word)), "")
    return Matter(kind or naming.kind_of(full), full.foreign, frozenset(words.removesuffix(end) or words))


@cache
def _words() -> tuple[tuple[str, str], ...]:
    groups: list[list[str]] = data("names.toml")["one_matter"]
    return tuple((word, group[0]) for group in groups for word in sorted(group[1:], key=len, reverse=True))


def _one_word(key: str) -> str:
    for word, first in _words():
        if first not in key and word in key:
            return key.replace(word, first)
    return key


def are_similar(one: Matter, other: Matter) -> bool:
    """Whether one name holds every character of the other (教体局, 教育体育局), the last word left out (卫生健康局,
    卫生健康委员会), words for one matter taken as one (水务局, 水利局). Wide on purpose. Governments, townships and
    bodies of other places are told apart.
    """
    kinds = {one.kind, other.kind}
    if one.foreign != other.foreign or (len(kinds) > 1 and kinds & _WHOLE):
        return False
    return one.characters <= other.characters or other.characters <= one.characters


def matters(agency: Agency, place: str) -> tuple[Matter, ...]:
    """Give the matter of an agency under each of its names."""
    return tuple(matter(name, place, agency.kind) for name in (agency.name, *agency.aliases))


def could_mean(name: str, agency: Agency, place: str) -> bool:
    """Say whether a name that the registry does not know could mean ``agency`` (数据局 the 大数据局, 人社局 …)."""
    named = matter(name, place)
    return any(are_similar(named, known) for known in matters(agency, place))


def is_one_name(one: naming.Name, other: naming.Name) -> bool:
    """Whether two completed names are one, printed with more or fewer of the divisions above (武隆区江口镇人民政府,
    重庆市武隆区江口镇人民政府). Bodies of other places, and those of zones of other names, are told apart.
    """
    if not one.text or naming.key(one) != naming.key(other):
        return False
    pairs = zip(reversed(one.chain), reversed(other.chain), strict=False)
    return one.foreign == other.foreign and all(naming.same_division(a, b) for a, b in pairs)


def _share_a_name(one: Agency, other: Agency, place: str) -> bool:
    names, others = (
        [naming.complete(name, place) for name in (agency.name, *agency.aliases)] for agency in (one, other)
    )
    return any(is_one_name(a, b) for a in names for b in others)


def could_be_one(one: Agency, other: Agency, place: str) -> bool:
    """Say whether two bodies of the registry could be one under two names: any with a name in common, and departments
    whose names are alike.
    """
    if one.kind is other.kind and _share_a_name(one, other, place):
        return True
    if one.kind in _WHOLE or other.kind in _WHOLE:
        return False
    return any(are_similar(a, b) for a in matters(one, place) for b in matters(other, place))
