"""One test for all documents in ``tests/cases``: each is read as its truth says, or what differs is doubted and told.

To add a document, put ``NAME.ext`` there and run ``make bless``: it proposes ``NAME.truth.json``. The test goes on to
fail until a person has compared that with the document, said in ``source`` where it comes from, and runs it without.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from archive.parser.reader import read
from nianbao.cli.judged_reading import judge_reading, reading_json

FOLDER = Path(__file__).with_name("cases")
DOCUMENTS = sorted(p for p in FOLDER.iterdir() if p.is_file() and p.suffix not in {".json", ".md"})
NOW = datetime(2030, 1, 1, tzinfo=UTC)
UNKNOWN = "?"  #: a source that nobody has written down yet
FACTS = ("kind", "is_report", "agency", "place", "year", "form", "title")


def _as_read(path: Path) -> dict[str, Any]:
    place = path.stem.partition("@")[2] or None  # what a portal would know
    judged = judge_reading(read(path.read_bytes()), place, NOW)
    found: dict[str, Any] = json.loads(json.dumps(reading_json(path, judged)))
    return found


def _truth_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}.truth.json")


def _proposed(found: dict[str, Any]) -> str:
    """One cell a line, so that a difference can be read."""
    cells = ",\n".join(f'  "{name}": {json.dumps(cell["value"])}' for name, cell in sorted(found["cells"].items()))
    facts = json.dumps({"source": UNKNOWN} | {fact: found[fact] for fact in FACTS}, ensure_ascii=False, indent=1)
    return f'{facts[:-2]},\n "cells": {{\n{cells}\n }}\n}}\n'


def _differences(truth: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """What is not as in the truth; of a made document only what is wrong and not doubted."""
    is_real = truth["source"].startswith("real: ")
    wrong = [fact for fact in FACTS if truth[fact] != found[fact] and (is_real or found[fact])]
    told = [f"{fact}: {found[fact]!r}, truth {truth[fact]!r}" for fact in wrong]
    doubted = {name for name, cell in found["cells"].items() if cell["flags"]}
    doubted |= {name for one in found["findings"] for name in one["cells"]}
    for name in sorted({*truth["cells"], *found["cells"]}):
        cell = found["cells"].get(name)
        values = [_number(truth["cells"].get(name, "absent")), _number("absent" if cell is None else cell["value"])]
        if values[0] != values[1] and (is_real or (cell is not None and name not in doubted)):
            told.append(f"{name}: {values[1]}, truth {values[0]}")
    if truth["cells"].keys() - found["cells"].keys() and not found["findings"] and found["is_report"]:
        told.append("cells are missing, and no finding says so")
    return told


def _number(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, int | float) else value


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_is_read_as_its_truth_says(path: Path) -> None:
    file, found = _truth_of(path), _as_read(path)
    if os.environ.get("NIANBAO_BLESS") and not file.exists():
        file.write_text(_proposed(found), encoding="utf-8")
        pytest.fail(f"{file.name} was written; compare it with the document, then run without NIANBAO_BLESS")
    assert file.exists(), f"{file.name} is missing: make bless proposes one"
    truth: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    source = truth["source"]
    assert source.startswith(("real: ", "made: ")), f"{file.name} must say in `source` where the document comes from"
    different = _differences(truth, found)
    assert not different, "\n".join(different)


def test_every_truth_has_its_document() -> None:
    assert {file.name for file in FOLDER.glob("*.json")} == {_truth_of(path).name for path in DOCUMENTS}
