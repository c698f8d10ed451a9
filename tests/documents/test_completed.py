"""What one reading of a line left out: ink of which nothing was read asks for another, which may only add to it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from archive.documents.recognised import completed
from archive.documents.recognised.engine import Said
from archive.documents.recognised.ink import Ink, Piece, ink_of

_TYPE, _STEP, _LEFT = 24.0, 26, 100
Box = tuple[int, int, int, int]


def _page(*boxes: Box) -> Ink:
    """Black boxes (left, top, width, height) on white paper."""
    flat = np.full((80, 600), 255, np.uint8)
    for left, top, wide, high in boxes:
        cv2.rectangle(flat, (left, top), (left + wide - 1, top + high - 1), 10, -1)
    return ink_of(flat, np.zeros_like(flat), _TYPE)


def _characters(*places: int) -> list[Box]:
    return [(_LEFT + _STEP * at, 30, 22, 24) for at in places]


def _line(text: str, boxes: Sequence[Box], *places: int) -> Piece:
    """A line whose characters stand at the places, counted in steps from its left; ``boxes``: its ink."""
    glyphs = np.array(boxes, np.int32)
    right = int((glyphs[:, 0] + glyphs[:, 2]).max())
    middles = tuple((_STEP * at + 11) / (right - _LEFT) for at in places)
    said = Said(text, (0.9,) * len(text), middles)
    return Piece(-1, _LEFT, 30, right, 54, glyphs, said, confidence=0.9)


def _completed(monkeypatch: pytest.MonkeyPatch, ink: Ink, line: Piece, again: str) -> str:
    """What the line says at the end; ``again``: what it says when it is read once more."""
    monkeypatch.setattr(completed, "said", lambda crops: [Said(again, (0.9,) * len(again), ()) for _ in crops])
    completed.complete(ink, [line])
    return line.said.text


@pytest.mark.parametrize(
    ("again", "kept"),
    [("行政复议、诉讼", "行政复议、诉讼"), ("行政复义、诉讼", "行政复议诉讼"), ("行政复议诉讼", "行政复议诉讼")],
)
def test_a_mark_between_characters_that_was_not_read_is_added_and_nothing_else_changes(
    monkeypatch: pytest.MonkeyPatch, again: str, kept: str
) -> None:
    boxes = [*_characters(0, 1, 2, 3, 5, 6), (_LEFT + 4 * _STEP + 8, 40, 7, 7)]
    line = _line("行政复议诉讼", boxes, 0, 1, 2, 3, 5, 6)
    assert _completed(monkeypatch, _page(*boxes), line, again) == kept


def test_a_gap_without_ink_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = _characters(0, 1, 2, 3, 5, 6)
    line = _line("行政复议诉讼", boxes, 0, 1, 2, 3, 5, 6)
    assert _completed(monkeypatch, _page(*boxes), line, "行政复议、诉讼") == "行政复议诉讼"


@pytest.mark.parametrize(("again", "kept"), [("二、总体情况", "二、总体情况"), ("口总体情况", "总体情况")])
def test_the_number_before_a_heading_is_added_and_other_ink_is_not(
    monkeypatch: pytest.MonkeyPatch, again: str, kept: str
) -> None:
    boxes = _characters(0, 1, 2, 3)
    number = [(48, 32, 18, 2), (46, 50, 22, 2), (73, 46, 6, 6)]
    line = _line("总体情况", boxes, 0, 1, 2, 3)
    assert _completed(monkeypatch, _page(*number, *boxes), line, again) == kept
    assert line.x0 == (46 if again == kept else _LEFT)


def test_ink_that_another_line_holds_or_that_stands_far_away_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = _characters(0, 1, 2, 3)
    line = _line("总体情况", boxes, 0, 1, 2, 3)
    assert _completed(monkeypatch, _page((10, 32, 18, 20), *boxes), line, "二、总体情况") == "总体情况"
    number = (46, 32, 22, 20)
    other = Piece(-1, 46, 32, 68, 52, np.array([number], np.int32), Said("二、", (0.9,) * 2, (0.3, 0.8)))
    monkeypatch.setattr(completed, "said", lambda crops: [Said("二、总体情况", (0.9,) * 6, ()) for _ in crops])
    completed.complete(_page(number, *boxes), [line, other])
    assert line.said.text == "总体情况"
