"""Place printed rows in a form: decide to which indicator each printed cell belongs.

The rows come from tables (``table_rows``) and running text (``flat_text``). A row is placed only where its label, order
and columns agree with the form. No indicator is placed twice and nothing is repaired. Rows with figures that are not
placed are kept with their text, and ``checks`` reports them: no figure is dropped silently.
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

MIN_COMPARED_ROWS = 3  # rows printed again with other figures: a table of another year or agency; fewer are misprints
MIN_FRAGMENT_CHARS = 3  # a shorter piece of a label could be a piece of any
MAX_LOOSE_ROWS = 200  # rows without a known label between two placed rows; if there are more, none of them is placed

Way = tuple[TableCell | None, ...]  # one way to read a row: the cell of each of its columns, None if it is not printed


@dataclass(slots=True)
class PlacedCell:
    """A printed cell with its indicator (``id``), flags about its placement, and the unit in its column's header."""

    id: str
    cell: TableCell
    doubts: tuple[str, ...] = ()
    unit: str = ""


@dataclass(slots=True)
class Assignment:
    """The result of placing a document's rows in one form. ``placed``: indicator id → cell.

    ``unplaced``: reason → rows with figures that were not placed. ``label``: unknown; ``order``: not in the form's
    order; ``columns``: the values do not fit; ``column``: cells under headers that the form does not have; ``glued``:
    digits run together; ``repeated``: printed before with other figures; ``compared``: many such rows.
    """

    form: Form
    placed: dict[str, PlacedCell] = field(default_factory=dict)
    unplaced: dict[str, list[PrintedRow]] = field(default_factory=lambda: defaultdict(list))

    def cells_of(self, row: RowPlan) -> list[PlacedCell]:
        """Return the cells that are placed in a row."""
        return [self.placed[place] for place in row.place_ids if place in self.placed]


