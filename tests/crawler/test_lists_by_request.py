"""Lists that a script of the page asks for: recognised whatever stands around the empty place."""

# ruff: noqa: E501 - scripts stay on one line, as they came

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urldefrag

import loopback_web
import pytest
from loopback_web import Archive, Asked, Web

from crawler.cms.generic import Generic
from crawler.discovery.found import PageSummary
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.looks.page_reading import read_page, summarize_page
from crawler.operations.relook import relook
from crawler.rendering.browser_search import missing
from storage.records import Listing, ListingForm, LookOutcome, Portal

NOW = datetime(2026, 4, 2, tzinfo=UTC)
AT = "http://www.wanping.gov.cn/channel/8101.html"
ASKS = (
    "$.ajax({url: '/api/list', data: {channelId: 1}, success: show})",
    "$.get('/api/list', show)",
    "$.post('/api/list', {id: 1}, show)",
    "$.getJSON('/api/list?id=1', show)",
    "fetch('/api/list').then(show)",
    "axios.get('/api/list').then(show)",
    "var x = new XMLHttpRequest(); x.open('GET', '/api/list'); x.send()",
    "layui.use('flow', function () { layui.flow.load({elem: '#newsList', done: more}) })",
)
TABS = "<div class='tabs'><a href='/channel/8102.html'>县级部门年报</a><a href='/channel/8103.html'>乡镇年报</a></div>"
HEAD = "<div class=top><span>今天是2026年4月2日 星期四</span> <a href='/'>网站首页</a></div>"
NEWS = "<ul class=hot><li><a href='/x/1.html'>全县安全生产工作会议召开</a><span>2026-01-02</span></li></ul>"


def page(script: str, *around: str, place: str = "<ul id='newsList'></ul>", column: str = "政府信息公开年报") -> Page:
    body = f"{''.join(around)}{place}<script>{script}</script>"
    return Page(AT, f"<html><head><title>{column}</title></head><body>{body}</body></html>")


def read(asked: Page) -> ListPage:
    return read_page(Generic(name="x"), asked)


def rows(n: int, first: int = 0) -> list[dict[str, object]]:
    return [
        {
            "id": at + 5000,
            "title": f"县{who}2025年政府信息公开工作年度报告",
            "publishTime": f"2026-01-{at + 10} 10:00:00",
        }
        for at, who in enumerate(BODIES[first : first + n], first)
    ]


BODIES = ("司法局", "财政局", "民政局", "水利局", "审计局", "教育局", "公安局")
WRITES = """function show(res) { var h = ''; $.each(res.data.list, function (i, v) {
  h += '<li><a href="/show/' + v.id + '.html" target="_blank">' + v.title + '</a></li>'; }); $('#newsList').html(h); }"""


@pytest.mark.parametrize(
    ("script", "asked", "form"),
    [
        ("var cid = 8101, pageNo = 1, pageSize = 3; function load(p) { $.ajax({url: '/api/list', type: 'GET', data: {c: cid, pageNo: p, pageSize: pageSize}, success: show}) } load(1);", "/api/list?c=8101&pageNo=1&pageSize=3", None),
        ("const base = '/api'; let page = 1; fetch(`${base}/list?c=7&page=${page}`).then(r => r.json()).then(show)", "/api/list?c=7&page=1", None),
        ("$.getJSON('/api/list?c=7&page=' + n, function (res) { show(res) }); var n = 1; n = n + 1;", "/api/list?c=7&page=1", None),
        ("$.post('/api/list', {c: $('#cid').val(), pageIndex: 1}, show)", "/api/list", {"c": "77", "pageIndex": "1"}),
        ("axios.get('/api/list', {params: {c: 5, current: 1, t: new Date().getTime()}}).then(show)", "/api/list?c=5&current=1", None),
        ("layui.use('table', function () { table.render({elem: '#newsList', url: '/api/list', where: {c: 5}, limit: 20, done: show}) })", "/api/list?c=5&page=1&limit=20", None),
    ],
)  # fmt: skip
def test_the_request_of_a_script_is_made_where_all_that_it_sends_is_known(
    script: str, asked: str, form: dict[str, str] | None
) -> None:
    found = read(page(f"{WRITES}\n{script}", HEAD, NEWS, "<input type=hidden id=cid value=77>"))
    (step,) = found.following
    assert isinstance(step, ListRequest)
    assert (found.interface_page, found.outcome) == (True, LookOutcome.OK)
    assert urldefrag(step.url).url == f"http://www.wanping.gov.cn{asked}"
    assert step.form == (tuple(form.items()) if form else None)
    answer = json.dumps({"code": 0, "data": {"total": 7, "list": rows(3)}})
    first = read(Page(step.url, answer))
    assert [link.url.rpartition("/show/")[2] for link in first.links] == ["5000.html", "5001.html", "5002.html"]
    assert (first.links[0].listed, first.total, first.doubt) == ("2026-01-10", 7, "")
    assert len(first.following) == 2  # pages 2 and 3
    last = first.following[1]
    assert isinstance(last, ListRequest)
    assert "3" in (
        dict(last.form).values()
        if last.form
        else [urldefrag(last.url).url[-1], last.url.partition("#")[0].split("=")[2][:1]]
    )
    second = read(Page(last.url, json.dumps({"code": 0, "data": {"total": 7, "list": rows(1, 6)}})))
    assert (len(second.links), second.following) == (1, ())


