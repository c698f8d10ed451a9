"""Titles that are a report's, and the many that only look like one; links judged by title, address and column."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from crawler.looks.labels import kinds_in_label
from identity_making import CASES, agency, cases, check

from archive.identity.classification import classify, column_agency
from archive.identity.matching import key
from archive.identity.names import complete, is_generic
from archive.identity.titles import judge, judge_in_column
from storage.records import Agency, AgencyKind, ReportKind

Lines = Callable[[str], list[dict[str, Any]]]
HOST = "http://www.wenshang.gov.cn"
ASKED = f"{HOST}/module/xxgk/xxgkAnnualReport.jsp?area=11370830004335289X&fbtime=2024"
ADDRESSES = {
    "page": f"{HOST}/art/2025/1/20/art_1_2.html",
    "list": f"{HOST}/col/col123/index.html",
    "unclear": f"{HOST}/xxgk/some",
    "column": f"{HOST}/zfxxgk/xxgknb/202401/t20240129_310451.html",
    "asked": ASKED,
    "elsewhere": "http://mirror.example.com/1.html",
}
NAMES: dict[str, Any] = tomllib.loads((CASES / "names.toml").read_text(encoding="utf-8"))
TITLES: dict[str, Any] = tomllib.loads((CASES / "titles.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("title", TITLES["reports"])
def test_one_report_in_many_titles(title: str) -> None:
    found = classify(title, None, place="汶上县")
    assert (found.is_report, found.agency_name, found.year) == (True, "汶上县司法局", 2022), found


@pytest.mark.parametrize("title", TITLES["not_reports"])
def test_what_only_looks_like_a_report(title: str) -> None:
    found = classify(title, None, place="汶上县")
    assert not found.is_report, found
    assert found.reason


@pytest.mark.parametrize(("title", "reason"), [*TITLES["reasons"].items(), ("", "no_title"), ("政" * 400, "too_long")])
def test_the_reason_is_said(title: str, reason: str) -> None:
    assert judge(title).reason == reason


@pytest.mark.parametrize(("title", "body"), TITLES["bodies"].items())
def test_whom_a_title_names(title: str, body: str) -> None:
    found = judge(title)
    assert found.agency == body
    assert found.could_be >= bool(body)


@pytest.mark.parametrize(("title", "strength"), TITLES["strengths"].items())
def test_how_much_a_title_says(title: str, strength: str) -> None:
    assert judge(title).strength == strength


@pytest.mark.parametrize(("title", "body"), TITLES["in_column"].items())
def test_in_a_column_of_reports_less_is_enough(title: str, body: str) -> None:
    found = judge_in_column(title)
    assert (found.agency if found.could_be else "no") == body
    assert found.year == (2023 if found.could_be else None)


@pytest.mark.parametrize(("title", "wanted"), TITLES["completed"].items())
def test_government_office_agency_system(title: str, wanted: list[str]) -> None:
    found = classify(title, ADDRESSES["page"], place="汶上县")
    assert (found.is_report, found.agency_name or "", found.report_kind or "") == (True, *wanted)


def test_years_systems_and_corrections_are_seen() -> None:
    two = judge("汶上县司法局2021年2022年政府信息公开工作年度报告")
    assert (two.could_be, two.year, two.years) == (True, None, (2021, 2022))
    assert judge("重庆市规划和自然资源系统2025年政府信息公开工作年度报告").system
    assert judge("汶上县司法局2022年政府信息公开工作年度报告（更正）").corrected


@pytest.mark.parametrize("case", cases("links.toml"))
def test_what_a_link_is(case: dict[str, Any]) -> None:
    url = ADDRESSES.get(case.get("url", ""), HOST + case["url"] if "url" in case else None)
    found = classify(case.get("title"), url, place=case.get("place", "汶上县"), column=case.get("column"))
    assert (found.is_report, found.confidence, found.reason) == (case["report"], case["sure"], case["why"])
    check({"year": found.year, "name": found.agency_name}, case)
    assert (found.report_kind is not None) <= found.is_report


def test_a_labelled_report_tells_its_year_by_its_address_and_lies_in_its_place(shared_lines: Lines) -> None:
    """That all of them are found, and no negative is, tests/reading/test_identity.py shows."""
    for row in shared_lines("report_urls.jsonl"):
        by_address = classify(None, row["url"], place=row["place"])
        if by_address.is_report and by_address.year is not None:
            assert by_address.year == row["year"], row["url"]
        assert by_address.confidence <= 0.7 or not by_address.is_report
        name = classify(row["title"], row["url"], place=row["place"]).agency_name
        if name:
            assert not complete(name, row["place"]).foreign, row["title"]
            assert key(complete(name, row["place"]))


def test_only_official_hosts_publish() -> None:
    title = "汶上县司法局2024年政府信息公开工作年度报告"
    for url in ("http://www.cn-huaji.com/zfxxgk/1.html", "http://www.wenshang.gov.cn.example.com/art_1_2.html"):
        assert (classify(title, url).is_report, classify(title, url).reason) == (False, "unofficial_host")
    assert classify(title, "http://other.gov.cn/1.html").is_report
    assert not classify(title, "http://other.gov.cn/1.html", hosts=("www.wenshang.gov.cn",)).is_report


def test_the_registry_gives_the_id(agencies: tuple[Agency, ...]) -> None:
    page = ADDRESSES["page"]
    found = classify("县教体局2024年政府信息公开工作年度报告", page, place="汶上县", agencies=agencies)
    assert found.agency == "wenshang/jtj"
    other = classify("嘉祥县教体局2024年政府信息公开工作年度报告", page, place="汶上县", agencies=agencies)
    assert (other.is_report, other.agency) == (True, None)
    code = classify(None, ASKED, place="汶上县", agencies=agencies)
    assert (code.is_report, code.agency, code.agency_name, code.year) == (True, "wenshang/sfj", "汶上县司法局", 2024)


def test_the_registry_knows_a_body_by_a_short_name_its_code_and_its_kind() -> None:
    short = (agency("sfj", "司法局", code="11370830004335289X"),)
    title = "司法局2024年政府信息公开工作年度报告"
    assert classify(None, ASKED, place="汶上县", agencies=short).agency_name == "汶上县司法局"
    assert classify(f"嘉祥县{title}", None, place="汶上县", agencies=short).agency is None
    assert classify(f"汶上县{title}", None, place="汶上县", agencies=short).agency == "wenshang/sfj"
    zone = (agency("zone", "汶上县新区服务中心", AgencyKind.GOVERNMENT, code="11370830004335289X"),)
    for named in (None, f"汶上县新区服务中心{title[3:]}"):
        assert classify(named, ASKED, place="汶上县", agencies=zone).report_kind is ReportKind.GOVERNMENT


def test_the_column_names_the_agency() -> None:
    assert column_agency("首页>政府信息公开>县政府部门>县司法局>政府信息公开年报") == "县司法局"
    assert column_agency("首页>政务公开>政府信息公开年报") == ""


@pytest.mark.parametrize("name", NAMES["groups"])
def test_the_name_of_a_group_is_nobodys(name: str) -> None:
    assert is_generic(name)
    assert column_agency(f"首页>政府信息公开年报>{name}") == ""
    found = classify(f"{name}2024年政府信息公开工作年度报告", None, place="宛平县")
    assert (found.agency_name, found.year) == (None, 2024)


def test_the_name_of_a_body_is_no_groups() -> None:
    assert [name for name in NAMES["bodies"] if is_generic(name)] == []
    assert kinds_in_label("委办局政府信息公开年报") == (AgencyKind.DEPARTMENT, AgencyKind.OFFICE)
    assert kinds_in_label("直属机构年报") == ()  # not all departments are
