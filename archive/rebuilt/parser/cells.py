"""Assignment → the cells of a reading, each with its value, the text as printed, its place and its doubts."""

from __future__ import annotations

from collections.abc import Iterator

from archive.findings import finding
from archive.forms.model import Indicator
from archive.rebuilt.parser.placement import Assignment, PlacedCell
from archive.rebuilt.parser.values import read_value
from storage.records import Cell, CellState, Finding

#: doubts of a format that are flags of other names
FLAGS = {"astray": "label_doubt"}
SHOWN_CHARS = 60


def make_cells(assignment: Assignment) -> dict[str, Cell]:
    """Return the printed cells by indicator id, in the form's order."""
    places = assignment.index.form.places
    return {name: _make_cell(assignment.placed[name], places[name]) for name in places if name in assignment.placed}


def _make_cell(placed: PlacedCell, place: Indicator) -> Cell:
    cell = placed.cell
    value = read_value(cell.text, place.kind, place.unit, placed.unit)
    locator = dict(cell.locator)
    flags = [*value.flags, *placed.doubts, *(FLAGS.get(doubt, doubt) for doubt in cell.doubts)]
    if not cell.visible:
        flags.append("label_doubt")
    if "kept" in locator:
        flags.append("rounded")
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


def find_doubtful_values(cells: dict[str, Cell], assignment: Assignment) -> Iterator[Finding]:
    """Yield a finding for each cell without a number where one should stand, or whose amount has no unit."""
    for name, cell in cells.items():
        code = next((one for one in ("not_a_number", "not_integer", "unit_missing") if one in cell.flags), "")
        if not code or cell.state is not CellState.PRINTED:
            continue
        place = assignment.index.form.places[name]
        shown = cell.raw[:SHOWN_CHARS]
        yield finding(code, cells=(name,), found=shown, cell=name, label=place.label, printed=shown)