@pytest.mark.parametrize(
    "script",
    [
        "$.ajax({url: '/api/list', data: {c: getId()}, success: show})",  # what it sends is not known
        "$.ajax({url: '/api/list', headers: {token: 'x'}, success: show})",
        "$.ajax({url: '/api/list', contentType: 'application/json', data: JSON.stringify({c: 1}), success: show})",
        "function load(c) { $.get('/api/list', {c: c}, show) } var c = 5; load(c)",  # whichever c that is
        "$.get('/api/list?c=1', show); $.get('/api/list?c=2', show)",  # one of two
        "$.get('/api/list?c=1', function (res) { $('#newsList').append(made(res)) })" + WRITES.replace("v.id", "v.id.replace('a', 'b')").replace("show", "made"),
    ],
)  # fmt: skip
def test_any_other_request_is_left_to_a_browser(script: str) -> None:
    assert read(page(f"{WRITES}\n{script}", HEAD)).outcome is LookOutcome.SCRIPT_ONLY


def test_years_that_a_script_shows_are_left_to_a_browser_too() -> None:
    years = (
        "<select onchange='load()'><option value='2025'>2025年</option><option value='2024'>2024年</option></select>"
    )
    asks = f"{WRITES} $.get('/api/list?c=1', show)"
    assert read(page(asks)).interface_page
    assert read(page(asks, years)).outcome is LookOutcome.SCRIPT_ONLY


VUE = """<div id=app><ul><li v-for="t in tabs" @click="sw(t.k)">{{t.n}}</li></ul><ul><li v-for="i in list"><a :href="i.u">{{i.t}}</a></li></ul></div>"""
FILLS = "new Vue({el: '#app', data: {list: [], TABS}, mounted() { var s = this; axios.get('/api/list', {params: {c: 1, pageNo: 1}}).then(function (r) { s.list = r.data.list }) }})"


@pytest.mark.parametrize(
    ("tabs", "left"),
    [
        ("tabs: [{k: 'gov', n: '县政府'}, {k: 'dep', n: '县直部门'}]", True),
        ("tabs: [{k: 2025, n: '2025年'}, {k: 2024, n: '2024年'}]", True),
        ("tabs: [{k: 1, n: '指南'}, {k: 2, n: '制度'}]", False),
    ],
)
def test_the_lists_of_tabs_that_a_template_makes_are_left_to_a_browser(tabs: str, left: bool) -> None:
    found = read(page(FILLS.replace("TABS", tabs), place=VUE))
    assert found.interface_page is not left


@pytest.mark.parametrize(
    "answer", ['{"code": 500}', "[]", '{"data": {"list": [], "total": 0}}', '{"rows": [{"a": 1}]}', "{"]
)
def test_an_answer_without_entries_proves_nothing(answer: str) -> None:
    (step,) = read(page(f"{WRITES} $.get('/api/list?c=1', show)")).following
    assert isinstance(step, ListRequest)
    assert read(Page(step.url, answer)).outcome is LookOutcome.CHANGED


def test_an_answer_that_does_not_say_how_many_there_are_is_doubted() -> None:
    (step,) = read(page(f"{WRITES} $.get('/api/list?c=1&page=1', show)")).following
    assert isinstance(step, ListRequest)
    assert read(Page(step.url, json.dumps(rows(3)))).doubt == "no_total_in_answer"


@pytest.mark.parametrize("script", ASKS)
def test_a_list_that_is_asked_for_is_one_that_scripts_make(script: str) -> None:
    for around in ((), (TABS,), (HEAD, TABS), (HEAD, NEWS)):
        found = read(page(f"{script}; $.get(made())", *around))
        assert (found.outcome, found.reason) == (LookOutcome.SCRIPT_ONLY, "scripts_make_the_list")


