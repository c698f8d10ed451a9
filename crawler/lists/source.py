"""The portal that looks are of, with what the archive knows of it: which looks, links and visits come of that."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.identity.addresses import UNLINKED, is_unlinked
from archive.identity.classification import UNOFFICIAL, lead_of
from crawler.crawl_run import CrawlRun
from crawler.items import ListingSnapshot, ReportLink
from crawler.listing_specs import ListingSpec
from crawler.lists.labels import latest_year
from crawler.lists.walk import SURELY_NONE
from crawler.net.fetching import Fetched, Fetcher
from storage.records import (
    SHANGHAI,
    Agency,
    Capture,
    CaptureOutcome,
    CaptureRole,
    Lead,
    Link,
    Listing,
    LookOutcome,
    Note,
    Portal,
)

SEASON = timedelta(days=7) - timedelta(hours=2)  # a weekly crawl that starts a little earlier is still a weekly crawl
OLDER, DAY = timedelta(days=182), timedelta(days=1)
_NO_DOCUMENT = frozenset({"folder", "column", UNOFFICIAL, UNLINKED})


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

    def put_listings(self, listings: Iterable[Listing]) -> None:
        """Put listings that were found into the registry."""
        if self.run is not None:
            self.run.registry.put_listings([*listings])

    def lead_of(self, link: Link, listing: Listing) -> Lead:
        """What a link of a listing promises; judged once a run."""
        key = (listing.id, link.url, link.text, link.row, link.listed)
        if key not in self._leads:
            self._leads[key] = lead_of(link, listing, self.portal, self.agencies)
        return self._leads[key]

    def new_look(self, listing: Listing, fetched: Sequence[Fetched]) -> ListingSnapshot:
        """Return the look at a listing that was read by these fetches, ``ok`` and without links until it is known
        better. What they say of the server's clock is compared with ours.
        """
        captures = [capture for one in fetched for capture in one.captures]
        stamped = [(one.fetched_at, one.server_date) for one in captures if one.server_date is not None]
        skews = [abs((ours - theirs).total_seconds()) for ours, theirs in stamped]
        now = self.now()
        return ListingSnapshot(
            id=uuid.uuid4().hex, run=self.run.record.id if self.run is not None else "", portal=self.portal.name,
            listing=listing.id, url=listing.url, finished=now, outcome=LookOutcome.OK, links=(),
            started=min((one.fetched_at for one in captures), default=now),
            captures=tuple(one.id for one in captures), clock_skew=max(skews, default=None),
        )  # fmt: skip

    def worth_a_visit(self, listing: Listing, links: Iterable[Link]) -> list[ReportLink]:
        """Return the links of a listing worth a visit: leads, and what cannot be told from the title alone."""
        leads = [(link, self.lead_of(link, listing)) for link in links]
        for code, reason in (("reports_elsewhere", UNOFFICIAL), ("reports_without_link", UNLINKED)):
            if number := sum(lead.reason == reason for _, lead in leads):
                self.notes.append(Note(code, {"listing": listing.id, "number": number}))
        return [
            ReportLink(link, lead, _year(lead, listing))
            for link, lead in leads
            if lead.is_report or (lead.confidence < SURELY_NONE and lead.reason not in _NO_DOCUMENT)
        ]

    def never_asked(self, run: CrawlRun, listed_urls: Collection[str]) -> list[ReportLink]:
        """Return the reports that were on a list once, but never visited: a run was ended before it came to them, or
        its page budget was. Each is asked for once, so that one that was taken down is not asked for ever.
        ``listed_urls``: the addresses on today's lists.
        """
        name, listings = run.portal.name, {listing.id: listing for listing in run.listings}
        passed = {*run.store.requested_urls(name, CaptureRole.REPORT), *listed_urls}
        shown = ((id_, link) for id_, links in run.observations.lists_shown(name) for link in links)
        reports: dict[str, ReportLink] = {}
        for listing, link in ((listings[id_], link) for id_, link in shown if id_ in listings):
            is_passed = link.url in passed or is_unlinked(link.url)
            if not is_passed and self.fetcher.allowed_hosts.refusal(link.url) is None:
                reports[link.url] = ReportLink(link, lead := self.lead_of(link, listing), lead.year)
        return [one for one in reports.values() if one.lead.is_report]

    def is_due(self, url: str, year: int | None, *, everything: bool = False) -> bool:
        """Whether a report is to be asked for (again): the current season's weekly, older ones twice a year.

        ``year`` None: unknown, treated as of the season, and so is what was answered by a page that was not understood.
        ``everything``: whatever its age.
        """
        last = self.last_captures.get(url)
        if everything or self.run is None or last is None or last.outcome is CaptureOutcome.SOFT_404:
            return True
        if last.requested in self.run.reports_of_cut_runs or last.requested in self.run.reports_without_files:
            return True
        # a page that nobody understood is perhaps another's: of strangers in whose hands the domain was that day
        odd = bool(last.reason) and last.reason != "script_shell"  # what scripts show there is kept beside it
        season = year is None or year >= self.now().astimezone(SHANGHAI).year - 1 or odd
        since = self.now() - last.fetched_at
        wrong = since < -DAY  # seen in the future: the clock was wrong then, or is now
        return wrong or since >= (SEASON if season else OLDER)


def _year(lead: Lead, listing: Listing) -> int | None:
    """The year that a title says, or its column; else the one before it was listed, or that which stands over it or its
    folder: no report is on a later one.
    """
    listed = lead.listed.year - 1 if lead.listed else None
    folder = latest_year(lead.title) or latest_year(listing.column.rpartition(">")[2])
    return lead.year or listing.year or listed or folder
