"""The state of one crawl: its run, the portal's rows in the registry, what earlier crawls stored, and the writer.

The extension (:mod:`crawler.extensions`) begins the run before the first request and finishes it when the spider
closes. Other code gets it from :func:`run_of`: None if nothing is stored (``scrapy fetch``, ``shell``).
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import takewhile
from typing import Self, TypeVar

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from crawler.errors import ClockError, coded
from crawler.run_summary import ASKED, DEFERRED, Trouble, summarized
from storage.captures import CaptureStore, CaptureWriter
from storage.clock import Clock
from storage.errors import DiskError, UnansweredError, note_of
from storage.home import Home
from storage.mending import UNENDED
from storage.observations import Observations
from storage.operator_records import HINDERED
from storage.recent_outcomes import our_clock
from storage.records import MOST_SKEW, Agency, Capture, CaptureOutcome, CaptureRole, Listing, Note, Portal, Run
from storage.registry import Registry

HINDRANCES = (DiskError, UnansweredError, ClockError)  #: errors that would stop every other crawl too
COUNTS = "nianbao/"  # prefix of a run's counts among Scrapy's stats
MAX_REPORTS_CUT = 6  # the last reports that a killed run asked for: their files may not have been fetched
Extension = TypeVar("Extension")
log = logging.getLogger(__name__)


def low_disk_reason(home: Home) -> Note | None:
    """Return why crawls must stop: the disk has less free space than is reserved for reading; None if it has enough."""
    free, least = shutil.disk_usage(home.path).free, home.config.reserve_bytes
    return Note("low_disk", {"free": free >> 20, "least": least >> 20}) if free < least else None


class CrawlPart:
    """Base class of the components (middlewares, extensions) that Scrapy builds with its crawler."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the component; Scrapy calls this."""
        return cls(crawler)


def extension_of(crawler: Crawler, kind: type[Extension]) -> Extension:
    """Return the crawler's extension of a class that the setting EXTENSIONS contains."""
    extension = crawler.get_extension(kind)
    assert extension is not None, f"{kind.__name__} stands in EXTENSIONS"
    return extension


class RunHolder(CrawlPart):
    """The extension that begins a crawl's run. ``run`` is None before that, and if nothing is stored; ``begun``: set
    when a run has begun, or could not.
    """

    run: CrawlRun | None = None

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.begun = asyncio.Event()

    async def begin(self) -> CrawlRun:
        """Open the archive and begin a run."""
        raise NotImplementedError


def run_of(crawler: Crawler) -> CrawlRun | None:
    """Return the run of a crawl; None if nothing is stored."""
    holder = crawler.get_extension(RunHolder)
    return holder.run if holder is not None else None


def now_of(crawler: Crawler) -> datetime:
    """Return the current time, by the archive's clock if an archive is open."""
    run = run_of(crawler)
    return run.clock.now() if run is not None else datetime.now(UTC)


