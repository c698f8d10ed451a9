"""Every kind, form and maker: each cell of the report is read, certain where no picture had to be recognised."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from archive.rebuilt.documents.kinds import open_document
from archive.rebuilt.parser.pipeline import place_document
from archive.rebuilt.parser.values import read_value

FOLDER = Path(__file__).parents[1] / "cases" / "combinations"
NOT_YET = ("pre2019.", ".rtf", ".zip", "scanned_", "pictures.")
DIGITAL = [
    path.name
    for path in sorted(FOLDER.iterdir())
    if path.suffix != ".json" and not any(part in path.name for part in NOT_YET)
]


@pytest.mark.parametrize("name", DIGITAL)
def test_every_cell_of_a_digital_document_is_right_and_certain(name: str) -> None:
    truth = json.loads((FOLDER / f"{name.partition('.')[0]}.truth.json").read_text("utf-8"))
    assignment = place_document(open_document((FOLDER / name).read_bytes()))
    places = assignment.index.form.places
    read = {
        indicator: read_value(placed.cell.text, places[indicator].kind, places[indicator].unit or "")
        for indicator, placed in assignment.placed.items()
    }
    assert {indicator: value.value for indicator, value in read.items()} == {
        indicator: None if value is None else Decimal(str(value)) for indicator, value in truth["cells"].items()
    }
    assert not [indicator for indicator, placed in assignment.placed.items() if placed.doubts or read[indicator].flags]
