"""Tables, and blocks of one, that stand below each other in one grid, each with the headings of its own columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from archive.parser.reader import read
from storage.records import Reading

TITLE = "汶上县财政局2022年政府信息公开工作年度报告"
OUTCOMES = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
OWN, OTHERS = (1, 0, 2, 0, 3), (0, 4, 0, 1, 5, 6, 0, 0, 2, 8)
Cells = Sequence[tuple[object, int]]  # the text of each and how many columns it is wide

REVIEW: list[Cells] = [[("行政复议", 10)], [(name, 2) for name in OUTCOMES], [(figure, 2) for figure in OWN]]
LITIGATION: list[Cells] = [
    [("行政诉讼", 10)],
    [("未经复议直接起诉", 5), ("复议后起诉", 5)],
    [(name, 1) for name in OUTCOMES * 2],
    [(figure, 1) for figure in OTHERS],
]


def grid(rows: Sequence[Cells]) -> str:
    made = ("".join(f'<td colspan="{wide}">{text}</td>' for text, wide in row) for row in rows)
    return "<table border=1>" + "".join(f"<tr>{row}</tr>" for row in made) + "</table>"


def tabs(rows: Sequence[Cells]) -> str:
    return "\n".join("\t".join(str(text) for text, _ in row) for row in rows)


def lines(rows: Sequence[Cells]) -> str:
    return tabs(rows).replace("\t", "\n")


def strokes(rows: Sequence[Cells]) -> str:
    made = ("|".join(f" {text} " + "| " * (wide - 1) for text, wide in row) for row in rows)
    return "\n".join(f"|{row}|" for row in made)


def report(table: str) -> Reading:
    heading = "四、政府信息公开行政复议、行政诉讼情况"
    if table.startswith("<"):
        page = f"<meta charset=utf-8><h1>{TITLE}</h1><p>一、总体情况</p><p>无。</p><p>{heading}</p>{table}"
    else:
        page = "\n".join((TITLE, "一、总体情况", "无。", heading, table, "五、存在的主要问题及改进情况", "无。"))
    return read(page.encode())


def figures(reading: Reading, start: str) -> list[Decimal | None]:
    return [cell.value for name, cell in reading.cells.items() if name.startswith(start) and not cell.flags]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("write", [grid, tabs, lines, strokes])
def test_blocks_with_columns_of_their_own_below_each_other(
    write: Callable[[Sequence[Cells]], str], turned: bool
) -> None:
    reading = report(write([*LITIGATION, *REVIEW] if turned else [*REVIEW, *LITIGATION]))
    assert figures(reading, "review.") == list(OWN)
    assert figures(reading, "litigation.") == list(OTHERS)
    assert not any(found.cells for found in reading.findings if found.code in {"rows_missing", "count_mismatch"})


@pytest.mark.parametrize("write", [grid, tabs, lines])
def test_blocks_below_others_in_an_order_of_their_own(write: Callable[[Sequence[Cells]], str]) -> None:
    swapped: list[Cells] = [*LITIGATION]
    swapped[1] = [("复议后起诉", 5), ("未经复议直接起诉", 5)]
    cells = report(write([*REVIEW, *swapped])).cells
    direct = [cell.value for name, cell in cells.items() if ".direct." in name]
    assert direct == ([] if write is lines else [*OTHERS[5:]])  # headings a line each tell no order


# ---------------------------------------------------------------------------------------- a list below other tables

APPLICANTS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
CORNER = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
MATRIX: list[Cells] = [
    [(CORNER, 3), *((name, 1) for name in APPLICANTS)],
    [("一、本年新收政府信息公开申请数量", 3), *((figure, 1) for figure in (5, 1, 0, 0, 2, 0, 8))],
    [("二、上年结转政府信息公开申请数量", 3), *((figure, 1) for figure in (0, 0, 0, 0, 0, 1, 1))],
]
BLOCKS = ("行政复议", "未经复议直接起诉", "复议后起诉")
LISTED: list[Cells] = [
    [("类别", 2), ("结果", 1), ("件数", 7)],
    *(
        [(block, 2), (name, 1), (figure, 7)]
        for (block, name), figure in zip([(b, n) for b in BLOCKS for n in OUTCOMES], (*OWN, *OTHERS), strict=True)
    ),
]
TITLED: Cells = [("四、政府信息公开行政复议、行政诉讼情况", 10)]


@pytest.mark.parametrize("titled", [[], [TITLED], [[("", 10)], TITLED]])
@pytest.mark.parametrize("below", [False, True])
def test_a_list_in_the_grid_of_another_table(below: bool, titled: list[Cells]) -> None:
    listed, matrix = [*titled, *LISTED], [[("三、收到和处理政府信息公开申请情况", 10)], *MATRIX]
    reading = report(grid([*matrix, *listed] if below else [*listed, *matrix]))
    assert figures(reading, "applications.received.") == [5, 1, 0, 0, 2, 0, 8]
    assert figures(reading, "applications.carried_in.") == [0, 0, 0, 0, 0, 1, 1]
    assert figures(reading, "review.") + figures(reading, "litigation.") == [*OWN, *OTHERS]
    assert {cell.locator["col"] for name, cell in reading.cells.items() if name.startswith("review.")} == {3}
