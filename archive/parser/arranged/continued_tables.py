"""Join a table that was cut between its columns and whose right part is printed below it or on the next page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.documents.bounded_cache import Remembered
from archive.documents.pages import GridCell, Table
from archive.forms.spelling import LONGEST
from archive.parser.text_classes import TextClasses, classes_of

_MATRIX = "applications"
_ROWS = 5  # of figures that have their labels in a table beside them
_HEADER = 4  # rows; none of its headers is higher


@dataclass(frozen=True, slots=True)
class _Part:
    """A table that names columns of the matrix.

    ``columns``: their ids; ``head``: rows of its header; ``begin``: the first column of its figures; ``labels``: what
    names the row of each line below the header, "" for none.
    """

    table: Table
    columns: frozenset[str]
    head: int
    begin: int
    labels: tuple[str, ...]


def restarted(table: Table) -> list[Table]:
    """A grid in which the header comes again with other columns, cut before it; else itself alone."""
    naming = {text for text in table.texts if _columns(text)}
    rows = [cell.row for cell in table.cells if cell.text in naming] if naming else []
    if not rows or max(rows) - min(rows) <= _HEADER:
        return [table]
    cuts = [0]
    filled = announced = False  # rows of the part stand above; a header is begun that says what it is of
    last = -1  # the last row of figures
    named: set[str] = set()
    for row, cells in table.by_row():
        cell_classes = [classes_of(cell.text) for cell in cells]
        if all(classes.blank for classes in cell_classes) or any(
            classes.number or _is_row(classes) for classes in cell_classes
        ):
            filled = filled or bool(named)
            last, named, announced = row, set(), False
            continue
        named.update(name for cell in cells for name in _columns(cell.text))
        announced = announced or any(classes.corner or _is_header(classes) for classes in cell_classes)
        if filled and named and (announced or len(named) > 1):
            cuts.append(last + 1)
            filled = False
    if len(cuts) == 1 or any(c.row < cut < c.row + c.rowspan for c in table.cells for cut in cuts):
        return [table]
    tables: list[Table] = []
    for begin, end in zip(cuts, [*cuts[1:], table.rows], strict=True):
        own = tuple(replace(c, row=c.row - begin) for c in table.cells if begin <= c.row < end)
        tables.append(replace(table, cells=own, rows=end - begin))
    parts = [_part(one) for one in tables]
    apart = all(part is not None for part in parts) and sum(len(part.columns) for part in parts if part) == len(
        {name for part in parts if part for name in part.columns}
    )
    return tables if apart else [table]


def join_continued(first: Table, second: Table) -> Table | None:
    """``second`` put beside ``first``, if it goes on with other columns of the same rows; else None.

    It does where both name columns of the matrix and none in common, and the rows of the second have the labels of the
    first or none at all, and are as many; or where the first is nothing but their labels. Locators stay those of the
    print.
    """
    left, right = _all_columns(first), _all_columns(second)
    if not right or left & right:
        return None
    one, other = _part(first), _part(second)
    if not left and other is not None and _labels_alone(first, other):
        return _join_beside(first, second, first.rows - second.rows, other.begin)
    if one is None or other is None or one.columns & other.columns or not any(one.labels):
        return None
    if len(one.labels) != len(other.labels) or (any(other.labels) and other.labels != one.labels):
        return None
    return _join_beside(first, second, one.head - other.head, other.begin)


def _labels_alone(table: Table, other: _Part) -> bool:
    """Whether a table is the labels of the figures in another: one for each of its rows, and no figure."""
    if len(other.labels) < _ROWS or any(other.labels) or other.begin or len(other.labels) > table.rows:
        return False
    cell_classes = [(cell.row, classes_of(cell.text)) for cell in table.cells]
    named = {row for row, classes in cell_classes if classes.row is not None}
    own = set(range(table.rows - len(other.labels), table.rows))
    return named == own and not any(classes.number for _, classes in cell_classes)


def _join_beside(first: Table, second: Table, down: int, begin: int) -> Table:
    """``second`` from its column ``begin`` on right of ``first``, ``down`` rows lower, or higher if below 0."""
    cells = [_moved(cell, max(0, -down), 0) for cell in first.cells]
    across = first.cols - begin
    cells += [_moved(cell, max(0, down), across) for cell in second.cells if cell.col >= begin]
    cells.sort(key=lambda cell: (cell.row, cell.col))
    rows = max(first.rows + max(0, -down), second.rows + max(0, down))
    ruled = first.ruled and second.ruled
    return replace(first, cells=tuple(cells), rows=rows, cols=across + second.cols, ruled=ruled)


def _moved(cell: GridCell, down: int, right: int) -> GridCell:
    return replace(cell, row=cell.row + down, col=cell.col + right)


def _part(table: Table) -> _Part | None:
    """The table as a part of the matrix; None if it names none of its columns above its figures."""
    head, columns, begin = 0, set[str](), table.cols
    for row, cells in table.by_row():
        if row >= head and any(classes_of(cell.text).number or _is_row(classes_of(cell.text)) for cell in cells):
            break
        for cell in cells:
            if names := _columns(cell.text):
                columns.update(names)
                begin = min(begin, cell.col)
                head = max(head, row + cell.rowspan)
    if not columns:
        return None
    lines = dict(table.by_row())
    labels = [_label(lines.get(row, []), begin) for row in range(head, table.rows) if lines.get(row)]
    if any(labels) and not labels[0] and not any(cell.text.strip() for cell in lines.get(head, [])):
        head, labels = head + 1, labels[1:]  # the rest of a header of which merged cells were taken apart
    return _Part(table, frozenset(columns), head, begin, tuple(labels))


def _label(cells: Sequence[GridCell], begin: int) -> str:
    """What names a row: the last text before its figures."""
    texts = [classes.key for cell in cells if cell.col < begin and not (classes := classes_of(cell.text)).value]
    return texts[-1] if texts else ""


def _columns_of(text: str) -> tuple[str, ...]:
    classes = classes_of(text)
    return classes.columns.get(_MATRIX, ()) if not classes.value else ()


_columns = Remembered(_columns_of, longest=LONGEST, most=4_096).__getitem__  #: the matrix's columns that a text names


def _all_columns(table: Table) -> frozenset[str]:
    return frozenset().union(*map(_columns, table.texts))


def _is_header(classes: TextClasses) -> bool:
    return classes.heading is not None and classes.heading.kind == "header"


def _is_row(classes: TextClasses) -> bool:
    return classes.row is not None and not classes.row.vague
