"""Lists that a script of the page asks for: recognised whatever stands around the empty place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from crawler.discovery.found import Shown
from crawler.families.generic import Generic
from crawler.families.lists import ListPage, Page
from crawler.showing import read_page, shown
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
    spider = Generic(name="x")
    spider.session = SimpleNamespace(notes=[])
    return read_page(spider, asked)


@pytest.mark.parametrize("script", ASKS)
def test_a_list_that_is_asked_for_is_one_that_scripts_make(script: str) -> None:
    for around in ((), (TABS,), (HEAD, TABS), (HEAD, NEWS)):
        found = read(page(script, *around))
        assert (found.outcome, found.reason) == (LookOutcome.SCRIPT_ONLY, "scripts_make_the_list")


def test_a_walk_takes_it_for_a_list_beside_tabs_of_others() -> None:
    spider = Generic(name="x")
    portal = Portal(name="x", place="", hosts=("www.wanping.gov.cn",), family="generic", division=None, recorded_at=NOW)
    spider.session = SimpleNamespace(notes=[], portal=portal, agencies=())
    listing = Listing(id="x:1", portal="x", url=AT, form=ListingForm.COLUMN, column="", recorded_at=NOW)

    def seen(asked: Page) -> Shown:
        return shown(spider, asked, listing)

    asked = page(ASKS[0], HEAD, TABS)
    assert (seen(asked).is_scripted, seen(asked).is_hub) == (True, True)
    plain = replace(asked, text=asked.text.replace("<ul id='newsList'></ul>", ""))
    assert not seen(plain).is_scripted  # it leads to lists, and has none


def test_the_day_on_which_a_page_is_shown_makes_nothing_an_entry() -> None:
    assert read(page("", HEAD, place="")).links == ()


def test_entries_that_stand_there_are_believed_whatever_else_a_script_fills() -> None:
    rows = "<ul><li><a href='/d/1.html'>县财政局2025年政府信息公开工作年度报告</a><span>2026-01-02</span></li></ul>"
    assert read(page(ASKS[0], rows, TABS)).outcome is LookOutcome.OK