@dataclass(frozen=True, slots=True)
class Fit:
    """How a printed row fits a row of the form: in which ``ways`` (none: not at all), with which flags and
    unit; ``other_cells`` are under headers that the form does not have.
    """

    ways: tuple[Way, ...] = ()
    doubts: tuple[str, ...] = ()
    unit: str = ""
    other_cells: tuple[TableCell, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PrintedRow:
    """A row as printed. ``label``: the key of its last label; ``row``: the form's row of that label, None if unknown;
    ``fit``: returns how the values fit a row of the form.
    """

    cells: tuple[TableCell, ...]
    label: str
    row: RowPlan | None
    fit: Callable[[RowPlan], Fit]


@dataclass(frozen=True, slots=True, eq=False)
class _LabelledRow:
    """A printed row with a known label: its number in the document, the form's row of that label and how it fits."""

    number: int
    printed: PrintedRow
    row: RowPlan
    fit: Fit


def place_rows(printed: Sequence[PrintedRow], assignment: Assignment) -> None:
    """Place printed rows, given in reading order, in the form of ``assignment``; keep the rest there with the reason.
    In turn: rows that keep the form's order within their block and can be read in one way; those with several ways, by
    sums; rows without a known label, by their neighbours; last, rows with fewer values than columns, if the same row
    is printed nowhere with all its values. A row printed twice is placed once, and doubted if the prints differ.
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
    """Return the rows; of several rows of the form with one label (``twins``, by id) that below the group nearest
    above, or none.
    """
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
    """Add the indicators of a row to ``claimed``; return True if none of them was in it before."""
    is_free = claimed.isdisjoint(row.place_ids)
    claimed.update(row.place_ids)
    return is_free


def _find_ordered(whole: Iterable[_LabelledRow]) -> set[int]:
    """Return the numbers of the printed rows that keep the form's order within their block; the blocks may come
    in any order (shanghai_kewei_2024).
    """
    by_block: dict[tuple[str, int], list[_LabelledRow]] = defaultdict(list)
    for item in whole:
        by_block[item.row.block_key].append(item)
    return {number for items in by_block.values() for number in _longest_ordered(items)}


def _longest_ordered(items: list[_LabelledRow]) -> Iterator[int]:
    """Yield, from last to first, the numbers of the longest selection of ``items`` (not empty) in the form's order."""
    orders: list[int] = []  # by length: the lowest order with which a selection ends; ``ends``: the item that ends it
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
    """Store the cells of a row, read in ``way`` (None: the first that fits); report numbers in its other cells."""
    for place, cell in zip(row.place_ids, way or fit.ways[0], strict=True):
        if cell is not None:
            assignment.placed[place] = PlacedCell(place, cell, fit.doubts, fit.unit)
    if any(is_number(cell.text) for cell in fit.other_cells):
        assignment.unplaced["column"].append(PrintedRow(fit.other_cells, "", row, lambda _: fit))


def _report(reason: str, one: PrintedRow, assignment: Assignment) -> None:
    """Add a row to the unplaced rows under ``reason`` if it has any digit."""
    if any(char.isdigit() for cell in one.cells for char in cell.text):
        assignment.unplaced[reason].append(one)


def _doubt_repeated(repeated: list[_LabelledRow], assignment: Assignment) -> None:
    """Flag the cells of rows that are printed again with other figures; if many rows are (a table of another
    year or agency), remove their cells: nothing says which of two prints is right.
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
    """Flag the blank cells at the end of a row if the form's next row is missing: the page may be cut off there."""
    for row, following in pairwise(assignment.form.printed_rows):
        if not assignment.cells_of(following):
            for one in takewhile(lambda one: not one.cell.text.strip(), reversed(assignment.cells_of(row))):
                one.doubts += ("label_doubt",)


def _differs(item: _LabelledRow, assignment: Assignment) -> bool:
    """True if a row printed twice has other figures than the placed one. Empty rows do not count: Word adds them."""
    if not any(cell.text.strip() for cell in item.printed.cells):
        return False
    placed = [assignment.placed.get(place) for place in item.row.place_ids]
    texts = [placed_cell.cell.text.strip() if placed_cell else None for placed_cell in placed]
    return any(texts) and all([cell and cell.text.strip() for cell in cells] != texts for cells in item.fit.ways)


def _settle_by_sums(waiting: list[_LabelledRow], assignment: Assignment) -> None:
    """Place each row that can be read in several ways if the form's sums allow one only (pingtan_2025_flat:
    ``330000033`` is 33 or 3 and 30); report the others.
    """
    for item in [one for _ in waiting for one in waiting]:  # in rounds: a placed row may decide another one
        if not assignment.cells_of(item.row):
            judged = [(way, list(_gaps(item.row, way, assignment))) for way in item.fit.ways]
            fitting_ways = [way for way, gaps in judged if gaps and not any(gaps)]
            if len(fitting_ways) == 1:
                _place(item.row, item.fit, assignment, fitting_ways[0])
    for item in waiting:
        if not assignment.cells_of(item.row):
            _report("glued", item.printed, assignment)


def _gaps(row: RowPlan, way: Way, assignment: Assignment) -> Iterator[Decimal]:
    """Yield left minus right (0: it holds) of each sum over several rows, or in a strip, that ``row``, read in ``way``,
    completes.
    """
    texts = {place: cell.text for place, cell in zip(row.place_ids, way, strict=True) if cell is not None}
    all_texts = {name: one.cell.text for name, one in assignment.placed.items()} | texts
    places = all_places()
    for rule in assignment.form.identities:
        names = rule.places
        is_within = rule.row and row.span == 1  # the row's own sum already chose this way
        if is_within or texts.keys().isdisjoint(names) or not all_texts.keys() >= set(names):
            continue
        figures = {name: read_value(all_texts[name], places[name].kind, places[name].unit).value or 0 for name in names}
        left, right = (sum(figures[name] * sign for name, sign in side) for side in (rule.left, rule.right))
        yield Decimal(left - right)


def _fill_gaps(printed: Sequence[PrintedRow], anchors: Mapping[int, RowPlan], assignment: Assignment) -> list[RowPlan]:
    """Place rows without a known label if the form lacks exactly as many of their width between their neighbours
    (shanghai_kewei_2024: labels apart from figures), and return them; keep the others as unplaced.
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
    """True if a printed row fits ``row`` in one way and its label is empty or a piece of the row's or group's label."""
    is_piece = len(one.label) >= MIN_FRAGMENT_CHARS and any(one.label in key for key in (*row.keys, *row.group_keys))
    return len(one.fit(row).ways) == 1 and (is_piece or not one.label)


def _confirm(rows: Iterable[RowPlan], doubt: str, assignment: Assignment) -> None:
    """Remove the flag ``doubt`` from the cells of rows whose sums hold for each column (of a strip: each row in it)."""
    for row in rows:
        placed = [assignment.placed.get(place) for place in row.place_ids]
        gaps = list(_gaps(row, tuple(one.cell if one else None for one in placed), assignment))
        if any(gaps) or len(gaps) < (len(row.columns) if row.span == 1 else row.span):
            continue
        for one in filter(None, placed):
            at = one.doubts.index(doubt) if doubt in one.doubts else len(one.doubts)
            one.doubts = (*one.doubts[:at], *one.doubts[at + 1 :])
