"""Which hosts are left alone for the rest of a run, and why.

A host is left for what the host does: it cannot be reached, it asks for patience, or several different addresses of it
fail alike in a row. What one address does (a redirect loop, an answer that is too large or breaks off) costs that
address alone. A refusal belongs to the host that refused, also where another host redirected to it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy.crawler import Crawler

from crawler.crawl_run import CrawlPart
from crawler.net.failures import NotNow
from storage.records import CaptureOutcome, LookOutcome, Note

IN_A_ROW = 3  # so many different addresses must fail alike before their host is left alone
AT_ONCE = frozenset({"no_such_name", "connection_refused", "no_connection", "tls", "proxy_refused", "http_429"})
_COUNTED = frozenset({CaptureOutcome.UNREACHABLE, CaptureOutcome.ERROR, CaptureOutcome.BLOCKED})
_OF_ONE_ADDRESS = frozenset(
    {"too_many_redirects", "torn", "trickle", "cut_short", "encoding_broken", "unpacks_to_too_much", "too_large"}
)


class HostHealth(CrawlPart):
    """The hosts of one crawl, by name and port as addresses write them."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.left: dict[str, NotNow] = {}
        self.notes: list[Note] = []
        self._failing: dict[str, tuple[str, set[str]]] = {}  # host → reason of its failures in a row, addresses

    def refusal(self, url: str) -> NotNow | None:
        """Why the host of an address is not asked in this run; None where it is."""
        return self.left.get(host_of(url))

    def leave(self, host: str, reason: NotNow) -> None:
        """Ask a host for nothing more in this run, and note why."""
        if host not in self.left:
            self.left[host] = reason
            self.notes.append(Note("host_left", {"host": host, "reason": reason.reason}))

    def note(self, url: str, outcome: CaptureOutcome, reason: str) -> None:
        """Take note of how an attempt ended at the address that was asked."""
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
            look = LookOutcome.BLOCKED if outcome is CaptureOutcome.BLOCKED else LookOutcome.UNREACHABLE
            self.leave(host, NotNow(look, reason))


def host_of(url: str) -> str:
    """The host of an address, with its port where it is named."""
    return urlsplit(url).netloc
