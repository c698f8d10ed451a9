"""Marks read where ink of another colour is: a stamp's letters or a pen, and no slash or dash that was printed.

What they run across is hidden, so that nobody knows what the cell holds. On pages whose figures are printed in colour
it tells nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from archive.documents.recognised import digits
from archive.documents.recognised.ink import Piece
from archive.documents.recognised.slashed import STROKES
from archive.documents.recognised.straight import moved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.documents.recognised.straight import Matrix

_MARKS = frozenset("-—") | STROKES
_DARK = 165  # ink is darker than this on white paper
_COLOURED = 50  # by how much the channels of a colour differ; those of black print in a photograph less
_MUCH = 0.2  # share of a mark's ink that is of another colour
_MOST = 40  # figures that tell in which colour a page is printed
_DOUBTED = 0.5  # how sure such a mark can be


def doubt_crossed(found: Sequence[Piece], picture: NDArray[np.uint8], there: Matrix) -> None:
    """Doubt the marks in cells whose ink is coloured; ``there`` leads from the page to the picture as it was given."""
    marks = [piece for piece in found if piece.cell >= 0 and _MARKS.issuperset(piece.said.text.strip() or "0")]
    crossed = [piece for piece in marks if _coloured(piece, picture, there) >= _MUCH] if picture.ndim > 2 else []
    if not crossed:
        return
    figures = [piece for piece in found if piece.cell >= 0 and digits.plain_figure(piece.said.text)]
    some = figures[:: max(1, len(figures) // _MOST)]
    if sum(_coloured(piece, picture, there) >= _MUCH for piece in some) * 2 > len(some):
        return
    for piece in crossed:
        piece.confidence = min(piece.confidence, _DOUBTED)


def _coloured(piece: Piece, picture: NDArray[np.uint8], there: Matrix) -> float:
    """The share of the ink in a piece's box that is of a colour."""
    corners = [(piece.x0, piece.y0), (piece.x1, piece.y0), (piece.x0, piece.y1), (piece.x1, piece.y1)]
    points = np.array(moved(corners, there))
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    part = picture[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1, :3].astype(np.int16)
    if not part.size:
        return 0.0
    inked = part.mean(axis=2) < _DARK
    coloured = part.max(axis=2) - part.min(axis=2) > _COLOURED
    return float((inked & coloured).sum()) / max(int(inked.sum()), 1)
