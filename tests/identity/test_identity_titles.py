"""Titles that are a report's, and the many that only look like one."""

from __future__ import annotations

import pytest

from archive.identity.classification import classify
from archive.identity.titles import Strength, judge, judge_in_column

# All of these are 汶上县司法局's report for 2022.
REPORTS = (
    """
汶上县司法局关于2022年度政府信息公开工作情况的年度报告
关于2022年度政府信息公开工作情况的年度报告（汶上县司法局）
汶上县司法局政府信息公开工作情况2022年的年度报告
汶上县司法局2022年度政府信息公开工作年度报告
2022年度汶上县司法局政府信息公开工作年度报告
关于汶上县司法局2022年政府信息公开工作年度报告
关于2022年度汶上县司法局政府信息公开工作的年度报告
汶上县司法局关于2022年政府信息公开工作情况的报告
汶上县司法局2022年政府信息公开年度报告（更正）
汶上县司法局2022年政府信息公开工作年度报告（修订版）
汶上县司法局2022年政府信息公开工作年度报告.pdf
附件：汶上县司法局2022年政府信息公开工作年度报告.docx
附件1：汶上县司法局2022年政府信息公开工作年度报告
1、汶上县司法局2022年政府信息公开工作年度报告
【政府信息公开年报】汶上县司法局2022年政府信息公开工作年度报告
[年报]汶上县司法局2022年政府信息公开工作年度报告
汶上县司法局政府信息公开工作年度报告（2022年）
汶上县司法局政府信息公开工作年度报告（2022年度）
汶上县司法局二〇二二年政府信息公开工作年度报告
汶上县司法局二○二二年度政府信息公开工作年度报告
汶上县司法局2022年政府信息公开工作年度报告 2023-01-20
2023-01-20 汶上县司法局2022年政府信息公开工作年度报告
· 汶上县司法局2022年政府信息公开工作年度报告 [01-20]
汶上县司法局2022年政府信息公开工作年度报告-汶上县人民政府
汶上县司法局2022年政府信息公开工作年度报告_部门年报_汶上县人民政府
汶上县司法局2022年政府信息公开工作年度报告_汶上县人民政府网站
汶上县司法局2022年政府信息公开工作年度报告-汶上县政府门户网站
信息公开指南	汶上县司法局2022年政府信息公开工作年度报告
公开制度 汶上县司法局政府信息公开工作2022年度报告
首页>年报 汶上县司法局2022年政府信息公开工作年度报告
年报汶上县司法局2022年政府信息公开工作年度报告
汶上县司法局2022年政务公开工作年度报告
汶上县司法局2022年信息公开工作报告
汶上县司法局政府信息公开2022年年度报告
汶上县司法局政府信息公开2022年度报告
汶上县司法局政府信息公开工作2022年度报告
司法局：2022年度政府信息公开工作年度报告
2022年度政府信息公开工作年度报告（汶上县司法局）
汶上县司法局2022年政府信息公开工作年度报告汶上县司法局2022年政府信息公开工作年度报告
《汶上县司法局2022年政府信息公开工作年度报告》
汶上县司法局2022年1月至12月政府信息公开工作年度报告
汶上縣司法局2022年政府信息公開工作年度報告
汶上县司法局２０２２年政府信息公开工作年度报告
汶上县司法局 2022 年政府信息公开
 工作年度报告
汶上县司法局2022年政府信息公开工作年度...
县司法局2022年政府信息公开工作年报
汶上县司法局2022年政府信息公开工作年度报告（PDF版）
汶上县司法局2022年政府信息公开工作年度报告及统计表
汶上县司法局2022年政务信息公开工作开展年度报告
汶上县司法局2022年度信息年度公开报告
2023-01-20导出word汶上县司法局2022年政府信息公开工作年度报告
打印 汶上县司法局2022年政府信息公开工作年度报告
""".strip()
    .replace("\n ", "\x00")
    .split("\n")
)

