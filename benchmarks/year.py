"""Simulate a year with imitation portals of all families, with faults: is every event reported, and none wrongly?

``python -m benchmarks.year [--short] [--portals N]``. The portals are crawled by the schedule of ``nianbao up``, one
instant after another; the time between is skipped. On several days every duty, list, count, revision and news item is
compared with what the ground truth and the times of the crawls allow; at the end once more as of each of those days,
and the messages about health are compared with the troubles.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Self

from archive.projection.update import update
from benchmarks.cpu_time import cpu_seconds, end_server
from benchmarks.harness import BenchmarkResult, options, report
from benchmarks.year_answers import Judge, YearTally
from benchmarks.year_messages import messages
from benchmarks.year_portals import BEGIN, END, SPANS, County, at, counties, files_of, scenario, site_of
from crawler.operations.alerts import HealthWatch
from crawler.operations.due_crawls import Plan
from crawler.operations.planner import states
from crawler.operations.runs import JobRunner
from imitation.play import on
from imitation.server import ImitationPortals
from storage.clock import clock_for
from storage.home import Home, init_home, open_home
from tests.projection.small_archive import InProcess

TOGETHER = timedelta(minutes=60)  # crawls due within this time are started at one instant
SIDE_BY_SIDE = 4
READ_EVERY = timedelta(days=4)  # all new captures are read after this time …
READ_AFTER = timedelta(hours=20)  # … and those of a portal without further crawls after this time
#: When everything is compared: around the due dates, and after each trouble and event.
ASKED = (
    *(at(1, 20, 12), at(2, 1, 8), at(2, 1, 18), at(2, 5, 12), at(2, 14, 12), at(3, 5, 12), at(3, 31, 12)),
    *(at(4, 5, 12), at(4, 30, 12), at(5, 16, 12), at(7, 10, 12), at(8, 20, 12), at(10, 15, 12)),
)
#: Schedule of the short form: fewer crawls of the same kinds.
SPARSE = Plan(
    every_days=timedelta(days=20),
    season_every_days=timedelta(days=2),
    season_before=timedelta(0),
    season_after=timedelta(days=2),
    trouble_every=timedelta(days=4),
    retry_after=timedelta(hours=8),
    proof_span=timedelta(days=10),
)


class _Readers:
    """Processes that read and judge what was crawled, like the reader of ``nianbao up``. A context manager."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"))

    def update(self, now: datetime, names: Sequence[str]) -> None:
        """Read and judge the portals as of this instant."""
        list(self._pool.map(_update_in_child, [(self._folder, now, [name]) for name in names]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown()


def _update_in_child(job: tuple[Path, datetime, Sequence[str]]) -> None:
    folder, now, names = job
    with _at(_open_archive(folder), now):
        update(_open_archive(folder), names, pool=InProcess())


@cache
def _open_archive(folder: Path) -> Home:
    """Return the archive, which a reading process keeps open."""
    return open_home(folder)


@dataclass
class YearResult:
    """The result of the year. ``cpu``: CPU seconds by purpose."""

    crawls: int = 0
    rounds: int = 0
    tally: YearTally = field(default_factory=YearTally)
    messages: int = 0
    surplus: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def spending(self, name: str) -> Iterator[None]:
        """In the block, add up the CPU time of this process and of finished child processes."""
        cpu_before = cpu_seconds()
        try:
            yield
        finally:
            self.cpu[name] = self.cpu.get(name, 0.0) + cpu_seconds() - cpu_before


def play(
    folder: Path, portals: Sequence[County], begin: datetime = BEGIN, end: datetime = END, plan: Plan | None = None,
    readers: int = 2,
) -> YearResult:  # fmt: skip
    """Simulate the time from ``begin`` to ``end``, and compare the archive's answers with the truth. ``plan``: another
    rule by which portals are crawled; ``readers``: number of reading processes.
    """
    year, started = YearResult(), time.monotonic()
    judge = Judge(portals)
    with init_home(folder, simulated=True) as home:
        for county in portals:
            _write_portal_files(folder, files_of(county))
    with ImitationPortals(folder, scenario(tuple(portals))) as server:
        server.sites = dict(server.sites) | {
            county.portal.hosts[0]: site for county in portals if (site := site_of(county)) is not None
        }
        cpu_before = cpu_seconds()
        with on(begin), open_home(folder) as home, _Readers(folder, readers) as reading:
            _play_crawls(home, reading, server, portals, (begin, end, plan), judge, year)
            with _at(home, end), year.spending("asking"):
                reading.update(end, [county.name for county in portals])
                judge.ask(home, home.clock.now())
                judge.ask_again(home)
                year.messages, year.surplus = messages(home, portals, end)
        # the readers' CPU time is counted only after they have ended
        year.cpu["reading and judging"] = cpu_seconds() - cpu_before - sum(year.cpu.values())
    year.tally = judge.tally
    year.seconds = time.monotonic() - started
    return year


def _play_crawls(
    home: Home, reading: _Readers, server: ImitationPortals, portals: Sequence[County],
    span: tuple[datetime, datetime, Plan | None], judge: Judge, year: YearResult,
) -> None:  # fmt: skip
    """Crawl portals when they are due, read the captures at intervals, and compare at the days of ``ASKED``."""
    begin, end, plan = span
    names, now = [county.name for county in portals], begin
    instants = [when for when in ASKED if begin < when < end]
    mended = SPANS["replaced"][1]
    unread, read_at = dict[str, datetime](), begin
    crawls, health = JobRunner(home), HealthWatch(home, lambda *_: None, plan)
    while True:
        with _at(home, now), year.spending("planning"):
            waiting = {state.name: state.due.at for state in states(home, names, plan) if state.due is not None}
        now = max(now, min(waiting.values()))
        now = max(due for due in waiting.values() if due <= now + TOGETHER) if now > begin else begin
        if instants and now >= instants[0]:  # compare before the next crawl
            now = instants.pop(0)
            with _at(home, now), year.spending("asking"):
                reading.update(now, names)
                judge.ask(home, home.clock.now())
            continue
        if mended is not None and now >= mended:
            mended = None
            for county in portals:
                if county.trouble == "replaced":
                    _write_portal_files(home.path, files_of(county, replaced=True))
        if now >= end:
            break
        batch = [name for name, due in waiting.items() if due <= now]
        server.set_now(now)
        with _at(home, now):
            with year.spending("server"), ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
                list(pool.map(crawls.crawl, batch))
            unread |= dict.fromkeys(batch, now)
            if now - read_at >= READ_EVERY:
                reading.update(now, sorted(unread))
                unread, read_at = {}, now
            elif waited := sorted(name for name, at in unread.items() if now - at >= READ_AFTER):
                reading.update(now, waited)
                unread = {name: at for name, at in unread.items() if name not in waited}
            with year.spending("health"):
                health.check()
                health.check()  # two checks in a row find the same, as those of an operator do
        year.crawls += len(batch)
        year.rounds += 1
        now += timedelta(minutes=30)
    before = cpu_seconds()
    end_server()
    year.cpu["crawling"] = cpu_seconds() - before  # counted only after their server has ended


@contextmanager
def _at(home: Home, now: datetime) -> Iterator[None]:
    """In the block, set the clock of an open archive, and of processes started meanwhile, to ``now``."""
    with on(now):
        home.clock = clock_for(home.simulated)
        yield


def _write_portal_files(folder: Path, files: Mapping[str, str]) -> None:
    (folder / "portals").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "portals" / name).write_text(text, encoding="utf-8")


def main(short: bool, portals: int) -> None:
    """Simulate the year and print the results."""
    os.environ["NIANBAO_DELAY"] = "0"
    portals_made = counties(8 if short else portals)
    with tempfile.TemporaryDirectory(prefix="nianbao-year-") as folder:
        year = play(Path(folder) / "archive", portals_made, plan=SPARSE if short else None)
    for line in (*year.tally.wrong, *(f"message: {one}" for one in year.surplus)):
        print(line)
    systems = f"{len(portals_made)} portals of {len({county.portal.family for county in portals_made})} systems"
    cpu = ", ".join(f"{name} {seconds:.0f}" for name, seconds in year.cpu.items())
    right = ", ".join(f"{name} {number}" for name, number in sorted(year.tally.right.items()))
    harm = ", ".join(f"{name} {number}" for name, number in year.tally.harm.items())
    report("year", [
        BenchmarkResult("told right", year.tally.right.total(), "", against=right),
        BenchmarkResult("told wrongly, or not at all", len(year.tally.wrong), "", "0", not year.tally.wrong),
        BenchmarkResult("of these false charges", year.tally.harm.total(), "", "0", not year.tally.harm, harm or None),
        BenchmarkResult("messages", year.messages, "", against=systems),
        BenchmarkResult("messages wrong or wanting", len(year.surplus), "", "0", not year.surplus),
        BenchmarkResult("crawls", year.crawls, "", against=f"in {year.rounds} rounds"),
        BenchmarkResult("CPU", sum(year.cpu.values()), "s", against=cpu),
        BenchmarkResult("time", year.seconds / 60, "minutes", "< 15", year.seconds < 900),
    ])  # fmt: skip


if __name__ == "__main__":
    given = options("year", __doc__, ("--portals", "so many portals (30)"))
    main(given.short, given.portals or 30)
