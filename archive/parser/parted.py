"""Two figures on two lines of one cell are not one: in pages and office files a line ends where its author ended it.

In a PDF, a scan or a table drawn in text the width of a column may break a figure, so there the pieces are one, flagged
``spaced``; here they are so only where the sums of the form prove the whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from archive.parser.arithmetic import difference, figures, judgeable, layout
from archive.parser.cells import Placed, tell
from storage.records import Cell

_BY_WIDTH = frozenset(("pdf", "ofd", "scan", "text"))  # kinds that break lines where their columns end
_PARTED = re.compile(r"\d\s{0,20}\n\s{0,20}\d")


def doubt_parted(placed: Placed, kind: str) -> None:
    """Take the value from cells whose figure stands on several lines, and tell of it; ``kind``: of the document."""
    if placed.form is None or kind in _BY_WIDTH:
        return
    parted = [name for name, cell in placed.cells.items() if cell.flags and _is_parted(cell)]
    if not parted:
        return
    known = figures(placed.cells)
    cells = dict(placed.cells)
    for name in parted:
        if name in placed.form.places and not _is_proved(placed, name, known):
            flags = (*(flag for flag in cells[name].flags if flag != "spaced"), "not_a_number")
            cells[name] = replace(cells[name], value=None, flags=flags)
            tell(cells[name], placed.form.places[name], placed)
    placed.cells = cells


def _is_parted(cell: Cell) -> bool:
    """Whether a value was made of digits on several lines; those of pictures and drawn tables are broken by width."""
    if cell.value is None or "spaced" not in cell.flags or "confidence" in cell.locator or "line" in cell.locator:
        return False
    return _PARTED.search(cell.raw) is not None


def _is_proved(placed: Placed, name: str, known: Mapping[str, Decimal | int]) -> bool:
    """Whether a sum with the whole in it holds, and none is broken by it."""
    assert placed.form is not None
    plan = layout(placed.form)
    rules = [plan.rules[number] for number in plan.touching.get(name, ())]
    rests = [difference(rule, known) for rule in rules if judgeable(rule, plan, placed.cells)]
    return 0 in rests and not any(rests)
