"""Print a form filled with cells as grids, with the merged cells of the official form: the parser must read
back what is printed here. Each layout fills a grid with slots; neighbours with the same slot become one merged
cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from archive.forms.model import Form, RowPlan, TablePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCell:
    """A printed cell; a merged cell is one cell. ``id``: its indicator, None for labels and headers."""

    row: int
    col: int
    rowspan: int = 1
    colspan: int = 1
    text: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedTable:
    """A printed grid. ``key``: the table of the form; ``cells``: in reading order."""

    key: str
    rows: int
    cols: int
    cells: tuple[PrintedCell, ...]


class _Slot(NamedTuple):
    """The content of one field of the grid. ``key``: distinguishes cells that have the same text."""

    key: object
    text: str
    id: str | None = None


_Grid = list[list[_Slot]]
_Texts = Mapping[str, str]


def tables(form: Form, cells: Mapping[str, Decimal | int | str | None]) -> tuple[PrintedTable, ...]:
    """Return the grids of a form filled with ``cells`` (None or no value: blank; texts are printed as they are)."""
    texts = {name: _text(value) for name, value in cells.items()}
    printers = {"blocks": _fill_blocks, "matrix": _fill_matrix, "strip": _fill_strip, "list": _fill_list}
    return tuple(_merge(table.key, printers[table.layout](table, texts)) for table in form.tables)


def _text(value: Decimal | int | str | None) -> str:
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _merge(key: str, grid: _Grid) -> PrintedTable:
    """Return a grid as the table ``key`` of a form; neighbouring fields with the same slot become one merged cell."""
    spots: dict[_Slot, list[tuple[int, int]]] = defaultdict(list)
    for row, slots in enumerate(grid):
        for col, slot in enumerate(slots):
            spots[slot].append((row, col))
    cells = []
    for slot, at in spots.items():
        (top, left), (bottom, right) = at[0], at[-1]
        spans = {"rowspan": bottom - top + 1, "colspan": right - left + 1}
        cells.append(PrintedCell(row=top, col=left, text=slot.text, id=slot.id, **spans))
    return PrintedTable(key=key, rows=len(grid), cols=len(grid[0]), cells=tuple(cells))


def _values(row: RowPlan, texts: _Texts) -> list[_Slot]:
    return [_Slot(place, texts.get(place, ""), place) for place in row.place_ids]


def _fill_blocks(table: TablePlan, texts: _Texts) -> _Grid:
    """Return the grid of blocks: for each block a caption over all columns, a row of headers, and its rows."""
    width = 1 + max(len(block.columns) for block in table.blocks)
    grid: _Grid = []
    for number, block in enumerate(table.blocks):
        grid.append([_Slot(number, block.caption)] * width)
        grid.append([_Slot(number, block.header), *(_Slot((number, one.id), one.label) for one in block.columns)])
        grid += [[_Slot(row.id, row.label), *_values(row, texts)] for row in table.rows if row.block == number]
    return [[*slots, *[slots[-1]] * (width - len(slots))] for slots in grid]


def _fill_matrix(table: TablePlan, texts: _Texts) -> _Grid:
    """Return the grid of a matrix: three rows of headers, then labels of groups and values (``texts``: by cell id)."""
    width = 1 + max(len(row.groups) for row in table.rows)
    columns = [_Slot(one.id, one.label) for one in table.columns]
    group = _Slot("group", table.group_header)
    groups = [group if one.grouped else slot for one, slot in zip(table.columns, columns, strict=True)]
    corner = [_Slot("corner", table.corner)] * width
    grid = [[*corner, *[_Slot("header", table.header)] * len(columns)], [*corner, *groups], [*corner, *columns]]
    for row in table.rows:
        labels = [_Slot(row.groups[: depth + 1], group) for depth, group in enumerate(row.groups)]
        grid.append([*labels, *[_Slot(row.id, row.label)] * (width - len(labels)), *_values(row, texts)])
    return grid


def _fill_strip(table: TablePlan, texts: _Texts) -> _Grid:
    """Return the grid of a strip: three rows of nested headers, and one row of values."""
    grid: _Grid = [[], [], [], []]
    for row in table.rows:
        for column, value in zip(row.columns, _values(row, texts), strict=True):
            label, head = _Slot(row.id, row.label), _Slot((row.id, column.id), column.label)
            above = [_Slot(row.groups, row.groups[0]), label] if row.groups else [label, head]
            for slots, slot in zip(grid, (*above, head, value), strict=True):
                slots.append(slot)
    return grid


def _fill_list(table: TablePlan, texts: _Texts) -> _Grid:
    """Return the grid of a list: national rows, headings of groups, and provincial rows and columns that have cells."""
    needed = {at for row in table.rows for at, place in enumerate(row.place_ids) if place in texts}
    columns = [at for at, column in enumerate(table.columns) if at in needed or not column.optional]
    heads = [table.columns[at].printed or table.columns[at].label for at in columns]
    grid = [[_Slot((0, col), text) for col, text in enumerate((table.corner, table.header, *heads))]]
    printed: set[tuple[str, ...]] = set()
    for row in table.rows:
        values = [_values(row, texts)[at] for at in columns]
        if row.provincial and all(slot.id not in texts for slot in values):
            continue
        paths = [row.groups[: depth + 1] for depth in range(len(row.groups))]
        grid += [  # a heading has no figures
            [_Slot(path, path[-1]), *(_Slot((path, col), "") for col in range(1 + len(columns)))]
            for path in paths
            if path not in printed
        ]
        grid.append([_Slot(row.id, row.label), _Slot((row.id, "unit"), row.columns[0].unit), *values])
        printed.update(paths, [(*row.groups, row.label)])
    return grid
