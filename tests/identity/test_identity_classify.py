"""Titles with their addresses and context, the labelled links of the shared folder among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from archive.identity.classification import classify, column_agency
from archive.identity.matching import key
from archive.identity.names import complete
from storage.records import Agency, ReportKind

Lines = Callable[[str], list[dict[str, Any]]]
PAGE = "http://www.wenshang.gov.cn/art/2024/1/20/art_1_2.html"


def test_every_labelled_report_is_found_with_its_year(shared_lines: Lines) -> None:
    wrong = []
    for row in shared_lines("report_urls.jsonl"):
        found = classify(row["title"], row["url"], place=row["place"])
        if found.is_report != (row["kind"] == "report") or (found.is_report and found.year != row["year"]):
            wrong.append((row["title"], found))
    assert wrong == []


def test_no_labelled_negative_is_taken_for_a_report(shared_lines: Lines) -> None:
    wrong = [row["title"] for row in shared_lines("negatives.jsonl") if classify(row["title"], row["url"]).is_report]
    assert wrong == []


def test_the_year_of_a_labelled_report_can_often_be_told_from_its_address_alone(shared_lines: Lines) -> None:
    for row in shared_lines("report_urls.jsonl"):
        found = classify(None, row["url"], place=row["place"])
        if found.is_report and found.year is not None:
            assert found.year == row["year"], row["url"]
        assert found.confidence <= 0.7 or not found.is_report


def test_the_agency_of_a_labelled_report_lies_in_its_place(shared_lines: Lines) -> None:
    for row in shared_lines("report_urls.jsonl"):
        found = classify(row["title"], row["url"], place=row["place"])
        if found.agency_name:
            assert not complete(found.agency_name, row["place"]).foreign, row["title"]
            assert key(complete(found.agency_name, row["place"]))


@pytest.mark.parametrize(
    ("title", "name", "kind"),
    [
        ("汶上县人民政府2024年政府信息公开工作年度报告", "汶上县人民政府", ReportKind.GOVERNMENT),
        ("汶上县2024年政府信息公开工作年度报告", "汶上县人民政府", ReportKind.GOVERNMENT),
        ("汶上县人民政府办公室2024年政府信息公开工作年度报告", "汶上县人民政府办公室", ReportKind.AGENCY),
        ("县政府办2024年政府信息公开工作年度报告", "汶上县人民政府办公室", ReportKind.AGENCY),
        ("郭仓镇人民政府2024年政府信息公开工作年度报告", "汶上县郭仓镇人民政府", ReportKind.AGENCY),
        ("司法局2024年政府信息公开工作年度报告", "汶上县司法局", ReportKind.AGENCY),
        ("汶上县自然资源系统2024年政府信息公开工作年度报告", None, ReportKind.SYSTEM),
        ("2024年政府信息公开工作年度报告", None, None),
    ],
)
def test_government_office_agency_system(title: str, name: str | None, kind: ReportKind | None) -> None:
    found = classify(title, PAGE, place="汶上县")
    assert (found.is_report, found.agency_name, found.report_kind) == (True, name, kind)


def test_a_foreign_host_never_publishes() -> None:
    title = "汶上县司法局2024年政府信息公开工作年度报告"
    for url in (
        "http://www.cn-huaji.com/zfxxgk/1.html",
        "http://www.wenshang.gov.cn.example.com/art/2024/1/20/art_1_2.html",
    ):
        found = classify(title, url)
        assert (found.is_report, found.reason) == (False, "unofficial_host")
    assert classify(title, "http://other.gov.cn/1.html").is_report
    assert not classify(title, "http://other.gov.cn/1.html", hosts=("www.wenshang.gov.cn",)).is_report


def test_an_address_by_code_and_year_needs_no_title(agencies: tuple[Agency, ...]) -> None:
    url = "http://www.wenshang.gov.cn/module/xxgk/xxgkAnnualReport.jsp?area=11370830004335465W&fbtime=2024"
    found = classify(None, url, place="汶上县", agencies=agencies)
    assert (found.is_report, found.agency, found.year) == (True, "wenshang/guocang", 2024)
    assert found.confidence < 0.9
    assert not classify("政策解读", url, place="汶上县", agencies=agencies).is_report


def test_the_registry_gives_the_id(agencies: tuple[Agency, ...]) -> None:
    found = classify("县教体局2024年政府信息公开工作年度报告", PAGE, place="汶上县", agencies=agencies)
    assert found.agency == "wenshang/jtj"
    other = classify("嘉祥县教体局2024年政府信息公开工作年度报告", PAGE, place="汶上县", agencies=agencies)
    assert (other.is_report, other.agency) == (True, None)


def test_the_column_names_the_agency_and_makes_short_titles_enough() -> None:
    column = "首页>政府信息公开>县政府部门>县司法局>政府信息公开年报"
    assert column_agency(column) == "县司法局"
    assert column_agency("首页>政务公开>政府信息公开年报") == ""
    found = classify("2024年政府信息公开年报", PAGE, place="汶上县", column=column)
    assert (found.is_report, found.agency_name, found.year) == (True, "汶上县司法局", 2024)
    assert classify("2024年度报告", PAGE, place="汶上县", column=column).is_report
    assert not classify("2024年度报告", PAGE, place="汶上县").is_report


def test_a_year_folder_is_no_report() -> None:
    for url in (
        None,
        "http://www.wenshang.gov.cn/zwgk/xxgknb/2024n/",
        "http://www.wenshang.gov.cn/col/col12/index.html",
    ):
        assert not classify("2024年政府信息公开年报", url).is_report


def test_nothing_is_nothing() -> None:
    assert classify(None, None).is_report is False
    assert classify("", "").reason == "no_title"
    assert classify(" \u200b　", None).reason == "no_title"


@pytest.mark.parametrize(
    ("title", "doubtful"),
    [
        ("澄城县人民政府办公室关于印发2019年政府信息公开工作年度报告的通知", True),
        ("关于公布2020年政府信息公开工作年度报告的公告", True),
        ("关于发布《汶上县2023年政府信息公开工作年度报告》的公告", True),
        ("关于汶上县司法局2023年政府信息公开工作年度报告的公示", True),
        ("汶上县2013年政府信息公开工作年度报告公布", True),
        ("关于印发2024年政府信息公开工作年度报告编制方案的通知", False),
        ("关于做好2024年政府信息公开工作年度报告公示", False),
        ("关于报送2023年政府信息公开工作年度报告的通知", False),
        ("关于做好2024年政府信息公开工作年度报告编制发布工作的通知", False),
    ],
)
def test_a_notice_that_may_hold_the_report_is_no_report_but_doubtful(title: str, doubtful: bool) -> None:
    """Some publish the report under the title of a notice: such a link is fetched, and its document decides."""
    found = classify(title, None)
    assert not found.is_report
    assert (found.confidence < 0.65) is doubtful


@pytest.mark.parametrize(
    ("title", "doubtful"),
    [
        ("汶上县司法局2015年政府信息公开工作总结", True),
        ("司法局2023年度工作报告", True),
        ("汶上县医疗保障局2023年度政府信息工作年度报告", True),
        ("2022 Annual Report of Wenshang County", True),
        ("司法局2023", True),
        ("统计局2023年度工作报告", True),
        ("汶上县卫生和计划生育局2017年度政府信息公开工作总结报告", True),
        ("2023年统计年报工作总结", False),
        ("汶上县2023年行政执法统计年报", False),
        ("汶上县召开2023年政府信息公开工作推进会", False),
        ("汶上县召开2025年度经济工作会议", False),
        ("汶上县2023年度行政复议工作报告", False),
        ("汶上县2022年度财政决算报告", False),
        ("汶上县2023年法治政府建设年度报告", False),
    ],
)
def test_a_vague_title_is_doubtful_in_a_column_of_reports_and_nowhere_else(title: str, doubtful: bool) -> None:
    """Old lists call it a summary or a mere report; an absence proven over such an entry would accuse wrongly."""
    url = "http://www.wenshang.gov.cn/zfxxgk/xxgknb/202401/t20240129_310451.html"
    found = classify(title, url, column="政府信息公开年报")
    assert not found.is_report
    assert (found.confidence < 0.65) is doubtful
    assert classify(title, url.replace("xxgknb", "zwdt"), column="通知公告").confidence > 0.65


def test_a_word_in_a_bodys_name_is_no_reason() -> None:
    url = "http://www.wenshang.gov.cn/zfxxgk/xxgknb/202401/t20240129_310451.html"
    for title in ("汶上县统计局2023年年报", "行政执法局2023年度报告", "卫生和计划生育局2015年度报告"):
        found = classify(title, url, column="政府信息公开年报")
        assert (found.is_report, found.reason) == (True, "column_title"), title
    for title in ("法治政府2023年度报告", "2023年统计年报", "行政执法2023年度报告"):
        assert not classify(title, url, column="政府信息公开年报").is_report, title


def test_a_document_called_by_a_body_alone_is_doubtful_in_a_column_of_reports() -> None:
    url = "http://www.x.gov.cn/zfxxgk/xxgknb/202401/t20240129_310451.html"
    found = classify("应急管理局", url, column="政府信息公开年报 > 2023年")
    assert (found.is_report, found.confidence) == (False, 0.6)
    assert classify("应急管理局", url.replace("xxgknb", "zwdt"), column="政务动态").confidence > 0.65
    assert classify("县应急管理局开展培训。", url, column="政府信息公开年报").confidence > 0.65
