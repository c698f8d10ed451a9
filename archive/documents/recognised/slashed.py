"""Slashes, which fill cells that hold nothing, told from the digit 1 by how their ink leans.

A thin slash leans as no digit does. A thick one, or one that broke in two, is told by the others of its page: a page
filled with slashes has many alike, and one printed in upright figures has no leaning 1.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from archive.documents.recognised.ink import Ink, Piece

_DARK = 165
_SLANT = -0.84  # how strictly the ink of a slash runs from the lower left to the upper right; thick ones less
_LEANING = -0.72  # the same of what may be a thick one; an italic 1 comes to -0.47
_UPRIGHT = -0.35  # of a digit 1 that does not lean
_NARROW = 0.22, 0.75  # width as a share of the height
_LEAST = 8  # pixels of height
_SPECK = 0.3  # of the longest side: what is smaller beside a stroke is dust
_AS_HIGH = 0.2  # by which share heights of those alike differ
_OTHERS = 2  # so many alike, or so many upright figures, tell
_SURE, _FAINT = 0.90, 0.6  # how sure a slash is that others are like; one that no other is like
_ONES = frozenset("1lI|!丨/")


def is_slash(ink: Ink, piece: Piece) -> bool:
    """Whether a piece is a slash by itself."""
    return slant(ink, piece) < _SLANT


def leans(ink: Ink, box: tuple[int, int, int, int]) -> bool:
    """Whether the ink in a box (left, top, right, bottom) leans as a slash does, a thick one too, and no 1."""
    left, top, right, bottom = box
    return right - left <= _NARROW[1] * (bottom - top) and _slant(ink, box) < _LEANING


def slant(ink: Ink, piece: Piece) -> float:
    """How a narrow stroke leans, from -1 (as a slash) to 1; 0 for what is no narrow stroke of one piece or two."""
    sides = piece.glyphs[:, 2:].max(axis=1)
    glyphs = piece.glyphs[sides >= _SPECK * sides.max()]
    if len(glyphs) > 2:
        return 0.0
    left, top = (int(v) for v in glyphs[:, :2].min(axis=0))
    right, bottom = (int(v) for v in (glyphs[:, :2] + glyphs[:, 2:]).max(axis=0))
    if len(glyphs) > 1 and right - left > _NARROW[1] * (bottom - top):
        return 0.0
    return _slant(ink, (left, top, right, bottom))


def _slant(ink: Ink, box: tuple[int, int, int, int]) -> float:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if height < _LEAST or width < _NARROW[0] * height:
        return 0.0
    ys, xs = np.nonzero(ink.flat[top:bottom, left:right] < _DARK)
    return float(np.corrcoef(xs, ys)[0, 1]) if len(xs) > _LEAST and np.ptp(xs) and np.ptp(ys) else 0.0


def thick_slashes(ink: Ink, found: Sequence[Piece], alone: Collection[int]) -> dict[int, float]:
    """Of the pieces ``alone`` in their cells those read as 1 that are slashes, and how sure each is."""
    strokes = {at: slant(ink, found[at]) for at in alone if found[at].said.text.strip() in _ONES}
    heights = [_height(found[at]) for at, leaning in strokes.items() if leaning < _SLANT]
    upright = sum(leaning > _UPRIGHT and leaning != 0.0 for leaning in strokes.values())
    done: dict[int, float] = {}
    for at, leaning in strokes.items():
        if not _SLANT <= leaning < _LEANING:
            continue
        high = _height(found[at])
        alike = sum(abs(high - other) <= _AS_HIGH * high for other in heights)
        done[at] = _SURE if max(alike, upright) >= _OTHERS else _FAINT
    return done


def _height(piece: Piece) -> int:
    return piece.y1 - piece.y0
