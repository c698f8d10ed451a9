"""Dates in addresses, object ids and headers: never before what they say, and nothing when many share them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from archive.assessment.calendar import local_day
from archive.assessment.facts import DateFact
from archive.projection.dates import last_modified, shared_dates, url_dates
from storage.records import Capture, CaptureOutcome, CaptureRole
from tests.case_tables import read_cases

NOW = datetime(2026, 2, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "origin", "day"),
    [
        ("http://tjj.linfen.gov.cn/zfxxgk/xxgknb/202401/t20240129_310451.html", "url", date(2024, 1, 29)),
        ("https://sf.ly.gov.cn/2025/12-08/945529.html", "url", date(2025, 12, 8)),
        ("http://www.zj.gov.cn/art/2023/2/2/art_107308_2794042.html", "url", date(2023, 2, 2)),
        ("http://x.gov.cn/cms/html/site/2013-01-25/1779102018.html", "url", date(2013, 1, 25)),
        ("http://x.gov.cn/a/202001/P020200115517848565234.pdf", "url", date(2020, 1, 15)),
        ("http://x.gov.cn/channel_x/doc_65b7a1800000000000000000.html", "object_id", date(2024, 1, 29)),
    ],
)
def test_an_address_says_when_the_page_was_made(url: str, origin: str, day: date) -> None:
    assert [(w.origin, local_day(w.at)) for w in url_dates(url, until=NOW)] == [(origin, day)]


@pytest.mark.parametrize("url", read_cases(__file__, "urls"))
def test_an_address_without_a_day_says_nothing(url: str) -> None:
    assert url_dates(url, until=NOW) == ()


def capture(last: str) -> Capture:
    return Capture(
        id="0" * 32, run="r", portal="p", role=CaptureRole.REPORT, url="http://p.gov.cn/1", requested="http://p.gov.cn/1",
        fetched_at=NOW, outcome=CaptureOutcome.PAGE, last_modified=last,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("header", "at"),
    [
        ("Mon, 29 Jan 2024 08:00:00 GMT", datetime(2024, 1, 29, 8, tzinfo=UTC)),
        ("Sun, 01 Feb 2026 01:00:00 GMT", None),
        ("yesterday", None),
    ],
)
def test_last_modified_is_a_witness_unless_made_by_the_answer(header: str, at: datetime | None) -> None:
    found = last_modified(capture(header))
    assert (found.at if found else None) == at


def dated(day: int, after: int = 0) -> list[DateFact]:
    known = NOW + timedelta(days=after)
    return [DateFact(origin="metadata", day=date(2021, 3, day), text="", known_from=known, declared=True)]


FIFTH = ("metadata", date(2021, 3, 5))
OF_ONE_YEAR = {(f"p/{n}", 2022): dated(5) for n in range(20)}


@pytest.mark.parametrize(
    ("reports", "shared"),
    [
        ({("p/9", 2020): dated(6), **{(f"p/{n}", 2015 + n % 3): dated(5, n) for n in range(5)}}, {FIFTH: 4}),
        (OF_ONE_YEAR, {}),  # a deadline
        ({(f"p/{n}", year): dated(5) for n in range(21) for year in (2021, 2022)}, {FIFTH: 0}),
        ({**OF_ONE_YEAR, ("p/0", 2021): dated(5)}, {}),  # one late report beside those of the year
    ],
)
def test_a_date_of_many_reports_of_several_years_is_a_migration(
    reports: dict[tuple[str, int], list[DateFact]], shared: dict[tuple[str, date], int]
) -> None:
    assert shared_dates(reports) == {day: NOW + timedelta(days=after) for day, after in shared.items()}
