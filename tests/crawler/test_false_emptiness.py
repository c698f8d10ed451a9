"""Pages that look empty or whole and are not: hidden words, full pages, crowded scripts."""

# ruff: noqa: E501 - markup stays on one line

from __future__ import annotations

import json

import pytest

from crawler.families.lists import ListPage, Page
from crawler.families.static_list import StaticList
from crawler.families.ucap_query import UcapQuery
from crawler.pointers import pointers
from storage.records import LookOutcome

AT = "http://www.a.gov.cn/zfxxgk/nb/index.html"
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
