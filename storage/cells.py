"""The cells of a reading ⇄ a wide row, values in columns and two bits of state each; all the rest compressed beside.

Which cells are doubted stands in two bits of each as well (``doubts``, no longer than its last doubt), so that a list
of many reports can mark them without unpacking any.

What a column cannot give back exactly (an amount too fine, ``3.50``, an id that has no column) stands in ``notes`` too.
These, ten times as long as the row, lie in a table of their own: a question over many reports reads past none of them.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select

from storage import codec, rows
from storage.exact import restored_text, scaled_value
from storage.projection_tables import ProjectionTables, column_of
from storage.records import Cell, CellState, Reading

_LOCATOR = codec.coder(Mapping[str, object])[1]
_STATES = (None, CellState.PRINTED, CellState.BLANK, CellState.MARK)
FLAGGED, IN_FINDING = 1, 2  #: bits of a doubt: the cell has flags; a finding of its document names it


def cells_row(tables: ProjectionTables, reading: Reading) -> dict[str, Any]:
    """The row of a reading's cells, without the reading's number."""
    row: dict[str, Any] = {column_of(name): None for name in tables.indicators}
    for cell in reading.cells.values():
        if _has_column(tables, cell):
            row[column_of(cell.id)] = cell.value
    states = bytearray((len(tables.indicators) + 3) // 4)
    for at, name in enumerate(tables.indicators):
        if name in reading.cells:
            states[at // 4] |= _STATES.index(reading.cells[name].state) << (at % 4 * 2)
    doubts = bytearray(len(states))
    named = {name for finding in reading.findings for name in finding.cells}
    for at, name in enumerate(tables.indicators):
        if name in reading.cells:
            doubt = bool(reading.cells[name].flags) * FLAGGED | (name in named) * IN_FINDING
            doubts[at // 4] |= doubt << (at % 4 * 2)
    return row | {
        "form": reading.form,
        "states": bytes(states),
        "doubts": bytes(doubts).rstrip(b"\0"),
    }


def notes_row(tables: ProjectionTables, reading: Reading) -> dict[str, Any]:
    """The row of what else is known of a reading's cells (raw texts, locators, flags), without its number."""
    notes = []
    for cell in reading.cells.values():
        note = codec.to_plain(cell)
        if _has_column(tables, cell) and restored_text(cell.value, tables.digits[cell.id]) == str(cell.value):
            del note["value"]
        notes.append(note)
    packed = json.dumps(notes, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return {"notes": zlib.compress(packed)}


def _has_column(tables: ProjectionTables, cell: Cell) -> bool:
    """Whether a cell's value is in its column, or can be."""
    digits = tables.digits.get(cell.id)
    return digits is not None and cell.value is not None and scaled_value(cell.value, digits) is not None


def cells_query(tables: ProjectionTables) -> Select[Any]:
    """Select of documents' cells with their notes, for :func:`cells_of`."""
    readings, cells, beside = tables.readings, tables.cells, tables.cell_notes
    columns = [column for column in cells.c if column.name != "no"]
    query = select(readings.c.document, *columns, beside.c.notes)
    return (
        query.select_from(readings).join(cells, cells.c.no == readings.c.no).join(beside, beside.c.no == readings.c.no)
    )


def cells_of(tables: ProjectionTables, row: rows.Row) -> dict[str, Cell]:
    """The cells of a row of :func:`cells_query`, as they were read."""
    return {name: _cell_of(tables, row, note) for name, note in _noted(row).items()}


def differing_cells(
    tables: ProjectionTables, one: rows.Row, other: rows.Row
) -> tuple[dict[str, Cell], dict[str, Cell]]:
    """Of two rows of :func:`cells_query` the cells of which anything differs: few, so that most are not made."""
    first, second = (_noted(row) for row in (one, other))
    same = {
        name
        for name, note in first.items()
        if note == second.get(name) and ("value" in note or one[column_of(name)] == other[column_of(name)])
    }
    made = (
        {name: _cell_of(tables, row, note) for name, note in notes.items() if name not in same}
        for row, notes in ((one, first), (other, second))
    )
    return next(made), next(made)


def _noted(row: rows.Row) -> dict[str, dict[str, Any]]:
    return {note["id"]: note for note in json.loads(zlib.decompress(row["notes"]))}


def _cell_of(tables: ProjectionTables, row: rows.Row, note: dict[str, Any]) -> Cell:
    """A cell, without the way through its type hints: a report has two hundred of them."""
    name = note["id"]
    value: Decimal | None
    if "value" in note:
        value = None if note["value"] is None else Decimal(note["value"])
    else:
        value = row[column_of(name)]
        if tables.digits[name]:
            value = Decimal(restored_text(value, tables.digits[name]))
    return Cell(
        id=name,
        value=value,
        raw=note["raw"],
        state=CellState(note["state"]),
        locator=_LOCATOR(note["locator"]) if "locator" in note else {},
        flags=tuple(note["flags"]) if "flags" in note else (),
    )


def locators_of(notes: bytes, names: Collection[str]) -> dict[str, Mapping[str, object]]:
    """Where the cells of these ids stand, from a ``notes`` column; those that stand nowhere are left out."""
    held = json.loads(zlib.decompress(notes))
    return {note["id"]: _LOCATOR(note["locator"]) for note in held if note["id"] in names and "locator" in note}


def states_of(tables: ProjectionTables, packed: bytes) -> dict[str, CellState]:
    """A ``states`` column unpacked: indicator → state, without those that are not printed."""
    found = {}
    for at, name in enumerate(tables.indicators):
        state = state_of(packed, at)
        if state is not None:
            found[name] = state
    return found


def state_of(packed: bytes, at: int) -> CellState | None:
    """The state of the indicator at place ``at`` in a ``states`` column; None if it is not printed."""
    return _STATES[packed[at // 4] >> (at % 4 * 2) & 3]


def doubt_of(packed: bytes, at: int) -> int:
    """What is doubted of the indicator at place ``at`` in a ``doubts`` column: FLAGGED, IN_FINDING, both or 0."""
    return packed[at // 4] >> (at % 4 * 2) & 3 if at // 4 < len(packed) else 0
