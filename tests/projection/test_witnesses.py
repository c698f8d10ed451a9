"""Pieces of the projection on their own: dates in addresses, links of pages, whose a name could be, what is read."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from small_archive import LONG_AGO
from storage_making import sample

from archive.assessment.calendar import local_day
from archive.assessment.facts import DateFact
from archive.identity.matching import could_mean
from archive.projection.dates import last_modified, shared_dates, url_dates
from archive.projection.linked_folders import marks_of, may_link
from archive.projection.truth import PortalTruth
from archive.projection.unread import documents_to_read, wanted_pictures
from storage.records import (
    Agency,
    AgencyKind,
    Capture,
    CaptureOutcome,
    CaptureRole,
    CellState,
    Portal,
    Reading,
    StoredCell,
)
from tests.case_tables import read_cases

NOW = datetime(2026, 2, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("url", "origin", "day"), read_cases(__file__, "dated"))
def test_an_address_says_when_the_page_was_made(url: str, origin: str, day: str) -> None:
    assert [(w.origin, str(local_day(w.at))) for w in url_dates(url, until=NOW)] == [(origin, day)]


@pytest.mark.parametrize("url", read_cases(__file__, "urls"))
def test_an_address_without_a_day_says_nothing(url: str) -> None:
    assert url_dates(url, until=NOW) == ()


def capture(url: str, seconds: int = 0, **more: object) -> Capture:
    values = {"role": CaptureRole.REPORT, "outcome": CaptureOutcome.PAGE, "requested": url, **more}
    when = NOW + timedelta(seconds=seconds)
    return Capture(id=uuid.uuid4().hex, run="r", portal="p", url=url, fetched_at=when, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(("header", "at"), read_cases(__file__, "last_modified"))
def test_last_modified_is_a_witness_unless_made_by_the_answer(header: str, at: datetime | str) -> None:
    found = last_modified(capture("http://p.gov.cn/1", last_modified=header))
    assert (found.at if found else "") == at


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


@pytest.mark.parametrize(("path", "marks"), read_cases(__file__, "marks"))
def test_what_no_link_can_do_without(path: str, marks: tuple[str, ...]) -> None:
    assert marks_of(HOST + path) == {*marks}


@pytest.mark.parametrize(("page", "linked"), read_cases(__file__, "unlinked"))
def test_a_link_however_written_is_one(page: str, *, linked: bool) -> None:
    assert may_link(page.encode("gb18030"), marks_of(f"{HOST}/nb/n2025n.htm")) is linked


def test_nothing_is_said_of_what_cannot_be_searched() -> None:
    assert may_link("<a>2024年</a>".encode("utf-16"), frozenset({"n2025n.htm"}))
    assert may_link(b"<a>", frozenset())
    # a link from within a folder does not name it
    assert marks_of(f"{HOST}/nb/index.html", f"{HOST}/nb/bm/index.html") == {"index.html"}


# ------------------------------------------------------------------------------------------------ what is read


@pytest.mark.parametrize(("name", "known", "kind", "expected"), read_cases(__file__, "names"))
def test_an_unknown_name_keeps_a_question_open_only_where_it_could_be_meant(
    name: str, known: str, kind: str, expected: bool
) -> None:
    agency = Agency(id="p/x", portal="p", name=known, kind=AgencyKind(kind), recorded_at=LONG_AGO)
    assert could_mean(name, agency, "汶上县") is expected


def test_pictures_are_read_only_where_nothing_else_holds_the_tables() -> None:
    portal = sample(Portal, name="p", hosts=("p.gov.cn",))
    page = capture("http://p.gov.cn/1.html", document="a" * 64)
    attached = {"role": CaptureRole.ATTACHMENT, "via": page.id}
    picture = capture("http://p.gov.cn/1.JPG", 2, document="b" * 64, **attached)
    typed = capture("http://p.gov.cn/show?2", 3, document="c" * 64, mime="image/png", **attached)
    file = capture("http://p.gov.cn/1.doc", 4, document="d" * 64, **attached)
    found = PortalTruth(portal=portal, agencies=(), listings=(), captures=(page, picture, typed, file)).visits
    full = sample(Reading, cells={"x": sample(StoredCell, state=CellState.PRINTED)})
    bare = replace(full, cells={})
    assert set(documents_to_read(found)) == {"a" * 64, "d" * 64}
    assert set(wanted_pictures(found, {"a" * 64: bare})) == {"b" * 64, "c" * 64}
    assert not wanted_pictures(found, {"a" * 64: bare, "d" * 64: full})
    assert not wanted_pictures(found, {"a" * 64: full})
    assert not wanted_pictures(found, {"a" * 64: replace(bare, is_report=False)})
