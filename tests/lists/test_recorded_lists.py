"""The recorded pages of the project's portals give the reports that were read of them by hand."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.lists.list_reader import read_list
from crawler.lists.page import Answer, Request
from crawler.lists.page_reader import read_text
from tests.lists.played_portals import is_report_of

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
