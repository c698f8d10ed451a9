"""Rows of a block whose label is not there, and figures with a sign before them: placed where certain, else told."""

from __future__ import annotations

import pytest

from archive.parser.reader import read
from storage.records import Reading
from tests.parser.test_padded_rows import EVERY, Write, document, values

HEADS = ("本年制发件数", "本年废止件数", "现行有效件数")
OWN = ("rules.issued", "rules.repealed", "rules.in_force")


def a_line_each(*lines: str) -> Reading:
    rows = [
        "第二十条第（一）项",
        "信息内容",
        *HEADS,
        *lines,
        "第二十条第（五）项",
        "信息内容",
        "本年处理决定数量",
        "行政许可",
        "124",
    ]
    text = ["测试县水利局2022年政府信息公开工作年度报告", "二、主动公开政府信息情况", *rows]
    return read("\n\n".join([*text, "三、收到和处理政府信息公开申请情况"]).encode())


def codes(reading: Reading) -> set[str]:
    return {finding.code for finding in reading.findings}


def taken(reading: Reading) -> list[int | None]:
    return [values(reading).get(name) for name in OWN]


def flags(reading: Reading) -> set[str]:
    return {flag for name in OWN for flag in reading.cells[f"proactive.{name}"].flags}


def test_row_whose_label_is_lost_is_placed_where_one_row_alone_is_missing() -> None:
    reading = a_line_each("1", "0", "7", "行政规范性文件", "0", "2", "9")
    assert taken(reading) == [1, 0, 7]
    assert flags(reading) == {"order_only"}
    assert "order_only" in codes(reading)


@EVERY
def test_so_in_rows_of_cells(write: Write) -> None:
    rows = [("信息内容", *HEADS), ("", "1", "0", "7"), ("行政规范性文件", "0", "2", "9")]
    reading = document(write, rows, 2022)
    assert taken(reading) == [1, 0, 7]
    assert flags(reading) == {"order_only"}


@pytest.mark.parametrize("own", [("1", "0", "7", "8"), ("1", "0")])
def test_where_the_figures_are_not_as_many_they_are_told(own: tuple[str, ...]) -> None:
    reading = a_line_each(*own, "行政规范性文件", "0", "2", "9")
    assert not values(reading).keys() & {*OWN}
    assert "row_unplaced" in codes(reading)


def test_where_no_row_is_missing_nothing_is_placed() -> None:
    reading = a_line_each("4", "5", "6", "规章", "1", "0", "7", "行政规范性文件", "0", "2", "9")
    assert taken(reading) == [1, 0, 7]
    assert not flags(reading)
    assert "row_unplaced" in codes(reading)


def test_numbers_of_the_columns_are_no_row() -> None:
    reading = a_line_each("1", "2", "3", "行政规范性文件", "0", "2", "9")
    assert not values(reading).keys() & {*OWN}
    assert "row_unplaced" not in codes(reading)


def test_sign_of_a_blank_that_was_not_converted_is_left_out() -> None:
    reading = a_line_each("规章", "0", "? 4", "7", "行政规范性文件", "0", "2", "9")
    assert taken(reading) == [0, 4, 7]
    assert flags(reading) == {"repaired"}


@pytest.mark.parametrize("figure", ["?4", "约4", "* 4"])
def test_figure_of_which_something_is_said_costs_its_own_cell_alone(figure: str) -> None:
    reading = a_line_each("规章", "0", figure, "7", "行政规范性文件", "0", "2", "9")
    assert taken(reading) == [0, None, 7]
    assert "not_a_number" in codes(reading)
    assert "count_mismatch" not in codes(reading)
