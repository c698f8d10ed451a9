"""What a response is, from its bytes."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.failures import TooLarge
from crawler.quality import Verdict, decode, decompress, judge, visible_text
from storage.records import CaptureOutcome as O

URL = "http://www.a.gov.cn/nb/t1.html"
LONG = "<p>" + "本报告按照条例的规定编制，数据统计期限为全年。" * 60 + "</p>"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, O.PAGE),
        (304, O.NOT_MODIFIED),
        (302, O.REDIRECT),
        (404, O.NOT_FOUND),
        (410, O.NOT_FOUND),
        (412, O.BLOCKED),
        (468, O.BLOCKED),
        (521, O.BLOCKED),
        (403, O.BLOCKED),
        (500, O.ERROR),
        (503, O.ERROR),
        (400, O.ERROR),
        (429, O.ERROR),
    ],
)
def test_status_decides_first(status: int, outcome: O) -> None:
    assert judge(status, LONG.encode(), url=URL).outcome is outcome


@pytest.mark.parametrize("words", ["您访问的页面不存在", "404 Not Found", "抱歉，信息不存在或已被删除", "页面未找到"])
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_short_page_that_says_not_found_is_a_soft_404(words: str, charset: str) -> None:
    body = f"<html><head><title>提示</title></head><body><h2>{words}</h2></body></html>".encode(charset)
    assert judge(200, body, url=URL) == Verdict(O.SOFT_404, "says_so")


def test_a_report_that_mentions_deleted_pages_is_a_page() -> None:
    assert judge(200, ("<body>" + LONG + "已删除 页面不存在</body>").encode(), url=URL).outcome is O.PAGE


@pytest.mark.parametrize("path", ["/", "/404.html", "/error/index.html", "/index.html"])
def test_a_deep_address_that_is_sent_home_is_a_soft_404(path: str) -> None:
    verdict = judge(200, LONG.encode(), url=f"http://www.a.gov.cn{path}", requested=URL)
    assert verdict == Verdict(O.SOFT_404, "sent_elsewhere")


@pytest.mark.parametrize(
    "body",
    [
        "<html><script>document.cookie='__jsl_clearance=x';location.href=location.pathname</script></html>",
        "<html><head><script>var $_ts=window['$_ts'];$_ts=1</script></head><body></body></html>",
        "<html><body>请完成安全验证</body></html>",
        "<html><body><h1>403 Forbidden</h1>您的访问请求可能对网站造成安全威胁</body></html>",
        "<script>document.cookie='a=b';window.location.reload()</script>",
    ],
)
def test_a_challenge_is_not_a_page_whatever_its_status(body: str) -> None:
    assert judge(200, body.encode(), url=URL) == Verdict(O.BLOCKED, "challenge")


def test_a_report_that_speaks_of_firewalls_is_a_page() -> None:
    text = f"<body>{LONG}部署网站防火墙，开展安全验证。<script>document.cookie='a';location</script></body>"
    assert judge(200, text.encode(), url=URL).outcome is O.PAGE


@pytest.mark.parametrize("body", [b"", b"  \n ", b"<html><body></body></html>"])
def test_empty_is_empty(body: bytes) -> None:
    assert judge(200, body, url=URL).outcome is O.EMPTY


def test_two_short_links_are_a_page_and_one_is_none() -> None:
    link = "<a href='nb.jsp'>信息公开年报</a>"
    two = f"<html><body>{link}<a class=x href=zn.jsp>指南</a></body></html>"
    assert judge(200, two.encode(), url=URL) == Verdict(O.PAGE)
    for little in (link, f"{link}<a name='top'></a>", "<a href='1'></a><a href='2'></a>"):
        assert judge(200, f"<html><body>{little}</body></html>".encode(), url=URL) == Verdict(O.EMPTY, "no_text")


@pytest.mark.parametrize("body", [b"%PDF-1.4 404 not found", b"PK\x03\x04\x00", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_documents_are_not_read_as_pages(body: bytes) -> None:
    assert judge(200, body, url=URL) == Verdict(O.PAGE)


def test_gbk_served_as_utf8_is_read_from_its_bytes() -> None:
    text = "汶上县司法局2025年政府信息公开工作年度报告"
    assert decode(f'<meta charset="utf-8">{text}'.encode("gbk")).endswith(text)
    assert decode(text.encode("utf-8")) == text
    assert decode(b"\xef\xbb\xbf" + text.encode()) == text


def test_one_broken_byte_does_not_turn_utf8_into_gbk() -> None:
    text = ("政府信息公开工作年度报告" * 30).encode()
    assert "政府信息公开" in decode(text[:100] + b"\xff" + text[100:])


def test_gzip_and_deflate_are_undone_and_bombs_are_not() -> None:
    text = LONG.encode()
    assert decompress(gzip.compress(text), [("Content-Encoding", "gzip")], 1 << 20) == text
    assert decompress(zlib.compress(text), [("Content-Encoding", "deflate")], 1 << 20) == text
    with pytest.raises(TooLarge):
        decompress(gzip.compress(bytes(8 << 20)), [("Content-Encoding", "gzip")], 1 << 20)
    with pytest.raises(ValueError, match="encoding_broken"):
        decompress(b"not gzip", [("Content-Encoding", "gzip")], 1 << 20)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2000), st.sampled_from([200, 404, 412, 503]))
def test_any_bytes_get_a_verdict(body: bytes, status: int) -> None:
    assert isinstance(judge(status, body, url=URL).outcome, O)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/ascriptyle!-年报&;\x00", max_size=400))
def test_visible_text_never_raises_and_never_shows_scripts(text: str) -> None:
    assert "hidden" not in visible_text(f"<script>hidden</script>{text}")
