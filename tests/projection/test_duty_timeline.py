"""Which edition counts when, and how duties stood at any instant: in rows that are made beforehand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.projection.duty_timeline import duty_timeline
from archive.projection.findings import counting_times
from storage.records import (
    UNDATED,
    AgencyKind,
    Binding,
    Duty,
    Edition,
    EvidenceGrade,
    Finding,
    ReportKind,
    Severity,
    Status,
    StatusInterval,
)

DUTY = Duty(agency="a/1", year=2025, kind=AgencyKind.DEPARTMENT, due=None, practice=None, basis="")


def day(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


def edition(name: str, seen: int, change: str, *, whole: bool = True) -> Edition:
    return Edition(
        id=name, agency="a/1", year=2025, track="", content_digest="", main=f"m{name}",
        cells_from=f"c{name}" if whole else None, first_seen=day(seen), last_seen=day(seen), captures=(),
        documents=(f"m{name}", "other"), change=change,
    )  # fmt: skip


def interval(since: int, until: int | None, status: Status, *codes: str) -> StatusInterval:
    findings = tuple(Finding(code=code, severity=Severity.WARNING, zh="", en="") for code in codes)
    return StatusInterval(
        agency="a/1", year=2025, since=day(since), until=None if until is None else day(until), status=status,
        evidence=EvidenceGrade.NONE, rule=0, reason="", zh="", en="", findings=findings,
    )  # fmt: skip


def test_at_any_instant_one_row_says_what_histories_and_editions_say() -> None:
    editions = [edition("b", 4, "silent", whole=False), edition("a", 2, "first"), edition("x", 6, UNDATED)]
    history = [interval(0, 3, Status.MISSING), interval(3, None, Status.LATE, "withdrawn")]
    binding = Binding(
        document="mb", url="", is_report=True, reason="", agency="a/1", agency_name=None, year=2025,
        report_kind=ReportKind.SYSTEM,
    )  # fmt: skip
    rows = list(duty_timeline([DUTY], history, {("a/1", 2025): editions}, [binding]))
    assert [
        (row.since.day - 1, row.until and row.until.day - 1, row.status.value, row.counts, row.edition, row.editions)
        for row in rows
    ] == [
        (0, 2, "missing", "both", None, 0),
        (2, 3, "missing", "both", "a", 1),
        (3, 4, "late", "both", "a", 1),
        (4, 6, "late", "last", "b", 2),
        (4, 6, "late", "first", "a", 2),
        (6, None, "late", "last", "b", 3),
        (6, None, "late", "first", "a", 3),
    ]
    last = rows[3]
    assert (last.tabled, last.reading, last.documents) == (False, "mb", ("mb", "other"))
    assert last.marks == ("revised", "withdrawn", "system")
    assert (rows[1].tabled, rows[1].reading, rows[1].documents) == (True, "ca", ("ma", "ca", "other"))
    assert list(duty_timeline([], history, {}, [])) == []


@pytest.mark.parametrize(
    ("editions", "counting"),
    [
        ((), []),
        ((edition("b", 5, "silent"), edition("a", 2, "first")), [("a", 2, 5), ("b", 5, None)]),
        ((edition("a", 2, "first"), edition("b", 2, "first")), [("b", 2, None)]),
        # what people brought in counts only before all others
        ((edition("x", 3, UNDATED), edition("a", 2, "first")), [("a", 2, None)]),
        ((edition("x", 3, UNDATED), edition("a", 6, "first")), [("x", 3, 6), ("a", 6, None)]),
    ],
)
def test_each_edition_counts_until_the_next_is_seen(editions: tuple[Edition, ...], counting: list[object]) -> None:
    found = [
        (one.id, since.day - 1, until.day - 1 if until else None) for one, since, until in counting_times(editions)
    ]
    assert found == counting
