"""The jobs of an archive, each of one portal, as procrastinate runs them from the queue in PostgreSQL.

``crawl_portal``    looks at its listings and fetches the reports that are due
``visit_reports``   likewise, and fetches every known report again
``read_documents``  reads what is unread of it, and judges it
``judge_portal``    judges it anew from what was read

Each may be run again at any time: a crawl goes on where the one before was cut short, and what was read is not read
again. A job that fails is tried again, at last put aside with its reason; one whose worker died is given back.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Iterable
from typing import Self

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision, SyncPsycopgConnector
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job, Status

from crawler.disk_space import low_disk_reason
from crawler.errors import CrawlError
from crawler.operations import read_child
from crawler.operations.job_plans import CRAWL, READ, PlannedJob, read_job
from crawler.operations.job_queue import connection_of, has_successor, leave_uncounted, make_queue, note_failure
from crawler.operations.runs import Crawls, Progress, ProgressEvent
from crawler.operations.stopping import CRAWLS_END_SECONDS
from crawler.operations.worker_health import WorkerHealth
from crawler.processes import WorkerProcess
from storage.errors import StorageError, note_of
from storage.home import Home
from storage.records import Note

TASKS = ("crawl_portal", "visit_reports", "read_documents", "judge_portal")
ATTEMPTS = 3  # at a job, those included whose worker died
_FIRST_PAUSE, _FACTOR = 60, 5  # seconds before a job that failed is tried again, and how much longer the next time
_HINDERED = 900  # seconds after which a job is tried again that something of ours, not of the portal's, kept from it
_SAID = 500  # characters of what a process or an error said that are kept
log = logging.getLogger(__name__)


class JobError(CrawlError):
    """A job could not be done; ``notes`` say why."""

    def __init__(self, notes: Iterable[Note]) -> None:
        self.notes = tuple(notes)
        super().__init__("; ".join(map(str, self.notes)))


class NotNowError(CrawlError):
    """A job cannot be done now, and that is not its own fault: it is tried again after ``seconds``, however often."""

    def __init__(self, why: str, seconds: int) -> None:
        super().__init__(why)
        self.seconds = seconds


class _Retry(BaseRetryStrategy):
    """When a job that failed is tried again."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """None: it is put aside."""
        if isinstance(exception, NotNowError):
            return RetryDecision(retry_in={"seconds": exception.seconds})
        if job.attempts + 1 >= ATTEMPTS:
            return None
        return RetryDecision(retry_in={"seconds": _FIRST_PAUSE * _FACTOR**job.attempts})


class JobRunner:
    """Does the jobs, each in a process of its own. Several threads may use it.

    ``progress`` is called from several threads; ``readers``: reading processes of one job.
    """

    def __init__(
        self, home: Home, queue: Queue, progress: Progress, *, readers: int = 1, health: WorkerHealth | None = None
    ) -> None:
        self.home, self.queue, self.progress, self.readers = home, queue, progress, readers
        self.health = health or WorkerHealth(home.config.worker_silence)
        self.stopping = threading.Event()
        self._crawls = Crawls(home)
        self._reading: dict[str, WorkerProcess] = {}

    def crawl(self, portal: str, *, visit_everything: bool = False) -> None:
        """Crawl a portal, and put the reading of what it brought into the queue."""
        self._go_on()
        if why := low_disk_reason(self.home):
            raise NotNowError(str(why), _HINDERED)
        report = self._crawls.one(portal, self.progress, visit_everything=visit_everything)
        if report.run is not None:
            self.queue.put(read_job(portal))
        self._go_on()
        if report.hindrance:
            raise NotNowError(str(report.hindrance), _HINDERED)
        if report.outcome == "failed":
            raise JobError(report.notes)

    def read(self, portal: str, *, judge_only: bool = False) -> None:
        """Read and judge a portal."""
        self._go_on()
        environment = dict(os.environ, NIANBAO_ARCHIVE=str(self.home.path))
        with WorkerProcess(read_child.main, portal, judge_only, self.readers, environment=environment) as process:
            self._reading[portal] = process
            try:
                notes = [Note.of(json.loads(line)) for line in process.lines]
                code = process.wait()
            finally:
                del self._reading[portal]
        self._go_on()
        if code:
            said = process.last_error[:_SAID]
            if code == read_child.HINDERED:
                self.progress(ProgressEvent(portal, f"not read now: {said}", "failed"))
                raise NotNowError(said, _HINDERED)
            raise JobError([Note("error", {"text": said}) if said else Note("exit_code", {"number": code})])
        for note in notes:
            self.progress(ProgressEvent.of(note, portal, "read"))

    def stop(self) -> None:
        """Ask what is under way to end in good order; its jobs are given back."""
        self.stopping.set()
        self._crawls.ask_to_end()
        for process in [*self._reading.values()]:
            process.terminate()  # what was read is kept

    def end(self) -> None:
        """End what has not ended in good order in time."""
        self._crawls.stop(CRAWLS_END_SECONDS)

    def _go_on(self) -> None:
        if self.stopping.is_set():
            raise NotNowError("the worker was asked to end", 0)


def application(runner: JobRunner, connector: BaseConnector) -> App:
    """The jobs as procrastinate's tasks."""
    app = App(connector=connector)

    def task(name: str, queue: str, work: Callable[[str], None]) -> None:
        @app.task(name=name, queue=queue, pass_context=True, retry=_Retry())
        def run(context: JobContext, /, portal: str, **_: object) -> None:  # later versions may give more
            with runner.health.doing(name):
                _followed(runner.home, context.job, lambda: work(portal))

    task("crawl_portal", CRAWL, runner.crawl)
    task("visit_reports", CRAWL, lambda portal: runner.crawl(portal, visit_everything=True))
    task("read_documents", READ, runner.read)
    task("judge_portal", READ, lambda portal: runner.read(portal, judge_only=True))
    return app


