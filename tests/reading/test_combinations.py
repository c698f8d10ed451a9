"""Every kind, form and maker: each cell of the report is read, certain where no picture had to be recognised."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from archive.identity.evidence import identify
from archive.parser.reader import read
from storage.records import Reading

FOLDER = Path(__file__).parents[1] / "cases" / "combinations"
PICTURED = ("scanned_", "pictures.")
DIGITAL = [
    path.name
    for path in sorted(FOLDER.iterdir())
    if path.suffix != ".json" and not any(part in path.name for part in PICTURED)
]
MAX_DOUBTED = 0.03  # of the cells


@cache
def reading_of(name: str) -> Reading:
    return read((FOLDER / name).read_bytes())


@pytest.mark.parametrize("name", DIGITAL)
def test_a_digital_document_is_read_whole(name: str) -> None:
    truth = json.loads((FOLDER / f"{name.partition('.')[0]}.truth.json").read_text("utf-8"))
    reading = reading_of(name)
    assert {indicator: cell.value for indicator, cell in reading.cells.items()} == {
        indicator: None if value is None else Decimal(str(value)) for indicator, value in truth["cells"].items()
    }
    whose = identify(reading.identity)
    assert (reading.is_report, reading.form, whose.agency, whose.year) == (
        True, truth["form"], truth["agency"], truth["year"],
    )  # fmt: skip
    doubted = {indicator for indicator, cell in reading.cells.items() if cell.flags}
    doubted |= {indicator for found in reading.findings for indicator in found.cells}
    assert len(doubted) <= MAX_DOUBTED * len(reading.cells), doubted


def test_digital_documents_of_one_report_have_one_content() -> None:
    for form in ("pre2019", "2019", "2021"):
        digests = {reading_of(name).content_digest for name in DIGITAL if name.startswith(f"{form}.")}
        assert len(digests) == 1, form
