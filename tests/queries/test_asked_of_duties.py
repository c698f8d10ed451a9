"""What lists of duties are narrowed by, what each line rests on, and what an empty list means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from small_archive import Site, at, report_page

from archive.queries.bounds import NotKnownError
from archive.queries.coverage_of_answer import knowledge_of
from archive.queries.overview import coverage, late, missing
from archive.queries.where import Where, choose, one_agency
from storage.home import Home
from storage.records import AgencyKind, EvidenceGrade, LookOutcome, RulingKind
from tests.case_tables import read_cases

SFJ, CZJ, JYJ = "汶上县司法局", "汶上县财政局", "汶上县教育局"


def play(home: Home) -> None:
    site = Site(home, first_year=2025)
    for key, name in (("sfj", SFJ), ("czj", CZJ), ("jyj", JYJ)):
        site.agency(key, name)
    site.agency("gcz", "汶上县郭仓镇人民政府", AgencyKind.TOWNSHIP)
    column = site.column(covers=(AgencyKind.DEPARTMENT, AgencyKind.TOWNSHIP))
    site.look("2026-02-01 09:00", column)
    site.look("2026-02-03 09:00", column)
    links = [(f"nb/{name}.html", f"{name}2025年政府信息公开工作年度报告") for name in (SFJ, JYJ)]
    site.look("2026-02-09 09:00", column, links)
    for name in (SFJ, JYJ):
        page = report_page(name, 2025, published="2026-02-05")
        site.fetch("2026-02-09 09:01", f"nb/{name}.html", page)
    site.rule("2026-02-10 09:00", RulingKind.WITHHOLD, "wenshang/jyj/2025")
    city = Site(home, name="jiyuan", place="济源市", division="419001", first_year=2025)
    city.agency("sfj", "济源市司法局")
    column = city.column()
    city.look("2026-02-01 09:00", column, outcome=LookOutcome.BLOCKED)


def test_each_line_names_its_looks_pages_and_editions(home: Home) -> None:
    [line] = missing(home, 2025).duties
    assert line.agency.name == CZJ
    assert [look.started for look in line.looks] == [at(f"2026-02-{day} 09:00") for day in ("01", "09")]
    for look in line.looks:
        assert look.url.startswith("http://www.wenshang.gov.cn/")
        assert look.outcome is LookOutcome.OK
        assert len(look.captures) == 1
    found = {one.agency.name: one for one in late(home, 2025).duties}[SFJ]
    [capture] = found.captures
    assert capture.url.endswith("/nb/")  # the list showed it first
    assert capture.fetched_at == at("2026-02-09 09:00")
    [edition] = found.editions
    assert edition.startswith("wenshang/sfj/2025@")


def test_only_what_is_so_founded(home: Home) -> None:
    proven = late(home, 2025, evidence={EvidenceGrade.PROVEN})
    assert {line.agency.name for line in proven.duties} == {SFJ, JYJ}
    assert late(home, 2025, evidence={EvidenceGrade.CLAIMED}).duties == ()
    found = coverage(home, Where(portal="wenshang"), years=[2025], evidence={EvidenceGrade.CLAIMED})
    assert found.rows == ()
    assert found.rates[0].rates["late"].low == 0.0
    assert found.rates[0].rates["late"].high == 1.0


def test_a_list_tells_how_much_is_known(home: Home) -> None:
    everywhere = missing(home, 2025).known
    assert (everywhere.duties, everywhere.unknown, everywhere.reasons) == (5, 1, {"blocked": 1})
    assert everywhere.portals == ("jiyuan",)
    city = missing(home, 2025, Where(portal="jiyuan"))
    assert (city.duties, city.known.unknown) == ((), 1)
    early = missing(home, 2025, Where(portal="wenshang"), as_of=at("2026-01-10 09:00"))
    assert early.known.duties in (0, early.known.not_owed)
    before = knowledge_of(home, as_of=datetime(2020, 1, 1, tzinfo=UTC))
    assert before.duties == 0
    assert before.first_record is not None


@pytest.mark.parametrize(("place", "portal"), read_cases(__file__, "places"))
def test_places_are_taken_as_people_write_them(home: Home, place: str, portal: str) -> None:
    assert [*choose(home, Where(place=place)).portals] == [portal]


@pytest.mark.parametrize("name", read_cases(__file__, "agencies"))
def test_agencies_are_taken_as_people_write_them(home: Home, name: str) -> None:
    assert one_agency(home, name).name == SFJ


@pytest.mark.parametrize(("where", "expected"), read_cases(__file__, "unknown"))
def test_what_is_not_there_is_answered_with_what_is(home: Home, where: Mapping[str, str], expected: str) -> None:
    with pytest.raises(NotKnownError, match=expected):
        choose(home, Where(**where))
