"""What lists of duties are narrowed by and rest on; totals say what the lists say; the unknown may be either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from small_archive import SmallSite, at, report_page, title

from archive.projection.update import update
from archive.queries.bounds import NotKnownError
from archive.queries.coverage_of_answer import knowledge_of
from archive.queries.overview import backdated, coverage, late, missing, totals, unknown
from archive.queries.results import RateRow
from archive.queries.tallies import TallyKey, rates_of
from archive.queries.where import Where, choose, one_agency
from nianbao.python_api import Archive
from storage.home import Home, open_home
from storage.records import AgencyKind, EvidenceGrade, LookOutcome, RulingKind, Status
from tests.case_tables import read_cases

SFJ, CZJ, JYJ = "汶上县司法局", "汶上县财政局", "汶上县教育局"
OF_2025 = Where(years=(2025,))


def play(home: Home) -> None:
    site = SmallSite(home, first_year=2025)
    site.departments(sfj=SFJ, czj=CZJ, jyj=JYJ)
    site.agency("gcz", "汶上县郭仓镇人民政府", AgencyKind.TOWNSHIP)
    column = site.column(covers=(AgencyKind.DEPARTMENT, AgencyKind.TOWNSHIP))
    site.look("2026-02-01 09:00", column)
    site.look("2026-02-03 09:00", column)
    links = [(f"nb/{name}.html", title(name)) for name in (SFJ, JYJ)]
    site.look("2026-02-09 09:00", column, links)
    for name, dated in ((SFJ, "2026-02-05"), (JYJ, "2026-01-20")):
        page = report_page(name, 2025, published=dated)
        site.fetch("2026-02-09 09:01", f"nb/{name}.html", page)
    site.rule("2026-02-10 09:00", RulingKind.WITHHOLD, "wenshang/jyj/2025")
    city = SmallSite(home, name="jiyuan", place="济源市", division="419001", first_year=2025)
    city.agency("sfj", "济源市司法局")
    column = city.column()
    city.look("2026-02-01 09:00", column, outcome=LookOutcome.BLOCKED)


def test_each_line_names_its_looks_pages_and_editions(home: Home) -> None:
    [line] = missing(home, OF_2025).duties
    assert line.agency.name == CZJ
    assert [look.started for look in line.looks] == [at(f"2026-02-{day} 09:00") for day in ("01", "09")]
    for look in line.looks:
        assert look.url.startswith("http://www.wenshang.gov.cn/")
        assert look.outcome is LookOutcome.OK
        assert len(look.captures) == 1
    found = {one.agency.name: one for one in late(home, OF_2025).duties}[SFJ]
    [capture] = found.captures
    assert capture.url.endswith("/nb/")  # the list showed it first
    assert capture.fetched_at == at("2026-02-09 09:00")
    [edition] = found.editions
    assert edition.startswith("wenshang/sfj/2025@")


def test_only_what_is_so_founded(home: Home) -> None:
    proven = late(home, OF_2025, evidence={EvidenceGrade.PROVEN})
    assert {line.agency.name for line in proven.duties} == {SFJ, JYJ}
    assert late(home, OF_2025, evidence={EvidenceGrade.CLAIMED}).duties == ()
    found = coverage(home, replace(OF_2025, portal="wenshang"), evidence={EvidenceGrade.CLAIMED})
    assert found.rows == ()
    assert found.rates[0].rates["late"].low == 0.0
    assert found.rates[0].rates["late"].high == 1.0


def test_the_unknown_and_contradicted_dates_have_lists_of_their_own(home: Home) -> None:
    assert [line.agency.name for line in unknown(home, OF_2025).duties] == ["济源市司法局"]
    [line] = backdated(home, OF_2025).duties
    assert (line.agency.name, line.status) == (JYJ, Status.LATE)
    assert line.en.endswith("The site dates it 20 January 2026, which our looks or other dates contradict.")


def test_a_list_tells_how_much_is_known(home: Home) -> None:
    everywhere = missing(home, OF_2025).known
    assert (everywhere.duties, everywhere.unknown, everywhere.reasons) == (5, 1, {"blocked": 1})
    assert everywhere.portals == ("jiyuan",)
    city = missing(home, replace(OF_2025, portal="jiyuan"))
    assert (city.duties, city.known.unknown) == ((), 1)
    early = missing(home, replace(OF_2025, portal="wenshang", as_of=at("2026-01-10 09:00")))
    assert early.known.duties in (0, early.known.not_owed)
    before = knowledge_of(home, Where(as_of=datetime(2020, 1, 1, tzinfo=UTC)))
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


# ------------------------------------------------------------------------------------------------ totals

DEPARTMENTS = frozenset({AgencyKind.DEPARTMENT})


@pytest.fixture
def demo(played: Path) -> Iterator[Home]:
    with open_home(played) as home:
        yield home


@pytest.mark.parametrize(
    "where",
    [Where(), Where(place="37", years=(2024, 2025)), Where(kinds=DEPARTMENTS), Where(kinds=DEPARTMENTS, agency="司法")],
)
@pytest.mark.parametrize("evidence", [None, {EvidenceGrade.PROVEN}])
def test_totals_say_what_the_lists_say(demo: Home, where: Where, evidence: set[EvidenceGrade] | None) -> None:
    now = coverage(demo, where, evidence=evidence, links=False)
    before = replace(where, as_of=now.as_of - timedelta(days=3))
    for listed in (now, coverage(demo, before, evidence=evidence, links=False)):
        counted = totals(demo, replace(where, as_of=listed.as_of), evidence=evidence)
        assert (counted.counts, counted.townships, counted.others) == (listed.counts, listed.townships, listed.others)
        assert (counted.rates, counted.years, counted.evidence) == (listed.rates, listed.years, listed.evidence)
        assert counted.known.to_dict() == listed.known.to_dict()
        assert {one.portal for one in counted.places} == {row.agency.portal for row in listed.rows}
        by_place = sum(counts.total for one in counted.places for counts in one.years.values())
        assert by_place == sum(len(row.cells) for row in listed.rows) > 0


def test_a_table_of_totals_has_a_column_for_each_status(demo: Home) -> None:
    rows = totals(demo, Where(years=(2025,))).to_pandas().to_dict("records")
    assert all(row["total"] == sum(row[status.value] for status in Status) for row in rows)
    assert {row["portal"]: row["missing"] for row in rows if row["missing"]} == {"jiyuan": 1, "wenshang": 1, "yaodu": 3}


# ------------------------------------------------------------------------------------------------ rates

DEPARTMENT, TOWNSHIP, OTHER = AgencyKind.DEPARTMENT, AgencyKind.TOWNSHIP, AgencyKind.OTHER
Duties = list[tuple[TallyKey, int, int]]


def duties(counts: str, year: int = 2024, kind: AgencyKind = DEPARTMENT, dated: str = "statute") -> Duties:
    """Duties of ``kind``: how many of each status, written ``3 late`` or ``3 late:one_look``."""
    found = []
    for text in counts.split(","):
        number, _, said = text.strip().partition(" ")
        status, _, grade = said.partition(":")
        key = TallyKey(kind, dated, Status(status), EvidenceGrade(grade or "proven"), "")
        found.append((key, year, int(number)))
    return found


def bounds(row: RateRow) -> dict[str, tuple[float, float]]:
    return {name: (round(one.low, 3), round(one.high, 3)) for name, one in row.rates.items()}


@pytest.mark.parametrize(("counts", "due", "expected"), read_cases(__file__, "rates"))
def test_the_unknown_may_be_either(counts: str, due: int, expected: dict[str, tuple[float, float]]) -> None:
    [row] = rates_of(duties(counts), None)
    assert (row.group, row.year, row.due) == ("statutory", 2024, due)
    assert expected.items() <= bounds(row).items()
    assert bool(row.rates) == bool(expected)


def test_townships_and_bodies_without_a_day_are_apart() -> None:
    rows = rates_of(
        duties("3 on_time")
        + duties("1 published, 1 not_found, 2 unknown:none", kind=TOWNSHIP, dated="practice")
        + duties("1 published, 1 unknown:none", kind=OTHER, dated="nothing"),
        None,
    )
    assert [row.group for row in rows] == ["statutory", "townships", "others"]
    assert bounds(rows[1]) == {"not_found": (0.25, 0.75), "published": (0.25, 0.75)}
    assert bounds(rows[2]) == {"published": (0.5, 1.0)}


def test_what_is_founded_otherwise_is_not_taken_for_known() -> None:
    found = duties("1 late, 1 late:claimed, 1 on_time:claimed, 1 missing:one_look")
    [row] = rates_of(found, {EvidenceGrade.PROVEN})
    expected = {"late": (0.25, 1.0), "on_time": (0.0, 0.75), "missing": (0.0, 0.25), "published": (0.75, 1.0)}
    assert bounds(row) == expected


def test_scores_have_bounds_reasons_and_evidence(own: Home) -> None:
    site = SmallSite(own, first_year=2025)
    site.departments(sfj=SFJ, czj="汶上县财政局")
    column, link = site.column(), [("nb/1.html", title(SFJ), "2026-01-19")]
    site.look("2026-01-20 09:00", column, link)
    site.fetch("2026-01-20 09:01", "nb/1.html", report_page(SFJ, 2025))
    site.look("2026-02-09 09:00", column, link, outcome=LookOutcome.UNREACHABLE)
    update(own)
    answer = Archive(own).scores(years=[2025])
    lines = {(one.agency.id, one.component): one for one in answer.lines}
    held, unknown = lines["wenshang/sfj", "complete_form"], lines["wenshang/czj", "complete_form"]
    assert (held.score, held.why, bool(held.edition)) == (True, "all_numbers", True)
    assert (unknown.score, unknown.why, unknown.en, unknown.edition) == (
    None, "status_unknown", "whether it was published is unknown", None,
    )  # fmt: skip
    totals = {one.component: one for one in answer.totals}
    rate = totals["complete_form"].rate
    assert rate is not None
    assert (rate.count, rate.unknown, rate.population, rate.low, rate.high) == (1, 1, 2, 0.5, 1.0)
    assert not {"score", "index", "total"} & {*totals}
