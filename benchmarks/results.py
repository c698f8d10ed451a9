"""The table for people and the JSON file of one benchmark."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

OUT = Path(__file__).parent / "out"


@dataclass(frozen=True)
class Result:
    """One figure: ``goal`` and ``ok`` are None where none is set; ``against`` says what it was measured next to."""

    name: str
    value: float
    unit: str
    goal: str | None = None
    ok: bool | None = None
    against: str | None = None


def report(benchmark: str, results: Sequence[Result]) -> None:
    """Print ``results`` and write ``benchmarks/out/<benchmark>.json``."""
    width = max((len(r.name) for r in results), default=4)
    for r in results:
        verdict = "" if r.ok is None else ("  ok" if r.ok else "  NOT REACHED")
        line = f"{r.name:<{width}}  {r.value:>12.4g} {r.unit:<14} {r.goal or '':<12}{verdict}  {r.against or ''}"
        print(line.rstrip())
    OUT.mkdir(parents=True, exist_ok=True)
    rows = json.dumps([asdict(r) for r in results], ensure_ascii=False, indent=1)
    (OUT / f"{benchmark}.json").write_text(rows + "\n", encoding="utf-8")
