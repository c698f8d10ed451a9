"""Rebuild a table from a list that prints one figure a row, each with the names of its row and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from archive.documents.pages import GridCell, Table
from archive.forms.spelling import LONGEST
from archive.parser.text_classes import TextClasses, classes_of
from archive.parser.values import header_unit

_ROWS, _MOST = 3, 600  # of a list, and of a table that may be one: the forms have some two hundred places
_STRIP = "remedies"


class _Entry(NamedTuple):
    """One row of a list: the cells of its label and its column's heading, what stands behind, and where in that its
    figure is (-1: there is none).
    """

    label: GridCell
    column: GridCell
    behind: Sequence[GridCell]
    at: int


def table_from_list(table: Table) -> Table | None:
    """The table as the form has it, with a header above each row; None if it is no list.

    In a list each row names one place of the form, by labels that may be merged or stand in the first of several rows
    alone, and has one figure behind them; what names none has no figure. Nothing is printed twice. Locators stay those
    of the print.
    """
    entries: list[_Entry] = []
    label: GridCell | None = None
    for cells in _lines(table) if table.rows <= _MOST else ():
        cell_classes = [classes_of(cell.text) for cell in cells]
        label = next((c for c, classes in zip(cells, cell_classes, strict=True) if _names_a_row(classes)), label)
        entry = _entry(cells, cell_classes, label)
        if entry is not None:
            entries.append(entry)
        elif any(classes.number for classes in cell_classes):
            return None
    places = {(_name(entry.label), classes_of(entry.column.text).key) for entry in entries}
    stands = {entry.at for entry in entries if entry.at >= 0}
    return _as_grid(table, entries, *stands) if len(places) == len(entries) >= _ROWS and len(stands) == 1 else None


def _lines(table: Table) -> Iterator[list[GridCell]]:
    """The cells of each row, those that began in one above among them."""
    by_row = dict(table.by_row())
    cells: list[GridCell] = []
    for row in range(table.rows):
        cells = [cell for cell in cells if cell.row + cell.rowspan > row]
        started = by_row.get(row, [])
        if started:
            yield sorted((*cells, *started), key=lambda cell: cell.col)
        cells += [cell for cell in started if cell.rowspan > 1]


def _entry(cells: Sequence[GridCell], cell_classes: Sequence[TextClasses], label: GridCell | None) -> _Entry | None:
    """The one figure of a row whose label is ``label``; None if it is another row."""
    if label is None:
        return None
    table = _table(classes_of(label.text))
    at = next(
        (at for at, classes in enumerate(cell_classes) if table in classes.columns and cells[at] is not label), -1
    )
    before, behind = cell_classes[:at], [cell for cell in cells if cell.col > cells[at].col]
    printed = [n for n, cell in enumerate(behind) if (classes := classes_of(cell.text)).value and not classes.blank]
    own = label in cells or not any(map(_is_strange, before))
    if at < 0 or not own or len(printed) > 1 or any(classes.number for classes in before):
        return None
    if any(table in classes_of(cell.text).columns for cell in behind):
        return None
    return _Entry(label, cells[at], behind, printed[0] if printed else -1)


def _names_a_row(classes: TextClasses) -> bool:
    return classes.block is not None or (classes.row is not None and not classes.row.vague)


def _is_strange(classes: TextClasses) -> bool:
    """Whether a text before a heading is the label of something else than what stands above."""
    return not (classes.value or classes.over or classes.heading)


def _table(label: TextClasses) -> str:
    return label.row.table if label.row is not None and not label.row.vague else _STRIP


def _name(label: GridCell) -> object:
    classes = classes_of(label.text)
    return classes.block or (classes.row.ids if classes.row is not None else classes.key)


def _as_grid(table: Table, entries: Sequence[_Entry], stands: int) -> Table:
    """A header and a row for each label; ``stands``: where figures do among what stands behind headings."""
    cells: list[GridCell] = []
    row = cols = 0
    for _, group in groupby(entries, key=lambda entry: _name(entry.label)):
        own = list(group)
        cols = max(cols, len(own) + 1)
        cells.append(_moved_to(replace(own[0].label, text=""), row, 0))
        cells += [_moved_to(_heading(entry), row, at) for at, entry in enumerate(own, 1)]
        cells.append(_moved_to(own[0].label, row + 1, 0))
        cells += [_moved_to(_figure(entry, stands), row + 1, at) for at, entry in enumerate(own, 1)]
        row += 2
    return replace(table, cells=tuple(cells), rows=row, cols=cols, ruled=True)


def _heading(entry: _Entry) -> GridCell:
    """The heading of the column, with the unit that has a cell of its own."""
    words = (
        cell.text.strip() for cell in entry.behind if len(cell.text) <= LONGEST and not classes_of(cell.text).value
    )
    unit = next((f"（单位：{word}）" for word in words if header_unit(f"（{word}）")), "")
    return replace(entry.column, text=entry.column.text + unit) if unit else entry.column


def _figure(entry: _Entry, at: int) -> GridCell:
    """The cell of the figure; a blank one where a line of text ends before it."""
    return entry.behind[at] if at < len(entry.behind) else replace(entry.column, text="")


def _moved_to(cell: GridCell, row: int, col: int) -> GridCell:
    return replace(cell, row=row, col=col, rowspan=1, colspan=1)
