"""博达: pages that count down, one-article columns, dynamic lists; a county on it crawled end to end."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

from pathlib import Path

import pytest
from county import FIRST, HOST, THEN, column, county, scenario
from hypothesis import given, settings
from hypothesis import strategies as st
from whole_crawl import prove

from crawler.cms.vsb import Vsb
from crawler.lists.list_page import ListPage, Page
from crawler.lists.signatures import recognise
from crawler.visits.report_parts import parts
from storage.records import LookOutcome
from tests.real_documents import Saved

AT = "http://www.a.gov.cn/zfxxgk/zfxxgknb.htm"
CHAPTERS = (
    "一、总体情况 二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况 四、政府信息公开行政复议、行政诉讼情况"
)


def read(text: str, url: str = AT) -> ListPage:
    return Vsb(name="x").read_list(Page(url, text))


def pager(number: int, pages: int, total: int, folder: str = "zfxxgknb/") -> str:
    following = (
        f'<span class="p_next p_fun"><a href="{folder}{pages - number}.htm">下页</a></span>'
        if number < pages
        else '<span class="p_next_d p_fun_d">下页</span>'
    )
    return f'<div class="pb_sys_common"><span class="p_t">共{total}条</span><span class="p_pages">{following}</span><span class="p_t">{number}/{pages}</span></div>'


def item(number: int) -> str:
    return f'<li id="line_u5_{number}"><a href="../info/1039/{number}.htm">甲县{chr(0x4E00 + number)}局2024年政府信息公开工作年度报告</a><span>2025-01-20</span></li>'


def test_the_saved_list(saved: Saved) -> None:
    found = read(saved("vsb/list_pager_part.html"), "http://www.a.gov.cn/cg/zbgg.htm")
    assert [(link.url, link.text, link.listed) for link in found.links] == [
        ("http://www.a.gov.cn/info/1039/3194.htm", "询价公告（2025劳务派遣服务）", "2025-04-23"),
        (
            "http://www.a.gov.cn/info/1039/3192.htm",
            "辽宁铁道职业技术学院2025年轿车、商务车租赁服务采购竞争性...",
            "2025-04-23",
        ),
    ]
    assert (found.total, found.pages, found.following) == (52, 11, ("http://www.a.gov.cn/cg/zbgg/10.htm",))
    assert recognise("http://www.a.gov.cn/cg/zbgg.htm", saved("vsb/list_pager_part.html"))[0][0] == "vsb"


def test_the_last_page_is_file_one_and_nothing_follows_it() -> None:
    last = read(f"<ul>{item(1)}</ul>{pager(3, 3, 41)}", "http://www.a.gov.cn/zfxxgk/zfxxgknb/1.htm")
    assert (last.following, last.pages, last.total, last.by_script) == ((), 3, 41, False)
    middle = read(f"<ul>{item(1)}</ul>{pager(2, 3, 41, '')}", "http://www.a.gov.cn/zfxxgk/zfxxgknb/2.htm")
    assert middle.following == ("http://www.a.gov.cn/zfxxgk/zfxxgknb/1.htm",)


def test_a_full_number_of_entries_without_a_pager_is_doubted() -> None:
    rows = "".join(item(n) for n in range(1, 11))
    assert read(f"<ul>{rows}</ul>").doubt == "end_of_list_not_said"
    assert read(f"<ul>{rows}</ul>{pager(1, 1, 10)}").doubt == ""
    assert read(f"<ul>{rows}{item(11)}</ul>").doubt == ""


def test_dynamic_lists_turn_by_a_query() -> None:
    text = '<ul><li><a href="xxgk_content.jsp?urltype=news.NewsContentUrl&wbtreeid=1069&wbnewsid=12345">甲县财政局2024年度报告正文</a></li></ul><a href="?totalpage=4&PAGENUM=2&urltype=tree.TreeTempUrl&wbtreeid=1324" class="Next">下页</a>'
    found = read(text, "http://www.a.gov.cn/list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1324")
    assert [link.url for link in found.links] == [
        "http://www.a.gov.cn/xxgk_content.jsp?urltype=news.NewsContentUrl&wbtreeid=1069&wbnewsid=12345"
    ]
    assert (found.pages, len(found.following)) == (4, 1)
    asks = read(f"<ul>{item(1)}</ul><input onclick=\"_simple_list_gotopage_fun(12,'u8_goto')\">")
    assert asks.pages == 12


@pytest.mark.parametrize(
    "body",
    [
        f"<div id='vsb_content'><p>{CHAPTERS}</p><p>共125条</p></div>",
        f"<div id='vsb_content_100'><div class='v_news_content'>{CHAPTERS}</div></div>",
        "<div id='vsb_content'><iframe src='/x.pdf'></iframe></div>",
        "<div id='vsb_content'>附件【<a href='/system/_content/download.jsp?wbfileid=1'>报告.docx</a>】</div>",
    ],
)
def test_a_column_of_one_article_is_the_article(body: str) -> None:
    at = "http://www.a.gov.cn/zfxxgk/zfxxgknb/n2023n/xjbm/xjyhtyj.htm"
    found = read(
        f"<title>甲县银河投资局2023年政府信息公开工作年度报告</title>{body}<p>上一条：没有了</p>",
        at,
    )
    assert [(link.url, link.text) for link in found.links] == [(at, "甲县银河投资局2023年政府信息公开工作年度报告")]
    assert (found.outcome, found.total, found.following, found.doubt) == (LookOutcome.OK, None, (), "")


def test_a_column_of_files_is_no_article() -> None:
    files = "".join(f"<p><a href='/f/{n}.pdf'>甲县第{n}局2024年政府信息公开工作年度报告.pdf</a></p>" for n in (1, 2, 3))
    found = read(f"<h1>2024年政府信息公开工作年度报告</h1><div id='vsb_content'>{files}</div>")
    assert len(found.links) == 3


def test_a_list_with_excerpts_is_no_article() -> None:
    rows = "".join(f"{item(n)}<p>{CHAPTERS}</p>" for n in range(1, 7))
    found = read(f"<title>甲县2024年政府信息公开工作年度报告</title><ul>{rows}</ul>{pager(1, 1, 6)}")
    assert len(found.links) == 6


def test_folders_of_years_and_bodies_below_the_column_are_columns() -> None:
    text = '<title>政府信息公开年报</title><ul><li><a href="zfxxgknb/n2023n.htm">2023年</a></li><li><a href="zfxxgknb/n2024n.htm">2024年</a></li><li><a href="zfxxgknb/old.htm">2022年及以前</a></li><li><a href="zfxxgknb/yjj.htm">应急管理局</a></li><li><a href="/xw/2025.htm">2025年</a></li></ul>'
    found = read(text)
    assert [(link.url.rsplit("/", 1)[1], link.text) for link in found.subcolumns] == [
        ("n2023n.htm", "2023年"),
        ("n2024n.htm", "2024年"),
        ("old.htm", "2022年及以前"),
        ("yjj.htm", "应急管理局"),
    ]
    assert (found.outcome, found.hub) == (LookOutcome.OK, True)


def test_attachments_without_an_ending_and_documents_shown_by_a_script() -> None:
    text = "<div id='vsb_content'><script>showVsbpdfIframe('/__local/7/8A/2C/B3.pdf','100%','600')</script></div>附件【<a href=\"/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid=2\">报告.xlsx</a>】"
    assert [(part.kind, part.url, part.text) for part in parts(Page(AT, text))] == [
        (
            "attachment",
            "http://www.a.gov.cn/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid=2",
            "报告.xlsx",
        ),
        ("embed", "http://www.a.gov.cn/__local/7/8A/2C/B3.pdf", ""),
    ]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 9))
def test_all_pages_of_any_size_are_found_by_following(total: int, size: int) -> None:
    pages = -(-total // size)
    url, seen, number = AT, set(), 1
    while url:
        rows = "".join(
            item(n).replace("../", "/") for n in range((number - 1) * size + 1, min(total, number * size) + 1)
        )
        found = read(f"<ul>{rows}</ul>{pager(number, pages, total, 'zfxxgknb/' if number == 1 else '')}", url)
        seen |= {link.url for link in found.links}
        url, number = (str(found.following[0]) if found.following else ""), number + 1
        assert (found.total, found.pages) == (total, pages)
    assert (len(seen), number - 1) == (total, pages)


def test_a_county_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    prove(tmp_path / "archive", "vsb.Vsb", "vsb", "/zfxxgk/zfxxgknb.htm", "/zfxxgk/zfxxgknb/5.htm")


def test_folders_of_years_and_columns_of_one_article_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    path = "/zfxxgk/zfxxgknb.htm"
    with county(tmp_path / "archive", scenario("vsb_folders", column("nb", path))) as place:
        place.spider("vsb.Vsb", f'column("nb", "http://{HOST}{path}", title="政府信息公开年报", covers="department")')
        looks = place.crawl()
        assert {look.outcome for look in looks} == {LookOutcome.OK}
        assert set().union(*(place.found(look) for look in looks)) == place.true_reports(FIRST, "nb")
        assert place.fetched() == place.true_reports(FIRST, "nb")
        later = place.crawl(THEN)
        assert set().union(*(place.found(look) for look in later)) == place.true_reports(THEN, "nb")
