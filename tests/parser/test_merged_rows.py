"""Figures of several rows behind one label: shared out where rows and sums leave one answer, never called blank."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.parser.reader import read
from storage.records import Reading
from tests.adding_up import Filled, adding_up

FORMS = pytest.mark.parametrize("name", [plan.name for plan in load_forms()])


def _read(plan: Form, cells: Filled, torn: range, *, lost: int = 0) -> Reading:
    """The table of 申请 a value a line; the labels of rows ``torn`` stand behind the figures of all of them but
    ``lost``.
    """
    table = plan.table("applications")
    lines = ["测试县司法局2023年政府信息公开工作年度报告", "一、总体情况", "我局工作。", "二、主动公开政府信息情况"]
    for number, block in enumerate(plan.table("proactive").blocks):
        lines += [block.caption, block.header, *(column.label for column in block.columns)]
        for row in (row for row in plan.table("proactive").rows if row.block == number):
            lines += [row.label, *(f"{cells[name] or 0:f}" for name in row.place_ids)]
    lines += ["三、收到和处理政府信息公开申请情况", *(column.label for column in table.columns)]
    labels = [row.label for row in table.rows]
    figures = [[f"{cells[name] or 0:f}" for name in row.place_ids] for row in table.rows]
    for at, (label, own) in enumerate(zip(labels, figures, strict=True)):
        if at not in torn:
            lines += [label, *own]
        elif at == torn[0]:
            rest = [figure for row in torn for figure in figures[row]]
            lines += [label, *rest[: len(rest) - lost], *(labels[row] for row in torn[1:])]
    return read("\n".join([*lines, "五、存在的主要问题及改进情况", "无。"]).encode())


def _values(reading: Reading, plan: Form) -> dict[str, Decimal | None]:
    return {name: cell.value for name, cell in reading.cells.items() if plan.places[name].table == "applications"}


@FORMS
@pytest.mark.parametrize("behind", [1, 2])
def test_rows_whose_labels_stand_behind_their_figures_are_read_and_doubted(name: str, behind: int) -> None:
    plan = form(name)
    cells = adding_up(plan, random.Random(behind), zeros=0.4)
    rows = plan.table("applications").rows
    for torn in (range(len(rows) - 1 - behind, len(rows)), range(4, 5 + behind)):
        reading = _read(plan, cells, torn)
        wanted = {place: cells[place] for row in rows for place in row.place_ids}
        assert _values(reading, plan) == wanted
        doubted = {place for place, cell in reading.cells.items() if "order_only" in cell.flags}
        assert doubted == {place for at in torn for place in rows[at].place_ids}
        assert {place for found in reading.findings if found.code == "order_only" for place in found.cells} >= doubted


@FORMS
@pytest.mark.parametrize("broken", ["sum", "figure"])
def test_rows_whose_figures_may_stand_elsewhere_are_not_blank(name: str, broken: str) -> None:
    plan = form(name)
    cells = adding_up(plan, random.Random(1), zeros=0.4)
    rows = plan.table("applications").rows
    torn = range(len(rows) - 3, len(rows))
    if broken == "sum":
        place = rows[-2].place_ids[-1]
        cells[place] = (cells[place] or Decimal(0)) + 1
    reading = _read(plan, cells, torn, lost=broken == "figure")
    own = [reading.cells.get(place) for at in torn for place in rows[at].place_ids]
    assert all(cell is None or (cell.value is None and cell.state == "printed") for cell in own)
    told = {place for found in reading.findings for place in found.cells}
    assert told >= {place for at in torn for place in rows[at].place_ids}
