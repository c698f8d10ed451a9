"""Pages that look empty or whole and are not: hidden words, lists beside an article, full pages, crowded scripts."""

# ruff: noqa: E501 - markup stays on one line

from __future__ import annotations

import json

import pytest

from crawler.cms.generic import Generic
from crawler.cms.static_list import StaticList
from crawler.cms.ucap_query import UcapQuery
from crawler.cms.vsb import Vsb
from crawler.discovery.pointers import pointers
from crawler.lists.list_page import ListPage, Page, is_full
from storage.records import LookOutcome

AT = "http://www.a.gov.cn/zfxxgk/nb/index.html"
CHAPTERS = "一、总体情况 二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况 四、政府信息公开行政复议、行政诉讼情况 五、存在的主要问题及改进情况"
TITLE = "宛平县财政局2025年政府信息公开工作年度报告"
HEAD = "<html><head><title>政府信息公开年报</title></head><body>"


def read(body: str) -> ListPage:
    return StaticList(name="x").read_list(Page(AT, f"{HEAD}{body}</body></html>"))


@pytest.mark.parametrize(
    "body",
    [
        '<ul id="list"></ul><p class="hide">暂无数据</p><script src="/js/list.js"></script>',
        '<p class="tip Hidden">暂无数据</p>',
        '<div class="none"><div><p>暂无<b>数据</b></p></div></div>',
        '<div class="dn"><p>暂无数据</p></div>',
        "<div hidden><p>暂无数据</p></div>",
        '<p style="color:red; DISPLAY : none">暂无数据</p>',
        '<table><tbody id="rows"></tbody></table><p>暂无数据</p><script src="/js/list.js"></script>',
        '<div id="list"> <!-- rows --> </div><p>暂无数据</p><script src="/js/list.js"></script>',
    ],
)
def test_words_that_a_script_may_show_say_nothing(body: str) -> None:
    found = read(body)
    assert (found.outcome, found.reason) == (LookOutcome.SCRIPT_ONLY, "scripts_make_the_list")


@pytest.mark.parametrize(
    ("script", "made"),
    [
        (f"var d=[{{t:'{TITLE}',u:'/nb/1.html'}}];box.innerHTML=h;", True),
        (json.dumps({"t": TITLE, "u": "/nb/1.html"}) + ";$('#l').append(h)", True),
        (f"var d=[{{t:'{TITLE}',u:'/nb/1.html'}}];", False),  # nothing writes
        ("document.write('<p>您是第1位访客</p>')", False),
    ],
)
def test_a_list_out_of_a_scripts_own_data_is_made_by_scripts(script: str, made: bool) -> None:
    found = read(f"<ul class='l'></ul><script>{script}</script>")
    assert (found.outcome is LookOutcome.SCRIPT_ONLY) is made


COUNTY = f"<h3>县政府</h3><ul><li><a href='/nb/1.html'>{TITLE}</a></li></ul>"
ASKS = "<script>$.getJSON('/api/nb', {group: 'dept'}, fill)</script>"


@pytest.mark.parametrize(
    ("beside", "yet_to_come"),
    [
        (f"<h3>县直部门</h3><ul id='bm'></ul>{ASKS}", True),
        (f"<div class='t'><b>乡镇（街道）</b></div><div class='c'><ul class='list'></ul></div>{ASKS}", True),
        (f"<h3>县直部门</h3><ul id='bm'><li><a href='/nb/2.html'>{TITLE}</a></li></ul>{ASKS}", False),
        (f"<h3>相关链接</h3><ul id='links'></ul>{ASKS}", False),
        ("<h3>县直部门</h3><ul id='bm'></ul>", False),  # no script
    ],
)
def test_groups_that_scripts_are_yet_to_bring_beside_one_that_is_there(beside: str, yet_to_come: bool) -> None:
    assert read(f"{COUNTY}{beside}").by_script is yet_to_come


