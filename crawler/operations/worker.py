"""The executor for an archive in PostgreSQL: ``nianbao worker`` runs the planner's jobs from a queue of procrastinate.

Each worker regularly puts due jobs into the queue, and again the jobs of workers that died; by a lock one worker does
this at a time. So no separate scheduler is needed. A job that fails leaves the queue: its crawl is due again by the
schedule, its reading on the next day. A job that cannot be done now is put into the queue again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job as ProcrastinateJob
from procrastinate.jobs import Status

from crawler.errors import CrawlError
from crawler.operations.job_queue import connection_arguments, jobs, make_queue
from crawler.operations.planner import CRAWL, READ, Job, Planner, read_job
from crawler.operations.progress import Progress, ProgressEvent
from crawler.operations.runs import JobRunner, mend_archive
from crawler.processes import start_server_apart
from storage.errors import StorageError, note_of
from storage.home import Home
from storage.records import Note

_PLANNER_LOCK = "planner"
_PLANNING_PAUSE = 30.0  # seconds
_STOP_CHECK_PAUSE = 0.2  # seconds
log = logging.getLogger(__name__)


class Queue:
    """Puts jobs into the queue. Use it as a context manager; several threads may use it at once."""

    def __init__(self, home: Home) -> None:
        make_queue(home)
        self._app = App(connector=SyncPsycopgConnector(max_size=2, **connection_arguments(home)))

    def put(self, job: Job, after: int = 0) -> bool:
        """Put a job into the queue, to run after at least ``after`` seconds; return False if it waits there already."""
        deferrer = self._app.configure_task(
            job.task, queue=job.task, lock=job.lock, queueing_lock=job.once, priority=job.priority,
            schedule_in={"seconds": after} if after else None,
        )  # fmt: skip
        try:
            deferrer.defer(portal=job.portal)
        except AlreadyEnqueued:
            return False
        return True

    def __enter__(self) -> Self:
        self._app.open()
        return self

    def __exit__(self, *error: object) -> None:
        self._app.close()


def run_worker(
    home: Home, progress: Progress, stop: threading.Event, *, queues: Mapping[str, int], readers: int = 1
) -> None:
    """Run jobs until ``stop`` is set; then end the running ones in good order and put them back. ``queues``: the number
    of jobs at once, by queue; ``readers``: the number of processes for one reading.
    """
    start_server_apart()
    with Queue(home) as queue:
        mend_archive(home, [], progress)
        runner = JobRunner(home, progress, readers=readers, on_crawled=lambda portal: queue.put(read_job(portal)))
        asyncio.run(_Worker(home, queue, runner, progress).run(stop, queues))


class _Worker:
    def __init__(self, home: Home, queue: Queue, runner: JobRunner, progress: Progress) -> None:
        self.home, self.queue, self.runner, self.progress = home, queue, runner, progress
        self.silence, self.planner = home.config.worker_silence, Planner(home)
        self.app = App(connector=PsycopgConnector(max_size=4, **connection_arguments(home)))
        for task in (CRAWL, READ):
            self.app.task(name=task, pass_context=True)(self._do)

    async def run(self, stop: threading.Event, queues: Mapping[str, int]) -> None:
        """Run jobs until ``stop`` is set. Raises StorageError if the queue cannot be used."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(sum(queues.values()) + 8))
        async with self.app.open_async():
            parts = [asyncio.create_task(self._work(name, jobs)) for name, jobs in queues.items()]
            parts.append(asyncio.create_task(self._watch()))
            while not stop.is_set() and not any(one.done() for one in parts):
                await asyncio.wait(parts, timeout=_STOP_CHECK_PAUSE, return_when=asyncio.FIRST_COMPLETED)
            ended = [one for one in parts if one.done()]
            ending = asyncio.create_task(asyncio.to_thread(self.runner.stop))
            for one in parts:
                one.cancel()
            await asyncio.gather(*parts, ending, return_exceptions=True)
        for one in ended:
            if (error := one.exception()) is not None:
                message = f"the queue cannot be asked ({error}); see that PostgreSQL runs."
                raise StorageError(message, code="queue.unanswered", cause=error) from error

    async def _work(self, queue: str, jobs: int) -> None:
        await self.app.run_worker_async(
            queues=[queue],
            name=queue,
            concurrency=jobs,
            install_signal_handlers=False,
            delete_jobs="always",
            fetch_job_polling_interval=min(5.0, self.silence / 3),
            update_heartbeat_interval=self.silence / 3,
            stalled_worker_timeout=self.silence,
        )

    def _do(self, context: JobContext, /, **_: object) -> None:
        """Run one job; if it cannot be done now, put it into the queue again. The queue removes it in any case."""
        job = _planned(context.job)
        try:
            seconds = self.runner.run(job.task, job.portal)
            if seconds is not None:
                self.queue.put(job, after=seconds)
        except (CrawlError, StorageError) as error:
            log.error("%s of %s failed: %s", job.task, job.portal, error)

    async def _watch(self) -> None:
        """Queue due jobs, and those of dead workers, every 30 seconds; if the database fails, try again next time."""
        while True:
            try:
                if await asyncio.to_thread(self.home.locks.try_take, _PLANNER_LOCK):
                    try:
                        await self._give_back_stalled()
                        await asyncio.to_thread(self._plan)
                    finally:
                        await asyncio.to_thread(self.home.locks.release, _PLANNER_LOCK)
            except Exception:  # logged; the worker goes on
                log.exception("what is due could not be asked")
            await asyncio.sleep(min(_PLANNING_PAUSE, self.silence))

    def _plan(self) -> None:
        """Put the jobs that are due into the queue, unless they are there already."""
        try:
            due = self.planner.due_jobs()
        except CrawlError as error:
            self.progress(ProgressEvent(Note("nothing_planned", {"why": note_of(error).as_json}), event="failed"))
            return
        queued = {(one.task, one.portal) for one in jobs(self.home)}
        for job in due:
            if (job.task, job.portal) not in queued:
                self.queue.put(job)

    async def _give_back_stalled(self) -> None:
        """Put the jobs of workers that no longer report into the queue again."""
        manager = self.app.job_manager
        for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=self.silence):
            await manager.finish_job(stalled, Status.FAILED, delete_job=True)
            job = _planned(stalled)
            await asyncio.to_thread(self.queue.put, job)
            given_back = Note("given_back", {"task": job.task, "portal": job.portal})
            self.progress(ProgressEvent(given_back, event="failed"))


def _planned(queued: ProcrastinateJob) -> Job:
    """Return a job in procrastinate's queue as a job of the planner."""
    portal, lock = str(queued.task_kwargs["portal"]), str(queued.lock)
    return Job(task=queued.task_name, portal=portal, lock=lock, priority=queued.priority)
