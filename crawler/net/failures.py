"""The ways in which a single fetch can fail (our refusals, errors of the network), and the codes that are recorded.

A host is left alone for the rest of a run if it cannot be reached, asks for patience (429), or fails in the same way at
several addresses in a row. A fault of one address (a redirect loop, an answer that is too large or breaks off) affects
that address alone. After a redirect, a failure counts for the host that failed, not for the one that redirected.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from OpenSSL.SSL import Error as TlsError
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.internet.error import ConnectError, ConnectionClosed

from crawler.crawl_run import CrawlPart
from storage.records import CaptureOutcome, Note


class Refused(IgnoreRequest):
    """The guard refused an address. ``reason`` is a code (``foreign_host``, ``private_address`` …)."""

    def __init__(self, reason: str, url: str) -> None:
        super().__init__(f"refused ({reason}): {url}")
        self.reason = reason


class NotNow(IgnoreRequest):
    """A host or path must not be asked now: its robots.txt forbids it, or is unreachable, an error or a challenge.
    ``outcome``, ``reason``: under which this is recorded.
    """

    def __init__(self, outcome: CaptureOutcome, reason: str) -> None:
        super().__init__(f"not now ({reason})")
        self.outcome = outcome
        self.reason = reason


class HostLeft(NotNow):
    """The host is left alone for the rest of the run: nothing was sent, and nothing is recorded for the request."""


class BudgetSpent(IgnoreRequest):
    """The portal's page budget of this run is used up; nothing is recorded for the request."""


class TooLarge(IgnoreRequest):
    """The response is larger than the limit, or becomes so when it is decompressed."""


class Trickle(DownloadTimeoutError):  # noqa: N818 - as the others here
    """The answer began in time, but came too slowly or did not end in time."""


# Errors of a fetch, and how they are recorded. Any other exception is our own error and ends the crawl.
FAILURES: tuple[tuple[type[Exception], CaptureOutcome, str], ...] = (
    (TooLarge, CaptureOutcome.TOO_LARGE, "too_large"),
    (DownloadCancelledError, CaptureOutcome.TOO_LARGE, "too_large"),  # Scrapy cancels only because of the size
    (CannotResolveHostError, CaptureOutcome.UNREACHABLE, "no_such_name"),
    (DownloadConnectionRefusedError, CaptureOutcome.UNREACHABLE, "connection_refused"),
    (Trickle, CaptureOutcome.UNREACHABLE, "trickle"),
    (DownloadTimeoutError, CaptureOutcome.UNREACHABLE, "timeout"),
    (ResponseDataLossError, CaptureOutcome.UNREACHABLE, "torn"),
    (DownloadFailedError, CaptureOutcome.UNREACHABLE, "connection_lost"),
    (TunnelError, CaptureOutcome.UNREACHABLE, "proxy_refused"),
    (ConnectError, CaptureOutcome.UNREACHABLE, "no_connection"),
    (ConnectionClosed, CaptureOutcome.UNREACHABLE, "connection_lost"),
    (TlsError, CaptureOutcome.UNREACHABLE, "tls"),
    (UnsupportedURLSchemeError, CaptureOutcome.REFUSED, "scheme"),
    (NotSupported, CaptureOutcome.REFUSED, "scheme"),
)
NETWORK: tuple[type[Exception], ...] = (IgnoreRequest, *(kind for kind, _, _ in FAILURES))


def reason_of(error: Exception) -> str:
    """Return the code under which an error is recorded; the name of its class if FAILURES has no code."""
    if isinstance(error, Refused | NotNow):
        return error.reason
    if type(error) is IgnoreRequest and "redirections" in str(error):  # Scrapy's error for too many redirects
        return "too_many_redirects"
    return next((reason for kind, _, reason in FAILURES if isinstance(error, kind)), type(error).__name__)


# ------------------------------------------------------------------------------------------------ hosts left alone

IN_A_ROW = 3  # so many different addresses must fail in the same way before their host is left alone
AT_ONCE = frozenset({"no_such_name", "connection_refused", "no_connection", "tls", "proxy_refused", "http_429"})
_COUNTED = frozenset({CaptureOutcome.UNREACHABLE, CaptureOutcome.ERROR, CaptureOutcome.BLOCKED})
_OF_ONE_ADDRESS = frozenset(
    {"too_many_redirects", "torn", "trickle", "cut_short", "encoding_broken", "unpacks_to_too_much", "too_large"}
)


class HostHealth(CrawlPart):
    """The state of the hosts of one crawl, by name, with the port if the address names one."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.left: dict[str, NotNow] = {}
        self.notes: list[Note] = []
        self._failing: dict[str, tuple[str, set[str]]] = {}  # host → reason of its failures in a row, addresses

    def refusal(self, url: str) -> NotNow | None:
        """Return why the host of an address is left alone in this run; None if it is not."""
        return self.left.get(host_of(url))

    def leave(self, host: str, reason: NotNow) -> None:
        """Leave a host alone for the rest of the run, and note why."""
        if host not in self.left:
            self.left[host] = reason
            self.notes.append(Note("host_left", {"host": host, "reason": reason.reason}))

    def note(self, url: str, outcome: CaptureOutcome, reason: str) -> None:
        """Count the result of an attempt at an address; leave its host alone once several addresses in a row failed for
        the same reason (at once for some, such as no DNS name). Failures of one address alone do not count.
        """
        host = host_of(url)
        if outcome not in _COUNTED:
            self._failing.pop(host, None)
            return
        if reason in _OF_ONE_ADDRESS:
            return
        before, addresses = self._failing.get(host, ("", set()))
        addresses = addresses | {url} if before == reason else {url}
        self._failing[host] = reason, addresses
        if len(addresses) >= (1 if reason in AT_ONCE else IN_A_ROW):
            is_blocked = outcome is CaptureOutcome.BLOCKED
            self.leave(host, NotNow(outcome if is_blocked else CaptureOutcome.UNREACHABLE, reason))


def host_of(url: str) -> str:
    """Return the host of an address, with its port if the address names one."""
    return urlsplit(url).netloc
