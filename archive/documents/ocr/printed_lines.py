"""What is printed where: lines of print within cells and outside of tables, each to be read by itself."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.ocr.engine import TextBox
from archive.documents.ocr.page_ink import Ink, TextLine, are_rests_of_rulings, counts, join_crumbs
from archive.documents.ocr.ruling_strokes import TYPE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_FAINT = 212  # grey of a dash so thin that its ink does not fill a pixel
_SPECK, _GRAIN = 4, 0.08  # pixels of a crumb; type heights of a point
_COLUMN_GAP = 1.5  # type heights: a wider gap parts columns
_TWO_LINES, _TYPE_HIGH = 1.5, 0.6  # type heights: ink of two lines is higher; that of either is higher
_LOWEST = 8  # pixels: lower print has no signs that can be told from dirt
_REACH = 0.25  # of the lower one's height: what overlaps by less stands in lines of their own
_FIGURE = 0.6  # of the type's height: the digits of small type are as high, or higher
_NEXT_LINE = 0.6  # of the lower one's height: boxes that overlap by more are of one line
_TOUCHING = 0.4  # type heights by which a character reaches into the next line if it touches that


def find_printed_lines(
    ink: Ink, cells: Sequence[tuple[int, int, int, int]], found: Sequence[TextBox]
) -> list[TextLine]:
    """Every line to be read. ``cells``: left, top, right, bottom in pixels."""
    size = ink.type_size
    owner = np.full(ink.flat.shape, -1, np.int16)
    for number, (x0, y0, x1, y1) in enumerate(cells):
        owner[y0:y1, x0:x1] = number
    parts = ink.parts
    centres = parts[:, :2] + parts[:, 2:4] // 2
    held = owner[centres[:, 1], centres[:, 0]]
    big = counts(parts, size)
    boxes = np.array([(f.x0, f.y0, f.x1, f.y1) for f in found]).reshape(-1, 4)
    small = _cell_type_size(boxes, owner, size)
    lines: list[TextLine] = []
    order = np.argsort(held, kind="stable")
    limits = np.searchsorted(held[order], np.arange(len(cells) + 1))
    for number, cell in enumerate(cells):
        own = order[limits[number] : limits[number + 1]]
        own = own[~are_rests_of_rulings(parts[own], cell, size)]
        mine, large = parts[own], big[own]
        if not large.any():
            mine, large = join_crumbs(mine, size)
        if large.any():
            lines += _in_cell(number, cell, mine, large, boxes, (size, small))
    for piece in lines:
        _with_sign(ink, piece, cells[piece.cell])
    for f in found:
        x, y = int((f.x0 + f.x1) / 2), int((f.y0 + f.y1) / 2)
        if owner[min(y, ink.flat.shape[0] - 1), min(x, ink.flat.shape[1] - 1)] < 0:
            lines += _outside((f.x0, f.y0, f.x1, f.y1), parts[held < 0], boxes, size)
    return lines


def _cell_type_size(boxes: NDArray[np.float64], owner: NDArray[np.int16], size: float) -> float:
    """Height of the type in cells: tables may be printed much smaller than the text."""
    if not len(boxes):
        return size
    x, y = ((boxes[:, at] + boxes[:, at + 2]).astype(int) // 2 for at in (0, 1))
    inside = owner[y.clip(0, owner.shape[0] - 1), x.clip(0, owner.shape[1] - 1)] >= 0
    heights = (boxes[:, 3] - boxes[:, 1])[inside]
    return min(size, TYPE * float(np.median(heights))) if len(heights) else size


def _in_cell(
    number: int,
    cell: tuple[int, int, int, int],
    parts: NDArray[np.int32],
    big: NDArray[np.bool_],
    boxes: NDArray[np.float64],
    sizes: tuple[float, float],
) -> list[TextLine]:
    """The lines of a cell: where the model saw text, and where ink is besides. ``sizes``: of the type, of tables'."""
    size, small = sizes
    x0, y0, x1, y1 = cell
    wide = np.minimum(boxes[:, 2], x1) - np.maximum(boxes[:, 0], x0)
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    here = boxes[(wide > 0.5 * np.minimum(boxes[:, 2] - boxes[:, 0], x1 - x0)) & (y0 < middle) & (middle < y1)]
    rows = _rows([(float(b[1]), float(b[3])) for b in here])
    top, bottom = parts[:, 1], parts[:, 1] + parts[:, 3]
    centre = (top + bottom) / 2
    taken = np.full(len(parts), -1)
    for index, (upper, lower) in enumerate(rows):
        taken[(upper <= centre) & (centre <= lower)] = index
    rest = big & (taken < 0)
    if rest.any():
        more = _rows(sorted((float(a), float(b)) for a, b in zip(top[rest], bottom[rest], strict=True)), 0.2)
        for upper, lower in more:
            inside = (upper <= centre) & (centre <= lower) & (taken < 0)
            taken[inside] = len(rows)
            rows.append((upper, lower))
    done = []
    for index in np.argsort([upper for upper, _ in rows], kind="stable").tolist():
        mine = taken == index
        for line in _lines(parts[mine], big[mine], small):
            held = np.flatnonzero(mine)[line]
            if big[held].any():
                pieces = _split_line(number, parts[held], big[held], size)
                done += pieces if len(rows) == 1 else [_within_row(piece, rows[index], size) for piece in pieces]
    return done


