"""Where a title, a name or an address is just another thing: the edges that decide."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from identity_making import agency, listing

from archive.identity.classification import Classification, classify, lead_of
from storage.records import Agency, AgencyKind, Link, ListingForm, Portal, ReportKind

TITLE = "汶上县司法局2022年政府信息公开工作年度报告"
BARE = "2022年政府信息公开工作年度报告"
PAGE = "http://www.wenshang.gov.cn/art/2024/1/20/art_1_2.html"
FOLDER = "http://www.wenshang.gov.cn/col/col123/index.html"
UNCLEAR = "http://www.wenshang.gov.cn/xxgk/some"


# --------------------------------------------------------------------------------------------------------------- titles


# ---------------------------------------------------------------------------------------------------------------- names


# ------------------------------------------------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("title", "url", "more", "wanted"),
    [
        (TITLE, PAGE, {}, (True, 0.98, "report_title")),
        ("县级部门" + BARE, FOLDER, {}, (False, 0.6, "folder")),
        ("县级部门" + BARE, PAGE, {}, (True, 0.8, "report_title")),
        ("县级部门" + BARE, UNCLEAR, {}, (False, 0.6, "folder")),
        ("县级部门" + BARE, UNCLEAR, {"column": "首页>县司法局>年报"}, (True, 0.8, "report_title")),
        ("县级部门" + BARE, FOLDER, {"column": "首页>县司法局>年报"}, (False, 0.6, "folder")),
        (BARE, FOLDER, {}, (False, 0.6, "folder")),
        (BARE, PAGE, {}, (True, 0.9, "report_title")),
        (BARE, UNCLEAR, {}, (True, 0.7, "report_title")),
        (BARE, UNCLEAR, {"column": "首页>县司法局>年报"}, (True, 0.9, "report_title")),
        ("2022年政府信息公开年报", PAGE, {}, (True, 0.7, "report_title")),
        ("2022年政府信息公开年报", UNCLEAR, {}, (False, 0.7, "folder")),
        ("2022年政府信息公开年报", FOLDER, {"column": "首页>县司法局>年报"}, (False, 0.7, "folder")),
        ("2022年政府信息公开年报", UNCLEAR, {"column": "首页>县司法局>年报"}, (True, 0.7, "report_title")),
        ("汶上县司法局政府信息公开工作年度报告", PAGE, {}, (True, 0.8, "undated_title")),
        ("汶上县司法局政府信息公开工作年度报告", UNCLEAR, {}, (True, 0.5, "undated_title")),
        ("汶上县司法局政府信息公开年报", UNCLEAR, {}, (False, 0.7, "column")),
        ("汶上县司法局政府信息公开工作年度报告", FOLDER, {}, (False, 0.7, "column")),
        ("汶上县司法局2022年政府信息公开工作年…", UNCLEAR, {}, (True, 0.8, "cut_title")),
        ("汶上县司法局2022年政府信息公开工作…", UNCLEAR, {}, (False, 0.4, "cut_title")),
        ("汶上县司法局2022年政府信息公开工作…", UNCLEAR, {"column": "政府信息公开年报"}, (True, 0.8, "cut_title")),
        ("汶上县司法局2022年度报告", UNCLEAR, {"column": "政府信息公开年报"}, (True, 0.7, "column_title")),
        ("汶上县司法局2022年度报告", FOLDER, {"column": "政府信息公开年报"}, (False, 0.5, "folder")),
        ("政府信息公开年报", PAGE, {}, (True, 0.5, "column_title")),
        ("政府信息公开年报", UNCLEAR, {}, (False, 0.9, "column")),
        ("查看", PAGE, {}, (False, 0.6, "no_title")),
        ("一图读懂" + TITLE, PAGE, {}, (False, 0.95, "derivative")),
        (TITLE, "http://mirror.example.com/1.html", {}, (False, 0.99, "unofficial_host")),
    ],
)
def test_how_sure_a_link_is(title: str, url: str, more: dict[str, Any], wanted: tuple[bool, float, str]) -> None:
    found = classify(title, url, place="汶上县", **more)
    assert (found.is_report, found.confidence, found.reason) == wanted
    assert (found.report_kind is not None) <= found.is_report


ASKED = "http://www.wenshang.gov.cn/module/xxgk/xxgkAnnualReport.jsp?area=11370830004335289X&fbtime=2024"


@pytest.mark.parametrize(
    ("title", "url", "column", "wanted"),
    [
        (None, ASKED, None, (True, 0.7, "addressed_url", 2024)),
        ("查看", ASKED, None, (True, 0.7, "addressed_url", 2024)),
        ("查看全文>>", ASKED, None, (True, 0.7, "addressed_url", 2024)),
        ("汶上县司法局", ASKED, None, (True, 0.7, "addressed_url", 2024)),
        ("汶上县司法局2023年政府信息公开工作年度报告", ASKED, None, (True, 0.6, "report_title", 2023)),
        (None, PAGE, "政府信息公开年报", (True, 0.5, "report_url", 2023)),
        (None, PAGE, None, (False, 0.6, "no_title", None)),
        (None, FOLDER, "政府信息公开年报", (False, 0.6, "no_title", None)),
        ("点击查看详细的政府信息公开内容附件", PAGE, "政府信息公开年报", (False, 0.95, "other_title", None)),
        (
            "统计局",
            PAGE,
            "政府信息公开年报",
            (False, 0.6, "other_title", None),
        ),  # a body
        ("部门统计", PAGE, "政府信息公开年报", (False, 0.95, "statistics", None)),
    ],
)
def test_what_an_address_says_where_the_title_is_silent(
    title: str | None, url: str, column: str | None, wanted: tuple[bool, float, str, int | None]
) -> None:
    found = classify(title, url, place="汶上县", column=column)
    assert (found.is_report, found.confidence, found.reason, found.year) == wanted


def test_nothing_is_said_of_nothing() -> None:
    assert classify(None, None) == Classification(False, confidence=0.6, reason="no_title")


# ---------------------------------------------------------------------------------------------------------------- leads


@pytest.mark.parametrize(
    ("text", "row", "title"),
    [
        ("查看", f"{TITLE} 查看", f"{TITLE} 查看"),
        ("查看", "", "查看"),
        ("查看", "首页 司法局", "查看"),
        ("一二三四五六七八", f"{TITLE} 查看", f"{TITLE} 查看"),
        ("一二三四五六七八九", f"{TITLE} 查看", "一二三四五六七八九"),
        ("司法局年度报告全文下载", f"{TITLE} 查看", "司法局年度报告全文下载"),
    ],
)
def test_a_row_speaks_for_a_link_that_says_nothing(
    text: str, row: str, title: str, portal: Portal, agencies: tuple[Agency, ...]
) -> None:
    assert lead_of(Link(url=PAGE, text=text, row=row), listing(), portal, agencies).title == title


def test_only_an_addressed_listing_makes_a_report_of_a_link_without_words(
    portal: Portal, agencies: tuple[Agency, ...]
) -> None:
    page = "http://www.wenshang.gov.cn/xxgk/some"
    addressed = listing("", form=ListingForm.ADDRESSED, agency="wenshang/sfj", year=2022)
    found = lead_of(Link(url=page, text=""), addressed, portal, agencies)
    assert (found.is_report, found.confidence, found.reason, found.year) == (True, 0.6, "addressed_listing", 2022)
    plain = lead_of(Link(url=page, text=""), listing("", agency="wenshang/sfj", year=2022), portal, agencies)
    assert (plain.is_report, plain.agency, plain.year) == (False, None, None)
    news = lead_of(Link(url=page, text="一图读懂" + TITLE), addressed, portal, agencies)
    assert (news.is_report, news.reason) == (False, "derivative")


def test_what_a_title_says_stands_against_its_listing(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    own = listing("", agency="wenshang/fgj", year=2020)
    found = lead_of(Link(url=PAGE, text=TITLE, listed="2023-01-20"), own, portal, agencies)
    assert (found.agency, found.year, found.listed) == ("wenshang/sfj", 2022, date(2023, 1, 20))
    unknown = lead_of(Link(url=PAGE, text="汶上县水利局" + BARE), own, portal, agencies)
    assert (unknown.agency, unknown.agency_name) == (None, "汶上县水利局")
    bare = lead_of(Link(url=PAGE, text=BARE), listing("", agency="wenshang/gone"), portal, agencies)
    assert (bare.agency, bare.agency_name) == (None, None)


# ------------------------------------------------------------------------------------------------------- rarer still


@pytest.mark.parametrize(("more", "reason"), [(10, "no_title"), (11, "other_title")])
def test_a_long_text_is_not_one_that_says_nothing(more: int, reason: str) -> None:
    assert classify("查看" + "1" * more, UNCLEAR).reason == reason


def test_a_body_known_by_its_code_is_named_with_its_place() -> None:
    rows = (agency("sfj", "司法局", code="11370830004335289X"),)
    found = classify(None, ASKED, place="汶上县", agencies=rows)
    assert (found.agency, found.agency_name) == ("wenshang/sfj", "汶上县司法局")


def test_a_portal_of_one_body_names_it_in_brackets() -> None:
    assert classify(BARE, PAGE, place="锡山区(司法局)").agency_name == "锡山区司法局"


def test_the_registry_says_what_kind_of_body_reports() -> None:
    zone = agency("zone", "汶上县新区服务中心", AgencyKind.GOVERNMENT, code="11370830004335289X")
    for title in (None, "汶上县新区服务中心" + BARE):
        found = classify(title, ASKED, place="汶上县", agencies=(zone,))
        assert (found.agency, found.report_kind) == ("wenshang/zone", ReportKind.GOVERNMENT)


def test_a_link_to_another_countys_report_is_no_own_bodys() -> None:
    short = agency("sfj", "司法局")
    assert classify("嘉祥县司法局" + BARE, PAGE, place="汶上县", agencies=(short,)).agency is None
    assert classify("汶上县司法局" + BARE, PAGE, place="汶上县", agencies=(short,)).agency == "wenshang/sfj"


def test_a_title_of_anybody_names_nobody() -> None:
    assert classify("县级部门" + BARE, PAGE, place="汶上县", column="首页>县司法局>年报").agency_name is None


@pytest.mark.parametrize(
    ("path", "year"),
    [
        ("/xxgknb/2022/202301/t20230120_1.html", 2022),
        ("/xxgknb/2022/202401/t20240120_1.html", None),
        ("/xxgknb/2022/202309/t20230920_1.html", 2022),
        ("/xxgknb/2022/a/123456.html", 2022),
        ("/xxgknb/202301/t20230120_1.html", 2022),
        ("/xxgknb/202309/t20230920_1.html", None),
        ("/other/202301/t20230120_1.html", None),
    ],
)
def test_a_year_folder_and_the_date_of_a_page(path: str, year: int | None) -> None:
    assert classify("汶上县司法局政府信息公开工作年度报告", "http://www.wenshang.gov.cn" + path).year == year
