"""Place logical rows in the cells of the form. A row is placed by its label, never by a guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property, partial
from itertools import pairwise

from archive.documents.ocr.confidence import is_recognised
from archive.documents.pages import UNREAD
from archive.findings import finding
from archive.forms.model import Form, Indicator, RowPlan, TablePlan
from archive.forms.spelling import LONGEST
from archive.parser import row_repairs
from archive.parser.absent_tables import rows_gone
from archive.parser.cells import Placement, add_cell_findings, blank_cell, cell_of, with_flag
from archive.parser.column_assignment import ColumnAssignment, fit_row
from archive.parser.doubts import (
    doubt_blank_row_above_figures,
    doubt_ends,
    doubt_lagging,
    doubt_merged,
    doubt_near,
    doubt_unnamed_columns,
    doubt_wrapped,
)
from archive.parser.extra_rows import surplus
from archive.parser.findings import columns_missing, count_mismatch
from archive.parser.form_detection import detect_form
from archive.parser.group_sums import group_sums
from archive.parser.headed_figures import by_headings, joined_with_headings
from archive.parser.other_years import is_of_a_year
from archive.parser.remedies import place_remedies
from archive.parser.row_repairs import TableRows
from archive.parser.rows import Row
from archive.parser.shapes import TableShape, shape_of, shapes_of
from archive.parser.shifted_figures import is_moved, moved_tables
from archive.parser.text_classes import classes_of
from archive.parser.truncated_rows import breaks_off, fit_truncated, left_of_fields
from archive.parser.values import header_unit, is_number, looks_like_value
from archive.parser.walk import Candidate, State, candidate_at, note_heading
from storage.records import Cell, CellState, Finding

Cells = dict[str, Cell]
_UNSHAPED = TableShape()
_CELLS = 5  # in a row that could be one of a matrix, some of its columns lost
_MANY = 2  # figures of a row
#: Sources of rows in which nothing behind a label is no blank row by itself; where figures belong to no label (True),
#: nor is it one where fields are parted.
_UNBLANKED = {False: frozenset(("lines", "list")), True: frozenset(("lines", "list", "ragged"))}
_SEVERAL = 3  # rows printed again that make a copy of the table


def place(rows: Sequence[Row], year: int | None = None) -> Placement:
    """Place all rows of a document. ``year``: that of the report, which decides between forms that fit alike."""
    rows = joined_with_headings(rows)
    forms, beside, printed = detect_form(rows, year)
    result = Placement()
    if not forms:
        return result
    result.form = forms.get("proactive") or forms["applications"]
    if len({plan.name for plan in forms.values()}) > 1:
        result.findings.append(_mixed({plan.name for plan in forms.values()}))
    elif beside:
        result.findings.append(
            _mixed({result.form.name, *beside}, [place for places in beside.values() for place in places])
        )
    state = State(forms)
    candidates: list[Candidate] = []
    remedies_rows: list[Candidate] = []
    for row in rows:
        if row.kind != "data":
            note_heading(state, row)
            continue
        candidate = candidate_at(state, row)
        (remedies_rows if candidate.table_key == "remedies" else candidates).append(candidate)
    found = TableRows(forms, result, candidates, remedies_rows, beside, printed)
    for repair in row_repairs.REPAIRS:
        repair.apply(found)
    headers = [row for row in rows if row.kind == "header" and row.source == "lines"]
    reported = _place_candidates(candidates, found.label_fragments, result, forms, headers)
    place_remedies(remedies_rows, forms["applications"], result, rows)
    result.findings += surplus(rows, candidates, remedies_rows, result, reported)
    result.dated = any(map(is_of_a_year, rows))
    return result


def _mixed(forms: Collection[str], places: Sequence[str] = ()) -> Finding:
    """Say that tables follow several forms (their names), or one table does; then with the places of the other's."""
    case = "columns" if places else "tables"
    return finding("mixed_forms", case=case, cells=places, forms="、".join(sorted(forms)))


