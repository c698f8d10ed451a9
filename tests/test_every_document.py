"""One test for all documents in ``tests/cases``: what is read equals their truth, each differing cell named.

To add a document, put ``NAME.ext`` there and run ``make bless``: it proposes ``NAME.truth.json``. The test goes on to
fail until a person has compared that with the document, said in ``source`` where it comes from, and runs it without.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.rebuilt.parser.reader import read
from nianbao.cli.texts.reading_json import reading_json

FOLDER = Path(__file__).with_name("cases")
DOCUMENTS = sorted(p for p in FOLDER.iterdir() if p.is_file() and p.suffix not in {".json", ".md"})
NOW = datetime(2030, 1, 1, tzinfo=UTC)
UNKNOWN = "?"  #: a source that nobody has written down yet
#: what says nothing about the reading itself
_VOLATILE = ("file", "cells_from", "document", "reader")


def _as_read(path: Path) -> dict[str, Any]:
    place = path.stem.partition("@")[2] or None  # what a portal would know
    found = json.loads(json.dumps(reading_json(path.name, read(path.read_bytes()), place, NOW)))
    return {key: value for key, value in found.items() if key not in _VOLATILE}


def _truth_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}.truth.json")


def _written(found: dict[str, Any]) -> str:
    """One cell a line, so that a difference can be read."""
    cells = ",\n".join(
        f"  {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in sorted(found["cells"].items())
    )
    rest = json.dumps({k: v for k, v in found.items() if k != "cells"}, ensure_ascii=False, indent=1)
    return f'{rest[:-2]},\n "cells": {{\n{cells}\n }}\n}}\n'


def _differences(truth: dict[str, Any], found: dict[str, Any]) -> list[str]:
    keys = [key for key in truth if key != "cells" and truth[key] != found.get(key)]
    told = [f"{key}: {found.get(key)!r}, truth {truth.get(key)!r}" for key in keys]
    for cell in sorted({*truth["cells"], *found["cells"]}):
        before, after = truth["cells"].get(cell), found["cells"].get(cell)
        if before != after:
            told.append(f"{cell}: {after!r}, truth {before!r}")
    return told


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_is_read_as_its_truth_says(path: Path) -> None:
    file, found = _truth_of(path), _as_read(path)
    truth: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    source = truth.pop("source", UNKNOWN)
    if os.environ.get("NIANBAO_BLESS"):
        file.write_text(_written({"source": source, **found}), encoding="utf-8")
        pytest.fail(f"{file.name} was written; compare it with the document, then run without NIANBAO_BLESS")
    assert truth, f"{file.name} is missing: make bless proposes one"
    assert source.startswith(("real: ", "made: ")), f"{file.name} must say in `source` where the document comes from"
    different = _differences(truth, found)
    assert not different, "\n".join(different)


def test_every_truth_has_its_document() -> None:
    assert {file.name for file in FOLDER.glob("*.json")} == {_truth_of(path).name for path in DOCUMENTS}
