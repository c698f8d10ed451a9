"""Placement and figures that prose states: what is given is right, and nothing printed is lost without a doubt."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from archive.parser.reader import read
from archive.parser.stated import find_stated_figures
from storage.records import Reading
from tests.case_tables import read_cases

CASES = Path(__file__).resolve().parents[1] / "cases"
TITLE = "<h1>汶上县司法局2023年政府信息公开工作年度报告</h1>"


def rows(text: str, title: str = TITLE) -> Reading:
    """What is read of a page with a table, its rows parted by |, its cells by blanks."""
    table = "".join(f"<tr><td>{'<td>'.join(row.split(' '))}</tr>" for row in text.split("|"))
    return read(f"{title}<table>{table}</table><p>三、收到和处理政府信息公开申请情况</p>".encode())


def codes(reading: Reading) -> set[str]:
    return {found.code for found in reading.findings}


def test_digits_that_run_together_are_cut_where_sums_leave_one_way_and_else_reported(shared: Path) -> None:
    reading = read((shared / "corpus" / "pingtan_2025_flat.txt").read_bytes())
    assert reading.cells["applications.result.granted.natural_person"].raw == "33", "330000033: the total row decides"
    glued = next(one for one in reading.findings if one.code == "digits_glued")
    assert "5845546" in (glued.found or "")
    assert not reading.cells.keys() & {*glued.cells}


@pytest.mark.parametrize(
    ("name", "cells", "code"),
    [
        ("real/jiaxian_tan_2022_empty_wrongform_excerpt.txt", True, "tables_blank"),  # its cells are blank, and doubted
        ("corpus/suqian_compare_2023_2024.pdf", False, ""),  # no report
        ("real/hongze_2023.pdf", True, "mixed_forms"),
    ],
)
def test_real_documents_out_of_the_ordinary(shared: Path, name: str, cells: bool, code: str) -> None:
    reading = read((shared / name).read_bytes())
    assert bool(reading.cells) is cells
    assert {code} - {""} <= codes(reading)


def test_tables_of_two_years_give_no_cell_and_a_finding() -> None:
    reading = read((CASES / "reports.html").read_bytes())
    assert (reading.cells, "tables_compared" in codes(reading)) == ({}, True)


@pytest.mark.parametrize(("text", "values", "flags", "code"), read_cases(__file__, "doubtful"))
def test_what_is_not_beyond_doubt_is_refused_or_doubted(
    text: str, values: tuple[int | str, ...], flags: tuple[str, ...], code: str
) -> None:
    reading = rows(text)
    assert ["" if cell.value is None else cell.value for cell in reading.cells.values()] == [*values]
    assert {flag for cell in reading.cells.values() for flag in cell.flags} == {*flags}
    assert code in codes(reading)


def test_figures_below_blocks_of_another_order_or_over_two_rows_are_doubted() -> None:
    """Made: no report was found that has them; without a doubt the figures would be another's."""
    page = (CASES / "combinations/2021.libreoffice.html").read_text("utf-8")
    blocks = ("未经复议直接起诉", "复议后起诉")
    swapped = page.replace(blocks[0], "%").replace(blocks[1], blocks[0]).replace("%", blocks[1])
    for text, flags in ((page, set()), (swapped, {"label_doubt"})):
        cells = read(text.encode()).cells
        assert {flag for id_, one in cells.items() if id_.startswith("litigation") for flag in one.flags} == flags
    shared = "<tr><td>行政处罚<td rowspan=2>37<tr><td>行政强制"
    cells = read(f"{TITLE}<table><tr><td>信息内容<td>本年处理决定数量{shared}</table>".encode()).cells
    assert {one.flags for one in cells.values()} == {("label_doubt",)}


def test_findings_name_the_row_of_a_label_beside_a_merged_cell() -> None:
    """As below 三、本年度办理结果 (made: after admin.rwldrm.com/html/nianbao/14005.html)."""
    table = "<tr><td rowspan=2>三、本年度办理结果<td>（一）予以公开<td>1<td>2<tr><td>（二）部分公开<td>3<td>4"
    findings = read(f"{TITLE}<table>{table}</table>".encode()).findings
    rows_named = [re.findall(r"row \d", one.en) for one in findings if one.code == "count_mismatch"]
    assert rows_named == [["row 1"], ["row 2"]]


def test_where_only_cells_are_read_that_two_forms_have_the_year_tells_the_form() -> None:
    """As of a scan of which little can be read (made: 龙门县, 150 dpi, faint)."""
    heads = "申请人情况 自然人 商业企业 科研机构 社会公益组织 法律服务机构 其他 总计|"
    text = f"{heads}一、本年新收政府信息公开申请数量 114 11 0 2 4 1 132"
    assert [rows(text, TITLE.replace("2023", year)).form for year in ("2020", "2025")] == ["2019", "2021"]