NOT_REPORTS = """
汶上县司法局2022年法治政府建设年度报告
2022年度法治政府建设情况报告
汶上县政府网站2022年度工作报表
政府网站工作年度报表（2022年度）
汶上县2022年国民经济和社会发展统计公报
2022年度企业年报公示
汶上县市场监管局关于2022年度企业年报的通知
汶上县司法局2022年度部门决算公开报告
汶上县司法局2022年预算信息公开报告
汶上县2022年环境信息公开年度报告
曲阜师范大学2021-2022学年信息公开工作年度报告
汶上县人民医院2022年信息公开工作年度报告
汶上县2022年政府信息公开工作要点
汶上县司法局2022年政府信息公开工作总结
汶上县2022年政府信息公开情况统计表
汶上县2022年政府信息公开工作第三方评估报告
关于对2022年政府信息公开年报进行公示的公告
汶上县召开2022年政府信息公开年报编制培训会
【一图读懂】汶上县2022年政府信息公开工作年度报告
汶上县2022年政府信息公开工作年度报告解读
汶上县2022年政府信息公开工作年度报告（解读版）
解读：《汶上县2022年政府信息公开工作年度报告》
关于《汶上县2022年政府信息公开工作年度报告》的解读
文字解读：关于汶上县2022年政府信息公开工作年度报告的解读
图说2022年汶上县政府信息公开年报
汶上县2022年政府信息公开年报来了！
一组数据看汶上县2022年政府信息公开年报
汶上县发布2022年政府信息公开年报
汶上县公布了2022年政府信息公开年报
关于2022年度政府信息公开年度报告编制情况的通报
政府信息公开年度报告编制指南
2022年度政府信息公开年报（图表）
汶上县2021年和2022年政府信息公开年报对比
2023年政府信息公开年报目录
政府信息公开工作年度报告（2008-2018）
汶上县司法局2022年政府信息公开工作年度报告.jpg
汶上县司法局2022年政府信息公开工作年度报告（图片版）
汶上县司法局2022年政府信息公开工作年度报告（超链版）
汶上县司法局2022年上半年政府信息公开工作报告
汶上县2022年第一季度政府信息公开工作情况报告
关于报送《2022年政府信息公开工作年度报告》的函
汶上县司法局关于报送2022年政府信息公开工作年度报告的函
关于印发《政府信息公开工作年度报告格式》的通知
汶上县司法局2022年政府信息公开工作年度报告（征求意见稿）
县直部门政府信息公开年报
2022年县直部门政府信息公开工作年度报告
政府信息公开工作年度报告
政府信息公开年报
部门年报
2022年
2022年度报告
汶上县司法局2022年度报告
汶上县2022年政府工作报告
政府信息公开指南
XX局2022年政府信息公开工作年度报告
政府信息公开工作年度报告考核办法
2022年汶上县依申请公开政府信息工作报告
汶上县人大常委会听取2022年政府信息公开工作报告
2022年度政府信息公开工作年报表
关于做好2022年政府信息公开工作年度...
""".strip().split("\n")


@pytest.mark.parametrize("title", [title.replace("\x00", "\n ") for title in REPORTS])
def test_one_report_in_many_titles(title: str) -> None:
    found = classify(title, None, place="汶上县")
    assert (found.is_report, found.agency_name, found.year) == (True, "汶上县司法局", 2022), found


@pytest.mark.parametrize("title", NOT_REPORTS)
def test_what_only_looks_like_a_report(title: str) -> None:
    found = classify(title, None, place="汶上县")
    assert not found.is_report, found
    assert found.reason


