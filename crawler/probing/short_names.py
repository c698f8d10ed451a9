"""Which of the bodies a probe found are one, under its full and its everyday name (教育体育局, 教体局) (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from archive.identity import naming
from crawler.probe import ProbedAgency
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
            made[longer[0]] = replace(full, code=full.code or body.code, aliases=(*full.aliases, short))
            del made[short]
    return made


def shortens(short: str, full: str, place: str) -> bool:
    """Whether a department's name is the everyday form of another's: a known one (交通局, 交通运输局), or one that
    keeps a character of each of its words (教体局, 教育体育局). A name that leaves out a word (教育局) may be another
    body's.
    """
    one, other = (naming.complete(name, place or None) for name in (short, full))
    if not {naming.kind_of(one), naming.kind_of(other)} <= _BODIES or one.foreign or other.foreign:
        return False
    less, more = naming.key(one), naming.key(other)
    if naming.is_short_for(less, more):
        return True
    end = next((end for end in _ENDS if less.endswith(end) and more.endswith(end)), "")
    said, matter = less.removesuffix(end), more.removesuffix(end)
    if not end or len(said) < 2 or said in matter or len(matter) % 2:
        return False
    words = [(re.escape(matter[at]), re.escape(matter[at + 1])) for at in range(0, len(matter), 2)]
    return re.fullmatch("".join(f"(?:{first}{last}?|{last})" for first, last in words), said) is not None
