"""Which stages and repairs of the reader are needed, and by which documents: each is switched off over all cases.

A line each: how many documents are read otherwise without it, real and made, and one of them. The documents are those
of tests/cases and, where the folder of real ones is there, of its corpus. A stage or repair that no case of tests/cases
needs fails a test (tests/test_ablation.py): it goes, or gets a case.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from archive.documents.pages import Limits
from archive.parser import pipeline, row_repairs
from archive.parser.reader import read
from benchmarks.asked_for import asked_for

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
CORPUS = ROOT.parent / "shared" / "corpus"
_ASIDE = frozenset((".json", ".md", ".py"))
_LIMITS = Limits(pictures=0)  # recognition takes a hundred times as long as all that is switched here
#: What mends recognised pictures alone: tests/parser/test_repair.py and test_row_order.py have their cases.
OF_PICTURES = frozenset(("stage repair", "repair sums", "repair alike"))


@dataclass(frozen=True)
class Case:
    """A document. ``real``: as a portal published it."""

    name: str
    real: bool
    data: bytes


class Switch(NamedTuple):
    """A stage or repair of the reader, and what switches it off."""

    name: str
    off: AbstractContextManager[None]


def cases(folder: Path = CASES) -> Iterator[Case]:
    """The documents of a folder; real are those whose truth says so, and all of the corpus."""
    for path in sorted(folder.iterdir()):
        if path.suffix in _ASIDE or not path.is_file():
            continue
        truth = path.with_name(f"{path.stem}.truth.json")
        source = json.loads(truth.read_text(encoding="utf-8")).get("source", "") if truth.exists() else ""
        yield Case(path.name, folder == CORPUS or str(source).startswith("real: "), path.read_bytes())


def switches() -> Iterator[Switch]:
    """Every stage and every repair."""
    for stage in pipeline.STAGES:
        yield Switch(f"stage {stage.name}", _without(pipeline, "STAGES", stage))
    for repair in row_repairs.REPAIRS:
        yield Switch(f"repair {repair.name}", _without(row_repairs, "REPAIRS", repair))


@contextmanager
def _without(module: object, listed: str, one: object) -> Iterator[None]:
    whole = getattr(module, listed)
    setattr(module, listed, tuple(other for other in whole if other is not one))
    try:
        yield
    finally:
        setattr(module, listed, whole)


def as_read(case: Case) -> str:
    """What is read of a document, as a text to compare: cells, findings, identity, sections."""
    reading = read(case.data, limits=_LIMITS)
    cells = [(cell.id, str(cell.value), cell.state, cell.flags) for cell in reading.cells.values()]
    return repr((reading.form, reading.is_report, cells, reading.findings, reading.identity, reading.sections))


def needing(switch: Switch, read_whole: Iterable[tuple[Case, str]]) -> list[Case]:
    """The documents that are read otherwise with a stage or repair switched off."""
    with switch.off:
        return [case for case, whole in read_whole if as_read(case) != whole]


def is_needed(switch: Switch, read_whole: Iterable[tuple[Case, str]]) -> bool:
    """Whether any document is read otherwise with a stage or repair switched off; it stops at the first."""
    with switch.off:
        return any(as_read(case) != whole for case, whole in read_whole)


def main(short: bool) -> None:
    folders = [CASES] if short or not CORPUS.exists() else [CASES, CORPUS]
    whole = [(case, as_read(case)) for folder in folders for case in cases(folder)]
    print(f"{'':32}{'real':>6}{'made':>6}  of {len(whole)} documents")
    for switch in switches():
        found = needing(switch, whole)
        real = sum(case.real for case in found)
        example = min(found, key=lambda case: (not case.real, len(case.data)), default=None)
        told = "of pictures alone" if switch.name in OF_PICTURES else "NOT NEEDED"
        print(f"{switch.name:32}{real:>6}{len(found) - real:>6}  {example.name if example else told}")


if __name__ == "__main__":
    main(asked_for("ablation", __doc__).short)
