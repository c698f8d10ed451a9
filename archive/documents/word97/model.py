"""Paragraphs with the marks that end cells and rows, as Word files count them; RTF is given the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

MAX_COLUMNS = 64


class NotWord97Error(ValueError):
    """The bytes are no Word 97 document that this package understands."""


@dataclass(frozen=True, slots=True)
class RowShape:
    """A row as its definition draws it: edges in twips and, per cell, how it is merged."""

    edges: tuple[int, ...]
    across: Sequence[bool]  # merged into the cell on its left
    down: Sequence[bool]  # merged into the cell above


@dataclass(frozen=True, slots=True)
class Mark:
    """What the mark at the end of a paragraph says: the ``depth`` of tables it stands in, what of them it ends.

    ``heading``: 1–6, or 0; ``row``: the row that it ends, as drawn.
    """

    depth: int = 0
    cell_end: bool = False
    row_end: bool = False
    heading: int = 0
    row: RowShape | None = None


class Marked(NamedTuple):
    """A paragraph: its text, its mark, in how many places an image or object stands, what in it is crossed out."""

    text: str
    mark: Mark
    drawn: int = 0
    struck: str = ""
