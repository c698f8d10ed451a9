"""The bodies that a probe saw: in organs, over listings, in titles of reports (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archive.identity import names
from archive.identity.enclosed import names_many
from crawler.discovery.organs import Template, body_name
from crawler.probe import ProbedAgency, ProbedListing
from crawler.probing.short_names import with_short_names


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
    made: dict[str, ProbedAgency] = {}

    def put(printed: str, source: str, code: str = "") -> None:
        name = names.complete(body_name(printed), place or None)
        if not body_name(name.text) or (place and name.foreign):
            return
        row = ProbedAgency(name.text, str(names.kind_of(name)), code, source)
        if name.text not in made or (code and not made[name.text].code):
            made[name.text] = row

    if addressed is not None and any(one.form == "addressed" for one in listings):
        for organ in addressed.organs:
            put(organ.name, organ.source, organ.code)
    for one in listings:
        put(one.agency, one.url)
    for lead in leads:
        put(str(lead["agency"] or ""), str(lead["listing"]))
    for body in (*_own(place, leads), *filed):
        if body_name(body.name):
            made.setdefault(body.name, body)
    return list(with_short_names(made, _years(place, leads), place).values())


def _own(place: str, leads: Sequence[Mapping[str, Any]]) -> list[ProbedAgency]:
    """The government of the place, where reports stand there that name nobody: they are its own as often."""
    silent = (lead for lead in leads if not lead["agency"] and not names_many(str(lead["title"])))
    nobodys = next((str(lead["listing"]) for lead in silent), "")
    name = names.complete(place or None)
    return [ProbedAgency(name.text, str(names.kind_of(name)), "", nobodys, guessed=True)] if nobodys and place else []


def _years(place: str, leads: Sequence[Mapping[str, Any]]) -> dict[str, set[int]]:
    """The reporting years of each name's reports."""
    years: dict[str, set[int]] = {}
    for lead in leads:
        if lead["agency"]:
            name = names.complete(body_name(str(lead["agency"])), place or None).text
            years.setdefault(name, set()).add(int(lead["year"] or 0))
    return years