def _within_row(piece: TextLine, row: tuple[float, float], size: float) -> TextLine:
    """The piece without what hangs on it of the lines above and below: set tight, their characters touch."""
    if piece.y1 - piece.y0 >= _TWO_LINES * size:
        top, bottom = max(piece.y0, int(row[0])), min(piece.y1, int(np.ceil(row[1])))
        if bottom - top >= _TYPE_HIGH * size:
            piece.y0, piece.y1 = top, bottom
    return piece


def _lines(parts: NDArray[np.int32], big: NDArray[np.bool_], size: float) -> list[NDArray[np.bool_]]:
    """What was taken for one line, as one, or as the several that it is: the model's boxes may reach over two.

    They are several where a gap goes through, and each has ink as high as type.
    """
    one = [np.ones(len(parts), bool)]
    if not big.any():
        return one
    top, bottom = parts[:, 1], parts[:, 1] + parts[:, 3]
    if int(bottom[big].max()) - int(top[big].min()) < _TWO_LINES * size:
        return one
    spans = [(float(a), float(b)) for a, b in zip(top[big], bottom[big], strict=True)]
    rows = _rows(spans, 0.0)
    if len(rows) < 2:  # set so tight that brackets reach into the next line
        rows = _rows(spans, _REACH)
    if len(rows) < 2 or any(lower - upper < _TYPE_HIGH * size for upper, lower in rows):
        return one
    edges = [-np.inf, *((a[1] + b[0]) / 2 for a, b in itertools.pairwise(rows)), np.inf]
    centre = (top + bottom) / 2
    return [(upper < centre) & (centre <= lower) for upper, lower in itertools.pairwise(edges)]


def _split_line(cell: int, parts: NDArray[np.int32], big: NDArray[np.bool_], size: float) -> list[TextLine]:
    """A line as one piece, or as several where gaps as wide as between columns part it."""
    core = parts[big]
    core = core[np.argsort(core[:, 0], kind="stable")]
    reach = np.maximum.accumulate(core[:, 0] + core[:, 2])
    breaks = np.flatnonzero(core[1:, 0] - reach[:-1] > _COLUMN_GAP * size)
    if not len(breaks):
        return [piece_of(cell, parts, big, size)]
    edges = [-np.inf, *((reach[at] + core[at + 1, 0]) / 2 for at in breaks), np.inf]
    middle = parts[:, 0] + parts[:, 2] / 2
    done = []
    for left, right in itertools.pairwise(edges):
        here = (left < middle) & (middle <= right)
        done.append(piece_of(cell, parts[here], big[here], size))
    return done


def _rows(spans: Sequence[tuple[float, float]], share: float = 0.5) -> list[tuple[float, float]]:
    """Spans that overlap by more than ``share`` of the lower one made one."""
    done: list[tuple[float, float]] = []
    for upper, lower in sorted(spans):
        if done and min(done[-1][1], lower) - upper > share * min(lower - upper, done[-1][1] - done[-1][0]):
            done[-1] = (done[-1][0], max(done[-1][1], lower))
        else:
            done.append((upper, lower))
    for i in range(len(done) - 1):  # boxes reach into each other: each line ends half way
        if done[i][1] > done[i + 1][0]:
            half = (done[i][1] + done[i + 1][0]) / 2
            done[i], done[i + 1] = (done[i][0], half), (half, done[i + 1][1])
    return done


