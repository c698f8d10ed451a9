"""Which edition counts when: the last seen by then; what people brought in counts only before all others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.projection.findings import times
from storage.records import UNDATED, Edition


def edition(name: str, first: int, change: str = "first") -> Edition:
    seen = datetime(2026, 1, first, tzinfo=UTC)
    return Edition(
        id=name, agency="a", year=2025, track="", content_digest="", main="", cells_from=None, first_seen=seen,
        last_seen=seen, captures=(), documents=(), change=change,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("editions", "told"),
    [
        ((), []),
        ((edition("b", 5, "silent"), edition("a", 2)), [("a", 2, 5), ("b", 5, None)]),
        ((edition("a", 2), edition("b", 2)), [("b", 2, None)]),
        ((edition("x", 3, UNDATED), edition("a", 2)), [("a", 2, None)]),
        ((edition("x", 3, UNDATED), edition("a", 6)), [("x", 3, 6), ("a", 6, None)]),
        ((edition("x", 3, UNDATED),), [("x", 3, None)]),
    ],
)
def test_each_counts_until_the_next_is_seen(editions: tuple[Edition, ...], told: list[object]) -> None:
    found = [(one.id, since.day, until.day if until else None) for one, since, until in times(editions)]
    assert found == told
