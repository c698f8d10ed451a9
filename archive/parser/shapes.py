"""Rows alike in tables whose rows may be shifted: where their values begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from archive.parser.fit import fit_row
from archive.parser.walk import Candidate


@dataclass(slots=True)
class Shape:
    """Rows alike in a table whose rows may be shifted: where their values begin; ``even``.

    No row of the table lost fields.
    """

    starts: set[int] = field(default_factory=set)
    even: bool = True

    @property
    def start(self) -> int | None:
        """The one column on which all rows that leave no doubt agree."""
        return next(iter(self.starts)) if len(self.starts) == 1 else None


def shape_of(candidate: Candidate) -> tuple[int, int, int, str]:
    """What makes rows alike: table, column of the label, nesting and table of the form."""
    plan = candidate.plan
    assert plan is not None
    return candidate.row.table, candidate.row.label_col, len(plan.groups), plan.id.split(".")[0]


def shapes_of(candidates: Sequence[Candidate]) -> dict[tuple[int, int, int, str], Shape]:
    """The shapes of all labelled rows of shifted tables."""
    shapes: dict[tuple[int, int, int, str], Shape] = {}
    ends: dict[int, set[int]] = {}
    exact: dict[int, bool] = {}
    for candidate in candidates:
        plan, items = candidate.plan, candidate.row.items
        if plan is None or candidate.row.source != "ragged" or not items or len(plan.columns) == 1:
            continue
        shape = shapes.setdefault(shape_of(candidate), Shape())
        ends.setdefault(candidate.row.table, set()).add(items[-1].col)
        exact[candidate.row.table] = exact.get(candidate.row.table, True) and len(items) == len(plan.columns)
        fit = fit_row(items, [column.id for column in plan.columns], "ragged", {}, None, even=False)
        if fit.start is not None and any(item.text.strip() for item in items):
            shape.starts.add(fit.start)
    for (table, *_), shape in shapes.items():
        shape.even = exact[table] or len(ends[table]) == 1
    return shapes