def _place_candidates(
    candidates: list[Candidate],
    label_fragments: Sequence[Candidate],
    result: Placement,
    forms: dict[str, Form],
    headers: Sequence[Row],
) -> set[int]:
    """Place the candidates, and of the label fragments those whose rows are found nowhere else.

    ``headers``: those in running text; figures in one: a table ran together in one line, and its figures are lost.
    Gives the ids of the rows without a name that are told.
    """
    shapes = shapes_of(candidates)
    shifted = moved_tables(candidates)
    unplaced = _unplaced(candidates, forms["applications"])
    foreign = _foreign_rows(candidates)
    nameless = unplaced + [c for c in foreign if not c.row.lead]  # others are told with their labels
    unplaced += foreign
    if nameless:
        sample = " ".join(item.text.strip() for item in nameless[0].row.items)[:60]
        result.findings.append(finding("row_unplaced", case="nameless", found=len(nameless), sample=sample))
    placed_rows: dict[str, Cells] = {}
    origin: dict[str, int] = {}
    filled = _FilledRows(candidates)
    empty: list[Candidate] = []
    case_rows = _repeated_rows(candidates)
    figures_apart = any(header.numbers for header in headers) or _are_figures_apart(candidates)
    if figures_apart:
        doubt_lagging(candidates)
    doubt_wrapped(candidates)
    doubt_near([c for c in candidates if c.plan is not None], forms)
    mixed = {c.row.table for c in candidates if c.row.source == "ragged" and _figures_before(c)}
    cut_row, remains = breaks_off(candidates), partial(left_of_fields, shapes)
    for candidate in _fuller_first(candidates, filled):
        if candidate.plan is None or (candidate.row.table in mixed and not candidate.row.numbers):
            continue
        if not candidate.row.items and candidate.row.source in _UNBLANKED[bool(unplaced)]:
            empty.append(candidate)
            continue
        shape = shapes.get(shape_of(candidate), _UNSHAPED)
        form = candidate.form or forms.get(candidate.plan.table) or forms["applications"]
        first = origin.setdefault(candidate.plan.id, candidate.row.table)
        again = partial(_form_again, filled, first, candidate.row.table)
        moved = candidate.row.table in shifted and is_moved(candidate)
        cells = _cells(candidate, form, shape, result, pushed=moved, ends=candidate is cut_row, left=remains(candidate))
        _merge(placed_rows, candidate.plan, cells, result, again, listed=id(candidate) in case_rows)
    for fragment in label_fragments:
        if fragment.plan is not None and fragment.plan.id not in placed_rows:
            form = forms.get(fragment.plan.table) or forms["applications"]
            placed_rows[fragment.plan.id] = _cells(fragment, form, _UNSHAPED, result)
    doubt_blank_row_above_figures(candidates, placed_rows)
    doubt_merged(placed_rows)
    doubt_ends(result, placed_rows, forms, loose=bool(unplaced))
    doubt_unnamed_columns(candidates, placed_rows, forms["applications"])
    bare = {c.plan.id: c.plan for c in candidates if c.plan is not None and c.row.source == "grid" and not c.row.items}
    result.findings += [
        columns_missing(plan, plan.column_ids) for name, plan in bare.items() if name not in placed_rows
    ]
    _blank_rows(empty, placed_rows, bool(unplaced) or figures_apart, forms, headers)
    for table in ("proactive", "applications"):
        form = forms.get(table) or forms["applications"]
        for plan in form.table(table).rows:
            if plan.id in placed_rows:
                result.tables.add(table)
                result.cells.update(placed_rows[plan.id])
        result.findings += _rows_unnamed(
            form.table(table), candidates, {*result.cells, *_cells_of_findings(result.findings)}
        )
    return {id(candidate.row) for candidate in nameless}


def _unplaced(candidates: Sequence[Candidate], form: Form) -> list[Candidate]:
    """Rows of figures that name no row of the form, and are no sums of its groups."""
    unplaced = [c for c in candidates if c.plan is None and c.row.numbers > 1 and c.row.table >= 0]
    several = [c for c in unplaced if _has_labels(c.row)]
    unplaced = [c for c in unplaced if c in several or (c.table_key and (not c.row.lead or _is_fragment(c)))]
    sums = group_sums(candidates, form) if unplaced else []
    return [c for c in unplaced if c not in sums]


def _rows_unnamed(table: TablePlan, candidates: Sequence[Candidate], known: set[str]) -> Iterator[Finding]:
    """Say which rows of a table are not there, where rows that nobody can name stand in its grid with its figures."""
    places = {plan.id for plan in table.rows}
    grids = {c.row.table for c in candidates if c.plan is not None and c.plan.id in places and c.row.source == "grid"}
    fewest = min(_CELLS, *(len(plan.columns) for plan in table.rows))
    for candidate in candidates:
        row = candidate.row
        if candidate.plan is not None or row.table not in grids or candidate.table_key != table.key:
            continue
        if row.numbers > 1 or sum(looks_like_value(item.text) for item in row.items) >= fewest:
            yield from rows_gone(table, known)
            return


def _cells_of_findings(findings: Iterable[Finding]) -> Iterator[str]:
    """The cells that findings speak of."""
    return (name for finding in findings for name in finding.cells)


