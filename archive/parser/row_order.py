"""Place recognised rows whose label is unreadable between their neighbours where the form and its sums bear it out.

A label may be misread beyond knowing while its figures were read. In a grid, where exactly as many rows of the form are
missing as stand there without a name, they are those rows if the form's sums hold with them; of a row that stands in no
sum its label must still be like. They are named in the finding ``order_only``, and doubted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from archive.documents.ocr.confidence import is_recognised
from archive.forms.model import Form, RowPlan, TablePlan
from archive.forms.spelling import key
from archive.parser.arithmetic import difference, layout
from archive.parser.cells import Placement
from archive.parser.findings import rows_by_order
from archive.parser.rows import Item, Row
from archive.parser.unlabelled_rows import is_like
from archive.parser.values import is_number, looks_like_value, read_value
from archive.parser.walk import Candidate
from storage.records import CellState

_KNOWN = 3  # rows of a grid that have a name: fewer do not show where its columns are
_FEW = 4  # times as many sums as are broken
_FIGURES = 2  # of a row without a name; one may be a number of something else

Columns = tuple[int, ...]
Run = list[tuple[Candidate, RowPlan]]


def fill_by_sums(candidates: Sequence[Candidate], form: Form, result: Placement) -> None:
    """Place the rows of figures without a name that the sums of the form bear out; changes the candidates."""
    table = form.table("applications")
    for part in _prints_of(candidates, table):
        columns = _columns(part, len(table.columns))
        runs = list(_unnamed_runs(part, table, columns)) if columns else []
        if runs:
            known = dict(_values(part, columns))
            for candidate, plan in (pair for run in runs for pair in run):
                known.update(_figures(plan, _cells_in_columns(candidate.row, columns)))
            _place([run for run in runs if _sums_hold(run, form, known)], columns, result)


def fill_alike(candidates: Sequence[Candidate], table: TablePlan, result: Placement) -> None:
    """Place the one row of figures between two that have a name, if one row is missing there and its label is like."""
    for part in _prints_of(candidates, table):
        alike = [run for run in _unnamed_runs(part, table, {}) if len(run) == 1 and _is_alike(*run[0])]
        _place(alike, {}, result)


def _prints_of(candidates: Sequence[Candidate], table: TablePlan) -> Iterator[list[Candidate]]:
    """The recognised rows of each print of a table: a grid, and those that go on with it."""
    places = {plan.id: at for at, plan in enumerate(table.rows)}
    grids: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        row = candidate.row
        of_table = candidate.table_key == table.key if candidate.plan is None else candidate.plan.id in places
        if of_table and row.source == "grid" and row.items and is_recognised(row.items[-1].locator):
            grids.setdefault(row.table, []).append(candidate)
    part: list[Candidate] = []
    last = -1
    for grid in grids.values():
        named = [places[candidate.plan.id] for candidate in grid if candidate.plan is not None]
        if named and min(named) <= last:
            yield part
            part, last = [], -1
        part = part + grid
        last = max([last, *named])
    if part:
        yield part


def _columns(part: Sequence[Candidate], count: int) -> dict[int, Columns]:
    """Of each grid the columns in which the figures of its named rows stand."""
    counts: dict[int, Counter[Columns]] = {}
    for candidate in part:
        if candidate.plan is not None and len(candidate.row.items) == count:
            counts.setdefault(candidate.row.table, Counter())[tuple(item.col for item in candidate.row.items)] += 1
    return {grid: ways.most_common(1)[0][0] for grid, ways in counts.items() if ways.total() >= _KNOWN}


def _cells_in_columns(row: Row, columns: Mapping[int, Columns]) -> list[Item]:
    """The cells of a row in the columns of figures of its grid; all of its cells where these are not known."""
    own = columns.get(row.table)
    return [item for item in row.items if own is None or item.col in own]


def _unnamed_runs(part: Sequence[Candidate], table: TablePlan, columns: Mapping[int, Columns]) -> Iterator[Run]:
    """Rows of figures without a name, with the rows of the form that are missing there: exactly as many."""
    places = {plan.id: at for at, plan in enumerate(table.rows)}
    run: list[Candidate] = []
    first = 0
    for candidate in part:
        if candidate.plan is None:
            if sum(is_number(item.text) for item in _cells_in_columns(candidate.row, columns)) >= _FIGURES:
                run.append(candidate)
            continue
        at = places[candidate.plan.id]
        if run and at - first == len(run):
            yield list(zip(run, table.rows[first:at], strict=True))
        first, run = at + 1, []
    if run and len(table.rows) - first == len(run):
        yield list(zip(run, table.rows[first:], strict=True))


def _values(part: Sequence[Candidate], columns: Mapping[int, Columns]) -> Iterator[tuple[str, Decimal | int]]:
    """What the cells of the named rows count in a sum."""
    for candidate in part:
        if candidate.plan is not None:
            yield from _figures(candidate.plan, _cells_in_columns(candidate.row, columns), candidate.order)


def _figures(plan: RowPlan, items: Sequence[Item], order: Sequence[str] = ()) -> Iterator[tuple[str, Decimal | int]]:
    ids = order or plan.column_ids
    for column, item in zip(ids, items, strict=False) if len(ids) == len(items) else ():
        value = read_value(item.text)
        if value.value is not None:
            yield f"{plan.id}.{column}", value.value
        elif value.state is not CellState.PRINTED:
            yield f"{plan.id}.{column}", 0


def _sums_hold(run: Run, form: Form, known: Mapping[str, Decimal | int]) -> bool:
    """Whether the sums in which these rows stand bear them out: their own all, those over other rows all but a few.

    Another row may have a figure misread. Every cell must stand in a sum that can be judged.
    """
    plan = layout(form)
    for _, row in run:
        rests: dict[int, Decimal | int | None] = {}
        for name in row.place_ids:
            own = {number: difference(plan.rules[number], known) for number in plan.touching.get(name, ())}
            if all(rest is None for rest in own.values()):
                return False
            rests |= own
        broken = [number for number, rest in rests.items() if rest]
        within = set(row.place_ids)
        if _FEW * len(broken) > len(rests) or any(
            within.issuperset(name for name, _ in plan.rules[number].terms) for number in broken
        ):
            return False
    return True


def _is_alike(candidate: Candidate, plan: RowPlan) -> bool:
    row = candidate.row
    whole = len(row.items) == len(plan.columns) and all(looks_like_value(item.text) for item in row.items)
    return whole and is_like(row.own, key(plan.label))


def _place(runs: Sequence[Run], columns: Mapping[int, Columns], result: Placement) -> None:
    placed = [pair for run in runs for pair in run]
    for candidate, plan in placed:
        candidate.plan, candidate.flags, candidate.order = plan, ("label_doubt",), ()
        candidate.row = replace(candidate.row, items=_cells_in_columns(candidate.row, columns))
    if placed:
        result.findings.append(rows_by_order([plan for _, plan in placed]))
