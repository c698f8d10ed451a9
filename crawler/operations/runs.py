"""Runs crawls: each portal in its own process, several side by side, one request at a time per host or cluster.

A portal that cannot be reached ends as such, with its failed look stored. A process that dies stops no other, and its
run is closed as ``failed``. Nothing here marks anything as missing: that is read from the looks.
"""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler import portals
from crawler.lists.browser_limits import tidy_folders
from crawler.operations import child
from crawler.operations.planner import machine_locks
from crawler.processes import WorkerProcess
from crawler.run_summary import ASKED
from storage.errors import CodedError, StorageError, note_of
from storage.home import Home
from storage.mending import STOPPED, end_cut_runs, mend, taken_from_dead_process
from storage.observations import Observations
from storage.operator_records import HINDERED
from storage.records import Note, Run

SIDE_BY_SIDE = 12  # each waits most of the time, and takes about 110 MB
LOOKS_PER_LINE = 25  # looks that went well, of which people are told one
ERROR_MAX_CHARS = 300
_SENTENCES = {
    "run": "run {run} has begun",
    "look": "look at {listing}: {outcome}{why}",
    "visits": "{visits} reports visited",
    "failed": "could not be fetched: {url} ({reason})",
    "wait": "waiting: another crawl is asking {machine}",
}


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """What happened in a crawl. ``sentence`` is for logs; ``code`` and ``values`` are for who says it to people.

    ``event``: ``begun``, ``run``, ``look``, ``visits``, ``failed`` (one address), ``wait``, ``ended``, ``mended``
    before it all, or ``read`` after it. ``portal`` is ``archive`` for what is no portal's; ``url``: the address it is
    about; ``done``: looks and visits made by then; ``aside``: people need not hear of it, a log may.
    """

    portal: str
    sentence: str
    event: str = "mended"
    run: str | None = None
    url: str = ""
    done: int = 0
    aside: bool = False
    code: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, note: Note, portal: str = "archive", event: str = "mended", run: str | None = None) -> ProgressEvent:
        """Return the event that a note describes."""
        return cls(portal, str(note), event, run, code=note.code, values=note.values)

    @classmethod
    def of_error(cls, error: CodedError, portal: str = "archive") -> ProgressEvent:
        """Return the event of something that could not be done."""
        note = note_of(error)
        return cls(portal, str(error), "failed", code=note.code, values=note.values)


Progress = Callable[[ProgressEvent], None]


@dataclass(frozen=True, slots=True)
class RunReport:
    """How the crawl of one portal went. ``outcome``: ``ok`` (every look was, and the visits that were due could be
    made, but for one or two that lead nowhere), ``attention``, ``unreachable``, ``failed``.

    ``notes`` say how; ``looks`` counts looks by outcome; ``run`` is None if the run did not even begin. ``unwritable``:
    why the archive's disk takes no more, ``clock``: what is wrong with our clock; then no further portal is begun.
    """

    portal: str
    outcome: str
    notes: tuple[Note, ...]
    run: str | None = None
    looks: dict[str, int] = field(default_factory=dict)
    visits: int = 0
    unwritable: Note | None = None
    clock: Note | None = None

    @property
    def hindrance(self) -> Note | None:
        """What would stop every other crawl as well."""
        return self.unwritable or self.clock

    @property
    def ok(self) -> bool:
        """Whether nothing needs attention."""
        return self.outcome == "ok"


