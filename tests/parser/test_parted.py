"""Two figures on two lines of one cell are one figure only where nobody ended the line, or where the sums prove it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from archive.documents.pages import Table
from archive.forms.loader import form
from archive.parser.reader import read_pages_to_reading
from storage.records import CellState, Reading
from tests import form_rendering as render

ALONE = "proactive.admin_license.decided"  # no sum has it
SUMMED = "applications.received.total"


def _read(kind: str, values: dict[str, str]) -> Reading:
    """A report of ``kind`` in which these cells are printed so; 1234 is what they hold, and what their sums ask."""
    plan = form("2021")
    cells = {name: Decimal(0) for name in plan.ids}
    for name in (
        ALONE, SUMMED, "applications.received.natural_person", "applications.carried_out.natural_person",
        "applications.carried_out.total",
    ):  # fmt: skip
        cells[name] = Decimal(1234)

    def change(table: Table) -> list[Table]:
        marked = {"行政许可": ALONE, "一、本年新收政府信息公开申请数量": SUMMED}
        rows = {cell.row: marked[cell.text] for cell in table.cells if cell.text in marked}
        last = {row: max(c.col for c in table.cells if c.row == row and c.text == "1234") for row in rows}
        done = [
            replace(c, text=values.get(rows[c.row], c.text)) if c.row in rows and c.col == last[c.row] else c
            for c in table.cells
        ]
        return [replace(table, cells=tuple(done))]

    pages = replace(render.as_pages(render.tables_of(plan, cells), change), kind=kind)
    return read_pages_to_reading(pages, "0" * 64)


@pytest.mark.parametrize("kind", ["html", "docx", "xlsx"])
def test_two_lines_of_one_cell_are_no_figure_where_an_author_ended_them(kind: str) -> None:
    reading = _read(kind, {ALONE: "12\n34"})
    cell = reading.cells[ALONE]
    assert (cell.value, cell.raw, cell.state, cell.flags) == (None, "12\n34", CellState.PRINTED, ("not_a_number",))
    assert [found.cells for found in reading.findings if found.code == "not_a_number"] == [(ALONE,)]


@pytest.mark.parametrize(("kind", "text"), [("pdf", "12\n34"), ("ofd", "12\n34"), ("html", "12 34")])
def test_a_figure_broken_by_the_width_of_its_column_is_one(kind: str, text: str) -> None:
    cell = _read(kind, {ALONE: text}).cells[ALONE]
    assert (cell.value, cell.flags) == (Decimal(1234), ("spaced",))


def test_sums_prove_the_whole() -> None:
    reading = _read("html", {SUMMED: "12\n34"})
    assert (reading.cells[SUMMED].value, reading.cells[SUMMED].flags) == (Decimal(1234), ("spaced",))
    wrong = _read("html", {SUMMED: "1\n235"})
    assert (wrong.cells[SUMMED].value, wrong.cells[SUMMED].flags) == (None, ("not_a_number",))
