"""One fetch: the purpose of a request, its result, and a fetcher for code that awaits the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.request import fingerprint

from crawler.crawl_run import CrawlRun, extension_of
from crawler.net.failures import NETWORK, BudgetSpent, HostHealth, NotNow, reason_of
from crawler.net.guard import allowed_hosts_of
from crawler.net.web_page import ResponseVerdict, WebPage, decode
from storage.captures import Exchange
from storage.records import Capture, CaptureOutcome, CaptureRole

CONTEXT = "nianbao_context"  # the key of a request's FetchContext in its meta, the only one that nianbao adds


@dataclass(slots=True)
class FetchContext:
    """The purpose of a request and its attempts so far. Redirects and retries share it through ``Request.meta``.

    ``requested``: the address before any redirect. ``via``: the capture with the link to it. ``previous``: the earlier
    capture that a 304 would confirm. ``judge``: judges the page of an address that is made of an agency's code and a
    year: that report, empty, or neither. ``is_report``: a list links it as a report. ``verdict``,
    ``certificate_fault``: of the last answer.
    """

    role: CaptureRole
    requested: str
    via: str | None = None
    link_text: str = ""
    previous: Capture | None = None
    judge: Callable[[WebPage], ResponseVerdict] | None = None
    is_report: bool = False
    captures: list[Capture] = field(default_factory=list)
    verdict: ResponseVerdict | None = None
    certificate_fault: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """How a fetch ended: its captures (redirects and retries included), the last verdict, and the body of a page.

    ``not_now``: why the host or path must not be asked; ``spent``: the page budget is used up.
    """

    url: str
    verdict: ResponseVerdict
    captures: tuple[Capture, ...]
    body: bytes = b""
    not_now: NotNow | None = None
    spent: bool = False

    @property
    def was_asked(self) -> bool:
        """Whether a request was made or recorded: not if the budget was used up or the host is left alone."""
        return not self.spent and (self.not_now is None or bool(self.captures))

    @property
    def capture(self) -> Capture | None:
        """The capture of the last attempt; None if nothing was recorded."""
        return self.captures[-1] if self.captures else None

    @property
    def capture_id(self) -> str | None:
        """The id of that capture."""
        return self.captures[-1].id if self.captures else None

    @property
    def page(self) -> WebPage:
        """The body as a page."""
        return WebPage(self.url, decode(self.body))


def own_context(request: Request | None) -> FetchContext:
    """Return the context of a request; give one to a request of Scrapy's own, or for robots.txt."""
    assert request is not None, "every answer has its request"
    if CONTEXT not in request.meta:
        robots = urlsplit(request.url).path == "/robots.txt"
        role = CaptureRole.ROBOTS if robots else CaptureRole.RESOURCE
        request.meta[CONTEXT] = FetchContext(role, request.url)
    context: FetchContext = request.meta[CONTEXT]
    return context


class RoleFingerprinter:
    """Tells requests apart also by role and address before redirects: a file can be a report and an attachment."""

    def fingerprint(self, request: Request) -> bytes:
        """Return the digest by which Scrapy recognises equal requests."""
        context = own_context(request)
        words = b"\x00".join((fingerprint(request), context.role.encode(), context.requested.encode()))
        return hashlib.sha1(words, usedforsecurity=False).digest()


def keep(
    run: CrawlRun, context: FetchContext, verdict: ResponseVerdict, exchange: Exchange | None = None, *,
    url: str | None = None, link_text: str | None = None,
) -> Capture:  # fmt: skip
    """Store an attempt and count it. ``exchange``: None if nothing came; ``url``, ``link_text``: of this attempt."""
    unchanged = verdict.outcome is CaptureOutcome.NOT_MODIFIED
    capture = run.writer.write(
        exchange, role=context.role, requested=context.requested, url=url, outcome=verdict.outcome,
        reason=verdict.reason, via=context.via, link_text=context.link_text if link_text is None else link_text,
        revisit_of=context.previous if unchanged else None,
    )  # fmt: skip
    context.captures.append(capture)
    is_no_rules = context.role is CaptureRole.ROBOTS and capture.outcome is CaptureOutcome.NOT_FOUND
    run.count("capture_no_rules" if is_no_rules else f"capture_{capture.outcome}")  # no page is lacking there
    return capture


