"""Whose report a document is, on cases and real documents, and to whom it is bound; rulings decide."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from identity_making import PAGE, SHOWN, TITLE, agency, cases, check, listing, reading, registry_of, ruling, summary

from archive.identity.binding import BindingCase, bind
from archive.identity.classification import classify, lead_of
from archive.identity.evidence import identify, undisputed
from archive.identity.several_reports import lead_to
from archive.identity.titles import judge_title
from archive.parser.reader import read
from archive.projection.truth import PortalTruth
from archive.projection.unregistered_agencies import self_named
from storage.records import (
    SHANGHAI,
    Agency,
    AgencyKind,
    Binding,
    Capture,
    CaptureOutcome,
    CaptureRole,
    DatedWitness,
    IdentityEvidence,
    Link,
    ListingForm,
    Portal,
    Reading,
)

OWN = f"汶上县司法局{TITLE}"
NOW = datetime(2026, 4, 2, tzinfo=UTC)
USUAL = (agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT), agency("sfj", "汶上县司法局"))


def evidence_of(given: dict[str, Any]) -> IdentityEvidence:
    if "text" in given:
        return read(given["text"].encode()).identity
    dates = [text.rpartition(" ") for text in given.get("dates", ())]
    texts = {name: tuple(given.get(name, ())) for name in ("statements", "running", "period")}
    return IdentityEvidence(
        titles=(given["title"],) if "title" in given else (),
        meta=given.get("meta", {}),
        breadcrumb=tuple(given.get("column", ())),
        dates=tuple(
            DatedWitness(origin=origin or "metadata", at=at if at.tzinfo else at.replace(tzinfo=SHANGHAI), text="")
            for origin, _, day in dates
            for at in (datetime.fromisoformat(day),)
        ),
        **texts,
    )


@pytest.mark.parametrize("case", cases("documents.toml"))
def test_what_a_document_says(case: dict[str, Any]) -> None:
    found = identify(evidence_of(case), place=case.get("place"))
    told = {"agency": found.agency, "at": found.place, "year": found.year, "kind": found.report_kind}
    check(told | {"basis": dict(found.basis)}, case)
    assert summary(found.findings, case.get("findings", ())) == list(case.get("findings", ()))


def bound(read: Reading, portal: Portal, agencies: tuple[Agency, ...], **more: Any) -> Binding:
    rulings = more.pop("rulings", ())
    given: dict[str, Any] = {"url": PAGE, "lead": None, "listing": None, "shown_at": SHOWN, **more}
    return bind(BindingCase(reading=read, portal=portal, agencies=agencies, **given), rulings)


def whose(case: dict[str, Any], portal: Portal, agencies: tuple[Agency, ...]) -> Binding:
    """The binding of a case."""
    portal = replace(portal, place=case["place"], hosts=()) if "place" in case else portal
    agencies = registry_of(case, agencies)
    own = {"agency": f"wenshang/{case['own']}"} if "own" in case else {}
    covers = {"covers": (AgencyKind(case["covers"]),)} if "covers" in case else {}
    addressed = {"form": ListingForm.ADDRESSED, "year": case["addressed"]} if "addressed" in case else {}
    addressed |= {"year": case["of_year"]} if "of_year" in case else {}
    column = listing(case.get("column", "政府信息公开年报"), **own, **covers, **addressed)
    words = case.get("leads") or [text for text in (case.get("lead"),) if text]
    url = case.get("url", PAGE)
    leads = tuple(lead_of(Link(url=url, text=text), column, portal, agencies) for text in words)
    evidence = {name: case[name] for name in ("meta", "statements", "period") if name in case}
    titles = (case["title"],) if "title" in case else ()
    text = {"text": case["text"]} if "text" in case else {}
    read = reading(*titles, with_form=case.get("form", True), **evidence, **case.get("read", {}), **text)
    is_listed = bool(words or own or covers or "column" in case)
    return bound(
        read, portal, agencies, url=url, lead=leads[0] if leads else None, leads=leads if "leads" in case else (),
        listing=column if is_listed else None,
        rulings=[ruling(day=day, **one) for day, one in enumerate(case.get("rulings", ()), start=1)],
    )  # fmt: skip


@pytest.mark.parametrize("case", cases("bindings.toml"))
def test_to_whom_a_document_is_bound(case: dict[str, Any], portal: Portal, agencies: tuple[Agency, ...]) -> None:
    found = whose(case, portal, agencies)
    told = {
        "agency": found.agency and found.agency.removeprefix("wenshang/"),
        "name": found.agency_name,
        "year": found.year,
        "reason": found.reason,
        "kind": found.report_kind,
        "basis": dict(found.basis),
        "shares": [one.removeprefix("wenshang/") for one in found.covers],
    }
    assert found.is_report is ("agency" in case)
    check(told, case)
    assert summary(found.findings, case.get("findings", ())) == list(case.get("findings", ()))
    assert (found.document, found.url) == ("d" * 64, case.get("url", PAGE))


def test_a_year_that_is_not_over_is_never_bound(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    early = datetime(2024, 12, 31, 15, 59, 59, tzinfo=UTC)
    found = bound(reading(OWN, period=(2024,)), portal, agencies, shown_at=early)
    assert (found.is_report, found.agency, found.year, found.reason) == (True, "wenshang/sfj", None, "year_unbound")
    assert [one.code for one in found.findings] == ["year_conflict"]
    assert bound(reading(OWN), portal, agencies, shown_at=datetime(2024, 12, 31, 16, tzinfo=UTC)).year == 2024


# ------------------------------------------------------------------------------- agencies that only their reports name


def taken(case: dict[str, Any], portal: Portal) -> Sequence[Agency]:
    """Return the agencies that are taken after the reports of a case are bound."""
    rows = registry_of(case, USUAL)
    rows = (*rows[:-1], replace(rows[-1], aliases=tuple(case.get("aliases", ()))))
    own = f"wenshang/{case['own']}" if "own" in case else None
    column = listing(agency=own, covers=tuple(map(AgencyKind, case.get("covers", ("department", "township")))))
    leads, bindings, said, captures = [], [], {}, []
    for number, given in enumerate(case["reports"], start=1):
        url = f"http://www.wenshang.gov.cn/art/{given['year'] + 1}/1/20/art_1_{number}.html"
        title = given.get("title", f"{given['year']}年政府信息公开工作年度报告")
        agency = (given["agency"],) if "agency" in given else ()
        meta = given.get("meta", {"发布机构": agency[0]} if agency else {})
        texts = {name: tuple(given.get(name, ())) for name in ("statements", "running")}
        texts["statements"] = texts["statements"] or agency
        read = replace(reading(title, meta=meta, period=(given["year"],), **texts), document=f"{number:064}")
        leads.append(lead_of(Link(url=url, text=given.get("link", title), capture="c"), column, portal, rows))
        lead = leads[-1]
        if "notice" in given:  # the report is a file of the page that the list links
            page, url = url, f"{url}.docx"
            lead = lead_to(url, "", lead, portal)
            captures += [
                Capture(id=at, run="r", portal=portal.name, role=role, url=at, requested=at, fetched_at=NOW,
                        outcome=CaptureOutcome.PAGE, via=via)
                for role, at, via in ((CaptureRole.REPORT, page, None), (CaptureRole.ATTACHMENT, url, page))
            ]  # fmt: skip
        said[read.document] = read.identity
        bindings.append(bound(read, portal, rows, url=url, lead=lead, listing=column))
    truth = PortalTruth(
        portal=portal, agencies=(), listings=(column,), agency_history={"all": tuple(rows)}, captures=tuple(captures)
    )
    return self_named(truth, leads, bindings, said, now=NOW)


@pytest.mark.parametrize("case", cases("self_named.toml"))
def test_who_is_taken_into_the_registry(case: dict[str, Any], portal: Portal) -> None:
    assert [one.name for one in taken(case, portal)] == case["names"]


# --------------------------------------------------------------------------------- real titles, addresses and documents

COPIES = [
    "haicheng_xiliu_2023_hijacked_excerpt",
    "liaoning_city_2022_hijacked_excerpt",
    "shandong_town_2015_hijacked_excerpt",
    "yongjia_xixia_2023_mirror_excerpt",
]


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_real_address_of_a_report_is_classified_as_one(shared: Path) -> None:
    for known in lines_of(shared / "domain" / "report_urls.jsonl"):
        found = classify(known["title"], known["url"], place=known["place"])
        assert found.is_report == (known["kind"] == "report"), known
        assert not found.is_report or known["year"] in (None, found.year), known


def test_nothing_that_only_looks_like_a_report_is_classified_as_one(shared: Path) -> None:
    for known in lines_of(shared / "domain" / "negatives.jsonl"):
        assert not classify(known["title"], known["url"]).is_report, known


def test_the_year_may_stand_in_the_first_section_alone(shared: Path) -> None:
    evidence = read((shared / "real" / "wendeng_zjj_2019_excerpt.txt").read_bytes()).identity
    assert identify(evidence).year == 2019
    assert not any(judge_title(title).could_be for title in evidence.titles)


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_on_a_hijacked_host_is_told(shared: Path, name: str) -> None:
    found = read((shared / "real" / f"{name}.txt").read_bytes()).findings
    assert "hijacked_copy" in {finding.code for finding in found}


def test_no_page_of_a_government_is_called_a_copy(shared: Path) -> None:
    pages = [path for path in (shared / "domain" / "html").rglob("*") if path.is_file() and path.suffix != ".md"]
    told = {path.name for path in pages for one in read(path.read_bytes()).findings if one.code == "hijacked_copy"}
    assert told == set()


HEADING = "望江县气象局关于2017年度政府信息公开工作年度报告"


@pytest.mark.parametrize("case", cases("headings.toml"))
def test_links_to_other_reports_and_a_columns_label_above_the_heading_give_no_title(case: dict[str, Any]) -> None:
    page = case["page"].replace("{H}", HEADING) + "<p>一、总体情况</p><p>按照条例编制。</p>"
    reading = read(page.encode())
    assert (reading.title, undisputed(reading.identity)) == (HEADING, (["望江县气象局"], 2017))


def test_a_day_of_making_is_a_date_only_where_no_day_of_publication_is_printed() -> None:
    """As the openness pages of 安徽 and 临沂 print both (cms_families.md 2.5), 浙江发改委 one in a table and one
    below the title, and some the first alone.
    """
    below = "</table><p>发布日期：2023-01-04 16:21</p>"
    made, published = (
        f"<tr><th>{name}：</th><td>2023-01-0{day}</td></tr>" for name, day in (("成文日期", 2), ("发布日期", 4))
    )
    days = [
        [one.at.day for one in read(f"<table>{rows}</table><h1>{OWN}</h1><p>一、总体情况</p>".encode()).identity.dates]
        for rows in (made + published, published + made, made + below, made)
    ]
    assert days == [[4], [4], [4], [2]]
