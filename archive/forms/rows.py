"""A form as the rows of values that documents print, and the labels by which they are found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from archive.forms.labels import fold_widths, label_key
from archive.forms.loader import all_forms, load_forms
from archive.forms.loader import form as form_of
from archive.forms.model import ColumnPlan, Form, Indicator, RowPlan

MONEY = ("元", "万元", "亿元")
YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
STEM_CHARS = 2  # characters of a header by which it is known where its lines are torn apart

_EXPLANATION = re.compile(r"[(].*")


@dataclass(frozen=True, eq=False, kw_only=True)
class FormRow:
    """A row of values: a row of the form, a block of a strip, or a strip as a whole.

    ``block``: the block of the form that it stands in; ``order``: its position; ``span``: how many rows it holds.
    ``labels``: the keys that name it in running text; ``keys`` and ``groups``: label keys of the row and of the cells
    left of it. ``units``: what a list prints between label and figures.
    """

    form: str
    id: str
    table: str
    block: str
    order: int
    span: int = 1
    columns: tuple[ColumnPlan, ...]
    place_ids: tuple[str, ...]
    labels: tuple[str, ...]
    keys: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    units: tuple[str, ...] = ()

    @cached_property
    def columns_by_key(self) -> Mapping[str, str]:
        """Return column ids by the keys of their headers."""
        return {label_key(label): one.id for one in self.columns for label in (one.label, *one.variants)}

    @cached_property
    def sums(self) -> Mapping[int, tuple[int, ...]]:
        """Return by the index of each column that sums others the indexes of these."""
        return {
            self.place_ids.index(rule.left[0]): tuple(map(self.place_ids.index, rule.right))
            for rule in form_of(self.form).identities
            if len(rule.left) == 1 and {*rule.left, *rule.right} <= {*self.place_ids}
        }

    @cached_property
    def headers(self) -> tuple[tuple[str, ...], ...]:
        """Return for each column that is no sum its headers, and their beginning and end if no other has them."""
        names: list[tuple[str, ...]] = []
        for column in self.columns:
            others = "|".join(text for other in self.columns if other is not column for text in _header_texts(other))
            stems = {stem for text in _header_texts(column) for stem in (text[:STEM_CHARS], text[-STEM_CHARS:])}
            if column.kind != "printed_sum":
                names.append((*_header_texts(column), *(stem for stem in sorted(stems) if stem not in others)))
        return tuple(names)

    def with_columns(self, columns: Iterable[ColumnPlan]) -> FormRow:
        """Return the row with some of its columns only."""
        kept = tuple(columns)
        return replace(self, columns=kept, place_ids=tuple(f"{self.id}.{column.id}" for column in kept))


@dataclass(frozen=True, slots=True, eq=False)
class FormRows:
    """The rows of one form in printed order, a whole strip before its blocks.

    ``by_key``: the row that a label key names. ``twins``: by id the rows that share a label with others:
    (二)被依法纠错数 stands below 行政复议 and 行政诉讼. ``strips``: label key → the block of a strip. ``headings``:
    label keys of groups without a row of their own. ``units``: what a list prints between a label and its figures.
    ``foreign``: headers that only other forms have.
    """

    form: Form
    rows: tuple[FormRow, ...]
    by_key: Mapping[str, FormRow]
    twins: Mapping[str, tuple[FormRow, ...]]
    strips: Mapping[str, FormRow]
    headings: frozenset[str]
    units: frozenset[str]
    foreign: frozenset[str]


@cache
def rows_of_forms() -> Mapping[str, FormRows]:
    """Return the rows of each form by its name, the newest last."""
    return {form.name: _index_rows(form) for form in all_forms()}


@cache
def all_places() -> Mapping[str, Indicator]:
    """Return the places of all forms by their ids: a table may have rows of another form."""
    return {name: place for form in all_forms() for name, place in form.places.items()}


def header_key(text: str) -> str:
    """Return the key of a column's header; a year in it stands for any (``{year}年度``)."""
    return YEAR.sub("year", label_key(text))


def _index_rows(form: Form) -> FormRows:
    rows = _list_rows(form.name)
    named = [row for row in rows if row.labels and row.keys]
    alike = {row.id: tuple(one for one in rows if one.keys & row.keys) for row in rows}
    return FormRows(
        form=form,
        rows=rows,
        by_key=_rows_by_key(rows),
        twins={name: several for name, several in alike.items() if len(several) > 1},
        strips={key: row for row in rows if not row.labels for key in row.keys},
        headings=frozenset().union(*(row.groups for row in named)) - frozenset().union(*(row.keys for row in named)),
        units=frozenset(unit for row in rows for unit in row.units),
        foreign=frozenset().union(*map(_headers_of_form, load_forms())) - _headers_of_form(form),
    )


def _headers_of_form(form: Form) -> set[str]:
    return set() if form.is_free else {text for one in form.places.values() for text in _header_texts(one.column)}


@cache
def _list_rows(form_name: str) -> tuple[FormRow, ...]:
    found: list[FormRow] = []
    order = 0
    for table in form_of(form_name).tables:
        is_strip = table.layout == "strip"
        if is_strip:  # in running text its values stand behind the headers of its last block
            last = table.rows[-1]
            headers = "".join(label_key(column.label) for column in last.columns)
            found.append(_make_row(form_name, table.key, table.rows, order, labels=(headers, label_key(last.label))))
        for row in table.rows:
            keys = frozenset(map(label_key, (row.label, *row.variants)))
            unit = row.columns[0].unit
            made = _make_row(
                form_name,
                row.id,
                (row,),
                order,
                labels=() if is_strip else (label_key(row.label), *sorted(keys)),
                keys=keys,
                groups=frozenset(map(label_key, row.groups)),
                units=(unit, *row.units, *(MONEY if unit in MONEY else ())) if table.layout == "list" else (),
            )
            found.append(made)
            order += 1
    return tuple(found)


def _make_row(form: str, id_: str, rows: Sequence[RowPlan], order: int, **more: Any) -> FormRow:
    """Return several rows of a form as one row of values."""
    places = tuple(place for row in rows for place in row.place_ids)
    table, block, columns = rows[0].table, f"{rows[0].table}.{rows[0].block}", rows[-1].columns
    return FormRow(
        form=form, id=id_, table=table, block=block, order=order, span=len(rows), columns=columns, place_ids=places,
        **more,
    )  # fmt: skip


def _rows_by_key(own: tuple[FormRow, ...]) -> Mapping[str, FormRow]:
    """Return the rows that a label key may name: those of the form, and rows of other forms for a group of its rows.

    hongze_2023.pdf: （六）其他处理 as one row, as in 2019, in a report on the form of 2021.
    """
    found = {key: row for row in reversed(own) for key in row.keys}
    for row in (row for form in load_forms() for row in _list_rows(form.name)):
        inside = [one for one in own if one.groups & row.keys and one.table == row.table]
        if inside and not row.keys & found.keys():
            moved = replace(row, order=inside[0].order, span=len(inside), block=inside[0].block)
            found |= dict.fromkeys(row.keys, moved)
    return found


def _header_texts(column: ColumnPlan) -> list[str]:
    """Return the folded headers of a column, without explanations."""
    return [_EXPLANATION.sub("", fold_widths(label)) for label in (column.label, *column.variants)]
