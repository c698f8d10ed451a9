"""Find where the values of rows begin, in tables whose rows may be shifted, by comparing rows that are alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from archive.parser.column_assignment import fit_row, windows_of
from archive.parser.walk import Candidate

Alike = tuple[int, int, int, str]  #: what makes rows alike: table, column of the label, nesting, table of the form


@dataclass(slots=True)
class TableShape:
    """Rows alike in one table: where their values begin.

    ``even``: no row of the table lost fields; ``torn``: no one place suits all rows.
    """

    starts: set[int] = field(default_factory=set)
    even: bool = True
    torn: bool = False

    @property
    def start(self) -> int | None:
        """The one column on which all rows that leave no doubt agree."""
        return next(iter(self.starts)) if len(self.starts) == 1 and not self.torn else None


def shape_of(candidate: Candidate) -> Alike:
    """What makes a row like others."""
    plan = candidate.plan
    assert plan is not None
    return candidate.row.table, candidate.row.label_col, len(plan.groups), plan.id.split(".")[0]


def _agree(shape: TableShape, candidate: Candidate, size: int) -> None:
    """Narrow down where the values of a grid with more cells than columns begin: where all its rows can begin."""
    items = candidate.row.items
    if len(items) <= size or not any(item.text.strip() for item in items):
        return
    here = {items[window].col for window in windows_of(items, size)}
    shape.starts = shape.starts & here if shape.starts else here
    shape.torn = shape.torn or not shape.starts


def shapes_of(candidates: Sequence[Candidate]) -> dict[Alike, TableShape]:
    """The shapes of all labelled rows of grids and of tables that may be shifted."""
    shapes: dict[Alike, TableShape] = {}
    ends: dict[int, set[int]] = {}
    exact: dict[int, list[bool]] = {}
    for candidate in candidates:
        plan, items = candidate.plan, candidate.row.items
        if plan is None or candidate.row.source not in {"grid", "ragged"} or not items or len(plan.columns) == 1:
            continue
        shape = shapes.setdefault(shape_of(candidate), TableShape())
        if candidate.row.source == "grid":
            _agree(shape, candidate, len(plan.columns))
            continue
        ends.setdefault(candidate.row.table, set()).add(items[-1].col)
        exact.setdefault(candidate.row.table, []).append(len(items) == len(candidate.columns))
        fit = fit_row(items, candidate.columns, "ragged", {}, None, even=False)
        if fit.start is not None and any(item.text.strip() for item in items):
            shape.starts.add(fit.start)
    for (table, *_), shape in shapes.items():
        if table not in ends:
            continue
        shape.even = len(exact[table]) > 1 and (all(exact[table]) or len(ends[table]) == 1)  # one row is like no other
    return shapes
