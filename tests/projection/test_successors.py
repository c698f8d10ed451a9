"""Reports of bodies that took others over are held against theirs too; a stated number against the registry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from small_archive import Site, new_archive, report_page

from archive.forms.indicators import indicator_digits
from archive.projection.update import update
from archive.queries.check import check
from storage.home import Home
from storage.projections import ProjectionStore
from storage.records import AgencyEnd, AgencyKind, Finding

OUT, IN = "applications.carried_out.total", "applications.carried_in.total"
OLD, OTHER, NEW, GOV = "汶上县工商行政管理局", "汶上县质量技术监督局", "汶上县市场监督管理局", "汶上县人民政府"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with new_archive(tmp_path / "archive") as home:
        yield home


class Reports:
    """Reports put up one after the other; ``cells`` of the form of 2021."""

    def __init__(self, home: Home) -> None:
        self.site = Site(home)
        self.column = self.site.column(covers=tuple(AgencyKind))
        self.links: list[tuple[str, str, str]] = []

    def put(self, name: str, year: int, *, text: str = "", **cells: int) -> None:
        path = f"nb/{len(self.links)}.html"
        self.links.append((path, f"{name}{year}年政府信息公开工作年度报告", f"{year + 1}-01-20"))
        named = {key.replace("__", "."): value for key, value in cells.items()}
        self.site.look(f"2026-01-{10 + len(self.links)} 09:00", self.column, self.links)
        page = report_page(name, year, named, published=f"{year + 1}-01-20", text=text)
        self.site.fetch(f"2026-01-{10 + len(self.links)} 09:05", path, page)


def told(home: Home, *codes: str) -> list[Finding]:
    update(home)
    store = ProjectionStore(home, indicator_digits())
    found = [one.finding for one in store.findings() if one.finding.code in codes]
    store.close()
    return found


def checked(home: Home) -> list[tuple[str, str]]:
    return [(one.agency.name, one.en) for one in check(home, codes=["carry_over"]).lines]


def ended(reports: Reports, key: str, name: str, *successors: str, day: date = date(2025, 3, 31)) -> None:
    reports.site.agency(key, name, valid_to=day, ended=AgencyEnd.MERGED, successors=successors)


def test_a_renamed_body_carries_over_what_its_former_name_reported(home: Home) -> None:
    reports = Reports(home)
    ended(reports, "old", OLD, "wenshang/new")
    reports.site.agency("new", NEW, valid_from=date(2025, 4, 1))
    reports.put(OLD, 2024, applications__carried_out__total=7)
    reports.put(NEW, 2025, applications__carried_in__total=5)
    (found,) = told(home, "carry_over")
    rule = "what is carried in is what the year before carried out"
    assert found.en == f"Y1 does not hold ({rule}): the report for 2025 gives 5, that of {OLD} for 2024 gives 7."
    assert found.zh.endswith(f"2025年报告为 5，{OLD}2024年报告为 7。")
    assert checked(home) == [(NEW, found.en)]


def test_of_bodies_merged_into_one_that_stood_before_all_count_together(home: Home) -> None:
    reports = Reports(home)
    ended(reports, "old", OLD, "wenshang/new")
    ended(reports, "other", OTHER, "wenshang/new")
    reports.site.agency("new", NEW, valid_from=date(2019, 1, 1))
    reports.put(NEW, 2024, applications__carried_out__total=1)
    reports.put(OLD, 2024, applications__carried_out__total=2)
    reports.put(NEW, 2025, applications__carried_in__total=6)
    assert told(home, "carry_over") == []  # one of three has no report: nobody can say what was carried over
    assert checked(home) == []
    reports.put(OTHER, 2024, applications__carried_out__total=4)
    (found,) = told(home, "carry_over")
    assert (found.expected, found.found) == ("7", "6")
    assert f"those of {NEW}, {OLD}, {OTHER} for 2024 give together 1 + 2 + 4 = 7" in found.en


def test_a_sum_is_told_with_the_figures_that_the_report_prints(home: Home) -> None:
    reports = Reports(home)
    reports.site.agency("new", NEW)
    reports.put(NEW, 2024, proactive__normative__in_force=7)
    printed = {"in_force": 7, "issued": 1, "repealed": 0}
    reports.put(NEW, 2025, **{f"proactive__normative__{name}": value for name, value in printed.items()})
    (found,) = told(home, "stock_differs")
    assert "the report for 2025 gives 7 - 1 + 0 = 6, that for 2024 gives 7." in found.en
    assert "2025年报告为 7 - 1 + 0 = 6，2024年报告为 7。" in found.zh


def test_what_was_divided_is_held_against_nobody(home: Home) -> None:
    reports = Reports(home)
    ended(reports, "old", OLD, "wenshang/new", "wenshang/else")
    reports.site.agency("new", NEW)
    reports.put(OLD, 2024, applications__carried_out__total=7)
    reports.put(NEW, 2024, applications__carried_out__total=1)
    reports.put(NEW, 2025, applications__carried_in__total=5)
    assert told(home, "carry_over") == []
    assert checked(home) == []


def test_a_stated_number_of_bodies_that_the_registry_does_not_know_is_a_finding(home: Home) -> None:
    reports = Reports(home)
    reports.site.agency("gov", GOV, AgencyKind.GOVERNMENT)
    reports.site.agency("new", NEW)
    reports.put(GOV, 2025, text="完成全县64家单位政府信息公开年度报告集中公开。")
    (found,) = told(home, "bodies_stated")
    assert (found.expected, found.found, found.severity) == ("1-2", "64", "info")
    for at in range(62):
        reports.site.agency(f"body{at}", f"汶上县第{at}局")
    assert told(home, "bodies_stated") == []
