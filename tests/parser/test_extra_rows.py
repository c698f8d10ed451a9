"""Rows and columns that are printed in a table of the form and that the form does not have: told, never taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from archive.documents.pages import GridCell, Pages, Paragraph, Table
from archive.forms.loader import form
from archive.parser.reader import read_pages_to_reading
from storage.records import Finding, Reading
from tests import form_rendering as render

NEW = form("2021")
FIGURES: dict[str, Decimal | None] = {name: Decimal(at % 7) for at, name in enumerate(NEW.ids)}
CODES = {"row_unplaced", "column_unplaced"}


def changed(number: int, change: Callable[[Table], Table], *, behind: Table | None = None) -> Reading:
    """The reading of a form of which one table (from 0) was changed, perhaps with another table behind it."""
    blocks: list[Paragraph | Table] = list(render.as_pages(render.tables_of(NEW, FIGURES)).blocks)
    at = [i for i, block in enumerate(blocks) if isinstance(block, Table)][number]
    table = blocks[at]
    assert isinstance(table, Table)
    blocks[at : at + 1] = [change(table), *([] if behind is None else [behind])]
    return read_pages_to_reading(Pages(kind="test", blocks=tuple(blocks)), "0" * 64)


def with_row(at: int | None, *texts: str) -> Callable[[Table], Table]:
    """The table with a row more before row ``at`` (None: behind all), each text in a cell of its own, the last ones
    under the last columns.
    """

    def change(table: Table) -> Table:
        row = table.rows if at is None else at
        moved = [replace(c, row=c.row + 1) if c.row >= row else c for c in table.cells]
        moved = [replace(c, rowspan=c.rowspan + 1) if c.row < row < c.row + c.rowspan else c for c in moved]
        first = table.cols - len(texts)
        label = GridCell(row=row, col=0, text=texts[0], colspan=first + 1)
        cells = [label, *(GridCell(row=row, col=first + i, text=text) for i, text in enumerate(texts) if i)]
        return replace(table, cells=tuple(sorted([*moved, *cells], key=lambda c: (c.row, c.col))), rows=table.rows + 1)

    return change


def with_column(heading: str, texts: Sequence[str]) -> Callable[[Table], Table]:
    """The table with a column more at its end, ``texts`` in turn beside its figures."""

    def change(table: Table) -> Table:
        rows = sorted({cell.row for cell in table.cells if cell.text.isdigit()})
        cells = [GridCell(row=0, col=table.cols, text=heading, rowspan=rows[0])]
        cells += [GridCell(row=row, col=table.cols, text=texts[i % len(texts)]) for i, row in enumerate(rows)]
        both = tuple(sorted([*table.cells, *cells], key=lambda c: (c.row, c.col)))
        return replace(table, cells=both, cols=table.cols + 1)

    return change


def told(reading: Reading) -> list[Finding]:
    return [found for found in reading.findings if found.code in CODES]


def values(reading: Reading) -> dict[str, Decimal | None]:
    return {name: cell.value for name, cell in reading.cells.items()}


SEVEN = ("4", "0", "0", "0", "0", "0", "4")


@pytest.mark.parametrize(
    ("number", "change", "label"),
    [
        (1, with_row(None, "五、其他补充数据", *SEVEN), "五、其他补充数据"),
        (1, with_row(None, "五、其他补充数据", *["0"] * 7), "五、其他补充数据"),
        (1, with_row(None, "五、其他补充数据", *["/"] * 7), "五、其他补充数据"),
        (0, with_row(3, "政策文件", "4", "5", "6"), "政策文件"),
        (0, with_row(None, "公共数据", "15"), "公共数据"),
    ],
)
def test_a_row_that_the_form_does_not_have_is_told(number: int, change: Callable[[Table], Table], label: str) -> None:
    reading = changed(number, change)
    [found] = told(reading)
    assert (found.code, found.severity, found.found) == ("row_unplaced", "info", label)
    assert values(reading) == FIGURES


def test_where_a_row_of_the_form_is_not_there_one_of_another_name_is_a_warning() -> None:
    def renamed(table: Table) -> Table:
        cells = [replace(c, text="行政许可和备案") if c.text == "行政许可" else c for c in table.cells]
        return replace(table, cells=tuple(cells))

    [found] = told(changed(0, renamed))
    assert (found.severity, found.found) == ("warning", "行政许可和备案")


@pytest.mark.parametrize("merged", [True, False])
def test_a_merged_heading_without_its_columns_is_told_and_costs_the_other_columns_nothing(merged: bool) -> None:
    """法人或其他组织 as one column: natural persons and totals are certain."""

    def undivided(table: Table) -> Table:
        heading = next(c for c in table.cells if c.text == "法人或其他组织")
        first, end = heading.col, heading.col + heading.colspan
        inner = [c for c in table.cells if c.row > heading.row and first <= c.col and c.col + c.colspan <= end]
        rows = sorted({c.row for c in inner if c.text.isdigit()})
        span = heading.colspan if merged else 1
        left = [c for c in table.cells if c not in inner and c is not heading]
        left += [replace(heading, rowspan=rows[0] - heading.row, colspan=span)]
        left += [GridCell(row=row, col=first, text=str(100 + row), colspan=span) for row in rows]
        return replace(table, cells=tuple(sorted(left, key=lambda c: (c.row, c.col))))

    reading = changed(1, undivided)
    table = NEW.table("applications")
    inner = {column.id for column in table.columns if column.grouped}
    assert values(reading) == {
        name: value
        for name, value in FIGURES.items()
        if not (name.startswith("applications.") and name.rpartition(".")[2] in inner)
    }
    assert not any(cell.flags for cell in reading.cells.values())
    assert [found.found for found in told(reading)] == ["法人或其他组织"]
    assert "columns_missing" in {found.code for found in reading.findings}


def test_a_column_that_the_form_does_not_have_is_told() -> None:
    reading = changed(1, with_column("境外申请人", ["2", "0"]))
    [found] = told(reading)
    assert (found.code, found.severity, found.found) == ("column_unplaced", "info", "境外申请人")
    assert values(reading) == FIGURES


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (1, with_row(0, "单位：件")),
        (1, with_row(None, "备注：本表共 7 栏")),
        (1, with_row(None, "备注", *["/"] * 7)),
        (1, with_row(12, "小计", *SEVEN)),
        (1, with_row(3, "栏次", *"1234567")),
        (1, with_row(3, "", *"1234567")),
        (0, with_row(2, "甲", "1", "2", "3")),
        (0, with_row(None, "填表人：张某", "联系电话", "05371234567")),
        (0, with_row(None, "填报日期", "20250115")),
        (1, with_row(None, "五、其他补充数据", *[""] * 7)),
        (1, with_row(12, "第 3 页", "5")),
        (1, with_column("备注", ["1", ""])),
        (1, with_column("", [""])),
        (1, with_column("法律依据", ["第36条"])),
    ],
)
def test_what_stands_beside_the_figures_of_a_form_is_no_row_of_it(
    number: int, change: Callable[[Table], Table]
) -> None:
    reading = changed(number, change)
    assert told(reading) == []
    assert values(reading) == FIGURES


@pytest.mark.parametrize("number", [0, 1, 2])
def test_tables_of_somebodys_own_are_left_alone(number: int) -> None:
    rows = [("项目", "数量"), ("政策解读稿件", "15"), ("微信公众号", "320")]
    cells = tuple(GridCell(row=r, col=c, text=text) for r, row in enumerate(rows) for c, text in enumerate(row))
    reading = changed(number, lambda table: table, behind=Table(cells=cells, rows=3, cols=2))
    assert told(reading) == []
    assert values(reading) == FIGURES
