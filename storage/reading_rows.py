"""Convert readings, their cells and findings to rows of the projections and back.

The cells of a reading are one wide row: values in columns, and two bits of state for each; all else is compressed in
other columns. ``doubts`` has two bits per cell too, up to the last doubted one, so that lists of many reports can mark
doubted cells without unpacking anything.

The notes alone restore every cell as it was read; a value equal to its raw text is stored once. They are ten times as
long as the row, so they have a table of their own: a question over many reports does not read past them, and one about
a single report does not read a row of two hundred columns.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select

from storage import mapping
from storage.column_types import scaled_value
from storage.judgements import StoredFinding
from storage.mapping import Row, dumps, maker, shape
from storage.projection_tables import READING_COLUMNS, ProjectionTables, column_of
from storage.records import CellState, Finding, Reading, StoredCell

_SUBJECT_COLUMNS = ("subject_kind", "subject", "agency", "year")
_STATES = (None, CellState.PRINTED, CellState.BLANK, CellState.MARK)
_STATE_OF = {state.value: state for state in CellState}
_cell = maker(StoredCell, "id", "value", "raw", "state", "locator", "flags")
FLAGGED, IN_FINDING = 1, 2  #: bits of a doubt: the cell has flags; a finding of its document names the cell


def reading_row(reading: Reading) -> dict[str, Any]:
    """Return the row of a reading, without its cells."""
    body = dumps(mapping.to_json_value(replace(reading, cells={})))
    packed = zlib.compress(body.encode("utf-8", "surrogatepass"))
    return {name: getattr(reading, name) for name in READING_COLUMNS} | {"body": packed}


def bare_reading(body: bytes) -> Reading:
    """Return the reading in a row's ``body``, without its cells."""
    return mapping.from_json(Reading, zlib.decompress(body).decode("utf-8", "surrogatepass"))


def finding_row(portal: str, stored: StoredFinding) -> dict[str, Any]:
    """Return a finding as a row."""
    row = shape(Finding).row(stored.finding)
    return row | {name: getattr(stored, name) for name in _SUBJECT_COLUMNS} | {"portal": portal}


def finding_of(row: Row) -> StoredFinding:
    """Return a row as a finding."""
    return StoredFinding(finding=shape(Finding).record(row), **{name: row[name] for name in _SUBJECT_COLUMNS})


# ----------------------------------------------------------------------------------------------------------- cells


def cells_row(tables: ProjectionTables, reading: Reading) -> dict[str, Any]:
    """Return the row of a reading's cells, without the reading's number: a column for each value (NULL if it has too
    many decimals), and for each indicator two bits in ``states`` and two in ``doubts``.
    """
    row: dict[str, Any] = {column_of(name): None for name in tables.indicators}
    states = bytearray((len(tables.indicators) + 3) // 4)
    doubts = bytearray(len(states))
    cells_in_findings = {name for finding in reading.findings for name in finding.cells}
    for index, (name, digits) in enumerate(tables.digits.items()):
        if (cell := reading.cells.get(name)) is None:
            continue
        if cell.value is not None and scaled_value(cell.value, digits) is not None:
            row[column_of(name)] = cell.value
        states[index // 4] |= _STATES.index(cell.state) << (index % 4 * 2)
        doubts[index // 4] |= (bool(cell.flags) * FLAGGED | (name in cells_in_findings) * IN_FINDING) << (index % 4 * 2)
    return row | {"form": reading.form, "states": bytes(states), "doubts": bytes(doubts).rstrip(b"\0")}


def notes_row(reading: Reading) -> dict[str, Any]:
    """Return the row with everything about a reading's cells (raw texts, values, locators, flags), without its number.

    One line of JSON per cell, so that equal lines of two readings need not be parsed.
    """
    lines = []
    for cell in reading.cells.values():
        note = mapping.to_json_value(cell)
        if note["value"] == cell.raw:  # so in most cells: ``_cell_of`` adds it again
            del note["value"]
        lines.append(json.dumps(note, ensure_ascii=True, separators=(",", ":")))
    return {"notes": zlib.compress("\n".join(lines).encode("ascii"))}


def notes_query(tables: ProjectionTables) -> Select[Any]:
    """Return the query for documents with their ``notes``."""
    readings, cell_notes = tables.readings, tables.cell_notes
    return select(readings.c.document, cell_notes.c.notes).join(cell_notes, cell_notes.c.no == readings.c.no)


def cells_of(notes: bytes) -> dict[str, StoredCell]:
    """Return the cells in a ``notes`` column, by id, as they were read."""
    return {note["id"]: _cell_of(note) for note in _unpack_notes(notes)}


def _unpack_notes(notes: bytes) -> list[dict[str, Any]]:
    lines = zlib.decompress(notes).replace(b"\n", b",")
    cell_notes: list[dict[str, Any]] = json.loads((b"[%b]" % lines).decode("ascii"))
    return cell_notes


def _cell_of(note: dict[str, Any]) -> StoredCell:
    """Return a note (JSON of a cell) as a cell; written out, as :mod:`mapping` would be slow for 200 cells a report."""
    raw = note["raw"]
    value = note.get("value", raw)  # ``notes_row`` leaves out a value that equals the raw text
    return _cell(
        note["id"],
        None if value is None else Decimal(value),
        raw,
        _STATE_OF[note["state"]],
        note.get("locator") or {},
        tuple(note["flags"]) if "flags" in note else (),
    )


def locators_of(notes: bytes, names: Collection[str]) -> dict[str, Mapping[str, object]]:
    """Return the locators in a ``notes`` column of the cells with these ids; cells without one are left out."""
    return {note["id"]: note["locator"] for note in _unpack_notes(notes) if note["id"] in names and "locator" in note}


def doubt_of(packed: bytes, index: int) -> int:
    """Return the doubts about indicator number ``index`` in a ``doubts`` column: FLAGGED, IN_FINDING, both or 0."""
    return packed[index // 4] >> (index % 4 * 2) & 3 if index // 4 < len(packed) else 0
