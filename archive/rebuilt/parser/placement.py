"""Printed rows → cells of a form. A row is placed only where its label, its order and its columns agree with the form.

Tables and running text give rows alike (``table_rows``, ``flat_text``); here they get their places. Nothing is placed
twice and nothing is repaired. What holds figures and is not placed is kept with its text, so that ``completeness``
reports it: a figure is never dropped in silence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from archive.forms.model import Identity
from archive.rebuilt.documents.model import Cell
from archive.rebuilt.parser.form_index import FormIndex
from archive.rebuilt.parser.form_rows import FormRow, all_places, form_rows
from archive.rebuilt.parser.values import is_number, read_value

MIN_COMPARED_ROWS = 3  # rows printed again with other figures; fewer may be slips
MIN_FRAGMENT_CHARS = 3  # a shorter piece of a label could be a piece of any

Way = tuple[Cell | None, ...]  # the cell of each column of a row; None: not printed


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A printed cell and the indicator that it belongs to. ``doubts`` are the flags that its placement raises.

    ``unit``: the unit that the header of its column prints.
    """

    id: str
    cell: Cell
    doubts: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class UnplacedRow:
    """A row with figures that was not placed.

    ``reason``: ``label``, ``order``, ``columns``, ``column``, ``glued``, ``repeated`` or ``compared``. ``row``: the row
    of the form that its label names, if any. ``ways``: how its digits could be cut.
    """

    reason: str
    cells: tuple[Cell, ...]
    row: FormRow | None = None
    ways: tuple[Way, ...] = ()


