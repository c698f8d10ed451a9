"""Doubt placed cells whose figure may belong elsewhere or mean something else, by what is printed around them.

Rows that may be others (``label_doubt``); a minus that may be a mark (``minus_drawn``); figures printed above their
labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from archive.forms.model import Form
from archive.parser.cells import Placement, add_cell_findings, with_flag
from archive.parser.rows import Row
from archive.parser.text_classes import classes_of
from archive.parser.values import DASH_AS_MINUS
from archive.parser.walk import Candidate
from storage.records import Cell, CellState

Cells = dict[str, Cell]
_MANY = 2  # figures of a row
_HELD = 2  # digits that the narrowest cell holds in a line
_SEVERAL = 3  # sums that do not hold
_APPLICATIONS = "applications"


def doubt_blank_row_above_figures(candidates: Sequence[Candidate], visited: dict[str, Cells]) -> None:
    """Doubt a row of blanks above a row of figures without a label: they may be its own, printed lower.

    One figure is enough where the row lists fewer cells than it has columns.
    """
    above: Candidate | None = None
    for candidate in candidates:
        row = candidate.row
        nameless = not row.lead and (candidate.plan is None or "order_only" in candidate.flags)
        if not nameless:
            above = candidate if candidate.plan is not None and row.items and not row.numbers else None
        elif row.numbers and above is not None and above.plan is not None:
            below = row.numbers >= _MANY and above.row.table == row.table
            is_rest = above.row.source == "list" and len(above.row.items) < len(above.plan.place_ids)
            cells = visited.get(above.plan.id, {}) if below or is_rest else {}
            if all(cell.value is None for cell in cells.values()):
                visited[above.plan.id] = {name: with_flag(cell, "label_doubt") for name, cell in cells.items()}
            above = None


def doubt_wrapped(candidates: Sequence[Candidate]) -> None:
    """Doubt a row with digits alone right below its figures: a narrow cell may have wrapped 17575 as 1757 and 5."""
    for above, below in pairwise(candidates):
        if above.plan is None or below.plan is not None or below.row.lead or above.row.table != below.row.table:
            continue
        figures = {item.col: len(item.text.strip()) for item in above.row.items if item.text.strip().isdecimal()}
        rest = [item for item in below.row.items if item.text.strip()]
        wrapped = all(
            item.text.strip().isdecimal() and figures.get(item.col, 0) >= max(_HELD, len(item.text.strip()))
            for item in rest
        )
        if rest and wrapped and (len(rest) < len(figures) or len(figures) == 1):
            above.flags = (*above.flags, "label_doubt")


def doubt_merged(visited: dict[str, Cells]) -> None:
    """Doubt the first row, too, of a cell that is merged over several: which of them its figure counts is not known."""
    merged = [cell for cells in visited.values() for cell in cells.values() if "merged" in cell.flags]
    shared = {_place(cell) for cell in merged if "row" in cell.locator}
    for name, cells in visited.items() if shared else ():
        visited[name] = {
            key: with_flag(cell, "merged") if _place(cell) in shared else cell for key, cell in cells.items()
        }


def _place(cell: Cell) -> tuple[object, ...]:
    return tuple(cell.locator.get(part) for part in ("table", "row", "col"))


def doubt_ends(result: Placement, visited: dict[str, Cells], forms: dict[str, Form], *, loose: bool) -> None:
    """Where some rows of a table have a wrong number of cells, doubt others that begin or end with a blank.

    Their columns may be shifted.

    ``loose``: figures are there that belong to no row.
    """
    short = {name for found in result.findings if found.code == "count_mismatch" for name in found.cells}
    for table in ("proactive", "applications") if short or result.spread else ():
        plans = (forms.get(table) or forms["applications"]).table(table).rows
        if table not in result.spread and not any(name in short for plan in plans for name in plan.place_ids):
            continue
        for plan in plans:
            cells = [visited.get(plan.id, {}).get(name) for name in plan.place_ids]
            ends = [cell is None or cell.state is CellState.BLANK for cell in (cells[0], cells[-1])]
            filled = any(cell is not None and cell.value is not None for cell in cells)
            if len(cells) > 1 and any(ends) and plan.id in visited and (filled or loose):
                visited[plan.id] = {name: with_flag(cell, "label_doubt") for name, cell in visited[plan.id].items()}


def doubt_unnamed_columns(candidates: Sequence[Candidate], visited: dict[str, Cells], form: Form) -> None:
    """Doubt a matrix whose columns nothing names, where most of its sums do not hold: their order may be another."""
    plans = form.table("applications").rows
    summed = [at for at, column in enumerate(plans[0].columns) if column.kind == "printed_sum"]
    if len(summed) != 1 or any(c.header for c in candidates if c.plan is not None and c.plan.table == "applications"):
        return
    telling: dict[str, bool] = {}
    for plan in plans:
        figures = [_value(visited.get(plan.id, {}), name) for name in plan.place_ids]
        printed = visited.get(plan.id, {})  # a total alone is no sum of others
        if any(figures) and len(printed) > 1 and plan.place_ids[summed[0]] in printed:
            total = figures[summed[0]]
            telling[plan.id] = total is not None and 2 * total == sum(figure or 0 for figure in figures)
    broken = list(telling.values()).count(False)
    if broken < _SEVERAL or 2 * broken < len(telling):
        return
    for name in (plan.id for plan in plans if plan.id in visited):
        visited[name] = {place: with_flag(cell, "label_doubt") for place, cell in visited[name].items()}


def doubt_lagging(candidates: Sequence[Candidate]) -> None:
    """Where labels and figures came apart, a row next to a label without figures may have that one's."""
    ranks = [c for c in candidates if c.plan is not None and c.row.source == "lines"]
    for before, candidate, after in zip([None, *ranks], ranks, [*ranks[1:], None], strict=False):
        if candidate.row.items and any(other is not None and not other.row.items for other in (before, after)):
            candidate.flags = (*candidate.flags, "label_doubt")


