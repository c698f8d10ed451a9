"""The statement under every question for figures: a row per duty, with the cells asked for of the edition that counts.

Which edition that is, is looked up (``archive/projection/standing.py``). Of the wide table only the columns asked for
are read, and of what lies compressed nothing, but where a printed amount is too fine for its column.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from archive.assessment.figures import Printed
from archive.forms.loader import old_form
from archive.queries.chosen import Agencies, Chosen
from storage.cells import cells_of, notes_query, state_of_bits
from storage.prepared import raw_rows
from storage.projection_tables import column_of
from storage.projections import ProjectionStore
from storage.records import CellState, Status
from storage.references import among
from storage.status_rows import documents_of

#: More names than this are not put into a statement: it is asked without them, and what is not wanted is left out here.
_NAMED = 5_000
_BATCH = 5_000  # rows in memory at once
#: So many different cells are kept while rows are read, of questions for so few places: the same numbers come again.
_KEPT, _FEW = 50_000, 8
_STATUSES = {status.value: status for status in Status}
_HEAD = ("agency", "year", "status", "edition", "editions", "tabled", "documents", "marks")


class Which(StrEnum):
    """Which edition of a report counts: the last or the first that was known at the instant asked about."""

    LAST = "last"
    FIRST = "first"


class ReportRow(NamedTuple):
    """A duty, and of the edition that counts what is asked for (``edition`` None: none is held).

    ``form``: None where no table could be read; ``named``: what a ruling may name, packed; ``cells``: mostly the
    same object where they are equal; ``marks``: ``revised``, ``two_at_once``, ``withdrawn``, ``system``.
    """

    agency: str
    year: int
    status: Status
    edition: str | None
    editions: int
    form: str | None
    named: bytes
    cells: Mapping[str, Printed]
    marks: tuple[str, ...]

    @property
    def documents(self) -> frozenset[str]:
        """The documents that a ruling may name."""
        return documents_of(self.named)


NO_CELLS: Mapping[str, Printed] = {}


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
    wanted = [(name, *divmod(ids[name], 4)) for name in places]
    bits = [(at, place * 2) for _, at, place in wanted]
    query = _statement(store, chosen, places, years, as_of, which)
    old, agencies = old_form().name, frozenset(chosen.agencies)
    none = [0] * len(bits)
    known: dict[tuple[object, ...], Mapping[str, Printed]] = {}
    with store.read() as connection:
        converts, batches = raw_rows(connection, query, _BATCH)
        numbers = converts[len(converts) - len(places) :]
        for row in chain.from_iterable(batches):
            agency, year, status, edition, editions, tabled, documents, marks, *read = row
            reading, form, states, doubts, *values = read
            if agency not in agencies:
                continue
            cells = NO_CELLS
            if tabled and states is not None:
                last = len(doubts)
                printed = [states[at] >> by & 3 for at, by in bits]
                doubted = [at < last and doubts[at] >> by & 3 for at, by in bits] if last else none
                key = (*printed, *doubted, *values)
                found = known.get(key)
                if found is None:
                    found, beside = {}, False
                    for (name, _, _), number, bit, doubt, value in zip(
                        wanted, numbers, printed, doubted, values, strict=True
                    ):
                        state, held = state_of_bits(bit), None if value is None else number(value)
                        if held is None and state is CellState.PRINTED:
                            held, beside = _beside(store, connection, reading, name), True
                        found[name] = Printed(state, held, bool(doubt))
                    if not beside and len(wanted) <= _FEW:  # what its column could not hold is this report's alone
                        if len(known) >= _KEPT:
                            known.clear()
                        known[key] = found
                cells = found
            # the form of the tables that were read; that of a table of before 2019, of which no cell is taken, too
            form = form if tabled or form == old else None
            yield ReportRow(
                agency, year, _STATUSES[status], edition, editions, form, documents, cells, _marks(marks)
            )  # fmt: skip


def _statement(
    store: ProjectionStore,
    chosen: Chosen,
    places: Sequence[str],
    years: Collection[int] | None,
    as_of: datetime,
    which: Which,
) -> Select[Any]:
    table, cells = store.tables.standing, store.tables.cells
    return (
        select(
            *(table.c[name] for name in _HEAD),
            table.c.reading,
            *(cells.c[name] for name in ("form", "states", "doubts")),
            *(cells.c[column_of(name)] for name in places),
        )
        .outerjoin(cells, cells.c.no == table.c.reading)
        .where(
            table.c.since <= as_of,
            table.c.until.is_(None) | (table.c.until > as_of),
            table.c.counts.in_(["both", which.value]),
            *_narrowed(table, chosen, years),
        )
    )


def _narrowed(table: Any, chosen: Chosen, years: Collection[int] | None) -> list[Any]:
    """What of the table is read; more than is chosen where that is too much to tell."""
    found = []
    if years is not None:
        found.append(table.c.year.in_(sorted(set(years))))
    if isinstance(chosen.agencies, Agencies) and chosen.agencies.kinds is not None:
        found.append(table.c.kind.in_([kind.value for kind in sorted(chosen.agencies.kinds)]))
        if not chosen.agencies.everywhere and len(chosen.portals) <= _NAMED:
            found.append(among(table.c.portal, sorted(chosen.portals)))
    elif len(chosen.agencies) <= _NAMED:
        found.append(among(table.c.portal, sorted({one.portal for one in chosen.agencies.values()})))
        found.append(among(table.c.agency, sorted(chosen.agencies)))
    elif len(chosen.portals) <= _NAMED:
        found.append(among(table.c.portal, sorted(chosen.portals)))
    return found


def _beside(store: ProjectionStore, connection: Connection, reading: int, name: str) -> Any:
    """The number of a cell that its column could not hold exactly; None where no number is printed."""
    row = connection.execute(notes_query(store.tables).where(store.tables.readings.c.no == reading)).one()
    return cells_of(row.notes)[name].value


@lru_cache(maxsize=64)
def _marks(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()