def piece_of(cell: int, parts: NDArray[np.int32], big: NDArray[np.bool_], size: float) -> TextLine:
    """A line from its ink; points and dashes count if they stand beside what is larger."""
    core = parts[big]
    left, right = int(core[:, 0].min()), int((core[:, 0] + core[:, 2]).max())
    beside = (parts[:, 0] >= left - 0.6 * size) & (parts[:, 0] + parts[:, 2] <= right + 0.6 * size)
    beside &= (parts[:, 4] >= _SPECK) & (parts[:, 2:4].max(axis=1) >= _GRAIN * size)
    kept = parts[big | beside]
    kept = kept[np.argsort(kept[:, 0], kind="stable")]
    left, top = int(kept[:, 0].min()), int(core[:, 1].min())
    right, bottom = int((kept[:, 0] + kept[:, 2]).max()), int((core[:, 1] + core[:, 3]).max())
    return TextLine(cell, left, top, right, bottom, kept[:, :4])


def _outside(
    box: tuple[float, float, float, float], parts: NDArray[np.int32], boxes: NDArray[np.float64], size: float
) -> list[TextLine]:
    """The line that the model saw in ``box``; where others (``boxes``) reach into it, each ends half way.

    Characters that touch those of the next line are of both.
    """
    x0, y0, x1, y1 = box
    x, y = parts[:, 0] + parts[:, 2] / 2, parts[:, 1] + parts[:, 3] / 2
    inside = (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)
    edges = [y0, y1]
    for left, upper, right, lower in _lines_reached(box, boxes):
        beside = (left <= x) & (x <= right)
        if upper < y0:
            half = (y0 + lower) / 2
            inside &= ~beside | (y > half) | (parts[:, 1] + parts[:, 3] > half + _TOUCHING * size)
            edges[0] = max(edges[0], half)
        else:
            half = (upper + y1) / 2
            inside &= ~beside | (y <= half) | (parts[:, 1] < half - _TOUCHING * size)
            edges[1] = min(edges[1], half)
    own = parts[inside]
    large = counts(own, size)
    if not large.any():
        return []
    pieces = _split_line(-1, own, large, size)
    return pieces if edges == [y0, y1] else [_within_row(piece, (edges[0], edges[1]), size) for piece in pieces]


def _lines_reached(
    box: tuple[float, float, float, float], boxes: NDArray[np.float64]
) -> list[tuple[float, float, float, float]]:
    """Of the boxes those of the lines above and below that reach into a line's."""
    x0, y0, x1, y1 = box
    height = boxes[:, 3] - boxes[:, 1]
    wide = np.minimum(boxes[:, 2], x1) - np.maximum(boxes[:, 0], x0)
    high = np.minimum(boxes[:, 3], y1) - np.maximum(boxes[:, 1], y0)
    reached = (wide > 0) & (high > 0) & (high < _NEXT_LINE * np.minimum(height, y1 - y0))
    return [cast("tuple[float, float, float, float]", tuple(other)) for other in boxes[reached].tolist()]


def _with_sign(ink: Ink, piece: TextLine, cell: tuple[int, int, int, int]) -> None:
    """Take in a faint dash before a short text: a minus of four grey pixels is no dirt."""
    height = piece.y1 - piece.y0
    if piece.x1 - piece.x0 > 6 * height or height < max(_LOWEST, 0.35 * ink.type_size):
        return
    size = min(ink.type_size, height / _FIGURE)  # tables may be printed much smaller than the text
    reach = max(cell[0] + 5, int(piece.x0 - 0.9 * size))
    top, bottom = piece.y0 + int(0.3 * height), piece.y0 + int(0.75 * height)
    if piece.x0 - reach < 4:
        return
    band = cv2.blur(ink.flat[top - 1 : bottom + 2, reach : piece.x0], (3, 2))[1:-2]
    dark = np.flatnonzero(band.min(axis=0) < _FAINT)
    if not len(dark):
        return
    runs = np.split(dark, np.flatnonzero(np.diff(dark) > 1) + 1)
    longest = max(runs, key=len)
    if not max(3.0, 0.16 * size) <= len(longest) <= 0.8 * size:
        return
    left, right = reach + int(longest[0]), reach + int(longest[-1]) + 1
    rows = np.flatnonzero(band[:, longest].min(axis=1) < _FAINT)
    high = int(rows[-1] - rows[0]) + 1
    if high <= 0.35 * height:
        piece.x0 = min(piece.x0, left)
        sign = np.array([[left, top + int(rows[0]), right - left, min(high, max(1, (right - left) // 3))]], np.int32)
        piece.glyphs = np.concatenate([sign, piece.glyphs])
