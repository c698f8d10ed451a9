"""Assign the figures of rows that were shifted: by a cell too many, or by a converter that left blank cells out.

Nobody knows by how far: they have no value, unless the sums leave one way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from archive.parser.column_assignment import filled_items, pushed_together
from archive.parser.rows import Row
from archive.parser.values import looks_like_value, read_value
from archive.parser.walk import Candidate

_CELLS = 5  # in a row that could be one of a matrix, some of its columns lost


def moved_tables(candidates: Sequence[Candidate]) -> set[int]:
    """The numbers of the tables in which rows are moved."""
    return _overflowing(candidates) | _pushed_together(candidates)


def is_moved(candidate: Candidate) -> bool:
    """Whether a row of such a table is one of them."""
    return _is_pushed(candidate) or _are_at_start(candidate)


def _is_pushed(candidate: Candidate) -> bool:
    """Whether a row has a cell too many, and a figure right of the header."""
    plan = candidate.plan
    return candidate.overflows and plan is not None and len(candidate.row.items) > len(plan.columns)


def _overflowing(candidates: Sequence[Candidate]) -> set[int]:
    """Tables in which nobody knows what belongs where: a few rows alone have figures right of the header, or most have
    and what stands under it does not add up.
    """
    over = Counter(c.row.table for c in candidates if _is_pushed(c))
    all_rows = Counter(c.row.table for c in candidates if c.plan is not None) if over else {}
    found = {table for table, count in over.items() if 2 * count < all_rows[table]}
    for table in over.keys() - found:
        row_sums = [sums for c in candidates if c.row.table == table and (sums := _adds_up(c)) is not None]
        found |= {table} if 2 * sum(row_sums) < len(row_sums) else set()
    return found


def _pushed_together(candidates: Sequence[Candidate]) -> set[int]:
    """Tables of text in which a converter left out the blank cells and filled the rows up: no blank stands before a
    figure in any row, and sums are blank where figures are. Which columns those are of nobody knows.
    """
    rows = [c for c in candidates if c.plan is not None and c.row.source in {"ragged", "list"}]
    found = {c.row.table for c in rows if _are_at_start(c)}
    return found - {c.row.table for c in rows if found and _has_blank_before(c.row)}


def _are_at_start(candidate: Candidate) -> bool:
    """Whether the figures of a row stand at its beginning, the last of them perhaps its sum; else that is blank."""
    plan, items = candidate.plan, candidate.row.items
    if plan is None or not pushed_together(items, len(candidate.columns)):
        return False
    values = [read_value(item.text).value or 0 for item in filled_items(items)]
    return sum(values[:-1]) == values[-1]


def _has_blank_before(row: Row) -> bool:
    """Whether a blank stands between figures."""
    texts = [item.text.strip() for item in row.items]
    last = max((at for at, text in enumerate(texts) if text), default=0)
    first = next((at for at, text in enumerate(texts) if text), 0)
    return "" in texts[first:last]


def _adds_up(candidate: Candidate) -> bool | None:
    """Whether the first cells of a row, as many as it has columns, are parts and their total; None if all are 0."""
    plan = candidate.plan
    if plan is None or len(plan.columns) < _CELLS or plan.columns[-1].kind != "printed_sum":
        return None
    items = candidate.row.items[: len(plan.columns)]
    if not all(looks_like_value(item.text) for item in items):
        return False
    values = [read_value(item.text).value or 0 for item in items]
    return sum(values[:-1]) == values[-1] if any(values) else None
