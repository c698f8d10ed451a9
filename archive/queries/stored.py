"""Open the projections and read the rows that several questions need, with one query for each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Table, bindparam, select

from archive.forms.indicators import indicator_digits
from storage.errors import ProjectionError
from storage.home import Home
from storage.judgements import StoredFinding
from storage.mapping import shape
from storage.projections import ProjectionFault, ProjectionStore
from storage.reading_rows import finding_of
from storage.records import Edition, ReportKey, StatusInterval
from storage.statements import among, batches
from storage.tables import CAPTURES

Record = TypeVar("Record")
Item = TypeVar("Item")
Key = TypeVar("Key")


def open_projections(home: Home) -> ProjectionStore:
    """Return the projections of an archive for questions; they stay open for the next question. Raises ProjectionError
    if another version of the program made them, so that they must be rebuilt, or if they are lost or were never made
    although captures exist. A query that takes longer than the setting ``question_seconds`` is stopped with
    TookTooLongError.
    """
    return _fitting(home, _shared_store(home))


@contextmanager
def open_snapshot(home: Home) -> Iterator[ProjectionStore]:
    """Like :func:`open_projections`, for short questions: all reads are in one transaction on each database."""
    store = _shared_store(home)
    with store.together(), home.truth.together():
        yield _fitting(home, store)


def _shared_store(home: Home) -> ProjectionStore:
    seconds = home.config.question_seconds
    return home.get_or_make("asked", lambda: ProjectionStore(home, indicator_digits(), seconds=seconds))


def _fitting(home: Home, store: ProjectionStore) -> ProjectionStore:
    """Return the projections if questions can use them. Raises ProjectionError if they must be rebuilt or made."""
    fault = store.fault
    if fault is ProjectionFault.OUTDATED:
        message = "the projections were made by another version of nianbao; run: nianbao rebuild"
        raise ProjectionError(message, code="projections.outdated")
    if fault is ProjectionFault.UNMADE and home.truth.scalars(select(CAPTURES.c.id).limit(1)):
        raise ProjectionError(code="projections.unmade")
    return store


def fetch(store: ProjectionStore, query: Select[Any], **values: Any) -> Sequence[Any]:
    """Return all rows of a query; ``values``: of its parameters."""
    with store.read() as connection:
        return connection.execute(query, values).all()


def records(store: ProjectionStore, kind: type[Record], query: Select[Any], **values: Any) -> list[Record]:
    """Return the rows of a query as records of type ``kind``; the query must have all columns of their table."""
    described = shape(kind)
    return [described.record(row._mapping) for row in fetch(store, query, **values)]


def holds_at(table: Any, instant: Any) -> list[ColumnElement[bool]]:
    """Return the conditions that a row was valid at ``instant``, which may be a parameter of the query."""
    return [table.c.since <= instant, table.c.until.is_(None) | (table.c.until > instant)]


def of_report(store: ProjectionStore, kind: type[Record], table: Table, agency: str, year: int) -> list[Record]:
    """Return the records of a table about one report, in the order stored."""
    return records(store, kind, _on_report(table), agency=agency, year=year)


def group_by(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Return the items by their ``key``, keys and items in the order in which they come."""
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def editions_of(store: ProjectionStore, agency: str, year: int) -> Sequence[Edition]:
    """Return the editions of a report in the order in which they were first seen, undated ones first."""
    return editions_of_reports(store, [(agency, year)])[agency, year]


def findings_of(store: ProjectionStore, agency: str, year: int) -> list[StoredFinding]:
    """Return the findings about a duty, its editions and documents."""
    rows = fetch(store, _on_report(store.tables.findings), agency=agency, year=year)
    return [finding_of(row._mapping) for row in rows]


def finding_codes(store: ProjectionStore, portal: str) -> Mapping[tuple[str, ReportKey], list[str]]:
    """Return the codes of a portal's findings about reports, by subject and report (agency, year)."""
    codes: dict[tuple[str, ReportKey], list[str]] = {}
    for stored in store.findings(portal):
        if stored.agency is not None and stored.year is not None:
            codes.setdefault((stored.subject, (stored.agency, stored.year)), []).append(stored.finding.code)
    return codes


@cache
def _on_report(table: Table) -> Select[Any]:
    """Return the query for the rows of a table about one report, in the order stored."""
    conditions = (table.c.agency == bindparam("agency"), table.c.year == bindparam("year"))
    return select(table).where(*conditions).order_by(table.c.no)


def editions_of_reports(
    store: ProjectionStore, reports: Collection[ReportKey]
) -> Mapping[ReportKey, Sequence[Edition]]:
    """Return the editions of many reports, by (agency, year), in the order of :func:`editions_of`."""
    table, by_report = store.tables.editions, {report: list[Edition]() for report in reports}
    years = sorted({year for _, year in by_report})
    for names in batches({agency for agency, _ in by_report}):
        query = select(table).where(among(table.c.agency, names), table.c.year.in_(years)).order_by(table.c.no)
        for edition in records(store, Edition, query):
            if edition.report in by_report:
                by_report[edition.report].append(edition)
    return {report: sorted(editions, key=attrgetter("order")) for report, editions in by_report.items()}


def histories(
    store: ProjectionStore, agencies: Collection[str], *conditions: ColumnElement[bool]
) -> Iterator[list[StatusInterval]]:
    """Yield for each duty of ``agencies``, by agency and year, the status intervals that meet the conditions, oldest
    first; duties (reports owed) without any are left out.
    """
    table, described = store.tables.statuses, shape(StatusInterval)
    query = select(table).where(*conditions).order_by(table.c.agency, table.c.year, table.c.since)
    with store.read() as connection:
        rows = connection.execute(query).mappings()
        intervals = (described.record(row) for row in rows if row["agency"] in agencies)
        for _, history in groupby(intervals, key=attrgetter("agency", "year")):
            yield list(history)
