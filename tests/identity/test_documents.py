"""Whose report a document is, and to whom it is bound: the cases of ``cases/``; rulings decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from identity_making import PAGE, SHOWN, TITLE, agency, cases, check, listing, reading, registry_of, ruling, summary

from archive.identity.agency_csv import is_self_named
from archive.identity.binding import SHARED, BindingCase, bind, binding_of_each
from archive.identity.classification import lead_of
from archive.identity.evidence import identify
from archive.projection.truth import PortalTruth
from archive.projection.unregistered_bodies import self_named
from storage.records import (
    SHANGHAI,
    Agency,
    AgencyKind,
    Binding,
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


def test_a_shared_report_is_that_of_each(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    found = bound(reading(f"汶上县司法局、汶上县财政局{TITLE}"), portal, agencies)
    assert found.basis[SHARED] == "title"
    each = binding_of_each(found, agencies)
    assert [(one.agency, one.agency_name) for one in each] == [
        ("wenshang/sfj", "汶上县司法局"),
        ("wenshang/czj", "汶上县财政局"),
    ]


def test_a_year_that_is_not_over_is_never_bound(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    early = datetime(2024, 12, 31, 15, 59, 59, tzinfo=UTC)
    found = bound(reading(OWN, period=(2024,)), portal, agencies, shown_at=early)
    assert (found.is_report, found.agency, found.year, found.reason) == (True, "wenshang/sfj", None, "year_unbound")
    assert [one.code for one in found.findings] == ["year_conflict"]
    assert bound(reading(OWN), portal, agencies, shown_at=datetime(2024, 12, 31, 16, tzinfo=UTC)).year == 2024


# ------------------------------------------------------------------------------- bodies that only their reports name


def taken(case: dict[str, Any], portal: Portal) -> Sequence[Agency]:
    """Return the bodies that are taken after the reports of a case are bound."""
    rows = registry_of(case, USUAL)
    rows = (*rows[:-1], replace(rows[-1], aliases=tuple(case.get("aliases", ()))))
    own = f"wenshang/{case['own']}" if "own" in case else None
    column = listing(agency=own, covers=tuple(map(AgencyKind, case.get("covers", ("department", "township")))))
    leads, bindings, said = [], [], {}
    for number, given in enumerate(case["reports"], start=1):
        url = f"http://www.wenshang.gov.cn/art/{given['year'] + 1}/1/20/art_1_{number}.html"
        title = given.get("title", f"{given['year']}年政府信息公开工作年度报告")
        body = (given["body"],) if "body" in given else ()
        meta = given.get("meta", {"发布机构": body[0]} if body else {})
        texts = {name: tuple(given.get(name, ())) for name in ("statements", "running")}
        texts["statements"] = texts["statements"] or body
        read = replace(reading(title, meta=meta, period=(given["year"],), **texts), document=f"{number:064}")
        leads.append(lead_of(Link(url=url, text=given.get("link", title), capture="c"), column, portal, rows))
        said[read.document] = read.identity
        bindings.append(bound(read, portal, rows, url=url, lead=leads[-1], listing=column))
    truth = PortalTruth(portal=portal, agencies=(), listings=(column,), agency_history={"all": tuple(rows)})
    return self_named(truth, leads, bindings, said, now=NOW)


@pytest.mark.parametrize("case", cases("self_named.toml"))
def test_who_is_taken_into_the_registry(case: dict[str, Any], portal: Portal) -> None:
    assert [one.name for one in taken(case, portal)] == case["names"]


def test_who_is_taken_is_guessed_and_says_where_it_was_met(portal: Portal) -> None:
    body = "汶上县林业局"
    (one,) = taken({"reports": [{"year": year, "body": body} for year in (2023, 2024)]}, portal)
    assert (one.name, one.kind, one.guessed, one.recorded_at) == (body, AgencyKind.DEPARTMENT, True, NOW)
    assert one.source.endswith("/art/2025/1/20/art_1_2.html")
    assert is_self_named(one)
    assert not is_self_named(replace(one, guessed=False, source="import of list.csv: a document"))