def test_years_offered_without_address_are_here_where_their_reports_are() -> None:
    def offering(*dates: str) -> str:
        rows = "".join(
            f"<li><a href='/zfxxgk/nb/t{day.replace('-', '')}_{n}.html'>宛平县财政局</a>{day}</li>"
            for n, day in enumerate(dates)
        )
        return f"<span data-y='2025'>2025年</span><span data-y='2024'>2024年</span><ul>{rows}</ul>"

    assert read(offering("2026-01-20", "2025-01-20")).doubt == ""  # 2025 and 2024, published in the years after
    assert read(offering("2026-01-20")).doubt == "other_years_by_script"
    assert read(offering("2025-01-20")).doubt == "other_years_by_script"


def test_names_of_three_characters_are_names() -> None:
    rows = "".join(
        f"<li><a href='./t20260120_{n}.html'>{body}</a>2026-01-20</li>" for n, body in enumerate(("财政局", "城关镇"))
    )
    assert [link.text for link in read(f"<ul>{rows}</ul>").links] == ["财政局", "城关镇"]


@pytest.mark.parametrize(
    ("count", "cut"), [(9, False), (35, True), (65, False), (80, True), (145, False), (190, False), (200, True)]
)
def test_only_round_numbers_of_many_entries_are_full_pages(count: int, cut: bool) -> None:
    assert is_full(count) is cut


@pytest.mark.parametrize(
    "body",
    [
        "<p>暂无数据</p>",
        '<ul id="list"></ul><p>暂无数据</p>',
        '<ul id="list"><li>暂无数据</li></ul><script src="/js/top.js"></script>',
        '<p class="hide">首页</p><p class="nonempty">暂无数据</p>',
    ],
)
def test_words_that_are_shown_are_believed(body: str) -> None:
    assert (read(body).outcome, read(body).reason) == (LookOutcome.OK, "says_it_is_empty")


def article(beside: str, kind: type[StaticList | Vsb | Generic] = StaticList) -> ListPage:
    text = f"<html><head><title>{TITLE}</title></head><body><div>{CHAPTERS}</div>{beside}</body></html>"
    return kind(name="x").read_list(Page(AT, text))


@pytest.mark.parametrize("kind", [StaticList, Vsb, Generic])
def test_reports_linked_beside_an_article_are_items_and_doubted(kind: type[StaticList | Vsb | Generic]) -> None:
    rows = "".join(
        f'<li><a href="t{year}.html" title="宛平县财政局{year}年政府信息公开工作年度报告">宛平县财政局{year}年政府信息…</a></li>'
        for year in (2022, 2023, 2024)
    )
    found = article(f'<ul>{rows}</ul><a href="index_1.html">下一页</a>', kind)
    assert found.doubt == "links_beside_article"
    assert [(link.position, link.url.rsplit("/", 1)[1]) for link in found.links] == [
        (0, "index.html"), (1, "t2022.html"), (2, "t2023.html"), (3, "t2024.html")]  # fmt: skip


@pytest.mark.parametrize(
    "beside",
    [
        "",
        "<p>上一篇：没有了</p><p>下一篇：<a href='javascript:;'>无</a></p>",
        '<a href="/xw/">新闻动态</a><p>上一篇：<a href="index.html">已是第一篇</a></p>',
        f'<a href="index.html">{TITLE}</a>',
        f'<p>附件：<a href="/f/1.pdf">{TITLE}.pdf</a> <a href="/f/1.doc">{TITLE}.doc</a></p>',
    ],
)
def test_a_column_of_one_article_is_whole(beside: str) -> None:
    found = article(beside)
    assert ([link.url for link in found.links], found.doubt, found.outcome) == ([AT], "", LookOutcome.OK)


