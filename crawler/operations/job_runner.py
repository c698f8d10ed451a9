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
from crawler.operations.planner import CRAWL, READ, queue_of
from crawler.operations.runs import Crawls, Progress, ProgressEvent
from crawler.operations.stopping import CRAWLS_END_SECONDS
from crawler.processes import WorkerProcess
from storage.home import Home
from storage.recent_outcomes import our_clock
from storage.records import Note

RETRY_SECONDS = 60  # between two tries while the disk, the database or the object store takes nothing
CLOCK_RETRY_SECONDS = 900  # likewise, while our clock is off: only another crawl can say that it is right again
ERROR_MAX_CHARS = 500  # kept of what a process or an error said
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
        self,
        home: Home,
        progress: Progress,
        *,
        readers: int = 1,
        on_crawled: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.home, self.progress, self.readers, self.on_crawled = home, progress, readers, on_crawled
        self._crawls = Crawls(home)
        self._reading: dict[str, WorkerProcess] = {}
        self._paused: dict[str, Note] = {}  # why the jobs of a queue cannot be done, as it was told
        self._telling = threading.Lock()
        self._is_stopping = False
        self._tasks: dict[str, Callable[[str], None]] = {
            "crawl_portal": self._crawl,
            "visit_reports": lambda portal: self._crawl(portal, visit_everything=True),
            "read_documents": self._read,
            "judge_portal": lambda portal: self._read(portal, judge_only=True),
        }

    def run(self, task: str, portal: str) -> None:
        """Do a job. Raises :class:`NotNowError` and :class:`JobError`."""
        try:
            self._tasks[task](portal)
        except NotNowError as error:
            if error.why is not None:
                self.tell_paused(queue_of(task), error.why, str(error))
            raise

    def is_paused(self, queue: str) -> bool:
        """Whether something of ours kept the last job of a queue from being done."""
        return queue in self._paused

    def tell_paused(self, queue: str, why: Note, sentence: str) -> None:
        """Tell once what keeps all jobs of a queue from being done."""
        with self._telling:
            is_news = queue not in self._paused
            self._paused[queue] = why
        if is_news:
            code, words = _PAUSED[queue]
            values = {"why": why.plain}
            self.progress(ProgressEvent("archive", f"{words}: {sentence}", "failed", code=code, values=values))

    def end_crawls_without_room(self) -> None:
        """Ask crawls to end in good order where the disk is nearly full."""
        if low_disk_reason(self.home):
            self._crawls.ask_to_end()

    def stop(self) -> None:
        """End what is under way, crawls in good order if they do it in time. What was fetched or read is kept."""
        self._is_stopping = True
        for process in [*self._reading.values()]:
            process.terminate()
        self._crawls.stop(CRAWLS_END_SECONDS)

    def _crawl(self, portal: str, *, visit_everything: bool = False) -> None:
        self._go_on()
        if why := low_disk_reason(self.home):
            raise NotNowError(str(why), RETRY_SECONDS, why)
        if CRAWL in self._paused and self._paused[CRAWL].code == "low_disk":
            self._tell_resumed(CRAWL)
        report = self._crawls.one(portal, self.progress, visit_everything=visit_everything)
        if report.run is not None:
            self.on_crawled(portal)
        self._go_on()
        if report.hindrance:
            raise NotNowError(str(report.hindrance), CLOCK_RETRY_SECONDS, report.hindrance)
        if report.outcome == "failed":
            raise JobError(report.notes)
        if self.is_paused(CRAWL) and our_clock(self.home) is None:  # a portal that did not answer says nothing of it
            self._tell_resumed(CRAWL)

    def _read(self, portal: str, *, judge_only: bool = False) -> None:
        self._go_on()
        environment = dict(os.environ, NIANBAO_ARCHIVE=str(self.home.path))
        arguments = (portal, judge_only, self.readers)
        with WorkerProcess(read_child.main, *arguments, environment=environment) as process:
            self._reading[portal] = process
            try:
                told = [json.loads(line) for line in process.lines]
                code = process.wait()
            finally:
                del self._reading[portal]
        self._go_on()
        error = process.last_error[:ERROR_MAX_CHARS]
        if code == read_child.HINDERED:
            raise NotNowError(error, RETRY_SECONDS, Note.of(told[-1][1]))
        if code:
            raise JobError([Note("error", {"text": error}) if error else Note("exit_code", {"number": code})])
        for event, note in told:
            self.progress(ProgressEvent.of(Note.of(note), portal, event))
        if self.is_paused(READ):
            self._tell_resumed(READ)

    def _tell_resumed(self, queue: str) -> None:
        with self._telling:
            was_paused = self._paused.pop(queue, None)
        if was_paused:
            code, words = _RESUMED[queue]
            self.progress(ProgressEvent("archive", words, "mended", code=code))

    def _go_on(self) -> None:
        if self._is_stopping:
            raise NotNowError("the program was asked to end", 0)
