"""Reports at addresses of agency and year: what an answer is, and which addresses these are."""

from __future__ import annotations

import pytest

from crawler.lists.addressed import is_address_of, judge_answer
from crawler.lists.page import Answer, Request
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
