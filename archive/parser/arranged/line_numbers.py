"""Leave out columns that number the lines of a table (行次), known by their header or by counting every line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from archive.documents.bounded_cache import Remembered
from archive.documents.pages import GridCell, Table
from archive.forms.spelling import LONGEST, counts_lines
from archive.parser.text_classes import TextClasses, classes_of

_FEW = 2  # rows of a table of which the first cells may be figures
_counts = Remembered(counts_lines, longest=LONGEST, most=4_096).__getitem__


def without_line_numbers(table: Table) -> Table:
    """The table without the numbers of its lines; itself where it has none.

    A column with labels of the form right of it is left: it numbers these, and stands among no figures.
    """
    if unnamed := _unnamed(table):
        left_out = set(map(id, unnamed))
    elif not any(map(_counts, table.texts)):
        return table
    else:
        left_out = {id(cell) for column in _columns(table) for cell in column}
    return (
        replace(table, cells=tuple([cell for cell in table.cells if id(cell) not in left_out])) if left_out else table
    )


def _unnamed(table: Table) -> Sequence[GridCell]:
    """The first column of a table, if its cells below a blank one count all rows from 0 or 1, as programs print it."""
    if table.rows <= _FEW or not table.cells or table.cells[0].col or table.cells[0].text.strip():
        return ()
    first = [cell for cell in table.cells if cell.col == 0]
    numbers = [cell.text.strip() for cell in first[1:]]
    if len(first) != table.rows or numbers[0] not in {"0", "1"}:
        return ()
    start = int(numbers[0])
    return first if numbers == [str(at) for at in range(start, start + len(numbers))] else ()


def _columns(table: Table) -> Iterator[Sequence[GridCell]]:
    """The cells of such columns, headers too; each column ends where other headers stand below figures."""
    rows = table.by_row()
    starts = [*_starts(rows), table.rows]
    for head in (cell for _, cells in rows for cell in cells if _counts(cell.text)):
        end = head.col + head.colspan
        stop = next(row for row in starts if row > head.row)
        below = [cell for cell in table.cells if head.row < cell.row < stop]
        if any(cell.col >= end and classes_of(cell.text).row is not None for cell in below):
            continue
        own = [cell for cell in below if head.col <= cell.col and cell.col + cell.colspan <= end]
        numbers = [cell for cell in own if classes_of(cell.text).plain]
        if numbers and all(int(one.text) < int(other.text) for one, other in pairwise(numbers)):
            yield [head, *numbers]


def _starts(rows: Sequence[tuple[int, Sequence[GridCell]]]) -> Iterator[int]:
    """Rows with which another header begins, below figures."""
    filled = False
    for row, cells in rows:
        cell_classes = [classes_of(cell.text) for cell in cells]
        heads = any(map(_is_heading, cell_classes)) or any(_counts(cell.text) for cell in cells)
        if heads and filled:
            filled = False
            yield row
        filled = filled or (not heads and any(classes.number for classes in cell_classes))


def _is_heading(classes: TextClasses) -> bool:
    return classes.corner or (classes.heading is not None and classes.heading.kind in {"header", "caption"})