def test_a_walk_takes_it_for_a_list_beside_tabs_of_others() -> None:
    portal = Portal(name="x", place="", hosts=("www.wanping.gov.cn",), family="generic", division=None, recorded_at=NOW)
    source: Any = SimpleNamespace(reader=Generic(name="x"), notes=[], portal=portal, agencies=())
    listing = Listing(id="x:1", portal="x", url=AT, form=ListingForm.COLUMN, column="", recorded_at=NOW)

    def seen(asked: Page) -> PageSummary:
        return summarize_page(source, asked, listing)

    asked = page(f"{ASKS[0]}; $.get(made())", HEAD, TABS)
    assert (seen(asked).is_scripted, seen(asked).is_hub) == (True, True)
    plain = replace(asked, text=asked.text.replace("<ul id='newsList'></ul>", ""))
    assert not seen(plain).is_scripted  # it leads to lists, and has none


def test_the_day_on_which_a_page_is_shown_makes_nothing_an_entry() -> None:
    assert read(page("", HEAD, place="")).links == ()


def test_entries_that_stand_there_are_believed_whatever_else_a_script_fills() -> None:
    rows = "<ul><li><a href='/d/1.html'>县财政局2025年政府信息公开工作年度报告</a><span>2026-01-02</span></li></ul>"
    assert read(page(ASKS[0], rows, TABS)).outcome is LookOutcome.OK


# ------------------------------------------------------------------------------------------------ crawled

HOST = "www.wanping.gov.cn"
FETCHES = """<script>fetch('/api/list?c=7&pageNo=1&pageSize=3').then(function (r) { return r.json() }).then(function (res) {
  var h = ''; res.data.list.forEach(function (v) { h += '<li><a href="/show/' + v.id + '.html">' + v.title + '</a></li>'; });
  document.getElementById('newsList').innerHTML = h; });</script>"""


def put_up(archive: Archive, web: Web, answers: Callable[[Asked], dict[str, object]], extra: str = "") -> None:
    archive.portal(family="generic.Generic", extra=extra)
    body = f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1><ul id='newsList'></ul>{FETCHES}"
    web.routes[HOST, "/nb/"] = loopback_web.page(f"<html><body>{body}</body></html>")
    for number in (1, 2, 3):
        path = f"/api/list?c=7&pageNo={number}&pageSize=3"
        web.routes[HOST, path] = lambda asked: loopback_web.page(json.dumps(answers(asked)))
    for row in rows(7):
        web.routes[HOST, f"/show/{row['id']}.html"] = loopback_web.a_report(str(row["title"]))


def data(asked: Asked) -> dict[str, object]:
    first = 3 * (int(asked.path.partition("pageNo=")[2][0]) - 1)
    return {"data": {"total": 7, "list": rows(min(3, 7 - first), first)}}


def test_the_list_of_an_interface_is_read_to_its_end_and_read_again_alike(archive: Archive, web: Web) -> None:
    put_up(archive, web, data, "rendered = False")
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason, look.total) == (LookOutcome.OK, "", 7)
    assert archive.links(look) == [f"http://{HOST}/show/{row['id']}.html" for row in rows(7)]
    assert sum(path.startswith("/show/") for path in web.paths()) == 7
    with archive.home() as home:
        assert relook(home, "wanping") == 0


@pytest.mark.parametrize("answer", [{"code": 500}, {"data": {"list": [], "total": 0}}, {"data": [{"id": 1}]}])
def test_an_interface_that_answers_with_nothing_leaves_a_list_made_by_scripts(
    archive: Archive, web: Web, answer: dict[str, object]
) -> None:
    put_up(archive, web, lambda _: answer, "rendered = False")
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason) == (LookOutcome.SCRIPT_ONLY, "scripts_make_the_list")
    web.routes[HOST, "/api/list?c=7&pageNo=1&pageSize=3"] = loopback_web.page("no", 404)
    archive.crawl()
    assert archive.looks()[-1].outcome is LookOutcome.SCRIPT_ONLY


@pytest.mark.skipif(bool(missing("")), reason=f"{missing('')}: it is what this test is about.")
def test_an_interface_that_answers_the_page_alone_is_left_to_a_browser(
    archive: Archive, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers(asked: Asked) -> dict[str, object]:
        script = {name.lower() for name in asked.headers}
        return {"code": 403} if "x-requested-with" in script else {"data": {"total": 3, "list": rows(3)}}

    put_up(archive, web, answers)
    monkeypatch.setenv("NIANBAO_BROWSER", "")
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason) == (LookOutcome.OK, "")
    assert len(archive.links(look)) == 3
