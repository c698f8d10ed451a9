"""A dash, or two, before a change (本年增/减: --253, —253) is a minus where the row bears it out.

What was there the year before (上一年项目数量 253) must be enough to be taken from. Else what is printed stays as raw
text and no value is taken: a mark may stand before a figure that is none of its own.
"""

from __future__ import annotations

from dataclasses import replace

from archive.forms.model import Form
from archive.parser.cells import Placed, tell
from archive.parser.values import DRAWN
from storage.records import Cell


def doubt_drawn(placed: Placed) -> None:
    """Take the value from changes with a dash for their minus which their row does not bear out, and tell of it."""
    form = placed.form
    drawn = [name for name, cell in placed.cells.items() if cell.flags and DRAWN in cell.flags]
    if form is None or not drawn:
        return
    cells = dict(placed.cells)
    for name in drawn:
        cell = cells[name]
        if cell.value is not None and name in form.places and not _is_borne_out(form, name, cell, placed):
            flags = (*(flag for flag in cell.flags if flag != DRAWN), "not_a_number")
            cells[name] = replace(cell, value=None, flags=flags)
            tell(cells[name], form.places[name], placed)
    placed.cells = cells


def _is_borne_out(form: Form, name: str, cell: Cell, placed: Placed) -> bool:
    """Whether the row of a change says that there was as much before."""
    assert cell.value is not None
    plan = form.places[name].row
    stocks = [f"{plan.id}.{column.id}" for column in plan.columns if column.kind == "stock"]
    before = [placed.cells[stock].value for stock in stocks if stock in placed.cells]
    return any(had is not None and had + cell.value >= 0 for had in before)
