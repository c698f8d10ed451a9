"""The executor for one machine: ``nianbao up`` runs the crawls and readings that the planner says are due.

It stores no state, so each start asks again what is due. For an archive in PostgreSQL it runs a worker of the queue.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic

from crawler.errors import CrawlError
from crawler.operations.alerts import watch
from crawler.operations.planner import CRAWL, READ, Job, Planner
from crawler.operations.progress import Progress, ProgressEvent, ProgressLines
from crawler.operations.runs import JobRunner, mend_archive
from crawler.processes import start_server, stop_on_signals
from storage.home import Home

_PLANNING_PAUSE = 10.0  # seconds between two calls of the planner, unless a job has ended
_CHECK_PAUSE = 0.2  # seconds: a signal that another thread receives does not wake the waiting one


def up(
    home: Home, *, read: bool, side_by_side: int, workers: int, as_json: bool,
    says: Callable[[ProgressEvent], str], closing: str,
) -> None:  # fmt: skip
    """Crawl (``side_by_side`` at once) and, with ``read``, read in ``workers`` processes until asked to end; then say
    ``closing``. ``says``: words an event, plain or ``as_json``. Raises CrawlError if another scheduler runs.
    """
    start_server()
    stop = stop_on_signals()
    lines = ProgressLines(sys.stderr, as_json=as_json, says=says)
    logging.basicConfig(handlers=[lines], level=logging.WARNING, force=True)
    queues = {CRAWL: side_by_side} | ({READ: 1} if read else {})
    with only_one(home):
        lines.tell("up", f"begun, process {os.getpid()}")
        threading.Thread(target=watch, args=(home, lines.tell, stop), name="health", daemon=True).start()
        if home.truth.is_sqlite:
            LocalExecutor(home, lines.write_event, queues=queues, readers=workers).run(stop)
        else:  # other machines may work on the same queue
            from crawler.operations.worker import run_worker  # noqa: PLC0415 - procrastinate may not be installed

            run_worker(home, lines.write_event, stop, queues=queues, readers=workers)
        gc.freeze()  # else Python's garbage collection at exit takes seconds on a busy machine
        lines.tell("up", closing)


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Hold the archive's lock, so that no second scheduler runs. Raises CrawlError with the holder if it is taken."""
    if not home.locks.try_take("up"):
        holder = home.locks.holder("up")
        process, machine, since = (holder.process, holder.machine, holder.since) if holder else (None, None, None)
        raise CrawlError(code="up.held_by", process=process, machine=machine, since=since)
    try:
        yield
    finally:
        home.locks.release("up")


class LocalExecutor:
    """Runs the planner's jobs on this machine, each in a process. ``queues``: how many at once, by task."""

    def __init__(self, home: Home, progress: Progress, *, queues: Mapping[str, int], readers: int = 1) -> None:
        self.home, self.progress, self.queues = home, progress, queues
        self.runner = JobRunner(home, progress, readers=readers)
        self._planner = Planner(home, progress)
        self._running: dict[Future[float | None], Job] = {}
        self._not_before: dict[str, float] = {}  # by job: the earliest next start, in monotonic() seconds

    def run(self, stop: threading.Event) -> None:
        """Plan and run jobs until ``stop`` is set; then make running crawls end, and keep what they fetched."""
        mend_archive(self.home, self.progress)
        next_planning = monotonic()
        with ThreadPoolExecutor(sum(self.queues.values())) as pool:
            while not stop.wait(_CHECK_PAUSE):
                if self._take_ended() or monotonic() >= next_planning:
                    next_planning = monotonic() + _PLANNING_PAUSE
                    self.runner.end_crawls_without_room()
                    for job in filter(self._can_start, self._planner.due_jobs()):
                        self._running[pool.submit(self.runner.run, job.task, job.portal)] = job
            self.runner.stop()

    def _take_ended(self) -> bool:
        """Take the jobs that have ended from the running ones and set when each may run again; True if any had."""
        ended = [future for future in self._running if future.done()]
        for future in ended:
            job, seconds = self._running.pop(future), future.result()
            self._not_before[job.once] = monotonic() + (_PLANNING_PAUSE if seconds is None else seconds)
        return bool(ended)

    def _can_start(self, job: Job) -> bool:
        """Whether a job can start now: it need not wait, its queue has room, and no running job has its lock."""
        of_task = [one for one in self._running.values() if one.task == job.task]
        is_full = len(of_task) >= self.queues.get(job.task, 0) or any(one.lock == job.lock for one in of_task)
        return not is_full and self._not_before.get(job.once, 0.0) <= monotonic()
