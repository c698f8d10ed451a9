"""Scrapy's HTTP handler with our own timeouts, check of certificates, and waits for hosts that ask for more time.

Many portals serve an expired certificate, one for another name, or an incomplete chain. Their pages are public and are
stored all the same, but it is uncertain who answered: each capture says what was wrong, and a look over such a
connection proves no absence unless a person rules so. We trust the system's root certificates and Mozilla's (certifi).

Only this module uses undocumented parts of Scrapy: the attributes ``_pool`` and ``_contextFactory`` of
``HTTP11DownloadHandler``. No setting prevents Twisted's automatic retry of a request, or accepts a faulty certificate
and reports what is wrong with it (decision 0017).
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import certifi
from OpenSSL import SSL
from OpenSSL.crypto import FILETYPE_ASN1, X509, dump_certificate
from scrapy import Request, signals
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response, TextResponse
from scrapy.utils.httpobj import urlparse_cached
from service_identity import CertificateError, VerificationError
from service_identity.pyopenssl import verify_hostname, verify_ip_address
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import AcceptableCiphers, Certificate, CertificateOptions
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.crawl_run import extension_of
from crawler.net.failures import HostHealth, HostLeft, Trickle
from crawler.net.fetching import own_context
from crawler.net.guard import imitated_hosts
from crawler.net.politeness import Pace

WAIT_STEPS = 20  # of each wait, so that the time in which this process is too busy to read counts as one step at most
_LATENCY_KEY = "download_latency"  # Scrapy sets this key of a request's meta when the head of the answer has come


class PacedHandler(HTTP11DownloadHandler):
    """Waits ``NIANBAO_FIRST_BYTE_TIMEOUT`` seconds for the head of an answer. Then at least ``NIANBAO_PACE`` bytes a
    second must come in each ``NIANBAO_PACE_WINDOW`` seconds, and all of it within ``DOWNLOAD_TIMEOUT``. So a large
    attachment may come slowly, but a trickle ends.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Take the least speed of an answer, the pace and the certificates to trust from the settings."""
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
        """Wait for the slot's turn, then fetch (in an imitation from its local server). Raises :class:`HostLeft`."""
        await self._pace.take_turn(request)
        if (refusal := self._health.refusal(request.url)) is not None:
            raise HostLeft(refusal.outcome, refusal.reason)
        request.meta.pop(_LATENCY_KEY, None)  # of the attempt before
        try:
            response = await self._answer_to(request if self._places is None else _played_at(request, self._places))
        except Exception:
            self._pace.hold(request)
            raise
        host = urlparse_cached(request).hostname or ""
        own_context(request).certificate_fault = self._certificates.fault(host, response.certificate)
        self._pace.hold(request, response)
        if self._places is None:
            return response
        guess = {"encoding": None} if isinstance(response, TextResponse) else {}  # as in capture.py
        return response.replace(url=request.url, **guess)

    async def _answer_to(self, request: Request) -> Response:
        """Return the response. Raises DownloadTimeoutError if nothing comes in time, :class:`Trickle` if it is slow."""
        self._received[request] = 0
        limit = asyncio.timeout(None)
        try:
            async with limit:
                timer = asyncio.ensure_future(self._end_late_answer(request, limit))
                try:
                    return await super().download_request(request)
                finally:
                    timer.cancel()
        except Exception as error:
            if not limit.expired() and not isinstance(error, DownloadTimeoutError):
                raise
            text = f"Getting {request.url} took too long."
            raise (Trickle(text) if _LATENCY_KEY in request.meta else DownloadTimeoutError(text)) from error
        finally:
            del self._received[request]

    async def _end_late_answer(self, request: Request, limit: asyncio.Timeout) -> None:
        """Make ``limit`` expire if the head of the answer does not come in time, or its body comes too slowly. Runs
        beside the request until :meth:`_answer_to` cancels it.
        """
        await _wait(self._first_byte)
        while _LATENCY_KEY in request.meta:  # the head has come
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
    certificates. ``places``: ``127.0.0.1:port`` by host. Raises ValueError for a place that is not on this machine.
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


