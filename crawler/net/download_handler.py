"""Scrapy's HTTP handler with our own timeouts, check of certificates, and waits for hosts that ask for more time.

Only this module uses undocumented parts of Scrapy: the attributes ``_pool`` and ``_contextFactory`` of
``HTTP11DownloadHandler``. No setting prevents Twisted's automatic retry of a request, or accepts a faulty certificate
and reports what is wrong with it (decision 0017).
"""

from __future__ import annotations

import asyncio

from scrapy import Request, signals
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from crawler.crawl_run import extension_of
from crawler.net.failures import HostLeft, Trickle
from crawler.net.fetching import own_context
from crawler.net.guard import imitated_hosts
from crawler.net.host_health import HostHealth
from crawler.net.https import CheckedCertificates
from crawler.net.politeness import Pace

WAIT_STEPS = 20  # of each wait, so that the time in which this process is too busy to read counts as one step at most
_HEAD = "download_latency"  # Scrapy sets this key of a request's meta when the head of the answer has come


class PacedHandler(HTTP11DownloadHandler):
    """Waits ``NIANBAO_FIRST_BYTE_TIMEOUT`` seconds for the head of an answer. Then at least ``NIANBAO_PACE`` bytes a
    second must come in each ``NIANBAO_PACE_WINDOW`` seconds, and all of it within ``DOWNLOAD_TIMEOUT``. So a large
    attachment may come slowly, but a trickle ends.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._health, self._pace = extension_of(crawler, HostHealth), extension_of(crawler, Pace)
        self._first_byte = settings.getfloat("NIANBAO_FIRST_BYTE_TIMEOUT")
        self._window = settings.getfloat("NIANBAO_PACE_WINDOW")
        self._least = self._window * settings.getfloat("NIANBAO_PACE")
        self._certificates = CheckedCertificates(settings["DOWNLOADER_CLIENT_TLS_CIPHERS"])
        self._contextFactory = self._certificates  # type: ignore[assignment]
        self._pool.retryAutomatically = False  # a hidden retry would be neither paced nor recorded
        self._places = imitated_hosts(settings)
        self._received: dict[Request, int] = {}  # by request: bytes received in the present window
        crawler.signals.connect(self._count_bytes, signals.bytes_received)

    async def download_request(self, request: Request) -> Response:
        """Wait for the slot's turn, then fetch. Raises :class:`HostLeft` if the host was left alone meanwhile."""
        await self._pace.take_turn(request)
        if (left := self._health.refusal(request.url)) is not None:
            raise HostLeft(left.outcome, left.reason)
        request.meta.pop(_HEAD, None)  # of the attempt before
        try:
            response = await self._answer_to(request if self._places is None else _played_at(request, self._places))
        except Exception:
            self._pace.hold(request)
            raise
        host = urlparse_cached(request).hostname or ""
        own_context(request).certificate_fault = self._certificates.fault(host, response.certificate)
        self._pace.hold(request, response)
        return response if self._places is None else response.replace(url=request.url)

    async def _answer_to(self, request: Request) -> Response:
        """Return the response. Raises DownloadTimeoutError if nothing comes in time, :class:`Trickle` if it is slow."""
        self._received[request] = 0
        limit = asyncio.timeout(None)
        try:
            async with limit:
                waiting = asyncio.ensure_future(self._end_late_answer(request, limit))
                try:
                    return await super().download_request(request)
                finally:
                    waiting.cancel()
        except Exception as error:
            if not limit.expired() and not isinstance(error, DownloadTimeoutError):
                raise
            text = f"Getting {request.url} took too long."
            raise (Trickle(text) if _HEAD in request.meta else DownloadTimeoutError(text)) from error
        finally:
            del self._received[request]

    async def _end_late_answer(self, request: Request, limit: asyncio.Timeout) -> None:
        """Make ``limit`` expire if the head of the answer does not come in time, or its body comes too slowly."""
        await _wait(self._first_byte)
        while _HEAD in request.meta:
            self._received[request] = 0
            await _wait(self._window)
            if self._received[request] < self._least:
                break
        limit.reschedule(asyncio.get_running_loop().time())

    def _count_bytes(self, data: bytes, request: Request) -> None:
        if request in self._received:
            self._received[request] += len(data)


def _played_at(request: Request, places: dict[str, str]) -> Request:
    """Return a request redirected to the local server that imitates its host, by plain http, as that server has no
    certificates. ``places``: ``127.0.0.1:port`` by host.
    """
    parts = urlparse_cached(request)
    host = (parts.hostname or "").rstrip(".")
    place = places[host]
    where, _, port = place.rpartition(":")
    if where != "127.0.0.1" or not port.isdigit():
        raise ValueError(f"imitation.json maps {host} to {place}, which is not on 127.0.0.1")
    headers = request.headers.copy()
    headers["Host"] = parts.netloc
    return request.replace(url=parts._replace(scheme="http", netloc=place).geturl(), headers=headers)


async def _wait(seconds: float) -> None:
    for _ in range(WAIT_STEPS):
        await asyncio.sleep(seconds / WAIT_STEPS)
