"""What a response is, from its bytes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from crawler.net.web_page import ResponseVerdict, judge
from storage.records import CaptureOutcome as O

URL = "http://www.a.gov.cn/nb/t1.html"
LONG = "<p>" + "本报告按照条例的规定编制，数据统计期限为全年。" * 60 + "</p>"
STAND_INS = tomllib.loads(Path(__file__).with_name("stand_ins.toml").read_text("utf-8"))
STATUSES = {
    O.PAGE: [200], O.NOT_MODIFIED: [304], O.REDIRECT: [302], O.NOT_FOUND: [404, 410], O.BLOCKED: [412, 468, 521, 403],
    O.ERROR: [500, 503, 400, 429],
}  # fmt: skip


def test_status_decides_first() -> None:
    for outcome, statuses in STATUSES.items():
        assert {judge(status, LONG.encode(), url=URL).outcome for status in statuses} == {outcome}


@pytest.mark.parametrize("words", ["您访问的页面不存在", "404 Not Found", "抱歉，信息不存在或已被删除", "页面未找到"])
def test_a_short_page_that_says_not_found_is_a_soft_404(words: str) -> None:
    page = f"<html><head><title>提示</title></head><body><h2>{words}</h2></body></html>"
    for charset in ("utf-8", "gb18030"):
        assert judge(200, page.encode(charset), url=URL) == ResponseVerdict(O.SOFT_404, "says_so")


@pytest.mark.parametrize("path", ["/", "/404.html", "/error/index.html", "/index.html"])
def test_a_deep_address_that_is_sent_home_is_a_soft_404(path: str) -> None:
    verdict = judge(200, LONG.encode(), url=f"http://www.a.gov.cn{path}", requested=URL)
    assert verdict == ResponseVerdict(O.SOFT_404, "sent_elsewhere")


@pytest.mark.parametrize("body", STAND_INS["challenges"])
def test_a_challenge_is_not_a_page_whatever_its_status(body: str) -> None:
    assert judge(200, body.encode(), url=URL) == ResponseVerdict(O.BLOCKED, "challenge")


@pytest.mark.parametrize(("title", "text", "outcome"), STAND_INS["pages"])
def test_what_stands_in_place_of_all_pages_is_none(title: str, text: str, outcome: str) -> None:
    page = f"<html><head><title>{title}</title></head><body><div>{text}</div></body></html>"
    for charset in ("utf-8", "gb18030"):
        assert judge(200, page.encode(charset), url=URL, requested=URL).outcome == outcome


@pytest.mark.parametrize("word", ["系统升级", "数据库连接", "网站未备案"])
def test_short_pages_of_reports_and_lists_may_say_what_refusals_say(word: str) -> None:
    report = f"<title>汶上县司法局2025年政府信息公开工作年度报告</title><p>{word}。<a href='a.docx'>附件</a></p>"
    entries = "".join(f"<li><a href='t{n}.html'>关于第{n}号政策的解读</a></li>" for n in range(12))
    for body in (report, f"<title>汶上县</title><p>{word}</p><ul>{entries}</ul>"):
        assert judge(200, body.encode(), url=URL, requested=URL) == ResponseVerdict(O.PAGE)


def test_a_report_that_speaks_of_firewalls_and_deleted_pages_is_a_page() -> None:
    for text in ("已删除 页面不存在", "部署网站防火墙，开展安全验证。<script>document.cookie='a';location</script>"):
        assert judge(200, f"<body>{LONG}{text}</body>".encode(), url=URL).outcome is O.PAGE


def test_two_short_links_are_a_page_and_one_is_none_unless_it_leads_to_the_reports() -> None:
    link = "<a href='zn.jsp'>政务公开</a>"
    way = "<body><p>指南</p><a class='on' href='nb.jsp'>政府信息公开年报</a></body>"
    two = f"<html><body>{link}<a class=x href=zn.jsp>指南</a></body></html>"
    for page in (way, two):
        assert judge(200, page.encode(), url=URL) == ResponseVerdict(O.PAGE)
    for little in (link, f"{link}<a name='top'></a>", "<a href='1'></a><a href='2'></a>", ""):
        assert judge(200, f"<html><body>{little}</body></html>".encode(), url=URL) == ResponseVerdict(
            O.EMPTY, "no_text"
        )


@pytest.mark.parametrize("body", [b"%PDF-1.4 404 not found", b"PK\x03\x04\x00", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_documents_are_not_read_as_pages(body: bytes) -> None:
    assert judge(200, body, url=URL) == ResponseVerdict(O.PAGE)
