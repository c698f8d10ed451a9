"""广东 NFCMS: numbered pages from 2, the phone's copies; a county on it crawled end to end."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

from pathlib import Path

import pytest
from whole_crawl import prove

from crawler.cms.nfcms import Nfcms
from crawler.lists.list_page import ListPage, Page
from crawler.lists.signatures import recognise
from tests.real_documents import Saved

AT = "http://www.a.gov.cn/zwgk/zfxxgk/zfxxgknb/"
ROW = '<li><a href="content/post_2147681.html">甲县财政局2025年政府信息公开工作年度报告</a><span>2026-01-20</span></li>'


def read(text: str, url: str = AT) -> ListPage:
    return Nfcms(name="x").read_list(Page(url, text))


@pytest.mark.parametrize("name", ["by_county", "gz", "gzns_county", "hp_county"])
def test_real_documents_are_recognised(saved: Saved, name: str) -> None:
    assert recognise("http://www.a.gov.cn/x/", saved(f"nfcms/detail_{name}.html"))[0][0] == "nfcms"


def test_the_openness_catalogue_is_another_system() -> None:
    found = [name for name, _ in recognise("http://www.a.gov.cn/czj/gkmlpt/content/2/2590/post_2590436.html")]
    assert "nfcms" not in found
    assert recognise("https://www.a.gov.cn/zfxxgk/content/post_9469010.html")[0][0] == "nfcms"


def test_the_next_number_is_tried_only_where_no_pager_stands() -> None:
    bare = read(f"<ul>{ROW}</ul>")
    assert (bare.following, bare.speculative) == ((AT + "index_2.html",), True)
    assert read(f"<ul>{ROW}</ul>", AT + "index_2.html").following == (AT + "index_3.html",)
    linked = read(f'<ul>{ROW}</ul><a href="{AT}index_2.html">下一页</a><a href="{AT}index_7.html">尾页</a>')
    assert (linked.following, linked.speculative) == ((AT + "index_2.html",), False)
    assert read(f"<ul>{ROW}</ul><span>下一页</span>").following == ()


def test_the_phones_copy_is_the_document() -> None:
    found = read(
        f'<ul>{ROW}<li><a href="content/mpost_2147681.html">甲县财政局2025年政府信息公开工作年度报告</a></li><li><a href="content/mpost_5.html">甲县教育局2025年政府信息公开工作年度报告</a></li></ul>'
    )
    assert [link.url.rsplit("/", 1)[1] for link in found.links] == ["post_2147681.html", "post_5.html"]


def test_a_county_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    prove(tmp_path / "archive", "nfcms.Nfcms", "nfcms", "/zwgk/zfxxgk/zfxxgknb/", "/zwgk/zfxxgk/zfxxgknb/index_2.html")
