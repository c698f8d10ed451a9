"""A body that nothing but its own reports names, and that shows none any more, may have ended: it is not missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.projection.update import update
from archive.queries.verdict import status
from storage.home import Home
from tests.projection.small_archive import Site, at, new_archive, report_page

COLUMN = "http://www.wenshang.gov.cn/nb/"
ENDED, STAYS = "汶上县扶贫开发办公室", ("汶上县司法局", "汶上县财政局", "汶上县教育局")
BEFORE, SINCE = "2025-12-25 09:00", "2026-03-01 09:00"


def play(home: Home, source: str = f"wenshang.csv: {COLUMN}", others: tuple[str, ...] = STAYS) -> Site:
    """One body's last report is on 2023, the others go on: two looks before that on 2025 is due, and two after."""
    site = Site(home, first_year=2023)
    column = site.column()
    for number, name in enumerate((ENDED, *others)):
        site.agency(f"b{number}", name, source=source if name == ENDED else "test")
    shown = [show(site, ENDED, 2023, "2025-12-10"), *(show(site, name, 2024, "2025-12-10") for name in others)]
    for day in ("2025-12-10", "2025-12-20"):
        site.look(f"{day} 10:00", column, shown)
    shown += [show(site, name, 2025, "2026-02-10") for name in others]
    for day in ("2026-02-10", "2026-02-20"):
        site.look(f"{day} 10:00", column, shown)
    return site


def show(site: Site, name: str, year: int, day: str) -> tuple[str, str]:
    path = f"nb/{year}-{len(name)}-{ord(name[3])}.html"
    site.fetch(f"{day} 09:00", path, report_page(name, year))
    return path, f"{name}{year}年政府信息公开工作年度报告"


def found(home: Home, year: int, when: str = SINCE) -> tuple[str, str]:
    update(home, workers=1)
    duty = status(home, ENDED, year, as_of=at(when)).duty
    return duty.status, duty.reason


@pytest.mark.parametrize("year", [2024, 2025])
def test_who_is_silent_for_two_years_beside_others_may_have_ended(tmp_path: Path, year: int) -> None:
    with new_archive(tmp_path / "archive") as home:
        play(home)
        assert found(home, year) == ("unknown", "fallen_silent")


def test_after_one_year_nobody_knows_that_yet(tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive") as home:
        play(home)
        assert found(home, 2024, BEFORE) == ("missing", "absent_twice")


def test_a_source_says_that_the_body_is_there(tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive") as home:
        play(home, source="import of list.csv")
        assert found(home, 2025) == ("missing", "absent_twice")


def test_one_other_body_that_goes_on_proves_nothing(tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive") as home:
        play(home, others=STAYS[:1])
        assert found(home, 2025)[0] == "missing"


def test_who_reports_again_was_missing(tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive", now="2027-04-02 09:00") as home:
        site = play(home)
        site.look("2027-01-20 10:00", site.column(), [show(site, ENDED, 2026, "2027-01-20")])
        assert found(home, 2025) == ("unknown", "fallen_silent")
        assert found(home, 2025, "2027-03-01 09:00") == ("missing", "absent_twice")
