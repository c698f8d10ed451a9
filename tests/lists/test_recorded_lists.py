"""The recorded pages of the project's portals give the reports that were read of them by hand."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.lists.list_reader import read_list
from crawler.lists.page import Answer, Request
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
def test_recorded_lists_give_their_reports(name: str) -> None:
    recorded, found = Recorded(name), set()
    leads = json.loads((PORTALS / name / "leads.json").read_text("utf-8"))
    hosts = tuple({urlsplit(url).hostname or "" for url in recorded.said["pages"]})
    for url in recorded.said["pages"]:
        reading = read_list(url, recorded, lambda entry: is_report_of(entry, PLACES[name], hosts))
        found |= {entry.url for entry in reading.entries if is_report_of(entry, PLACES[name], hosts)}
    assert found == {lead["url"] for lead in leads if lead["is_report"] and lead["title"]}


@pytest.mark.parametrize("name", PLACES)
def test_a_recorded_list_whose_promised_page_is_missing_is_partial(name: str) -> None:
    without = Recorded(name).said["paged"]["without"]
    first = next(url for url in Recorded(name).said["pages"] if url != without and without.startswith(url))
    hosts = (urlsplit(first).hostname or "",)
    whole, cut = (
        read_list(first, Recorded(name, lacks), lambda entry: is_report_of(entry, PLACES[name], hosts))
        for lacks in ("", without)
    )
    assert whole.is_whole
    assert not cut.is_whole
