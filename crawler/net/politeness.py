"""How we behave: robots.txt, one request at a time per host or cluster, delays, waits after bad answers, page budget.

No gap between two requests is shorter than what the configuration promises (2 s for real portals), nor longer than half
as much again. The slot of a host (or of its cluster) is what waits: whoever asks next, waits too.
"""

from __future__ import annotations

import logging
import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from crawler.net.failures import NETWORK, BudgetSpent, HostLeft, NotNow, Trickle, reason_of
from crawler.net.fetching import VERDICT, now_of
from crawler.net.host_health import HostHealth
from crawler.net.resolver import resolved_to_private
from storage.records import CaptureOutcome, LookOutcome

log = logging.getLogger(__name__)
LONGEST_WAIT = 300.0  # seconds: a longer Crawl-delay or Retry-After means "not now"
ROBOTS_MOST = 512_000  # bytes of a robots.txt that are obeyed, as the standard (RFC 9309, 2.5) asks for
_NO_RULES = {401, 403, 404, 410}
_GATEWAY = {502, 504}


def health_of(crawler: Crawler) -> HostHealth:
    """The hosts of a crawl that are left alone."""
    health = crawler.get_extension(HostHealth)
    assert health is not None, "HostHealth stands in EXTENSIONS"
    return health


def slot_of(request: Request, cluster: str | None) -> str:
    """Return the name of the slot a request waits in: the cluster's, or its host's."""
    return f"cluster:{cluster}" if cluster else (urlparse_cached(request).hostname or "").rstrip(".")


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for; None where there is none or it cannot be read."""
    text = (value or b"").decode("latin-1").strip()[:40]
    if re.fullmatch(r"[0-9]{1,12}", text):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return max(0.0, (at - now).total_seconds())


def wait_asked(crawler: Crawler, response: Response | None) -> float:
    """Seconds for which an answer asks by Retry-After, 0 where it does not; infinite if longer than we wait."""
    value = response.headers.get("Retry-After") if response is not None else None
    asked = retry_after(value, now_of(crawler)) or 0.0
    return asked if asked <= LONGEST_WAIT else math.inf


class BackOff:
    """The wait after a 429, a 5xx or an error: the slot of the host lets nothing through for DOWNLOAD_DELAY × 3, × 9, …
    with each attempt, or for as long as Retry-After asks. Where that is longer than we wait, the host is left.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler, self.health = crawler, health_of(crawler)
        self.delay = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self.codes = frozenset(map(int, crawler.settings.getlist("RETRY_HTTP_CODES")))

    def hold(self, request: Request, response: Response | None = None) -> None:
        """Hold the slot of a request that ended with an error (no ``response``) or with a bad answer."""
        if response is not None and response.status not in self.codes:
            return
        assert self.crawler.engine is not None
        wait = self.delay * 3 ** (request.meta.get("retry_times", 0) + 1)
        if math.isinf(asked := wait_asked(self.crawler, response)):
            self.health.leave(urlparse_cached(request).netloc, NotNow(LookOutcome.UNREACHABLE, "retry_after"))
        else:
            wait = max(wait, asked)
        slot = self.crawler.engine.downloader.slots.get(request.meta.get("download_slot", ""))
        if slot is not None:
            slot.lastseen = max(slot.lastseen, monotonic() + wait)


class PaceMiddleware:
    """Puts each request into its slot and counts it against the page budget. Raises :class:`BudgetSpent`."""

    def __init__(self, cluster: str | None, budget: int) -> None:
        self.cluster, self.budget, self.asked = cluster, budget, 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PaceMiddleware:
        """Built by Scrapy."""
        return cls(getattr(crawler.spider, "cluster", None), crawler.settings.getint("NIANBAO_PAGE_BUDGET"))

    def process_request(self, request: Request) -> None:
        """Let pass, or raise."""
        self.asked += 1
        if self.asked > self.budget:
            raise BudgetSpent(f"the page budget of {self.budget} requests is used up")
        request.meta["download_slot"] = slot_of(request, self.cluster)


