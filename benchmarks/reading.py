"""Measure documents/s, peak memory and the share of right cells by kind, beside other programs on the same files.

Measured is all work from bytes to a reading with its checks, on one core (CPU seconds). Each reader and kind runs in a
fresh process, to measure its own peak memory; the first document of each is read once before measuring, and garbage is
collected as rarely as in a reading worker.

Everything runs in several rounds, and for each document the least time counts, for every reader: other work of the
machine can only increase it. The slowest and the fastest round are reported beside the rate.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path

from PIL import Image, UnidentifiedImageError
from pypdfium2 import PdfDocument

from archive.projection.child import collect_seldom
from benchmarks.cpu_time import cpu_seconds
from benchmarks.harness import BenchmarkResult, options, report
from benchmarks.reading_files import RECOGNISED, write
from benchmarks.reading_rivals import READERS, readers_of

#: kind → number of files in the full and in the short form, and how many times as fast as other programs we must be
#: (docs/decisions/0014)
KINDS: dict[str, tuple[int, int, float | None]] = {
    "html": (240, 6, 1.5),
    "html-word": (240, 6, 1.2),
    "docx": (180, 6, 5),
    "doc": (240, 6, None),
    "wps": (240, 6, None),
    "pdf": (60, 4, 8),
    "pdf-unruled": (10, 2, None),
    "xls": (240, 6, 1.9),
    "xlsx": (240, 6, 1.2),
    "ofd": (90, 4, None),
    "rtf": (30, 4, None),
    "zip-parts": (30, 4, None),
    "text-tabs": (30, 4, None),
    "scan": (6, 1, None),
    "scan-tiff": (3, 1, None),
}
_ROUNDS = 3
_FEW = {"LibreOffice": 3, "tesseract": 2}  # a process for each document: seconds each
_SCAN_GOAL = 1.8  # CPU seconds per page
_RATE = "documents/CPU s"
_MEMORY = {False: 150, True: 512}  # MB without and with recognition


@dataclass(frozen=True)
class Measured:
    """Measurements of one reader on files of one kind: CPU seconds by document, pages, cells by result, peak MB.

    ``rounds``: CPU seconds of each round.
    """

    costs: list[float]
    pages: int
    right: int
    wrong: int
    doubted: int
    cells: int
    peak: float
    rounds: tuple[float, ...] = ()

    @property
    def cpu(self) -> float:
        """Return the CPU seconds of all documents."""
        return sum(self.costs)


def child(reader: str, files: Sequence[Path]) -> None:
    """Read ``files`` and print costs and results as JSON."""
    read = READERS[reader][0]
    right = wrong = doubted = cells = pages = 0
    read(files[0].read_bytes())
    collect_seldom()
    costs, readings = [], []
    for path in files:
        begun = cpu_seconds()
        readings.append(read(path.read_bytes()))
        costs.append(cpu_seconds() - begun)
    for path, reading in zip(files, readings, strict=True):
        flagged = {name for finding in reading.findings for name in finding.cells}
        truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        cells += len(truth)
        pages += _pages(path)
        for name, value in truth.items():
            cell = reading.cells.get(name)
            if cell is None:
                continue
            if cell.value == (None if value is None else Decimal(value)):
                right += 1
            elif cell.flags or name in flagged:
                doubted += 1
            else:
                wrong += 1
    peak = max(_own_peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    print(json.dumps(asdict(Measured(costs, pages, right, wrong, doubted, cells, peak / 1024))))


def _own_peak() -> int:
    """Return this process's peak memory in kB: getrusage's figure survives exec and may be the parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(status.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0])


def _pages(path: Path) -> int:
    """Return the number of pages of a scan: pages of a PDF, frames of a TIFF."""
    if path.read_bytes().startswith(b"%PDF"):
        return len(PdfDocument(path))
    try:
        with Image.open(path) as picture:
            return int(getattr(picture, "n_frames", 1))
    except UnidentifiedImageError:
        return 1


def measure(reader: str, files: Sequence[Path]) -> Measured:
    """Measure one reader on files of one kind, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.reading", "--child", reader, *map(str, files[: _FEW.get(reader)])]
    process = subprocess.run(command, check=True, capture_output=True, text=True, timeout=1800)
    return Measured(**json.loads(process.stdout.splitlines()[-1]))


def least(rounds: Sequence[Measured]) -> Measured:
    """Return the result of several rounds: the least time of each document, the most memory."""
    costs = [min(seconds) for seconds in zip(*(one.costs for one in rounds), strict=True)]
    cpu_by_round = tuple(one.cpu for one in rounds)
    return replace(rounds[0], costs=costs, peak=max(one.peak for one in rounds), rounds=cpu_by_round)


def results(kind: str, measured: Mapping[str, Measured]) -> list[BenchmarkResult]:
    """Return the figures for one kind: rate, memory and right cells of each reader."""
    figures: list[BenchmarkResult] = []
    goal = KINDS[kind][2]
    ours = measured["nianbao"]
    for reader, one in measured.items():
        mine = reader == "nianbao"
        name = f"{kind}, {reader}"
        scanned = kind in RECOGNISED
        per = one.pages if scanned else len(one.costs)
        each = sorted(cost / per if scanned else per / cost for cost in one.rounds)
        against = f"rounds {each[0]:.3g} to {each[-1]:.3g}" if len(each) > 1 else ""
        times = one.cpu / len(one.costs) / (ours.cpu / len(ours.costs))
        if not mine and goal is None:
            against = f"{against}{against and '; '}nianbao is {times:.1f} × as fast"
        elif not mine:
            figures.append(
                BenchmarkResult(f"{kind}, nianbao: as fast as {reader}", times, "times", *_verdict(goal, times))
            )
        if scanned:
            cost = one.cpu / per
            most = _SCAN_GOAL if mine else None
            figures.append(
                BenchmarkResult(f"{name}: cost", cost, "CPU s/page", *_verdict(most, cost, most=True), against)
            )
        else:
            figures.append(BenchmarkResult(f"{name}: rate", per / one.cpu, _RATE, None, None, against))
        room = _MEMORY[scanned] if mine else None
        figures.append(BenchmarkResult(f"{name}: memory", one.peak, "MB", *_verdict(room, one.peak, most=True)))
        share = 100 * one.right / one.cells
        bar = (99.5 if scanned else 100) if mine else None
        details = f"{one.cells} cells, {one.wrong} wrong, {one.doubted} wrong and flagged"
        figures.append(BenchmarkResult(f"{name}: right", share, "%", *_verdict(bar, share), details))
    return figures


def _verdict(goal: float | None, value: float, *, most: bool = False) -> tuple[str | None, bool | None]:
    if goal is None:
        return None, None
    return f"{'≤' if most else '≥'} {goal:g}", value <= goal if most else value >= goal


def main(short: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        documents = write(Path(folder), {kind: few if short else many for kind, (many, few, _) in KINDS.items()})
        rounds: dict[str, dict[str, list[Measured]]] = {kind: {} for kind in documents}
        for _ in range(1 if short else _ROUNDS):
            for kind, files in documents.items():
                for reader in readers_of(kind):
                    rounds[kind].setdefault(reader, []).append(measure(reader, files))
        figures = [
            result
            for kind, seconds in rounds.items()
            for result in results(kind, {reader: least(each) for reader, each in seconds.items()})
        ]
        report("reading", figures)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], [Path(name) for name in sys.argv[3:]])
    else:
        main(options("reading", __doc__).short)
