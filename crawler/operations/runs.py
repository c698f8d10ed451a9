"""Run portals: each in its own process, several side by side, one request at a time per host or cluster.

A portal that cannot be reached ends as such, with its failed look stored; a process that dies stops no other, and
its run is closed as ``failed``. Nothing here marks anything as missing: that is read from the looks.
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
from typing import Any

from crawler import portals
from crawler.lists.browser_limits import tidy_folders
from crawler.net.machine_locks import lock_names
from crawler.operations import child
from crawler.processes import WorkerProcess
from crawler.run_summary import ASKED
from crawler.spider import PortalSpider
from storage.errors import CodedError, StorageError, note_of
from storage.home import Home
from storage.mending import STOPPED, end_cut_runs, mend, run_locks
from storage.observations import Observations
from storage.operator_records import HINDERED
from storage.records import Note, Run

SIDE_BY_SIDE = 12  # each waits most of the time, and takes about 110 MB


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
        """What a note says happened."""
        return cls(portal, str(note), event, run, code=note.code, values=note.values)

    @classmethod
    def of_error(cls, error: CodedError, portal: str = "archive") -> ProgressEvent:
        """What could not be done."""
        note = note_of(error)
        return cls(portal, str(error), "failed", code=note.code, values=note.values)


Progress = Callable[[ProgressEvent], None]


@dataclass(frozen=True, slots=True)
class RunReport:
    """How the crawl of one portal went. ``outcome``: ``ok`` (every look was, and the visits that were due could be
    made, but for one or two that lead nowhere), ``attention``, ``unreachable``, ``failed``.

    ``notes`` say how; ``looks`` counts looks by outcome; ``run`` is None if the run did not even begin. ``unwritable``:
    what kept the archive's disk from taking more, ``clock``: what is wrong with our clock; then no further portal is
    begun.
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
    def sentence(self) -> str:
        """The notes as a line of a log."""
        return "; ".join(map(str, self.notes))

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
    progress: Progress | None = None,
    side_by_side: int = SIDE_BY_SIDE,
) -> list[RunReport]:
    """Crawl the portals named (all if None), in the order given in the answer.

    First what killed processes left behind is mended and told: files, and runs, which this one takes up again.
    ``progress`` is called from worker threads as looks end. Raises :class:`~crawler.errors.UnknownPortal`, and
    :class:`~storage.errors.DiskError` where nothing can be written, before anything is fetched.
    """
    known = portals.classes(home.path)
    names = list(dict.fromkeys(slugs if slugs is not None else known))
    home.require_writable()
    chosen = {name: portals.find(name, home.path, known) for name in names}
    guarded = _one_at_a_time(progress)
    reports: dict[str, RunReport] = {}
    mend_archive(home, names, guarded)

    def work(group: list[str]) -> None:
        for name in group:
            why = next((report for report in [*reports.values()] if report.hindrance), None)
            if why is not None:
                code = "not_begun_disk" if why.unwritable else "not_begun_clock"
                reports[name] = RunReport(name, "failed", (Note(code),))
                continue
            reports[name] = crawls.one(name, guarded, purpose=purpose, visit_everything=visit_everything)

    crawls = Crawls(home)
    with ThreadPoolExecutor(max_workers=max(1, side_by_side)) as pool:
        list(pool.map(work, groups(chosen)))
    return [reports[name] for name in names]


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
                return _follow(self.home, name, purpose, process, progress, lambda: self._is_ending)
            finally:
                del self._live[name]

    def ask_to_end(self) -> None:
        """Ask the crawls under way to end in good order."""
        for process in [*self._live.values()]:
            process.terminate()

    def stop(self, grace: float) -> None:
        """Begin no crawl any more, and end those under way within ``grace`` seconds.

        They are asked to end in good order; after half of the time to wait for no answer; then they are killed.

        What they fetched is kept either way, and the next crawl of such a portal goes on from there.
        """
        self._is_ending = True
        for _ in range(2):
            self.ask_to_end()
            patience = time.monotonic() + grace / 2
            while self._live and time.monotonic() < patience:
                time.sleep(0.05)
        for process in [*self._live.values()]:
            process.kill()


def mend_archive(home: Home, names: Sequence[str], progress: Progress) -> None:
    """Mend what killed processes left behind and tell it; tidy away the folders of killed browsers."""
    mended = mend(home)
    if mended.adopted:
        number = len(mended.adopted)
        progress(ProgressEvent.of(Note("recovered", {"number": number})))
    for torn in mended.torn:
        progress(ProgressEvent.of(Note("truncated", {"file": str(torn)})))
    for problem in mended.problems:
        progress(ProgressEvent.of(problem))
    for cut in end_cut_runs(home):
        note = Note("cut_before" if cut.run.portal in names else "cut", cut.note.values)
        progress(ProgressEvent.of(note, cut.run.portal, run=cut.run.id))
    tidy_folders()


def groups(chosen: dict[str, type[PortalSpider]]) -> list[list[str]]:
    """Portals in groups that share a machine: those of one group run one after the other."""
    made: list[tuple[set[str], list[str]]] = []
    for name, portal in chosen.items():
        locks, members = set(lock_names(portal)), [name]
        for other in [group for group in made if group[0] & locks]:
            made.remove(other)
            locks |= other[0]
            members = other[1] + members
        made.append((locks, members))
    return [members for _, members in made]


