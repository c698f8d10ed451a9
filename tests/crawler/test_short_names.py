"""A body that stands on a portal under its full and its everyday name is one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.identity.agency_csv import parse_agencies
from archive.identity.matching import shortens
from crawler.onboarding.found_agencies import agencies_of, with_short_names
from crawler.onboarding.portal_writer import files_of
from crawler.onboarding.probe_results import Probe, ProbedAgency, ProbedListing
from storage.records import Agency, AgencyKind

NOW = datetime(2026, 2, 1, tzinfo=UTC)


def found(*names: str) -> dict[str, ProbedAgency]:
    return {name: ProbedAgency(name, "department", "", "http://a.gov.cn/") for name in names}


def test_a_short_name_becomes_an_alias_unless_both_report_on_one_year() -> None:
    names = ("旬邑县教育体育局", "旬邑县教体局", "旬邑县财政局")
    years = {names[0]: {2023, 2024}, names[1]: {2025}, names[2]: {2025}}
    made = with_short_names(found(*names), years, "旬邑县")
    assert {name: body.aliases for name, body in made.items()} == {names[0]: (names[1],), names[2]: ()}
    assert len(with_short_names(found(*names), years | {names[1]: {2024, 2025}}, "旬邑县")) == 3


@pytest.mark.parametrize("short", ["汶上县交通局", "汶上县教体局", "汶上县文旅局"])
def test_an_everyday_name_in_a_title_makes_no_body_beside_those_that_the_operator_names(short: str) -> None:
    roster = ("汶上县交通运输局", "汶上县教育体育局", "汶上县文化旅游局", "汶上县文化和旅游局")
    given = [
        Agency(id=f"added/b{n}", portal="added", name=name, kind=AgencyKind.DEPARTMENT, recorded_at=NOW)
        for n, name in enumerate(roster)
    ]
    probe = Probe(
        "http://a.gov.cn/",
        hosts=("a.gov.cn",),
        family="generic",
        place="汶上县",
        listings=(ProbedListing("http://a.gov.cn/nb/", "政府信息公开年报", outcome="ok"),),
        agencies=tuple(found(short, "汶上县财政局").values()),
    )
    rows = parse_agencies(files_of(probe, "added", given=given).agencies, portal="added", origin="added.csv", now=NOW)
    assert {row.name for row in rows} == {*roster, "汶上县财政局"}


@pytest.mark.parametrize(
    ("short", "full", "is_one"),
    [
        ("某县交通局", "某县交通运输局", True),
        ("某县教体局", "某县教育体育局", True),
        ("某县水利局", "某县水务局", False),
        ("某县教育局", "某县教育体育局", False),  # it may have been renamed: nobody says
        ("某县农业局", "某县农业农村局", False),
        ("某县城管局", "某县城市管理局", True),
        ("某县城关镇人民政府", "某县人民政府", False),
        ("某县体育局", "某县教育体育局", False),  # it had been a body of its own
        ("某县财政局", "某县财政局", False),
    ],
)
def test_what_shortens_a_name(short: str, full: str, is_one: bool) -> None:
    assert shortens(short, full, "某县") is is_one


@pytest.mark.parametrize(
    ("place", "printed", "name"),
    [
        ("大通回族土族自治县", "大通县审计局", "大通回族土族自治县审计局"),
        ("大通回族土族自治县", "大通县人民政府", "大通回族土族自治县人民政府"),
        ("大通回族土族自治县", "大通回族土族自治县桥头镇人民政府", "大通回族土族自治县桥头镇人民政府"),
        ("汶上县", "汶上县审计局", "汶上县审计局"),
    ],
)
def test_an_autonomous_county_that_titles_shorten_is_called_by_its_name(place: str, printed: str, name: str) -> None:
    leads = [{"agency": printed, "year": 2025, "listing": "http://a.gov.cn/nb/", "title": ""}]
    assert [body.name for body in agencies_of(place, [], leads)] == [name]
