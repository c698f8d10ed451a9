"""Figures that prose states: compared with the table, given apart where no table prints them, and never guessed."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from archive.parser.reader import read
from archive.parser.stated import find_stated_figures
from tests.case_tables import read_cases

TITLE = "汶上县司法局2024年政府信息公开工作年度报告\n一、总体情况\n"
NEW = "applications.received.total"


def figures(text: str) -> dict[str, Decimal]:
    return {
        one.id: one.value
        for one in find_stated_figures(read((TITLE + text + "\n五、存在的主要问题及改进情况\n无。").encode()))
    }


@pytest.mark.parametrize(("name", "figures"), read_cases(__file__, "reports"))
def test_a_real_report_without_tables_states_its_figures(shared: Path, name: str, figures: dict[str, int]) -> None:
    found = find_stated_figures(read((shared / "real" / f"{name}_excerpt.txt").read_bytes()))
    assert {one.id: one.value for one in found} == figures


def test_a_statement_leads_to_its_sentence() -> None:
    (one,) = find_stated_figures(read((TITLE + "做好各项工作。\n2024年，我局新收政府信息公开申请3件。").encode()))
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