@dataclass(slots=True)
class Assignment:
    """What one form makes of a document."""

    index: FormIndex
    placed: dict[str, PlacedCell] = field(default_factory=dict)
    unplaced: list[UnplacedRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fit:
    """The ways to give each column of a row its cell, with the flags and the printed unit that the cells then have.

    ``left``: cells under headers that are not the form's.
    """

    ways: tuple[Way, ...] = ()
    doubts: tuple[str, ...] = ()
    unit: str = ""
    left: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A row of a document. ``label``: the key of its last label; ``row``: the row of the form that this names.

    ``fit`` returns how the values fit a row of the form.
    """

    cells: tuple[Cell, ...]
    label: str
    row: FormRow | None
    fit: Callable[[FormRow], Fit]


def place_rows(printed: Sequence[PrintedRow], assignment: Assignment) -> None:
    """Place printed rows, given in reading order. Rows keep the form's order within each part of the form."""
    named = [_Named(number, one, one.row, one.fit(one.row)) for number, one in enumerate(printed) if one.row]
    first: dict[str, _Named] = {}
    for item in named:
        if item.fit.ways and not item.is_partial:
            first.setdefault(item.row.id, item)
    anchors = _find_anchors(first.values())
    for item in named:
        if not item.fit.ways:
            _report(assignment, "columns", item.printed, item.row)
        elif not item.is_partial and item is not first[item.row.id]:
            _report(assignment, "repeated", item.printed, item.row)
        elif not item.is_partial and item.number not in anchors:
            _report(assignment, "order", item.printed, item.row)
        elif len(item.fit.ways) == 1 and not item.is_partial:
            _place(item.row, item.fit.ways[0], item.fit, assignment)
    _settle_by_sums([one for one in first.values() if one.number in anchors and len(one.fit.ways) > 1], assignment)
    _fill_gaps(printed, anchors, assignment)
    _confirm([item.row for item in first.values() if "cut_by_sums" in item.fit.doubts], "cut_by_sums", assignment)
    for item in named:
        if item.is_partial and not _is_placed(item.row, assignment):
            _place(item.row, item.fit.ways[0], item.fit, assignment)
        elif item.is_partial:
            _report(assignment, "repeated", item.printed, item.row)
    _doubt_repeated([item for item in named if item.fit.ways and item is not first.get(item.row.id)], assignment)


@dataclass(frozen=True, slots=True)
class _Named:
    """A printed row with the row of the form that its label names."""

    number: int
    printed: PrintedRow
    row: FormRow
    fit: Fit

    @property
    def is_partial(self) -> bool:
        """Whether fewer values than columns were found: such a row is taken only if no whole one is there."""
        return any(None in way for way in self.fit.ways)


def _find_anchors(named: Iterable[_Named]) -> dict[int, FormRow]:
    """Return by number the rows that stand in order within their part of the form.

    The parts themselves may be moved (shanghai_kewei_2024: the first block of the table stands behind the others).
    """
    by_part: dict[str, list[_Named]] = defaultdict(list)
    for item in named:
        by_part[item.row.part].append(item)
    anchors: dict[int, FormRow] = {}
    for items in by_part.values():
        ordered = _longest_ordered([item.row.order for item in items])
        anchors.update((item.number, item.row) for at, item in enumerate(items) if at in ordered)
    return anchors


def _place(row: FormRow, way: Way, fit: Fit, assignment: Assignment) -> None:
    for place, cell in zip(row.place_ids, way, strict=True):
        if cell is not None:
            assignment.placed[place] = PlacedCell(place, cell, fit.doubts, fit.unit)
    if any(is_number(cell.text) for cell in fit.left):
        assignment.unplaced.append(UnplacedRow("column", fit.left, row))


def _report(
    assignment: Assignment, reason: str, one: PrintedRow, row: FormRow | None, ways: tuple[Way, ...] = ()
) -> None:
    """Keep a row that is not placed, unless it holds no figure."""
    if any(is_number(cell.text) or any(map(str.isdigit, cell.text)) for cell in one.cells):
        assignment.unplaced.append(UnplacedRow(reason, one.cells, row, ways))


def _longest_ordered(places: list[int]) -> set[int]:
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


def _doubt_repeated(repeated: list[_Named], assignment: Assignment) -> None:
    """Doubt the cells of rows that are printed again with other figures; of many such rows take none.

    Which of two prints counts is not known; many differing rows are tables of other years or bodies.
    """
    differing = [item.row for item in repeated if _differs(item, assignment)]
    for row in dict.fromkeys(differing):
        cells = [assignment.placed[place] for place in row.place_ids if place in assignment.placed]
        if len(differing) >= MIN_COMPARED_ROWS and 2 * len(differing) >= len(repeated):
            for one in cells:
                del assignment.placed[one.id]
            assignment.unplaced.append(UnplacedRow("compared", tuple(one.cell for one in cells), row))
            continue
        for one in cells:
            assignment.placed[one.id] = replace(one, doubts=(*one.doubts, "conflict"))


def _differs(item: _Named, assignment: Assignment) -> bool:
    """Whether a row that is printed again has other figures than the one that was placed."""
    first = [assignment.placed[place].cell for place in item.row.place_ids if place in assignment.placed]
    texts = [cell.text.strip() for cell in first]
    return bool(texts) and all(
        [cell.text.strip() for cell in way if cell is not None] != texts for way in item.fit.ways
    )


def _settle_by_sums(open_rows: list[_Named], assignment: Assignment) -> None:
    """Place each row that can be read in several ways where the sums over rows leave one of them.

    pingtan_2025_flat: ``330000033`` is 33 or 3 and 30; the total row says which.
    """
    waiting, progress = list(open_rows), True
    while waiting and progress:
        progress = False
        for item in list(waiting):
            ways = [way for way in item.fit.ways if not _breaks_sum(item.row, way, assignment)]
            if len(ways) == 1 and any(True for _ in _judged(item.row, ways[0], assignment)):
                _place(item.row, ways[0], item.fit, assignment)
                waiting.remove(item)
                progress = True
    for item in waiting:
        _report(assignment, "glued", item.printed, item.row, item.fit.ways)


def _breaks_sum(row: FormRow, way: Way, assignment: Assignment) -> bool:
    return any(difference for _, difference in _judged(row, way, assignment))


def _judged(row: FormRow, way: Way, assignment: Assignment) -> Iterator[tuple[Identity, Decimal]]:
    """Yield each sum over rows, or in a strip, that is known if a row is read in this way, with its difference."""
    texts = {place: cell.text for place, cell in zip(row.place_ids, way, strict=True) if cell is not None}
    known = {name: one.cell.text for name, one in assignment.placed.items()} | texts
    places = all_places()
    for identity in assignment.index.form.identities:
        names = (*identity.left, *identity.right)
        is_within = len(identity.rows) == 1 and row.span == 1  # the row's own sum has cut it
        if is_within or not texts.keys() & set(names) or not known.keys() >= set(names):
            continue
        figures = {name: read_value(known[name], places[name].kind, places[name].unit).value or 0 for name in names}
        yield identity, Decimal(sum(figures[n] for n in identity.left) - sum(figures[n] for n in identity.right))


def _fill_gaps(printed: Sequence[PrintedRow], anchors: Mapping[int, FormRow], assignment: Assignment) -> None:
    """Place rows whose label is torn away or cut between their neighbours, where exactly so many are missing there.

    shanghai_kewei_2024, shanghai_office_2025: the labels of one row in three stand apart from its figures.
    """
    rows = form_rows(assignment.index.form.name)
    filled: list[FormRow] = []
    bounds = sorted(anchors)
    for start, end in zip((-1, *bounds), (*bounds, len(printed)), strict=True):
        loose = [printed[number] for number in range(start + 1, end) if printed[number].row is None]
        if not loose:
            continue
        first = anchors[start].order + anchors[start].span if start >= 0 else 0
        last = anchors[end].order if end < len(printed) else len(rows)
        missing = [
            row
            for row in rows
            if first <= row.order and row.order + row.span <= last and not _is_placed(row, assignment)
        ]
        filled += _fill_gap(loose, missing, assignment) if start >= 0 else _leave(loose, assignment)
    _confirm(filled, "order_only", assignment)


def _is_placed(row: FormRow, assignment: Assignment) -> bool:
    return any(place in assignment.placed for place in row.place_ids)


def _leave(loose: Iterable[PrintedRow], assignment: Assignment) -> list[FormRow]:
    for one in loose:
        _report(assignment, "label", one, None)
    return []


def _fill_gap(loose: list[PrintedRow], missing: list[FormRow], assignment: Assignment) -> list[FormRow]:
    """Give the loose rows between two neighbours, by their number of columns, the rows that are missing there."""
    filled: list[FormRow] = []
    by_width: dict[int, list[FormRow]] = defaultdict(list)
    for row in missing:
        by_width[len(row.place_ids)].append(row)
    left = list(loose)
    for width, rows in by_width.items():
        fitting = [one for one in loose if any(len(way) == width for way in one.fit(rows[0]).ways)]
        fits = [one.fit(row) for one, row in zip(fitting, rows, strict=False)]
        if len(fitting) != len(rows) or not all(len(fit.ways) == 1 for fit in fits):
            continue
        if not all(_could_be(one.label, row) for one, row in zip(fitting, rows, strict=True)):
            continue
        for one, row, fit in zip(fitting, rows, fits, strict=True):
            _place(row, fit.ways[0], Fit(fit.ways, ("order_only", *fit.doubts), fit.unit), assignment)
            filled.append(row)
            left.remove(one)
    _leave(left, assignment)
    return filled


def _could_be(label: str, row: FormRow) -> bool:
    """Whether what is printed as a label is nothing, a piece of the row's label, or the group that it stands in."""
    is_piece = len(label) >= MIN_FRAGMENT_CHARS and any(label in key for key in row.keys)
    return not label or is_piece or label in row.groups


def _confirm(rows: Iterable[FormRow], doubt: str, assignment: Assignment) -> None:
    """Take a doubt from rows for which the form's sums over all their columns, or all sums within a strip, hold."""
    for row in rows:
        placed = [assignment.placed.get(place) for place in row.place_ids]
        cells = tuple(one.cell if one else None for one in placed)
        judged = Counter(bool(difference) for _, difference in _judged(row, cells, assignment))
        if judged[True] or judged[False] < (len(row.columns) if row.span == 1 else row.span):
            continue
        for one in placed:
            if one and doubt in one.doubts:
                at = one.doubts.index(doubt)
                assignment.placed[one.id] = replace(one, doubts=(*one.doubts[:at], *one.doubts[at + 1 :]))
