"""The ink of a page without its rulings: which of it is print, and the values that hold it (cells, lines of print)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

import cv2
import numpy as np

from archive.documents.ocr.components import components
from archive.documents.ocr.engine import OcrResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

MARK = "□"  #: stands for ink that no reading made anything of
_DARK = 165  # print is darker than this on white paper
_MOST = 60_000  # components of ink looked at; more is no page of text
_SMALL = 0.26  # of the type's height: what is smaller in both directions is dirt or a point
_INKED = 0.012  # of the square of it: less ink is none
_NEAR, _CRUMBS = 0.1, 12  # type heights between the crumbs of a broken digit; more crumbs are dirt
_THROUGH = 0.85  # of a cell's height: ink so high stands in no line of it


Box = tuple[int, int, int, int]  #: left, top, right, bottom in pixels


class CellBox(NamedTuple):
    """A cell that may hold a figure: its number, its box in pixels, which row and which column of which grid it is."""

    number: int
    box: Box
    row: tuple[int, int]
    column: tuple[int, int]


@dataclass(slots=True)
class TextLine:
    """A line within one cell (``cell`` its number), or outside of tables (-1). Its box is tight, in pixels.

    ``digits``: how surely a figure was read that is doubted for its place, or for ink beside it; 0 for all others.
    """

    cell: int
    x0: int
    y0: int
    x1: int
    y1: int
    glyphs: NDArray[np.int32]  # boxes of its connected ink as left, top, width, height; from left to right
    result: OcrResult = field(default_factory=lambda: OcrResult("", (), ()))
    also: list[str] = field(default_factory=list)
    confidence: float = 0.0
    digits: float = 0.0


@dataclass(slots=True)
class Ink:
    """The print of a page: ``flat`` without rulings, boxes of connected ink (left, top, width, height, area)."""

    flat: Grey
    parts: NDArray[np.int32]
    type_size: float


def ink_of(flat: Grey, rulings: NDArray[np.uint8], type_size: float) -> Ink:
    """The print of a page without its rulings."""
    wide = cv2.dilate(rulings, np.ones((3, 3), np.uint8))
    clear = cast("Grey", np.where(wide > 0, np.uint8(255), flat))
    parts = components((clear < _DARK).view(np.uint8)).stats
    return Ink(clear, parts[: _MOST - 1], type_size)


def counts(parts: NDArray[np.int32], size: float) -> NDArray[np.bool_]:
    """Which ink is print and no dirt: large enough, or a dash."""
    width, height = parts[:, 2], parts[:, 3]
    dash = (width >= max(5.0, 0.2 * size)) & (height <= 0.45 * width)
    large = np.maximum(width, height) >= _SMALL * size
    return np.asarray((large | dash) & (parts[:, 4] >= _INKED * size * size), dtype=bool)


def join_crumbs(parts: NDArray[np.int32], size: float) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Crumbs of ink, none of them print by itself: those near each other made one, and which of these are print.

    A digit of small type may be broken into several.
    """
    if not 2 <= len(parts) <= _CRUMBS:
        return parts, np.zeros(len(parts), bool)
    x0, y0 = parts[:, 0], parts[:, 1]
    x1, y1 = x0 + parts[:, 2], y0 + parts[:, 3]
    across = np.maximum(x0[:, None] - x1[None], x0[None] - x1[:, None])
    down = np.maximum(y0[:, None] - y1[None], y0[None] - y1[:, None])
    near = np.maximum(across, down) <= _NEAR * size
    for _ in range(_CRUMBS.bit_length()):  # what is near to what is near
        near = (near.astype(np.int32) @ near.astype(np.int32)) > 0
    done = []
    for group in np.unique(near, axis=0):
        left, top = int(x0[group].min()), int(y0[group].min())
        right, bottom = int(x1[group].max()), int(y1[group].max())
        done.append((left, top, right - left, bottom - top, int(parts[group, 4].sum())))
    whole = np.array(done, np.int32)
    return whole, counts(whole, size)


def are_rests_of_rulings(parts: NDArray[np.int32], cell: tuple[int, int, int, int], size: float) -> NDArray[np.bool_]:
    """Slivers along the edges of a cell, and what runs through it from top to bottom, as no 1 does."""
    x0, y0, x1, y1 = cell
    left, top, width, height = parts[:, 0], parts[:, 1], parts[:, 2], parts[:, 3]
    near_x = (left <= x0 + 4) | (left + width >= x1 - 4)
    near_y = (top <= y0 + 4) | (top + height >= y1 - 4)
    thin = max(3.0, 0.16 * size)
    flat = near_y & (height <= thin)
    tall = near_x & (width <= thin)
    through = (width <= thin) & (height >= _THROUGH * (y1 - y0)) & (height > size)
    return flat | tall | through
