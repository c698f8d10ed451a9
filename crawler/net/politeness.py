"""Obeys robots.txt, and paces requests: one at a time per host or cluster, delays, waits after errors, page budget.

The gap between two requests is at least the configured delay (2 s for real portals), and without a further wait at most
half as much again. Waits belong to the slot of a host or its cluster: all further requests in the slot wait too.
"""

from __future__ import annotations

import asyncio
import math
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Protocol
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler, load_object

from crawler.crawl_run import CrawlPart, RunHolder, extension_of, now_of
from crawler.net.failures import NETWORK, BudgetSpent, HostHealth, HostLeft, NotNow, reason_of
from crawler.net.fetching import own_context
from crawler.net.resolver import resolved_to_private
from storage.locks import Locks
from storage.records import CaptureOutcome, CaptureRole

MAX_WAIT_SECONDS = 300.0  # after a longer Crawl-delay or Retry-After the host is left alone in this run
MAX_ROBOTS_BYTES = 512_000  # of a robots.txt that are read; the standard (RFC 9309, 2.5) demands at least 500 KiB
_NO_RULES = {401, 403, 404, 410}
_GATEWAY = {502, 504}
_OF_JOBS = frozenset({CaptureRole.REPORT, CaptureRole.ATTACHMENT})  # roles of the requests that a job keeps on disk


def slot_of(request: Request, crawler: Crawler) -> str:
    """Return the name of the slot in which a request waits: that of the portal's cluster, else of its host."""
    cluster = getattr(crawler.spider, "cluster", None)
    return f"cluster:{cluster}" if cluster else (urlparse_cached(request).hostname or "").rstrip(".")


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header (None: not sent) asks for; None if it cannot be read."""
    text = (value or b"").decode("latin-1").strip()[:40]
    if re.fullmatch(r"[0-9]{1,12}", text):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return max(0.0, (at - now).total_seconds())


class Pace(CrawlPart):
    """Makes slots wait in addition to Scrapy's DOWNLOAD_DELAY: for Crawl-delay, Retry-After, and after a 429, a 5xx or
    an error (DOWNLOAD_DELAY × 4, × 10, × 28 … with each attempt). A host that asks for more than we wait is left alone.

    The request itself waits, in the download handler; as a slot sends one request at a time, later ones wait too.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Take the delay, and the statuses that make a slot (the requests to one machine) wait, from the settings."""
        super().__init__(crawler)
        settings = crawler.settings
        self.delay = settings.getfloat("DOWNLOAD_DELAY")
        self._least = self.delay * (1 - settings.getfloat("DOWNLOAD_DELAY_JITTER"))
        self._bad_codes = frozenset(map(int, settings.getlist("RETRY_HTTP_CODES")))
        self._crawl_delay: dict[str, float] = {}  # seconds by slot
        self._last_request: dict[str, float] = {}  # time of the last request, by slot
        self._held_until: dict[str, float] = {}  # by slot; in monotonic() seconds, as the time above
        crawler.signals.connect(self.robots_parsed, signals.robots_parsed)

    async def take_turn(self, request: Request) -> None:
        """Wait until a request's slot (its machine) may send it: after delay, robots.txt's Crawl-delay and any hold."""
        slot = request.meta["download_slot"]
        gap = self._crawl_delay.get(slot, 0.0) * random.uniform(1, 1.5)  # noqa: S311
        earliest = self._last_request.get(slot, -math.inf) + max(gap, self._least)
        wait = max(earliest, self._held_until.get(slot, -math.inf)) - monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        self._last_request[slot] = monotonic()

    def hold(self, request: Request, response: Response | None = None) -> None:
        """Make a slot (the requests to one machine) wait after a request in it ended with an error (no ``response``) or
        a bad status: longer each retry, at least Retry-After; if that is too long, leave the host alone.
        """
        if response is not None and response.status not in self._bad_codes:
            return
        wait = self.delay * 3 ** (request.meta.get("retry_times", 0) + 1)
        value = response.headers.get("Retry-After") if response is not None else None
        seconds = retry_after(value, now_of(self.crawler)) or 0.0
        if seconds > MAX_WAIT_SECONDS:
            request.meta["dont_retry"] = True
            host = urlparse_cached(request).netloc
            extension_of(self.crawler, HostHealth).leave(host, NotNow(CaptureOutcome.UNREACHABLE, "retry_after"))
        else:
            wait = max(wait, seconds)
        self._held_until[request.meta["download_slot"]] = monotonic() + wait + self.delay

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Obey the Crawl-delay of a robots.txt; leave the host alone if it is too long."""
        seconds = robotparser.crawl_delay(self.crawler.settings["USER_AGENT"])
        if seconds is None:
            return
        if not 0 <= seconds <= MAX_WAIT_SECONDS:
            closed = NotNow(CaptureOutcome.ROBOTS, "crawl_delay_too_long")
            extension_of(self.crawler, HostHealth).leave(urlparse_cached(request).netloc, closed)
            return
        slot = slot_of(request, self.crawler)
        self._crawl_delay[slot] = max(float(seconds), self._crawl_delay.get(slot, 0.0))


