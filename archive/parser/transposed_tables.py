"""Exchange rows and columns of tables that are printed with the form's columns as rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import replace
from itertools import pairwise

from archive.documents.pages import GridCell, Table
from archive.parser.arranged.list_tables import table_from_list
from archive.parser.text_classes import TextClasses, classes_of

_SEVERAL = 3  # labels of columns, one below the other
_STRIP = "remedies"
_HEADED = 2  # cells of a row that is no title


def transposed_back(table: Table, cut_out: Set[str] = frozenset()) -> Sequence[Table]:
    """The table with rows and columns exchanged if the form's columns are its rows; else itself.

    They are where several of one table's columns stand one below the other, and nowhere two side by side. Where other
    tables of the form stand as usual above or below them in the grid, their rows alone are exchanged, those above and
    below being tables of their own. A list of single figures is laid out as the form has them. Locators stay those of
    the print. ``cut_out``: keys of the tables that were cut out of the grid before.
    """
    turned, others = _directions(table)
    turned -= cut_out
    if not turned:
        return (table,)
    if (middle := _transposed(table, turned)) is not None and not others:
        return (middle,)
    for own in sorted(turned):
        above, middle, below = _split_table(table, {own})
        if middle is not None:
            return [*transposed_back(above, cut_out | {own}), middle, *transposed_back(below, cut_out | {own})]
    return (table,)


def _transposed(table: Table, turned: Set[str]) -> Table | None:
    """A whole table of those in ``turned`` as the form prints it; None where it is none.

    Nothing is left of a list that holds rows of something else: which figure is of which place is not certain.
    """
    if turned == {_STRIP} and table.ruled:
        return _exchanged(table)
    if (plain := table_from_list(table)) is not None:
        return plain
    if _is_a_list(table, turned):
        return replace(table, cells=(), rows=0, cols=0)
    return _exchanged(table) if table.ruled or _has_all_fields(table) else None


def _is_a_list(table: Table, turned: Set[str]) -> bool:
    """Whether a row has the label of one of the form's and the heading of a column: of columns that are rows none has.

    Laid over, such a list has all labels in one row, and no figure behind the last.
    """
    for _, cells in table.by_row():
        cell_classes = [classes_of(cell.text) for cell in cells]
        named = any(
            classes.row is not None and not classes.row.vague and classes.row.table in turned
            for classes in cell_classes
        )
        if named and any(classes.row is None and not turned.isdisjoint(classes.columns) for classes in cell_classes):
            return True
    return False


def _has_all_fields(table: Table) -> bool:
    """Whether each row of text has a field for each column: none was lost, and none stands elsewhere than it did."""
    return len(table.cells) == table.rows * table.cols


def _exchanged(table: Table) -> Table:
    cells = [
        replace(cell, row=cell.col, col=cell.row, rowspan=cell.colspan, colspan=cell.rowspan) for cell in table.cells
    ]
    cells.sort(key=lambda cell: (cell.row, cell.col))
    return replace(table, cells=tuple(cells), rows=table.cols, cols=table.rows)


def _directions(table: Table) -> tuple[Set[str], Set[str]]:
    """The tables of the form whose columns stand one below the other, and those that have several side by side."""
    named = [(cell, columns) for cell in table.cells if (columns := classes_of(cell.text).columns)]
    if len(named) < _SEVERAL:
        return set(), set()
    down: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    across: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    for cell, columns in named:
        for key, ids in columns.items():
            down[key, cell.col].update(ids)
            across[key, cell.row].update(ids)
    turned = {key for (key, _), ids in down.items() if len(ids) >= _SEVERAL}
    if any(len(ids) > 1 for (key, _), ids in across.items() if key in turned):
        return set(), set()
    return turned, {key for (key, _), ids in across.items() if len(ids) >= _SEVERAL}


def _split_table(table: Table, turned: Set[str]) -> tuple[Table, Table | None, Table]:
    """The rows above those of ``turned``, these as the form has them, and those below; None if they are not apart."""
    cell_classes = [(cell, classes_of(cell.text)) for cell in table.cells]
    own = {cell.row for cell, classes in cell_classes if not turned.isdisjoint(classes.columns)}
    named = [cell for cell, classes in cell_classes if _is_anothers(classes, turned)]
    others = {row for cell in named for row in (cell.row, cell.row + cell.rowspan - 1)}
    own -= others
    if not own or any(min(own) <= row <= max(own) for row in others):
        return table, None, table
    begin, end = min(own), min([row for row in others if row > max(own)], default=table.rows)
    filled = {row: sum(bool(cell.text.strip()) for cell in cells) for row, cells in table.by_row()}
    while begin and begin - 1 not in others and filled.get(begin - 1, 0) >= _HEADED:
        begin -= 1
    while end > max(own) + 1 and filled.get(end - 1, 0) < _HEADED:
        end -= 1
    if any(cell.row < edge < cell.row + cell.rowspan for cell in table.cells for edge in (begin, end)):
        return table, None, table
    above, middle, below = (_rows(table, *edges) for edges in pairwise((0, begin, end, table.rows)))
    return above, _transposed(middle, turned), below


def _is_anothers(classes: TextClasses, turned: Set[str]) -> bool:
    """Whether a text names something of a table that is not among those given."""
    if classes.row is not None and not classes.row.vague:
        return classes.row.table not in turned
    return classes.corner or (bool(classes.columns) and turned.isdisjoint(classes.columns))


def _rows(table: Table, first: int, end: int) -> Table:
    """The rows from ``first`` to before ``end`` as a table of their own."""
    cells: list[GridCell] = [replace(c, row=c.row - first) for c in table.cells if first <= c.row < end]
    return replace(table, cells=tuple(cells), rows=end - first)
