"""How portals answered of late: a few columns of many looks and captures, for those who watch over the crawls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from storage import rows
from storage.home import Home
from storage.records import CaptureOutcome, CaptureRole, Run
from storage.tables import LookRow, RunRow


@dataclass(frozen=True, slots=True)
class LookLine:
    """A look without its pages."""

    id: str
    run: str
    portal: str
    listing: str
    started: datetime
    finished: datetime
    outcome: str
    reason: str
    clock_skew: float | None


@dataclass(frozen=True, slots=True)
class CaptureLine:
    """A capture of a robots.txt, or one that was refused by our guard. ``document`` is None where there is none."""

    portal: str
    url: str
    fetched_at: datetime
    reason: str
    document: str | None


class Vitals:
    """The repository of what is watched in one archive."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def looks(self, since: datetime, portal: str | None = None) -> Iterator[LookLine]:
        """Looks (of one portal, if it is named) begun at ``since`` or after it, in the order of their start."""
        table = rows.table(LookRow)
        named = [table.c[name] for name in LookLine.__slots__]
        query = select(*named).where(table.c.started >= since).order_by(table.c.started, table.c.no)
        if portal is not None:
            query = query.where(table.c.portal == portal)
        with self.home.truth.read() as connection:
            for row in connection.execute(query).mappings():
                yield LookLine(**row)

    def last_runs(self, most: int) -> tuple[Run, ...]:
        """The runs that have not ended, and the ``most`` last begun, the newest first."""
        table = rows.table(RunRow)
        newest = select(table).order_by(table.c.started.desc(), table.c.id)
        with self.home.truth.read() as connection:
            queries = (newest.where(table.c.finished.is_(None)), newest.limit(most))
            found = {row["id"]: rows.run_of(row) for query in queries for row in connection.execute(query).mappings()}
        return tuple(sorted(found.values(), key=lambda run: (run.started, run.id), reverse=True))

    def run(self, run: str) -> Run | None:
        """One run by its id."""
        table = rows.table(RunRow)
        with self.home.truth.read() as connection:
            row = connection.execute(select(table).where(table.c.id == run)).mappings().one_or_none()
        return None if row is None else rows.run_of(row)

    def looks_of(self, run: Run) -> list[LookLine]:
        """The looks of one run, in the order of their start."""
        return [look for look in self.looks(run.started, run.portal) if look.run == run.id]

    def robots(self, since: datetime) -> Iterator[CaptureLine]:
        """The robots.txt files that came after ``since``, in their order."""
        query = rows.captures_query()
        captures = query.selected_columns
        return self._captures(
            query.where(captures.role == CaptureRole.ROBOTS, captures.outcome.in_(_CAME), captures.fetched_at > since)
        )

    def refused(self, since: datetime) -> Iterator[CaptureLine]:
        """Lists that were not asked for after ``since`` because our guard does not let a fetch go there."""
        query = rows.captures_query()
        captures = query.selected_columns
        lists = captures.role.in_((CaptureRole.LISTING, CaptureRole.ROBOTS))
        return self._captures(
            query.where(captures.outcome == CaptureOutcome.REFUSED, lists, captures.fetched_at > since)
        )

    def _captures(self, query: Select[Any]) -> Iterator[CaptureLine]:
        with self.home.truth.read() as connection:
            for row in connection.execute(query.order_by(query.selected_columns.fetched_at)).mappings():
                yield CaptureLine(**{name: row[name] for name in CaptureLine.__slots__})


_CAME = (CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED)
