"""A picture of a worksheet: numbers of rows, letters of columns and the window around are none of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archive.documents.pages import GridCell, Paragraph, Table
from archive.documents.recognised.screened import without_rulers

PAGE = {"page": 1}
ROWS: list[list[tuple[str, int]]] = [
    [("F 某县统计局2023年政府信息公开工作年度报告", 3)],
    [("二、主动公开政府信息情况", 3)],
    [("第二十条第（五）项", 3)],
    [("信息内容", 1), ("本年处理决定数量", 2)],
    *([("行政许可", 1), (str(number), 1), ("0", 1)] for number in range(5)),
]


def _table(
    first: int = 1, *, head: str = "", numbered: bool = True, more: Sequence[Sequence[tuple[str, int]]] = ()
) -> Table:
    """The rows with their numbers before, a blank column behind and two blank rows below."""
    cells: list[GridCell] = []
    rows = [*ROWS, *more, [("", 1)], [("", 1)]]
    for r, row in enumerate(rows):
        begun = head if head and r == 0 else str(first + r) if numbered or len(row) > 1 else ""
        cells.append(GridCell(row=r, col=0, text=begun, locator=PAGE))
        at = 1
        for text, width in row:
            cells.append(GridCell(row=r, col=at, colspan=width, text=text, locator=PAGE))
            at += width
        cells.append(GridCell(row=r, col=4, text="-" if r == 3 else "", locator=PAGE))
    return Table(cells=tuple(cells), rows=len(rows), cols=5)


def _texts(table: object) -> list[list[str]]:
    assert isinstance(table, Table)
    return [[cell.text for cell in cells] for _, cells in table.by_row()]


def test_numbers_of_rows_and_what_stands_outside_of_the_sheet_are_left_out() -> None:
    done = without_rulers([Paragraph(text="文件 编辑", locator=PAGE), _table(), Paragraph(text="就绪", locator=PAGE)])
    table = done[1]
    assert isinstance(table, Table)
    assert table.cols == 3
    assert _texts(table)[:4] == [
        ["某县统计局2023年政府信息公开工作年度报告"],
        ["二、主动公开政府信息情况"],
        ["第二十条第（五）项"],
        ["信息内容", "本年处理决定数量"],
    ]
    assert all(cell.col + cell.colspan <= 3 for cell in table.cells)
    assert [block.furniture for block in done if isinstance(block, Paragraph)] == [True, True]


def test_what_stands_above_a_sheet_that_was_scrolled_stays() -> None:
    done = without_rulers([Paragraph(text="某县统计局年度报告", locator=PAGE), _table(30)])
    assert [block.furniture for block in done if isinstance(block, Paragraph)] == [False]
    assert _texts(done[1])[3] == ["信息内容", "本年处理决定数量"]


def test_a_table_that_counts_its_lines_keeps_its_columns() -> None:
    longer = [[("行政许可", 1), ("1", 1), ("0", 1)]] * 6
    for table in (_table(head="序号"), _table(numbered=False, more=longer)):
        assert without_rulers([table]) == [table]


def test_letters_of_columns_are_no_title_however_some_are_misread() -> None:
    letters = "A B 0 D 日 F G H"
    done = without_rulers([Paragraph(text=letters.replace(" ", "\t")), Paragraph(text="A B C 三家公司 D E")])
    assert [block.furniture for block in done if isinstance(block, Paragraph)] == [True, False]
    table = _table()
    first = [replace(cell, text=f"{letters}\n{cell.text}") for cell in table.cells if (cell.row, cell.col) == (0, 1)]
    cells = (*first, *(cell for cell in table.cells if (cell.row, cell.col) != (0, 1)))
    (done,) = without_rulers([replace(table, cells=cells)])
    assert ROWS[0][0][0] == f"F {_texts(done)[0][0]}"
