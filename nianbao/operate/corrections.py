"""What a person changed of a probe before a portal is written. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from crawler.errors import CrawlError
from crawler.onboarding.probe_results import Probe
from storage.records import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """``listings``: addresses of the lists that are kept; ``agencies``: the bodies kept, by their number in the probe,
    with name and kind; ``csv``: further agencies (name, kind); ``name``: of the portal, "" for one made of its host.
    """

    name: str = ""
    place: str = ""
    division: str = ""
    listings: tuple[str, ...] = ()
    agencies: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    csv: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as a file keeps them."""
        return asdict(self)


def read_corrections(row: Mapping[str, Any]) -> Corrections:
    """The corrections that :meth:`Corrections.to_dict` gave, through JSON."""
    agencies = {int(number): (str(name), str(kind)) for number, (name, kind) in row["agencies"].items()}
    return Corrections(**{**row, "listings": tuple(row["listings"]), "agencies": agencies})


def corrected(found: Probe, corrections: Corrections) -> Probe:
    """A probe as a person wants it written. Raises :class:`CrawlError` where nothing is left to write."""
    kept = set(corrections.listings)
    listings = tuple(one for one in found.listings if one.url in kept)
    if not listings:
        raise CrawlError("no list is kept, so there is nothing to write", code="probe.no_list")
    agencies = []
    for number, one in enumerate(found.agencies):
        if number in corrections.agencies:
            name, kind = corrections.agencies[number]
            agencies.append(replace(one, name=name or one.name, kind=kind or one.kind))  # a guess remains one
    names = {one.name for one in agencies} | {alias for one in agencies for alias in one.aliases}
    dropped = {one.name for one in found.agencies} - names
    place, division = corrections.place or found.place, corrections.division or found.division
    changed = place != found.place or division != found.division
    return replace(
        found,
        place=place,
        division=division or None,
        place_why=Note("place_person") if changed else found.place_why,
        division_why=Note("place_person") if changed else found.division_why,
        listings=tuple(replace(one, agency="" if one.agency in dropped else one.agency) for one in listings),
        agencies=tuple(agencies),
        leads=tuple(row for row in found.leads if row.get("listing") in kept),
    )
