"""Two figures on two lines of one cell are one figure only where nobody ended the line, or where the sums prove it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from archive.documents.pages import Table
from archive.forms.loader import form
from archive.parser.reader import read_pages_to_reading
from archive.parser.split_digits import are_several
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


@pytest.mark.parametrize(
    ("kind", "text"), [("pdf", "12\n34"), ("ofd", "12\n34"), ("html", "1 2 3 4"), ("docx", "1 234")]
)
def test_a_figure_broken_by_the_width_of_its_column_or_spaced_as_usual_is_one(kind: str, text: str) -> None:
    cell = _read(kind, {ALONE: text}).cells[ALONE]
    assert (cell.value, cell.flags) == (Decimal(1234), ("spaced",))


@pytest.mark.parametrize("kind", ["html", "docx", "xlsx", "pdf"])
@pytest.mark.parametrize(
    "text", ["1234 1234", "12 34", "12\xa034", "12\u300034", "1 23", "12\t345", "123 123件", "1,234 567"]
)
def test_two_figures_beside_each_other_are_not_one(kind: str, text: str) -> None:
    reading = _read(kind, {ALONE: text})
    cell = reading.cells[ALONE]
    assert (cell.value, cell.raw, cell.state) == (None, text, CellState.PRINTED)
    assert "not_a_number" in cell.flags
    assert [found.cells for found in reading.findings if found.code == "not_a_number"] == [(ALONE,)]


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("2 6 7 6", False), ("２　６　７　６", False), ("1 2", False), ("12 345", False),
        ("1\u2009234\xa0567件", False), ("12 345.6", False), ("0 0", False), ("34", False), ("34（其中12 35）", False),
        ("4 5 3 9 . 8 7", False), ("4 5. 8", False), ("4 5 .87", True), ("4 5 . 87", True),
        ("5 5", True), ("345 345", True), ("1234 567", True), ("12  34  56", True), ("12 3456", True),
        ("12.5 34", True), ("2\n3 45", True), ("12\u2003345", True),
    ],
)  # fmt: skip
def test_blanks_are_within_a_figure_digit_by_digit_or_by_thousands(text: str, several: bool) -> None:
    assert are_several(text) is several


def test_one_figure_on_two_lines_is_not_broken_by_the_width_of_its_column() -> None:
    assert _read("pdf", {ALONE: "1234\n1234"}).cells[ALONE].value is None


def test_sums_prove_the_whole() -> None:
    beside = _read("html", {SUMMED: "12 34"})
    assert (beside.cells[SUMMED].value, beside.cells[SUMMED].flags) == (Decimal(1234), ("spaced",))
    reading = _read("html", {SUMMED: "12\n34"})
    assert (reading.cells[SUMMED].value, reading.cells[SUMMED].flags) == (Decimal(1234), ("spaced",))
    wrong = _read("html", {SUMMED: "1\n235"})
    assert (wrong.cells[SUMMED].value, wrong.cells[SUMMED].flags) == (None, ("not_a_number",))
