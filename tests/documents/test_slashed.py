"""Slashes told from the digit 1: thin ones by themselves, thick and broken ones by the others of their page."""

from __future__ import annotations

import cv2
import numpy as np

from archive.documents.recognised.engine import Said
from archive.documents.recognised.ink import Ink, Piece, ink_of
from archive.documents.recognised.slashed import is_slash, slant, thick_slashes

_WIDE, _HIGH, _TYPE = 60, 50, 24.0
Stroke = tuple[tuple[int, int], tuple[int, int], int]  # from, to, how thick

_ONE: list[Stroke] = [((30, 14), (30, 36), 3), ((24, 18), (30, 14), 2), ((25, 36), (35, 36), 2)]
_ITALIC: list[Stroke] = [((33, 14), (27, 36), 3), ((26, 18), (33, 14), 2), ((22, 36), (32, 36), 2)]
_THIN: list[Stroke] = [((35, 14), (26, 36), 2)]
_THICK: list[Stroke] = [((33, 14), (28, 36), 4)]


def _page(*cells: list[Stroke], read: str = "1") -> tuple[Ink, list[Piece]]:
    """A row of cells with strokes in each, all read as the same."""
    flat = np.full((_HIGH, _WIDE * len(cells)), 255, np.uint8)
    for at, strokes in enumerate(cells):
        for (x0, y0), (x1, y1), thick in strokes:
            cv2.line(flat, (_WIDE * at + x0, y0), (_WIDE * at + x1, y1), 10, thick)
    ink = ink_of(flat, np.zeros_like(flat), _TYPE)
    found = []
    for at in range(len(cells)):
        dark = np.uint8(flat[:, _WIDE * at : _WIDE * (at + 1)] < 165)
        boxes = cv2.connectedComponentsWithStats(np.asarray(dark, np.uint8), connectivity=8)[2][1:, :4].astype(np.int32)
        boxes[:, 0] += _WIDE * at
        left, top = boxes[:, :2].min(axis=0)
        right, bottom = (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
        found.append(Piece(at, int(left), int(top), int(right), int(bottom), boxes, Said(read, (0.99,), (0.5,))))
    return ink, found


def _thick(*cells: list[Stroke]) -> dict[int, float]:
    ink, found = _page(*cells)
    return thick_slashes(ink, found, range(len(found)))


def test_a_thin_stroke_that_leans_is_a_slash_and_a_one_is_none_even_an_italic_one() -> None:
    ink, found = _page(_THIN, _ONE, _ITALIC, _THICK)
    assert [is_slash(ink, piece) for piece in found] == [True, False, False, False]
    assert slant(ink, found[2]) > -0.6


def test_a_thick_one_is_told_by_those_alike_or_by_upright_figures_and_is_doubtful_alone() -> None:
    assert _thick(_THIN, _THIN, _THICK) == {2: 0.9}
    assert _thick(_ONE, _ONE, _THICK, _ITALIC) == {2: 0.9}
    assert _thick(_THICK) == {0: 0.6}


def test_a_speck_beside_a_slash_and_a_gap_in_it_change_nothing() -> None:
    speck: list[Stroke] = [((31, 41), (33, 41), 2)]
    broken: list[Stroke] = [((35, 14), (32, 22), 2), ((30, 27), (26, 36), 2)]
    ink, found = _page(_THIN + speck, broken)
    assert [is_slash(ink, piece) for piece in found] == [True, True]


def test_what_was_read_as_another_figure_is_left_alone() -> None:
    ink, found = _page(_THICK, _THIN, _THIN, read="7")
    assert thick_slashes(ink, found, range(3)) == {}
