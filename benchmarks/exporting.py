"""How fast tables are written in each format, and that memory does not grow with their rows. `make bench-exporting`

Rows are cells as an archive gives them, made here, so that what is measured is the writing. Each file is written by a
process of its own; memory is the most that it had resident, less what it had before the first row.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle, islice
from pathlib import Path

from archive.assessment.measures import measures
from archive.exports.formats.columns import About, FileFormat, Row, sheet
from archive.exports.writing import writer_of
from benchmarks.results import Result, report

ROWS, SHORT = 1_000_000, 50_000
_GROWTH = 96  # MB that ten times the rows may take more: a Parquet row group is 32, held twice as it is written
_STATES = ("printed", "printed", "printed", "blank", "mark", "not_printed")


def rows(count: int) -> Iterator[Row]:
    """``count`` cells of reports of many agencies."""
    names = [one for one in measures() if not one.startswith("derived.")]
    columns = [one.name for one in sheet("cells", ()).columns]
    begun = datetime(2025, 1, 1, tzinfo=UTC)
    for at, name in enumerate(islice(cycle(names), count)):
        report_number, state = at // len(names), _STATES[at % len(_STATES)]
        agency = f"d{report_number // 700:06d}/a{report_number // 7 % 100}"
        digest = f"{report_number:064x}"
        yield dict.fromkeys(columns) | {
            "portal": agency.partition("/")[0], "place": "汶上县", "division": "370830", "agency_id": agency,
            "agency": f"汶上县第{report_number % 700}局", "kind": "department", "year": 2019 + report_number % 7,
            "edition": f"{agency}/{2019 + report_number % 7}@{digest[-12:]}", "standing": True, "form": "2021",
            "indicator": name, "section": "收到和处理政府信息公开申请情况", "form_row": "三、本年度办理结果",
            "form_column": "总计",
            "unit": "件", "value": Decimal(at % 97) if state == "printed" else None, "state": state,
            "raw": str(at % 97) if state == "printed" else "", "flags": [], "cell_doubted": False,
            "url": f"http://www.example.gov.cn/xxgk/{report_number}.html",
            "fetched_at": begun + timedelta(minutes=report_number), "record": digest[:32],
            "warc_file": "wenshang/wenshang-001.warc.gz", "warc_offset": report_number * 4096, "document": digest,
            "content_digest": digest, "reader": "9",
        }  # fmt: skip


def resident() -> float:
    """The most memory that this process had resident so far, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def write(fmt: FileFormat, count: int) -> None:
    """Write one file; seconds, MB of memory beyond the first row's, and bytes come on standard output."""
    about = About(as_of=datetime(2026, 6, 1, tzinfo=UTC), software="", reader="9", asked="", simulated=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t"
        writer_of(fmt)(sheet("cells", rows(1)), about, path)
        before, begun = resident(), time.perf_counter()
        writer_of(fmt)(sheet("cells", rows(count)), about, path)
        seconds = time.perf_counter() - begun
        print(json.dumps({"seconds": seconds, "memory": resident() - before, "bytes": path.stat().st_size}))


def measured(fmt: FileFormat, count: int) -> dict[str, float]:
    """What a process of its own tells of writing one file."""
    command = [sys.executable, "-m", "benchmarks.exporting", "--one", fmt.value, "--rows", str(count)]
    found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def main() -> None:
    """Write each format at two sizes and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a tenth of the rows")
    parser.add_argument("--one", type=FileFormat, help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, help="rows of the larger file")
    asked = parser.parse_args()
    count = asked.rows or (SHORT if asked.short else ROWS)
    if asked.one is not None:
        write(asked.one, count)
        return
    results = []
    for fmt in FileFormat:
        small, large = measured(fmt, count // 10), measured(fmt, count)
        growth = large["memory"] - small["memory"]
        against = f"{count // 10:,} rows: {small['memory']:.0f} MB"
        results += [
            Result(f"{fmt.value}: memory for {count:,} rows", large["memory"], "MB", None, None, against),
            Result(f"{fmt.value}: growth to ten times the rows", growth, "MB", f"≤ {_GROWTH}", growth <= _GROWTH),
            Result(f"{fmt.value}: rows a second", count / large["seconds"], "rows/s"),
            Result(f"{fmt.value}: bytes a row", large["bytes"] / count, "B"),
        ]
    report("exporting", results)


if __name__ == "__main__":
    main()
