"""Ink of a cell that cannot be read: pale print, low rows, what was lifted with a seal. Such a cell is no blank.

It is unread, or what was read of it is in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from archive.documents.ocr.components import components
from archive.documents.ocr.engine import OcrResult
from archive.documents.ocr.figures import plain_figure
from archive.documents.ocr.page_ink import Box, CellBox, Ink, TextLine, counts
from archive.documents.ocr.seals import Seal
from archive.documents.pages import UNREAD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Mask = NDArray[np.uint8]

_PALE = 130, 208  # the darkest of a cell with pale print: usual print is darker, paper lighter
_PALE_EDGE = 5  # pixels of a cell that are its rulings'
_LOW = 1.25  # type heights: lower cells have no room for print
_IN_DOUBT = 0.5  # how sure can be what stands in such a cell, or under a seal
_PALE_HIGH = 0.4, 1.3  # type heights of its ink
_PALE_GAP, _INK = 0.5, 0.03  # type heights between the pieces of a broken figure; of the square of it: its ink
_FEW = 16  # pieces of ink: more are dirt, or grain
_RIM = 3  # pixels of a cell's edges that are its rulings'
_DIGIT = 0.7  # type heights of a digit, where no figure of the page tells it
_LIKE = 0.75, 1.3  # heights of a digit: ink of that size may be a figure
_DIGIT_GAP = 0.4  # of it: gaps between the digits of a figure
_NARROW = 0.15  # of it: a digit is no narrower
_MUCH = 0.3  # of the ink that was lifted from a cell: so much a figure is
_STRAY = 0.5  # of it: by so much a figure is off the middle of its row's


def doubt_pale_ink(
    ink: Ink, flat: Grey, lines: list[TextLine], cells: Sequence[CellBox], seals: Sequence[Seal]
) -> None:
    """Doubt the cells in which nothing is darker than pale print: as ink they pass for blank, or for shorter figures.

    ``flat``: the page with its rulings; not where a grey seal was lifted (``seals``).
    """
    by_cell: dict[int, list[TextLine]] = {}
    for line in lines:
        by_cell.setdefault(line.cell, []).append(line)
    for cell in cells:
        x0, y0, x1, y1 = cell.box
        inner = flat[y0 + _PALE_EDGE : y1 - _PALE_EDGE, x0 + _PALE_EDGE : x1 - _PALE_EDGE]
        if not inner.size or not _PALE[0] < (darkest := int(inner.min())) < _PALE[1]:
            continue
        if any(seal.holds((x0 + x1) / 2, (y0 + y1) / 2) for seal in seals) or not _is_print(
            inner, darkest, ink.type_size
        ):
            continue
        for line in by_cell.get(cell.number, ()):
            line.confidence = min(line.confidence, _IN_DOUBT)
        if cell.number not in by_cell:
            lines.append(_line(cell.number, cell.box, OcrResult(UNREAD, (0.0,), (0.5,)), 0.0))


def _is_print(by_cell: Grey, darkest: int, size: float) -> bool:
    """Whether what is pale stands apart from paper in a few pieces, as high as figures."""
    parts = components((by_cell < (255 + darkest) // 2).view(np.uint8)).stats
    if len(parts) > _FEW:
        return False
    high = [*parts[counts(parts, size), 3].tolist(), *_of_broken(parts, size)]
    return bool(high) and _PALE_HIGH[0] * size <= max(high) <= _PALE_HIGH[1] * size


def _of_broken(parts: NDArray[np.int32], size: float) -> list[int]:
    """How high all pieces are together, if they stand so close that they may be a figure whose thin strokes broke."""
    top, bottom = int(parts[:, 1].min()), int((parts[:, 1] + parts[:, 3]).max())
    left, right = np.sort(parts[:, 0]), np.sort(parts[:, 0] + parts[:, 2])
    apart = int((left[1:] - right[:-1]).max(initial=0))
    much = int(parts[:, 4].sum()) >= _INK * size * size
    return [bottom - top] if much and apart <= _PALE_GAP * size and bottom - top <= _PALE_HIGH[1] * size else []


def doubt_low_cells(lines: list[TextLine], cells: Sequence[CellBox], type_size: float) -> None:
    """Doubt all cells, blank ones too, in rows lower than type: there print and rulings cannot be told apart."""
    low = [cell for cell in cells if cell.box[3] - cell.box[1] <= _LOW * type_size]
    numbers = {cell.number for cell in low}
    for line in lines:
        if line.cell in numbers:
            line.confidence = min(line.confidence, _IN_DOUBT)
    filled = {line.cell for line in lines}
    lines += [_line(c.number, c.box, OcrResult("", (), ()), _IN_DOUBT) for c in low if c.number not in filled]


def doubt_hidden_ink(
    lines: list[TextLine], cells: Sequence[CellBox], seals: Sequence[Seal], lifted: Mask | None, type_size: float
) -> None:
    """Add a line for each cell without any in which ink may have been lifted with a seal: it is no sure blank.

    ``seals``: grey ones that were lifted; ``lifted``: 1 where red ink was, maybe a figure: that is unread.
    """
    filled = {line.cell for line in lines}
    blank = [cell for cell in cells if cell.number not in filled]
    if lifted is not None:
        lines += _lifted_figures(lines, cells, blank, lifted, type_size)
    for cell in blank:
        x0, y0, x1, y1 = cell.box
        if any(seal.holds((x0 + x1) / 2, (y0 + y1) / 2) for seal in seals):
            lines.append(_line(cell.number, cell.box, OcrResult("", (), ()), _IN_DOUBT))


def _lifted_figures(
    lines: Sequence[TextLine], cells: Sequence[CellBox], blank: Sequence[CellBox], lifted: Mask, type_size: float
) -> list[TextLine]:
    """Lines that read nothing, for the blank cells in which red ink stood that is as high as the page's figures."""
    rows: dict[tuple[int, int], list[float]] = {}
    heights = []
    row_of = {cell.number: cell.row for cell in cells}
    for line in lines:
        if line.cell in row_of and plain_figure(line.result.text):
            heights.append(line.y1 - line.y0)
            rows.setdefault(row_of[line.cell], []).append((line.y0 + line.y1) / 2)
    high = float(np.median(heights)) if heights else _DIGIT * type_size
    done = []
    for cell in blank:
        level = float(np.median(rows.get(cell.row, [(cell.box[1] + cell.box[3]) / 2])))
        box = _figure(lifted, cell.box, high, level)
        if box is not None:
            done.append(_line(cell.number, box, OcrResult(UNREAD, (0.0,), (0.5,)), 0.0))
    return done


