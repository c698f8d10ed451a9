"""Crawls and reads portals, each in a process of its own, several at the same time.

Portals on the same machine are crawled one after another. A process that dies stops no other process, and its run is
closed as ``failed``. Nothing here marks a report as missing: that is derived from the looks. Both executors, ``up.py``
and ``worker.py``, run their jobs with :class:`JobRunner`.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace

from crawler import portals
from crawler.crawl_run import low_disk_reason
from crawler.errors import CrawlError
from crawler.lists.browser_limits import tidy_folders
from crawler.operations import child
from crawler.operations.planner import CRAWL, READ, machine_locks
from crawler.operations.progress import Progress, ProgressEvent
from crawler.processes import WorkerProcess
from crawler.run_summary import ASKED, looks_by_outcome
from storage.errors import StorageError
from storage.home import Home
from storage.mending import STOPPED, end_cut_runs, mend
from storage.observations import Observations
from storage.operator_records import HINDERED
from storage.records import Note, Run

_SIDE_BY_SIDE = 12  # crawls at once: each waits most of the time, and takes about 110 MB
_ERROR_MAX_CHARS = 300
_CRAWLS_END_SECONDS = 2.0  # time for crawls to end in good order when the program is stopped
_OUR_CLOCK = "error.clock_off"
RETRY_SECONDS = 60  # between two tries while the disk is full or the database or object store does not answer
CLOCK_RETRY_SECONDS = 900  # between two tries while our clock is off: only a crawl can find that it is right again
_PAUSED = {CRAWL: "paused", READ: "reading_paused"}
_RESUMED = {CRAWL: "goes_on", READ: "reading_goes_on"}
Hindrance = tuple[int, Note] | None  # why a job cannot run now: seconds until the next try, and the reason


@dataclass(frozen=True, slots=True)
class RunReport:
    """How the crawl of one portal went. ``outcome``: ``ok`` (every look was ok, and all due visits but one or two dead
    links succeeded), ``attention``, ``unreachable``, ``stopped``, ``failed``.

    ``looks``: the number of looks by outcome; ``run``: None if the run did not begin; ``hindrance``: a full disk or a
    wrong clock, which would stop every other crawl too.
    """

    portal: str
    outcome: str
    notes: tuple[Note, ...]
    run: str | None = None
    looks: dict[str, int] = field(default_factory=dict)
    visits: int = 0
    hindrance: Note | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing needs attention."""
        return self.outcome == "ok"

    @property
    def is_clock_off(self) -> bool:
        """Whether a wrong clock stopped the crawl."""
        return self.hindrance is not None and self.hindrance.code == _OUR_CLOCK


def crawl(
    home: Home,
    slugs: Sequence[str] | None = None,
    *,
    visit_everything: bool = False,
    progress: Progress = lambda _: None,
) -> list[RunReport]:
    """Crawl the portals named (all if None) and return a report on each, in the same order.

    Mends first what killed processes left behind. ``progress`` is called from several threads. Before anything is
    fetched, raises :class:`~crawler.errors.UnknownPortal`, or :class:`~storage.errors.DiskError` if nothing can be
    written.
    """
    known = portals.classes(home.path)
    names = list(dict.fromkeys(slugs if slugs is not None else known))
    home.require_writable()
    groups: dict[str, list[str]] = {}
    for name, lock in machine_locks({name: portals.find(name, home.path, known) for name in names}).items():
        groups.setdefault(lock, []).append(name)
    runner, reports = JobRunner(home, progress), dict[str, RunReport]()

    def crawl_group(group: list[str]) -> None:
        for name in group:
            hindered = next((one for one in [*reports.values()] if one.hindrance), None)
            if hindered is None:
                reports[name] = runner.crawl(name, visit_everything=visit_everything)
            else:
                note = Note("not_begun_clock" if hindered.is_clock_off else "not_begun_disk")
                reports[name] = RunReport(name, "failed", (note,))

    mend_archive(home, names, progress)
    with ThreadPoolExecutor(max_workers=_SIDE_BY_SIDE) as pool:
        list(pool.map(crawl_group, groups.values()))
    return [reports[name] for name in names]


def mend_archive(home: Home, names: Sequence[str], progress: Progress) -> None:
    """Mend what killed processes left behind, report it to ``progress``, and remove the folders of killed browsers."""
    mended = mend(home)
    notes = [Note("recovered", {"number": len(mended.adopted)})] if mended.adopted else []
    notes += [Note("truncated", {"file": str(torn)}) for torn in mended.torn]
    for note in (*notes, *mended.problems):
        progress(ProgressEvent(note))
    for cut in end_cut_runs(home):
        note = Note("cut_before" if cut.portal in names else "cut", cut.notes[0].values)
        progress(ProgressEvent(note, cut.portal, run=cut.id))
    tidy_folders()


class JobError(CrawlError):
    """A job could not be done; the notes say why."""


