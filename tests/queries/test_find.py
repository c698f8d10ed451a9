"""``find``: what a few words mean, however a person types them; the nearest first, nothing made up."""

from __future__ import annotations

import pytest
from small_archive import Site, report_page, title

from nianbao.python_api import Archive
from storage.home import Home
from storage.records import AgencyKind, Status
from tests.case_tables import read_cases

SFJ, CZJ, ZF = "汶上县司法局", "汶上县财政局", "汶上县人民政府"


def play(home: Home) -> None:
    site = Site(home, first_year=2024)
    sfj = site.agency("sfj", SFJ)
    site.agency("czj", CZJ)
    site.agency("zf", ZF, AgencyKind.GOVERNMENT)
    column = site.column(covers=(AgencyKind.DEPARTMENT, AgencyKind.GOVERNMENT))
    site.look("2026-01-20 09:00", column, [("nb/sfj.html", title(SFJ))])
    site.fetch("2026-01-20 09:01", "nb/sfj.html", report_page(sfj.name, 2025, text="芦笙节照常。"))


@pytest.mark.parametrize(("words", "sort", "name"), read_cases(__file__, "first_matches"))
def test_the_first_match_is_what_was_meant(held: Archive, words: str, sort: str, name: str) -> None:
    found = held.find(words)
    assert [(one.sort, one.name.lstrip("一二三四五六、")) for one in found.matches][:1] == [(sort, name)]


def test_a_government_comes_before_its_departments_and_exact_names_before_all(held: Archive) -> None:
    names = [one.name for one in held.find("汶上县").matches if one.sort == "agency"]
    assert names == [ZF, CZJ, SFJ]
    assert [one.name for one in held.find("财政局").matches if one.sort == "agency"] == [CZJ]
    assert not held.find("civil affairs").matches  # 民政 is no part of 人民政府


@pytest.mark.parametrize(("words", "statuses"), read_cases(__file__, "years"))
def test_a_year_asks_for_the_report_on_it(held: Archive, words: str, statuses: dict[str, str]) -> None:
    found = held.find(words)
    assert (found.words, found.years) == (SFJ, tuple(map(int, statuses)))
    reports = {(one.name, str(one.year)): one.status for one in found.matches if one.sort == "report"}
    assert reports == {(SFJ, year): Status(status) for year, status in statuses.items() if status}
