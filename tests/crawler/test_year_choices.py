"""Years that a page offers besides those it shows, and pagers that only scripts serve: the end of the list stays open."""

# ruff: noqa: E501 - markup stays on one line, as it came

from __future__ import annotations

import pytest

from crawler.cms.generic import Generic
from crawler.cms.static_list import StaticList
from crawler.cms.trs_wcm import TrsWcm
from crawler.lists.list_page import ListPage, Page
from crawler.spider import PortalSpider

AT = "http://www.wanping.gov.cn/nb/index.html"
BODIES = ("财政局", "民政局", "司法局", "水利局", "教育局", "审计局", "统计局", "商务局", "信访局", "交通局")
FAMILIES = pytest.mark.parametrize("family", [StaticList, Generic, TrsWcm])


def read(family: type[PortalSpider], beside: str, count: int = 7) -> ListPage:
    rows = "".join(
        f"<li><a href='/nb/t20250120_{n}.html'>宛平县{body}2024年政府信息公开工作年度报告</a><span>2025-01-20</span></li>"
        for n, body in enumerate(BODIES[:count])
    )
    return family(name="x").read_list(Page(AT, f"<title>政府信息公开年报</title><ul>{rows}</ul>{beside}"))


@FAMILIES
@pytest.mark.parametrize(
    "form",
    [
        "<form action='/l.do'><input name='year' value='2024'><input type='submit' value='查询'></form>",
        "<form action='/l.do'><input type='number' id='nd' value='2024'></form>",
        "<form action='/l.do'><input type='radio' name='y' value='2024' checked><input type='radio' name='y' value='2023'></form>",
        "<form action='/l.do'><select name='y'><option>2024</option><option>2023</option></select></form>",
        "<form onsubmit='return false'><select name='y'><option value='2024'>2024</option><option value='2023'>2023</option></select><button>查询</button></form>",
        "<form class='layui-form' action=''><select name='y'><option value='2024'>2024</option><option value='2023'>2023</option></select><button lay-submit>查询</button></form>",
        "<form method='post'><select name='y'><option value='2024'>2024年</option><option value='2023'>2023年</option></select></form>",
        "<form method='post'><select name='y'><option value=''>全部</option><option selected>2024</option><option>2023</option></select></form>",
    ],
)
def test_years_that_only_a_form_shows_are_not_known(family: type[PortalSpider], form: str) -> None:
    assert read(family, form).doubt == "other_years_by_script"


@FAMILIES
@pytest.mark.parametrize(
    "form",
    [
        "<form action='/l.do'><input name='year' value=''><input name='q' value='2024'></form>",
        "<form action='/l.do'><input type='hidden' name='year' value='2024'></form>",
        "<form action='/l.do'><input type='radio' name='y' value=''><input type='radio' name='y' value='2024'><input type='radio' name='y' value='2023'></form>",
        "<form action='/l.do'><select name='y'><option value=''>全部</option><option>2024</option><option>2023</option></select></form>",
    ],
)
def test_all_years_are_shown(family: type[PortalSpider], form: str) -> None:
    assert read(family, form).doubt == ""


@FAMILIES
@pytest.mark.parametrize(
    "below",
    [
        "<dl><dt data-year='2023'><h3>2023年度</h3><i class='arrow'></i></dt><dd></dd><dt data-year='2022'><h3>2022年度</h3><i class='arrow'></i></dt><dd></dd></dl>",
        "<h3>2023年</h3><div class='fold'></div><h3>2022年</h3><div class='fold'></div>",
        "<dl><dt>2023年</dt><dd></dd><dt>2022年</dt><dd></dd></dl>",
    ],
)
def test_years_whose_headings_open_what_is_yet_to_come_are_not_known(family: type[PortalSpider], below: str) -> None:
    assert read(family, below).doubt == "other_years_by_script"


@FAMILIES
@pytest.mark.parametrize(
    "below",
    [
        "<h3>2025年</h3><ul></ul>",  # nothing yet
        "<h3>2023年</h3><ul><li><a href='/nb/1.html'>宛平县财政局2023年政府信息公开工作年度报告</a></li></ul><h3>2022年</h3><ul><li><a href='/nb/2.html'>宛平县财政局2022年政府信息公开工作年度报告</a></li></ul>",
        "<h3>2023年</h3><p>财政收入</p><h3>2022年</h3><p>财政收入</p>",
    ],
)
def test_headings_of_years_with_what_stands_below_them_offer_nothing(family: type[PortalSpider], below: str) -> None:
    assert read(family, below).doubt == ""


@FAMILIES
def test_a_plain_form_leads_to_the_list_of_each_year(family: type[PortalSpider]) -> None:
    choice = "<select name='y'><option value='2024'{}>2024年</option><option value='2023'>2023年</option>{}</select>"
    for chosen, every in (("", ""), (" selected", "<option value=''>全部</option>")):
        found = read(family, f"<form action='/l.do'>{choice.format(chosen, every)}</form>")
        assert [link.url.rpartition("/")[2] for link in found.subcolumns] == ["l.do?y=2024", "l.do?y=2023"]


@FAMILIES
@pytest.mark.parametrize(
    "pager",
    [
        "<form><input type='hidden' name='p' value='2'><input type='submit' value='下一页'></form>",
        "<script>function go(n){document.f.p.value=n;document.f.submit()}</script><form name='f'><input type='hidden' name='p'></form><b>1</b><a href='javascript:go(2)'>2</a>",
        "<div class='pagination'><a class='active' data-page='1'>1</a><a data-page='2'>2</a></div>",
        "<ul class='pagination'><li class='active'>1</li><li>2</li></ul>",
        "<div id='more'>查看更多</div>",
        "<a href='javascript:;'>展开全部报告</a>",
        "<el-pagination :total='total'></el-pagination><script src='/v.js'></script>",
    ],
)
def test_pages_that_scripts_turn_are_not_known(family: type[PortalSpider], pager: str) -> None:
    assert read(family, pager).by_script


@FAMILIES
def test_an_arrow_of_a_pager_beside_a_full_list(family: type[PortalSpider]) -> None:
    arrow = "<div class='{}'><a class='prev' href='javascript:;'></a><a class='page-next' href='javascript:;'><i></i></a></div>"
    assert read(family, arrow.format("pagination"), 10).doubt == "end_of_list_not_said"
    assert read(family, arrow.format("pagination"), 7).doubt == ""


def test_pictures_that_take_turns_are_no_pager() -> None:
    arrow = "<div class='page swiper'><a class='swiper-button-next' href='javascript:;'><i></i></a></div>"
    assert read(StaticList, arrow, 10).doubt == ""
