"""Lists of agencies: what columns mean and one would change; division codes of one year in those of another."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from identity_making import NOW, agency, cases

from archive.identity.agency_csv import AgencyListError, changes, list_rows, parse_agencies
from archive.identity.divisions import FIRST_YEAR, LAST_YEAR, code_in, division, divisions, level_of, prefixes, redrawn
from storage.records import Agency, AgencyEnd, AgencyKind
from tests.case_tables import read_cases

LATER = datetime(2026, 6, 1, tzinfo=UTC)
GOV = agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT, source="list.csv: http://a.gov.cn/")
SFJ = agency(
    "sfj", "汶上县司法局", code="A1", parent="wenshang/gov", aliases=("县司法局",), valid_from=date(2008, 5, 1),
    source="wenshang.csv: guessed: http://a.gov.cn/", guessed=True,
)  # fmt: skip
GSJ = agency(
    "gsj", "汶上县工商行政管理局", valid_to=date(2019, 1, 31), ended=AgencyEnd.MERGED, successors=("wenshang/scj",),
    source="import of a.csv: http://a.gov.cn/",
)  # fmt: skip
SCJ = agency("scj", "汶上县市场监督管理局", valid_from=date(2019, 2, 1))
REGISTRY = (GOV, GSJ, SCJ, SFJ)


def listed(text: str, held: tuple[Agency, ...] = REGISTRY, origin: str = "import of b.csv") -> tuple[Agency, ...]:
    return parse_agencies(text, portal="wenshang", origin=origin, now=LATER, agencies=held)


def parsed(text: str) -> tuple[Agency, ...]:
    return parse_agencies(text, portal="wenshang", origin="list.csv", now=NOW)


def test_a_portals_own_file() -> None:
    full, bare = parsed(
        "id,name,kind,code,parent,valid_from,valid_to,aliases,source\n"
        " sfj , 汶上县司法局 , 部门 , A1 , gov , 2019-01-01 , 2024-12-31 , 县司法局 | 司法局 || , http://a.gov.cn/ \n"
        "czj,汶上县财政局,Department\n"
    )
    own = agency("sfj", "汶上县司法局", code="A1", parent="wenshang/gov", aliases=("县司法局", "司法局"), guessed=False)
    life = {"valid_from": date(2019, 1, 1), "valid_to": date(2024, 12, 31), "source": "list.csv: http://a.gov.cn/"}
    assert full == replace(own, **life)
    assert bare == agency("czj", "汶上县财政局", source="list.csv: ", guessed=True)


def test_a_list_needs_neither_ids_nor_codes() -> None:
    same, new = listed("name,kind,source\n汶上县司法局,部门,\n汶上县新局,乡镇,guessed\n")
    assert (same.id, same.code, same.parent, same.guessed) == ("wenshang/sfj", "A1", "wenshang/gov", False)
    assert (new.kind, new.code, new.guessed) == (AgencyKind.TOWNSHIP, None, True)
    assert listed("name,kind\n汶上县新局,部门\n")[0].id == new.id
    head = "名称,类别,设立日期,撤销日期,变更方式,上级\n"
    (found,) = listed(f"{head}汶上县旧局,部门,2001年3月5日,2019-01-31 00:00:00,撤销,jining/gov\n")
    assert (found.valid_from, found.valid_to, found.ended) == (date(2001, 3, 5), date(2019, 1, 31), AgencyEnd.ABOLISHED)
    assert found.parent == list_rows([found])[1][4] == "jining/gov"


@pytest.mark.parametrize("case", cases("agency_lists.toml"))
def test_what_is_refused(case: dict[str, Any]) -> None:
    text = case["text"].replace("{long}", "长" * 201).replace("{id}", "x" * 61).replace("; ", "\n") + "\n"
    with pytest.raises(AgencyListError) as refused:
        listed(text, origin="list.csv") if "registry" in case else parsed(text)
    assert str(refused.value).startswith(case["says"])


def test_a_blank_cell_says_nothing_and_a_dash_takes_away() -> None:
    head = "id,name,kind,code,parent,valid_from,aliases,source\n"
    (blank,) = listed(f"{head}sfj,汶上县司法局,部门,,,,,{SFJ.source}\n")
    assert not changes([SFJ], [blank], "汶上县")
    (dash,) = listed(f"{head}sfj,汶上县司法局,部门,-,-,-,-,{SFJ.source}\n")
    assert (dash.code, dash.parent, dash.valid_from, dash.aliases) == (None, None, None, ())
    # somebody else's list says so now, so that the next crawl does not take it back
    assert dash.source == f"import of b.csv: {SFJ.source}"
    (again,) = listed(f"id,name,kind,code,source\ngsj,汶上县工商行政管理局,部门,B7,{GSJ.source}\n")
    assert again.source == "import of b.csv: http://a.gov.cn/"


def test_a_former_name_that_is_no_alias_is_told() -> None:
    (without,) = changes([SFJ], listed("id,name,kind\nsfj,汶上县法治局,部门\n"), "汶上县").changed
    (kept,) = changes(
        [SFJ], listed("id,name,kind,aliases\nsfj,汶上县法治局,部门,县司法局|汶上县司法局\n"), "汶上县"
    ).changed
    assert (without.loses_its_name, kept.loses_its_name) == (True, False)


def test_bodies_of_one_name_that_the_registry_has_are_let_be_but_need_an_id() -> None:
    twice = (GOV, SFJ, replace(GSJ, name=SFJ.name, valid_to=None, ended=None, successors=()))
    assert len(listed("name,id,kind\n汶上县司法局,sfj,部门\n汶上县司法局,gsj,部门\n", held=twice)) == 2
    several = r"list\.csv:2: several agencies are named 汶上县司法局; give the id: gsj, sfj"
    with pytest.raises(AgencyListError, match=several):
        listed("name,kind\n汶上县司法局,部门\n", held=twice, origin="list.csv")


@pytest.mark.parametrize("name", ["=1+1", "'=x", "+86", "@x", "-", "''@", "甲,乙", '"局"', "甲\t乙", "甲;乙"])
def test_any_name_comes_back_as_it_was_exported(name: str) -> None:
    code = "A" if name == "-" else name
    registry = (agency("one", name, code=code, source=code, ended=AgencyEnd.DIVIDED, valid_to=date(2020, 1, 1)),)
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows(list_rows(registry))
    found = changes(registry, listed(written.getvalue(), held=registry), "汶上县")
    assert (bool(found), found.unchanged) == (False, 1)


# ------------------------------------------------------------------------------------------------ division codes


@pytest.mark.parametrize(("code", "base", "expected", "how"), read_cases(__file__, "codes"))
def test_a_code_in_the_codes_of_another_year(code: str, base: int, expected: str, how: str) -> None:
    found = code_in(code, base)
    assert (found.code or "", found.how) == (expected, how)


def test_every_former_code_comes_to_a_code_in_force_or_says_that_it_was_divided() -> None:
    former = {
        one.code for one in divisions() if level_of(one.code) == "county" and division(one.code, LAST_YEAR) is None
    }
    assert len(former) > 300
    for code in former:
        found = code_in(code, LAST_YEAR)
        assert found.how in {"successor", "divided"}
        for now in (found.code,) if found.code else found.candidates:
            assert division(now, LAST_YEAR) is not None


def test_a_changed_area_is_told_and_a_mere_new_code_is_not() -> None:
    assert redrawn("330110", 2020, 2024) == (2021,)  # 余杭 gave 临平
    assert redrawn("330110", 2021, 2024) == ()
    assert redrawn("320613", 2019, 2024) == (2020,)
    assert redrawn("370116", 2017, 2024) == ()
    assert redrawn("370830", FIRST_YEAR, LAST_YEAR) == ()


def test_divisions_are_found_by_name_and_know_their_level() -> None:
    for name, code in {"济宁市": "3708", "济宁": "3708", "山东省": "37", "吉林市": "2202", "襄樊市": "4206"}.items():
        assert prefixes(name) == (code,)
    for none in ("吉林", "朝阳", "汶上县"):  # a province and a city in it; a city and a district; a county
        assert prefixes(none) == ()
    assert [level_of(code) for code in ("370000", "370800", "370830")] == ["province", "prefecture", "county"]
