"""Identity, on real titles, addresses and documents: is it a report, whose, for which year."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive.identity.classification import classify
from archive.identity.evidence import identify, undisputed
from archive.identity.titles import judge_title
from archive.parser.reader import read

COPIES = [
    "haicheng_xiliu_2023_hijacked_excerpt",
    "liaoning_city_2022_hijacked_excerpt",
    "shandong_town_2015_hijacked_excerpt",
    "yongjia_xixia_2023_mirror_excerpt",
]


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


def test_a_prefix_of_the_page_hides_no_title_and_a_picture_version_is_none() -> None:
    title = "嘉兴市市场监督管理局2022年度政府信息公开工作年度报告"
    assert judge_title(f"【图文】{title}") == judge_title(title)
    assert judge_title("图解:西安市未央区人民政府2019年政府信息公开工作年度报告").reason == "derivative"


def test_the_year_may_stand_in_the_first_section_alone(shared: Path) -> None:
    evidence = read((shared / "real" / "wendeng_zjj_2019_excerpt.txt").read_bytes()).identity
    assert identify(evidence).year == 2019
    assert not any(judge_title(title).could_be for title in evidence.titles)


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_on_a_hijacked_host_is_told(shared: Path, name: str) -> None:
    found = read((shared / "real" / f"{name}.txt").read_bytes()).findings
    assert "hijacked_copy" in {finding.code for finding in found}


def test_no_page_of_a_government_is_called_a_copy(shared: Path) -> None:
    pages = [path for path in (shared / "domain" / "html").rglob("*") if path.is_file() and path.suffix != ".md"]
    told = {path.name for path in pages for one in read(path.read_bytes()).findings if one.code == "hijacked_copy"}
    assert told == set()


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
