"""What people set for the crawls of portals, and what became of problems of operating: appended, never changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, select

from storage.home import Home
from storage.records import Alarm, Run, Schedule
from storage.tables import ALARMS, RUNS, SCHEDULES

#: Counted in a run that a full disk or a wrong clock of ours ended: it says nothing of the portal.
HINDERED = "hindered"
#: The purpose of runs that look at a portal's listings and visit its reports.
CRAWL = "crawl"


class Alarms:
    """The repository of alarms of one archive."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def add(self, alarms: Iterable[Alarm]) -> None:
        """Append rows, in one transaction."""
        self.home.truth.append(ALARMS, alarms)

    def all(self) -> tuple[Alarm, ...]:
        """Return every row in the order in which it was added."""
        return self.home.truth.records(Alarm, select(ALARMS).order_by(ALARMS.c.no))


class Schedules:
    """The repository of schedules of one archive. The latest row of a portal holds."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def put(self, schedule: Schedule) -> None:
        """Append what somebody set."""
        self.home.truth.append(SCHEDULES, [schedule])

    def latest(self) -> dict[str | None, Schedule]:
        """Return what holds now, by portal; that of all portals under None."""
        return {one.portal: one for one in self.history()}

    def history(self) -> tuple[Schedule, ...]:
        """Return every row, as they were set: by their times, one of a clock that was ahead would hold for long."""
        return self.home.truth.records(Schedule, select(SCHEDULES).order_by(SCHEDULES.c.no))

    def stamp(self) -> tuple[int | None, int]:
        """Return what changes when a row is set or a run ends: the last row's number, and how many runs have ended."""
        (last,) = self.home.truth.scalars(select(func.max(SCHEDULES.c.no)))
        (ended,) = self.home.truth.scalars(select(func.count(RUNS.c.finished)))
        return last, ended

    def crawls(self, since: datetime, portals: Collection[str] | None = None) -> dict[str, tuple[Run, ...]]:
        """Return the crawls of each portal (of all if None) that began after ``since`` and have ended, in order."""
        query = select(RUNS).where(RUNS.c.purpose == CRAWL, RUNS.c.finished.is_not(None), RUNS.c.started > since)
        if portals is not None:
            query = query.where(RUNS.c.portal.in_(portals))
        runs: dict[str, tuple[Run, ...]] = {}
        for run in self.home.truth.records(Run, query.order_by(RUNS.c.started, RUNS.c.id)):
            runs[run.portal] = (*runs.get(run.portal, ()), run)
        return runs
