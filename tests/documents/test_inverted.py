"""Heads of tables with light letters on dark ground."""

from __future__ import annotations

import numpy as np
import pytest

from archive.documents.recognised.inverted import positive, unveiled
from archive.documents.recognised.paper import evened


def page(ground: int, letters: int, *, solid: bool = True) -> np.ndarray:
    """A page with a head of two cells, a ruling of middle grey between them and a row of print below."""
    grey = np.full((1600, 1200), 255, np.uint8)
    grey[400:460, 100:1100] = ground if solid else 255
    grey[400:460, 600:602] = 140
    for x in (200, 240, 280, 800, 840, 880):
        grey[418:440, x : x + 4] = grey[418:422, x : x + 24] = letters
        grey[478:500, x : x + 4] = 0
    return grey


@pytest.mark.parametrize("ground", [0, 40, 104, 150])
def test_light_letters_on_dark_ground_are_print_on_paper(ground: int) -> None:
    done = evened(unveiled(page(ground, 255)))
    assert done[420:438, 201:203].max() < 60  # a letter
    assert done[445:455, 700:1000].min() > 240  # the ground
    assert done[480:498, 201:203].max() < 60  # print below


@pytest.mark.parametrize("ground", [40, 104, 150])
def test_rulings_on_dark_ground_are_seen(ground: int) -> None:
    assert evened(unveiled(page(ground, 255)))[405:455, 600:602].max() < 200


def test_a_ground_as_dark_as_rulings_keeps_one_around_it() -> None:
    done = unveiled(page(0, 255))
    assert done[399:404, 110:1090].min(axis=0).max() == done[410:450, 98:104].min(axis=1).max() == 0


def test_a_dark_ground_with_dark_letters_or_none_stays() -> None:
    for grey in (page(104, 0), page(104, 104), page(255, 0), page(255, 0, solid=False)):
        assert unveiled(grey) is grey


def test_broad_type_is_no_ground() -> None:
    grey = np.full((1600, 1200), 255, np.uint8)
    for x in range(100, 1100, 60):
        for at in (0, 16, 32):  # strokes of 10 pixels, six between them
            grey[300:346, x + at : x + at + 10] = grey[300 + at : 310 + at, x : x + 46] = 0
    assert unveiled(grey) is grey


def test_the_lid_of_a_scanner_is_no_ground() -> None:
    grey = np.full((1600, 1200), 255, np.uint8)
    grey[:60] = grey[:, 1160:] = 20
    assert unveiled(grey) is grey


def test_a_picture_that_is_white_on_black_is_turned_round() -> None:
    page = np.full((1600, 1200), 255, np.uint8)
    for top in range(200, 1400, 40):
        page[top : top + 3, 100:1100] = 0
        page[top + 10 : top + 30, 200:900:20] = 0
    coloured = np.dstack([page] * 3)
    for given in (page, coloured):
        assert positive(given) is given
        assert np.array_equal(positive(255 - given), given)
    lid = np.zeros((1600, 1200), np.uint8)
    lid[200:700, 200:800] = page[200:700, 200:800]
    assert positive(lid) is lid
    assert positive(np.zeros((1600, 1200), np.uint8)).max() == 0
