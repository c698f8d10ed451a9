"""Captures by address and time as RFC 7089 has them: the TimeGate leads to what stood there, the TimeMap lists all."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

LINK = re.compile(r'<([^>]*)>; rel="([^"]*)"(?:; type="[^"]*")?(?:; (?:datetime|from)="([^"]*)")?')


@pytest.fixture(scope="module")
def listing(web: httpx.Client) -> str:
    """The address of a list that was looked at several times."""
    looks = web.get("/api/v1/status", params={"agency": "jiyuan/gaj", "year": 2025}).json()["looks"]
    address: str = looks[0]["captures"][0]["url"]
    return address


def path(address: str) -> str:
    return urlsplit(address).path


def links(text: str) -> list[tuple[str, str, str]]:
    return LINK.findall(text)


def test_the_timegate_leads_to_what_stood_at_an_address_at_an_instant(web: httpx.Client, listing: str) -> None:
    answer = web.get(f"/timemap/link/{listing}")
    assert answer.headers["content-type"].startswith("application/link-format")
    listed = links(answer.text)
    assert listed[0][:2] == (listing, "original")
    mementos = [(there, parsedate_to_datetime(at)) for there, rel, at in listed if rel == "memento"]
    assert len(mementos) > 2
    assert [at for _, at in mementos] == sorted(at for _, at in mementos)
    (first, begun), (second, later), *_ = mementos
    for instant, expected in {
        begun - timedelta(days=900): first,  # nothing is known of before: the first
        later - timedelta(seconds=1): first,
        later: second,
        later + timedelta(days=900): mementos[-1][0],
    }.items():
        asked = {"Accept-Datetime": format_datetime(instant, usegmt=True)}
        led = web.get(f"/timegate/{listing}", headers=asked)
        assert (led.status_code, led.headers["vary"].lower()) == (302, "accept-datetime")
        assert led.headers["location"] == expected
        relations = {rel for _, rel, _ in links(led.headers["link"])}
        assert relations == {"original", "timegate", "timemap", "first memento", "last memento"}
    assert web.get(f"/timegate/{listing}").headers["location"] == mementos[-1][0]
    merged = listing.replace("://", ":/")  # as proxies write it that make one slash of two
    assert web.get(f"/timegate/{merged}").headers["location"] == mementos[-1][0]


def test_what_replays_a_capture_says_of_which_address_and_instant_it_is(web: httpx.Client, listing: str) -> None:
    memento = web.get(f"/timegate/{listing}").headers["location"]
    for there in (path(memento), f"{path(memento)}/file"):
        answer = web.get(there)
        relations = {rel: (address, at) for address, rel, at in links(answer.headers["link"])}
        assert relations["original"][0] == listing
        assert relations["memento"] == (memento, answer.headers["memento-datetime"])
        assert web.get(path(relations["timemap"][0])).status_code == 200
    file = next(one for one in web.get("/api/v1/editions").json()["items"] if one["document_kind"] == "doc")
    led = web.get(f"/captured/{file['record']}")  # a file is no page
    assert (led.status_code, led.headers["location"]) == (302, f"/captured/{file['record']}/file")
    assert web.get(led.headers["location"]).headers["memento-datetime"]


def test_the_empty_page_that_proves_an_absence_is_found_by_its_address(web: httpx.Client) -> None:
    look = web.get("/api/v1/status", params={"agency": "wenshang/mzj", "year": 2025}).json()["looks"][0]
    [empty] = look["captures"]
    answer = web.get(f"/captured/{empty['id']}")
    [gate] = (there for there, rel, _ in links(answer.headers["link"]) if rel == "timegate")
    asked = {"Accept-Datetime": answer.headers["memento-datetime"]}
    led = web.get(gate, headers=asked)
    assert (led.status_code, path(led.headers["location"])) == (302, f"/captured/{empty['id']}")


def test_the_address_in_the_docs_is_held(web: httpx.Client) -> None:
    for page in ("docs/api.md", "docs/api.zh.md"):
        [gate] = re.findall(r"`(/timegate/https?://[^`]+)`", Path(page).read_text(encoding="utf-8"))
        assert web.get(gate).status_code == 302


@pytest.mark.parametrize(
    "address", ["", "http://www.nowhere.gov.cn/", "../../etc/passwd", "http://x/%0d%0aSet-Cookie: a"]
)
def test_of_other_addresses_nothing_is_said(web: httpx.Client, listing: str, address: str) -> None:
    for gate in ("timegate", "timemap/link"):
        answer = web.get(f"/{gate}/{address}")
        assert answer.status_code == 404
        assert "Set-Cookie" not in answer.headers
    assert web.get(f"/timegate/{listing}", headers={"Accept-Datetime": "yesterday"}).status_code == 400
