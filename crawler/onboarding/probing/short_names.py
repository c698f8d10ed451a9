"""Which of the bodies a probe found are one, under its full and its everyday name (教育体育局, 教体局) (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from archive.identity.short_names import shortens
from crawler.onboarding.probe import ProbedAgency


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
