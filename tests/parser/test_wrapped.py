"""Text by the height of its lines: labels and headings that are higher than their figures, and go on below them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from archive.forms.loader import form
from archive.parser.reader import read
from storage.records import Reading
from tests import form_rendering as render

ROW = "proactive.normative."
KEPT = ["第二十条第（一）项", "信息内容   本年制发件数   本年废止件数   现行有效件数", "规章     0     2     9"]
MATRIX = [
    "三、收到和处理政府信息公开申请情况",
    "申请人情况",
    "自然人   商业企业   科研机构   社会公益组织   法律服务机构   其他   总计",
    "3.危及“三安全一稳定”      3    0    0    0    0    0    3",
]


def report(*lines: str) -> Reading:
    text = [render.TITLE, "一、总体情况", "我局工作。", "二、主动公开政府信息情况", *lines, "五、存在的主要问题"]
    return read("\n".join(text).encode())


def values(reading: Reading, row: str) -> list[Decimal | None]:
    return [cell.value for name, cell in reading.cells.items() if name.startswith(row)]


@pytest.mark.parametrize(
    "lines",
    [
        ["   行", "        4    1    7", "政规范性文件"],
        ["行政规范性    4    1    7", "  文件"],
        ["行政", "规范", "    4    1    7", "性文件"],
        ["行政规范    4    1    7", "  性", "文件"],
    ],
)
def test_a_label_that_goes_on_below_its_figures_is_theirs(lines: list[str]) -> None:
    reading = report(*KEPT, *lines, "第二十条第（五）项", "信息内容     本年处理决定数量", "行政许可    12")
    assert values(reading, ROW) == [4, 1, 7]
    assert values(reading, "proactive.rules.") == [0, 2, 9]
    assert values(reading, "proactive.admin_license.") == [12]
    assert not [found.code for found in reading.findings if any(name.startswith(ROW) for name in found.cells)]


def test_a_single_figure_beside_the_beginning_of_its_label_is_no_part_of_this() -> None:
    head = ["第二十条第（八）项", "信息内容     本年收费金额（单位：万元）"]
    whole = report(*KEPT, "行政规范性文件   4  1  7", *head, "行政事业性        35", "  收费")
    assert values(whole, "proactive.admin_fee.") == [35]
    for lines in (["行政事业性", "收费      35"], ["行政事", "业性收      35", "费"]):
        ends = report(*KEPT, "行政规范性文件   4  1  7", *head, *lines)
        assert values(ends, "proactive.admin_fee.") == [35]
    other = report(*KEPT, "行政规范性文件   4  1  7", *head, "行政事业性        35", "  其他")
    assert values(other, "proactive.admin_fee.") == []
    assert any("proactive.admin_fee.amount" in found.cells for found in other.findings)


def test_rows_of_the_matrix_whose_labels_go_on_below_them() -> None:
    rows = [
        "4.保护     1    2    0    0    0    0    3",
        "第三方",
        "合法权",
        "  益",
        "5.属于   0  5  0  0  0  0  5",
        "三类内部事务信息",
    ]
    reading = report(*KEPT, *MATRIX, *rows)
    assert values(reading, "applications.result.denied.third_party") == [1, 2, 0, 0, 0, 0, 3]
    assert values(reading, "applications.result.denied.internal_affairs") == [0, 5, 0, 0, 0, 0, 5]


def test_words_behind_figures_that_complete_no_label_begin_the_next_row() -> None:
    reading = report(*KEPT, "   行", "        4    1    7", "政许可", "        12")
    assert values(reading, ROW) == []
    assert values(reading, "proactive.rules.") == [0, 2, 9]


def test_the_label_of_a_group_that_reaches_into_the_line_of_a_row_leaves_its_label() -> None:
    reading = report(
        *KEPT,
        *MATRIX,
        "（五）不  3.要求提供公开出版物      0   0   0   0   0   1   1",
        "予处理 4.无正当理由大量反复申请      0   2   0   0   0   0   2",
        "      5.要求行政机关确认或重新出具已获取信息    8   0   0   0   0   0   8",
    )
    assert values(reading, "applications.result.not_handled.mass_requests") == [0, 2, 0, 0, 0, 0, 2]
    assert values(reading, "applications.result.not_handled.publication") == [0, 0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    "heads",
    [
        ["                本", "信息内容   本年制发件数            现行有效件数", "              年废止件数"],
        ["          本年制", "信息内容            本年废止件数   现行有效件数", "          发件数"],
        ["          本年制   本年废", "信息内容              现行有效件数", "          发件数   止件数"],
    ],
)
def test_pieces_of_headings_in_several_lines_tell_no_order(heads: list[str]) -> None:
    reading = report("第二十条第（一）项", *heads, "规章     0     2     9", "行政规范性文件     4     1     7")
    got = {name: cell for name, cell in reading.cells.items() if name.startswith("proactive.")}
    names = [name for name in form("2021").ids if name.startswith(("proactive.rules", ROW))]
    wanted = dict(zip(names, [0, 2, 9, 4, 1, 7], strict=True))
    for name, value in wanted.items():
        cell = got.get(name)
        told = any(name in found.cells for found in reading.findings)
        assert told or (cell is not None and (cell.value == value or cell.flags)), (name, cell)
