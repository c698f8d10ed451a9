"""Crawls and reads portals, each in a process of its own, several at the same time.

Portals on the same machine are crawled one after another. A process that dies stops no other process, and its run is
closed as ``failed``. Nothing here marks a report as missing: that is derived from the looks. Both executors, ``up.py``
and ``worker.py``, run their jobs with :class:`JobRunner`.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import monotonic, sleep

from crawler import portals
from crawler.crawl_run import ASKED, low_disk_reason
from crawler.lists.browser_limits import tidy_folders
from crawler.operations import child
from crawler.operations.planner import CRAWL, READ, machine_locks
from crawler.operations.progress import Progress, ProgressEvent
from crawler.processes import WorkerProcess
from storage.errors import StorageError, note_of
from storage.home import Home
from storage.mending import end_cut_runs, mend
from storage.observations import Observations
from storage.operator_records import HINDERED
from storage.records import Note, Run, RunOutcome

_SIDE_BY_SIDE = 12  # crawls at once: each waits most of the time, and takes about 110 MB
_CRAWLS_END_SECONDS = 2.0  # time for crawls to end in good order when the program is stopped
OUR_CLOCK = "error.clock_off"  #: code of the note that our clock is off
RETRY_SECONDS = 60  # between two tries while the disk is full or the database or object store does not answer
CLOCK_RETRY_SECONDS = 900  # between two tries while our clock is off: only a crawl can find that it is right again
FAILURE_RETRY_SECONDS = 900  # before a job that failed is tried again
_PAUSE_CODES = {CRAWL: "paused", READ: "reading_paused"}
_RESUME_CODES = {CRAWL: "goes_on", READ: "reading_goes_on"}
_Retry = tuple[int | None, Note | None]  # seconds until the next try (None: done), and what hinders all jobs of a task
log = logging.getLogger(__name__)


def hindrance_of(run: Run) -> Note | None:
    """Return what ended a crawl and would stop every other one too: a full disk or a wrong clock; else None."""
    stopped = (Note.of(note.values["why"]) for note in run.notes if note.code == "stopped")
    return next(stopped, None) if run.counts.get(HINDERED) else None


def crawl(
    home: Home, slugs: Sequence[str] | None = None, *, visit_everything: bool = False,
    progress: Progress = lambda _: None,
) -> list[Run]:  # fmt: skip
    """Crawl the portals named (all if None) and return their runs, in the same order; one that did not begin has no id.

    ``visit_everything``: also fetch reports that are not due. Mends first what killed processes left behind.
    ``progress`` is called from several threads. Before anything is fetched, raises
    :class:`~crawler.errors.UnknownPortal`, or :class:`~storage.errors.DiskError` if nothing can be written.
    """
    classes = portals.classes(home.path)
    names = list(dict.fromkeys(slugs if slugs is not None else classes))
    home.require_writable()
    groups: dict[str, list[str]] = {}
    for name, lock in machine_locks({name: portals.find(name, home.path, classes) for name in names}).items():
        groups.setdefault(lock, []).append(name)
    runner, runs = JobRunner(home, progress), dict[str, Run]()

    def crawl_group(group: list[str]) -> None:
        """Crawl the portals of a host one by one; after an end that stops all crawls, the rest get a failed run."""
        for name in group:
            hindrance = next(filter(None, map(hindrance_of, [*runs.values()])), None)
            if hindrance is None:
                runs[name] = runner.crawl(name, visit_everything=visit_everything)
            else:
                note = Note("not_begun_clock" if hindrance.code == OUR_CLOCK else "not_begun_disk")
                runs[name] = replace(runner.new_run(name), outcome=RunOutcome.FAILED, notes=(note,))

    mend_archive(home, progress)
    with ThreadPoolExecutor(max_workers=_SIDE_BY_SIDE) as pool:
        try:
            list(pool.map(crawl_group, groups.values()))
        except KeyboardInterrupt:
            runner.stop()
            raise
    return [runs[name] for name in names]


def mend_archive(home: Home, progress: Progress) -> None:
    """Mend what killed processes left behind, report it to ``progress``, and remove the folders of killed browsers."""
    mended = mend(home)
    notes = [Note("recovered", {"number": len(mended.adopted)})] if mended.adopted else []
    notes += [Note("truncated", {"file": str(torn)}) for torn in mended.torn]
    for note in (*notes, *mended.problems):
        progress(ProgressEvent(note))
    for cut in end_cut_runs(home):
        progress(ProgressEvent(cut.notes[0], cut.portal, run=cut.id))
    tidy_folders()


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a process ended: its exit code, the id of its run ("" if none began), and why it failed if it did."""

    code: int
    run: str
    error: Note