@dataclass(kw_only=True)
class CrawlRun:
    """The state of one crawl (see the module). ``extractor``: name and version of the code that makes links of list
    pages; ``machine``: returns the machine that serves a portal; ``notes``: what the operator should know of the run.
    """

    home: Home
    record: Run
    portal: Portal
    agencies: tuple[Agency, ...]
    listings: tuple[Listing, ...]
    writer: CaptureWriter
    stats: StatsCollector
    extractor: str
    machine: Callable[[str], str]
    notes: list[Note] = field(default_factory=list)
    trouble: Trouble = field(default_factory=Trouble)
    _clocks_compared: bool = False

    def __post_init__(self) -> None:
        self.clock: Clock = self.home.clock
        self.registry, self.observations = Registry(self.home), Observations(self.home)
        self.store = CaptureStore(self.home)

    def count(self, name: str, number: int = 1) -> None:
        """Add ``number`` to a count of the run; the counts are kept among Scrapy's stats."""
        self.stats.inc_value(COUNTS + name, number)

    @property
    def counts(self) -> Counter[str]:
        """The counts of the run by name."""
        statistics = self.stats.get_stats().items()
        return Counter({name.removeprefix(COUNTS): n for name, n in statistics if name.startswith(COUNTS)})

    @cached_property
    def last_captures(self) -> dict[str, Capture]:
        """The newest answer (page, 304 or soft 404) from each address of a report or attachment, as first requested.

        Documents that people imported have no status and are left out: their addresses are still visited.
        """
        newest = self.store.newest(
            self.portal.name,
            roles=(CaptureRole.REPORT, CaptureRole.ATTACHMENT),
            outcomes=(CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED, CaptureOutcome.SOFT_404),
        )
        return {capture.requested: capture for capture in newest}

    @cached_property
    def cut_runs(self) -> frozenset[str]:
        """The ids of the runs that were cut off since the last run of this portal and purpose that was not."""
        same = [run for run in self.observations.runs(self.portal.name) if run.purpose == self.record.purpose]
        before = (run for run in reversed(same) if run.id != self.record.id)
        return frozenset(run.id for run in takewhile(lambda run: run.outcome is None or run.outcome in UNENDED, before))

    @cached_property
    def reports_of_cut_runs(self) -> frozenset[str]:
        """Addresses of the last reports that the cut runs asked for: files of their pages may be missing."""
        return frozenset(
            address
            for run in self.cut_runs
            for address in self.store.last_requested_urls(self.portal.name, run, CaptureRole.REPORT, MAX_REPORTS_CUT)
        )

    @cached_property
    def reports_without_files(self) -> frozenset[str]:
        """Addresses of the reports with files that a run left to the next, and that are still not fetched."""
        if not any(run.counts.get("attachments_left") for run in self.observations.runs(self.portal.name)):
            return frozenset()
        attempts = self.store.for_portal(self.portal.name, roles=(CaptureRole.ATTACHMENT,))
        last = {one.requested: one for one in attempts}
        naming = {one.via for one in last.values() if one.reason == DEFERRED and one.via is not None}
        pages = (self.store.get(via) for via in naming)
        return frozenset(page.requested for page in pages if page is not None)

    def held_body(self, capture: Capture) -> bytes:
        """Return the stored body of a capture, for a page that answered 304."""
        self.writer.flush()
        return self.store.body(capture)

    def compare_clocks(self, captures: list[Capture]) -> None:
        """Raise :class:`~crawler.errors.ClockError` if our clock is off: the first server of this run that sends a Date
        disagrees with it, and so do the servers of other recent runs. Compares once a run.
        """
        dates = [(one.fetched_at, one.server_date) for one in captures if one.server_date is not None]
        if self._clocks_compared or not dates:
            return
        self._clocks_compared = True
        skew = abs((dates[0][0] - dates[0][1]).total_seconds())
        if skew <= MOST_SKEW.total_seconds():
            return
        own = self.machine(self.portal.name)
        off = our_clock(self.home, self.machine, (own, skew))
        if off is not None:
            raise ClockError(code="clock_off", seconds=round(off))

    def finish(self, reason: str, error: BaseException | None, notes: list[Note], *, hosts_left: bool) -> None:
        """Record how the run ended. ``reason``: why the spider closed (Scrapy's); ``error``: the first of the crawl;
        ``hosts_left``: whether hosts were left alone. Raises :class:`~storage.errors.DiskError` if it cannot be stored.
        """
        self.writer.__exit__(None, None, None)
        stopped = self._why_stopped(reason, error)
        run = replace(self.record, counts={name: int(n) for name, n in sorted(self.counts.items())})
        run = summarized(run, self.trouble, [*self.notes, *notes], stopped, hosts_left=hosts_left)
        self.observations.finish_run(
            run, finished=self.clock.now(), outcome=run.outcome or "", notes=run.notes, counts=run.counts
        )
        if run.outcome != "ok":
            log.warning("%s: %s", self.portal.name, "; ".join(map(str, run.notes)))

    def _why_stopped(self, reason: str, error: BaseException | None) -> Note | None:
        """Return why the run was stopped early; None if it was not. Count it as hindered if the cause (a full disk, a
        wrong clock) would stop any other crawl too, so that the schedule does not take it for the portal's.
        """
        why = low_disk_reason(self.home) if error is None and reason == "shutdown" else None
        if why is not None or isinstance(error, HINDRANCES):
            self.count(HINDERED)
        if error is not None:
            why = note_of(coded(error))
        elif why is None and reason == "shutdown":
            return Note(ASKED)
        elif why is None and reason != "finished":
            why = Note("closed", {"reason": reason})
        return Note("stopped", {"why": why.as_json}) if why is not None else None
