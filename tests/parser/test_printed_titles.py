"""Titles broken over several lines, as the first lines of a document print them."""

from __future__ import annotations

import pytest

from archive.documents.pages import Pages, Paragraph
from archive.identity.evidence import identify
from archive.parser.reader import read_pages_to_reading
from storage.records import Reading


@pytest.mark.parametrize(
    ("lines", "agency", "year"),
    [
        (("山东省汶上县", "南旺镇人民政府", "2023年度政府信息公开年度报告"), "山东省汶上县南旺镇人民政府", 2023),
        (("汶上县", "南旺镇2023年政府信息公开工作年度报告"), "汶上县南旺镇人民政府", 2023),
        (("汶上县", "汶上县财政局2023年政府信息公开工作年度报告"), "汶上县财政局", 2023),
        (("2023年度", "汶上县民政局", "政府信息公开", "工作年度报告"), "汶上县民政局", 2023),
        (("政府信息公开工作年度报告", "（2023年度）", "汶上县民政局"), "汶上县民政局", 2023),
        (("汶上县民政局政府信息公开", "2023年度工作报告"), "汶上县民政局", 2023),
    ],
)
def test_a_title_on_several_lines(lines: tuple[str, ...], agency: str, year: int) -> None:
    text = (*lines, "一、总体情况", "我单位认真落实各项要求。", "二、主动公开政府信息情况", "无。")
    reading = read_pages_to_reading(Pages(kind="html", blocks=tuple(Paragraph(text=one) for one in text)), "0" * 64)
    found = identify(reading.identity)
    assert reading.is_report
    assert (found.agency, found.place, found.year) == (agency, "汶上县", year)


_WHOLE = "汶上县统计局2012年政府信息公开工作年度报告"


def _read(*lines: str) -> Reading:
    text = (*lines, "一、概述", "2012年，我局认真落实各项要求。", "二、主动公开政府信息情况", "公开20条。")
    return read_pages_to_reading(Pages(kind="text", blocks=tuple(Paragraph(text=one) for one in text)), "0" * 64)


@pytest.mark.parametrize("day", ["2013/3/1", "2013-03-01", "2013年3月1日", "2013 年 3 月 1 日"])
def test_the_day_on_a_cover_is_no_part_of_the_title_below_it(day: str) -> None:
    opening = "本报告由汶上县统计局编制，统计期限为2012年1月1日至2012年12月31日。"
    reading = _read("汶上县统计局", day, "政府信息公开工作年度报告", opening)
    found = identify(reading.identity)
    codes = [one.code for one in found.findings]
    assert (found.agency, found.year, codes) == ("汶上县统计局", 2012, ["agency_inferred"])


@pytest.mark.parametrize(
    ("window", "title", "reason"),
    [
        ("在线看片_热门频道_免费专区", "南旺镇2012年度政务公开工作总结和2013年工作计划", "work_points"),
        ("南旺镇政务公开工作要点_汶上县_首页", "南旺镇的工作", "work_points"),
        ("汶上县_南旺镇_首页", "南旺镇2012年政府信息公开工作年度报告", ""),
    ],
)
def test_a_pages_window_that_says_nothing_hides_no_title(window: str, title: str, reason: str) -> None:
    assert _read(window, title, "现将我镇2012年政务公开工作情况报告如下：").reason == reason


@pytest.mark.parametrize("item", ["信息公开指南", "登录 注册", "无障碍阅读", "关怀版", "> 正文"])
def test_what_stands_apart_on_the_line_of_a_title_is_another_item(item: str) -> None:
    for line in (f"{item}\t{_WHOLE}", f"{item}      {_WHOLE}", f"{_WHOLE}\t{item}"):
        assert _read(line, "汶上县统计局编制本报告。").identity.titles[0] == _WHOLE


@pytest.mark.parametrize(("place", "body"), [("汶上县", "司法局"), ("汶上县", "统计局"), ("汶上县统计局", "")])
def test_a_place_or_body_that_stands_apart_from_the_rest_of_the_title_is_part_of_it(place: str, body: str) -> None:
    said = identify(_read(f"{place}\t{body}2012年政府信息公开工作年度报告").identity)
    assert (said.agency, said.year) == (f"{place}{body}", 2012)


def test_the_words_of_a_path_are_no_part_of_a_title() -> None:
    said = _read("首页", ">", "政府信息公开年报", "> 正文", "政府信息公开年报", _WHOLE)
    assert said.identity.titles[0] == _WHOLE
    assert not [title for title in said.identity.titles if "正文" in title]


def test_the_days_of_reports_listed_below_are_not_those_of_the_signature() -> None:
    listed = [
        line
        for year in (2009, 2010, 2011, 2013)
        for line in (_WHOLE.replace("2012", str(year)), f"{year + 1}-01-2{year % 10}")
    ]
    text = [f"第{number}项工作已经完成。" for number in range(50)]
    said = _read(_WHOLE, *text, "汶上县统计局", "2013年1月8日", *listed)
    assert [witness.text for witness in said.identity.dates] == ["2013年1月8日"]
    assert identify(said.identity).year == 2012


@pytest.mark.parametrize(
    "behind",
    [" 二维码", "　打印本页", " 打印 分享 收藏", " [字体: ] 打印", " 【字号：大 中 小】 【打印】", "\t分享到："],
)
def test_what_a_page_has_of_its_own_behind_a_title_is_no_part_of_it(behind: str) -> None:
    title = "汶上县统计局2012年政府信息公开工作年度报告"
    for below in ("2013-03-01", "时间：2013-03-01 来源：汶上县统计局"):
        reading = _read(f"{title}{behind}", below)
        found = identify(reading.identity)
        assert reading.is_report
        assert (reading.identity.titles[0], found.agency, found.year) == (title, "汶上县统计局", 2012)
