"""Which form of a page is the portal's own search, and what it sends."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from crawler.lists.page_reader import read_text
from crawler.onboarding.site_facts import find_search
from tests.case_tables import read_cases
from tests.lists.played_portals import HOST

HOME, WORDS = f"http://{HOST}/", "政府信息公开工作年度报告"
FORM = "<form action='/so?old=1' name=search><input type=hidden name=site value=7><input name=keyword></form>"
POSTED = "<form action='/so' method=post class=searchForm><input type=text name=q></form>"


@pytest.mark.parametrize("form", [*read_cases(__file__, "forms"), POSTED])
def test_only_a_form_that_is_a_search_with_an_address_is_sent(form: str) -> None:
    assert find_search(read_text(HOME, form)) == ""


def test_a_page_in_gbk_is_asked_in_gbk() -> None:
    words = quote(WORDS, encoding="gb18030")
    sent = find_search(read_text(HOME, f"<html><meta charset=gb2312>{FORM}"))
    assert sent == f"{HOME}so?site=7&keyword={words}"
