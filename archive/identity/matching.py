"""Compare agency names without their higher divisions, and look them up in a registry. Pure.

A name that fits two agencies of the registry matches neither. A name that is only similar never binds a report, but it
is reason enough not to call a report missing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import product

from archive.identity.divisions import is_zone, same_division
from archive.identity.names import Name, complete, is_publisher_of_all, kind_of, normalise
from archive.identity.text import pattern, words
from storage.records import Agency, AgencyKind

_DEPARTMENTS = frozenset({AgencyKind.DEPARTMENT, AgencyKind.OTHER})
_WHOLE = frozenset({AgencyKind.GOVERNMENT, AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT})


def key(name: Name) -> str:
    """Return the text by which names are compared: without county and higher divisions, but with a foreign county."""
    own_name = name.township + name.local if name.township else _comparable(name.local)
    return (name.county if name.foreign else "") + own_name


def _comparable(local: str) -> str:
    """Return a local name in one spelling: 委 as 委员会, 管理委员会 as 管委会, longer names without 和, 与 and 、."""
    council = re.sub("(?<![党纪法市县区团编工州镇乡省旗])委$", "委员会", local)
    joined = council.translate(str.maketrans("", "", "和与及、")) if len(council) > 4 else council
    return joined.replace("管理委员会", "管委会")


@cache
def _short_forms() -> Mapping[str, set[str]]:
    return {_comparable(short): set(map(_comparable, fulls)) for short, fulls in words("short").items()}


def _abbreviates(one: str, other: str) -> bool:
    """True if one key can be short for the other: its characters in the same order, same first and last (教体局)."""
    short, long = sorted((one, other), key=len)
    rest = iter(long)
    same_ends = len(short) >= 3 and short[0] == long[0] and short[-1] == long[-1]
    return same_ends and all(character in rest for character in short)


def _is_one_zone(one: Name, other: Name) -> bool:
    """True if the counties of two names can be one zone: 太仓市高新区, 太仓高新区 and 太仓高新技术产业开发区."""
    short, long = sorted(("".join(each.chain).replace("市", "") for each in (one, other)), key=len)
    return is_zone(one.county) and is_zone(other.county) and _abbreviates(short, long[long.find(short[0]) :])


def agree(one: Name, other: Name) -> bool:
    """True if two names can mean one agency, or a government and its office (which compiles both reports)."""
    one, other = complete(one.text, other.county), complete(other.text, one.county)
    if one.county and other.county and not (same_division(one.county, other.county) or _is_one_zone(one, other)):
        return False
    if one.township and other.township:
        return one.township == other.township
    keys = [(key(replace(each, foreign=False)), each.chain) for each in (one, other)]
    plain = [local if chain else pattern("level").sub("", local, count=1) for local, chain in keys]
    short, long = sorted(plain, key=len)
    is_part = long.endswith(short) or (len(short) >= 3 and long.startswith(short))
    is_short = is_part or _abbreviates(short, long) or long in _short_forms().get(short, ())
    return is_short or (is_publisher_of_all(one) and is_publisher_of_all(other))


def is_near(one: Name, other: Name) -> bool:
    """True if names are so similar that the address may decide which is meant (教育局 at 教育和体育局's address)."""
    if one.foreign or other.foreign or one.township or other.township:
        return False
    return differ_by_one(one, other) or _abbreviates(key(one), key(other))


def differ_by_one(one: Name, other: Name) -> bool:
    """True if two keys of four or more characters differ in exactly one character."""
    a, b = key(one), key(other)
    return len(a) == len(b) >= 4 and sum(x != y for x, y in zip(a, b, strict=True)) == 1


def is_one_name(one: Name, other: Name) -> bool:
    """True if two completed names are the same but for higher divisions that one of them leaves out."""
    is_one = bool(one.text) and key(one) == key(other) and one.foreign == other.foreign
    return is_one and all(map(same_division, reversed(one.chain), reversed(other.chain)))


def shortens(short: str, full: str, place: str) -> bool:
    """True if ``short`` is the usual short form of the department name ``full`` (教体局 for 教育体育局)."""
    less, more = (complete(name, place) for name in (short, full))
    are_own = not (less.foreign or more.foreign) and {kind_of(less), kind_of(more)} <= _DEPARTMENTS
    return are_own and key(more) in _short_forms().get(key(less), ())


@cache
def _subject_words() -> list[tuple[str, str]]:
    """Return pairs: a short or former word for what an agency is for, and a full or present one that it can mean."""
    short = [(word, full) for word, fulls in words("short").items() for full in fulls]
    pairs = [(_subject(word), _subject(full)) for word, full in (*words("expand").items(), *short)]
    longer = [(word, full) for word, full in pairs if len(word) < len(full)]
    return [*dict.fromkeys([*words("one_matter").items(), *longer])]


def _subject(name: str) -> str:
    return re.sub("(?:局|委|委员会)$", "", name)


def subjects_meant(text: str) -> list[str]:
    """Return what a name that ends with a short or former word can mean (沂源环保局, 沂源环保 → 沂源 生态环境)."""
    subject = _subject(normalise(text))
    return [f"{subject.removesuffix(word)} {full}" for word, full in _subject_words() if subject.endswith(word)]


# ------------------------------------------------------------------------------------------------------- the registry


@dataclass(frozen=True, slots=True)
class AgencyMatch:
    """The agency found for a name. ``is_short``: by a short form; ``ambiguous``: ids if several agencies fit."""

    agency: Agency | None = None
    is_short: bool = False
    ambiguous: tuple[str, ...] = ()


@lru_cache(maxsize=32)
def _index(agencies: tuple[Agency, ...], place: str) -> tuple[Mapping[str, set[str]], Mapping[str, Agency]]:
    """Return name → ids of agencies, with names as written (after ``=``) and as keys; and id → newest row."""
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for agency in agencies:
        for spelling in filter(None, map(normalise, (agency.name, *agency.aliases))):
            ids[f"={spelling}"].add(agency.id)
            ids[key(complete(spelling, place))].add(agency.id)
    return ids, {one.id: one for one in sorted(agencies, key=lambda one: (one.recorded_at, one.name))}


def match_agency(
    name: str | None, agencies: Sequence[Agency], *, place: str | None = None, year: int | None = None
) -> AgencyMatch:
    """Find the only agency that a name means: as printed, then by its key, then by a short form. Several that fit alike
    are ``ambiguous``, unless only one is valid in ``year``.
    """
    full_name = complete(name, place)
    sought = key(full_name)
    if not sought or not agencies:
        return AgencyMatch()
    by_name, latest = _index(tuple(agencies), place or "")
    is_own = not full_name.foreign and not full_name.township
    short = {one for one, full in _short_forms().items() if sought in full} | _short_forms().get(sought, set())
    is_office = full_name.township and "办公室" in full_name.local
    town = key(complete(full_name.county + full_name.township, place)) if is_office else ""
    spellings = ([f"={normalise(name)}"], [f"={full_name.text}"], [sought], short if is_own else [], [town])
    for group in spellings:
        if ids := {one for spelling in filter(None, group) for one in by_name.get(spelling, ())}:
            valid = [one for one in ids if _is_valid(latest[one], year)] or list(ids)
            if len(valid) == 1:
                return AgencyMatch(latest[valid[0]], is_short=group is short)
            return AgencyMatch(ambiguous=tuple(sorted(valid)))
    return AgencyMatch()


def _is_valid(agency: Agency, year: int | None) -> bool:
    """True if an agency existed in some part of ``year``; without a year always."""
    begun = agency.valid_from is None or year is None or agency.valid_from.year <= year
    return begun and (agency.valid_to is None or year is None or agency.valid_to.year >= year)


# ------------------------------------------------------------------------------------------------------- similar names


@lru_cache(maxsize=65_536)
def _subject_of(name: str, place: str) -> tuple[AgencyKind, bool, frozenset[str]]:
    """Return a name's kind, whether it is of another place, and its characters without divisions and last word."""
    full = complete(name, place)
    plain = key(full)
    for word, now in words("one_matter").items():
        plain = plain if now in plain else plain.replace(word, now)
    plain = re.sub("(?:人民)?政府", "", plain) or plain  # 人民政府办公室 is not similar to 民政局
    return kind_of(full), full.foreign, frozenset(pattern("last_word").sub("", plain) or plain)


def are_similar(name: str, other: str, place: str, kinds: tuple[AgencyKind | None, AgencyKind]) -> bool:
    """True if all characters of one name, without places and 局, are in the other; not for a government or township and
    another kind. ``kinds``: those in the registry; None if it lacks the first, whose name then tells the kind.
    """
    kind, is_foreign, matter = _subject_of(name, place)
    _, is_other_foreign, other_matter = _subject_of(other, place)
    both_kinds = {kinds[0] or kind, kinds[1]}
    if is_foreign != is_other_foreign or (len(both_kinds) > 1 and both_kinds & _WHOLE):
        return False
    return matter <= other_matter or other_matter <= matter


def could_mean(name: str, agency: Agency, place: str) -> bool:
    """True if a name that is not in the registry could mean ``agency`` (数据局 for 大数据局, 人社局 …)."""
    return any(are_similar(name, one, place, (None, agency.kind)) for one in (agency.name, *agency.aliases))


def could_be_one(one: Agency, other: Agency, place: str) -> bool:
    """True if two agencies of the registry could be the same: a name in common, or departments with similar names."""
    pairs = list(product((one.name, *one.aliases), (other.name, *other.aliases)))
    if one.kind is other.kind and any(is_one_name(complete(a, place), complete(b, place)) for a, b in pairs):
        return True
    if one.kind in _WHOLE or other.kind in _WHOLE:
        return False
    return any(are_similar(a, b, place, (one.kind, other.kind)) for a, b in pairs)
