"""A form filled with cells → the printed grids, with the spans of the official form.

The imitation's document writers and the tests use it: what is printed here, the parser must read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

from archive.forms.model import Form, RowPlan, TablePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCell:
    """A printed cell, merged cells once; ``id`` is its indicator if it is a place of the form."""

    row: int
    col: int
    rowspan: int = 1
    colspan: int = 1
    text: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedTable:
    """A printed grid: ``cells`` in reading order; ``key`` is the table of the form."""

    key: str
    rows: int
    cols: int
    cells: tuple[PrintedCell, ...]


def tables(form: Form, cells: Mapping[str, Decimal | int | str | None]) -> tuple[PrintedTable, ...]:
    """Return the grids of a form with cells filled in (None or missing: left blank; texts are printed as they are)."""
    texts = {name: _text(value) for name, value in cells.items()}
    printers = {"blocks": _blocks, "matrix": _matrix, "strip": _strip, "list": _list}
    return tuple(printers[table.layout](table, texts) for table in form.tables)


def _text(value: Decimal | int | str | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _finish(key: str, cells: list[PrintedCell], cols: int) -> PrintedTable:
    cells.sort(key=lambda cell: (cell.row, cell.col))
    return PrintedTable(key=key, rows=1 + max(c.row + c.rowspan - 1 for c in cells), cols=cols, cells=tuple(cells))


def _blocks(table: TablePlan, texts: Mapping[str, str]) -> PrintedTable:
    width = 1 + max(len(block.columns) for block in table.blocks)
    cells: list[PrintedCell] = []
    at = 0
    for number, block in enumerate(table.blocks):
        cells.append(PrintedCell(row=at, col=0, colspan=width, text=block.caption))
        cells.append(PrintedCell(row=at + 1, col=0, text=block.header))
        cells += _spread(at + 1, [(column.label, None) for column in block.columns], width)
        at += 2
        for row in (row for row in table.rows if row.block == number):
            cells.append(PrintedCell(row=at, col=0, text=row.label))
            cells += _spread(at, [(texts.get(place, ""), place) for place in row.place_ids], width)
            at += 1
    return _finish(table.key, cells, width)


def _spread(row: int, items: list[tuple[str, str | None]], width: int) -> list[PrintedCell]:
    """Return cells from column 1 on; the last one spans what is left."""
    last = len(items) - 1
    return [
        PrintedCell(row=row, col=1 + i, colspan=width - 1 - i if i == last else 1, text=text, id=place)
        for i, (text, place) in enumerate(items)
    ]


def _matrix(table: TablePlan, texts: Mapping[str, str]) -> PrintedTable:
    labels = 1 + max(len(row.groups) for row in table.rows)
    width = labels + len(table.columns)
    cells = [
        PrintedCell(row=0, col=0, rowspan=3, colspan=labels, text=table.corner),
        PrintedCell(row=0, col=labels, colspan=len(table.columns), text=table.header),
    ]
    grouped = [i for i, column in enumerate(table.columns) if column.grouped]
    if grouped:
        cells.append(PrintedCell(row=1, col=labels + grouped[0], colspan=len(grouped), text=table.group_header))
    for i, column in enumerate(table.columns):
        top, span = (2, 1) if column.grouped else (1, 2)
        cells.append(PrintedCell(row=top, col=labels + i, rowspan=span, text=column.label))
    for i, row in enumerate(table.rows):
        at = 3 + i
        for depth, group in enumerate(row.groups):
            if i == 0 or table.rows[i - 1].groups[: depth + 1] != row.groups[: depth + 1]:
                span = _run(table.rows, i, depth)
                cells.append(PrintedCell(row=at, col=depth, rowspan=span, text=group))
        depth = len(row.groups)
        cells.append(PrintedCell(row=at, col=depth, colspan=labels - depth, text=row.label))
        for j, place in enumerate(row.place_ids):
            cells.append(PrintedCell(row=at, col=labels + j, text=texts.get(place, ""), id=place))
    return _finish(table.key, cells, width)


def _run(rows: tuple[RowPlan, ...], start: int, depth: int) -> int:
    """Return how many rows from ``start`` on share the group at ``depth``."""
    wanted = rows[start].groups[: depth + 1]
    return sum(1 for _ in takewhile(lambda row: row.groups[: depth + 1] == wanted, rows[start:]))


def _strip(table: TablePlan, texts: Mapping[str, str]) -> PrintedTable:
    cells: list[PrintedCell] = []
    at = 0
    heads: dict[str, int] = {}
    for row in table.rows:
        size = len(table.columns)
        nested = bool(row.groups)
        if nested:
            heads[row.groups[0]] = heads.get(row.groups[0], 0) + size
            cells.append(PrintedCell(row=1, col=at, colspan=size, text=row.label))
        else:
            cells.append(PrintedCell(row=0, col=at, colspan=size, text=row.label))
        for i, (column, place) in enumerate(zip(table.columns, row.place_ids, strict=True)):
            top, span = (2, 1) if nested else (1, 2)
            cells.append(PrintedCell(row=top, col=at + i, rowspan=span, text=column.label))
            cells.append(PrintedCell(row=3, col=at + i, text=texts.get(place, ""), id=place))
        at += size
    start = sum(len(table.columns) for row in table.rows if not row.groups)
    for group, span in heads.items():
        cells.append(PrintedCell(row=0, col=start, colspan=span, text=group))
        start += span
    return _finish(table.key, cells, at)


def _list(table: TablePlan, texts: Mapping[str, str]) -> PrintedTable:
    """Print the national rows, each group without a row of its own as a heading, and what else the cells need."""
    needed = {at for row in table.rows for at, place in enumerate(row.place_ids) if place in texts}
    columns = [at for at, column in enumerate(table.columns) if at in needed or not column.optional]
    heads = [table.columns[at].printed or table.columns[at].label for at in columns]
    lines: list[tuple[str, str, list[str]]] = []  # label, unit, places
    printed: set[tuple[str, ...]] = set()
    for row in table.rows:
        places = [row.place_ids[at] for at in columns]
        if row.provincial and texts.keys().isdisjoint(places):
            continue
        paths = [row.groups[: depth + 1] for depth in range(len(row.groups))]
        lines += [(path[-1], "", []) for path in paths if path not in printed]
        lines.append((row.label, row.columns[0].unit, places))
        printed.update(paths, [(*row.groups, row.label)])
    cells = [PrintedCell(row=0, col=col, text=text) for col, text in enumerate((table.corner, table.header, *heads))]
    for at, (label, unit, places) in enumerate(lines, 1):
        ids = places or [""] * len(columns)  # a heading has no figures
        row_texts = (label, unit, *(texts.get(place, "") for place in ids))
        for col, (text, place) in enumerate(zip(row_texts, ("", "", *ids), strict=True)):
            cells.append(PrintedCell(row=at, col=col, text=text, id=place or None))
    return _finish(table.key, cells, 2 + len(columns))
