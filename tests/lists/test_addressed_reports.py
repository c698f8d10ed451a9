"""What is asked for by a query: reports at addresses of agency and year, and the portal's own search."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from crawler.lists.addressed import is_address_of, judge_answer
from crawler.lists.page import Answer, Request
from crawler.lists.page_reader import read_text
from crawler.onboarding.site_facts import find_search
from tests.case_tables import read_cases
from tests.lists.played_portals import HOST

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
