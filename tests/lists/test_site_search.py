"""The portal's own search finds reports where no list does, and shows what a list lacks; it is never complete."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from crawler.lists.fetch import Request
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
RESULTS = f"/so?site=7&keyword={quote(WORDS)}"


def links(*rows: tuple[str, str]) -> str:
    return "<ul>" + "".join(f"<li><a href='{url}'>{title}</a></li>" for url, title in rows) + "</ul>"


def searched(
    home: str, results: dict[str, str], *, search: bool = False
) -> tuple[tuple[ListReading, ...], list[Request]]:
    fetch = Served(HOST, {"/": f"<html>{home}</html>"} | results)
    return Walk(HOME, fetch, place=PLACE, hosts=(HOST,), search=search).run(), fetch.asked


def test_where_there_is_no_list_the_search_is_asked_to_its_last_page() -> None:
    rows = links(*ROWS[:2], ("/xw/1.html", "关于公开工作的新闻报道"))
    first, last = f"<html>{rows}<a href='/so?p=2'>下一页</a>共4条</html>", f"<html>{links(*ROWS[2:])}共4条</html>"
    found, _ = searched(FORM, {RESULTS: first, "/so?p=2": last})
    assert {entry.title for entry in found[0].entries} == {title for _, title in ROWS}
    assert found[0].verdict.unmet[0].startswith("site_search")


def test_a_search_is_asked_beside_a_list_only_if_it_is_wanted_and_shows_what_the_list_lacks() -> None:
    pages = {"/nb/": f"<html>{links(*ROWS[:3])}</html>", RESULTS: f"<html>{links(*ROWS)}</html>"}
    home = links(("/nb/", "政府信息公开年报")) + FORM
    found, asked = searched(home, pages)
    assert [one.verdict.complete for one in found] == [True]
    assert not any("keyword" in request.url for request in asked)
    found, _ = searched(home, pages, search=True)
    assert [one.verdict.complete for one in found] == [False, False]
    assert found[0].verdict.unmet[0].startswith("known_entry")


@pytest.mark.parametrize(
    "form",
    [
        "<form method=post><input name=verify placeholder=请输入验证码><textarea name=docComment></textarea></form>",
        "<form action='/so' method=post class=searchForm><input type=text name=q></form>",
        "<form action='javascript:go()' class=search><input name=keyword></form>",
        "<form class=search><input name=keyword></form>",
    ],
)
def test_only_a_form_that_is_a_search_by_address_is_sent(form: str) -> None:
    found, asked = searched(form, {}, search=True)
    assert len(asked) == 1
    assert found == ()


def test_a_page_in_gbk_is_asked_in_gbk() -> None:
    page = read_text(HOME, f"<html><meta charset=gb2312>{FORM}")
    assert find_search(page).endswith(quote(WORDS, encoding="gb18030"))
