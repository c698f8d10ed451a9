"""The bodies that a probe saw: in organs, over listings, in titles of reports (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from archive.identity import divisions, names
from archive.identity.binding import joined_names, names_many
from archive.identity.matching import is_one_name, key, shortens
from archive.identity.names import Name
from crawler.discovery.organs import Template, body_name
from crawler.onboarding.probe import ProbedAgency, ProbedListing


def agencies_of(
    place: str,
    listings: Sequence[ProbedListing],
    leads: Sequence[Mapping[str, Any]],
    addressed: Template | None,
    filed: Sequence[ProbedAgency] = (),
) -> list[ProbedAgency]:
    """Return the bodies of a place, each once, with the page that attests it. ``addressed``: the template whose organs
    were taken, where one of the listings is addressed; ``filed``: those that files on notices name.
    """
    made = _Bodies(place)
    if addressed is not None and any(one.form == "addressed" for one in listings):
        for organ in addressed.organs:
            made.put(organ.name, organ.source, organ.code)
    for one in listings:
        made.put(one.agency, one.url)
    for lead in leads:
        for name in joined_names(str(lead["agency"] or ""), place) or (str(lead["agency"] or ""),):
            made.put(name, str(lead["listing"]))
    for body in (*_own(place, leads), *filed):
        if body_name(body.name):
            made.add(body)
    return list(with_short_names(made.found, made.years(leads), place).values())


class _Bodies:
    """The bodies found so far, by the name each was first met under; ``place`` completes names.

    A list of organs leaves out divisions that titles print (江口镇人民政府, 重庆市武隆区江口镇人民政府): one body, and
    two that have no report of the other's would be called missing.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._county = names.complete(place or None).county
        self._alike: dict[str, list[tuple[Name, str]]] = {}
        self.found: dict[str, ProbedAgency] = {}

    def put(self, printed: str, source: str, code: str = "") -> None:
        """Add a body as a page prints it, unless that is none, or one of another place."""
        name = self._complete(printed)
        if body_name(name.text) and not (self._place and name.foreign):
            self.add(ProbedAgency(self._in_full(name), str(names.kind_of(name)), code, source))

    def _in_full(self, name: Name) -> str:
        """A body's name with that of its autonomous county in full, which its titles shorten (大通县审计局)."""
        own, county = name.county, self._county
        shortened = own and "自治" in county and len(own) < len(county) and divisions.same_division(own, county)
        return name.text.replace(own, county, 1) if shortened else name.text

    def add(self, body: ProbedAgency) -> None:
        """Add a body; of one that is known already what is new of it: another spelling, its code."""
        known = self._known(self._complete(body.name))
        held = self.found.get(known)
        if held is None:
            self.found[known] = body
            return
        spelt = (body.name,) if body.name not in (held.name, *held.aliases) else ()
        if body.code and not held.code:
            held = replace(held, code=body.code, source=body.source)
        self.found[known] = replace(held, aliases=(*held.aliases, *spelt), guessed=held.guessed and body.guessed)

    def years(self, leads: Sequence[Mapping[str, Any]]) -> dict[str, set[int]]:
        """The reporting years of each body's reports."""
        years: dict[str, set[int]] = {}
        for lead in leads:
            if lead["agency"]:
                name = self._known(self._complete(str(lead["agency"])))
                years.setdefault(name, set()).add(int(lead["year"] or 0))
        return years

    def _complete(self, printed: str) -> Name:
        return names.complete(body_name(printed), self._place or None)

    def _known(self, name: Name) -> str:
        """The name under which a body was first met. A name that says no place, and got none, is like no other."""
        alike = self._alike.setdefault(key(name), [])
        for other, first in alike:
            if name.text == other.text or (name.county and other.county and is_one_name(name, other)):
                return first
        alike.append((name, name.text))
        return name.text


def _own(place: str, leads: Sequence[Mapping[str, Any]]) -> list[ProbedAgency]:
    """The government of the place, where reports stand there that name nobody: they are its own as often."""
    silent = (lead for lead in leads if not lead["agency"] and not names_many(str(lead["title"])))
    nobodys = next((str(lead["listing"]) for lead in silent), "")
    name = names.complete(place or None)
    return [ProbedAgency(name.text, str(names.kind_of(name)), "", nobodys, guessed=True)] if nobodys and place else []


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
