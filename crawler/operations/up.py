"""The executor of one machine: ``nianbao up`` crawls and reads what the planner says is due, in one program.

APScheduler is its clock and holds its threads; it remembers nothing, so each start asks anew what is due. Each crawl,
each reading and the watch over the archive's health runs in a process of its own, which ends with this one. Of an
archive in PostgreSQL a worker of the queue does the jobs instead.
"""

from __future__ import annotations

import gc
import json
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
from crawler.operations.health import watching
from crawler.operations.job_queue import is_queued
from crawler.operations.job_runner import RETRY_SECONDS, JobRunner, NotNowError
from crawler.operations.log_lines import Lines
from crawler.operations.planner import CRAWL, READ, Job, Planner, PortalState
from crawler.operations.runs import Progress, ProgressEvent, mend_archive
from crawler.operations.stopping import start_server_apart, stop_on_signals
from crawler.processes import WorkerProcess
from storage.errors import DiskError, StorageError, note_of
from storage.home import Home
from storage.locks import Holder
from storage.records import SHANGHAI, Note

_PLANNING_PAUSE = 10.0  # seconds between two questions what is due
_CLOCK_CHECK_PAUSE = 60.0  # seconds after which a clock that was set back holds nothing up
_FAILED_JOB_REST = 900.0  # seconds before a job that failed is tried again
_END_SECONDS = 1.0  # in which the ends of jobs are recorded
_WATCH_FIRST_PAUSE, _WATCH_MAX_PAUSE = 1.0, 60.0  # seconds before the watch is begun again after it died
log = logging.getLogger(__name__)


class HeldError(CrawlError):
    """Another scheduler works on this archive; the message says which process, where and since when."""


def up(
    home: Home,
    *,
    read: bool,
    side_by_side: int,
    workers: int,
    as_json: bool,
    wording: Callable[[ProgressEvent], str] | None = None,
    closing: str = "ended",
) -> None:
    """Run until asked to end, and say ``closing``. Raises :class:`HeldError` where another one does so already."""
    start_server_apart()
    stop = stop_on_signals()
    lines = Lines(sys.stderr, as_json=as_json, says=wording)
    logging.basicConfig(handlers=[lines.handler], level=logging.WARNING, force=True)
    queues = {CRAWL: side_by_side} | ({READ: 1} if read else {})
    with only_one(home):
        lines.tell("up", f"begun, process {os.getpid()}")
        with _watched(home, lines):
            if is_queued(home):  # other machines may work on the same queue
                from crawler.operations.worker import run_worker  # noqa: PLC0415 - procrastinate may not be installed

                while not stop.is_set():
                    try:
                        run_worker(home, lines.said, stop, queues=queues, readers=workers)
                    except StorageError as error:  # the database can be asked again in a minute
                        lines.said(ProgressEvent.of_error(error))
                        stop.wait(RETRY_SECONDS)
            else:
                LocalExecutor(home, lines.said, queues=queues, readers=workers).run(stop)
        gc.freeze()  # Python's end would look through all that is held, which takes seconds on a busy machine
        lines.tell("up", closing)


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Hold the archive's scheduler lock. Raises :class:`HeldError` saying who holds it."""
    if not home.locks.try_take("up"):
        raise _held_error(home.locks.holder("up"))
    try:
        yield
    finally:
        home.locks.release("up")


