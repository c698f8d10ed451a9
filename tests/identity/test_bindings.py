"""Documents are bound to agencies of the registry, or left unbound with what is known; rulings decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from identity_making import PAGE, SHOWN, TITLE, agency, cases, listing, reading, ruling, summary

from archive.identity.binding import SHARED, bind, binding_of_each, joined_names, name_two
from archive.identity.classification import lead_of
from archive.identity.matching import agree
from archive.identity.names import complete
from storage.records import Agency, AgencyKind, Binding, Link, ListingForm, Portal, Reading, ReportKind, RulingKind

OWN = f"汶上县司法局{TITLE}"


def bound(read: Reading, portal: Portal, agencies: tuple[Agency, ...], **more: Any) -> Binding:
    given: dict[str, Any] = {"url": PAGE, "lead": None, "listing": None, "rulings": (), "shown_at": SHOWN, **more}
    return bind(read, portal=portal, agencies=agencies, **given)


def whose(case: dict[str, Any], portal: Portal, agencies: tuple[Agency, ...]) -> Binding:
    """The binding of a case."""
    portal = replace(portal, place=case["place"], hosts=()) if "place" in case else portal
    if "registry" in case:
        rows = [(*row.split(), "department")[:3] for row in case["registry"]]
        agencies = tuple(agency(local, name, AgencyKind(kind)) for local, name, kind in rows)
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
    for what in told.keys() & case.keys():
        assert told[what] == (None if case[what] == "none" else case[what]), what
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


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("汶上县司法局、汶上县财政局", "汶上县司法局 汶上县财政局"),
        ("汶上县司法局、财政局", "汶上县司法局 财政局"),
        ("汶上县司法局汶上县财政局", "汶上县司法局 汶上县财政局"),
        ("县住房和城乡建设局与县城市管理局", "县住房和城乡建设局 县城市管理局"),
        ("政府办公室和文化和旅游局", "政府办公室 文化和旅游局"),
        ("汶上县发展和改革局", ""),
        ("汶上县教育、体育局", ""),
        ("汶上县司法局、县直各部门", ""),
        ("汶上县人民政府汶上县财政局", ""),  # the site's name before a title
        ("汶上县文化和旅游局(汶上县文物局)", ""),
    ],
)
def test_which_names_are_joined(printed: str, names: str) -> None:
    assert joined_names(printed, "山东省济宁市汶上县") == tuple(names.split())


@pytest.mark.parametrize(
    ("other", "are_two"), [("汶上县财政局", True), ("财政局", True), ("司法局", False), ("汶上县司法局", False)]
)
def test_titles_of_two_bodies(other: str, are_two: bool) -> None:
    assert name_two(OWN, other + TITLE) is are_two
    assert not name_two(OWN, "查看")


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        ("郭仓镇人民政府", "郭仓镇财政所", True),
        ("郭仓镇人民政府", "次邱镇财政所", False),
        ("郭仓镇财政所", "汶上县财政局", False),
    ],
)
def test_only_bodies_of_one_township_may_be_one_agency(one: str, other: str, may: bool) -> None:
    first, second = complete(one, "汶上县"), complete(other, "汶上县")
    assert agree(first, second) is agree(second, first) is may


def test_a_year_that_is_not_over_is_never_bound(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    early = datetime(2024, 12, 31, 15, 59, 59, tzinfo=UTC)
    found = bound(reading(OWN, period=(2024,)), portal, agencies, shown_at=early)
    assert (found.is_report, found.agency, found.year, found.reason) == (True, "wenshang/sfj", None, "year_unbound")
    assert [one.code for one in found.findings] == ["year_conflict"]
    assert bound(reading(OWN), portal, agencies, shown_at=datetime(2024, 12, 31, 16, tzinfo=UTC)).year == 2024


def test_the_order_of_the_registry_never_matters(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    read = reading(f"县政府办{TITLE}", statements=("汶上县司法局",))
    assert bound(read, portal, agencies) == bound(read, portal, agencies[::-1])


# -------------------------------------------------------------------------------------------------------------- rulings


def test_rulings_decide(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    read = reading(OWN)
    other = ruling(read.document, agency="wenshang/fgj", year=2023)
    found = bound(read, portal, agencies, rulings=(other,))
    assert (found.agency, found.agency_name, found.year) == ("wenshang/fgj", "汶上县发展和改革局", 2023)
    assert found.basis == {"agency": "ruling", "year": "ruling"}
    later = ruling(PAGE, day=2, is_report=False)
    for order in ((other, later), (later, other)):
        none = bound(read, portal, agencies, rulings=order)
        assert (none.is_report, none.reason, none.agency, none.basis) == (False, "ruling", None, {"report": "ruling"})
    part = bound(read, portal, agencies, rulings=(ruling(PAGE, year=2022),))
    assert (part.agency, part.year) == ("wenshang/sfj", 2022)
    assert not bound(read, portal, agencies, rulings=(ruling(PAGE, RulingKind.LEAD, is_report=False),)).is_report
    elsewhere = ruling("http://www.wenshang.gov.cn/other.html", is_report=False)
    assert bound(read, portal, agencies, rulings=(elsewhere,)).is_report


def test_a_ruling_takes_the_latest_row_of_an_agency(portal: Portal) -> None:
    old = agency("sfj", "汶上县司法行政局")
    new = replace(old, name="汶上县司法局", recorded_at=SHOWN)
    for rows in ((old, new), (new, old)):
        found = bound(reading(OWN), portal, rows, rulings=(ruling(PAGE, agency=old.id),))
        assert (found.agency, found.agency_name) == (old.id, "汶上县司法局")


@pytest.mark.parametrize(
    ("decision", "wanted"),
    [
        ({"agency": "wenshang/gone"}, ("wenshang/gone", 2024, ReportKind.AGENCY, "agency")),
        ({"report_kind": "system"}, ("wenshang/sfj", 2024, ReportKind.SYSTEM, "report_kind")),
        ({"report_kind": "something", "year": True}, ("wenshang/sfj", 2024, ReportKind.AGENCY, "")),
    ],
)
def test_what_a_ruling_says_is_the_basis_of_that_alone(
    decision: dict[str, Any], wanted: tuple[object, ...], portal: Portal, agencies: tuple[Agency, ...]
) -> None:
    found = bound(reading(OWN), portal, agencies, rulings=(ruling(PAGE, **decision),))
    ruled = "".join(what for what, why in found.basis.items() if why == "ruling")
    assert (found.agency, found.year, found.report_kind, ruled) == wanted
    assert found.agency_name == "汶上县司法局"


def test_a_ruling_makes_whole_what_was_open_and_a_report_after_all(
    portal: Portal, agencies: tuple[Agency, ...]
) -> None:
    year = (ruling(PAGE, year=2024),)
    whole = bound(reading("汶上县司法局政府信息公开工作年度报告"), portal, agencies, rulings=year)
    assert (whole.agency, whole.year, whole.reason) == ("wenshang/sfj", 2024, "")
    part = bound(reading(), portal, agencies, rulings=year)
    assert (part.agency, part.year, part.reason) == (None, 2024, "year_unbound")
    none = reading(OWN, is_report=False, reason="news")
    found = bound(none, portal, agencies, rulings=(ruling(PAGE, is_report=True, agency="wenshang/sfj", year=2024),))
    assert (found.is_report, found.agency, found.year, found.reason) == (True, "wenshang/sfj", 2024, "")
