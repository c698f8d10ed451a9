"""Cells that are blank without the coloured ink that was lifted with a seal: that ink may have been a figure.

What stands by itself within a cell, as high as the page's figures and at the height of its row, is not read, but it is
no blank either. A seal's rim runs over the edges of cells, and its letters are larger than print.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from archive.documents.pages import UNREAD
from archive.documents.recognised import digits
from archive.documents.recognised.components import components
from archive.documents.recognised.engine import Said
from archive.documents.recognised.ink import Piece
from archive.documents.recognised.stained import Box, Spot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.uint8]

_EDGE = 3  # pixels of a cell's edges that are its rulings'
_HIGH = 0.7  # type heights of a digit, where no figure of the page tells it
_LIKE = 0.75, 1.3  # heights of a digit: ink of that size may be a figure
_GAP = 0.4  # of it: gaps between the digits of a figure
_NARROW = 0.15  # of it: a digit is no narrower
_MUCH = 0.3  # of the ink that was lifted from a cell: so much a figure is
_LEVEL = 0.5  # of it: by so much a figure is off the middle of its row's


def unread_lifted(found: Sequence[Piece], spots: Sequence[Spot], lifted: Mask, type_size: float) -> list[Piece]:
    """A piece that says nothing for each cell without any where a figure may have been lifted.

    ``lifted``: 1 where ink was, in pixels of the page.
    """
    held = {piece.cell: piece for piece in found}
    rows: dict[tuple[int, int], list[float]] = {}
    highs = []
    for spot in spots:
        piece = held.get(spot.number)
        if piece is not None and digits.plain_figure(piece.said.text):
            highs.append(piece.y1 - piece.y0)
            rows.setdefault(spot.row, []).append((piece.y0 + piece.y1) / 2)
    high = float(np.median(highs)) if highs else _HIGH * type_size
    done = []
    for spot in spots:
        if spot.number not in held:
            level = float(np.median(rows.get(spot.row, [(spot.box[1] + spot.box[3]) / 2])))
            box = _figure(lifted, spot.box, high, level)
            if box is not None:
                glyphs = np.array([[box[0], box[1], box[2] - box[0], box[3] - box[1]]], np.int32)
                done.append(Piece(spot.number, *box, glyphs, Said(UNREAD, (0.0,), (0.5,))))
    return done


def _figure(lifted: Mask, cell: Box, high: float, level: float) -> Box | None:
    """The box of what may be a figure in a cell; None if nothing is like one."""
    left, top = cell[0] + _EDGE, cell[1] + _EDGE
    part = lifted[top : cell[3] - _EDGE, left : cell[2] - _EDGE]
    if not part.size or not part.any():
        return None
    gap = max(1, round(_GAP * high))
    # with paper around, or closing would join what is near to the edges with them
    joined = cv2.morphologyEx(np.pad(part, gap), cv2.MORPH_CLOSE, np.ones((3, gap), np.uint8))
    shapes = components(np.asarray(joined[gap:-gap, gap:-gap], np.uint8)).stats
    least = _MUCH * int(part.sum())
    for x, y, wide, tall, _ in shapes.tolist():
        within = x > 0 and y > 0 and x + wide < part.shape[1] and y + tall < part.shape[0]
        like = _LIKE[0] * high <= tall <= _LIKE[1] * high and wide >= _NARROW * high
        much = int(part[y : y + tall, x : x + wide].sum()) >= least  # many crumbs are those of a seal printed faintly
        if within and like and much and abs(top + y + tall / 2 - level) <= _LEVEL * high:
            return left + x, top + y, left + x + wide, top + y + tall
    return None
