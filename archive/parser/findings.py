"""The findings that several modules of this room make. Codes are explained in ``docs/findings.md``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archive.findings import finding, first_in_both, first_of
from archive.forms.model import RowPlan
from storage.records import Finding


def count_mismatch(label: str, expected: int, found: int, cells: Iterable[str]) -> Finding:
    """A row whose values could not be told apart by header or count: its cells stay without a value."""
    case = "as_many" if found == expected else ""
    return finding("count_mismatch", case=case, cells=cells, expected=expected, found=found, label=label)


def columns_missing(plan: RowPlan, missing: Sequence[str]) -> Finding:
    """Some columns of a row have no cell."""
    columns = [column.label for column in plan.columns if column.id in missing]
    cells = [f"{plan.id}.{name}" for name in missing]
    return finding("columns_missing", cells=cells, label=plan.label, columns=first_of(columns, len(columns)))


def rows_by_order(plans: Sequence[RowPlan]) -> Finding:
    """Rows without a whole label of their own, placed between their neighbours as the number of rows fits exactly."""
    cells = [name for plan in plans for name in plan.place_ids]
    labels = first_in_both([plan.label for plan in plans], len(plans))
    return finding("order_only", case="rows", cells=cells, labels=labels)


def stage_failed(name: str, error: BaseException) -> Finding:
    """One stage of the reader failed; what the other stages made is kept."""
    reason = f"{type(error).__name__}: {error}"[:200]
    return finding("reader_failed", case="stage", found=f"{name}: {reason}", stage=name, reason=reason)
