"""Columns in which somebody reckons beside a report in a sheet, and notes beside its titles, cost it nothing."""

from __future__ import annotations

import pytest

from archive.documents.pages import Paragraph, Table
from archive.documents.workbook.grid import Sheet, blocks
from archive.documents.workbook.side_notes import without_reckoning

TITLE, TEXT = "某县司法局2023年政府信息公开工作年度报告", "2023年，我局公开信息20条。"
HEAD = "二、主动公开政府信息情况"
WIDE = {(row, 0): (1, 3) for row in range(3)}


def sheet(column: int, beside: dict[int, str], merged: dict[tuple[int, int], tuple[int, int]] | None = None) -> Sheet:
    rows = {
        0: {0: TITLE},
        1: {0: TEXT},
        2: {0: HEAD},
        3: {0: "信息内容", 1: "本年制发件数", 2: "本年废止件数"},
        4: {0: "规章", 1: "0", 2: "1"},
        5: {0: "行政规范性文件", 1: "3", 2: "4"},
    }
    for row, text in beside.items():
        rows.setdefault(row, {})[column] = text
    return Sheet("报告", rows, merged=WIDE if merged is None else merged)


def shown(one: Sheet) -> list[str | tuple[int, int]]:
    made = blocks(without_reckoning(one))
    return [block.text if isinstance(block, Paragraph) else (block.rows, block.cols) for block in made]


@pytest.mark.parametrize("value", ["=SUM(B1:C1)", "0", "TRUE", "#REF!"])
@pytest.mark.parametrize("head", [None, "校验"])
def test_a_column_that_reckons_beside_all_rows_is_of_no_table(value: str, head: str | None) -> None:
    beside = dict.fromkeys(range(8), value)
    if head:
        beside[3] = head
    assert shown(sheet(4, beside)) == [TITLE, TEXT, HEAD, (3, 3)]


def test_columns_of_a_table_stay() -> None:
    """One with headings; one whose labels reach down to its rows; one that stands at the labels, however wide these."""
    headed = sheet(4, {3: "现行有效件数", 4: "5", 5: "6", 6: "合计", 0: "1", 1: "2", 2: "3"})
    assert without_reckoning(headed) is headed
    rows = {0: {0: "指标", 2: "数量"}, **{row: {0: f"指标{row}", 2: str(row)} for row in range(1, 6)}}
    labels = Sheet("表", rows, merged={(row, 0): (1, 2) for row in range(6)})
    assert without_reckoning(labels) is labels
    down = Sheet("表", {0: {0: "收到", 1: "1"}, 1: {1: "2"}, 2: {1: "3"}, 3: {1: "4"}}, merged={(0, 0): (4, 1)})
    assert without_reckoning(down) is down


def test_a_note_beside_a_title_or_a_heading_makes_no_table_of_it() -> None:
    made = blocks(sheet(4, {0: "请各科室核对", 2: "办公室填", 5: "含废止"}))
    assert [block.text for block in made if isinstance(block, Paragraph)] == [
        TITLE, "请各科室核对", TEXT, HEAD, "办公室填",
    ]  # fmt: skip
    [table] = [block for block in made if isinstance(block, Table)]
    assert "含废止" in table.texts


def test_a_figure_beside_a_heading_that_is_a_label_stays_its_value() -> None:
    rows = {0: {0: "申请情况", 4: "件数"}, 1: {0: "四、结转下年度继续办理", 4: "5"}, 2: {0: "一、新收", 4: "6"}}
    made = blocks(Sheet("表", rows, merged={(row, 0): (1, 3) for row in range(3)}))
    assert [(block.rows, block.cols) for block in made if isinstance(block, Table)] == [(3, 5)]
