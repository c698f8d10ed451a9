"""Stored readings without their cells, of which most judgements need only figures; a cell is unpacked at need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import Any

from sqlalchemy import select

from storage.projection_tables import column_of
from storage.projections import ProjectionStore
from storage.reading_rows import FLAGGED, bare_reading, doubt_of
from storage.records import Cell, CellState, Reading
from storage.statements import Convert, raw_rows

_BATCH = 200
_BESIDE = 4  #: columns before those of the cells


class _Columns:
    """The columns that cells lie in: ``names`` in their order, and at which of the ``places`` each name stands."""

    def __init__(self, store: ProjectionStore, converts: Sequence[Convert]) -> None:
        """``converts``: what makes of what the driver gives of each column its value."""
        self.names = tuple(store.tables.indicators)
        self.places = {name: place for place, name in enumerate(self.names)}
        self.converts = converts
        whole = store.tables.digits
        #: name, place and whether it is a whole number, in the order of the names
        self.ordered = sorted((name, place, whole[name] == 0) for name, place in self.places.items())


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of cells as it lies: ``values`` by the places of the columns, or none where nothing is printed."""

    columns: _Columns
    states: bytes
    doubts: bytes
    values: Sequence[Any]


class StoredCells(Mapping[str, Cell]):
    """The cells of a stored reading. ``states``, figures and which cells are ``flagged`` are at hand; raw text, the
    flags themselves and locators are fetched.
    """

    def __init__(self, store: ProjectionStore, document: str, row: _Row) -> None:
        self._store, self._document, self._row = store, document, row

    @cached_property
    def states(self) -> Mapping[str, CellState]:
        """The cells that the form prints, with their states."""
        return self._store.states_of(self._row.states)

    @cached_property
    def flagged(self) -> frozenset[str]:
        """The cells that carry a flag."""
        if not self._row.doubts:
            return frozenset()
        names = self._row.columns.names
        return frozenset(name for at, name in enumerate(names) if doubt_of(self._row.doubts, at) & FLAGGED)

    @cached_property
    def _cells(self) -> Mapping[str, Cell]:
        return self._store.cells(self._document)

    def figure(self, name: str) -> Decimal | None:
        """The figure of a cell, None where there is none (or no cell)."""
        columns = self._row.columns
        place = columns.places.get(name)
        held = None if place is None else self._row.values[place]
        return None if place is None or held is None else columns.converts[place](held)

    def printed(self) -> Iterator[str]:
        """What is printed in each cell, as :func:`printed_cells` tells it."""
        states, values, converts = self.states, self._row.values, self._row.columns.converts
        for name, place, whole in self._row.columns.ordered:
            state = states.get(name)
            if state is None:
                continue
            held = values[place]
            if held is None:  # a text, or an amount too fine for its column
                text = _printed(self[name]) if state is CellState.PRINTED else state.value
            else:
                text = str(held) if whole and isinstance(held, int) else _text(converts[place](held))
            yield f"{name}={text}"

    def __len__(self) -> int:
        return len(self.states)

    def __iter__(self) -> Iterator[str]:
        return iter(self.states)

    def __getitem__(self, name: str) -> Cell:
        return self._cells[name]


def stored_readings(store: ProjectionStore, documents: Iterable[str], reader: str) -> dict[str, Reading]:
    """Give the readings of ``documents`` by ``reader``, their ``cells`` as :class:`StoredCells`."""
    wanted = sorted(set(documents))
    readings, cells = store.tables.readings, store.tables.cells
    lying = [cells.c[column_of(name)] for name in store.tables.indicators]
    found = {}
    with store.read() as connection:
        for start in range(0, len(wanted), _BATCH):
            query = (
                select(readings.c.document, readings.c.body, cells.c.states, cells.c.doubts, *lying)
                .join(cells, cells.c.no == readings.c.no)
                .where(readings.c.document.in_(wanted[start : start + _BATCH]), readings.c.reader == reader)
            )
            converts, batches = raw_rows(connection, query, _BATCH)
            columns = _Columns(store, converts[_BESIDE:])
            for row in chain.from_iterable(batches):
                document, body, states, doubts = (converts[at](row[at]) for at in range(_BESIDE))
                reading = bare_reading(body)
                lies = _Row(columns, states, doubts, row[_BESIDE:])
                found[document] = replace(reading, cells=StoredCells(store, document, lies))
    return found


def flagged(reading: Reading) -> frozenset[str]:
    """Give the cells that carry a flag."""
    if isinstance(reading.cells, StoredCells):
        return reading.cells.flagged
    return frozenset(name for name, cell in reading.cells.items() if cell.flags)


def figure(reading: Reading, name: str) -> Decimal | None:
    """Give the figure of a cell, None where there is none (or no cell)."""
    if isinstance(reading.cells, StoredCells):
        return reading.cells.figure(name)
    cell = reading.cells.get(name)
    return cell.value if cell else None


def printed_cells(reading: Reading) -> Iterator[str]:
    """Give what is printed in each cell, by value where there is one: equal for two documents that print the same."""
    cells = reading.cells
    if isinstance(cells, StoredCells):
        return cells.printed()
    return (f"{name}={_printed(cells[name])}" for name in sorted(cells))


def _printed(cell: Cell) -> str:
    if cell.value is not None:
        return _text(cell.value)
    return cell.raw if cell.state is CellState.PRINTED else cell.state.value


def _text(value: Decimal) -> str:
    return format(value.normalize(), "f")
