"""The bodies that a probe saw, over lists and in titles of reports, and which of them are one (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from archive.identity import divisions, names
from archive.identity.matching import is_one_name, key, shortens
from archive.identity.names import Name
from archive.identity.several_reports import joined_names, names_many
from crawler.onboarding.addressed import body_name
from crawler.onboarding.probe_results import ProbedAgency

Leads = Sequence[Mapping[str, Any]]


def agencies_of(place: str, given: Iterable[ProbedAgency], leads: Leads) -> list[ProbedAgency]:
    """Return the bodies of a place, each once, with the page that attests it. ``given``: those of lists and codes."""
    made = _Bodies(place)
    for one in given:
        made.put(one.name, one.source, one.code, guessed=one.guessed)
    for lead in leads:
        printed = str(lead["agency"] or "")
        for name in joined_names(printed) or (printed,):
            made.put(name, str(lead["listing"]))
    silent = (lead for lead in leads if not lead["agency"] and not names_many(str(lead["title"])))
    if place and (nobodys := next((str(lead["listing"]) for lead in silent), "")):  # they are the government's as often
        made.put(names.complete(place).text, nobodys, guessed=True)
    return list(with_short_names(made.found, made.years(leads), place).values())


class _Bodies:
    """The bodies found so far, by the name each was first met under; ``place`` completes names.

    A menu leaves out divisions that titles print (江口镇人民政府, 重庆市武隆区江口镇人民政府): one body, and two that
    have no report of the other's would be called missing.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._county = names.complete(place or None).county
        self._alike: dict[str, list[tuple[Name, str]]] = {}
        self.found: dict[str, ProbedAgency] = {}

    def put(self, printed: str, source: str, code: str = "", *, guessed: bool = False) -> None:
        """Add a body as a page prints it, unless that is none, or one of another place."""
        name = self._complete(printed)
        if not body_name(name.text) or (self._place and name.foreign):
            return
        known, text = self._known(name), self._in_full(name)
        held = self.found.get(known)
        if held is None:
            self.found[known] = ProbedAgency(text, str(names.kind_of(name)), code, source, guessed=guessed)
            return
        spelt = (text,) if text not in (held.name, *held.aliases) else ()
        if code and not held.code:
            held = replace(held, code=code, source=source)
        self.found[known] = replace(held, aliases=(*held.aliases, *spelt), guessed=held.guessed and guessed)

    def _in_full(self, name: Name) -> str:
        """Return a body's name with that of its autonomous county in full, which titles shorten (大通县审计局)."""
        own, county = name.county, self._county
        shortened = own and "自治" in county and len(own) < len(county) and divisions.same_division(own, county)
        return name.text.replace(own, county, 1) if shortened else name.text

    def years(self, leads: Leads) -> dict[str, set[int]]:
        """Return the reporting years of each body's reports."""
        years: dict[str, set[int]] = {}
        for lead in leads:
            if lead["agency"]:
                years.setdefault(self._known(self._complete(str(lead["agency"]))), set()).add(int(lead["year"] or 0))
        return years

    def _complete(self, printed: str) -> Name:
        return names.complete(body_name(printed), self._place or None)

    def _known(self, name: Name) -> str:
        """Return the name under which a body was first met. One that says no place, and got none, is like no other."""
        alike = self._alike.setdefault(key(name), [])
        for other, first in alike:
            if name.text == other.text or (name.county and other.county and is_one_name(name, other)):
                return first
        alike.append((name, name.text))
        return name.text


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
            aliases = (*full.aliases, short, *body.aliases)
            guessed = full.guessed and body.guessed
            made[longer[0]] = replace(full, code=full.code or body.code, aliases=aliases, guessed=guessed)
            del made[short]
    return made
