"""Stores each attempt of a fetch, the WARC record first, then the row.

A downloader middleware with a number above 850, so below decompression, redirects and retries. It sees each response as
it came over the wire (redirects, 304, 404, 503 and robots.txt too), and a failed attempt as an exception. It
decompresses the body and returns the result to Scrapy.
"""

from __future__ import annotations

import re
from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import collapse_rfc2231_value
from http import HTTPStatus
from urllib.parse import unquote_to_bytes, urlsplit

from scrapy import Request
from scrapy.http import Headers, Response, TextResponse
from scrapy.responsetypes import responsetypes

from crawler.crawl_run import CrawlPart, now_of, run_of
from crawler.net.failures import FAILURES, NETWORK, BudgetSpent, HostLeft, NotNow, Refused, TooLarge, Trickle, reason_of
from crawler.net.fetching import FetchContext, keep, own_context
from crawler.net.resolver import resolved_to_private
from crawler.net.web_page import ResponseVerdict, WebPage, decode, is_cut, judge_data, judge_response, names_no_file
from storage.captures import Exchange
from storage.exchange import BodyTooLongError, header, undo_codings
from storage.exchange import Headers as ExchangeHeaders
from storage.records import CaptureOutcome, CaptureRole

_BLANK = b"\xef\xbb\xbf \t\r\n"
MAX_NAME_CHARS = 200
_NOT_KEPT = {"proxy-authorization", "authorization", "cookie"}


class CaptureMiddleware(CrawlPart):
    """Writes each attempt of a crawl to the archive; without a crawl (``scrapy fetch``) it only judges answers."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Store the exchange, if a run has begun; return the response with its body decompressed. The verdict goes into
        the request's context; if it is blocked, it is not retried. Raises :class:`TooLarge`, after storing.
        """
        context = own_context(request)
        exchange = self._exchange(request, response, context.certificate_fault)
        entity = response.body
        try:
            entity = _decompress(
                response.body, exchange.response_headers, self.crawler.settings.getint("DOWNLOAD_MAXSIZE")
            )
            verdict = self._judge(context, response, entity)
            if verdict.outcome is CaptureOutcome.PAGE and "partial" in response.flags and is_cut(entity):
                verdict = ResponseVerdict(CaptureOutcome.ERROR, "cut_short")
        except TooLarge:
            verdict = ResponseVerdict(CaptureOutcome.TOO_LARGE, "unpacks_to_too_much")
        except ValueError as error:
            verdict = ResponseVerdict(CaptureOutcome.ERROR, str(error))
        context.verdict = verdict
        if verdict.outcome is CaptureOutcome.BLOCKED:
            request.meta["dont_retry"] = True
        if (run := run_of(self.crawler)) is not None:
            capture = keep(run, context, verdict, exchange, link_text=_link_text_or_file(context, exchange))
            if verdict.outcome is CaptureOutcome.REDIRECT:
                context.via, context.previous = capture.id, None
        if verdict.outcome is CaptureOutcome.TOO_LARGE:
            raise TooLarge("unpacks to too much")
        return response if entity is response.body else _unpacked(response, entity)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Store a failed attempt as a row without a WARC record; Scrapy then handles the exception."""
        if isinstance(exception, Trickle):
            request.meta["max_retry_times"] = 1  # a slow answer takes minutes
        run = run_of(self.crawler)
        if run is None or isinstance(exception, BudgetSpent | HostLeft) or not isinstance(exception, NETWORK):
            return  # not asked as this crawl asks no more there, or our own error: neither is the portal's
        host = urlsplit(request.url).hostname or ""
        keep(run, own_context(request), self._failure(exception, host), url=request.url)

    def _judge(self, context: FetchContext, response: Response, entity: bytes) -> ResponseVerdict:
        """Return the verdict on a response with the body ``entity``, by its role, and by the context's own judge."""
        mime = (response.headers.get("Content-Type") or b"").decode("latin-1").partition(";")[0].strip().lower()
        if context.role is CaptureRole.RESOURCE and not entity[:200].lstrip(_BLANK).startswith(b"<"):
            return judge_data(response.status)  # a script, or data for one: no text to judge
        verdict = judge_response(response.status, entity, url=response.url, requested=context.requested, mime=mime)
        if context.role is CaptureRole.ROBOTS:
            if verdict.reason in {"http_401", "http_403"}:  # means "no rules" by the standard (RFC 9309), not a block
                return ResponseVerdict(CaptureOutcome.NOT_FOUND, verdict.reason)
            if verdict.outcome in {CaptureOutcome.EMPTY, CaptureOutcome.SOFT_404}:
                return ResponseVerdict(CaptureOutcome.PAGE, verdict.reason)
        elif context.judge is not None and verdict.outcome is CaptureOutcome.PAGE:
            refined = context.judge(WebPage(response.url, decode(entity)))
            shell = verdict.reason == "script_shell" and refined.outcome is not CaptureOutcome.PAGE
            return verdict if shell else refined  # a page that scripts fill is not an empty answer
        return verdict

    def _exchange(self, request: Request, response: Response, certificate_fault: str | None) -> Exchange:
        """Return request and response as they are to be stored: without secrets, and with the length of the body (but
        of a 304). ``certificate_fault``: what is wrong with the server's certificate; None: nothing.
        """
        headers = [("Host", urlsplit(request.url).netloc), *_pairs(request.headers)]
        got = [(k, v) for k, v in _pairs(response.headers) if k.lower() not in {"transfer-encoding", "content-length"}]
        if response.status != 304:
            got.append(("Content-Length", str(len(response.body))))
        try:
            phrase = HTTPStatus(response.status).phrase
        except ValueError:
            phrase = ""
        direct = not request.meta.get("proxy") and response.ip_address is not None
        return Exchange(
            url=request.url, method=request.method, request_body=request.body,
            request_headers=[pair for pair in headers if pair[0].lower() not in _NOT_KEPT],
            status=response.status, reason_phrase=phrase, response_headers=got, body=response.body,
            ip=str(response.ip_address) if direct else None, tls=certificate_fault, fetched_at=now_of(self.crawler),
        )  # fmt: skip

    def _failure(self, exception: Exception, host: str) -> ResponseVerdict:
        """Return the verdict on an attempt at ``host`` that an exception ended."""
        if isinstance(exception, NotNow):
            return ResponseVerdict(exception.outcome, exception.reason)
        if isinstance(exception, Refused) or resolved_to_private(exception, host):
            return ResponseVerdict(CaptureOutcome.REFUSED, getattr(exception, "reason", "private_address"))
        outcome = next((outcome for kind, outcome, _ in FAILURES if isinstance(exception, kind)), CaptureOutcome.ERROR)
        return ResponseVerdict(outcome, reason_of(exception))


