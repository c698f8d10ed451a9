"""The portal of a crawl: looks at its lists, judges their links, and chooses which reports to visit.

The engine (:mod:`crawler.lists.engine`) judges whether a list is whole; :mod:`crawler.lists.stored_lists` translates
this to a stored outcome and reason. What a browser showed is stored here.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archive.identity.addresses import UNLINKED, is_unlinked
from archive.identity.addresses import read as facts_of
from archive.identity.classification import UNOFFICIAL, lead_of
from crawler.crawl_run import WALK_LIMIT, CrawlRun
from crawler.items import ListingSnapshot, ReportLink
from crawler.listing_specs import ListingSpec
from crawler.lists.crawling import EngineThread, keep_shown, rendered_by, was_turned
from crawler.lists.engine import EntryKey, address_key, entry_key
from crawler.lists.list_reader import ListReading
from crawler.lists.page import TOTAL, Stopped, choose_claims
from crawler.lists.stored_lists import BY_SCRIPT, add_link, outcome_of, outcomes_of_ways
from crawler.lists.walk import MAX_REQUESTS, SURELY_NONE, Walk
from crawler.lists.words import REASONS, kinds_in_label, latest_year, reporting_year
from crawler.net.fetching import Fetched, Fetcher
from storage.records import SHANGHAI, CaptureOutcome, CaptureRole, Lead, Link, Listing, ListingForm, LookOutcome, Note

SEASON = timedelta(days=7) - timedelta(hours=2)  # a weekly crawl that starts a little earlier is still a weekly crawl
OLDER, DAY = timedelta(days=182), timedelta(days=1)
_NO_DOCUMENT = frozenset({"folder", "column", UNOFFICIAL, UNLINKED})
MONTH = timedelta(days=30)
LookAndLinks = tuple[ListingSnapshot, list[ReportLink]]
_LookAndReading = tuple[ListingSnapshot, ListReading]


@dataclass(slots=True)
class LiveSource:
    """The portal of a run, with the listings of its file. ``everything``: all reports are due, of whatever age."""

    run: CrawlRun
    listings: tuple[ListingSpec, ...]
    fetcher: Fetcher
    everything: bool

    def now(self) -> datetime:
        """Return the time by the archive's clock."""
        return self.run.clock.now()

    def host_left(self, url: str) -> bool:
        """Whether the host of an address is left alone for the rest of this run."""
        return self.fetcher.health.refusal(url) is not None

    def lead_of(self, link: Link, listing: Listing) -> Lead:
        """Return the lead that a link of a listing is: whether a report, and which."""
        return lead_of(link, listing, self.run.portal, self.run.agencies)

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
            url=listing.url, title=listing.column, finished=now, outcome=LookOutcome.OK, links=(),
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
                self.run.notes.append(
                    Note(code, {"listing": listing.id, "title": listing.column, "url": listing.url, "number": number})
                )
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


