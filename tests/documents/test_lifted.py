"""Red ink that was lifted with a seal from cells without anything else."""

from __future__ import annotations

import cv2
import numpy as np

from archive.documents.pages import UNREAD
from archive.documents.recognised.engine import Said
from archive.documents.recognised.ink import Piece
from archive.documents.recognised.lifted import unread_lifted
from archive.documents.recognised.stained import Spot


def test_where_ink_like_a_figure_was_lifted_a_blank_cell_is_unread_and_a_rim_leaves_it_blank() -> None:
    cells = [(0, 0, 200, 60), (200, 0, 400, 60), (400, 0, 600, 60)]
    lifted = np.zeros((60, 600), np.uint8)
    cv2.putText(lifted, "38", (265, 43), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 1, 2)
    cv2.circle(lifted, (500, 30), 70, 1, 4)  # over the edges of the third cell
    cv2.circle(lifted, (500, 30), 20, 1, -1)
    box = np.array([[60, 22, 50, 21]], np.int32)
    read = Piece(0, 60, 22, 110, 43, box, Said("305", (0.99,) * 3, (0.2, 0.5, 0.8)), [], 0.99)
    spots = [Spot(number, box, (0, 0), (0, box[0])) for number, box in enumerate(cells)]
    told = unread_lifted([read], spots, lifted, 30.0)
    assert [(piece.cell, piece.said.text, piece.confidence) for piece in told] == [(1, UNREAD, 0.0)]
