"""One crawl's connection with the archive: its run, the portal's rows, what is known, and what is written.

The extension (:mod:`crawler.extensions`) opens it before the first request and closes it with the spider.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from dataclasses import fields
from datetime import datetime
from functools import cached_property, partial
from itertools import takewhile

from scrapy.crawler import Crawler

from crawler import portals
from crawler.disk_space import low_disk_reason
from crawler.errors import ClockError
from crawler.items import ListingSnapshot
from crawler.net.fetching import FetchContext, Fetched
from crawler.net.machine_locks import MachineLocks, lock_names
from crawler.net.provenance import how_asked
from crawler.run_summary import ASKED, DEFERRED, Trouble, summary
from crawler.spider import EXTRACTOR_VERSION, PortalSpider
from storage.captures import CaptureStore, CaptureWriter
from storage.errors import note_of
from storage.home import Home
from storage.mending import UNENDED, end_cut_runs
from storage.observations import Observations
from storage.operator_records import HINDERED
from storage.recent_outcomes import our_clock
from storage.records import (
    MOST_SKEW,
    Agency,
    Capture,
    CaptureOutcome,
    CaptureRole,
    Extraction,
    Listing,
    Look,
    LookOutcome,
    Note,
    Part,
    Portal,
    Run,
)
from storage.registry import Registry

COUNTS = "nianbao/"  # prefix of a run's counts among Scrapy's stats
GROUP = 200  # captures acknowledged together where pages come faster than one a second; never later than in two
_BUSY_WITH = 6  # reports of which a killed run may lack files: those in the download slot, and those before them
_OF_LOOK = tuple(one.name for one in fields(Look) if one.name not in {"id", "run"})  # an item has them all
log = logging.getLogger(__name__)


class CrawlRun:
    """See the module. ``locks``: of the machines that the portal asks; given back when the run is closed."""

    portal: Portal
    agencies: tuple[Agency, ...]
    listings: tuple[Listing, ...]

    def __init__(self, home: Home, spider: PortalSpider, crawler: Crawler, locks: MachineLocks) -> None:
        self.home, self.spider, self.crawler, self.locks = home, spider, crawler, locks
        self.clock = home.clock
        self.registry, self.observations, self.store = Registry(home), Observations(home), CaptureStore(home)
        purpose = str(getattr(spider, "purpose", "") or "crawl")
        self.record = Run(id=uuid.uuid4().hex, portal=spider.name, purpose=purpose, started=self.clock.now())
        group = 1 if home.config.delay >= 1 else GROUP
        self.writer = CaptureWriter(home, self.record, group=group, about=how_asked(crawler.settings))
        self.notes: list[Note] = []
        self.trouble = Trouble()
        self.hindrance: Exception | None = None  # a full disk, a wrong clock: nothing of the portal's
        self._held: dict[str, Capture] = {}
        self._clocks_compared = False

    @classmethod
    def begin(cls, home: Home, spider: PortalSpider, crawler: Crawler, locks: MachineLocks) -> CrawlRun:
        """Register the portal, begin a run, and end those that were cut off."""
        run = cls(home, spider, crawler, locks)
        run.portal, run.agencies, run.listings = portals.register(run.registry, spider, run.record.started)
        run.observations.start_run(run.record)
        run.writer.__enter__()  # left by close()
        for cut in end_cut_runs(home):  # whoever runs several crawls has done so, and told it
            log.warning("%s: %s", cut.run.portal, cut.note)
        return run

    def count(self, name: str, number: int = 1) -> None:
        """Add to one of the counts of the run, which stand among Scrapy's stats."""
        self.crawler.stats.inc_value(COUNTS + name, number)

    @property
    def counts(self) -> Counter[str]:
        """The counts of the run by name."""
        stats = self.crawler.stats.get_stats()
        return Counter({name.removeprefix(COUNTS): n for name, n in stats.items() if name.startswith(COUNTS)})

    # ------------------------------------------------------------------------------------------------ what is known

    @cached_property
    def last_captures(self) -> dict[str, Capture]:
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
        same = [run for run in self.observations.runs(self.portal.name) if run.purpose == self.record.purpose]
        others = (run for run in reversed(same) if run.id != self.record.id)
        return frozenset(run.id for run in takewhile(lambda run: run.outcome is None or run.outcome in UNENDED, others))

    @cached_property
    def reports_of_cut_runs(self) -> frozenset[str]:
        """Addresses of the reports with which the cut runs were busy: what belongs to those pages may be missing."""
        return frozenset(
            address
            for run in self.cut_runs
            for address in self.store.last_asked(self.portal.name, run, CaptureRole.REPORT, _BUSY_WITH)
        )

    @cached_property
    def reports_without_files(self) -> frozenset[str]:
        """Addresses of the reports of which files were deferred and are not held yet."""
        if not any(run.counts.get("attachments_left") for run in self.observations.runs(self.portal.name)):
            return frozenset()
        asked = self.store.for_portal(self.portal.name, roles=(CaptureRole.ATTACHMENT,))
        last = {one.requested: one for one in asked}
        naming = {one.via for one in last.values() if one.reason == DEFERRED and one.via is not None}
        pages = (self.store.get(via) for via in naming)
        return frozenset(page.requested for page in pages if page is not None)

    def body_holder(self, capture: Capture | None) -> Capture | None:
        """The capture whose WARC record holds the body that ``capture`` refers to, as far as is in memory."""
        return None if capture is None else self._held.get(capture.revisit_of or capture.id, capture)

    def previous_capture(self, context: FetchContext) -> Capture | None:
        """What was got before from the address asked for, if what is known was read already."""
        before = self.__dict__.get("last_captures")
        return self.body_holder(before.get(context.requested)) if before is not None else None

    def held_body(self, capture: Capture) -> bytes:
        """Return the stored document of a capture (for a page that answered 304)."""
        self.writer.flush()
        return self.store.body(capture)

    def compare_clocks(self, captures: list[Capture]) -> None:
        """Stop where the first server that tells its time is one more that says that our clock is off.

        Raises :class:`~crawler.errors.ClockError`.
        """
        dates = [(one.fetched_at, one.server_date) for one in captures if one.server_date is not None]
        if self._clocks_compared or not dates:
            return
        self._clocks_compared = True
        skew = abs((dates[0][0] - dates[0][1]).total_seconds())
        if skew <= MOST_SKEW.total_seconds():
            return
        portals_by_name = portals.classes(self.home.path)
        machines = {name: lock_names(portal)[0] for name, portal in portals_by_name.items() if lock_names(portal)}
        own = machines.get(self.portal.name, self.portal.name)
        off = our_clock(self.home, lambda name: machines.get(name, name), (own, skew))
        if off is not None:
            raise ClockError(f"our clock is off by about {off:.0f} seconds", code="clock_off", seconds=round(off))

    # ------------------------------------------------------------------------------------------------ what is written

    def defer(self, part: Part, page: Capture) -> None:
        """Write down that a file of a page is left to the next run."""
        self.writer.write(
            None, role=CaptureRole.ATTACHMENT, requested=part.url, outcome=CaptureOutcome.ERROR, reason=DEFERRED,
            via=page.id, link_text=part.text,
        )  # fmt: skip

    def store_look(self, item: ListingSnapshot) -> None:
        """Store a look and its links, as soon as its captures are acknowledged.

        Raises UnansweredError where another crawl may have begun to ask the same machine.
        """
        self.home.locks.check()
        told = {name: getattr(item, name) for name in _OF_LOOK}
        look = Look(id=item.look, run=self.record.id, **told)
        extractor = f"{self.spider.family}/{EXTRACTOR_VERSION}"
        extraction = Extraction(look=look.id, extractor=extractor, made_at=item.finished, links=item.links)
        self.writer.once_acknowledged(partial(self.observations.add_look, look, extraction))

    def listing_was_ok(self, listing: str) -> bool:
        """Whether a listing was read to its end in an earlier look."""
        earlier = self.observations.looks(self.portal.name, listing)
        return any(look.outcome is LookOutcome.OK for look in earlier)

    def last_look(self, listing: str, before: datetime) -> Look | None:
        """The look at a listing before one that was started at an instant."""
        earlier = [one for one in self.observations.looks(self.portal.name, listing) if one.started < before]
        return max(earlier, key=lambda one: one.started, default=None)

    def count_failure(self, what: str, fetched: Fetched, *, report: str = "") -> None:
        """Count a page of a report (``visit``) or an ``attachment`` that could not be had. ``report``: its address, if
        its link was judged to be that of a report.
        """
        self.count(f"{what}_failed")
        self.count(f"{what}_troubled", self.trouble.add(what, fetched.verdict, report))

    # ------------------------------------------------------------------------------------------------ its end

    def close(self, reason: str, notes: list[Note], *, hosts_left: bool) -> None:
        """End the run. ``reason``: Scrapy's, why the spider closed. Raises :class:`~storage.errors.DiskError` where the
        archive cannot be written to; everything is given back all the same.
        """
        try:
            self.writer.__exit__(None, None, None)
            self._end_run(reason, notes, hosts_left=hosts_left)
        finally:
            self.locks.release()
            self.home.close()

    def _end_run(self, reason: str, notes: list[Note], *, hosts_left: bool) -> None:
        stopped = self._stopped(reason)
        counts = self.counts
        outcome, noted = summary(counts, self.trouble, [*self.notes, *notes], stopped, hosts_left=hosts_left)
        self.observations.finish_run(
            self.record, finished=self.clock.now(), outcome=outcome, notes=noted,
            counts={name: int(n) for name, n in sorted(counts.items())},
        )  # fmt: skip
        if outcome != "ok":
            log.warning("%s: %s", self.portal.name, "; ".join(map(str, noted)))

    def _stopped(self, reason: str) -> Note | None:
        """Why the run ended before its end, as a note; None where it came to it. ``reason``: Scrapy's."""
        hindrance = note_of(self.hindrance) if self.hindrance is not None else None
        if hindrance is None and reason == "shutdown":
            hindrance = low_disk_reason(self.home)
        if hindrance is not None:
            self.count(HINDERED)
            return Note("stopped", {"why": hindrance.plain})
        if self.crawler.stats.get_value("spider_exceptions/count"):
            return Note("stopped", {"why": Note("our_error").plain})
        if reason == "shutdown":
            return Note(ASKED)
        return None if reason == "finished" else Note("stopped", {"why": Note("closed", {"reason": reason}).plain})
