"""What stands in one place of the form → a Cell, and what is to be said about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.forms.model import Form, Place
from archive.parser import findings as said
from archive.parser.rows import Item
from archive.parser.values import read_value
from storage.records import Cell, CellState, Finding, Severity


@dataclass(slots=True)
class Placed:
    """What the tables say: ``form`` None if no table was recognised; ``tables``: keys of the tables seen."""

    form: Form | None = None
    cells: dict[str, Cell] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)


def cell_of(spot: Place, item: Item | None, flags: tuple[str, ...] = (), unit: str = "") -> Cell:
    """The cell of a place from the text that stands there (None: nothing at all, which is blank)."""
    if item is None:
        return Cell(id=spot.id, value=None, raw="", state=CellState.BLANK, flags=flags)
    value = read_value(item.text, spot.kind, spot.unit, unit)
    return Cell(
        id=spot.id,
        value=value.value,
        raw=item.text.strip(),
        state=value.state,
        locator=item.locator,
        flags=(*value.flags, *flags),
    )


def tell(cell: Cell, spot: Place, result: Placed) -> None:
    """Add what is to be said of a cell: no number, no integer, no unit."""
    if "not_a_number" in cell.flags or ("not_integer" in cell.flags and cell.value is None):
        code = "not_a_number" if "not_a_number" in cell.flags else "not_integer"
        result.findings.append(
            said.finding(
                code,
                Severity.WARNING,
                f"“{spot.row.label}／{spot.column.label}”印的是“{cell.raw[:60]}”，不是可用的数，未取值。",
                f"{spot.id} prints “{cell.raw[:60]}”, which is no value of this cell: none was taken.",
                (cell.id,),
                found=cell.raw[:60],
            )
        )
    elif "unit_missing" in cell.flags:
        result.findings.append(
            said.finding(
                "unit_missing",
                Severity.INFO,
                f"“{spot.row.label}／{spot.column.label}”没有印单位，按原样保留：{cell.raw}。",
                f"{spot.id} prints no unit; kept as printed: {cell.raw}.",
                (cell.id,),
                found=cell.raw,
            )
        )


def flagged(cell: Cell, flag: str) -> Cell:
    """The same cell with one doubt more."""
    return Cell(
        id=cell.id, value=cell.value, raw=cell.raw, state=cell.state, locator=cell.locator, flags=(*cell.flags, flag)
    )
