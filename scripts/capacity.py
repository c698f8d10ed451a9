"""What years of crawling take, computed from ``capacity.toml``: requests, bytes, CPU, disk, database, and what breaks
first. ``python -m scripts.capacity`` prints the tables of docs/scale.md.
"""

from __future__ import annotations

import math
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_suffix(".toml")
BEGIN, END = "<!-- python -m scripts.capacity -->", "<!-- end -->"
_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One year of crawling. ``reports``: known at its end; bytes of WARC files and of the database as of its end."""

    number: int
    reports: int
    crawls: int
    requests: int
    cpu: float
    warc: int
    database: int
    busiest_hours: float
    machines: int


def simulated(figures: Mapping[str, Any], case: Mapping[str, Any], last: int) -> Iterator[Year]:
    """The years of a case, the first with the reports of the years before it."""
    web, size, cpu, limits = (figures[name] for name in ("web", "bytes", "cpu", "limits"))
    portals, each_year = case["portals"], case["portals"] * case["bodies"]
    crawls_a_portal = web["season_days"] + (_DAYS - web["season_days"]) / web["regular_days"]
    fresh_share = 1 - size["unchanged_share"]
    page = fresh_share * size["page"] + size["unchanged_share"] * size["unchanged"]
    captures = warc = 0.0
    for number in range(1, last + 1):
        older = each_year * (case["past_years"] + number - 1)
        fresh = each_year + (each_year * case["past_years"] if number == 1 else 0)
        crawls = portals * crawls_a_portal
        looks = crawls * web["list_requests"]
        visits = each_year * web["weekly_weeks"] + older * web["older_visits"] + fresh
        files = fresh * case["attachments"]
        requests = looks + visits + files
        captures += requests
        warc += (looks + visits) * page + files * size["attachment"]
        reports = each_year * (case["past_years"] + number)
        used = (
            crawls * (cpu["crawl"] + cpu["judging"])
            + requests * cpu["request"]
            + (fresh + visits * fresh_share * 0.02) * cpu["document"]  # what only its counter changed is not read again
            + files * cpu["attachment"]
        )
        # a day of the season: each portal's lists, and a seventh of the reports on last year
        one = web["list_requests"] + case["bodies"] / 7
        hours = portals * one * web["pause"] / web["side_by_side"] / 3600
        busiest = max(hours, portals * (cpu["crawl"] + cpu["judging"] + one * cpu["request"]) / cpu["cores"] / 3600)
        yield Year(
            number=number, reports=round(reports), crawls=round(crawls), requests=round(requests), cpu=used,
            warc=round(warc), database=round(captures * size["capture_row"] + reports * size["report_rows"]),
            busiest_hours=busiest, machines=max(1, math.ceil(busiest / limits["hours_a_day"])),
        )  # fmt: skip


def breaks(figures: Mapping[str, Any], years: list[Year]) -> list[str]:
    """What is reached, in the order of its time."""
    limits = figures["limits"]
    hours, disk, sqlite = limits["hours_a_day"], limits["disk_bytes"], limits["sqlite_bytes"]
    reached: tuple[tuple[Callable[[Year], bool], str], ...] = (
        (lambda one: one.database > sqlite, f"a SQLite file beyond {sqlite / 1e9:.0f} GB is slow to copy: PostgreSQL"),
        (lambda one: one.warc > disk, f"WARC files outgrow a disk of {disk / 1e12:.0f} TB: an object store"),
        (lambda one: one.busiest_hours > hours, f"a day in season takes one machine {hours} hours: more workers"),
    )
    firsts = ((next((one.number for one in years if is_so(one)), None), sentence) for is_so, sentence in reached)
    events = sorted((number, sentence) for number, sentence in firsts if number is not None)
    most = limits["connections"] // limits["connections_a_crawl"]
    always = f"{most} crawls at once use up the {limits['connections']} connections that PostgreSQL has by default"
    return [*(f"year {number}: {sentence}" for number, sentence in events), f"at any time: {always}"]


HEAD = ("year", "reports", "crawls", "requests", "CPU hours", "WARC", "database", "a day in season", "machines")


def tables(figures: Mapping[str, Any]) -> str:
    """The tables in Markdown."""
    parts = []
    for case in figures["case"].values():
        years = [*simulated(figures, case, max(figures["years"]))]
        about = f"{case['portals']:,} portals × {case['bodies']} bodies, {case['past_years']} past years"
        parts += [f"**{case['title']}**: {about}", "", _line(HEAD), _line(["---"] * len(HEAD))]
        parts += [_line(_cells(one)) for one in years if one.number in figures["years"]]
        parts += ["", *(f"* {sentence}" for sentence in breaks(figures, years)), ""]
    return "\n".join(parts)


def _cells(one: Year) -> list[str]:
    return [
        str(one.number), f"{one.reports / 1e6:.2f} M", f"{one.crawls / 1e3:,.0f} k", f"{one.requests / 1e6:.1f} M",
        f"{one.cpu / 3600:,.0f}", f"{one.warc / 1e9:,.0f} GB", f"{one.database / 1e9:,.0f} GB",
        f"{one.busiest_hours:.1f} h", str(one.machines),
    ]  # fmt: skip


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Print the tables."""
    sys.stdout.write(tables(tomllib.loads(FILE.read_text(encoding="utf-8"))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
