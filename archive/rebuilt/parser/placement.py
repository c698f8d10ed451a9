"""Tables → cells of a form. A row is placed only where its label, its order and its columns agree with the form.

Nothing is placed twice and nothing is repaired. What holds figures and is not placed is kept with its text, so that a
later stage reports it: a figure is never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from archive.forms.model import RowPlan
from archive.rebuilt.documents.model import Cell, Table
from archive.rebuilt.parser.form_index import FormIndex, all_column_keys
from archive.rebuilt.parser.labels import label_key
from archive.rebuilt.parser.values import is_number, is_value

MIN_FUZZY_CHARS = 6  # a shorter label is another label as soon as one character differs
FUZZY_CUTOFF = 0.8


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A printed cell and the indicator that it belongs to. ``doubts`` are the flags that its placement raises."""

    id: str
    cell: Cell
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnplacedRow:
    """A row with figures that was not placed. ``reason``: ``label``, ``order``, ``columns`` or ``repeated``."""

    reason: str
    cells: tuple[Cell, ...]


@dataclass(slots=True)
class Assignment:
    """What one form makes of the tables of a document."""

    index: FormIndex
    placed: dict[str, PlacedCell] = field(default_factory=dict)
    unplaced: list[UnplacedRow] = field(default_factory=list)


@dataclass(slots=True)
class _Headers:
    """The header cells above the current row; they are forgotten when a header follows a row of values."""

    is_ruled: bool
    cells: list[Cell] = field(default_factory=list)
    is_closed: bool = False

    def add(self, cells: Iterable[Cell]) -> None:
        if self.is_closed:
            self.cells, self.is_closed = [], False
        self.cells.extend(cell for cell in cells if cell not in self.cells)  # a merged cell stands in several rows

    def copy(self) -> _Headers:
        """Return the headers as they stand now, for a row that is placed later."""
        return _Headers(self.is_ruled, list(self.cells), self.is_closed)

    def keys_over(self, cell: Cell) -> list[str]:
        """Return the keys of the header cells that stand over a cell, from the top."""
        end = cell.col + cell.colspan
        return [
            label_key(header.text)
            for header in self.cells
            if header.col < end and cell.col < header.col + header.colspan
        ]


@dataclass(frozen=True, slots=True)
class _LabelledRow:
    """A row of the document with the row of the form that its label names, before it has a place."""

    plan: RowPlan
    cells: tuple[Cell, ...]
    values: list[Cell]
    headers: _Headers
    doubts: tuple[str, ...]


def place_tables(tables: Iterable[Table], index: FormIndex) -> Assignment:
    """Place every row of the tables in one form, in the form's order."""
    assignment = Assignment(index)
    labelled: list[_LabelledRow] = []
    for table in tables:
        headers = _Headers(is_ruled=table.ruled)
        for cells in _rows_with_merged_labels(table):
            labels, values = _split_labels(cells)
            if not values or not (any(is_number(cell.text) for cell in values) or _is_blank_row(labels, values, index)):
                headers.add(labels)
                continue
            headers.is_closed = True
            if labels:
                labelled.extend(_find_row(labels, values, headers, assignment))
            else:
                _place_strip(values, headers, assignment)
    _place_in_order(labelled, assignment)
    return assignment


def _place_in_order(rows: list[_LabelledRow], assignment: Assignment) -> None:
    """Place the rows that stand in the form's order; report each row that stands elsewhere (a subtotal, a misprint)."""
    ordered = longest_ordered([assignment.index.order[row.plan.id] for row in rows])
    for number, row in enumerate(rows):
        if row.plan.place_ids[0] in assignment.placed:
            _report(assignment, "repeated", row.cells)
            _doubt_repeated(row, assignment)
        elif number not in ordered:
            _report(assignment, "order", row.cells)
        elif not _place_values(row, assignment):
            _report(assignment, "columns", row.cells)


def longest_ordered(places: list[int]) -> set[int]:
    """Return the positions of the longest sequence of places that never falls (repeated rows belong to it)."""
    best: list[
        tuple[int, int]
    ] = []  # for each position: length of the longest sequence that ends here, position before
    for at, place in enumerate(places):
        length, before = max(((best[i][0], i) for i in range(at) if places[i] <= place), default=(0, -1))
        best.append((length + 1, before))
    at = max(range(len(best)), key=lambda i: best[i][0], default=-1)
    chosen: set[int] = set()
    while at >= 0:
        chosen.add(at)
        at = best[at][1]
    return chosen


def _doubt_repeated(row: _LabelledRow, assignment: Assignment) -> None:
    """Doubt the cells of a row that is printed twice with other figures: which of the two counts is not known."""
    first = [assignment.placed[place] for place in row.plan.place_ids if place in assignment.placed]
    if [one.cell.text.strip() for one in first] == [cell.text.strip() for cell in row.values]:
        return
    for one in first:
        assignment.placed[one.id] = PlacedCell(one.id, one.cell, (*one.doubts, "conflict"))


def _rows_with_merged_labels(table: Table) -> list[list[Cell]]:
    """Return the rows of a table; a cell that is merged over several rows stands in each of them."""
    rows = table.rows()
    for cell in table.cells:
        for number in range(cell.row + 1, min(cell.row + cell.rowspan, len(rows))):
            rows[number].append(cell)
    for row in rows:
        row.sort(key=lambda cell: cell.col)
    return rows


def _split_labels(cells: list[Cell]) -> tuple[list[Cell], list[Cell]]:
    """Split a row behind its last cell with words."""
    last = max((number for number, cell in enumerate(cells) if not is_value(cell.text)), default=-1)
    return [cell for cell in cells[: last + 1] if cell.text.strip()], cells[last + 1 :]


