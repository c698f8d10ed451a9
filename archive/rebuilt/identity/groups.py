"""Recognise names of groups of bodies (各部门, 委办局, 乡镇、街道): the words of ``groups.toml`` as patterns.

A label that names a group is nobody's name; what stands behind it are reports of several.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from archive.rebuilt.identity.divisions import split
from archive.rebuilt.identity.text import alternatives, data

_CLASSES = ("other", "department", "township", "division")
MAX_LABEL_CHARS = 40


@cache
def pattern(*classes: str) -> str:
    """Return the regular expression, without capturing groups, of a label whose first word is of one of the classes."""
    table = data("groups.toml")
    words, plain = table["words"] | table["zones"], table["plain"]
    chosen = classes or _CLASSES
    first = [word for kind in chosen for word in words.get(kind, ())]
    bare = [word for kind in chosen for word in plain.get(kind, ())]
    every = alternatives([word for rows in (*words.values(), *plain.values()) for word in rows])
    before = "".join(f"(?:{part})?" for part in table["before"])
    heads = [f"各?(?:{alternatives(bare)})"] if bare else []
    if first:
        heads.append(rf"(?:{table['place']})?{before}(?:{alternatives(first)})")
        heads.append(rf"{own_level()}(?:{table['between']}){before}(?:{alternatives(first)})")  # 县政府及部门
    return rf"(?:(?:{'|'.join(heads)})(?:(?:{table['between']}){before}(?:{every})[)）]?){{0,3}})"


@cache
def own_level() -> str:
    """Return the regular expression of a label that means the government that the portal is of (县政府, 本级)."""
    return f"(?:{data('groups.toml')['own']['government']})"


def is_own_level(name: str) -> bool:
    """Whether a label means the portal's own government by its level (本级, 县本级, 政府本级, 县级政府)."""
    return "级" in name and re.fullmatch(own_level(), name) is not None


def expand_groups(text: str) -> str:
    """Return a regular expression of a data file with ``{group}`` and ``{own}`` put in."""
    return text.replace("{group}", pattern(*_CLASSES, "zone")).replace("{own}", own_level())


@cache
def _compiled(kind: str) -> re.Pattern[str]:
    return re.compile(own_level() if kind == "government" else pattern(*filter(None, (kind,))))


@lru_cache(maxsize=8192)
def names_a_group(name: str) -> bool:
    """Whether a name is that of a group of bodies, its place before it or not ("汶上县各部门")."""
    if len(name) > MAX_LABEL_CHARS:
        return False
    rest = split(name)[1]
    behind_place = rest not in data("groups.toml")["plain"]["township"] and _compiled("").fullmatch(rest)
    return bool(_compiled("").fullmatch(name) or behind_place)


def group_class(name: str) -> str:
    """Return which group a label names: department, township, other, government (the portal's own); "" if none."""
    kinds = ("other", "department", "township", "government") if len(name) <= MAX_LABEL_CHARS else ()
    return next((kind for kind in kinds if _compiled(kind).fullmatch(name)), "")


@cache
def words_within(kind: str) -> re.Pattern[str]:
    """Return the pattern of a class's words as they stand within longer labels (各县直部门、乡镇年报汇总)."""
    return re.compile(alternatives(data("groups.toml")["words"][kind]))
