"""Links of real list pages and of the ways portals write their lists: the cases of ``cases/leads.toml``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from identity_making import PAGE, agency, cases, check, listing, portal_of, registry_of

from archive.identity.addresses import printed_at
from archive.identity.classification import lead_of
from storage.records import Agency, AgencyKind, Link, ListingForm, Portal

ADDRESSES = {"page": PAGE, "elsewhere": "http://www.jiaxiang.gov.cn/1.html", "": "http://www.wenshang.gov.cn/xxgk/some"}


@pytest.mark.parametrize("case", cases("leads.toml"))
def test_what_a_link_on_a_list_is(case: dict[str, Any], portal: Portal, agencies: tuple[Agency, ...]) -> None:
    own = f"wenshang/{case['own']}" if "own" in case else None
    form = ListingForm.ADDRESSED if "addressed" in case else ListingForm.COLUMN
    column = listing(case.get("column", "政府信息公开年报"), agency=own, form=form, year=case.get("listed"))
    url = printed_at(column.url, case["text"]) if "unlinked" in case else ADDRESSES[case.get("url", "")]
    link = Link(url=url, text=case["text"], row=case.get("row", ""), listed="2024-01-20")
    found = lead_of(link, column, portal, registry_of(case, agencies))
    told = {
        "report": found.is_report,
        "agency": found.agency and found.agency.removeprefix("wenshang/"),
        "name": found.agency_name,
        "year": found.year,
        "kind": found.report_kind,
        "sure": found.confidence,
        "why": found.reason,
        "title": found.title,
    }
    check(told, case)
    assert (found.listing, found.url, str(found.listed)) == ("wenshang:main", url, "2024-01-20")


def test_the_column_of_engebei_holds_reports_of_other_bodies(corpus: Path) -> None:
    text = (corpus / "lists" / "ordos_engebei_list.html").read_text(encoding="utf-8")
    expected = json.loads((corpus / "lists" / "ordos_engebei_list_expected.json").read_text(encoding="utf-8"))
    base = "http://egb.ordos.gov.cn/xxgk/xxgknb/"
    home = portal_of("engebei", "鄂尔多斯市恩格贝生态示范区", ".ordos.gov.cn")
    own = agency("gwh", "恩格贝生态示范区管委会", AgencyKind.OTHER, portal="engebei")
    rows = re.findall(r'<a href="(\./\d[^"]+)">([^<]+)</a>\s*</td><td>\s*([\d-]+)', text)
    leads = [
        lead_of(Link(url=urljoin(base, url), text=title, listed=day), listing("信息公开年报"), home, (own,))
        for url, title, day in rows
    ]
    reports = [lead for lead in leads if lead.is_report]
    found = sorted((lead.year, str(lead.listed)) for lead in reports)
    assert found == sorted((year, day) for _, year, day in expected["reports_of_other_bodies"])
    assert all(lead.agency is None for lead in reports)
    assert len(leads) - len(reports) == expected["not_reports"]


def test_the_column_of_pingtan(corpus: Path) -> None:
    text = (corpus / "lists" / "pingtan_list_2026-09-10.txt").read_text(encoding="utf-8")
    home = portal_of("pingtan", "平潭综合实验区", "www.pingtan.gov.cn")
    own = agency("gwh", "平潭综合实验区管委会", AgencyKind.GOVERNMENT, portal="pingtan")
    rows = re.findall(r"(平潭综合实验区\d{4}年度政府信息公开工作年度报告) (\d{4}-\d\d-\d\d)", text)
    assert len(rows) == 10
    for title, day in rows:
        url = "https://www.pingtan.gov.cn/zwgk/zfxxgk/zfxxgknb/202603/t20260313_1.htm"
        lead = lead_of(Link(url=url, text=title, listed=day), listing(), home, (own,))
        assert (lead.agency, lead.year) == ("pingtan/gwh", int(day[:4]) - 1)
