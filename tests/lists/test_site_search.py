"""The portal's own search finds reports where no list does, and shows what a list lacks; it is never complete."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from crawler.lists.fetch import Answer, Request
from crawler.lists.list_reader import ListReading
from crawler.lists.page_reader import read_text
from crawler.lists.site_search import find_search
from crawler.lists.walk import Walk
from tests.lists.played_portals import HOST, PLACE, Served

HOME, WORDS = f"http://{HOST}/", "政府信息公开工作年度报告"
ROWS = [
    (f"/nb/{n}.html", f"{PLACE}{body}2024年{WORDS}") for n, body in enumerate(("财政局", "教育局", "水利局", "司法局"))
]
FORM = "<form action='/so?old=1' name=search><input type=hidden name=site value=7><input name=keyword></form>"
POSTED = "<form action='/so' method=post class=searchForm><input type=text name=q></form>"
RESULTS = f"/so?site=7&keyword={quote(WORDS)}"


class Searched(Served):
    """A portal of which the search answers with rows, whether it is asked by GET or by POST."""

    def __call__(self, request: Request) -> Answer:
        return super().__call__(Request(f"{request.url}?posted") if request.body is not None else request)


def links(*rows: tuple[str, str]) -> str:
    return "<ul>" + "".join(f"<li><a href='{url}'>{title}</a></li>" for url, title in rows) + "</ul>"


def searched(
    home: str, results: dict[str, str], *, search: bool = False
) -> tuple[tuple[ListReading, ...], list[Request]]:
    fetch = Searched(HOST, {"/": f"<html>{home}</html>"} | results)
    return Walk(HOME, fetch, place=PLACE, hosts=(HOST,), search=search).run(), fetch.asked


@pytest.mark.parametrize(("form", "results"), [(FORM, RESULTS), (POSTED, "/so?posted")], ids=["get", "post"])
def test_where_there_is_no_list_the_search_is_asked_to_its_last_page(form: str, results: str) -> None:
    rows = links(*ROWS[:2], ("/xw/1.html", "关于公开工作的新闻报道"))
    first, last = f"<html>{rows}<a href='/so?p=2'>下一页</a>共4条</html>", f"<html>{links(*ROWS[2:])}共4条</html>"
    found, _ = searched(form, {results: first, "/so?p=2": last})
    assert {entry.title for entry in found[0].entries} == {title for _, title in ROWS}
    assert found[0].unmet[0].startswith("site_search")


def test_a_search_is_asked_beside_a_list_only_if_it_is_wanted_and_shows_what_the_list_lacks() -> None:
    pages = {"/nb/": f"<html>{links(*ROWS[:3])}</html>", RESULTS: f"<html>{links(*ROWS)}</html>"}
    home = links(("/nb/", "政府信息公开年报")) + FORM
    found, asked = searched(home, pages)
    assert [one.is_whole for one in found] == [True]
    assert not any("keyword" in request.url for request in asked)
    found, _ = searched(home, pages, search=True)
    assert [one.is_whole for one in found] == [False, False]
    assert found[0].unmet[0].startswith("known_entry")


@pytest.mark.parametrize(
    "form",
    [
        "<form method=post><input name=verify placeholder=请输入验证码><textarea name=docComment></textarea></form>",
        "<form action='/comment' method=post id=search><input name=q><textarea name=text></textarea></form>",
        "<form action='javascript:go()' class=search><input name=keyword></form>",
        "<form class=search><input name=keyword></form>",
    ],
)
def test_only_a_form_that_is_a_search_is_sent(form: str) -> None:
    found, asked = searched(form, {}, search=True)
    assert len(asked) == 1
    assert found == ()


def test_a_page_in_gbk_is_asked_in_gbk() -> None:
    sent = [find_search(read_text(HOME, f"<html><meta charset=gb2312>{form}")) for form in (FORM, POSTED)]
    words = quote(WORDS, encoding="gb18030")
    assert [one and (one.url, one.body) for one in sent] == [
        (f"{HOME}so?site=7&keyword={words}", None),
        (f"{HOME}so", f"q={words}".encode()),
    ]
