"""Response → storage: the WARC record first, then the row; once per attempt.

A downloader middleware numbered above 850, so below decompression, redirects and retries: it sees what came over the
wire, redirects, 304, 404, 503 and robots.txt too, and the failure of an attempt as an exception. What it hands up is
the entity, decompressed once, here.
"""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from crawler.lists.list_page import Page
from crawler.looks.crawl_context import Session, Trace
from crawler.net.failures import FAILURES, NETWORK, BudgetSpent, NotNow, Refused, TooLarge
from crawler.net.resolver import led_inwards
from crawler.net.response_verdict import Verdict, decode, decompress, is_cut, judge, judge_data
from crawler.visits.file_names import sent_name
from crawler.visits.report_parts import names_no_file
from storage.captures import Exchange
from storage.exchange import header
from storage.records import Capture, CaptureOutcome, CaptureRole, LookOutcome

_HELD_BACK = {
    LookOutcome.ROBOTS: CaptureOutcome.ROBOTS,
    LookOutcome.BLOCKED: CaptureOutcome.BLOCKED,
    LookOutcome.UNREACHABLE: CaptureOutcome.UNREACHABLE,
    LookOutcome.PARTIAL: CaptureOutcome.ERROR,
}
_BLANK = b"\xef\xbb\xbf \t\r\n"
_NOT_KEPT = {"proxy-authorization", "authorization", "cookie"}


def trace_of(request: Request) -> Trace:
    """Return the trace of a request; robots.txt, which Scrapy asks for by itself, gets its own."""
    trace = request.meta.get("trace")
    if not isinstance(trace, Trace):
        trace = request.meta["trace"] = Trace(CaptureRole.ROBOTS, request.url)
    return trace


