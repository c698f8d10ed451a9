"""Figures in a light grey in tables whose other print is dark."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from archive.documents.recognised.faded import darkened
from archive.documents.recognised.paper import Ring

CELLS = [(100, 100, 200, 140), (200, 100, 300, 140), (300, 100, 400, 140)]
SIZE = 20.0


def page(grey: int) -> np.ndarray:
    """Three cells: a dark figure, one in ``grey``, and paper with a speck."""
    flat = np.full((300, 500), 255, np.uint8)
    for x in range(100, 401, 100):
        flat[100:141, x - 1 : x + 1] = 0
    for x, ink in ((140, 0), (240, grey)):
        flat[110:130, x : x + 3] = flat[110:113, x : x + 12] = ink
    flat[120:122, 350:352] = 190
    return flat


@pytest.mark.parametrize("grey", [140, 160, 184, 200])
def test_a_pale_figure_is_darkened_and_told(grey: int) -> None:
    flat = page(grey)
    done, told = darkened(flat, CELLS, SIZE, [])
    assert told == {1}
    assert done[110:130, 240:243].max() < 60
    assert np.array_equal(done[:, :200], flat[:, :200])
    assert np.array_equal(done[:, 300:], flat[:, 300:])


def test_print_paper_and_the_rest_of_a_seal_stay_as_they_are() -> None:
    for flat, stamps in (page(100), []), (page(225), []), (page(180), [Ring(250.0, 120.0, 90.0)]):
        done, told = darkened(flat, CELLS, SIZE, stamps)
        assert done is flat
        assert not told


def test_grain_and_what_is_higher_than_a_figure_are_no_print() -> None:
    grain = page(255)
    grain[106:134:3, 206:294:4] = 180
    high = page(255)
    cv2.line(high, (206, 137), (294, 103), 180, 3)
    for flat in (grain, high):
        assert darkened(flat, CELLS, SIZE, [])[0] is flat


def test_a_pale_figure_whose_thin_strokes_are_broken_is_no_blank() -> None:
    flat = page(255)
    for left, top, wide, high in ((246, 111, 7, 4), (245, 115, 1, 6), (253, 116, 1, 4), (246, 122, 5, 3)):
        flat[top : top + high, left : left + wide] = 171
    done, told = darkened(flat, CELLS, SIZE, [])
    assert told == {1}
    assert done[111:115, 246:253].max() < 60
    apart = page(255)
    for left, top in ((210, 108), (230, 128), (252, 110), (280, 130)):
        apart[top : top + 4, left : left + 4] = 171
    assert darkened(apart, CELLS, SIZE, [])[0] is apart
