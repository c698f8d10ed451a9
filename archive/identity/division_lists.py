"""Look up places in the lists of divisions: how many have a name, and which of them a document means. Pure.

The lists are those of ``division_codes``: provinces, prefectures and counties since 2008. Townships and zones stand in
none, so that of them nothing is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache

from archive.identity.division_codes import FIRST_YEAR, LAST_YEAR, Division, division, divisions
from archive.identity.divisions import is_generic_zone, is_township, is_zone, place, stem_of
from archive.identity.misprinted_places import misprinted_divisions
from archive.identity.naming import same_division
from archive.identity.text import data

_ANY_CITYS = frozenset(("城区", "郊区", "矿区"))
_LEVELS = ("省", "市", "县", "区", "旗", "州", "盟")  # what a name in the lists ends with


@lru_cache(maxsize=1024)
def is_listed(name: str) -> bool:
    """Whether a list of any year has a division of this name, or one that it is short for (喀左县, 临夏州).

    The few that are governed and have no code count as listed.
    """
    return is_listed_so(name) or any(same_division(name, other) for other in _divisions_by_name())


def is_listed_so(name: str) -> bool:
    """Tell whether a list has the name exactly as printed: a similar one may hold words before it (通过桃江县)."""
    return name in _divisions_by_name() or name in data("names.toml")["uncoded"]


@lru_cache(maxsize=1024)
def _is_short(name: str) -> bool:
    """Whether a name is short for a longer one in the lists (喀左县); one in them may be read into any words (开平区
    into 开平台建设情况按照区).
    """
    return any(len(other) > len(name) and same_division(name, other) for other in _divisions_by_name())


@lru_cache(maxsize=256)
def has_no_counties(name: str) -> bool:
    """Whether a division is one directly above townships: a county or what is equal to it, or a city without districts
    (东莞市).
    """
    codes = {one.code for one in _divisions_by_name().get(name, ())}
    if not codes:
        return is_listed(name) and not name.endswith(("省", "市", "州", "盟"))
    return all(not code.endswith("00") or code[:4] not in _prefixes_with_counties() for code in codes)


@cache
def _prefixes_with_counties() -> Collection[str]:
    """What the codes begin with of the prefectures and provinces that have counties or districts."""
    counties = [one.code for one in divisions() if not one.code.endswith("00")]
    return frozenset({code[:4] for code in counties} | {code[:2] + "00" for code in counties})


def longest_listed(printed: str) -> str:
    """The longest name of a division with which a text ends, "" if none; 城区 and 郊区 are any city's."""
    ends = [name for at in range(len(printed) - 1) if (name := printed[at:]) not in _ANY_CITYS]
    return next((name for name in ends if is_listed_so(name)), "") or next(filter(_is_short, ends), "")


def is_in_no_list(name: str) -> bool:
    """Whether a name is such that a list should have it, and none does."""
    listable = name.endswith(_LEVELS) and len(stem_of(name)) >= 2 and not is_township(name)
    return listable and not is_zone(name) and not is_generic_zone(name) and not is_listed(name)


@lru_cache(maxsize=1024)
def bearers(name: str, year: int | None = None) -> tuple[tuple[str, ...], ...]:
    """Return the divisions that have this name."""
    base = min(max(year or LAST_YEAR, FIRST_YEAR), LAST_YEAR)
    divisions = _divisions_by_name().get(name, ())
    found = [_chain(one, base) for one in divisions if one.stands(base)]
    return tuple(dict.fromkeys(found or [_chain(one, one.since) for one in divisions]))


def possible_divisions(name: str, above: Sequence[str], printed: str, year: int | None) -> tuple[str, ...]:
    """Return the divisions, by full name, that a name may mean: several only where neither ``above``, the divisions
    printed before it, nor ``printed``, the other text, decides.
    """
    chains = [chain for chain in bearers(name, year) if all(_contains(chain, one) for one in above)]
    for depth in (-2, 0):  # the prefecture that is named, else the province
        if len(chains) < 2:
            break
        named = [chain for chain in chains if len(chain) > 1 and stem_of(chain[depth]) in printed]
        chains = named or chains
    return tuple("".join(chain) for chain in chains)


def county_of_zone(chain: Sequence[str]) -> str:
    """The county that a zone is in by the divisions printed before it (霍山县高新技术产业开发区), for a zone whose name
    says only what it is the city too; "" for any other division and for a zone that is a place of its own (长春新区).
    """
    zone = next((at for at in reversed(range(len(chain))) if not is_township(chain[at])), 0)
    above = chain[zone - 1] if zone else ""
    if not above or not is_zone(chain[zone]) or not is_listed(above):
        return ""
    levels = {one.code[2:] for one in _divisions_by_name().get(above, ())}
    if "0000" in levels or (not is_generic_zone(chain[zone]) and any(code.endswith("00") for code in levels)):
        return ""
    return above


def place_doubt(given: str) -> str:
    """Why a place that somebody gives (汶上县, 山东省济宁市汶上县) is perhaps none, in English; "" if nothing is known
    against it. Townships and zones stand in no list.
    """
    chain = place(given).chain
    for name in chain:
        if is_listed(name) or is_township(name) or is_zone(name) or is_generic_zone(name) or name in _provinces():
            continue
        near = misprinted_divisions(name) or tuple(other for other in _divisions_by_name() if stem_of(other) == name)
        return f"no list of divisions has {name}" + (f" (nearest: {'、'.join(near)})" if near else "")
    return ""


@cache
def _provinces() -> Collection[str]:
    """Provinces as they are written without their suffix."""
    return frozenset(data("names.toml")["provinces"])


def _contains(chain: Sequence[str], name: str) -> bool:
    return any(one == name or same_division(one, name) for one in chain)


def _chain(one: Division, year: int) -> tuple[str, ...]:
    """Province, prefecture and the division itself, as far as they are others than it."""
    codes = dict.fromkeys([one.code[:2] + "0000", one.code[:4] + "00", one.code])
    divisions = [division(code, year) or division(code) for code in codes if code != one.code]
    return (*(above.name for above in divisions if above is not None), one.name)


@cache
def _divisions_by_name() -> Mapping[str, Sequence[Division]]:
    found: dict[str, list[Division]] = defaultdict(list)
    for one in divisions():
        found[one.name].append(one)
    return found
