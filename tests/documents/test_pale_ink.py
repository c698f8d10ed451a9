"""Figures in a light grey in tables whose other print is dark."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from archive.documents.ocr.cell_ink import doubt_pale_ink
from archive.documents.ocr.page_ink import CellBox, Ink, TextLine
from archive.documents.ocr.seals import Seal
from archive.documents.pages import UNREAD

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


def blank_cells(flat: np.ndarray, seals: Sequence[Seal] = ()) -> dict[int, str]:
    """What is said of the cells, in none of which anything was found."""
    found: list[TextLine] = []
    cells = [CellBox(number, box, (0, 0), (0, number)) for number, box in enumerate(CELLS)]
    doubt_pale_ink(Ink(flat, np.zeros((0, 5), np.int32), SIZE), flat, found, cells, seals)
    return {line.cell: line.result.text for line in found}


@pytest.mark.parametrize("grey", [140, 160, 184, 200])
def test_a_cell_with_a_pale_figure_is_unread_and_no_blank(grey: int) -> None:
    assert blank_cells(page(grey)) == {1: UNREAD}


def test_a_figure_of_which_some_is_pale_is_doubted() -> None:
    flat = page(160)
    line = TextLine(1, 240, 110, 243, 130, np.array([[240, 110, 3, 20]], np.int32), confidence=0.99)
    cells = [CellBox(1, CELLS[1], (0, 0), (0, 1))]
    found = [line]
    doubt_pale_ink(Ink(flat, np.zeros((0, 5), np.int32), SIZE), flat, found, cells, [])
    assert [one.confidence < 0.9 for one in found] == [True]


def test_print_paper_and_the_rest_of_a_seal_say_nothing() -> None:
    for flat, seals in (page(100), []), (page(225), []), (page(180), [Seal(250.0, 120.0, 90.0)]):
        assert blank_cells(flat, seals) == {}


def test_grain_and_what_is_higher_than_a_figure_are_no_print() -> None:
    grain = page(255)
    grain[106:134:3, 206:294:4] = 180
    high = page(255)
    cv2.line(high, (206, 137), (294, 103), 180, 3)
    for flat in (grain, high):
        assert blank_cells(flat) == {}


def test_a_pale_figure_whose_thin_strokes_are_broken_is_no_blank() -> None:
    flat = page(255)
    for left, top, wide, high in ((246, 111, 7, 4), (245, 115, 1, 6), (253, 116, 1, 4), (246, 122, 5, 3)):
        flat[top : top + high, left : left + wide] = 171
    assert blank_cells(flat) == {1: UNREAD}
    apart = page(255)
    for left, top in ((210, 108), (230, 128), (252, 110), (280, 130)):
        apart[top : top + 4, left : left + 4] = 171
    assert blank_cells(apart) == {}
