"""Printed rows → cells of a form. A row is placed only where its label, its order and its columns agree with the form.

Tables and running text give rows alike (``table_rows``, ``flat_text``); here they get their places. Nothing is placed
twice and nothing is repaired. What holds figures and is not placed is kept with its text, so that ``completeness``
reports it: a figure is never dropped in silence.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise, takewhile

from archive.documents.model import TableCell
from archive.forms.loader import all_places
from archive.forms.model import Form, RowPlan
from archive.parser.values import is_number, read_value

MIN_COMPARED_ROWS = 3  # rows printed again with other figures; fewer may be slips
MIN_FRAGMENT_CHARS = 3  # a shorter piece of a label could be a piece of any
MAX_LOOSE_ROWS = 200  # rows without a label between two neighbours: more are no part of the form

Way = tuple[TableCell | None, ...]  # the cell of each column of a row; None: not printed


@dataclass(slots=True)
class PlacedCell:
    """A printed cell and the indicator that it belongs to. ``doubts`` are the flags that its placement raises.

    ``unit``: the unit that the header of its column prints.
    """

    id: str
    cell: TableCell
    doubts: tuple[str, ...] = ()
    unit: str = ""


@dataclass(slots=True)
class Assignment:
    """What one form makes of a document.

    ``unplaced``: rows with figures that were not placed, by the reason: ``label``, ``order``, ``columns``, ``column``,
    ``glued``, ``repeated`` or ``compared``.
    """

    form: Form
    placed: dict[str, PlacedCell] = field(default_factory=dict)
    unplaced: dict[str, list[PrintedRow]] = field(default_factory=lambda: defaultdict(list))

    def cells_of(self, row: RowPlan) -> list[PlacedCell]:
        """Return the cells that are placed in a row."""
        return [self.placed[place] for place in row.place_ids if place in self.placed]


@dataclass(frozen=True, slots=True)
class Fit:
    """The ways to give each column of a row its cell, with the flags and the printed unit that the cells then have.

    ``other_cells``: cells under headers that are not the form's.
    """

    ways: tuple[Way, ...] = ()
    doubts: tuple[str, ...] = ()
    unit: str = ""
    other_cells: tuple[TableCell, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PrintedRow:
    """A row of a document. ``label``: the key of its last label; ``row``: the row of the form that this names.

    ``fit_values`` returns how the values fit a row of the form; ``doubts`` are flags that they have in any.
    """

    cells: tuple[TableCell, ...]
    label: str
    row: RowPlan | None
    fit_values: Callable[[RowPlan], Fit]
    doubts: tuple[str, ...] = ()

    def fit(self, row: RowPlan) -> Fit:
        """Return how the row fits a row of the form."""
        fit = self.fit_values(row)
        return replace(fit, doubts=tuple(dict.fromkeys((*self.doubts, *fit.doubts))))


@dataclass(frozen=True, slots=True, eq=False)
class _LabelledRow:
    """A printed row with the row of the form that its label names."""

    number: int
    printed: PrintedRow
    row: RowPlan
    fit: Fit


def place_rows(printed: Sequence[PrintedRow], assignment: Assignment) -> None:
    """Place printed rows, given in reading order. Rows keep the form's order within each block of the form.

    A row with fewer values than columns comes last: it is taken only if no whole one is there.
    """
    printed = _choose_twins(printed, assignment.form.twins)
    rows = [_LabelledRow(number, one, one.row, one.fit(one.row)) for number, one in enumerate(printed) if one.row]
    for item in rows:
        if not item.fit.ways:
            _report("columns", item.printed, assignment)
    partial = [item for item in rows if any(None in way for way in item.fit.ways)]
    whole = [item for item in rows if item.fit.ways and not any(None in way for way in item.fit.ways)]
    ordered = _find_ordered(whole)
    claimed: set[str] = set()
    first = [item for item in sorted(whole, key=lambda one: one.number not in ordered) if _claim(item.row, claimed)]
    anchors = {item.number: item.row for item in first if item.number in ordered}
    for item in first:
        if item.number not in anchors:
            _report("order", item.printed, assignment)
        elif len(item.fit.ways) == 1:
            _place(item.row, item.fit, assignment)
    _settle_by_sums([item for item in first if item.number in anchors and len(item.fit.ways) > 1], assignment)
    filled = _fill_gaps(printed, anchors, assignment)
    _confirm(filled, "order_only", assignment)
    _confirm([item.row for item in first if "cut_by_sums" in item.fit.doubts], "cut_by_sums", assignment)
    claimed.update(assignment.placed)
    late = [item for item in partial if _claim(item.row, claimed)]
    for item in late:
        _place(item.row, item.fit, assignment)
    winners = {*first, *late}
    _doubt_repeated([item for item in (*whole, *partial) if item not in winners], assignment)
    _doubt_ends(assignment)


def _choose_twins(printed: Iterable[PrintedRow], twins: Mapping[str, Sequence[RowPlan]]) -> list[PrintedRow]:
    """Give a row whose label several rows of the form share the one that belongs to the nearest row above it."""
    nearest: dict[str, RowPlan] = {}
    chosen: list[PrintedRow] = []
    for one in printed:
        row = one.row
        if row and row.id in twins:
            near = nearest.get(row.id)
            row = near.with_columns(row.columns) if near else None
        if row:
            nearest |= {
                name: twin
                for name, alike in twins.items()
                for twin in alike
                if row.keys & twin.group_keys or row.group_keys == twin.group_keys
            }
        chosen.append(one if row is one.row else replace(one, row=row))
    return chosen


def _claim(row: RowPlan, claimed: set[str]) -> bool:
    """Whether none of a row's places was claimed before; they are now."""
    is_free = claimed.isdisjoint(row.place_ids)
    claimed.update(row.place_ids)
    return is_free