class PortalLooks:
    """Looks at the columns of one portal: the known ones, and those that they and the entrances lead to."""

    def __init__(self, source: LiveSource, thread: EngineThread, entrances: tuple[str, ...] = ()) -> None:
        self.source, self.run, self.entrances, self._thread = source, source.run, entrances, thread
        self.listings: dict[str, Listing] = {}  # by address
        self._walk: Walk

    async def read(self) -> AsyncIterator[LookAndLinks]:
        """Yield a look at each list, with its links worth a visit (a request for the report). An incomplete list is
        yielded as soon as it is read, the others at the end, as another list may show that they lack reports, or that a
        single page is not cut; last, pages that only lead to lists: their outcome depends on those.
        """
        rows = [row for row in self.run.listings if row.form is not ListingForm.ADDRESSED and row.ended_at is None]
        rows = [row for row in rows if not self._is_foreign(row)]
        complete: dict[str, bool] = {}
        waiting: dict[str, ListingSnapshot] = {}
        parents: list[_LookAndReading] = []
        self._begin(rows)
        async for look, read in self._read_columns_and_entrances(rows):
            complete[read.url] = read.is_whole
            if read.leads_to:
                parents.append((look, read))
            elif look.outcome is LookOutcome.OK or read.may_be_cut:
                waiting[read.url] = look
            else:
                yield self._finish(look)
        if self._walk.is_cut_off:
            self.run.notes.append(Note(WALK_LIMIT, {"most": MAX_REQUESTS}))
        self._register_foreign(self._walk.foreign)
        self._walk.compare_lists()
        for url, look in waiting.items():
            read = self._walk.lists[url]
            complete[url], (outcome, reason) = read.is_whole, self._outcome_of(read)
            yield self._finish(replace(look, outcome=outcome, reason=reason))
        outcomes = outcomes_of_ways([read for _, read in parents], complete)
        for look, read in parents:
            outcome, reason = outcomes[read.url]
            yield self._finish(replace(look, outcome=outcome, reason=reason))

    @property
    def foreign(self) -> Mapping[str, str]:
        """Agencies' pages on hosts of others that columns of reports link: by address, the way to each."""
        return self._walk.foreign

    def _is_foreign(self, row: Listing) -> bool:
        """Whether a list was registered by :meth:`_register_foreign`, so that it is never read."""
        return ":found-" in row.id and self.source.fetcher.allowed_hosts.refusal(row.url) == "foreign_host"

    def _register_foreign(self, labels: Mapping[str, str]) -> None:
        """Register agencies' lists on hosts of others (``labels``: by address, the way to it). As they are never read,
        the report of such an agency is never called missing: it may be there.
        """
        known = {row.url for row in self.run.listings}
        for url, path in labels.items():
            listing = self._found_listing(url, path)
            lead = self.source.lead_of(Link(url=url, text=f"{path.rpartition('>')[2]}政府信息公开年报"), listing)
            if lead.agency and url not in known:
                self.run.registry.put_listings([replace(listing, agency=lead.agency)])

    def _begin(self, rows: Sequence[Listing]) -> None:
        """Begin a walk that knows these listings and what their last looks showed."""
        thread = self._thread
        self.listings = {row.url: row for row in rows}
        known_urls, turned = self._last_looks(rows)
        self._walk = Walk(
            thread.fetch, place=self.run.portal.place, hosts=self.run.portal.hosts,
            browser=thread.browser if thread.can_browse() else None, known_urls=known_urls, turned=turned,
        )  # fmt: skip

    def _last_looks(self, rows: Sequence[Listing]) -> tuple[dict[str, list[str]], list[str]]:
        """Return, of the last look with links at each list, the addresses of its links, and the lists for which it
        needed a browser. So a link that is missing from two looks is no longer expected.
        """
        name, store = self.run.portal.name, self.run.store
        links = {id_: one.links for id_, one in self.run.observations.latest_extractions(name).items()}
        looks = sorted(self.run.observations.looks(name), key=lambda one: one.started)
        last = {look.listing: look for look in looks if links.get(look.id)}
        pairs = [(row.url, last[row.id]) for row in rows if row.id in last]
        known_urls = {url: [one.url for one in links[look.id] if not is_unlinked(one.url)] for url, look in pairs}
        return known_urls, [url for url, look in pairs if was_turned(filter(None, map(store.get, look.captures)))]

    async def _read_columns_and_entrances(self, rows: Sequence[Listing]) -> AsyncIterator[_LookAndReading]:
        """Read the known columns, then what the entrances lead to, if no look was ok or a walk from them is due."""
        has_addressed = any(spec.form is ListingForm.ADDRESSED for spec in self.source.listings)
        looked_ok = has_addressed
        async for look, read in self._read_each(self._walk.read_each([(row.url, row.column) for row in rows])):
            looked_ok |= look.outcome is LookOutcome.OK
            yield look, read
        if self.entrances and (not looked_ok or self._walk_is_due(rows, has_addressed=has_addressed)):
            async for look_and_reading in self._read_each(self._walk.read_each((), self.entrances)):
                yield look_and_reading

    def _walk_is_due(self, columns: Sequence[Listing], *, has_addressed: bool) -> bool:
        """Whether to walk the entrances, although a look was ok, to find new columns. ``columns``: the known ones;
        ``has_addressed``: the portal also has listings that are asked by address, so it needs no column.

        It is, if no listing is known; if the last walk is a month old or of another year; or if each year has its own
        column, as the new one must be found before reports can be missing from it.
        """
        is_by_year = any(latest_year(one.column.rpartition(">")[2]) for one in columns)
        if is_by_year or not (columns or has_addressed):
            return True
        captures = [capture for url in self.entrances if (capture := self.run.store.last(url)) is not None]
        walked = [capture.fetched_at for capture in captures if capture.run not in self.run.cut_runs]
        if not walked:
            return True
        now, last = self.source.now(), max(walked)
        return not timedelta() <= now - last <= MONTH or now.astimezone(SHANGHAI).year != last.astimezone(SHANGHAI).year

    async def _read_each(self, readings: Iterator[ListReading]) -> AsyncIterator[_LookAndReading]:
        while (read := await self._thread.run(self._next, readings)) is not None:
            fetched = self._thread.fetch.take()
            if not fetched or any(one.was_asked for one in fetched):  # else no look: host left alone, or budget spent
                yield self._look_at(read, fetched), read

    def _next(self, readings: Iterator[ListReading]) -> ListReading | None:
        """Return the next list; None after the last, or if the crawl was stopped. Raises the error (full disk, wrong
        clock) that stopped it.
        """
        try:
            return next(readings, None)
        except Stopped:
            if self._thread.fetch.error is not None:
                raise self._thread.fetch.error from None
            return None

    def _finish(self, look: ListingSnapshot) -> LookAndLinks:
        worth_a_visit = self.source.worth_a_visit(self.listings[look.url], look.links)
        return replace(look, finished=self.source.now()), worth_a_visit

    def _found_listing(self, url: str, path: str) -> Listing:
        """Return a list that the walk found, before it is registered; ``path``: the labels of the links to it."""
        portal, key = self.run.portal.name, hashlib.sha256(url.partition("://")[2].encode()).hexdigest()[:10]
        return Listing(
            id=f"{portal}:found-{key}", portal=portal, url=url, form=ListingForm.COLUMN, column=path,
            recorded_at=self.source.now(),
        )  # fmt: skip

    def _register(self, read: ListReading) -> Listing:
        """Register a list that the walk found, with year and kinds of agencies by its label or the list above it."""
        label = read.path.rpartition(">")[2]
        above = next((one for one in self.listings.values() if address_key(one.url) == read.found_on), None)
        parent = above if latest_year(label) else None  # the list above, if this one is its part for a year
        listing = replace(
            self._found_listing(read.url, read.path), covers=kinds_in_label(label) or (parent.covers if parent else ()),
            year=reporting_year(label) or facts_of(read.url).report_year, agency=parent.agency if parent else None,
        )  # fmt: skip
        self.listings[read.url] = listing
        self.run.registry.put_listings([listing])
        return listing

    def _look_at(self, read: ListReading, fetched: Sequence[Fetched]) -> ListingSnapshot:
        """Return the look for a list that was read, with its outcome, links and captures. Register a list that the walk
        found; store what the browser showed.
        """
        source, listing = self.source, self.listings.get(read.url) or self._register(read)
        states, shown_in = self._keep_states(read, fetched)
        by_address = {one.url: one.capture_id for one in fetched if one.capture_id is not None}
        links: dict[str, Link] = {}
        for entry in read.entries:
            capture = shown_in.get(entry_key(entry)) or by_address.get(read.shown_on.get(entry_key(entry), ""), "")
            add_link(links, entry, listing, read.path, capture, source.lead_of)
        outcome, reason = self._outcome_of(read, fetched)
        if outcome is LookOutcome.SCRIPT_ONLY or reason in BY_SCRIPT:  # note why no browser was used; it is told once
            self.run.notes += filter(None, (self._thread.browser_problem(),))
        look = source.new_look(listing, fetched)
        return replace(
            look, outcome=outcome, reason=reason, links=tuple(links.values()), captures=(*look.captures, *states),
            total=next((one.value for one in choose_claims(read.claims, TOTAL)), None),
            host_left=source.host_left(listing.url),
        )  # fmt: skip

    def _outcome_of(self, read: ListReading, fetched: Sequence[Fetched] = ()) -> tuple[LookOutcome, str]:
        """Return outcome and reason of a look. A site's search is partial at best: nobody knows what it leaves out."""
        is_search = self.listings[read.url].form is ListingForm.SEARCHED
        unproven = (LookOutcome.PARTIAL, REASONS["site_search"])
        return unproven if is_search and read.is_whole else outcome_of(read, fetched)

    def _keep_states(self, read: ListReading, fetched: Sequence[Fetched]) -> tuple[list[str], dict[EntryKey, str]]:
        """Store what a browser showed; return the ids of the captures, and by entry that of the first with it."""
        capture_ids, shown_in = list[str](), dict[EntryKey, str]()
        if not read.states:
            return capture_ids, shown_in
        via = fetched[0].capture_id if fetched else None
        by_browser = [one for one in fetched if one.capture and one.capture.role is CaptureRole.RESOURCE]
        how = rendered_by(self._thread.version, len(by_browser), read.pressed if read.by_browser else None)
        for turn, state in enumerate(one for one in read.states if one.markup):
            dom, picture = state.markup.encode("utf-8", "replace"), b"" if turn else read.picture
            captures = keep_shown(self.run, state.page.url, dom, via=via, how=how, turn=turn, picture=picture)
            capture_ids += [one.id for one in captures]
            for entry in (entry for block in state.page.blocks for entry in block.entries):
                shown_in.setdefault(entry_key(entry), captures[-1].id)
        self.run.count("rendered")
        return capture_ids, shown_in
