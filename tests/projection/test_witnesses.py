"""What addresses tell: dates in them, object ids and headers, and whether a page could have linked them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from archive.assessment.calendar import local_day
from archive.assessment.facts import DateFact
from archive.projection.dates import last_modified, shared_dates, url_dates
from archive.projection.linked_folders import marks_of, may_link
from storage.records import Capture, CaptureOutcome, CaptureRole
from tests.case_tables import read_cases

NOW = datetime(2026, 2, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("url", "origin", "day"), read_cases(__file__, "dated"))
def test_an_address_says_when_the_page_was_made(url: str, origin: str, day: str) -> None:
    assert [(w.origin, str(local_day(w.at))) for w in url_dates(url, until=NOW)] == [(origin, day)]


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


HOST = "http://www.x.gov.cn"


@pytest.mark.parametrize(
    ("url", "marks"),
    [
        (f"{HOST}/zfxxgk/nb/n2025n.htm", {"n2025n.htm"}),
        (f"{HOST}/zfxxgk/nb/2025n/index.html", {"2025n"}),
        (f"{HOST}/col/col40391/index.html", {"40391"}),  # a script may put the rest around the number
        (f"{HOST}/xxgk/list.jsp?cid=8812&tag=swj", {"list.jsp", "8812", "swj"}),
        (f"{HOST}/xxgk/%E5%B9%B4%E6%8A%A5/", set()),  # a name that may be written in several ways
    ],
)
def test_what_no_link_can_do_without(url: str, marks: set[str]) -> None:
    assert marks_of(url) == marks


@pytest.mark.parametrize(("page", "linked"), read_cases(__file__, "unlinked"))
def test_a_link_however_written_is_one(page: str, *, linked: bool) -> None:
    assert may_link(page.encode("gb18030"), marks_of(f"{HOST}/nb/n2025n.htm")) is linked


def test_nothing_is_said_of_what_cannot_be_searched() -> None:
    assert may_link("<a>2024年</a>".encode("utf-16"), frozenset({"n2025n.htm"}))
    assert may_link(b"<a>", frozenset())
    # a link from within a folder does not name it
    assert marks_of(f"{HOST}/nb/index.html", f"{HOST}/nb/bm/index.html") == {"index.html"}
