"""Scrapy's HTTP handler with our patience, our check of certificates, and the pace of a host that asked for more time.

This is the one module that leans on what Scrapy does not document: two attributes of its ``HTTP11DownloadHandler``,
``_pool`` and ``_contextFactory``. No setting tells a connection that is not made from an answer that does not come,
bounds the head of an answer, or lets a faulty certificate pass and says what is wrong with it (decision 0017).
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping
from contextvars import ContextVar
from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.web.client import HTTPConnectionPool

from crawler.crawl_run import extension_of
from crawler.net.failures import ConnectTimeout, HeadTooLarge, HostLeft, Trickle
from crawler.net.fetching import own_context
from crawler.net.guard import imitated_hosts
from crawler.net.host_health import HostHealth
from crawler.net.https import CheckedCertificates
from crawler.net.politeness import Pace

MAX_HEAD_BYTES = 256 << 10  # of an answer; DOWNLOAD_MAXSIZE counts the body alone
WAIT_STEPS = 20  # of each wait: while this process is busy it hears no answer, which costs the server one step at most
_HEAD = "download_latency"  # Scrapy puts it into a request's meta when the head of the answer has come
_current: ContextVar[_Answer] = ContextVar("answer")


class _Answer:
    """What has come of an answer. ``error``: why it is awaited no longer."""

    def __init__(self, request: Request) -> None:
        self.request, self.is_connected, self.received = request, False, 0
        self.error: Exception | None = None

    @property
    def has_head(self) -> bool:
        """Whether its head has come."""
        return _HEAD in self.request.meta


class _Connection(ProtocolWrapper):
    """Counts what comes over a connection; one on which a head does not end is closed."""

    answer: _Answer

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's interface
        """Take a piece of the answer."""
        if not self.answer.has_head and self.answer.received > MAX_HEAD_BYTES:
            self.answer.error = HeadTooLarge("the head of the answer is too large")
            self.abortConnection()
            return
        self.answer.received += len(data)
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _Connections(WrappingFactory[_Connection]):
    """Builds them."""

    noisy = False
    protocol = _Connection


class _Endpoint:
    """An endpoint of Twisted's with counted connections."""

    def __init__(self, endpoint: Any) -> None:
        self._endpoint = endpoint

    def connect(self, factory: Any) -> Deferred[Any]:
        """Connect; gives what the factory builds."""
        made: Deferred[Any] = self._endpoint.connect(_Connections(factory))  # type: ignore[no-untyped-call]
        return made.addCallback(lambda connection: connection.wrappedProtocol)


class _Pool:
    """The connections of Scrapy's handler, counted. ``places`` (imitation archives only): host → ``127.0.0.1:port``,
    where every connection to it goes, https as plain http: the imitation has no certificates.
    """

    def __init__(self, pool: HTTPConnectionPool, places: Mapping[str, str] | None) -> None:
        self._pool, self._places = pool, places
        self.persistent, self.closeCachedConnections = pool.persistent, pool.closeCachedConnections

    def getConnection(self, key: Hashable, endpoint: Any) -> Deferred[Any]:  # noqa: N802 - Twisted's interface
        """Give a connection to the answer that is awaited now."""
        if self._places is not None:
            assert isinstance(key, tuple)
            endpoint = _played_at(key[1].decode("ascii"), self._places)
        answer = _current.get()

        def connected(protocol: Any) -> Any:
            protocol.transport.answer, answer.is_connected = answer, True
            return protocol

        made: Deferred[Any] = self._pool.getConnection(key, _Endpoint(endpoint))  # type: ignore[arg-type]
        return made.addCallback(connected)


def _played_at(host: str, places: Mapping[str, str]) -> TCP4ClientEndpoint:
    from twisted.internet import reactor  # noqa: PLC0415 - Scrapy chooses it before this is asked

    place = places[host.rstrip(".").lower()]
    where, _, port = place.rpartition(":")
    if where != "127.0.0.1" or not port.isdigit():
        raise ValueError(f"imitation.json maps {host} to {place}, which is not on 127.0.0.1")
    return TCP4ClientEndpoint(reactor, where, int(port))


class PacedHandler(HTTP11DownloadHandler):
    """Awaits an answer as long as the settings say, counted from the asking: ``NIANBAO_CONNECT_TIMEOUT`` seconds for
    the connection, ``NIANBAO_FIRST_BYTE_TIMEOUT`` for the head; then each ``NIANBAO_PACE_WINDOW`` seconds must bring
    ``NIANBAO_PACE`` bytes a second. ``DOWNLOAD_TIMEOUT`` bounds the whole: a large attachment that comes slowly is had,
    a trickle is not.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._health, self._pace = extension_of(crawler, HostHealth), extension_of(crawler, Pace)
        self._connect = settings.getfloat("NIANBAO_CONNECT_TIMEOUT")
        self._first_byte = settings.getfloat("NIANBAO_FIRST_BYTE_TIMEOUT")
        self._window = settings.getfloat("NIANBAO_PACE_WINDOW")
        self._least = self._window * settings.getfloat("NIANBAO_PACE")
        self._certificates = CheckedCertificates(settings["DOWNLOADER_CLIENT_TLS_CIPHERS"])
        self._contextFactory = self._certificates  # type: ignore[assignment]
        self._pool.retryAutomatically = False  # each request is paced, recorded and retried by us
        self._pool = _Pool(self._pool, imitated_hosts(settings))  # type: ignore[assignment]

    async def download_request(self, request: Request) -> Response:
        """Fetch when the host's turn has come. Raises :class:`HostLeft` for a host that was left meanwhile."""
        await self._pace.take_turn(request)
        if (left := self._health.refusal(request.url)) is not None:
            raise HostLeft(left.outcome, left.reason)
        request.meta.pop(_HEAD, None)  # of the attempt before
        try:
            response = await self._answer_to(request)
        except Exception:
            self._pace.hold(request)
            raise
        host = urlparse_cached(request).hostname or ""
        own_context(request).certificate_fault = self._certificates.fault(host, response.certificate)
        self._pace.hold(request, response)
        return response

    async def _answer_to(self, request: Request) -> Response:
        answer = _Answer(request)
        _current.set(answer)
        try:
            async with asyncio.timeout(None) as limit:
                waiting = asyncio.ensure_future(self._await(answer, limit))
                try:
                    return await super().download_request(request)
                finally:
                    waiting.cancel()
        except DownloadTimeoutError as error:
            raise Trickle(str(error)) if answer.has_head else error from error
        except Exception as error:
            if answer.error is not None:
                raise answer.error from error
            raise

    async def _await(self, answer: _Answer, limit: asyncio.Timeout) -> None:
        """Wait for an answer, and end it by ``limit`` where it fails to come."""
        answer.error = await self._fault_of(answer)
        limit.reschedule(asyncio.get_running_loop().time())

    async def _fault_of(self, answer: _Answer) -> Exception:
        """Return what is wrong with an answer, as soon as something is."""
        connect = min(self._connect, self._first_byte)
        await _wait(connect)
        if not answer.is_connected:
            return ConnectTimeout(f"no connection within {connect:g} s")
        await _wait(self._first_byte - connect)
        if not answer.has_head:
            return DownloadTimeoutError(f"Getting {answer.request.url} took too long.")
        while True:
            answer.received = 0
            await _wait(self._window)
            if answer.received < self._least:
                return Trickle(f"Getting {answer.request.url} took too long.")


async def _wait(seconds: float) -> None:
    for _ in range(WAIT_STEPS):
        await asyncio.sleep(seconds / WAIT_STEPS)
