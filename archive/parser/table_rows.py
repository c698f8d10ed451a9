"""Find rows of the form in tables. Values are matched to columns by their number, unless headers above contradict."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from functools import partial
from itertools import pairwise

from archive.documents.model import Table, TableCell
from archive.forms.labels import fold_widths, label_key
from archive.forms.loader import rows_by_key
from archive.forms.model import MONEY_UNIT, Form, RowPlan
from archive.parser.headers import (
    HeaderLines,
    Lines,
    find_unit,
    fit_by_count,
    header_key,
    is_under_other_header,
    without_unnamed_columns,
)
from archive.parser.placement import Fit, PrintedRow
from archive.parser.values import is_number, is_value

MIN_FUZZY_CHARS = 6  # in a shorter label, one other character makes another label
FUZZY_CUTOFF = 0.8

_MONEY_IN_BRACKETS = re.compile(rf"[(](?:单位:)?({MONEY_UNIT})[)]")
_FIGURE = re.compile("[0-9.,Ee+-]+")  # of any spelling
_MULTIPLES = re.compile("[百千万]件")  # figures in 万件 (ten thousand) are not in the form's unit
Header = tuple[TableCell, str]  # a header cell and its key


def _fit(
    values: tuple[TableCell, ...],
    above: Iterable[Header],
    lines: tuple[Lines, ...],
    unit: str,
    doubts: tuple[str, ...],
    row: RowPlan,
) -> Fit:
    """Return how values fit the columns of ``row``: by number or, if there are too many, by the header cells ``above``;
    not at all if a header contradicts. ``unit``: printed beside the label.
    """
    if (unit and unit not in row.printed_units) or is_under_other_header(row, lines):
        return Fit()
    ids = [place.rpartition(".")[2] for place in row.place_ids]
    by_key = row.columns_by_key
    heads = [(head.col, head.col + head.colspan, by_key[key]) for head, key in above if key in by_key]
    columns = [  # for each value, the ids of the columns that the header cells over it name, each once
        list(dict.fromkeys([name for first, end, name in heads if first < cell.col + cell.colspan and cell.col < end]))
        for cell in values
    ]
    if [over for over in columns if over] == [[name] for name in ids]:
        way = tuple(cell for cell, over in zip(values, columns, strict=True) if over)
        others = tuple(cell for cell, over in zip(values, columns, strict=True) if not over)
        width = max(head.col + head.colspan for head, _ in above)
        if any(cell.col >= width and is_number(cell.text) for cell in others):
            doubts = ("label_doubt",)  # more cells than the header: the figures may stand one column too far
        return Fit((way,), doubts, find_unit(row, lines, unit), others)
    while len(values) > len(ids) and not values[-1].text.strip() and not columns[len(values) - 1]:
        values = values[:-1]
    is_other = any(over and name not in over for over, name in zip(columns, ids, strict=False))
    return Fit() if len(values) != len(ids) or is_other else fit_by_count((values,), row, lines, unit, doubts)


def find_table_rows(table: Table, headers: HeaderLines, form: Form) -> Iterator[PrintedRow]:
    """Yield the rows of a table with values, and blank rows of the form; add text of its other rows to ``headers``. A
    row without a label may be a strip (headers above one row of figures). Figures in 万件 are flagged as doubtful.
    """
    above: list[Header] = []  # with their keys; one below a row of values starts a new list
    is_closed = False
    rows = _rows_with_merged_labels(table)
    for cells in rows:
        labels, values = _split_labels(cells, form)
        if cells is rows[-1] and is_number(cells[0].text) and _name_strip(above, len(cells), form):
            labels, values = [], cells
        labels, unit = _split_unit(labels, form.units)
        label = label_key(labels[-1].text) if labels else ""
        has_number = any(is_number(cell.text) for cell in values)
        if label in form.headings and not has_number:
            continue
        strip = None if labels else _name_strip(above, len(values), form)
        is_strip = cells is rows[-1] and strip is not None
        if not values or not (has_number or is_strip or _is_blank_row(label, values, form)):
            heads = ((cell, header_key(cell.text)) for cell in labels)
            above, is_closed = [*(() if is_closed else above), *heads], False
            headers.add([" ".join(cell.text for cell in labels)])
            continue
        is_closed = True
        row, doubts = _name_row(label, form) if label else (strip, ())
        is_multiple = _MULTIPLES.search(
            "|".join([*(cell.text for cell in labels[-1:]), *(head.text for head, _ in above)])
        )
        is_shared = any(cell.rowspan > 1 and is_number(cell.text) for cell in values)  # one figure for several rows
        if is_multiple or is_shared or (strip is not None and not _has_blocks_in_order(above, form)):
            doubts = ("label_doubt",)
        lines = headers.over_row(row)
        row = without_unnamed_columns(row, lines) if row else None
        yield PrintedRow((*labels, *values), label, row, partial(_fit, tuple(values), above, lines, unit, doubts))


def _name_row(label: str, form: Form) -> tuple[RowPlan | None, tuple[str, ...]]:
    """Return the form's row with this label, or, with a doubt, the only one with nearly this label (行政事业型收费)."""
    by_key = rows_by_key(form)
    if label in by_key:
        return by_key[label], ()
    near = get_close_matches(label, by_key, n=2, cutoff=FUZZY_CUTOFF) if len(label) >= MIN_FUZZY_CHARS else []
    rows = {by_key[key].id: by_key[key] for key in near}
    return (next(iter(rows.values())), ("label_doubt",)) if len(rows) == 1 else (None, ())


