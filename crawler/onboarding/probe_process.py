"""The process of a probe: a scratch archive, and looks at a portal in it, made as any crawl makes them.

A portal that nobody knows is walked from its address, a known one by another way than its lists. Every request passes
the guard, robots rules, pace and WARC files of a crawl.
"""

from __future__ import annotations

import json
import logging
import os
import resource
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import urldefrag, urljoin

from archive.identity.agency_csv import COLUMNS
from crawler import portals
from crawler.errors import CrawlError
from crawler.listing_specs import SEARCH
from crawler.lists.browser import why_no_browser
from crawler.lists.crawling import EngineThread
from crawler.lists.fetch import Answer, Fetch, Request
from crawler.lists.looks import PortalLooks
from crawler.lists.page_reader import read_page
from crawler.lists.site_search import find_search
from crawler.lists.source import LiveSource
from crawler.lists.stored_lists import MADE_BY_SCRIPT, failure
from crawler.lists.walk import MAX_REQUESTS, Walk
from crawler.lists.words import REASONS
from crawler.net.fetching import FetchContext, Fetched
from crawler.net.guard import IMITATION
from crawler.onboarding.addressed import find_addressed
from crawler.onboarding.evidence import CachingFetcher, Evidence
from crawler.onboarding.found_lists import Read, notices_of
from crawler.onboarding.portal_writer import portal_text
from crawler.onboarding.probe_results import probe_text
from crawler.onboarding.site_facts import place_of
from crawler.operations.child import run_spider
from crawler.processes import say
from crawler.spider import PortalSpider
from storage.errors import StorageError
from storage.home import init_home
from storage.records import CaptureOutcome, CaptureRole, Listing, ListingForm, LookOutcome, Note

RESULT = "probe.json"
NAME = "probe"  # of the portal under probe
MAX_SECOND_WAY = 200  # requests of a walk by a second way
Result = TypeVar("Result")


def _count(number: int) -> None:
    if number % 10 == 0:
        say("step", Note("pages_asked", {"number": number}))


