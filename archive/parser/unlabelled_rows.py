"""Place rows of figures that lost their label between neighbours that have one, only where the count fits exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from archive.forms.model import RowPlan, TablePlan
from archive.forms.spelling import key
from archive.parser.cells import Placement
from archive.parser.column_assignment import windows_of
from archive.parser.findings import rows_by_order
from archive.parser.rows import Item, Row
from archive.parser.text_classes import classes_of
from archive.parser.values import is_number, looks_like_value
from archive.parser.walk import Candidate

_TABLED = frozenset({"grid", "ragged"})
_FIGURES = 2  # of a row in a table of blocks
_SIMILAR = 0.7  # a garbled label between its neighbours


def fill_gaps(candidates: list[Candidate], table: TablePlan, result: Placement) -> None:
    """Rows whose label names nothing, between two that have one: placed if exactly as many are missing there.

    Before the first row of the table only such as have a piece of its label (本年新收).
    """
    places = {plan.id: i for i, plan in enumerate(table.rows)}
    run: list[Candidate] = []
    last: int | None = None
    filled: list[RowPlan] = []
    for candidate in candidates:
        if candidate.plan is None:
            if candidate.table_key == "applications" and _is_anonymous(candidate, table):
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
        result.findings.append(rows_by_order(filled))


def fill_blocks(candidates: Sequence[Candidate], table: TablePlan, result: Placement) -> None:
    """Rows of figures without any label in a table of blocks, placed where between those around them exactly one row is
    missing, which is printed nowhere, and the headings above name all of its columns and no others.
    """
    places = {plan.id: at for at, plan in enumerate(table.rows)}
    known = {candidate.plan.id for candidate in candidates if candidate.plan is not None}
    own = [c for c in candidates if c.table_key == table.key]
    filled: list[RowPlan] = []
    for at, candidate in enumerate(own):
        row = candidate.row
        if candidate.plan is not None or row.lead or row.numbers < _FIGURES:
            continue
        before, after = (own[at - 1] if at else None), (own[at + 1] if at + 1 < len(own) else None)
        ends = [_place_of(other, places) for other in (before, after)]
        first = 0 if before is None else ends[0]
        end = len(places) if after is None else ends[1]
        if first is None or end is None or before is after:
            continue
        missing = table.rows[first + (before is not None) : end]
        if len(missing) != 1 or missing[0].id in known:
            continue
        if items := _below_headings(candidate, missing[0]):
            candidate.plan, candidate.flags = missing[0], ("order_only",)
            candidate.row = replace(row, items=items)
            known.add(missing[0].id)
            filled.append(missing[0])
    if filled:
        result.findings.append(rows_by_order(filled))


def _place_of(candidate: Candidate | None, places: Mapping[str, int]) -> int | None:
    return places.get(candidate.plan.id) if candidate is not None and candidate.plan is not None else None


def _below_headings(candidate: Candidate, plan: RowPlan) -> list[Item]:
    """The figures of a row, one or a mark for each of the headings above it, if these are those of a row of the form;
    else none. A blank cell for the label may stand before them.
    """
    items, size = candidate.row.items, len(plan.columns)
    while len(items) > size and not items[0].text.strip():
        items = items[1:]
    while len(items) > size and not items[-1].text.strip():
        items = items[:-1]
    if len(items) != size or not all(looks_like_value(item.text) for item in items):
        return []
    if [item.text.strip() for item in items] == [str(at) for at in range(1, size + 1)]:
        return []  # the numbers of the columns
    heads = [head for head in candidate.header_cells if plan.table in classes_of(head.text).columns]
    if len(heads) != size or any(
        name not in classes_of(head.text).columns[plan.table] for head, name in zip(heads, plan.column_ids, strict=True)
    ):
        return []
    beside = any(
        item.col >= head.end or item.col + item.span <= head.first for item, head in zip(items, heads, strict=True)
    )
    return [] if candidate.row.source == "grid" and beside else items


def take_label_fragments(candidates: list[Candidate]) -> list[Candidate]:
    """Take away the torn labels with a stray figure behind them in the text, where the figures stand in tables.

    They are no rows if those are found elsewhere; nor are they blank: a figure is there, nobody knows in which column.
    """
    loose = [c for c in candidates if c.plan is not None and c.row.source == "lines"]
    if not loose or sum(c.plan is not None and c.row.source in _TABLED and c.row.numbers > 0 for c in candidates) < 3:
        return []
    label_fragments = [c for c in loose if c.plan is not None and c.row.items and len(c.row.items) != len(c.columns)]
    candidates[:] = [candidate for candidate in candidates if candidate not in label_fragments]
    return label_fragments


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
        if candidate.row.lead and candidate.row.lead not in _full_label_key(plan):
            candidate.flags = ("label_doubt",)
    return list(plans)


def _full_label_key(plan: RowPlan) -> str:
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
    if not lead or lead in _full_label_key(plan) or (len(lead) > 2 and _is_thinned(lead, _full_label_key(plan))):
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