def _find_ordered(whole: Iterable[_LabelledRow]) -> set[int]:
    """Return the numbers of the rows that stand in order within their block of the form.

    The blocks themselves may be moved (shanghai_kewei_2024: the first block of the table stands behind the others).
    """
    by_block: dict[tuple[str, int], list[_LabelledRow]] = defaultdict(list)
    for item in whole:
        by_block[item.row.block_key].append(item)
    return {number for items in by_block.values() for number in _longest_ordered(items)}


def _longest_ordered(items: list[_LabelledRow]) -> Iterator[int]:
    """Yield the numbers of the longest sequence of rows that never goes back in the form."""
    orders: list[int] = []  # the lowest order with which a sequence of each length ends, and the item that ends it
    ends: list[int] = []
    before: list[int] = []
    for at, item in enumerate(items):
        length = bisect_right(orders, item.row.order)
        before.append(ends[length - 1] if length else -1)
        orders[length : length + 1], ends[length : length + 1] = [item.row.order], [at]
    at = ends[-1]
    while at >= 0:
        yield items[at].number
        at = before[at]


def _place(row: RowPlan, fit: Fit, assignment: Assignment, way: Way | None = None) -> None:
    """Place the cells of a row, in the first way that it fits if no other is given."""
    for place, cell in zip(row.place_ids, way or fit.ways[0], strict=True):
        if cell is not None:
            assignment.placed[place] = PlacedCell(place, cell, fit.doubts, fit.unit)
    if any(is_number(cell.text) for cell in fit.other_cells):
        assignment.unplaced["column"].append(PrintedRow(fit.other_cells, "", row, lambda _: fit))


def _report(reason: str, one: PrintedRow, assignment: Assignment) -> None:
    """Keep a row that is not placed, unless it holds no figure."""
    if any(char.isdigit() for cell in one.cells for char in cell.text):
        assignment.unplaced[reason].append(one)


def _doubt_repeated(repeated: list[_LabelledRow], assignment: Assignment) -> None:
    """Doubt the cells of rows that are printed again with other figures; of many such rows take none.

    Which of two prints counts is not known; many differing rows are tables of other years or bodies.
    """
    differing = [item for item in repeated if _differs(item, assignment)]
    are_compared = len(differing) >= MIN_COMPARED_ROWS and 2 * len(differing) >= len(repeated)
    for item in differing:
        _report("repeated", item.printed, assignment)
        if are_compared:
            assignment.unplaced["compared"].append(item.printed)
        for one in assignment.cells_of(item.row):
            one.doubts = tuple(dict.fromkeys((*one.doubts, "conflict")))
            if are_compared:
                del assignment.placed[one.id]


def _doubt_ends(assignment: Assignment) -> None:
    """Doubt the blanks with which a row ends where the next row of the form is not there: a page may break off here."""
    for row, following in pairwise(assignment.form.printed_rows):
        if not assignment.cells_of(following):
            for one in takewhile(lambda one: not one.cell.text.strip(), reversed(assignment.cells_of(row))):
                one.doubts += ("label_doubt",)


def _differs(item: _LabelledRow, assignment: Assignment) -> bool:
    """Whether a row that is printed again has other figures; Word ends each table of a page with a row of nothing."""
    if not any(cell.text.strip() for cell in item.printed.cells):
        return False
    placed = [assignment.placed.get(place) for place in item.row.place_ids]
    texts = [one.cell.text.strip() if one else None for one in placed]
    return any(texts) and all([cell and cell.text.strip() for cell in way] != texts for way in item.fit.ways)


