"""How a run asked each host: how often, how far apart, and what did not go well. From its captures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

from storage import rows
from storage.home import Home
from storage.records import CaptureOutcome, Run

_GOOD = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED, CaptureOutcome.REDIRECT})
_UNSENT = frozenset({CaptureOutcome.REFUSED, CaptureOutcome.ROBOTS})  # refused by us, or by robots.txt
_HELD_BACK = "robots_"  # how reasons begin where robots.txt could not be had


@dataclass(frozen=True, slots=True)
class HostPace:
    """``least_gap``: seconds between the ends of two requests, None for one alone; ``failures``: counted by reason."""

    host: str
    requests: int
    least_gap: float | None
    per_minute: float | None
    failures: Mapping[str, int]


def paces(home: Home, run: Run) -> tuple[HostPace, ...]:
    """Each host that the run asked, the most asked first."""
    query = rows.captures_query()
    of = query.selected_columns
    query = query.where(of.portal == run.portal, of.fetched_at >= run.started, rows.run_of_capture() == run.id)
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
