"""Text that stands in a ruled table: pages are laid out in tables, and the report's own tables share their lines.

A row that holds nothing but a sentence of the report in one wide cell is no row of a table: what stands above it and
below it are tables of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from archive.documents.layout.page_layout import Glyph
from archive.documents.pages import GridCell, Table

_SENTENCE = 40  # characters, blanks not counted: no label of a form that ends a sentence is so long
_ENDS = "。"
_WIDE = 0.5  # share of the table's width: a narrower cell is a label with a note


class Part(NamedTuple):
    """A table between rows of text, with the number of the row of the whole table that is its first."""

    table: Table
    first: int


def split_at_text(table: Table, xs: Sequence[float]) -> tuple[list[Part], list[GridCell]]:
    """The tables above and below rows of text, and the cells that hold this text. ``xs``: the lines between columns.

    Titles above the first such row are text too. A cell that reaches over rows of text (a menu beside them) stands
    beside each of the tables that it reaches into.
    """
    if not any(_ENDS in cell.text for cell in table.cells):
        return [Part(table, 0)], []
    rows: list[list[GridCell]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        if cell.text and cell.rowspan == 1:
            rows[cell.row].append(cell)
    alone = [len(own) == 1 and _is_wide(own[0], xs) for own in rows]
    text = [lone and _is_sentence(own[0].text) for lone, own in zip(alone, rows, strict=True)]
    if not any(text):
        return [Part(table, 0)], []
    begun = text.index(True)
    if all(alone[row] or not rows[row] for row in range(begun)):
        text[:begun] = [True] * begun
    runs = [(n, m) for n, m in _runs(text) if any(cell.text for cell in table.cells if n <= cell.row < m)]
    gone = [cell for own, is_text in zip(rows, text, strict=True) if is_text for cell in own]
    return [Part(_rows(table, n, m), n) for n, m in runs], gone


def glyphs_in(
    cells: Sequence[GridCell], xs: Sequence[float], ys: Sequence[float], glyphs: Sequence[Glyph]
) -> tuple[list[Glyph], list[Glyph]]:
    """The glyphs of a grid that stand elsewhere, and those that stand in these cells of it."""
    boxes = [(xs[c.col], ys[c.row], xs[c.col + c.colspan], ys[c.row + c.rowspan]) for c in cells]
    own: list[Glyph] = []
    gone: list[Glyph] = []
    for g in glyphs:
        (gone if any(x0 <= g.cx <= x1 and y0 <= g.cy <= y1 for x0, y0, x1, y1 in boxes) else own).append(g)
    return own, gone


def _is_wide(cell: GridCell, xs: Sequence[float]) -> bool:
    return xs[cell.col + cell.colspan] - xs[cell.col] > _WIDE * (xs[-1] - xs[0])


def _is_sentence(text: str) -> bool:
    return _ENDS in text and len("".join(text.split())) >= _SENTENCE


def _runs(text: Sequence[bool]) -> list[tuple[int, int]]:
    """First row and end of each run of rows that are no text."""
    edges = [n for n in range(len(text) + 1) if (n == 0 or text[n - 1]) != (n == len(text) or text[n])]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _rows(table: Table, first: int, end: int) -> Table:
    """The rows of a table from ``first`` to before ``end``, with what reaches into them from rows of text above."""
    own = [c for c in table.cells if c.row < end and c.row + c.rowspan > first]
    cells = tuple(
        replace(c, row=max(c.row, first) - first, rowspan=min(c.row + c.rowspan, end) - max(c.row, first)) for c in own
    )
    return replace(table, cells=tuple(sorted(cells, key=lambda c: (c.row, c.col))), rows=end - first)
