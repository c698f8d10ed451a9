"""Tables → printed rows. Their cells get columns by the headers above them, else by count."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from archive.documents.model import Cell, Table
from archive.parser.form_index import MONEY, FormIndex, all_column_keys, header_key
from archive.parser.form_rows import FormRow, HeaderLines, find_unit, form_rows, rows_by_key
from archive.parser.labels import fold_widths, label_key
from archive.parser.placement import Fit, PrintedRow
from archive.parser.values import is_number, is_value

MIN_FUZZY_CHARS = 6  # a shorter label is another label as soon as one character differs
FUZZY_CUTOFF = 0.8

_MONEY_IN_BRACKETS = re.compile(r"[(](?:单位:)?(亿元|万元|元)[)]")
_MULTIPLES = re.compile("[百千万]件")  # a figure that counts in multiples is not that of the form


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of a row. ``heads`` are the header cells over each, ``lines`` the headers printed above."""

    label: str
    values: tuple[Cell, ...]
    heads: tuple[tuple[Cell, ...], ...]
    is_ruled: bool
    lines: tuple[tuple[str, ...], ...]
    index: FormIndex
    doubts: tuple[str, ...] = ()
    unit: str = ""

    def fit(self, row: FormRow) -> Fit:
        """Give each column its cell: by the headers where they name every column, else by count."""
        if (self.unit and self.unit not in row.units) or row.is_under_other_header(self.lines):
            return Fit()
        heads = [head.text for heads in self.heads for head in heads]
        unit = self.unit if self.unit in MONEY else find_unit(row, heads or self.lines[0])
        if self.is_ruled and (found := self._under_headers(row)):
            way = tuple(found.get(place) for place in row.place_ids)
            taken = {id(cell) for cell in found.values()}
            left = tuple(cell for cell in self.values if id(cell) not in taken)
            return Fit((way,), (*self.doubts, *(("merged_value",) if None in way else ())), unit, left)
        values = self.values
        while len(values) > len(row.place_ids) and not values[-1].text.strip():
            values = values[:-1]
        if len(values) != len(row.place_ids) or (self.is_ruled and self._has_other_headers(row)):
            return Fit()
        named = row.has_columns_in(self.lines)
        if named is False:
            return Fit()
        return Fit((values,), self.doubts if named else (*self.doubts, "order_only"), unit)

    def _keys_over(self, number: int) -> list[str]:
        return [header_key(head.text) for head in self.heads[number]]

    def _under_headers(self, row: FormRow) -> dict[str, Cell | None]:
        """Return the cell of each place, or nothing where the headers do not name each column once.

        A cell under several columns counts for the first of them.
        """
        found: dict[str, Cell | None] = {}
        for number, cell in enumerate(self.values):
            places = [place for place in self._places_under(self._keys_over(number), row) if place in row.place_ids]
            if found.keys() & set(places):
                return {}
            found.update({place: None if at else cell for at, place in enumerate(dict.fromkeys(places))})
        return found if len(found) == len(row.place_ids) else {}

    def _places_under(self, keys: list[str], row: FormRow) -> Iterator[str]:
        """Yield the places of a row that header keys name; in a strip the block is named by a header too."""
        block = row.id
        if not row.keys or not self.label:
            block = next((self.index.strips[key][1].id for key in reversed(keys) if key in self.index.strips), "")
        for key in keys:
            yield from (f"{block}.{name}" for name in self.index.columns[row.table].get(key, ()))

    def _has_other_headers(self, row: FormRow) -> bool:
        """Whether a header over a value is not the form's for its place: then counting columns proves nothing."""
        names = self.index.columns[row.table]
        for number, place in enumerate(row.place_ids[: len(self.values)]):
            keys = self._keys_over(number)
            named = {name for key in keys for name in names.get(key, ())}
            if any(key not in names and key in all_column_keys() for key in keys):
                return True
            if named and place.rpartition(".")[2] not in named:
                return True
        return False


