"""Assignment → the cells of a reading, each with its value, the text as printed, its place and its doubts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archive.findings import finding
from archive.forms.model import Indicator
from archive.forms.rows import all_places
from archive.parser.placement import Assignment, PlacedCell
from archive.parser.values import read_value
from storage.records import Cell, CellState, Finding

#: doubts that are flags of other names
FLAGS = {"astray": "label_doubt", "merged_value": "merged"}
SHOWN_CHARS = 60


def make_cells(assignment: Assignment) -> dict[str, Cell]:
    """Return the printed cells by indicator id, in the form's order."""
    order = {name: number for number, name in enumerate(assignment.index.form.places)}
    names = sorted(assignment.placed, key=lambda name: order.get(name, len(order)))
    return {name: _make_cell(assignment.placed[name], all_places()[name]) for name in names}


def _make_cell(placed: PlacedCell, place: Indicator) -> Cell:
    cell = placed.cell
    value = read_value(cell.text, place.kind, place.unit, placed.unit)
    locator = dict(cell.locator)
    flags = [*value.flags, *(FLAGS.get(doubt, doubt) for doubt in (*placed.doubts, *cell.doubts))]
    if not cell.visible:
        flags.append("label_doubt")
    if cell.struck:
        locator["struck"] = cell.struck
    return Cell(
        id=placed.id,
        value=value.value,
        raw=cell.text.strip(),
        state=value.state,
        locator=locator,
        flags=tuple(dict.fromkeys(flags)),
    )


def find_doubtful_values(cells: Mapping[str, Cell]) -> Iterator[Finding]:
    """Yield a finding for each cell without a number where one should stand, or whose amount has no unit."""
    for name, cell in cells.items():
        code = next((one for one in ("not_a_number", "not_integer", "unit_missing") if one in cell.flags), "")
        if not code or cell.state is not CellState.PRINTED:
            continue
        shown = cell.raw[:SHOWN_CHARS]
        yield finding(code, cells=(name,), found=shown, cell=name, label=all_places()[name].label, printed=shown)
