"""Measure how much a cluster does: 1, 2 and 4 workers with PostgreSQL and an object store, all on this machine.

Portals per hour and captures per second, without the pauses for politeness; documents read per second; transactions and
bytes of the database per job; and the time until another worker continues the job of a killed one.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, text

from benchmarks.cluster_play import Cluster, ended, wait_for
from benchmarks.harness import BenchmarkResult, options, report
from benchmarks.many_portals import copies
from benchmarks.postgresql_server import make_database, postgresql
from crawler.operations.planner import READ
from storage.home import Home, open_home
from storage.observations import Observations
from storage.tables import CAPTURES

_PATIENCE = 3600.0
_SILENCE = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """One round. ``crawling`` and ``reading``: seconds."""

    workers: int
    portals: int
    captures: int
    documents: int
    crawling: float
    reading: float
    transactions: int
    bytes: int
    objects: int


def main(short: bool) -> None:
    """Measure and report."""
    portals, workers = (6, (1, 2)) if short else (40, (1, 2, 4))
    folder = Path(tempfile.mkdtemp(prefix="nianbao-bench-cluster-"))
    try:
        with postgresql(folder / "postgresql") as url:
            report("cluster", [*_measure_rounds(folder, url, portals, workers)])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure_rounds(folder: Path, url: str, portals: int, workers: Sequence[int]) -> Iterator[BenchmarkResult]:
    """Yield the speeds of a round with each number of workers, then what a job and a capture cost."""
    rounds = [_play_round(folder / f"round-{count}", url, portals, count) for count in workers]
    first = rounds[0]
    for one in rounds:
        name = f"{one.workers} workers" if one.workers > 1 else "1 worker"
        about = f"{one.portals} portals, no pauses; {first.crawling / one.crawling:.2f} × one worker"
        yield BenchmarkResult(
            f"portals an hour, {name}", one.portals / one.crawling * 3600, "portals/hour", against=about
        )
        yield BenchmarkResult(f"captures a second, {name}", one.captures / one.crawling, "captures/s")
        speed = f"{one.documents} documents; {first.reading / one.reading:.2f} × one worker"
        yield BenchmarkResult(
            f"documents read a second, {name}", one.documents / one.reading, "documents/s", against=speed
        )
    last = rounds[-1]
    jobs = 2 * last.portals
    yield BenchmarkResult(
        "transactions a job", last.transactions / jobs, "transactions", against="one crawl, one reading"
    )
    yield BenchmarkResult(
        "database a capture", last.bytes / last.captures, "bytes", against="truth, projections and queue"
    )
    yield BenchmarkResult("objects a portal", last.objects / last.portals, "objects", against="segments of WARC")
    yield BenchmarkResult("a killed worker's job goes on after", _measure_failover(folder / "killed", url), "s",
                 against=f"worker_silence = {_SILENCE:g}; by default 30")  # fmt: skip


def _play_round(folder: Path, url: str, portals: int, workers: int) -> _Round:
    """Crawl all portals and then read them, with so many workers; return counts and seconds."""
    with Cluster(folder, copies(portals, agencies=3), delay=0.0, silence=_SILENCE) as cluster:
        database = make_database(url, f"round_{workers}")
        machines = [cluster.machine(number, database) for number in range(workers)]
        with open_home(machines[0]) as home:
            before = _count_transactions(home)
            with cluster.workers(machines, "--queues", "crawl", "--jobs", "4"):
                _wait_until(lambda: ended(home) >= portals)
            runs = Observations(home).runs()
            span = max(run.finished for run in runs if run.finished) - min(run.started for run in runs)
            began = time.monotonic()
            with cluster.workers(machines, "--queues", "read", "--jobs", "1"):
                wait_for(home, portals, seconds=_PATIENCE, task=READ)  # the schedule adds more crawls
                reading = time.monotonic() - began
            with home.truth.read() as connection:
                captures = connection.execute(select(func.count()).select_from(CAPTURES)).scalar_one()
                documents = connection.execute(select(func.count(CAPTURES.c.document.distinct()))).scalar_one()
                size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
            return _Round(
                workers=workers, portals=portals, captures=int(captures), documents=int(documents),
                crawling=span.total_seconds(), reading=reading, transactions=_count_transactions(home) - before,
                bytes=int(size), objects=len(home.blobs.sizes()),
            )  # fmt: skip


def _count_transactions(home: Home) -> int:
    query = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
    with home.truth.read() as connection:
        return int(connection.execute(text(query)).scalar_one())


def _wait_until(true: Callable[[], bool]) -> None:
    patience = time.monotonic() + _PATIENCE
    while not true():
        if time.monotonic() > patience:
            raise TimeoutError(f"not done after {_PATIENCE:.0f} s")
        time.sleep(0.1)


def _measure_failover(folder: Path, url: str) -> float:
    """Return the seconds from a crawling worker's death until another one crawls its portal."""
    with Cluster(folder, copies(1), delay=0.5, silence=_SILENCE) as cluster:
        first = cluster.machine(0, database := make_database(url, "failover"))
        second = cluster.machine(1, database)
        with open_home(first) as home, cluster.workers([first]) as (dying,):
            _wait_until(lambda: bool(Observations(home).runs()))
            with cluster.workers([second]):
                time.sleep(_SILENCE)  # until it is ready, as in a running cluster
                dying.send_signal(signal.SIGKILL)
                killed = time.monotonic()
                _wait_until(lambda: len(Observations(home).runs()) > 1)
                return time.monotonic() - killed


if __name__ == "__main__":
    main(options("cluster", __doc__).short)
