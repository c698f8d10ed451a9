"""Dashes too small or too thin for print: alike ones are marks, one alone is doubtful, and dust stays dust."""

from __future__ import annotations

import numpy as np

from archive.documents.ocr.cell_marks import find_mark
from archive.documents.ocr.engine import OcrResult
from archive.documents.ocr.page_ink import MARK, CellBox, Ink, TextLine, ink_of
from archive.documents.ocr.small_dashes import mark_dashes

SIZE = 33.0
WIDE, HIGH = 100, 54
Cell = tuple[int, int, int, int]


def _page(*cells: list[Cell]) -> tuple[Ink, list[CellBox]]:
    """One row of cells with black boxes (left, top, width, height within the cell) in each."""
    flat = np.full((HIGH, WIDE * len(cells)), 255, np.uint8)
    spots = []
    for at, boxes in enumerate(cells):
        spots.append(CellBox(at, (WIDE * at, 0, WIDE * at + WIDE, HIGH), (0, 0), (0, at)))
        for left, top, wide, high in boxes:
            flat[top : top + high, WIDE * at + left : WIDE * at + left + wide] = 20
    return ink_of(flat, np.zeros_like(flat), SIZE), spots


def _said(*cells: list[Cell]) -> dict[int, tuple[str, bool]]:
    """What is read in each cell that is not blank, and whether it is sure."""
    ink, spots = _page(*cells)
    found: list[TextLine] = []
    mark_dashes(ink, found, spots, ())
    return {piece.cell: (piece.result.text, piece.confidence >= 0.9) for piece in found}


def test_small_dashes_alike_are_marks_and_the_cell_between_them_is_blank() -> None:
    dash = [(80, 27, 7, 3)]
    assert _said(dash, dash, [], dash) == {0: ("-", True), 1: ("-", True), 3: ("-", True)}


def test_a_speck_right_above_a_dash_does_not_hide_it() -> None:
    dash, speck = (80, 27, 8, 3), (81, 23, 2, 2)
    assert _said([dash], [dash, speck], [], [dash]) == {0: ("-", True), 1: ("-", True), 3: ("-", True)}


def test_a_thin_dash_that_broke_into_dots_is_one() -> None:
    dots = [(40 + 4 * at, 27, 2, 1) for at in range(8)]
    assert _said(dots, dots, dots) == dict.fromkeys(range(3), ("—", True))


def test_one_alone_is_doubtful_whatever_it_is() -> None:
    assert _said([(45, 27, 11, 3)], [], []) == {0: ("-", False)}
    assert _said([(45, 27, 7, 4)], [], []) == {0: ("", False)}


def test_dust_rests_of_rulings_and_streaks_are_no_marks() -> None:
    assert not _said([(45, 27, 3, 3)], [(20, 10, 4, 4)], [(70, 40, 2, 2)])  # specks
    assert not _said(*[[(45, 15, 2, 24)]] * 3)  # uprights
    assert not _said(*[[(0, 27, 100, 2)]] * 3)  # through all cells
    assert not _said(*[[(45, 46, 9, 3)]] * 3)  # beside the lower ruling


def test_what_was_read_as_something_else_is_the_mark_that_others_like_it_are() -> None:
    dash = (80, 27, 7, 3)
    ink, spots = _page([dash], [dash], [dash])
    read = TextLine(0, 80, 27, 87, 30, np.array([dash], np.int32), OcrResult(MARK, (0.0,), (0.5,)))
    mark_dashes(ink, found := [read], spots, ())
    assert [(piece.cell, piece.result.text) for piece in found] == [(0, "-"), (1, "-"), (2, "-")]


def _mark(*boxes: Cell) -> str:
    ink, _ = _page(list(boxes))
    left, top, wide, high = (np.array(sides) for sides in zip(*boxes, strict=True))
    edges = (int(left.min()), int(top.min()), int((left + wide).max()), int((top + high).max()))
    return find_mark(ink, TextLine(0, *edges, np.array(boxes, np.int32), OcrResult("“", (0.5,), (0.5,))))


def test_short_level_strokes_in_a_row_are_dashes_whatever_they_were_read_as() -> None:
    assert _mark((40, 27, 16, 2)) == "-"
    assert _mark((40, 27, 7, 2), (49, 27, 7, 2)) == "--"
    assert _mark((40, 27, 7, 3), (49, 28, 7, 2), (58, 27, 7, 3)) == "---"


def test_strokes_over_each_other_points_and_what_stands_higher_are_no_dashes() -> None:
    assert not _mark((40, 22, 16, 2), (40, 32, 16, 2))  # =
    assert not _mark((40, 32, 3, 3), (47, 32, 3, 3), (54, 32, 3, 3))  # ...
    assert not _mark((40, 27, 7, 2), (52, 15, 4, 24))  # -1
    assert not _mark((40, 18, 7, 2), (49, 30, 7, 2))  # steps
