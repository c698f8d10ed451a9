"""Figures with a stroke through them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from archive.documents.ocr.cell_marks import is_struck_through


def figure(text: str, stroke: float | None) -> np.ndarray:
    """The box of a figure, some twenty pixels high, with a stroke at this share of its height."""
    flat = np.full((80, 300), 255, np.uint8)
    cv2.putText(flat, text, (50, 50), cv2.FONT_HERSHEY_SIMPLEX, 0.95, 0, 2)
    rows, columns = (np.flatnonzero((flat < 165).any(axis=axis)) for axis in (1, 0))
    line = flat[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
    if stroke is not None:
        line[round(stroke * len(line))] = 0
    return line


@pytest.mark.parametrize(
    ("text", "stroke"), [("71", 0.45), ("71", 0.7), ("139081711", 0.57), ("139081711", 0.7), ("4444", 0.45)]
)
def test_a_stroke_through_a_figure_is_told(text: str, stroke: float) -> None:
    assert is_struck_through(figure(text, stroke), text)


@pytest.mark.parametrize("text", ["71", "4444", "2222", "1.47", "1777"])
def test_a_figure_without_one_is_none(text: str) -> None:
    assert not is_struck_through(figure(text, None), text)


@pytest.mark.parametrize("high", [0, 1, 9, 10, 11, 12, 15])
def test_low_figures_are_asked_too(high: int) -> None:
    assert not is_struck_through(np.full((high, 40), 255, np.uint8), "1711")
