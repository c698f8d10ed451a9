"""Identity, on real titles, addresses and documents: is it a report, whose, for which year."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.identity.binding import bind
from archive.identity.classification import UNOFFICIAL, classify
from archive.identity.evidence import identify, undisputed
from archive.identity.matching import agree, match_agency
from archive.identity.names import complete, kind_of
from archive.identity.titles import judge
from archive.parser.reader import read
from storage.records import Agency, AgencyKind, IdentityEvidence, Portal, Reading

UNNAMED = {"wuhan_sthjj_2020_trad_excerpt"}  # prints no agency but 我局
UNDATED = {"hangjinhouqi_jyj_2020_excerpt", "lzq_jyj_2019_excerpt"}  # only the address has the year
COPIES = [
    "haicheng_xiliu_2023_hijacked_excerpt",
    "liaoning_city_2022_hijacked_excerpt",
    "shandong_town_2015_hijacked_excerpt",
    "yongjia_xixia_2023_mirror_excerpt",
]
NOW = datetime(2024, 2, 1, tzinfo=UTC)


def documents(shared: Path) -> list[tuple[Path, dict[str, str | int | None]]]:
    """Every real report, in each of its formats, with what is known of it."""
    found = []
    for truth in sorted([*(shared / "corpus").glob("*.truth.json"), *(shared / "real").glob("*.truth.json")]):
        known = json.loads(truth.read_text(encoding="utf-8"))
        name = truth.name.removesuffix(".truth.json")
        found += [
            (path, known) for path in truth.parent.glob(f"{name}.*") if path != truth and known["kind"] == "report"
        ]
    return found


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_real_address_of_a_report_is_classified_as_one(shared: Path) -> None:
    for known in lines_of(shared / "domain" / "report_urls.jsonl"):
        found = classify(known["title"], known["url"], place=known["place"])
        assert found.is_report == (known["kind"] == "report"), known
        assert not found.is_report or known["year"] in (None, found.year), known


def test_nothing_that_only_looks_like_a_report_is_classified_as_one(shared: Path) -> None:
    for known in lines_of(shared / "domain" / "negatives.jsonl"):
        assert not classify(known["title"], known["url"]).is_report, known


def test_every_real_document_is_its_agencys_and_its_years(shared: Path) -> None:
    found = documents(shared)
    assert len(found) > 60
    for path, known in found:
        who = identify(read(path.read_bytes()).identity, place=str(known["place"] or "") or None)
        name = path.stem
        if known["agency"] and name not in UNNAMED:
            expected = complete(str(known["agency"]), str(known["place"]))
            assert who.agency is not None, name
            assert agree(complete(who.agency, str(known["place"])), expected), name
        if name not in UNDATED:
            assert who.year == known["year"], name


@pytest.mark.parametrize(
    ("printed", "place", "expected", "kind"),
    [
        ("司法局", "汶上县", "汶上县司法局", AgencyKind.DEPARTMENT),
        ("县政府办", "府谷县", "府谷县人民政府办公室", AgencyKind.OFFICE),
        ("次邱镇", "山东省济宁市汶上县", "汶上县次邱镇人民政府", AgencyKind.TOWNSHIP),
        ("高新区(新市区)政府", None, "高新区(新市区)政府", AgencyKind.GOVERNMENT),
        ("道里区(残联)", None, "道里区残联", AgencyKind.OTHER),
        ("国家税务总局珠海市香洲区税务局", "香洲区", "国家税务总局珠海市香洲区税务局", AgencyKind.DEPARTMENT),
    ],
)
def test_a_name_is_completed_from_the_place_of_its_portal(
    printed: str, place: str | None, expected: str, kind: AgencyKind
) -> None:
    name = complete(printed, place)
    assert (name.text, kind_of(name)) == (expected, kind)


def test_a_prefix_of_the_page_hides_no_title_and_a_picture_version_is_none() -> None:
    title = "嘉兴市市场监督管理局2022年度政府信息公开工作年度报告"
    assert judge(f"【图文】{title}") == judge(title)
    assert judge("图解:西安市未央区人民政府2019年政府信息公开工作年度报告").reason == "derivative"


def test_the_year_may_stand_in_the_first_section_alone(shared: Path) -> None:
    evidence = read((shared / "real" / "wendeng_zjj_2019_excerpt.txt").read_bytes()).identity
    assert identify(evidence).year == 2019
    assert not any(judge(title).could_be for title in evidence.titles)


def test_dates_are_found_under_the_labels_that_pages_print(shared: Path) -> None:
    printed = {}
    for path, known in documents(shared):
        if path.parent.name == "real" and known["published_printed"]:
            days = {item.at.date().isoformat() for item in read(path.read_bytes()).identity.dates}
            printed[path.stem] = str(known["published_printed"])[:10] in days
    assert len(printed) > 10
    assert [name for name, found in printed.items() if not found] == []


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_on_a_hijacked_host_is_told(shared: Path, name: str) -> None:
    found = read((shared / "real" / f"{name}.txt").read_bytes()).findings
    assert "hijacked_copy" in {finding.code for finding in found}


def test_no_page_of_a_government_is_called_a_copy(shared: Path) -> None:
    pages = [path for path in (shared / "domain" / "html").rglob("*") if path.is_file() and path.suffix != ".md"]
    told = {path.name for path in pages for one in read(path.read_bytes()).findings if one.code == "hijacked_copy"}
    assert told == set()


def test_a_short_name_finds_the_one_body_that_it_can_mean() -> None:
    agencies = [agency("jtj", "汶上县教育和体育局"), agency("sfj", "汶上县司法局")]
    assert match_agency("教体局", agencies, place="汶上县").agency == agencies[0]
    assert match_agency("财政局", agencies, place="汶上县").agency is None


def test_a_document_is_bound_by_its_title_to_the_agency_of_the_registry() -> None:
    reading = Reading(
        document="d", reader="r", normaliser="n", kind="html", is_report=True, reason="", title="", form="2021",
        identity=IdentityEvidence(titles=("司法局2023年政府信息公开工作年度报告",), period=(2023,)), content_digest="c",
    )  # fmt: skip
    portal = Portal(
        name="wenshang",
        place="汶上县",
        division="370830",
        hosts=("www.wenshang.gov.cn",),
        family="hanweb_jcms",
        recorded_at=NOW,
    )
    found = [
        bind(
            reading,
            url=f"http://{host}/art/2024/1/9/art_1_2.html",
            lead=None,
            listing=None,
            portal=portal,
            agencies=[agency("sfj", "汶上县司法局")],
            rulings=(),
            shown_at=NOW,
        )
        for host in ("www.wenshang.gov.cn", "mirror.example.com")
    ]
    assert (found[0].agency, found[0].year, found[0].basis) == (
        "wenshang/sfj", 2023, {"agency": "title", "year": "title"},
    )  # fmt: skip
    assert (found[1].is_report, found[1].reason) == (False, UNOFFICIAL)


def agency(name: str, full: str) -> Agency:
    return Agency(
        id=f"wenshang/{name}",
        portal="wenshang",
        name=full,
        kind=AgencyKind.DEPARTMENT,
        recorded_at=NOW,
    )


TITLE = "望江县气象局关于2017年度政府信息公开工作年度报告"
ENTRY = '<li><a href="/{year}.html">望江县气象局{year}年政府信息公开工作年度报告</a><span>{day}</span></li>'
FORMER = [(2016, "2017-01-26"), (2015, "2016-01-20")]


@pytest.mark.parametrize(
    "former",
    [
        "".join(ENTRY.format(year=year, day=day) for year, day in FORMER),
        "".join(ENTRY.format(year=year, day=day[5:]) for year, day in FORMER),
        "".join(ENTRY.format(year=year, day="") for year, _ in FORMER),
        ENTRY.format(year=2016, day="2017-01-26"),
        f"<table><tr><td>{'</td></tr><tr><td>'.join(ENTRY.format(year=year, day=day) for year, day in FORMER)}</table>",
    ],
    ids=["days", "days without year", "no days", "one alone", "in a table"],
)
def test_links_to_other_reports_above_the_text_give_no_title(former: str) -> None:
    page = f"<div><ul>{former}</ul></div><h1>{TITLE}</h1><p>一、总体情况</p><p>按照条例编制。</p>"
    reading = read(page.encode())
    assert (reading.title, undisputed(reading.identity)) == (TITLE, (["望江县气象局"], 2017))


@pytest.mark.parametrize("label", ["【年报】", "年度报告：", "[公示]"])
def test_a_columns_label_before_a_title_is_no_part_of_it(label: str) -> None:
    page = f"<h1>{label}{TITLE}</h1><p>一、总体情况</p><p>按照条例编制。</p>"
    reading = read(page.encode())
    assert (reading.title, undisputed(reading.identity)) == (TITLE, (["望江县气象局"], 2017))
