"""Portals: their files are found, validated and registered; places by name; spellings of one agency are one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from loopback_web import Sandbox

from archive.identity.agency_csv import parse_agencies
from crawler import portals
from crawler.errors import CrawlError, PortalError, UnknownPortal
from crawler.onboarding.directory import directory, is_place, place
from crawler.onboarding.found_lists import agencies_of
from crawler.onboarding.found_portal import Probe, ProbedAgency, ProbedListing
from crawler.onboarding.portal_files import portal_files
from nianbao.rulings import decided, rule_on
from nianbao.sentences import notes_sentence
from storage.records import Agency, AgencyKind
from storage.registry import Registry
from tests.case_tables import read_cases

NOW = datetime(2026, 2, 1, tzinfo=UTC)


def test_an_operators_portal_is_found_beside_ours(archive: Sandbox) -> None:
    archive.portal()
    assert {"wanping", "wenshang", "luoyang"} <= set(portals.classes(archive.path))
    assert "wanping" not in portals.classes()
    with pytest.raises(UnknownPortal, match="wenshang"):
        portals.find("wenshan", archive.path)


@pytest.mark.parametrize(("extra", "said"), read_cases(__file__, "attributes"))
def test_attributes_are_checked_by_type_and_sense(archive: Sandbox, extra: str, said: str) -> None:
    archive.portal(extra=extra)
    assert said in notes_sentence(portals.check("wanping", NOW, archive.path).errors)


@pytest.mark.parametrize(("text", "error"), [("class (", "SyntaxError"), ("raise SystemExit(0)", "SystemExit")])
def test_a_file_that_does_not_load_is_named_and_the_others_go_on(archive: Sandbox, text: str, error: str) -> None:
    archive.portal()
    (archive.path / "portals" / "xx" / "torn.py").write_text(text)
    assert "wanping" in portals.classes(archive.path)
    assert f"torn.py cannot be loaded: {error}" in str(portals.broken(archive.path)["torn"])
    with pytest.raises(PortalError, match=rf"torn\.py cannot be loaded: {error}"):
        portals.find("torn", archive.path)


def test_the_portals_of_the_project_are_sound_and_say_what_is_unverified() -> None:
    for name in portals.classes():
        found = portals.check(name, NOW)
        assert (found.errors, bool(found.unverified)) == ((), True), name


def test_a_column_ruled_to_have_ended_stays_so_until_the_file_gives_it_another_address(archive: Sandbox) -> None:
    archive.portal()
    portal = portals.find("wanping", archive.path)
    spider, later = portal(name="wanping"), datetime(2026, 3, 1, tzinfo=UTC)
    with archive.home() as home:
        registry = Registry(home)
        (column,) = portals.register(registry, spider, NOW)[2]
        ruling = decided(home, "listing", column.id, ["ended=2026-01-20"])
        rule_on(home, ruling, by="somebody", reason="it moved")
        (ended,) = portals.register(registry, spider, later)[2]
        assert ended.ended_at == datetime.fromisoformat("2026-01-20T00:00:00+08:00")
        found = replace(column, id="wanping:found-1", url="http://www.wanping.gov.cn/new/", covers=())
        registry.put_listings([found])
        portal.listings = (replace(portal.listings[0], url=found.url),)  # what crawls saw there goes on counting
        listings = portals.register(registry, spider, later)[2]
        assert [(row.id, row.covers, row.ended_at) for row in listings] == [
            ("wanping:found-1", column.covers, None),
            ("wanping:nb", column.covers, ended.ended_at),
        ]
        rows = len(registry.listings("wanping"))
        assert portals.register(registry, spider, later)[2] == listings
        portal.listings = (replace(portal.listings[0], url="http://www.wanping.gov.cn/third/"),)
        third = {row.id: (row.url, row.ended_at) for row in portals.register(registry, spider, later)[2]}
        assert (len(third), third["wanping:nb"]) == (rows, ("http://www.wanping.gov.cn/third/", None))


def test_registering_keeps_what_came_from_elsewhere_and_ends_what_is_gone(archive: Sandbox) -> None:
    archive.portal()
    portal = portals.find("wanping", archive.path)
    spider = portal(name="wanping")
    with archive.home() as home:
        registry = Registry(home)
        registry.put_agencies([replace(portals.agencies(portal, NOW)[0], code="IMPORTED", source="import x.csv")])
        _, agencies, listings = portals.register(registry, spider, NOW)
        assert {a.id: a.code for a in agencies} == {"wanping/zf": "IMPORTED", "wanping/cz": None}
        assert [(row.id, row.ended_at) for row in listings] == [("wanping:nb", None)]
        assert portals.register(registry, spider, NOW)[1] == agencies
        registry.put_listings([replace(listings[0], id="wanping:found-1", url=f"{listings[0].url}2025/")])
        assert all(row.ended_at is None for row in portals.register(registry, spider, NOW)[2])
        portal.listings = ()  # what it led to ends with it
        later = datetime(2026, 3, 1, tzinfo=UTC)
        assert [(row.id, row.ended_at) for row in portals.register(registry, spider, later)[2]] == [
            ("wanping:found-1", later),
            ("wanping:nb", later),
        ]


def test_every_row_is_a_place_with_a_home_page() -> None:
    assert len(directory()) > 3_000
    for row in directory():
        assert row.code == "" or (len(row.code) == 6 and row.code.isdigit()), row
        assert urlsplit(row.home).scheme in {"http", "https"}, row
        assert urlsplit(row.home).hostname, row
        assert row.level in {"province", "prefecture", "county"}, row


NAMES = ("汶上县", "370830", "山东省济宁市汶上县", "汶上", "济宁市汶上县", "汶上县人民政府", " 汶上县 ")


def test_a_place_has_many_names() -> None:
    assert {(place(name).code, place(name).home) for name in NAMES} == {("370830", "http://www.wenshang.gov.cn/")}
    assert [is_place(text) for text in (*NAMES, "3708", "http://www.wenshang.gov.cn/", "www.wenshang.gov.cn")] == [
        *[True] * len(NAMES), False, False, False,
    ]  # fmt: skip


def test_a_name_of_several_places_or_of_none_is_answered_with_the_nearest() -> None:
    with pytest.raises(CrawlError) as several:
        place("朝阳区")
    assert several.value.values["names"] == "北京市朝阳区 (110105), 吉林省长春市朝阳区 (220104)"
    assert place("长春市朝阳区").code == "220104"
    with pytest.raises(CrawlError) as unknown:
        place("汶上具")
    assert "汶上县" in str(unknown.value.values["near"])


HOME = "http://www.wanping.gov.cn/"


def rows_of(
    place: str, reports: Mapping[str, int], *given: ProbedAgency, division: str | None = None
) -> dict[str, tuple[str, ...]]:
    """The agencies of a place, with code and aliases; ``reports``: the year of a report by the name in its title."""
    leads = [
        {"title": "", "url": HOME, "agency": name, "year": year, "listing": HOME} for name, year in reports.items()
    ]
    return {body.name: (body.code, *body.aliases) for body in agencies_of(place, division, given, leads)}


@pytest.mark.parametrize(("place", "reports", "agencies"), read_cases(__file__, "agencies"))
def test_the_names_in_titles_become_bodies(
    place: str, reports: dict[str, int], agencies: dict[str, tuple[str, ...]]
) -> None:
    assert rows_of(place, reports) == agencies


def test_bodies_named_after_a_former_name_of_their_place_are_those_of_today() -> None:
    """徐水县 became 徐水区 in 2015, as a whole; 下城区 was merged into 拱墅区 in 2021, so its agencies are others."""
    reports = {"徐水县财政局": 2014, "徐水区财政局": 2015}
    expected = {"徐水区财政局": ("", "徐水县财政局"), "徐水区人民政府": ("",)}
    assert rows_of("徐水区", reports, division="130609") == expected
    reports = {"下城区财政局": 2019, "拱墅区财政局": 2019, "拱墅区人民政府办公室": 2019}
    merged = {"拱墅区财政局": ("",), "拱墅区人民政府办公室": ("",)}
    assert rows_of("拱墅区", reports, division="330105") == merged


def test_the_government_of_a_county_is_among_its_bodies_though_no_page_names_it() -> None:
    """内黄县's own reports stand on the site of its city (report_urls.jsonl), those of its departments on its own."""
    names = {"内黄县财政局": 2019}
    assert rows_of("内黄县", names, division="410527") == {"内黄县财政局": ("",), "内黄县人民政府": ("",)}
    assert rows_of("内黄县", names) == {"内黄县财政局": ("",)}


