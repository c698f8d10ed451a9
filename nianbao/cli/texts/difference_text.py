"""How one side of a difference reads: a cell, where it stands, a paragraph with what changed in it."""

from __future__ import annotations

from collections.abc import Mapping

from archive.queries.results import CellLine
from nianbao.cli.texts.cell_text import shown_cell
from nianbao.sentences import phrase

_FROM_0 = frozenset({"table", "row", "col"})  # as programs count (docs/reading.md)
_NAMED = ("page", "table", "row", "col", "line", "section", "paragraph")


def side(cell: CellLine | None) -> str:
    """A cell as ``show`` prints it; "" where it is not printed."""
    return "" if cell is None else shown_cell(cell)


def locator_text(locator: Mapping[str, object]) -> str:
    """Where a cell or paragraph stands, for programs: table 0, row 9, col 1."""
    return ", ".join(f"{key} {locator[key]}" for key in _NAMED if key in locator)


def locator_words(locator: Mapping[str, object]) -> str:
    """The same for people, counted from 1, in the language of this run."""
    placed = ((key, locator[key]) for key in _NAMED if key in locator)
    return phrase("join.names").join(
        phrase(f"locator.{key}", number=number + 1 if key in _FROM_0 and isinstance(number, int) else number)
        for key, number in placed
    )
