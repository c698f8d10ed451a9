"""Edges of coloured rows that pass for dashes: where light rulings part them, nothing is darker than the rows are.

Evening out the paper leaves thin lines of grey along such an edge. In the picture as it was given a printed dash is
darker than what is above it and below it; an edge is as dark as one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from archive.documents.recognised.ink import Piece

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_DASHES = frozenset("-—")
_STRAY, _BESIDE = 2, 6  # pixels by which its place may be off; of what is looked at above and below
_DARKER = 15.0  # levels of grey by which a dash is darker than the darker of them


def without_edges(found: list[Piece], given: Callable[[tuple[slice, slice]], Grey]) -> list[Piece]:
    """The pieces without dashes outside of rulings that are no ink; ``given``: how a part of the page was given."""
    return [piece for piece in found if not (_is_loose_dash(piece) and _is_edge(piece, given))]


def _is_loose_dash(piece: Piece) -> bool:
    return piece.cell < 0 and piece.said.text.strip() in _DASHES


def _is_edge(piece: Piece, given: Callable[[tuple[slice, slice]], Grey]) -> bool:
    """Whether nothing in a dash's place is darker than what is above it, or than what is below."""
    around = _STRAY + _BESIDE
    if piece.y0 < around:
        return False
    part = given((slice(piece.y0 - around, piece.y1 + around), slice(piece.x0, piece.x1)))
    above, own, below = part[:_BESIDE], part[_BESIDE:-_BESIDE], part[-_BESIDE:]
    if not own.size:
        return False
    ground = min(float(np.median(above)), float(np.median(below)))
    return ground - float(own.mean(axis=1).min()) < _DARKER
