"""One crawl's connection with the archive: the run, the registry rows, what is known, and ``fetch``.

Opened by the spider before Scrapy builds its middlewares, closed when the spider closes. Everything the crawl writes
goes through here, so that families and looks stay free of storage.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlencode

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from archive.identity.leads import lead_of
from crawler import portals
from crawler.errors import ClockError, CrawlError, in_words
from crawler.lists.list_page import Page
from crawler.lists.list_requests import Step
from crawler.net.failures import NETWORK, BudgetSpent, NotNow
from crawler.net.guard import Territory
from crawler.net.machine_locks import MachineLocks, lock_names
from crawler.net.provenance import how_asked
from crawler.net.response_verdict import Verdict, decode
from crawler.operations.disk_space import lacking
from storage.captures import CaptureStore, CaptureWriter
from storage.clocks import our_clock
from storage.cut_runs import CUT, end_cut_runs
from storage.errors import DiskError
from storage.home import Home, open_home
from storage.observations import Observations
from storage.records import (
    MOST_SKEW,
    Agency,
    Capture,
    CaptureOutcome,
    CaptureRole,
    Lead,
    Link,
    Listing,
    Part,
    Portal,
    Run,
)
from storage.registry import Registry
from storage.schedules import HINDERED

if TYPE_CHECKING:
    from crawler.spider import PortalSpider

IMITATION = "imitation.json"
_SEVERAL = 3
_TROUBLE = frozenset({CaptureOutcome.UNREACHABLE, CaptureOutcome.ERROR, CaptureOutcome.BLOCKED})  # not the link's own
_SAYS_ITSELF = frozenset({CaptureOutcome.SOFT_404, CaptureOutcome.EMPTY})
_STOPPED = frozenset({None, CUT, "failed"})  # outcomes of runs that were stopped before their end
_BUSY_WITH = 3  # reports: the one being taken, the one asked for ahead (visits.py), a control between (addressed.py)
_TOLD = 20  # sorts of failures in a run's sentence
_NAMED = 3  # addresses in it
WITHOUT_REPORT = "columns_without_report"  # that were found on the way, and never showed one
NO_LISTINGS = "no_listings"  # places found on the way, or by an earlier crawl, that turned out to be no listings
UNSAID_ENDS = "ends_unsaid_as_before"  # lists of which nothing says where they end, and that were told before
LEFT = "left_for_the_next_run"  # reason of a file of a page that was not asked for
GROUP = 200  # captures acknowledged together where pages come faster than one a second; never later than in two
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Trace:
    """What a request is for, and what became of its attempts; shared by its redirects and retries through ``meta``.

    ``refine`` may sharpen the verdict on a page (an addressed report that is empty); ``previous`` is what a 304
    confirms.
    """

    role: CaptureRole
    requested: str
    via: str | None = None
    link_text: str = ""
    previous: Capture | None = None
    refine: Callable[[Page], Verdict] | None = None
    captures: list[Capture] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fetched:
    """How a fetch ended: its captures (redirects and retries included), the last verdict, the entity of a page.

    ``not_now``: the host (or this path) must not be asked; ``spent``: the page budget is used up.
    """

    url: str
    verdict: Verdict
    captures: tuple[Capture, ...]
    body: bytes = b""
    not_now: NotNow | None = None
    spent: bool = False

    @property
    def capture(self) -> Capture | None:
        """The capture of the last attempt; None if nothing was recorded."""
        return self.captures[-1] if self.captures else None

    @property
    def page(self) -> Page:
        """The page as families read it."""
        return Page(self.url, decode(self.body), len(self.body))


class Session:
    """See the module."""

    def __init__(self, home: Home, spider: PortalSpider, crawler: Crawler, purpose: str) -> None:
        self.home, self.spider, self.crawler = home, spider, crawler
        self.clock = home.clock
        self.registry, self.observations, self.store = Registry(home), Observations(home), CaptureStore(home)
        self.imitation = _imitation(home)
        mapped = frozenset(self.imitation) if home.simulated else None
        self.territory = Territory(tuple(spider.hosts), mapped)
        self.locks = MachineLocks(home.path / "locks", lock_names(spider), home.config.delay, spider.waits)
        self.counts: Counter[str] = Counter()
        self.notes: list[str] = []
        self.faults: dict[str, Counter[str]] = {}
        self.lost: list[str] = []  # addresses of reports that could not be had
        self.left: dict[str, NotNow] = {}  # hosts (with port, if it is named) that are not asked again in this run
        self.unvisited = False  # reports that were due could not all be asked for
        self.parts_asked: set[str] = set()
        self._held: dict[str, Capture] = {}
        self._leads: dict[tuple[str | None, ...], Lead] = {}
        now = self.clock.now()
        self.portal, self.agencies, self.listings = portals.register(self.registry, spider, now)
        self.run = Run(id=uuid.uuid4().hex, portal=spider.name, purpose=purpose, started=now)
        self.observations.start_run(self.run)
        group = 1 if home.config.delay >= 1 else GROUP
        self.writer = CaptureWriter(home, self.run, group=group, about=how_asked(crawler.settings))
        self.writer.__enter__()
        for cut in end_cut_runs(home):  # whoever runs several crawls has done so, and told it
            log.warning("%s: %s", cut.run.portal, cut.sentence)
        self.finished = False
        self.unwritable: DiskError | None = None  # what kept the end of the run from being recorded
        self.hindrance: Exception | None = None  # a full disk, a wrong clock: nothing of the portal's
        self._minded = False  # whether a server's clock was compared with ours
        crawler.signals.connect(self.close, signals.spider_closed)

    portal: Portal
    agencies: tuple[Agency, ...]
    listings: tuple[Listing, ...]

    @classmethod
    def open(cls, spider: PortalSpider, crawler: Crawler) -> Session:
        """One crawl of ``spider``, in the archive it was given opened, else in that named by ``NIANBAO_ARCHIVE``."""
        given = getattr(spider, "home", None)
        home = given if isinstance(given, Home) else open_home()
        purpose = str(getattr(spider, "purpose", "") or "crawl")
        return cls(home, spider, crawler, purpose)

    @cached_property
    def known(self) -> dict[str, Capture]:
        """Report and attachment addresses (as first asked for) → the newest fetch that answered; what people brought in
        (without status) does not spare a visit.
        """
        newest, holders = self.store.newest(
            self.portal.name,
            roles=(CaptureRole.REPORT, CaptureRole.ATTACHMENT),
            outcomes=(CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED, CaptureOutcome.SOFT_404),
        )
        self._held = {capture.id: capture for capture in holders if capture.document is not None}
        return {capture.requested: capture for capture in newest}

    @cached_property
    def cut_runs(self) -> frozenset[str]:
        """The runs of this portal that did not come to their end, since the last that did."""
        same = [run for run in self.observations.runs(self.portal.name) if run.purpose == self.run.purpose]
        others = (run for run in reversed(same) if run.id != self.run.id)
        return frozenset(run.id for run in takewhile(lambda run: run.outcome in _STOPPED, others))

    @cached_property
    def cut_off(self) -> frozenset[str]:
        """Addresses of the reports with which the cut runs were busy: what belongs to those pages may be missing."""
        return frozenset(
            address
            for run in self.cut_runs
            for address in self.store.last_asked(self.portal.name, run, CaptureRole.REPORT, _BUSY_WITH)
        )

    @cached_property
    def lacking(self) -> frozenset[str]:
        """Addresses of the reports of which files were put off and are not held yet."""
        if not any(run.counts.get("attachments_left") for run in self.observations.runs(self.portal.name)):
            return frozenset()
        asked = self.store.for_portal(self.portal.name, roles=(CaptureRole.ATTACHMENT,))
        last = {one.requested: one for one in asked}
        put_off = {one.via for one in last.values() if one.reason == LEFT and one.via is not None}
        pages = (self.store.get(via) for via in put_off)
        return frozenset(page.requested for page in pages if page is not None)

    def put_off(self, part: Part, page: Capture) -> None:
        """Write down that a file of a page was not asked for in this run."""
        self.writer.write(
            None, role=CaptureRole.ATTACHMENT, requested=part.url, outcome=CaptureOutcome.ERROR, reason=LEFT,
            via=page.id, link_text=part.text,
        )  # fmt: skip

    def holder(self, capture: Capture | None) -> Capture | None:
        """The capture whose own record holds what ``capture`` stands for, where that is known without asking."""
        return None if capture is None else self._held.get(capture.revisit_of or capture.id, capture)

    def seen(self, trace: Trace) -> Capture | None:
        """What was got from the address of a trace before, if what is known was read already."""
        known = self.__dict__.get("known")
        return self.holder(known.get(trace.requested)) if known is not None else None

    async def fetch(
        self,
        url: str,
        *,
        role: CaptureRole,
        via: str | None = None,
        link_text: str = "",
        referer: str = "",
        previous: Capture | None = None,
        refine: Callable[[Page], Verdict] | None = None,
        step: Step | None = None,
    ) -> Fetched:
        """Ask for an address (conditionally, if ``previous`` has validators); never raises for what the network
        does. ``step``: how, where it is not a plain GET.
        """
        trace = Trace(role, url, via, link_text, previous, refine)
        refusal = self.territory.refusal(url)
        if refusal is not None:  # recorded without making a request of what may be no address at all
            return self._refused(trace, refusal)
        request = _request(url, trace, step)
        if referer:
            request.headers["Referer"] = urldefrag(referer).url
        if previous is not None and previous.etag:
            request.headers["If-None-Match"] = previous.etag
        if previous is not None and previous.last_modified:
            request.headers["If-Modified-Since"] = previous.last_modified
        return (await self.send(request, trace))[0]

    async def send(self, request: Request, trace: Trace) -> tuple[Fetched, Response | None]:
        """Make a request that lies in the portal; how it ended, and the answer as it came, whatever it is."""
        response: Response | None = None
        stopped: Exception | None = None
        try:
            response = await self.crawler.engine.download_async(request)
        except NETWORK as error:  # recorded by the capture layer
            stopped = error
        self._mind_the_clock(trace)
        return self._ended(trace.requested, trace, response, stopped), response

    def _mind_the_clock(self, trace: Trace) -> None:
        """Stop where the first server that tells its time is one more that says that our clock is off."""
        dates = [(one.fetched_at, one.server_date) for one in trace.captures if one.server_date is not None]
        if self._minded or not dates:
            return
        self._minded = True
        skew = abs((dates[0][0] - dates[0][1]).total_seconds())
        if skew <= MOST_SKEW.total_seconds():
            return
        known = portals.classes(self.home.path)
        machines = {name: lock_names(portal)[0] for name, portal in known.items() if lock_names(portal)}
        own = machines.get(self.portal.name, self.portal.name)
        off = our_clock(self.home, lambda name: machines.get(name, name), (own, skew))
        if off is not None:
            raise ClockError(
                f"our clock is off by about {off:.0f} seconds, as this portal and those asked before it say; nothing"
                " that is crawled now would prove anything. Set it (timedatectl set-ntp true), then run it again"
            )

    def _refused(self, trace: Trace, reason: str) -> Fetched:
        capture = self.writer.write(
            None,
            role=trace.role,
            requested=trace.requested,
            outcome=CaptureOutcome.REFUSED,
            reason=reason,
            via=trace.via,
            link_text=trace.link_text,
        )
        self.counts[f"capture_{capture.outcome}"] += 1
        return Fetched(trace.requested, Verdict(CaptureOutcome.REFUSED, reason), (capture,))

    def _ended(self, url: str, trace: Trace, response: Response | None, stopped: Exception | None) -> Fetched:
        captures = tuple(trace.captures)
        last = captures[-1] if captures else None
        if isinstance(stopped, BudgetSpent):
            return Fetched(url, Verdict(CaptureOutcome.ERROR, "page_budget"), captures, spent=True)
        outcome = last.outcome if last else CaptureOutcome.ERROR
        reason = last.reason if last else type(stopped).__name__
        if outcome is CaptureOutcome.REDIRECT:
            outcome, reason = CaptureOutcome.ERROR, "too_many_redirects"
        body = response.body if response is not None and outcome is CaptureOutcome.PAGE else b""
        if trace.role is CaptureRole.LISTING and len(body) > self.crawler.settings.getint("NIANBAO_LISTING_MAXSIZE"):
            outcome, reason, body = CaptureOutcome.TOO_LARGE, "", b""  # kept as it came, and not read as a list
        final = response.url if response is not None else (last.url if last else url)
        if (fragment := urldefrag(url).fragment) and "#" not in final:
            final += f"#{fragment}"  # redirects inherit it; it may name what a script shows on the page
        not_now = stopped if isinstance(stopped, NotNow) else None
        return Fetched(final, Verdict(outcome, reason), captures, body, not_now=not_now)

    def lead_of(self, link: Link, listing: Listing) -> Lead:
        """What a link of a listing promises; judged once a run."""
        key = (listing.id, link.url, link.text, link.row, link.listed)
        if key not in self._leads:
            self._leads[key] = lead_of(link, listing, self.portal, self.agencies)
        return self._leads[key]

    def failed(self, what: str, fetched: Fetched, *, lead: Lead | None = None) -> None:
        """Count a page of a report (``visit``) or an ``attachment`` that could not be had, by what stood in its way.

        ``lead``: what the link of the page was judged to be.
        """
        if lead is not None and lead.is_report:
            self.lost.append(lead.url)
        self.counts[f"{what}_failed"] += 1
        verdict = fetched.verdict
        self.counts[f"{what}_troubled"] += verdict.outcome in _TROUBLE
        plain = verdict.outcome in _SAYS_ITSELF or not verdict.reason
        code = str(verdict.outcome) if plain else verdict.reason
        self.faults.setdefault(what, Counter())[code] += 1

    def leave(self, host: str, reason: NotNow) -> None:
        """Ask a host for nothing more in this run, and say so."""
        if host not in self.left:
            self.left[host] = reason
            self.notes.append(f"{host}: {in_words(reason.reason)}, not asked again in this run")

    def tell(self, signal: object, **values: object) -> None:
        """Send a Scrapy signal: what was just stored."""
        self.crawler.signals.send_catch_log(signal, spider=self.spider, **values)

    def held_body(self, capture: Capture) -> bytes:
        """Return the stored document of a capture (for a page that answered 304)."""
        self.writer.flush()
        return self.store.body(capture)

    def close(self, reason: str = "finished") -> None:
        """End the run; called once, by the signal of the closing spider."""
        if self.finished:
            return
        self.finished = True
        try:
            self.writer.__exit__(None, None, None)
            self._end_run(reason)
        except DiskError as error:
            self.unwritable = self.unwritable or error
        finally:
            self.home.close()
            self.locks.release()

    def _end_run(self, reason: str) -> None:
        if self.hindrance is not None:
            self.counts[HINDERED], reason = 1, str(self.hindrance)
        elif reason == "shutdown" and (full := lacking(self.home)):
            self.counts[HINDERED], reason = 1, full
        elif self.crawler.stats.get_value("spider_exceptions/count"):
            reason = "an error of ours, see the log"
        outcome, note = self._sentence(reason)
        ended: datetime = self.clock.now()
        self.observations.finish_run(
            self.run, finished=ended, outcome=outcome, note=note, counts=dict(sorted(self.counts.items()))
        )
        if outcome != "ok":
            log.warning("%s: %s", self.portal.name, note)

    def _sentence(self, reason: str) -> tuple[str, str]:
        """Outcome and sentence of the run: how the looks ended, what was fetched, what needs attention."""
        looks = {k.removeprefix("look_"): n for k, n in self.counts.items() if k.startswith("look_")}
        good, bad = looks.get("ok", 0), sum(looks.values()) - looks.get("ok", 0)
        unsaid = self.counts[UNSAID_ENDS]  # partial, and no news
        fine = good + unsaid > 0 and bad == unsaid
        outcome = "ok" if fine and not self._visits_fell_out() else "attention"
        if not good and looks.get("unreachable"):
            outcome = "unreachable"
        parts = [f"{good} of {good + bad} looks ok"]
        parts += [f"{n} {k}" for k, n in sorted(looks.items()) if k != "ok"]
        if unsaid:
            parts.append(f"{unsaid} of them as before: nothing says where these lists end, and they prove no absence")
        if self.counts[WITHOUT_REPORT]:
            parts.append(f"{self.counts[WITHOUT_REPORT]} further columns were found that hold no report so far")
        if self.counts[NO_LISTINGS]:
            parts.append(f"{self.counts[NO_LISTINGS]} of the places looked at are no listings, and speak for nobody")
        parts.append(f"{self.counts['visits']} reports visited")
        for what, name in (("visit", ""), ("attachment", "attachments ")):
            if told := self.faults.get(what):
                why = ", ".join(f"{n} {code}" for code, n in told.most_common(_TOLD))
                parts.append(f"{told.total()} {name}could not be fetched ({why})")
        if self.lost:
            more = f" and {len(self.lost) - _NAMED} more" if len(self.lost) > _NAMED else ""
            parts.append(
                f"reports among them: {len(self.lost)} ({' '.join(self.lost[:_NAMED])}{more}): nianbao show-capture"
                " ADDRESS shows what answered"
            )
        if reason != "finished":
            outcome = "failed"
            parts.append(f"stopped: {'it was asked to end' if reason == 'shutdown' else reason}")
        notes = [*dict.fromkeys(self.notes)]
        parts += notes[:5] + ([f"and {len(notes) - 5} more like these"] if len(notes) > 5 else [])
        return outcome, "; ".join(parts)

    def _visits_fell_out(self) -> bool:
        """Whether visits, apart from the looks, need attention: not made, half of them or more met a host in trouble,
        none of several gave a page, or several reports could not be had.

        A single link that leads nowhere is told and is nobody's alarm: portals are full of them.
        """
        made, failed = self.counts["visits"], self.counts["visit_failed"]
        half = made > 0 and 2 * self.counts["visit_troubled"] >= made
        several = (made >= _SEVERAL and failed == made) or len(self.lost) >= _SEVERAL
        return bool(self.left) or self.unvisited or half or several


def _request(url: str, trace: Trace, step: Step | None) -> Request:
    request = Request(urldefrag(url).url, meta={"trace": trace}, callback=NO_CALLBACK, dont_filter=True)
    if step is not None and step.form is not None:
        request = request.replace(method="POST", body=urlencode(step.form).encode("ascii"))
        request.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
    if step is not None and step.script:
        request.headers["X-Requested-With"] = "XMLHttpRequest"
    return request


def _imitation(home: Home) -> dict[str, str]:
    """Host name → ``127.0.0.1:port`` of a simulated archive; empty for a real one, whose folder is not even asked."""
    if not home.simulated:
        return {}
    try:
        hosts = json.loads((home.path / IMITATION).read_text(encoding="utf-8"))["hosts"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CrawlError(
            f"{home.path} is an imitation archive without a usable {IMITATION}; start its imitation portals first."
        ) from error
    return {str(name).lower(): str(place) for name, place in hosts.items()}
