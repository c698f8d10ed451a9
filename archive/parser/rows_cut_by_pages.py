"""Join rows that were cut within their label, by a page end or line by line: one piece holds the figures of all.

Programs that turn pages into HTML, Word or text give the pieces as rows: 1.申请人无正当理由逾期不补正、行 beside empty
cells, and 政机关不再处理其政府信息公开申请 beside the figures. Where the pieces together are a row's label the figures
are its own; where they are not, a row of blanks with but the half of a label is doubted.

In PDF, OFD and scans pages are joined before: ``documents/layout/page_joining``, ``parser/unruled/label_pieces``.
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

_LEAST_FIGURES = 2  # figures of a row
_MOST_PIECES = 3  # of one row
_CONTINUATION_MARKS = (",", "、", ";")


def join_cut_rows(candidates: list[Candidate]) -> None:
    """Give a row of blanks the figures that stand beside the rest of its label; doubt it where they may be its own."""
    joined: list[Candidate] = []
    at = 0
    while at < len(candidates):
        runs = (candidates[at : at + size] for size in range(_MOST_PIECES, 1, -1))
        run = next((run for run in runs if len(run) > 1 and _are_pieces_of_one_row(run)), candidates[at : at + 1])
        if len(run) > 1:
            label_piece, full = _label_and_figure_pieces(run)
            label_piece.row = replace(label_piece.row, items=_figures(label_piece.row, full.row))
            joined.append(label_piece)
        else:
            joined += run
        at += len(run)
    for one, other in pairwise(joined):
        blank, full = (one, other) if one.plan is not None else (other, one)
        if blank.plan is None or full.plan is not None or not _is_blank(blank.row) or full.row.numbers < _LEAST_FIGURES:
            continue
        is_half_label = _label(full.row) and not _is_complete_label(_label(blank.row), blank.plan)
        if is_half_label and "label_doubt" not in blank.flags:
            blank.flags = (*blank.flags, "label_doubt")
    candidates[:] = joined


def _label_and_figure_pieces(run: Sequence[Candidate]) -> tuple[Candidate, Candidate]:
    """Of the pieces of a row the one that the form knows, and the one with the figures."""
    return next(one for one in run if one.plan is not None), next(
        one for one in run if one.row.numbers >= _LEAST_FIGURES
    )


def _are_pieces_of_one_row(run: Sequence[Candidate]) -> bool:
    """Whether rows are the pieces of one: all together bear its label, one has its figures, the others are blank."""
    filled = [one for one in run if one.row.numbers >= _LEAST_FIGURES]
    if sum(one.plan is not None for one in run) != 1 or len(filled) != 1 or not all(_label(one.row) for one in run):
        return False
    label_piece, figure_piece = _label_and_figure_pieces(run)
    if (
        label_piece.plan is None
        or label_piece is figure_piece
        or not all(one is figure_piece or _is_blank(one.row) for one in run)
    ):
        return False
    figures, whole_label = _figures(label_piece.row, figure_piece.row), "".join(_label(one.row) for one in run)
    if len(figures) != len(label_piece.row.items) or not all(
        classes_of(item.text).value for item in figures if item.text.strip()
    ):
        return False
    is_half_label = not _is_complete_label(_label(label_piece.row), label_piece.plan)
    return _is_verbatim_label(whole_label, label_piece.plan) or (
        is_half_label and _is_complete_label(whole_label, label_piece.plan)
    )


def _figures(blank: Row, full: Row) -> list[Item]:
    """The last cells of a row, as many as one of blanks has."""
    return full.items[-len(blank.items) :]


def _is_blank(row: Row) -> bool:
    return bool(row.items) and not any(item.text.strip() for item in row.items)


def _label(row: Row) -> str:
    """The label next to the row's cells, as printed; "" if it has none."""
    return next((text.strip() for text in reversed(row.texts) if not classes_of(text).value), "")


def _is_verbatim_label(text: str, plan: RowPlan) -> bool:
    """Whether a text is a label of the row, word for word."""
    return simplify(text) in {simplify(label) for label in (plan.label, *plan.variants)}


def _is_complete_label(text: str, plan: RowPlan) -> bool:
    """Whether a text names the row and does not break off: no bracket, list or sentence is left open."""
    folded = simplify(text)
    closed = folded.count("(") == folded.count(")") and not folded.endswith(_CONTINUATION_MARKS)
    return closed and key(text) in {key(label) for label in (plan.label, *plan.variants)}
