"""PortalSpider, the base class of all portals: it looks at the listings, judges their links, and visits the reports.

A portal is a subclass of its content system's class (:mod:`crawler.cms.classes`), with nothing but class attributes,
which :mod:`crawler.portals` validates.

=============  ======================================================================================
``name``       slug, ``[a-z0-9_]+``, the name of the portal everywhere
``place``      the place that has the portal: 汶上县
``division``   GB/T 2260, six digits, or None
``hosts``      ``a.gov.cn``, ``a.gov.cn:8080``, ``.a.gov.cn`` (with sub-domains); no other host is ever fetched from
``listings``   calls of :mod:`crawler.listing_specs`: :func:`column` (pages of links), :func:`addressed` (``{code}`` and
               ``{year}`` in the address), :func:`searched` (the portal's own search)
``entrances``  pages that link further columns of reports by name
``first_year`` the first reporting year asked for on addressed listings
``cluster``    name of the prefecture's platform, or None: portals that share its machine share one request rate
``rendered``   False: no browser is used, and lists that scripts make stay ``script_only``
``unverified`` what nobody has seen on the real portal yet; ``nianbao portal check`` shows it
=============  ======================================================================================

The agencies are in a CSV file of the same name beside the portal's file.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.crawl_run import CrawlRun, RunHolder, now_of, run_of
from crawler.items import ReportCapture, ReportLink
from crawler.listing_specs import ListingSpec
from crawler.lists.addressed import end_addressed, is_address_of, judge_addressed, read_addressed
from crawler.lists.crawling import EngineThread, ReportBrowser
from crawler.lists.looks import PortalLooks
from crawler.lists.source import LiveSource
from crawler.net.failures import NETWORK
from crawler.net.fetching import FetchContext, Fetched, Fetcher, context_of, request_of
from crawler.report_parts import HAD, files_of
from crawler.run_summary import DEFERRED, UNVISITED
from crawler.signatures import signatures
from storage.records import (
    Capture,
    CaptureOutcome,
    CaptureRole,
    Listing,
    ListingForm,
    LookOutcome,
    Note,
    PagePart,
    Portal,
)

EXTRACTOR_VERSION = "20"  # to be raised whenever the same list page would give other links
_NEVER_ASKED = -1_000_000  # priority of reports that only earlier looks showed: after all others
_FILES_FIRST = 1_000_000  # priority of a page's files: before any further page


class PortalSpider(Spider):
    """Base class of all content systems. The module's docstring lists the attributes of a portal.

    ``run``: the state of the crawl; None if nothing is stored (``scrapy fetch``, ``shell``).
    """

    family: ClassVar[str] = ""
    place: str = ""
    division: str | None = None
    hosts: tuple[str, ...] = ()
    listings: tuple[ListingSpec, ...] = ()
    entrances: tuple[str, ...] = ()
    first_year: int = 2008
    cluster: str | None = None
    rendered: bool = True
    unverified: tuple[str | tuple[str, ...], ...] = ()

    _source: LiveSource | None = None
    _renderer: ReportBrowser | None = None

    # ------------------------------------------------------------------------------------------------ crawling

    async def start(self) -> AsyncIterator[Any]:
        """Look at every listing, then visit the reports on them that are due.

        Yields a :class:`~crawler.items.ListingSnapshot` for each look, then a request for each report.
        """
        run = await self.begin_run()
        self._renderer = ReportBrowser(run, self.new_thread())
        listed_urls: set[str] = set()
        links_by_priority: list[tuple[int, list[ReportLink]]] = []
        async with aclosing(self.new_thread()) as thread:
            async for snapshot, links in PortalLooks(self.source, thread, self.entrances).read():
                yield snapshot
                listed_urls |= {link.url for link in snapshot.links}
                # an endless list must not use up the page budget of those that were read to their end
                links_by_priority.append((0 if snapshot.outcome is LookOutcome.OK else -1 - len(links), links))
        async for snapshot, report in read_addressed(self.source, visit_everything=self.visits_everything):
            yield snapshot
            listed_urls |= {link.url for link in snapshot.links}
            if report is not None:
                context = FetchContext(CaptureRole.REPORT, snapshot.url, link_text=snapshot.links[0].text)
                yield self._item_of(context, report)
                for request in await self.file_requests(report):
                    yield request
        for priority, links in sorted(links_by_priority, key=lambda one: -one[0]):
            for link in links:
                if self.source.is_due(link.link.url, link.year, everything=self.visits_everything):
                    yield self.report_request(link, priority)
        for link in self.source.never_asked(run, listed_urls):
            yield self.report_request(link, _NEVER_ASKED)

    async def closed(self, reason: str) -> None:
        """Close the browser for pages of reports, if there is one; Scrapy calls this at the end of the crawl."""
        del reason
        if self._renderer is not None:
            await self._renderer.thread.aclose()

    async def parse_listing(self, response: Response) -> AsyncIterator[Any]:
        """Read the listing that begins with this page to its end; yield the look, and a request for each report.

        @first_listing
        @reads_reports
        """
        assert response.request is not None
        url = response.request.url
        made_by = (one for one in self.listings if one.form is ListingForm.ADDRESSED and is_address_of(one.url, url))
        declared = next((one for one in self.listings if one.url == url), next(made_by, None))
        listing = Listing(
            id=f"{self.name}:{declared.key if declared else 'page'}", portal=self.name, url=response.url,
            form=declared.form if declared else ListingForm.COLUMN, column=declared.title if declared else "",
            recorded_at=self.source.now(),
        )  # fmt: skip
        first = self.fetcher.ended(self._context_of(response, CaptureRole.LISTING), response)
        if listing.form is ListingForm.ADDRESSED:
            snapshot = end_addressed(self.source, listing, first, judge_addressed(first.page))
            links = self.source.worth_a_visit(listing, snapshot.links)
        else:
            async with aclosing(self.new_thread()) as thread:
                snapshot, links = await PortalLooks(self.source, thread).read_listing(listing, first, response)
        yield snapshot
        for link in links:
            yield self.report_request(link)

    async def parse_report(self, response: Response) -> AsyncIterator[Any]:
        """Yield the capture of a report's page, and a request for each file that belongs to it."""
        context = self._context_of(response, CaptureRole.REPORT)
        fetched = self.fetcher.ended(context, response)
        yield self._item_of(context, fetched)
        if fetched.verdict.outcome in HAD:
            for request in await self.file_requests(fetched):
                yield request

    def parse_attachment(self, response: Response) -> Iterator[Any]:
        """Yield the capture of a file that belongs to a report's page."""
        context = self._context_of(response, CaptureRole.ATTACHMENT)
        yield self._item_of(context, self.fetcher.ended(context, response))

    def fetch_failed(self, failure: Failure) -> Iterator[Any]:
        """Yield the failed capture of a report or file; leave one that was not asked for to the next run."""
        context, error = context_of(failure.request), failure.value  # type: ignore[attr-defined]
        if context is None or not isinstance(error, NETWORK):
            failure.raiseException()
        assert context is not None
        fetched = self.fetcher.ended(context, None, error)
        if fetched.was_asked:
            yield self._item_of(context, fetched)
        elif self.run is not None and context.role is CaptureRole.ATTACHMENT:
            self.run.writer.flush()
            page = self.run.store.get(context.via) if context.via is not None else None
            self._defer([PagePart(kind="attachment", url=context.requested, text=context.link_text)], page)
        elif self.run is not None:
            self.run.count(UNVISITED)
            if fetched.spent:
                self.run.notes.append(Note("page_budget"))

    # ------------------------------------------------------------------------------------------------ requests

    @property
    def visits_everything(self) -> bool:
        """Whether to fetch every known report again, whatever its age (``-a visit_everything=1``)."""
        return str(getattr(self, "visit_everything", "")).lower() in {"1", "true", "yes"}

    def report_request(self, link: ReportLink, priority: int = 0) -> Request | ReportCapture:
        """Return the request for a report on a listing; a refused capture if its address may not be fetched."""
        listings = self.run.listings if self.run is not None else ()
        referer = next((row.url for row in listings if row.id == link.lead.listing), "")
        context = self._context(CaptureRole.REPORT, link.link.url, link.link.capture or None, link.link.text)
        context.is_report = link.lead.is_report
        return self._request(context, self.parse_report, referer, priority)

    async def file_requests(self, fetched: Fetched) -> list[Request | ReportCapture]:
        """Return a request, with the page as Referer, for each file of a report's page; a refused capture for a file
        whose address may not be fetched.
        """
        render = self._renderer.render if self._renderer is not None else None
        page, files = await files_of(fetched, signatures()[self.family], self.run, render)
        if page.verdict.outcome not in HAD:
            self._count_failure(FetchContext(CaptureRole.ATTACHMENT, fetched.url), page)
            self._defer([PagePart(kind="embed", url=fetched.url, text="")], fetched.capture)
        contexts = [self._context(CaptureRole.ATTACHMENT, part.url, page.capture_id, part.text) for part in files]
        return [self._request(context, self.parse_attachment, fetched.url, _FILES_FIRST) for context in contexts]

    def _context(self, role: CaptureRole, url: str, via: str | None, text: str) -> FetchContext:
        last = self.source.last_captures.get(url)
        previous = last if last is not None and last.url == url else None
        return FetchContext(role, url, via=via, link_text=text, previous=previous)

    def _context_of(self, response: Response, role: CaptureRole) -> FetchContext:
        """Return the context of a response; a new one if a Scrapy command such as ``parse`` made the request."""
        return context_of(response.request) or FetchContext(role, response.url)

    def _request(
        self, context: FetchContext, callback: Callable[..., Any], referer: str, priority: int
    ) -> Request | ReportCapture:
        """Return a request; a refused capture if its address may not be fetched. ``referer``: the address of the page
        that links it ("": none); ``priority``: higher ones are asked first.
        """
        if (reason := self.fetcher.allowed_hosts.refusal(context.requested)) is not None:
            return self._item_of(context, self.fetcher.refused(context, reason))
        return request_of(
            context.requested, context, referer=referer, priority=priority, callback=callback,
            errback=self.fetch_failed,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------------ helpers

    @property
    def run(self) -> CrawlRun | None:
        """The state of the crawl; None if nothing is stored."""
        return run_of(self.crawler)

    async def begin_run(self) -> CrawlRun:
        """Open the archive and begin a run."""
        archive = self.crawler.get_extension(RunHolder)
        assert archive is not None, "crawler.extensions.ArchiveExtension stands in EXTENSIONS"
        return await archive.begin()

    @property
    def fetcher(self) -> Fetcher:
        """Fetches addresses for callbacks that await the answer."""
        return self.source.fetcher

    def new_thread(self) -> EngineThread:
        """Return a thread for the list engine, with a browser if the portal's file allows one (``rendered``)."""
        return EngineThread(self.fetcher, self.run.home if self.run is not None and self.rendered else None)

    @property
    def source(self) -> LiveSource:
        """The portal with its fetcher and its run, for the code that reads listings."""
        if self._source is None or self._source.run is not self.run:
            crawler, run = self.crawler, self.run
            portal = run.portal if run is not None else Portal(
                name=self.name, place=self.place, division=self.division, hosts=self.hosts, family=self.family,
                recorded_at=now_of(crawler),
            )  # fmt: skip
            self._source = LiveSource(portal, self.listings, Fetcher(crawler), run, lambda: now_of(crawler))
        return self._source

    def _item_of(self, context: FetchContext, fetched: Fetched) -> ReportCapture:
        """Return the crawl's item for a fetched report or file; count a failed fetch."""
        if fetched.verdict.outcome not in HAD:
            self._count_failure(context, fetched)
        return ReportCapture(
            portal=self.name, role=context.role, url=context.requested, title=context.link_text,
            outcome=fetched.verdict.outcome, reason=fetched.verdict.reason, via=context.via,
            capture=fetched.capture_id, status=fetched.capture.status if fetched.capture is not None else None,
        )  # fmt: skip

    def _count_failure(self, context: FetchContext, fetched: Fetched) -> None:
        if self.run is not None:
            what = "visit" if context.role is CaptureRole.REPORT else "attachment"
            report, verdict = context.requested if context.is_report else "", fetched.verdict
            self.run.count(f"{what}_failed")
            self.run.count(f"{what}_troubled", self.run.trouble.add(what, verdict.outcome, verdict.reason, report))

    def _defer(self, files: Sequence[PagePart], page: Capture | None) -> None:
        """Record that those files of a page that are not in the archive are left to the next run. One row is enough:
        its ``via`` lets that run visit the page again (``CrawlRun.reports_without_files``), with all missing files.
        """
        missing = [part for part in files if part.url not in self.source.last_captures]
        if not missing or self.run is None or page is None:
            return
        self.run.writer.write(
            None, role=CaptureRole.ATTACHMENT, requested=missing[0].url, outcome=CaptureOutcome.ERROR, reason=DEFERRED,
            via=page.id, link_text=missing[0].text,
        )  # fmt: skip
        self.run.count("attachments_left", len(missing))
        self.run.count(UNVISITED)
        self.run.notes.append(Note("files_left", {"url": page.requested, "number": len(missing)}))
