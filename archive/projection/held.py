"""Stored readings without their cells, of which most judgements need only figures; a cell is unpacked at need."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cached_property

from sqlalchemy import select

from storage import codec
from storage.cells import FLAGGED, doubt_of
from storage.projection_tables import column_of
from storage.projections import ProjectionStore
from storage.records import Cell, CellState, Reading

_BATCH = 200


class HeldCells(Mapping[str, Cell]):
    """The cells of a stored reading. ``states``, ``figures`` and which cells are ``flagged`` are at hand; raw text, the
    flags themselves and locators are fetched.
    """

    def __init__(
        self,
        store: ProjectionStore,
        document: str,
        states: Mapping[str, CellState],
        figures: Mapping[str, Decimal | None],
        flagged: frozenset[str] = frozenset(),
    ) -> None:
        self._store, self._document = store, document
        self.states, self.figures, self.flagged = states, figures, flagged

    @cached_property
    def _cells(self) -> Mapping[str, Cell]:
        return self._store.cells(self._document)

    def __len__(self) -> int:
        return len(self.states)

    def __iter__(self) -> Iterator[str]:
        return iter(self.states)

    def __getitem__(self, name: str) -> Cell:
        return self._cells[name]


def held_readings(store: ProjectionStore, documents: Iterable[str], reader: str) -> dict[str, Reading]:
    """Give the readings of ``documents`` by ``reader``, their ``cells`` as :class:`HeldCells`."""
    wanted = sorted(set(documents))
    readings, cells = store.tables.readings, store.tables.cells
    columns = {name: cells.c[column_of(name)] for name in store.tables.indicators}
    found = {}
    with store.read() as connection:
        for start in range(0, len(wanted), _BATCH):
            query = (
                select(readings.c.document, readings.c.body, cells.c.states, cells.c.doubts, *columns.values())
                .join(cells, cells.c.no == readings.c.no)
                .where(readings.c.document.in_(wanted[start : start + _BATCH]), readings.c.reader == reader)
            )
            for document, body, states, doubts, *values in connection.execute(query):
                reading = codec.from_json(Reading, zlib.decompress(body).decode("ascii"))
                printed = store.states_of(states)
                figures = dict(zip(columns, values, strict=True)) if printed else {}
                flagged = frozenset(name for at, name in enumerate(columns) if doubt_of(doubts, at) & FLAGGED)
                found[document] = replace(reading, cells=HeldCells(store, document, printed, figures, flagged))
    return found


def flagged(reading: Reading) -> frozenset[str]:
    """Give the cells that carry a flag."""
    if isinstance(reading.cells, HeldCells):
        return reading.cells.flagged
    return frozenset(name for name, cell in reading.cells.items() if cell.flags)


def figure(reading: Reading, name: str) -> Decimal | None:
    """Give the figure of a cell, None where there is none (or no cell)."""
    if isinstance(reading.cells, HeldCells):
        return reading.cells.figures.get(name)
    cell = reading.cells.get(name)
    return cell.value if cell else None


def printed_cells(reading: Reading) -> Iterator[str]:
    """Give what is printed in each cell, by value where there is one: equal for two documents that print the same."""
    cells = reading.cells
    for name in sorted(cells):
        state = cells.states[name] if isinstance(cells, HeldCells) else cells[name].state
        value = figure(reading, name)
        if value is None and state is CellState.PRINTED:  # a text, or an amount too fine for its column
            cell = cells[name]
            value = cell.value
            yield f"{name}={cell.raw if value is None else format(value.normalize(), 'f')}"
        else:
            yield f"{name}={state.value if value is None else format(value.normalize(), 'f')}"