@pytest.mark.parametrize(
    ("title", "name"),
    [
        # words of the other lists inside agencies' names must not throw the title out
        ("汶上县综合行政执法局2022年政府信息公开工作年度报告", "汶上县综合行政执法局"),
        ("汶上县大数据分析中心2022年政府信息公开工作年度报告", "汶上县大数据分析中心"),
        ("汶上县统计局2022年政府信息公开工作年度报告", "汶上县统计局"),
        ("汶上县新闻出版局2022年政府信息公开工作年度报告", "汶上县新闻出版局"),
        ("汶上县考核办2022年政府信息公开工作年度报告", "汶上县考核办"),
        ("汶上县价格监测评估中心2022年政府信息公开年报", "汶上县价格监测评估中心"),
        ("汶上县图书馆2022年政府信息公开工作年度报告", "汶上县图书馆"),
        ("汶上县计划生育局2022年政府信息公开工作年度报告", "汶上县计划生育局"),
        ("汶上县规划局2022年度政府信息公开年度报告", "汶上县规划局"),
        ("汶上县工业和信息化局2022年政府信息公开工作年度报告", "汶上县工业和信息化局"),
        ("汶上县信访局2022年信息公开工作年度报告", "汶上县信访局"),
        ("中共汶上县委办公室2022年政府信息公开工作年度报告", "中共汶上县委办公室"),
        ("国家税务总局汶上县税务局2022年政府信息公开工作年度报告", "国家税务总局汶上县税务局"),
        ("汶上县第一中学2022年政府信息公开工作年度报告", "汶上县第一中学"),
        ("2022年汶上县人民政府信息公开工作年度报告", "汶上县人民政府"),
        ("汶上县2022年政府信息公开工作年度报告（政府办）", "汶上县人民政府办公室"),
        ("汶上县人力资源和社会保障局（汶上县公务员局）2022年政府信息公开工作年度报告", "汶上县人力资源和社会保障局"),
    ],
)
def test_names_that_hold_words_of_other_titles(title: str, name: str) -> None:
    found = classify(title, None, place="汶上县")
    assert (found.is_report, found.agency_name, found.year) == (True, name, 2022), found


def test_a_column_is_told_from_a_report_by_what_it_names() -> None:
    assert judge("政府信息公开年报").strength is Strength.COLUMN
    assert judge("2024年政府信息公开年报").strength is Strength.FOLDER
    assert judge("2010年政府信息公开工作年度报告").strength is Strength.BARE
    assert judge("淮安市市场监督管理局政府信息公开年报").strength is Strength.UNDATED


def test_in_a_column_of_reports_less_is_enough() -> None:
    weak = judge_in_column("汶上县司法局2023年度报告")
    assert (weak.could_be, weak.agency, weak.year) == (True, "汶上县司法局", 2023)
    assert judge_in_column("2023年").could_be
    for other in (
        "汶上县司法局2023年度法治政府建设年度报告",
        "2023年统计年报",
        "汶上县司法局2023年部门决算",
        "2023年企业年报",
    ):
        assert not judge_in_column(other).could_be, other


@pytest.mark.parametrize(
    ("title", "agency"),
    [
        ("年汶上县司法局政府信息公开工作年度报告", "汶上县司法局"),
        ("年度汶上县司法局政府信息公开工作年度报告", "汶上县司法局"),
        ("年陡镇人民政府2023年政府信息公开工作年度报告", "年陡镇人民政府"),
    ],
)
def test_a_year_whose_figures_went_astray_is_no_part_of_the_name(title: str, agency: str) -> None:
    assert judge(title).agency == agency


@pytest.mark.parametrize("year", ["2023度", "2023 度", "二〇二三度", "2023年度"])
def test_a_year_without_its_first_character_is_no_part_of_the_name(year: str) -> None:
    for title in (f"汶上县民政局{year}政府信息公开工作年度报告", f"{year}汶上县民政局政府信息公开工作年度报告"):
        assert (judge(title).agency, judge(title).year) == ("汶上县民政局", 2023)
    assert judge("2023度假区管委会政府信息公开工作年度报告").agency == "度假区管委会"


