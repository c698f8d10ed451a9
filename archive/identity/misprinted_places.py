"""Correct places that no list of divisions has where one that differs by a character is listed. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache

from archive.identity.division_codes import divisions
from archive.identity.divisions import is_zone, stem_of
from archive.identity.naming import looks_alike, same_division
from archive.identity.text import data

_LISTED = ("县", "旗", "市")  # whoever bears such a name is in the lists; a 区 may be one of a city's own making


@lru_cache(maxsize=1024)
def misprinted_divisions(printed: str) -> tuple[str, ...]:
    """Return the divisions that a name may be a misprint of.

    They have a character that it prints twice (汶汶上县), one that looks alike, else any other; those that begin alike
    come first. None where the name is a division itself, or short for one (喀左县); of a 区 only those that look alike.
    """
    stem = stem_of(printed)
    if len(stem) < 2 or not printed.endswith((*_LISTED, "区")) or is_zone(printed) or printed in _names():
        return ()
    if printed in data("names.toml")["uncoded"]:
        return ()
    if once := tuple(name for name in without_a_double(printed) if name in _names()):
        return once
    near = {name for key in _keys(printed) for name in _names_without_character().get(key, ())}
    found = sorted(near, key=lambda name: (name[0] != printed[0], name))
    alike = tuple(name for name in found if looks_alike(printed, name))
    if alike or not found or not printed.endswith(_LISTED):
        return alike
    return () if any(same_division(printed, name) for name in _names()) else tuple(found)


def without_a_double(text: str) -> tuple[str, ...]:
    """A text without one of two like characters that stand side by side, for each such pair."""
    pairs = (at for at in range(1, len(text)) if text[at] == text[at - 1])
    return tuple(dict.fromkeys(text[:at] + text[at + 1 :] for at in pairs))


def by_one_character(one: str, other: str) -> bool:
    """Whether two names of one length differ in one character (鄂城县, 郓城县)."""
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


@cache
def _names() -> Collection[str]:
    return frozenset(one.name for one in divisions())


@cache
def _names_without_character() -> Mapping[tuple[int, str, str], tuple[str, ...]]:
    """Names by what is left of them without one character of their stem."""
    found: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    for name in sorted(_names()):
        for key in _keys(name):
            found[key].append(name)
    return {key: tuple(names) for key, names in found.items()}


def _keys(name: str) -> Iterator[tuple[int, str, str]]:
    return ((at, name[:at], name[at + 1 :]) for at in range(len(stem_of(name))))
