"""Text whose figures stand above their labels: which label a row of figures belongs to is then doubtful.

Whoever extracts text from a page by the height of its lines puts figures that are set a hair higher than their label
before it. Nothing in the lines says so, but that a whole row of figures stands before the first label of the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from archive.parser.cells import Placed, flagged
from archive.parser.rows import Row
from archive.parser.text_classes import look

_TABLE = "applications"


def doubt_shifted(rows: Sequence[Row], placed: Placed) -> None:
    """Flag the cells of the table read from lines (``label_doubt``), if its figures begin before its labels."""
    if placed.form is None or not _begins_with_figures(rows, len(placed.form.table(_TABLE).columns)):
        return
    for name in placed.form.ids:
        cell = placed.cells.get(name)
        if cell is not None and placed.form.places[name].table == _TABLE and "row" not in cell.locator:
            placed.cells[name] = flagged(cell, "label_doubt")


def _begins_with_figures(rows: Sequence[Row], size: int) -> bool:
    """Whether a row of figures stands right before the first row with a label: behind nothing, or a column's name."""
    for before, row in pairwise(row for row in rows if row.kind == "data"):
        if row.hit is not None and row.hit.table == _TABLE and not _names_a_column(row):
            bare = before.hit is None or _names_a_column(before)
            return bare and before.source == row.source == "lines" and before.numbers >= size
    return False


def _names_a_column(row: Row) -> bool:
    return bool(row.texts) and _TABLE in look(row.texts[-1]).columns
