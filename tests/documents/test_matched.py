"""Digits told by equal shapes and their holes, type in steps, lines set so tight that they touch."""

from __future__ import annotations

import numpy as np
import pytest

from archive.documents.recognised.engine import Found, Said
from archive.documents.recognised.ink import Ink, Piece, crop, pieces
from archive.documents.recognised.matched import settle_alike
from archive.documents.recognised.stepped import is_stepped, smoothed

_DRAWN = {  # 5 × 7, as screens draw them
    "3": (".###.", "#...#", "....#", "..##.", "....#", "#...#", ".###."),
    "5": ("#####", "#....", "####.", "....#", "....#", "#...#", ".###."),
    "6": (".###.", "#....", "#....", "####.", "#...#", "#...#", ".###."),
    "8": (".###.", "#...#", "#...#", ".###.", "#...#", "#...#", ".###."),
}
_TIMES = 4


def page(drawn: list[str], read: list[str], sure: float = 0.8) -> tuple[Ink, list[Piece]]:
    """Figures below each other, each in a cell of its own, as recognition read them."""
    flat = np.full((60 * len(drawn), 160), 255, np.uint8)
    found = []
    for row, (figure, text) in enumerate(zip(drawn, read, strict=True)):
        boxes = []
        for at, digit in enumerate(figure):
            shape = np.array([[c == "#" for c in line] for line in _DRAWN[digit]]).repeat(_TIMES, 0).repeat(_TIMES, 1)
            top, left = 60 * row + 10, 10 + 24 * at
            flat[top : top + 28, left : left + 20][shape] = 0
            boxes.append((left, top, 20, 28))
        glyphs = np.array(boxes, np.int32)
        said = Said(text, (sure,) * len(text), tuple((i + 0.5) / len(text) for i in range(len(text))))
        right = boxes[-1][0] + 20
        found.append(Piece(row, 10, 60 * row + 10, right, 60 * row + 38, glyphs, said, confidence=sure))
    return Ink(flat, np.zeros((0, 5), np.int32), 28.0), found


def settled(drawn: list[str], read: list[str], sure: float = 0.8) -> list[str]:
    ink, found = page(drawn, read, sure)
    settle_alike(ink, found, ink.flat, range(len(found)))
    return [piece.said.text for piece in found]


@pytest.mark.parametrize(
    ("drawn", "read", "sure", "told"),
    [
        (["3", "33", "3", "63"], ["3", "33", "3", "68"], 1.0, ["3", "33", "3", "63"]),  # the many outvote the few
        (["6", "66", "5"], ["6", "55", "5"], 0.8, ["6", "66", "5"]),  # a low hole is a 6's
        (["8", "88", "6"], ["6", "66", "6"], 0.8, ["8", "88", "6"]),  # two holes
        (["5", "5"], ["5", "5"], 0.8, ["5", "5"]),
        (["36", "6", "3"], ["6", "6", "3"], 0.8, ["36", "6", "3"]),  # a digit was passed over
        (["6", "3", "3"], ["5", "3", "3"], 0.8, ["5", "3", "3"]),  # a hole that is seen once may be a speck
    ],
)
def test_equal_shapes_are_one_digit(drawn: list[str], read: list[str], sure: float, told: list[str]) -> None:
    assert settled(drawn, read, sure) == told


def test_what_shapes_changed_is_doubted_and_keeps_what_was_read() -> None:
    ink, found = page(["3", "33", "3", "3"], ["3", "33", "3", "8"], 1.0)
    settle_alike(ink, found, ink.flat, range(4))
    assert (found[3].said.text, found[3].also, found[3].confidence) == ("3", ["8"], 0.6)
    assert [piece.confidence for piece in found[:3]] == [1.0, 1.0, 1.0]


def test_a_point_or_sign_that_was_read_stays_though_its_ink_is_no_glyph() -> None:
    ink, found = page(["36", "36", "63", "3"], ["3.6", "-36", "63", "3"], 1.0)
    settle_alike(ink, found, ink.flat, range(4))
    assert [(piece.said.text, piece.confidence) for piece in found] == [("3.6", 1), ("-36", 1), ("63", 1), ("3", 1)]


def test_a_shape_that_nothing_tells_is_doubted() -> None:
    ink, found = page(["5", "5", "6"], ["6", "5", "6"])
    settle_alike(ink, found, ink.flat, range(3))
    assert [(piece.said.text, piece.confidence) for piece in found] == [("6", 0.4), ("5", 0.4), ("6", 0.8)]


def test_type_in_steps_is_told_by_its_lack_of_grey_and_smoothed() -> None:
    ink, _ = page(["36"], ["36"])
    assert is_stepped(ink.flat)
    large = smoothed(ink.flat, 2)
    assert large.shape == (120, 320)
    assert not is_stepped(large)
    assert not is_stepped(np.full((9, 9), 255, np.uint8))


def test_lines_whose_characters_touch_are_read_one_by_one() -> None:
    flat = np.full((80, 300), 255, np.uint8)
    for top in (10, 40):
        for left in range(10, 250, 30):
            flat[top : top + 28, left : left + 24] = 0
    flat[38:40, 100:124] = 0  # one hangs on the one below
    parts = [(left, top, 24, 28, 672) for top in (10, 40) for left in range(10, 250, 30) if left != 100]
    ink = Ink(flat, np.array([*parts, (100, 10, 24, 58, 1400)], np.int32), 28.0)
    lines = [Found(8, 8, 252, 39, 1.0), Found(8, 39, 252, 70, 1.0)]
    found = pieces(ink, [(0, 0, 300, 80)], lines)
    assert [(piece.y0, piece.y1) for piece in found] == [(10, 38), (39, 68)]


def test_a_low_line_is_squeezed_as_high_as_it_is_read() -> None:
    ink, found = page(["33"], ["33"])
    small = Ink(ink.flat[::2, ::2], ink.parts, 14.0)
    piece = Piece(0, 5, 5, 27, 19, found[0].glyphs // 2)
    high, wide = crop(small, piece).shape
    assert crop(small, piece, squeeze=0.5).shape == (48, round(wide * 0.5 * 48 / high))
