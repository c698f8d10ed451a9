"""What can go wrong while fetching. A message is a sentence that says what, where, and what to do."""

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


class CrawlError(Exception):
    """The crawl as a whole cannot be done (no such portal, an archive that refuses, a broken portal file)."""


class PortalError(CrawlError):
    """A portal's file or CSV is not as it must be; the message names the file and the attribute or column."""


class UnknownPortal(CrawlError):  # noqa: N818 - as the others here: what it is, not that it is an error
    """No portal of this name; the message names the nearest ones."""


class Refused(IgnoreRequest):
    """The guard does not let a fetch go there. ``reason`` is a code (``foreign_host``, ``private_address`` …)."""

    def __init__(self, reason: str, url: str) -> None:
        super().__init__(f"refused ({reason}): {url}")
        self.reason = reason


class NotNow(IgnoreRequest):
    """A host that must not be asked now: robots.txt unreachable, answering 5xx or a challenge, or disallowing.

    ``outcome`` is what it means for a look (``robots``, ``unreachable``, ``blocked``); ``host_wide`` is False where
    only this path is disallowed.
    """

    def __init__(self, outcome: LookOutcome, reason: str, *, host_wide: bool = True) -> None:
        super().__init__(f"not now ({reason})")
        self.outcome = outcome
        self.reason = reason
        self.host_wide = host_wide


class BudgetSpent(IgnoreRequest):
    """The portal's page budget of this run is used up; nothing is recorded for the request."""


class TooLarge(IgnoreRequest):
    """A response that is, or unpacks to, more than the limit."""


class ConnectTimeout(DownloadTimeoutError):  # noqa: N818 - as the others here
    """No connection within the time for one."""


class Trickle(DownloadTimeoutError):  # noqa: N818 - as the others here
    """An answer that began in time, and came too slowly or did not end in it."""


# What the network does to a fetch, and how it is recorded. Any other exception is an error of ours and ends the crawl.
FAILURES: tuple[tuple[type[Exception], CaptureOutcome, str], ...] = (
    (TooLarge, CaptureOutcome.TOO_LARGE, "too_large"),
    (DownloadCancelledError, CaptureOutcome.TOO_LARGE, "too_large"),  # Scrapy cancels for the size alone
    (CannotResolveHostError, CaptureOutcome.UNREACHABLE, "no_such_name"),
    (DownloadConnectionRefusedError, CaptureOutcome.UNREACHABLE, "connection_refused"),
    (ConnectTimeout, CaptureOutcome.UNREACHABLE, "connect_timeout"),
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


#: What the codes of looks and captures mean, in words for people.
WORDS = {
    "no_such_name": "its name could not be resolved",
    "connection_refused": "it refused the connection",
    "connect_timeout": "no connection could be made in time",
    "timeout": "it did not answer in time",
    "trickle": "its answer began and came too slowly",
    "retry_after": "it asks to be left alone for longer than a run may wait",
    "torn": "its answer broke off",
    "connection_lost": "the connection was lost",
    "private_address": "it leads to an address that is not public",
    "proxy_refused": "the proxy refused the way there",
    "no_connection": "no connection could be made",
    "tls": "its certificate or encryption failed",
    "too_large": "its answer was too large",
}


#: What is said of a portal that answers with a challenge or a refusal in place of its pages.
CONTROLLED = (
    "an access control answers in place of pages; it is not got around: pages that a person saves in a browser come in"
    " with `nianbao import`, once the portal is written by hand (docs/add-a-county.md)"
)


def in_words(reason: str) -> str:
    """A reason for people, its code behind it: ``its name could not be resolved (robots_no_such_name)``."""
    plain = reason.removeprefix("robots_")
    if plain.startswith("http_"):
        return f"it answered {plain.removeprefix('http_')} ({reason})"
    return f"{WORDS[plain]} ({reason})" if plain in WORDS else reason


def reason_of(error: Exception) -> str:
    """The code under which a failure is recorded; the class's name for what is not in the table."""
    if isinstance(error, Refused | NotNow):
        return error.reason
    return next((reason for kind, _, reason in FAILURES if isinstance(error, kind)), type(error).__name__)
