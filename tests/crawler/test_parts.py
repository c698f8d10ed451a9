"""What belongs to a report page, in the shapes of the systems; names of files as servers send them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from urllib.parse import quote

import pytest
from loopback_web import Answer, Archive, Web, a_list, a_report

from crawler.lists.addressed import printed_date
from crawler.net.capture import sent_name
from crawler.net.web_page import WebPage
from crawler.report_parts import parts
from crawler.signatures import signatures
from storage.records import CaptureOutcome, CaptureRole
from tests.real_documents import Saved

AT = "http://www.a.gov.cn/nb/202601/t20260120_7.html"
CASES = tomllib.loads(Path(__file__).with_name("report_parts.toml").read_text("utf-8"))
TEXT = "本机关全年未收到政府信息公开申请，主动公开信息若干条。" * 90
TABLE = "<table>" + "<tr><td>0</td></tr>" * 6 + "</table>"


def found(text: str, url: str = AT, family: str = "") -> list[tuple[str, str]]:
    made = parts(WebPage(url, f"<html><body>{text}</body></html>"), signatures()[family] if family else None)
    return [(part.kind, part.url.removeprefix("http://www.a.gov.cn")) for part in made]


def test_attachments_and_documents_shown_in_the_page() -> None:
    assert [found(f"<p>{markup}</p>") for markup, _ in CASES["attachments"]] == [
        [("attachment", address)] for _, address in CASES["attachments"]
    ]
    assert [markup for markup in CASES["none"] if found(markup)] == []
    assert [markup for markup in CASES["embeds"] if found(markup) != [("embed", "/nb/a.pdf")]] == []


@pytest.mark.parametrize(("url", "family", "markup", "files"), CASES["texts"])
def test_scripts_pictures_and_further_pages_count_where_the_text_lacks_them(
    url: str, family: str, markup: str, files: list[list[str]]
) -> None:
    markup = markup.replace("@TEXT", TEXT).replace("@TABLE", TABLE).replace("@MENU", "<a href=/x>栏目导航</a>" * 400)
    assert found(markup, url or AT, family) == [*map(tuple, files)]


@pytest.mark.parametrize(("row", "names"), CASES["rows"])
def test_a_link_that_says_nothing_is_called_what_its_row_prints_unless_that_names_two(
    row: str, names: list[str]
) -> None:
    page = WebPage(AT, f"<html><body><table><tr>{row}</tr></table></body></html>")
    assert [part.text for part in parts(page)] == names


def test_real_pages(saved: Saved) -> None:
    jpaas = parts(WebPage("http://a.zj.gov.cn/art/1.html", saved("hanweb_jpaas/detail_fzggw_zj.html")))
    assert [(part.kind, part.text.endswith(".wps")) for part in jpaas if "document/download" in part.url] == [
        ("attachment", True)
    ]
    assert (
        parts(WebPage("http://a.gov.cn/x/1.html", saved("trs_wcm/detail_shanxi.html")), signatures()["trs_wcm"])[:1]
        != ()
    )
    assert [part.url for part in parts(WebPage(AT, saved("gkmlpt/detail_attachment_yangjiang_part.html")))] == [
        "http://www.yangjiang.gov.cn/yjzjj/attachment/0/88/88389/963149.pdf"
    ]


NAME = "汶上县2025年报告.pdf"


@pytest.mark.parametrize(
    "header",
    [
        f"attachment; filename*=UTF-8''{quote(NAME)}",
        f"attachment; filename=\"x.pdf\"; filename*=utf-8'zh'{quote(NAME)}",
        f"attachment; filename*=GBK''{quote(NAME.encode('gbk'))}",
        f'attachment;filename="{NAME.encode("gbk").decode("latin-1")}"',
        f"inline; filename={NAME.encode().decode('latin-1')}",
        f"attachment; filename={quote(NAME)}",
        'attachment; filename="=?UTF-8?B?5rG25LiK5Y6/MjAyNeW5tOaKpeWRii5wZGY=?="',
        f'attachment; filename="C:\\\\up\\\\{NAME.encode().decode("latin-1")}"',
    ],
)
def test_names_in_every_shape(header: str) -> None:
    assert sent_name(header) == NAME


def test_printed_dates_hold_over_metadata() -> None:
    meta = '<meta name="PubDate" content="2026年01月22日 10∶08">'
    assert printed_date(f"{meta}<p>发布时间：2026-01-20</p>") == "2026-01-20"
    assert printed_date(meta) == "2026-01-22"


def test_an_attachment_is_asked_for_from_its_page_and_keeps_its_name(archive: Archive, web: Web) -> None:
    archive.portal()
    title = "宛平县财政局2025年政府信息公开工作年度报告"
    href = "/system/_content/download.jsp?wbfileid=7"
    raw = NAME.encode("gbk").decode("latin-1")
    web.routes |= {
        ("www.wanping.gov.cn", "/nb/"): a_list(("./t20260120_1.html", title, "2026-01-20")),
        ("www.wanping.gov.cn", "/nb/t20260120_1.html"): a_report(title, f"<a href='{href}'>点击下载</a>"),
        ("www.wanping.gov.cn", href): Answer(
            200,
            b"%PDF-1.4 x %%EOF",
            {"Content-Type": "application/octet-stream", "Content-Disposition": f'attachment; filename="{raw}"'},
        ),
    }
    archive.crawl()
    (sent,) = [capture for capture in archive.captures() if capture.role is CaptureRole.ATTACHMENT]
    assert (sent.outcome, sent.link_text) == (CaptureOutcome.PAGE, NAME)
    (asked,) = [one for one in web.log if one.path == href]
    assert asked.headers["referer"] == "http://www.wanping.gov.cn/nb/t20260120_1.html"
