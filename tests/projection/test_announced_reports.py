"""Of a report whose link is gone: it is not called missing until somebody knows what the link opened."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archive.projection.update import update
from archive.queries.verdict import status
from storage.home import Home
from storage.records import CaptureOutcome, RulingKind
from tests.projection.small_archive import Site, new_archive, report_page

SFJ, CZJ = "汶上县司法局", "汶上县财政局"
WITHDRAWN = ("nb/1.html", f"{SFJ}2025年政府信息公开工作年度报告")
STAYS = ("nb/9.html", f"{CZJ}2025年政府信息公开工作年度报告")


def play(home: Home) -> Site:
    """A link to a report that is shown before its day and is gone in three looks after it."""
    site = Site(home, first_year=2025)
    site.agency("sfj", SFJ)
    site.agency("czj", CZJ)
    column = site.column()
    site.look("2026-01-20 09:00", column, [WITHDRAWN, STAYS])
    site.fetch("2026-01-20 09:01", STAYS[0], report_page(CZJ, 2025))
    for day in ("2026-02-02", "2026-02-12", "2026-02-25"):
        site.look(f"{day} 09:00", column, [STAYS])
    return site


def found(home: Home) -> tuple[str, str]:
    update(home)
    duty = status(home, SFJ, 2025).duty
    return duty.status, duty.reason


def test_one_that_was_never_fetched_leaves_it_unknown_until_a_person_rules(tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive") as home:
        site = play(home)
        assert found(home) == ("unknown", "unresolved_lead")
        site.rule("2026-03-01 09:00", RulingKind.LEAD, site.url(WITHDRAWN[0]), is_report=False)
        assert found(home) == ("missing", "absent_twice")


def test_one_that_could_not_be_fetched_counts_as_shown(tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive") as home:
        play(home).fetch("2026-01-20 09:02", WITHDRAWN[0], b"", outcome=CaptureOutcome.UNREACHABLE)
        assert found(home) == ("on_time", "seen_by_due")


def test_bytes_that_are_lost_turn_nothing_into_missing(tmp_path: Path) -> None:
    with new_archive(tmp_path / "archive") as home:
        play(home).fetch("2026-01-20 09:02", WITHDRAWN[0], report_page(SFJ, 2025))
        shutil.rmtree(home.path / "warc")
        assert found(home) == ("unknown", "unresolved_lead")


@pytest.mark.parametrize("is_fetched", [True, False])
def test_one_that_comes_back_elsewhere_is_late_only_if_it_is_known_what_the_first_opened(
    tmp_path: Path, is_fetched: bool
) -> None:
    with new_archive(tmp_path / "archive") as home:
        site = play(home)
        if is_fetched:
            site.fetch("2026-01-20 09:02", WITHDRAWN[0], report_page("汶上县水务局", 2025))
            site.rule("2026-01-21 09:00", RulingKind.BINDING, site.url(WITHDRAWN[0]), is_report=False)
        later = ("nb/2.html", WITHDRAWN[1])
        site.look("2026-03-02 09:00", site.column(), [later, STAYS])
        site.fetch("2026-03-02 09:01", later[0], report_page(SFJ, 2025))
        assert found(home)[0] == ("late" if is_fetched else "unknown")
