"""Which edition counts when, and how duties stood at any instant: in rows that are made beforehand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.projection.editions import editions_with_ends
from storage.records import (
    UNDATED,
    Edition,
)


def day(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


def edition(name: str, seen: int, change: str, *, whole: bool = True) -> Edition:
    return Edition(
        id=name, agency="a/1", year=2025, track="", content_digest="", main=f"m{name}",
        cells_from=f"c{name}" if whole else None, first_seen=day(seen), last_seen=day(seen), known_from=day(seen),
        captures=(), documents=(f"m{name}", "other"), change=change,
    )  # fmt: skip


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
        (one.id, one.known_from.day - 1, until.day - 1 if until else None)
        for one, until in editions_with_ends(editions)
        if until is None or one.known_from < until
    ]
    assert found == counting
