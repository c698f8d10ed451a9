"""The executor of one machine: ``nianbao up`` crawls and reads what the planner says is due, in one program.

APScheduler is its clock and holds its threads; it remembers nothing, so each start asks anew what is due. For an
archive in PostgreSQL a worker of the queue does the jobs instead.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from crawler.errors import CrawlError
from crawler.operations.health.alarms import watch
from crawler.operations.planner import CRAWL, READ, Job, Planner, PortalState
from crawler.operations.progress import Lines, Progress, ProgressEvent
from crawler.operations.runs import JobRunner, mend_archive
from crawler.operations.stopping import start_server_apart, stop_on_signals
from storage.home import Home
from storage.records import SHANGHAI, Note

_PLANNING_PAUSE = 10.0  # seconds between two questions what is due
_CLOCK_CHECK_PAUSE = 60.0  # seconds after which a clock that was set back holds nothing up
_STOP_CHECK_PAUSE = 1.0  # seconds: a signal that another thread takes does not wake the one that waits
_FAILED_JOB_REST = 900.0  # seconds before a job that failed is tried again
_END_SECONDS = 1.0  # in which the ends of jobs are recorded
log = logging.getLogger(__name__)


class HeldError(CrawlError):
    """Another scheduler works on this archive; the message says which process, where and since when."""


def up(
    home: Home, *, read: bool, side_by_side: int, workers: int, as_json: bool,
    says: Callable[[ProgressEvent], str], closing: str,
) -> None:  # fmt: skip
    """Run until asked to end, and say ``closing``. Raises :class:`HeldError` where another one does so already."""
    start_server_apart()
    stop = stop_on_signals()
    lines = Lines(sys.stderr, as_json=as_json, says=says)
    logging.basicConfig(handlers=[lines], level=logging.WARNING, force=True)
    queues = {CRAWL: side_by_side} | ({READ: 1} if read else {})
    with only_one(home):
        lines.tell("up", f"begun, process {os.getpid()}")
        threading.Thread(target=watch, args=(home, lines.tell, stop), name="health", daemon=True).start()
        if home.truth.is_sqlite:
            LocalExecutor(home, lines.said, queues=queues, readers=workers).run(stop)
        else:  # other machines may work on the same queue
            from crawler.operations.worker import run_worker  # noqa: PLC0415 - procrastinate may not be installed

            run_worker(home, lines.said, stop, queues=queues, readers=workers)
        gc.freeze()  # Python's end would look through all that is held, which takes seconds on a busy machine
        lines.tell("up", closing)


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Hold the archive's scheduler lock. Raises :class:`HeldError` saying who holds it."""
    if not home.locks.try_take("up"):
        holder = home.locks.holder("up")
        process, machine, since = (holder.process, holder.machine, holder.since) if holder else (None, None, None)
        message = f"another scheduler works on this archive already: process {process} on {machine}"
        raise HeldError(message, code="up.held_by", process=process, machine=machine, since=since)
    try:
        yield
    finally:
        home.locks.release("up")


