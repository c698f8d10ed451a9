"""Decide which edition of a report counts from when to when: one at a time, the last that was seen by then. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.records import UNDATED, Edition


@dataclass(frozen=True, slots=True)
class Stay:
    """An edition that counts in [``since``, ``until``); None: to this day."""

    edition: Edition
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two stays that overlap, and the time in which both count."""

    now: Edition
    before: Edition
    since: datetime
    until: datetime | None


def stays(editions: Iterable[Edition]) -> tuple[Stay, ...]:
    """Give the times of the editions of one report, in order. One brought in by hand counts only before all others."""
    dated = sorted((one for one in editions if one.change != UNDATED), key=_order)
    undated = sorted((one for one in editions if one.change == UNDATED), key=_order)
    first = dated[0].first_seen if dated else None
    early = [one for one in undated if first is None or one.first_seen < first]
    ordered = [*early, *dated]
    ends: list[datetime | None] = [*(one.first_seen for one in ordered[1:]), None][: len(ordered)]
    return tuple(
        Stay(one, one.first_seen, end)
        for one, end in zip(ordered, ends, strict=True)
        if end is None or one.first_seen < end
    )


def meetings(now: Sequence[Stay], before: Sequence[Stay]) -> Iterator[Meeting]:
    """Give the pairs of two reports' editions that count at the same time."""
    for one in now:
        for other in before:
            since = max(one.since, other.since)
            until = min((end for end in (one.until, other.until) if end is not None), default=None)
            if until is None or since < until:
                yield Meeting(one.edition, other.edition, since, until)


def _order(edition: Edition) -> tuple[datetime, datetime, str]:
    return edition.first_seen, edition.last_seen, edition.id
