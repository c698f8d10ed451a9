"""Rows of the form that are cut within their label, by the end of a page or line by line: one piece holds the figures.

Programs that turn pages into HTML, Word or text give the pieces as rows: 1.申请人无正当理由逾期不补正、行 beside empty
cells, and 政机关不再处理其政府信息公开申请 beside the figures. Where the pieces together are a row's label the figures
are its own; where they are not, a row of blanks with but the half of a label is doubted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from archive.forms.model import RowPlan
from archive.forms.spelling import key, simplify
from archive.parser.rows import Item, Row
from archive.parser.text_classes import classes_of
from archive.parser.walk import Candidate

_MANY = 2  # figures of a row
_PIECES = 3  # of one row
_GOES_ON = (",", "、", ";")


def join_cut_rows(candidates: list[Candidate]) -> None:
    """Give a row of blanks the figures that stand beside the rest of its label; doubt it where they may be its own."""
    done: list[Candidate] = []
    at = 0
    while at < len(candidates):
        runs = (candidates[at : at + size] for size in range(_PIECES, 1, -1))
        run = next((run for run in runs if len(run) > 1 and _is_one(run)), candidates[at : at + 1])
        if len(run) > 1:
            named, full = _named_and_full(run)
            named.row = replace(named.row, items=_figures(named.row, full.row))
            done.append(named)
        else:
            done += run
        at += len(run)
    for one, other in pairwise(done):
        blank, full = (one, other) if one.plan is not None else (other, one)
        if blank.plan is None or full.plan is not None or not _is_blank(blank.row) or full.row.numbers < _MANY:
            continue
        halved = _label(full.row) and not _is_whole(_label(blank.row), blank.plan)
        if halved and "label_doubt" not in blank.flags:
            blank.flags = (*blank.flags, "label_doubt")
    candidates[:] = done


def _named_and_full(run: Sequence[Candidate]) -> tuple[Candidate, Candidate]:
    """Of the pieces of a row the one that the form knows, and the one with the figures."""
    return next(one for one in run if one.plan is not None), next(one for one in run if one.row.numbers >= _MANY)


def _is_one(run: Sequence[Candidate]) -> bool:
    """Whether rows are the pieces of one: all together bear its label, one has its figures, the others are blank."""
    filled = [one for one in run if one.row.numbers >= _MANY]
    if sum(one.plan is not None for one in run) != 1 or len(filled) != 1 or not all(_label(one.row) for one in run):
        return False
    named, full = _named_and_full(run)
    if named.plan is None or named is full or not all(one is full or _is_blank(one.row) for one in run):
        return False
    figures, whole = _figures(named.row, full.row), "".join(_label(one.row) for one in run)
    if len(figures) != len(named.row.items) or not all(
        classes_of(item.text).value for item in figures if item.text.strip()
    ):
        return False
    halved = not _is_whole(_label(named.row), named.plan)
    return _is_printed(whole, named.plan) or (halved and _is_whole(whole, named.plan))


def _figures(blank: Row, full: Row) -> list[Item]:
    """The last cells of a row, as many as one of blanks has."""
    return full.items[-len(blank.items) :]


def _is_blank(row: Row) -> bool:
    return bool(row.items) and not any(item.text.strip() for item in row.items)


def _label(row: Row) -> str:
    """The label next to the row's cells, as printed; "" if it has none."""
    return next((text.strip() for text in reversed(row.texts) if not classes_of(text).value), "")


def _is_printed(text: str, plan: RowPlan) -> bool:
    """Whether a text is a label of the row, word for word."""
    return simplify(text) in {simplify(label) for label in (plan.label, *plan.variants)}


def _is_whole(text: str, plan: RowPlan) -> bool:
    """Whether a text names the row and does not break off: no bracket, list or sentence is left open."""
    folded = simplify(text)
    closed = folded.count("(") == folded.count(")") and not folded.endswith(_GOES_ON)
    return closed and key(text) in {key(label) for label in (plan.label, *plan.variants)}
