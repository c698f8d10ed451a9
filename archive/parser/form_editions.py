"""Read rows whose columns are printed in the words of another edition of the form with that edition's columns.

Offices take last year's table and put what is new into it: the 规章 of one edition above the fees of another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from archive.forms.loader import form as form_of
from archive.forms.model import Form
from archive.parser.walk import Candidate


def follow_editions(
    candidates: Sequence[Candidate], own: Form, beside: Mapping[str, Collection[str]], printed: Collection[str]
) -> None:
    """Give rows the plan of the edition whose columns they have; changes the candidates.

    ``beside``: name of an edition → the places of it whose columns are named in words that no other has; ``printed``:
    those of the form ``own``, which then stays the row's. The figures must be as many as the other's columns; where
    both have as many, all of the other's must be named.
    """
    if len(beside) != 1:
        return
    [(name, places)] = beside.items()
    other, own_places = form_of(name), {*printed}
    plans = {plan.id: plan for plan in other.table("proactive").rows}
    own_plans = {plan.id for plan in own.table("proactive").rows if not own_places.isdisjoint(plan.place_ids)}
    for candidate in candidates:
        plan = candidate.plan
        theirs = (
            plans.get(plan.id) if plan is not None and plan.table == "proactive" and plan.id not in own_plans else None
        )
        if plan is None or theirs is None or len(candidate.row.items) != len(theirs.columns):
            continue
        printed_places = [place in places for place in theirs.place_ids]
        if any(printed_places) if len(plan.columns) != len(theirs.columns) else all(printed_places):
            candidate.plan, candidate.form = theirs, other
