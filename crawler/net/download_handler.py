"""How one answer is awaited: a bound for the connection, for the first byte and for the pace of the rest, told apart.

``NIANBAO_CONNECT_TIMEOUT`` and ``NIANBAO_FIRST_BYTE_TIMEOUT`` are seconds from the asking; then each
``NIANBAO_PACE_WINDOW`` seconds must bring ``NIANBAO_PACE`` bytes a second; ``DOWNLOAD_TIMEOUT`` bounds the whole, so
that a large attachment that comes slowly and honestly is had, and a trickle is not. What the answer means for the host
is known here first: its slot is held, or it is left (``politeness.py``), before the next in line is let through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from scrapy import Request, signals
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.python.failure import Failure
from twisted.web._newclient import BODY
from twisted.web.client import HTTPConnectionPool
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.net.failures import ConnectTimeout, HeadTooLarge, HostLeft, Trickle
from crawler.net.fetching import TLS
from crawler.net.https import CheckedCertificates
from crawler.net.imitated_hosts import imitated_hosts
from crawler.net.politeness import BackOff, health_of

MOST_HEAD = 256 << 10  # bytes of an answer's head
COUNTDOWN_STEPS = 20
_HEAD = "download_latency"  # stands in a request's meta once the head of the answer has come


class _Protocol(_LenientHTTP11ClientProtocol):
    """Scrapy's, with a bound for the head of an answer: DOWNLOAD_MAXSIZE counts the body alone."""

    _head = 0  # bytes of the answer so far

    def request(self, request: Any) -> Deferred[Any]:
        """Send a request."""
        self._head = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's interface
        """Take a piece of the answer. One whose head is too large ends with the connection."""
        parser = self._parser
        if parser is not None and parser.state != BODY:
            self._head += len(data)
            if self._head > MOST_HEAD + len(data):
                self._giveUp(Failure(HeadTooLarge("the head of the answer is too large")))  # type: ignore[no-untyped-call]
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _Countdown:
    """Calls a function after so many seconds, counted in short steps.

    While this process is busy itself, or is not given the processor, it hears no answer. Such a pause costs the server
    one step at most.
    """

    def __init__(self, seconds: float, call: Callable[[], object]) -> None:
        self._step, self._left, self._call = seconds / COUNTDOWN_STEPS, COUNTDOWN_STEPS, call
        self._loop = asyncio.get_running_loop()
        self._go_on()

    def _go_on(self) -> None:
        self._left -= 1
        self._timer = self._loop.call_later(self._step, self._go_on if self._left else self._end)

    def _end(self) -> None:
        self._left = -1
        self._call()

    def active(self) -> bool:
        """Whether it still counts."""
        return self._left >= 0

    def cancel(self) -> None:
        """Count no more."""
        self._left = -1
        self._timer.cancel()


class _Clock:
    """The clock of a time-out of Twisted's."""

    def callLater(self, seconds: float, call: Callable[[], object]) -> _Countdown:  # noqa: N802 - Twisted's interface
        """Call a function after so many seconds."""
        return _Countdown(seconds, call)


class _Factory(_LenientHTTP11ClientFactory):
    """Builds them."""

    def buildProtocol(self, addr: object) -> _Protocol:  # noqa: N802 - Twisted's interface
        """Build one."""
        del addr
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class Pool(HTTPConnectionPool):
    """Connections that are made ``within`` seconds, or not at all: Twisted's pool otherwise.

    ``places`` (imitation archives only): host → ``127.0.0.1:port``, where every connection to it goes. https goes there
    as plain http: the imitation has no certificates.
    """

    def __init__(self, reactor: Any, within: float, places: Mapping[str, str] | None = None) -> None:
        super().__init__(reactor)  # type: ignore[no-untyped-call]
        self.reactor, self.within, self.places = reactor, within, places
        self.retryAutomatically = False  # each request is paced, recorded and retried by us

    def getConnection(self, key: Hashable, endpoint: IStreamClientEndpoint) -> Deferred[Any]:  # noqa: N802
        """Give a connection; it fails with :class:`ConnectTimeout`."""
        where: Any = endpoint
        if self.places is not None:
            assert isinstance(key, tuple)
            where = self._imitated(key[1].decode("ascii"), self.places)
        made: Deferred[Any] = super().getConnection(key, where)
        return made if made.called else made.addTimeout(self.within, _Clock(), _too_late)  # type: ignore[arg-type]

    def _imitated(self, host: str, places: Mapping[str, str]) -> TCP4ClientEndpoint:
        place = places[host.rstrip(".").lower()]
        where, _, port = place.rpartition(":")
        if where != "127.0.0.1" or not port.isdigit():
            raise ValueError(f"imitation.json maps {host} to {place}, which is not on 127.0.0.1")
        return TCP4ClientEndpoint(self.reactor, where, int(port))


