"""A form as the rows of values that documents print: its rows, each block of a strip, and each strip as a whole."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from archive.forms.loader import all_forms, load_forms
from archive.forms.loader import form as form_of
from archive.forms.model import ColumnPlan, Indicator, RowPlan, TablePlan
from archive.parser.form_index import YEAR, units_of
from archive.parser.labels import fold_widths, label_key

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
    ``units``: what a list prints between its label and its figures.
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
    units: tuple[str, ...] = ()
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

    def narrow(self, headers: Iterable[Iterable[str]]) -> FormRow:
        """Return the row without the optional columns that no header names."""
        if not any(column.optional for column in self.columns):
            return self
        listed = [name for lines in headers for name in _listed_columns(self.form, self.table, tuple(lines))]
        return self.with_columns([column for column in self.columns if not column.optional or column.id in listed])

    def is_under_other_header(self, headers: Iterable[Iterable[str]]) -> bool:
        """Whether the header of a list lacks a column of the row, as where it is for another year."""
        listed = [_listed_columns(self.form, self.table, tuple(lines)) for lines in headers if self.units]
        return any(columns and not {column.id for column in self.columns} <= {*columns} for columns in listed)

    def with_columns(self, columns: Iterable[ColumnPlan]) -> FormRow:
        """Return the row with some of its columns only."""
        kept = tuple(columns)
        return replace(self, columns=kept, place_ids=tuple(f"{self.id}.{column.id}" for column in kept))

    def _names_columns(self, lines: Iterable[str]) -> bool | None:
        """Compare one group. Converters tear headers apart, so a column is known by its beginning or end too.

        Then each line must have its columns in order. A column of sums proves itself, wherever its header stands.
        """
        if self.units:
            listed = _listed_columns(self.form, self.table, tuple(lines))
            return listed == tuple(column.id for column in self.columns) if listed else None
        folded = [line.replace("法人或其他组织", "") for line in lines]
        if count_labels("".join(folded), foreign_labels(self.form)):
            return False
        names = _column_names(self.columns)
        joined = _positions("".join(folded), names)
        several = [found for line in folded if len(found := _positions(line, names)) > 1]
        if len(joined) < len(names) - (len(names) > MIN_COLUMNS_OF_MISPRINT):
            return None if all(map(_ascend, several)) else False
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


@lru_cache(maxsize=64)
def _listed_columns(form_name: str, table: str, lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids of the columns that the header of a list names last, in order; "" for one that is not the form's.

    The columns stand behind that of the units: 指标名称 计量单位 2014年度 历年累计 (pingtan_zone_2014_flat). A column
    for a year that the text above names less often than another one is not this report's.
    """
    pattern, names = _list_headers(form_name, table)
    text = "".join(lines).replace("|", "")
    header = next(reversed(list(pattern.finditer(text))), None)
    if header is None:
        return ()
    years = Counter(YEAR.findall(text[: header.start()]))
    main = {year for year, count in years.items() if count == max(years.values())}
    found: list[str] = []
    for word in re.findall("|".join(names), header[1]):
        column = next(column for name, column in names.items() if re.fullmatch(name, word))
        year = YEAR.search(word)
        found.append("" if year and main and year[0] not in main else column)
    return tuple(found)


@cache
def _list_headers(form_name: str, table_key: str) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Return the pattern of a list's header and those of its columns, the longest first, with their ids."""
    table = form_of(form_name).table(table_key)
    labels = [(label, column.id) for column in table.columns for label in (column.label, *column.variants)]
    labels += [(label, "") for label in table.other_headers]
    years = [(re.escape(fold_widths(label)).replace(re.escape("{year}"), r"20\d\d"), id_) for label, id_ in labels]
    names = dict(sorted(years, key=lambda name: len(name[0]), reverse=True))
    before = "|".join((table.header, table.corner, *table.corner_variants))
    return re.compile(f"(?:{before})((?:{'|'.join(names)})+)"), names


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
    units = units_of(row) if table.layout == "list" else ()
    part = f"{table.key}.{row.block}"
    return FormRow(
        form_name, row.id, table.key, part, order, 1, row.columns, row.place_ids, in_text, keys, groups, units
    )


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
    return {name: place for form in all_forms() for name, place in form.places.items()}


@cache
def twins(form_name: str) -> Mapping[str, tuple[FormRow, ...]]:
    """Return by id the rows that share a label with others: (二)被依法纠错数 stands below 行政复议 and 行政诉讼."""
    rows = [row for row in form_rows(form_name) if row.span == 1]
    alike = {row.id: tuple(one for one in rows if one.keys & row.keys) for row in rows}
    return {name: several for name, several in alike.items() if len(several) > 1}


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
    if row.units or all(column.unit == "件" for column in row.columns):  # a list prints units beside its rows
        return ""
    found = [match[1] for line in lines for match in _UNIT.finditer(fold_widths(line))]
    return found[-1] if found else ""
