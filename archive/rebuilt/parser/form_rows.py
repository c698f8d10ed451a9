"""A form as the rows of values that documents print: its rows, each block of a strip, and each strip as a whole."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from archive.forms.loader import form as form_of
from archive.forms.loader import load_forms
from archive.forms.model import ColumnPlan, Indicator, RowPlan, TablePlan
from archive.rebuilt.parser.labels import fold_widths, label_key

MIN_COLUMNS_OF_MISPRINT = 4  # of more columns one may lack its header (luoyang_sfj_2021)
MAX_HEADER_LINES, MAX_HEADER_CHARS = 60, 600  # above a row, and of a line of it, that are looked at
STEM_CHARS = 2  # characters of a header by which it is known where its lines are torn apart

_EXPLANATION = re.compile(r"[(].*")
_UNIT = re.compile(r"单位[:(]?(亿元|万元|元)")


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row of values of a form. ``part``: the block of the form that it stands in.

    ``keys`` and ``groups``: label keys of the row and of the cells left of it; ``labels``: the keys that name it in
    running text. ``order``: its position; ``span``: how many rows it holds (a whole strip holds its blocks).
    ``last_block``: the label behind which a strip without a figure ends.
    """

    form: str
    id: str
    table: str
    part: str
    order: int
    span: int
    columns: tuple[ColumnPlan, ...]
    place_ids: tuple[str, ...]
    labels: tuple[str, ...]
    keys: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    last_block: tuple[str, ...] = ()

    @property
    def sums(self) -> Mapping[int, tuple[int, ...]]:
        """Return by the index of a column that sums others the indexes of these."""
        return _sums(self.form, self.place_ids)

    def has_columns_in(self, headers: Iterable[Iterable[str]]) -> bool | None:
        """Whether one of several groups of folded header lines names all columns in the form's order.

        None if none names all of them; False if one has them in another order, or columns of another form.
        """
        found = {self._names_columns(lines) for lines in headers}
        return True in found or (False if False in found else None)

    def _names_columns(self, lines: Iterable[str]) -> bool | None:
        """Compare one group. Converters tear headers apart, so a column is known by its beginning or end too.

        Then each line must have its columns in order. A column of sums proves itself, wherever its header stands.
        """
        folded = [line.replace("法人或其他组织", "") for line in lines]
        names = _column_names(self.columns)
        joined = _positions("".join(folded), names)
        several = [found for line in folded if len(found := _positions(line, names)) > 1]
        if len(joined) < len(names) - (len(names) > MIN_COLUMNS_OF_MISPRINT):
            is_other = count_labels("".join(folded), foreign_labels(self.form)) or not all(map(_ascend, several))
            return False if is_other else None
        if _ascend(joined):
            return True
        return bool(several) and all(map(_ascend, several)) and 2 * sum(map(len, several)) >= len(names)


def _positions(text: str, names: tuple[tuple[str, ...], ...]) -> list[int]:
    """Return where each column that is named is named last."""
    return [at for of_column in names if (at := max(map(text.rfind, of_column))) >= 0]


def _ascend(places: list[int]) -> bool:
    return sorted(places) == places and len(set(places)) == len(places)


@cache
def _column_names(columns: tuple[ColumnPlan, ...]) -> tuple[tuple[str, ...], ...]:
    """Return for each column that is no sum its names: its labels, and their beginning and end if no other has them."""
    names: list[tuple[str, ...]] = []
    for column in columns:
        others = "|".join(label for other in columns if other is not column for label in _labels(other))
        stems = {stem for label in _labels(column) for stem in (label[:STEM_CHARS], label[-STEM_CHARS:])}
        if column.kind != "printed_sum":
            names.append((*_labels(column), *(stem for stem in sorted(stems) if stem not in others)))
    return tuple(names)


def _labels(column: ColumnPlan) -> list[str]:
    return [_EXPLANATION.sub("", fold_widths(label)) for label in (column.label, *column.variants)]


def count_labels(text: str, labels: Iterable[str]) -> int:
    """Return how many labels a folded text has."""
    return sum(label in text for label in labels)