def _decompress(body: bytes, headers: ExchangeHeaders, limit: int) -> bytes:
    """Undo a body's Content-Encoding. Raises TooLarge beyond ``limit`` bytes, ValueError if the body is broken."""
    try:
        entity = undo_codings(body, headers, limit)
    except BodyTooLongError:
        raise TooLarge("unpacks_to_too_much") from None
    if entity is None:
        raise ValueError("encoding_broken")
    return entity


def _unpacked(response: Response, entity: bytes) -> Response:
    headers = Headers(response.headers)
    headers.pop("Content-Encoding", None)
    kind = responsetypes.from_args(headers=headers, url=response.url, body=entity)
    guess = {"encoding": None} if issubclass(kind, TextResponse) else {}  # else Scrapy guesses it from the packed body
    return response.replace(cls=kind, headers=headers, body=entity, **guess)


def _link_text_or_file(context: FetchContext, exchange: Exchange) -> str:
    """Return the link's text; if that says nothing (点击下载), the file name that the server gave an attachment."""
    if context.role is not CaptureRole.ATTACHMENT or not names_no_file(context.link_text):
        return context.link_text
    return sent_name(header(exchange.response_headers, "content-disposition") or "") or context.link_text


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    # read as the plain dict of lists that it is: Scrapy's own methods would normalise each name again
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, texts in dict.items(headers) for value in texts]


def sent_name(disposition: str) -> str:
    """Return the file name in a Content-Disposition header (decoded as Latin-1); "" if it has none. It is only shown:
    nothing is ever stored under it. Servers write it by RFC 5987, with percent escapes, as an encoded word of mail, or
    as raw UTF-8 or GBK bytes.
    """
    message = Message()
    message["Content-Disposition"] = disposition[:4_000]
    try:
        names = [value for key, value in message.get_params([], "Content-Disposition") if key == "filename"]
        name = collapse_rfc2231_value(max(names, key=lambda value: isinstance(value, tuple), default=""))
        name = str(make_header(decode_header(name))) if "=?" in name else name
    except (HeaderParseError, LookupError, TypeError, ValueError):
        return ""  # a damaged header
    with suppress(UnicodeEncodeError):  # else it is decoded already
        raw = unquote_to_bytes(name.encode("latin-1"))
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("gb18030", "replace")
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "", last).strip()[:MAX_NAME_CHARS]
