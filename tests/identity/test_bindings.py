"""Documents are bound to agencies of the registry, or left unbound with what is known; rulings decide."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from identity_making import (
    CASES,
    PAGE,
    SHOWN,
    TITLE,
    agency,
    cases,
    check,
    listing,
    reading,
    registry_of,
    ruling,
    summary,
)

from archive.identity.binding import SHARED, bind, binding_of_each, joined_names, name_two
from archive.identity.classification import lead_of
from archive.identity.matching import agree
from archive.identity.names import complete
from storage.records import Agency, AgencyKind, Binding, Link, ListingForm, Portal, Reading

OWN = f"汶上县司法局{TITLE}"
NAMES: dict[str, Any] = tomllib.loads((CASES / "names.toml").read_text(encoding="utf-8"))


def bound(read: Reading, portal: Portal, agencies: tuple[Agency, ...], **more: Any) -> Binding:
    given: dict[str, Any] = {"url": PAGE, "lead": None, "listing": None, "rulings": (), "shown_at": SHOWN, **more}
    return bind(read, portal=portal, agencies=agencies, **given)


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


@pytest.mark.parametrize(("printed", "names"), NAMES["joined"].items())
def test_which_names_are_joined(printed: str, names: list[str]) -> None:
    assert joined_names(printed) == tuple(names)


@pytest.mark.parametrize(("one", "other", "is_one"), NAMES["one agency"])
def test_which_names_may_be_one_agency(one: str, other: str, is_one: bool) -> None:
    first, second = complete(one, "汶上县"), complete(other, "汶上县")
    assert agree(first, second) is agree(second, first) is is_one


def test_titles_of_two_bodies() -> None:
    assert [name_two(OWN, f"{one}{TITLE}") for one in ("财政局", "司法局", "汶上县司法局")] == [True, False, False]
    assert not name_two(OWN, "查看")


def test_a_year_that_is_not_over_is_never_bound(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    early = datetime(2024, 12, 31, 15, 59, 59, tzinfo=UTC)
    found = bound(reading(OWN, period=(2024,)), portal, agencies, shown_at=early)
    assert (found.is_report, found.agency, found.year, found.reason) == (True, "wenshang/sfj", None, "year_unbound")
    assert [one.code for one in found.findings] == ["year_conflict"]
    assert bound(reading(OWN), portal, agencies, shown_at=datetime(2024, 12, 31, 16, tzinfo=UTC)).year == 2024


def test_the_order_of_the_registry_never_matters(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    read = reading(f"县政府办{TITLE}", statements=("汶上县司法局",))
    assert bound(read, portal, agencies) == bound(read, portal, agencies[::-1])


def test_a_ruling_takes_the_latest_row_of_an_agency(portal: Portal) -> None:
    old = agency("sfj", "汶上县司法行政局")
    new = replace(old, name="汶上县司法局", recorded_at=SHOWN)
    for rows in ((old, new), (new, old)):
        assert bound(reading(OWN), portal, rows, rulings=(ruling(agency=old.id),)).agency_name == "汶上县司法局"
