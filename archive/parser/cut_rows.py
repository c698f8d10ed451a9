"""Rows of the form that the end of a page cut in two within their label: one half holds the figures, the other none.

Programs that turn pages into HTML, Word or text give both halves as rows: 1.申请人无正当理由逾期不补正、行 beside empty
cells, and 政机关不再处理其政府信息公开申请 beside the figures. Where the halves together are a row's label the figures
are its own; where they are not, a row of blanks with but the half of a label is doubted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from archive.forms.model import RowPlan
from archive.forms.spelling import key, simplify
from archive.parser.rows import Item, Row
from archive.parser.text_classes import look
from archive.parser.walk import Candidate

_MANY = 2  # figures of a row
_GOES_ON = (",", "、", ";")


def join_cut_rows(candidates: list[Candidate]) -> None:
    """Give a row of blanks the figures of its other half; doubt it where figures beside it may be its own."""
    gone: set[int] = set()
    for upper, lower in pairwise(candidates):
        blank, full = (upper, lower) if upper.plan is not None else (lower, upper)
        plan = blank.plan
        if plan is None or full.plan is not None or not _is_blank(blank.row) or full.row.numbers < _MANY:
            continue
        if not _label(full.row):
            continue
        figures = full.row.items[-len(blank.row.items) :]
        as_many = len(figures) == len(blank.row.items) and _are_values(figures)
        halved, whole = not _is_whole(_label(blank.row), plan), f"{_label(upper.row)}{_label(lower.row)}"
        if as_many and (_is_printed(whole, plan) or (halved and _is_whole(whole, plan))):
            blank.row = replace(blank.row, items=figures)
            gone.add(id(full))
        elif halved:
            blank.flags = (*blank.flags, "label_doubt")
    candidates[:] = [candidate for candidate in candidates if id(candidate) not in gone]


def _is_blank(row: Row) -> bool:
    return bool(row.items) and not any(item.text.strip() for item in row.items)


def _are_values(items: Sequence[Item]) -> bool:
    return all(look(item.text).value or look(item.text).blank for item in items)


def _label(row: Row) -> str:
    """The label next to the row's cells, as printed; "" if it has none."""
    return next((text.strip() for text in reversed(row.texts) if not look(text).value), "")


def _is_printed(text: str, plan: RowPlan) -> bool:
    """Whether a text is a label of the row, word for word."""
    return simplify(text) in {simplify(label) for label in (plan.label, *plan.variants)}


def _is_whole(text: str, plan: RowPlan) -> bool:
    """Whether a text names the row and does not break off: no bracket, list or sentence is left open."""
    folded = simplify(text)
    closed = folded.count("(") == folded.count(")") and not folded.endswith(_GOES_ON)
    return closed and key(text) in {key(label) for label in (plan.label, *plan.variants)}
