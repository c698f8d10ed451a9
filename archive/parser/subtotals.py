"""Sums of groups (小计) printed among the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping

from archive.forms.model import Form
from archive.parser.walk import Candidate


def leave_subtotals(candidates: list[Candidate], forms: Mapping[str, Form]) -> None:
    """Take away the sums of groups (小计): a bare 合计, where its row of the form comes again and rows stand between.

    The form has these rows before it, and the table had not printed them yet: what it printed was no sum of all.
    """
    order = {plan.id: at for at, plan in enumerate(forms["applications"].table("applications").rows)}
    visited: set[str] = set()
    bare: dict[str, int] = {}
    early: set[str] = set()  # of these, rows that stand before them in the form came behind
    left_out: set[int] = set()
    for at, candidate in enumerate(candidates):
        plan, row = candidate.plan, candidate.row
        if plan is None or plan.id not in order or row.hit is None or row.source != "grid":
            continue
        if plan.id not in visited:
            early.update(name for name in bare if order[plan.id] < order[name])
        elif plan.id in early and candidates[bare[plan.id]].row.table == row.table:
            left_out.add(bare[plan.id])
        early.discard(plan.id)
        visited.add(plan.id)
        if row.hit.vague:
            bare[plan.id] = at
    if left_out:
        candidates[:] = [candidate for at, candidate in enumerate(candidates) if at not in left_out]
