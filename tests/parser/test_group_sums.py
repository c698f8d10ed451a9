"""Sums that a body prints of a group (figures of （六）其他处理 itself): none of the form's rows, and none lost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from archive.forms.loader import form
from archive.parser.reader import read
from storage.records import Reading
from tests import form_rendering as render

NEW = form("2021")
FIGURES = {name: Decimal(0) for name in NEW.ids} | {
    "applications.received.natural_person": Decimal(3),
    "applications.received.total": Decimal(3),
    "applications.result.other.no_correction.natural_person": Decimal(1),
    "applications.result.other.no_correction.total": Decimal(1),
    "applications.result.other.misc.natural_person": Decimal(2),
    "applications.result.other.misc.total": Decimal(2),
    "applications.result.total.natural_person": Decimal(3),
    "applications.result.total.total": Decimal(3),
}
GROUP = "（六）其他处理"
SUMS = ["3", "0", "0", "0", "0", "0", "3"]


def in_lines(figures: list[str]) -> str:
    lines = render.as_lines(render.tables_of(NEW, FIGURES)).split("\n")
    at = lines.index(GROUP) + 1
    return "\n".join([*lines[:at], *figures, *lines[at:]])


def with_blanks(figures: list[str]) -> str:
    tabs = render.as_tabs(render.tables_of(NEW, FIGURES), padded=False)
    lines = [" ".join(line.split()) for line in tabs.split("\n")]
    at = next(at for at, line in enumerate(lines) if line.startswith(GROUP))
    row = lines[at].removeprefix(GROUP).strip()
    return "\n".join([*lines[:at], " ".join([GROUP, *figures]), row, *lines[at + 1 :]])


def in_fields(figures: list[str]) -> str:
    lines = render.as_tabs(render.tables_of(NEW, FIGURES), padded=True).split("\n")
    at = next(at for at, line in enumerate(lines) if GROUP in line)
    return "\n".join(
        [*lines[:at], "\t".join(["", GROUP, "", *figures]), lines[at].replace(GROUP, ""), *lines[at + 1 :]]
    )


def codes(reading: Reading) -> set[str]:
    return {found.code for found in reading.findings}


@pytest.mark.parametrize("laid", [in_lines, with_blanks, in_fields])
def test_the_sums_of_a_group_are_no_row_that_nobody_knows(laid: object) -> None:
    assert callable(laid)
    reading = read(laid(SUMS).encode())
    assert codes(reading) == set()
    assert render.differences(reading, FIGURES) == {}


@pytest.mark.parametrize("laid", [in_lines, with_blanks, in_fields])
def test_figures_that_are_no_sums_are_told(laid: object) -> None:
    assert callable(laid)
    assert "row_unplaced" in codes(read(laid(["2", *SUMS[1:]]).encode()))
