"""The listings that were found, read to their end, by the family that understands most of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.identity.classification import lead_of
from crawler.cms.classes import candidates
from crawler.discovery.found import WalkResult, promising
from crawler.looks.listing_reader import looks_side_by_side
from crawler.looks.look_builder import LookBuilder, snapshot_of
from crawler.onboarding.probing.judging import form_of
from crawler.onboarding.probing.site import Site, say
from crawler.spider import PortalSpider
from storage.records import Lead, Listing, LookOutcome

_MOST_TRIALS = 4  # families


@dataclass(slots=True)
class Reading:
    """The listings as one family reads them: (listing, look, its leads)."""

    family: type[PortalSpider]
    rows: list[tuple[Listing, LookBuilder, list[Lead]]]

    @property
    def worth(self) -> tuple[int, int]:
        """Listings read to their end, and reports found."""
        good = sum(look.outcome is LookOutcome.OK for _, look, _ in self.rows)
        return good, len({lead.url for _, _, leads in self.rows for lead in leads})

    @property
    def is_whole(self) -> bool:
        """Whether every listing was read to its end, with reports."""
        good, reports = self.worth
        return good == len(self.rows) and reports > 0


async def read_listings(site: Site, found: WalkResult) -> Reading | None:
    """Read every listing to its end, as the family that understands most of them: one that needs no browser for it
    before others, whose marks are more.
    """
    if not found.listings:
        return None
    say("columns_found", number=len(found.listings))
    rows = [site.listing(one.url, one.path, form_of(one)) for one in found.listings]
    shown = [found.pages[one.url][0] for one in found.listings]
    families = [kind for kind, _ in candidates(shown, most=_MOST_TRIALS)]
    site.replay.tries = site.replay.plain = True
    tried = await _tried(site, families, rows)
    site.replay.plain = False
    best = max(tried, key=lambda one: one.worth)
    if not best.is_whole:
        tried.sort(key=lambda one: one.worth, reverse=True)
        best = max(await _tried(site, [one.family for one in tried], rows), key=lambda one: one.worth)
    site.replay.tries = False
    if best.worth[0] < len(rows):  # lists that only scripts turn on are turned on now
        made = await read_as(site, best.family, rows)
        best = max(made, best, key=lambda one: one.worth)
    return best


async def _tried(site: Site, families: Sequence[type[PortalSpider]], rows: Sequence[Listing]) -> list[Reading]:
    """Return the listings as each family reads them, up to the first that reads all of them."""
    made: list[Reading] = []
    for kind in families:
        made.append(await read_as(site, kind, rows))
        if made[-1].is_whole:
            break
    return made


async def read_as(site: Site, kind: type[PortalSpider], rows: Sequence[Listing]) -> Reading:
    """Read listings to their end as one family would."""
    site.stand(kind, rows)
    made = Reading(kind, [])
    for row, look in zip(rows, await looks_side_by_side(site.replay, rows), strict=True):
        site.replay.stored.append(snapshot_of(site.replay, look))
        leads = [lead_of(link, row, site.portal, ()) for link in look.links.values()]
        made.rows.append((row, look, promising(leads)))
    return made