class PoliteRobots(RobotsTxtMiddleware):
    """robots.txt with our rule: 5xx or unreachable means "not now", 401/403/404 no rules, a challenge blocked.

    How often it is asked before that: :class:`PoliteRetry`. Scrapy would go on after an error. Raises :class:`NotNow`,
    for each request that must not be made.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.health = health_of(crawler)
        crawler.signals.connect(self.apply_delay, signals.robots_parsed)

    async def process_request(self, request: Request, spider: Any = None) -> None:
        """Let pass, or raise."""
        del spider
        if request.meta.get("dont_obey_robotstxt"):
            return
        if (left := self.health.refusal(request.url)) is not None:
            raise HostLeft(left.outcome, left.reason)
        is_first = urlparse_cached(request).netloc not in self._parsers
        rules = await self.robot_parser(request)
        if (shut := self.health.refusal(request.url)) is not None:  # by what its robots.txt answered just now
            raise (NotNow if is_first else HostLeft)(
                shut.outcome, shut.reason
            )  # those that waited for it are due again
        if rules is not None and not rules.allowed(request.url, self._default_useragent):
            raise NotNow(LookOutcome.ROBOTS, "disallowed", host_wide=False)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        verdict = (response.request or request).meta.get(VERDICT)
        if verdict is not None and verdict.outcome is CaptureOutcome.BLOCKED:
            raise NotNow(LookOutcome.BLOCKED, f"robots_{verdict.reason}")
        if response.status in _NO_RULES:
            response = response.replace(body=b"")
        elif not 200 <= response.status < 300:
            behind = response.status in _GATEWAY  # a gateway or proxy that cannot reach the host
            outcome = LookOutcome.UNREACHABLE if behind else LookOutcome.ROBOTS
            raise NotNow(outcome, f"robots_http_{response.status}")
        elif len(response.body) > ROBOTS_MOST:
            response = response.replace(body=response.body[:ROBOTS_MOST].rpartition(b"\n")[0])
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if isinstance(exc, BudgetSpent):
            self.health.leave(netloc, NotNow(LookOutcome.PARTIAL, "page_budget"))
        elif isinstance(exc, NotNow):
            self.health.leave(netloc, exc)
        else:
            inwards = resolved_to_private(exc, urlsplit(f"//{netloc}").hostname or "")
            reason = "private_address" if inwards else reason_of(exc)
            self.health.leave(netloc, NotNow(LookOutcome.UNREACHABLE, f"robots_{reason}"))
        super()._robots_error(exc, netloc)
        if not isinstance(exc, NETWORK):
            raise exc  # an error of ours

    def apply_delay(self, robotparser: RobotParser, request: Request) -> None:
        """Crawl-delay: the slot waits at least so long between requests; one that is too long closes the host."""
        seconds = robotparser.crawl_delay(self._default_useragent)
        if seconds is None:
            return
        if not 0 <= seconds <= LONGEST_WAIT:
            self.health.leave(urlparse_cached(request).netloc, NotNow(LookOutcome.ROBOTS, "crawl_delay_too_long"))
            return
        key = slot_of(request, getattr(self.crawler.spider, "cluster", None))
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        settings = self.crawler.settings
        wanted = seconds / (1 - settings.getfloat("DOWNLOAD_DELAY_JITTER"))  # with jitter never below it
        wanted = max(wanted, settings.getfloat("DOWNLOAD_DELAY"))
        downloader.per_slot_settings.setdefault(key, {})["delay"] = wanted
        if key in downloader.slots:
            downloader.slots[key].delay = wanted


class PoliteRetry(RetryMiddleware):
    """Few retries, after the wait of :class:`BackOff`; none where Retry-After asks for more than we wait."""

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        """Retry what may pass by (429, 5xx), after the pause that the server asks for."""
        del spider
        verdict = request.meta.get(VERDICT)
        if verdict is not None and verdict.outcome is CaptureOutcome.BLOCKED:
            return response
        if response.status not in self.retry_http_codes:
            return response
        if math.isinf(wait_asked(self.crawler, response)):
            return response
        return self._retry(request, f"http_{response.status}") or response

    def process_exception(self, request: Request, exception: Exception, spider: Any = None) -> Request | None:
        """Retry what the network did; never what we refused ourselves, nor a name that does not exist."""
        del spider
        if isinstance(exception, IgnoreRequest) or not isinstance(exception, self.exceptions_to_retry):
            return None
        if urlparse_cached(request).path == "/robots.txt":
            request.meta["max_retry_times"] = 1  # the first request to a host: it answers, or it is not there now
        if isinstance(exception, Trickle):
            request.meta["max_retry_times"] = 1  # each has taken minutes
        return self._retry(request, exception)
