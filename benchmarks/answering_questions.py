"""The questions of ``answering.py``, and how long each takes: many times in one process, once in a fresh process."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from archive.queries import figures, figures_sums, overview, reports
from archive.queries.bounds import By
from archive.queries.where import Where
from benchmarks.answering_places import NOW
from storage.home import Home, open_home
from storage.records import AgencyKind

PROVINCE, YEAR, INDICATOR = "37", 2024, "applications.received.total"
GOVERNMENTS = frozenset({AgencyKind.GOVERNMENT})
Question = Callable[[Home], int]


@dataclass(frozen=True)
class Timing:
    """Seconds: median, 95th percentile, first in a fresh process; CPU seconds of the median; rows of the answer."""

    p50: float
    p95: float
    first: float
    cpu: float
    rows: int
    times: int


def questions(revised: tuple[str, int], last_report: tuple[str, int]) -> Mapping[str, Question]:
    """Return each question by name, as a function that returns the number of rows in the answer."""
    of_year, of_province = Where(years=(YEAR,), as_of=NOW), Where(place=PROVINCE, as_of=NOW)
    return {
        "coverage of a province, counted": lambda home: len(overview.totals(home, of_province).places),
        "coverage of a province, agency by agency": lambda home: len(
            overview.coverage(home, of_province, links=False).rows
        ),
        "late of a year in China": lambda home: len(overview.late(home, of_year).duties),
        "missing of a year in China": lambda home: len(overview.missing(home, of_year).duties),
        "a report's page": lambda home: len(reports.show(home, *last_report).cells),
        "a diff": lambda home: len(reports.diff(home, *revised).cells),
        "a series of all counties": lambda home: len(
            figures.series(home, [INDICATOR], Where(kinds=GOVERNMENTS, as_of=NOW)).lines
        ),
        "sums of all counties and years": lambda home: len(
            figures_sums.table(home, [INDICATOR], Where(as_of=NOW), by=By.DIVISION).groups
        ),
    }


def time_question(
    home: Home, name: str, question: Question, seconds: float, names: tuple[str, int, str, int]
) -> Timing:
    """Ask a question warm for ``seconds``, at least 7 and at most 200 times, and once in a fresh process."""
    rows = question(home)
    times: list[float] = []
    cpu_times: list[float] = []
    began = time.perf_counter()
    while len(times) < 7 or (time.perf_counter() - began < seconds and len(times) < 200):
        wall, cpu = time.perf_counter(), time.process_time()
        question(home)
        times.append(time.perf_counter() - wall)
        cpu_times.append(time.process_time() - cpu)
    times.sort()
    first = _time_in_fresh_process(home.path, name, names)
    p95 = times[min(len(times) - 1, round(len(times) * 0.95))]
    return Timing(statistics.median(times), p95, first, statistics.median(cpu_times), rows, len(times))


def _time_in_fresh_process(path: Path, name: str, names: tuple[str, int, str, int]) -> float:
    """Return the seconds of the first answer in a fresh process, without its start."""
    words = [sys.executable, "-m", "benchmarks.answering_questions", str(path), name, *map(str, names)]
    process = subprocess.run(words, capture_output=True, text=True, check=True)
    return float(process.stdout)


def _time_once(path: str, name: str, revised: str, revised_year: str, last_report: str, last_report_year: str) -> None:
    question = questions((revised, int(revised_year)), (last_report, int(last_report_year)))[name]
    with open_home(Path(path)) as home:
        began = time.perf_counter()
        question(home)
        print(time.perf_counter() - began)


if __name__ == "__main__":
    _time_once(*sys.argv[1:])
