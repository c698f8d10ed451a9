"""How portals answered recently, read from few columns of many looks and captures, and whether our clock is right.

A look during which our clock and a server's differ by more than :data:`~storage.clock.MOST_SKEW` proves nothing,
whichever clock is wrong. If the last machines that sent their time all differ from ours, ours is wrong: then seals and
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
from storage.clock import MOST_SKEW, clocks_agree
from storage.home import Home
from storage.records import Capture, CaptureOutcome, CaptureRole, Run
from storage.tables import LOOKS

AGREE = 3  # machines that must differ from our clock before we call it wrong
_GOOD = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED, CaptureOutcome.REDIRECT})
_UNSENT = frozenset({CaptureOutcome.REFUSED, CaptureOutcome.ROBOTS})  # our guard or robots.txt forbade the request
_HELD_BACK = "robots_"  # prefix of reasons when robots.txt could not be fetched


def refused_lists(home: Home, since: datetime) -> Iterator[Capture]:
    """Return captures of lists that our guard (against addresses that are not the portal's) refused after ``since``."""
    query: Select[Any] = captures_query()
    columns = query.selected_columns
    roles = (CaptureRole.LISTING, CaptureRole.ROBOTS)
    query = query.where(columns.role.in_(roles), columns.outcome == CaptureOutcome.REFUSED, columns.fetched_at > since)
    return (capture_of(row._mapping) for row in home.truth.rows(query.order_by(columns.fetched_at)))


# ------------------------------------------------------------------------------------------------ how hosts are asked


@dataclass(frozen=True, slots=True)
class HostPace:
    """How fast a host was asked. ``least_gap``: seconds between two requests' ends, None for one request alone;
    ``failures``: numbers by reason.
    """

    host: str
    requests: int
    least_gap: float | None
    per_minute: float | None
    failures: Mapping[str, int]


def paces(home: Home, run: Run) -> tuple[HostPace, ...]:
    """Return how fast and with which failures a run asked each host, the one with most requests first. Requests that we
    never sent, because our guard or robots.txt forbade them, do not count. A single request has no gap or rate (None).
    """
    query = captures_query()
    columns = query.selected_columns
    query = query.where(columns.portal == run.portal, columns.fetched_at >= run.started, run_of_capture() == run.id)
    times: dict[str, list[float]] = {}
    failures: dict[str, Counter[str]] = {}
    with home.truth.read() as connection:
        for row in connection.execute(query.order_by(columns.fetched_at)).mappings():
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
            requests=len(instants),
            least_gap=round(min((b - a for a, b in pairwise(instants)), default=0.0), 2) if len(instants) > 1 else None,
            per_minute=round(60 * (len(instants) - 1) / (instants[-1] - instants[0]), 1)
            if len(instants) > 1 and instants[-1] > instants[0]
            else None,
            failures=failures.get(host, Counter()),
        )
        for host, instants in sorted(times.items(), key=lambda pair: -len(pair[1]))
    )


# ----------------------------------------------------------------------------------------------------- our clock


def latest_by(now: datetime) -> datetime:
    """Return the latest possible time of a record: a later one means that our clock was ahead, or is behind now."""
    return now + MOST_SKEW


def clock_offset(skews: Iterable[tuple[str, float]]) -> float | None:
    """Return by how many seconds our clock is wrong (the median of ``AGREE`` machines), None if nothing shows that.

    ``skews``: machines with the difference to their clock in seconds, newest first; each machine's newest counts. If
    one of the newest ``AGREE`` machines agrees with us, the others are wrong.
    """
    skew_by_machine: dict[str, float] = {}
    for machine, skew in skews:
        if machine in skew_by_machine:
            continue
        if clocks_agree(skew):
            return None
        skew_by_machine[machine] = abs(skew)
        if len(skew_by_machine) == AGREE:
            return sorted(skew_by_machine.values())[AGREE // 2]
    return None


def our_clock(home: Home, machine: Callable[[str], str] = str, now: tuple[str, float] | None = None) -> float | None:
    """Return :func:`clock_offset` of the stored looks (reads of lists), last stored first, as their times may be wrong.

    ``machine``: returns the machine behind a portal, as several may share one; ``now``: the newest skew, not stored.
    """
    query = select(LOOKS.c.portal, LOOKS.c.clock_skew).where(LOOKS.c.clock_skew.is_not(None))
    with home.truth.read() as connection:
        stored = ((machine(portal), skew) for portal, skew in connection.execute(query.order_by(LOOKS.c.no.desc())))
        return clock_offset(chain([now] if now is not None else [], stored))


def agreed_last(home: Home) -> bool:
    """Return whether the last look with a server's time agreed with our clock, and is not later than now."""
    query = select(LOOKS.c.started, LOOKS.c.clock_skew).where(LOOKS.c.clock_skew.is_not(None))
    newest = home.truth.rows(query.order_by(LOOKS.c.no.desc()).limit(1))
    return any(started <= latest_by(home.clock.now()) and clocks_agree(skew) for started, skew in newest)