class LocalExecutor:
    """Executes the planner's jobs on this machine, in threads that each follow a process.

    ``queues``: how many jobs of each queue run at once; ``progress`` is called from several threads.
    """

    def __init__(self, home: Home, progress: Progress, *, queues: Mapping[str, int], readers: int = 1) -> None:
        self.home, self.progress, self.queues = home, progress, queues
        self.runner = JobRunner(home, progress, readers=readers)
        self._planner = Planner(home)
        self._lock = threading.RLock()
        self._running: dict[str, Job] = {}
        self._readings: dict[str, Job] = {}  # given out by the planner and not done yet
        self._not_before: dict[str, float] = {}  # by job or queue, in seconds of the clock that nobody sets
        self._is_stopping = False
        self._is_planned: bool | None = None  # whether the last question to the planner was answered
        pools = {name: ThreadPoolExecutor(number) for name, number in {"default": 1, **queues}.items()}
        defaults = {"coalesce": True, "misfire_grace_time": None}
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns when planning takes longer than its pause
        self._scheduler = BackgroundScheduler(executors=pools, job_defaults=defaults, timezone=UTC)

    def run(self, stop: threading.Event) -> None:
        """Go on until ``stop`` is set; then crawls under way are asked to end, and what they fetched is kept."""
        mend_archive(self.home, [], self.progress)
        now = datetime.now(UTC)
        self._scheduler.add_job(self._start_due, "interval", seconds=_PLANNING_PAUSE, id="plan", next_run_time=now)
        self._scheduler.start()
        checked = monotonic()
        while not stop.wait(_STOP_CHECK_PAUSE):
            if monotonic() - checked >= _CLOCK_CHECK_PAUSE:
                checked = monotonic()
                self._scheduler.modify_job("plan", next_run_time=datetime.now(UTC))
                self.runner.end_crawls_without_room()
        with self._lock:
            self._is_stopping = True
        self.runner.stop()
        self._scheduler.pause()
        self._scheduler.remove_all_jobs()  # shutdown fails in its own thread while that thread takes a job out
        self._scheduler.shutdown(wait=False)
        patience = monotonic() + _END_SECONDS
        while self._running and monotonic() < patience:
            stop.wait(0.05)

    def _start_due(self) -> None:
        """Start what is due and can be started now."""
        with self._lock:
            for job in [] if self._is_stopping else self._due_jobs():
                if self._can_start(job):
                    self._running[job.once] = job
                    self._scheduler.add_job(self._work, args=[job], executor=job.task)

    def _due_jobs(self) -> list[Job]:
        """Ask the planner. That it cannot answer now is told once, and it is asked again."""
        try:
            due = self._planner.due_jobs()
        except Exception:
            if self._is_planned is not False:
                log.exception("what is due could not be asked")
                self.progress(ProgressEvent(Note("due_not_asked"), event="failed"))
            self._is_planned = False
            return []
        if not self._is_planned:
            self.progress(ProgressEvent(_planned(self._planner.states), "crawls"))
        self._is_planned = True
        self._readings |= {job.once: job for job in due if job.task == READ and READ in self.queues}
        return [*(job for job in due if job.task == CRAWL), *self._readings.values()]

    def _can_start(self, job: Job) -> bool:
        """Whether nothing keeps a job from being started now."""
        of_queue = [one for one in self._running.values() if one.task == job.task]
        is_resting = any(self._not_before.get(name, 0.0) > monotonic() for name in (job.once, job.task))
        is_full = len(of_queue) >= self.queues[job.task]
        return not is_resting and not is_full and not any(one.lock == job.lock for one in of_queue)

    def _work(self, job: Job) -> None:
        rest: float | None = _FAILED_JOB_REST
        try:
            rest = self.runner.run(job.task, job.portal)
            if rest is not None:
                self._not_before[job.task] = monotonic() + rest
        except CrawlError:  # its run says why
            if job.task == READ:
                self.progress(ProgressEvent(Note("reading_broken_off"), job.portal, "failed"))
        except Exception:  # one portal's trouble is nobody else's
            log.exception("%s: the job ended with an error of ours", job.portal)
            self.progress(ProgressEvent(Note("our_error"), job.portal, "ended"))
        with self._lock:
            del self._running[job.once]
            if rest is None:
                self._readings.pop(job.once, None)
            else:
                self._not_before[job.once] = monotonic() + rest
        self._start_due()


def _planned(states: list[PortalState]) -> Note:
    """Return how many portals are planned, and which comes first."""
    planned = sorted((state.due.at, state.name) for state in states if state.due is not None)
    if not planned:
        return Note("none_planned", {"resting": len(states)})
    at, first = planned[0]
    values = {"number": len(planned), "resting": len(states) - len(planned), "first": first}
    return Note("planned", values | {"at": f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"})
