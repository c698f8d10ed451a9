"""Tables with fewer columns than the form, filled up with blank cells: its heading says what a figure is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from archive.parser.reader import read
from storage.records import Reading

Rows = Sequence[Sequence[str]]
Write = Callable[[Rows], str]


def pipes(rows: Rows) -> str:
    return "\n".join(" | ".join(row) for row in rows)


def strokes(rows: Rows) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def tabs(rows: Rows) -> str:
    return "\n".join("\t".join(row) for row in rows)


def html(rows: Rows) -> str:
    return f"<table>{''.join('<tr>' + ''.join(f'<td>{text}</td>' for text in row) + '</tr>' for row in rows)}</table>"


EVERY = pytest.mark.parametrize("write", [pipes, strokes, tabs, html])


def document(write: Write, rows: Rows, year: int = 2020) -> Reading:
    title, before, behind = (
        f"测试县水利局{year}年政府信息公开工作年度报告",
        ["一、总体情况", "我局公开信息51条。", "二、主动公开政府信息情况"],
        "三、收到和处理政府信息公开申请情况",
    )
    if write is html:
        text = f"<html><body><h1>{title}</h1>{''.join(f'<p>{line}</p>' for line in before)}{html(rows)}<p>{behind}</p>"
        return read(f"{text}</body></html>".encode())
    return read("\n".join([title, *before, write(rows), behind]).encode())


def values(reading: Reading) -> dict[str, int | None]:
    return {
        name.removeprefix("proactive."): None if cell.value is None else int(cell.value)
        for name, cell in reading.cells.items()
    }


def gone(reading: Reading) -> set[str]:
    found = [name for told in reading.findings if told.code == "columns_missing" for name in told.cells]
    return {name.removeprefix("proactive.") for name in found}


@EVERY
def test_one_heading_above_rows_with_blank_cells_names_their_figure(write: Write) -> None:
    rows = [
        ["第二十条第（五）项", "", "", ""],
        ["信息内容", "处理决定数量", "", ""],
        ["行政许可", "142", "", ""],
        ["其他对外管理服务事项", "", "", ""],
        ["第二十条第（六）项", "", "", ""],
        ["信息内容", "处理决定数量", "", ""],
        ["行政处罚", "201", "", ""],
        ["行政强制", "6", "", ""],
    ]
    reading = document(write, rows)
    names = ["admin_license", "other_service", "admin_penalty", "admin_coercion"]
    assert values(reading) == {f"{name}.decided": value for name, value in zip(names, (142, None, 201, 6), strict=True)}
    assert not any(cell.flags for cell in reading.cells.values())
    assert gone(reading) == {f"{name}.{column}" for name in names for column in ("items_prev", "items_change")}


@EVERY
@pytest.mark.parametrize("padding", [1, 2])
@pytest.mark.parametrize(
    ("year", "headings", "figures"),
    [
        (2020, ("本年新制作数量", "对外公开总数量"), {"normative.made": 2, "normative.disclosed_total": 9}),
        (2022, ("本年制发件数", "现行有效件数"), {"normative.issued": 2, "normative.in_force": 9}),
        (2022, ("现行有效件数", "本年制发件数"), {"normative.issued": 9, "normative.in_force": 2}),
    ],
)
def test_two_headings_of_three_tell_which_figure_is_whose(
    write: Write, padding: int, year: int, headings: tuple[str, str], figures: dict[str, int]
) -> None:
    blank = [""] * padding
    label = "行政规范性文件" if year > 2020 else "规范性文件"
    rows = [
        ["第二十条第（一）项", "", "", *blank],
        ["信息内容", *headings, *blank],
        ["规章", "0", "0", *blank],
        [label, "2", "9", *blank],
    ]
    reading = document(write, rows, year)
    read_values = values(reading)
    assert {name: value for name, value in read_values.items() if name.startswith("normative")} == figures
    assert not any(cell.flags for cell in reading.cells.values())
    assert len(gone(reading)) == 2


@EVERY
def test_a_heading_that_the_form_has_not_takes_its_figure_and_is_told(write: Write) -> None:
    rows = [
        ["第二十条第（五）项", "", "", ""],
        ["信息内容", "事项目录数", "处理决定数量", ""],
        ["行政许可", "4", "142", ""],
        ["其他对外管理服务事项", "1", "8", ""],
    ]
    reading = document(write, rows)
    assert values(reading) == {"admin_license.decided": 142, "other_service.decided": 8}
    assert [told.found for told in reading.findings if told.code == "column_unplaced"] == ["事项目录数"]


@EVERY
def test_figures_beside_the_headings_keep_the_form_s_order(write: Write) -> None:
    rows = [
        ["第二十条第（五）项", "", "", ""],
        ["信息内容", "处理决定数量", "", ""],
        ["行政许可", "4", "1", "142"],
        ["其他对外管理服务事项", "3", "0", "8"],
    ]
    reading = document(write, rows)
    assert values(reading)["admin_license.decided"] == 142
    assert values(reading)["other_service.items_prev"] == 3
    assert all("label_doubt" in cell.flags for cell in reading.cells.values())


@EVERY
def test_a_whole_row_of_headings_moves_no_blank(write: Write) -> None:
    rows = [
        ["第二十条第（五）项", "", "", "", ""],
        ["信息内容", "上一年项目数量", "本年增/减", "处理决定数量", ""],
        ["行政许可", "", "", "142", ""],
        ["其他对外管理服务事项", "3", "", "", ""],
    ]
    reading = document(write, rows)
    known = {name: value for name, value in values(reading).items() if value is not None}
    assert known == {"admin_license.decided": 142, "other_service.items_prev": 3}
    assert gone(reading) == set()


def test_a_merged_heading_over_several_cells_names_the_one_that_is_filled() -> None:
    table = (
        "<table><tr><td>第二十条第（六）项</td><td></td><td></td><td></td></tr>"
        "<tr><td>信息内容</td><td colspan=3>处理决定数量</td></tr>"
        "<tr><td>行政处罚</td><td></td><td>201</td><td></td></tr>"
        "<tr><td>行政强制</td><td>6</td><td></td><td></td></tr></table>"
    )
    text = f"<h1>测试县水利局2020年政府信息公开工作年度报告</h1><p>二、主动公开政府信息情况</p>{table}"
    reading = read(f"<html><body>{text}</body></html>".encode())
    assert values(reading) == {"admin_penalty.decided": 201, "admin_coercion.decided": 6}


def test_a_unit_in_traditional_characters_is_one() -> None:
    rows = [
        ["第二十條第（六）項", "", "", ""],
        ["信息內容", "上一年項目數量", "本年增/減", "處理決定數量"],
        ["行政處罰", "3", "0", "201件"],
        ["行政強制", "1", "0", "6項"],
    ]
    reading = document(pipes, rows)
    assert reading.cells["proactive.admin_coercion.decided"].value == Decimal(6)


@EVERY
@pytest.mark.parametrize("again", [True, False])
def test_a_merged_heading_written_out_into_its_columns_is_one(write: Write, again: bool) -> None:
    """Its figures are written out as well, or stand in the first of their cells."""
    rows = [
        ["第二十条第（六）项", "", "", ""],
        ["信息内容", *["处理决定数量"] * 3],
        ["行政处罚", "201", *["201" if again else ""] * 2],
        ["行政强制", "6", *["6" if again else ""] * 2],
    ]
    assert values(document(write, rows)) == {"admin_penalty.decided": 201, "admin_coercion.decided": 6}


@EVERY
def test_several_figures_below_a_heading_written_out_keep_the_form_s_order_and_are_doubted(write: Write) -> None:
    rows = [
        ["第二十条第（六）项", "", "", ""],
        ["信息内容", *["处理决定数量"] * 3],
        ["行政处罚", "3", "0", "201"],
        ["行政强制", "1", "0", "6"],
    ]
    reading = document(write, rows)
    assert values(reading)["admin_penalty.decided"] == 201
    told = {name for found in reading.findings for name in found.cells}
    assert all(cell.flags or name in told for name, cell in reading.cells.items())


@EVERY
def test_headings_that_were_cut_off_alike_are_as_many_as_they_are(write: Write) -> None:
    rows = [
        ["第二十条第（一）项", "", "", ""],
        ["信息内容", "本年新", "本年新", "对外公开总数量"],
        ["规章", "0", "0", "0"],
        ["规范性文件", "3", "2", "9"],
    ]
    found = values(document(write, rows))
    assert [found[f"normative.{name}"] for name in ("made", "disclosed", "disclosed_total")] == [3, 2, 9]
