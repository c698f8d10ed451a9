"""Runs whose process was killed: told from those under way by a lock, and given their end.

A run holds the lock ``run-<id>`` (:mod:`storage.locks`) from before its row is there until its end is recorded; the
death of its process gives it up. So a run without an end whose lock nobody holds was cut short.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage import capture_rows
from storage.home import Home
from storage.locks import Holder, Locks, run_lock
from storage.mapping import shape
from storage.records import Note, Run
from storage.tables import CAPTURES, LOOKS, RUNS

CUT = "cut"  # outcome of a run whose process was killed
STOPPED = "stopped"  # … that a person asked to end
UNENDED = frozenset({CUT, STOPPED, "failed"})  # outcomes of runs that did not come to their end


@dataclass(frozen=True, slots=True)
class CutRun:
    """A run that was cut short, as it was found: what is kept of it, and when the last of that was stored."""

    run: Run
    captures: int
    looks: int
    last: datetime

    @property
    def note(self) -> Note:
        """What it is noted as."""
        values = {
            "purpose": self.run.purpose,
            "started": self.run.started.isoformat(),
            "last": self.last.isoformat(),
            "captures": self.captures,
            "looks": self.looks,
        }
        return Note(CUT, values)


class RunLocks:
    """The locks of the runs of an archive."""

    def __init__(self, locks: Locks) -> None:
        self._locks = locks

    def hold(self, run: str) -> None:
        """Take the lock of a run that begins."""
        self._locks.take(run_lock(run))

    def release(self, run: str) -> None:
        """Give it back, once the end of the run is recorded; tidy that of a dead process away."""
        try:
            self._locks.release(run_lock(run), forget=True)
        except KeyError:
            with self.taken_from_the_dead(run):
                return

    def holder(self, run: str) -> Holder | None:
        """Who holds the lock of a run; None where nobody does."""
        return self._locks.holder(run_lock(run))

    @contextmanager
    def taken_from_the_dead(self, run: str) -> Iterator[bool]:
        """Whether no living process holds the lock of a run; then it is held during the block, and gone after it."""
        if not self._locks.try_take(run_lock(run)):
            yield False
            return
        try:
            yield True
        finally:
            self._locks.release(run_lock(run), forget=True)


def run_locks(home: Home) -> RunLocks:
    """The locks of an archive's runs."""
    return RunLocks(home.locks)


def end_cut_runs(home: Home) -> tuple[CutRun, ...]:
    """Give every run that was cut short its end: outcome ``cut``, with what is kept of it. Safe for several at once.

    To be called after mending, so that what was adopted is counted. Not known is when exactly a run was cut: its end is
    the time at which that was found out.
    """
    locks = run_locks(home)
    query = select(RUNS).where(RUNS.c.finished.is_(None)).order_by(RUNS.c.started, RUNS.c.id)
    open_runs = home.truth.records(Run, query)
    found = []
    for run in open_runs:
        with locks.taken_from_the_dead(run.id) as dead:
            if dead and (cut := _end(home, run)) is not None:
                found.append(cut)
    return tuple(found)


def _end(home: Home, run: Run) -> CutRun | None:
    """Record the end of a cut run; None where it has one by now."""
    with home.truth.begin() as connection:
        cut = _kept(connection, run)
        counts = {"captures": cut.captures, "looks": cut.looks}
        values = shape(Run).values(finished=home.clock.now(), outcome=CUT, notes=(cut.note,), counts=counts)
        change = RUNS.update().where(RUNS.c.id == run.id, RUNS.c.finished.is_(None))
        return cut if connection.execute(change.values(**values)).rowcount == 1 else None


def _kept(connection: Connection, run: Run) -> CutRun:
    fetched = select(func.count(), func.max(CAPTURES.c.fetched_at)).select_from(capture_rows.captures_from())
    fetched = fetched.where(
        CAPTURES.c.portal == run.portal, CAPTURES.c.fetched_at >= run.started, capture_rows.run_of_capture() == run.id
    )
    looked = select(func.count(), func.max(LOOKS.c.finished)).where(LOOKS.c.portal == run.portal, LOOKS.c.run == run.id)
    (made, last_made), (ended, last_ended) = (connection.execute(query).one() for query in (fetched, looked))
    return CutRun(run, made, ended, max(filter(None, (run.started, last_made, last_ended))))
