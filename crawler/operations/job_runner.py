"""Does jobs, each in a process of its own: crawls a portal, or reads and judges what was captured of it.

A job may be run again at any time: a crawl goes on where the one before was cut short, and what was read is not read
again. Both executors, ``up.py`` and ``worker.py``, run their jobs here.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable

from crawler.disk_space import low_disk_reason
from crawler.errors import CrawlError
from crawler.operations import read_child
from crawler.operations.planner import CRAWL, READ
from crawler.operations.runs import ERROR_MAX_CHARS, Crawls, Progress, ProgressEvent
from crawler.processes import WorkerProcess
from storage.home import Home
from storage.records import Note

RETRY_SECONDS = 60  # between two tries while the disk, the database or the object store takes nothing
CLOCK_RETRY_SECONDS = 900  # likewise, while our clock is off: only another crawl can say that it is right again
_CRAWLS_END_SECONDS = 2.0  # that crawls have to end in good order when the program that made them is stopped
_PAUSED = {CRAWL: ("paused", "crawling paused"), READ: ("reading_paused", "reading paused")}
_RESUMED = {CRAWL: ("goes_on", "crawling goes on"), READ: ("reading_goes_on", "reading goes on")}


class JobError(CrawlError):
    """A job could not be done; ``notes`` say why."""

    def __init__(self, notes: Iterable[Note]) -> None:
        self.notes = tuple(notes)
        super().__init__("; ".join(map(str, self.notes)))


class NotNowError(CrawlError):
    """A job cannot be done now, through no fault of its own: it is tried again after ``seconds``, however often.

    ``why`` is what would keep every other job of its queue from being done too; None: the program is ending.
    """

    def __init__(self, sentence: str, seconds: int, why: Note | None = None) -> None:
        super().__init__(sentence)
        self.seconds, self.why = seconds, why


class JobRunner:
    """Does jobs; several threads may use it, and ``progress`` is called from them.

    ``readers``: reading processes of one job; ``on_crawled``: called with each portal that was crawled.
    """

    def __init__(
        self, home: Home, progress: Progress, *, readers: int = 1, on_crawled: Callable[[str], object] = lambda _: None
    ) -> None:
        self.home, self.progress, self.readers, self.on_crawled = home, progress, readers, on_crawled
        self._crawls = Crawls(home)
        self._reading: dict[str, WorkerProcess] = {}
        self._paused: dict[str, Note] = {}  # why the jobs of a queue cannot be done, as it was told
        self._telling = threading.Lock()
        self._is_stopping = False

    def run(self, task: str, portal: str) -> None:
        """Do a job. Raises :class:`NotNowError` and :class:`JobError`."""
        try:
            self._go_on()
            (self._crawl if task == CRAWL else self._read)(portal)
        except NotNowError as error:
            if error.why is not None:
                self._tell(task, error.why, str(error))
            raise
        self._tell(task, None)

    def end_crawls_without_room(self) -> None:
        """Ask crawls to end in good order where the disk is nearly full."""
        if low_disk_reason(self.home):
            self._crawls.ask_to_end()

    def stop(self) -> None:
        """End what is under way, crawls in good order if they do it in time. What was fetched or read is kept."""
        self._is_stopping = True
        for process in [*self._reading.values()]:
            process.terminate()
        self._crawls.stop(_CRAWLS_END_SECONDS)

    def _crawl(self, portal: str) -> None:
        if why := low_disk_reason(self.home):
            raise NotNowError(str(why), RETRY_SECONDS, why)
        if CRAWL in self._paused and self._paused[CRAWL].code == "low_disk":
            self._tell(CRAWL, None)
        report = self._crawls.one(portal, self.progress)
        if report.run is not None:
            self.on_crawled(portal)
        self._go_on()
        if report.hindrance:
            raise NotNowError(str(report.hindrance), CLOCK_RETRY_SECONDS, report.hindrance)
        if report.outcome == "failed":
            raise JobError(report.notes)

    def _read(self, portal: str) -> None:
        environment = dict(os.environ, NIANBAO_ARCHIVE=str(self.home.path))
        with WorkerProcess(read_child.main, portal, self.readers, environment=environment) as process:
            self._reading[portal] = process
            try:
                events = [json.loads(line) for line in process.lines]
                code = process.wait()
            finally:
                del self._reading[portal]
        self._go_on()
        error = process.last_error[:ERROR_MAX_CHARS]
        if code == read_child.HINDERED:
            raise NotNowError(error, RETRY_SECONDS, Note.of(events[-1][1]))
        if code:
            raise JobError([Note("error", {"text": error}) if error else Note("exit_code", {"number": code})])
        for event, note in events:
            self.progress(ProgressEvent.of(Note.of(note), portal, event))

    def _tell(self, queue: str, why: Note | None, sentence: str = "") -> None:
        """Tell once what keeps all jobs of a queue from being done, and once that it is over."""
        with self._telling:
            if (why is not None) is (queue in self._paused):
                return
            if why is None:
                del self._paused[queue]
            else:
                self._paused[queue] = why
        code, words = _RESUMED[queue] if why is None else _PAUSED[queue]
        told = words if why is None else f"{words}: {sentence}"
        values = {"why": why.plain} if why is not None else {}
        event = "mended" if why is None else "failed"
        self.progress(ProgressEvent("archive", told, event, code=code, values=values))

    def _go_on(self) -> None:
        if self._is_stopping:
            raise NotNowError("the program was asked to end", 0)
