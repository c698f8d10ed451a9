"""Tables → printed rows. Their cells get columns by the headers above them, else by count."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from archive.documents.model import Cell, Table
from archive.forms.labels import fold_widths, label_key
from archive.forms.rows import MONEY, FormRow, FormRows, all_column_keys, header_key, rows_of_forms
from archive.parser.headers import (
    HeaderLines,
    Lines,
    find_unit,
    is_under_other_header,
    names_columns,
    without_unnamed_columns,
)
from archive.parser.placement import Fit, PrintedRow
from archive.parser.values import is_number, is_value

MIN_FUZZY_CHARS = 6  # a shorter label is another label as soon as one character differs
FUZZY_CUTOFF = 0.8

_MONEY_IN_BRACKETS = re.compile(r"[(](?:单位:)?(亿元|万元|元)[)]")
_MULTIPLES = re.compile("[百千万]件")  # a figure that counts in multiples is not that of the form


class _Heads(NamedTuple):
    """The header cells over a cell: what they print, and as keys."""

    texts: tuple[str, ...]
    keys: tuple[str, ...]


class _HeaderCells:
    """The header cells above the rows of a table."""

    def __init__(self, cells: Sequence[Cell] = ()) -> None:
        self.cells = cells
        self._over: dict[tuple[int, int], _Heads] = {}

    def over(self, cell: Cell) -> _Heads:
        """Return the headers over a cell."""
        first, end = span = cell.col, cell.col + cell.colspan
        if span not in self._over:
            overlapping = (head for head in self.cells if head.col < end and first < head.col + head.colspan)
            texts = tuple(head.text for head in overlapping)
            self._over[span] = _Heads(texts, tuple(map(header_key, texts)))
        return self._over[span]


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of a row. ``heads`` are the header cells over each, ``lines`` the headers printed above."""

    label: str
    values: tuple[Cell, ...]
    heads: tuple[_Heads, ...]
    is_ruled: bool
    lines: tuple[Lines, ...]
    index: FormRows
    doubts: tuple[str, ...] = ()
    unit: str = ""

    def fit(self, row: FormRow) -> Fit:
        """Give each column its cell: by the headers where they name every column, else by count."""
        if (self.unit and self.unit not in row.units) or is_under_other_header(row, self.lines):
            return Fit()
        unit = self.unit if self.unit in MONEY else find_unit(row, _texts_of(self.heads) or self.lines[0])
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
        named = names_columns(row, self.lines)
        if named is False:
            return Fit()
        return Fit((values,), self.doubts if named else (*self.doubts, "order_only"), unit)

    def _under_headers(self, row: FormRow) -> dict[str, Cell | None]:
        """Return the cell of each place, or nothing where the headers do not name each column once.

        A cell under several columns counts for the first of them. In a strip the block is named by a header too.
        """
        found: dict[str, Cell | None] = {}
        for cell, heads in zip(self.values, self.heads, strict=True):
            block = row.id if row.keys and self.label else _name_block(heads.keys, self.index)
            named = (f"{block}.{name}" for name in _name_columns(heads.keys, row.table, self.index.form.name))
            places = [place for place in named if place in row.place_ids]
            if found.keys() & set(places):
                return {}
            found.update({place: None if at else cell for at, place in enumerate(places)})
        return found if len(found) == len(row.place_ids) else {}

    def _has_other_headers(self, row: FormRow) -> bool:
        """Whether a header over a value is not the form's for its place: then counting columns proves nothing."""
        columns = self.index.columns[row.table]
        for heads, place in zip(self.heads, row.place_ids, strict=False):
            named = _name_columns(heads.keys, row.table, self.index.form.name)
            if any(key not in columns and key in all_column_keys() for key in heads.keys):
                return True
            if named and place.rpartition(".")[2] not in named:
                return True
        return False


@lru_cache(maxsize=512)  # the same over all rows of a table
def _name_columns(keys: tuple[str, ...], table: str, form_name: str) -> tuple[str, ...]:
    """Return the ids of the columns that the headers over a cell name."""
    columns = rows_of_forms()[form_name].columns[table]
    return tuple(dict.fromkeys(name for key in keys for name in columns.get(key, ())))


def _name_block(keys: tuple[str, ...], index: FormRows) -> str:
    """Return the id of the block of a strip that the lowest of the headers over a cell names."""
    return next((index.strips[key].id for key in reversed(keys) if key in index.strips), "")


def _texts_of(heads: Iterable[_Heads]) -> list[str]:
    return [text for over in heads for text in over.texts]


def find_table_rows(table: Table, headers: HeaderLines, index: FormRows) -> Iterator[PrintedRow]:
    """Yield the rows of a table that hold values, and add its other rows to the headers."""
    above = _HeaderCells()  # a header below a row of values begins anew
    is_closed = False
    rows = _rows_with_merged_labels(table)
    for cells in rows:
        labels, values = _split_labels(cells, index.units)
        labels, unit = _split_unit(labels, index.units)
        label = label_key(labels[-1].text) if labels else ""
        has_number = any(is_number(cell.text) for cell in values)
        if label in index.headings and not has_number:
            continue
        heads = tuple(map(above.over, values))
        is_strip = cells is rows[-1] and not labels and _name_strip(heads, index) is not None
        if not values or not (has_number or is_strip or _is_blank_row(label, values, index)):
            above, is_closed = _HeaderCells([*(() if is_closed else above.cells), *labels]), False
            headers.add([" ".join(cell.text for cell in labels)])
            continue
        is_closed = True
        row, doubts = _name_row(label, index) if label else (_name_strip(heads, index), ())
        if _MULTIPLES.search("|".join((*(cell.text for cell in labels[-1:]), *_texts_of(heads)))):
            doubts = (*doubts, "label_doubt")
        lines = headers.over_row(row)
        row = without_unnamed_columns(row, lines) if row else None
        found = _Values(label, tuple(values), heads, table.ruled, lines, index, doubts, unit)
        yield PrintedRow((*labels, *values), label, row, found.fit)


def _name_row(label: str, index: FormRows) -> tuple[FormRow | None, tuple[str, ...]]:
    """Return the row that a label names, for a misprinted one (行政事业型收费) with a doubt."""
    if label in index.by_key:
        return index.by_key[label], ()
    near = get_close_matches(label, index.by_key, n=2, cutoff=FUZZY_CUTOFF) if len(label) >= MIN_FUZZY_CHARS else []
    rows = {index.by_key[key].id: index.by_key[key] for key in near}
    return (next(iter(rows.values())), ("label_doubt",)) if len(rows) == 1 else (None, ())


def _name_strip(heads: tuple[_Heads, ...], index: FormRows) -> FormRow | None:
    """Return the strip, or the block of one, that the headers over a row without a label name."""
    named = {index.strips[key].id for over in heads for key in over.keys if key in index.strips}
    rows = [row for row in index.rows if len(row.place_ids) == len(heads) and row.span == len(named)]
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
    ends = [number for number, cell in enumerate(cells, 1) if fold_widths(cell.text) in units] if units else []
    words = (number for number in range(len(cells), 0, -1) if not _may_hold_value(cells[number - 1]))
    end = ends[0] if ends else next(words, 0)
    return [cell for cell in cells[:end] if cell.text.strip()], cells[end:]


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


def _is_blank_row(label: str, values: list[Cell], index: FormRows) -> bool:
    """Whether a row without figures is a row of the form that was left blank, and not a row of headers."""
    row = index.by_key.get(label)
    needed = [column for column in row.columns if not column.optional] if row and row.labels else []
    return bool(needed) and len(values) >= len(needed)