class CaptureMiddleware:
    """Writes every attempt of a crawl through the session's :class:`~storage.captures.CaptureWriter`."""

    def __init__(self, session: Session, limit: int) -> None:
        self.session, self.limit = session, limit

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CaptureMiddleware:
        """Built by Scrapy, once the spider holds its session."""
        return cls(crawler.spider.session, crawler.settings.getint("DOWNLOAD_MAXSIZE"))  # type: ignore[union-attr]

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep the exchange and hand up the entity. Raises :class:`TooLarge` for what unpacks to too much."""
        trace = trace_of(request)
        exchange = self._exchange(request, response)
        entity = response.body
        try:
            entity = decompress(response.body, exchange.response_headers, self.limit)
            verdict = self._judge(trace, response, entity)
            if verdict.outcome is CaptureOutcome.PAGE and "partial" in response.flags and is_cut(entity):
                verdict = Verdict(CaptureOutcome.ERROR, "cut_short")
        except TooLarge:
            verdict = Verdict(CaptureOutcome.TOO_LARGE, "unpacks_to_too_much")
        except ValueError as error:
            verdict = Verdict(CaptureOutcome.ERROR, str(error))
        capture = self.session.writer.write(
            exchange,
            role=trace.role,
            requested=trace.requested,
            outcome=verdict.outcome,
            reason=verdict.reason,
            via=trace.via,
            link_text=_named(trace, exchange),
            revisit_of=self.session.holder(trace.previous) if verdict.outcome is CaptureOutcome.NOT_MODIFIED else None,
            seen=self.session.seen(trace),
        )
        self._count(trace, capture)
        if verdict.outcome is CaptureOutcome.REDIRECT:
            trace.via, trace.previous = capture.id, None
        if verdict.outcome is CaptureOutcome.TOO_LARGE:
            raise TooLarge("unpacks to too much")
        return response if entity is response.body else _unpacked(response, entity)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Keep a failed attempt as a row without a record; what is raised goes on its way."""
        if isinstance(exception, BudgetSpent) or not isinstance(exception, NETWORK):
            return  # nothing was asked; or an error of ours, which must not pass for one of the portal's
        trace = trace_of(request)
        outcome, reason = self._failure(exception, urlsplit(request.url).hostname or "")
        capture = self.session.writer.write(
            None,
            role=trace.role,
            requested=trace.requested,
            url=request.url,
            fetched_at=self.session.clock.now(),
            outcome=outcome,
            reason=reason,
            via=trace.via,
            link_text=trace.link_text,
        )
        self._count(trace, capture)

    def _judge(self, trace: Trace, response: Response, entity: bytes) -> Verdict:
        mime = (response.headers.get("Content-Type") or b"").decode("latin-1").partition(";")[0].strip().lower()
        if trace.role is CaptureRole.RESOURCE and not entity[:200].lstrip(_BLANK).startswith(b"<"):
            return judge_data(response.status)  # a script, or what it asked for: its text says nothing to a reader
        verdict = judge(response.status, entity, url=response.url, requested=trace.requested, mime=mime)
        if trace.role is CaptureRole.ROBOTS:
            if verdict.reason in {"http_401", "http_403"}:  # no rules for anybody, says the standard; not a challenge
                return Verdict(CaptureOutcome.NOT_FOUND, verdict.reason)
            if verdict.outcome in {CaptureOutcome.EMPTY, CaptureOutcome.SOFT_404}:
                return Verdict(CaptureOutcome.PAGE, verdict.reason)
        elif trace.refine is not None and verdict.outcome is CaptureOutcome.PAGE:
            refined = trace.refine(Page(response.url, decode(entity), len(entity)))
            shell = verdict.reason == "script_shell" and refined.outcome is not CaptureOutcome.PAGE
            return verdict if shell else refined  # what only a script would show is not empty
        return verdict

    def _exchange(self, request: Request, response: Response) -> Exchange:
        sent = [("Host", urlsplit(request.url).netloc), *_pairs(request.headers)]
        got = [(k, v) for k, v in _pairs(response.headers) if k.lower() not in {"transfer-encoding", "content-length"}]
        if response.status != 304:
            got.append(("Content-Length", str(len(response.body))))
        try:
            phrase = HTTPStatus(response.status).phrase
        except ValueError:
            phrase = ""
        direct = not request.meta.get("proxy") and response.ip_address is not None
        return Exchange(
            url=request.url,
            method=request.method,
            request_headers=[pair for pair in sent if pair[0].lower() not in _NOT_KEPT],
            request_body=request.body,
            status=response.status,
            reason_phrase=phrase,
            response_headers=got,
            body=response.body,
            ip=str(response.ip_address) if direct else None,
            fetched_at=self.session.clock.now(),
        )

    def _count(self, trace: Trace, capture: Capture) -> None:
        trace.captures.append(capture)
        self.session.counts[f"capture_{capture.outcome}"] += 1

    def _failure(self, exception: Exception, host: str) -> tuple[CaptureOutcome, str]:
        if isinstance(exception, Refused):
            return CaptureOutcome.REFUSED, exception.reason
        if isinstance(exception, NotNow):
            return _HELD_BACK[exception.outcome], exception.reason
        if led_inwards(exception, host):
            return CaptureOutcome.REFUSED, "private_address"
        for kind, outcome, reason in FAILURES:
            if isinstance(exception, kind):
                return outcome, reason
        return CaptureOutcome.ERROR, type(exception).__name__


def _unpacked(response: Response, entity: bytes) -> Response:
    headers = Headers(response.headers)
    headers.pop("Content-Encoding", None)
    kind = responsetypes.from_args(headers=headers, url=response.url, body=entity)
    return response.replace(cls=kind, headers=headers, body=entity)


def _named(trace: Trace, exchange: Exchange) -> str:
    """The link's text; the name under which an attachment was sent where that says nothing (点击下载)."""
    if trace.role is not CaptureRole.ATTACHMENT or not names_no_file(trace.link_text):
        return trace.link_text
    return sent_name(header(exchange.response_headers, "content-disposition") or "") or trace.link_text


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    # as the plain dict of lists that it is: asking by name would normalise each name again
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, held in dict.items(headers) for value in held]
