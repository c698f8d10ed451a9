"""Does jobs: crawls a portal, or reads and judges what was captured of it.

A job may be run again at any time: a crawl goes on where the one before was cut short, and what was read is not read
again. Both executors, ``up.py`` and ``worker.py``, run their jobs here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from crawler.crawl_run import low_disk_reason
from crawler.errors import CrawlError
from crawler.operations.child import NOT_NOW
from crawler.operations.planner import CRAWL, READ
from crawler.operations.progress import Progress, ProgressEvent
from crawler.operations.runs import PortalProcesses
from storage.home import Home
from storage.records import Note

RETRY_SECONDS = 60  # between two tries while the disk, the database or the object store takes nothing
CLOCK_RETRY_SECONDS = 900  # the same while our clock is off: only another crawl can tell that it is right again
_CRAWLS_END_SECONDS = 2.0  # that crawls have to end in good order when the program is stopped
_PAUSED = {CRAWL: "paused", READ: "reading_paused"}
_RESUMED = {CRAWL: Note("goes_on"), READ: Note("reading_goes_on")}
Hindrance = tuple[int, Note] | None  # in how many seconds a job can be tried again, and why it cannot be done now


class JobError(CrawlError):
    """A job could not be done; the notes say why."""


class JobRunner:
    """Does jobs; several threads may use it, and ``progress`` is called from them.

    ``readers``: reading processes of one job; ``on_crawled``: called with each portal that was crawled.
    """

    def __init__(
        self, home: Home, progress: Progress, *, readers: int = 1, on_crawled: Callable[[str], object] = lambda _: None
    ) -> None:
        self.home, self.progress, self.readers, self.on_crawled = home, progress, readers, on_crawled
        self._processes = PortalProcesses(home, progress)
        self._paused: dict[str, str] = {}  # the queues of which no job can be done, with the code that was told
        self._telling = threading.Lock()

    def run(self, task: str, portal: str) -> int | None:
        """Do a job. Return None when it is done; else in how many seconds it is to be tried again, however often: what
        hinders it is no fault of its own, and would hinder every other job of its queue. Raises :class:`JobError`.
        """
        hindered = None
        if not self._processes.is_stopping:
            hindered = self._crawl(portal) if task == CRAWL else self._read(portal)
        if self._processes.is_stopping:
            return 0
        self._tell(task, hindered[1] if hindered else None)
        return hindered[0] if hindered else None

    def end_crawls_without_room(self) -> None:
        """Ask crawls to end in good order where the disk is nearly full."""
        if low_disk_reason(self.home):
            self._processes.ask_crawls_to_end()

    def stop(self) -> None:
        """End what is under way. What was fetched or read is kept."""
        self._processes.stop(_CRAWLS_END_SECONDS)

    def _crawl(self, portal: str) -> Hindrance:
        if why := low_disk_reason(self.home):
            return RETRY_SECONDS, why
        if self._paused.get(CRAWL) == "low_disk":
            self._tell(CRAWL, None)
        report = self._processes.crawl(portal)
        if report.run is not None:
            self.on_crawled(portal)
        if report.outcome == "failed" and not report.hindrance and not self._processes.is_stopping:
            raise JobError("; ".join(map(str, report.notes)))
        return (CLOCK_RETRY_SECONDS, report.hindrance) if report.hindrance else None

    def _read(self, portal: str) -> Hindrance:
        code, error = self._processes.read(portal, self.readers)
        if code and code != NOT_NOW and not self._processes.is_stopping:
            raise JobError(str(error))
        return (RETRY_SECONDS, error) if code == NOT_NOW else None

    def _tell(self, queue: str, why: Note | None) -> None:
        """Tell once what keeps all jobs of a queue from being done, and once that it is over."""
        with self._telling:
            if (why is not None) is (queue in self._paused):
                return
            if why is not None:
                self._paused[queue] = why.code
            else:
                del self._paused[queue]
        if why is None:
            self.progress(ProgressEvent(_RESUMED[queue]))
        else:
            self.progress(ProgressEvent(Note(_PAUSED[queue], {"why": why.plain}), event="failed"))
