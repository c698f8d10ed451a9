"""What the identity room tells: which evidence said what, and what was taken, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from identity_making import SHOWN, agency, listing, reading, ruling

from archive.findings import finding
from archive.identity.binding import bind
from archive.identity.classification import lead_of
from archive.identity.evidence import Identified, best_title, identify, title_of, year_of
from archive.identity.matching import agree
from archive.identity.names import complete
from archive.identity.titles import Strength
from storage.records import (
    Agency,
    AgencyKind,
    Binding,
    DatedWitness,
    Finding,
    IdentityEvidence,
    Lead,
    Link,
    Listing,
    ListingForm,
    Portal,
    Reading,
    ReportKind,
    Severity,
)

TITLE = "汶上县司法局2024年政府信息公开工作年度报告"
BARE = "2024年政府信息公开工作年度报告"
PAGE = "http://www.wenshang.gov.cn/art/2025/1/20/art_1_2.html"


def told(*findings: Finding) -> list[tuple[str, str | None, str | None]]:
    return [(finding.code, finding.found, finding.expected) for finding in findings]


def said(found: Identified) -> list[tuple[str, str | None, str | None]]:
    return told(*found.findings)


def witness(year: int, month: int, origin: str = "metadata", day: int = 20) -> DatedWitness:
    return DatedWitness(origin=origin, at=datetime(year, month, day, tzinfo=UTC), text="")


def bound(read: Reading, portal: Portal, agencies: tuple[Agency, ...], **more: Any) -> Binding:
    given: dict[str, Any] = {"url": PAGE, "lead": None, "listing": None, "rulings": (), "shown_at": SHOWN, **more}
    return bind(read, portal=portal, agencies=agencies, **given)


# ----------------------------------------------------------------------------------------------------- the sentences


@pytest.mark.parametrize(
    ("basis", "zh", "en"),
    [
        ("title", "标题", "the title"),
        ("listing", "所在栏目或地址", "the column or address"),
        ("metadata", "页面元数据", "the page's metadata"),
        ("statement", "正文开头或落款", "the opening or signature"),
        ("running", "正文", "the running text"),
    ],
)
def test_a_sentence_names_its_evidence_in_both_languages(basis: str, zh: str, en: str) -> None:
    found = finding("agency_conflict", basis=basis, found="甲局", expected="乙局")
    assert found.zh == f"机关名称不一致：{zh}为“甲局”，而采用的是“乙局”。"
    assert found.en == f"The agency is named differently: {en} says 甲局; 乙局 was taken."
    assert (found.found, found.expected, found.severity) == ("甲局", "乙局", Severity.WARNING)


def test_a_sentence_for_what_was_done_is_given_in_english_by_itself() -> None:
    found = finding("year_conflict", case="taken", basis="period", found=2023, expected=2024)
    assert "统计期限为2023年，采用2024年" in found.zh
    assert found.en == "The reporting year is contradicted: the stated period says 2023; 2024 was taken."
    assert finding("year_inferred", found=2020).expected is None


# ------------------------------------------------------------------------------------------------------ by a document


def test_every_contradiction_names_both_sides() -> None:
    evidence = IdentityEvidence(titles=(TITLE,), statements=("汶上县水利局",), period=(2022, 2023))
    assert said(identify(evidence, place="汶上县")) == [
        ("agency_conflict", "汶上县水利局", "汶上县司法局"),
        ("year_slip", "2022、2023", "2024"),
    ]
    [_, slip] = identify(evidence).findings
    assert "统计期限" in slip.zh
    assert "the stated period" in slip.en


def test_what_was_inferred_is_named() -> None:
    found = identify(IdentityEvidence(statements=("汶上县司法局",), period=(2022,)))
    assert said(found) == [("agency_inferred", "汶上县司法局", None)]
    assert "the opening or signature" in found.findings[0].en
    assert said(identify(IdentityEvidence(dates=(witness(2021, 2),)))) == [("year_inferred", "2020", None)]


def test_places_that_differ_are_named() -> None:
    read = "鄂尔多斯市2019年政府信息公开工作年度报告"
    assert said(identify(IdentityEvidence(titles=(read,)), place="恩格贝生态示范区"))[0] == (
        "place_conflict", "鄂尔多斯市", "恩格贝生态示范区",
    )  # fmt: skip
    misread = IdentityEvidence(titles=("沐阳县人民政府2025年政府信息公开工作年度报告",))
    assert said(identify(misread, place="沭阳县")) == [("place_misread", "沐阳县", "沭阳县")]


def test_a_report_of_a_system_keeps_what_is_known_of_it() -> None:
    found = identify(
        IdentityEvidence(titles=("重庆市规划和自然资源系统2025年政府信息公开工作年度报告",)), place="重庆市"
    )
    assert found.basis == {"place": "place", "year": "title", "system": "重庆市规划和自然资源系统"}
    assert said(found) == [("system_report", "重庆市规划和自然资源系统", None)]


def test_two_years_in_a_title_say_which_was_taken() -> None:
    title = "汶上县司法局2021年2022年政府信息公开工作年度报告"
    [open_question] = identify(IdentityEvidence(titles=(title,))).findings
    assert (open_question.found, open_question.expected) == ("2021、2022", None)
    assert open_question.en.endswith("the title says 2021、2022; it cannot be told which.")
    [settled] = identify(IdentityEvidence(titles=(title,), period=(2022,))).findings
    assert (settled.found, settled.expected) == ("2021、2022", "2022")
    assert settled.en.endswith("2022 was taken.")


@pytest.mark.parametrize("key", ["articletitle", "标题"])
def test_the_pages_own_title_may_contradict_the_printed_one(key: str) -> None:
    evidence = IdentityEvidence(titles=(TITLE,), meta={key: TITLE.replace("2024", "2023")}, period=(2024,))
    [found] = identify(evidence).findings
    assert (found.code, found.found, found.expected) == ("year_conflict", "2023", "2024")
    assert found.en.endswith("the page's metadata says 2023; 2024 was taken.")
    assert found.zh.endswith("页面元数据为2023年，采用2024年。")


@pytest.mark.parametrize("origin", ["metadata", "listing", "url", "signature", "object_id"])
def test_any_date_of_the_page_may_show_that_the_year_cannot_be(origin: str) -> None:
    found = identify(IdentityEvidence(titles=(TITLE,), dates=(witness(2024, 1, origin),)))
    [conflict] = [finding for finding in found.findings if finding.code == "year_conflict"]
    assert found.year is None
    assert (conflict.found, conflict.expected) == ("2024", None)
    assert conflict.en.endswith("the title says 2024; the page is dated before that year was over.")
    assert identify(IdentityEvidence(titles=(TITLE,), dates=(witness(2024, 1, "http_header"),))).year == 2024
    later = (witness(2024, 1, origin), witness(2025, 1, origin))
    assert identify(IdentityEvidence(titles=(TITLE,), dates=later)).year == 2024


def test_reports_are_signed_from_december_on() -> None:
    assert identify(IdentityEvidence(titles=(TITLE,), dates=(witness(2024, 12, day=1),))).year == 2024
    assert identify(IdentityEvidence(titles=(TITLE,), dates=(witness(2024, 11, day=30),))).year is None
    evening = DatedWitness(origin="url", at=datetime(2024, 11, 30, 17, tzinfo=UTC), text="")  # 1 December in Shanghai
    assert identify(IdentityEvidence(titles=(TITLE,), dates=(evening,))).year == 2024


@pytest.mark.parametrize(("month", "year"), [(1, 2020), (6, 2020), (7, None)])
def test_the_date_of_publication_suggests_a_year_in_the_first_half_only(month: int, year: int | None) -> None:
    assert identify(IdentityEvidence(dates=(witness(2021, month),))).year == year
    assert identify(IdentityEvidence(dates=(witness(2021, month, "signature"),))).year is None


def test_a_date_of_publication_is_a_day_in_shanghai() -> None:
    evening = DatedWitness(origin="metadata", at=datetime(2020, 12, 31, 17, tzinfo=UTC), text="")  # there 1 January
    printed = DatedWitness(origin="metadata", at=datetime(2021, 1, 1, 1), text="2021-01-01")  # noqa: DTZ001 — as printed
    assert identify(IdentityEvidence(dates=(evening,))).year == 2020
    assert identify(IdentityEvidence(dates=(printed, evening))).year == 2020


def test_dates_of_two_years_suggest_none() -> None:
    assert identify(IdentityEvidence(dates=(witness(2021, 2), witness(2022, 2)))).year is None


# -------------------------------------------------------------------------------------------------------- which title


def strength_of(*titles: str) -> Strength:
    found = best_title(titles)
    assert found is not None
    return found.strength


CUT = "汶上县司法局2024年政府信息公开工作年…"
FOLDER = "2024年政府信息公开年报"
UNDATED = "汶上县司法局政府信息公开工作年度报告"


@pytest.mark.parametrize(
    ("more", "less"),
    [(TITLE, BARE), (BARE, UNDATED), (UNDATED, FOLDER), (FOLDER, CUT), (CUT, "政府信息公开年报")],
)
def test_the_title_that_says_more_goes_before_the_one_that_says_less(more: str, less: str) -> None:
    assert strength_of(less) is not strength_of(more)
    between = ("的通知，各单位请阅。",)  # titles next to each other are read as one, too
    assert strength_of(less, *between, more) is strength_of(more, *between, less) is strength_of(more)


def test_the_pages_metadata_gives_a_title_where_none_is_printed() -> None:
    for key in ("articletitle", "标题", "名称", "title"):
        verdict, basis = title_of(IdentityEvidence(meta={key: TITLE}))
        assert verdict is not None
        assert (verdict.agency, verdict.year, basis) == ("汶上县司法局", 2024, "metadata")
    verdict, basis = title_of(IdentityEvidence(titles=(BARE,), meta={"title": TITLE}))
    assert verdict is not None
    assert (verdict.agency, basis) == ("", "title")
    assert title_of(IdentityEvidence(meta={"来源": TITLE}))[0] is None


# ------------------------------------------------------------------------------------------------------------ the place


@pytest.mark.parametrize(
    ("evidence", "place", "where", "basis"),
    [
        (IdentityEvidence(titles=(TITLE,)), None, "汶上县", "title"),
        (IdentityEvidence(titles=("司法局" + BARE,)), "汶上县", "汶上县", "place"),
        (IdentityEvidence(titles=("司法局" + BARE,), meta={"来源": "汶上县人民政府"}), None, "汶上县", "statement"),
        (IdentityEvidence(titles=(BARE,), running=("汶上县司法局", "汶上县水利局")), None, "汶上县", "running"),
        (IdentityEvidence(titles=(BARE,), running=("汶上县司法局", "嘉祥县水利局")), None, None, ""),
    ],
)
def test_where_the_place_is_known_from(
    evidence: IdentityEvidence, place: str | None, where: str | None, basis: str
) -> None:
    found = identify(evidence, place=place)
    assert (found.place, found.basis.get("place", "")) == (where, basis)


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        ("郭仓镇人民政府", "郭仓镇财政所", True),
        ("郭仓镇人民政府", "次邱镇财政所", False),
        ("次邱镇人民政府", "郭仓镇财政所", False),
        ("郭仓镇财政所", "汶上县财政局", False),
    ],
)
def test_only_bodies_of_one_township_may_be_one_agency(one: str, other: str, may: bool) -> None:
    first, second = complete(one, "汶上县"), complete(other, "汶上县")
    assert agree(first, second) is agree(second, first) is may


def test_a_body_and_one_of_another_place_never_agree() -> None:
    evidence = IdentityEvidence(titles=(TITLE,), statements=("嘉祥县司法局",))
    assert said(identify(evidence)) == [("agency_conflict", "嘉祥县司法局", "汶上县司法局")]
    short = IdentityEvidence(titles=("司法局" + BARE,), statements=("嘉祥县司法局",))
    assert identify(short).agency == "嘉祥县司法局"


# ----------------------------------------------------------------------------------------------------- in the registry


def test_a_binding_names_both_sides_of_what_disagrees(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    read = reading(TITLE, statements=("汶上县水利局",))
    found = bound(read, portal, agencies, listing=listing(agency="wenshang/fgj"))
    assert told(*found.findings) == [
        ("agency_conflict", "汶上县发展和改革局", "汶上县司法局"),
        ("agency_conflict", "汶上县水利局", "汶上县司法局"),
    ]
    assert [finding.en.split(":")[1].split(" says")[0].strip() for finding in found.findings] == [
        "the column or address",
        "the opening or signature",
    ]


def test_a_foreign_body_and_an_unknown_one_are_named(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    foreign = bound(reading("嘉祥县" + TITLE[3:]), portal, agencies)
    assert told(*foreign.findings) == [("foreign_report", "嘉祥县司法局", "汶上县")]
    assert (foreign.agency_name, foreign.basis["agency"], foreign.reason) == ("嘉祥县司法局", "title", "agency_unbound")
    unknown = bound(reading("汶上县水利局" + BARE), portal, agencies, listing=listing(agency="wenshang/sfj"))
    assert told(*unknown.findings) == [
        ("agency_unknown", "汶上县水利局", None),
        ("agency_conflict", "汶上县司法局", "汶上县水利局"),
    ]
    assert "the column or address says 汶上县司法局; 汶上县水利局 was taken" in unknown.findings[1].en


def test_all_bodies_an_ambiguous_name_can_mean_are_named(portal: Portal) -> None:
    two = (agency("a", "汶上县文化和旅游局"), agency("b", "汶上县文化旅游体育局"))
    found = bound(reading("县文旅局" + BARE), portal, two)
    assert told(*found.findings) == [("agency_ambiguous", "汶上县文旅局", "wenshang/a、wenshang/b")]
    assert (found.agency_name, found.basis["agency"]) == ("汶上县文旅局", "title")


def test_a_near_name_settled_by_its_address_is_named(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    found = bound(reading("汶上县教育局" + BARE), portal, agencies, listing=listing(agency="wenshang/jtj"))
    assert told(*found.findings) == [("agency_conflict", "汶上县教育局", "汶上县教育和体育局")]
    assert found.agency_name == "汶上县教育和体育局"


def test_a_misprinted_character_is_near_and_another_body_is_not(portal: Portal) -> None:
    body = agency("x", "汶上县司法局")
    near = bound(
        reading("汶上县统记局" + BARE), portal, (agency("t", "汶上县统计局"),), listing=listing(agency="wenshang/t")
    )
    assert near.agency is None  # three characters: 统计局 and 设计局 are two
    long = agency("g", "汶上县自然资源和规划局")
    for printed, told_agency in (("汶上县自然资原和规划局", "wenshang/g"), ("汶上县自然资原和归划局", None)):
        found = bound(reading(printed + BARE), portal, (long, body), listing=listing(agency="wenshang/g"))
        assert found.agency == told_agency


def test_an_inferred_body_is_named_as_the_registry_has_it(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    found = bound(reading(statements=("县司法局",), period=(2024,)), portal, agencies)
    assert told(*found.findings) == [("agency_inferred", "汶上县司法局", None)]
    assert found.agency_name == "汶上县司法局"
    named = bound(reading(statements=("汶上县水利局",), period=(2024,)), portal, agencies)
    assert (named.agency, named.agency_name, named.basis["agency"]) == (None, "汶上县水利局", "statement")
    assert named.reason == "agency_unbound"


def test_the_same_body_named_twice_is_no_conflict(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    lead = lead_of(Link(url=PAGE, text=TITLE), listing(), portal, agencies)
    assert lead.agency == "wenshang/sfj"
    column = listing("首页>县司法局>政府信息公开年报", agency="wenshang/sfj")
    found = bound(reading(BARE), portal, agencies, lead=lead, listing=column)
    assert (found.agency, found.findings) == ("wenshang/sfj", ())
    own = bound(reading(BARE), portal, agencies, listing=listing("首页>县水利局>年报", agency="wenshang/sfj"))
    assert own.findings == ()  # the column's body is not in the registry


def test_only_the_one_government_is_taken_for_a_column_of_governments(portal: Portal) -> None:
    only = listing(covers=(AgencyKind.GOVERNMENT,))
    two = (agency("a", "汶上县人民政府", AgencyKind.GOVERNMENT), agency("b", "嘉祥县人民政府", AgencyKind.GOVERNMENT))
    assert bound(reading(BARE), portal, two, listing=only).agency is None
    assert bound(reading(BARE), portal, two[:1], listing=only).agency == "wenshang/a"


def test_a_year_that_could_not_be_says_why_in_both_languages(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    early = datetime(2024, 12, 1, tzinfo=UTC)
    [found] = bound(reading(TITLE, period=(2024,)), portal, agencies, shown_at=early).findings
    assert (found.found, found.expected) == ("2024", None)
    assert found.en.endswith("the title says 2024; that year was not over when it was shown.")
    assert found.severity is Severity.ERROR


def test_a_printed_title_that_says_something_is_not_replaced_by_the_links(
    portal: Portal, agencies: tuple[Agency, ...]
) -> None:
    lead = lead_of(Link(url=PAGE, text=TITLE.replace("司法局", "教育和体育局")), listing(), portal, agencies)
    found = bound(reading("汶上县司法局" + BARE), portal, agencies, lead=lead, listing=listing())
    assert (found.agency, found.basis["agency"]) == ("wenshang/sfj", "title")
    bare = bound(reading("政府信息公开工作年度报告"), portal, agencies, lead=lead, listing=listing())
    assert (bare.agency, bare.year, bare.basis) == ("wenshang/jtj", 2024, {"agency": "listing", "year": "listing"})
    news = Lead(
        portal="wenshang", listing="wenshang:main", url=PAGE, title="图解：汶上县司法局2024年政府信息公开工作年度报告",
        listed=None, is_report=False, agency=None, agency_name=None, year=None, report_kind=None, confidence=0.9,
        reason="derivative",
    )  # fmt: skip
    none = bound(reading(period=(2024,)), portal, agencies, lead=news)
    assert (none.is_report, none.reason, none.agency) == (False, "derivative", None)


def test_an_unreadable_document_that_nothing_expects_is_none(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    for reason in ("encrypted", ""):
        broken = reading(is_report=False, reason=reason, unreadable="encrypted", with_form=False)
        assert bound(broken, portal, agencies).reason == (reason or "unreadable")
        column = listing(form=ListingForm.COLUMN)
        assert not bound(broken, portal, agencies, listing=column).is_report
    assert bound(reading(TITLE, is_report=False), portal, agencies).reason == "not_a_report"
    seen = reading(TITLE, unreadable="truncated")
    assert bound(seen, portal, agencies).is_report  # what could be read shows a report


@pytest.mark.parametrize(("url", "official"), [
    ("http://www.wenshang.gov.cn/1.html", True),
    ("http://www.jiaxiang.gov.cn/1.html", False),
    ("file:///report.html", True),
    ("file://server/share/report.html", True),
    ("http://mirror.example.com/1.html", False),
])  # fmt: skip
def test_only_the_portals_own_hosts_publish(
    url: str, official: bool, portal: Portal, agencies: tuple[Agency, ...]
) -> None:
    found = bound(reading(TITLE), portal, agencies, url=url)
    assert (found.is_report, found.reason) == ((True, "") if official else (False, "unofficial_host"))


# -------------------------------------------------------------------------------------------------------------- rulings


def test_a_ruling_takes_the_latest_row_of_an_agency(portal: Portal) -> None:
    old = agency("sfj", "汶上县司法行政局")
    new = Agency(id=old.id, portal="wenshang", name="汶上县司法局", kind=AgencyKind.DEPARTMENT, recorded_at=SHOWN)
    read = reading(TITLE)
    for rows in ((old, new), (new, old)):
        found = bound(read, portal, rows, rulings=(ruling(PAGE, agency=old.id),))
        assert (found.agency, found.agency_name) == (old.id, "汶上县司法局")


def test_a_ruling_for_a_body_the_registry_does_not_know_keeps_the_name_printed(
    portal: Portal, agencies: tuple[Agency, ...]
) -> None:
    found = bound(reading(TITLE), portal, agencies, rulings=(ruling(PAGE, agency="wenshang/gone"),))
    assert (found.agency, found.agency_name, found.report_kind) == ("wenshang/gone", "汶上县司法局", ReportKind.AGENCY)


def test_what_a_ruling_says_is_the_basis_of_that_alone(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    by_kind = bound(reading(TITLE), portal, agencies, rulings=(ruling(PAGE, report_kind="system"),))
    assert (by_kind.report_kind, by_kind.basis) == (
        ReportKind.SYSTEM,
        {"agency": "title", "year": "title", "report_kind": "ruling"},
    )
    nonsense = ruling(PAGE, report_kind="something", year=True)
    found = bound(reading(TITLE), portal, agencies, rulings=(nonsense,))
    assert (found.year, found.report_kind, found.basis) == (
        2024,
        ReportKind.AGENCY,
        {"agency": "title", "year": "title"},
    )


def test_a_ruling_makes_whole_what_was_open(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    open_binding = bound(reading("汶上县司法局政府信息公开工作年度报告"), portal, agencies)
    assert (open_binding.year, open_binding.reason) == (None, "year_unbound")
    whole = bound(reading("汶上县司法局政府信息公开工作年度报告"), portal, agencies, rulings=(ruling(PAGE, year=2024),))
    assert (whole.agency, whole.year, whole.reason) == ("wenshang/sfj", 2024, "")
    part = bound(reading(), portal, agencies, rulings=(ruling(PAGE, year=2024),))
    assert (part.agency, part.year, part.reason) == (None, 2024, "year_unbound")


def test_a_ruling_may_say_that_it_is_a_report_after_all(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    none = reading(TITLE, is_report=False, reason="news")
    found = bound(none, portal, agencies, rulings=(ruling(PAGE, is_report=True, agency="wenshang/sfj", year=2024),))
    assert (found.is_report, found.agency, found.year, found.reason) == (True, "wenshang/sfj", 2024, "")


def test_listed_years_come_before_metadata_and_period() -> None:
    evidence = IdentityEvidence(meta={"articletitle": TITLE}, period=(2023,))
    found, notes = year_of(evidence, None, "", [("listing", 2022)])
    assert (found.year, found.basis) == (2022, "listing")
    assert told(*notes) == [("year_conflict", "2024", "2022"), ("year_slip", "2023", "2022")]


def test_a_listing_that_is_given_one_address_counts_for_its_agency(
    portal: Portal, agencies: tuple[Agency, ...]
) -> None:
    own: Listing = listing(form=ListingForm.ADDRESSED, agency="wenshang/sfj", year=2024)
    lead = lead_of(Link(url=PAGE, text="查看"), own, portal, agencies)
    assert (lead.is_report, lead.agency, lead.agency_name, lead.year, lead.report_kind) == (
        True, "wenshang/sfj", "汶上县司法局", 2024, ReportKind.AGENCY,
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- rarer still


def test_the_links_words_may_name_a_system(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    lead = lead_of(Link(url=PAGE, text="汶上县自然资源和规划系统" + BARE), listing(), portal, agencies)
    found = bound(reading(period=(2024,)), portal, agencies, lead=lead, listing=listing())
    assert (found.agency, found.report_kind) == ("wenshang/zrj", ReportKind.SYSTEM)
    assert found.basis == {"agency": "listing", "year": "listing", "system": "汶上县自然资源和规划系统"}
    assert told(*found.findings) == [("system_report", "汶上县自然资源和规划系统", None)]


def test_a_government_and_its_office_at_one_address_are_no_conflict(
    portal: Portal, agencies: tuple[Agency, ...]
) -> None:
    column = listing("首页>汶上县人民政府>政府信息公开年报", agency="wenshang/office")
    found = bound(reading(BARE), portal, agencies, listing=column)
    assert (found.agency, found.findings) == ("wenshang/office", ())


def test_a_column_of_another_place_names_no_body_of_this_one(portal: Portal) -> None:
    short = agency("sfj", "司法局")
    found = bound(reading(BARE), portal, (short,), listing=listing("首页>嘉祥县司法局>政府信息公开年报"))
    assert found.agency is None
    own = bound(reading(BARE), portal, (short,), listing=listing("首页>汶上县司法局>政府信息公开年报"))
    assert own.agency == "wenshang/sfj"


def test_a_misprint_in_four_characters_is_near(portal: Portal) -> None:
    rows = (agency("x", "汶上县医疗保障局"), agency("r", "汶上县融媒中心"))
    found = bound(reading("汶上县融煤中心" + BARE), portal, rows, listing=listing(agency="wenshang/r"))
    assert (found.agency, found.basis["agency"]) == ("wenshang/r", "listing")


def test_a_lead_is_completed_by_the_portals_place(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    lead = lead_of(Link(url=PAGE, text="水利局" + BARE), listing(), portal, agencies)
    assert lead.agency_name == "汶上县水利局"


def test_levels_without_a_place_agree_with_whatever_place(portal: Portal) -> None:
    """ "市司法局" and "洛阳市司法局" are one; the place of either completes the other."""
    for one, other in (("市司法局", "洛阳市司法局"), ("洛阳市司法局", "市司法局"), ("司法局", "洛阳市司法局")):
        found = identify(IdentityEvidence(titles=(one + BARE,), statements=(other,)))
        assert (found.agency, said(found)) == ("洛阳市司法局", [])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("汶上县残联", "残疾人联合会"),
        ("市发改委", "发展和改革委员会"),
        ("县政府办", "汶上县人民政府办公室"),
        ("汶上县人民政府办公室", "县政府办"),
    ],
)
def test_a_short_form_and_the_whole_name_agree(one: str, other: str) -> None:
    assert said(identify(IdentityEvidence(titles=(one + BARE,), statements=(other,)))) == []


def test_a_binding_is_of_its_document(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    for read in (reading(TITLE), reading(TITLE, is_report=False)):
        found = bound(read, portal, agencies)
        assert (found.document, found.url) == (read.document, PAGE)


def test_bodies_of_one_listing_that_differ_are_named(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    column = listing("首页>县发改局>政府信息公开年报", agency="wenshang/sfj")
    found = bound(reading(BARE), portal, agencies, listing=column)
    assert told(*found.findings) == [("agency_conflict", "汶上县发展和改革局", "汶上县司法局")]


def test_an_ambiguous_name_settled_by_its_address_says_so(portal: Portal) -> None:
    two = (agency("a", "汶上县文化和旅游局"), agency("b", "汶上县文化旅游体育局"))
    found = bound(reading("县文旅局" + BARE), portal, two, listing=listing(agency="wenshang/b"))
    assert (found.agency, found.basis["agency"], found.agency_name) == ("wenshang/b", "listing", "汶上县文化旅游体育局")


def test_a_portals_publisher_names_nobody(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    found = bound(reading(meta={"来源": "嘉祥县人民政府"}, period=(2024,)), portal, agencies)
    assert (found.agency, found.agency_name) == (None, None)


def test_a_ruling_that_it_is_none_leaves_nothing_but_the_ruling(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    found = bound(reading(TITLE, period=(2024,)), portal, agencies, rulings=(ruling(PAGE, is_report=False),))
    assert (found.basis, found.agency_name, found.year, found.report_kind) == ({"report": "ruling"}, None, None, None)


def test_a_near_name_of_another_place_is_not_near(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    found = bound(reading("嘉祥县教育局" + BARE), portal, agencies, listing=listing(agency="wenshang/jtj"))
    assert (found.agency, [finding.code for finding in found.findings]) == (None, ["foreign_report"])


def test_a_lead_is_judged_by_its_column_and_its_portals_hosts(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    weak = Link(url=PAGE, text="汶上县司法局2024年度报告")
    assert lead_of(weak, listing("政府信息公开年报"), portal, agencies).is_report
    assert not lead_of(weak, listing("通知公告"), portal, agencies).is_report
    elsewhere = Link(url="http://www.jiaxiang.gov.cn/1.html", text=TITLE)
    assert lead_of(elsewhere, listing(), portal, agencies).reason == "unofficial_host"


def test_bodies_of_one_township_agree_and_those_of_two_do_not() -> None:
    title = "汶上县郭仓镇人民政府" + BARE
    assert said(identify(IdentityEvidence(titles=(title,), statements=("汶上县郭仓镇便民服务中心",)))) == []
    other = IdentityEvidence(titles=(title,), statements=("汶上县康驿镇便民服务中心",))
    assert said(identify(other)) == [("agency_conflict", "汶上县康驿镇便民服务中心", "汶上县郭仓镇人民政府")]


def test_an_agency_in_the_pages_own_title_is_not_inferred() -> None:
    found = identify(IdentityEvidence(meta={"articletitle": TITLE}))
    assert (found.agency, found.basis["agency"], said(found)) == ("汶上县司法局", "metadata", [])


def test_a_name_completed_by_the_opening_is_still_the_titles() -> None:
    found = identify(IdentityEvidence(titles=("司法局" + BARE,), statements=("汶上县司法局",)))
    assert (found.agency, found.basis["agency"]) == ("汶上县司法局", "title")


def test_the_registry_knows_better_than_a_name_what_a_body_is(portal: Portal) -> None:
    zone = agency("zone", "汶上县新区服务中心", AgencyKind.GOVERNMENT)
    lead = lead_of(Link(url=PAGE, text=BARE), listing("", agency="wenshang/zone"), portal, (zone,))
    assert (lead.agency, lead.report_kind) == ("wenshang/zone", ReportKind.GOVERNMENT)


def test_a_place_misread_in_the_title_is_said_and_bound(portal: Portal) -> None:
    shuyang = Portal(
        name="shuyang",
        place="沭阳县",
        division="321322",
        hosts=(),
        family="hanweb_jcms",
        recorded_at=portal.recorded_at,
    )
    found = bound(reading("沐阳县司法局" + BARE), shuyang, (agency("sfj", "沭阳县司法局"),))
    assert (found.agency, told(*found.findings)) == ("wenshang/sfj", [("place_misread", "沐阳县", "沭阳县")])


def test_a_system_of_a_province_is_led_by_its_department(portal: Portal) -> None:
    rows = (agency("zrt", "山东省自然资源厅"),)
    shandong = Portal(
        name="shandong",
        place="山东省",
        division="370000",
        hosts=(),
        family="hanweb_jcms",
        recorded_at=portal.recorded_at,
    )
    assert bound(reading("山东省自然资源系统" + BARE), shandong, rows).agency == "wenshang/zrt"


def test_a_printed_year_stands_against_the_links(portal: Portal, agencies: tuple[Agency, ...]) -> None:
    lead = lead_of(Link(url=PAGE, text=TITLE.replace("2024", "2023")), listing(), portal, agencies)
    found = bound(reading(BARE), portal, agencies, lead=lead, listing=listing())
    assert (found.agency, found.year, found.basis["year"]) == ("wenshang/sfj", 2024, "title")
    assert told(*found.findings) == [("year_conflict", "2023", "2024")]