def doubt_near(candidates: Sequence[Candidate], forms: dict[str, Form]) -> None:
    """A label recognised with a slip is believed where it stands next to its neighbour of the form."""
    if not any(candidate.row.fuzzy for candidate in candidates):
        return
    order = {plan.id: at for form in forms.values() for table in form.tables for at, plan in enumerate(table.rows)}
    places = [order[candidate.plan.id] for candidate in candidates if candidate.plan is not None]
    for at, candidate in enumerate(candidates):
        if (
            candidate.row.fuzzy
            and places[at] - 1 not in places[at - 1 : at]
            and places[at] + 1 not in places[at + 1 :][:1]
        ):
            candidate.flags = (*candidate.flags, "label_doubt")


def _value(cells: Mapping[str, Cell], name: str) -> Decimal | None:
    return cells[name].value if name in cells else None


def doubt_dash_minus(placed: Placement) -> None:
    """Take the value from changes with a dash for their minus (本年增/减: --253) which their row does not bear out.

    What was there the year before must be enough to be taken from. Else a mark may stand before a figure of its own.
    """
    form = placed.form
    drawn = [name for name, cell in placed.cells.items() if cell.flags and DASH_AS_MINUS in cell.flags]
    if form is None or not drawn:
        return
    cells = dict(placed.cells)
    for name in drawn:
        cell = cells[name]
        if cell.value is not None and name in form.places and not _is_borne_out(form, name, cell, placed):
            flags = (*(flag for flag in cell.flags if flag != DASH_AS_MINUS), "not_a_number")
            cells[name] = replace(cell, value=None, flags=flags)
            add_cell_findings(cells[name], form.places[name], placed)
    placed.cells = cells


def _is_borne_out(form: Form, name: str, cell: Cell, placed: Placement) -> bool:
    """Whether the row of a change says that there was as much before."""
    assert cell.value is not None
    plan = form.places[name].row
    stocks = [f"{plan.id}.{column.id}" for column in plan.columns if column.kind == "stock"]
    before = [placed.cells[stock].value for stock in stocks if stock in placed.cells]
    return any(had is not None and had + cell.value >= 0 for had in before)


def doubt_shifted(rows: Sequence[Row], placed: Placement) -> None:
    """Flag the cells of the table read from lines (``label_doubt``), if its figures begin before its labels.

    Whoever extracts text from a page by the height of its lines puts figures that are set a hair higher than their
    label before it. Nothing in the lines says so, but that a whole row stands before the first label of the table.
    """
    if placed.form is None or not _begins_with_figures(rows, len(placed.form.table(_APPLICATIONS).columns)):
        return
    for name in placed.form.ids:
        cell = placed.cells.get(name)
        if cell is not None and placed.form.places[name].table == _APPLICATIONS and "row" not in cell.locator:
            placed.cells[name] = with_flag(cell, "label_doubt")


def _begins_with_figures(rows: Sequence[Row], size: int) -> bool:
    """Whether a row of figures stands right before the first row with a label: behind nothing, or a column's name."""
    for before, row in pairwise(row for row in rows if row.kind == "data"):
        if row.hit is not None and row.hit.table == _APPLICATIONS and not _names_a_column(row):
            bare = before.hit is None or _names_a_column(before)
            return bare and before.source == row.source == "lines" and before.numbers >= size
    return False


def _names_a_column(row: Row) -> bool:
    return bool(row.texts) and _APPLICATIONS in classes_of(row.texts[-1]).columns