class JobRunner:
    """Crawls and reads portals in worker processes, for several threads. ``readers``: processes of one reading."""

    def __init__(self, home: Home, progress: Progress = lambda _: None, *, readers: int = 1) -> None:
        self.home, self.progress, self.readers = home, progress, readers
        self.is_stopping = False
        self._live: dict[WorkerProcess, Callable[..., int]] = {}  # running processes, each with its function
        self._paused_until: dict[str, float] = {}  # by task, in monotonic() seconds
        self._pausing = threading.Lock()

    def run(self, task: str, portal: str) -> float | None:
        """Run a job. Return None if it is done, else the seconds until it is to be tried again.

        What would hinder every job of the task, such as a full disk, pauses them all. A crawl that failed is done: its
        run says why, and the schedule says when the portal is crawled again.
        """
        wait = self._paused_until.get(task, 0.0) - monotonic()
        if self.is_stopping or wait > 0:
            return max(wait, 0.0)
        try:
            seconds, hindrance = self._crawl_job(portal) if task == CRAWL else self._read_job(portal)
        except Exception:  # an error in one job must not stop the others
            log.exception("%s: the job ended with an error of ours", portal)
            self.progress(ProgressEvent(Note("our_error"), portal, "ended"))
            return FAILURE_RETRY_SECONDS
        if self.is_stopping:
            return 0.0
        self._pause(task, seconds or 0, hindrance)
        return seconds

    def end_crawls_without_room(self) -> None:
        """If the disk is nearly full, ask all running crawls to end in good order."""
        for process, work in [*self._live.items()] if low_disk_reason(self.home) else ():
            if work is child.crawl:
                process.terminate()

    def new_run(self, portal: str) -> Run:
        """Return the record of a crawl that begins now, which has no id yet."""
        return Run(id="", portal=portal, purpose=CRAWL, started=self.home.clock.now())

    def crawl(self, portal: str, *, visit_everything: bool = False) -> Run:
        """Crawl one portal in a process, wait, and return its run. ``visit_everything``: also reports not due yet."""
        run = self.new_run(portal)
        ended = self._follow(portal, child.crawl, visit_everything)
        if ended is None:  # stop() was called before it began
            return replace(run, outcome=RunOutcome.STOPPED, notes=(Note(ASKED),))
        run = self._ended_run(run, ended)
        values = {"outcome": run.outcome, "notes": [note.as_json for note in run.notes]}
        self.progress(ProgressEvent(Note("ended", values), portal, "ended", run.id or None))
        return run

    def stop(self) -> None:
        """Begin no more jobs, and end the running processes within seconds; what they fetched or read is kept. They are
        asked to end in good order, after a second once more (crawls then await no more answers), then killed.
        """
        self.is_stopping = True
        for _ in range(2):
            for process in [*self._live]:
                process.terminate()
            patience = monotonic() + _CRAWLS_END_SECONDS / 2
            while self._live and monotonic() < patience:
                sleep(0.05)
        for process in [*self._live]:
            process.kill()

    def _crawl_job(self, portal: str) -> _Retry:
        """Crawl a portal, unless the disk is nearly full. A crawl that failed by itself is not retried."""
        hindrance = low_disk_reason(self.home) or hindrance_of(self.crawl(portal))
        if hindrance is None:
            return None, None
        return CLOCK_RETRY_SECONDS if hindrance.code == OUR_CLOCK else RETRY_SECONDS, hindrance

    def _read_job(self, portal: str) -> _Retry:
        """Read a portal's new documents. Return the seconds until the next try (None: it is done, or was stopped), and
        what hinders all readings, such as a full disk, so that all pause (None: nothing does). A reading that failed by
        itself or left documents unread is only tried again later.
        """
        ended = self._follow(portal, child.read, self.readers)
        if ended is None or self.is_stopping or ended.code == child.DONE:
            return None, None
        if ended.code == child.NOT_NOW:
            return RETRY_SECONDS, ended.error
        if ended.code != child.IN_PART:  # of which the process has told itself
            self.progress(ProgressEvent(Note(_PAUSE_CODES[READ], {"why": ended.error.as_json}), portal, "failed"))
        return FAILURE_RETRY_SECONDS, None

    def _pause(self, task: str, seconds: int, why: Note | None) -> None:
        """Pause a task if there is a reason, else end its pause; report the begin and the end of a pause once."""
        with self._pausing:
            was_paused = self._paused_until.pop(task, None) is not None
            if why is not None:
                self._paused_until[task] = monotonic() + seconds
            if why is not None and not was_paused:
                self.progress(ProgressEvent(Note(_PAUSE_CODES[task], {"why": why.as_json}), event="failed"))
            elif why is None and was_paused:
                self.progress(ProgressEvent(Note(_RESUME_CODES[task])))

    def _follow(self, portal: str, work: Callable[..., int], *arguments: object) -> _Ended | None:
        """Run ``work`` in a process and report its events until it ends; None if ``stop`` was called before that."""
        run, failure = "", None
        environment = dict(os.environ, NIANBAO_ARCHIVE=str(self.home.path))
        with WorkerProcess(work, portal, *arguments, environment=environment) as process:
            self._live[process] = work
            try:
                if self.is_stopping:  # stop() may have been called while the process started
                    return None
                for event, note in process.events():
                    if event == "error":
                        failure = note
                        continue
                    run = str(note.values["run"]) if event == "run" else run
                    self.progress(ProgressEvent(note, portal, event, run or None))
                code = process.wait()
            finally:
                del self._live[process]
        how = Note("signal", {"signal": -code}) if code < 0 else Note("exit_code", {"number": code})
        return _Ended(code, run, failure or how)

    def _ended_run(self, begun: Run, ended: _Ended) -> Run:
        """Return the run of a crawl that has ended, and close it if the process could not do so. If none was begun, one
        is recorded as failed, unless the crawl was stopped or hindered (full disk): then it is only returned.
        """
        # a process that is asked to end while it begins, or asked twice, ends without closing its run
        was_asked = ended.code == child.DONE or (self.is_stopping and ended.error.code in {"signal", "exit_code"})
        outcome = RunOutcome.STOPPED if was_asked else RunOutcome.FAILED
        notes = (Note(ASKED) if was_asked else Note("stopped", {"why": ended.error.as_json}),)
        counts = {HINDERED: 1} if ended.code == child.NOT_NOW else {}
        observations = Observations(self.home)
        try:
            run = observations.run(ended.run)
            if run is not None and run.finished is not None:
                return run
            if run is None and (was_asked or counts):
                return replace(begun, outcome=outcome, notes=notes, counts=counts)
            if run is None:  # record the failed crawl, else the one before it would count as the portal's last
                run = replace(begun, id=uuid.uuid4().hex)
                observations.start_run(run)
            end = self.home.clock.now()
            return observations.finish_run(run, finished=end, outcome=outcome, notes=notes, counts=counts)
        except StorageError as error:  # the schedule will not know of this crawl, and would begin it again at once
            notes = (Note("stopped", {"why": note_of(error).as_json}),)
            return replace(begun, id=ended.run, outcome=RunOutcome.FAILED, notes=notes, counts={HINDERED: 1})
