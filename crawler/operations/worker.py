"""``nianbao worker``: does jobs of the queue, and sees with all other workers that what is due gets there.

Every worker looks now and then what is due, and whether another died with a job; one of them at a time, by a lock. So
there is no scheduler to be started or to be missed.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, timedelta

from procrastinate import App

from archive.assessment.calendar import local_day
from archive.projection.update import waiting
from crawler import portals
from crawler.errors import CrawlError
from crawler.operations.health.metrics import serving
from crawler.operations.job_plans import due_crawls, machine_of, read_job
from crawler.operations.job_queue import not_wanted
from crawler.operations.jobs import (
    JobRunner,
    Queue,
    application,
    give_back_stalled,
    is_unexpected,
    worker_connector,
)
from crawler.operations.runs import Progress, ProgressEvent, mend_archive
from crawler.operations.scheduling.state import states
from crawler.operations.worker_health import WorkerHealth
from crawler.processes import start_server
from storage.errors import StorageError
from storage.home import Home

PLANNER = "planner"  # the lock of whoever looks what is due
_WATCH = 30.0  # seconds between two looks at what is due
_RESTS = timedelta(hours=1)  # a job that was given up
log = logging.getLogger(__name__)


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
    """Do jobs of these queues, so many of each at once, until ``stop`` is set; then those under way are asked to end,
    and given back. Without ``plans`` nothing is put into the queue but what follows from jobs. ``listen``: host and
    port at which /metrics and /healthz are answered. Raises :class:`~crawler.errors.CrawlError` where that is taken.
    """
    start_server()
    health = WorkerHealth(home.config.worker_silence)
    with ExitStack() as stack:
        if listen:
            address = stack.enter_context(serving(listen, health))
            progress(ProgressEvent("worker", f"answers at {address}/metrics and /healthz"))
        queue = stack.enter_context(Queue(home))
        mend_archive(home, [], progress)
        runner = JobRunner(home, queue, progress, readers=readers, health=health)
        worker = _Worker(home, queue, runner, progress, plans)
        asyncio.run(worker.run(stop, queues))


class _Worker:
    def __init__(self, home: Home, queue: Queue, runner: JobRunner, progress: Progress, plans: bool) -> None:
        self.home, self.queue, self.runner, self.progress = home, queue, runner, progress
        self.plans, self.silence = plans, home.config.worker_silence
        self._day: date | None = None

    async def run(self, stop: threading.Event, queues: Mapping[str, int]) -> None:
        """Work until asked to end."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(sum(queues.values()) + 8))
        app = application(self.runner, worker_connector(self.home))
        logging.getLogger("procrastinate.worker").addFilter(is_unexpected)
        async with app.open_async():
            working = [
                asyncio.create_task(
                    app.run_worker_async(
                        queues=[name],
                        name=name,
                        concurrency=jobs,
                        install_signal_handlers=False,
                        delete_jobs="successful",
                        fetch_job_polling_interval=min(5.0, self.silence / 3),
                        update_heartbeat_interval=self.silence / 3,
                        stalled_worker_timeout=self.silence,
                    )
                )
                for name, jobs in queues.items()
            ]
            watching = asyncio.create_task(self._watch(app))
            stop_request = asyncio.create_task(asyncio.to_thread(stop.wait))
            parts: list[asyncio.Task[None]] = [*working, watching]
            await asyncio.wait([*parts, stop_request], return_when=asyncio.FIRST_COMPLETED)
            ended = [one for one in parts if one.done()]
            stop.set()
            self.runner.stop()
            watching.cancel()
            for one in working:
                one.cancel()
            ending = asyncio.create_task(asyncio.to_thread(self.runner.end))
            await asyncio.gather(*working, watching, stop_request, ending, return_exceptions=True)
            for one in ended:
                if (error := one.exception()) is not None:
                    message = f"the queue cannot be asked ({error}); see that PostgreSQL runs."
                    raise StorageError(message, code="queue.unanswered", cause=error) from error

    async def _watch(self, app: App) -> None:
        """Look now and then what is due and who died; a database that cannot be asked now can be in a minute."""
        while True:
            try:
                if await asyncio.to_thread(self.home.locks.try_take, PLANNER):
                    try:
                        for sentence in await give_back_stalled(app, self.home, self.silence):
                            self.progress(ProgressEvent("archive", sentence, "failed"))
                        if self.plans:
                            await asyncio.to_thread(self._plan)
                    finally:
                        await asyncio.to_thread(self.home.locks.release, PLANNER)
            except Exception:  # an alarm, and the worker goes on
                log.exception("what is due could not be asked")
            else:
                self.runner.health.looked()
            await asyncio.sleep(min(_WATCH, self.silence))

    def _plan(self) -> None:
        """Put what is due into the queue."""
        try:
            portal_states = states(self.home)
        except CrawlError as error:
            self.progress(ProgressEvent("archive", f"nothing is planned until this is mended: {error}", "failed"))
            return
        locks = machine_of(portals.classes(self.home.path))
        self.queue.put_all(due_crawls(portal_states, locks, self.home.clock.now(), not_wanted(self.home, _RESTS)))
        today = local_day(self.home.clock.now())
        if today != self._day:  # what was left unread, and years that have ended
            self.queue.put_all(read_job(name) for name in waiting(self.home))
            self._day = today
