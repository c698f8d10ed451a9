"""Slashes and bars told from the digit 1: thin slashes by themselves, the others by what else their page prints."""

from __future__ import annotations

import cv2
import numpy as np

from archive.documents.ocr.cell_marks import find_slash, find_stroke_marks, slant
from archive.documents.ocr.engine import OcrResult
from archive.documents.ocr.page_ink import Ink, TextLine, ink_of

_WIDE, _HIGH, _TYPE = 60, 50, 24.0
Stroke = tuple[tuple[int, int], tuple[int, int], int]  # from, to, how thick

_ONE: list[Stroke] = [((30, 14), (30, 36), 3), ((24, 18), (30, 14), 2), ((25, 36), (35, 36), 2)]
_ITALIC: list[Stroke] = [((33, 14), (27, 36), 3), ((26, 18), (33, 14), 2), ((22, 36), (32, 36), 2)]
_THIN: list[Stroke] = [((35, 14), (26, 36), 2)]
_THICK: list[Stroke] = [((33, 14), (28, 36), 4)]
_BACK: list[Stroke] = [((26, 14), (35, 36), 2)]
_THICK_BACK: list[Stroke] = [((28, 14), (33, 36), 4)]
_FLAGGED: list[Stroke] = [((30, 14), (30, 36), 2), ((25, 19), (30, 14), 2)]
_BARE: list[Stroke] = [((30, 14), (30, 36), 2)]
_BAR: list[Stroke] = [((30, 10), (30, 40), 2)]


def _page(*cells: list[Stroke], read: str = "1") -> tuple[Ink, list[TextLine]]:
    """A row of cells with strokes in each, all read as the same."""
    flat = np.full((_HIGH, _WIDE * len(cells)), 255, np.uint8)
    for at, cell in enumerate(cells):
        for (x0, y0), (x1, y1), thick in cell:
            cv2.line(flat, (_WIDE * at + x0, y0), (_WIDE * at + x1, y1), 10, thick)
    ink = ink_of(flat, np.zeros_like(flat), _TYPE)
    found = []
    for at in range(len(cells)):
        dark = np.uint8(flat[:, _WIDE * at : _WIDE * (at + 1)] < 165)
        boxes = cv2.connectedComponentsWithStats(np.asarray(dark, np.uint8), connectivity=8)[2][1:, :4].astype(np.int32)
        boxes[:, 0] += _WIDE * at
        left, top = boxes[:, :2].min(axis=0)
        right, bottom = (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
        found.append(
            TextLine(at, int(left), int(top), int(right), int(bottom), boxes, OcrResult(read, (0.99,), (0.5,)))
        )
    return ink, found


def _told(*cells: list[Stroke], read: str = "1") -> dict[int, tuple[str, float]]:
    ink, found = _page(*cells, read=read)
    figures = [at for at in range(len(found)) if read]
    return {at: tuple(told) for at, told in find_stroke_marks(ink, found, range(len(found)), figures).items()}


def test_a_thin_stroke_that_leans_is_a_slash_and_a_one_is_none_even_an_italic_one() -> None:
    ink, found = _page(_THIN, _ONE, _ITALIC, _THICK)
    assert [find_slash(ink, piece) for piece in found] == ["/", "", "", ""]
    assert slant(ink, found[2]) > -0.6


def test_a_stroke_that_leans_to_the_left_is_a_backslash_and_a_flag_does_not_make_a_one_lean() -> None:
    ink, found = _page(_BACK, _FLAGGED, _THICK_BACK)
    assert [find_slash(ink, piece) for piece in found] == ["\\", "", ""]


def test_a_thick_one_is_told_by_those_alike_or_by_upright_figures_and_is_doubtful_alone() -> None:
    assert _told(_THIN, _THIN, _THICK) == {2: ("/", 0.9)}
    assert _told(_ONE, _ONE, _THICK, _ITALIC) == {2: ("/", 0.9)}
    assert _told(_THICK) == {0: ("/", 0.6)}
    assert _told(_BACK, _BACK, _THICK_BACK) == {2: ("\\", 0.9)}
    assert _told(_THICK_BACK) == {0: ("\\", 0.6)}
    assert _told(_THIN, _THIN, _THICK_BACK) == {2: ("\\", 0.6)}  # slashes to the other side are not like it


def test_an_upright_stroke_higher_than_the_figures_is_a_bar() -> None:
    assert _told(_FLAGGED, _FLAGGED, _FLAGGED, _BAR, _BAR) == {3: ("|", 0.9), 4: ("|", 0.9)}
    assert _told(_FLAGGED, _FLAGGED, _FLAGGED, _BAR) == {3: ("|", 0.6)}
    assert _told(_BAR, _BAR) == {}  # nothing says how high figures are


def test_a_one_without_flag_and_foot_is_doubted_where_others_have_them() -> None:
    assert _told(_FLAGGED, _FLAGGED, _FLAGGED, _BARE) == {3: ("1", 0.6)}
    assert _told(_BARE, _BARE, _BARE, _FLAGGED) == {}  # handwriting: hardly one has a flag


def test_a_speck_beside_a_slash_and_a_gap_in_it_change_nothing() -> None:
    speck: list[Stroke] = [((31, 41), (33, 41), 2)]
    broken: list[Stroke] = [((35, 14), (32, 22), 2), ((30, 27), (26, 36), 2)]
    ink, found = _page(_THIN + speck, broken)
    assert [find_slash(ink, piece) for piece in found] == ["/", "/"]


def test_what_was_read_as_another_figure_is_left_alone() -> None:
    assert _told(_THICK, _THIN, _THIN, read="7") == {}
