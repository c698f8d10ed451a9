"""Titles, addresses and links of lists: which are a report's, whose, of which year; the cases of ``cases/``."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from identity_making import CASES, PAGE, agency, cases, check, listing, portal_of, registry_of

from archive.identity.addresses import official_host, printed_at, read, route_of, same_address
from archive.identity.classification import classify, column_agency, lead_of
from archive.identity.names import is_generic
from archive.identity.titles import judge_title
from crawler.lists.labels import kinds_in_label
from storage.records import Agency, AgencyKind, Link, ListingForm, Portal

HOST = "http://www.wenshang.gov.cn"
ADDRESSES = {
    "page": PAGE,
    "list": f"{HOST}/col/col123/index.html",
    "unclear": f"{HOST}/xxgk/some",
    "column": f"{HOST}/zfxxgk/xxgknb/202401/t20240129_310451.html",
    "asked": f"{HOST}/module/xxgk/xxgkAnnualReport.jsp?area=11370830004335289X&fbtime=2024",
    "elsewhere": "http://www.jiaxiang.example.com/1.html",
}
NAMES: dict[str, Any] = tomllib.loads((CASES / "names.toml").read_text(encoding="utf-8"))
TITLES: dict[str, Any] = tomllib.loads((CASES / "titles.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("title", TITLES["reports"])
def test_one_report_in_many_titles(title: str) -> None:
    found = classify(title, None, place="汶上县")
    assert (found.is_report, found.agency_name, found.year) == (True, "汶上县司法局", 2022), found


@pytest.mark.parametrize("title", TITLES["not_reports"])
def test_what_only_looks_like_a_report(title: str) -> None:
    assert not classify(title, None, place="汶上县").is_report


@pytest.mark.parametrize(("title", "reason"), [*TITLES["reasons"].items(), ("", "no_title"), ("政" * 400, "too_long")])
def test_the_reason_is_said(title: str, reason: str) -> None:
    assert judge_title(title).reason == reason


@pytest.mark.parametrize(("title", "body"), TITLES["bodies"].items())
def test_whom_a_title_names(title: str, body: str) -> None:
    found = judge_title(title)
    assert found.agency == body
    assert found.could_be >= bool(body)


@pytest.mark.parametrize(("title", "body"), TITLES["in_column"].items())
def test_in_a_column_of_reports_less_is_enough(title: str, body: str) -> None:
    found = judge_title(title, in_column=True)
    assert (found.agency if found.could_be else "no") == body
    assert found.year == (2023 if found.could_be else None)


@pytest.mark.parametrize(("title", "wanted"), TITLES["completed"].items())
def test_government_office_agency_system(title: str, wanted: list[str]) -> None:
    found = classify(title, ADDRESSES["page"], place="汶上县")
    assert (found.is_report, found.agency_name or "", found.report_kind or "") == (True, *wanted)


@pytest.mark.parametrize("case", cases("links.toml"))
def test_what_a_link_is(case: dict[str, Any]) -> None:
    url = ADDRESSES.get(case.get("url", ""), HOST + case["url"] if "url" in case else None)
    found = classify(case.get("title"), url, place=case.get("place", "汶上县"), column=case.get("column"))
    assert (found.is_report, found.confidence, found.reason) == (case["report"], case["sure"], case["why"])
    check({"year": found.year, "name": found.agency_name}, case)
    assert (found.report_kind is not None) <= found.is_report


@pytest.mark.parametrize("case", cases("leads.toml"))
def test_what_a_link_on_a_list_is(case: dict[str, Any], portal: Portal, agencies: tuple[Agency, ...]) -> None:
    own = f"wenshang/{case['own']}" if "own" in case else None
    form = ListingForm.ADDRESSED if "addressed" in case else ListingForm.COLUMN
    column = listing(case.get("column", "政府信息公开年报"), agency=own, form=form, year=case.get("listed"))
    url = printed_at(column.url, case["text"]) if "unlinked" in case else ADDRESSES[case.get("url", "unclear")]
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


def test_the_column_of_engebei_holds_reports_of_other_bodies(shared: Path) -> None:
    lists = shared / "corpus" / "lists"
    text = (lists / "ordos_engebei_list.html").read_text(encoding="utf-8")
    expected = json.loads((lists / "ordos_engebei_list_expected.json").read_text(encoding="utf-8"))
    home = portal_of("engebei", "鄂尔多斯市恩格贝生态示范区", ".ordos.gov.cn")
    own = agency("gwh", "恩格贝生态示范区管委会", AgencyKind.OTHER, portal="engebei")
    leads = [
        lead_of(
            Link(url=urljoin("http://egb.ordos.gov.cn/xxgk/xxgknb/", url), text=title, listed=day),
            listing("信息公开年报"),
            home,
            (own,),
        )
        for url, title, day in re.findall(r'<a href="(\./\d[^"]+)">([^<]+)</a>\s*</td><td>\s*([\d-]+)', text)
    ]
    reports = [lead for lead in leads if lead.is_report]
    found = sorted((lead.year, str(lead.listed)) for lead in reports)
    assert found == sorted((year, day) for _, year, day in expected["reports_of_other_bodies"])
    assert all(lead.agency is None for lead in reports)
    assert len(leads) - len(reports) == expected["not_reports"]


def test_the_registry_gives_the_id(agencies: tuple[Agency, ...]) -> None:
    title = "县教体局2024年政府信息公开工作年度报告"
    found = classify(title, ADDRESSES["page"], place="汶上县", agencies=agencies)
    assert found.agency == "wenshang/jtj"
    other = classify(f"嘉祥{title}", ADDRESSES["page"], place="汶上县", agencies=agencies)
    assert (other.is_report, other.agency) == (True, None)
    code = classify(None, ADDRESSES["asked"], place="汶上县", agencies=agencies)
    assert (code.is_report, code.agency, code.agency_name, code.year) == (True, "wenshang/sfj", "汶上县司法局", 2024)


@pytest.mark.parametrize("name", NAMES["groups"])
def test_the_name_of_a_group_is_nobodys(name: str) -> None:
    assert is_generic(name)
    assert column_agency(f"首页>政府信息公开年报>{name}") == ""
    found = classify(f"{name}2024年政府信息公开工作年度报告", None, place="宛平县")
    assert (found.agency_name, found.year) == (None, 2024)


def test_the_name_of_a_body_is_no_groups() -> None:
    assert [name for name in NAMES["bodies"] if is_generic(name)] == []
    assert kinds_in_label("委办局政府信息公开年报") == (AgencyKind.DEPARTMENT, AgencyKind.OFFICE)


@pytest.mark.parametrize("case", cases("addresses.toml"))
def test_what_an_address_says(case: dict[str, Any]) -> None:
    url, found = case["url"], read(case["url"])
    told = {
        "year": found.report_year,
        "code": found.code,
        "detail": found.detail,
        "folder": found.folder_year,
        "early": found.early_year,
        "route": route_of(url),
    }
    check(told, case)
    assert same_address(url) == (url if route_of(url) else url.partition("#")[0])


def test_only_official_hosts_publish() -> None:
    assert official_host("www.wenshang.gov.cn")
    assert official_host("122.137.242.24")
    for host in ("gov.cn.evil.com", "wenshanggov.cn", "m.soulrig.com", "evilgov.cn"):
        assert not official_host(host), host
    for host, allowed in (("sf.ly.gov.cn", ".ly.gov.cn"), ("ly.gov.cn", ".ly.gov.cn"), ("x.test", "x.test:8080")):
        assert official_host(host, (allowed,))
    assert not official_host("fly.gov.cn", (".ly.gov.cn",))
    title = "汶上县司法局2024年政府信息公开工作年度报告"
    for url in ("http://www.cn-huaji.com/zfxxgk/1.html", f"{HOST}.example.com/art_1.html"):
        assert classify(title, url).reason == "unofficial_host"
    assert not classify(title, "http://other.gov.cn/1.html", hosts=("www.wenshang.gov.cn",)).is_report
