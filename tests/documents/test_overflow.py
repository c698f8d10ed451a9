"""Text of two lines in rows too low for it, as Calc prints it: each line is of its own cell."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from archive.documents.pages import Limits, Paragraph, Table
from archive.documents.pdf import read

LEFT, TOP, WIDE, HIGH, SIZE, PITCH = 54.0, 700.0, 100.0, 18.0, 10.0, 18.0
FONT = "STSong-Light"
Rows = Sequence[Sequence[str]]


def blocks(rows: Rows, above: str = "", below: str = "", lower: float = 0.0) -> list[Paragraph | Table]:
    """A ruled table whose texts stand in the middle of their cells, whatever their height, drawn cell by cell."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    canvas.setFont(FONT, SIZE)
    canvas.drawString(LEFT, TOP + 40, above)
    canvas.grid([LEFT + WIDE * n for n in range(len(rows[0]) + 1)], [TOP - HIGH * n for n in range(len(rows) + 1)])
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            lines = text.split("\n")
            for n, line in enumerate(lines):
                down = HIGH * (r + 0.5) + PITCH * (n - (len(lines) - 1) / 2) + 0.35 * SIZE + lower
                canvas.drawCentredString(LEFT + WIDE * (c + 0.5), TOP - down, line)
    canvas.drawString(LEFT, TOP - HIGH * len(rows) - 40, below)
    canvas.showPage()
    canvas.save()
    return list(read(out.getvalue(), Limits()).blocks)


def grid(found: Sequence[Paragraph | Table]) -> list[list[str]]:
    (table,) = (block for block in found if isinstance(block, Table))
    return [[c.text for c in table.cells if c.row == row] for row in range(table.rows)]


@pytest.mark.parametrize("lower", [-1.0, 0.0, 1.0])
def test_lines_that_stand_on_a_ruling_are_of_the_cell_they_go_on_in(lower: float) -> None:
    rows = [
        ["信息内容", "本年制发\n件数", "本年废止\n件数"],
        ["规章", "0", "11"],
        ["行政规范性\n文件", "3", "4"],
        ["行政许可\n事项", "5", "6"],
        ["其他事项", "7", "8"],
    ]
    assert grid(blocks(rows, lower=lower)) == rows


def test_so_are_those_on_the_first_and_the_last_ruling() -> None:
    rows = [["信息内容\n分类", "本年"], ["规章", "0"], ["行政事业性\n收费", "12"]]
    found = blocks(rows, "二、主动公开政府信息情况", "三、收到和处理")
    assert grid(found) == rows
    assert [block.text for block in found if isinstance(block, Paragraph)] == [
        "二、主动公开政府信息情况",
        "三、收到和处理",
    ]


def test_figures_stay_where_they_stand() -> None:
    rows = [["信息内容", "本年", "上年"], ["规章", "3", "4"], ["文件", "5", "6"]]
    assert grid(blocks(rows, "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", lower=2.5)) == rows


@pytest.mark.parametrize("indent", ["　", "　　"])
def test_a_stop_that_hangs_over_a_ruling_is_of_the_cell_whose_line_it_ends(indent: str) -> None:
    rows = [["信息内容", "本年", "上年"], [f"{indent}未按通知要求缴纳费、", "5", "4"], ["文件", "、", "6"]]
    assert grid(blocks(rows)) == [rows[0], ["未按通知要求缴纳费、", "5", "4"], rows[2]]
