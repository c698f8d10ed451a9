"""The clock: crawls what is due, one process a portal. It remembers nothing; at each start it asks what is due.

APScheduler wakes it: a job a portal, at the instant at which its next crawl is due, in memory; each crawl that ends
asks again. What people set, portals that are new and crawls that others made are noticed within a minute.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from crawler import portals
from crawler.disk_space import low_disk_reason
from crawler.errors import CrawlError
from crawler.net.machine_locks import lock_names
from crawler.operations.runs import SIDE_BY_SIDE, Crawls, Progress, ProgressEvent, RunReport, mend_archive
from crawler.operations.scheduling.state import PortalState, states
from crawler.operations.scheduling.waiting_queue import Waiting
from crawler.operations.stopping import CRAWLS_END_SECONDS
from storage.errors import DiskError, StorageError, note_of
from storage.home import Home
from storage.operator_records import Schedules
from storage.recent_outcomes import our_clock
from storage.records import SHANGHAI, Note

WATCH = 60  # seconds between two looks at what was set
_HELD_BACK = timedelta(minutes=15)  # a portal whose crawl could not even begin
_JUMP = 30.0  # seconds by which our clock was set
_NO_ROOM = 60.0  # seconds between two looks at a disk that is nearly full
_RECORDED = 1.0  # seconds in which the ends of crawls are recorded
log = logging.getLogger(__name__)


class CrawlScheduler:
    """Crawls the portals of an archive when they are due. ``progress`` is called from several threads."""

    def __init__(
        self, home: Home, progress: Progress, *, side_by_side: int = SIDE_BY_SIDE, watch: float = WATCH
    ) -> None:
        self.home = home
        self.progress = progress
        self._side_by_side = max(1, side_by_side)
        self._watch_every = watch
        self._waiting = Waiting()
        self._held_back: dict[str, float] = {}  # by the clock that is never set: when it may be tried again
        self._noted: object = None
        self._hindrance: Note | None = None  # why nothing is crawled, as it was told
        self._full = False  # whether that is the disk
        self._ahead = 0.0  # our clock against one that is never set
        self._planning = threading.Lock()
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            timezone=UTC,
        )

    def run(self, stop: threading.Event) -> None:
        """Go on until ``stop`` is set; then crawls under way are asked to end, and what they fetched is kept."""
        while not stop.is_set() and not self._mended():
            stop.wait(_NO_ROOM)
        if stop.is_set():
            return
        crawls = Crawls(self.home)
        self._watch()
        self._scheduler.start()
        workers = [
            threading.Thread(target=self._work, args=(crawls,), name=f"crawl-{number}", daemon=True)
            for number in range(self._side_by_side)
        ]
        for worker in workers:
            worker.start()
        while not stop.wait(self._watch_every):  # not a job: one would wait for a clock that was set back
            self._watch()
            if low_disk_reason(self.home):
                crawls.ask_to_end()
        self._waiting.close()
        crawls.stop(CRAWLS_END_SECONDS)
        self._scheduler.pause()
        self._scheduler.remove_all_jobs()  # shutdown fails in its own thread while that thread takes a job out
        self._scheduler.shutdown(wait=False)
        for worker in workers:
            worker.join(_RECORDED / len(workers))

    def _mended(self) -> bool:
        """Whether what killed processes left behind could be mended."""
        try:
            mend_archive(self.home, [], self.progress)
        except DiskError as error:
            self._hindered(note_of(error))
            return False
        return True

    def _hindered(self, why: Note | None) -> None:
        """Tell once what keeps every crawl from being made; None that it is over."""
        with self._planning:
            news, self._hindrance = bool(why) != bool(self._hindrance), why
        if news and why:
            paused = {"why": why.plain}
            self.progress(ProgressEvent("archive", f"crawling paused: {why}", "failed", code="paused", values=paused))
        elif news:
            self.progress(ProgressEvent("archive", "crawling goes on", "mended", code="goes_on"))

    def _has_room(self, name: str) -> bool:
        """Whether there is room for the crawl of a portal taken; if not, it waits until there is."""
        if why := low_disk_reason(self.home):
            self._full = True
            self._waiting.hold(_NO_ROOM)
            self._waiting.back(name)
            self._hindered(why)
            return False
        if self._full:
            self._full = False
            self._go_on()
        return True

    def _go_on(self) -> None:
        self._waiting.go_on()
        self._hindered(None)

    def _watch(self) -> None:
        """Plan anew if anything changed that a plan rests on: what is set, what was crawled, or our clock."""
        try:
            ahead = datetime.now(UTC).timestamp() - monotonic()
            if abs(ahead - self._ahead) > _JUMP:
                self._noted = None
            self._ahead = ahead
            now = (Schedules(self.home).stamp(), _files(self.home.path))
            if now != self._noted:
                found = states(self.home)
                self._plan(found)
                if self._noted is None:
                    self.progress(ProgressEvent("crawls", _plan_sentence(found)))
                self._noted = now
        except Exception:  # an alarm, and the clock goes on: a database that cannot be asked now can be in a minute
            log.exception("what is due could not be asked")
            self.progress(ProgressEvent("archive", "what is due could not be asked", "failed", code="due_not_asked"))

    def _plan(self, found: list[PortalState]) -> None:
        with self._planning:
            planned = {job.id for job in self._scheduler.get_jobs()}
            for state in found:
                planned.discard(_job(state.name))
                self._plan_one(state)
            if len(found) > 1:
                for job in planned:  # portals that are gone
                    self._scheduler.remove_job(job)

    def _plan_one(self, state: PortalState) -> None:
        if state.name in self._waiting.held:
            if state.due is None:
                self._waiting.drop(state.name)
            return
        if state.due is None:
            if self._scheduler.get_job(_job(state.name)) is not None:
                self._scheduler.remove_job(_job(state.name))
            return
        now = datetime.now(UTC)
        at = now + (state.due.at - self.home.clock.now())  # an imitation's clock is not the machine's
        at = max(at, now + timedelta(seconds=max(0.0, self._held_back.get(state.name, 0.0) - monotonic())))
        self._scheduler.add_job(
            self._due, "date", run_date=at, args=[state.name], id=_job(state.name), replace_existing=True
        )

    def _due(self, name: str) -> None:
        try:
            portal = portals.find(name, self.home.path)
        except CrawlError as error:
            why = {"why": note_of(error).plain}
            self.progress(ProgressEvent(name, f"not crawled: {error}", "failed", code="not_crawled", values=why))
            return
        self._waiting.put(name, lock_names(portal))

    def _work(self, crawls: Crawls) -> None:
        while (name := self._waiting.take()) is not None:
            if not self._has_room(name):
                continue
            report = RunReport(name, "failed", (Note("our_error"),))
            try:
                report = crawls.one(name, self.progress)
            except Exception:  # one portal's trouble is nobody else's
                log.exception("%s: the crawl ended with an error of ours", name)
                self.progress(ProgressEvent(name, report.sentence, "ended"))
            finally:
                self._waiting.done(name)
            self._ended(report)

    def _ended(self, report: RunReport) -> None:
        """Plan the portal's next crawl; one that could not begin, or write, waits a while first."""
        if report.hindrance:
            self._waiting.hold(_HELD_BACK.total_seconds())
            self._hindered(report.hindrance)
        elif report.run is not None and self._hindrance and not self._full and self._is_right():
            self._go_on()
        if report.run is None or report.hindrance:
            self._held_back[report.portal] = monotonic() + _HELD_BACK.total_seconds()
        else:
            self._held_back.pop(report.portal, None)
        if self._scheduler.running:
            try:
                self._plan(states(self.home, [report.portal]))
            except Exception:  # the watch plans it when the database can be asked again
                log.exception("%s: its next crawl could not be planned", report.portal)
                self._noted = None

    def _is_right(self) -> bool:
        """Whether nothing says that our clock is off: a portal that did not answer says nothing of it."""
        try:
            return our_clock(self.home) is None
        except (SQLAlchemyError, StorageError):
            return False


def _plan_sentence(found: list[PortalState]) -> str:
    planned = sorted((state.due.at, state.name) for state in found if state.due is not None)
    first = f", the first is {planned[0][1]}" if planned else ""
    when = f", at {planned[0][0].astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if planned else ""
    rest = f", {len(found) - len(planned)} rest" if len(planned) < len(found) else ""
    return f"{len(planned)} portals are planned{rest}{first}{when}"


def _job(name: str) -> str:
    return f"crawl {name}"


def _files(archive: Path) -> tuple[tuple[str, float], ...]:
    """The operator's portals, as they stand on the disk."""
    return tuple(sorted((str(path), path.stat().st_mtime) for path in (archive / "portals").rglob("*.py")))
