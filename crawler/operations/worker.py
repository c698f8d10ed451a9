"""The executor of an archive in PostgreSQL: ``nianbao worker`` runs the planner's jobs from a queue of procrastinate.

Every worker asks the planner now and then, and whether another died with a job; one of them at a time, by a lock. So
there is no scheduler to be started or to be missed. A job that fails is tried again, at last put aside with its reason;
a job whose worker died is given back.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import Self

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job as ProcrastinateJob
from procrastinate.jobs import Status

from crawler.errors import CrawlError
from crawler.operations.health.metrics import WorkerMetrics, serving
from crawler.operations.job_queue import (
    connection_of,
    has_successor,
    leave_uncounted,
    make_queue,
    note_failure,
    unwanted_jobs,
)
from crawler.operations.job_runner import ERROR_MAX_CHARS, JobError, JobRunner, NotNowError
from crawler.operations.planner import TASKS, Job, Planner, read_job
from crawler.operations.runs import Progress, ProgressEvent, mend_archive
from crawler.operations.stopping import start_server_apart
from storage.errors import StorageError, note_of
from storage.home import Home
from storage.records import Note

ATTEMPTS = 3  # at a job, including those that a worker died of
PLANNER_LOCK = "planner"
_PLANNING_PAUSE = 30.0  # seconds
_STOP_CHECK_PAUSE = 0.2  # seconds
_FIRST_RETRY, _RETRY_FACTOR = 60, 5  # seconds before a job that failed is tried again, and how much longer each time
_GIVEN_UP_REST = timedelta(hours=1)  # before a job that was given up is planned anew
log = logging.getLogger(__name__)


class Queue:
    """Puts jobs into the queue. Use as a context manager; several threads may."""

    def __init__(self, home: Home) -> None:
        make_queue(home)
        address, arguments = connection_of(home)
        self._app = App(connector=SyncPsycopgConnector(conninfo=address, kwargs=arguments, min_size=1, max_size=2))

    def put(self, job: Job) -> bool:
        """Put a job into the queue; False where one like it waits already."""
        deferrer = self._app.configure_task(
            job.task, queue=job.queue, lock=job.lock, queueing_lock=job.once, priority=job.priority
        )
        try:
            deferrer.defer(portal=job.portal)
        except AlreadyEnqueued:
            return False
        return True

    def put_all(self, jobs: Iterable[Job]) -> int:
        """Put jobs into the queue, and return how many were not there yet."""
        return sum([self.put(job) for job in jobs])

    def __enter__(self) -> Self:
        self._app.open()
        return self

    def __exit__(self, *error: object) -> None:
        self._app.close()


def run_worker(
    home: Home,
    progress: Progress,
    stop: threading.Event,
    *,
    queues: Mapping[str, int],
    readers: int = 1,
    plans: bool = True,
    listen: str = "",
) -> None:
    """Do jobs of these queues, so many of each at once, until ``stop`` is set; then those under way are ended in good
    order, and given back. Without ``plans`` only what follows from jobs is put into the queue. ``listen``: where
    /metrics and /healthz are answered. Raises :class:`~crawler.errors.CrawlError` where that is taken.
    """
    start_server_apart()
    health = WorkerMetrics(home.config.worker_silence)
    with ExitStack() as stack:
        if listen:
            address = stack.enter_context(serving(listen, health))
            progress(ProgressEvent("worker", f"answers at {address}/metrics and /healthz"))
        queue = stack.enter_context(Queue(home))
        mend_archive(home, [], progress)
        runner = JobRunner(home, progress, readers=readers, on_crawled=lambda portal: queue.put(read_job(portal)))
        worker = _Worker(home, queue, runner, progress, health, plans)
        asyncio.run(worker.run(stop, queues))


class _Worker:
    def __init__(
        self, home: Home, queue: Queue, runner: JobRunner, progress: Progress, health: WorkerMetrics, plans: bool
    ) -> None:
        self.home, self.queue, self.runner, self.progress, self.health = home, queue, runner, progress, health
        self.silence = home.config.worker_silence
        self.planner = Planner(home) if plans else None
        address, arguments = connection_of(home)
        self.app = App(connector=PsycopgConnector(conninfo=address, kwargs=arguments, min_size=1, max_size=4))
        for task in TASKS:
            self.app.task(name=task, pass_context=True, retry=_Retry())(self._do)

    async def run(self, stop: threading.Event, queues: Mapping[str, int]) -> None:
        """Work until asked to end."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(sum(queues.values()) + 8))
        logging.getLogger("procrastinate.worker").addFilter(_is_unexpected)
        async with self.app.open_async():
            working = [asyncio.create_task(self._work(name, jobs)) for name, jobs in queues.items()]
            watching = asyncio.create_task(self._watch())
            parts: list[asyncio.Task[None]] = [*working, watching]
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
            delete_jobs="successful",
            fetch_job_polling_interval=min(5.0, self.silence / 3),
            update_heartbeat_interval=self.silence / 3,
            stalled_worker_timeout=self.silence,
        )

    def _do(self, context: JobContext, /, portal: str, **_: object) -> None:  # later versions may give more
        """Do one job, and keep the reason if it fails."""
        job = context.job
        assert job.id is not None
        try:
            with self.health.doing(job.task_name):
                self.runner.run(job.task_name, portal)
        except Exception as error:
            if isinstance(error, NotNowError):
                leave_uncounted(self.home, job.id)
            else:
                if job.attempts + 1 >= ATTEMPTS:
                    log.error("%s of %s was given up after %d attempts: %s", job.task_name, portal, ATTEMPTS, error)
                note_failure(self.home, job.id, job.attempts + 1, _notes_of(error))
            if has_successor(self.home, job.id):
                log.warning("%s: it was not done (%s); one like it waits and will do it", job.task_name, error)
                return
            raise

    async def _watch(self) -> None:
        """Ask now and then what is due and who died; a database that cannot be asked now can be in a minute."""
        while True:
            try:
                if await asyncio.to_thread(self.home.locks.try_take, PLANNER_LOCK):
                    try:
                        await self._give_back_stalled()
                        if self.planner is not None:
                            await asyncio.to_thread(self._plan, self.planner)
                    finally:
                        await asyncio.to_thread(self.home.locks.release, PLANNER_LOCK)
            except Exception:  # told, and the worker goes on
                log.exception("what is due could not be asked")
            else:
                self.health.looked()
            await asyncio.sleep(min(_PLANNING_PAUSE, self.silence))

    def _plan(self, planner: Planner) -> None:
        """Put what is due into the queue."""
        try:
            due = planner.due_jobs()
        except CrawlError as error:
            self.progress(ProgressEvent("archive", f"nothing is planned until this is mended: {error}", "failed"))
            return
        unwanted = unwanted_jobs(self.home, _GIVEN_UP_REST)
        self.queue.put_all(job for job in due if job.once not in unwanted)

    async def _give_back_stalled(self) -> None:
        """Give back the jobs of silent workers; those that were tried too often are put aside."""
        manager = self.app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=self.silence):
            assert job.id is not None
            note_failure(self.home, job.id, job.attempts + 1, [Note("worker_lost")])
            if has_successor(self.home, job.id):
                await manager.finish_job(job, Status.FAILED, delete_job=True)
                outcome = "left to one like it that waits"
            elif job.attempts + 1 >= ATTEMPTS:
                await manager.finish_job(job, Status.FAILED, delete_job=False)
                outcome = f"given up after {ATTEMPTS} attempts"
            else:
                await manager.retry_job(job)
                outcome = "given back"
            about = f"{job.task_name} of {job.task_kwargs.get('portal')}"
            sentence = f"{about} is {outcome}: its worker died, or lost its connection to the database"
            self.progress(ProgressEvent("archive", sentence, "failed"))


class _Retry(BaseRetryStrategy):
    """Decides when a job that failed is tried again."""

    def get_retry_decision(self, *, exception: BaseException, job: ProcrastinateJob) -> RetryDecision | None:
        """Return None if the job is put aside."""
        if isinstance(exception, NotNowError):
            return RetryDecision(retry_in={"seconds": exception.seconds})
        if job.attempts + 1 >= ATTEMPTS:
            return None
        return RetryDecision(retry_in={"seconds": _FIRST_RETRY * _RETRY_FACTOR**job.attempts})


def _is_unexpected(record: logging.LogRecord) -> bool:
    """Filter procrastinate's log: a failure with a reason takes one line, only a fault of ours its traceback."""
    return record.exc_info is None or not isinstance(record.exc_info[1], CrawlError | StorageError)


def _notes_of(error: Exception) -> tuple[Note, ...]:
    if isinstance(error, JobError):
        return error.notes
    if isinstance(error, CrawlError | StorageError):
        return (note_of(error),)
    return (Note("error", {"text": f"{type(error).__name__}: {error}"[:ERROR_MAX_CHARS]}),)
