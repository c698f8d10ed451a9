"""Assign the figures of rows without a grid whose headings name other columns than the form's, or in another order.

The headings tell it, wherever the figures of all rows below them fit. Where they tell it in two ways, or contradict the
form without telling all, the figures are doubted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from archive.findings import finding
from archive.forms.model import Form, RowPlan
from archive.parser.cells import Placement
from archive.parser.column_assignment import filled_items
from archive.parser.printed_order import (
    GROUP,
    PrintedOrder,
    is_by_rows,
    order_by_place,
    printed_order,
    strip_order,
)
from archive.parser.values import is_number, read_value
from archive.parser.walk import Candidate

_FEWEST = 2  # columns of a table that lacks some
_ROWS, _MANY = 3, 5  # that are alike by no chance; that all have a figure in each column


def assign_printed_orders(
    candidates: Sequence[Candidate], remedies_rows: Sequence[Candidate], form: Form, result: Placement
) -> None:
    """Give the rows the columns that their headings name, or doubt them; changes the candidates."""
    groups: dict[tuple[int, str, int], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.headings_above and (candidate.plan is not None or candidate.table_key == "applications"):
            plan = candidate.plan
            groups[id(candidate.headings_above), candidate.table_key, plan.block if plan is not None else 0].append(
                candidate
            )
    doubted: list[Candidate] = []
    for own in groups.values():
        plan = next((c.plan for c in own if c.plan is not None), None)
        if plan is not None and len(plan.columns) > 1 and not _assign_order(own, plan):
            doubted += own
    matrix = form.table("applications").rows[0]
    by_rows = any(
        is_by_rows(own[0].headings_above, matrix) for own in groups.values() if own[0].table_key == "applications"
    )
    behind: Sequence[str] = ()
    for candidate in remedies_rows:
        row = candidate.row
        behind = row.texts[-1:] if row.hit is not None else behind  # 总计, taken for the label of a row
        if candidate.headings_above and not _assign_strip_order(candidate, form, behind, by_rows=by_rows):
            doubted.append(candidate)
        behind = () if row.items else behind
    if doubted:
        result.findings.append(finding("order_only", case="columns", cells=dict.fromkeys(_cells(doubted, form))))


def _assign_order(own: Sequence[Candidate], plan: RowPlan) -> bool:
    """Give rows below the same headings their columns; False if these are not certain."""
    printed = printed_order(own[0].headings_above, plan)
    if printed is None:
        return True
    form = tuple(name for name in plan.column_ids if name in printed.names)
    as_form = printed.names == form
    if as_form and len(form) == len(plan.columns):
        _doubt(own, printed)
        return printed.sure
    if len(form) == len(plan.columns) or _fits_rows(own, printed, plan):
        for candidate in own:
            candidate.order = printed.names
        _doubt(own, printed)
        return printed.sure
    if (as_form or GROUP in printed.names) and not _lacks_alike(own, plan):
        return True
    _doubt(own, PrintedOrder(printed.names, sure=False))
    return False


def _doubt(own: Sequence[Candidate], printed: PrintedOrder) -> None:
    for candidate in () if printed.sure else own:
        candidate.flags = (*candidate.flags, "label_doubt")


def _fits_rows(own: Sequence[Candidate], printed: PrintedOrder, plan: RowPlan) -> bool:
    """Whether headings that name some of the columns are all there are: rows have as many figures, and each has or most
    add up so.
    """
    total = next((column.id for column in plan.columns if column.kind == "printed_sum"), "")
    size = len(printed.names)
    figures = [filled_items(c.row.items) for c in own if c.row.numbers]
    if printed.whole and size < _FEWEST:
        return len(figures) >= _MANY and all(len(items) == size for items in figures)
    if printed.whole and printed.sure and total not in printed.names:
        return len(figures) >= _MANY and all(len(items) == size for items in figures)
    if not printed.whole or total not in printed.names:
        return False
    whole = [items for items in figures if len(items) == size]
    if not whole or 2 * len(whole) < len(figures) or any(len(items) > size for items in figures):
        return False
    if printed.sure and len(whole) == len(figures) >= _MANY:
        return True
    at = printed.names.index(total)
    row_sums = [sums for items in whole if (sums := _adds_up([item.text for item in items], at)) is not None]
    return 2 * sum(row_sums) > len(row_sums)


def _lacks_alike(own: Sequence[Candidate], plan: RowPlan) -> bool:
    """Whether all rows lack as many figures: columns are not printed, and nobody knows which."""
    counts = [len(filled_items(c.row.items)) for c in own if c.row.numbers]
    return len(counts) >= _ROWS and len(set(counts)) == 1 and _FEWEST <= counts[0] < len(plan.columns)


def _adds_up(texts: Sequence[str], at: int) -> bool | None:
    """Whether the figure at a place is the sum of the others; None where all are 0."""
    if not all(map(is_number, texts)):
        return None
    values = [read_value(text).value or 0 for text in texts]
    return 2 * values[at] == sum(values) if any(values) else None


def _assign_strip_order(candidate: Candidate, form: Form, behind: Sequence[str], *, by_rows: bool) -> bool:
    table, row = form.table("remedies"), candidate.row
    ids = tuple(place for plan in table.rows for place in plan.place_ids)
    if row.source == "grid":
        printed = order_by_place(candidate.headings_above, table) if not candidate.header.keys() >= {*ids} else None
    else:
        printed = strip_order(candidate.headings_above, table, behind, by_rows=by_rows)
    if printed is None:
        return True
    columns = tuple(column.id for column in table.columns)
    is_complete = len(printed.names) in {len(row.items), len(ids), len(columns)}
    if not is_complete and printed.names:  # of headings broken over lines some alone are known
        as_form = tuple(name for name in (*ids, *columns) if name in printed.names)
        printed = PrintedOrder((), printed.sure and printed.names == as_form)
    elif printed.names not in {ids, columns}:
        candidate.order = printed.names
    if not printed.sure:
        candidate.flags = (*candidate.flags, "label_doubt")
    return printed.sure


def _cells(doubted: Sequence[Candidate], form: Form) -> Iterator[str]:
    """The cells of rows; of those of blocks all that the table has."""
    for candidate in doubted:
        if candidate.table_key == "remedies":
            yield from (place for row in form.table("remedies").rows for place in row.place_ids)
        elif candidate.plan is not None:
            yield from candidate.plan.place_ids