class JobRunner:
    """Crawls and reads portals of an archive in worker processes. Several threads may use it at once; ``progress`` is
    called from them.

    ``readers``: the number of processes that read for one job; ``on_crawled``: called with each portal after its crawl.
    """

    def __init__(
        self, home: Home, progress: Progress = lambda _: None, *, readers: int = 1,
        on_crawled: Callable[[str], object] = lambda _: None,
    ) -> None:  # fmt: skip
        self.home, self.progress, self.readers, self.on_crawled = home, progress, readers, on_crawled
        self.is_stopping = False
        self._live: dict[WorkerProcess, Callable[..., int]] = {}  # running processes, each with its function
        self._paused: dict[str, str] = {}  # queues in which no job can run now, with the code of the reason
        self._telling = threading.Lock()

    def run(self, task: str, portal: str) -> int | None:
        """Run a job. Return None if it is done, else the seconds until the next try: a full disk or a wrong clock, for
        example, hinders every job of the queue, so this one is tried until it works. Raises :class:`JobError`.
        """
        hindered = None
        if not self.is_stopping:
            hindered = self._crawl_job(portal) if task == CRAWL else self._read_job(portal)
        if self.is_stopping:
            return 0
        self._tell(task, hindered[1] if hindered else None)
        return hindered[0] if hindered else None

    def end_crawls_without_room(self) -> None:
        """If the disk is nearly full, ask all running crawls to end in good order."""
        for process, work in [*self._live.items()] if low_disk_reason(self.home) else ():
            if work is child.crawl:
                process.terminate()

    def _crawl_job(self, portal: str) -> Hindrance:
        """Crawl a portal. Return why it cannot be crawled now and when to try again, else None. Raises JobError."""
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
        followed = self._follow(portal, child.read, self.readers)
        if followed is None or self.is_stopping or followed[2] == child.DONE:
            return None
        _, error, code = followed
        if code != child.NOT_NOW:
            raise JobError(str(error))
        return RETRY_SECONDS, error

    def _tell(self, queue: str, why: Note | None) -> None:
        """Report once that a queue is paused, with the reason ``why``, and once (``why`` None) that it goes on."""
        with self._telling:
            if (why is not None) is (queue in self._paused):
                return
            if why is None:
                del self._paused[queue]
                self.progress(ProgressEvent(Note(_RESUMED[queue])))
            else:
                self._paused[queue] = why.code
                self.progress(ProgressEvent(Note(_PAUSED[queue], {"why": why.as_json}), event="failed"))

    def crawl(self, portal: str, *, visit_everything: bool = False) -> RunReport:
        """Crawl one portal in a process and wait for its end."""
        begun = Run(id="", portal=portal, purpose=CRAWL, started=self.home.clock.now())
        followed = self._follow(
            portal, child.crawl, visit_everything, begun=ProgressEvent(Note("begun"), portal, "begun")
        )
        if followed is None:
            return RunReport(portal, STOPPED, (Note(ASKED),))
        run, error, code = followed
        report = self._report(replace(begun, id=run), error, code)
        values = {"outcome": report.outcome, "notes": [note.as_json for note in report.notes]}
        self.progress(ProgressEvent(Note("ended", values), portal, "ended", report.run))
        return report

    def stop(self) -> None:
        """Begin no more jobs, and end the running processes within seconds; what they fetched or read is kept.

        They are asked to end in good order, after a second once more (crawls then await no more answers), then killed.
        """
        self.is_stopping = True
        for _ in range(2):
            for process in [*self._live]:
                process.terminate()
            patience = time.monotonic() + _CRAWLS_END_SECONDS / 2
            while self._live and time.monotonic() < patience:
                time.sleep(0.05)
        for process in [*self._live]:
            process.kill()

    def _follow(
        self, portal: str, work: Callable[..., int], *arguments: object, begun: ProgressEvent | None = None
    ) -> tuple[str, Note, int] | None:
        """Run ``work`` in a process and report its events until it ends. Return the run's id ("" if none began), the
        reason of a failure, and the exit code; None if ``stop`` was called before the process began.
        """
        run, failure = "", None
        environment = dict(os.environ, NIANBAO_ARCHIVE=str(self.home.path))
        with WorkerProcess(work, portal, *arguments, environment=environment) as process:
            self._live[process] = work
            try:
                if self.is_stopping:  # stop() may have been called while the process started
                    return None
                if begun is not None:
                    self.progress(begun)
                for event, note in process.events():
                    if event == "error":
                        failure = note
                        continue
                    run = str(note.values["run"]) if event == "run" else run
                    self.progress(ProgressEvent(note, portal, event, run or None))
                code = process.wait()
            finally:
                del self._live[process]
        if failure is None and code and process.last_error and not self.is_stopping:
            failure = Note("error", {"text": process.last_error[:_ERROR_MAX_CHARS]})
        how = Note("signal", {"signal": -code}) if code < 0 else Note("exit_code", {"number": code})
        return run, failure or how, code

    def _report(self, crawl: Run, error: Note, code: int) -> RunReport:
        """Return the report of an ended crawl, and close its run if the process could not do so."""
        observations = Observations(self.home)
        row = next((one for one in observations.runs(crawl.portal) if one.id == crawl.id), None)
        if code == 0 and row is not None and row.outcome is not None:
            looks, visits = looks_by_outcome(row.counts), row.counts.get("visits", 0)
            return RunReport(crawl.portal, row.outcome, row.notes, row.id, looks, visits)
        # a process that is asked to end while it begins, or asked twice, ends without closing its run
        was_asked = code == 0 or (self.is_stopping and error.code in {"signal", "exit_code"})
        outcome = STOPPED if was_asked else "failed"
        notes = (Note(ASKED) if was_asked else Note("stopped", {"why": error.as_json}),)
        hindrance = error if code == child.NOT_NOW else None
        with suppress(StorageError):  # the crawl may have failed because nothing can be stored
            if row is None and not was_asked and hindrance is None:
                # record the failed crawl, else the one before it would count as the portal's last
                row = replace(crawl, id=uuid.uuid4().hex)
                observations.start_run(row)
            if row is not None and row.finished is None:
                end, counts = self.home.clock.now(), {HINDERED: 1} if hindrance else {}
                observations.finish_run(row, finished=end, outcome=outcome, notes=notes, counts=counts)
        return RunReport(crawl.portal, outcome, notes, crawl.id or None, hindrance=hindrance)
