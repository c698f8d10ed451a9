"""What a response is, from its status, address and bytes; what belongs to a report page; how files are named."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from crawler.lists.addressed import printed_date
from crawler.net.capture import sent_name
from crawler.net.web_page import WebPage, judge_response
from crawler.report_parts import parts
from storage.records import CaptureOutcome
from tests.real_documents import Saved

PAGE = "http://www.a.gov.cn/nb/t1.html"
LONG = "<p>" + "本报告按照条例的规定编制，数据统计期限为全年。" * 60 + "</p>"
ENTRIES = "<ul>" + "".join(f"<li><a href='t{n}.html'>关于第{n}号政策的解读</a></li>" for n in range(12)) + "</ul>"
STAND_INS = tomllib.loads(Path(__file__).with_name("stand_ins.toml").read_text("utf-8"))


@pytest.mark.parametrize(("outcome", "statuses"), STAND_INS["statuses"].items())
def test_status_decides_first(outcome: str, statuses: list[int]) -> None:
    assert {judge_response(status, LONG.encode(), url=PAGE).outcome for status in statuses} == {CaptureOutcome(outcome)}


@pytest.mark.parametrize(("title", "text", "outcome"), STAND_INS["pages"])
def test_what_stands_in_place_of_all_pages_is_none(title: str, text: str, outcome: str) -> None:
    page = f"<html><head><title>{title}</title></head><body><div>{text}</div></body></html>"
    for charset in ("utf-8", "gb18030"):
        assert judge_response(200, page.encode(charset), url=PAGE, requested=PAGE).outcome == outcome


@pytest.mark.parametrize(("body", "at", "outcome", "reason"), STAND_INS["bodies"])
def test_what_stands_at_one_address_is_told_from_a_page(body: str, at: str, outcome: str, reason: str) -> None:
    text = body.replace("@LONG", LONG).replace("@ENTRIES", ENTRIES)
    address = f"http://www.a.gov.cn{at}" if at else PAGE
    for charset in ("utf-8", "gb18030"):
        verdict = judge_response(200, text.encode(charset), url=address, requested=PAGE)
        assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_a_folder_may_have_moved_to_a_host_of_its_name() -> None:
    """As 灌南 may have it: www.guannan.gov.cn/xxgk/ (directory of portals), xxgk.guannan.gov.cn (public crawlers)."""
    page, old = f"<body>{LONG}</body>".encode(), "http://www.a.gov.cn/xxgk/"
    outcomes = [
        judge_response(200, page, url=f"http://{host}.a.gov.cn/", requested=old).outcome for host in ("xxgk", "www")
    ]
    assert outcomes == [CaptureOutcome.PAGE, CaptureOutcome.SOFT_404]


@pytest.mark.parametrize("body", [b"%PDF-1.4 404 not found", b"PK\x03\x04\x00", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_documents_are_not_read_as_pages(body: bytes) -> None:
    assert judge_response(200, body, url=PAGE).outcome is CaptureOutcome.PAGE


AT = "http://www.a.gov.cn/nb/202601/t20260120_7.html"
CASES = tomllib.loads(Path(__file__).with_name("report_parts.toml").read_text("utf-8"))
TEXT = "本机关全年未收到政府信息公开申请，主动公开信息若干条。" * 90
TABLE = "<table>" + "<tr><td>0</td></tr>" * 6 + "</table>"


def found(text: str, url: str = AT) -> list[tuple[str, str]]:
    made = parts(WebPage(url, f"<html><body>{text}</body></html>"))
    return [(part.kind, part.url.removeprefix("http://www.a.gov.cn")) for part in made]


def test_attachments_and_documents_shown_in_the_page() -> None:
    assert [found(f"<p>{markup}</p>") for markup, _ in CASES["attachments"]] == [
        [("attachment", address)] for _, address in CASES["attachments"]
    ]
    assert [markup for markup in CASES["none"] if found(markup)] == []
    assert [markup for markup in CASES["embeds"] if found(markup) != [("embed", "/nb/a.pdf")]] == []


@pytest.mark.parametrize(("url", "markup", "files"), CASES["texts"])
def test_scripts_pictures_and_further_pages_count_where_the_text_lacks_them(
    url: str, markup: str, files: list[list[str]]
) -> None:
    markup = markup.replace("@TEXT", TEXT).replace("@TABLE", TABLE).replace("@MENU", "<a href=/x>栏目导航</a>" * 400)
    assert found(markup, url or AT) == [*map(tuple, files)]


def test_real_pages(saved: Saved) -> None:
    jpaas = parts(WebPage("http://a.zj.gov.cn/art/1.html", saved("hanweb_jpaas/detail_fzggw_zj.html")))
    assert [(part.kind, part.text.endswith(".wps")) for part in jpaas if "document/download" in part.url] == [
        ("attachment", True)
    ]
    assert parts(WebPage("http://a.gov.cn/x/1.html", saved("trs_wcm/detail_shanxi.html"))) != ()
    assert [part.url for part in parts(WebPage(AT, saved("gkmlpt/detail_attachment_yangjiang_part.html")))] == [
        "http://www.yangjiang.gov.cn/yjzjj/attachment/0/88/88389/963149.pdf"
    ]


@pytest.mark.parametrize("header", CASES["names"])
def test_names_in_every_shape(header: str) -> None:
    assert sent_name(header) == "汶上县2025年报告.pdf"


def test_printed_dates_hold_over_metadata() -> None:
    meta = '<meta name="PubDate" content="2026年01月22日 10∶08">'
    assert printed_date(f"{meta}<p>发布时间：2026-01-20</p>") == "2026-01-20"
    assert printed_date(meta) == "2026-01-22"
