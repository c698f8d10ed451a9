"""One cell of a form, as terminals show it."""

from __future__ import annotations

from archive.queries.results import CellLine
from storage.records import CellState

BLANK, DOUBT = "□", "?"


def shown_cell(cell: CellLine) -> str:
    """A cell as a grid shows it: its figure, the sign for a blank, or its text; doubtful ones are marked."""
    if cell.value is not None:
        shown = f"{cell.value:f}"
    else:
        shown = BLANK if cell.state is CellState.BLANK else cell.raw.strip()
    return shown + (DOUBT if cell.flags else "")
