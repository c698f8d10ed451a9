"""Measure how well reports are recognised by title and address (precision and recall on labelled links), and the cost.

``python -m benchmarks.finding`` reads ``domain/report_urls.jsonl`` and ``domain/negatives.jsonl`` in the folder of real
documents (``NIANBAO_SHARED``; tests/real_documents.py), prints a table and writes ``benchmarks/out/finding.json``.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from archive.identity.classification import classify
from benchmarks import finding_crawls, finding_speed
from benchmarks.harness import BenchmarkResult, at_least, options, report

GOAL = 0.99
Row = dict[str, object]


def shared() -> Path:
    return Path(os.environ.get("NIANBAO_SHARED") or Path(__file__).resolve().parents[2] / "shared")


def labelled(folder: Path) -> Iterator[tuple[bool, Row]]:
    """Yield (whether it is a report, row); columns and folders among the report addresses are not reports."""
    for name in ("report_urls.jsonl", "negatives.jsonl"):
        for line in (folder / "domain" / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield row.get("kind") == "report", row


def text(row: Row, key: str) -> str | None:
    value = row.get(key)
    return value if isinstance(value, str) else None


def measure(rows: list[tuple[bool, Row]]) -> list[BenchmarkResult]:
    """Return how well and how fast links are judged. ``rows``: links, each with whether it is a report."""
    found_right = found_wrong = missed = dated = year_right = 0
    started = time.perf_counter()
    judged = [classify(text(row, "title"), text(row, "url"), place=text(row, "place")) for _, row in rows]
    seconds = time.perf_counter() - started
    for (is_report, row), verdict in zip(rows, judged, strict=True):
        found_right += verdict.is_report and is_report
        found_wrong += verdict.is_report and not is_report
        missed += is_report and not verdict.is_report
        if verdict.is_report != is_report:
            print(f"{'missed' if is_report else 'wrongly taken'} ({verdict.reason}): {row['title']}")
        if is_report and row["year"] is not None:
            dated += 1
            year_right += verdict.year == row["year"]
    precision = found_right / max(1, found_right + found_wrong)
    recall = found_right / max(1, found_right + missed)
    years = year_right / max(1, dated)
    against = f"{len(rows)} labelled links"
    return [
        at_least("precision", precision, "share", GOAL, against),
        at_least("recall", recall, "share", GOAL, against),
        at_least("year right", years, "share", GOAL, f"{dated} reports of a known year"),
        BenchmarkResult("links judged", len(rows) / seconds, "1/s", against="one core, nothing cached"),
    ]


def main(short: bool) -> int:
    folder = shared()
    if not (folder / "domain" / "report_urls.jsonl").is_file():
        print(f"no labelled links below {folder}; set NIANBAO_SHARED")
        return 2
    crawls = finding_crawls.results(5 if short else 100)
    results = [*measure(list(labelled(folder))), *crawls, *finding_speed.results(short)]
    report("finding", results)
    return 0 if all(result.ok is not False for result in results) else 1


if __name__ == "__main__":
    raise SystemExit(main(options("finding", __doc__).short))
