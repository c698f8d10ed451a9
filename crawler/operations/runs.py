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
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from crawler import portals
from crawler.lists.browser_limits import tidy_folders
from crawler.operations import child
from crawler.operations.planner import machine_locks
from crawler.processes import WorkerProcess
from crawler.run_summary import ASKED, looks_by_outcome
from storage.errors import StorageError
from storage.home import Home
from storage.mending import STOPPED, end_cut_runs, mend
from storage.observations import Observations
from storage.operator_records import HINDERED
from storage.records import Note, Run

SIDE_BY_SIDE = 12  # each waits most of the time, and takes about 110 MB
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
    about.
    """

    portal: str
    sentence: str
    event: str = "mended"
    run: str | None = None
    url: str = ""
    code: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, note: Note, portal: str = "archive", event: str = "mended", run: str | None = None) -> ProgressEvent:
        """Return the event that a note describes."""
        return cls(portal, str(note), event, run, code=note.code, values=note.values)


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
                return self._follow(name, purpose, progress, process)
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

    def _follow(self, name: str, purpose: str, progress: Progress, process: WorkerProcess) -> RunReport:
        """Follow the process of a crawl to its end, and tell what it does."""
        begun, run, told = self.home.clock.now(), None, dict[str, Any]()
        progress(ProgressEvent(name, "begun", "begun", code="begun"))
        for line in process.lines:
            try:
                event = json.loads(line)
            except ValueError:  # a line that a library printed
                continue
            run = event.get("run", run)
            if event["event"] == "error":
                told = event
            elif (kind := event["event"]) in _SENTENCES:
                why = f" ({event['reason']})" if event.get("reason") else ""
                sentence = _SENTENCES[kind].format_map({**event, "why": why})
                progress(ProgressEvent(name, sentence, kind, run, str(event.get("url") or ""), kind, event))
        code = process.wait()
        was_ended = self._is_ending and code != 0
        if not told and code and process.last_error and not was_ended:
            told = {"note": Note("error", {"text": process.last_error[:ERROR_MAX_CHARS]}).plain}
        report = self._report(Run(id=run or "", portal=name, purpose=purpose, started=begun), told, code, was_ended)
        values = {"outcome": report.outcome, "notes": report.notes}
        sentence = "; ".join(map(str, report.notes))
        progress(ProgressEvent(name, sentence, "ended", report.run, code="ended", values=values))
        return report

    def _report(self, crawl: Run, told: Mapping[str, Any], code: int, was_ended: bool) -> RunReport:
        """Return the report of a process that has ended, and close its run where it did not. ``told``: its error."""
        observations = Observations(self.home)
        row = next((one for one in observations.runs(crawl.portal) if one.id == crawl.id), None)
        if code == 0 and row is not None and row.outcome is not None:
            looks, visits = looks_by_outcome(row.counts), row.counts.get("visits", 0)
            return RunReport(crawl.portal, row.outcome, row.notes, row.id, looks, visits)
        # it ends in good order without a recorded end only where it was asked to end while it began, or twice
        was_asked = (code == 0 or was_ended) and not told
        how = Note("signal", {"signal": -code}) if code < 0 else Note("exit_code", {"number": code})
        error, hindrance = Note.of(told["note"]) if told else how, str(told.get("hindrance", ""))
        notes = (Note(ASKED) if was_asked else Note("stopped", {"why": error.plain}),)
        outcome = STOPPED if was_asked else "failed"
        end: dict[str, Any] = {"finished": self.home.clock.now(), "outcome": outcome, "notes": notes}
        with suppress(StorageError):  # why it ended may be why nothing can be stored; the process may have closed it
            if row is not None and row.finished is None:
                observations.finish_run(row, counts={HINDERED: 1} if hindrance else {}, **end)
            elif row is None and not was_asked and not hindrance:
                # recorded all the same: else the portal's last crawl would be the one before it
                unbegun = replace(crawl, id=uuid.uuid4().hex)
                observations.start_run(unbegun)
                observations.finish_run(unbegun, **end)
        unwritable, clock = (error if hindrance == one else None for one in ("disk", "clock"))
        return RunReport(crawl.portal, outcome, notes, crawl.id or None, unwritable=unwritable, clock=clock)