def crawl(
    home: Home,
    slugs: Sequence[str] | None = None,
    *,
    purpose: str = "crawl",
    visit_everything: bool = False,
    progress: Progress = lambda _: None,
    side_by_side: int = SIDE_BY_SIDE,
) -> list[RunReport]:
    """Crawl the portals named (all if None) and return their reports in the same order.

    First what killed processes left behind is mended: files, and runs, which this one takes up again. ``progress`` is
    called from worker threads, one at a time. Raises :class:`~crawler.errors.UnknownPortal`, and
    :class:`~storage.errors.DiskError` where nothing can be written, before anything is fetched.
    """
    known = portals.classes(home.path)
    names = list(dict.fromkeys(slugs if slugs is not None else known))
    home.require_writable()
    groups: dict[str, list[str]] = {}
    for name, lock in machine_locks({name: portals.find(name, home.path, known) for name in names}).items():
        groups.setdefault(lock, []).append(name)
    crawls, reports, telling = Crawls(home), dict[str, RunReport](), threading.Lock()

    def tell(event: ProgressEvent) -> None:
        with telling:
            progress(event)

    def crawl_one(name: str) -> RunReport:
        for done in [*reports.values()]:
            if done.hindrance:
                return RunReport(name, "failed", (Note("not_begun_disk" if done.unwritable else "not_begun_clock"),))
        return crawls.one(name, tell, purpose=purpose, visit_everything=visit_everything)

    def crawl_group(group: list[str]) -> None:
        for name in group:
            reports[name] = crawl_one(name)

    mend_archive(home, names, tell)
    with ThreadPoolExecutor(max_workers=max(1, side_by_side)) as pool:
        list(pool.map(crawl_group, groups.values()))
    return [reports[name] for name in names]


def mend_archive(home: Home, names: Sequence[str], progress: Progress) -> None:
    """Mend what killed processes left behind and tell it; remove the folders of killed browsers."""
    mended = mend(home)
    if mended.adopted:
        progress(ProgressEvent.of(Note("recovered", {"number": len(mended.adopted)})))
    for torn in mended.torn:
        progress(ProgressEvent.of(Note("truncated", {"file": str(torn)})))
    for problem in mended.problems:
        progress(ProgressEvent.of(problem))
    for cut in end_cut_runs(home):
        note = Note("cut_before" if cut.portal in names else "cut", cut.notes[0].values)
        progress(ProgressEvent.of(note, cut.portal, run=cut.id))
    tidy_folders()


