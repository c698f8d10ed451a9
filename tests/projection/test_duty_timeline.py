"""How duties stood is looked up in rows made beforehand: at any instant they say what histories and editions say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from archive.projection.duty_timeline import duty_timeline
from storage.judgements import Standing
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

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
DUTY = Duty(agency="a/1", year=2025, kind=AgencyKind.DEPARTMENT, due=None, practice=None, basis="")
WITHDRAWN, AT_ONCE = (
    Finding(code=code, severity=Severity.WARNING, zh="", en="") for code in ("withdrawn", "two_at_once")
)


def day(number: int) -> datetime:
    return BEGAN + timedelta(days=number)


def edition(number: int, seen: int, last: int, change: str, *, whole: bool, at_once: bool) -> Edition:
    return Edition(
        id=f"a/1/2025@{number:012x}", agency="a/1", year=2025, track="", content_digest="", main=f"{number:064x}",
        cells_from=f"{number:064x}" if whole else None, first_seen=day(seen), last_seen=day(seen + last), captures=(),
        documents=(f"{number:064x}", f"{number + 1:064x}"), change=change, findings=(AT_ONCE,) if at_once else (),
    )  # fmt: skip


def history(cuts: list[tuple[int, Status, bool]]) -> list[StatusInterval]:
    """Statuses from each day on, the last to this day."""
    ends = [day(since) for since, _, _ in cuts[1:]] + [None]
    return [
        StatusInterval(
            agency="a/1", year=2025, since=day(since), until=until, status=status, evidence=EvidenceGrade.NONE, rule=0,
            reason="", zh="", en="", findings=(WITHDRAWN,) if gone else (),
        )
        for (since, status, gone), until in zip(cuts, ends, strict=True)
    ]  # fmt: skip


DAYS = st.integers(0, 12)
EDITIONS = st.lists(
    st.tuples(DAYS, DAYS, st.sampled_from(["first", "silent", UNDATED]), st.booleans(), st.booleans()), max_size=4
).map(lambda some: [edition(n, *one[:3], whole=one[3], at_once=one[4]) for n, one in enumerate(some)])
HISTORIES = st.lists(
    st.tuples(DAYS, st.sampled_from(list(Status)), st.booleans()), min_size=1, max_size=4, unique_by=lambda one: one[0]
).map(lambda cuts: history(sorted(cuts, key=lambda one: one[0])))


def holding(rows: list[Standing], counts: str, at: datetime) -> list[Standing]:
    return [
        row
        for row in rows
        if row.counts in ("both", counts) and row.since <= at and (row.until is None or at < row.until)
    ]


@given(EDITIONS, HISTORIES, st.sets(st.integers(0, 4)))
def test_at_any_instant_one_row_says_what_histories_and_editions_say(
    editions: list[Edition], intervals: list[StatusInterval], systems: set[int]
) -> None:
    bindings = [
        Binding(
            document=f"{number:064x}", url="", is_report=True, reason="", agency="a/1", agency_name=None, year=2025,
            report_kind=ReportKind.SYSTEM,
        )
        for number in systems
    ]  # fmt: skip
    rows = list(duty_timeline([DUTY], intervals, editions, bindings))
    for at in (day(number) + timedelta(hours=hour) for number in range(-1, 14) for hour in (0, 12)):
        held = next((one for one in intervals if one.since <= at and (one.until is None or at < one.until)), None)
        for counts in ("last", "first"):
            found = holding(rows, counts, at)
            if held is None:
                assert found == []
                continue
            [row] = found
            known = sorted((one for one in editions if one.first_seen <= at), key=lambda one: one.order)
            dated = [one for one in known if one.change != UNDATED] or known
            counting = dated[-1 if counts == "last" else 0] if known else None
            assert (row.status, row.editions) == (held.status, len(known))
            assert row.edition == (counting.id if counting else None)
            assert row.tabled == bool(counting and counting.cells_from)
            assert row.reading == (counting.main if counting else None)
            assert row.documents == (counting.documents if counting else ())
            assert ("withdrawn" in row.marks) == (held.findings != ())
            assert ("revised" in row.marks) == (len(known) > 1)
            assert ("two_at_once" in row.marks) == bool(counting and len(known) > 1 and counting.findings)
            assert ("system" in row.marks) == bool(counting and int(counting.main, 16) in systems)


def test_what_is_no_duty_stands_nowhere() -> None:
    assert list(duty_timeline([], history([(0, Status.LATE, False)]), [], [])) == []
