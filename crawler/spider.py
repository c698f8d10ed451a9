"""PortalSpider, the base class of all portals: it looks at the listings, judges their links, and visits the reports.

A portal is a subclass of its content system's class (:mod:`crawler.cms`), with nothing but class attributes,
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
from dataclasses import replace
from typing import Any, ClassVar

from scrapy import Request, Spider, signals
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.crawl_run import DEFERRED, UNVISITED, CrawlRun, RunHolder, extension_of
from crawler.items import ReportCapture, ReportLink
from crawler.listing_specs import ListingSpec
from crawler.lists.addressed import read_addressed
from crawler.lists.crawling import EngineThread, ReportBrowser
from crawler.lists.looks import LiveSource, PortalLooks
from crawler.net.failures import NETWORK
from crawler.net.fetching import FetchContext, Fetched, Fetcher, own_context, request_of
from crawler.report_parts import files_of
from storage.records import Capture, CaptureOutcome, CaptureRole, ListingForm, LookOutcome, Note, PagePart

EXTRACTOR_VERSION = "26"  # to be raised whenever the same list page would give other links
_NEVER_ASKED = -1_000_000  # priority of reports that only earlier looks showed: after all others
_FILES_FIRST = 1_000_000  # priority of a page's files: before any further page


class PortalSpider(Spider):
    """Base class of all content systems. The module's docstring lists the attributes of a portal.

    ``source``, ``thread``: the portal of the run that :meth:`begin_run` begins, and the thread of its list engine;
    other methods and callbacks need them.
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

    source: LiveSource
    thread: EngineThread
    _renderer: ReportBrowser

    # ------------------------------------------------------------------------------------------------ crawling

    async def start(self) -> AsyncIterator[Any]:
        """Look at every listing, then visit the reports on them that are due.
        Yields a :class:`~crawler.items.ListingSnapshot` for each look, then a request for each report. An address of
        agency and year is fetched as its own look, so that its report comes as a capture. Reports of complete lists go
        first; last, those once listed but never requested.
        """
        await self.begin_run()
        listed_urls, fetched_urls = set[str](), set[str]()
        links_by_priority: list[tuple[int, list[ReportLink]]] = []
        async for snapshot, links in PortalLooks(self.source, self.thread, self.entrances).read():
            yield snapshot
            listed_urls |= {link.url for link in snapshot.links}
            # an endless list must not use up the page budget of those that were read to their end
            links_by_priority.append((0 if snapshot.outcome is LookOutcome.OK else -1 - len(links), links))
        async for snapshot, report in read_addressed(self.source):
            yield snapshot
            listed_urls |= {link.url for link in snapshot.links}
            if report is not None:
                fetched_urls.add(snapshot.url)
                context = FetchContext(CaptureRole.REPORT, snapshot.url, link_text=snapshot.links[0].text)
                yield self._item_of(context, report)
                for request in await self.file_requests(report):
                    yield request
        for priority, links in sorted(links_by_priority, key=lambda one: -one[0]):
            for link in links:
                if link.link.url not in fetched_urls and self.source.is_due(link.link.url, link.year):
                    yield self.report_request(link, priority)
        for link in self.source.never_asked(listed_urls):
            yield self.report_request(link, _NEVER_ASKED)

    async def parse_listing(self, response: Response) -> AsyncIterator[Any]:
        """Look at the listing of the portal's file at this address, as a crawl does; yield the look, and a request for
        each report. For ``scrapy check`` and ``parse``: they do not begin with ``start()``, but with a page.

        @first_listing
        @reads_reports
        """
        assert response.request is not None
        url, run = response.request.url, await self.begin_run()
        run.listings = tuple(one for one in run.listings if one.url == url and one.form is not ListingForm.ADDRESSED)
        if run.listings:
            async for snapshot, links in PortalLooks(self.source, self.thread).read():
                yield snapshot
                for link in links:
                    yield self.report_request(link)
        else:  # addresses of agency and year: the newest that shows a report, or the first that cannot be read
            self.source = replace(self.source, everything=True)
            async for snapshot, page in read_addressed(self.source):
                if page is not None or snapshot.outcome is not LookOutcome.OK:
                    yield snapshot
                    return

    async def parse_report(self, response: Response) -> AsyncIterator[Any]:
        """Yield the capture of a report's page, and requests for its files; of ``scrapy parse``, fetch it anew."""
        context = own_context(response.request)
        if context.role is CaptureRole.RESOURCE:  # a request of Scrapy's own
            await self.begin_run()
            context = self._context(CaptureRole.REPORT, context.requested, None, "")
            fetched = await self.source.fetcher.fetch(context)
        else:
            fetched = self.source.fetcher.ended(context, response)
        yield self._item_of(context, fetched)
        if fetched.verdict.outcome.is_page:
            for request in await self.file_requests(fetched):
                yield request

    def parse_attachment(self, response: Response) -> Iterator[Any]:
        """Yield the capture of a file that belongs to a report's page."""
        context = own_context(response.request)
        yield self._item_of(context, self.source.fetcher.ended(context, response))

    def fetch_failed(self, failure: Failure) -> Iterator[Any]:
        """Yield the failed capture of a report or file. One that was not asked for (its host rests, the page budget is
        used up) is recorded as left to the next run. An error of ours is raised again.
        """
        run, context, error = self.source.run, own_context(failure.request), failure.value  # type: ignore[attr-defined]
        if not isinstance(error, NETWORK):
            failure.raiseException()
        fetched = self.source.fetcher.ended(context, None, error)
        if fetched.was_asked:
            yield self._item_of(context, fetched)
        elif context.role is CaptureRole.ATTACHMENT:
            run.writer.flush()
            page = run.store.get(context.via) if context.via is not None else None
            self._defer([PagePart(kind="attachment", url=context.requested, text=context.link_text)], page)
        else:
            run.count(UNVISITED)
            if fetched.spent:
                run.notes.append(Note("page_budget"))

    # ------------------------------------------------------------------------------------------------ requests

    def report_request(self, link: ReportLink, priority: int = 0) -> Request | ReportCapture:
        """Return the request for a report on a listing; a refused capture if its address may not be fetched."""
        referer = next((row.url for row in self.source.run.listings if row.id == link.lead.listing), "")
        context = self._context(CaptureRole.REPORT, link.link.url, link.link.capture or None, link.link.text)
        context.is_report = link.lead.is_report
        return self._request(context, self.parse_report, referer, priority)

    async def file_requests(self, fetched: Fetched) -> list[Request | ReportCapture]:
        """Return a request, with the page as Referer, for each file of a report's page; a refused capture for a file
        whose address may not be fetched. A page that a browser should show, but could not, is left to the next run.
        """
        page, files = await files_of(fetched, self.source.run, self._renderer.render)
        if not page.verdict.outcome.is_page:
            self._count_failure(FetchContext(CaptureRole.ATTACHMENT, fetched.url), page)
            self._defer([PagePart(kind="embed", url=fetched.url, text="")], fetched.capture)
        contexts = [self._context(CaptureRole.ATTACHMENT, part.url, page.capture_id, part.text) for part in files]
        return [self._request(context, self.parse_attachment, fetched.url, _FILES_FIRST) for context in contexts]

    def _context(self, role: CaptureRole, url: str, via: str | None, text: str) -> FetchContext:
        last = self.source.run.last_captures.get(url)
        previous = last if last is not None and last.url == url else None
        return FetchContext(role, url, via=via, link_text=text, previous=previous)

    def _request(
        self, context: FetchContext, callback: Callable[..., Any], referer: str, priority: int
    ) -> Request | ReportCapture:
        """Return a request; a refused capture if its address may not be fetched. ``referer``: the address of the page
        that links it ("": none); ``priority``: higher ones are asked first.
        """
        fetcher = self.source.fetcher
        if (reason := fetcher.allowed_hosts.refusal(context.requested)) is not None:
            return self._item_of(context, fetcher.refused(context, reason))
        return request_of(
            context.requested, context, referer=referer, priority=priority, callback=callback,
            errback=self.fetch_failed,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------------ helpers

    async def begin_run(self) -> CrawlRun:
        """Open the archive and begin a run. A browser is used if the portal's file allows it (``rendered``)."""
        holder = extension_of(self.crawler, RunHolder)
        try:
            run = await holder.begin()
        finally:
            holder.begun.set()
        everything = str(getattr(self, "visit_everything", "")).lower() in {"1", "true", "yes"}
        self.source = LiveSource(run, self.listings, Fetcher(self.crawler, run), everything)
        self.thread = EngineThread(self.source.fetcher, run.home if self.rendered else None)
        self.crawler.signals.connect(self.thread.aclose, signals.spider_closed)
        self._renderer = ReportBrowser(run, self.thread)
        return run

    def _item_of(self, context: FetchContext, fetched: Fetched) -> ReportCapture:
        """Return the crawl's item for a fetched report or file; count a failed fetch."""
        if not fetched.verdict.outcome.is_page:
            self._count_failure(context, fetched)
        return ReportCapture(
            portal=self.name, role=context.role, url=context.requested, title=context.link_text,
            outcome=fetched.verdict.outcome, reason=fetched.verdict.reason, via=context.via,
            capture=fetched.capture_id, status=fetched.capture.status if fetched.capture is not None else None,
        )  # fmt: skip

    def _count_failure(self, context: FetchContext, fetched: Fetched) -> None:
        kind, verdict = "visit" if context.role is CaptureRole.REPORT else "attachment", fetched.verdict
        report = context.requested if context.is_report else ""
        self.source.run.count_failure(kind, verdict.outcome, verdict.reason, report)

    def _defer(self, files: Sequence[PagePart], page: Capture | None) -> None:
        """Record that those files of a page that are not in the archive are left to the next run. One row is enough:
        its ``via`` lets that run visit the page again (``CrawlRun.reports_without_files``), with all missing files.
        """
        run = self.source.run
        missing = [part for part in files if part.url not in run.last_captures]
        if not missing or page is None:
            return
        run.writer.write(
            None, role=CaptureRole.ATTACHMENT, requested=missing[0].url, outcome=CaptureOutcome.ERROR, reason=DEFERRED,
            via=page.id, link_text=missing[0].text,
        )  # fmt: skip
        run.count("attachments_left", len(missing))
        run.count(UNVISITED)
        run.notes.append(Note("files_left", {"url": page.requested, "number": len(missing)}))
