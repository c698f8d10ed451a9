"""Edges between coloured rows: no dashes, however thin dashes are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from archive.documents.recognised.edged import without_edges
from archive.documents.recognised.engine import Said
from archive.documents.recognised.ink import Piece


def striped() -> np.ndarray:
    """Rows in two greys, with white rulings between them, blurred as cameras do."""
    page = np.full((400, 300), 255, np.uint8)
    for row in range(10):
        page[40 * row : 40 * row + 37] = (231, 204)[row % 2]
    return np.asarray(cv2.GaussianBlur(page, (0, 0), 0.8), np.uint8)


def dash(cell: int, y: int, text: str = "-") -> Piece:
    box = np.array([[100, y, 20, 1]], np.int32)
    return Piece(cell, 100, y, 120, y + 1, box, Said(text, (0.9,), (0.5,)), [], 0.9)


@pytest.mark.parametrize("y", [77, 80, 117, 120, 197])
def test_an_edge_between_rows_is_no_dash(y: int) -> None:
    page = striped()
    assert without_edges([dash(-1, y)], lambda part: page[part]) == []


@pytest.mark.parametrize(("y", "light"), [(60, 0), (60, 150), (98, 0), (98, 170)])
def test_a_printed_dash_is_one_however_faint(y: int, light: int) -> None:
    page = striped()
    page[y : y + 1, 100:120] = light
    found = [dash(-1, y), dash(-1, y, "—")]
    assert without_edges(found, lambda part: page[part]) == found


def test_what_stands_in_a_cell_or_is_no_dash_is_left() -> None:
    page = striped()
    found = [dash(3, 80), dash(-1, 80, "1"), dash(-1, 2)]
    assert without_edges(found, lambda part: page[part]) == found
