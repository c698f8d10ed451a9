"""Collects the agencies that a probe saw, over lists and in titles of reports, each once under all its names. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from archive.identity import divisions, names
from archive.identity.matching import is_one_name, key, shortens
from archive.identity.names import Name
from archive.identity.several_reports import joined_names, names_many
from crawler.onboarding.addressed import body_name
from crawler.onboarding.probe_results import ProbedAgency


def agencies_of(place: str, given: Iterable[ProbedAgency], leads: Sequence[Mapping[str, Any]]) -> list[ProbedAgency]:
    """Return the agencies of a place, each once, with the page that names it. ``given``: those of lists and codes."""
    bodies = _Bodies(place)
    for one in given:
        bodies.put(one)
    for lead in leads:
        printed = str(lead["agency"] or "")
        for name in joined_names(printed) or (printed,):
            bodies.put(ProbedAgency(name, source=str(lead["listing"])), [int(lead["year"] or 0)])
    silent = (lead for lead in leads if not lead["agency"] and not names_many(str(lead["title"])))
    if place and (nobodys := next((str(lead["listing"]) for lead in silent), "")):  # mostly the government's reports
        bodies.put(ProbedAgency(names.complete(place).text, source=nobodys, guessed=True))
    return bodies.with_short_names()


class _Bodies:
    """Collects agencies by the first name that each was met under; ``place`` completes short names.

    A menu may omit divisions that titles print (江口镇人民政府, 重庆市武隆区江口镇人民政府). Both names must become one
    agency, else each of two would be called missing for the other's reports.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._county = names.complete(place or None).county
        self._alike: defaultdict[str, list[tuple[Name, str]]] = defaultdict(list)
        self._found: dict[str, ProbedAgency] = {}
        self._years: defaultdict[str, set[int]] = defaultdict(set)  # of the reports of each

    def put(self, printed: ProbedAgency, years: Iterable[int] = ()) -> None:
        """Add an agency as a page names it, unless it is of another place. ``years``: the years of its reports."""
        name = names.complete(body_name(printed.name), self._place or None)
        if not body_name(name.text) or (self._place and name.foreign):
            return
        known, text = self._known(name), self._in_full(name)
        self._years[known].update(years)
        held = self._found.get(known)
        if held is None:
            self._found[known] = replace(printed, name=text, kind=str(names.kind_of(name)))
            return
        spelt = (text,) if text not in (held.name, *held.aliases) else ()
        if printed.code and not held.code:
            held = replace(held, code=printed.code, source=printed.source)
        self._found[known] = replace(held, aliases=(*held.aliases, *spelt), guessed=held.guessed and printed.guessed)

    def with_short_names(self) -> list[ProbedAgency]:
        """Return the agencies; one with a short name becomes an alias of the only one with a longer form of it.

        Two names with a report on the same year stay two agencies; so does a short name that fits several.
        """
        made = dict(self._found)
        for short, body in self._found.items():
            others = (name for name, one in self._found.items() if name != short and one.kind == body.kind)
            longer = [name for name in others if shortens(short, name, self._place)]
            if len(longer) == 1 and longer[0] in made and not self._years[short] & self._years[longer[0]]:
                full = made[longer[0]]
                made[longer[0]] = replace(
                    full, code=full.code or body.code, aliases=(*full.aliases, short, *body.aliases),
                    guessed=full.guessed and body.guessed,
                )  # fmt: skip
                del made[short]
        return list(made.values())

    def _in_full(self, name: Name) -> str:
        """Return an agency's name with its autonomous county in full, which titles shorten (大通县审计局)."""
        own, county = name.county, self._county
        shortened = own and "自治" in county and len(own) < len(county) and divisions.same_division(own, county)
        return name.text.replace(own, county, 1) if shortened else name.text

    def _known(self, name: Name) -> str:
        """Return the first name under which this agency was met; names without a county must be equal to match."""
        for other, first in self._alike[key(name)]:
            if name.text == other.text or (name.county and other.county and is_one_name(name, other)):
                return first
        self._alike[key(name)].append((name, name.text))
        return name.text