def request_of(
    url: str, context: FetchContext, *, referer: str = "", priority: int = 0,
    callback: Callable[..., object] = NO_CALLBACK, errback: Callable[..., object] | None = None,
) -> Request:  # fmt: skip
    """Return the request for an address; it is conditional if ``context.previous`` has an ETag or Last-Modified."""
    request = Request(
        urldefrag(url).url, meta={CONTEXT: context}, callback=callback, errback=errback, priority=priority,
        dont_filter=callback is NO_CALLBACK,
    )  # fmt: skip
    if referer:
        request.headers["Referer"] = urldefrag(referer).url
    if context.previous is not None and context.previous.etag:
        request.headers["If-None-Match"] = context.previous.etag
    if context.previous is not None and context.previous.last_modified:
        request.headers["If-Modified-Since"] = context.previous.last_modified
    return request


class Fetcher:
    """Fetches addresses for code that awaits the answer, and judges how any request of the crawl ended."""

    def __init__(self, crawler: Crawler, run: CrawlRun) -> None:
        self.crawler, self.run, self.health = crawler, run, extension_of(crawler, HostHealth)
        self.allowed_hosts = allowed_hosts_of(crawler)
        self.list_limit = crawler.settings.getint("NIANBAO_LISTING_MAXSIZE")

    async def fetch(self, context: FetchContext) -> Fetched:
        """Fetch the address of a context; errors of the network become the result's verdict. Raises ClockError."""
        url = context.requested
        reason = self.allowed_hosts.refusal(url)
        if reason is not None:  # no Request is made, as the text may not even be an address
            return self.refused(context, reason)
        return (await self.send(request_of(url, context), context))[0]

    async def send(self, request: Request, context: FetchContext) -> tuple[Fetched, Response | None]:
        """Send a request to an allowed host; return how it ended, and the response, if there was one."""
        try:
            response = await self.crawler.engine.download_async(request)
        except NETWORK as error:  # recorded by the capture layer
            return self.ended(context, None, error), None
        return self.ended(context, response), response

    def refused(self, context: FetchContext, reason: str) -> Fetched:
        """Record that an address may not be fetched, and return this as the result of the fetch."""
        verdict = ResponseVerdict(CaptureOutcome.REFUSED, reason)
        keep(self.run, context, verdict)
        return Fetched(context.requested, verdict, tuple(context.captures))

    def ended(self, context: FetchContext, response: Response | None, error: BaseException | None = None) -> Fetched:
        """Return how a request ended, by its response or error; count this for its host's health. Raises ClockError."""
        captures = tuple(context.captures)
        self.run.compare_clocks(context.captures)
        last, url = captures[-1] if captures else None, context.requested
        if isinstance(error, BudgetSpent):
            return Fetched(url, ResponseVerdict(CaptureOutcome.ERROR, "page_budget"), captures, spent=True)
        if isinstance(error, NotNow):
            return Fetched(url, ResponseVerdict(error.outcome, error.reason), captures, not_now=error)
        if last is not None:
            verdict = ResponseVerdict(last.outcome, last.reason)
        else:
            verdict = ResponseVerdict(CaptureOutcome.ERROR, reason_of(error) if isinstance(error, Exception) else "")
        if verdict.outcome is CaptureOutcome.REDIRECT:
            verdict = ResponseVerdict(CaptureOutcome.ERROR, "too_many_redirects")
        address = last.url if last is not None else url
        self.health.note(address, verdict.outcome, verdict.reason)
        body = response.body if response is not None and verdict.outcome is CaptureOutcome.PAGE else b""
        if context.role is CaptureRole.LISTING and len(body) > self.list_limit:
            verdict, body = ResponseVerdict(CaptureOutcome.TOO_LARGE), b""  # stored, but too large to read as a list
        final = response.url if response is not None else address
        if (fragment := urldefrag(url).fragment) and "#" not in final:
            final += f"#{fragment}"  # kept through redirects, as scripts may read it
        return Fetched(final, verdict, captures, body)
