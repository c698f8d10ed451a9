"""Entries that a list prints without a link: none of these reports is absent, and the others may be."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from archive.identity.addresses import is_unlinked, printed_at
from crawler.cms.generic import Generic
from crawler.cms.static_list import StaticList
from crawler.cms.trs_wcm import TrsWcm
from crawler.cms.vsb import Vsb
from crawler.lists.list_page import ListPage, Page
from crawler.spider import PortalSpider
from storage.records import LookOutcome

AT = "http://www.wanping.gov.cn/xx/nb/index.html"
TITLE = "宛平县财政局2023年政府信息公开工作年度报告"
LINKED = "".join(
    f"<li><a href='/d/2024{n}.html'>宛平县{who}2024年政府信息公开工作年度报告</a><span>2025-01-1{n}</span></li>"
    for n, who in enumerate(("民政局", "司法局", "水利局"))
)


def read(markup: str, family: type[PortalSpider] = StaticList) -> ListPage:
    return family(name="x").read_list(Page(AT, f"<html><title>政府信息公开年报</title><body>{markup}</body></html>"))


def printed(found: ListPage) -> list[str]:
    return [link.text for link in found.links if is_unlinked(link.url)]


@pytest.mark.parametrize("family", [StaticList, Generic, TrsWcm])
@pytest.mark.parametrize(
    "entry",
    [
        "<li>{}</li>",
        "<li><span>{}</span><span>2025-01-20</span></li>",
        "<li><a>{}</a></li>",
        "<li><a href=''>{}</a></li>",
        "<li><a href='#'>{}</a></li>",
        "<li><a href='#' onclick='return false;'>{}</a></li>",
        "<li><a href='javascript:void(0)'>{}</a><span>2025-01-20</span></li>",
        "<li><a href='javascript:;'>{}</a></li>",
        "<li><p>{}</p></li>",
        "<li>{} <a href='/r/20230.html'>宛平县财政局2022年政府信息公开工作年度报告</a></li>",
        "<li><div>{}</div></li>",
        "</ul><p>{}</p><ul>",
        "</ul><table><tr><td>4</td><td>{}</td><td>2025-01-20</td></tr></table><ul>",
    ],
)
def test_an_entry_without_a_link_is_kept_and_the_list_stays_whole(entry: str, family: type[PortalSpider]) -> None:
    for title in ("宛平县财政局2023年度报告", TITLE):
        found = read(f"<ul>{LINKED}{entry.format(title)}</ul>", family)
        assert (printed(found), found.doubt) == ([title], "")
        assert found.links[-1].url == printed_at(AT, title)
        assert found.links[-1].url.startswith(f"{AT}#:~:text=")


def test_the_date_beside_it_is_kept() -> None:
    found = read(f"<ul>{LINKED}<li>{TITLE}<span>2024-01-20</span></li></ul>")
    assert (found.links[-1].text, found.links[-1].listed) == (TITLE, "2024-01-20")


@pytest.mark.parametrize(
    "beside",
    [
        f"<h2>{TITLE}</h2>",
        f"<div class='title'>{TITLE}</div>",
        f"<li>{TITLE} <a href='/r/20231.html'>查看</a></li>",
        f"<table><tr><td>{TITLE}</td><td><a href='/r/20231.pdf'>下载</a></td></tr></table>",
        "<li>2024年度报告</li>",
        "<li>关于宛平县财政局2023年预算执行情况的报告</li>",
        f"<script>var t = '{TITLE}';</script>",
        f"<a href='/d/20249.html'><p>{TITLE}</p></a>",
        "<li>宛平县民政局2024年政府信息公开工作年度报告</li>",
    ],
)
def test_what_is_no_such_entry(beside: str) -> None:
    assert not [text for text in printed(read(f"<ul>{LINKED}</ul>{beside}")) if "局" in text]


@pytest.mark.parametrize(
    "entry",
    [
        "<li data-id='1'>{}</li>",
        "<li onclick='go(3)'>{}</li>",
        "<li><a href='javascript:go(3)'>{}</a></li>",
        "<li><a href='javascript:void(0)' onclick='go(3)'>{}</a></li>",
        "<li><a href='#' data-url='1'>{}</a></li>",
    ],
)
def test_what_a_script_leads_to_leaves_a_doubt(entry: str) -> None:
    assert read(f"<ul>{LINKED}{entry.format(TITLE)}</ul>").doubt == "address_by_script"


@pytest.mark.parametrize(
    "entry",
    [
        "<li data-href='/d/1.html'><p>{}</p><span>2024-01-20</span></li>",
        "<li><a href='#' data-url='/d/1.html'>{}</a><span>2024-01-20</span></li>",
        "<tr data-link='/d/1.html'><td>{}</td><td>2024-01-20</td></tr>",
    ],
)
def test_an_address_that_an_entry_holds_for_a_script_is_its_own(entry: str) -> None:
    around = "table" if entry.startswith("<tr") else "ul"
    found = read(f"<ul>{LINKED}</ul><{around}>{entry.format(TITLE)}</{around}>")
    [link] = [link for link in found.links if TITLE in link.text]
    assert (urlsplit(link.url).path, link.listed, found.doubt) == ("/d/1.html", "2024-01-20", "")


def test_a_list_without_any_link_is_not_read() -> None:
    rows = "".join(f"<li>宛平县{who}2024年政府信息公开工作年度报告</li>" for who in ("民政局", "司法局", "水利局"))
    found = read(f"<ul>{rows}</ul>")
    assert found.outcome is not LookOutcome.OK
    assert (found.linked, len(found.links), found.doubt) == (0, 3, "address_by_script")
    assert (found.outcome, found.reason) == (LookOutcome.SCRIPT_ONLY, "address_by_script")


def test_a_cell_of_bodies_by_years_without_a_link() -> None:
    head = "<tr><th>单位</th><th>2024年</th><th>2023年</th></tr>"
    rows = "".join(
        f"<tr><td>宛平县{who}</td><td><a href='/d/2024{n}.html'>查看</a></td>"
        f"<td><a href='{'#' if n == 1 else f'/d/2023{n}.html'}'>查看</a></td></tr>"
        for n, who in enumerate(("民政局", "司法局", "水利局"))
    )
    found = read(f"<table>{head}{rows}</table>")
    assert (printed(found), found.linked) == (["宛平县司法局2023年政府信息公开年报"], 5)


def test_totals_count_entries_with_a_link_only() -> None:
    """What is printed without a link may be a heading: it is none of the entries that a total counts for certain."""
    found = read(f"<ul>{LINKED}<li>{TITLE}</li></ul><p>共4条</p>")
    assert (found.total, found.linked, len(found.links)) == (4, 3, 4)


@pytest.mark.parametrize("family", [Vsb, Generic, StaticList])
@pytest.mark.parametrize("heading", [f"<h1>{TITLE}</h1>", ""])
def test_a_report_that_repeats_its_title_is_no_list_of_such_entries(family: type[PortalSpider], heading: str) -> None:
    chapters = "一、总体情况 二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况"
    chapters += " 四、因政府信息公开工作被申请行政复议、提起行政诉讼情况"
    text = f"<p style='text-align:center'>{TITLE}</p>{{}}<p>{chapters} 五、存在的主要问题及改进情况</p>"
    page = f"<title>{TITLE}</title>{heading}<div id='vsb_content'>{text}</div>"
    alone = family(name="x").read_list(Page(AT, page.format("")))
    assert ([link.url for link in alone.links], alone.doubt) == ([AT], "")
    others = page.format("<table><tr><td>宛平县财政局2022年政府信息公开工作年度报告</td></tr></table>")
    assert family(name="x").read_list(Page(AT, others)).doubt == "address_by_script"
