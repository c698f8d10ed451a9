"""What was never read and judged is never told as empty; a list that shows far fewer agencies is told at every door."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from small_archive import FixedClock, InProcess, SmallSite, at, new_archive, report_page, title

from archive import open_archive
from archive.assessment.expected_counts import compare_count, median_of_neighbours
from archive.projection.update import update
from archive.queries.freshness import list_counts
from crawler.operations.health import gather, problems
from storage.errors import ProjectionError
from storage.home import open_home
from storage.records import LookOutcome
from tests.case_tables import read_cases
from tests.played import nianbao

SFJ = "汶上县司法局"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """One portal, looked at and fetched; nothing is read yet."""
    with new_archive(tmp_path / "archive") as home:
        _looked_at(SmallSite(home, first_year=2025))
    return tmp_path / "archive"


def _looked_at(site: SmallSite) -> None:
    site.agency("sfj", SFJ)
    site.publish("2026-02-08", "nb/sfj.html", SFJ)


@pytest.mark.parametrize("lost", [False, True])
def test_questions_are_refused_before_anything_is_judged(archive: Path, lost: bool) -> None:
    if lost:
        with new_archive(archive) as home:
            update(home)
        for path in archive.glob("projections*"):
            path.unlink()
    for words in (("news", "--since", "2026-01-01"), ("missing", "2025"), ("export", "duties", "--output", "-")):
        told = nianbao(*words, archive=archive)
        assert (told.code, told.out) == (3, "")
        assert "nothing of this archive was read and judged yet; run: nianbao reread" in told.err
    with open_archive(archive) as held, pytest.raises(ProjectionError, match="nianbao reread"):
        held.missing(year=2025)


def test_a_portal_that_was_never_judged_leaves_an_answer_unknown(archive: Path) -> None:
    with new_archive(archive) as home:
        update(home)
        _looked_at(SmallSite(home, name="yiyuan", place="沂源县", division="370323", first_year=2025))
        news = open_archive(archive).news(at("2026-03-01 00:00"), at("2026-03-02 00:00"))
    assert news.unjudged == ("yiyuan",)
    told = nianbao("missing", "2025", archive=archive)
    assert told.out.startswith("Not certain: as far as we looked there is no report missing for 2025, but")
    assert "yiyuan not read and assessed yet: nianbao crawl, nianbao reread" in told.out
    quiet = nianbao("news", "--since", "2026-02-08", "--until", "2026-02-09", archive=archive)
    assert "not read and assessed yet: yiyuan" in quiet.out


# --------------------------------------------------------------------------------------- how many agencies a list shows

NOW = "2026-05-20T09:00:00+08:00"
AGENCIES = ("司法", "财政", "民政", "教育", "水务", "商务", "审计", "统计", "林业", "交通")


@pytest.mark.parametrize(("shown", "bases", "expected"), read_cases(__file__, "counts"))
def test_a_count_is_compared_with_each_basis(
    shown: int, bases: Mapping[str, int], expected: tuple[object, ...]
) -> None:
    found = compare_count(shown, bases)
    assert ((found.basis, found.least, found.most, found.verdict) if found else ()) == expected


def test_few_neighbours_are_no_basis() -> None:
    assert [median_of_neighbours([30] * 4), median_of_neighbours([10, 20, 30, 40, 50])] == [0, 30]


def archive_of_a_short_list(path: Path, now: str, counts: tuple[int, int] = (10, 3)) -> Path:
    """An archive of one portal whose list shows ten agencies' reports on 2024, and three on 2025 (or ``counts``)."""
    with new_archive(path, now=now) as home:
        site = SmallSite(home, first_year=2024)
        column = site.column()
        names = [f"汶上县{one}局" for one in AGENCIES]
        for number, name in enumerate(names):
            site.agency(f"a{number}", name)
        links: list[tuple[str, str]] = []
        for year, count, day in zip((2024, 2025), counts, ("2025-01-20 09:00", "2026-01-20 09:00"), strict=True):
            shown = [(f"nb/{year}-{at}.html", name) for at, name in enumerate(names[:count])]
            links += [(page, title(name, year)) for page, name in shown]
            site.look(day, column, links)
            for page, name in shown:
                site.fetch(day, page, report_page(name, year, published=day[:10]))
        site.look(now, column, links)
        update(home, pool=InProcess())
    return path


def test_a_portal_that_was_never_reached_is_no_short_list(tmp_path: Path) -> None:
    """All that a crawl without a network can say of it is that it was not reached."""
    with new_archive(tmp_path / "archive", now="2026-05-19 09:00") as home:
        site = SmallSite(home, first_year=2024)
        column = site.column()
        site.agency("sfj", SFJ)
        for outcome, told in ((LookOutcome.UNREACHABLE, 0), (LookOutcome.OK, 1)):
            site.look("2026-05-19 09:00", column, [], outcome=outcome)
            update(home, pool=InProcess())
            assert len(list_counts(home)) == told


def test_reports_that_still_arrive_are_not_counted_yet(tmp_path: Path) -> None:
    path = archive_of_a_short_list(tmp_path / "archive", "2026-02-01 09:00")
    with open_home(path, read_only=True) as home:
        home.clock = FixedClock(at("2026-02-02 09:00"))  # type: ignore[assignment]
        [count] = list_counts(home).values()
    assert (count.year, count.agencies, count.is_unusual) == (2024, 10, False)


def test_a_list_that_shows_far_more_agencies_than_before_is_named(tmp_path: Path) -> None:
    path = archive_of_a_short_list(tmp_path / "archive", "2026-05-19 09:00", (5, 10))
    with open_home(path, read_only=True) as home:
        home.clock = FixedClock(at("2026-05-20 09:00"))  # type: ignore[assignment]
        [count] = list_counts(home).values()
    assert "10 registered agencies; 8 or fewer are usual (5 the year before). The list that gained most" in count.en
    assert count.list_url


def test_what_is_expected_is_told_where_all_is_well_too(tmp_path: Path) -> None:
    path, now = archive_of_a_short_list(tmp_path / "archive", "2026-02-01 09:00"), "2026-02-02T09:00:00+08:00"
    for lang, said in (
        ("en", "10 registered agencies, and 5 to 10 are usual (10 in the registry)"),
        ("zh", "一般应有5–10个（名录10个）"),
    ):
        checked = nianbao("portal", "check", "wenshang", "--no-look", archive=path, now=now, NIANBAO_LANG=lang)
        assert said in " ".join(checked.out.split())


def test_a_list_that_shows_far_fewer_agencies_than_before_is_told_at_every_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive_of_a_short_list(tmp_path / "archive", "2026-05-19 09:00")
    monkeypatch.setenv("NIANBAO_NOW", NOW)
    with open_home(path, read_only=True) as home:
        [count] = list_counts(home).values()
        assert count.expected is not None
        assert (count.year, count.agencies, count.expected.least) == (2025, 3, 7)
        assert count.list_url == "http://www.wenshang.gov.cn/nb/"
        assert "10 the year before" in count.en
        told = [one.sentence("en") for one in problems(gather(home)) if one.code == "too_few_reports"]
        assert told == [count.en]
    checked = nianbao("portal", "check", "wenshang", "--no-look", archive=path, now=NOW, code=1)
    assert "7 or more are usual" in " ".join(checked.out.split())
