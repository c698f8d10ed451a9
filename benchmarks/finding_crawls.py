"""Measure the cost of finding reports: requests per report, a look at an unchanged portal, looks at many portals.

All on imitation portals on loopback without delays; CPU time is that of the crawling processes, including their start.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from benchmarks.cpu_time import cpu_seconds, end_server
from benchmarks.harness import BenchmarkResult, at_most
from benchmarks.many_portals import copies, write_portals
from crawler.operations.runs import crawl
from imitation.play import on
from imitation.server import ImitationPortals
from storage.captures import CaptureStore
from storage.home import Home, init_home, open_home
from storage.observations import Observations
from storage.records import Capture, CaptureOutcome, CaptureRole, ListingForm
from storage.registry import Registry

_REQUESTS = 12  # goal for a look at an unchanged portal with listings


def results(count: int) -> list[BenchmarkResult]:
    """Crawl ``count`` portals on one day, look at them again the next day, and return the costs."""
    os.environ["NIANBAO_DELAY"] = "0"
    with tempfile.TemporaryDirectory(prefix="nianbao-bench-") as folder:
        scenario = copies(count)
        with init_home(Path(folder) / "archive", simulated=True) as home:
            names = write_portals(scenario, home.path / "portals")
            archive = home.path
        day = scenario.days[-1]
        with ImitationPortals(archive, scenario) as server:
            server.set_now(day)
            with on(day), open_home(archive) as today:
                crawl(today, names)
                first_captures = _captures_since(today, names, {})
            later = day + timedelta(days=1)
            server.set_now(later)
            end_server()
            cpu_before = cpu_seconds(children_only=True)
            with on(later), open_home(archive) as tomorrow:
                crawl(tomorrow, names)
                end_server()
                cpu = cpu_seconds(children_only=True) - cpu_before
                ids_before = {name: {capture.id for capture in captures} for name, captures in first_captures.items()}
                second_captures = _captures_since(tomorrow, names, ids_before)
                addressed = {name for name in names if _is_addressed(tomorrow, name)}
                controls = {look.control for name in names for look in Observations(tomorrow).looks(name)}
    looks = f"{count} unchanged portals, {cpu / count:.2f} s each, start included"
    figures = [*_first_crawl_figures(first_captures), *_second_look_figures(second_captures, addressed, controls)]
    return [*figures, BenchmarkResult("round of looks", cpu, "CPU s", against=looks)]


def _captures_since(home: Home, names: list[str], ids_before: dict[str, set[str]]) -> dict[str, list[Capture]]:
    """Return the captures of requests by portal, without those in ``ids_before``."""
    store = CaptureStore(home)
    return {
        name: [c for c in store.for_portal(name) if c.status is not None and c.id not in ids_before.get(name, set())]
        for name in names
    }


def _is_addressed(home: Home, name: str) -> bool:
    return any(listing.form is ListingForm.ADDRESSED for listing in Registry(home).listings(name))


def _first_crawl_figures(first_captures: dict[str, list[Capture]]) -> list[BenchmarkResult]:
    captures = [capture for captures in first_captures.values() for capture in captures]
    reports = {
        (c.portal, c.requested)
        for c in captures
        if c.role is CaptureRole.REPORT and c.outcome is CaptureOutcome.PAGE and not c.reason
    }
    details = f"{len(captures)} requests for {len(reports)} pages of {len(first_captures)} portals, with attachments"
    return [
        BenchmarkResult("requests per page found", len(captures) / max(1, len(reports)), "requests", against=details)
    ]


def _second_look_figures(
    second_captures: dict[str, list[Capture]], addressed: set[str], controls: set[str | None]
) -> list[BenchmarkResult]:
    """Return what a second look at unchanged portals costs. ``addressed``: portals; ``controls``: ids of captures."""
    listed = {name: captures for name, captures in second_captures.items() if name not in addressed}
    most = max((len(captures) for captures in listed.values()), default=0)
    sizes = [sum(c.size or 0 for c in captures) / 1000 for captures in listed.values()]
    bodies = [
        capture
        for captures in second_captures.values()
        for capture in captures
        if capture.role is not CaptureRole.LISTING
        and capture.revisit_of is None
        and capture.status == 200
        and capture.id not in controls
    ]
    unchanged = Counter(str(c.role) for c in bodies if c.outcome is CaptureOutcome.PAGE)
    requests = [len(captures) for name, captures in second_captures.items() if name in addressed]
    return [
        at_most("requests of a look, at most", most, "requests", _REQUESTS,
                f"{len(listed)} unchanged portals with listings, robots.txt included"),
        BenchmarkResult("bytes of a look, mean", sum(sizes) / max(1, len(sizes)), "kB", against="bodies of list pages"),
        at_most("bodies of unchanged reports", sum(unchanged.values()), "bodies", 0,
                ", ".join(f"{n} {role}" for role, n in unchanged.items())),
        BenchmarkResult("requests where reports are addressed", max(requests, default=0), "requests",
               against="one per open duty, and a known-good control"),
    ]  # fmt: skip
