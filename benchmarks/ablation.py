"""Show which stages of the reader are needed, and by which documents: each stage is switched off over all documents.

For each stage a line says how many documents are then read differently, and names one. The documents are the real ones
in the shared folder and the combinations in tests/cases, none of which needs recognition. A stage that no document
needs is reported as a failure: it must be deleted, or a document added that needs it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from unittest import mock

from archive.documents import pdf
from archive.documents.layout import page_joining
from archive.documents.model import Limits
from archive.parser import checks, flat_text, placement, reader, table_rows, values
from benchmarks.harness import options

ROOT = Path(__file__).parents[1]
COMBINATIONS = ROOT / "tests" / "cases" / "combinations"
SHARED = Path(os.environ.get("NIANBAO_SHARED") or ROOT.parent / "shared")
PICTURED = ("scanned_", "pictures.")  # in the names of combinations that need recognition, which is 100 times as slow
LIMITS = Limits(images=0)


class Stage(NamedTuple):
    """A stage of the reader: the function that does it, and what replaces this while it is switched off."""

    name: str
    module: ModuleType
    function: str
    otherwise: Callable[..., Any]


STAGES = (
    Stage("what a PDF covers up", pdf, "_check_visibility", lambda *_: None),
    Stage("tables over page breaks", page_joining, "_continues", lambda *_: False),
    Stage("running heads", page_joining, "_without_furniture", list),
    Stage("sentences over lines", page_joining, "runs_on", lambda *_: False),
    Stage("rows of tables", reader, "find_table_rows", lambda *_: ()),
    Stage("rows of running text", reader, "find_text_rows", lambda *_, **__: ()),
    Stage("misprinted labels", table_rows, "get_close_matches", lambda *_, **__: []),
    Stage("digits cut by sums", flat_text, "_cut", lambda *_: flat_text.NO_WAY),
    Stage("rows of one label", placement, "_choose_twins", lambda printed, _: list(printed)),
    Stage("ways settled by sums", placement, "_settle_by_sums", lambda *_: None),
    Stage("rows between neighbours", placement, "_fill_gaps", lambda *_: []),
    Stage("doubts settled by sums", placement, "_confirm", lambda *_: None),
    Stage("rows printed twice", placement, "_doubt_repeated", lambda *_: None),
    Stage("broken ends", placement, "_doubt_ends", lambda *_: None),
    Stage("doubtful values", reader, "find_doubtful_values", lambda _: ()),
    Stage("losses", checks, "find_losses", lambda *_: []),
    Stage("sums", checks, "_broken_sums", lambda *_: ()),
    Stage("units", reader, "read_value", lambda text, kind, *_: values.read_value(text, kind, "", "")),
    Stage("titles", reader, "find_titles", lambda _: ()),
    Stage("main text", reader, "select_main", lambda lines, _: lines),
    Stage("sections", reader, "cut_sections", lambda _: ()),
    Stage("copies", reader, "copy_findings", lambda _: ()),
)


def documents() -> Iterator[Path]:
    """Yield the documents, those of the shared folder first, and in each folder the smallest first."""
    for folder in (SHARED / "corpus", SHARED / "real", COMBINATIONS):
        for path in sorted(folder.glob("*.*"), key=lambda path: path.stat().st_size):
            if path.suffix != ".json" and path.name != "README.md" and not any(part in path.name for part in PICTURED):
                yield path


def as_read(data: bytes) -> str:
    """Return what is read from a document, as text for comparison."""
    reading = reader.read(data, limits=LIMITS)
    values = [(cell.id, cell.value, cell.state, cell.flags) for cell in reading.cells.values()]
    return repr(
        (reading.form, reading.is_report, values, reading.findings, reading.identity, reading.sections, reading.text)
    )


def all_read() -> list[tuple[Path, bytes, str]]:
    """Return each document with its bytes and what all stages together read from it."""
    return [(path, data, as_read(data)) for path in documents() for data in [path.read_bytes()]]


def needing(stage: Stage, read_whole: Iterable[tuple[Path, bytes, str]]) -> Iterator[Path]:
    """Yield the documents that are read differently when a stage is switched off."""
    with mock.patch.object(stage.module, stage.function, stage.otherwise):
        for path, data, reading_by_all in read_whole:
            if as_read(data) != reading_by_all:
                yield path


def main() -> int:
    """Print a line for each stage; return 1 if some stage is not needed by any document."""
    read_whole = all_read()
    print(f"{'':28}{'documents':>10}  of {len(read_whole)}")
    idle = 0
    for stage in STAGES:
        readers = [path.name for path in needing(stage, read_whole)]
        idle += not readers
        print(f"{stage.name:28}{len(readers):>10}  {[*readers, 'NOT NEEDED'][0]}")
    return int(idle > 0)


if __name__ == "__main__":
    options("ablation", __doc__)
    sys.exit(main())
