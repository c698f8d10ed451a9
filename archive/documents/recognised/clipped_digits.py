"""Figures in rows lower than they are: what rulings cut is read, if at all, by what is left of it, and never sure."""

from __future__ import annotations

from collections.abc import Sequence

from archive.documents.recognised.ink import Piece
from archive.documents.recognised.lowered import LOW

_REACH = 3  # pixels from a ruling's middle: ink that reaches there is cut by it
_CUT = 0.6  # how sure a figure is that rulings cut


def doubt_cut(found: Sequence[Piece], cells: Sequence[tuple[int, int, int, int]], type_size: float) -> None:
    """What reaches the rulings above or below in a cell without room for it is not sure."""
    for piece in found:
        if piece.cell >= 0:
            _, top, _, bottom = cells[piece.cell]
            cut = piece.y0 - top <= _REACH or bottom - piece.y1 <= _REACH
            if cut and bottom - top <= LOW * type_size:
                piece.confidence = min(piece.confidence, _CUT)
