"""Rulings of a lone row of a table are no figures."""

from __future__ import annotations

import numpy as np
import pytest

from archive.documents.recognised.ink import ink_of
from archive.documents.recognised.overhanging import without_bars

ABOVE = ([30.0, 100.0, 200.0], [10.0, 60.0])  # a table whose last row stands by itself below it


@pytest.mark.parametrize(
    ("bars", "left"),
    [
        ((30, 100, 200), 1),  # the figure
        ((30, 200), 1),
        ((30, 100), 3),  # nothing at the last ruling: a column of figures may stand so
        ((40, 110, 210), 4),  # elsewhere
    ],
)
def test_bars_where_a_table_has_its_rulings_are_none_of_its_figures(bars: tuple[int, ...], left: int) -> None:
    page = np.full((140, 240), 255, np.uint8)
    for x in bars:
        page[100:118, x - 1 : x + 1] = 0
    page[102:116, 150:152] = 0  # 1
    ink = without_bars(ink_of(page, np.zeros_like(page), 20.0), [ABOVE])
    assert len(ink.parts) == left
    assert bool((ink.flat[100:118, 29:31] == 255).all()) is (30 not in bars or left == 1)


def test_bars_within_a_table_are_left_to_those_who_know_its_cells() -> None:
    page = np.full((140, 240), 255, np.uint8)
    for x in (30, 100, 200):
        page[30:48, x - 1 : x + 1] = 0
    ink = ink_of(page, np.zeros_like(page), 20.0)
    assert without_bars(ink, [ABOVE]) is ink
