"""The listings that were found, read to their end, by the family that understands most of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.identity.leads import lead_of
from crawler.columns import looks_side_by_side
from crawler.discovery.found import Findings, promising
from crawler.families.portal import PortalSpider
from crawler.family_classes import candidates
from crawler.looks import OpenLook, store
from crawler.probing.judging import form_of
from crawler.probing.site import Site, say
from storage.records import Lead, Listing, LookOutcome

_MOST_TRIALS = 4  # families


@dataclass(slots=True)
class Reading:
    """The listings as one family reads them: (listing, look, its leads)."""

    family: type[PortalSpider]
    rows: list[tuple[Listing, OpenLook, list[Lead]]]

    @property
    def worth(self) -> tuple[int, int]:
        """Listings read to their end, and reports found."""
        good = sum(state.outcome is LookOutcome.OK for _, state, _ in self.rows)
        return good, len({lead.url for _, _, leads in self.rows for lead in leads})


async def read_listings(site: Site, found: Findings) -> Reading | None:
    """Read every listing to its end, as the family that understands most of them."""
    if not found.listings:
        return None
    say(f"{len(found.listings)} columns found; reading them to their end")
    rows = [site.listing(one.url, one.path, form_of(one)) for one in found.listings]
    shown = [found.pages[one.url][0] for one in found.listings]
    best: Reading | None = None
    site.replay.tries = True
    for kind, _ in candidates(shown, most=_MOST_TRIALS):
        made = await read_as(site, kind, rows)
        if best is None or made.worth > best.worth:
            best = made
        if made.worth[0] == len(rows) and made.worth[1]:
            break
    site.replay.tries = False
    if best is not None and best.worth[0] < len(rows):  # lists that only scripts turn on are turned on now
        made = await read_as(site, best.family, rows)
        best = max(made, best, key=lambda one: one.worth)
    return best


async def read_as(site: Site, kind: type[PortalSpider], rows: Sequence[Listing]) -> Reading:
    """Read listings to their end as one family would."""
    spider = site.stand(kind, rows)
    made = Reading(kind, [])
    for row, state in zip(rows, await looks_side_by_side(spider, rows), strict=True):
        store(site.replay, state)  # type: ignore[arg-type]
        leads = [lead_of(link, row, site.portal, ()) for link in state.links.values()]
        made.rows.append((row, state, promising(leads)))
    return made
