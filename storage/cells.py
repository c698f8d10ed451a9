"""The cells of a reading ⇄ one wide row: values in columns, two bits of state each, all the rest compressed beside.

Which cells are doubted stands in two bits of each as well (``doubts``, no longer than its last doubt), so that a list
of many reports can mark them without unpacking any.

What a column cannot give back exactly (an amount too fine, ``3.50``, an id that has no column) stands in ``notes`` too.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from storage import codec, rows
from storage.exact import restored_text, scaled_value
from storage.projection_tables import ProjectionTables, column_of
from storage.records import Cell, CellState, Reading

_STATES = (None, CellState.PRINTED, CellState.BLANK, CellState.MARK)
FLAGGED, IN_FINDING = 1, 2  #: bits of a doubt: the cell has flags; a finding of its document names it


def cells_row(tables: ProjectionTables, reading: Reading) -> dict[str, Any]:
    """The row of a reading's cells."""
    row: dict[str, Any] = {column_of(name): None for name in tables.indicators}
    notes = []
    for cell in reading.cells.values():
        note = codec.to_plain(cell)
        digits = tables.digits.get(cell.id)
        if digits is not None and cell.value is not None and scaled_value(cell.value, digits) is not None:
            row[column_of(cell.id)] = cell.value
            if restored_text(cell.value, digits) == str(cell.value):
                del note["value"]
        notes.append(note)
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
    packed = json.dumps(notes, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return row | {
        "document": reading.document,
        "states": bytes(states),
        "doubts": bytes(doubts).rstrip(b"\0"),
        "notes": zlib.compress(packed),
    }


def cells_of(tables: ProjectionTables, row: rows.Row) -> dict[str, Cell]:
    """The cells of a row, as they were read."""
    cells = {}
    for note in json.loads(zlib.decompress(row["notes"])):
        if "value" not in note:
            digits = tables.digits[note["id"]]
            note["value"] = restored_text(row[column_of(note["id"])], digits)
        cells[note["id"]] = codec.from_plain(Cell, note)
    return cells


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
