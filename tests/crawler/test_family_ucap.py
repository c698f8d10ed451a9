"""UCAP: pagers that count from 1, packed pagers, PubDate as the time of building; counties on it crawled end to end."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest
from county import FIRST, HOST, column, county, scenario
from hypothesis import given, settings
from hypothesis import strategies as st
from whole_crawl import look_at, prove

from archive.parser.reader import read as read_document
from crawler.cms.ucap import Ucap
from crawler.lists.list_page import ListPage, Page
from crawler.lists.signatures import recognise, signatures
from storage.page_metadata import page_metadata, tags_in
from storage.records import LookOutcome
from tests.real_documents import Saved

AT = "http://www.a.gov.cn/wpx/c119064/common_list.shtml"
ROW = '<li><a href="/wpx/c119064/202601/0123456789abcdef0123456789abcdef.shtml">甲县财政局2025年政府信息公开工作年度报告</a><span>2026-01-20</span></li>'
SAVED = ["bjft_county", "sc_news", "sc_proposal", "sctcm_sc", "suibin_county"]


def read(text: str, url: str = AT) -> ListPage:
    return Ucap(name="x").read_list(Page(url, f"<html><body><ul>{ROW}</ul>{text}</body></html>"))


def packed(markup: str) -> str:
    text = base64.b64encode(quote(markup).encode()).decode()
    return f'<div id="pages">{text}</div><script>$("#pages").html(decodeURIComponent(window.atob($("#pages").html())))</script>'


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 99), st.integers(1, 99), st.sampled_from(["'", '"']), st.sampled_from(["", " ", "  "]))
def test_the_pager_counts_from_one_on_any_page(pages: int, here: int, mark: str, blank: str) -> None:
    arguments = f",{blank}".join(
        [f"{mark}page_div{mark}", str(pages), str(here), f"{mark}common_list{mark}", f"{mark}shtml{mark}", "325"]
    )
    found = read(f"<div id='page_div'></div><script>createPageHTML({arguments});</script>")
    assert found.following == tuple(
        f"http://www.a.gov.cn/wpx/c119064/common_list_{n}.shtml" for n in range(2, pages + 1)
    )
    assert (found.pages, found.by_script) == (max(pages, 1), False)


def test_a_packed_pager_is_opened_and_one_that_cannot_be_is_doubted() -> None:
    links = (
        '<a href="common_list_2.shtml">2</a><a href="common_list_3.shtml">3</a><a href="common_list_2.shtml">下一页</a>'
    )
    assert read(packed(links)).following == ("http://www.a.gov.cn/wpx/c119064/common_list_2.shtml",)
    assert read(packed("<script>createPageHTML('page_div',3,1,'common_list','shtml',41)</script>")).pages == 3
    sealed = f'<div id="pages">{"QUJD" * 40}</div><script>window.atob(x)</script>'
    assert read(sealed).by_script
    assert not read("<script>window.atob(x)</script>").by_script


@pytest.mark.parametrize("name", SAVED)
def test_pubdate_of_real_pages_is_when_they_were_built(saved: Saved, name: str) -> None:
    text = saved(f"ucap/detail_{name}.html")
    found = page_metadata(tags_in(text))
    assert (found.published, found.built is not None) == (None, True)
    assert recognise(f"http://www.a.gov.cn/x/c1/202406/{'0' * 32}.shtml", text)[0][0] == "ucap"
    body = read_document(text.encode())
    assert found.built is not None
    assert found.built.at not in {witness.at for witness in body.identity.dates if witness.origin == "metadata"}


def test_pubdate_of_the_system_is_never_one_of_publication(saved: Saved) -> None:
    assert signatures()["ucap"].pubdate_is_build
    said = tags_in(saved("ucap/detail_kjt_yn.html"))
    assert page_metadata(said).published is not None
    assert page_metadata(said, pubdate_is_build=True).published is None


def test_a_packed_list_is_read_to_its_end(tmp_path: Path) -> None:
    made = scenario("ucap_packed", column("nb", "/wpx/c119064/common_list.shtml"))
    look, links, truth = look_at(tmp_path, Ucap, made)
    assert (look.outcome, {link.url for link in links}) == (LookOutcome.OK, truth)


def test_the_date_of_a_report_is_the_printed_one(tmp_path: Path) -> None:
    with county(tmp_path / "archive", scenario("ucap", column("nb", "/wpx/c119064/common_list.shtml"))) as place:
        report = next(r for r in place.truth.reports if r.shown(FIRST) and r.kind == "html")
        place.portals.set_now(FIRST)
        answer, _ = place.portals.answer(
            place.portals.ask(HOST, place.portals.site("wanping").url(report).partition(HOST)[2], {})
        )
    dates = [witness for witness in read_document(answer.body).identity.dates if witness.origin == "metadata"]
    assert {witness.at.date() for witness in dates} == {report.versions[0].declared.date()}


def test_a_county_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    prove(
        tmp_path / "archive", "ucap.Ucap", "ucap", "/wpx/c119064/common_list.shtml", "/wpx/c119064/common_list_2.shtml"
    )
