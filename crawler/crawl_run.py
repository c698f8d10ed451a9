"""The state of one crawl: its run, the portal's rows in the registry, what earlier crawls stored, and the writer.

The extension (:mod:`crawler.extensions`) begins the run before the first request and finishes it when the spider
closes, with an outcome and notes that follow from its counts and failures. Other code gets it from :func:`run_of`: None
if nothing is stored (``scrapy fetch``, ``shell``).
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import takewhile
from typing import Self, TypeVar

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from crawler.errors import ClockError, coded
from storage.captures import CaptureStore, CaptureWriter
from storage.clock import Clock, clocks_agree
from storage.errors import DiskError, UnansweredError, note_of
from storage.home import Home
from storage.observations import Observations
from storage.operator_records import HINDERED
from storage.recent_outcomes import our_clock
from storage.records import Agency, Capture, CaptureOutcome, CaptureRole, Listing, Note, Portal, Run, RunOutcome
from storage.registry import Registry

HINDRANCES = (DiskError, UnansweredError, ClockError)  #: errors that would stop every other crawl too
COUNTS = "nianbao/"  # prefix of a run's counts among Scrapy's stats
WITHOUT_REPORT = "columns_without_report"  # count of columns found by the walk that never showed a report
NO_LISTINGS = "no_listings"  # count of pages found by the walk that are no listings
UNSAID_ENDS = "ends_unsaid_as_before"  # count of lists that do not state their length, as reported by earlier runs
UNVISITED = "unvisited"  # count of reports that were due and not requested
_NOTED_COUNTS = (UNSAID_ENDS, WITHOUT_REPORT, NO_LISTINGS)
WALK_LIMIT = "walk_limit_requests"  # note of a run that left pages out as the requests of its walk were used up
ASKED = "asked_to_stop"  # note of a run that was asked to end
DEFERRED = "left_for_the_next_run"  # reason of a file of a page that was not asked for
MAX_REPORTS_CUT = 6  # the last reports that a killed run asked for: their files may not have been fetched
_MIN_FAILURES = 3
_MAX_REASONS, _MAX_ADDRESSES = 20, 3  # of failures in a run's notes; addresses in a note
_MAX_NOTES = 5  # notes that were made during the run
_HOST_FAULTS = frozenset({CaptureOutcome.UNREACHABLE, CaptureOutcome.ERROR, CaptureOutcome.BLOCKED})
_CLEAR_OUTCOMES = frozenset({CaptureOutcome.SOFT_404, CaptureOutcome.EMPTY})
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
    ``failures``: counts of failed fetches by kind (``visit``, ``attachment``) and reason.
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
    failures: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    failed_reports: list[str] = field(default_factory=list)
    _clocks_compared: bool = False

    def __post_init__(self) -> None:
        self.clock: Clock = self.home.clock
        self.registry, self.observations = Registry(self.home), Observations(self.home)
        self.store = CaptureStore(self.home)

    def count(self, name: str, number: int = 1) -> None:
        """Add ``number`` to a count of the run; the counts are kept among Scrapy's stats."""
        self.stats.inc_value(COUNTS + name, number)

    def count_failure(self, kind: str, outcome: CaptureOutcome, reason: str, report: str) -> None:
        """Count a failed fetch of a ``kind``, and the host's faults; ``report``: its address if a report's, or ""."""
        self.count(f"{kind}_failed")
        self.count(f"{kind}_troubled", outcome in _HOST_FAULTS)
        is_plain = outcome in _CLEAR_OUTCOMES or not reason
        self.failures[kind][str(outcome) if is_plain else reason] += 1
        self.failed_reports += [report] if report else []

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
        return frozenset(run.id for run in takewhile(lambda run: not run.reached_end, before))

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
        if clocks_agree(skew):
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
        every = [*self.notes, *notes]
        made = [note for at, note in enumerate(every) if note not in every[:at]]
        outcome = self._outcome_of(run, made, stopped, hosts_left=hosts_left)
        noted = tuple(self._notes_of(run, made, stopped))
        self.observations.finish_run(run, finished=self.clock.now(), outcome=outcome, notes=noted, counts=run.counts)
        if outcome is not RunOutcome.OK:
            log.warning("%s: %s", self.portal.name, "; ".join(map(str, noted)))

    def _outcome_of(self, run: Run, notes: Sequence[Note], stopped: Note | None, *, hosts_left: bool) -> RunOutcome:
        """Return the outcome of a run with its counts. ``notes``: those made during the run; ``stopped``: why it was
        stopped early; None: it was not.

        Visits need attention if some were not made, half or more failed by the host's fault, all of three or more
        failed, or three or more reports could not be fetched: a single dead link is usual.
        """
        if stopped is not None:
            return RunOutcome.STOPPED if stopped.code == ASKED else RunOutcome.FAILED
        counts, looks = Counter(run.counts), Counter(run.looks)
        for ended in (RunOutcome.UNREACHABLE, RunOutcome.BLOCKED, RunOutcome.ROBOTS):
            if looks[ended] and not looks["ok"]:
                return ended
        visits = counts["visits"]
        is_fine = (
            looks.total() == looks["ok"] + counts[UNSAID_ENDS] > 0  # the latter are partial, but that is known
            and not (hosts_left or counts[UNVISITED] or any(note.code == WALK_LIMIT for note in notes))
            and not 0 < visits <= 2 * counts["visit_troubled"]
            and not counts["visit_failed"] == visits >= _MIN_FAILURES
            and len(self.failed_reports) < _MIN_FAILURES
        )
        return RunOutcome.OK if is_fine else RunOutcome.ATTENTION

    def _notes_of(self, run: Run, notes: Sequence[Note], stopped: Note | None) -> Iterator[Note]:
        """Yield the notes of a run: the outcomes of its looks, what was fetched, what failed, and why it stopped."""
        yield Note("looks", {"outcomes": run.looks}) if run.looks else Note("no_looks")
        yield from (Note(name, {"number": run.counts[name]}) for name in _NOTED_COUNTS if run.counts.get(name))
        yield Note("visits", {"number": run.counts.get("visits", 0)})
        failures, reports = dict(self.failures), self.failed_reports
        if failures.get("visit") == {CaptureOutcome.SOFT_404: len(reports)}:
            del failures["visit"]  # the links named below, which opened pages without a report
        for kind, failed in sorted(failures.items(), reverse=True):
            reasons = dict(failed.most_common(_MAX_REASONS))
            yield Note(f"{kind}s_failed", {"number": failed.total(), "reasons": reasons})
        if number := len(reports):
            addresses, more = reports[:_MAX_ADDRESSES], max(0, number - _MAX_ADDRESSES)
            yield Note("reports_failed", {"number": number, "addresses": addresses, "more": more})
        yield from filter(None, (stopped, *notes[:_MAX_NOTES]))
        if (more := len(notes) - _MAX_NOTES) > 0:
            yield Note("more_notes", {"number": more})

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
