"""What a response is, from its status, its address and its bytes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from crawler.net.web_page import judge_response
from storage.records import CaptureOutcome

URL = "http://www.a.gov.cn/nb/t1.html"
LONG = "<p>" + "本报告按照条例的规定编制，数据统计期限为全年。" * 60 + "</p>"
ENTRIES = "<ul>" + "".join(f"<li><a href='t{n}.html'>关于第{n}号政策的解读</a></li>" for n in range(12)) + "</ul>"
STAND_INS = tomllib.loads(Path(__file__).with_name("stand_ins.toml").read_text("utf-8"))


@pytest.mark.parametrize(("outcome", "statuses"), STAND_INS["statuses"].items())
def test_status_decides_first(outcome: str, statuses: list[int]) -> None:
    assert {judge_response(status, LONG.encode(), url=URL).outcome for status in statuses} == {CaptureOutcome(outcome)}


@pytest.mark.parametrize(("title", "text", "outcome"), STAND_INS["pages"])
def test_what_stands_in_place_of_all_pages_is_none(title: str, text: str, outcome: str) -> None:
    page = f"<html><head><title>{title}</title></head><body><div>{text}</div></body></html>"
    for charset in ("utf-8", "gb18030"):
        assert judge_response(200, page.encode(charset), url=URL, requested=URL).outcome == outcome


@pytest.mark.parametrize(("body", "at", "outcome", "reason"), STAND_INS["bodies"])
def test_what_stands_at_one_address_is_told_from_a_page(body: str, at: str, outcome: str, reason: str) -> None:
    text = body.replace("@LONG", LONG).replace("@ENTRIES", ENTRIES)
    address = f"http://www.a.gov.cn{at}" if at else URL
    for charset in ("utf-8", "gb18030"):
        verdict = judge_response(200, text.encode(charset), url=address, requested=URL)
        assert (verdict.outcome, verdict.reason) == (outcome, reason)


@pytest.mark.parametrize("body", [b"%PDF-1.4 404 not found", b"PK\x03\x04\x00", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_documents_are_not_read_as_pages(body: bytes) -> None:
    assert judge_response(200, body, url=URL).outcome is CaptureOutcome.PAGE
