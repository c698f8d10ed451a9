"""The process of a probe: a scratch archive, and looks at a portal in it, made as any crawl makes them.

A portal that nobody knows is walked from its address; the columns of a known one are looked at. Every request passes
the session, guard, robots rules, pace and WARC files of a crawl.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
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
from crawler.lists.crawling import EngineThread
from crawler.lists.engine import address_key
from crawler.lists.fetch import Answer, Fetch, Request
from crawler.lists.looks import PortalLooks
from crawler.lists.outcomes import MADE_BY_SCRIPT, REASONS, failure
from crawler.lists.page_reader import read_page
from crawler.lists.site_search import find_search
from crawler.lists.source import LiveSource
from crawler.lists.walk import MAX_REQUESTS, Walk
from crawler.net.fetching import FetchContext, Fetched, request_of
from crawler.onboarding.addressed import find_addressed
from crawler.onboarding.found_lists import Evidence, Read, notices_of, probe_of
from crawler.onboarding.portal_writer import portal_text
from crawler.onboarding.probe_results import Checked, Shown, checked_text, probe_text
from crawler.onboarding.recording import HeldFetcher, write_recording
from crawler.onboarding.site_facts import place_of
from crawler.spider import PortalSpider
from storage.errors import StorageError
from storage.home import init_home
from storage.records import CaptureOutcome, CaptureRole, Lead, Link, Listing, ListingForm, LookOutcome, Note

IMITATION, RESULT, RECORDED = "imitation.json", "probe.json", "recorded"
NAME, SAYS = "probe", "probe: "  # of the portal under probe; begins the lines that are notes for who waits
MAX_LOOKED, MAX_SECOND = 120, 200


def say(code: str, **values: object) -> None:
    """Say a note to the person who waits, as a line for the parent process."""
    sys.stdout.write(SAYS + json.dumps(Note(code, values).plain) + "\n")
    sys.stdout.flush()


def _count(number: int) -> None:
    if number % 10 == 0:
        say("pages_asked", number=number)


class ProbeSpider(PortalSpider):
    """A probe in place of a crawl; mixed into the class of a portal."""

    wanted: ClassVar[Mapping[str, Any]] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Probe, and leave the result beside the scratch archive; nothing is yielded."""
        run = await self.begin_run()
        self.unrendered = why_no_browser(run.home.config.browser)
        self.rendered = self.rendered and self.unrendered is None
        folder, wanted = run.home.path.parent, self.wanted
        result = await (self._check(wanted) if "slug" in wanted else self._probe(folder, wanted))
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
        if request is not None and request.body is None:  # a listing has an address
            results = await self._looks(fetcher, [self._listing("search", request.url, ListingForm.SEARCHED, SEARCH)])
            reads += [one for one in results if one.reports]
            shown = [lead.url for one in results for lead in one.reports][:1]
            reads += await self._looks(fetcher, (), tuple(shown))  # a report's page may name its column
        reads = list({one.listing.url: one for one in reversed(reads)}.values())[::-1]
        if reads:
            say("columns_found", number=len(reads))
        for notice in notices_of(reads):
            await self._page(fetcher, notice)
        evidence = Evidence(url, fetcher, tuple(reads), place, body, place_why, wanted["place"], failure(first)[1])
        coded = await self._ask(fetcher, partial(find_addressed, evidence.pages, self.source.now().year))
        browser = [] if self.unrendered is None or not evidence.is_scripted else [self.unrendered]
        found = probe_of(evidence, coded, self.hosts, self.cluster, browser)
        leads = [row | {"is_report": True} for row in found.leads]
        write_recording(folder / RECORDED, fetcher.answers, leads)
        return probe_text(found)

    async def _check(self, wanted: Mapping[str, Any]) -> str:
        """Look at the columns of a portal that is known, and tell what they show."""
        assert self.run is not None
        columns = portals.columns(type(self), self.run.clock.now())
        rows = [row for row in columns if row.id not in wanted["without"]]
        fetcher = HeldFetcher(self.source.fetcher, MAX_LOOKED, _count)
        reads = [one for one in await self._looks(fetcher, rows) if one.listing in rows]
        checked = Checked({}, self.unrendered)
        reports: list[Lead] = []
        for one in reads:
            own = [lead for lead in one.leads if lead.is_report]
            shown = Shown(one.look.outcome, one.look.reason, frozenset(lead.url for lead in own))
            checked.lists[one.listing.id] = shown
            reports += own
        if wanted["compare"] and self.entrances and rows:
            checked.routes = await self._ask(fetcher, partial(self._second_routes, reports))
        return checked_text(checked)

    def _second_routes(self, reports: Sequence[Lead], fetch: Fetch) -> tuple[Note, ...]:
        """Return what only other lists than the declared ones show, found by a walk from the entrances and the search.

        The same agency and year at another address is no lack.
        """
        urls = {address_key(lead.url) for lead in reports}
        known = {(lead.agency, lead.year) for lead in reports if lead.agency and lead.year}
        found: list[Note] = []
        walk = Walk(self.entrances[0], fetch, place=self.place, hosts=self.hosts, most=MAX_SECOND, search=True)
        for read in walk.run():
            listing = self._listing("second", read.url, column=read.path)
            leads = [self.source.lead_of(Link(url=one.url, text=one.title), listing) for one in read.entries if one.url]
            new = [one for one in leads if one.is_report and (one.agency, one.year) not in known]
            lacking = [one.url for one in new if address_key(one.url) not in urls]
            urls |= set(map(address_key, lacking))
            values = {"url": read.url, "number": len(lacking), "address": next(iter(lacking), "")}
            found += [Note("second_route", values)] if lacking else []
        return tuple(found)

    async def _looks(
        self, fetcher: HeldFetcher, rows: Sequence[Listing], entrances: tuple[str, ...] = ()
    ) -> list[Read]:
        """Look at columns, and at what they and the entrances lead to."""
        assert self.run is not None
        self.run.listings = tuple(rows)
        clock, portal = self.run.clock, self.run.portal
        source = LiveSource(portal, self.listings, self.rendered, fetcher, self.run, clock.now)  # type: ignore[arg-type]
        found: list[Read] = []
        async for made, links in PortalLooks(source, entrances).read():
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
            say("other_scheme", url=url, scheme=other.partition(":")[0])
            return other, await self._page(fetcher, other)
        return url, first

    async def _page(self, fetcher: HeldFetcher, url: str) -> Fetched:
        context = FetchContext(CaptureRole.LISTING, url)
        return (await fetcher.send(request_of(url, context), context))[0]

    async def _ask(self, fetcher: HeldFetcher, work: Any) -> Any:
        """Run work that asks for pages in a thread of its own."""
        thread = EngineThread(fetcher)  # type: ignore[arg-type]
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
        _crawl(path, wanted)
    except (CrawlError, StorageError) as error:
        sys.stdout.write(f"{error}\n")
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
