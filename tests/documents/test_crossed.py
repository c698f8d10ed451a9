"""A slash or a dash read where coloured ink is: no mark that is surely printed."""

from __future__ import annotations

import numpy as np
import pytest

from archive.documents.recognised.crossed import doubt_crossed
from archive.documents.recognised.engine import Said
from archive.documents.recognised.ink import Piece

BLACK, BLUE, RED, PALE = (0, 0, 0), (40, 60, 170), (205, 25, 30), (222, 235, 247)


def read(cell: int, text: str, x: int, picture: np.ndarray, colour: tuple[int, int, int]) -> Piece:
    """A text in a cell, drawn as a block of its colour."""
    picture[20:40, x : x + 14] = colour
    box = np.array([[x, 20, 14, 20]], np.int32)
    return Piece(cell, x, 20, x + 14, 40, box, Said(text, (0.95,), (0.5,)), [], 0.95)


@pytest.mark.parametrize(
    ("mark", "colour", "figures", "doubted"),
    [
        ("/", BLUE, BLACK, True),
        ("—", RED, BLACK, True),
        ("|", BLUE, BLACK, True),
        ("/", BLACK, BLACK, False),
        ("/", BLUE, BLUE, False),  # all the table is printed so
        ("7", BLUE, BLACK, False),
    ],
)
def test_a_mark_in_another_colour_than_the_figures_is_doubted(
    mark: str, colour: tuple[int, int, int], figures: tuple[int, int, int], *, doubted: bool
) -> None:
    picture = np.full((60, 400, 3), PALE, np.uint8)
    found = [read(at, "8", 30 * at + 10, picture, figures) for at in range(8)]
    found.append(read(8, mark, 300, picture, colour))
    doubt_crossed(found, picture, np.eye(3))
    assert [piece.confidence < 0.9 for piece in found] == [False] * 8 + [doubted]


def test_the_place_is_looked_up_in_the_picture_as_it_was_given() -> None:
    picture = np.full((60, 400, 3), 255, np.uint8)
    found = [read(0, "8", 10, picture, BLACK), read(1, "/", 300, picture, BLUE)]
    larger = np.repeat(np.repeat(picture, 2, axis=0), 2, axis=1)
    doubt_crossed(found, larger, np.diag([2.0, 2.0, 1.0]))
    assert [piece.confidence for piece in found] == [0.95, 0.5]


def test_a_grey_picture_and_what_stands_in_no_cell_tell_nothing() -> None:
    picture = np.full((60, 400, 3), 255, np.uint8)
    outside = read(-1, "—", 100, picture, BLUE)
    inside = read(0, "—", 200, picture, BLUE)
    doubt_crossed([outside], picture, np.eye(3))
    doubt_crossed([inside], picture[..., 0], np.eye(3))
    assert (outside.confidence, inside.confidence) == (0.95, 0.95)