OTHER_NAME = "other_name"
_FAULTS = {  # error numbers of OpenSSL's verify(1)
    9: "not_yet_valid",
    10: "expired",
    18: "self_signed",
    19: "self_signed",
    20: "unknown_issuer",
    21: "unknown_issuer",
    23: "revoked",
}


@implementer(IOpenSSLClientConnectionCreator)
@dataclass(slots=True)
class _CheckedConnection:
    """A TLS connection to a host, and the faults found in its certificate chain."""

    host: str
    context: SSL.Context
    checked: dict[tuple[str, bytes], _CheckedConnection]
    connection: SSL.Connection | None = None
    faults: set[str] = field(default_factory=set)

    def clientConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: N802
        """Return the TLS connection for a protocol (Twisted calls this). Faults of its certificate are only noted."""
        del protocol
        self.connection = SSL.Connection(self.context)
        if not _is_address(self.host):
            self.connection.set_tlsext_host_name(self.host.encode("ascii"))
        self.connection.set_verify(SSL.VERIFY_PEER, self._note)
        return self.connection

    def _note(self, _: SSL.Connection, certificate: X509, error: int, depth: int, ok: int) -> bool:
        if not ok:
            self.faults.add(_FAULTS.get(error, f"error_{error}"))
        if depth == 0:
            self.checked[self.host, certificate.digest("sha256")] = self
        return True

    def faults_text(self) -> str | None:
        """Return the faults and the SHA-256 of the chain as served; None if there is no fault."""
        assert self.connection is not None
        faults = self.faults | ({OTHER_NAME} if not self._is_named() else set())
        if not faults:
            return None
        chain = self.connection.get_peer_cert_chain() or []
        digest = hashlib.sha256(b"".join(dump_certificate(FILETYPE_ASN1, one) for one in chain)).hexdigest()
        return f"{','.join(sorted(faults))} sha256:{digest}"

    def _is_named(self) -> bool:
        """Whether the certificate is for the name of this host."""
        assert self.connection is not None
        try:
            (verify_ip_address if _is_address(self.host) else verify_hostname)(self.connection, self.host)
        except (VerificationError, CertificateError, ValueError):
            return False
        return True


@implementer(IPolicyForHTTPS)
class CheckedCertificates:
    """Makes TLS connections and checks their certificates, but refuses none. ``ciphers``: as OpenSSL names them."""

    def __init__(self, ciphers: str) -> None:
        self._ciphers = ciphers
        self._checked: dict[tuple[str, bytes], _CheckedConnection] = {}  # by host and digest of its own certificate

    @cached_property
    def _context(self) -> SSL.Context:
        """What all connections share; made for the first, as it takes long to load all root certificates."""
        accepted = AcceptableCiphers.fromOpenSSLCipherString(self._ciphers)  # type: ignore[no-untyped-call]
        context = CertificateOptions(fixBrokenPeers=True, acceptableCiphers=accepted).getContext()
        context.set_default_verify_paths()
        context.load_verify_locations(certifi.where())
        return context

    def creatorForNetloc(self, hostname: bytes, port: int) -> _CheckedConnection:  # noqa: ARG002, N802
        """Return the maker of a TLS connection to a host; Twisted calls this."""
        return _CheckedConnection(hostname.decode("ascii"), self._context, self._checked)

    def fault(self, host: str, certificate: Certificate | None) -> str | None:
        """Return the faults of the certificate that a host used, and the digest of its chain:
        ``expired,other_name sha256:<hex>``; None if it has no fault, or the connection was not encrypted.
        """
        if certificate is None:
            return None
        checked = self._checked.get((host, certificate.original.digest("sha256")))
        return checked.faults_text() if checked is not None else None


def _is_address(host: str) -> bool:
    return isIPAddress(host) or isIPv6Address(host)
