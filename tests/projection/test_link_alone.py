"""A body that only a link names, which could not be fetched or read, owes nothing in other years."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archive.exports.duty_and_lead_rows import duty_rows
from archive.projection.update import update
from storage.home import Home
from storage.records import AgencyKind, CaptureOutcome
from storage.registry import Registry
from tests.projection.small_archive import Site, at, new_archive, report_page

NAME, TITLE = "汶上县交通运输局", "汶上县交通运输局2025年政府信息公开工作年度报告"
COLUMN = "http://www.wenshang.gov.cn/nb/"
LATER = "2026-02-20 09:00"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_archive(tmp_path / "archive")


def met_on_a_list(home: Home, **agency: object) -> Site:
    """A list without the body's report for 2024 in two looks, and then with a link to that for 2025."""
    site = Site(home, first_year=2024)
    site.agency("jtj", NAME, **{"source": f"wenshang.csv: {COLUMN}", **agency})  # type: ignore[arg-type]
    listing = site.column(covers=(AgencyKind.DEPARTMENT, AgencyKind.GOVERNMENT))
    site.look("2025-12-10 09:00", listing)
    site.look("2025-12-20 09:00", listing)
    site.look("2026-01-20 09:00", listing, [("1.pdf", TITLE)])
    return site


def told(home: Home, year: int = 2024, when: str = LATER) -> tuple[object, ...]:
    update(home, workers=1)
    row = next(row for row in duty_rows(home, as_of=at(when)) if row["year"] == year)
    return row["status"], row["evidence"], row["reason"]


def test_a_file_that_is_too_large(home: Home) -> None:
    site = met_on_a_list(home)
    site.fetch("2026-01-20 09:05", "1.pdf", None, outcome=CaptureOutcome.TOO_LARGE)
    assert told(home) == ("unknown", "none", "link_alone")
    assert told(home, 2025)[:2] == ("on_time", "proven")


def test_a_file_that_cannot_be_read(home: Home) -> None:
    site = met_on_a_list(home)
    site.fetch("2026-01-20 09:05", "1.pdf", b"%PDF-1.4 broken", mime="application/pdf")
    assert told(home) == ("unknown", "none", "link_alone")


def test_a_report_that_can_be_read_speaks_for_its_year_and_later(home: Home) -> None:
    """The body may have been founded since: before its first report it owes nothing."""
    site = met_on_a_list(home)
    site.fetch("2026-01-20 09:05", "1.pdf", None, outcome=CaptureOutcome.TOO_LARGE)
    site.fetch("2026-02-10 09:00", "1.pdf", report_page(NAME, 2025))
    assert told(home, when="2026-02-09 09:00") == ("unknown", "none", "link_alone")
    assert told(home) == ("unknown", "none", "not_attested")
    site.look("2026-02-15 09:00", site.column(), [("0.html", TITLE.replace("2025", "2023"))])
    site.fetch("2026-02-15 09:05", "0.html", report_page(NAME, 2023))
    assert told(home) == ("missing", "proven", "absent_twice")


def test_a_source_that_names_it_ends_it(home: Home) -> None:
    site = met_on_a_list(home)
    site.fetch("2026-01-20 09:05", "1.pdf", None, outcome=CaptureOutcome.TOO_LARGE)
    (held,) = Registry(home).agencies("wenshang")
    Registry(home).put_agencies(
        [replace(held, source=f"import of list.csv: {COLUMN}", recorded_at=at("2026-02-10 09:00"))]
    )
    assert told(home, when="2026-02-09 09:00") == ("unknown", "none", "link_alone")
    assert told(home) == ("missing", "proven", "absent_twice")


@pytest.mark.parametrize(
    ("agency", "status"),
    [
        ({"source": "test"}, "missing"),
        ({"source": f"wenshang.csv: {COLUMN}", "code": "11370830004335465W"}, "missing"),
        ({"source": "wenshang.csv: http://www.wenshang.gov.cn/bm/"}, "missing"),
        ({"source": "wenshang.csv: guessed: http://www.wenshang.gov.cn/1.html", "guessed": True}, "unknown"),
    ],
    ids=["a source", "an organ with its code", "a page that is no list", "a file on a notice"],
)
def test_what_is_a_link_alone(home: Home, agency: dict[str, object], status: str) -> None:
    site = met_on_a_list(home, **agency)
    site.fetch("2026-01-20 09:05", "1.pdf", None, outcome=CaptureOutcome.TOO_LARGE)
    assert told(home)[0] == status


def test_the_government_of_the_place_is_there(home: Home) -> None:
    site = met_on_a_list(home)
    site.agency("gov", "汶上县人民政府", AgencyKind.GOVERNMENT, source=f"wenshang.csv: guessed: {COLUMN}", guessed=True)
    update(home, workers=1)
    rows = duty_rows(home, as_of=at(LATER))
    row = next(row for row in rows if (row["agency"], row["year"]) == ("汶上县人民政府", 2024))
    assert (row["status"], row["evidence"]) == ("missing", "one_look")


def test_the_everyday_name_of_a_body_that_a_list_names_owes_nothing_beside_it(home: Home) -> None:
    site = Site(home, first_year=2024)
    site.agency("short", "汶上县交通局", source=f"wenshang.csv: {COLUMN}")
    site.agency("sfj", "汶上县司法局", source=f"wenshang.csv: {COLUMN}")
    site.agency("full", NAME, source="import of list.csv: ", recorded_at=at("2026-01-10 09:00"))
    site.look("2026-01-20 09:00", site.column(), [("1.html", TITLE.replace(NAME, "汶上县交通局"))])
    site.fetch("2026-01-20 09:05", "1.html", report_page("汶上县交通局", 2025))
    update(home, workers=1)
    rows = [row for row in duty_rows(home, as_of=at(LATER)) if row["year"] == 2025]
    assert [(row["agency"], row["status"]) for row in rows] == [(NAME, "on_time"), ("汶上县司法局", "unknown")]
    assert rows[0]["findings"] == ["agency_short_name"]