def _name_strip(above: Iterable[Header], width: int, form: Form) -> RowPlan | None:
    """Return the row without labels (行政复议、行政诉讼), or block of it, that the headers name and has this width."""
    ids = {form.strips[key].id for _, key in above if key in form.strips}
    rows = [row for row in form.printed_rows if len(row.place_ids) == width and row.span == len(ids)]
    return next((row for row in rows if ids and (row.span > 1 or row.id in ids)), None)


def _has_blocks_in_order(above: Iterable[Header], form: Form) -> bool:
    """Whether the headers of a strip name its blocks (行政复议, 复议后起诉 …) from left to right as the form does."""
    blocks = sorted((cell.col, form.strips[key].order) for cell, key in above if key in form.strips)
    return all(order <= following for (_, order), (_, following) in pairwise(blocks))


def _rows_with_merged_labels(table: Table) -> list[list[TableCell]]:
    """Return the rows of a table; a cell that is merged over several rows is in each of them."""
    rows: list[list[TableCell]] = [[] for _ in range(max((cell.row + 1 for cell in table.cells), default=0))]
    for cell in sorted(table.cells, key=lambda cell: cell.col):
        for row in rows[cell.row : cell.row + cell.rowspan]:
            row.append(cell)
    return rows


def _split_labels(cells: list[TableCell], form: Form) -> tuple[list[TableCell], list[TableCell]]:
    """Split a row into labels and values: after its unit if the form's rows have one, else after its last words; but
    after the form's label if a figure follows it: 1.1398889E7 and 12 345 cannot be read, but are no labels.
    """
    ends = [number for number, cell in enumerate(cells, 1) if fold_widths(cell.text) in form.units]
    words = [number for number, cell in enumerate(cells, 1) if not _may_hold_value(cell)]
    end = ends[0] if ends else max(words, default=0)
    names = [number for number in words if number <= end and label_key(cells[number - 1].text) in rows_by_key(form)]
    between = (fold_widths(cell.text) for cell in cells[names[-1] : end]) if names and not ends else ()
    if _FIGURE.fullmatch(next(filter(None, between), "")):
        end = names[-1]
    return [cell for cell in cells[:end] if cell.text.strip()], cells[end:]


def _may_hold_value(cell: TableCell) -> bool:
    """True if a cell is no label: it is a value, or a single character of which the OCR was not sure."""
    return is_value(cell.text) or ("low_confidence" in cell.doubts and len(cell.text.strip()) == 1)


def _split_unit(labels: list[TableCell], units: Collection[str]) -> tuple[list[TableCell], str]:
    """Return the labels of a row without line number and unit, and the unit; only tables of layout ``list`` have it."""
    if not units:
        return labels, ""
    printed = [fold_widths(cell.text) for cell in labels if fold_widths(cell.text) in units]
    names = [cell for cell in labels if fold_widths(cell.text) not in units and not is_value(cell.text)]
    bracketed = _MONEY_IN_BRACKETS.search(fold_widths(names[-1].text)) if names and not printed else None
    return names, bracketed[1] if bracketed else "".join(printed)


def _is_blank_row(label: str, values: list[TableCell], form: Form) -> bool:
    """True if a row without figures is a row of the form that was left blank, and not a row of headers."""
    row = rows_by_key(form).get(label)
    needed = [column for column in row.columns if not column.optional] if row and row.labels else []
    return bool(needed) and len(values) >= len(needed)
