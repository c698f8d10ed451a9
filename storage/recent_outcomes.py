"""How portals answered of late: a few columns of many looks and captures, and what their servers say of our clock.

A look during which our clock and a server's differ by more than :data:`~storage.records.MOST_SKEW` proves nothing,
whichever clock is wrong. Where the last machines that told their time all differ from ours, it is ours: then seals and
crawls stop until one agrees with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Select, select

from storage.capture_rows import capture_of, captures_query, run_of_capture
from storage.home import Home
from storage.records import MOST_SKEW, Capture, CaptureOutcome, CaptureRole, Run
from storage.tables import LOOKS

AGREE = 3  # machines
_GOOD = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED, CaptureOutcome.REDIRECT})
_UNSENT = frozenset({CaptureOutcome.REFUSED, CaptureOutcome.ROBOTS})  # refused by us, or by robots.txt
_HELD_BACK = "robots_"  # how reasons begin where robots.txt could not be had


def refused_lists(home: Home, since: datetime) -> Iterator[Capture]:
    """Return lists that were not asked for after ``since`` because our guard does not let a fetch go there."""
    query: Select[Any] = captures_query()
    of = query.selected_columns
    roles = (CaptureRole.LISTING, CaptureRole.ROBOTS)
    query = query.where(of.role.in_(roles), of.outcome == CaptureOutcome.REFUSED, of.fetched_at > since)
    return (capture_of(row._mapping) for row in home.truth.rows(query.order_by(of.fetched_at)))


# ------------------------------------------------------------------------------------------------ how hosts are asked


@dataclass(frozen=True, slots=True)
class HostPace:
    """``least_gap``: seconds between the ends of two requests, None for one alone; ``failures``: counted by reason."""

    host: str
    requests: int
    least_gap: float | None
    per_minute: float | None
    failures: Mapping[str, int]


def paces(home: Home, run: Run) -> tuple[HostPace, ...]:
    """Return how the run asked each host, the most asked first."""
    query = captures_query()
    of = query.selected_columns
    query = query.where(of.portal == run.portal, of.fetched_at >= run.started, run_of_capture() == run.id)
    times: dict[str, list[float]] = {}
    failures: dict[str, Counter[str]] = {}
    with home.truth.read() as connection:
        for row in connection.execute(query.order_by(of.fetched_at)).mappings():
            outcome = CaptureOutcome(row["outcome"])
            if outcome in _UNSENT or (row["reason"] or "").startswith(_HELD_BACK):
                continue
            host = urlsplit(row["url"]).netloc
            times.setdefault(host, []).append(row["fetched_at"].timestamp())
            if outcome not in _GOOD:
                failures.setdefault(host, Counter())[row["reason"] or str(outcome)] += 1
    return tuple(
        HostPace(
            host=host,
            requests=len(at),
            least_gap=round(min((b - a for a, b in pairwise(at)), default=0.0), 2) if len(at) > 1 else None,
            per_minute=round(60 * (len(at) - 1) / (at[-1] - at[0]), 1) if len(at) > 1 and at[-1] > at[0] else None,
            failures=failures.get(host, Counter()),
        )
        for host, at in sorted(times.items(), key=lambda pair: -len(pair[1]))
    )


# ----------------------------------------------------------------------------------------------------- our clock


def latest_by(now: datetime) -> datetime:
    """Return the instant after which whatever bears it was made while our clock was ahead, or it is behind."""
    return now + MOST_SKEW


def clock_offset(skews: Iterable[tuple[str, float]]) -> float | None:
    """Return by how many seconds our clock is off, None where nothing says that it is.

    ``skews``: machine, and the difference to its clock in seconds, the newest first; each machine's newest counts. One
    among the newest ``AGREE`` that agrees with us is enough: then it is the others'. Pure.
    """
    skew_by_machine: dict[str, float] = {}
    for machine, skew in skews:
        if machine in skew_by_machine:
            continue
        if abs(skew) <= MOST_SKEW.total_seconds():
            return None
        skew_by_machine[machine] = abs(skew)
        if len(skew_by_machine) == AGREE:
            return sorted(skew_by_machine.values())[AGREE // 2]
    return None


def our_clock(home: Home, machine: Callable[[str], str] = str, now: tuple[str, float] | None = None) -> float | None:
    """Return the same of an archive: by its looks, in the order in which they were stored, as their times may be wrong.

    ``machine``: the machine that a portal asks, where several ask one; ``now``: what one told just now.
    """
    query = select(LOOKS.c.portal, LOOKS.c.clock_skew).where(LOOKS.c.clock_skew.is_not(None))
    with home.truth.read() as connection:
        stored = ((machine(portal), skew) for portal, skew in connection.execute(query.order_by(LOOKS.c.no.desc())))
        return clock_offset(chain([now] if now is not None else [], stored))


def agreed_last(home: Home) -> bool:
    """Whether the machine that told its time last, not later than now by our clock, agreed with it."""
    query = select(LOOKS.c.started, LOOKS.c.clock_skew).where(LOOKS.c.clock_skew.is_not(None))
    last = home.truth.rows(query.order_by(LOOKS.c.no.desc()).limit(1))
    return any(
        started <= latest_by(home.clock.now()) and abs(skew) <= MOST_SKEW.total_seconds() for started, skew in last
    )
