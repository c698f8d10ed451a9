"""Placement, on real documents: what is placed is right, and no row with figures is lost without a report."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from archive.rebuilt.documents.kinds import open_document
from archive.rebuilt.parser.pipeline import place_document
from archive.rebuilt.parser.placement import Assignment
from archive.rebuilt.parser.values import read_value

PAGES = ["pingtan_2020.html", "shanghai_office_2019.html", "shuyang_fgj_2023.html"]
TEXTS = [
    "jiyuan_sfj_2023.txt",
    "luoyang_sfj_2021.txt",
    "suqian_city_2023.txt",
    "suqian_city_2024.txt",
    "wenshang_sfj_2022.txt",
    "yaodu_sfj_2019.txt",
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


@pytest.mark.parametrize("name", PAGES)
def test_every_cell_of_a_real_page_is_placed_and_certain(shared: Path, name: str) -> None:
    path = shared / "corpus" / name
    assignment = place_document(open_document(path.read_bytes()))
    assert values_of(assignment) == truth_of(path)
    assert assignment.unplaced == []
    assert not any(placed.doubts for placed in assignment.placed.values())


@pytest.mark.parametrize("name", TEXTS)
def test_every_cell_of_a_flattened_table_is_placed(shared: Path, name: str) -> None:
    path = shared / "corpus" / name
    assert values_of(place_document(open_document(path.read_bytes()))) == truth_of(path)


def test_digits_that_run_together_are_cut_only_where_the_sum_decides(shared: Path) -> None:
    path = shared / "corpus" / "pingtan_2025_flat.txt"
    assignment = place_document(open_document(path.read_bytes()))
    truth = truth_of(path)
    assert {name: truth[name] for name in values_of(assignment)} == values_of(assignment)
    unread = [row.cells[0].text for row in assignment.unplaced]
    assert "5845546" in unread, "行政规范性文件 has no sum: its seven digits stay unread, and are reported"
