"""The process of a probe: a scratch archive, and looks at a portal in it, made as any crawl makes them.

A portal that nobody knows is walked from its address; the columns of a known one are looked at. Every request passes
the session, guard, robots rules, pace and WARC files of a crawl.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, ClassVar
from urllib.parse import urldefrag, urljoin

from scrapy import signals
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings
from twisted.python.failure import Failure

from crawler import portals
from crawler.errors import CrawlError
from crawler.listing_specs import SEARCH
from crawler.lists.browser import why_no_browser
from crawler.lists.crawling import CrawlFetch
from crawler.lists.fetch import Answer, Request
from crawler.lists.look_builder import failure
from crawler.lists.looks import PortalLooks
from crawler.lists.outcomes import MADE_BY_SCRIPT, REASONS
from crawler.lists.page_reader import read_page
from crawler.lists.site_search import find_search
from crawler.lists.source import LiveSource
from crawler.lists.walk import MAX_REQUESTS
from crawler.net.fetching import FetchContext, Fetched, request_of
from crawler.onboarding.addressed import find_addressed
from crawler.onboarding.found_lists import Evidence, Read, notices_of, probe_of
from crawler.onboarding.portal_writer import portal_text
from crawler.onboarding.probe_results import LOOKS, PROBES, Shown
from crawler.onboarding.recording import HeldFetcher, write_recording
from crawler.onboarding.site_facts import place_of
from crawler.processes import DONE, UNFINISHED, say
from crawler.spider import PortalSpider
from storage.errors import StorageError
from storage.home import init_home
from storage.records import CaptureOutcome, CaptureRole, Listing, ListingForm, LookOutcome, Note

IMITATION, RESULT, RECORDED = "imitation.json", "probe.json", "recorded"
NAME = "probe"  # of the portal under probe
MAX_LOOKED = 120  # requests of a look at the columns of a known portal


def _count(number: int) -> None:
    if number % 10 == 0:
        say("probe", Note("pages_asked", {"number": number}))


class ProbeSpider(PortalSpider):
    """A probe in place of a crawl; mixed into the class of a portal."""

    wanted: ClassVar[Mapping[str, Any]] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Probe, and leave the result beside the scratch archive; nothing is yielded."""
        run = await self.begin_run()
        self.unrendered = why_no_browser(run.home.config.browser)
        self.rendered = self.rendered and self.unrendered is None
        folder, wanted = run.home.path.parent, self.wanted
        result = await (self._look(wanted["without"]) if "slug" in wanted else self._probe(folder, wanted))
        (folder / RESULT).write_text(result, encoding="utf-8")
        nothing: tuple[Any, ...] = ()
        for item in nothing:
            yield item

    async def _probe(self, folder: Path, wanted: Mapping[str, Any]) -> str:
        """Walk from an address, and read what is found."""
        assert self.run is not None
        fetcher = HeldFetcher(self.source.fetcher, wanted["requests"] or MAX_REQUESTS, _count)
        url, first = await self._first_page(fetcher, wanted["url"])
        front = read_page(Answer(Request(url), first.url, 200, first.body))
        place, body, place_why = place_of([front.source], wanted["place"])
        self.run.portal = replace(self.run.portal, place=place)
        reads = await self._looks(fetcher, (), tuple(dict.fromkeys((url, urljoin(url, "/")))))
        if not any(one.reports for one in reads):
            reads += await self._looks(fetcher, [self._listing("given", url)])
        request = find_search(front) if not any(one.reports for one in reads) else None
        if request is not None and request.form is None and request.body is None:
            results = await self._looks(fetcher, [self._listing("search", request.url, ListingForm.SEARCHED, SEARCH)])
            reads += [one for one in results if one.reports]
            shown = [lead.url for one in results for lead in one.reports][:1]
            reads += await self._looks(fetcher, (), tuple(shown))  # a report's page may name its column
        reads = list({one.listing.url: one for one in reversed(reads)}.values())[::-1]
        if reads:
            say("probe", Note("columns_found", {"number": len(reads)}))
        for notice in notices_of(reads):
            await self._page(fetcher, notice)
        evidence = Evidence(url, fetcher, tuple(reads), place, body, place_why, wanted["place"], failure(first)[1])
        coded = await self._ask(fetcher, partial(find_addressed, evidence.pages, self.source.now().year))
        browser = [] if self.unrendered is None or not evidence.is_scripted else [self.unrendered]
        found = probe_of(evidence, coded, self.hosts, self.cluster, browser)
        leads = [row | {"is_report": True} for row in found.leads]
        write_recording(folder / RECORDED, fetcher.answers, leads)
        return PROBES.dump_json(found).decode()

    async def _look(self, without: Collection[str]) -> str:
        """Look at the columns of a portal that is known; return what they show."""
        assert self.run is not None
        rows = [row for row in portals.columns(type(self), self.run.clock.now()) if row.id not in without]
        fetcher = HeldFetcher(self.source.fetcher, MAX_LOOKED, _count)
        reads = [one for one in await self._looks(fetcher, rows) if one.listing in rows]
        urls = [(one, frozenset(lead.url for lead in one.leads if lead.is_report)) for one in reads]
        shown = {one.listing.id: Shown(one.look.outcome, one.look.reason, reports) for one, reports in urls}
        return LOOKS.dump_json(shown).decode()

    async def _looks(
        self, fetcher: HeldFetcher, rows: Sequence[Listing], entrances: tuple[str, ...] = ()
    ) -> list[Read]:
        """Look at columns, and at what they and the entrances lead to."""
        assert self.run is not None
        self.run.listings = tuple(rows)
        clock, portal = self.run.clock, self.run.portal
        source = LiveSource(portal, self.listings, self.rendered, fetcher, self.run, clock.now)  # type: ignore[arg-type]
        found: list[Read] = []
        async for made, links in PortalLooks(source, self.run, entrances).read():
            listings = {row.id: row for row in (*self.run.registry.listings(self.name), *rows)}
            listing, look = listings[made.listing], made
            page = fetcher.answers.get((listing.url, None))
            has_scripts = page is not None and b"<script" in page.body.lower()
            if self.unrendered is not None and has_scripts and look.reason == REASONS["shows_nothing"]:
                look = replace(look, outcome=LookOutcome.SCRIPT_ONLY, reason=MADE_BY_SCRIPT)
            leads = tuple(source.lead_of(link, listing) for link in look.links)
            doubtful = tuple(link.lead for link in links)
            found.append(Read(listing, look, leads, tuple(lead for lead in leads if lead.is_report) or doubtful))
        return found

    async def _first_page(self, fetcher: HeldFetcher, url: str) -> tuple[str, Fetched]:
        """Ask for an address, by the other scheme where nothing answers."""
        other = url.replace("https://", "http://", 1) if url.startswith("https") else url.replace("http", "https", 1)
        first = await self._page(fetcher, url)
        if first.verdict.outcome is CaptureOutcome.UNREACHABLE and fetcher.allowed_hosts.refusal(other) is None:
            say("probe", Note("other_scheme", {"url": url, "scheme": other.partition(":")[0]}))
            return other, await self._page(fetcher, other)
        return url, first

    async def _page(self, fetcher: HeldFetcher, url: str) -> Fetched:
        context = FetchContext(CaptureRole.LISTING, url)
        return (await fetcher.send(request_of(url, context), context))[0]

    async def _ask(self, fetcher: HeldFetcher, work: Any) -> Any:
        """Run work that asks for pages in a thread of its own."""
        ended = Event()
        fetch = CrawlFetch(fetcher, asyncio.get_running_loop(), ended)  # type: ignore[arg-type]
        try:
            return await asyncio.to_thread(work, fetch)
        finally:
            ended.set()

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
        _crawl(path, wanted)
    except (CrawlError, StorageError) as error:
        say("error", Note("error", {"text": str(error)}))
        return UNFINISHED
    return DONE


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
    (path / "portals" / f"{NAME}.csv").write_text(",".join(portals.COLUMNS) + "\n", encoding="utf-8")


def _crawl(path: Path, wanted: Mapping[str, Any]) -> None:
    settings = get_project_settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("LOG_LEVEL", "ERROR", priority="cmdline")
    process = CrawlerProcess(settings)
    portal = portals.find(wanted.get("slug", NAME), path)
    kind = type(portal.__name__, (ProbeSpider, portal), {"__module__": portal.__module__, "wanted": wanted})
    crawler = process.create_crawler(kind)
    failed: list[Failure] = []
    crawler.signals.connect(failed.append, signals.spider_error, weak=False)
    process.crawl(crawler, purpose="probe").addErrback(failed.append)
    process.start()
    if failed:
        text = f"{type(failed[0].value).__name__}: {failed[0].value}"
        raise CrawlError(text, code="probe.unfinished", text=text)
