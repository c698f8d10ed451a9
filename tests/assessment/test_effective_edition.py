"""Which edition counts when: the last seen by then; what people brought in counts only before all others."""

from __future__ import annotations

from datetime import UTC, datetime

from archive.assessment.effective_edition import meetings, stays
from storage.records import UNDATED, Edition


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def edition(name: str, first: int, change: str = "first") -> Edition:
    return Edition(
        id=name, agency="a", year=2025, track="", content_digest="", main="", cells_from=None, first_seen=day(first),
        last_seen=day(first), captures=(), documents=(), change=change,
    )  # fmt: skip


def times(*editions: Edition) -> list[tuple[str, int, int | None]]:
    return [(one.edition.id, one.since.day, one.until.day if one.until else None) for one in stays(editions)]


def test_each_counts_until_the_next_is_seen() -> None:
    assert times(edition("b", 5, "silent"), edition("a", 2)) == [("a", 2, 5), ("b", 5, None)]
    assert times() == []


def test_of_two_seen_at_once_the_last_counts() -> None:
    assert times(edition("a", 2), edition("b", 2)) == [("b", 2, None)]


def test_one_brought_in_by_hand_never_takes_anothers_place() -> None:
    brought = edition("x", 3, UNDATED)
    assert times(brought, edition("a", 2)) == [("a", 2, None)]
    assert times(brought, edition("a", 6)) == [("x", 3, 6), ("a", 6, None)]
    assert times(brought) == [("x", 3, None)]


def test_two_years_meet_while_both_count() -> None:
    now, before = stays([edition("n", 4), edition("m", 8)]), stays([edition("b", 1), edition("c", 6)])
    met = [
        (one.now.id, one.before.id, one.since.day, one.until.day if one.until else None)
        for one in meetings(now, before)
    ]
    assert met == [("n", "b", 4, 6), ("n", "c", 6, 8), ("m", "c", 8, None)]
