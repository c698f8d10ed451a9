"""The statement under every question for figures: a row per duty, with the cells asked for of the edition that counts.

Which edition that is, is looked up (``archive/projection/duty_timeline.py``). Of the wide table only the columns asked
for are read, and of what lies compressed nothing, but where a printed amount is too fine for its column.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, bindparam, case, func, null, or_, select

from archive.assessment.figures import PrintedCell
from archive.forms.loader import old_form
from archive.queries.parameter_enums import Which
from archive.queries.selected_agencies import Agencies, Chosen
from storage.projection_tables import column_of
from storage.projections import ProjectionStore
from storage.reading_rows import cells_of, notes_query, state_of_bits
from storage.records import CellState, Status
from storage.statements import Convert, is_one_given, listed, raw_rows
from storage.status_rows import documents_of

#: More names than this are not put into a statement: it is asked without them, and what is not wanted is left out here.
_NAMED = 5_000
_BATCH = 5_000  # rows in memory at once
#: So many different cells are kept while rows are read, of questions for so few places: the same numbers come again.
_KEPT, _FEW = 50_000, 8
_STATUSES = {status.value: status for status in Status}
_HEAD = ("agency", "year", "status", "edition", "editions")
_CELLS = 8  # where in a row what makes its cells begins


class ReportRow(NamedTuple):
    """A duty, and of the edition that counts what is asked for (``edition`` None: none is held).

    ``form``: None where no table could be read; ``named``: what a ruling may name, packed (None: not asked for);
    ``cells``: mostly the same object where they are equal; ``marks``: ``revised``, ``two_at_once``, ``withdrawn``,
    ``system``.
    """

    agency: str
    year: int
    status: Status
    edition: str | None
    editions: int
    form: str | None
    named: bytes | None
    cells: Mapping[str, PrintedCell]
    marks: tuple[str, ...]

    @property
    def documents(self) -> frozenset[str]:
        """The documents that a ruling may name."""
        return documents_of(self.named or b"")


NO_CELLS: Mapping[str, PrintedCell] = {}
#: as ``ReportRow._make``, which is a function of Python
_row: Callable[[Sequence[Any]], ReportRow] = partial(tuple.__new__, ReportRow)


def report_rows(
    store: ProjectionStore,
    chosen: Chosen,
    places: Sequence[str],
    *,
    years: Collection[int] | None,
    as_of: datetime,
    which: Which = Which.LAST,
    named: bool = True,
) -> Iterator[ReportRow]:
    """Every duty of the chosen agencies in these years (all if None) that was known at ``as_of``, in no order.

    ``named``: with the documents that a ruling may name; nobody need read them where no ruling does.
    """
    narrowed = _narrowed(chosen, years)
    query = _statement(store.tables.standing, store.tables.cells, tuple(places), which, tuple(narrowed), named=named)
    agencies = frozenset(chosen.agencies)
    with store.read() as connection:
        converts, batches = raw_rows(connection, query, _BATCH, at=as_of, **narrowed)
        cells_read = _Cells(store, connection, places, converts[len(converts) - len(places) :])
        cells_of = cells_read.of if len(places) != 1 else cells_read.of_one
        for row in chain.from_iterable(batches):
            agency, year, status, edition, editions, form, marks, documents = row[:_CELLS]
            if agency not in agencies:
                continue
            cells = NO_CELLS if row[_CELLS] is None else cells_of(row)
            told = () if marks is None else _marks(marks)
            yield _row((agency, year, _STATUSES[status], edition, editions, form, documents, cells, told))


class _Cells:
    """Cells of many rows: where they are equal they are mostly one object."""

    def __init__(
        self, store: ProjectionStore, connection: Connection, places: Sequence[str], numbers: Sequence[Convert]
    ) -> None:
        ids = {name: at for at, name in enumerate(store.tables.indicators)}
        self._store, self._connection = store, connection
        self._places, self._numbers = places, numbers
        self._bits = [(at, place * 2) for at, place in (divmod(ids[name], 4) for name in places)]
        self._at, self._by = self._bits[0] if places else (0, 0)
        self._kept = len(places) <= _FEW
        self._known: dict[tuple[object, ...], Mapping[str, PrintedCell]] = {}

    def of(self, row: Sequence[Any]) -> Mapping[str, PrintedCell]:
        """The cells of a row as the driver gives it."""
        states, doubts, reading, *values = row[_CELLS:]
        last = 0 if doubts is None else len(doubts)
        printed = [states[at] >> by & 3 for at, by in self._bits]
        doubted = [at < last and doubts[at] >> by & 3 for at, by in self._bits] if last else [0] * len(printed)
        return self._held((*printed, *doubted, *values), reading, printed, doubted, values)

    def of_one(self, row: Sequence[Any]) -> Mapping[str, PrintedCell]:
        """The same where one place is asked for, as it mostly is."""
        states, doubts, reading, value = row[_CELLS:]
        at, by = self._at, self._by
        printed = states[at] >> by & 3
        doubted = doubts[at] >> by & 3 if doubts is not None and at < len(doubts) else 0
        key = (printed, doubted, value)
        return self._known.get(key) or self._held(key, reading, [printed], [doubted], [value])

    def _held(
        self,
        key: tuple[object, ...],
        reading: int,
        printed: Sequence[int],
        doubted: Sequence[int],
        values: Sequence[Any],
    ) -> Mapping[str, PrintedCell]:
        held = self._known.get(key)
        if held is None:
            held, beside = self._made(reading, printed, doubted, values)
            if not beside and self._kept:  # what its column could not hold is this report's alone
                if len(self._known) >= _KEPT:
                    self._known.clear()
                self._known[key] = held
        return held

    def _made(
        self, reading: int, printed: Sequence[int], doubted: Sequence[int], values: Sequence[Any]
    ) -> tuple[Mapping[str, PrintedCell], bool]:
        """The cells, and whether a number of them lies beside its column."""
        found, beside = {}, False
        for name, number, bit, doubt, value in zip(self._places, self._numbers, printed, doubted, values, strict=True):
            state, held = state_of_bits(bit), None if value is None else number(value)
            if held is None and state is CellState.PRINTED:
                held, beside = _exact_number(self._store, self._connection, reading, name), True
            found[name] = PrintedCell(state, held, bool(doubt))
        return found, beside


@lru_cache(maxsize=64)
def _statement(
    table: Table, cells: Table, places: Sequence[str], which: Which, narrowed: Sequence[str], *, named: bool
) -> Select[Any]:
    """What is known ``at`` an instant; ``narrowed``: the columns of which some values are wanted."""
    # a NULL comes sooner than what is empty, and half of the time goes into handing over columns
    return (
        select(
            *(table.c[name] for name in _HEAD),
            # the form of the tables that were read; that of a table of before 2019, of which no cell is taken, too
            case((or_(table.c.tabled, cells.c.form == old_form().name), cells.c.form)),
            func.nullif(table.c.marks, ""),
            table.c.documents if named else null(),
            case((table.c.tabled, cells.c.states)),
            func.nullif(cells.c.doubts, b""),
            table.c.reading,
            *(cells.c[column_of(name)] for name in places),
        )
        .outerjoin(cells, cells.c.no == table.c.reading)
        .where(
            table.c.since <= bindparam("at"),
            table.c.until.is_(None) | (table.c.until > bindparam("at")),
            table.c.counts.in_(["both", which.value]),
            *(is_one_given(table.c[name], name) for name in narrowed),
        )
    )


def _narrowed(chosen: Chosen, years: Collection[int] | None) -> dict[str, object]:
    """The values that are wanted of some columns, as :func:`is_one_given` takes them; more than is chosen where that is
    too much to tell.
    """
    found: dict[str, object] = {}
    if years is not None:
        found["year"] = sorted(set(years))
    if isinstance(chosen.agencies, Agencies) and chosen.agencies.kinds is not None:
        found["kind"] = [kind.value for kind in sorted(chosen.agencies.kinds)]
        if not chosen.agencies.everywhere and len(chosen.portals) <= _NAMED:
            found["portal"] = listed(chosen.portals)
    elif len(chosen.agencies) <= _NAMED:
        found["portal"] = listed({one.portal for one in chosen.agencies.values()})
        found["agency"] = listed(chosen.agencies)
    elif len(chosen.portals) <= _NAMED:
        found["portal"] = listed(chosen.portals)
    return found


def _exact_number(store: ProjectionStore, connection: Connection, reading: int, name: str) -> Any:
    """The number of a cell that its column could not hold exactly; None where no number is printed."""
    row = connection.execute(notes_query(store.tables).where(store.tables.readings.c.no == reading)).one()
    return cells_of(row.notes)[name].value


@lru_cache(maxsize=64)
def _marks(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))
