"""Dashes in cells that are blank but for them, so small or so thin that they are no print by their size.

A form is filled with many alike: what is low and wide, stands level with the row and looks and stands like others of
the page is a mark, whatever it was read as. One alone is a mark in doubt if it is long and flat; smaller or broken it
may be dust, and only makes its cell doubtful. A lone speck is nothing. No dash ever is a figure, or part of one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from archive.documents.ocr.cell_marks import LONG_DASH
from archive.documents.ocr.confidence import SURE
from archive.documents.ocr.engine import OcrResult
from archive.documents.ocr.page_ink import CellBox, Ink, TextLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INKED, _DARK = 205, 178  # grey of a dash's pixels at most; of the darkest of them: what is lighter is noise of paper
_EDGE = 0.16  # type heights from a cell's edges: the rest of its rulings
_LARGEST = 8.0, 12.0  # type heights of a cell for figures: height, width
_OFF_LEVEL = 0.35  # type heights by which a dash is off the middle of its cell
_HIGH, _LONGEST = 0.16, 2.2  # type heights of a dash: height, length, at most
_LOWEST = 2  # pixels: of what is lower nobody knows what it is
_GAP = 0.35  # type heights between the dots of one dash
_ELSE = 0.5  # of a cell's ink: more besides is dirt, or no dash
_SMALLEST = 5, 0.14  # a dash's length in pixels and type heights: what is shorter is a speck
_FLAT = 0.7  # of its length: how high a dash is at most that others are like
_SOLID, _DOTTED = 0.8, 0.4  # of its length: how much of a dash is ink, of a whole one and of one broken into dots
_ALONE = 0.24, 0.36  # type heights and share of its length: how long and how flat one is that nothing is like
_ALIKE, _BROKEN = 0.25, 0.4  # of the longer one: by how much lengths differ; those of dots
_AS_HIGH = 2  # pixels by which their heights differ
_PLACED = 0.12  # type heights by which those alike stand elsewhere in their cells
_OTHERS, _SHARE = 2, 0.2  # so many alike, and such a share of all candidates, tell that one is no dust
_MOST = 2_000  # such cells looked at on one page
_MARKS = ("-", "—")
_LONE, _DOUBTED = 0.6, 0.4  # how sure a mark is that no other is like; that a cell is blank


class _Dash(NamedTuple):
    """Low ink in a cell: its box, how much of its length is ink, and its edges and middle from those of the cell."""

    number: int
    x0: int
    y0: int
    x1: int
    y1: int
    covered: float
    left: float
    centre: float
    right: float
    drop: float


def mark_dashes(ink: Ink, lines: list[TextLine], cells: Sequence[CellBox], settled: Collection[int]) -> None:
    """Add lines for the cells without any in which a dash stands, or may (text "", unsure); name those read as else.

    ``settled``: the numbers of cells in which something was lines and left out again.
    """
    filled = {*settled, *(line.cell for line in lines)}
    rows = {cell.number: cell.row for cell in cells}
    levels: dict[tuple[int, int], list[float]] = {}
    for line in lines:
        if line.cell in rows:
            levels.setdefault(rows[line.cell], []).append((line.y0 + line.y1) / 2)
    candidates = (_low_ink(ink, cell, levels) for cell in cells if cell.number not in filled)
    small = list(islice((dash for dash in candidates if dash is not None), _MOST))
    read = _large_dashes(ink, lines, cells)
    if not small and not read:
        return
    others = np.array([*small, *(dash for _, dash in read)], np.float64)
    least = max(_OTHERS, _SHARE * len(small))
    for line, dash in read:
        if line.result.text not in _MARKS and _similar_dashes(dash, others, ink.type_size) >= least:
            line.result, line.also, line.confidence = _result(dash, ink), [], SURE
    marks = [_line(dash, ink, alike=_similar_dashes(dash, others, ink.type_size) >= least) for dash in small]
    lines += [line for line in marks if line is not None]


def _large_dashes(ink: Ink, lines: Sequence[TextLine], cells: Sequence[CellBox]) -> list[tuple[TextLine, _Dash]]:
    """The dashes that were large enough to be seen as print: each alone in its cell."""
    boxes = {cell.number: cell.box for cell in cells}
    count = Counter(line.cell for line in lines)
    done = []
    for line in lines:
        high = line.y1 - line.y0
        low = high <= _highest(ink) and high <= _FLAT * (line.x1 - line.x0) <= _FLAT * _LONGEST * ink.type_size
        if line.cell in boxes and count[line.cell] == 1 and len(line.glyphs) == 1 and low:
            edges = (line.x0, line.y0, line.x1, line.y1)
            done.append((line, _dash(line.cell, edges, boxes[line.cell], 1.0)))
    return done


def _highest(ink: Ink) -> int:
    return max(3, round(_HIGH * ink.type_size))


def _dash(number: int, box: tuple[int, int, int, int], cell: tuple[int, int, int, int], covered: float) -> _Dash:
    x0, y0, x1, y1 = box
    left, right = x0 - cell[0], cell[2] - x1
    return _Dash(number, *box, covered, left, (left - right) / 2, right, (y0 + y1 - cell[1] - cell[3]) / 2)


def _low_ink(ink: Ink, cell: CellBox, levels: Mapping[tuple[int, int], Sequence[float]]) -> _Dash | None:
    """The low ink in a cell that holds hardly anything else."""
    size = ink.type_size
    edge = max(4, round(_EDGE * size))
    x0, y0, x1, y1 = cell.box
    if y1 - y0 > _LARGEST[0] * size or x1 - x0 > _LARGEST[1] * size:
        return None
    within = ink.flat[y0 + edge : y1 - edge, x0 + edge : x1 - edge]
    if not within.size or int(within.min()) > _DARK:
        return None
    dark = within < _INKED
    corner = (x0 + edge, y0 + edge)
    expected = [(y0 + y1) / 2, *levels.get(cell.row, ())]
    # a speck beside a dash makes it too high: then the lower band is looked at that holds most of the ink
    bands = (_band(dark, deep, _GAP * size) for deep in range(min(_highest(ink), len(dark)), _LOWEST - 1, -1))
    for left, top, right, bottom, covered in filter(None, bands):
        middle = corner[1] + (top + bottom) / 2
        flat = right - left <= _LONGEST * size and bottom - top <= _FLAT * (right - left)
        if flat and min(abs(middle - level) for level in expected) <= _OFF_LEVEL * size:
            box = (corner[0] + left, corner[1] + top, corner[0] + right, corner[1] + bottom)
            return _dash(cell.number, box, cell.box, covered)
    return None


def _band(dark: NDArray[np.bool_], deep: int, gap: float) -> tuple[int, int, int, int, float] | None:
    """Edges of what stands in the rows, so many, that hold the most ink of a cell, and how much of its length is ink.

    None if more of the ink stands elsewhere, or if it runs on beyond the cell.
    """
    rows = dark.sum(axis=1)
    reach = np.convolve(rows, np.ones(deep, rows.dtype), "valid")
    top = int(np.argmax(reach))
    left, right = _longest(np.flatnonzero(dark[top : top + deep].any(axis=0)), gap)
    band = dark[top : top + deep, left:right]
    if int(band.sum()) < (1 - _ELSE) * int(rows.sum()) or left == 0 or right == dark.shape[1]:
        return None
    high = np.flatnonzero(band.any(axis=1))
    return left, top + int(high[0]), right, top + int(high[-1]) + 1, float(band.any(axis=0).mean())


def _longest(inked: NDArray[np.int64], gap: float) -> tuple[int, int]:
    """Where the most of the inked columns stand that no gap parts: the first, and the one behind the last."""
    runs = np.split(inked, np.flatnonzero(np.diff(inked) > gap) + 1)
    most = max(runs, key=len)
    return int(most[0]), int(most[-1]) + 1


def _similar_dashes(one: _Dash, dashes: NDArray[np.float64], size: float) -> int:
    """How many others have about the same length and height, and stand at the same place of their cells."""
    number, x0, y0, x1, y1, covered, left, centre, right, drop = dashes.T
    long, near = one.x1 - one.x0, max(3.0, _PLACED * size)
    share = np.where(np.minimum(covered, one.covered) >= _SOLID, _ALIKE, _BROKEN)
    placed = np.minimum(np.minimum(abs(left - one.left), abs(right - one.right)), abs(centre - one.centre)) <= near
    like = placed & (abs(drop - one.drop) <= near) & (number != one.number)
    like &= abs(x1 - x0 - long) <= np.maximum(2.0, share * np.maximum(x1 - x0, long))
    like &= abs(y1 - y0 - (one.y1 - one.y0)) <= _AS_HIGH
    return int(like.sum())


def _line(dash: _Dash, ink: Ink, *, alike: bool) -> TextLine | None:
    """What a small dash is by its shape and by whether others are ``alike``; None of a speck."""
    long, size = dash.x1 - dash.x0, ink.type_size
    if long < max(_SMALLEST[0], _SMALLEST[1] * size):
        return None
    result = _result(dash, ink)
    if alike and dash.covered >= _DOTTED:
        confidence = SURE
    elif dash.covered >= _SOLID and long >= _ALONE[0] * size and dash.y1 - dash.y0 <= _ALONE[1] * long:
        confidence = _LONE
    else:
        result, confidence = OcrResult("", (), ()), _DOUBTED
    box = np.array([(dash.x0, dash.y0, long, dash.y1 - dash.y0)], np.int32)
    return TextLine(dash.number, dash.x0, dash.y0, dash.x1, dash.y1, box, result, confidence=confidence)


def _result(dash: _Dash, ink: Ink) -> OcrResult:
    return OcrResult("—" if dash.x1 - dash.x0 >= LONG_DASH * ink.type_size else "-", (SURE,), (0.5,))
