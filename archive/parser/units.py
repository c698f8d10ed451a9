"""Find units printed elsewhere than in a column's header: in a row's label, on a line above a table or in it.

A form counts in 件 and takes fees in 万元. Where a label says （万件）, or a line 单位：百件, the figures are no counts
as the form has them: they are kept raw and no value is taken (0 is 0 in any unit). Money whose label or line says
another unit than its column keeps its value and is doubted: nobody knows which of the two holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from archive.documents.pages import GridCell, Pages, Paragraph, Table
from archive.findings import finding
from archive.forms import money
from archive.forms.model import Indicator
from archive.forms.spelling import simplify
from archive.parser.cells import Placement
from archive.parser.rows import Row
from archive.parser.values import AMOUNTS, printed_unit, squeeze
from storage.records import Cell

_LONGEST = 60  # characters of a label or line that says a unit
_ABOVE = 3  # lines above a table that may say what it counts in
_UNIT_LABEL = r"(?:单位[:是为]{0,2}|[(\[〔【])(?:[^()\[\]〔〕【】]{0,8}[、,/])?"
_ENDS = r"(?=[)\]】〕,、;/。]|$)"
_COUNTED = re.compile(
    rf"{_UNIT_LABEL}([十百千万亿]{{1,2}})(?:[件个条项宗起份例批笔部册篇]|[人件]?次|人){_ENDS}"
    r"|[以按]([十百千万亿]{1,2})[件个条项宗起份次]为?(?:计|单位)"
)
_PAID = re.compile(rf"{_UNIT_LABEL}({money.UNIT}){_ENDS}")
_HINT = re.compile(
    r"[十百千万亿萬億][件个個条條项項宗次份人起例部册批笔篇]|元\s*(?:[)）\]〕】,，、;；/。]|$)", re.MULTILINE
)
_NOTE = re.compile(r"[(]?(?:注|说明|备注|以上|上表|表中)")  # what begins a note on the table above it
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、")
_BARE = re.compile(r"[(\[]?(?:计量)?单位[:是为]{0,2}[^()]{1,12}[)\]]?")


class _Unit(NamedTuple):
    """What is said: the multiple in which counts are given, the unit of money; "" for none. ``bare``: nothing else."""

    counted: str
    paid: str
    bare: bool
    text: str


@lru_cache(maxsize=1024)
def stated_unit(text: str) -> _Unit | None:
    """The unit that a label or line says, other than 件; None if it says none."""
    if len(text) > _LONGEST or _HINT.search(text) is None:
        return None
    plain = simplify(squeeze(text))
    counted, paid = _COUNTED.search(plain), _PAID.search(plain)
    if counted is None and paid is None:
        return None
    multiple = (counted[1] or counted[2]) if counted else ""
    return _Unit(multiple, paid[1] if paid else "", _BARE.fullmatch(plain) is not None, " ".join(text.split()))


def doubt_units(pages: Pages, placed: Placement, rows: Sequence[Row]) -> None:
    """Doubt the cells that labels and lines outside of the columns' headers give another unit; see the module."""
    if placed.form is None:
        return
    spots = _Spots(placed.cells)
    for unit, names in _stated_units(pages, spots, rows):
        _apply(unit, names, placed)


class _Spots:
    """The placed cells by where they stand."""

    def __init__(self, cells: Mapping[str, Cell]) -> None:
        self.cells = cells
        self._tables: dict[object, list[tuple[object, object, str]]] = {}

    def of(self, table: object) -> list[tuple[object, object, str]]:
        """Row, column and name of those of a table, looked for where it is asked for."""
        if table not in self._tables:
            cells = ((name, cell.locator) for name, cell in self.cells.items() if cell.locator.get("table") == table)
            found = [(place.get("row"), place.get("col"), name) for name, place in cells]
            self._tables[table] = [spot for spot in found if spot[0] is not None]
        return self._tables[table]

    def names(self, table: object) -> list[str]:
        """Those of a table."""
        return [name for _, _, name in self.of(table)]

    def holds(self, locator: Mapping[str, object]) -> bool:
        """Whether one stands in this place."""
        spot = locator.get("row"), locator.get("col")
        return any(spot == (row, col) for row, col, _ in self.of(locator.get("table")))

    def among(self, table: object, rows: range, cols: range) -> list[str]:
        """Those of a table in some of its rows and columns."""
        return [name for row, col, name in self.of(table) if row in rows and (col is None or col in cols)]


