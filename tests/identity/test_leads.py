"""Links of real list pages and of the ways portals write their lists."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from urllib.parse import urljoin

import pytest
from identity_making import NOW, TITLE, agency, listing

from archive.identity.addresses import UNLINKED, printed_at
from archive.identity.classification import lead_of
from storage.records import Agency, AgencyKind, Link, ListingForm, Portal, ReportKind

PAGE = "http://www.wenshang.gov.cn/art/2024/1/20/art_1_2.html"
OWN = f"汶上县司法局{TITLE}"


def test_a_plain_link(agencies: tuple[Agency, ...], portal: Portal) -> None:
    link = Link(url=PAGE, text="县司法局2023年政府信息公开工作年度报告", listed="2024-01-20")
    lead = lead_of(link, listing(), portal, agencies)
    assert (lead.is_report, lead.agency, lead.year, lead.listed) == (True, "wenshang/sfj", 2023, date(2024, 1, 20))
    assert (lead.portal, lead.listing, lead.url) == ("wenshang", "wenshang:main", PAGE)


def test_an_agencys_own_column_names_the_agency(agencies: tuple[Agency, ...], portal: Portal) -> None:
    link = Link(url=PAGE, text="2023年政府信息公开工作年度报告")
    own = listing(agency="wenshang/sfj")
    assert lead_of(link, own, portal, agencies).agency == "wenshang/sfj"
    assert lead_of(link, listing(), portal, agencies).agency is None


def test_the_column_of_engebei_holds_reports_of_other_bodies(corpus: Path) -> None:
    text = (corpus / "lists" / "ordos_engebei_list.html").read_text(encoding="utf-8")
    expected = json.loads((corpus / "lists" / "ordos_engebei_list_expected.json").read_text(encoding="utf-8"))
    base = "http://egb.ordos.gov.cn/xxgk/xxgknb/"
    home = Portal(
        name="engebei",
        place="鄂尔多斯市恩格贝生态示范区",
        division=None,
        hosts=(".ordos.gov.cn",),
        family="trs",
        recorded_at=NOW,
    )
    own = Agency(
        id="engebei/gwh", portal="engebei", name="恩格贝生态示范区管委会", kind=AgencyKind.OTHER, recorded_at=NOW
    )
    rows = re.findall(r'<a href="(\./\d[^"]+)">([^<]+)</a>\s*</td><td>\s*([\d-]+)', text)
    leads = [
        lead_of(Link(url=urljoin(base, url), text=title, listed=day), listing("信息公开年报"), home, (own,))
        for url, title, day in rows
    ]
    reports = [lead for lead in leads if lead.is_report]
    found = sorted((lead.year, lead.listed.isoformat() if lead.listed else "") for lead in reports)
    assert found == sorted((year, day) for _, year, day in expected["reports_of_other_bodies"])
    assert all(lead.agency is None for lead in reports)
    assert len(leads) - len(reports) == expected["not_reports"]


def test_the_column_of_pingtan(corpus: Path) -> None:
    text = (corpus / "lists" / "pingtan_list_2026-09-10.txt").read_text(encoding="utf-8")
    home = Portal(
        name="pingtan",
        place="平潭综合实验区",
        division=None,
        hosts=("www.pingtan.gov.cn",),
        family="trs",
        recorded_at=NOW,
    )
    own = Agency(
        id="pingtan/gwh", portal="pingtan", name="平潭综合实验区管委会", kind=AgencyKind.GOVERNMENT, recorded_at=NOW
    )
    rows = re.findall(r"(平潭综合实验区\d{4}年度政府信息公开工作年度报告) (\d{4}-\d\d-\d\d)", text)
    assert len(rows) == 10
    for title, day in rows:
        link = Link(
            url="https://www.pingtan.gov.cn/zwgk/zfxxgk/zfxxgknb/202603/t20260313_1.htm", text=title, listed=day
        )
        lead = lead_of(link, listing(), home, (own,))
        assert (lead.agency, lead.year) == ("pingtan/gwh", int(day[:4]) - 1)


def test_an_agencys_own_column_makes_a_year_and_report_its_report(agencies: tuple[Agency, ...], portal: Portal) -> None:
    link = Link(url="http://www.wenshang.gov.cn/zfxxgk/01/nb/2022.htm", text="2022年度报告")
    own = lead_of(link, listing(agency="wenshang/sfj"), portal, agencies)
    assert (own.is_report, own.agency, own.year) == (True, "wenshang/sfj", 2022)
    assert not lead_of(link, listing(), portal, agencies).is_report


@pytest.mark.parametrize(
    ("text", "own", "expected"),
    [
        ("汶上县司法局2025年政府信息公开工作年度报告", False, ("汶上县司法局", 2025, UNLINKED)),
        ("县司法局2025年度报告", False, ("汶上县司法局", 2025, UNLINKED)),
        ("2025年政府信息公开工作年度报告", False, (None, 2025, "no_title")),
        ("2025年度报告", True, ("汶上县司法局", 2025, UNLINKED)),
        ("政府信息公开制度", True, (None, None, "no_title")),
    ],
)
def test_what_is_printed_without_a_link(
    text: str, own: bool, expected: tuple[str | None, int | None, str], agencies: tuple[Agency, ...], portal: Portal
) -> None:
    """It is said whose it is, where it is anybody's; a heading over a list of many is nobody's."""
    column = listing(agency="wenshang/sfj" if own else None)
    link = Link(url=printed_at(column.url, text), text=text)
    lead = lead_of(link, column, portal, agencies)
    assert (lead.is_report, lead.agency_name, lead.year, lead.reason) == (False, *expected)


@pytest.mark.parametrize("parted", ["。", " ", "\u3000"])
def test_a_link_that_holds_the_first_sentences_too_is_judged_by_its_title(
    parted: str, agencies: tuple[Agency, ...], portal: Portal
) -> None:
    text = f"汶上县司法局2022年政府信息公开工作年度报告{parted}" + "本年度我局认真贯彻落实《条例》，主动公开信息。" * 40
    lead = lead_of(Link(url=PAGE, text=text), listing(), portal, agencies)
    assert (lead.is_report, lead.agency, lead.year) == (True, "wenshang/sfj", 2022)


def test_a_link_too_long_to_be_a_title_is_for_the_document_to_tell(
    agencies: tuple[Agency, ...], portal: Portal
) -> None:
    title = "2022年政府信息公开工作年度报告"
    buried = "汶上县司法局" + "认真贯彻落实条例" * 60 + title
    running = f"汶上县司法局{title}根据《中华人民共和国政府信息公开条例》特向社会公布"
    for text, sure in ((buried, 0.6), (running, 0.6), (f"汶上县司法局{title}编制工作通知", 0.95)):
        lead = lead_of(Link(url=PAGE, text=text), listing(), portal, agencies)
        assert (lead.is_report, lead.confidence) == (False, sure)


@pytest.mark.parametrize(
    ("text", "row", "title"),
    [
        ("查看", f"{OWN} 查看", f"{OWN} 查看"),
        ("查看", "", "查看"),
        ("查看", "首页 司法局", "查看"),
        ("一二三四五六七八", f"{OWN} 查看", f"{OWN} 查看"),
        ("一二三四五六七八九", f"{OWN} 查看", "一二三四五六七八九"),
        ("司法局年度报告全文下载", f"{OWN} 查看", "司法局年度报告全文下载"),
    ],
)
def test_a_row_speaks_for_a_link_that_says_nothing(
    text: str, row: str, title: str, portal: Portal, agencies: tuple[Agency, ...]
) -> None:
    assert lead_of(Link(url=PAGE, text=text, row=row), listing(), portal, agencies).title == title


def test_only_an_addressed_listing_makes_a_report_of_a_link_without_words(
    portal: Portal, agencies: tuple[Agency, ...]
) -> None:
    page = "http://www.wenshang.gov.cn/xxgk/some"
    addressed = listing("", form=ListingForm.ADDRESSED, agency="wenshang/sfj", year=2022)
    found = lead_of(Link(url=page, text=""), addressed, portal, agencies)
    assert (found.is_report, found.confidence, found.reason, found.year) == (True, 0.6, "addressed_listing", 2022)
    assert (found.agency_name, found.report_kind) == ("汶上县司法局", ReportKind.AGENCY)
    plain = lead_of(Link(url=page, text=""), listing("", agency="wenshang/sfj", year=2022), portal, agencies)
    assert (plain.is_report, plain.agency, plain.year) == (False, None, None)
    news = lead_of(Link(url=page, text="一图读懂" + OWN), addressed, portal, agencies)
    assert (news.is_report, news.reason) == (False, "derivative")


def test_what_a_title_says_stands_against_its_listing(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    own = listing("", agency="wenshang/fgj", year=2020)
    found = lead_of(Link(url=PAGE, text=OWN), own, portal, agencies)
    assert (found.agency, found.year) == ("wenshang/sfj", 2024)
    unknown = lead_of(Link(url=PAGE, text="水利局" + TITLE), own, portal, agencies)
    assert (unknown.agency, unknown.agency_name) == (None, "汶上县水利局")
    bare = lead_of(Link(url=PAGE, text=TITLE), listing("", agency="wenshang/gone"), portal, agencies)
    assert (bare.agency, bare.agency_name) == (None, None)


def test_a_link_is_judged_by_its_column_its_registry_and_its_hosts(
    portal: Portal, agencies: tuple[Agency, ...]
) -> None:
    weak = Link(url=PAGE, text="汶上县司法局2024年度报告")
    assert lead_of(weak, listing("政府信息公开年报"), portal, agencies).is_report
    assert not lead_of(weak, listing("通知公告"), portal, agencies).is_report
    elsewhere = Link(url="http://www.jiaxiang.gov.cn/1.html", text=OWN)
    assert lead_of(elsewhere, listing(), portal, agencies).reason == "unofficial_host"
    zone = agency("zone", "汶上县新区服务中心", AgencyKind.GOVERNMENT)
    lead = lead_of(Link(url=PAGE, text=TITLE), listing("", agency="wenshang/zone"), portal, (zone,))
    assert (lead.agency, lead.report_kind) == ("wenshang/zone", ReportKind.GOVERNMENT)
