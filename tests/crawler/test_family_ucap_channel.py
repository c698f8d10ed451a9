"""UCAP columns fetched by channel: pages, answers, and a list read through the whole crawl."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import json

import pytest
from loopback_web import Answer, Archive, Asked, Web

from crawler.cms.ucap_channel import UcapChannel
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.lists.scripts.answers import query_of
from storage.records import LookOutcome

CHANNEL = "a1a078ee0bc54721ab6b148884c784a8"
AT = "http://www.wanping.gov.cn/wp/c100028/zfxxgk_list.shtml"
SEARCH = f"http://www.wanping.gov.cn/searchList/{CHANNEL}?_isAgg=true&_isJson=true&_pageSize=18&_template=index&page="
SHELL = f"<html><head><title>政府信息公开年报</title><meta name='channelId' content='{CHANNEL}'></head><body><ul id='list'></ul><script>load('/searchList/' + channelId + '?_isAgg=false&_isJson=true');</script></body></html>"


def read(text: str, url: str = AT) -> ListPage:
    return UcapChannel(name="x").read_list(Page(url, text))


def row(number: int, **others: object) -> dict[str, object]:
    return {
        "title": f"宛平县<em>财政局</em>{2000 + number}年政府信息公开工作年度报告",
        "url": f"/wp/c100028/202601/{number:032x}.shtml",
        "publishedTimeStr": "2026-01-20 10:00:00",
    } | others


def answer(*rows: object, **data: object) -> dict[str, object]:
    return {"data": {"page": 1, "rows": 18, "results": list(rows)} | data}


def test_a_page_leads_to_the_interface_that_it_names() -> None:
    found = read(SHELL)
    (step,) = found.following
    assert isinstance(step, ListRequest)
    assert found.interface_page
    assert step.url.startswith(f"http://www.wanping.gov.cn/searchList/{CHANNEL}?")
    assert query_of(step.url) == {
        "_isAgg": "false",
        "_isJson": "true",
        "_pageSize": "18",
        "_template": "index",
        "page": "1",
    }
    (posted,) = read(f'<script>var channelId="{CHANNEL}"; $.post("/getFileListByCodeId", data)</script>').following
    assert isinstance(posted, ListRequest)
    assert dict(posted.form or ()) == {
        "codeId": "",
        "channelId": CHANNEL,
        "page": "1",
        "size": "200",
        "relateSubChannels": "true",
    }


def test_pages_that_are_neither() -> None:
    unnamed = read(SHELL.replace(CHANNEL, "x"))
    assert (unnamed.outcome, unnamed.reason) == (LookOutcome.CHANGED, "interface_not_understood")
    item = f'<ul><li><a href="./202601/{1:032x}.shtml">宛平县财政局2025年政府信息公开工作年度报告</a><span>2026-01-20</span></li></ul>'
    assert (len(read(item).links), read(item).doubt) == (1, "")
    assert read(item + SHELL).doubt == "interface_not_understood"


def test_answers() -> None:
    found = read(json.dumps(answer(row(1), row(2), total=5)), SEARCH + "1")
    first = found.links[0]
    assert (first.url, first.text, first.listed) == (
        f"http://www.wanping.gov.cn/wp/c100028/202601/{1:032x}.shtml", "宛平县财政局2001年政府信息公开工作年度报告", "2026-01-20")  # fmt: skip
    assert ([query_of(step.url)["page"] for step in found.following if isinstance(step, ListRequest)], found.total) == (
        ["2", "3"],
        5,
    )
    files = {"code": 200, "results": answer(row(1), total=1)}
    assert (len(read(json.dumps(files), "http://www.wanping.gov.cn/getFileListByCodeId").links)) == 1
    assert read(json.dumps(answer(row(1))), SEARCH + "1").doubt == "no_total_in_answer"
    assert read(json.dumps(answer(total=0)), SEARCH + "1").reason == "says_it_is_empty"
    assert read(json.dumps(answer(total=3)), SEARCH + "1").reason == "answer_without_entry"
    for text in ("", "<html></html>", '{"data": 3}', "[" * 60_000):
        assert read(text, SEARCH + "1").reason == "answer_without_list"


@pytest.mark.parametrize("post", [False, True])
def test_a_crawl(archive: Archive, web: Web, post: bool) -> None:
    host, rows = "www.wanping.gov.cn", [row(n) for n in range(20, 26)]
    shell = (
        SHELL.replace("'/searchList/' + channelId + '?_isAgg=false&_isJson=true'", "'/getFileListByCodeId'")
        if post
        else SHELL
    )

    def told(asked: Asked) -> Answer:
        number = int(query_of("http://x" + asked.path).get("page", "1"))
        data = answer(*(rows if post else rows[4 * number - 4 : 4 * number]), total=6, page=number)
        whole = {"code": 200, "results": data} if post else data
        return Answer(200, json.dumps(whole).encode(), {"Content-Type": "application/json"})

    web.routes[host, "*"] = told
    web.routes[host, "/robots.txt"] = Answer(404)
    web.routes[host, "/wp/c100028/zfxxgk_list.shtml"] = Answer(200, shell.encode(), {"Content-Type": "text/html"})
    for one in rows:
        web.routes[host, str(one["url"])] = Answer(
            200, b"<html><h1>x</h1><p>" + b"x" * 300 + b"</p></html>", {"Content-Type": "text/html"}
        )
    archive.portal(
        family="ucap_channel.UcapChannel",
        listings=f'column("nb", {AT!r}, title="政府信息公开年报", covers="department"),',
    )
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.total, len(archive.links(look))) == (LookOutcome.OK, 6, 6)
