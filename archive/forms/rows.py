"""A form as the rows of values that documents print, found by their labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache

from archive.forms.labels import label_key
from archive.forms.loader import all_forms, load_forms
from archive.forms.loader import form as form_of
from archive.forms.model import Form, Indicator, RowPlan

YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")


@dataclass(frozen=True, eq=False)
class FormRows:
    """The rows of one form in printed order, a whole strip before its blocks."""

    form: Form
    rows: tuple[RowPlan, ...]

    @cached_property
    def by_key(self) -> Mapping[str, RowPlan]:
        """The rows that a label key may name: those of the form, and rows of other forms for a group of its rows.

        hongze_2023.pdf: （六）其他处理 as one row, as in 2019, in a report on the form of 2021.
        """
        rows_by_key = {key: row for row in reversed(self.rows) for key in row.keys}
        for row in (row for form in load_forms() for row in _list_rows(form)):
            inside = [one for one in self.rows if one.group_keys & row.keys and one.table == row.table]
            if inside and not row.keys & rows_by_key.keys():
                moved = replace(row, order=inside[0].order, span=len(inside), block=inside[0].block)
                rows_by_key |= dict.fromkeys(row.keys, moved)
        return rows_by_key

    @cached_property
    def twins(self) -> Mapping[str, list[RowPlan]]:
        """By id the rows that share a label: (二)被依法纠错数 stands below 行政复议 and 行政诉讼."""
        alike = {row.id: [one for one in self.rows if one.keys & row.keys] for row in self.rows}
        return {name: several for name, several in alike.items() if len(several) > 1}

    @cached_property
    def strips(self) -> Mapping[str, RowPlan]:
        """The block of a strip that a label key names."""
        return {key: row for row in self.rows if not row.labels for key in row.keys}

    @cached_property
    def headings(self) -> frozenset[str]:
        """The label keys of groups without a row of their own."""
        rows = [row for row in self.rows if row.labels and row.keys]
        return frozenset().union(*(row.group_keys for row in rows)) - frozenset().union(*(row.keys for row in rows))

    @cached_property
    def units(self) -> frozenset[str]:
        """What a list prints between a label and its figures."""
        return frozenset(unit for row in self.rows for unit in row.printed_units)

    @cached_property
    def foreign(self) -> frozenset[str]:
        """The headers that only other forms have."""
        return frozenset().union(*map(_headers_of_form, load_forms())) - _headers_of_form(self.form)


@cache
def rows_of_forms() -> Mapping[str, FormRows]:
    """Return the rows of each form by its name, the newest last."""
    return {form.name: FormRows(form, tuple(_list_rows(form))) for form in all_forms()}


@cache
def all_places() -> Mapping[str, Indicator]:
    """Return the places of all forms by their ids: a table may have rows of another form."""
    return {name: place for form in all_forms() for name, place in form.places.items()}


@lru_cache(maxsize=256)
def sums_of(row: RowPlan) -> Mapping[int, tuple[int, ...]]:
    """Return by the index of each column of a row that sums others the indexes of these."""
    at = {name: number for number, name in enumerate(row.place_ids)}
    rules = [rule for rule in form_of(row.form).identities if len(rule.left) == 1 and at.keys() >= {*rule.places}]
    return {at[rule.places[0]]: tuple(at[name] for name in rule.places[1:]) for rule in rules}


def header_key(text: str) -> str:
    """Return the key of a column's header; a year in it stands for any (``{year}年度``)."""
    return YEAR.sub("year", label_key(text))


def _headers_of_form(form: Form) -> set[str]:
    return set() if form.is_free else {text for one in form.places.values() for text in one.column.headers}


def _list_rows(form: Form) -> list[RowPlan]:
    rows: list[RowPlan] = []
    for table in form.tables:
        if table.layout == "strip":
            places = tuple(place for row in table.rows for place in row.place_ids)
            first, last = table.rows[0], table.rows[-1]
            rows.append(replace(last, id=table.key, place_ids=places, order=first.order, span=len(table.rows)))
        rows += table.rows
    return rows
