"""Share out figures of several rows that a converter put behind one label, because it wrote their labels elsewhere.

They are shared out among that row and those around it that have none, in the form's order, where they are exactly as
many as these rows hold and each row's sum is printed at its end. Elsewhere they stay what they are: too many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from archive.forms.model import Form, RowPlan
from archive.parser.cells import Placement
from archive.parser.findings import rows_by_order
from archive.parser.rows import Item, Row
from archive.parser.values import is_number, read_value
from archive.parser.walk import Candidate


def share_out(candidates: list[Candidate], form: Form, result: Placement) -> None:
    """Give the rows around one with too many figures their share of them, flagged ``order_only`` and with a finding."""
    plans = form.table("applications").rows
    summed = {identity.rows[0] for identity in form.identities if len(identity.rows) == 1 and len(identity.left) == 1}
    places = {plan.id: at for at, plan in enumerate(plans)}
    own_plans: list[RowPlan] = []
    for candidate in _overfull(candidates):
        if candidate.plan is None or candidate.plan.id not in places:
            continue
        own = _blank_neighbours(places[candidate.plan.id], plans, candidates)
        parts = _split_by_sums(candidate.row.items, own)
        if parts and all(plan.id in summed for plan in own):
            names = {plan.id for plan in own}
            shares = [_with_share(candidate, plan, part) for plan, part in zip(own, parts, strict=True)]
            at = candidates.index(candidate)
            candidates[at : at + 1] = shares
            candidates[:] = [c for c in candidates if c.row.items or c.plan is None or c.plan.id not in names]
            own_plans += own
    if own_plans:
        result.findings.append(rows_by_order(own_plans))


def _overfull(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Rows of text with the figures of several, each printed once."""
    found = [c for c in candidates if c.plan is not None and _is_overfull(c.row, len(c.plan.columns))]
    printed = Counter(c.plan.id for c in candidates if c.plan is not None and c.row.items) if found else {}
    return [c for c in found if c.plan is not None and printed[c.plan.id] == 1]


def _is_overfull(row: Row, size: int) -> bool:
    return row.source == "lines" and len(row.items) > size > 1 and len(row.items) % size == 0


def _blank_neighbours(at: int, plans: Sequence[RowPlan], candidates: Sequence[Candidate]) -> Sequence[RowPlan]:
    """The row at this place with those directly before and behind it that have no figures in the document."""
    filled = {c.plan.id for c in candidates if c.plan is not None and c.row.items}
    first, end = at, at + 1
    while first and plans[first - 1].id not in filled:
        first -= 1
    while end < len(plans) and plans[end].id not in filled:
        end += 1
    return plans[first:end]


def _split_by_sums(items: Sequence[Item], plans: Sequence[RowPlan]) -> list[Sequence[Item]]:
    """The figures of each row, whose last is the sum of the others; none unless all of them come out so."""
    size = len(plans[0].columns)
    parts = [items[at : at + size] for at in range(0, len(items), size)]
    alike = len(parts) == len(plans) and all(len(plan.columns) == size for plan in plans)
    return parts if alike and all(map(_adds_up, parts)) else []


def _adds_up(items: Sequence[Item]) -> bool:
    values = [read_value(item.text).value for item in items if is_number(item.text)]
    figures = [value for value in values if value is not None]
    return len(figures) == len(items) and sum(figures[:-1]) == figures[-1]


def _with_share(candidate: Candidate, plan: RowPlan, items: Sequence[Item]) -> Candidate:
    """The row of the form with its share of the figures."""
    placed = [replace(item, col=at) for at, item in enumerate(items)]
    return replace(candidate, plan=plan, row=replace(candidate.row, items=placed, blanks=()), flags=("order_only",))
