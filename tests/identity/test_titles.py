"""Titles, addresses and links of lists: which are a report's, whose, of which year; what must hold of any title."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from identity_making import CASES, PAGE, agency, cases, check, listing, portal_of, registry_of

from archive.identity.addresses import official_host, printed_at, read, route_of, same_address
from archive.identity.classification import classify, column_agency, lead_of
from archive.identity.evidence import identify
from archive.identity.names import is_generic
from archive.identity.several_reports import joined_names
from archive.identity.titles import judge_title
from crawler.lists.words import kinds_in_label
from storage.records import Agency, AgencyKind, IdentityEvidence, Link, ListingForm, Portal

HOST = "http://www.wenshang.gov.cn"
NAMES: dict[str, Any] = tomllib.loads((CASES / "names.toml").read_text(encoding="utf-8"))
ADDRESSES: dict[str, str] = NAMES["addresses"] | {"page": PAGE}
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


@pytest.mark.parametrize(("title", "agency"), TITLES["agencies"].items())
def test_whom_a_title_names(title: str, agency: str) -> None:
    found = judge_title(title)
    assert found.agency == agency
    assert found.could_be >= bool(agency)


@pytest.mark.parametrize(("title", "agency"), TITLES["in_column"].items())
def test_in_a_column_of_reports_less_is_enough(title: str, agency: str) -> None:
    found = judge_title(title, in_column=True)
    assert (found.agency if found.could_be else "no") == agency
    assert found.year == (2023 if found.could_be else None)


@pytest.mark.parametrize(("title", "wanted"), TITLES["completed"].items())
def test_government_office_agency_system(title: str, wanted: list[str]) -> None:
    found = classify(title, ADDRESSES["page"], place="汶上县")
    assert (found.is_report, found.agency_name or "", found.report_kind or "") == (True, *wanted)


@pytest.mark.parametrize("case", cases("links.toml"))
def test_what_a_link_is(case: dict[str, Any]) -> None:
    url = ADDRESSES.get(case.get("url", ""), HOST + case["url"] if "url" in case else None)
    hosts = tuple(case.get("hosts", ()))
    found = classify(case.get("title"), url, place=case.get("place", "汶上县"), column=case.get("column"), hosts=hosts)
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


@pytest.mark.parametrize("name", NAMES["groups"])
def test_the_name_of_a_group_is_nobodys(name: str) -> None:
    assert is_generic(name)
    assert column_agency(f"首页>政府信息公开年报>{name}") == ""
    found = classify(f"{name}2024年政府信息公开工作年度报告", None, place="宛平县")
    assert (found.agency_name, found.year) == (None, 2024)


def test_the_name_of_a_body_is_no_groups() -> None:
    assert [name for name in NAMES["agencies"] if is_generic(name)] == []
    assert kinds_in_label("委办局政府信息公开年报") == (AgencyKind.DEPARTMENT, AgencyKind.OFFICE)


@pytest.mark.parametrize(("printed", "joined"), NAMES["joined"])
def test_a_name_may_join_several(printed: str, joined: list[str]) -> None:
    assert [*joined_names(printed)] == joined


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


@pytest.mark.parametrize(("host", "allowed", "official"), NAMES["hosts"])
def test_only_official_hosts_publish(host: str, allowed: list[str], official: bool) -> None:
    assert official_host(host, tuple(allowed)) is official


# ------------------------------------------------------------------------------------------------ any title

WORDS = st.sampled_from([
    "政府信息公开", "工作", "年度", "报告", "年报", "2022年", "二〇二二年", "汶上县", "司法局", "关于", "的", "通知",
    "解读", "(", ")", "《", "》", "...", "-", "_", "市", "区", "镇", "省", "人民政府", "办公室", "系统", "附件1:",
    ".pdf", "#", "<b>", "&nbsp;", "[", "]", "2021-01-02", "\u200b", "\u3000", "\ud800", "\x00", "ﷺ",
])  # fmt: skip
TEXTS = st.one_of(st.none(), st.text(max_size=80), st.lists(WORDS, max_size=14).map("".join))
URLS = st.one_of(
    TEXTS, st.sampled_from(["http://a.gov.cn/t20240129_1.html", "http://[", "http://a.gov.cn/?fbtime=2022"])
)
HOSTILE = [
    "政府信息公开" * 200_000, "2022年" * 400_000, "(" * 1_000_000, "《" * 500_000 + "年度报告", "<" * 1_000_000,
    "\u200b" * 1_000_000 + "汶上县2022年政府信息公开年报", "关于" * 500_000, "a" * 2_000_000 + "!", "省市县区" * 9_000,
    "政府信息公开年报" * 29, "(2022)" * 40, "政务公开年报_" * 34, "\x00" * 100 + "\ud800" * 100,
]  # fmt: skip


def evidence_of(text: str) -> IdentityEvidence:
    return IdentityEvidence(
        titles=(text,) * 3, statements=(text,), running=(text,), breadcrumb=(text,), meta={"来源": text}
    )


@settings(max_examples=250, deadline=None)
@given(title=TEXTS, url=URLS, place=TEXTS, column=TEXTS)
def test_no_text_makes_it_fail(title: str | None, url: str | None, place: str | None, column: str | None) -> None:
    found = classify(title, url, place=place, column=column)
    assert 0 <= found.confidence <= 1
    assert found.reason
    (found.agency_name or "").encode()  # nothing that could not be written out
    assert identify(evidence_of(title or ""), place=place).agency != ""


@pytest.mark.timeout(60)  # a regular expression gone astray would take hours
@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_no_title_can_make_it_slow(title: str) -> None:
    found = classify(title, "http://a.gov.cn/" + title[:100_000], place=title, column=title)
    assert len(found.agency_name or "") < 400
    judge_title(title)
    judge_title(title, in_column=True)
    identify(evidence_of(title), place=title)
