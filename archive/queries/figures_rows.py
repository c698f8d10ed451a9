"""The statement under every question for figures: a row per duty, with the cells asked for of the edition that counts.

Of the wide table only the columns asked for are read, and of what lies compressed nothing, but where a printed amount
is too fine for its column.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, case, exists, func, select

from archive.assessment.editions import UNDATED
from archive.assessment.figures import Printed
from archive.forms.loader import old_form
from archive.queries.where import Chosen
from storage.cells import cells_of, doubt_of, notes_query, state_of
from storage.projection_tables import column_of
from storage.projections import ProjectionStore
from storage.records import CellState, ReportKind, Status

#: More names than this are not put into a statement: it is asked without them, and what is not wanted is left out here.
_NAMED = 5_000
# A key and value of our own JSON: in a text within it the quotes would be escaped.
_CODE = '"code":"{}"'


class Which(StrEnum):
    """Which edition of a report counts: the last or the first that was known at the instant asked about."""

    LAST = "last"
    FIRST = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """A duty, and of the edition that counts what is asked for (``edition`` None: none is held).

    ``form``: None where no table could be read; ``documents``: what a ruling may name; ``marks``: ``revised``,
    ``two_at_once``, ``withdrawn``, ``system``.
    """

    agency: str
    year: int
    status: Status
    edition: str | None
    editions: int
    form: str | None
    documents: frozenset[str]
    cells: Mapping[str, Printed]
    marks: tuple[str, ...]


def report_rows(
    store: ProjectionStore,
    chosen: Chosen,
    places: Sequence[str],
    *,
    years: Collection[int] | None,
    as_of: datetime,
    which: Which = Which.LAST,
) -> Iterator[ReportRow]:
    """Every duty of the chosen agencies in these years (all if None) that was known at ``as_of``, in no order."""
    ids = {name: at for at, name in enumerate(store.tables.indicators)}
    query = _statement(store, chosen, places, years, as_of, which)
    with store.read() as connection:
        for row in connection.execute(query).mappings():
            if row["agency"] in chosen.agencies:
                cells = _cells(store, connection, row, places, ids)
                yield ReportRow(
                    agency=row["agency"],
                    year=row["year"],
                    status=Status(row["status"]),
                    edition=row["edition"],
                    editions=row["held"] or 0,
                    form=_form(row),
                    documents=frozenset(_documents(row)),
                    cells=cells,
                    marks=tuple(_marks(row)),
                )


def _statement(
    store: ProjectionStore,
    chosen: Chosen,
    places: Sequence[str],
    years: Collection[int] | None,
    as_of: datetime,
    which: Which,
) -> Select[Any]:
    tables = store.tables
    duties, statuses, editions, cells = tables.duties, tables.statuses, tables.editions, tables.cells
    readings, bindings = tables.readings, tables.bindings
    own = (editions.c.agency, editions.c.year)
    seen = [editions.c.first_seen, editions.c.last_seen, editions.c.id]
    undated = case((editions.c.change == UNDATED, 1), else_=0)  # neither the first nor the last, where others are held
    order = [undated, *(c.desc() for c in seen)] if which is Which.LAST else [undated, *seen]
    ranked = (
        select(
            *own,
            *(editions.c[name] for name in ("id", "main", "cells_from", "documents", "findings")),
            func.count().over(partition_by=own).label("held"),
            func.row_number().over(partition_by=own, order_by=order).label("place"),
        )
        .where(editions.c.first_seen <= as_of, *_narrowed(editions, chosen, years))
        .subquery("ranked")
    )
    whole = exists().where(
        bindings.c.document == ranked.c.main,
        bindings.c.agency == ranked.c.agency,
        bindings.c.year == ranked.c.year,
        bindings.c.report_kind == ReportKind.SYSTEM.value,
    )
    return (
        select(
            duties.c.agency,
            duties.c.year,
            statuses.c.status,
            statuses.c.findings.label("duty_findings"),
            ranked.c.id.label("edition"),
            *(ranked.c[name] for name in ("main", "cells_from", "documents", "findings", "held")),
            cells.c.form,
            cells.c.states,
            cells.c.doubts,
            *(cells.c[column_of(name)] for name in places),
            whole.label("system"),
        )
        .join(statuses, and_(statuses.c.agency == duties.c.agency, statuses.c.year == duties.c.year))
        .outerjoin(
            ranked, and_(ranked.c.agency == duties.c.agency, ranked.c.year == duties.c.year, ranked.c.place == 1)
        )
        .outerjoin(readings, readings.c.document == func.coalesce(ranked.c.cells_from, ranked.c.main))
        .outerjoin(cells, cells.c.no == readings.c.no)
        .where(
            statuses.c.since <= as_of,
            statuses.c.until.is_(None) | (statuses.c.until > as_of),
            *_narrowed(duties, chosen, years),
        )
    )


def _narrowed(table: Any, chosen: Chosen, years: Collection[int] | None) -> list[Any]:
    found = []
    if years is not None:
        found.append(table.c.year.in_(sorted(set(years))))
    if len(chosen.agencies) <= _NAMED:
        found.append(table.c.agency.in_(sorted(chosen.agencies)))
    elif len(chosen.portals) <= _NAMED:
        found.append(table.c.portal.in_(sorted(chosen.portals)))
    return found


def _form(row: RowMapping) -> str | None:
    """The form of the tables that were read; that of a table of before 2019, of which no cell is taken, too."""
    form: str | None = row["form"]
    return form if row["cells_from"] is not None or form == old_form().name else None


def _cells(
    store: ProjectionStore, connection: Connection, row: RowMapping, places: Sequence[str], ids: Mapping[str, int]
) -> dict[str, Printed]:
    if row["states"] is None or row["cells_from"] is None:
        return {}
    states, doubts = bytes(row["states"]), bytes(row["doubts"])
    found = {}
    for name in places:
        state, value = state_of(states, ids[name]), row[column_of(name)]
        if value is None and state is CellState.PRINTED:
            value = _beside(store, connection, row["cells_from"], name)
        found[name] = Printed(state, value, bool(doubt_of(doubts, ids[name])))
    return found


def _beside(store: ProjectionStore, connection: Connection, document: str, name: str) -> Any:
    """The number of a cell that its column could not hold exactly; None where no number is printed."""
    table = store.tables.readings
    row = connection.execute(notes_query(store.tables).where(table.c.document == document)).one()
    return cells_of(row.notes)[name].value


def _documents(row: RowMapping) -> Iterator[str]:
    if row["edition"] is not None:
        yield from (one for one in (row["main"], row["cells_from"]) if one)
        # a JSON list of digests
        yield from (one for one in row["documents"].strip("[]").replace('"', "").split(",") if one)


def _marks(row: RowMapping) -> Iterator[str]:
    if (row["held"] or 0) > 1:
        yield "revised"
        if _CODE.format("two_at_once") in (row["findings"] or ""):
            yield "two_at_once"
    told = row["duty_findings"] or ""
    if told.count(_CODE.format("withdrawn")) > told.count(_CODE.format("returned")):
        yield "withdrawn"
    if row["system"]:
        yield "system"