class Crawls:
    """Crawls of an archive's portals, each in a process of its own. Several threads may use it."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._live: dict[str, WorkerProcess] = {}  # by portal
        self._is_ending = False

    def one(
        self, name: str, progress: Progress = lambda _: None, *, purpose: str = "crawl", visit_everything: bool = False
    ) -> RunReport:
        """Crawl one portal to its end; ``progress`` is called as looks end."""
        environment = dict(os.environ, NIANBAO_ARCHIVE=str(self.home.path))
        with WorkerProcess(child.main, name, purpose, visit_everything, environment=environment) as process:
            self._live[name] = process
            try:
                if self._is_ending:  # asked to end before, or while the process was started
                    return RunReport(name, STOPPED, (Note(ASKED),))
                return self._follow(_CrawlProgress(name, purpose, self.home.clock.now(), progress), process)
            finally:
                del self._live[name]

    def ask_to_end(self) -> None:
        """Ask the crawls under way to end in good order."""
        for process in [*self._live.values()]:
            process.terminate()

    def stop(self, grace: float) -> None:
        """Begin no crawl any more, and end those under way within ``grace`` seconds; what they fetched is kept.

        They are asked to end in good order; after half of the time not to wait for answers; then they are killed.
        """
        self._is_ending = True
        for _ in range(2):
            self.ask_to_end()
            patience = time.monotonic() + grace / 2
            while self._live and time.monotonic() < patience:
                time.sleep(0.05)
        for process in [*self._live.values()]:
            process.kill()

    def _follow(self, crawl: _CrawlProgress, process: WorkerProcess) -> RunReport:
        """Follow the process of a crawl to its end."""
        crawl.tell("begun", "begun")
        for line in process.lines:
            with suppress(ValueError):  # a line that a library printed
                crawl.hear(json.loads(line))
        code = process.wait()
        was_ended = self._is_ending and code != 0
        if crawl.error is None and code and process.last_error and not was_ended:
            crawl.error = Note("error", {"text": process.last_error[:ERROR_MAX_CHARS]})
        report = self._report(crawl, code, was_ended)
        sentence = "; ".join(map(str, report.notes))
        crawl.run = report.run
        crawl.tell("ended", sentence, values={"outcome": report.outcome, "notes": report.notes})
        return report

    def _report(self, crawl: _CrawlProgress, code: int, was_ended: bool) -> RunReport:
        """Return the report of a process that has ended, and close its run where it did not."""
        observations, name = Observations(self.home), crawl.portal
        stored = {row.id: row for row in observations.runs(name)}
        run = crawl.run or (_dead_run(self.home, stored.values()) if code else None)
        row = stored.get(run or "")
        if code == 0 and row is not None and row.outcome is not None:
            visits = row.counts.get("visits", crawl.visits)
            return RunReport(name, row.outcome, row.notes, run, dict(crawl.looks), visits)
        # it ends in good order without a recorded end only where it was asked to end while it began, or twice
        was_asked = (code == 0 or was_ended) and not crawl.error
        outcome = STOPPED if was_asked else "failed"
        how = Note("signal", {"signal": -code}) if code < 0 else Note("exit_code", {"number": code})
        notes = (Note(ASKED) if was_asked else Note("stopped", {"why": (crawl.error or how).plain}),)
        end: dict[str, Any] = {"finished": self.home.clock.now(), "outcome": outcome, "notes": notes}
        with suppress(
            StorageError
        ):  # why it ended may be why nothing can be stored; and the process may have closed it
            if row is not None and row.finished is None:
                observations.finish_run(row, counts={HINDERED: 1} if crawl.hindrance else {}, **end)
            elif run is None and outcome == "failed" and not crawl.hindrance:
                # recorded all the same: else the portal's last crawl would be the one before it
                unbegun = Run(id=uuid.uuid4().hex, portal=name, purpose=crawl.purpose, started=crawl.begun)
                observations.start_run(unbegun)
                observations.finish_run(unbegun, **end)
        hindrance = {"disk": "unwritable", "clock": "clock"}.get(crawl.hindrance)
        told = {hindrance: crawl.error} if hindrance else {}
        return RunReport(name, outcome, notes, run, dict(crawl.looks), crawl.visits, **told)


@dataclass(slots=True)
class _CrawlProgress:
    """What the process of a crawl said so far: its run, its error, its looks by outcome, its visits."""

    portal: str
    purpose: str
    begun: datetime
    progress: Progress
    run: str | None = None
    error: Note | None = None
    hindrance: str = ""
    looks: Counter[str] = field(default_factory=Counter)
    visits: int = 0

    def hear(self, event: Mapping[str, Any]) -> None:
        """Take one event of ``child.py``."""
        self.run = event.get("run", self.run)
        kind, aside, why = event["event"], False, ""
        if kind == "look":
            self.looks[event["outcome"]] += 1
            is_ok = event["outcome"] == "ok"
            why = f" ({event['reason']})" if event.get("reason") and not is_ok else ""
            aside = is_ok and self.looks["ok"] % LOOKS_PER_LINE != 1
        elif kind == "visits":
            self.visits = int(event["visits"])
        elif kind == "error":
            self.error, self.hindrance = Note.of(event["note"]), str(event["hindrance"])
        if kind in _SENTENCES:
            sentence = _SENTENCES[kind].format_map({**event, "why": why})
            self.tell(kind, sentence, str(event.get("url") or ""), aside or kind == "run", event)

    def tell(
        self, kind: str, sentence: str, url: str = "", aside: bool = False, values: Mapping[str, object] | None = None
    ) -> None:
        """Tell of an event."""
        done = self.looks.total() + self.visits
        self.progress(ProgressEvent(self.portal, sentence, kind, self.run, url, done, aside, kind, values or {}))


def _dead_run(home: Home, stored: Iterable[Run]) -> str | None:
    """Return the run of a process that died before it told its name; a run that is under way is another's."""
    for row in stored:
        if row.finished is None:
            with taken_from_dead_process(home, row.id) as is_dead:
                if is_dead:
                    return row.id
    return None