@pytest.mark.parametrize("is_coded", [True, False])
def test_a_body_is_registered_once_with_the_code_of_the_one_spelling_and_the_other_as_an_alias(is_coded: bool) -> None:
    titles = ("山东省宛平县司法局", "山东省宛平县江口镇人民政府", "山东省宛平县仙山街道办事处")
    organs = [ProbedAgency(name.removeprefix("山东省宛平县"), "", "N7" * is_coded, HOME) for name in titles]
    expected = {name.removeprefix("山东省"): ("N7" * is_coded, name) for name in titles}
    government = "山东省宛平县人民政府"
    made = rows_of("宛平县", dict.fromkeys((*titles, government), 2024), *organs)
    assert made == expected | {government: ("",)}


@pytest.mark.parametrize("short", ["汶上县交通局", "汶上县教体局", "汶上县文旅局"])
def test_an_everyday_name_makes_no_body_beside_those_that_the_operator_names(short: str) -> None:
    roster = ("汶上县交通运输局", "汶上县教育体育局", "汶上县文化旅游局", "汶上县文化和旅游局")
    given = [
        Agency(id=f"added/b{n}", portal="added", name=name, kind=AgencyKind.DEPARTMENT, recorded_at=NOW)
        for n, name in enumerate(roster)
    ]
    agencies = tuple(ProbedAgency(name, "department", "", HOME) for name in (short, "汶上县财政局"))
    listing = ProbedListing(f"{HOME}nb/", "政府信息公开年报", outcome="ok")
    probe = Probe(
        HOME, hosts=("www.wanping.gov.cn",), family="generic", place="汶上县", listings=(listing,), agencies=agencies
    )
    _, table = portal_files(probe, "added", given, NOW)
    rows = parse_agencies(table, portal="added", origin="added.csv", now=NOW)
    assert {row.name for row in rows} == {*roster, "汶上县财政局"}