def test_two_years_in_a_title_are_not_chosen_between() -> None:
    verdict = judge("汶上县司法局2021年2022年政府信息公开工作年度报告")
    assert verdict.could_be
    assert verdict.year is None
    assert verdict.years == (2021, 2022)


def test_a_system_and_a_correction_are_seen() -> None:
    assert judge("重庆市规划和自然资源系统2025年政府信息公开工作年度报告").system
    assert judge("汶上县司法局2022年政府信息公开工作年度报告（更正）").corrected


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("图解：西安市未央区人民政府2019年政府信息公开工作年度报告", "derivative"),
        ("岳阳市政府信息公开工作年度报告制度", "rule"),
        ("政府网站监管年度报表", "website_report"),
        ("关于2022年度政府信息公开工作年度报告发布情况的通报_测试市科技局", "notice"),
        ("静海区2023年度法治政府建设情况报告", "rule_of_law_report"),
        ("潘家湾镇人民政府2024年政府信息公开指南", "guide"),
        ("中华人民共和国政府信息公开工作年度报告格式", "rule"),
        ("", "no_title"),
        ("政" * 400, "too_long"),
    ],
)
def test_the_reason_is_said(title: str, reason: str) -> None:
    assert judge(title).reason == reason


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_title_printed_over_and_over_is_judged_to_its_end(times: int) -> None:
    title = "汶上县司法局2022年政府信息公开工作年度报告" * times
    assert (judge(title).could_be, judge(title).agency, judge(title).year) == (True, "汶上县司法局", 2022)
    assert judge(f"{title}解读").reason == "derivative"


@pytest.mark.parametrize("notice", ["关于报送汶上县司法局", "关于公布汶上县司法局", "汶上县发布", "汶上县公布了"])
def test_a_notice_cut_off_within_the_core_stays_a_notice(notice: str) -> None:
    assert judge("汶上县司法局2022年政府信息公开工作年…").could_be
    assert not judge(f"{notice}2022年政府信息公开工作年…").could_be


@pytest.mark.parametrize(
    ("title", "agency"),
    [
        ("[民政局]2025年政府信息公开年度报告", "民政局"),
        ("【司法局】2025年度政府信息公开工作年度报告", "司法局"),
        ("（城关镇）2025年政府信息公开年度报告", "城关镇"),
        ("[置顶]2025年政府信息公开年度报告", ""),
        ("[县直部门]2025年政府信息公开年度报告", ""),
        ("[通知公告]2025年政府信息公开年度报告", ""),
        ("[信息公开年报]民政局2025年政府信息公开年度报告", "民政局"),
    ],
)
def test_a_bracket_before_the_year_names_the_body_where_it_is_one(title: str, agency: str) -> None:
    assert judge(title).agency == agency
    assert judge(title).year == 2025


@pytest.mark.parametrize("part", ["政务公开年报_", "信息公开报告-", "政务公开年报>2024年"])
def test_a_path_of_many_columns_names_nobody(part: str) -> None:
    assert judge((part * 40)[:240]).agency == ""


@pytest.mark.parametrize(
    ("title", "agency"),
    [
        ("昌图县七家子镇2023年政府信息公开 工作告年度报", "昌图县七家子镇"),
        ("汶上县司法局2023年政府信息公开年度报告工作", ""),
        ("汶上县司法局2023年政府信息公开工作年度计划", ""),
    ],
)
def test_a_title_whose_last_letters_are_astray_is_read_as_meant(title: str, agency: str) -> None:
    assert judge(title).could_be == bool(agency)
    assert judge(title).agency == agency


@pytest.mark.parametrize(("body", "trade"), [("广州海关", "海关"), ("海关总署", "海关"), ("汶上县水利局", "水利")])
def test_the_trade_said_again_before_the_subject_is_no_part_of_the_name(body: str, trade: str) -> None:
    assert judge(f"{body}2020年{trade}信息公开工作年度报告").agency == body
