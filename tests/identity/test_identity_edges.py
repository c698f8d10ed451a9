"""Where a title, a name or an address is just another thing: the edges that decide."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from identity_making import agency, listing

from archive.identity import addresses
from archive.identity.classify import Classification, classify, column_agency
from archive.identity.divisions import split, stem_of
from archive.identity.leads import lead_of
from archive.identity.names import complete, key, kind_of, looks_like_body, match_agency, same_division
from archive.identity.text import squeeze
from archive.identity.titles import Strength, judge, judge_in_column
from archive.identity.years import mark_years
from archive.projection.sightings import MAY_BE_ONE
from storage.records import Agency, AgencyKind, Link, ListingForm, Portal, ReportKind

TITLE = "汶上县司法局2022年政府信息公开工作年度报告"
BARE = "2022年政府信息公开工作年度报告"
PAGE = "http://www.wenshang.gov.cn/art/2024/1/20/art_1_2.html"
FOLDER = "http://www.wenshang.gov.cn/col/col123/index.html"
UNCLEAR = "http://www.wenshang.gov.cn/xxgk/some"


# --------------------------------------------------------------------------------------------------------------- titles


@pytest.mark.parametrize(
    ("title", "found"),
    [
        # what stands before the core
        (f"栏目:{TITLE}", "汶上县司法局"),
        (f"县司法局|{BARE}", "县司法局"),
        (f"年报>汶上县司法局>{BARE}", "汶上县司法局"),
        (f"汶上县司法局的{BARE}", "汶上县司法局"),
        (f"关于汶上县司法局关于{BARE}", "汶上县司法局"),
        (f"关于{BARE}", ""),
        (f"汶上县司法局关于《{BARE}》", "汶上县司法局"),
        ("汶上县司法局年政府信息公开工作年度报告", "汶上县司法局"),
        ("汶上县司法局年度政府信息公开工作年度报告", "汶上县司法局"),
        (f"共青团团结少年{BARE}", "共青团团结少年"),
        # what follows it
        (f"{BARE}（汶上县司法局）", "汶上县司法局"),
        (f"{BARE}（汶上县新闻出版局）", "汶上县新闻出版局"),
        (f"{BARE}汶上县新闻出版局", "汶上县新闻出版局"),
        (f"{BARE}-汶上县司法局", "汶上县司法局"),
        (f"{BARE}-汶上县人民政府", ""),
        (f"{BARE}-司法", ""),
        (f"{BARE}-杭锦后旗", ""),
        (f"{BARE}-汶上县", ""),
        (f"{BARE}汶上县司法局-汶上县人民政府", "汶上县司法局"),
        (f"{BARE}-汶上县司法局办公室", ""),
        (f"{BARE}()", ""),
        (f"{BARE}-司法局", "司法局"),
        (f"{BARE}(12)", ""),
        (f"{BARE}（甲乙丙）", ""),
        (f"{BARE.replace('政', '<b>政</b>')}", ""),
        (f"碑（bēi）林区司法局{BARE}", "碑林区司法局"),
        (f"{BARE}(PDF)", ""),
        (f"{BARE}》.docx", ""),
        (f"{BARE}.PDF", ""),
        (f"汶上县{BARE}(司法局)", "汶上县(司法局)"),
        # marks that a title may hold itself
        (TITLE.replace("2022年", "2022年#"), "汶上县司法局"),
    ],
)
def test_whose_report_a_title_is(title: str, found: str) -> None:
    verdict = judge(title)
    assert verdict.could_be
    assert verdict.agency == found
    whole = verdict.strength in {Strength.FULL, Strength.BARE}
    assert verdict.reason == ("report_title" if whole else "undated_title")


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        (f"{TITLE}.jpg", "derivative"),
        (f"{TITLE}.MP4", "derivative"),
        (f"{TITLE}（解读）", "derivative"),
        (f"印发{BARE}", "notice"),
        (f"关于印发{BARE}的通知", "notice"),
        (f"我县公布{BARE}", "news"),
        ("模板2022年政府信息公开工作…", "template"),
        ("一图读懂2022年政府信息公开工作年…", "derivative"),
        (f"{TITLE}.xyz", "other_title"),
        (f"{TITLE}转载", "repost"),
        (f"{TITLE}-编制说明", "notice"),
        (f"测试学校2021学年{BARE}", "other_regime"),
        (TITLE + "（1）" * 13, "other_title"),
        ("企业2022年信息公开年度报告", "other_matter"),
        ("测试大学2022年信息公开年度报告", "other_regime"),
        ("测阳县自来水公司2024年度企事业单位信息公开年度报告", "other_regime"),
    ],
)
def test_why_a_title_is_none(title: str, reason: str) -> None:
    verdict = judge(title)
    assert (verdict.could_be, verdict.reason) == (False, reason)


@pytest.mark.parametrize(
    ("title", "agency_name", "year"),
    [
        ("汶上县司法局2022年政府信息公开工作年…", "汶上县司法局", 2022),
        ("汶上县司法局2022年政府信息公开工作年度..", "汶上县司法局", 2022),
        ("县级部门2022年政府信息公开工作年…", "", 2022),
        ("汶上县司法局2021-2022年政府信息公开工作年…", "汶上县司法局", None),
    ],
)
def test_a_title_that_a_listing_cut_off(title: str, agency_name: str, year: int | None) -> None:
    verdict = judge(title)
    assert (verdict.strength, verdict.reason, verdict.yearly) == (Strength.CUT, "cut_title", True)
    assert (verdict.agency, verdict.year) == (agency_name, year)


@pytest.mark.parametrize(
    "title",
    [
        "汶上县司法局政府信息公开工作年…",  # no year
        "促进工作，推动发展2022年政府信息公开工作年…",  # a sentence
        "汶上县司法局2022年政府信息公开工作会议…",
        "汶上县司法局2022年法治政府建设工作年…",
        "关于做好2022年政府信息公开工作年…",
    ],
)
def test_what_a_listing_cut_off_may_be_anything(title: str) -> None:
    assert not judge(title).could_be


def test_a_correction_is_known_by_its_word_wherever_it_stands() -> None:
    for tail in ("（更正）", "（已修订）", "更正版", "（修订版）", "（2023年2月更正）", "修改"):
        assert judge(TITLE + tail).corrected, tail
    for tail in ("", "（全文）", "（2023）", "最新"):
        assert judge(TITLE + tail).could_be
        assert not judge(TITLE + tail).corrected


def test_a_mark_of_the_reader_in_a_title_is_no_year() -> None:
    assert mark_years("汶上县#2022年#报告").marked == "汶上县#年报告"
    assert mark_years("#").years == ()


@pytest.mark.parametrize(
    ("title", "strength", "agency_name"),
    [
        ("汶上县司法局2023年度报告", Strength.WEAK, "汶上县司法局"),
        ("汶上县司法局2023年年报", Strength.WEAK, "汶上县司法局"),
        ("2023年", Strength.FOLDER, ""),
        ("2023年度报告", Strength.FOLDER, ""),
        ("县级部门2023年度报告", Strength.WEAK, ""),
    ],
)
def test_in_a_column_of_reports_fewer_words_suffice(title: str, strength: Strength, agency_name: str) -> None:
    assert not judge(title).could_be
    verdict = judge_in_column(title)
    assert verdict.could_be
    assert (verdict.agency, verdict.year) == (agency_name, 2023)
    if title != "县级部门2023年度报告":
        assert verdict.strength is strength


@pytest.mark.parametrize(
    "title",
    [
        "",
        "汶上县司法局",
        "汶上县司法局2023年",
        "2021年2022年度报告",
        "一图读懂2023年度报告",
        "王某某2023年度报告",
        "汶上县司法局2023年度报告解读",
        "坚持创新，推动发展2023年度报告",
        "县" * 300 + "2023年度报告",
    ],
)
def test_in_a_column_of_reports_other_words_are_still_none(title: str) -> None:
    assert not judge_in_column(title).could_be


# ---------------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "is_body"),
    [
        ("司法局", True),
        ("县局", False),
        ("测" * 39 + "局", True),
        ("测" * 40 + "局", False),
        ("在此基础上整理", False),
        ("新闻中心", False),
        ("资讯中心", False),
        ("图片新闻中心", False),
        ("互动交流中心", False),
        ("网上办事大厅", False),
        ("新闻发布会", False),
        ("融媒体中心", True),
        ("新闻传媒中心", True),
        ("政务服务中心", True),
        ("行政审批服务中心", True),
        ("汶上县信息中心", True),
    ],
)
def test_words_that_can_be_a_body(name: str, is_body: bool) -> None:
    assert looks_like_body(name) is is_body


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ("首页>县政府部门>县司法局>政府信息公开年报", "县司法局"),
        ("首页>县政府部门>县司法局2023年度", "县司法局"),
        ("首页>县局", ""),
        ("首页>" + "测" * 39 + "局", "测" * 39 + "局"),
        ("首页>" + "测" * 40 + "局", ""),
        ("首页>部门", ""),
        ("首页>信息公开平台", ""),
        (None, ""),
    ],
)
def test_whose_column_it_is(column: str | None, found: str) -> None:
    assert column_agency(column) == found


@pytest.mark.parametrize(
    ("name", "chain", "rest"),
    [
        ("山东省济宁市汶上县司法局", ("山东省", "济宁市", "汶上县"), "司法局"),
        ("北京市司法局", ("北京市",), "司法局"),
        ("广西壮族自治区司法厅", ("广西壮族自治区",), "司法厅"),
        ("新疆生产建设兵团司法局", ("新疆生产建设兵团",), "司法局"),
        ("广西柳州市司法局", ("广西柳州市",), "司法局"),
        ("汶上县乡村振兴局", ("汶上县",), "乡村振兴局"),
        ("汶上县乡镇企业局", ("汶上县",), "乡镇企业局"),
        ("汶上县县乡公路站", ("汶上县",), "县乡公路站"),
        ("汶上县乡村三级干部", (), "汶上县乡村三级干部"),
    ],
)
def test_divisions_at_the_head_of_a_name(name: str, chain: tuple[str, ...], rest: str) -> None:
    assert split(name) == (chain, rest)


def test_a_province_without_its_suffix_is_one_in_places_only() -> None:
    assert split("广西柳州市", short_province=True) == (("广西", "柳州市"), "")
    assert stem_of("汶上县") == "汶上"
    assert stem_of("临夏回族自治州") == "临夏回族"
    assert stem_of("县") == "县"


def test_a_ministry_names_its_place_elsewhere_in_its_name() -> None:
    for name in ("国家税务总局汶上县税务局", "中国人民银行汶上县支行", "中共汶上县委办公室"):
        found = complete(name, "汶上县")
        assert (found.text, found.complete, found.foreign) == (name, True, False)
    own = complete("供电公司驻汶上办事处", "汶上县")
    assert (own.text, own.complete) == ("供电公司驻汶上办事处", True)


def test_a_level_stands_for_the_nearest_division_that_is_not_autonomous() -> None:
    assert complete("州司法局", "甘肃省临夏回族自治州").text == "临夏回族自治州司法局"
    assert complete("县司法局", "甘肃省临夏回族自治州东乡族自治县").text == "东乡族自治县司法局"
    assert complete("自治县司法局", "甘肃省临夏回族自治州东乡族自治县").text == "东乡族自治县司法局"
    assert complete("市司法局", "山东省济宁市汶上县").text == "济宁市司法局"
    assert complete("区司法局", "新疆维吾尔自治区乌鲁木齐市天山区").text == "天山区司法局"


def test_two_spellings_of_one_division() -> None:
    assert same_division("临夏州", "临夏回族自治州")
    assert same_division("喀左县", "喀喇沁左翼蒙古族自治县")
    assert not same_division("临夏州", "临夏市")
    assert not same_division("汶上县", "汶川县")
    assert not same_division("汶县", "汶上县")
    assert not same_division("喀县", "喀喇沁县")
    assert not same_division("沂源县", "沂中源县")
    assert not same_division("喇沁县", "喀喇沁左翼县")


def test_nobody_is_found_for_no_name_or_in_no_registry() -> None:
    sfj = agency("sfj", "汶上县司法局")
    for name, agencies in ((None, (sfj,)), ("", (sfj,)), ("县级部门", (sfj,)), ("汶上县司法局", ())):
        found = match_agency(name, agencies, place="汶上县")
        assert (found.agency, found.how, found.ambiguous) == (None, "", ())


# ------------------------------------------------------------------------------------------------------------ addresses


def test_an_address_with_very_many_parameters_is_not_gone_through() -> None:
    few = PAGE + "?fbtime=2024&area=1" + "&x=1" * 38
    many = PAGE + "?fbtime=2024&area=1" + "&x=1" * 39
    assert addresses.read(few).report_year == 2024
    assert addresses.read(many) == addresses.Address()


def test_an_address_keeps_its_host_and_the_first_date_that_is_one() -> None:
    found = addresses.read("http://WWW.wenshang.gov.cn/art/2024/13/45/20240105/a.html")
    assert (found.host, found.path_date, found.detail) == ("www.wenshang.gov.cn", date(2024, 1, 5), True)
    assert addresses.read("http://www.wenshang.gov.cn/202402/a").path_date == date(2024, 2, 1)


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


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("汶上县2022年法治政府建设年度…", "rule_of_law_report"),
        ("一图读懂汶上县2022年…", "derivative"),
        ("汶上县2022年…", "other_title"),
        ("汶上县2022年政府信息公开甲乙…", "other_title"),
    ],
)
def test_why_a_cut_title_is_none(title: str, reason: str) -> None:
    assert (judge(title).could_be, judge(title).reason) == (False, reason)


def test_a_body_behind_a_title_may_have_a_word_of_news_in_its_name() -> None:
    verdict = judge(f"{BARE}汶上县督查局")
    assert (verdict.could_be, verdict.agency) == (True, "汶上县督查局")
    assert not judge(f"{BARE}完成情况的检查").could_be


def test_a_national_company_is_not_the_countys() -> None:
    found = complete("中国移动通信公司", "汶上县")
    assert (found.text, found.complete) == ("中国移动通信公司", True)


@pytest.mark.parametrize(("more", "reason"), [(10, "no_title"), (11, "other_title")])
def test_a_long_text_is_not_one_that_says_nothing(more: int, reason: str) -> None:
    assert classify("查看" + "1" * more, UNCLEAR).reason == reason


def test_how_a_name_was_found_in_the_registry() -> None:
    rows = (agency("sfj", "汶上县司法局", aliases=("县司法行政局",)), agency("wlj", "汶上县文化和旅游局"),
            agency("guocang", "郭仓镇人民政府", AgencyKind.TOWNSHIP))  # fmt: skip
    for name, how in (
        ("汶上县司法局", "exact"),
        ("县司法行政局", "exact"),
        ("山东省济宁市汶上县司法局", "name"),
        ("文旅局", "short"),
        ("郭仓镇党政办公室", "office_of_township"),
    ):
        found = match_agency(name, rows, place="汶上县")
        assert found.agency is not None
        assert found.how == how


def test_a_year_counts_from_the_first_reports_on() -> None:
    assert mark_years("上海市2003年报告").years == (2003,)
    assert mark_years("上海市2002年报告").years == ()
    assert mark_years("上海市2099年报告").years == (2099,)


def test_a_government_is_named_before_a_street_of_its_own() -> None:
    assert complete("人民政府中都街道办", "汶上县").text == "汶上县中都街道办事处"
    assert complete("人民政府中都街道办事处", "汶上县").text == "汶上县中都街道办事处"


def test_a_head_too_long_or_without_a_chinese_word_is_no_body() -> None:
    assert judge("测" * 69 + "局" + BARE).could_be
    assert not judge("测" * 70 + "局" + BARE).could_be
    assert not judge("abc" + BARE).could_be


def test_a_tail_too_long_for_a_name_is_none() -> None:
    assert judge(BARE + "测" * 39 + "县").could_be
    assert not judge(BARE + "测" * 40 + "县").could_be


def test_only_separators_before_a_title_name_nobody() -> None:
    for head in ("|", ">>", ":_|"):
        assert (judge(head + BARE).could_be, judge(head + BARE).agency) == (True, "")


@pytest.mark.parametrize(
    ("address", "addressed"),
    [
        ("/column/12/?type=3&fbtime=2024", True),
        ("/column/12/?action=detail&fbtime=2024", True),
        ("/column/12/?type=1&fbtime=2024", False),
        ("/page/12/?type=3&fbtime=2024", False),
        ("/page/12/?fbtime=2024", False),
        ("/page/?nbYear=2024", True),
        ("/xxgknb/?fbtime=2024", True),
        ("/page/?fbtime=2024&area=X1", True),
        ("/page/?area=X1", False),
        ("/page/?fbtime=1999&area=X1", False),
    ],
)
def test_an_address_that_asks_for_one_report(address: str, addressed: bool) -> None:
    assert addresses.read("http://www.wenshang.gov.cn" + address).addressed is addressed


def test_a_body_known_by_its_code_is_named_with_its_place() -> None:
    rows = (agency("sfj", "司法局", code="11370830004335289X"),)
    found = classify(None, ASKED, place="汶上县", agencies=rows)
    assert (found.agency, found.agency_name) == ("wenshang/sfj", "汶上县司法局")


def test_a_chain_of_divisions_is_bounded() -> None:
    chain, rest = split("东城区" * 8)
    assert (len(chain), rest) == (6, "东城区" * 2)


def test_a_short_form_means_the_body_of_its_year() -> None:
    rows = (
        agency("old", "汶上县文化和旅游局", valid_to=date(2023, 12, 31)),
        agency("new", "汶上县文化旅游体育局", valid_from=date(2024, 1, 1)),
    )
    for year, found in ((2023, "wenshang/old"), (2024, "wenshang/new")):
        match = match_agency("县文旅局", rows, place="汶上县", year=year)
        assert match.agency is not None
        assert match.agency.id == found
    assert match_agency("县文旅局", rows, place="汶上县").ambiguous == ("wenshang/new", "wenshang/old")


def test_a_body_that_begins_like_its_county_is_whole() -> None:
    assert complete("公安局", "公安县").text == "公安县公安局"
    assert complete("公安局办公室", "公安县").text == "公安县公安局办公室"
    assert complete("公安司法局", "公安县").text == "公安县司法局"


def test_a_zone_of_the_portals_own_city_is_a_body_of_it() -> None:
    assert key(complete("济宁市高新区管委会", "济宁市")) == "高新区管委会"


def test_a_misread_place_has_a_look_alike_character() -> None:
    assert (complete("沐阳县人民政府", "沭阳县").misread, complete("沐阳县人民政府", "沭阳县").foreign) == (
        "沐阳县",
        False,
    )
    other = complete("测阳县人民政府", "沭阳县")
    assert (other.misread, other.foreign, other.county) == ("", True, "测阳县")


def test_a_level_in_brackets_is_said_once() -> None:
    assert complete("汶上县(县司法局)").text == "汶上县司法局"
    assert complete("洛阳市(市场监督管理局)").text == "洛阳市市场监督管理局"
    assert complete("洛阳市(县司法局)").text == "洛阳市县司法局"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("山东省济宁市高新区管委会", AgencyKind.GOVERNMENT),
        ("济宁市高新区管委会办公室", AgencyKind.OFFICE),
        ("汶上县经济开发区管委会", AgencyKind.OTHER),
        ("汶上县人民政府", AgencyKind.GOVERNMENT),
        ("汶上县人民政府办公室", AgencyKind.OFFICE),
        ("锡林郭勒盟行政公署", AgencyKind.GOVERNMENT),
        ("汶上县郭仓镇人民政府", AgencyKind.TOWNSHIP),
        ("汶上县中都街道办事处", AgencyKind.SUBDISTRICT),
        ("汶上县司法局", AgencyKind.DEPARTMENT),
        ("汶上县人民医院", AgencyKind.OTHER),
    ],
)
def test_what_kind_of_body_a_name_is(name: str, kind: AgencyKind) -> None:
    assert kind_of(complete(name)) is kind


def test_a_subject_that_stands_twice_in_a_cut_title() -> None:
    verdict = judge("汶上县政务公开办公室2022年政务公开工作年…")
    assert (verdict.strength, verdict.agency) == (Strength.CUT, "汶上县政务公开办公室")


@pytest.mark.parametrize("ending", ["..", "...", "…", "……"])
@pytest.mark.parametrize(
    ("begun", "agency", "year"),
    [
        ("汶上县退役军人事务局2022年政府信", "汶上县退役军人事务局", 2022),
        ("2022年度汶上县统计局政务公", "汶上县统计局", 2022),
        ("汶上县城市管理综合执法局2022年", "汶上县城市管理综合执法局", 2022),
        ("汶上县行政执法局2022", "汶上县行政执法局", 2022),
        ("汶上县城市管理综合行政执", "", None),
    ],
)
def test_what_a_column_of_reports_cut_off_before_its_words_is_for_the_document_to_tell(
    begun: str, agency: str, year: int | None, ending: str
) -> None:
    verdict = judge_in_column(begun + ending)
    assert (verdict.strength, verdict.agency, verdict.year) == (Strength.BEGUN, agency, year)
    found = classify(begun + ending, UNCLEAR, column="信息公开年报")
    assert (found.is_report, found.reason) == (False, "cut_title")
    assert found.confidence < MAY_BE_ONE


@pytest.mark.parametrize(
    "title", ["更多…", "汶上县2022年法治政府…", "关于印发2022年…", "转载汶上县2022年…", "促进工作，推动发展2022年…"]
)
def test_other_cut_titles_of_a_column_are_none(title: str) -> None:
    assert not judge_in_column(title).could_be


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


def test_a_document_number_holds_no_year() -> None:
    assert (mark_years("汶政发〔2021〕6号2022年").marked, mark_years("汶政发〔2021〕6号2022年").years) == (
        "汶政发#",
        (2022,),
    )


def test_a_short_head_may_be_a_body_of_any_name() -> None:
    assert judge("一二三四五六七八" + BARE).could_be
    assert not judge("一二三四五六七八九" + BARE).could_be


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


def test_a_word_that_serves_name_and_subject() -> None:
    assert judge("汶上县人民政府信息公开2022年度报告").agency == "汶上县人民政府"


def test_a_picture_says_so_at_its_start() -> None:
    assert judge(f"图片：{TITLE}").reason == "derivative"


def test_a_year_folder_may_be_named_otherwise() -> None:
    for folder in ("2022", "2022n", "n2022n", "nb2022", "2022nb"):
        assert addresses.read(f"http://www.wenshang.gov.cn/xxgknb/{folder}/a.html").folder_year == 2022


@pytest.mark.parametrize(
    "path", ["/xxgknb/sfj/2022/a.html", "/2022/xxgknb/a.html", "/zwgk/2022/a.html", "/xxgknb/2001/a.html"]
)
def test_a_year_elsewhere_or_before_any_report_is_no_year_folder(path: str) -> None:
    assert addresses.read(f"http://www.wenshang.gov.cn{path}").folder_year is None


def test_text_copied_from_a_pdf_has_radicals_that_are_ideographs() -> None:
    assert squeeze("⻰口市⼈⺠政府⻔户⽹站2023年⻓效机制") == "龙口市人民政府门户网站2023年长效机制"
