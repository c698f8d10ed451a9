"""What a ruling on a link or a document changes, and from when: before it, "as of" tells what was known then."""

from __future__ import annotations

from pathlib import Path

from archive.exports.duty_and_lead_rows import duty_rows
from archive.projection.update import update
from storage.home import Home
from storage.records import CaptureOutcome, RulingKind
from tests.projection.small_archive import Site, at, new_archive, report_page

UNKNOWN = "汶上县丙丁局"
TITLE = "汶上县司法局2025年政府信息公开工作年度报告"


def told(home: Home, agency: str, when: str) -> tuple[object, ...]:
    update(home, workers=1)
    rows = duty_rows(home, as_of=at(when))
    row = next(row for row in rows if row["agency"] == agency and row["year"] == 2025)
    return row["status"], row["evidence"], row["reason"]


def test_a_binding_ruled_later_leaves_what_was_told_before(tmp_path: Path) -> None:
    home = new_archive(tmp_path / "archive")
    site = Site(home)
    justice = site.agency("sfj", "汶上县司法局")
    site.agency("jyj", "汶上县教育局")
    listing = site.column()
    for day in ("2026-02-01 09:00", "2026-02-09 09:00"):
        site.look(day, listing, [("1.html", "汶上县教育局2025年政府信息公开工作年度报告")])
        page = site.fetch(day, "1.html", report_page("汶上县教育局", 2025))
    before = [told(home, name, "2026-02-20 09:00") for name in ("汶上县司法局", "汶上县教育局")]
    assert before[0] == ("missing", "proven", "absent_twice")

    assert page.document is not None
    site.rule("2026-03-01 09:00", RulingKind.BINDING, page.document, agency=justice.id, year=2025)

    assert [told(home, name, "2026-02-20 09:00") for name in ("汶上县司法局", "汶上县教育局")] == before
    assert told(home, "汶上县司法局", "2026-03-01 09:00")[0] == "undetermined"
    assert told(home, "汶上县教育局", "2026-03-01 09:00") == ("missing", "proven", "absent_twice")


def test_a_lead_ruled_out_keeps_the_verdict_open_until_the_ruling(tmp_path: Path) -> None:
    home = new_archive(tmp_path / "archive")
    site = Site(home)
    site.agency("sfj", "汶上县司法局")
    listing = site.column()
    for day in ("2026-02-01 09:00", "2026-02-09 09:00"):
        site.look(day, listing, [("1.html", TITLE)])
    assert told(home, "汶上县司法局", "2026-02-20 09:00") == ("unknown", "none", "unresolved_lead")

    site.rule("2026-03-01 09:00", RulingKind.LEAD, site.url("1.html"), is_report=False)

    assert told(home, "汶上县司法局", "2026-02-20 09:00") == ("unknown", "none", "unresolved_lead")
    assert told(home, "汶上县司法局", "2026-03-02 09:00") == ("missing", "proven", "absent_twice")


def test_a_report_of_nobody_known_could_be_his_whom_its_link_names(tmp_path: Path) -> None:
    """A stray name in the printed title accuses nobody: unbound, it is not proof that the named agency has none."""
    home = new_archive(tmp_path / "archive")
    site = Site(home)
    site.agency("sfj", "汶上县司法局")
    listing = site.column()
    for day in ("2026-02-01 09:00", "2026-02-09 09:00"):
        site.look(day, listing, [("1.html", TITLE)])
        site.fetch(day, "1.html", report_page(UNKNOWN, 2025))

    assert told(home, "汶上县司法局", "2026-02-20 09:00") == ("unknown", "none", "unresolved_lead")


def test_a_dead_link_that_answers_later_was_shown_all_the_time(tmp_path: Path) -> None:
    home = new_archive(tmp_path / "archive")
    site = Site(home)
    site.agency("sfj", "汶上县司法局")
    listing = site.column()
    site.look("2026-01-25 09:00", listing, [("1.html", TITLE)])
    site.fetch("2026-01-25 10:00", "1.html", None, outcome=CaptureOutcome.UNREACHABLE)
    before = told(home, "汶上县司法局", "2026-02-02 09:00")
    assert before == ("on_time", "proven", "seen_by_due")

    site.look("2026-02-09 09:00", listing, [("1.html", TITLE)])
    site.fetch("2026-02-09 10:00", "1.html", report_page("汶上县司法局", 2025))

    assert told(home, "汶上县司法局", "2026-02-02 09:00") == before
    assert told(home, "汶上县司法局", "2026-02-10 09:00") == before


def test_a_ruling_on_another_portal_retells_nothing(tmp_path: Path) -> None:
    home = new_archive(tmp_path / "archive")
    site = Site(home)
    site.agency("sfj", "汶上县司法局")
    listing = site.column()
    site.look("2026-02-01 09:00", listing)
    before = told(home, "汶上县司法局", "2026-02-02 09:00")
    site.rule("2026-02-05 09:00", RulingKind.BINDING, "0" * 64, is_report=False)

    assert told(home, "汶上县司法局", "2026-02-02 09:00") == before == ("missing", "one_look", "absent_once")
