"""A simulated year over imitation portals of all families, with faults: is every event told, and nothing wrongly?

``python -m benchmarks.year [--short] [--portals N]``. The portals are crawled by the schedule of ``nianbao up``, one
instant after the other; the hours between are skipped. On several days of the year every duty, list, count, revision
and piece of news is held against what the ground truth and the instants of the crawls allow, at the end once more as of
each of those days, and the messages of health against the troubles.
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
from benchmarks.harness import Result, options, report
from benchmarks.year_answers import Judge, Tally
from benchmarks.year_messages import messages
from benchmarks.year_portals import BEGIN, END, SPANS, County, at, counties, files_of, scenario, site_of
from crawler.operations.alarms import look_over
from crawler.operations.planner import states
from crawler.operations.runs import JobRunner
from imitation.play import on
from imitation.server import ImitationPortals
from storage.clock import clock_for
from storage.home import Home, init_home, open_home
from storage.operator_records import Schedules
from storage.records import Schedule
from tests.projection.small_archive import InProcess

TOGETHER = timedelta(minutes=60)  # crawls that are due within so long are begun at one instant
SIDE_BY_SIDE = 4
READ_EVERY = timedelta(days=4)  # so long do crawls go on before they are read …
READ_AFTER = timedelta(hours=20)  # … and so long does a portal wait that is not crawled again meanwhile
#: When everything is asked: around the due dates, and after each trouble and event.
ASKED = (
    *(at(1, 20, 12), at(2, 1, 8), at(2, 1, 18), at(2, 5, 12), at(2, 14, 12), at(3, 5, 12), at(3, 31, 12)),
    *(at(4, 5, 12), at(4, 30, 12), at(5, 16, 12), at(7, 10, 12), at(8, 20, 12), at(10, 15, 12)),
)
#: Of the short form: fewer crawls of the same kinds.
SPARSE = {
    "every_days": "20",
    "season_before_days": "0",
    "season_after_days": "2",
    "season_every_days": "2",
    "trouble_days": "4",
    "retry_hours": "8",
    "proof_days": "10",
}


class _Readers:
    """Processes that read and judge what was crawled, as the reader of ``nianbao up`` does. A context manager."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"))

    def update(self, now: datetime, names: Sequence[str]) -> None:
        """Bring what is known of the portals to this instant."""
        list(self._pool.map(_updated, [(self._folder, now, [name]) for name in names]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown()


def _updated(job: tuple[Path, datetime, Sequence[str]]) -> None:
    folder, now, names = job
    with _at(_opened(folder), now):
        update(_opened(folder), names, pool=InProcess())


@cache
def _opened(folder: Path) -> Home:
    """The archive, open in a reading process for as long as it lives."""
    return open_home(folder)


@dataclass
class YearResult:
    """What the year came to. ``cpu``: seconds of CPU by what they were for."""

    crawls: int = 0
    rounds: int = 0
    tally: Tally = field(default_factory=Tally)
    messages: int = 0
    surplus: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def spending(self, name: str) -> Iterator[None]:
        """Note the CPU of a step, of this process and of those it has waited for."""
        before = cpu_seconds()
        try:
            yield
        finally:
            self.cpu[name] = self.cpu.get(name, 0.0) + cpu_seconds() - before


def play(
    folder: Path,
    portals: Sequence[County],
    begin: datetime = BEGIN,
    end: datetime = END,
    plan: Mapping[str, str] | None = None,
    readers: int = 2,
) -> YearResult:
    """Let the time from ``begin`` to ``end`` pass, and judge what the archive says of it.

    ``plan``: settings of the schedule that differ from the rule; ``readers``: reading processes.
    """
    year, started = YearResult(), time.monotonic()
    judge = Judge(portals)
    with init_home(folder, simulated=True) as home:
        for county in portals:
            _write(folder, files_of(county))
        if plan:
            author = "the benchmark"
            Schedules(home).put(Schedule(portal=None, settings=dict(plan), by=author, recorded_at=begin))
    with ImitationPortals(folder, scenario(tuple(portals))) as server:
        server.sites = dict(server.sites) | {
            county.portal.hosts[0]: site for county in portals if (site := site_of(county)) is not None
        }
        before = cpu_seconds()
        with on(begin), open_home(folder) as home, _Readers(folder, readers) as reading:
            _pass(home, reading, server, portals, (begin, end), judge, year)
            with _at(home, end), year.spending("asking"):
                reading.update(end, [county.name for county in portals])
                judge.ask(home, home.clock.now())
                judge.ask_again(home)
                year.messages, year.surplus = messages(home, portals, end)
        # the CPU of the readers is known when they have ended
        year.cpu["reading and judging"] = cpu_seconds() - before - sum(year.cpu.values())
    year.tally = judge.tally
    year.seconds = time.monotonic() - started
    return year


def _pass(
    home: Home,
    reading: _Readers,
    server: ImitationPortals,
    portals: Sequence[County],
    span: tuple[datetime, datetime],
    judge: Judge,
    year: YearResult,
) -> None:
    begin, end = span
    names, now = [county.name for county in portals], begin
    instants = [when for when in ASKED if begin < when < end]
    mended = SPANS["replaced"][1]
    unread, read_at = dict[str, datetime](), begin
    crawls = JobRunner(home)
    while True:
        with _at(home, now), year.spending("planning"):
            waiting = {state.name: state.due.at for state in states(home, names) if state.due is not None}
        now = max(now, min(waiting.values()))
        now = max(due for due in waiting.values() if due <= now + TOGETHER) if now > begin else begin
        if instants and now >= instants[0]:  # nothing is due before it, and it is asked without a crawl
            now = instants.pop(0)
            with _at(home, now), year.spending("asking"):
                reading.update(now, names)
                judge.ask(home, home.clock.now())
            continue
        if mended is not None and now >= mended:
            mended = None
            for county in portals:
                if county.trouble == "replaced":
                    _write(home.path, files_of(county, replaced=True))
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
                look_over(home, lambda *_: None)
        year.crawls += len(batch)
        year.rounds += 1
        now += timedelta(minutes=30)
    before = cpu_seconds()
    end_server()
    year.cpu["crawling"] = cpu_seconds() - before  # of processes that are known when their server has ended


@contextmanager
def _at(home: Home, now: datetime) -> Iterator[None]:
    """Let it be ``now`` in an archive that stays open, and in the processes that are begun meanwhile."""
    with on(now):
        home.clock = clock_for(home.simulated)
        yield


def _write(folder: Path, files: Mapping[str, str]) -> None:
    (folder / "portals").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "portals" / name).write_text(text, encoding="utf-8")


def main(short: bool, portals: int) -> None:
    """Play the year and print what it came to."""
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
        Result("told right", year.tally.right.total(), "", against=right),
        Result("told wrongly, or not at all", len(year.tally.wrong), "", "0", not year.tally.wrong),
        Result("of these false charges", year.tally.harm.total(), "", "0", not year.tally.harm, harm or None),
        Result("messages", year.messages, "", against=systems),
        Result("messages wrong or wanting", len(year.surplus), "", "0", not year.surplus),
        Result("crawls", year.crawls, "", against=f"in {year.rounds} rounds"),
        Result("CPU", sum(year.cpu.values()), "s", against=cpu),
        Result("time", year.seconds / 60, "minutes", "< 15", year.seconds < 900),
    ])  # fmt: skip


if __name__ == "__main__":
    given = options("year", __doc__, ("--portals", "so many portals (30)"))
    main(given.short, given.portals or 30)
