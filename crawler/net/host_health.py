"""Decides which hosts are left alone for the rest of a run, and why.

A host is left if it cannot be reached, asks for patience (429), or fails in the same way at several addresses in a row.
A fault of one address (a redirect loop, an answer that is too large or breaks off) affects that address alone. After a
redirect, a failure counts for the host that failed, not for the one that redirected.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy.crawler import Crawler

from crawler.crawl_run import CrawlPart
from crawler.net.failures import NotNow
from storage.records import CaptureOutcome, LookOutcome, Note

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
        """Count the result of an attempt at an address; leave its host after too many failures."""
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
    """Return the host of an address, with its port if the address names one."""
    return urlsplit(url).netloc