def _stated_units(pages: Pages, spots: _Spots, rows: Sequence[Row]) -> Iterator[tuple[_Unit, list[str]]]:
    """Each unit that is said, and the cells of which."""
    above: tuple[_Unit, int] | None = None  # the unit of the tables to come, and lines since
    before: Table | None = None
    labelled = False
    for block in pages.blocks:
        if isinstance(block, Table):
            if _HINT.search("\n".join(block.texts)) is not None:
                labelled = labelled or not spots.of(_table(block))
                yield from _units_in_table(block, spots)
            if above is not None:
                yield above[0], spots.names(_table(block))
                above = above[0], 0
            before = block
            continue
        if block.furniture:
            continue
        unit = stated_unit(block.text)
        if above is not None:
            above = None if above[1] >= _ABOVE or _HEADING.match(block.text) else (above[0], above[1] + 1)
        if unit is None:
            continue
        labelled = True
        if before is not None and _NOTE.match(block.text):
            yield unit, spots.names(_table(before))
        else:
            above = unit, 0
    if labelled:
        yield from _units_in_lines(pages, spots, rows)


def _table(table: Table) -> object:
    return table.cells[0].locator.get("table") if table.cells else None


def _units_in_table(table: Table, spots: _Spots) -> Iterator[tuple[_Unit, list[str]]]:
    """Units in cells of a table that are no figures: of the row of a label, of what stands below a header or line."""
    alone: set[int] | None = None
    for cell in table.cells:
        unit = stated_unit(cell.text)
        if unit is None or spots.holds(cell.locator):
            continue
        at = cell.locator.get("table")
        row, col = _place(cell)
        beside = spots.among(at, range(row, row + cell.rowspan), range(col + 1, col + table.cols + 1))
        if beside:
            yield unit, beside
            continue
        alone = _lone_rows(table) if alone is None else alone
        if cell.row not in alone:
            yield unit, spots.among(at, range(row + 1, row + table.rows), range(col, col + cell.colspan))
        elif unit.bare:
            yield unit, spots.names(at)
        else:
            end = min((other for other in alone if other > cell.row), default=table.rows)
            yield unit, spots.among(at, range(row + 1, row + end - cell.row), range(col + table.cols))


def _place(cell: GridCell) -> tuple[int, int]:
    """Row and column of a cell as its locator tells them: its table may have been laid out anew."""
    row, col = cell.locator.get("row"), cell.locator.get("col")
    return (row if isinstance(row, int) else cell.row, col if isinstance(col, int) else cell.col)


def _lone_rows(table: Table) -> set[int]:
    """The rows in which one cell alone prints anything."""
    printed: dict[int, int] = {}
    for cell in table.cells:
        for row in range(cell.row, cell.row + cell.rowspan) if cell.text.strip() else ():
            printed[row] = printed.get(row, 0) + 1
    return {row for row, cells in printed.items() if cells == 1}


def _units_in_lines(pages: Pages, spots: _Spots, rows: Sequence[Row]) -> Iterator[tuple[_Unit, list[str]]]:
    """Units in the labels of rows that are read from lines, and of all such rows on a line of its own."""
    by_place = {id(cell.locator): name for name, cell in spots.cells.items()}
    loose = [name for name, cell in spots.cells.items() if "row" not in cell.locator]
    for row in rows:
        if row.kind == "data" and row.source != "grid":
            names = [by_place[id(item.locator)] for item in row.items if id(item.locator) in by_place]
            yield from ((unit, names) for text in row.texts if (unit := stated_unit(text)) is not None)
    for block in pages.blocks if loose else ():
        if isinstance(block, Paragraph) and (unit := stated_unit(block.text)) is not None and unit.bare:
            yield unit, loose


def _apply(unit: _Unit, names: Sequence[str], placed: Placement) -> None:
    """Take the values of counts in a multiple, and doubt money whose column is of another unit."""
    assert placed.form is not None
    places = placed.form.places
    cells = [name for name in names if name in places and placed.cells[name].value]
    if unit.counted:
        counts = [name for name in cells if places[name].kind not in AMOUNTS]
        for name in counts:
            cell = placed.cells[name]
            flags = (*(flag for flag in cell.flags if flag != "not_a_number"), "not_a_number")
            placed.cells[name] = replace(cell, value=None, flags=flags)
        if counts:
            placed.findings.append(
                finding(
                    "not_a_number",
                    case="multiples",
                    cells=counts,
                    found=unit.text[:60],
                    unit=unit.text,
                    counted=unit.counted,
                    count=len(counts),
                )
            )
    paid = [name for name in cells if unit.paid and _differs(placed, places[name], unit.paid)]
    if paid:
        own = places[paid[0]].unit
        placed.findings.append(
            finding("unit_doubt", case="column", cells=paid, expected=own, found=unit.paid, unit=unit.text)
        )


def _differs(placed: Placement, place: Indicator, paid: str) -> bool:
    """Whether money of a place was read in another unit than ``paid``; what its own cell prints goes before both."""
    cell = placed.cells[place.id]
    if place.kind != "amount" or cell.value is None or "元" in cell.raw:
        return False
    read_in = printed_unit(cell.raw, cell.value, place.unit) if "unit_converted" in cell.flags else place.unit
    return read_in != paid