def _one_at_a_time(progress: Progress | None) -> Progress:
    lock = threading.Lock()

    def say(said: ProgressEvent) -> None:
        if progress is not None:
            with lock:
                progress(said)

    return say


def _follow(
    home: Home, name: str, purpose: str, process: WorkerProcess, progress: Progress, is_ending: Callable[[], bool]
) -> RunReport:
    begun = home.clock.now()
    progress(ProgressEvent(name, "begun", "begun", code="begun"))
    heard = _listen(name, process.lines, progress)
    code = process.wait()
    was_ended = is_ending() and code != 0
    if heard.error is None and code and process.last_error and not was_ended:
        heard.error = Note("error", {"text": process.last_error[:300]})
    report = _report(home, name, heard, code, was_ended)
    if report.run is None and report.outcome == "failed" and not report.hindrance:
        _record_unbegun(home, Run(id=uuid.uuid4().hex, portal=name, purpose=purpose, started=begun), report.notes)
    ended = {"outcome": report.outcome, "notes": report.notes}
    progress(ProgressEvent(name, report.sentence, "ended", report.run, done=heard.done, code="ended", values=ended))
    return report


@dataclass(slots=True)
class _Heard:
    """What a child said: its run, its error, its looks by outcome, its visits."""

    run: str | None = None
    error: Note | None = None
    hindrance: str = ""
    looks: Counter[str] = field(default_factory=Counter)
    visits: int = 0

    @property
    def done(self) -> int:
        """Looks and visits made."""
        return self.looks.total() + self.visits


def _listen(name: str, lines: Iterable[str], progress: Progress) -> _Heard:
    """Follow a child."""
    heard = _Heard()
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        heard.run = event.get("run", heard.run)
        kind = event["event"]
        if kind == "look":
            heard.looks[event["outcome"]] += 1
        elif kind == "visits":
            heard.visits = int(event["visits"])
        elif kind == "error":
            heard.error, heard.hindrance = Note.of(event["note"]), str(event["hindrance"])
        if kind in _SENTENCES:
            # looks that went well are told to people now and then
            aside = kind == "run" or (kind == "look" and event["outcome"] == "ok" and heard.looks["ok"] % 25 != 1)
            url = str(event.get("url") or "")
            sentence = _SENTENCES[kind](event, heard)
            progress(ProgressEvent(name, sentence, kind, heard.run, url, heard.done, aside, kind, event))
    return heard


def _of_a_look(event: Mapping[str, Any], heard: _Heard) -> str:
    del heard
    reason = f" ({event['reason']})" if event.get("reason") and event["outcome"] != "ok" else ""
    return f"look at {event['listing']}: {event['outcome']}{reason}"


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any], _Heard], str]] = {
    "run": lambda event, _: f"run {event['run']} has begun",
    "look": _of_a_look,
    "visits": lambda _, heard: f"{heard.visits} reports visited",
    "failed": lambda event, _: f"could not be fetched: {event['url']} ({event['reason']})",
    "wait": lambda event, _: f"waiting: another crawl is asking {event['machine']}",
}


def _report(home: Home, name: str, heard: _Heard, code: int, was_ended: bool) -> RunReport:
    looks, visits = heard.looks, heard.visits
    observations = Observations(home)
    stored = {row.id: row for row in observations.runs(name)}
    run = heard.run or (_dead(home, stored.values()) if code else None)
    row = stored.get(run or "")
    if code == 0 and row is not None and row.outcome is not None:
        return RunReport(name, row.outcome, row.notes, run, dict(looks), row.counts.get("visits", visits))
    # it ends in good order without a recorded end only where it was asked to end while it began, or twice
    was_asked = (code == 0 or was_ended) and not heard.error
    outcome = STOPPED if was_asked else "failed"
    notes = (Note(ASKED) if was_asked else Note("stopped", {"why": (heard.error or _ending(code)).plain}),)
    if row is not None and row.finished is None:
        counts = {HINDERED: 1} if heard.hindrance else {}
        with suppress(StorageError):  # the child closed it in the same moment: its own word holds
            observations.finish_run(row, finished=home.clock.now(), outcome=outcome, notes=notes, counts=counts)
    told = {"disk": "unwritable", "clock": "clock"}.get(heard.hindrance)
    return RunReport(name, outcome, notes, run, dict(looks), visits, **({told: heard.error} if told else {}))


def _record_unbegun(home: Home, run: Run, notes: tuple[Note, ...]) -> None:
    """Record a crawl that ended before it opened its run, so that the portal's last crawl is not the one before it."""
    observations = Observations(home)
    with suppress(StorageError):  # why it ended may be why nothing can be stored; that is told already
        observations.start_run(run)
        observations.finish_run(run, finished=home.clock.now(), outcome="failed", notes=notes)


def _dead(home: Home, stored: Iterable[Run]) -> str | None:
    """The run that ended with a process which did not even tell its name; one that is under way is another's."""
    for row in stored:
        if row.finished is None:
            with run_locks(home).taken_from_the_dead(row.id) as dead:
                if dead:
                    return row.id
    return None


def _ending(code: int) -> Note:
    return Note("signal", {"signal": -code}) if code < 0 else Note("exit_code", {"number": code})