def _line(number: int, box: Box, result: OcrResult, confidence: float) -> TextLine:
    x0, y0, x1, y1 = box
    return TextLine(number, *box, np.array([[x0, y0, x1 - x0, y1 - y0]], np.int32), result, confidence=confidence)


def _figure(lifted: Mask, cell: Box, high: float, level: float) -> Box | None:
    """The box of what may be a figure in a cell; None if nothing is like one."""
    left, top = cell[0] + _RIM, cell[1] + _RIM
    part = lifted[top : cell[3] - _RIM, left : cell[2] - _RIM]
    if not part.size or not part.any():
        return None
    gap = max(1, round(_DIGIT_GAP * high))
    # with paper around, or closing would join what is near to the edges with them
    joined = cv2.morphologyEx(np.pad(part, gap), cv2.MORPH_CLOSE, np.ones((3, gap), np.uint8))
    shapes = components(np.asarray(joined[gap:-gap, gap:-gap], np.uint8)).stats
    least = _MUCH * int(part.sum())
    for x, y, wide, tall, _ in shapes.tolist():
        within = x > 0 and y > 0 and x + wide < part.shape[1] and y + tall < part.shape[0]
        like = _LIKE[0] * high <= tall <= _LIKE[1] * high and wide >= _NARROW * high
        much = int(part[y : y + tall, x : x + wide].sum()) >= least  # many crumbs are those of a seal printed faintly
        if within and like and much and abs(top + y + tall / 2 - level) <= _STRAY * high:
            return left + x, top + y, left + x + wide, top + y + tall
    return None
