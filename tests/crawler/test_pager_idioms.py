"""The idioms of pagers: each entry of the data file is read as its example says."""

from __future__ import annotations

import pytest

from crawler.lists.list_page import Page, parse
from crawler.lists.pager_idioms import KINDS, Idiom, idioms
from crawler.lists.paging.stated_pagers import answered_claims, asks_for_pages, stated_pagers

AT = "http://www.wanping.gov.cn/nb/"


@pytest.mark.parametrize("idiom", idioms(), ids=lambda idiom: f"{idiom.kind}-{idiom.name}")
def test_each_idiom_of_the_data_file_is_read_as_its_example_says(idiom: Idiom) -> None:
    shown = idiom.example.replace("TOTAL", "77").replace("PAGES", "6")
    assert idiom.kind in KINDS
    assert idiom.seen
    if idiom.kind == "answer":
        claims = answered_claims(shown)
        assert claims[0] == answered_claims(f"callback({shown});")[0] if shown.startswith("{") else claims
    else:
        tree = parse(f"<html><body>{shown}</body></html>")
        pagers = stated_pagers(Page(AT, f"<html><body>{shown}</body></html>"))
        claims = tuple(one.claim for one in pagers if one.claim.name == idiom.name)
        if idiom.kind == "request":
            assert asks_for_pages(tree) == "pageNo"
            return
    stated = {number.number for claim in claims for number in (claim.total, claim.pages) if number is not None}
    assert stated >= {number for name, number in (("TOTAL", 77), ("PAGES", 6)) if name in idiom.example}
    assert claims


def test_there_are_forty_idioms_and_each_says_where_it_was_seen() -> None:
    assert len(idioms()) >= 40


def shown(markup: str) -> Page:
    return Page(AT, f"<html><body>{markup}</body></html>")


@pytest.mark.parametrize(
    ("call", "second"),
    [
        ('Ls.pagination("#p", go, {pageCount: 3, linkUrl: "/nb/page_{pageIndex}.html"})', "page_2.html"),
        ("Pager({size: 3, current: 0, prefix: 'index', suffix: 'html'})", "index_1.html"),
        ("var o = {max_page: '3', link_string: '?page={page_number}'}; $('.p').jqPagination(o)", "?page=2"),
        ("$('.p').twbsPagination({totalPages: n, href: '?page={{number}}'}); var n = 3", "?page=2"),
        ("$('.p').twbsPagination({totalPages: n, href: '?page={{number}}'})", ""),
        ("$('.p').createPage({pageCount: 3})", ""),
    ],
)
def test_a_pager_says_how_its_pages_are_addressed(call: str, second: str) -> None:
    page = shown(f"<script>{call}</script>")
    (pager,) = (one for one in stated_pagers(page) if one.explicit)
    following = [url.removeprefix(AT) for url in pager.following(AT)]
    assert following[:1] == ([second] if second else [])
    assert len(following) == (2 if second else 0)


@pytest.mark.parametrize(
    ("script", "pages"),
    [
        ("var totalPage = 6;", 6),
        ("var totalPage = 6; totalPage = answer.pages;", None),
        ("$('.p').createPage({pageCount: Math.ceil(77 / 15)})", 6),
        ("$('.p').createPage({pageCount: '6'})", 6),
        ("$('.p').createPage({pageCount: 0})", None),
        ("var total = '6'; $('.p').createPage({pageCount: parseInt(total)})", 6),
    ],
)
def test_only_a_number_that_is_known_is_stated(script: str, pages: int | None) -> None:
    page = shown(f"<script>{script}</script>")
    stated = [one.claim.pages.number for one in stated_pagers(page) if one.claim.pages]
    assert max(stated, default=None) == pages
