"""What people set for the crawls of portals. A change is a new row, and the latest row of a portal holds."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from storage import rows
from storage.home import Home
from storage.records import Run, Schedule
from storage.tables import RunRow, ScheduleRow


class Schedules:
    """The repository of schedules of one archive."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def put(self, schedule: Schedule) -> None:
        """Append what somebody set."""
        row = {name: getattr(schedule, name) for name in Schedule.__slots__}
        row["settings"] = rows.dumps(dict(schedule.settings))
        with self.home.truth.begin() as connection:
            connection.execute(rows.table(ScheduleRow).insert(), row)

    def latest(self) -> dict[str | None, Schedule]:
        """What holds now, by portal; that of all portals under None."""
        return {one.portal: one for one in self.history()}

    def history(self) -> tuple[Schedule, ...]:
        """Every row, as they were set: by their times, one of a clock that was ahead would hold for long."""
        table = rows.table(ScheduleRow)
        query = select(table).order_by(table.c.no)
        with self.home.truth.read() as connection:
            return tuple(_schedule(row) for row in connection.execute(query).mappings())

    def stamp(self) -> tuple[int | None, int]:
        """What changes when a row is set or a run ends: the number of the last row, and of the runs that have ended."""
        table, runs = rows.table(ScheduleRow), rows.table(RunRow)
        with self.home.truth.read() as connection:
            return (
                connection.execute(select(func.max(table.c.no))).scalar_one(),
                connection.execute(select(func.count(runs.c.finished))).scalar_one(),
            )

    def crawls(self, since: datetime, portals: Collection[str] | None = None) -> dict[str, tuple[Run, ...]]:
        """The crawls of each portal (of all if None) that began after ``since`` and have ended, in their order."""
        table = rows.table(RunRow)
        query = select(table).where(table.c.purpose == CRAWL, table.c.finished.is_not(None), table.c.started > since)
        if portals is not None:
            query = query.where(table.c.portal.in_(portals))
        found: dict[str, list[Run]] = {}
        with self.home.truth.read() as connection:
            for row in connection.execute(query.order_by(table.c.started, table.c.id)).mappings():
                run = rows.run_of(row)
                found.setdefault(run.portal, []).append(run)
        return {portal: tuple(runs) for portal, runs in found.items()}


#: Counted in a run that a full disk or a wrong clock of ours ended: it says nothing of the portal.
HINDERED = "hindered"
#: The purpose of runs that look at a portal's listings and visit its reports.
CRAWL = "crawl"


def _schedule(row: rows.Row) -> Schedule:
    values = {name: row[name] for name in Schedule.__slots__}
    return Schedule(**values | {"settings": json.loads(row["settings"])})
