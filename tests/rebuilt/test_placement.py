"""Placement, on real documents: what is placed is right, and no row with figures is lost without a report."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from archive.rebuilt.documents.html import open_html
from archive.rebuilt.parser.flat_text import place_text
from archive.rebuilt.parser.form_index import form_indexes
from archive.rebuilt.parser.placement import Assignment, place_tables
from archive.rebuilt.parser.values import read_value

PAGES = ["pingtan_2020.html", "shanghai_office_2019.html", "shuyang_fgj_2023.html"]
TEXTS = [
    "jiyuan_sfj_2023.txt",
    "luoyang_sfj_2021.txt",
    "suqian_city_2023.txt",
    "suqian_city_2024.txt",
    "wenshang_sfj_2022.txt",
    "yiyuan_sfj_2024.txt",
]


def truth_of(path: Path) -> dict[str, Decimal | None]:
    cells = json.loads(path.with_suffix(".truth.json").read_text(encoding="utf-8"))["cells"]
    return {name: None if value is None else Decimal(str(value)) for name, value in cells.items()}


def values_of(assignment: Assignment) -> dict[str, Decimal | None]:
    places = assignment.index.form.places
    return {
        name: read_value(placed.cell.text, places[name].kind, places[name].unit).value
        for name, placed in assignment.placed.items()
    }


def best(assignments: list[Assignment]) -> Assignment:
    return max(assignments, key=lambda one: len(one.placed) - len(one.unplaced))


@pytest.mark.parametrize("name", PAGES)
def test_every_cell_of_a_real_page_is_placed_and_certain(shared: Path, name: str) -> None:
    path = shared / "corpus" / name
    document = open_html(path.read_text(encoding="utf-8"))
    assignment = best([place_tables(document.tables, index) for index in form_indexes()])
    assert values_of(assignment) == truth_of(path)
    assert assignment.unplaced == []
    assert not any(placed.doubts for placed in assignment.placed.values())


@pytest.mark.parametrize("name", TEXTS)
def test_every_cell_of_a_flattened_table_is_placed(shared: Path, name: str) -> None:
    path = shared / "corpus" / name
    assignments = [Assignment(index) for index in form_indexes()]
    for assignment in assignments:
        place_text(path.read_text(encoding="utf-8"), assignment)
    assert values_of(best(assignments)) == truth_of(path)


def test_digits_that_run_together_are_cut_only_where_the_sum_decides(shared: Path) -> None:
    path = shared / "corpus" / "pingtan_2025_flat.txt"
    assignment = Assignment(form_indexes()[-1])
    place_text(path.read_text(encoding="utf-8"), assignment)
    truth = truth_of(path)
    assert {name: truth[name] for name in values_of(assignment)} == values_of(assignment)
    unread = [row.cells[0].text for row in assignment.unplaced]
    assert "5845546" in unread, "行政规范性文件 has no sum: its seven digits stay unread, and are reported"
