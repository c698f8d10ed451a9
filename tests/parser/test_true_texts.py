"""True texts beside their tables: nothing is found in any, in whatever words and of whatever body."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from archive.forms.loader import form
from archive.parser.narrative import check_text
from storage.records import Cell, CellState, Section

YEAR = 2023
BODIES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("true_texts.toml").read_text("utf-8"))["body"]


def cells_of(body: dict[str, Any]) -> dict[str, Cell]:
    """All cells of the form of 2021 as a body prints them."""
    printed: dict[str, str] = dict.fromkeys(form("2021").ids, body["others"]) | body["figures"]
    return {
        name: Cell(
            id=name,
            value=Decimal(raw) if raw else None,
            raw=raw,
            state=CellState.PRINTED if raw else CellState.BLANK,
        )
        for name, raw in printed.items()
    }


@pytest.mark.parametrize("body", BODIES, ids=[body["agency"] for body in BODIES])
def test_nothing_is_found_in_true_texts(body: dict[str, Any]) -> None:
    cells = cells_of(body)
    found = {
        text: [(one.code, one.found, one.expected) for one in told]
        for section, texts in body["texts"].items()
        for text in texts
        if (
            told := check_text(
                form("2021"), cells, [Section(heading="", key=section, text=text)], YEAR, [body["agency"]]
            )
        )
    }
    assert found == {}


def test_there_are_many_true_texts() -> None:
    assert sum(len(texts) for body in BODIES for texts in body["texts"].values()) > 300
