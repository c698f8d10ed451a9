"""Which of the bodies a probe found are one, under its full and its everyday name (教育体育局, 教体局) (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from archive.identity import naming
from crawler.probe import ProbedAgency
from storage.records import AgencyKind

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
    """Whether a department's name is another's with characters left out (交通局, 交通运输局): it begins and ends as
    that one does, and has two characters or more beside its last word.
    """
    one, other = (naming.complete(name, place or None) for name in (short, full))
    if not {naming.kind_of(one), naming.kind_of(other)} <= _BODIES or one.foreign or other.foreign:
        return False
    less, more = naming.key(one), naming.key(other)
    rest = iter(more)
    return 3 <= len(less) < len(more) and less[0] == more[0] and less[-1] == more[-1] and all(c in rest for c in less)
