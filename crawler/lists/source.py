"""The portal that a look is of, with what the archive knows of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from archive.identity.classification import lead_of
from crawler.crawl_run import CrawlRun
from crawler.listing_specs import ListingSpec
from crawler.net.fetching import Fetcher
from storage.records import Agency, Capture, Lead, Link, Listing, Note, Portal


@dataclass(slots=True)
class LiveSource:
    """A portal with the listings of its file. ``rendered``: whether a browser may show them; ``run``: the archive's
    side, None where nothing is kept; ``notes``: sentences for people about the run.
    """

    portal: Portal
    listings: tuple[ListingSpec, ...]
    rendered: bool
    fetcher: Fetcher
    run: CrawlRun | None
    now: Callable[[], datetime]
    notes: list[Note] = field(init=False)
    _leads: dict[tuple[str | None, ...], Lead] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.notes = self.run.notes if self.run is not None else []

    @property
    def agencies(self) -> tuple[Agency, ...]:
        """The agencies of the portal, as far as the archive knows them."""
        return self.run.agencies if self.run is not None else ()

    @property
    def last_captures(self) -> dict[str, Capture]:
        """Addresses of reports and files → the newest fetch that answered."""
        return self.run.last_captures if self.run is not None else {}

    def host_left(self, url: str) -> bool:
        """Whether the host of an address is not asked again in this run."""
        return self.fetcher.health.refusal(url) is not None

    def lead_of(self, link: Link, listing: Listing) -> Lead:
        """What a link of a listing promises; judged once a run."""
        key = (listing.id, link.url, link.text, link.row, link.listed)
        if key not in self._leads:
            self._leads[key] = lead_of(link, listing, self.portal, self.agencies)
        return self._leads[key]

    def put_listings(self, listings: Iterable[Listing]) -> None:
        """Put listings that were found into the registry."""
        if self.run is not None:
            self.run.registry.put_listings([*listings])
