"""Recognise names of groups of bodies (各部门, 委办局, 乡镇、街道): the words of ``groups.toml`` as patterns.

A label that names a group is nobody's name; what stands behind it are reports of several.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from archive.identity.text import data

_CLASSES = ("department", "township", "division", "other")
_LONGEST = 40
_ITSELF = re.compile("[本我](?:机关|单位|部门)")


def _any(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


@cache
def pattern(*classes: str) -> str:
    """Return the regular expression, without groups that capture, of a label that names a group whose first word is of
    one of these classes (none given: of any, zones left out).
    """
    table = data("groups.toml")
    chosen = classes or _CLASSES
    words = table["words"] | table["zones"]
    first = _any([word for kind in chosen for word in words.get(kind, ())])
    plain = _any([word for kind in chosen for word in table["plain"].get(kind, ())])
    every = _any([word for rows in (words, table["plain"]) for kind in rows for word in rows[kind]])
    before = "".join(f"(?:{part})?" for part in table["before"])
    begun = [rf"(?:{table['place']})?{before}(?:{first})"] if first else []
    begun += [f"各?(?:{plain})"] if plain else []
    if first:  # 县政府及部门
        begun.append(rf"{own_level()}(?:{table['between']}){before}(?:{first})")
    return rf"(?:(?:{'|'.join(begun)})(?:(?:{table['between']}){before}(?:{every})[)）]?){{0,3}})"


@cache
def own_level() -> str:
    """Return the regular expression of a label that means the government that the portal is of (县政府, 本级)."""
    return f"(?:{data('groups.toml')['own']['government']})"


def expand_groups(text: str) -> str:
    """Return a regular expression of a data file with ``{group}`` and ``{own}`` put in."""
    return text.replace("{group}", pattern(*_CLASSES, "zone")).replace("{own}", own_level())


@cache
def _compiled(*classes: str) -> re.Pattern[str]:
    return re.compile(pattern(*classes))


@lru_cache(maxsize=8192)
def names_a_group(name: str) -> bool:
    """Whether a name, without blanks, is that of a group of bodies and not of one."""
    return len(name) <= _LONGEST and bool(_compiled().fullmatch(name))


@cache
def _classes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return (
        *((kind, _compiled(kind)) for kind in ("other", "department", "township")),
        ("government", re.compile(own_level())),
    )


def names_a_group_of(rest: str) -> bool:
    """Whether what follows a place's name is a group of its bodies; 街道 alone may end the name of one (城区街道)."""
    return rest not in data("groups.toml")["plain"]["township"] and names_a_group(rest)


def group_class(name: str) -> str:
    """Return which group a label names: department, township, other, government (the portal's own); "" if none."""
    if len(name) > _LONGEST:
        return ""
    return next((kind for kind, names in _classes() if names.fullmatch(name)), "")


@cache
def words_within(kind: str) -> re.Pattern[str]:
    """Return the pattern of a class's words as they stand within longer labels (各县直部门、乡镇年报汇总)."""
    table = data("groups.toml")
    return re.compile(_any(table["words"][kind]))


def names_bodies(title: str) -> bool:
    """Whether a title, without blanks, has words for a group of bodies in it (内乡县各单位2024年…); 本机关 is one."""
    plain = _ITSELF.sub("", title)
    return any(words_within(kind).search(plain) for kind in _CLASSES)
