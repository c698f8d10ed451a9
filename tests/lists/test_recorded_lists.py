"""The recorded pages of the project's portals give the reports that were read of them by hand.

What is asked for by a query is judged by what it shows: reports at addresses of agency and year, and the search.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from crawler.lists.addressed import is_address_of, judge_answer
from crawler.lists.list_reader import read_list
from crawler.lists.page import Answer, Request
from crawler.lists.page_reader import read_text
from crawler.onboarding.site_facts import find_search
from tests.case_tables import read_cases
from tests.lists.played_portals import HOST, is_report_of

PORTALS = Path(__file__).parents[1] / "portals"
PLACES = {"jiyuan": "济源市", "luoyang": "洛阳市", "yaodu": "临汾市尧都区", "yiyuan": "沂源县"}


class Recorded:
    """Answers of a recording; ``without``: an address that answers 404."""

    def __init__(self, name: str, without: str = "") -> None:
        self.folder = PORTALS / name
        self.said = tomllib.loads((self.folder / "pages.toml").read_text("utf-8"))
        self.without = without

    def __call__(self, request: Request) -> Answer:
        name = self.said["pages"].get(request.url)
        if name is None or request.url == self.without:
            return Answer(request, request.url, 404)
        return Answer(request, request.url, 200, (self.folder / name).read_bytes())


@pytest.mark.parametrize("name", PLACES)
def test_recorded_lists_give_their_reports_unless_a_promised_page_is_missing(name: str) -> None:
    recorded, pages = Recorded(name), Recorded(name).said["pages"]
    is_report = partial(is_report_of, place=PLACES[name], hosts=tuple({urlsplit(url).hostname or "" for url in pages}))
    lists = {url: read_list(url, recorded, is_report) for url in pages}
    leads = json.loads((PORTALS / name / "leads.json").read_text("utf-8"))
    found = {entry.url for one in lists.values() for entry in filter(is_report, one.entries)}
    assert found == {lead["url"] for lead in leads if lead["is_report"] and lead["title"]}
    without = recorded.said["paged"]["without"]
    first = min(filter(without.startswith, pages), key=len)
    assert lists[first].is_whole
    assert not read_list(first, Recorded(name, without), is_report).is_whole


@pytest.mark.shared
def test_an_answer_in_xml_states_how_many_entries_and_pages_there_are(saved: Callable[[str], str]) -> None:
    page = read_text("http://jshrss.jiangsu.gov.cn/dataproxy.jsp", saved("hanweb_jcms/dataproxy_excerpt.xml"))
    assert [(one.kind, one.value) for one in page.claims] == [("total", 1928), ("pages", 20)]
    assert len(page.blocks) == 1


TEMPLATES = {
    "ORGAN": f"http://{HOST}/nb?area={{code}}&fbtime={{year}}",
    "COLUMN": f"http://{HOST}/column/{{code}}?type=3&title={{year}}",
}


@pytest.mark.parametrize(("template", "path", "is_one"), read_cases(__file__, "addresses"))
def test_addresses_of_agency_and_year_are_known_in_any_order_of_their_fields(
    template: str, path: str, is_one: bool
) -> None:
    assert is_address_of(TEMPLATES[template], f"http://{HOST}{path}") is is_one


@pytest.mark.parametrize(("body", "outcome"), read_cases(__file__, "pages"))
def test_a_page_is_judged_by_what_it_shows(body: str, outcome: str) -> None:
    url = f"http://{HOST}/nb?organ=1&fbtime=2024"
    page = f"<html><head><title>中国·宛平</title></head><body><a href='/'>首页</a>{body}</body></html>"
    assert judge_answer(Answer(Request(url), url, 200, page.encode()), 2024).outcome == outcome


HOME, WORDS = f"http://{HOST}/", "政府信息公开工作年度报告"
FORM = "<form action='/so?old=1' name=search><input type=hidden name=site value=7><input name=keyword></form>"
POSTED = "<form action='/so' method=post class=searchForm><input type=text name=q></form>"


@pytest.mark.parametrize("form", [*read_cases(__file__, "forms"), POSTED])
def test_only_a_form_that_is_a_search_with_an_address_is_sent(form: str) -> None:
    assert find_search(read_text(HOME, form)) == ""


def test_a_page_in_gbk_is_asked_in_gbk() -> None:
    sent = find_search(read_text(HOME, f"<html><meta charset=gb2312>{FORM}"))
    assert sent == f"{HOME}so?site=7&keyword={quote(WORDS, encoding='gb18030')}"
