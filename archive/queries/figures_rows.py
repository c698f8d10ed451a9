"""Run the query behind all questions about figures: a row for each duty, with cells of the edition that counts.

Which edition counts is stored (``archive/projection/judge.py``). Only the columns asked for are read from the
wide table of cells, and compressed notes only if a printed amount has too many digits for its column.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, case, func, null, or_, select

from archive.assessment.figures import DOUBTED, NO_CELLS, NO_NUMBER, PRINTED, STATE_BITS, PackedCells
from archive.forms.loader import known_form, old_form
from archive.queries.bounds import Which
from archive.queries.selection import Selection
from archive.queries.withholding import Withheld
from storage.projection_tables import ProjectionTables, column_of
from storage.projections import ProjectionStore
from storage.reading_rows import cells_of, doubt_of, notes_query
from storage.records import Status
from storage.statements import Convert, among, parts, raw_rows
from storage.status_rows import documents_of

#: With more agencies than this the query does not name them; rows of other agencies are dropped here.
_MAX_AGENCIES = 5_000
_BATCH_ROWS = 5_000  # rows in memory at once
#: Most sets of cells that are cached, and most indicators for which they are: with few, the same numbers come again.
_MAX_KEPT_CELLS, _MAX_KEPT_PLACES = 50_000, 8
_STATUSES = {status.value: status for status in Status}
_HEAD = ("agency", "year", "status", "edition", "editions")
_CELLS = 8  # index of the first column with cells
_BATCH_READINGS = 500  # in one statement
#: the codes of the four cells that a byte of a column ``states`` holds
_CODES = [bytes(byte >> shift & STATE_BITS for shift in (0, 2, 4, 6)) for byte in range(256)]


class ReportRow(NamedTuple):
    """A duty with the wanted cells of the edition that counts (``edition`` None: there is none).
    ``form``: None if no table could be read; ``subjects``: the packed digests of its documents, which rulings may name
    (None: not asked for); ``cells``: rows with equal cells mostly share one object; ``marks``: ``revised``,
    ``two_at_once``, ``withdrawn``, ``system``.
    """

    agency: str
    year: int
    status: Status
    edition: str | None
    editions: int
    form: str | None
    subjects: bytes | None
    cells: PackedCells
    marks: tuple[str, ...]

    @property
    def documents(self) -> frozenset[str]:
        """The digests of the documents that a ruling may name."""
        return documents_of(self.subjects or b"")

    def is_withheld(self, ruled: Withheld) -> bool:
        """Whether a ruling withholds its report."""
        if (self.agency, self.year) in ruled.reports:
            return True
        return bool(ruled.documents) and not self.documents.isdisjoint(ruled.documents)


def report_rows(
    chosen: Selection, places: Sequence[str], which: Which = Which.LAST, *, with_subjects: bool = True
) -> Iterator[ReportRow]:
    """Yield the duties (reports owed) of the chosen agencies and years, with the cells ``places`` of their reports, as
    known at the time asked about, unordered. ``with_subjects``: also read the documents that a ruling may name.
    """
    store, agencies = chosen.store, frozenset(chosen.agencies)
    are_few = len(places) <= _MAX_KEPT_PLACES
    query = _statement(chosen, places if are_few else (), which, with_subjects=with_subjects)
    with store.read() as connection:
        converts, batches = raw_rows(connection, query, _BATCH_ROWS)
        layout = _Layout(store.tables, places, places) if are_few else None
        for rows in batches:
            many_cells = {} if layout else _packed_cells(store, connection, places, map(_OF_READING, rows))
            for row in rows:
                agency, year, status, edition, editions, form, marks, documents, states, _, reading = row[: _CELLS + 3]
                if agency in agencies:
                    printed = NO_CELLS
                    if states is not None and layout is not None:
                        printed = layout.pack(connection, _OF_READING(row), row[_CELLS + 3 :], converts[_CELLS + 3 :])
                    elif states is not None:
                        printed = many_cells[reading]
                    row_marks = () if marks is None else _marks(marks)
                    columns = (_STATUSES[status], edition, editions, form, documents)
                    yield ReportRow(agency, year, *columns, printed, row_marks)


# ---------------------------------------------------------------------------------------------- many indicators


#: Takes a reading's number, its form, and its columns ``states`` and ``doubts`` from a row.
_OF_READING = itemgetter(_CELLS + 2, 5, _CELLS, _CELLS + 1)


def cells_of_documents(
    store: ProjectionStore, documents: Collection[str], places: Sequence[str]
) -> Mapping[str, PackedCells]:
    """Return the cells ``places`` (ids) of documents, by digest; documents without cells are left out."""
    readings, cells = store.tables.readings, store.tables.cells
    query = select(readings.c.document, cells.c.no, cells.c.form, cells.c.states, cells.c.doubts)
    query = query.join(cells, cells.c.no == readings.c.no).where(readings.c.document.in_(sorted(documents)))
    with store.read() as connection:
        by_document = {document: reading for document, *reading in connection.execute(query)}
        cells_by_number = _packed_cells(store, connection, places, by_document.values())
    return {document: cells_by_number[number] for document, (number, *_) in by_document.items()}


def _packed_cells(
    store: ProjectionStore, connection: Connection, places: Sequence[str], readings: Iterable[Sequence[Any]]
) -> Mapping[int, PackedCells]:
    """Return by number of reading its cells at ``places``. ``readings``: number, form, ``states`` and ``doubts`` of
    each; they are grouped by the columns to load, those of the form or (if it prints others, too) of all ``places``.
    """
    layout_of = cache(partial(_layout, store.tables, tuple(places)))
    groups: dict[_Layout, dict[int, Sequence[Any]]] = {}
    for reading in readings:
        number, form, states, _ = reading
        if states is not None:
            prints_others = int.from_bytes(states, "little") & layout_of(form).other_states
            groups.setdefault(layout_of(None if prints_others else form), {})[number] = reading
    cells: dict[int, PackedCells] = {}
    for layout, group in groups.items():
        for numbers in parts(sorted(group), _BATCH_READINGS):
            converts, batches = raw_rows(connection, layout.query, len(numbers), numbers=numbers)
            for number, *values in chain.from_iterable(batches):
                cells[number] = layout.pack(connection, group[number], values, converts[1:])
    return cells


class _Layout:
    """Which columns of cells to read, and how to pack them; reports with equal cells of few places mostly get the same
    object. ``other_states``: the bits of cells that it leaves out.
    """

    def __init__(self, tables: ProjectionTables, all_places: Sequence[str], places: Sequence[str]) -> None:
        """Prepare to read the cells at ``places``. ``other_states``: a mask of those of ``all_places`` not in it."""
        ids = {name: at for at, name in enumerate(tables.indicators)}
        self._tables, self._positions = tables, {name: at for at, name in enumerate(places)}
        self._ids = [ids[name] for name in places]
        self._scaled = [self._positions[name] for name in places if tables.digits[name]]
        self._by_key: dict[tuple[object, ...], PackedCells] = {}
        self.other_states = sum(3 << 2 * ids[name] for name in all_places if name not in self._positions)
        columns = (tables.cells.c[column_of(name)] for name in places)
        numbers = tables.cells.c.no.in_(bindparam("numbers", expanding=True))
        self.query = select(tables.cells.c.no, *columns).where(numbers)

    def pack(
        self, connection: Connection, reading: Sequence[Any], values: Sequence[Any], converts: Sequence[Convert]
    ) -> PackedCells:
        """Return a reading's cells. Equal cells of few places share one object, unless an amount comes from the notes.
        ``reading``: its number, form, ``states`` and ``doubts``; ``values``: columns as the driver returns them;
        ``converts``: functions to Python values.
        """
        number, _, states, doubts = reading
        every_code = b"".join([_CODES[byte] for byte in states])
        codes = bytearray(map(every_code.__getitem__, self._ids))
        for order, at in enumerate(self._ids if doubts else ()):
            if doubt_of(doubts, at):
                codes[order] |= DOUBTED
        has_all_numbers = codes.count(PRINTED) + codes.count(PRINTED | DOUBTED) == len(values) - values.count(None)
        key = (*codes, *values) if has_all_numbers and len(codes) <= _MAX_KEPT_PLACES else None
        if key is not None and (packed := self._by_key.get(key)) is not None:
            return packed
        numbers = [*values]
        for at in self._scaled:
            numbers[at] = None if values[at] is None else converts[at](values[at])
        if not has_all_numbers:
            self._fill_from_notes(connection, number, numbers, codes)
        cells = PackedCells(self._positions, numbers, bytes(codes))
        if key is not None:  # an amount from the notes belongs to this report only
            if len(self._by_key) >= _MAX_KEPT_CELLS:
                self._by_key.clear()
            self._by_key[key] = cells
        return cells

    def _fill_from_notes(self, connection: Connection, reading: int, numbers: list[Any], codes: bytearray) -> None:
        """Fill, in place, the gaps that ``numbers`` has at printed amounts with too many digits for their columns, from
        the notes of the reading; where these have no number either, mark the cell's code NO_NUMBER.
        """
        query = notes_query(self._tables).where(self._tables.readings.c.no == reading)
        notes = cells_of(connection.execute(query).one().notes)
        for name, order in self._positions.items():
            if numbers[order] is None and codes[order] & STATE_BITS == PRINTED:
                numbers[order] = notes[name].value  # None where no number is printed
                codes[order] |= 0 if numbers[order] is not None else NO_NUMBER


@cache
def _layout(tables: ProjectionTables, all_places: Sequence[str], form: str | None) -> _Layout:
    """Return the layout of the wanted cells of a form; None: of all wanted cells."""
    plan = known_form(form)
    return _Layout(tables, all_places, [name for name in all_places if plan is None or name in plan.places])


def _statement(chosen: Selection, places: Sequence[str], which: Which, *, with_subjects: bool) -> Select[Any]:
    """Return the query for the duties (reports owed) of a selection, with the cells of ``places`` of the edition that
    counts (``which``). With too many agencies to name in the query, its rows include others. ``with_subjects``: with
    the documents that a ruling may name, else NULL.
    """
    table, cells = chosen.store.tables.standing, chosen.store.tables.cells
    conditions = [*chosen.conditions_then(table), *chosen.year_conditions(table), *chosen.kind_conditions(table)]
    if not (chosen.is_by_kind and chosen.everywhere):
        conditions.append(among(table.c.portal, chosen.portals))
    if not chosen.is_by_kind and len(chosen.agencies) <= _MAX_AGENCIES:
        conditions.append(among(table.c.agency, chosen.agencies))
    # half of the time goes into fetching columns, and drivers return NULL faster than empty values
    return (
        select(
            *(table.c[name] for name in _HEAD),
            # the form that was read; the form of before 2019 also if no cell was taken from its table
            case((or_(table.c.tabled, cells.c.form == old_form().name), cells.c.form)),
            func.nullif(table.c.marks, ""),
            table.c.documents if with_subjects else null(),
            case((table.c.tabled, cells.c.states)),
            func.nullif(cells.c.doubts, b""),
            table.c.reading,
            *(cells.c[column_of(name)] for name in places),
        )
        .outerjoin(cells, cells.c.no == table.c.reading)
        .where(table.c.counts.in_(["both", which.value]), *conditions)
    )


@lru_cache(maxsize=64)
def _marks(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))