def _followed(home: Home, job: Job, work: Callable[[], None]) -> None:
    """Do a job, and keep the reason for which it fails."""
    assert job.id is not None
    try:
        work()
    except Exception as error:
        if isinstance(error, NotNowError):
            leave_uncounted(home, job.id)
        else:
            if job.attempts + 1 >= ATTEMPTS:
                about = f"{job.task_name} of {job.task_kwargs.get('portal')}"
                log.error("%s was given up after %d attempts: %s", about, ATTEMPTS, error)
            note_failure(home, job.id, job.attempts + 1, _notes_of(error))
        if has_successor(home, job.id):
            log.warning("%s: it was not done (%s); one like it waits and will do it", job.task_name, error)
            return
        raise


def is_unexpected(record: logging.LogRecord) -> bool:
    """A filter of procrastinate's log: a failure with a reason is told in a line, only a fault with its traceback."""
    return record.exc_info is None or not isinstance(record.exc_info[1], CrawlError | StorageError)


def _notes_of(error: Exception) -> tuple[Note, ...]:
    if isinstance(error, JobError):
        return error.notes
    if isinstance(error, CrawlError | StorageError):
        return (note_of(error),)
    return (Note("error", {"text": f"{type(error).__name__}: {error}"[:_SAID]}),)


def worker_connector(home: Home) -> PsycopgConnector:
    """The connections of a worker."""
    address, arguments = connection_of(home)
    return PsycopgConnector(conninfo=address, kwargs=arguments, min_size=1, max_size=4)


async def give_back_stalled(app: App, home: Home, silent_for: float) -> list[str]:
    """Give jobs back whose worker has been silent for so many seconds; those that were tried too often are put aside.
    What was done, in sentences.
    """
    sentences = []
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_for):
        assert job.id is not None
        about = f"{job.task_name} of {job.task_kwargs.get('portal')}"
        reason = "its worker died, or lost its connection to the database"
        note_failure(home, job.id, job.attempts + 1, [Note("worker_lost")])
        if has_successor(home, job.id):
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
            sentences.append(f"{about} is left to one like it that waits: {reason}")
        elif job.attempts + 1 >= ATTEMPTS:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
            sentences.append(f"{about} was given up after {ATTEMPTS} attempts: {reason}")
        else:
            await app.job_manager.retry_job(job)
            sentences.append(f"{about} is given back: {reason}")
    return sentences


class Queue:
    """Puts jobs into the queue. Use as a context manager; several threads may."""

    def __init__(self, home: Home) -> None:
        make_queue(home)
        address, arguments = connection_of(home)
        self._app = App(connector=SyncPsycopgConnector(conninfo=address, kwargs=arguments, min_size=1, max_size=2))

    def put(self, job: PlannedJob) -> bool:
        """Put a job into the queue; False where one like it waits already."""
        deferrer = self._app.configure_task(
            job.task, queue=job.queue, lock=job.lock, queueing_lock=job.once, priority=job.priority
        )
        try:
            deferrer.defer(portal=job.portal)
        except AlreadyEnqueued:
            return False
        return True

    def put_all(self, jobs: Iterable[PlannedJob]) -> int:
        """Put jobs into the queue; how many were not there yet."""
        return sum([self.put(job) for job in jobs])

    def __enter__(self) -> Self:
        self._app.open()
        return self

    def __exit__(self, *error: object) -> None:
        self._app.close()
