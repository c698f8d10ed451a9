"""Documents are bound to agencies of the registry, or left unbound with what is known; rulings decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from identity_making import SHOWN, agency, listing, reading, ruling

from archive.identity.binding import bind
from archive.identity.classification import lead_of
from storage.records import Agency, AgencyKind, Binding, Link, ListingForm, Portal, Reading, ReportKind, RulingKind

PAGE = "http://www.wenshang.gov.cn/art/2025/1/20/art_1_2.html"
TITLE = "汶上县司法局2024年政府信息公开工作年度报告"


def bound(read: Reading, portal: Portal, agencies: tuple[Agency, ...], **more: Any) -> Binding:
    given: dict[str, Any] = {"url": PAGE, "lead": None, "listing": None, "rulings": (), "shown_at": SHOWN, **more}
    return bind(read, portal=portal, agencies=agencies, **given)


def codes(binding: Binding) -> list[str]:
    return [finding.code for finding in binding.findings]


def test_the_title_binds(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    found = bound(reading(TITLE, period=(2024,)), portal, agencies)
    assert (found.is_report, found.agency, found.year, found.report_kind) == (
        True,
        "wenshang/sfj",
        2024,
        ReportKind.AGENCY,
    )
    assert found.basis == {"agency": "title", "year": "title"}
    assert (found.findings, found.reason) == ((), "")


def test_government_and_office_are_two(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    whole = bound(reading("汶上县2024年政府信息公开工作年度报告"), portal, agencies)
    assert (whole.agency, whole.report_kind) == ("wenshang/gov", ReportKind.GOVERNMENT)
    office = bound(reading("汶上县人民政府办公室2024年政府信息公开工作年度报告"), portal, agencies)
    assert (office.agency, office.report_kind) == ("wenshang/office", ReportKind.AGENCY)


def test_title_against_column_is_a_finding(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    found = bound(reading(TITLE), portal, agencies, listing=listing(agency="wenshang/fgj"))
    assert found.agency == "wenshang/sfj"
    assert codes(found) == ["agency_conflict"]


def test_without_an_agency_in_the_title_the_column_decides(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    read = reading("2024年政府信息公开工作年度报告", statements=("汶上县水利局",))
    found = bound(read, portal, agencies, listing=listing(agency="wenshang/fgj"))
    assert (found.agency, found.basis["agency"]) == ("wenshang/fgj", "listing")
    assert codes(found) == ["agency_conflict"]
    path = listing("首页>县政府部门>县发改局>政府信息公开年报")
    assert bound(reading("2024年政府信息公开工作年度报告"), portal, agencies, listing=path).agency == "wenshang/fgj"
    code = "http://www.wenshang.gov.cn/module/xxgk/xxgkAnnualReport.jsp?area=11370830004335289X&fbtime=2024"
    assert bound(reading(), portal, agencies, url=code).agency == "wenshang/sfj"


def test_the_link_names_the_agency_of_an_untitled_page(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    lead = lead_of(Link(url=PAGE, text=TITLE), listing(), portal, agencies)
    found = bound(reading(period=(2024,)), portal, agencies, lead=lead, listing=listing())
    assert (found.agency, found.year, found.basis["agency"]) == ("wenshang/sfj", 2024, "listing")


def test_metadata_and_opening_come_last_and_are_said(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    read = reading(meta={"发布机构": "汶上县司法局", "来源": "汶上县人民政府"}, period=(2024,))
    found = bound(read, portal, agencies)
    assert (found.agency, found.basis["agency"], codes(found)) == ("wenshang/sfj", "metadata", ["agency_inferred"])
    portal_wide = bound(reading(meta={"来源": "汶上县人民政府"}, period=(2024,)), portal, agencies)
    assert (portal_wide.agency, portal_wide.reason) == (None, "agency_unbound")


def test_a_body_of_another_place_is_never_bound(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    for title in ("济宁市司法局2024年政府信息公开工作年度报告", "嘉祥县2024年政府信息公开工作年度报告"):
        found = bound(reading(title), portal, agencies, listing=listing(agency="wenshang/sfj"))
        assert (found.is_report, found.agency) == (True, None)
        assert codes(found) == ["foreign_report"]


def test_a_body_not_in_the_registry_is_never_bound_to_another(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    found = bound(reading("汶上县水利局2024年政府信息公开工作年度报告"), portal, agencies)
    assert (found.agency, found.agency_name, codes(found)) == (None, "汶上县水利局", ["agency_unknown"])
    found = bound(
        reading("汶上县水利局2024年政府信息公开工作年度报告"), portal, agencies, listing=listing(agency="wenshang/sfj")
    )
    assert (found.agency, codes(found)) == (None, ["agency_unknown", "agency_conflict"])


def test_an_address_settles_a_near_name_with_a_finding(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    read = reading("汶上县教育局2024年政府信息公开工作年度报告")
    assert bound(read, portal, agencies).agency is None
    found = bound(read, portal, agencies, listing=listing(agency="wenshang/jtj"))
    assert (found.agency, found.basis["agency"], codes(found)) == ("wenshang/jtj", "listing", ["agency_conflict"])


@pytest.mark.parametrize(
    ("printed", "known"),
    [("县交通局", "汶上县交通运输局"), ("汶上县交通运输局", "汶上县交通局")],
)
def test_a_short_name_that_one_body_can_bear_is_that_bodys_and_told(portal: Portal, printed: str, known: str) -> None:
    roster = (agency("one", known), agency("sfj", "汶上县司法局"))
    found = bound(reading(f"{printed}2024年政府信息公开工作年度报告"), portal, roster)
    assert (found.agency, found.basis["agency"]) == ("wenshang/one", "title")
    assert [(one.code, one.expected) for one in found.findings] == [("agency_short_name", known)]


@pytest.mark.parametrize("known", ["汶上县教育和体育局", "汶上县人民政府办公室"])
def test_a_name_that_leaves_out_a_word_is_nobodys_short_name(portal: Portal, known: str) -> None:
    kind = AgencyKind.OFFICE if known.endswith("办公室") else AgencyKind.DEPARTMENT
    printed = "汶上县民政办公室" if kind is AgencyKind.OFFICE else "汶上县教育局"
    found = bound(reading(f"{printed}2024年政府信息公开工作年度报告"), portal, (agency("one", known, kind),))
    assert (found.agency, codes(found)) == (None, ["agency_unknown"])


def test_neighbouring_townships_are_not_near_names(portal: Portal) -> None:
    west = agency("west", "西关镇人民政府", AgencyKind.TOWNSHIP)
    found = bound(
        reading("东关镇人民政府2024年政府信息公开工作年度报告"),
        portal,
        (west,),
        listing=listing(agency="wenshang/west"),
    )
    assert (found.agency, codes(found)) == (None, ["agency_unknown", "agency_conflict"])


def test_link_against_column_is_a_finding(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    lead = lead_of(Link(url=PAGE, text=TITLE), listing(), portal, agencies)
    found = bound(reading(period=(2024,)), portal, agencies, lead=lead, listing=listing(agency="wenshang/fgj"))
    assert (found.agency, codes(found)) == ("wenshang/sfj", ["agency_conflict"])


def test_a_city_portal_binds_its_counties(portal: Portal) -> None:
    county = agency("neihuang", "内黄县人民政府", AgencyKind.GOVERNMENT)
    city = agency("city", "安阳市人民政府", AgencyKind.GOVERNMENT)
    anyang = replace(portal, name="anyang", place="河南省安阳市", hosts=())
    found = bound(reading("内黄县2024年政府信息公开工作年度报告"), anyang, (county, city))
    assert (found.agency, found.report_kind, codes(found)) == ("wenshang/neihuang", ReportKind.GOVERNMENT, [])
    assert bound(reading("安阳市2024年政府信息公开工作年度报告"), anyang, (county, city)).agency == "wenshang/city"


def test_an_ambiguous_short_form_is_settled_by_the_address_only(portal: Portal) -> None:
    two = (agency("a", "汶上县文化和旅游局"), agency("b", "汶上县文化旅游体育局"))
    read = reading("县文旅局2024年政府信息公开工作年度报告")
    found = bound(read, portal, two)
    assert (found.agency, codes(found)) == (None, ["agency_ambiguous"])
    assert bound(read, portal, two, listing=listing(agency="wenshang/b")).agency == "wenshang/b"


def test_a_year_that_is_not_over_is_never_bound(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    early = datetime(2024, 12, 31, 15, 59, 59, tzinfo=UTC)
    found = bound(reading(TITLE, period=(2024,)), portal, agencies, shown_at=early)
    assert (found.is_report, found.agency, found.year, found.reason) == (True, "wenshang/sfj", None, "year_unbound")
    assert codes(found) == ["year_conflict"]
    new_year = datetime(2024, 12, 31, 16, 0, tzinfo=UTC)
    assert bound(reading(TITLE), portal, agencies, shown_at=new_year).year == 2024


def test_the_address_may_contradict_the_titles_year(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    url = "http://www.wenshang.gov.cn/module/xxgk/xxgkAnnualReport.jsp?area=11370830004335289X&fbtime=2025"
    found = bound(reading(TITLE, period=(2024,)), portal, agencies, url=url)
    assert (found.agency, found.year, codes(found)) == ("wenshang/sfj", 2024, ["year_conflict"])


def test_what_is_no_report_says_why(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    blank = bound(reading(TITLE, is_report=False, reason="blank_template"), portal, agencies)
    assert (blank.is_report, blank.reason, blank.agency) == (False, "blank_template", None)
    picture = bound(reading("【一图读懂】汶上县司法局2024年政府信息公开工作年度报告"), portal, agencies)
    assert (picture.is_report, picture.reason) == (False, "derivative")
    notice = "关于公布2024年政府信息公开工作年度报告的公告"
    assert not bound(reading(notice, with_form=False), portal, agencies).is_report
    assert bound(reading(notice), portal, agencies).is_report  # the form itself stands below the notice
    mirror = bound(reading(TITLE), portal, agencies, url="http://mirror.example.com/1.html")
    assert (mirror.is_report, mirror.reason) == (False, "unofficial_host")


def test_an_unreadable_document_is_the_report_its_link_says(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    broken = reading(is_report=False, reason="unreadable", unreadable="encrypted", with_form=False)
    lead = lead_of(Link(url=PAGE, text=TITLE), listing(), portal, agencies)
    found = bound(broken, portal, agencies, lead=lead, listing=listing())
    assert (found.is_report, found.agency, found.year) == (True, "wenshang/sfj", 2024)
    assert not bound(broken, portal, agencies).is_report
    addressed = listing(form=ListingForm.ADDRESSED, agency="wenshang/sfj", year=2024)
    assert bound(broken, portal, agencies, listing=addressed).agency == "wenshang/sfj"


def test_a_column_that_only_governments_use(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    only = listing(covers=(AgencyKind.GOVERNMENT,))
    read = reading("2024年政府信息公开工作年度报告")
    assert bound(read, portal, agencies, listing=only).agency == "wenshang/gov"
    assert bound(read, portal, agencies, listing=listing()).agency is None


def test_a_page_that_announces_the_reports_of_many_is_nobodys(portal: Portal) -> None:
    government = agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT)
    bureau = agency("sf", "汶上县司法局")
    title = "汶上县各单位2024年政府信息公开工作年度报告"

    def held(title: str, who: Agency, *, with_form: bool = False) -> Binding:
        column = listing(agency=who.id)
        return bound(reading(title, with_form=with_form), portal, (government, bureau), listing=column)

    assert (held(title, government).agency, held(title, government).reason) == (None, "agency_unbound")
    assert held(title, government, with_form=True).agency == government.id  # it has the figures of a report
    assert held(title, bureau).agency == bureau.id  # in its own column it is so called
    assert held("2024年政府信息公开工作年度报告", government).agency == government.id
    assert held("全县2024年政府信息公开工作年度报告", government).agency == government.id
    assert held("本机关2024年政府信息公开工作年度报告", government).agency == government.id


def test_a_system_is_bound_to_the_body_that_leads_it(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    found = bound(reading("汶上县自然资源和规划系统2024年政府信息公开工作年度报告"), portal, agencies)
    assert (found.agency, found.report_kind, codes(found)) == ("wenshang/zrj", ReportKind.SYSTEM, ["system_report"])


def test_rulings_decide(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    read = reading(TITLE)
    other = ruling(read.document, agency="wenshang/fgj", year=2023)
    found = bound(read, portal, agencies, rulings=(other,))
    assert (found.agency, found.agency_name, found.year) == ("wenshang/fgj", "汶上县发展和改革局", 2023)
    assert found.basis == {"agency": "ruling", "year": "ruling"}
    later = ruling(PAGE, day=2, is_report=False)
    for order in ((other, later), (later, other)):
        none = bound(read, portal, agencies, rulings=order)
        assert (none.is_report, none.reason, none.agency) == (False, "ruling", None)
    part = bound(read, portal, agencies, rulings=(ruling(PAGE, year=2022),))
    assert (part.agency, part.year) == ("wenshang/sfj", 2022)
    lead = ruling(PAGE, RulingKind.LEAD, is_report=False)
    assert not bound(read, portal, agencies, rulings=(lead,)).is_report
    elsewhere = ruling("http://www.wenshang.gov.cn/other.html", is_report=False)
    assert bound(read, portal, agencies, rulings=(elsewhere,)).is_report


def test_the_order_of_the_registry_never_matters(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    read = reading("县政府办2024年政府信息公开工作年度报告", statements=("汶上县司法局",))
    assert bound(read, portal, agencies) == bound(read, portal, agencies[::-1])
