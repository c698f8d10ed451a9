"""One test for all documents in ``tests/readings``: what is read equals the golden, each differing cell named.

The documents are our own (see ``tests/readings/README.md``). A document without a golden fails; with NIANBAO_BLESS=1
goldens are written and the test fails all the same, until a person has read them and runs it without.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.interfaces.reading_json import reading_json
from archive.parser.reader import read

FOLDER = Path(__file__).with_name("readings")
DOCUMENTS = sorted(p for p in FOLDER.iterdir() if p.suffix not in {".json", ".md"})
NOW = datetime(2030, 1, 1, tzinfo=UTC)
#: what says nothing about the reading itself
_VOLATILE = ("file", "cells_from", "document", "reader")


def _as_read(path: Path) -> dict[str, Any]:
    place = path.stem.partition("@")[2] or None  # what a portal would know
    found = json.loads(json.dumps(reading_json(path.name, read(path.read_bytes()), place, NOW)))
    return {key: value for key, value in found.items() if key not in _VOLATILE}


def _written(found: dict[str, Any]) -> str:
    """One cell a line, so that a difference can be read."""
    cells = ",\n".join(
        f"  {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in sorted(found["cells"].items())
    )
    rest = json.dumps({k: v for k, v in found.items() if k != "cells"}, ensure_ascii=False, indent=1)
    return f'{rest[:-2]},\n "cells": {{\n{cells}\n }}\n}}\n'


def _differences(golden: dict[str, Any], found: dict[str, Any]) -> list[str]:
    keys = [key for key in golden if key != "cells" and golden[key] != found.get(key)]
    told = [f"{key}: {found.get(key)!r}, golden {golden.get(key)!r}" for key in keys]
    for cell in sorted({*golden["cells"], *found["cells"]}):
        before, after = golden["cells"].get(cell), found["cells"].get(cell)
        if before != after:
            told.append(f"{cell}: {after!r}, golden {before!r}")
    return told


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_is_read_as_its_golden_says(path: Path) -> None:
    golden_file = path.with_name(path.name + ".json")
    found = _as_read(path)
    if os.environ.get("NIANBAO_BLESS"):
        golden_file.write_text(_written(found), encoding="utf-8")
        pytest.fail(f"{golden_file.name} was written; read it, then run without NIANBAO_BLESS")
    assert golden_file.exists(), f"{golden_file.name} is missing: run with NIANBAO_BLESS=1, and read what it writes"
    golden = json.loads(golden_file.read_text(encoding="utf-8"))
    different = _differences(golden, found)
    assert not different, "\n".join(different)


def test_goldens_have_their_documents() -> None:
    orphans = {p.name for p in FOLDER.glob("*.json")} - {f"{p.name}.json" for p in DOCUMENTS}
    assert not orphans
