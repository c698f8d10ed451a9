"""Assign the figures of tables that print fewer columns than the form and pad their rows with blank cells.

``信息内容 | 处理决定数量 | |`` over ``行政许可 | 142 | |``: as many cells as the form has columns, but 142 is what the
one heading says. Wherever the fields of a table are true and no figure stands beside its headings, these tell the
columns, and a field without a heading is none. Figures that do stand beside them contradict what is printed: the form's
order is kept then, with a doubt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from archive.documents.ocr.confidence import is_recognised
from archive.forms.model import RowPlan
from archive.parser.cells import Placement
from archive.parser.column_assignment import Header
from archive.parser.extra_rows import columns_left
from archive.parser.rows import Item
from archive.parser.text_classes import classes_of
from archive.parser.walk import Candidate, HeaderCell


@dataclass(frozen=True, slots=True)
class _Below:
    """A row of the form with the columns that the headings above it name, and all headings right of its label."""

    candidate: Candidate
    plan: RowPlan
    header: Header
    header_cells: Sequence[HeaderCell]

    @property
    def is_padded(self) -> bool:
        """Whether the row has more cells than columns are named above it."""
        return len(self.candidate.row.items) > len(self.header)

    @property
    def is_moved(self) -> bool:
        """Whether the form's order puts a cell elsewhere than its heading does."""
        by_order = dict(zip(self.plan.column_ids, self.candidate.row.items, strict=False))
        return any(
            (item := by_order.get(name)) is None or not _overlap(span, item) for name, span in self.header.items()
        )


def by_printed_headings(candidates: Sequence[Candidate], result: Placement) -> None:
    """Give padded rows the columns whose headings are printed, and those cells alone; changes the candidates."""
    groups: dict[tuple[int, int], list[_Below]] = defaultdict(list)
    for candidate in candidates:
        if (
            candidate.header_cells
            and candidate.plan is not None
            and (found := _padded_row(candidate, candidate.plan)) is not None
        ):
            groups[id(candidate.header_cells), candidate.plan.block].append(found)
    unknown: list[str] = []
    for own in groups.values():
        moved = any(row.is_moved for row in own)
        if not any(row.is_padded for row in own) and (own[0].candidate.row.source == "grid" or not moved):
            continue  # as many cells as headings
        if not moved and is_recognised(own[0].candidate.row.locator):
            continue  # a heading may be there that was not recognised
        placed = [(row, cells) for row in own if (cells := _cells(row)) is not None]
        for row in own if len(placed) < len(own) else ():
            _doubt(row)
        for row, cells in placed if len(placed) == len(own) else ():
            unknown += _take(row, cells)
    if unknown:
        result.findings.append(columns_left(list(dict.fromkeys(unknown))))


def _padded_row(candidate: Candidate, plan: RowPlan) -> _Below | None:
    """A row that may be padded: fewer headings are printed above it than it should have, or, where all are and it is
    one of fields, fewer than it has; else None.
    """
    row, size = candidate.row, len(plan.columns)
    flat = row.source == "ragged" and not any(column.grouped for column in plan.columns)
    if not (row.source == "grid" or flat):  # fields stand below those of their headings
        return None
    whole = len(candidate.header) == size
    if whole and (row.source == "grid" or len(row.items) <= size):  # nearly all
        return None
    heads = [head for head in candidate.header_cells if head.first > row.label_col]
    if not whole and len(heads) >= size:
        return None
    written_out = _named_columns(heads, plan) if any(head.is_copy for head in heads) else {}
    header = max(candidate.header, written_out, key=len)
    return _Below(candidate, plan, header, heads) if header else None


def _named_columns(heads: Sequence[HeaderCell], plan: RowPlan) -> Header:
    """The columns of a row that headings name, each of them once; none if one is named twice."""
    found: dict[str, tuple[int, int]] = {}
    for head in heads:
        names = [name for name in classes_of(head.text).columns.get(plan.table, ()) if name in plan.column_ids]
        if any(name in found for name in names):
            return {}
        found.update((name, (head.first, head.end)) for name in names if len(names) == 1)
    return found


def _doubt(row: _Below) -> None:
    contradicted = row.is_moved or any(head.is_copy for head in row.header_cells)
    if contradicted and len(row.header) < len(row.plan.columns):
        row.candidate.flags = (*row.candidate.flags, "label_doubt")


def _overlap(span: tuple[int, int], item: Item) -> bool:
    return item.col < span[1] and item.col + item.span > span[0]


def _cells(row: _Below) -> Mapping[HeaderCell, Item] | None:
    """The one cell below each heading; None where a figure stands beside them, or several below one.

    A figure may be written out as often as its heading is.
    """
    items: dict[HeaderCell, Item] = {}
    for item in row.candidate.row.items:
        over = [head for head in row.header_cells if _overlap((head.first, head.end), item)]
        if not item.text.strip():
            for head in over:
                items.setdefault(head, item)
            continue
        before = items.get(over[0]) if over else None
        again = before is not None and before.text.strip() != ""
        if len(over) != 1 or (again and not (over[0].is_copy and before is not None and before.text == item.text)):
            return None
        items[over[0]] = before if again and before is not None else item
    return items


def _take(row: _Below, below: Mapping[HeaderCell, Item]) -> list[str]:
    """Leave a row the cells below headings that name a column; gives the headings of other figures."""
    header = {name: row.header[name] for name in sorted(row.header, key=lambda name: row.header[name])}
    cells = {
        name: item for name, span in header.items() for head, item in below.items() if (head.first, head.end) == span
    }
    candidate = row.candidate
    candidate.order, candidate.headings_above, candidate.header = tuple(cells), (), header
    candidate.row = replace(candidate.row, items=[*cells.values()], source="grid")
    used = {id(item) for item in cells.values()}
    return [head.text for head, item in below.items() if id(item) not in used and item.text.strip()]
