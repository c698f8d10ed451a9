"""Recognised rows whose label says nothing: the form's order and its sums give them their place, or nothing does."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from archive.documents.pages import Table
from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.parser.reader import read_pages_to_reading
from storage.records import Reading
from tests import form_rendering as render
from tests.adding_up import adding_up

TOTAL = "applications.result.total"
QUERY = "applications.result.denied.admin_query"
SERVICE = "proactive.other_service"


def read(plan: Form, cells: render.Cells, labels: Mapping[str, str], *, scan: bool = True) -> Reading:
    """The reading of a form, recognised with certainty but for these labels (of rows, by their ids)."""
    said = {row.label: labels[row.id] for table in plan.tables for row in table.rows if row.id in labels}
    locator = {"page": 1, "confidence": 0.98} if scan else {}

    def as_scan(table: Table) -> list[Table]:
        made = (replace(c, text=said.get(c.text, c.text), locator={**c.locator, **locator}) for c in table.cells)
        return [replace(table, cells=tuple(made))]

    pages = render.as_pages(render.tables_of(plan, cells), as_scan)
    return read_pages_to_reading(replace(pages, kind="scan" if scan else "docx"), "0" * 64)


def full(plan: Form) -> dict[str, Decimal | None]:
    return adding_up(plan, random.Random(5), 60, 0.8)


@pytest.mark.parametrize("plan", load_forms(), ids=lambda plan: plan.name)
@pytest.mark.parametrize("rows", [(TOTAL,), (QUERY,), (TOTAL, QUERY)])
def test_rows_without_a_name_are_placed_where_the_sums_hold(plan: Form, rows: tuple[str, ...]) -> None:
    cells = full(plan)
    reading = read(plan, cells, dict.fromkeys(rows, "只育東頂汽"))
    assert render.lies(reading, cells) == {}
    names = {f"{row}.total" for row in rows}
    assert all("label_doubt" in reading.cells[name].flags for name in names)
    assert names <= {name for said in reading.findings if said.code == "order_only" for name in said.cells}


@pytest.mark.parametrize(
    ("rows", "off", "scan"),
    [
        ((TOTAL,), f"{TOTAL}.total", True),  # a sum does not hold
        ((QUERY,), f"{QUERY}.enterprise", True),
        ((QUERY,), "", False),  # what a document prints for a label is its label
    ],
)
def test_rows_without_a_name_are_not_placed_otherwise(rows: tuple[str, ...], off: str, *, scan: bool) -> None:
    plan = form("2021")
    cells = full(plan)
    if off:
        cells[off] = (cells[off] or Decimal(0)) + 1
    reading = read(plan, cells, dict.fromkeys(rows, "只育東頂汽"), scan=scan)
    assert not {f"{row}.total" for row in rows} & reading.cells.keys()


def test_one_figure_misread_elsewhere_takes_no_place_from_a_row() -> None:
    plan = form("2021")
    cells = full(plan)
    misread = "applications.result.granted.enterprise"
    cells[misread] = (cells[misread] or Decimal(0)) + 1
    reading = read(plan, cells, {TOTAL: "只育東頂汽"})
    assert reading.cells[f"{TOTAL}.total"].value == cells[f"{TOTAL}.total"]
    assert any(said.code == "identity_broken" and misread in said.cells for said in reading.findings)


@pytest.mark.parametrize(("label", "known"), [("其他利片理服务事项", True), ("其他片项", False)])
def test_the_one_row_missing_is_known_by_a_label_that_is_like(label: str, *, known: bool) -> None:
    plan = form("2019")
    cells = full(plan)
    reading = read(plan, cells, {SERVICE: label})
    assert (f"{SERVICE}.items_prev" in reading.cells) is known
    assert render.lies(reading, {name: value for name, value in cells.items() if name in reading.cells}) == {}
