"""The declared date of the first edition held, where that edition could be read, or fetched, only later."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.exports.duty_and_lead_rows import duty_rows
from archive.projection.update import update
from storage.home import Home
from storage.records import CaptureOutcome
from tests.projection.small_archive import Site, at, new_archive, report_page

TITLE = "汶上县司法局2025年政府信息公开工作年度报告"


def told(home: Home, when: str) -> tuple[object, ...]:
    update(home, workers=1)
    row = next(row for row in duty_rows(home, as_of=at(when)) if row["year"] == 2025)
    return row["status"], row["evidence"], row["reason"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_archive(tmp_path / "archive")


def test_a_date_read_at_a_later_visit_of_the_first_edition_counts(home: Home) -> None:
    """At first the file was broken; the page as read later bears a date in time: a conflict, not "undated"."""
    site = Site(home)
    site.agency("sfj", "汶上县司法局")
    listing = site.column()
    site.look("2026-01-25 09:00", listing)
    site.look("2026-02-01 09:00", listing)
    site.look("2026-02-09 09:00", listing, [("1.html", TITLE)])
    site.fetch("2026-02-09 10:00", "1.html", b"%PDF-1.4 broken", mime="application/pdf")
    assert told(home, "2026-02-10 09:00") == ("late", "one_look", "absent_once_undated")

    site.fetch("2026-02-12 10:00", "1.html", report_page("汶上县司法局", 2025, published="2026-01-30"))
    assert told(home, "2026-02-10 09:00") == ("late", "one_look", "absent_once_undated")
    assert told(home, "2026-02-13 09:00") == ("undetermined", "conflict", "absent_but_dated_in_time")


def test_a_date_of_a_later_edition_is_none_of_the_first(home: Home) -> None:
    site = Site(home)
    site.agency("sfj", "汶上县司法局")
    listing = site.column()
    site.look("2026-01-25 09:00", listing)
    site.look("2026-02-01 09:00", listing)
    site.look("2026-02-09 09:00", listing, [("1.html", TITLE)])
    site.fetch("2026-02-09 10:00", "1.html", report_page("汶上县司法局", 2025))
    site.fetch(
        "2026-02-12 10:00", "1.html", report_page("汶上县司法局", 2025, text="另有补充。", published="2026-01-30")
    )

    assert told(home, "2026-02-13 09:00") == ("late", "one_look", "absent_once_undated")


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("2026-01-30", ("undetermined", "conflict", "absent_but_dated_in_time")),
        ("2026-02-05", ("late", "one_look", "absent_once_undated")),
    ],
)
def test_the_listing_date_of_a_dead_link_spares_and_never_accuses(
    home: Home, listed: str, expected: tuple[str, ...]
) -> None:
    """d is that of the first edition held; where none is held, the listing's date can only speak for the agency."""
    site = Site(home)
    site.agency("sfj", "汶上县司法局")
    listing = site.column()
    site.look("2026-01-25 09:00", listing)
    site.look("2026-02-01 09:00", listing)
    site.look("2026-02-09 09:00", listing, [("1.html", TITLE, listed)])
    site.fetch("2026-02-09 10:00", "1.html", None, outcome=CaptureOutcome.NOT_FOUND)

    assert told(home, "2026-02-10 09:00") == expected
