"""Rows of the stored projections that several questions need, each with one statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Table, bindparam, select

from archive.forms.indicators import indicator_digits
from archive.queries.selected_agencies import Chosen
from storage.errors import ProjectionError
from storage.generations import unmade
from storage.home import Home
from storage.judgements import StoredFinding
from storage.mapping import shape
from storage.projections import ProjectionFault, ProjectionStore
from storage.reading_rows import finding_of
from storage.records import Binding, Duty, Edition, Lead, StatusInterval
from storage.statements import among, batches
from storage.tables import CAPTURES

Record = TypeVar("Record", Duty, StatusInterval, Edition, Binding, Lead)


@contextmanager
def open_projections(home: Home) -> Iterator[ProjectionStore]:
    """The projections of an archive for questions; they stay open with it, so that the next is asked sooner.

    Raises ProjectionError where another version of the program made them, so that they have to be made again first, and
    where nothing of what was fetched is read and judged: they were lost, or never made. A statement that takes longer
    than the setting ``question_seconds`` is stopped with TookTooLongError.
    """
    yield _fitting(home, _shared_store(home))


@contextmanager
def open_snapshot(home: Home) -> Iterator[ProjectionStore]:
    """As :func:`open_projections`, for short questions: all parts are read in one transaction on each database."""
    store = _shared_store(home)
    with store.together(), home.truth.together():
        yield _fitting(home, store)


def _shared_store(home: Home) -> ProjectionStore:
    seconds = home.config.question_seconds
    return home.kept("asked", lambda: ProjectionStore(home, indicator_digits(), seconds=seconds))


def _fitting(home: Home, store: ProjectionStore) -> ProjectionStore:
    fault = store.fault
    if fault is ProjectionFault.OUTDATED:
        message = "the projections were made by another version of nianbao; run: nianbao rebuild"
        raise ProjectionError(message, code="projections.outdated")
    if fault is ProjectionFault.UNMADE and _holds_anything(home):
        raise unmade()
    return store


def _holds_anything(home: Home) -> bool:
    with home.truth.read() as connection:
        return connection.execute(select(CAPTURES.c.id).limit(1)).first() is not None


def records(store: ProjectionStore, table: Table, kind: type[Record], *conditions: Any) -> list[Record]:
    """Give the records of ``table`` that meet ``conditions``, in the order stored."""
    described = shape(kind)
    with store.read() as connection:
        found = connection.execute(select(table).where(*conditions).order_by(table.c.no)).mappings()
        return [described.record(row) for row in found]


def of_chosen(table: Any, chosen: Chosen, years: Collection[int] | None = None) -> list[ColumnElement[bool]]:
    """The conditions that a row is about a chosen portal and, unless they are None, one of ``years``."""
    portals = among(table.c.portal, sorted(chosen.portals))
    return [portals] if years is None else [portals, table.c.year.in_(sorted(set(years)))]


def holds_at(table: Any, instant: datetime) -> list[ColumnElement[bool]]:
    """The conditions that a row held at an instant."""
    return [table.c.since <= instant, table.c.until.is_(None) | (table.c.until > instant)]


def histories(
    store: ProjectionStore, chosen: Chosen, *conditions: ColumnElement[bool]
) -> Iterator[list[StatusInterval]]:
    """Give the intervals that meet the conditions, duty by duty of the chosen agencies, the oldest first."""
    table, described = store.tables.statuses, shape(StatusInterval)
    query = select(table).where(*conditions).order_by(table.c.agency, table.c.year, table.c.since)
    with store.read() as connection:
        rows = connection.execute(query).mappings()
        found: Iterable[StatusInterval] = (described.record(row) for row in rows if row["agency"] in chosen.agencies)
        for _, history in groupby(found, key=attrgetter("agency", "year")):
            yield list(history)


def duty_of(store: ProjectionStore, agency: str, year: int) -> Duty | None:
    """Give the duty of an agency on a year."""
    table = store.tables.duties
    return next(iter(records(store, table, Duty, table.c.agency == agency, table.c.year == year)), None)


def history_of(store: ProjectionStore, agency: str, year: int) -> list[StatusInterval]:
    """Give the whole stored history of a duty, oldest first."""
    table = store.tables.statuses
    found = records(store, table, StatusInterval, table.c.agency == agency, table.c.year == year)
    return sorted(found, key=lambda interval: interval.since)


def editions_of(store: ProjectionStore, agency: str, year: int) -> list[Edition]:
    """Give the editions of a report by when they were first seen, those that nobody can date before all others."""
    described = shape(Edition)
    with store.read() as connection:
        held = connection.execute(_on_report(store.tables.editions), {"agency": agency, "year": year}).mappings().all()
    editions: list[Edition] = [described.record(row) for row in held]
    return sorted(editions, key=attrgetter("order"))


def editions_of_reports(
    store: ProjectionStore, reports: Collection[tuple[str, int]]
) -> Mapping[tuple[str, int], Sequence[Edition]]:
    """Give the editions of each of many reports (agency and year), in the order of :func:`editions_of`."""
    table, wanted, described = store.tables.editions, frozenset(reports), shape(Edition)
    agencies, years = {agency for agency, _ in wanted}, sorted({year for _, year in wanted})
    found: dict[tuple[str, int], list[Edition]] = {report: [] for report in wanted}
    with store.read() as connection:
        for names in batches(agencies):
            query = select(table).where(among(table.c.agency, names), table.c.year.in_(years)).order_by(table.c.no)
            for row in connection.execute(query).mappings():
                if (row["agency"], row["year"]) in wanted:
                    found[row["agency"], row["year"]].append(described.record(row))
    return {report: sorted(held, key=attrgetter("order")) for report, held in found.items()}


def findings_of(store: ProjectionStore, agency: str, year: int) -> list[StoredFinding]:
    """Give the findings about a duty, its editions and documents."""
    with store.read() as connection:
        found = connection.execute(_on_report(store.tables.findings), {"agency": agency, "year": year})
        return [finding_of(row) for row in found.mappings()]


@cache
def _on_report(table: Table) -> Select[Any]:
    """The rows of a table that are about one report, in the order stored."""
    asked = (table.c.agency == bindparam("agency"), table.c.year == bindparam("year"))
    return select(table).where(*asked).order_by(table.c.no)
