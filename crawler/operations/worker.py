"""The executor for an archive in PostgreSQL: ``nianbao worker`` runs the planner's jobs from a queue of procrastinate.

Each worker regularly puts due jobs into the queue, and gives back the jobs of workers that died; by a lock one worker
does this at a time. So no separate scheduler is needed. A job that cannot be done now, or that a worker asked to end
was doing, goes back into the queue.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from math import ceil

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job as QueuedJob

from crawler.errors import CrawlError
from crawler.operations.job_queue import connection_arguments, make_queue, put_jobs
from crawler.operations.planner import CRAWL, READ, Planner
from crawler.operations.progress import Progress, ProgressEvent
from crawler.operations.runs import JobRunner, mend_archive
from crawler.processes import start_server
from storage.home import Home
from storage.records import Note

_PLANNER_LOCK = "planner"
_PLANNING_PAUSE = 30.0  # seconds
log = logging.getLogger(__name__)


class TryLater(Exception):  # noqa: N818 - nothing failed: the queue is asked to do the job later
    """A job is not done, and is to be tried again after some seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


class _RetryStrategy(BaseRetryStrategy):
    """Puts a job that raised :class:`TryLater` back into the queue."""

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:
        del job
        return RetryDecision(retry_in={"seconds": exception.seconds}) if isinstance(exception, TryLater) else None


def run_worker(
    home: Home, progress: Progress, stop: threading.Event, *, queues: Mapping[str, int], readers: int = 1
) -> None:
    """Run jobs until ``stop`` is set; then end the running ones in good order and put them back. ``queues``: the number
    of jobs at once, by queue; ``readers``: the number of processes for one reading. Raises :class:`CrawlError`
    if the queue cannot be used.
    """
    start_server()
    make_queue(home)
    mend_archive(home, progress)
    runner = JobRunner(home, progress, readers=readers)
    app = App(connector=PsycopgConnector(max_size=4, **connection_arguments(home)))

    def run_job(context: JobContext, /, portal: str) -> None:
        seconds = runner.run(context.job.task_name, portal)
        if seconds is not None:
            raise TryLater(ceil(seconds))

    for task in (CRAWL, READ):
        app.task(name=task, pass_context=True, retry=_RetryStrategy())(run_job)
    asyncio.run(_work(home, app, runner, progress, stop, queues))


async def _work(
    home: Home, app: App, runner: JobRunner, progress: Progress, stop: threading.Event, queues: Mapping[str, int]
) -> None:
    """Run a worker for each queue, and the planner, until ``stop`` is set or one fails; then end the running jobs."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(sum(queues.values()) + 8))
    silence = home.config.worker_silence
    async with app.open_async():
        parts = [
            asyncio.create_task(app.run_worker_async(
                queues=[queue], name=queue, concurrency=jobs, install_signal_handlers=False, delete_jobs="always",
                fetch_job_polling_interval=min(5.0, silence / 3), update_heartbeat_interval=silence / 3,
                stalled_worker_timeout=silence,
            ))
            for queue, jobs in queues.items()
        ]  # fmt: skip
        parts.append(asyncio.create_task(_plan(home, app, Planner(home, progress), progress)))
        stop_task = asyncio.create_task(asyncio.to_thread(stop.wait))
        await asyncio.wait([*parts, stop_task], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        failed = [error for one in parts if one.done() and (error := one.exception()) is not None]
        ending = asyncio.create_task(asyncio.to_thread(runner.stop))
        for one in parts:
            one.cancel()
        await asyncio.gather(*parts, ending, return_exceptions=True)
    if failed:
        raise CrawlError(code="queue.unanswered", cause=failed[0]) from failed[0]


async def _plan(home: Home, app: App, planner: Planner, progress: Progress) -> None:
    """Queue due jobs, and those of dead workers, every 30 seconds (on one machine); if that fails, go on."""
    silence = home.config.worker_silence
    while True:
        try:
            if await asyncio.to_thread(home.locks.try_take, _PLANNER_LOCK):
                try:
                    await _give_back_stalled(app, silence, progress)
                    await asyncio.to_thread(put_jobs, home, planner.due_jobs)
                finally:
                    await asyncio.to_thread(home.locks.release, _PLANNER_LOCK)
        except Exception:  # logged; the worker goes on
            log.exception("due jobs could not be put into the queue")
        await asyncio.sleep(min(_PLANNING_PAUSE, silence))


async def _give_back_stalled(app: App, silence: float, progress: Progress) -> None:
    """Put jobs of workers without a heartbeat for ``silence`` seconds back into the queue; show each as failed."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silence):
        await app.job_manager.retry_job(job)
        given_back = Note("given_back", {"task": job.task_name, "portal": str(job.task_kwargs["portal"])})
        progress(ProgressEvent(given_back, event="failed"))
