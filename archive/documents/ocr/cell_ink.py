"""What ink is in a cell beside what is read: small dashes, pale print, ink that was lifted with a seal.

A form is filled with many dashes alike: what is low and wide, stands level with the row and looks and stands like
others of the page is a mark, whatever it was read as. One alone is a mark in doubt if it is long and flat; smaller or
broken it may be dust, and only makes its cell doubtful. A lone speck is nothing. No dash ever is a figure, or part of
one. A cell with other ink that cannot be read is no blank: it is unread, or in doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from archive.documents.ocr.cell_marks import LONG_DASH
from archive.documents.ocr.components import components
from archive.documents.ocr.engine import OcrResult
from archive.documents.ocr.figures import plain_figure
from archive.documents.ocr.printed_lines import Box, CellBox, Ink, TextLine, counts
from archive.documents.ocr.seals import Seal
from archive.documents.pages import UNREAD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Mask = NDArray[np.uint8]

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
_SURE, _FAINT, _DOUBTED = 0.90, 0.6, 0.4  # how sure a mark is that others are like; one alone; that a cell is blank
_PALE = 130, 208  # the darkest of a cell with pale print: usual print is darker, paper lighter
_PALE_EDGE = 5  # pixels of a cell that are its rulings'
_LOW = 1.25  # type heights: lower cells have no room for print
_IN_DOUBT = 0.5  # how sure can be what stands in such a cell, or under a seal
_PALE_HIGH = 0.4, 1.3  # type heights of its ink
_PALE_GAP, _INK = 0.5, 0.03  # type heights between the lines of a broken figure; of the square of it: its ink
_FEW = 16  # lines of ink: more are dirt, or grain
_RIM = 3  # pixels of a cell's edges that are its rulings'
_DIGIT = 0.7  # type heights of a digit, where no figure of the page tells it
_LIKE = 0.75, 1.3  # heights of a digit: ink of that size may be a figure
_DIGIT_GAP = 0.4  # of it: gaps between the digits of a figure
_NARROW = 0.15  # of it: a digit is no narrower
_MUCH = 0.3  # of the ink that was lifted from a cell: so much a figure is
_STRAY = 0.5  # of it: by so much a figure is off the middle of its row's


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


def mark_dashes(ink: Ink, found: list[TextLine], cells: Sequence[CellBox], settled: Collection[int]) -> None:
    """Add lines for the cells without any in which a dash stands, or may (text "", unsure); name those read as else.

    ``settled``: the numbers of cells in which something was found and left out again.
    """
    filled = {*settled, *(line.cell for line in found)}
    rows = {cell.number: cell.row for cell in cells}
    levels: dict[tuple[int, int], list[float]] = {}
    for line in found:
        if line.cell in rows:
            levels.setdefault(rows[line.cell], []).append((line.y0 + line.y1) / 2)
    seen = (_seen(ink, cell, levels) for cell in cells if cell.number not in filled)
    small = list(islice((dash for dash in seen if dash is not None), _MOST))
    read = _read(ink, found, cells)
    if not small and not read:
        return
    others = np.array([*small, *(dash for _, dash in read)], np.float64)
    least = max(_OTHERS, _SHARE * len(small))
    for line, dash in read:
        if line.result.text not in _MARKS and _alike(dash, others, ink.type_size) >= least:
            line.result, line.also, line.confidence = _said(dash, ink), [], _SURE
    made = [_piece(dash, ink, alike=_alike(dash, others, ink.type_size) >= least) for dash in small]
    found += [line for line in made if line is not None]


def _read(ink: Ink, found: Sequence[TextLine], cells: Sequence[CellBox]) -> list[tuple[TextLine, _Dash]]:
    """The dashes that were large enough to be seen as print: each alone in its cell."""
    boxes = {cell.number: cell.box for cell in cells}
    count = Counter(line.cell for line in found)
    done = []
    for line in found:
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


def _seen(ink: Ink, cell: CellBox, levels: Mapping[tuple[int, int], Sequence[float]]) -> _Dash | None:
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


def _alike(one: _Dash, dashes: NDArray[np.float64], size: float) -> int:
    """How many others have about the same length and height, and stand at the same place of their cells."""
    number, x0, y0, x1, y1, covered, left, centre, right, drop = dashes.T
    long, near = one.x1 - one.x0, max(3.0, _PLACED * size)
    share = np.where(np.minimum(covered, one.covered) >= _SOLID, _ALIKE, _BROKEN)
    placed = np.minimum(np.minimum(abs(left - one.left), abs(right - one.right)), abs(centre - one.centre)) <= near
    like = placed & (abs(drop - one.drop) <= near) & (number != one.number)
    like &= abs(x1 - x0 - long) <= np.maximum(2.0, share * np.maximum(x1 - x0, long))
    like &= abs(y1 - y0 - (one.y1 - one.y0)) <= _AS_HIGH
    return int(like.sum())


def _piece(dash: _Dash, ink: Ink, *, alike: bool) -> TextLine | None:
    """What a small dash is by its shape and by whether others are ``alike``; None of a speck."""
    long, size = dash.x1 - dash.x0, ink.type_size
    if long < max(_SMALLEST[0], _SMALLEST[1] * size):
        return None
    said = _said(dash, ink)
    if alike and dash.covered >= _DOTTED:
        confidence = _SURE
    elif dash.covered >= _SOLID and long >= _ALONE[0] * size and dash.y1 - dash.y0 <= _ALONE[1] * long:
        confidence = _FAINT
    else:
        said, confidence = OcrResult("", (), ()), _DOUBTED
    box = np.array([(dash.x0, dash.y0, long, dash.y1 - dash.y0)], np.int32)
    return TextLine(dash.number, dash.x0, dash.y0, dash.x1, dash.y1, box, said, confidence=confidence)


def _said(dash: _Dash, ink: Ink) -> OcrResult:
    return OcrResult("—" if dash.x1 - dash.x0 >= LONG_DASH * ink.type_size else "-", (_SURE,), (0.5,))


def doubt_pale_ink(
    ink: Ink, flat: Grey, found: list[TextLine], cells: Sequence[CellBox], seals: Sequence[Seal]
) -> None:
    """Doubt the cells in which nothing is darker than pale print: as ink they pass for blank, or for shorter figures.

    ``flat``: the page with its rulings; not where a grey seal was lifted (``seals``).
    """
    held: dict[int, list[TextLine]] = {}
    for line in found:
        held.setdefault(line.cell, []).append(line)
    for cell in cells:
        x0, y0, x1, y1 = cell.box
        inner = flat[y0 + _PALE_EDGE : y1 - _PALE_EDGE, x0 + _PALE_EDGE : x1 - _PALE_EDGE]
        if not inner.size or not _PALE[0] < (darkest := int(inner.min())) < _PALE[1]:
            continue
        if any(seal.holds((x0 + x1) / 2, (y0 + y1) / 2) for seal in seals) or not _is_print(
            inner, darkest, ink.type_size
        ):
            continue
        for line in held.get(cell.number, ()):
            line.confidence = min(line.confidence, _IN_DOUBT)
        if cell.number not in held:
            found.append(_line(cell.number, cell.box, OcrResult(UNREAD, (0.0,), (0.5,)), 0.0))


def _is_print(held: Grey, darkest: int, size: float) -> bool:
    """Whether what is pale stands apart from paper in a few lines, as high as figures."""
    parts = components((held < (255 + darkest) // 2).view(np.uint8)).stats
    if len(parts) > _FEW:
        return False
    high = [*parts[counts(parts, size), 3].tolist(), *_of_broken(parts, size)]
    return bool(high) and _PALE_HIGH[0] * size <= max(high) <= _PALE_HIGH[1] * size


def _of_broken(parts: NDArray[np.int32], size: float) -> list[int]:
    """How high all lines are together, if they stand so close that they may be a figure whose thin strokes broke."""
    top, bottom = int(parts[:, 1].min()), int((parts[:, 1] + parts[:, 3]).max())
    left, right = np.sort(parts[:, 0]), np.sort(parts[:, 0] + parts[:, 2])
    apart = int((left[1:] - right[:-1]).max(initial=0))
    much = int(parts[:, 4].sum()) >= _INK * size * size
    return [bottom - top] if much and apart <= _PALE_GAP * size and bottom - top <= _PALE_HIGH[1] * size else []


def doubt_low_cells(found: list[TextLine], cells: Sequence[CellBox], type_size: float) -> None:
    """Doubt what stands in rows too low for print, blanks too: its rulings are told from the print by nothing."""
    low = [cell for cell in cells if cell.box[3] - cell.box[1] <= _LOW * type_size]
    numbers = {cell.number for cell in low}
    for line in found:
        if line.cell in numbers:
            line.confidence = min(line.confidence, _IN_DOUBT)
    filled = {line.cell for line in found}
    found += [_line(c.number, c.box, OcrResult("", (), ()), _IN_DOUBT) for c in low if c.number not in filled]


def doubt_hidden_ink(
    found: list[TextLine], cells: Sequence[CellBox], seals: Sequence[Seal], lifted: Mask | None, type_size: float
) -> None:
    """Add a line for each cell without any in which ink may have been lifted with a seal: it is no sure blank.

    ``seals``: grey ones that were lifted; ``lifted``: 1 where red ink was, maybe a figure: that is unread.
    """
    filled = {line.cell for line in found}
    blank = [cell for cell in cells if cell.number not in filled]
    if lifted is not None:
        found += _lifted_figures(found, cells, blank, lifted, type_size)
    for cell in blank:
        x0, y0, x1, y1 = cell.box
        if any(seal.holds((x0 + x1) / 2, (y0 + y1) / 2) for seal in seals):
            found.append(_line(cell.number, cell.box, OcrResult("", (), ()), _IN_DOUBT))


def _lifted_figures(
    found: Sequence[TextLine], cells: Sequence[CellBox], blank: Sequence[CellBox], lifted: Mask, type_size: float
) -> list[TextLine]:
    """Lines that read nothing, for the blank cells in which red ink stood that is as high as the page's figures."""
    rows: dict[tuple[int, int], list[float]] = {}
    heights = []
    row_of = {cell.number: cell.row for cell in cells}
    for line in found:
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
