"""A form, indexed by its labels: which rows and columns a printed label may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from archive.rebuilt.forms.loader import load_forms
from archive.rebuilt.forms.model import Form, RowPlan, TablePlan
from archive.rebuilt.parser.labels import label_key


@dataclass(frozen=True, slots=True)
class FormIndex:
    """The labels of one form as dictionaries.

    ``rows``: label key → the rows of that label, in printed order. ``order``: row id → its place in the form.
    ``columns``: table key → label key → column ids. ``strips``: label key → the block of a strip.
    """

    form: Form
    rows: Mapping[str, tuple[RowPlan, ...]]
    order: Mapping[str, int]
    columns: Mapping[str, Mapping[str, tuple[str, ...]]]
    strips: Mapping[str, tuple[TablePlan, RowPlan]]


@cache
def form_indexes() -> tuple[FormIndex, ...]:
    """Return the index of each national form with tables (2019, 2021), the newest last."""
    return tuple(_index(form) for form in load_forms())


@cache
def all_column_keys() -> frozenset[str]:
    """Return the label keys of the columns of all forms."""
    return frozenset(key for index in form_indexes() for keys in index.columns.values() for key in keys)


def _index(form: Form) -> FormIndex:
    rows: dict[str, list[RowPlan]] = {}
    order: dict[str, int] = {}
    columns: dict[str, dict[str, tuple[str, ...]]] = {}
    strips: dict[str, tuple[TablePlan, RowPlan]] = {}
    for table in form.tables:
        columns[table.key] = _column_keys(table)
        for row in table.rows:
            order[row.id] = len(order)
            for key in {label_key(label) for label in (row.label, *row.variants)}:
                if table.layout == "strip":
                    strips[key] = (table, row)
                else:
                    rows.setdefault(key, []).append(row)
    frozen = {key: tuple(plans) for key, plans in rows.items()}
    return FormIndex(form, frozen, order, columns, strips)


def _column_keys(table: TablePlan) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for row in table.rows:
        for column in row.columns:
            for label in (column.label, *column.variants):
                key = label_key(label)
                if column.id not in keys.get(key, ()):
                    keys[key] = (*keys.get(key, ()), column.id)
    return keys