@cache
def foreign_labels(form_name: str) -> frozenset[str]:
    """Return the labels of columns that only other forms have."""
    labels = {
        form.name: {label for place in form.places.values() for label in _labels(place.column)} for form in load_forms()
    }
    return frozenset[str]().union(*labels.values()) - labels.get(form_name, set())


@cache
def _sums(form_name: str, places: tuple[str, ...]) -> Mapping[int, tuple[int, ...]]:
    return {
        places.index(identity.left[0]): tuple(map(places.index, identity.right))
        for identity in form_of(form_name).identities
        if len(identity.left) == 1 and {*identity.left, *identity.right} <= set(places)
    }


@cache
def form_rows(form_name: str) -> tuple[FormRow, ...]:
    """Return all rows of a form in printed order; a whole strip stands before its blocks."""
    found: list[FormRow] = []
    order = 0
    for table in form_of(form_name).tables:
        if table.layout == "strip":
            found.append(_strip(form_name, table, order))
        for row in table.rows:
            found.append(_row(form_name, table, row, order))
            order += 1
    return tuple(found)


def _row(form_name: str, table: TablePlan, row: RowPlan, order: int) -> FormRow:
    keys, groups = frozenset(map(label_key, (row.label, *row.variants))), frozenset(map(label_key, row.groups))
    in_text = () if table.layout == "strip" else (label_key(row.label), *sorted(keys))
    part = f"{table.key}.{row.block}"
    return FormRow(form_name, row.id, table.key, part, order, 1, row.columns, row.place_ids, in_text, keys, groups)


def _strip(form_name: str, table: TablePlan, order: int) -> FormRow:
    """Return all values of a strip as one row; in running text they stand behind the headers of its last block."""
    places = tuple(place for row in table.rows for place in row.place_ids)
    columns = table.rows[-1].columns
    headers = "".join(label_key(column.label) for column in columns)
    part = f"{table.key}.0"
    span, last = len(table.rows), (label_key(table.rows[-1].label),)
    return FormRow(form_name, table.key, table.key, part, order, span, columns, places, (headers,), last_block=last)


@cache
def rows_by_key(form_name: str) -> Mapping[str, FormRow]:
    """Return the rows that a label key may name: those of the form, and rows of other forms for a group of its rows.

    hongze_2023.pdf: （六）其他处理 as one row, as in 2019, in a report on the form of 2021.
    """
    own = form_rows(form_name)
    found = {key: row for row in reversed(own) for key in row.keys}
    for row in (row for form in load_forms() for row in form_rows(form.name)):
        inside = [one for one in own if one.groups & row.keys and one.table == row.table]
        if inside and not row.keys & found.keys():
            moved = replace(row, order=inside[0].order, span=len(inside), part=inside[0].part)
            found |= dict.fromkeys(row.keys, moved)
    return found


@cache
def all_places() -> Mapping[str, Indicator]:
    """Return the places of all forms by their ids: a table may have rows of another form."""
    return {name: place for form in load_forms() for name, place in form.places.items()}


@dataclass(slots=True)
class HeaderLines:
    """The folded lines that a document prints above its rows: above the current part of a form, and since."""

    above: tuple[str, ...] = ()
    part: str = ""
    since: deque[str] = field(default_factory=lambda: deque(maxlen=MAX_HEADER_LINES))

    def add(self, lines: Iterable[str]) -> None:
        """Add lines; of a long one only the end, which stands next to the row, can be a header."""
        self.since.extend(fold_widths(line[-MAX_HEADER_CHARS:]) for line in lines)

    def over_row(self, row: FormRow | None) -> tuple[tuple[str, ...], ...]:
        """Return the headers over the next row: of its part, or, where the part is not known, all that may be."""
        if row is None:
            return tuple(self.since), self.above
        if row.part != self.part:
            self.above, self.part = tuple(self.since), row.part
        self.since.clear()
        return (self.above,)


def find_unit(row: FormRow, lines: Iterable[str]) -> str:
    """Return the unit that headers print last over the amounts of a row, else ""."""
    if all(column.unit == "件" for column in row.columns):
        return ""
    found = [match[1] for line in lines for match in _UNIT.finditer(fold_widths(line))]
    return found[-1] if found else ""
