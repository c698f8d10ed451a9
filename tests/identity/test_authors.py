"""Whom a joint name names, and whose a report is that several bodies may share."""

from __future__ import annotations

import pytest
from identity_making import SHOWN, agency, listing, reading

from archive.identity.binding import SHARED, bind, binding_of_each, joined_names, name_two
from archive.identity.classification import lead_of
from storage.records import Agency, AgencyKind, Binding, Lead, Link, Portal, Reading, ReportKind

URL = "http://www.wenshang.gov.cn/d/1.html"
TAIL = "2024年政府信息公开工作年度报告"
SFJ, CZJ, GOV = "汶上县司法局", "汶上县财政局", "汶上县人民政府"
AGENCIES = (agency("sfj", SFJ), agency("czj", CZJ), agency("gov", GOV, AgencyKind.GOVERNMENT))
BOTH = ("wenshang/sfj", "wenshang/czj")


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("汶上县司法局、汶上县财政局", (SFJ, CZJ)),
        ("汶上县司法局、财政局", (SFJ, "财政局")),
        ("汶上县司法局汶上县财政局", (SFJ, CZJ)),
        ("县住房和城乡建设局与县城市管理局", ("县住房和城乡建设局", "县城市管理局")),
        ("政府办公室和文化和旅游局", ("政府办公室", "文化和旅游局")),
        ("中共汶上县委办公室、汶上县人民政府办公室", ("中共汶上县委办公室", "汶上县人民政府办公室")),
        ("汶上县发展和改革局", ()),
        ("汶上县教育、体育局", ()),
        ("汶上县司法局、县直各部门", ()),
        ("汶上县人民政府汶上县财政局", ()),  # the site's name before a title
        ("汶上县文化和旅游局(汶上县文物局)", ()),
    ],
)
def test_which_names_are_joined(printed: str, names: tuple[str, ...]) -> None:
    assert joined_names(printed, "山东省济宁市汶上县") == names


@pytest.mark.parametrize(
    ("other", "are_two"),
    [(CZJ + TAIL, True), ("财政局" + TAIL, True), ("司法局" + TAIL, False), (SFJ + TAIL, False), ("查看", False)],
)
def test_titles_of_two_bodies(other: str, are_two: bool) -> None:
    assert name_two(SFJ + TAIL, other) is are_two


def linked(portal: Portal, agencies: tuple[Agency, ...], *names: str) -> tuple[Lead, ...]:
    return tuple(lead_of(Link(url=URL, text=name + TAIL), listing(), portal, agencies) for name in names)


def bound(read: Reading, portal: Portal, *names: str, agencies: tuple[Agency, ...] = AGENCIES) -> Binding:
    leads = linked(portal, agencies, *names)
    lead = leads[0] if leads else None
    return bind(
        read, url=URL, lead=lead, listing=listing(), portal=portal, agencies=agencies, rulings=(), shown_at=SHOWN,
        leads=leads,
    )  # fmt: skip


def test_a_report_of_two_is_bound_to_each(portal: Portal) -> None:
    found = bound(reading(f"{SFJ}、{CZJ}{TAIL}"), portal)
    assert (found.agency, found.covers, found.report_kind) == (
        "wenshang/sfj", BOTH, ReportKind.SYSTEM,
    )  # fmt: skip
    assert (found.basis[SHARED], [one.code for one in found.findings]) == ("title", ["shared_report"])
    assert [(one.agency, one.agency_name) for one in binding_of_each(found, AGENCIES)] == [
        ("wenshang/sfj", SFJ),
        ("wenshang/czj", CZJ),
    ]


def test_of_two_authors_the_registry_may_know_one(portal: Portal) -> None:
    found = bound(reading(f"{SFJ}、汶上县水利局{TAIL}"), portal)
    assert (found.agency, [one.code for one in found.findings]) == ("wenshang/sfj", ["shared_report"])
    assert "汶上县水利局" in found.findings[0].zh


def test_a_body_that_the_registry_knows_in_brackets_shares_the_report(portal: Portal) -> None:
    known = (agency("wlj", "汶上县文化和旅游局"), agency("wwj", "汶上县文物局"))
    title = f"汶上县文化和旅游局（汶上县文物局）{TAIL}"
    assert set(bound(reading(title), portal, agencies=known).covers) == {"wenshang/wlj", "wenshang/wwj"}
    alone = bound(reading(title), portal, agencies=known[:1])
    assert (alone.agency, alone.findings) == ("wenshang/wlj", ())


@pytest.mark.parametrize(
    ("read", "agency_of", "covers"),
    [
        (reading(SFJ + TAIL), "wenshang/sfj", ()),
        (reading(CZJ + TAIL), "wenshang/czj", ()),
        (reading(TAIL), "wenshang/sfj", BOTH),
        (reading(TAIL, statements=(CZJ,)), "wenshang/czj", ()),
        (reading(SFJ + TAIL, statements=(CZJ,)), "wenshang/sfj", BOTH),
        (reading(SFJ + TAIL, text="全年向县财政局报送材料。"), "wenshang/sfj", ()),
        (reading("汶上县水利局" + TAIL), None, ()),
        (reading(GOV + TAIL), "wenshang/gov", ()),
    ],
)
def test_whom_of_those_linked_the_text_names(
    portal: Portal, read: Reading, agency_of: str | None, covers: tuple[str, ...]
) -> None:
    found = bound(read, portal, SFJ, CZJ)
    assert (found.agency, found.covers) == (agency_of, covers)


def test_a_signature_of_another_alone_makes_no_shared_report(portal: Portal) -> None:
    found = bound(reading(SFJ + TAIL, statements=(CZJ,)), portal, SFJ)
    assert (found.agency, found.covers, [one.code for one in found.findings]) == (
        "wenshang/sfj", (), ["agency_conflict"],
    )  # fmt: skip