def _is_blank_row(labels: list[Cell], values: list[Cell], index: FormIndex) -> bool:
    """Whether a row without figures is a row of the form that was left blank, and not a row of headers."""
    plans = index.rows.get(label_key(labels[-1].text), ()) if labels else ()
    return any(len(values) >= len(plan.columns) for plan in plans)


def _find_row(
    labels: list[Cell], values: list[Cell], headers: _Headers, assignment: Assignment
) -> Iterator[_LabelledRow]:
    """Yield the row that the last label names, or report the cells where the form has no such row."""
    key = label_key(labels[-1].text)
    plans = assignment.index.rows.get(key, ())
    doubts: tuple[str, ...] = ()
    if not plans and len(key) >= MIN_FUZZY_CHARS:
        near = get_close_matches(key, assignment.index.rows, n=2, cutoff=FUZZY_CUTOFF)
        plans = assignment.index.rows[near[0]] if len(near) == 1 else ()
        doubts = ("label_doubt",)
    if plans:
        yield _LabelledRow(plans[0], (*labels, *values), values, headers.copy(), doubts)
    else:
        _report(assignment, "label", (*labels, *values))


def _place_values(row: _LabelledRow, assignment: Assignment) -> bool:
    """Give each column of a row its cell: by the headers where they name every column, else by count with a doubt."""
    ordered = _match_columns(row, assignment.index)
    doubts = row.doubts
    if ordered is None:
        if not row.headers.is_ruled and len(row.values) == len(row.plan.columns):
            return _place_by_count(row, assignment)
        if len(row.values) != len(row.plan.columns) or _has_other_headers(row, assignment.index):
            return False
        ordered, doubts = row.values, (*row.doubts, "order_only")
    _place_cells(row.plan.place_ids, ordered, doubts, assignment)
    return True


def _place_by_count(row: _LabelledRow, assignment: Assignment) -> bool:
    """Place a row of a table whose columns are not drawn: certain if the form's headers all stand above it."""
    names = assignment.index.columns[row.plan.table]
    printed = {name for cell in row.headers.cells for name in names.get(label_key(cell.text), ())}
    doubts = row.doubts if printed.issuperset(row.plan.column_ids) else (*row.doubts, "order_only")
    _place_cells(row.plan.place_ids, row.values, doubts, assignment)
    return True


def _place_cells(
    place_ids: Iterable[str], cells: Iterable[Cell], doubts: tuple[str, ...], assignment: Assignment
) -> None:
    for place, cell in zip(place_ids, cells, strict=True):
        assignment.placed[place] = PlacedCell(place, cell, doubts)


def _match_columns(row: _LabelledRow, index: FormIndex) -> list[Cell] | None:
    """Return the cells of a row in the form's column order, or None where the headers do not name each column once."""
    if not row.headers.is_ruled:
        return None
    names = index.columns[row.plan.table]
    found: dict[str, Cell] = {}
    for cell in row.values:
        for column in (name for key in row.headers.keys_over(cell) for name in names.get(key, ())):
            if column not in row.plan.column_ids:
                continue
            if column in found:
                return None
            found[column] = cell
    return [found[column] for column in row.plan.column_ids] if len(found) == len(row.plan.columns) else None


def _has_other_headers(row: _LabelledRow, index: FormIndex) -> bool:
    """Whether a header over a value is not the form's for its place: then counting columns proves nothing."""
    names = index.columns[row.plan.table]
    for column, cell in zip(row.plan.column_ids, row.values, strict=True):
        named = {name for key in row.headers.keys_over(cell) for name in names.get(key, ())}
        others = [key for key in row.headers.keys_over(cell) if key not in names and key in all_column_keys()]
        if others or (named and column not in named):
            return True
    return False


def _place_strip(values: list[Cell], headers: _Headers, assignment: Assignment) -> None:
    """Place a row of values without a label under its nested headers (行政复议, 行政诉讼)."""
    index = assignment.index
    if not headers.is_ruled:
        _place_strip_by_count(values, headers, assignment)
        return
    for cell in values:
        keys = headers.keys_over(cell)
        block = next((index.strips[key] for key in reversed(keys) if key in index.strips), None)
        columns = {name for key in keys for name in index.columns[block[0].key].get(key, ())} if block else set()
        if block is None or len(columns) != 1:
            if is_number(cell.text):
                _report(assignment, "label", [cell])
            continue
        place = f"{block[1].id}.{columns.pop()}"
        if place in assignment.placed:
            _report(assignment, "repeated", [cell])
        else:
            assignment.placed[place] = PlacedCell(place, cell)


def _place_strip_by_count(values: list[Cell], headers: _Headers, assignment: Assignment) -> None:
    """Place a row without a label whose columns are not drawn: all blocks of the strip must be named above it."""
    index = assignment.index
    named = {label_key(cell.text) for cell in headers.cells}
    strips = {table.key: table for table, _ in index.strips.values()}
    for table in strips.values():
        places = [place for row in table.rows for place in row.place_ids]
        keys = {key for key, (_, row) in index.strips.items() if row in table.rows}
        if len(places) == len(values) and places[0] not in assignment.placed and len(named & keys) == len(table.rows):
            _place_cells(places, values, (), assignment)
            return
    _report(assignment, "label", values)


def _report(assignment: Assignment, reason: str, cells: Iterable[Cell]) -> None:
    assignment.unplaced.append(UnplacedRow(reason, tuple(cells)))