def _settle_by_sums(waiting: list[_LabelledRow], assignment: Assignment) -> None:
    """Place each row that can be read in several ways where the sums over rows leave one of them.

    pingtan_2025_flat: ``330000033`` is 33 or 3 and 30; the total row says which.
    """
    for item in [one for _ in waiting for one in waiting]:  # a row that is settled may settle another
        if not assignment.cells_of(item.row):
            judged = [(way, list(_gaps(item.row, way, assignment))) for way in item.fit.ways]
            fitting_ways = [way for way, gaps in judged if gaps and not any(gaps)]
            if len(fitting_ways) == 1:
                _place(item.row, item.fit, assignment, fitting_ways[0])
    for item in waiting:
        if not assignment.cells_of(item.row):
            _report("glued", item.printed, assignment)


def _gaps(row: RowPlan, way: Way, assignment: Assignment) -> Iterator[Decimal]:
    """Yield the difference of each sum over rows, or in a strip, that is known if a row is read in this way."""
    texts = {place: cell.text for place, cell in zip(row.place_ids, way, strict=True) if cell is not None}
    all_texts = {name: one.cell.text for name, one in assignment.placed.items()} | texts
    places = all_places()
    for rule in assignment.form.identities:
        names = rule.places
        is_within = rule.row and row.span == 1  # the row's own sum has cut it
        if is_within or texts.keys().isdisjoint(names) or not all_texts.keys() >= set(names):
            continue
        figures = {name: read_value(all_texts[name], places[name].kind, places[name].unit).value or 0 for name in names}
        left, right = (sum(figures[name] * sign for name, sign in side) for side in (rule.left, rule.right))
        yield Decimal(left - right)


def _fill_gaps(printed: Sequence[PrintedRow], anchors: Mapping[int, RowPlan], assignment: Assignment) -> list[RowPlan]:
    """Place rows whose label is torn away or cut between their neighbours, where exactly so many are missing there.

    shanghai_kewei_2024, shanghai_office_2025: the labels of one row in three stand apart from its figures.
    """
    filled: list[RowPlan] = []
    rows = assignment.form.printed_rows
    bounds = sorted(anchors)
    for start, end in zip((-1, *bounds), (*bounds, len(printed)), strict=True):
        loose = [one for one in printed[start + 1 : end] if one.row is None]
        first = anchors[start].order + anchors[start].span if start >= 0 else len(rows)
        last = anchors[end].order if end < len(printed) else len(rows)
        missing = [row for row in rows if loose and first <= row.order and row.order + row.span <= last]
        missing = [row for row in missing if not assignment.cells_of(row)]
        for width in {len(row.place_ids) for row in missing}:
            gaps = [row for row in missing if len(row.place_ids) == width]
            fitting = [one for one in loose if len(one.fit(gaps[0]).ways) == 1] if len(loose) <= MAX_LOOSE_ROWS else []
            if len(fitting) == len(gaps) and all(map(_could_be, fitting, gaps)):
                for one, row in zip(fitting, gaps, strict=True):
                    fit = one.fit(row)
                    _place(row, replace(fit, doubts=("order_only", *fit.doubts)), assignment)
                filled += gaps
                loose = [one for one in loose if one not in fitting]
        for one in loose:
            _report("label", one, assignment)
    return filled


def _could_be(one: PrintedRow, row: RowPlan) -> bool:
    """Whether a row fits, and its label is nothing, or a piece of the row's label or of its group's."""
    is_piece = len(one.label) >= MIN_FRAGMENT_CHARS and any(one.label in key for key in (*row.keys, *row.group_keys))
    return len(one.fit(row).ways) == 1 and (is_piece or not one.label)


def _confirm(rows: Iterable[RowPlan], doubt: str, assignment: Assignment) -> None:
    """Take a doubt from rows for which the form's sums over all their columns, or all sums within a strip, hold."""
    for row in rows:
        placed = [assignment.placed.get(place) for place in row.place_ids]
        gaps = list(_gaps(row, tuple(one.cell if one else None for one in placed), assignment))
        if any(gaps) or len(gaps) < (len(row.columns) if row.span == 1 else row.span):
            continue
        for one in filter(None, placed):
            at = one.doubts.index(doubt) if doubt in one.doubts else len(one.doubts)
            one.doubts = (*one.doubts[:at], *one.doubts[at + 1 :])
