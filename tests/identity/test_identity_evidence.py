"""Whose report a document says it is: the order of evidence, and what disagrees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.identity.divisions import place_doubt
from archive.identity.evidence import Identified, identify
from archive.identity.matching import key
from archive.identity.names import complete
from archive.parser.reader import read
from storage.records import DatedWitness, IdentityEvidence, ReportKind
from tests.real_documents import CORPUS


def codes(found: Identified) -> list[str]:
    return [finding.code for finding in found.findings]


def witness(year: int, month: int, origin: str = "metadata") -> DatedWitness:
    return DatedWitness(origin=origin, at=datetime(year, month, 20, tzinfo=UTC), text="")


def test_the_printed_title_decides() -> None:
    found = identify(
        IdentityEvidence(
            titles=("汶上县司法局2022年政府信息公开工作年度报告",),
            meta={"contentsource": "汶上县教育和体育局"},
            statements=("汶上县水利局",),
            period=(2022,),
        )
    )
    assert (found.agency, found.year, found.place) == ("汶上县司法局", 2022, "汶上县")
    assert found.basis == {"agency": "title", "year": "title", "place": "title"}
    assert codes(found) == ["agency_conflict", "agency_conflict"]


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ("汶上县教育和体育局2022年政府信息公开工作年度报告", ["agency_conflict"]),
        ("汶上县司法局2022年政府信息公开工作年度报告", []),
        ("司法局2022年政府信息公开年报", []),
        ("2022年政府信息公开工作年度报告", []),
    ],
)
def test_the_title_of_the_metadata_may_name_another_agency(listed: str, told: list[str]) -> None:
    found = identify(
        IdentityEvidence(titles=("汶上县司法局2022年政府信息公开工作年度报告",), meta={"articletitle": listed})
    )
    assert (found.agency, found.year, codes(found)) == ("汶上县司法局", 2022, told)


def test_the_title_of_the_metadata_names_the_agency_where_the_printed_one_does_not() -> None:
    found = identify(
        IdentityEvidence(
            titles=("2022年政府信息公开工作年度报告",),
            meta={"articletitle": "汶上县司法局2022年政府信息公开工作年度报告"},
            statements=("汶上县水利局",),
        )
    )
    assert (found.agency, found.basis["agency"], codes(found)) == (
        "汶上县司法局",
        "metadata",
        ["agency_inferred", "agency_conflict"],
    )


def test_a_short_title_is_completed_by_the_opening_or_the_place() -> None:
    evidence = IdentityEvidence(titles=("市司法局2021年政府信息公开工作年度报告",), statements=("洛阳市司法局",))
    assert identify(evidence).agency == "洛阳市司法局"
    bare = IdentityEvidence(titles=("司法局2023年政府信息公开工作年度报告",))
    assert identify(bare, place="济源市").agency == "济源市司法局"
    assert identify(bare).agency is None
    assert identify(bare).year == 2023


def test_the_office_compiles_the_governments_report_without_conflict() -> None:
    found = identify(
        IdentityEvidence(
            titles=("汶上县2022年政府信息公开工作年度报告",),
            statements=("汶上县人民政府办公室",),
            meta={"contentsource": "县政府办公室"},
        ),
        place="汶上县",
    )
    assert (found.agency, found.report_kind, codes(found)) == ("汶上县人民政府", ReportKind.GOVERNMENT, [])


def test_a_portals_general_source_is_no_conflict_and_no_agency() -> None:
    titled = IdentityEvidence(titles=("汶上县司法局2022年政府信息公开工作年度报告",), meta={"来源": "汶上县人民政府"})
    assert codes(identify(titled)) == []
    untitled = IdentityEvidence(statements=("汶上县司法局",), meta={"来源": "汶上县人民政府"}, period=(2022,))
    found = identify(untitled)
    assert (found.agency, found.year, found.basis["year"]) == ("汶上县司法局", 2022, "period")
    assert codes(found) == ["agency_inferred"]


@pytest.mark.parametrize("source", ["汶上县融媒体中心", "局办公室", "汶上日报", "办公室"])
def test_who_put_a_page_on_its_site_is_no_other_body(source: str) -> None:
    titled = IdentityEvidence(titles=("汶上县司法局2022年政府信息公开工作年度报告",), meta={"contentsource": source})
    assert codes(identify(titled)) == []


@pytest.mark.parametrize(
    "title",
    [
        "新化县审计局2024年度政务公开（政府信息公开）工作年度报告",
        "新化县审计局2024年政府信息公开工作年度报吿",
    ],
)
def test_a_title_in_other_words_names_the_body_and_the_year(title: str) -> None:
    found = identify(IdentityEvidence(titles=(title,)))
    assert (found.agency, found.year) == ("新化县审计局", 2024)


def test_news_of_a_report_names_nobody() -> None:
    for title in ("新化县召开2024年政府信息公开年报培训会", "新化县发布了2024年政府信息公开年报"):
        assert identify(IdentityEvidence(titles=(title,))).agency is None


def test_an_office_of_a_zone_is_no_other_body_than_the_zone() -> None:
    title = "葫芦岛高新技术产业开发区2024年政府信息公开工作年度报告"
    assert codes(identify(IdentityEvidence(titles=(title,), meta={"来源": "高新区党政办公室"}))) == []


def test_words_that_are_no_body_are_not_taken() -> None:
    noise = ("在此基础上整理", "王守强", "汇总全镇政府信息公开工作情况", "促进我局")
    found = identify(
        IdentityEvidence(statements=noise, running=noise, meta={"来源": "王守强"}, period=(2022,)), place="汶上县"
    )
    assert found.agency is None
    assert codes(found) == []


def test_short_forms_and_own_offices_are_no_conflict() -> None:
    for other in ("县教体局", "汶上县教育和体育局办公室", "教育体育局"):
        found = identify(
            IdentityEvidence(titles=("汶上县教育和体育局2022年政府信息公开工作年度报告",), statements=(other,)),
            place="汶上县",
        )
        assert codes(found) == [], other
    copied = identify(
        IdentityEvidence(
            titles=("思明区统计局2022年政府信息公开工作年度报告",),
            statements=("厦门市思明区人民政府办公室",),
            period=(2021,),
        ),
        place="思明区",
    )
    assert (copied.agency, copied.year) == ("思明区统计局", 2022)
    assert codes(copied) == ["agency_conflict", "year_slip"]


def test_a_slip_of_the_period_is_said_and_the_title_stands() -> None:
    found = identify(IdentityEvidence(titles=("汶上县司法局2022年政府信息公开工作年度报告",), period=(2021,)))
    assert (found.year, codes(found)) == (2022, ["year_slip"])


def test_a_title_that_prints_the_year_of_publication_is_not_believed() -> None:
    found = identify(
        IdentityEvidence(
            titles=("汶上县司法局2024年政府信息公开工作年度报告",),
            period=(2023,),
            dates=(witness(2024, 1), witness(2024, 1, "url")),
        )
    )
    assert found.year is None
    assert "year_conflict" in codes(found)


def test_a_back_dated_page_does_not_undo_title_and_period() -> None:
    found = identify(
        IdentityEvidence(
            titles=("汶上县司法局2024年政府信息公开工作年度报告",), period=(2024,), dates=(witness(2024, 1),)
        )
    )
    assert (found.year, codes(found)) == (2024, ["published_early"])


@pytest.mark.parametrize(
    ("title", "agency"),
    [
        ("汶上县人民政府-政府信息公开年报-汶上县司法局2024年政府信息公开工作年度报告", "汶上县司法局"),
        ("政府信息公开年报_汶上县司法局_2024年政府信息公开工作年度报告", "汶上县司法局"),
        ("汶上县司法局2024年政府信息公开工作年度报告-政府信息公开年报-汶上县人民政府", "汶上县司法局"),
        ("汶上县人民政府 政府信息公开年报 汶上县司法局2024年政府信息公开工作年度报告", "汶上县司法局"),
        ("2024年汶上县交通运输局政府信息公开工作年度报告（2025年1月发布）", "汶上县交通运输局"),
        ("汶上县 南旺镇 南旺镇人民政府2024年政府信息公开工作年度报告", "汶上县南旺镇人民政府"),
        ("二〇二四年度汶上县审计局政府信息公开工作报告", "汶上县审计局"),
        ("汶上县统计局政府信息公开工作年度报告2024年度", "汶上县统计局"),
    ],
)
def test_titles_of_many_shapes(title: str, agency: str) -> None:
    found = identify(IdentityEvidence(titles=(title,)))
    assert (found.agency, found.place, found.year, codes(found)) == (agency, "汶上县", 2024, [])


@pytest.mark.parametrize("committee", ["中共汶上县委机构编制委员会办公室", "中共汶上县委宣传部"])
def test_a_party_committee_is_of_its_county(committee: str) -> None:
    for place in (None, "汶上县"):
        found = identify(IdentityEvidence(titles=(f"{committee}2024年政府信息公开工作年度报告",)), place=place)
        assert (found.agency, found.place, codes(found)) == (committee, "汶上县", [])


@pytest.mark.parametrize("year", ["2O24", "2О24", "2〇24", "２０24", "二〇二四"])
def test_letters_for_figures_in_a_year(year: str) -> None:
    found = identify(IdentityEvidence(titles=(f"汶上县司法局{year}年政府信息公开工作年度报告",)))
    assert (found.agency, found.year, found.findings) == ("汶上县司法局", 2024, ())


@pytest.mark.parametrize(
    ("agency", "said", "told"),
    [
        ("台北市人民政府", IdentityEvidence(), []),
        ("沐阳县司法局", IdentityEvidence(), [("place_unlisted", "沭阳县")]),  # as OCR reads 沭阳县
        ("户县司法局", IdentityEvidence(meta={"sitename": "鄠邑区人民政府"}), []),
        ("郓城县司法局", IdentityEvidence(meta={"sitename": "菏泽市人民政府"}), []),
    ],
)
def test_names_that_differ_by_a_character(agency: str, said: IdentityEvidence, told: list[tuple[str, str]]) -> None:
    found = identify(replace(said, titles=(f"{agency}2024年政府信息公开工作年度报告",)))
    assert found.agency == agency
    assert [(one.code, one.expected) for one in found.findings] == told


def test_without_title_and_period_the_date_of_publication_suggests_the_year() -> None:
    found = identify(IdentityEvidence(dates=(witness(2021, 2),)))
    assert (found.year, found.basis["year"], codes(found)) == (2020, "dates", ["year_inferred"])
    assert identify(IdentityEvidence(dates=(witness(2021, 9),))).year is None


@pytest.mark.parametrize(("published", "year", "told"), [(2015, 2014, ["year_conflict"]), (2018, None, [])])
def test_of_two_years_in_the_text_the_date_of_publication_tells_which_and_no_third(
    published: int, year: int | None, told: list[str]
) -> None:
    found = identify(IdentityEvidence(period=(2013, 2014), dates=(witness(published, 2),)))
    assert (found.year, codes(found)) == (year, told)


def test_two_years_in_the_title_are_settled_by_the_period_or_not_at_all() -> None:
    title = "汶上县司法局2021年2022年政府信息公开工作年度报告"
    assert identify(IdentityEvidence(titles=(title,))).year is None
    found = identify(IdentityEvidence(titles=(title,), period=(2022,)))
    assert (found.year, codes(found)) == (2022, ["year_conflict"])


def test_another_place_is_a_finding_and_stays_as_printed() -> None:
    found = identify(IdentityEvidence(titles=("鄂尔多斯市2019年政府信息公开工作年度报告",)), place="恩格贝生态示范区")
    assert (found.agency, found.place) == ("鄂尔多斯市人民政府", "鄂尔多斯市")
    assert codes(found) == ["place_conflict"]


@pytest.mark.parametrize(
    ("place", "meant"),
    [
        ("沐阳县", "沭阳县"),
        ("天宁区", None),
        ("松岭区", None),
        ("喀左县", None),
        ("阿左旗", None),
        ("汉中新区", None),
        ("阿里巴巴县", None),
    ],
)
def test_a_place_in_no_list_but_for_a_character_is_told(place: str, meant: str | None) -> None:
    found = identify(IdentityEvidence(titles=(f"{place}司法局2023年政府信息公开工作年度报告",)))
    assert found.agency == f"{place}司法局"
    told = [(said.found, said.expected) for said in found.findings if said.code == "place_unlisted"]
    assert [one for one, _ in told] == ([place] if meant else [])
    assert [one.split("、")[0] for _, one in told if one] == ([meant] if meant else [])


@pytest.mark.parametrize(
    ("title", "more", "told"),
    [
        ("鼓楼区司法局", {}, ("place_ambiguous", "鼓楼区")),
        ("江苏省鼓楼区司法局", {}, ("place_ambiguous", "鼓楼区")),
        ("南京市鼓楼区司法局", {}, None),
        ("鼓楼区司法局", {"meta": {"sitename": "南京市鼓楼区人民政府"}}, None),
        ("鼓楼区司法局", {"breadcrumb": ("福州市", "年报")}, None),
        ("铜山县司法局", {}, None),
        ("阿里巴巴县外星事务局", {}, ("place_unknown", "阿里巴巴县")),
        ("喀左县司法局", {}, None),
        ("松岭区司法局", {}, None),
        ("汶上县南旺镇人民政府", {}, None),
        ("汉中新区管委会", {}, None),
        ("唐村镇人民政府", {}, None),
    ],
)
def test_places_of_which_there_are_several_or_none(
    title: str, more: dict[str, Any], told: tuple[str, str] | None
) -> None:
    found = identify(IdentityEvidence(titles=(f"{title}2023年政府信息公开工作年度报告",), **more))
    said = [(one.code, one.found) for one in found.findings if one.code.startswith("place_")]
    assert said == ([told] if told else [])
    placed = identify(IdentityEvidence(titles=(f"{title}2023年政府信息公开工作年度报告",)), place="鼓楼区")
    assert not {"place_ambiguous", "place_unknown"} & set(codes(placed))


@pytest.mark.parametrize(
    ("given", "doubt"),
    [
        ("汶上县", ""),
        ("山东省济宁市汶上县", ""),
        ("广西柳州市", ""),
        ("唐村镇", ""),
        ("恩格贝生态示范区", ""),
        ("不存在县", "不存在县"),
        ("汶上", "汶上"),
        ("沐阳县", "沐阳县"),
    ],
)
def test_a_place_given_that_no_list_has(given: str, doubt: str) -> None:
    assert doubt in place_doubt(given)
    assert bool(place_doubt(given)) == bool(doubt)


def test_a_misread_place_is_a_finding() -> None:
    found = identify(IdentityEvidence(titles=("沐阳县人民政府2025年政府信息公开工作年度报告",)), place="沭阳县")
    assert (found.agency, found.place, codes(found)) == ("沭阳县人民政府", "沭阳县", ["place_misread"])


def test_a_report_of_a_system_is_no_single_agencys() -> None:
    found = identify(
        IdentityEvidence(titles=("重庆市规划和自然资源系统2025年政府信息公开工作年度报告",)), place="重庆市"
    )
    assert (found.agency, found.year, found.report_kind) == (None, 2025, ReportKind.SYSTEM)
    assert codes(found) == ["system_report"]


def test_nothing_is_known_of_nothing() -> None:
    assert identify(IdentityEvidence()) == Identified(findings=())


def _documents() -> Iterator[str]:
    yield from sorted(path.name for path in CORPUS.glob("*.truth.json"))


@pytest.mark.parametrize("name", list(_documents()))
def test_identity_of_every_document(name: str, corpus: Path) -> None:
    """Agency and year of each real document equal the truth; where its evidence shows neither, none is invented."""
    truth: dict[str, Any] = json.loads((corpus / name).read_text(encoding="utf-8"))
    if truth["kind"] == "not_a_report":
        pytest.skip("no report, so no identity is asked for")
    found = identify(read((corpus / truth["file"]).read_bytes()).identity, place=truth["place"])
    if found.agency is not None:
        assert truth["agency"] is not None
        assert key(complete(found.agency, truth["place"])) == key(complete(truth["agency"], truth["place"]))
    if found.year is not None:
        assert found.year == truth["year"]
    # no title in the excerpt, and nothing else that names the agency or the year
    if name not in ("wuhan_sthjj_2020_trad_excerpt.truth.json",):
        assert (found.agency is None) == (truth["agency"] is None)
    if name not in ("hangjinhouqi_jyj_2020_excerpt.truth.json", "lzq_jyj_2019_excerpt.truth.json"):
        assert found.year == truth["year"]
