"""Placement: what is placed is right, and nothing that is printed is lost without a doubt or a finding."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from archive.documents.kinds import open_document
from archive.parser.checks import check_cells, find_losses
from archive.parser.form_choice import make_cells, place_document
from storage.records import Cell, Finding
from tests.real_documents import SHARED

CASES = Path(__file__).resolve().parents[1] / "cases"
COMPARISONS = {"suqian_compare_2023_2024.pdf", "template_2021.docx"}  # no reports: their cells are not kept
TABLES_OF_2014 = {
    "pingtan_2018_flat.txt",
    "pingtan_zone_2014_flat.txt",
}  # their truth names no cell; test_forms_as_data does


class Read:
    """The cells of one document beside the truth, and the cells that findings speak of."""

    def __init__(self, path: Path) -> None:
        truth = json.loads(path.with_suffix(".truth.json").read_text(encoding="utf-8"))
        document = open_document(path.read_bytes())
        assignment = place_document(document)
        self.truth = {name: _decimal(cell) for name, cell in truth["cells"].items()}
        self.is_whole = truth.get("complete", True) and bool(self.truth)
        self.cells: dict[str, Cell] = make_cells(assignment)
        self.findings: list[Finding] = [
            *check_cells(assignment.index.form, self.cells),
            *find_losses(assignment, self.cells, document.parts),
        ]
        self.named = {name for one in self.findings for name in one.cells}

    def wrong(self) -> list[str]:
        """Cells with another value than printed, or that are not printed at all."""
        return [name for name, cell in self.cells.items() if self.truth.get(name, "none") != cell.value]

    def silent(self, names: list[str]) -> list[str]:
        """Those of the cells that neither a flag nor a finding doubts."""
        return [n for n in names if n not in self.named and not (n in self.cells and self.cells[n].flags)]


def _decimal(cell: object) -> Decimal | None:
    value = cell["value"] if isinstance(cell, dict) else cell
    return None if value is None else Decimal(str(value))


def documents(*folders: Path) -> list[Path]:
    found = [path for folder in folders for path in sorted(folder.glob("*.*")) if path.suffix != ".json"]
    return [
        path
        for path in found
        if path.with_suffix(".truth.json").exists() and path.name not in COMPARISONS | TABLES_OF_2014
    ]


REAL = documents(SHARED / "corpus", SHARED / "real")


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_no_cell_of_a_real_document_is_wrong_and_none_is_lost_without_a_finding(path: Path) -> None:
    read = Read(path)
    assert read.wrong() == []
    assert read.silent([name for name in read.truth if name not in read.cells]) == []


def test_real_documents_are_read_nearly_whole_and_rarely_doubted(shared: Path) -> None:
    assert REAL, f"no document in {shared}"
    count = Counter[str]()
    for read in map(Read, REAL):
        count["cells"] += len(read.truth)
        count["right"] += len(read.cells)
        if read.is_whole:
            count["of whole documents"] += len(read.cells)
            count["doubted"] += len(read.cells) - len(read.silent(list(read.cells)))
    assert count["right"] >= 0.99 * count["cells"]
    assert count["doubted"] <= 0.05 * count["of whole documents"]


def test_rows_whose_labels_are_torn_away_are_certain_where_order_and_sums_agree(shared: Path) -> None:
    read = Read(shared / "corpus" / "shanghai_kewei_2024_pdftext.md")
    assert read.cells["applications.result.denied.law_prohibited.total"].flags == ()
    assert len(read.cells) == len(read.truth)


def test_digits_that_run_together_are_cut_where_sums_leave_one_way_and_else_reported(shared: Path) -> None:
    read = Read(shared / "corpus" / "pingtan_2025_flat.txt")
    assert read.cells["applications.result.granted.natural_person"].raw == "33", "330000033: the total row decides"
    glued = next(one for one in read.findings if one.code == "digits_glued")
    assert "5845546" in (glued.found or "")
    assert set(glued.cells) == set(read.truth) - set(read.cells)


def test_a_form_left_empty_is_read_as_blank_cells_and_doubted(shared: Path) -> None:
    read = Read(shared / "real" / "jiaxian_tan_2022_empty_wrongform_excerpt.txt")
    assert all(cell.value is None and cell.flags for cell in read.cells.values())


def test_tables_of_two_years_give_no_cell_and_a_finding() -> None:
    read = Read(CASES / "reports.html")
    assert read.cells == {}
    assert [one.code for one in read.findings if one.code == "tables_compared"]


def test_a_row_of_another_form_is_placed_and_told(shared: Path) -> None:
    read = Read(shared / "real" / "hongze_2023.pdf")
    assert "applications.result.other.all.total" in read.cells
    assert [one.code for one in read.findings if one.code == "mixed_forms"]


def test_a_letter_recognised_for_a_zero_counts_as_0_and_is_doubted() -> None:
    page = (
        "<table><tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
        "<tr><td>规章</td><td>O</td><td>0</td><td>7</td></tr></table><p>三、</p>"
    )
    cells = make_cells(place_document(open_document(page.encode())))
    assert [cell.value for cell in cells.values()] == [0, 0, 7]
    assert [cell.flags for cell in cells.values()] == [("repaired",), (), ()]


def test_blanks_are_doubted_where_the_table_breaks_off_behind_them() -> None:
    page = (
        "<table><tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
        "<tr><td>规章</td><td>1</td><td>2</td><td></td></tr></table><p>三、</p>"
    )
    cells = make_cells(place_document(open_document(page.encode())))
    assert [cell.flags for cell in cells.values()] == [(), (), ("label_doubt",)]


@pytest.mark.parametrize(
    ("rows", "values", "code"),
    [
        ("信息内容 本年制发件数 去年 本年废止件数 现行有效件数|规章 1 9 2 7", [1, 2, 7], "column_unplaced"),
        ("信息内容 本年废止件数 本年制发件数 现行有效件数|规章 2 1 7", [], "count_mismatch"),
        ("信息内容 本年制发件数 去年 本年废止件数 现行有效件数|规章 1 9 2", [], "count_mismatch"),
    ],
    ids=["a further column", "another order", "a column too few"],
)
def test_headers_part_the_columns_of_the_form_from_others_and_refuse_another_order(
    rows: str, values: list[int], code: str
) -> None:
    table = "".join(f"<tr><td>{'<td>'.join(row.split())}</tr>" for row in rows.split("|"))
    assignment = place_document(open_document(f"<table>{table}</table><p>三、</p>".encode()))
    cells = make_cells(assignment)
    assert [cell.value for cell in cells.values()] == values
    assert code in {one.code for one in find_losses(assignment, cells)}
