"""Doing the planner's jobs. Both executors, ``up.py`` and ``worker.py``, do theirs by :class:`JobRunner`."""

from __future__ import annotations

import threading
from collections.abc import Callable

from crawler.crawl_run import low_disk_reason
from crawler.errors import CrawlError
from crawler.operations import child
from crawler.operations.planner import CRAWL, READ
from crawler.operations.progress import Progress, ProgressEvent
from crawler.operations.runs import PortalProcesses
from storage.home import Home
from storage.records import Note

RETRY_SECONDS = 60  # between two tries while the disk, the database or the object store takes nothing
CLOCK_RETRY_SECONDS = 900  # the same while our clock is off: only another crawl can tell that it is right again
_PAUSED = {CRAWL: "paused", READ: "reading_paused"}
_RESUMED = {CRAWL: "goes_on", READ: "reading_goes_on"}
Hindrance = tuple[int, Note] | None  # in how many seconds a job can be tried again, and why it cannot be done now


class JobError(CrawlError):
    """A job could not be done; the notes say why."""


class JobRunner(PortalProcesses):
    """Does jobs; several threads may use it, and ``progress`` is called from them.

    ``readers``: reading processes of one job; ``on_crawled``: called with each portal that was crawled.
    """

    def __init__(
        self, home: Home, progress: Progress, *, readers: int = 1, on_crawled: Callable[[str], object] = lambda _: None
    ) -> None:
        super().__init__(home, progress)
        self.readers, self.on_crawled = readers, on_crawled
        self._paused: dict[str, str] = {}  # the queues of which no job can be done, with the code that was told
        self._telling = threading.Lock()

    def run(self, task: str, portal: str) -> int | None:
        """Do a job. Return None when it is done; else in how many seconds it is to be tried again, however often: what
        hinders it is no fault of its own, and would hinder every other job of its queue. Raises :class:`JobError`.
        """
        hindered = None
        if not self.is_stopping:
            hindered = self._crawl_job(portal) if task == CRAWL else self._read_job(portal)
        if self.is_stopping:
            return 0
        self._tell(task, hindered[1] if hindered else None)
        return hindered[0] if hindered else None

    def end_crawls_without_room(self) -> None:
        """Ask crawls to end in good order where the disk is nearly full."""
        if low_disk_reason(self.home):
            self.ask_crawls_to_end()

    def _crawl_job(self, portal: str) -> Hindrance:
        if why := low_disk_reason(self.home):
            return RETRY_SECONDS, why
        if self._paused.get(CRAWL) == "low_disk":
            self._tell(CRAWL, None)
        report = self.crawl(portal)
        if report.run is not None:
            self.on_crawled(portal)
        if report.outcome == "failed" and not report.hindrance and not self.is_stopping:
            raise JobError("; ".join(map(str, report.notes)))
        return (CLOCK_RETRY_SECONDS, report.hindrance) if report.hindrance else None

    def _read_job(self, portal: str) -> Hindrance:
        code, error = self.read(portal, self.readers)
        if code and code != child.NOT_NOW and not self.is_stopping:
            raise JobError(str(error))
        return (RETRY_SECONDS, error) if code == child.NOT_NOW else None

    def _tell(self, queue: str, why: Note | None) -> None:
        """Tell once what keeps all jobs of a queue from being done, and once that it is over."""
        with self._telling:
            if (why is not None) is (queue in self._paused):
                return
            if why is None:
                del self._paused[queue]
                self.progress(ProgressEvent(Note(_RESUMED[queue])))
            else:
                self._paused[queue] = why.code
                self.progress(ProgressEvent(Note(_PAUSED[queue], {"why": why.plain}), event="failed"))
