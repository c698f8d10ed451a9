"""A form, indexed by its labels: which rows and columns a printed label may name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from archive.forms.loader import all_forms, load_forms
from archive.forms.model import Form, RowPlan, TablePlan
from archive.parser.labels import label_key

MONEY = ("元", "万元", "亿元")

YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class FormIndex:
    """The labels of one form as dictionaries.

    ``rows``: label key → the rows of that label, in printed order. ``columns``: table key → header key → column ids, ""
    for a column that is none of the form's. ``strips``: label key → the block of a strip. ``headings``: label keys of
    groups without a row of their own. ``units``: what a list prints between a label and its figures.
    """

    form: Form
    rows: Mapping[str, tuple[RowPlan, ...]]
    columns: Mapping[str, Mapping[str, tuple[str, ...]]]
    strips: Mapping[str, tuple[TablePlan, RowPlan]]
    headings: frozenset[str]
    units: frozenset[str]


@cache
def form_indexes() -> tuple[FormIndex, ...]:
    """Return the index of each form, the newest last."""
    return tuple(map(_index, all_forms()))


@cache
def all_column_keys() -> frozenset[str]:
    """Return the label keys of the columns of all national forms."""
    return frozenset(key for form in load_forms() for table in form.tables for key in _column_keys(table))


def header_key(text: str) -> str:
    """Return the key of a column's header; a year in it stands for any (``{year}年度``)."""
    return YEAR.sub("year", label_key(text))


def _index(form: Form) -> FormIndex:
    rows: dict[str, list[RowPlan]] = {}
    columns: dict[str, dict[str, tuple[str, ...]]] = {}
    strips: dict[str, tuple[TablePlan, RowPlan]] = {}
    for table in form.tables:
        columns[table.key] = _column_keys(table)
        for row in table.rows:
            for key in {label_key(label) for label in (row.label, *row.variants)}:
                if table.layout == "strip":
                    strips[key] = (table, row)
                else:
                    rows.setdefault(key, []).append(row)
    frozen = {key: tuple(plans) for key, plans in rows.items()}
    below = [row for table in form.tables if table.layout != "strip" for row in table.rows]
    groups = {label_key(group) for row in below for group in row.groups}
    units = {unit for table in form.tables if table.layout == "list" for row in table.rows for unit in units_of(row)}
    return FormIndex(form, frozen, columns, strips, frozenset(groups - rows.keys()), frozenset(units))


def units_of(row: RowPlan) -> tuple[str, ...]:
    """Return the units that a list may print beside a row; money may be printed in any unit of money."""
    unit = row.columns[0].unit
    return (unit, *row.units, *(MONEY if unit in MONEY else ()))


def _column_keys(table: TablePlan) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {label_key(header): ("",) for header in table.other_headers}
    for row in table.rows:
        for column in row.columns:
            for label in (column.label, *column.variants):
                key = label_key(label)
                if column.id not in keys.get(key, ()):
                    keys[key] = (*keys.get(key, ()), column.id)
    return keys
