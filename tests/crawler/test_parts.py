"""What belongs to a report page, in the shapes of the systems; names of files as servers send them."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from loopback_web import Answer, Archive, Web, a_list, a_report

from archive.identity import addresses
from crawler.net.file_names import names_no_file, sent_name
from crawler.net.web_page import WebPage
from crawler.signatures import signatures
from crawler.visits.report_parts import parts, printed_date
from storage.records import CaptureOutcome, CaptureRole
from tests.real_documents import Saved

AT = "http://www.a.gov.cn/nb/202601/t20260120_7.html"
TEXT = "本机关全年未收到政府信息公开申请，主动公开信息若干条。" * 90
TABLE = "<table>" + "<tr><td>0</td></tr>" * 6 + "</table>"


def found(text: str, url: str = AT, family: str = "") -> list[tuple[str, str]]:
    made = parts(WebPage(url, f"<html><body>{text}</body></html>"), signatures()[family] if family else None)
    return [(part.kind, part.url.removeprefix("http://www.a.gov.cn")) for part in made]


@pytest.mark.parametrize(
    "href",
    [
        "/nb/P020260120.pdf",
        "/x/report.OFD?t=1",
        "/x/report.odt",
        "/x/report.ods?t=1",
        "/x/report.et",
        "/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid=2",
        "/module/download/downfile.jsp?classid=0&filename=0a1b.docx",
        "/api-gateway/jpaas-web-server/front/document/download?fileUrl=/2026/x.wps&fileName=%E6%8A%A5",
        "/attachment/0/88/88389/963149",
        "/servlet/fileDownload?id=7",
    ],
)
def test_attachments_are_known_by_their_address(href: str) -> None:
    assert found(f'<p><a href="{href}">附件</a></p>') == [("attachment", href)]


@pytest.mark.parametrize(
    "anchor",
    [
        '<a href="/f/7">2025年度报告.docx</a>',
        '<a href="/f/7" download="2025年度报告.wps">点击下载</a>',
        '<a href="/f/7" download>正文</a>',
        '<a class="nfw-cms-attachment" href="/f/7" alt="报告.pdf">报告</a>',
        '<a href="/f/7" title="报告.zip"><img src="/images/icon.png"></a>',
    ],
)
def test_attachments_are_known_by_their_name(anchor: str) -> None:
    assert found(anchor) == [("attachment", "/f/7")]


@pytest.mark.parametrize(
    "anchor",
    [
        '<a href="/xzzx/download/index.html">下载中心</a>',
        '<a href="/app/zwgk.apk" download>客户端</a>',
        '<a href="/zn.docx">政府信息公开申请表</a>',
        '<a href="/zwgk/">政务公开</a>',
        '<a href="javascript:void(0)" download>下载</a>',
    ],
)
def test_what_is_no_attachment(anchor: str) -> None:
    assert found(anchor) == []


@pytest.mark.parametrize(
    "markup",
    [
        '<iframe src="/pdfjs/web/viewer.html?file=/nb/a.pdf"></iframe>',
        '<iframe src="/pdfjs/web/viewer.html?file=%2Fnb%2Fa.pdf#page=1"></iframe>',
        '<iframe src="../../nb/a.pdf"></iframe>',
        '<embed src="/nb/a.pdf" type="application/pdf">',
        '<object data="/nb/a.pdf"></object>',
        '<object><param name="src" value="/nb/a.pdf"></object>',
        "<script>showVsbpdfIframe('/nb/a.pdf','100%','600')</script>",
        '<script>PDFObject.embed("\\/nb\\/a.pdf", "#x")</script>',
    ],
)
def test_documents_shown_in_the_page(markup: str) -> None:
    assert found(markup) == [("embed", "/nb/a.pdf")]


@pytest.mark.parametrize(
    "ending", ["pdf", "doc", "docx", "wps", "odt", "ofd", "rtf", "xls", "xlsx", "et", "ods", "zip", "rar", "7z"]
)
def test_every_room_knows_the_same_endings(ending: str) -> None:
    at = f"http://www.a.gov.cn/x/2025.{ending}"
    assert addresses.read(at).detail is True
    assert found(f"<script>show('/x/2025.{ending}')</script>") == [("embed", f"/x/2025.{ending}")]


def test_the_name_of_a_file_in_a_script_is_no_address() -> None:
    markup = "<a href='/f/7' alt='报告.docx' title='报告.docx'>附件</a>"
    config = json.dumps({"content": markup, "attachment": [{"name": "报告.docx", "url": "/f/7"}], "title": "报告.docx"})
    assert found(f"<script>window._CONFIG = {{ DETAIL: {config} }};</script>") == [("attachment", "/f/7")]


def test_a_viewer_behind_a_link_gives_the_document() -> None:
    assert found('<a href="/web/viewer.html?file=/nb/a.pdf">年度报告全文</a>') == [("attachment", "/nb/a.pdf")]
    gateway = "/api-gateway/front/document/file-download?fileUrl=/cms/a.pdf&fileName=b.pdf"  # the path alone is none
    assert found(f'<a href="{gateway}">b.pdf</a>') == [("attachment", gateway)]
    gateway = "/document/download?fileUrl=/2026/x.wps"  # no viewer: the file comes from the gateway only
    assert found(f'<a href="{gateway}">报告</a>') == [("attachment", gateway)]


def test_scripts_are_searched_only_where_the_text_is_missing() -> None:
    menu = '<script>var manual="/files/help.pdf";</script>'
    assert found(f'{menu}<div id="zoom">{TEXT}{TABLE}</div>', family="hanweb_jcms") == []
    assert found(f'<div id="zoom"></div>{menu}', family="hanweb_jcms") == [("embed", "/files/help.pdf")]


def test_pictures_count_where_text_or_tables_are_missing() -> None:
    banner = '<img src="/images/banner.jpg">'
    picture = '<img src="W020260120.png" alt="表">'
    short = f'{banner}<div class="TRS_Editor">{picture}</div>{"<a href=/x>栏目导航</a>" * 400}'
    at = ("image", "/nb/202601/W020260120.png")
    assert found(short, family="trs_wcm") == [at]
    assert found(f'{banner}<div class="TRS_Editor">{TEXT}{picture}</div>', family="trs_wcm") == [at]
    assert found(f'{banner}<div class="TRS_Editor">{TEXT}{TABLE}{picture}</div>', family="trs_wcm") == []
    lazy = '<div class="TRS_Editor"><img src="data:image/gif;base64,R0" data-src="/p/1.webp"></div>'
    assert found(lazy) == [("image", "/p/1.webp")]


def test_a_text_in_parts_belongs_together() -> None:
    own = '<div class=\'TRS_Editor\'>一</div><script>createPageHTML(3, 0, "t20260120_7", "html");</script>'
    assert found(own) == [("embed", f"/nb/202601/t20260120_7_{n}.html") for n in (1, 2)]
    ucap = "http://www.a.gov.cn/c1/202601/0123456789abcdef0123456789abcdef.shtml"
    text = "<script>createPageHTML('page_div',2,1,'0123456789abcdef0123456789abcdef','shtml',2)</script>"
    assert found(text, ucap) == [("embed", "/c1/202601/0123456789abcdef0123456789abcdef_2.shtml")]
    assert found('<script>createPageHTML(3, 0, "index", "html")</script>') == []  # the list's, on a document of it


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


def test_a_text_that_names_no_file() -> None:
    assert names_no_file("【点击下载】")
    assert names_no_file("")
    assert not names_no_file("2025年报告.docx")


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
