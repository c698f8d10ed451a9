"""Rows of figures that lost their label, placed between neighbours that have one; only where the count fits exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from archive.forms.model import RowPlan, TablePlan
from archive.forms.spelling import key
from archive.parser import findings as said
from archive.parser.cells import Placed
from archive.parser.fit import windows_of
from archive.parser.rows import Row
from archive.parser.values import is_number
from archive.parser.walk import Candidate

_TABLED = frozenset({"grid", "ragged"})
_SIMILAR = 0.7  # a garbled label between its neighbours


def fill_gaps(candidates: list[Candidate], table: TablePlan, result: Placed) -> None:
    """Rows whose label names nothing, between two that have one: placed if exactly as many are missing there.

    Before the first row of the table only such as have a piece of its label (本年新收).
    """
    places = {plan.id: i for i, plan in enumerate(table.rows)}
    run: list[Candidate] = []
    last: int | None = None
    filled: list[RowPlan] = []
    for candidate in candidates:
        if candidate.plan is None:
            if candidate.region == "applications" and _is_anonymous(candidate, table):
                run.append(candidate)
            continue
        at = places.get(candidate.plan.id)
        if at is None or not candidate.row.items:
            continue
        first = 0 if last is None else last + 1
        if run and at - first == len(run) and (last is not None or all(_is_piece(run))):
            filled += _assign(run, table.rows[first:at])
        last, run = at, []
    if last is not None and run and len(table.rows) - last - 1 == len(run):
        filled += _assign(run, table.rows[last + 1 :])
    if filled:
        cells = [place for plan in filled for place in plan.place_ids]
        result.findings.append(said.order_only((plan.label for plan in filled), cells))


def take_crumbs(candidates: list[Candidate]) -> list[Candidate]:
    """Take away the torn labels with a stray figure behind them in the text, where the figures stand in tables.

    They are no rows if those are found elsewhere; nor are they blank: a figure is there, nobody knows in which column.
    """
    loose = [c for c in candidates if c.plan is not None and c.row.source == "lines"]
    if not loose or sum(c.plan is not None and c.row.source in _TABLED and c.row.numbers > 0 for c in candidates) < 3:
        return []
    crumbs = [c for c in loose if c.plan is not None and c.row.items and len(c.row.items) != len(c.columns)]
    candidates[:] = [candidate for candidate in candidates if candidate not in crumbs]
    return crumbs


def _is_anonymous(candidate: Candidate, table: TablePlan) -> bool:
    """Whether a row without a known label can hold a whole row of values; blank ones only behind a piece of a label."""
    row = candidate.row
    if not windows_of(row.items, len(candidate.order or table.columns)):
        return False
    if sum(is_number(item.text) for item in row.items) > 1:
        return True
    return row.source == "grid" and len(row.lead) > 1 and any(row.lead in key(plan.label) for plan in table.rows)


def _is_piece(run: Sequence[Candidate]) -> Iterator[bool]:
    """Of each row, whether words of a label stand before its figures."""
    return (len(candidate.row.lead) > 1 for candidate in run)


def _assign(run: Sequence[Candidate], plans: Sequence[RowPlan]) -> list[RowPlan]:
    if not all(_compatible(candidate.row, plan, len(run)) for candidate, plan in zip(run, plans, strict=True)):
        return []
    for candidate, plan in zip(run, plans, strict=True):
        candidate.plan, candidate.flags = plan, ("order_only",)
        if candidate.row.lead and candidate.row.lead not in _whole(plan):
            candidate.flags = ("label_doubt",)
    return list(plans)


def _whole(plan: RowPlan) -> str:
    return "".join(key(text) for text in (*plan.groups, plan.label)) + key(
        plan.label.replace("（", "").replace("）", "")
    )


def _is_thinned(lead: str, whole: str) -> bool:
    """Whether the characters of ``lead`` stand in ``whole`` in this order: lines of several columns read across."""
    rest = iter(whole)
    return all(character in rest for character in lead)


def _compatible(row: Row, plan: RowPlan, size: int) -> bool:
    """Whether what is left of a label can be that of this row.

    Nothing, a piece of it, or something like it (where several are missing, the whole of what begins in the row),
    whatever its groups are called.
    """
    lead = row.lead.rstrip("0123456789")  # the number of a label whose words stand on the next line
    if not lead or lead in _whole(plan) or (len(lead) > 2 and _is_thinned(lead, _whole(plan))):
        return True
    if is_like(row.own, key(plan.label)):
        return True
    for group in plan.groups:
        lead = lead.removeprefix(key(group))
    return size == 1 and any(is_like(text, key(plan.label)) for text in (lead, _label(row)))


def _label(row: Row) -> str:
    """The key of the text next to the row's figures; "" if there is none."""
    filled = sum(bool(item.text.strip()) for item in row.items)
    return key(row.texts[-filled - 1]) if len(row.texts) > filled else ""


def is_like(lead: str, label: str) -> bool:
    """Whether a garbled label may be this one, between its neighbours."""
    return SequenceMatcher(None, lead, label).ratio() >= _SIMILAR
