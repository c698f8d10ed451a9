"""Reading of many documents by 1, 2 and 4 workers on PostgreSQL, all on this machine.

The archive is filled once, without a crawl; each round begins with a copy of its database in which nothing is read.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import text

from benchmarks.cluster_play import wait_for, workers
from benchmarks.keeping import written
from benchmarks.keeping_archive import pages
from benchmarks.postgresql_server import make_database, postgresql
from benchmarks.results import Result, report
from crawler.operations.planner import READ, read_job
from crawler.operations.worker import Queue
from storage.config import FILE
from storage.home import init_home, open_home

_ROUNDS = (1, 2, 4)
_PATIENCE = 7200.0


def main(argv: Sequence[str] | None = None) -> int:
    """Fill the archive, measure and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster_reading", description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    options = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="nianbao-bench-cluster-reading-"))
    try:
        with postgresql(folder / "postgresql") as url:
            report("cluster_reading", [*_measured(folder, url, options.documents)])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _measured(folder: Path, url: str, documents: int) -> Iterator[Result]:
    names, warc_bytes = _fill(folder, url, documents)
    first, size = 0.0, 0
    for count in _ROUNDS:
        database = make_database(url, f"round_{count}", template="filled")
        seconds, size = _read(folder, database, names, count)
        first = first or seconds
        label = f"{count} workers" if count > 1 else "1 worker"
        about = f"{documents:,} documents, {len(names)} portals; {first / seconds:.2f} × one worker"
        yield Result(f"documents a second, {label}", documents / seconds, "documents/s", against=about)
        yield Result(f"a million takes, {label}", seconds / documents * 1e6 / 3600, "hours", against="of this machine")
    about = "truth, readings and judgements"
    yield Result("database of a million", size / documents * 1e6 / 1e9, "GB", against=about)
    yield Result("WARC of a million", warc_bytes / documents * 1e6 / 1e9, "GB", against="HTML reports")


def _fill(folder: Path, url: str, documents: int) -> tuple[list[str], int]:
    """Keep so many reports in the database ``filled``; the names of their portals, and the bytes of the WARC files."""
    with init_home(_machine(folder, make_database(url, "filled"), "filling")) as home:
        written(home, pages(documents))
        names = sorted({name.partition("/")[0] for name in home.blobs.sizes()})
        return names, sum(home.blobs.sizes().values())


def _read(folder: Path, database: str, names: Sequence[str], count: int) -> tuple[float, int]:
    """Seconds until that many workers have read and judged all, and how large the database then is."""
    machines = [_machine(folder, database, f"{count}-{number}") for number in range(count)]
    for machine in machines:
        init_home(machine).close()
    environments = {machine: {**os.environ, "NIANBAO_ARCHIVE": str(machine)} for machine in machines}
    with open_home(machines[0]) as home:
        with Queue(home) as queue:
            for name in names:
                queue.put(read_job(name))
        began = time.monotonic()
        with workers(environments, "--queues", "read", "--jobs", "1"):
            wait_for(home, 0, seconds=_PATIENCE, queues={READ})
            seconds = time.monotonic() - began
        with home.truth.read() as connection:
            size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    return seconds, int(size)


def _machine(folder: Path, database: str, name: str) -> Path:
    """A folder with the settings of one machine; all of them keep their WARC files in the same place."""
    archive = folder / name
    archive.mkdir()
    settings = f'database = "{database}"\nblobs = "file://{folder / "store"}"\n'
    (archive / FILE).write_text(settings, encoding="utf-8")
    return archive


if __name__ == "__main__":
    raise SystemExit(main())
