"""What happens to a single fetch: what we refuse, what the network does, and the code under which it is recorded.

Apart from ``errors.py``, so that who only asks the archive need not load Scrapy.
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
    """The guard does not let a fetch go there. ``reason`` is a code (``foreign_host``, ``private_address`` …)."""

    def __init__(self, reason: str, url: str) -> None:
        super().__init__(f"refused ({reason}): {url}")
        self.reason = reason


class NotNow(IgnoreRequest):
    """A host that must not be asked now: robots.txt unreachable, answering 5xx or a challenge, or disallowing.

    ``outcome`` is what it means for a look (``robots``, ``unreachable``, ``blocked``).
    """

    def __init__(self, outcome: LookOutcome, reason: str) -> None:
        super().__init__(f"not now ({reason})")
        self.outcome = outcome
        self.reason = reason


class HostLeft(NotNow):
    """A host that is not asked again in this run: nothing was asked, and nothing is recorded for the request."""


class BudgetSpent(IgnoreRequest):
    """The portal's page budget of this run is used up; nothing is recorded for the request."""


class TooLarge(IgnoreRequest):
    """A response that is, or unpacks to, more than the limit."""


class Trickle(DownloadTimeoutError):  # noqa: N818 - as the others here
    """An answer that began in time, and came too slowly or did not end in it."""


# What the network does to a fetch, and how it is recorded. Any other exception is an error of ours and ends the crawl.
FAILURES: tuple[tuple[type[Exception], CaptureOutcome, str], ...] = (
    (TooLarge, CaptureOutcome.TOO_LARGE, "too_large"),
    (DownloadCancelledError, CaptureOutcome.TOO_LARGE, "too_large"),  # Scrapy cancels for the size alone
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
#: How a fetch that must not be made now is recorded, by what it means for a look.
HELD_BACK = {
    LookOutcome.ROBOTS: CaptureOutcome.ROBOTS,
    LookOutcome.BLOCKED: CaptureOutcome.BLOCKED,
    LookOutcome.UNREACHABLE: CaptureOutcome.UNREACHABLE,
    LookOutcome.PARTIAL: CaptureOutcome.ERROR,
}
NETWORK: tuple[type[Exception], ...] = (IgnoreRequest, *(kind for kind, _, _ in FAILURES))


def reason_of(error: Exception) -> str:
    """The code under which a failure is recorded; the class's name for what is not in the table."""
    if isinstance(error, Refused | NotNow):
        return error.reason
    if type(error) is IgnoreRequest and "redirections" in str(error):  # Scrapy's own, of one too many
        return "too_many_redirects"
    return next((reason for kind, _, reason in FAILURES if isinstance(error, kind)), type(error).__name__)