@pytest.mark.parametrize(
    "names",
    [
        ["宛平县财政局2024年政府信息公开工作年度报告.pdf"],
        [f"{TITLE}.pdf", "宛平县教育局2025年政府信息公开工作年度报告.pdf"],
    ],
)
def test_files_of_other_reports_beside_an_article_are_items(names: list[str]) -> None:
    found = article("".join(f'<p><a href="/f/{n}.pdf">{name}</a></p>' for n, name in enumerate(names)))
    assert (len(found.links), found.doubt) == (1 + len(names), "links_beside_article")


@pytest.mark.parametrize(
    ("beside", "doubt"),
    [
        ('<a href="/info/1/2.htm">上一条：宛平县召开工作会议</a>', "article_has_neighbours"),
        ('<p>上一篇：<a href="/art/2025/1/1/art_1_2.html">宛平县召开工作会议</a></p>', "article_has_neighbours"),
        (
            '<li><span>上一篇：</span><a href="/content_12345.html">宛平县召开工作会议</a></li>',
            "article_has_neighbours",
        ),
        ('<p>上一篇：<script>neighbour("PREV")</script></p>', "neighbours_by_script"),
        ('<p><a href="/t20250101_1.html">下一篇</a></p>', "article_has_neighbours"),
    ],
)
def test_an_article_with_neighbours_is_not_the_only_one_of_its_column(beside: str, doubt: str) -> None:
    for kind in (StaticList, Vsb, Generic):
        found = article(beside, kind)
        assert (len(found.links), found.doubt) == (1, doubt)


def column(given: int, count: int, params: str = "webSiteCode: ['a'], channelCode: ['nb'], perPage: '15'") -> ListPage:
    rows = [{"title": f"宛平县第{n}局2025年政府信息公开工作年度报告", "urls": json.dumps({"pc": f"/a/content_{n}.html"})}
            for n in range(given)]  # fmt: skip
    own = {"code": "nb", "articleCount": count}
    text = (
        f"{HEAD}<script>var channelsTagSelf = {json.dumps(own)}; var listData = {{ articleList: {json.dumps(rows)} }};"
    )
    return UcapQuery(name="x").read_list(
        Page("https://www.a.gov.cn/a/col/nb/index.html", f"{text} var params = {{ {params} }};</script>")
    )


@pytest.mark.parametrize(("given", "count", "questions"), [(15, 15, 2), (15, 14, 2), (30, 30, 3), (14, 14, 0)])
def test_a_full_page_is_asked_on_whatever_its_count_says(given: int, count: int, questions: int) -> None:
    found = column(given, count)
    assert (len(found.links), len(found.following), found.doubt) == (given, questions, "")


@pytest.mark.parametrize(
    ("given", "doubt"),
    [(5, ""), (9, ""), (10, "end_of_list_not_said"), (14, ""), (15, "end_of_list_not_said")],
)
def test_a_full_page_that_names_no_question_is_doubted(given: int, doubt: str) -> None:
    found = column(given, given, params="")
    assert (len(found.links), found.following, found.doubt) == (given, (), doubt)


def test_names_in_scripts_are_those_near_an_address() -> None:
    far = "x" * 500
    script = f'a="部门年报";{far};go("/nb/1.html","县政府年报");{far} var b="/nb/2.html"'
    rows = ",".join(f'{{"n":"栏目{n}","u":"/c/{n}.html"}}' for n in range(900))
    found = pointers(Page(AT, f"<html><body><script>{script}</script><script>[{rows}]</script></body></html>"))
    named = {one.url.removeprefix("http://www.a.gov.cn"): one.text for one in found}
    assert named == {"/nb/1.html": "县政府年报"} | {f"/c/{n}.html": f"栏目{n}" for n in range(900)}


def test_the_scripts_of_a_page_share_one_bound() -> None:
    names = ",".join(f'"栏目{n}"' for n in range(1_500))
    scripts = "".join(f'<script>[{names}]; go("/c/{n}.html","年报{n}")</script>' for n in range(6))
    found = pointers(Page(AT, f"<html><body>{scripts}</body></html>"))
    assert [one.text for one in found] == ["年报0", "年报1", "年报2"]
