"""Where a look gets its pages: the live portal, or pages that are held in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from archive.identity.classification import lead_of
from crawler.crawl_run import CrawlRun
from crawler.listing_specs import ListingSpec
from crawler.net.fetching import Fetcher
from crawler.net.response_verdict import Verdict
from crawler.net.web_page import WebPage
from storage.records import Capture, Lead, Link, Listing, Note, Portal


class ListReader(Protocol):
    """A portal's spider, as far as reading its listings goes."""

    name: str
    listings: tuple[ListingSpec, ...]
    first_year: int
    rendered: bool

    def judge_addressed(self, page: WebPage) -> Verdict:
        """Whether the page of an addressed listing holds a report, is empty, or is not understood (pure)."""
        ...


class LiveSource:
    """The live portal, asked through Scrapy. ``run``: the archive's side; None where nothing is kept.

    ``notes``: sentences for people about the run.
    """

    def __init__(
        self, reader: ListReader, portal: Portal, fetcher: Fetcher, run: CrawlRun | None, now: Callable[[], datetime]
    ) -> None:
        self.reader, self.portal, self.fetcher, self.run, self.now = reader, portal, fetcher, run, now
        self.agencies = run.agencies if run is not None else ()
        self.notes: list[Note] = run.notes if run is not None else []
        self.fetch, self.allowed_hosts = fetcher.fetch, fetcher.allowed_hosts
        self._leads: dict[tuple[str | None, ...], Lead] = {}

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

    def held_body(self, capture: Capture) -> bytes:
        """Return the stored document of a capture (for a page that answered 304)."""
        assert self.run is not None, "only a run knows captures that can be confirmed"
        return self.run.held_body(capture)