class ProbeSpider(PortalSpider):
    """A probe in place of a crawl; mixed into the class of a portal."""

    wanted: ClassVar[Mapping[str, Any]] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Probe, and leave the result beside the scratch archive; nothing is yielded."""
        run = await self.begin_run()
        self.unrendered = why_no_browser(run.home.config.browser)
        self.rendered = self.rendered and self.unrendered is None
        is_known = "slug" in self.wanted
        most = MAX_SECOND_WAY if is_known else self.wanted["requests"] or MAX_REQUESTS
        self.cached = CachingFetcher(self.fetcher, most, _count)
        result = await (self._ask(self._second_way) if is_known else self._probe())
        (run.home.path.parent / RESULT).write_text(result, encoding="utf-8")
        nothing: tuple[Any, ...] = ()
        for item in nothing:
            yield item

    async def _probe(self) -> str:
        """Walk from an address, and read what is found."""
        assert self.run is not None
        url, first = await self._first_page(self.wanted["url"])
        front = read_page(Answer(Request(url), first.url, 200, first.body))
        place, body, place_why = place_of(front.source, self.wanted["place"])
        self.run.portal = replace(self.run.portal, place=place)
        reads = await self._looks((), tuple(dict.fromkeys((url, urljoin(url, "/")))))
        if not any(one.reports for one in reads):
            reads += await self._looks([self._listing("given", url)])
        if not any(one.reports for one in reads):
            request = find_search(front)
            if request is not None and request.body is None:  # a listing has an address
                results = await self._looks([self._listing("search", request.url, ListingForm.SEARCHED, SEARCH)])
                reads += [one for one in results if one.reports]
                shown = [lead.url for one in results for lead in one.reports][:1]
                reads += await self._looks((), tuple(shown))  # a report's page may name its column
        reads = list({one.listing.url: one for one in reversed(reads)}.values())[::-1]
        if reads:
            say("step", Note("columns_found", {"number": len(reads)}))
        for notice in notices_of(reads):
            await self._page(notice)
        evidence = Evidence(
            url, self.cached, reads, place, body, place_why, self.wanted["place"] or (), self.hosts, self.cluster,
            failure(first)[1],
        )  # fmt: skip
        coded = await self._ask(lambda fetch: find_addressed(evidence.pages, self.source.now().year, fetch))
        unrendered = [self.unrendered] if self.unrendered is not None and evidence.is_scripted else []
        return probe_text(evidence.probe(coded, unrendered))

    def _second_way(self, fetch: Fetch) -> str:
        """Walk from the entrances and by the site's search; return the lists that were met, with their links."""
        walk = Walk(self.entrances[0], fetch, place=self.place, hosts=self.hosts, most=MAX_SECOND_WAY, search=True)
        lists = [
            {"url": read.url, "path": read.path, "links": [(one.url, one.title) for one in read.entries if one.url]}
            for read in walk.run()
        ]
        return json.dumps(lists, ensure_ascii=False)

    async def _looks(self, rows: Sequence[Listing], entrances: tuple[str, ...] = ()) -> list[Read]:
        """Look at columns, and at what they and the entrances lead to."""
        assert self.run is not None
        self.run.listings = tuple(rows)
        clock, portal = self.run.clock, self.run.portal
        source = LiveSource(portal, self.listings, self.rendered, self.cached, self.run, clock.now)
        found: list[Read] = []
        async for look, links in PortalLooks(source, entrances).read():
            listings = {row.id: row for row in (*self.run.registry.listings(self.name), *rows)}
            listing = listings[look.listing]
            page = self.cached.answers.get((listing.url, None))
            has_scripts = page is not None and b"<script" in page.body.lower()
            if self.unrendered is not None and has_scripts and look.reason == REASONS["shows_nothing"]:
                look = replace(look, outcome=LookOutcome.SCRIPT_ONLY, reason=MADE_BY_SCRIPT)  # noqa: PLW2901
            leads = tuple(source.lead_of(link, listing) for link in look.links)
            doubtful = tuple(link.lead for link in links)
            found.append(Read(listing, look, leads, tuple(lead for lead in leads if lead.is_report) or doubtful))
        return found

    async def _first_page(self, url: str) -> tuple[str, Fetched]:
        """Ask for an address, by the other scheme where nothing answers."""
        other = url.replace("https://", "http://", 1) if url.startswith("https") else url.replace("http", "https", 1)
        first = await self._page(url)
        if first.verdict.outcome is CaptureOutcome.UNREACHABLE and self.cached.allowed_hosts.refusal(other) is None:
            say("step", Note("other_scheme", {"url": url, "scheme": other.partition(":")[0]}))
            return other, await self._page(other)
        return url, first

    async def _page(self, url: str) -> Fetched:
        return await self.cached.fetch(FetchContext(CaptureRole.LISTING, url))

    async def _ask(self, work: Callable[..., Result]) -> Result:
        """Run work that asks for pages in a thread of its own."""
        thread = EngineThread(self.cached)
        try:
            return await thread.run(work, thread.fetch)
        finally:
            await thread.close()

    def _listing(self, name: str, url: str, form: ListingForm = ListingForm.COLUMN, column: str = "") -> Listing:
        return Listing(
            id=f"{self.name}:{name}", portal=self.name, url=urldefrag(url).url, form=form, column=column,
            recorded_at=self.source.now(),
        )  # fmt: skip


def main(wanted: Mapping[str, Any]) -> int:
    """Entry of the process. The scratch archive is that of ``NIANBAO_ARCHIVE``, made here."""
    logging.captureWarnings(capture=True)
    most = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))  # a worker's own bound is not for a browser that it starts
    path = Path(os.environ["NIANBAO_ARCHIVE"])
    try:
        _prepare(path, wanted)
        portal = portals.find(wanted.get("slug", NAME), path)
        kind = type(portal.__name__, (ProbeSpider, portal), {"__module__": portal.__module__, "wanted": wanted})
        run_spider(kind, purpose="probe")
    except (CrawlError, StorageError) as error:
        say("error", Note("error", {"text": str(error)}))
        return 3
    return 0


def _prepare(path: Path, wanted: Mapping[str, Any]) -> None:
    init_home(path, simulated=bool(wanted["simulated"])).close()
    for name in (IMITATION, "locks"):
        if (path.parent / name).exists():
            (path / name).symlink_to((path.parent / name).resolve())
    if slug := wanted.get("slug"):
        for suffix in ("py", "csv"):
            (path / "portals" / f"{slug}.{suffix}").write_bytes((path.parent / f"{slug}.{suffix}").read_bytes())
        return
    text = portal_text(NAME, family="generic", place="", hosts=wanted["hosts"], cluster=wanted["cluster"])
    (path / "portals" / f"{NAME}.py").write_text(text, encoding="utf-8")
    (path / "portals" / f"{NAME}.csv").write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
