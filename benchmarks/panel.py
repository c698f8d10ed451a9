"""Measure time and memory of exporting the panel, and the time of zip files, from an archive that is made here.

``python -m benchmarks.panel [--short] [--editions N]``. The full run has as many agency-years as 3,000 portals with 30
agencies in 12 years; the archive has fewer portals with more agencies each (``answering_places.py``), so more of it is
in memory at once. The table is written as Parquet by a process of its own, as by ``nianbao release panel``. Its memory
is what belongs to it and its children alone: pages of the database's file, which they share and the system takes back
when others need memory, do not count.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

from archive.exports.tables import Export, TableQuestion
from archive.projection.child import collect_seldom
from archive.queries.where import Where
from benchmarks.answering_archive import make
from benchmarks.answering_places import NOW
from benchmarks.answering_questions import INDICATOR, YEAR
from benchmarks.harness import BenchmarkResult, at_most, options, report
from nianbao.application import application
from nianbao.cli.commands.export import MOST_PROCESSES
from storage.home import Home, open_home

SHORT, WHOLE = 700, 3_000 * 30 * 12
SECONDS, MEGABYTES, ZIP_SECONDS = 180.0, 1_000.0, 1.0  # goals; that of the panel in seconds is for the full run
_BETWEEN_SAMPLES = 0.25  # seconds from one look at the memory to the next
_PROGRAM = "import sys, pathlib, benchmarks.panel as panel; panel.export(*map(pathlib.Path, sys.argv[1:]))"
ZIPS = (
    f"late.zip?year={YEAR}",
    f"missing.zip?year={YEAR}",
    "totals.zip?place={province}",
    f"series.zip?indicator={INDICATOR}&kind=government",
)


def main(short: bool, editions: int | None) -> None:
    """Make the archive, write the panel, and report."""
    size = SHORT if short else editions or WHOLE
    with tempfile.TemporaryDirectory(prefix="nianbao-panel-") as folder:
        home, contents = make(Path(folder) / "archive", size)
        with home:
            results = _measure_export(Path(folder), contents.duties, is_whole=size == WHOLE)
            results += asyncio.run(_measure_zips(home, province=contents.last_report[0][1:3]))
    report("panel", results)


def _measure_export(folder: Path, duties: int, *, is_whole: bool) -> list[BenchmarkResult]:
    """Write the panel once, in a fresh process; the goal in seconds applies only to the full run."""
    command = [sys.executable, "-c", _PROGRAM, str(folder / "archive"), str(folder / "panel.parquet")]
    megabytes = 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            megabytes = max(megabytes, _private_megabytes(process.pid))
            time.sleep(_BETWEEN_SAMPLES)
        measured = json.loads(process.communicate()[0])
    rows, seconds = measured["rows"], measured["seconds"]
    against = f"{rows:,} rows of {measured['columns']} columns, {duties:,} duties"
    return [
        at_most("panel as Parquet", seconds, "s", SECONDS if is_whole else None, against),
        BenchmarkResult("rows", rows / seconds, "rows/s", against=f"the whole run has {WHOLE:,} rows"),
        at_most("memory", megabytes, "MB", MEGABYTES, "of all its processes together, at most"),
    ]


def _private_megabytes(pid: int) -> float:
    """Return the memory that belongs to a process and its children alone, without what they share with others."""
    private = 0
    with suppress(psutil.Error):  # one has ended meanwhile
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            private += one.memory_full_info().uss
    return private / (1 << 20)


def export(archive: Path, target: Path) -> None:
    """Write the panel of an archive, as the command does, and print what it took as JSON."""
    collect_seldom()  # as in the command
    with open_home(archive, read_only=True) as home:
        began = time.perf_counter()
        panel = Export(home, TableQuestion(table="panel", where=Where(as_of=NOW), processes=MOST_PROCESSES))
        written = panel.write(target)
        seconds = time.perf_counter() - began
    print(json.dumps({"rows": written.rows, "columns": len(panel.columns), "seconds": seconds}))


async def _measure_zips(home: Home, province: str) -> list[BenchmarkResult]:
    """Fetch some questions as zip files from the API in this process, each for the second time."""
    results = []
    transport = httpx.ASGITransport(app=application(home, a_minute=0))
    async with httpx.AsyncClient(transport=transport, base_url="http://archive.invalid") as client:
        for address in (one.format(province=province) for one in ZIPS):
            await client.get(f"/api/v1/{address}")  # the first answer of a process loads modules
            began = time.perf_counter()
            answer = await client.get(f"/api/v1/{address}")
            seconds = time.perf_counter() - began
            answer.raise_for_status()
            details = f"{len(answer.content) / 1e6:.2f} MB"
            results.append(at_most(f"zip of {address}", seconds, "s", ZIP_SECONDS, details))
    return results


if __name__ == "__main__":
    given = options("panel", __doc__, ("--editions", "how many editions the archive holds"))
    main(given.short, given.editions)
