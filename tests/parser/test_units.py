"""Units that stand outside the header of a column: no figure that counts otherwise than the form is taken unsaid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from archive.documents.grid import number_tables
from archive.documents.pages import GridCell, Paragraph, Table
from archive.forms.loader import form
from archive.forms.printer import PrintedTable
from archive.parser.reader import read, read_pages_to_reading
from archive.parser.units import stated_unit
from storage.records import Reading
from tests import form_rendering as render

Block = Paragraph | Table
PLAN = form("2021")
LICENSE, FEE = "proactive.admin_license.decided", "proactive.admin_fee.amount"
RECEIVED = "applications.received.natural_person"


def reading(change: Callable[[list[Block]], list[Block]], figure: int = 7) -> Reading:
    """A report whose figures are all the same, changed."""
    pages = render.as_pages(render.tables_of(PLAN, dict.fromkeys(PLAN.ids, Decimal(figure))))
    return read_pages_to_reading(replace(pages, blocks=number_tables(change(list(pages.blocks)))), "0" * 64)


def relabelled(label: str, text: str) -> Callable[[list[Block]], list[Block]]:
    def change(blocks: list[Block]) -> list[Block]:
        return [
            replace(block, cells=tuple([replace(c, text=text) if c.text == label else c for c in block.cells]))
            if isinstance(block, Table)
            else block
            for block in blocks
        ]

    return change


def beside(text: str, *, number: int, below: bool = False) -> Callable[[list[Block]], list[Block]]:
    """A line above the table of this number, or right below it."""

    def change(blocks: list[Block]) -> list[Block]:
        at = [at for at, block in enumerate(blocks) if isinstance(block, Table)][number]
        blocks.insert(at + below, Paragraph(text=text))
        return blocks

    return change


def within(text: str, number: int) -> Callable[[list[Block]], list[Block]]:
    """A first row of the table of this number with this text alone."""

    def change(blocks: list[Block]) -> list[Block]:
        at = [at for at, block in enumerate(blocks) if isinstance(block, Table)][number]
        table = blocks[at]
        assert isinstance(table, Table)
        cells = [replace(cell, row=cell.row + 1) for cell in table.cells]
        first = GridCell(row=0, col=0, colspan=table.cols, text=text)
        blocks[at] = Table(cells=(first, *cells), rows=table.rows + 1, cols=table.cols)
        return blocks

    return change


def nothing_taken(found: Reading, name: str) -> bool:
    cell = found.cells[name]
    told = {cell for one in found.findings if one.code == "not_a_number" for cell in one.cells}
    return cell.value is None and cell.raw == "7" and "not_a_number" in cell.flags and name in told


@pytest.mark.parametrize("label", ["行政许可（万件）", "行政许可（单位：百件）", "行政许可(千件)"])
def test_a_label_that_counts_in_multiples_costs_its_row(label: str) -> None:
    found = reading(relabelled("行政许可", label))
    assert nothing_taken(found, LICENSE)
    assert found.cells["proactive.admin_penalty.decided"].value == 7


@pytest.mark.parametrize(
    "change",
    [
        beside("（单位：百件）", number=1),
        beside("单位：千件", number=1),
        beside("注：上表单位为万件", number=1, below=True),
        within("单位：万件", 1),
    ],
)
def test_a_line_that_counts_in_multiples_costs_the_counts_of_its_table(
    change: Callable[[list[Block]], list[Block]],
) -> None:
    found = reading(change)
    assert nothing_taken(found, RECEIVED)
    assert found.cells[LICENSE].value == 7
    assert found.cells["review.upheld"].value == 7


@pytest.mark.parametrize("shape", [render.as_lines, render.as_cell_lines, render.as_markdown])
def test_a_label_in_text_is_a_label_too(shape: Callable[[tuple[PrintedTable, ...]], str]) -> None:
    text = shape(render.tables_of(PLAN, dict.fromkeys(PLAN.ids, Decimal(7))))
    for label, unit in (("行政许可", "万件"), ("行政事业性收费", "元")):
        text = text.replace(label, f"{label}（{unit}）", 1)
    found = read(f"测试县司法局2023年政府信息公开工作年度报告\n{text}".encode())
    assert nothing_taken(found, LICENSE)
    assert [one.cells for one in found.findings if one.code == "unit_doubt"] == [(FEE,)]


def test_zeros_are_zeros_in_any_unit() -> None:
    assert reading(beside("单位：万件", number=1), 0).cells[RECEIVED].value == 0


@pytest.mark.parametrize(
    "change", [relabelled("行政事业性收费", "行政事业性收费（元）"), beside("单位：件、千元", number=0)]
)
def test_money_in_another_unit_than_its_columns_is_doubted(change: Callable[[list[Block]], list[Block]]) -> None:
    found = reading(change)
    assert found.cells[FEE].value == 7
    assert [one.cells for one in found.findings if one.code == "unit_doubt"] == [(FEE,)]
    assert found.cells[LICENSE].value == 7


@pytest.mark.parametrize(
    "change",
    [
        relabelled("行政事业性收费", "行政事业性收费（万元）"),
        beside("单位：件、万元", number=0),
        beside("（单位：件）", number=1),
        beside("全年办理十万件以上。", number=1),
    ],
)
def test_the_forms_own_units_say_nothing(change: Callable[[list[Block]], list[Block]]) -> None:
    found = reading(change)
    assert found.cells[FEE].value == found.cells[RECEIVED].value == 7
    assert not [one for one in found.findings if one.code in {"unit_doubt", "not_a_number"}]


def test_a_header_of_another_unit_is_told_once_however_often_its_like_was_read() -> None:
    change = relabelled("本年收费金额（单位：万元）", "本年收费金额（单位：元）")
    for figure in (7, 8, 9, 10):
        found = reading(change, figure)
        assert found.cells[FEE].value == Decimal(figure) / 10_000
        assert [one.cells for one in found.findings if one.code == "unit_doubt"] == [(FEE,)]


def test_which_texts_say_a_unit() -> None:
    said = ["（万件）", "单位：百件", "（单位：件、千元）", "数量（万人次）", "以万件计", "收费（萬元）"]
    assert [(unit.counted, unit.paid) for text in said if (unit := stated_unit(text)) is not None] == [
        ("万", ""),
        ("百", ""),
        ("", "千元"),
        ("万", ""),
        ("万", ""),
        ("", "万元"),
    ]
    others = ["（三万件以上）", "办理百件好事", "（共12.3万元）", "单位：件", "收费3万元。", "（百件民生实事）"]
    assert [stated_unit(text) for text in others] == [None] * len(others)