def _foreign_rows(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Rows of one labelled figure between rows of the form in a grid of its own: the form has no such item."""
    found: list[Candidate] = []
    for at, candidate in enumerate(candidates[1:-1], 1):
        row = candidate.row
        if candidate.plan is not None or row.source != "grid" or row.numbers != 1:
            continue
        if not row.lead and not any(
            len(text) > LONGEST for text in row.texts
        ):  # one too long has no words to know it by
            continue
        around = (candidates[at - 1], candidates[at + 1])
        if all(c.plan is not None and c.plan.table == "proactive" and c.row.table == row.table for c in around):
            found.append(candidate)
    return found


def _are_figures_apart(candidates: Sequence[Candidate]) -> bool:
    """Whether figures of a text stand apart from their labels: then a label without figures says nothing."""
    for candidate in candidates:
        row, plan = candidate.row, candidate.plan
        if row.source == "lines" and row.numbers > (len(plan.columns) if plan is not None else 0):
            return True
    return False


def _figures_before(candidate: Candidate) -> bool:
    """Whether several figures stand left of the row's label: the lines of the table are not its rows."""
    row = candidate.row
    return row.hit is not None and sum(character.isdigit() for character in row.lead) > 2


def _is_fragment(candidate: Candidate) -> bool:
    return len(candidate.row.lead) < 2


def _has_labels(row: Row) -> bool:
    """Whether a cell of the row holds the labels of several rows: its figures belong to one of them."""
    return any("\n" in text and all(classes_of(line).row for line in text.split("\n")[:_SEVERAL]) for text in row.texts)


def _cells(
    candidate: Candidate,
    form: Form,
    shape: TableShape,
    result: Placement,
    *,
    pushed: bool = False,
    ends: bool = False,
    left: ColumnAssignment | None = None,
) -> dict[str, Cell]:
    """The cells of a row. ``pushed``: a cell too many moved its figures, by how far nobody knows; ``ends``: the text
    breaks off in it; ``left``: what is left of one of fields in which it does.
    """
    plan, row = candidate.plan, candidate.row
    assert plan is not None
    ids = candidate.columns
    if pushed:
        fit = ColumnAssignment({}, problem="count")
    elif left is not None:
        fit = left
    elif any(item.head for item in row.items):
        fit = by_headings(row.items, ids, plan.table)
        units = {name: header_unit(item.head) for name, item in fit.cells.items() if item is not None}
        candidate.units = {**candidate.units, **{name: unit for name, unit in units.items() if unit}}
    else:
        fit = fit_row(row.items, ids, row.source, candidate.header, shape.start, even=shape.even)
    if ends and (fit.problem or fit.doubt or len(fit.cells) < len(ids)):
        fit = fit_truncated(candidate, ids)
    if fit.single and any(item.text.startswith(UNREAD) for item in row.items):  # more stands there than one value
        fit = ColumnAssignment({}, problem="count")
    if fit.problem:
        if not row.items:
            return {}
        result.findings.append(count_mismatch(plan.label, len(ids), row.numbers, plan.place_ids))
        raw = " | ".join((item.ocr_text or item.text).strip() for item in row.items)[:200]
        locator = row.items[0].locator
        return {
            name: Cell(
                id=name, value=None, raw=raw, state=CellState.PRINTED, locator=locator, flags=("count_mismatch",)
            )
            for name in plan.place_ids
        }
    if fit.single:
        result.findings.append(finding("merged_value", cells=plan.place_ids, label=plan.label))
    elif missing := [name for name in plan.column_ids if name not in fit.cells]:
        result.findings.append(columns_missing(plan, missing))
    if fit.doubt:
        result.spread.add(plan.table)
    flags = (*candidate.flags, "order_only") if fit.doubt else candidate.flags
    if _leaves_out(fit, row):
        flags = (*flags, "label_doubt")
    spots = [form.places[name] for name in plan.place_ids]
    return _read_cells(fit, spots, flags, candidate, result)


def _leaves_out(fit: ColumnAssignment, row: Row) -> bool:
    """Whether a figure of a recognised row is in no column: a stroke down the page may have cut one in two."""
    if len(row.items) <= len(fit.cells) or row.source != "grid" or not is_recognised(row.items[0].locator):
        return False
    used = {id(item) for item in fit.cells.values()}
    return any(is_number(item.text) and id(item) not in used for item in row.items)


def _read_cells(
    fit: ColumnAssignment, spots: Sequence[Indicator], flags: tuple[str, ...], candidate: Candidate, result: Placement
) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    units, beside = candidate.units, candidate.row.locator
    placed, single = fit.cells, fit.single
    for spot in spots:
        column = spot.column.id
        if column not in placed:
            continue
        item = placed[column]
        doubt = (*flags, "merged") if single or (item is not None and item.carried) else flags
        if column in candidate.doubted and "label_doubt" not in doubt:
            doubt = (*doubt, "label_doubt")
        unit = units.get(column, "")
        cells[spot.id] = cell = cell_of(spot, item, doubt, unit, beside)
        result.items.append(item)
        if cell.flags:
            add_cell_findings(cell, spot, result)
    return cells


def _repeated_rows(candidates: Sequence[Candidate]) -> set[int]:
    """The rows, by identity, that stand directly below themselves in a table: one for each of its cases."""
    return {
        id(row)
        for above, row in pairwise(candidates)
        if row.plan is not None and above.plan is row.plan and above.row.table == row.row.table > 0
    }


def _merge(
    visited: dict[str, Cells],
    plan: RowPlan,
    cells: Cells,
    result: Placement,
    copied: Callable[[], bool],
    *,
    listed: bool = False,
) -> None:
    """Keep the first print of a row that is given; a second one must say the same.

    One without any figure says nothing, unless the form stands there a second time (``copied``). Where cases are
    ``listed``, no print tells the row's figure.
    """
    if not cells:
        return
    known = visited.get(plan.id)
    if known is None:
        visited[plan.id] = cells
        return
    differing = [name for name in {**known, **cells} if _value_of(known, name) != _value_of(cells, name)]
    if not differing:
        return
    if listed and any(cell.value is not None for cell in cells.values()):
        result.findings.append(finding("duplicate_differs", case="listed", cells=differing, label=plan.label))
        doubted = {name: with_flag(cell, "conflict") for name, cell in known.items() if name in differing}
        visited[plan.id] = {**known, **{name: replace(cell, value=None) for name, cell in doubted.items()}}
        return
    first, second = (known, cells) if any(c.value is not None for c in known.values()) else (cells, known)
    if any(c.value is not None for c in second.values()) or copied():
        result.findings.append(finding("duplicate_differs", case="first", cells=differing, label=plan.label))
        first = {name: with_flag(cell, "conflict") if name in differing else cell for name, cell in first.items()}
    visited[plan.id] = first


class _FilledRows:
    """By grid, the rows of the form that have figures there; gathered once, and only if somebody asks: a page may
    repeat a row thousands of times.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates

    @cached_property
    def rows(self) -> Mapping[int, set[str]]:
        found: dict[int, set[str]] = defaultdict(set)
        for candidate in self._candidates:
            if candidate.plan is not None and candidate.row.numbers:
                found[candidate.row.table].add(candidate.plan.id)
        return found


def _fuller_first(candidates: Sequence[Candidate], filled: _FilledRows) -> Sequence[Candidate]:
    """The candidates, those behind that stand in a grid with others of the same rows and more before such as repeat.

    A body's own small table of 行政许可 and 行政处罚 above the form's is not the form.
    """
    first: dict[str, int] = {}
    late: set[int] = set()  # grids that print again what one before them printed
    for candidate in candidates:
        table = candidate.row.table
        if candidate.plan is not None and table > 0 and first.setdefault(candidate.plan.id, table) != table:
            late.add(table)
    fuller = {table for table in late if any(filled.rows[other] < filled.rows[table] for other in {*first.values()})}
    return sorted(candidates, key=lambda candidate: candidate.row.table not in fuller) if fuller else candidates


def _form_again(filled: _FilledRows, one: int, other: int) -> bool:
    """Whether two grids are prints of the same table, both filled in: several rows have figures in either."""
    if not 0 < one != other > 0:
        return False
    return len(filled.rows.get(one, set()) & filled.rows.get(other, set())) >= _SEVERAL


def _value_of(cells: dict[str, Cell], name: str) -> Decimal | None:
    return cells[name].value if name in cells else None


def _blank_rows(
    empty: Sequence[Candidate],
    visited: dict[str, dict[str, Cell]],
    unplaced: bool,
    forms: dict[str, Form],
    headers: Sequence[Row],
) -> None:
    """Labels without anything after them, in text that lost its blanks.

    Blank rows, if the whole table stands there so, and others of it have figures or ``headers`` name all
    its columns: labels alone are no table.
    """
    for table in ("proactive", "applications"):
        form = forms.get(table) or forms["applications"]
        plans = form.table(table).rows
        here = {
            c.plan.id: (c.plan, c.row.locator)
            for c in empty
            if c.plan is not None and c.plan.table == table and not c.row.last
        }
        known = {plan.id for plan in plans if plan.id in visited}
        in_tables = any(
            "line" not in cell.locator or "row" in cell.locator for name in known for cell in visited[name].values()
        )
        if unplaced or in_tables or len(here) + len(known) < 0.6 * len(plans):
            continue
        if not known and not _names_columns(headers, table, plans):
            continue
        for name, (plan, beside) in here.items():
            if name not in visited:
                visited[name] = {place: blank_cell(place, beside) for place in plan.place_ids}


def _names_columns(headers: Sequence[Row], table: str, plans: Sequence[RowPlan]) -> bool:
    """Whether headers name all columns of a table."""
    named = {name for row in headers for text in row.texts for name in classes_of(text).columns.get(table, ())}
    return all(named.issuperset(plan.column_ids) for plan in plans)
