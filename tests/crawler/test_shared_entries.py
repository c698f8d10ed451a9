"""Two entries with one address that name the reports of two bodies are two, on a page, in an answer, over pages."""

from __future__ import annotations

import pytest

from crawler.cms.generic import Generic
from crawler.cms.static_list import StaticList
from crawler.lists.list_page import Page
from crawler.lists.scripts.answers import Entry, entries
from crawler.looks.look_builder import LookBuilder, gather
from crawler.onboarding.found_agencies import agencies_of
from crawler.spider import PortalSpider
from storage.records import Link, Listing, ListingForm
from tests.projection.small_archive import LONG_AGO

AT = "http://www.wanping.gov.cn/xx/nb/index.html"
SFJ, CZJ = (f"宛平县{who}2024年政府信息公开工作年度报告" for who in ("司法局", "财政局"))
URL = "http://www.wanping.gov.cn/d/20241.html"


@pytest.mark.parametrize("family", [StaticList, Generic])
def test_on_a_page(family: type[PortalSpider]) -> None:
    rows = "".join(f"<li><a href='/d/20241.html'>{title}</a><span>2025-01-11</span></li>" for title in (SFJ, CZJ, SFJ))
    page = Page(AT, f"<html><title>政府信息公开年报</title><body><ul>{rows}</ul></body></html>")
    found = family(name="x").read_list(page)
    assert [(link.url, link.text, link.position) for link in found.links] == [(URL, SFJ, 0), (URL, CZJ, 1)]
    assert found.linked == 2


def test_in_an_answer() -> None:
    found = entries([Entry("/d/20241.html", title) for title in (SFJ, CZJ, "查看")], AT)
    assert [(link.url, link.text) for link in found.links] == [(URL, SFJ), (URL, CZJ)]
    assert found.twice == 1


def test_over_the_pages_of_a_look() -> None:
    listing = Listing(id="w:nb", portal="w", url=AT, form=ListingForm.COLUMN, recorded_at=LONG_AGO)
    look = LookBuilder(listing, LONG_AGO)
    short, full = Link(url=URL, text=f"{SFJ[:-8]}…"), Link(url=URL, text=SFJ)
    assert gather(look.links, [short, full], "a") == 1
    assert gather(look.links, [Link(url=URL, text=CZJ), full], "b") == 1
    assert [(link.text, link.capture) for link in look.links.values()] == [(short.text, "a"), (CZJ, "b")]
    assert look.linked == 2


def test_a_joint_title_makes_its_bodies_and_none_of_both() -> None:
    lead = {"agency": "宛平县司法局和宛平县财政局", "year": 2024, "listing": AT, "title": ""}
    assert [body.name for body in agencies_of("宛平县", [], [lead])] == ["宛平县司法局", "宛平县财政局"]
