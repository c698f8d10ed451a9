"""Measure time and memory of exporting the panel, and the time of zip files, from an archive that is made here.

``python -m benchmarks.panel [--short] [--editions N]``. The full run has as many agency-years as 3,000 portals with 30
agencies in 12 years; the archive has fewer portals with more agencies each (``answering_places.py``), so more of it is
in memory at once. One process writes the table as Parquet.
"""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from pathlib import Path

import httpx

from archive.exports.tables import Export, ExportedTable, TableQuestion
from archive.projection.child import collect_seldom
from benchmarks.answering_archive import make
from benchmarks.answering_places import NOW
from benchmarks.answering_questions import INDICATOR, PROVINCE, YEAR
from benchmarks.harness import BenchmarkResult, at_most, options, report
from nianbao.application import application
from storage.home import Home

SHORT, WHOLE = 700, 3_000 * 30 * 12
SECONDS, MEGABYTES, ZIP_SECONDS = 180.0, 1_000.0, 1.0  # goals; that of the panel in seconds is for the full run
ZIPS = (
    f"late.zip?year={YEAR}",
    f"missing.zip?year={YEAR}",
    f"totals.zip?place={PROVINCE}",
    f"series.zip?indicator={INDICATOR}&kind=government",
)


def main(short: bool, editions: int | None) -> None:
    """Make the archive, write the panel, and report."""
    size = SHORT if short else editions or WHOLE
    with tempfile.TemporaryDirectory(prefix="nianbao-panel-") as folder:
        home, contents = make(Path(folder) / "archive", size)
        with home:
            results = _measure_export(home, Path(folder), contents.duties, is_whole=size == WHOLE)
            results += asyncio.run(_measure_zips(home))
    report("panel", results)


def _measure_export(home: Home, folder: Path, duties: int, *, is_whole: bool) -> list[BenchmarkResult]:
    """Write the panel once; the goal in seconds applies only to the full run."""
    collect_seldom()  # as in the command
    began = time.perf_counter()
    panel = Export(home, TableQuestion(table=ExportedTable.PANEL, as_of=NOW))
    written = panel.write(folder / "panel.parquet")
    seconds = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    against = f"{written.rows:,} rows of {len(panel.columns)} columns, {duties:,} duties"
    return [
        at_most("panel as Parquet", seconds, "s", SECONDS if is_whole else None, against),
        BenchmarkResult("rows", written.rows / seconds, "rows/s", against=f"the whole run has {WHOLE:,} rows"),
        at_most("memory", memory, "MB", MEGABYTES, "of the whole process, archive made in it"),
    ]


async def _measure_zips(home: Home) -> list[BenchmarkResult]:
    """Fetch some questions as zip files from the API in this process, each for the second time."""
    results = []
    transport = httpx.ASGITransport(app=application(home, a_minute=0))
    async with httpx.AsyncClient(transport=transport, base_url="http://archive.invalid") as client:
        for address in ZIPS:
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