OLD_TITLE = "<h1>测试县司法局2016年政府信息公开工作年度报告</h1>"
OLD_HEAD = "统计指标 单位 统计数|四、行政复议数量 件 3|"
DISPUTES = OLD_HEAD + "（一）维持具体行政行为数 件 1|（二）被依法纠错数 件 2|五、{} 件 15|（二）被依法纠错数 件 7"
REVIEW, LAWSUIT = "pre2019.review.corrected.year", "pre2019.litigation.corrected.year"


def test_rows_of_one_label_are_told_apart_by_the_rows_above_them_or_doubted() -> None:
    cells = rows(DISPUTES.format("行政诉讼数量"), OLD_TITLE).cells
    assert (cells[REVIEW].value, cells[LAWSUIT].value) == (2, 7)
    cells = rows(DISPUTES.format("法院受理案件"), OLD_TITLE).cells
    assert (cells[REVIEW].flags, LAWSUIT in cells) == (("conflict",), False)


@pytest.mark.parametrize(("header", "row", "value"), read_cases(__file__, "figures"))
def test_a_figure_is_of_the_year_and_in_the_unit_of_its_row(header: str, row: str, value: int | str) -> None:
    figures = row.partition(" ")[2]
    reading = rows(f"{header}|主动公开文件数 {figures}|{row}|行政诉讼数 {figures}", OLD_TITLE)
    found = reading.cells.get("pre2019.review.year")
    assert (found.value if found else "") == value
    assert value or any("pre2019.review.year" in one.cells for one in reading.findings)


def test_money_is_read_in_the_unit_that_is_printed() -> None:
    reading = rows(f"{OLD_HEAD}五、行政诉讼数量 件 15|七、依申请公开信息收取的费用 元 5000", OLD_TITLE)
    assert reading.cells["pre2019.fees.year"].value == Decimal("0.5")


# -------------------------------------------------------------------------------------------- figures that prose states

OPENING = "汶上县司法局2024年政府信息公开工作年度报告\n一、总体情况\n"
NEW = "applications.received.total"


def figures(text: str) -> dict[str, Decimal]:
    return {
        one.id: one.value
        for one in find_stated_figures(read((OPENING + text + "\n五、存在的主要问题及改进情况\n无。").encode()))
    }


@pytest.mark.parametrize(("name", "figures"), read_cases(__file__, "reports"))
def test_a_real_report_without_tables_states_its_figures(shared: Path, name: str, figures: dict[str, int]) -> None:
    found = find_stated_figures(read((shared / "real" / f"{name}_excerpt.txt").read_bytes()))
    assert {one.id: one.value for one in found} == figures


def test_a_statement_leads_to_its_sentence() -> None:
    (one,) = find_stated_figures(read((OPENING + "做好各项工作。\n2024年，我局新收政府信息公开申请3件。").encode()))
    assert (one.id, one.value, one.sentence) == (NEW, 3, "2024年，我局新收政府信息公开申请3件")
    assert (one.section, one.line) == (1, 2)


@pytest.mark.parametrize("text", read_cases(__file__, "unstated"))
def test_a_sentence_that_leaves_a_doubt_states_nothing(text: str) -> None:
    assert NEW not in figures(text)


@pytest.mark.parametrize("text", ["全县共收到政府信息公开申请3件。", "我县各部门收到政府信息公开申请3件。"])
def test_only_a_government_counts_for_its_area(text: str) -> None:
    report = f"汶上县人民政府2024年政府信息公开工作年度报告\n一、总体情况\n{text}"
    assert [one.value for one in find_stated_figures(read(report.encode()))] == ([3] if text.startswith("全县") else [])


def test_a_report_of_another_agency_and_year_compiles_no_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling the patterns of prose takes longer than reading a report."""
    assert figures("2024年，汶上县司法局收到政府信息公开申请3件。") == {NEW: 3}
    compiled: list[str] = []
    compile_pattern = re.compile

    def record(pattern: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(pattern)
        return compile_pattern(pattern, flags)

    monkeypatch.setattr(re, "compile", record)
    other = "嘉祥县民政局2022年政府信息公开工作年度报告\n一、总体情况\n2022年，嘉祥县民政局收到政府信息公开申请4件。"
    found = find_stated_figures(read(other.encode()))
    assert {one.id: one.value for one in found} == {NEW: Decimal(4)}
    assert compiled == []