def find_table_rows(table: Table, headers: HeaderLines, index: FormIndex) -> Iterator[PrintedRow]:
    """Yield the rows of a table that hold values, and add its other rows to the headers."""
    above: list[Cell] = []  # the header cells above the current row; a header below a row of values begins anew
    is_closed = False
    rows = _rows_with_merged_labels(table)
    for cells in rows:
        labels, values = _split_labels(cells, index.units)
        labels, unit = _split_unit(labels, index.units)
        if labels and label_key(labels[-1].text) in index.headings and not any(is_number(cell.text) for cell in values):
            continue
        heads = tuple(tuple(head for head in above if _overlap(head, cell)) for cell in values)
        is_blank = _is_blank_row(labels, values, index) or (
            cells is rows[-1] and not labels and _name_strip(heads, index)
        )
        if not values or not (is_blank or any(is_number(cell.text) for cell in values)):
            above, is_closed = [*(() if is_closed else above), *labels], False
            headers.add([" ".join(cell.text for cell in labels)])
            continue
        is_closed = True
        label = label_key(labels[-1].text) if labels else ""
        row, doubts = _name_row(label, index) if label else (_name_strip(heads, index), ())
        if any(_MULTIPLES.search(cell.text) for cell in (*labels[-1:], *(head for over in heads for head in over))):
            doubts = (*doubts, "label_doubt")
        lines = headers.over_row(row)
        row = row.narrow(lines) if row else None
        found = _Values(label, tuple(values), heads, table.ruled, lines, index, doubts, unit)
        yield PrintedRow((*labels, *values), label, row, found.fit)


def _overlap(head: Cell, cell: Cell) -> bool:
    return head.col < cell.col + cell.colspan and cell.col < head.col + head.colspan


def _name_row(label: str, index: FormIndex) -> tuple[FormRow | None, tuple[str, ...]]:
    """Return the row that a label names, for a misprinted one (行政事业型收费) with a doubt."""
    by_key = rows_by_key(index.form.name)
    if label in by_key:
        return by_key[label], ()
    near = get_close_matches(label, by_key, n=2, cutoff=FUZZY_CUTOFF) if len(label) >= MIN_FUZZY_CHARS else []
    rows = {by_key[key].id: by_key[key] for key in near}
    return (next(iter(rows.values())), ("label_doubt",)) if len(rows) == 1 else (None, ())


def _name_strip(heads: tuple[tuple[Cell, ...], ...], index: FormIndex) -> FormRow | None:
    """Return the strip, or the block of one, that the headers over a row without a label name."""
    keys = {label_key(head.text) for over in heads for head in over}
    named = {index.strips[key][1].id for key in keys if key in index.strips}
    rows = [row for row in form_rows(index.form.name) if len(row.place_ids) == len(heads) and row.span == len(named)]
    return next((row for row in rows if named and (row.span > 1 or row.id in named)), None)


def _rows_with_merged_labels(table: Table) -> list[list[Cell]]:
    """Return the rows of a table; a cell that is merged over several rows stands in each of them."""
    rows = table.rows()
    for cell in table.cells:
        for number in range(cell.row + 1, min(cell.row + cell.rowspan, len(rows))):
            rows[number].append(cell)
    for row in rows:
        row.sort(key=lambda cell: cell.col)
    return rows


def _split_labels(cells: list[Cell], units: Collection[str]) -> tuple[list[Cell], list[Cell]]:
    """Split a row behind the unit of a list, else behind its last cell with words."""
    ends = [number for number, cell in enumerate(cells) if fold_widths(cell.text) in units] if units else []
    last = max((number for number, cell in enumerate(cells) if not _may_hold_value(cell)), default=-1)
    last = ends[0] if ends else last
    return [cell for cell in cells[: last + 1] if cell.text.strip()], cells[last + 1 :]


def _may_hold_value(cell: Cell) -> bool:
    """Whether a cell holds a value, or one character that was recognised unsurely: it is no label."""
    return is_value(cell.text) or ("low_confidence" in cell.doubts and len(cell.text.strip()) == 1)


def _split_unit(labels: list[Cell], units: Collection[str]) -> tuple[list[Cell], str]:
    """Return the labels of a row of a list without line numbers, and its unit, which may stand in a label's bracket."""
    if not units:
        return labels, ""
    printed = [fold_widths(cell.text) for cell in labels if fold_widths(cell.text) in units]
    names = [cell for cell in labels if fold_widths(cell.text) not in units and not is_value(cell.text)]
    bracketed = _MONEY_IN_BRACKETS.search(fold_widths(names[-1].text)) if names and not printed else None
    return names, bracketed[1] if bracketed else "".join(printed)


def _is_blank_row(labels: list[Cell], values: list[Cell], index: FormIndex) -> bool:
    """Whether a row without figures is a row of the form that was left blank, and not a row of headers."""
    plans = index.rows.get(label_key(labels[-1].text), ()) if labels else ()
    return any(len(values) >= sum(not column.optional for column in plan.columns) for plan in plans)