def _held_error(holder: Holder | None) -> HeldError:
    message = "another scheduler works on this archive already"
    if holder is None or holder.process is None:
        return HeldError(message, code="up.held")
    where = {"process": holder.process, "machine": holder.machine, "since": holder.since}
    return HeldError(f"{message}: process {holder.process} on {holder.machine}", code="up.held_by", **where)


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
        self._is_planned: bool | None = None  # whether the last question was answered
        pools = {name: ThreadPoolExecutor(number) for name, number in {"default": 1, **queues}.items()}
        defaults = {"coalesce": True, "misfire_grace_time": None}
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns when planning takes longer than its pause
        self._scheduler = BackgroundScheduler(executors=pools, job_defaults=defaults, timezone=UTC)

    def run(self, stop: threading.Event) -> None:
        """Go on until ``stop`` is set; then crawls under way are asked to end, and what they fetched is kept."""
        while not stop.is_set() and not self._is_mended():
            stop.wait(RETRY_SECONDS)
        if stop.is_set():
            return
        now = datetime.now(UTC)
        self._scheduler.add_job(self._tick, "interval", seconds=_PLANNING_PAUSE, id="plan", next_run_time=now)
        self._scheduler.start()
        while not stop.wait(_CLOCK_CHECK_PAUSE):
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

    def _is_mended(self) -> bool:
        """Mend what killed processes left behind; False where the disk takes nothing."""
        try:
            mend_archive(self.home, [], self.progress)
        except DiskError as error:
            self.runner.tell_paused(CRAWL, note_of(error), str(error))
            return False
        return True

    def _tick(self) -> None:
        """Start what is due and can be started now."""
        with self._lock:
            if self._is_stopping:
                return
            try:
                due = self._planner.due_jobs()
            except Exception:  # told once, and asked again: a database that cannot be asked now can be in a minute
                if self._is_planned is not False:
                    self._is_planned = False
                    log.exception("what is due could not be asked")
                    note = Note("due_not_asked")
                    self.progress(ProgressEvent("archive", "what is due could not be asked", "failed", code=note.code))
                return
            if not self._is_planned:
                self._is_planned = True
                self.progress(ProgressEvent("crawls", _plan_sentence(self._planner.states)))
            self._readings |= {job.once: job for job in due if job.queue == READ and READ in self.queues}
            for job in [*(job for job in due if job.queue == CRAWL), *self._readings.values()]:
                if self._can_start(job):
                    self._running[job.once] = job
                    self._scheduler.add_job(self._work, args=[job], executor=job.queue)

    def _can_start(self, job: Job) -> bool:
        """Whether nothing keeps a job from being started now. While a queue is paused, one job at a time tries it."""
        of_queue = [one for one in self._running.values() if one.queue == job.queue]
        most = 1 if self.runner.is_paused(job.queue) else self.queues[job.queue]
        is_resting = any(self._not_before.get(name, 0.0) > monotonic() for name in (job.once, job.queue))
        return not is_resting and len(of_queue) < most and not any(one.lock == job.lock for one in of_queue)

    def _work(self, job: Job) -> None:
        rest = 0.0
        try:
            self.runner.run(job.task, job.portal)
        except NotNowError as error:
            rest = float(error.seconds)
            self._not_before[job.queue] = monotonic() + rest
        except CrawlError:  # its run says why
            rest = _FAILED_JOB_REST
            if job.queue == READ:
                self.progress(ProgressEvent.of(Note("reading_broken_off"), job.portal, "failed"))
        except Exception:  # one portal's trouble is nobody else's
            rest = _FAILED_JOB_REST
            log.exception("%s: the job ended with an error of ours", job.portal)
            self.progress(ProgressEvent.of(Note("our_error"), job.portal, "ended"))
        with self._lock:
            del self._running[job.once]
            self._not_before[job.once] = monotonic() + rest
            if not rest:
                self._readings.pop(job.once, None)
        self._tick()


def _plan_sentence(states: list[PortalState]) -> str:
    planned = sorted((state.due.at, state.name) for state in states if state.due is not None)
    first = f", the first is {planned[0][1]}" if planned else ""
    when = f", at {planned[0][0].astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if planned else ""
    rest = f", {len(states) - len(planned)} rest" if len(planned) < len(states) else ""
    return f"{len(planned)} portals are planned{rest}{first}{when}"


@contextmanager
def _watched(home: Home, lines: Lines) -> Iterator[None]:
    """Watch the archive's health in a process of its own during the block; one that dies is begun again."""
    ending, live = threading.Event(), list[WorkerProcess]()
    environment = dict(os.environ, NIANBAO_ARCHIVE=str(home.path))

    def keep_watching() -> None:
        pause = _WATCH_FIRST_PAUSE
        while not ending.is_set():
            with WorkerProcess(watching.main, environment=environment) as process:
                live[:] = [process]
                for line in process.lines:
                    lines.tell(*json.loads(line))
                code = process.wait()
            if not ending.is_set():
                how = f"by signal {-code}" if code < 0 else f"with exit code {code} {process.last_error}".rstrip()
                lines.tell("health", f"ended {how}; begun again in {pause:.0f} seconds", "warning")
                ending.wait(pause)
                pause = min(pause * 2, _WATCH_MAX_PAUSE)

    thread = threading.Thread(target=keep_watching, name="health", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        for process in live:
            process.kill()
        thread.join(_END_SECONDS)
