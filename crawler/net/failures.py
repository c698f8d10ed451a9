"""The ways in which a single fetch can fail (our refusals, errors of the network), and the codes that are recorded.

Separate from ``errors.py``, so that code which only reads the archive need not load Scrapy.
"""

from __future__ import annotations

from OpenSSL.SSL import Error as TlsError
from scrapy.core.downloader.handlers.http11 import TunnelError
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

from storage.records import CaptureOutcome, LookOutcome


class Refused(IgnoreRequest):
    """The guard refused an address. ``reason`` is a code (``foreign_host``, ``private_address`` …)."""

    def __init__(self, reason: str, url: str) -> None:
        super().__init__(f"refused ({reason}): {url}")
        self.reason = reason


class NotNow(IgnoreRequest):
    """A host or path must not be asked now: its robots.txt forbids it, or is unreachable, an error or a challenge.

    ``outcome``: the outcome of a look that this ends (``robots``, ``unreachable``, ``blocked``).
    """

    def __init__(self, outcome: LookOutcome, reason: str) -> None:
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
#: How a fetch that ended with NotNow is recorded, by the outcome of the look.
HELD_BACK = {
    LookOutcome.ROBOTS: CaptureOutcome.ROBOTS,
    LookOutcome.BLOCKED: CaptureOutcome.BLOCKED,
    LookOutcome.UNREACHABLE: CaptureOutcome.UNREACHABLE,
    LookOutcome.PARTIAL: CaptureOutcome.ERROR,
}
NETWORK: tuple[type[Exception], ...] = (IgnoreRequest, *(kind for kind, _, _ in FAILURES))


def reason_of(error: Exception) -> str:
    """Return the code under which an error is recorded; the name of its class if FAILURES has no code."""
    if isinstance(error, Refused | NotNow):
        return error.reason
    if type(error) is IgnoreRequest and "redirections" in str(error):  # Scrapy's error for too many redirects
        return "too_many_redirects"
    return next((reason for kind, _, reason in FAILURES if isinstance(error, kind)), type(error).__name__)
