"""Does jobs: crawls a portal, or reads and judges what was captured of it.

A job may be run again at any time: a crawl goes on where the one before was cut short, and what was read is not read
again. Both executors, ``up.py`` and ``worker.py``, run their jobs here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from crawler.disk_space import low_disk_reason
from crawler.errors import CrawlError
from crawler.operations.planner import CRAWL, READ
from crawler.operations.progress import NOT_NOW, Progress, ProgressEvent
from crawler.operations.runs import PortalProcesses
from storage.home import Home
from storage.records import Note

RETRY_SECONDS = 60  # between two tries while the disk, the database or the object store takes nothing
CLOCK_RETRY_SECONDS = 900  # the same while our clock is off: only another crawl can tell that it is right again
_CRAWLS_END_SECONDS = 2.0  # that crawls have to end in good order when the program is stopped
_PAUSED = {CRAWL: "paused", READ: "reading_paused"}
_RESUMED = {CRAWL: Note("goes_on"), READ: Note("reading_goes_on")}


class JobError(CrawlError):
    """A job could not be done; the notes say why."""

    def __init__(self, notes: Iterable[Note]) -> None:
        super().__init__("; ".join(map(str, notes)))


class NotNowError(CrawlError):
    """A job cannot be done now, through no fault of its own: it is tried again after ``seconds``, however often.

    ``why`` would keep every other job of its queue from being done too; None: the program is ending.
    """

    def __init__(self, seconds: int, why: Note | None = None) -> None:
        super().__init__(str(why or "the program was asked to end"))
        self.seconds, self.why = seconds, why


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

    def run(self, task: str, portal: str) -> None:
        """Do a job. Raises :class:`NotNowError` and :class:`JobError`."""
        try:
            self._raise_if_stopping()
            (self._crawl if task == CRAWL else self._read)(portal)
        except NotNowError as error:
            if error.why is not None:
                self._tell(task, error.why)
            raise
        self._tell(task, None)

    def end_crawls_without_room(self) -> None:
        """Ask crawls to end in good order where the disk is nearly full."""
        if low_disk_reason(self.home):
            self._processes.ask_crawls_to_end()

    def stop(self) -> None:
        """End what is under way. What was fetched or read is kept."""
        self._processes.stop(_CRAWLS_END_SECONDS)

    def _crawl(self, portal: str) -> None:
        if why := low_disk_reason(self.home):
            raise NotNowError(RETRY_SECONDS, why)
        if self._paused.get(CRAWL) == "low_disk":
            self._tell(CRAWL, None)
        report = self._processes.crawl(portal)
        if report.run is not None:
            self.on_crawled(portal)
        self._raise_if_stopping()
        if report.hindrance:
            raise NotNowError(CLOCK_RETRY_SECONDS, report.hindrance)
        if report.outcome == "failed":
            raise JobError(report.notes)

    def _read(self, portal: str) -> None:
        code, error = self._processes.read(portal, self.readers)
        self._raise_if_stopping()
        if code == NOT_NOW:
            raise NotNowError(RETRY_SECONDS, error)
        if code:
            raise JobError([error])

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

    def _raise_if_stopping(self) -> None:
        if self._processes.is_stopping:
            raise NotNowError(0)