@implementer(IPolicyForHTTPS)
class _NoTls:
    """Of an imitation archive, where nothing is encrypted."""

    def creatorForNetloc(self, hostname: bytes, port: int) -> None:  # noqa: N802 - Twisted's interface
        """Nothing asks what this gives."""


def _too_late(_: object, seconds: float) -> None:
    raise ConnectTimeout(f"no connection within {seconds:g} s")


class PacedHandler(HTTP11DownloadHandler):
    """Scrapy's handler with our time-outs; after a bad answer it holds the host's slot by :class:`BackOff`."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._health, self._back_off = health_of(crawler), BackOff(crawler)
        self._first_byte = settings.getfloat("NIANBAO_FIRST_BYTE_TIMEOUT")
        self._pace, self._window = settings.getfloat("NIANBAO_PACE"), settings.getfloat("NIANBAO_PACE_WINDOW")
        places = imitated_hosts(settings)
        pool = Pool(self._pool._reactor, settings.getfloat("NIANBAO_CONNECT_TIMEOUT"), places)
        pool.maxPersistentPerHost = self._pool.maxPersistentPerHost
        pool._factory = _Factory
        self._pool = pool
        self._certificates = CheckedCertificates(settings["DOWNLOADER_CLIENT_TLS_CIPHERS"])
        self._contextFactory = self._certificates if places is None else _NoTls()  # type: ignore[assignment]

    async def download_request(self, request: Request) -> Response:
        """Fetch. Raises :class:`HostLeft` for a host that is left since the request got in line."""
        if (left := self._health.refusal(request.url)) is not None:
            raise HostLeft(left.outcome, left.reason)
        request.meta.pop(_HEAD, None)  # of the attempt before
        try:
            response = await self._awaited(request)
        except DownloadTimeoutError as error:
            self._back_off.hold(request)
            if _HEAD in request.meta:
                raise Trickle(str(error)) from error
            raise
        except Exception as error:
            self._back_off.hold(request)
            if (large := _head_too_large(error)) is not None:
                raise large from error
            raise
        request.meta[TLS] = self._certificates.fault(urlparse_cached(request).hostname or "", response.certificate)
        self._back_off.hold(request, response)
        return response

    async def _awaited(self, request: Request) -> Response:
        try:
            async with asyncio.timeout(None) as limit:
                patience = _Patience(self._crawler, request, limit, self._window, self._window * self._pace)
                patience.until(self._first_byte)
                try:
                    return await super().download_request(request)
                finally:
                    patience.end()
        except TimeoutError as error:
            raise DownloadTimeoutError(f"Getting {request.url} took too long.") from error


def _head_too_large(error: Exception) -> HeadTooLarge | None:
    """The end of a connection by :class:`_Protocol`, out of what Twisted and Scrapy made of it."""
    reasons = [failure.value for failure in getattr(error.__cause__, "reasons", ())]
    return next((one for one in reasons if isinstance(one, HeadTooLarge)), None)


class _Patience:
    """Ends the waiting for an answer that has no head in time, or brings less than ``least`` bytes in a ``window``.

    Bytes are counted only once an answer has taken as long as its first byte may.
    """

    def __init__(self, crawler: Crawler, request: Request, limit: asyncio.Timeout, window: float, least: float) -> None:
        self.crawler, self.request, self.limit, self.window, self.least = crawler, request, limit, window, least
        self.loop = asyncio.get_running_loop()
        self.timer: _Countdown | None = None
        self.counting, self.received = False, 0

    def until(self, seconds: float) -> None:
        """Look at the answer in so many seconds."""
        self.timer = _Countdown(seconds, self._look)

    def end(self) -> None:
        """Look no more."""
        if self.timer is not None:
            self.timer.cancel()
        if self.counting:
            self.crawler.signals.disconnect(self._count, signals.bytes_received)

    def _look(self) -> None:
        if _HEAD not in self.request.meta or (self.counting and self.received < self.least):
            self.limit.reschedule(self.loop.time())
            return
        if not self.counting:
            self.crawler.signals.connect(self._count, signals.bytes_received)
            self.counting = True
        self.received = 0
        self.until(self.window)

    def _count(self, data: bytes, request: Request) -> None:
        if request is self.request:
            self.received += len(data)
