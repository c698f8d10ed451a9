"""Expand everyday names of departments (交通局, 教体局) to the full names that they may shorten. Pure."""

from __future__ import annotations

from functools import lru_cache

from archive.identity.naming import Name, complete, is_short_for, key, kind_of
from storage.records import AgencyKind

_ENDS = ("委员会", "管理局", "办公室", "局", "办")
_DEPARTMENTS = frozenset({AgencyKind.DEPARTMENT, AgencyKind.OTHER})


def shortens(short: str, full: str, place: str) -> bool:
    """Whether a department's name is the everyday form of another's: a known one (交通局, 交通运输局), or one that
    keeps a character of each of its words (教体局, 教育体育局). A name that leaves out a word (教育局) may be another
    body's.
    """
    less, more = department_key(complete(short, place or None)), department_key(complete(full, place or None))
    if not less or not more:
        return False
    return is_short_for(less, more) or keeps_each_word(less, more)


@lru_cache(maxsize=8_192)
def department_key(name: Name) -> str:
    """Return the completed name of a department of the place as names are compared; "" for any other body's."""
    return key(name) if kind_of(name) in _DEPARTMENTS and not name.foreign else ""


def keeps_each_word(less: str, more: str) -> bool:
    """Whether a name, as names are compared, keeps a character of each word of a longer one that ends as it does."""
    end = next((end for end in _ENDS if less.endswith(end) and more.endswith(end)), "")
    matter, words = less.removesuffix(end), more.removesuffix(end)
    if not end or len(matter) < 2 or matter in words or len(words) % 2:
        return False
    return _holds_each(matter, words)


def _holds_each(matter: str, words: str) -> bool:
    """Whether ``matter`` holds, in order, the first or the last character of each word of two in ``words``, or both."""
    used = {0}  # how many characters of ``matter`` the words so far may have used
    for at in range(0, len(words), 2):
        first, last = words[at], words[at + 1]
        after = {count + 1 for count in used if matter[count : count + 1] in (first, last)}
        after |= {count + 2 for count in used if matter[count : count + 2] == first + last}
        used = after
        if not used:
            return False
    return len(matter) in used
