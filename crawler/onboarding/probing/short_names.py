"""Which of the bodies a probe found are one, under its full and its everyday name (教育体育局, 教体局) (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache

from archive.identity import naming
from crawler.onboarding.probe import ProbedAgency
from storage.records import AgencyKind

_ENDS = ("委员会", "管理局", "办公室", "局", "办")
_BODIES = frozenset({AgencyKind.DEPARTMENT, AgencyKind.OTHER})


def with_short_names(
    found: Mapping[str, ProbedAgency], years: Mapping[str, Collection[int]], place: str
) -> dict[str, ProbedAgency]:
    """Return the bodies, each everyday name as an alias of the one full name that it shortens.

    ``years``: the reporting years of each name's reports. Two names with a report on one year are two bodies; so are
    names of which one shortens several.
    """
    made = dict(found)
    for short, body in found.items():
        longer = [
            name
            for name, other in found.items()
            if name != short and other.kind == body.kind and shortens(short, name, place)
        ]
        if len(longer) == 1 and longer[0] in made and not set(years.get(short, ())) & set(years.get(longer[0], ())):
            full = made[longer[0]]
            guessed = full.guessed and body.guessed
            made[longer[0]] = replace(
                full, code=full.code or body.code, aliases=(*full.aliases, short, *body.aliases), guessed=guessed
            )
            del made[short]
    return made


def shortens(short: str, full: str, place: str) -> bool:
    """Whether a department's name is the everyday form of another's: a known one (交通局, 交通运输局), or one that
    keeps a character of each of its words (教体局, 教育体育局). A name that leaves out a word (教育局) may be another
    body's.
    """
    less, more = _department(short, place), _department(full, place)
    if not less or not more:
        return False
    if naming.is_short_for(less, more):
        return True
    end = next((end for end in _ENDS if less.endswith(end) and more.endswith(end)), "")
    said, matter = less.removesuffix(end), more.removesuffix(end)
    if not end or len(said) < 2 or said in matter or len(matter) % 2:
        return False
    return _keeps_each_word(said, matter)


@lru_cache(maxsize=8_192)
def _department(name: str, place: str) -> str:
    """The name of a department of the place as names are compared; "" for any other body."""
    full = naming.complete(name, place or None)
    return naming.key(full) if naming.kind_of(full) in _BODIES and not full.foreign else ""


def _keeps_each_word(said: str, matter: str) -> bool:
    """Whether ``said`` holds, in order, the first or the last character of each word of two in ``matter``, or both."""
    reached = {0}  # characters of ``said`` that the words so far may have used
    for at in range(0, len(matter), 2):
        first, last = matter[at], matter[at + 1]
        after = {used + 1 for used in reached if said[used : used + 1] in (first, last)}
        after |= {used + 2 for used in reached if said[used : used + 2] == first + last}
        reached = after
        if not reached:
            return False
    return len(said) in reached
