"""A body that only its reports name is known once they are read, and owes nothing before the first of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from small_archive import Site, at, new_archive, report_page

from archive.projection.update import rebuild, update, waiting
from archive.queries.overview import coverage
from storage.home import Home
from storage.records import EvidenceGrade, Status
from storage.registry import Registry
from tests.projection.test_projection_update import content

LYJ = "汶上县林业局"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with new_archive(tmp_path / "archive", now="2027-04-02 09:00") as home:
        yield home


def new_body(home: Home) -> Site:
    """Two sound looks after each due date; the forestry office is met with its report for 2026, the first of it."""
    site = Site(home, first_year=2025)
    site.departments(sfj="汶上县司法局", czj="汶上县财政局")
    column = site.column()
    for day in ("2026-02-02 09:00", "2026-02-12 09:00"):
        site.look(day, column)
    site.look("2027-01-20 09:00", column, [("nb/1.html", "2026年政府信息公开工作年度报告")])
    site.fetch("2027-01-20 09:05", "nb/1.html", report_page(LYJ, 2026, published="2027-01-19"))
    return site


def told(home: Home) -> dict[tuple[str, int], tuple[Status, EvidenceGrade, str]]:
    return {
        (row.agency.name, year): (line.status, line.evidence, line.reason)
        for row in coverage(home).rows
        for year, line in row.cells.items()
    }


def test_its_report_is_held_and_the_year_before_is_unknown_until_a_source_names_it(home: Home) -> None:
    new_body(home)
    report = update(home)
    (met,) = report.new_agencies
    assert (met.name, met.guessed, met.recorded_at) == (LYJ, True, home.clock.now())
    assert report.naming is not None
    assert report.naming.values["names"] == LYJ
    found = told(home)
    assert found[LYJ, 2026][:2] == (Status.ON_TIME, EvidenceGrade.PROVEN)
    assert found[LYJ, 2025] == (Status.UNKNOWN, EvidenceGrade.NONE, "not_attested")
    assert found["汶上县司法局", 2025][:2] == (Status.MISSING, EvidenceGrade.PROVEN)
    assert (waiting(home), update(home).new_agencies) == ((), ())
    # it was not known before its report was read
    day = at("2027-03-01 09:00")
    assert LYJ not in {one.name for one in Registry(home).agencies("wenshang", day)}
    assert LYJ not in {row.agency.name for row in coverage(home, as_of=day).rows if row.cells}
    before = content(home)
    rebuild(home)
    assert content(home) == before
    Registry(home).put_agencies([replace(met, source="import of list.csv: a document", guessed=False)])
    update(home)
    assert told(home)[LYJ, 2025][:2] == (Status.MISSING, EvidenceGrade.PROVEN)
