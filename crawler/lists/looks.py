"""Looks: each list that the engine reads becomes an item of the crawl, with what it was read from.

The engine decides (:mod:`crawler.lists.engine`); here its verdict gets the words that are stored, and what a browser
showed is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Event

from scrapy.http import Response

from archive.identity.addresses import is_unlinked
from archive.identity.addresses import read as facts_of
from crawler.crawl_run import CrawlRun
from crawler.items import ListingSnapshot, ReportLink
from crawler.lists.browser import Browser, find_program, why_no_browser
from crawler.lists.claims import TOTAL, choose
from crawler.lists.crawling import CrawlFetch
from crawler.lists.engine import address_key, name_of
from crawler.lists.evidence import keep_dom, keep_picture, known, way_in
from crawler.lists.fetch import Fetch, Stopped
from crawler.lists.labels import kinds_in_label, names_a_year, reporting_year
from crawler.lists.list_reader import BROWSER, ListReading
from crawler.lists.look_builder import LookBuilder, add_link, failure, snapshot_of, worth_a_visit
from crawler.lists.outcomes import REASONS, needs_a_browser, outcome_of, outcome_of_way
from crawler.lists.source import LiveSource
from crawler.lists.walk import Walk
from crawler.net.fetching import Fetched
from storage.records import SHANGHAI, CaptureRole, Listing, ListingForm, LookOutcome, Note

MONTH = timedelta(days=30)
LookAndLinks = tuple[ListingSnapshot, list[ReportLink]]


@dataclass(slots=True)
class PortalLooks:
    """Looks at the columns of one portal: those that are known, and those that they and the entrances lead to."""

    source: LiveSource
    run: CrawlRun | None
    entrances: tuple[str, ...] = ()
    listings: dict[str, Listing] = field(default_factory=dict)
    complete: dict[str, bool] = field(default_factory=dict)
    fetch: CrawlFetch = field(init=False)
    walk: Walk = field(init=False)
    _why_no_browser: Note | None = None

    async def read(self) -> AsyncIterator[LookAndLinks]:
        """Return a look at each list, with its links worth a visit.

        One that is not whole is given as soon as it is read, the others when all were: another may contradict them.
        """
        assert self.run is not None, "a crawl keeps what it sees"
        rows = [row for row in self.run.listings if row.form is not ListingForm.ADDRESSED and row.ended_at is None]
        whole: dict[str, LookBuilder] = {}
        ways: list[tuple[LookBuilder, ListReading]] = []
        async with self._begin(rows) as (engine, walk):
            async for look, read in self._read_each(engine, walk, rows):
                self.complete[read.url] = read.verdict.complete
                if read.leads_to:
                    ways.append((look, read))
                elif look.outcome is LookOutcome.OK:
                    whole[read.url] = look
                else:
                    yield self._finish(look)
            walk.compare_twins()
            for url, look in whole.items():
                if not walk.lists[url].verdict.complete:
                    self.complete[url] = False
                    look.set_outcome(LookOutcome.PARTIAL, REASONS["known_entry"])
                yield self._finish(look)
            for look, read in reversed(ways):  # a page that leads to pages that lead on comes before these
                look.set_outcome(*outcome_of_way(read, self.complete))
                self.complete[read.url] = look.outcome is LookOutcome.OK
                yield self._finish(look)

    async def read_listing(self, listing: Listing, first: Fetched, response: Response) -> LookAndLinks:
        """Return a look at one list, whose first page is there already."""
        async with self._begin([listing]) as (engine, walk):
            self.fetch.hold(listing.url, first, response)
            readings = walk.read_each([(listing.url, listing.column)])
            read = await asyncio.get_running_loop().run_in_executor(engine, self._next, readings)
            if read is None:  # the page itself did not come, or nothing of it may be asked
                look = LookBuilder(listing, self.source.now())
                look.add_captures(first)
                look.set_outcome(*failure(first))
                return self._finish(look)
            return self._finish(self._gather(read, self.fetch.take()))

    @asynccontextmanager
    async def _begin(self, rows: Sequence[Listing]) -> AsyncIterator[tuple[ThreadPoolExecutor, Walk]]:
        loop, ended = asyncio.get_running_loop(), Event()
        self.fetch = CrawlFetch(self.source.fetcher, loop, ended)
        self.listings = {row.url: row for row in rows}
        known, ways = self._last_looks(rows)
        self.walk = walk = Walk(
            self.entrances[0] if self.entrances else "", self.fetch, place=self.source.portal.place,
            hosts=self.source.portal.hosts, open_browser=self._find_browser(),
            known=known, ways=ways,
        )  # fmt: skip
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="lists") as engine:  # a browser stays in one thread
            try:
                yield engine, walk
            finally:
                ended.set()
                await loop.run_in_executor(engine, walk.close)

    async def _read_each(
        self, engine: ThreadPoolExecutor, walk: Walk, rows: Sequence[Listing]
    ) -> AsyncIterator[tuple[LookBuilder, ListReading]]:
        """Read the columns that are known, and what the entrances lead to where these are due."""
        assert self.run is not None
        addressed = looked_ok = any(spec.form is ListingForm.ADDRESSED for spec in self.source.listings)
        async for look, read in self._gather_each(engine, walk.read_each([(row.url, row.column) for row in rows])):
            looked_ok |= look.outcome is LookOutcome.OK
            yield look, read
        if walk_is_due(self.run, self.entrances, rows, addressed=addressed, looked_ok=looked_ok):
            async for found in self._gather_each(engine, walk.read_each((), self.entrances)):
                yield found

    async def _gather_each(
        self, engine: ThreadPoolExecutor, readings: Iterator[ListReading]
    ) -> AsyncIterator[tuple[LookBuilder, ListReading]]:
        loop = asyncio.get_running_loop()
        while (read := await loop.run_in_executor(engine, self._next, readings)) is not None:
            fetched = self.fetch.take()
            if not fetched or any(one.was_asked for one in fetched):  # else its host is left alone, or nothing is left
                yield self._gather(read, fetched), read

    def _finish(self, look: LookBuilder) -> LookAndLinks:
        return snapshot_of(self.source, look), worth_a_visit(self.source, look)

    def _last_looks(self, rows: Sequence[Listing]) -> tuple[dict[str, list[str]], dict[str, str]]:
        """Return what the last look at each list showed, and by which way where a browser turned it, by address.

        What stays away twice is gone, and no longer known.
        """
        if self.run is None:
            return {}, {}
        name, store = self.source.portal.name, self.run.store
        links = {id_: one.links for id_, one in self.run.observations.latest_extractions(name).items()}
        looks = sorted(self.run.observations.looks(name), key=lambda one: one.started)
        last = {look.listing: look for look in looks if links.get(look.id)}
        met = [(row.url, last[row.id]) for row in rows if row.id in last]
        known = {url: [one.url for one in links[look.id] if not is_unlinked(one.url)] for url, look in met}
        return known, {url: way_in(filter(None, map(store.get, look.captures))) for url, look in met}

    def _find_browser(self) -> Callable[[Fetch], Browser] | None:
        """Return what opens a browser; None where none is to be had, which is told of the lists that need one."""
        if self.run is None or not self.source.rendered:
            return None
        config = self.run.home.config
        self._why_no_browser = why_no_browser(config.browser)
        if self._why_no_browser is not None:
            return None
        return partial(
            Browser, program=find_program(config.browser), seconds=config.render_seconds, turns=config.render_turns,
            places=self.run.home.path / "locks", pause=self.fetch.pause,
        )  # fmt: skip

    def _register(self, read: ListReading) -> Listing:
        """Put a list that was found into the registry."""
        portal, label = self.source.portal.name, read.path.rpartition(">")[2]
        above = next((one for one in self.listings.values() if address_key(one.url) == read.found_on), None)
        own = above if above is not None and names_a_year(label) else None  # a year of the list above it
        key = hashlib.sha256(read.url.partition("://")[2].encode()).hexdigest()[:10]
        listing = Listing(
            id=f"{portal}:found-{key}", portal=portal, url=read.url, form=ListingForm.COLUMN, column=read.path,
            covers=kinds_in_label(label) or (own.covers if own else ()), recorded_at=self.source.now(),
            year=reporting_year(label) or facts_of(read.url).report_year, agency=own.agency if own else None,
        )  # fmt: skip
        self.listings[read.url] = listing
        self.source.put_listings([listing])
        return listing

    def _next(self, readings: Iterator[ListReading]) -> ListReading | None:
        """Return the next list that is read. Raises what the crawl cannot go on after."""
        try:
            return next(readings, None)
        except Stopped:
            if self.fetch.error is not None:
                raise self.fetch.error from None
            return None

    def _gather(self, read: ListReading, fetched: Sequence[Fetched]) -> LookBuilder:
        """Return the look at a list that was read."""
        look = LookBuilder(self.listings.get(read.url) or self._register(read), fetched_at(fetched, self.source.now()))
        for one in fetched:
            look.add_captures(one)
        kept = self._keep_states(look, read, fetched)
        look.total = next((one.value for one in choose(list(read.claims), TOTAL)), None)
        by_address = {one.url: one.capture.id for one in fetched if one.capture is not None}
        for entry in read.entries:
            shown = kept.get(name_of(entry)) or by_address.get(read.shown_on.get(name_of(entry), ""), "")
            add_link(look.links, entry, look.listing, read.path, shown, self.source.lead_of)
        look.set_outcome(*outcome_of(read, fetched))
        if look.listing.form is ListingForm.SEARCHED and look.outcome is LookOutcome.OK:
            look.set_outcome(LookOutcome.PARTIAL, REASONS["site_search"])
        if look.outcome is LookOutcome.SCRIPT_ONLY or needs_a_browser(look.reason):
            self._tell_why_not_shown()
        look.host_left = self.source.host_left(look.listing.url)
        return look

    def _tell_why_not_shown(self) -> None:
        """Say once why no browser showed a list that needs one."""
        why = self._why_no_browser or self.walk.browser_not_started
        if why is not None and why not in self.source.notes:
            self.source.notes.append(why)

    def _keep_states(
        self, look: LookBuilder, read: ListReading, fetched: Sequence[Fetched]
    ) -> dict[tuple[str, str], str]:
        """Keep what a browser showed; return which capture shows each entry first."""
        shown: dict[tuple[str, str], str] = {}
        if self.run is None:
            return shown
        via = fetched[0].capture.id if fetched and fetched[0].capture is not None else None
        said = f"rendered by {self.walk.browser_version}; {sum(map(_is_by_browser, fetched))} requests"
        said += f"; {read.way}" if read.by == BROWSER else ""
        for number, state in enumerate(one for one in read.states if one.markup):
            url, dom = state.page.url, state.markup.encode("utf-8", "replace")
            same = known(self.run, url, dom)
            if number == 0 and same is None and read.picture:
                look.captures.append(keep_picture(self.run, url, read.picture, via=via, said=said).id)
            capture = keep_dom(self.run, url, dom, via=via, said=said, same=same, turn=number)
            look.captures.append(capture.id)
            for block in state.page.blocks:
                for entry in block.entries:
                    shown.setdefault(name_of(entry), capture.id)
        if read.states:
            self.run.count("rendered")
        return shown


def _is_by_browser(fetched: Fetched) -> bool:
    return fetched.capture is not None and fetched.capture.role is CaptureRole.RESOURCE


def fetched_at(fetched: Sequence[Fetched], now: datetime) -> datetime:
    """Return when the first of these fetches was made."""
    return min((one.fetched_at for each in fetched for one in each.captures), default=now)


def walk_is_due(
    run: CrawlRun, entrances: tuple[str, ...], columns: Sequence[Listing], *, addressed: bool, looked_ok: bool
) -> bool:
    """Whether the entrances are to be walked in this run, to find columns. ``columns``: those known so far.

    A portal that has not changed is asked for its listings only. Entrances are walked where no known column looked ok,
    where the last walk is a month old or of another year; and always where each year has a column of its own: the next
    one must be known before anything is absent from it.
    """
    if not entrances:
        return False
    is_by_year = any(names_a_year(one.column.rpartition(">")[2]) for one in columns)
    if not (columns or addressed) or not looked_ok or is_by_year:
        return True
    asked = [capture for url in entrances if (capture := run.store.last(url)) is not None]
    walked = [capture.fetched_at for capture in asked if capture.run not in run.cut_runs]
    if not walked:
        return True
    now, last = run.clock.now(), max(walked)
    return not timedelta() <= now - last <= MONTH or now.astimezone(SHANGHAI).year != last.astimezone(SHANGHAI).year
