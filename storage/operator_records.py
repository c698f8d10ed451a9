"""Store what operators set for crawls, and the history of operating problems. Only added, never changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, select

from storage.home import Home
from storage.records import Alarm, Run, Schedule
from storage.tables import ALARMS, RUNS, SCHEDULES

#: Key in a run's counts: a full disk or our own wrong clock ended it, so it says nothing about the portal.
HINDERED = "hindered"
#: Purpose of runs that look at a portal's listings and visit its reports.
CRAWL = "crawl"


class Alarms:
    """Stores and reads the alarms of one archive."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def add(self, alarms: Iterable[Alarm]) -> None:
        """Add alarms in one transaction."""
        self.home.truth.append(ALARMS, alarms)

    def all(self) -> tuple[Alarm, ...]:
        """Return all alarms in the order in which they were added."""
        return self.home.truth.records(Alarm, select(ALARMS).order_by(ALARMS.c.no))


class Schedules:
    """Stores and reads the schedules of one archive. The latest row of a portal is valid."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def put(self, schedule: Schedule) -> None:
        """Add a schedule that a person set."""
        self.home.truth.append(SCHEDULES, [schedule])

    def latest(self) -> dict[str | None, Schedule]:
        """Return the valid schedules by portal; the one for all portals has the key None."""
        return {schedule.portal: schedule for schedule in self.history()}

    def history(self) -> tuple[Schedule, ...]:
        """Return all schedules in the order of storing; their own times may come from a clock that was wrong."""
        return self.home.truth.records(Schedule, select(SCHEDULES).order_by(SCHEDULES.c.no))

    def stamp(self) -> tuple[int | None, int]:
        """Return two numbers that change when a schedule is set or a run ends: the last row's, and of ended runs."""
        (last_row,) = self.home.truth.scalars(select(func.max(SCHEDULES.c.no)))
        (ended_runs,) = self.home.truth.scalars(select(func.count(RUNS.c.finished)))
        return last_row, ended_runs

    def crawls(self, since: datetime, portals: Collection[str] | None = None) -> dict[str, tuple[Run, ...]]:
        """Return the ended crawls that began after ``since``, oldest first, for each portal (None: for all)."""
        query = select(RUNS).where(RUNS.c.purpose == CRAWL, RUNS.c.finished.is_not(None), RUNS.c.started > since)
        if portals is not None:
            query = query.where(RUNS.c.portal.in_(portals))
        runs: dict[str, tuple[Run, ...]] = {}
        for run in self.home.truth.records(Run, query.order_by(RUNS.c.started, RUNS.c.id)):
            runs[run.portal] = (*runs.get(run.portal, ()), run)
        return runs

    def last_outcomes(self) -> dict[str, str]:
        """Return by portal how its last ended crawl came out."""
        ended = (RUNS.c.purpose == CRAWL, RUNS.c.finished.is_not(None))
        last = select(func.max(RUNS.c.started)).where(*ended).group_by(RUNS.c.portal)
        query = select(RUNS.c.portal, RUNS.c.outcome).where(*ended, RUNS.c.started.in_(last))
        return {row.portal: row.outcome for row in self.home.truth.rows(query.order_by(RUNS.c.started, RUNS.c.id))}
