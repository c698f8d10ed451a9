"""Print in which no line of text was seen: dashes, slashes and single figures of small tables without rulings.

The model that finds text misses what is small or thin. In a table without rulings a place with such print would pass
for blank. It is looked for where tables stand: beside what was seen, and above or below other things of its size.
Dashes so faint that they are no ink are looked for in cells without anything in them too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.recognised.components import components
from archive.documents.recognised.engine import Found
from archive.documents.recognised.ink import Ink, Piece, counts, piece_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Cell = tuple[int, int, int, int]
    Boxes = NDArray[np.float64]  # left, top, right, bottom

_NARROW = 2.6  #: times as wide as high, at most: the box of a figure, and of few words
_FIGURES = 6  # such boxes outside of rulings that may make a table
_FAINT = 214  # a dash of one pixel, evened out along itself, is darker
_EVENED = 5  # pixels along it
_DASH = 0.4, 2.2  # type heights: how long a dash is
_INSIDE = 0.25  # type heights from the edges of a cell: what is nearer may be the rest of a ruling
_FLAT = 0.3  # of its length: how high, at most
_CLEAR = 0.45  # type heights of paper beside it; what stands nearer to a line of text belongs to it
_NEAR = 0.35  # type heights between the parts of one figure
_OTHER_ROW = 0.7  # type heights: what is so far above or below is of another row
_TALL = 1.6  # type heights of one line of print
_MOST = 800  # candidates on one page; more are dirt


def is_loose(cells: Sequence[Cell], found: Sequence[Found]) -> bool:
    """Whether so much as figures is small stands outside of rulings that it may be a table."""
    return len(_narrow(_outside(found, cells))) >= _FIGURES


def unseen(ink: Ink, cells: Sequence[Cell], found: Sequence[Found]) -> list[Piece]:
    """What stands in tables without rulings and was not seen as text, each to be read by itself (``cell`` -1)."""
    seen = _outside(found, cells)
    narrow = _narrow(seen)
    dashes = _clear(_dashes(ink), cells, seen)
    parts = ink.parts[counts(ink.parts, ink.type_size)]
    parts = _clear(parts[parts[:, 3] <= _TALL * ink.type_size], cells, np.concatenate([seen, _boxes(dashes)]))
    groups = [_grouped(parts, ink.type_size)[:_MOST], [dash[None] for dash in dashes[:_MOST]]]
    made = [piece_of(-1, group, np.ones(len(group), bool), ink.type_size) for own in groups for group in own]
    made = [piece for piece in made if piece.y1 - piece.y0 <= _TALL * ink.type_size]
    return _in_columns(_beside(made, seen, ink.type_size), narrow, ink.type_size)


def faint(ink: Ink, cells: Sequence[Cell], filled: Collection[int]) -> list[Piece]:
    """Dashes in the middle of cells in which nothing else is; ``filled``: the numbers of those with something."""
    edge = round(_INSIDE * ink.type_size)
    done: list[Piece] = []
    dashes = _dashes(ink)
    y = dashes[:, 1] + dashes[:, 3] / 2
    for number, (x0, y0, x1, y1) in enumerate(cells):
        if number in filled:
            continue
        inside = (x0 + edge < dashes[:, 0]) & (dashes[:, 0] + dashes[:, 2] < x1 - edge)
        own = dashes[inside & (y0 + edge < y) & (y < y1 - edge)]
        if len(own) == 1:
            done.append(piece_of(number, own, np.ones(1, bool), ink.type_size))
    return done


def _boxes(parts: NDArray[np.int32]) -> Boxes:
    left, top, width, height = (parts[:, at].astype(np.float64) for at in range(4))
    return np.stack([left, top, left + width, top + height], axis=1)


def _narrow(boxes: Boxes) -> Boxes:
    return boxes[(boxes[:, 2] - boxes[:, 0]) <= _NARROW * (boxes[:, 3] - boxes[:, 1])]


def _outside(found: Sequence[Found], cells: Sequence[Cell]) -> Boxes:
    """The boxes of text whose middle is in no cell."""
    boxes = np.array([(f.x0, f.y0, f.x1, f.y1) for f in found]).reshape(-1, 4)
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    held = np.zeros(len(boxes), bool)
    for x0, y0, x1, y1 in cells:
        held |= (x0 <= x) & (x < x1) & (y0 <= y) & (y < y1)
    return boxes[~held]


def _dashes(ink: Ink) -> NDArray[np.int32]:
    """Level strokes as long as a dash, however faint, as left, top, width, height, area."""
    least, most = (round(share * ink.type_size) for share in _DASH)
    if least < _EVENED:
        return np.zeros((0, 5), np.int32)
    dark = (cv2.blur(ink.flat, (_EVENED, 1)) < _FAINT).view(np.uint8)
    runs = cast("NDArray[np.uint8]", cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, least), np.uint8)))
    stats = components(runs).stats
    flat = (stats[:, 2] <= most) & (stats[:, 3] <= np.maximum(_FLAT * stats[:, 2], 2))
    return cast("NDArray[np.int32]", stats[flat])


def _clear(parts: NDArray[np.int32], cells: Sequence[Cell], seen: Boxes) -> NDArray[np.int32]:
    """The parts in no cell and in none of the boxes."""
    boxes = _boxes(parts)
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    kept = np.ones(len(parts), bool)
    for x0, y0, x1, y1 in (*cells, *seen.tolist()):
        kept &= (x < x0) | (x1 <= x) | (y < y0) | (y1 <= y)
    return parts[kept]


def _grouped(parts: NDArray[np.int32], size: float) -> list[NDArray[np.int32]]:
    """Parts that stand beside or over each other, as those of one figure do, from left to right."""
    done: list[NDArray[np.int32]] = []
    for part in parts[np.argsort(parts[:, 0], kind="stable")]:
        left, top, _, height = (int(v) for v in part[:4])
        for at, group in enumerate(done):
            right = int((group[:, 0] + group[:, 2]).max())
            above, below = int(group[:, 1].min()), int((group[:, 1] + group[:, 3]).max())
            if left - right <= _NEAR * size and min(below, top + height) - max(above, top) > 0.3 * height:
                done[at] = np.concatenate([group, part[None]])
                break
        else:
            if len(done) < _MOST:
                done.append(part[None])
    return done


def _beside(made: Sequence[Piece], seen: Boxes, size: float) -> list[Piece]:
    """Those at the height of something that was seen, and not right beside it."""
    done = []
    for piece in made:
        middle = (piece.y0 + piece.y1) / 2
        level = seen[(seen[:, 1] <= middle) & (middle <= seen[:, 3])]
        gap = np.maximum(level[:, 0] - piece.x1, piece.x0 - level[:, 2])
        if len(level) and float(gap.min()) >= _CLEAR * size:
            done.append(piece)
    return done


def _in_columns(made: Sequence[Piece], narrow: Boxes, size: float) -> list[Piece]:
    """Those above or below something else as small."""
    own = np.array([(p.x0, p.y0, p.x1, p.y1) for p in made], np.float64).reshape(-1, 4)
    others = np.concatenate([narrow, own])
    middles = (others[:, 1] + others[:, 3]) / 2
    done = []
    for piece in made:
        over = (others[:, 0] < piece.x1) & (piece.x0 < others[:, 2])
        if bool((over & (np.abs(middles - (piece.y0 + piece.y1) / 2) > _OTHER_ROW * size)).any()):
            done.append(piece)
    return done