class PaceMiddleware(CrawlPart):
    """Puts each request into its slot and counts it against the page budget. Raises :class:`BudgetSpent`."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.budget, self.asked = crawler.settings.getint("NIANBAO_PAGE_BUDGET"), 0

    def process_request(self, request: Request) -> None:
        """Let the request pass, or raise."""
        self.asked += 1
        if self.asked > self.budget:
            raise BudgetSpent(f"the page budget of {self.budget} requests is used up")
        request.meta["download_slot"] = slot_of(request, self.crawler)


class PoliteRobots(CrawlPart):
    """Obeys robots.txt: if it is unreachable or a 5xx, the host is left alone; 401/403/404 mean no rules; a challenge
    means blocked. Raises :class:`NotNow` for each request that must not be made.

    Replaces Scrapy's middleware, which lets requests pass if robots.txt cannot be fetched.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.health = extension_of(crawler, HostHealth)
        self._agent = crawler.settings["USER_AGENT"]
        self._parser: type[RobotParser] = load_object(crawler.settings["ROBOTSTXT_PARSER"])
        self._rules: dict[str, asyncio.Future[RobotParser | None]] = {}  # by host

    async def process_request(self, request: Request) -> None:
        """Let the request pass if its host's robots.txt, fetched first, allows it; else raise NotNow, or HostLeft for a
        host left alone. A job that goes on (``JOBDIR``) has requests before its run has begun: they wait.
        """
        if request.meta.get("dont_obey_robotstxt"):
            return
        if own_context(request).role in _OF_JOBS:
            await extension_of(self.crawler, RunHolder).begun.wait()
        host = urlparse_cached(request).netloc
        if (refusal := self.health.refusal(request.url)) is not None:
            raise HostLeft(refusal.outcome, refusal.reason)
        is_first = host not in self._rules
        if is_first:
            self._rules[host] = asyncio.ensure_future(self._ask(request, host))
        rules = await asyncio.shield(self._rules[host])
        if (shut := self.health.refusal(request.url)) is not None:  # because of its robots.txt, just now
            kind = NotNow if is_first else HostLeft  # record only the first request; the others stay due
            raise kind(shut.outcome, shut.reason)
        if rules is not None and not rules.allowed(request.url, self._agent):
            raise NotNow(CaptureOutcome.ROBOTS, "disallowed")

    async def _ask(self, request: Request, host: str) -> RobotParser | None:
        """Fetch and return the rules of a host; None if they cannot be fetched: the host is then left alone."""
        url = f"{urlparse_cached(request).scheme}://{host}/robots.txt"
        # the first request to a host: if one retry fails too, the host is down
        robots_request = Request(url, meta={"dont_obey_robotstxt": True, "max_retry_times": 1}, callback=NO_CALLBACK)
        try:
            response = await self.crawler.engine.download_async(robots_request)
            rules = build_from_crawler(self._parser, self.crawler, _rules_in(response))
        except NETWORK as error:
            self.health.leave(host, _why_not_now(error, host))
            return None
        await self.crawler.signals.send_catch_log_async(signals.robots_parsed, robotparser=rules, request=request)
        return rules


def _rules_in(response: Response) -> bytes:
    """Return a response's text of robots.txt, b"" if the host has none. Raises :class:`NotNow` if it is another."""
    verdict = own_context(response.request).verdict
    if verdict is not None and verdict.outcome is CaptureOutcome.BLOCKED:
        raise NotNow(CaptureOutcome.BLOCKED, f"robots_{verdict.reason}")
    if response.status in _NO_RULES:
        return b""
    if not 200 <= response.status < 300:
        behind = response.status in _GATEWAY  # a gateway or proxy that cannot reach the host
        raise NotNow(CaptureOutcome.UNREACHABLE if behind else CaptureOutcome.ROBOTS, f"robots_http_{response.status}")
    body: bytes = response.body
    return body if len(body) <= MAX_ROBOTS_BYTES else body[:MAX_ROBOTS_BYTES].rpartition(b"\n")[0]


def _why_not_now(error: Exception, host: str) -> NotNow:
    """Return why a host is left alone after an error in fetching its robots.txt."""
    if isinstance(error, NotNow):
        return error
    if isinstance(error, BudgetSpent):
        return NotNow(CaptureOutcome.ERROR, "page_budget")
    inwards = resolved_to_private(error, urlsplit(f"//{host}").hostname or "")
    return NotNow(CaptureOutcome.UNREACHABLE, f"robots_{'private_address' if inwards else reason_of(error)}")


class Located(Protocol):
    """The attributes of a portal that determine the machines it asks."""

    cluster: str | None
    hosts: tuple[str, ...]


def lock_names(portal: Located | type[Located]) -> list[str]:
    """Return the names of the locks for a crawl of the portal: its cluster (portals on the same servers), or each of
    its hosts (the domain for sub-domains). Hosts of a wrong type are ignored: the crawl reports them at its start.
    """
    if portal.cluster:
        return [f"cluster-{portal.cluster}"]
    hosts = portal.hosts if isinstance(portal.hosts, tuple) else ()
    return sorted({re.sub(r":\d+$", "", str(host)).strip(".").removeprefix("www.") for host in hosts})


def machine_of(known: Mapping[str, type[Located]], name: str) -> str:
    """Return the name of a portal's machine: its first lock name, or the portal's own name if it has no lock."""
    return next(iter(lock_names(known[name])), name) if name in known else name


@contextmanager
def hold_machines(locks: Locks, names: list[str], delay: float, on_waiting: Callable[[str], object]) -> Iterator[None]:
    """Hold the locks of a crawl, and for one delay after it; tell ``on_waiting`` the lock that another one holds."""
    with ExitStack() as stack:
        for name in sorted(names):  # in order, against deadlocks
            locks.take(name, on_waiting)
            stack.callback(locks.release, name)
        stack.callback(time.sleep, delay)
        yield
