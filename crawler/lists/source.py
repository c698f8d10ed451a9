"""The portal of a crawl with what the archive has of it: makes its looks, judges links, and chooses which to visit."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
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
from storage.records import SHANGHAI, CaptureOutcome, CaptureRole, Lead, Link, Listing, LookOutcome, Note

SEASON = timedelta(days=7) - timedelta(hours=2)  # a weekly crawl that starts a little earlier is still a weekly crawl
OLDER, DAY = timedelta(days=182), timedelta(days=1)
_NO_DOCUMENT = frozenset({"folder", "column", UNOFFICIAL, UNLINKED})


@dataclass(slots=True)
class LiveSource:
    """The portal of a run, with the listings of its file. ``everything``: all reports are due, of whatever age."""

    run: CrawlRun
    listings: tuple[ListingSpec, ...]
    fetcher: Fetcher
    everything: bool
    _leads: dict[tuple[str | None, ...], Lead] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the time by the archive's clock."""
        return self.run.clock.now()

    def host_left(self, url: str) -> bool:
        """Whether the host of an address is left alone for the rest of this run."""
        return self.fetcher.health.refusal(url) is not None

    def lead_of(self, link: Link, listing: Listing) -> Lead:
        """Return the lead that a link of a listing is: whether a report, and which; each link is judged once a run."""
        key = (listing.id, link.url, link.text, link.row, link.listed)
        if key not in self._leads:
            self._leads[key] = lead_of(link, listing, self.run.portal, self.run.agencies)
        return self._leads[key]

    def new_look(self, listing: Listing, fetched: Sequence[Fetched]) -> ListingSnapshot:
        """Return a new look at a listing that was read by these fetches, for now ``ok`` and without links. Its
        ``clock_skew`` is the largest difference in seconds between our clock and the server's.
        """
        captures = [capture for one in fetched for capture in one.captures]
        stamped = [(one.fetched_at, one.server_date) for one in captures if one.server_date is not None]
        skews = [abs((ours - theirs).total_seconds()) for ours, theirs in stamped]
        now = self.now()
        return ListingSnapshot(
            id=uuid.uuid4().hex, run=self.run.record.id, portal=self.run.portal.name, listing=listing.id,
            url=listing.url, finished=now, outcome=LookOutcome.OK, links=(),
            started=min((one.fetched_at for one in captures), default=now),
            captures=tuple(one.id for one in captures), clock_skew=max(skews, default=None),
        )  # fmt: skip

    def worth_a_visit(self, listing: Listing, links: Iterable[Link]) -> list[ReportLink]:
        """Return the links of a listing that lead to reports, and those that may, although their titles do not tell.
        The run's notes count reports that cannot be visited: on a foreign host, or without a link.
        """
        leads = [(link, self.lead_of(link, listing)) for link in links]
        for code, reason in (("reports_elsewhere", UNOFFICIAL), ("reports_without_link", UNLINKED)):
            if number := sum(lead.reason == reason for _, lead in leads):
                self.run.notes.append(Note(code, {"listing": listing.id, "number": number}))
        return [
            ReportLink(link, lead, _year(lead, listing))
            for link, lead in leads
            if lead.is_report or (lead.confidence < SURELY_NONE and lead.reason not in _NO_DOCUMENT)
        ]

    def never_asked(self, listed_urls: Collection[str]) -> list[ReportLink]:
        """Return the reports that were once on a list but never requested, because a run or its page budget ended
        before. Each is requested only once, as it may have been taken down. ``listed_urls``: the addresses on today's
        lists, which are left out.
        """
        run, listings = self.run, {listing.id: listing for listing in self.run.listings}
        name = run.portal.name
        passed = {*run.store.requested_urls(name, CaptureRole.REPORT), *listed_urls}
        listed_links = ((id_, link) for id_, links in run.observations.lists_shown(name) for link in links)
        reports: dict[str, ReportLink] = {}
        for listing, link in ((listings[id_], link) for id_, link in listed_links if id_ in listings):
            is_passed = link.url in passed or is_unlinked(link.url)
            if not is_passed and self.fetcher.allowed_hosts.refusal(link.url) is None:
                reports[link.url] = ReportLink(link, lead := self.lead_of(link, listing), lead.year)
        return [one for one in reports.values() if one.lead.is_report]

    def is_due(self, url: str, year: int | None) -> bool:
        """Whether to request a report (again): those of the current season weekly, older ones twice a year.
        A report of an unknown year (None), or one that came as a page we did not understand, counts as of this season.
        Always due: if ``everything`` is; one never fetched, answered by a soft 404, or perhaps left without its files.
        """
        last = self.run.last_captures.get(url)
        if self.everything or last is None or last.outcome is CaptureOutcome.SOFT_404:
            return True
        if last.requested in self.run.reports_of_cut_runs or last.requested in self.run.reports_without_files:
            return True
        # a page that we did not understand may be a stranger's, who had the domain that day
        odd = bool(last.reason) and last.reason != "script_shell"  # what scripts show there is a capture of its own
        season = year is None or year >= self.now().astimezone(SHANGHAI).year - 1 or odd
        since = self.now() - last.fetched_at
        wrong = since < -DAY  # captured in the future: the clock was wrong then, or is now
        return wrong or since >= (SEASON if season else OLDER)


def _year(lead: Lead, listing: Listing) -> int | None:
    """Return the year in a lead's title, else of its column; else the year before its listed date; else the year in the
    label of its folder, which may be that of publication, so that the report is not on a later one.
    """
    listed = lead.listed.year - 1 if lead.listed else None
    folder = latest_year(lead.title) or latest_year(listing.column.rpartition(">")[2])
    return lead.year or listing.year or listed or folder
