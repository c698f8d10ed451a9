"""Shared by the benchmarks: the command line, and the table of results with its JSON file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

OUT = Path(__file__).parent / "out"


@dataclass(frozen=True)
class BenchmarkResult:
    """One figure. ``goal`` and ``ok`` are None without a goal; ``against``: what it is compared with, or details."""

    name: str
    value: float
    unit: str
    goal: str | None = None
    ok: bool | None = None
    against: str | None = None


def at_most(name: str, value: float, unit: str, goal: float | None, against: str | None = None) -> BenchmarkResult:
    """Return a figure that is ok if it is not above its goal."""
    if goal is None:
        return BenchmarkResult(name, value, unit, against=against)
    return BenchmarkResult(name, value, unit, f"<= {goal:g}", value <= goal, against)


def at_least(name: str, value: float, unit: str, goal: float, against: str | None = None) -> BenchmarkResult:
    """Return a figure that is ok if it is not below its goal."""
    return BenchmarkResult(name, value, unit, f">= {goal:g}", value >= goal, against)


def options(
    name: str, about: str | None, *numbers: tuple[str, str], arguments: Sequence[str] | None = None
) -> argparse.Namespace:
    """Return the options of a benchmark: ``short``, and for each of ``numbers`` (option, help text) a whole number,
    None if it is not given. Exits with 0 after ``--help``, with 2 on wrong arguments.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="the short form, as in make bench")
    for option, meaning in numbers:
        parser.add_argument(option, type=int, metavar="N", help=meaning)
    return parser.parse_args(arguments)


def report(benchmark: str, results: Sequence[BenchmarkResult]) -> None:
    """Print ``results`` and write ``benchmarks/out/<benchmark>.json``."""
    width = max((len(r.name) for r in results), default=4)
    for r in results:
        verdict = "" if r.ok is None else ("  ok" if r.ok else "  NOT REACHED")
        line = f"{r.name:<{width}}  {r.value:>12.4g} {r.unit:<14} {r.goal or '':<12}{verdict}  {r.against or ''}"
        print(line.rstrip())
    OUT.mkdir(parents=True, exist_ok=True)
    rows = json.dumps([asdict(r) for r in results], ensure_ascii=False, indent=1)
    (OUT / f"{benchmark}.json").write_text(rows + "\n", encoding="utf-8")
