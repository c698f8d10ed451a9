"""In a scan each cell that is doubted is named by a finding."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from archive.documents.pages import GridCell, Pages, Paragraph, Table
from archive.forms.loader import form as load_form
from archive.forms.printer import tables as printed
from archive.parser.reader import read_pages_to_reading

FORM = load_form("2021")
LONG, SHORT = 7, 9  # rows of the table: of one figure too many; without its first figure
PLACE: dict[str, object] = {"page": 1, "confidence": 0.99}


def applications() -> Table:
    table = next(table for table in printed(FORM, dict.fromkeys(FORM.ids, Decimal(0))) if table.key == "applications")
    cells = [
        GridCell(row=c.row, col=c.col, rowspan=c.rowspan, colspan=c.colspan, text=c.text, locator=PLACE)
        for c in table.cells
    ]
    first = min(cell.col for cell in cells if cell.row == SHORT and cell.text == "0")
    cells = [replace(cell, text="") if (cell.row, cell.col) == (SHORT, first) else cell for cell in cells]
    cells += [
        GridCell(row=row, col=table.cols, text="3" if row == LONG else "", locator=PLACE)
        for row in range(3, table.rows)
    ]
    return Table(cells=tuple(cells), rows=table.rows, cols=table.cols + 1)


@pytest.mark.parametrize("recognised", [1, 0])
def test_each_doubted_cell_of_a_scan_is_named(recognised: int) -> None:
    title = Paragraph(text="临河县水务局2023年政府信息公开工作年度报告")
    blocks = (title, Paragraph(text="三、收到和处理政府信息公开申请情况"), applications())
    reading = read_pages_to_reading(Pages(kind="scan", blocks=blocks, recognised=recognised), "0" * 64)
    doubted = {name for name, cell in reading.cells.items() if "label_doubt" in cell.flags}
    named = {name for found in reading.findings if found.code == "order_only" for name in found.cells}
    assert len(doubted) == 7
    assert named == (doubted if recognised else set())
