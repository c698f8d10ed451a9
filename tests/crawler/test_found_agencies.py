"""A body that a portal spells in several ways is one: registered once, and so never missing twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from archive.identity.agency_csv import parse_agencies
from crawler.onboarding.found_lists import agencies_of
from crawler.onboarding.found_portal import Probe, ProbedAgency, ProbedListing
from crawler.onboarding.portal_files import portal_files
from storage.records import Agency, AgencyKind

NOW = datetime(2026, 2, 1, tzinfo=UTC)
HOME = "http://www.wanping.gov.cn/"
EDUCATION, SHORT = "旬邑县教育体育局", "旬邑县教体局"


def found(place: str, reports: Mapping[str, int], *given: ProbedAgency) -> dict[str, tuple[str, ...]]:
    """The bodies of a place, with code and aliases; ``reports``: the year of a report by the name in its title."""
    leads = [
        {"title": "", "url": HOME, "agency": name, "year": year, "listing": HOME} for name, year in reports.items()
    ]
    return {body.name: (body.code, *body.aliases) for body in agencies_of(place, given, leads)}


@pytest.mark.parametrize(
    ("place", "reports", "bodies"),
    [
        ("旬邑县", {EDUCATION: 2024, SHORT: 2025}, {EDUCATION: ("", SHORT)}),
        ("旬邑县", {EDUCATION: 2025, SHORT: 2025}, {EDUCATION: ("",), SHORT: ("",)}),  # two reports on one year
        ("大通回族土族自治县", {"大通县审计局": 2025}, {"大通回族土族自治县审计局": ("",)}),
        ("大通回族土族自治县", {"大通回族土族自治县桥头镇人民政府": 2025}, {"大通回族土族自治县桥头镇人民政府": ("",)}),
        ("汶上县", {"汶上县审计局": 2025}, {"汶上县审计局": ("",)}),
    ],
)
def test_the_names_in_titles_become_bodies(
    place: str, reports: dict[str, int], bodies: dict[str, tuple[str, ...]]
) -> None:
    assert found(place, reports) == bodies


@pytest.mark.parametrize("is_coded", [True, False])
def test_a_body_is_registered_once_with_the_code_of_the_one_spelling_and_the_other_as_an_alias(is_coded: bool) -> None:
    titles = ("山东省宛平县司法局", "山东省宛平县江口镇人民政府", "山东省宛平县仙山街道办事处")
    organs = [ProbedAgency(name.removeprefix("山东省宛平县"), "", "N7" * is_coded, HOME) for name in titles]
    expected = {name.removeprefix("山东省"): ("N7" * is_coded, name) for name in titles}
    government = "山东省宛平县人民政府"
    made = found("宛平县", dict.fromkeys((*titles, government), 2024), *organs)
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
