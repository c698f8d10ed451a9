"""Doubt cells whose digits are parted by blanks or line ends: their author may have meant several figures.

A blank within a figure is usual only where single digits are spaced, or groups of three behind the first. A line ends
in pages and office files where its author ended it; in a PDF, a scan or a table drawn in text the width of a column may
break a figure, so there the pieces of several lines are one, flagged ``spaced``, if they are not the same figure twice.
All else is one figure only where the sums of the form prove the whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from archive.documents.ocr.confidence import is_recognised
from archive.parser.arithmetic import difference, figures, judgeable, layout
from archive.parser.cells import Placement, add_cell_findings
from storage.records import Cell

_BY_WIDTH = frozenset(("pdf", "ofd", "scan", "text"))  # kinds that break lines where their columns end
_PARTED = re.compile(r"\d\s{0,20}\n\s{0,20}\d")
_REMARK = re.compile(r"[(\[〔【（［]")  # with it a remark begins, in which figures stand by themselves
_GROUPS = re.compile(r"[\d.,，]*\d\s+\d[\d.,，\s]*")
_THOUSANDS = re.compile(r"\d{1,3}(?:[^\S\t\n\u2003\u3000]\d{3})+(?:\.\d+)?")  # one blank each, and no wide one
_TWICE = re.compile(r"(\d{2,18})\s+\1")
_DIGITS = re.compile(r"\d(?:\s+[\d.,，]|(?<=\d)[.,，](?=\s))*(?:\.\d+)?")


def doubt_split_digits(placed: Placement, kind: str) -> None:
    """Take the value from cells whose digits may be several figures, and tell of it; ``kind``: of the document."""
    if placed.form is None:
        return
    by_width = kind in _BY_WIDTH
    parted = [name for name, cell in placed.cells.items() if cell.flags and _is_parted(cell, by_width)]
    if not parted:
        return
    known = figures(placed.cells)
    cells = dict(placed.cells)
    for name in parted:
        if name in placed.form.places and not _is_proved(placed, name, known):
            flags = (*(flag for flag in cells[name].flags if flag != "spaced"), "not_a_number")
            cells[name] = replace(cells[name], value=None, flags=flags)
            add_cell_findings(cells[name], placed.form.places[name], placed)
    placed.cells = cells


def _is_parted(cell: Cell, by_width: bool) -> bool:
    """Whether a value was made of digits that stand apart as those of several figures do."""
    if cell.value is None or "spaced" not in cell.flags:
        return False
    if by_width or is_recognised(cell.locator) or "line" in cell.locator:  # pictures and drawn tables too
        return are_several(cell.raw) if "\n" not in cell.raw else _TWICE.fullmatch(cell.raw) is not None
    return _PARTED.search(cell.raw) is not None or are_several(cell.raw)


def are_several(text: str) -> bool:
    """Whether digits with blanks between may as well be several figures: spaced neither one by one nor by thousands."""
    found = _GROUPS.search(_REMARK.split(text, maxsplit=1)[0])
    if found is None:
        return False
    figure = found[0].strip()
    groups = figure.split()
    if len(groups) == 2 and groups[0] == groups[1] and groups[0].strip("0０"):
        return True  # printed twice
    return _DIGITS.fullmatch(figure) is None and _THOUSANDS.fullmatch(figure) is None


def _is_proved(placed: Placement, name: str, known: Mapping[str, Decimal | int]) -> bool:
    """Whether a sum with the whole in it holds, and none is broken by it."""
    assert placed.form is not None
    plan = layout(placed.form)
    rules = [plan.rules[number] for number in plan.touching.get(name, ())]
    rests = [difference(rule, known) for rule in rules if judgeable(rule, plan, placed.cells)]
    return 0 in rests and not any(rests)
