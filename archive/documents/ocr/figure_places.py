"""Cells with strokes of a seal or a pen: where the page's other figures stand tells which ink is the figure's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from archive.documents.ocr.cell_marks import SLASH, STROKES, leans
from archive.documents.ocr.confidence import SURE
from archive.documents.ocr.engine import OcrResult, recognize_lines
from archive.documents.ocr.figure_habits import FigureHabit, habit_of, is_sure
from archive.documents.ocr.figures import plain_figure
from archive.documents.ocr.page_ink import MARK, Box, CellBox, Ink, TextLine
from archive.documents.ocr.seals import Seal

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEW, _MANY = 2, 8  # such figures of a row, and of a page
_LEVEL = 0.3  # heights of a digit by which figures of one row are off each other
_STEADY, _OFF = 0.12, 0.3  # heights by which a page's figures stray from their place; by which one is elsewhere
_NEAR = 0.7  # heights between the digits of a figure
_LIKE = (0.78, 1.22)  # of a digit's height: ink of that size may be one
_ODD = 0.4  # how sure a figure can be whose ink is not that of its digits
_SLASH = 1.6  # heights of a digit: no printed slash is higher
_DOUBTED, _GUESSED = 0.5, 0.3  # how sure what is read so can be at most
_EDGE, _INKED = 0.3, 0.12  # heights of a cell's edge where no figure is; share of a digit's box that is ink at least
_WORDS = 3  # Chinese characters, surely read and half of all, that are words
_HAN = re.compile(r"[\u4e00-\u9fff]")
# with a point within it, or a unit behind: its ink is not that of digits alone, and a part of it is no figure
_AMOUNT = re.compile(r"\d\s?[.．]\s?\d|\d\s*(?:[十百千]?[万萬亿億]?元|[件条條项項个個宗次份])")
_CUT = re.compile(r"0\d")  # so no figure begins: its first digits are under the stain
_DARK = 150  # ink is darker than this on white paper
_COVERED = 0.93  # of a digit's strokes must be ink where it is said to stand
_AHEAD = 0.03  # by how much more than of the next likely digit


def reread_stained_cells(ink: Ink, lines: list[TextLine], cells: Sequence[CellBox], seals: Sequence[Seal] = ()) -> None:
    """Read stained cells anew; changes the lines in ``lines``, and leaves out those that are nothing but marks.

    ``seals``: where grey seals were lifted, and some of the print with them: no figure there is sure.
    """
    _by_habit(ink, lines, cells)
    for line in lines if seals else ():
        x, y = (line.x0 + line.x1) / 2, (line.y0 + line.y1) / 2
        if line.cell >= 0 and any(seal.holds(x, y) for seal in seals) and plain_figure(line.result.text):
            line.confidence, line.digits = min(line.confidence, _DOUBTED), 0.0


def _by_habit(ink: Ink, lines: list[TextLine], cells: Sequence[CellBox]) -> None:
    by_cell: dict[int, list[TextLine]] = {}
    for line in lines:
        if line.cell >= 0:
            by_cell.setdefault(line.cell, []).append(line)
    sure = [cell for cell in cells if is_sure(by_cell.get(cell.number, ()))]
    if len(sure) < _MANY:
        return
    habit = habit_of(sure, by_cell)
    own = list(_figure_cells(cells, sure, habit))
    for cell in own:
        if not by_cell.get(cell.number) and _has_ink(ink, cell, habit):
            by_cell[cell.number] = [_mark(cell)]
            lines += by_cell[cell.number]
    doubtful = [cell for cell in own if _is_doubtful(cell, by_cell, habit)]
    stained: list[tuple[CellBox, Box]] = []
    unread: list[CellBox] = []
    for cell in _unlike_print(doubtful, by_cell, habit):
        box = _figure_box(ink, cell, habit)
        if box is not None:
            stained.append((cell, box))
        elif not is_sure(by_cell[cell.number]):
            unread.append(cell)
        else:
            _doubt_place(by_cell[cell.number][0])
    gone = _read_anew(ink, stained, unread, by_cell)
    if unread and habit.steady:
        gone |= _guess(ink, unread, by_cell, habit, _shapes(ink, sure, by_cell, habit))
    if gone:
        lines[:] = [line for line in lines if id(line) not in gone]


def _guess(
    ink: Ink,
    unread: Sequence[CellBox],
    by_cell: Mapping[int, list[TextLine]],
    habit: FigureHabit,
    shapes: Mapping[str, NDArray[np.float32]],
) -> set[int]:
    """Guess the figures of cells without a reading by the look of the page's digits.

    The lines that are gone, by identity.
    """
    gone: set[int] = set()
    for cell in unread if shapes else ():
        guess = _matching_digit(ink, cell, habit, shapes)
        if guess is not None:
            gone |= _replaced(by_cell[cell.number], guess[1], guess[0], _GUESSED)
    return gone


def _read_anew(
    ink: Ink, stained: Sequence[tuple[CellBox, Box]], unread: list[CellBox], by_cell: Mapping[int, list[TextLine]]
) -> set[int]:
    """Read the ink in these boxes; what says no figure is ``unread``. The lines that are gone, by identity.

    A cell of which the end of a figure can be read keeps what it was read as, in doubt. What says the same again has
    sure digits, if this reading is sure of them.
    """
    results = recognize_lines([_crop(ink, box) for _, box in stained])
    gone: set[int] = set()
    for (cell, box), second in zip(stained, results, strict=True):
        text = SLASH if leans(ink, box) else plain_figure(second.text) or ""
        if _CUT.match(text):
            for line in by_cell[cell.number]:
                line.confidence = min(line.confidence, _DOUBTED)
        elif text:
            own = by_cell[cell.number]
            alike = len(own) == 1 and own[0].result.text.strip() == text and not own[0].also
            gone |= _replaced(own, box, text, min(second.confidence, _DOUBTED))
            own[0].digits = second.confidence if alike else 0.0
        else:
            unread.append(cell)
    return gone


def _figure_cells(cells: Sequence[CellBox], sure: Sequence[CellBox], habit: FigureHabit) -> Iterator[CellBox]:
    """The cells that hold figures, and no labels: below others, or right of others of their row."""
    columns = Counter(cell.column for cell in sure)
    first: dict[tuple[int, int], int] = {}
    for cell in sure:
        first[cell.row] = min(first.get(cell.row, cell.box[0]), cell.box[0])
    for cell in cells:
        if habit.level(cell) is not None and (
            columns[cell.column] >= _FEW or cell.box[0] >= first.get(cell.row, cell.box[2])
        ):
            yield cell


def _has_ink(ink: Ink, cell: CellBox, habit: FigureHabit) -> bool:
    """Whether a cell without anything to read is inked all the same: by what belongs to a stroke over several cells."""
    return _inked(ink, cell, round(_EDGE * habit.height)) >= _INKED * habit.height * habit.width


def _inked(ink: Ink, cell: CellBox, edge: int) -> int:
    """Pixels of ink within a cell, without ``edge`` pixels along its rulings."""
    x0, y0, x1, y1 = cell.box
    return int((ink.flat[y0 + edge : y1 - edge, x0 + edge : x1 - edge] < _DARK).sum())


def _mark(cell: CellBox) -> TextLine:
    x0, y0, x1, y1 = cell.box
    box = np.array([[x0, y0, x1 - x0, y1 - y0]], np.int32)
    return TextLine(cell.number, x0, y0, x1, y1, box, OcrResult(MARK, (0.0,), (0.5,)))


def _is_doubtful(cell: CellBox, by_cell: Mapping[int, list[TextLine]], habit: FigureHabit) -> bool:
    own = by_cell.get(cell.number)
    if not own or _is_worded(own):
        return False
    written = plain_figure(own[0].result.text) if len(own) == 1 else ""
    if (written and not written.isdigit()) or _AMOUNT.search(" ".join(line.result.text for line in own)):
        return False  # with a sign, a point or a unit
    if len(own) == 1 and own[0].result.text in STROKES and own[0].confidence >= SURE:
        # nothing but a slash as high as one is in print: a pen's stroke is longer, or has a figure's ink beside it
        return own[0].y1 - own[0].y0 > _SLASH * habit.height
    return not _is_at_home(cell, own, habit)


def _is_worded(own: Sequence[TextLine]) -> bool:
    """Whether a cell surely says words: the head of a column, below which figures stand, and no figure of its row."""
    read = [pair for line in own for pair in zip(line.result.text, line.result.sure, strict=True)]
    words = sum(bool(_HAN.match(character)) and sure >= SURE for character, sure in read)
    return words >= _WORDS and 2 * words >= len(read)


def _unlike_print(
    doubtful: Sequence[CellBox], by_cell: Mapping[int, list[TextLine]], habit: FigureHabit
) -> Iterator[CellBox]:
    """The doubtful cells whose ink is not that of a printed figure alone; such figures stay as read, in doubt."""
    for cell in doubtful:
        own = by_cell[cell.number]
        if _looks_printed(cell, own, habit):
            _doubt_place(own[0])
        else:
            yield cell


def _doubt_place(line: TextLine) -> None:
    """Doubt a figure that stands elsewhere than others, which says nothing against its digits if these are sure."""
    if line.confidence >= SURE and not line.also:
        line.digits = line.confidence
    line.confidence = min(line.confidence, _DOUBTED)


def _looks_printed(cell: CellBox, own: Sequence[TextLine], habit: FigureHabit) -> bool:
    """Whether all ink of a cell is one figure as the page sets them, each line of it as high as a digit.

    Digits of small type touch: a part of such a figure would be taken for all of it.
    """
    level = habit.level(cell)
    if level is None or len(own) != 1 or not own[0].result.text.isdigit():
        return False
    least, most = (share * habit.height for share in _LIKE)
    digits_alone = bool(((own[0].glyphs[:, 3] >= least) & (own[0].glyphs[:, 3] <= most)).all())
    if own[0].confidence <= _ODD and not digits_alone:
        return False
    high = own[0].y1 - own[0].y0
    return least <= high <= most and abs((own[0].y0 + own[0].y1) / 2 - level) <= _LEVEL * habit.height


def _is_at_home(cell: CellBox, own: Sequence[TextLine], habit: FigureHabit) -> bool:
    """Whether a sure figure stands where the page sets them."""
    if not is_sure(own):
        return False
    off = abs(own[0].x0 - habit.home(cell, own[0].x1 - own[0].x0))
    return not habit.steady or off <= _OFF * habit.height


def _figure_box(ink: Ink, cell: CellBox, habit: FigureHabit) -> Box | None:
    """The box of the ink that may be the cell's figure: of a digit's size, at its row's height, next to its place."""
    level = habit.level(cell)
    if level is None:
        return None
    x0, y0, x1, y1 = cell.box
    parts = ink.parts
    left, top, width, height = (parts[:, at] for at in range(4))
    inside = (left >= x0) & (left + width <= x1) & (top >= y0) & (top + height <= y1)
    like = (height >= _LIKE[0] * habit.height) & (height <= _LIKE[1] * habit.height) & (width <= 1.3 * habit.width)
    at_level = np.abs(top + height / 2 - level) <= _LEVEL * habit.height
    kept = parts[inside & like & at_level]
    if not len(kept):
        return None
    kept = kept[np.argsort(kept[:, 0], kind="stable")]
    breaks = np.flatnonzero(kept[1:, 0] - (kept[:-1, 0] + kept[:-1, 2]) > _NEAR * habit.height)
    runs = np.split(kept, breaks + 1)
    boxes = [
        (int(run[0, 0]), int(run[:, 1].min()), int((run[:, 0] + run[:, 2]).max()), int((run[:, 1] + run[:, 3]).max()))
        for run in runs
    ]

    def far(box: Box) -> float:
        return abs(box[0] - habit.home(cell, box[2] - box[0]))

    best = min(boxes, key=far)
    if habit.steady and far(best) > 2 * _OFF * habit.height:
        return None
    return best


def _crop(ink: Ink, box: Box) -> NDArray[np.uint8]:
    """The ink in a box and nothing of what is around it."""
    x0, y0, x1, y1 = box
    pad = max(2, round(0.2 * (y1 - y0)))
    inner = ink.flat[y0:y1, x0:x1]
    return np.pad(inner, pad, constant_values=255)


def _replaced(own: Sequence[TextLine], box: Box, text: str, confidence: float) -> set[int]:
    """Make the first line of a cell its figure; the others, by identity, are gone. What was read stays in ``also``."""
    before = [line.result.text.strip() for line in own]
    first = own[0]
    if before != [text]:
        first.also = list(dict.fromkeys(was for was in (*before, *first.also) if was and was != text))
    first.x0, first.y0, first.x1, first.y1 = box
    first.glyphs = np.array([[box[0], box[1], box[2] - box[0], box[3] - box[1]]], np.int32)
    count = len(text)
    first.result = OcrResult(text, (confidence,) * count, tuple((at + 0.5) / count for at in range(count)))
    first.confidence = confidence
    return {id(line) for line in own[1:]}


def _shapes(
    ink: Ink, sure: Sequence[CellBox], by_cell: Mapping[int, list[TextLine]], habit: FigureHabit
) -> dict[str, NDArray[np.float32]]:
    """Digit → its strokes as this page prints it: where most of its prints, at one size, are dark."""
    size = (max(3, round(habit.width)), max(5, round(habit.height)))
    prints_of: dict[str, list[NDArray[np.float32]]] = {}
    for cell in sure:
        line = by_cell[cell.number][0]
        if len(line.result.text) != 1 or len(prints_of.get(line.result.text, ())) >= _MANY:
            continue
        part = (ink.flat[line.y0 : line.y1, line.x0 : line.x1] < _DARK).astype(np.float32)
        wide = size[0] if line.result.text != "1" else max(2, min(size[0], line.x1 - line.x0))
        prints_of.setdefault(line.result.text, []).append(
            np.asarray(cv2.resize(part, (wide, size[1]), interpolation=cv2.INTER_AREA), dtype=np.float32)
        )
    means: dict[str, NDArray[np.float32]] = {}
    for digit, prints in prints_of.items():
        alike = [one for one in prints if one.shape == prints[0].shape]
        means[digit] = np.asarray(np.mean(alike, axis=0), dtype=np.float32)
    return means


def _matching_digit(
    ink: Ink, cell: CellBox, habit: FigureHabit, shapes: Mapping[str, NDArray[np.float32]]
) -> tuple[str, Box] | None:
    """The one digit whose strokes are all ink at the figure's place, with its box; None if none is, or several are."""
    level = habit.level(cell)
    if level is None:
        return None
    ways: list[tuple[float, str, Box]] = []
    for digit, shape in shapes.items():
        high, wide = shape.shape
        strokes = shape > 0.6
        if not strokes.any():
            continue
        home = habit.home(cell, wide)
        reach = max(1, round(0.15 * habit.height))
        best: tuple[float, str, Box] = (0.0, digit, cell.box)
        for top in range(round(level - high / 2) - reach, round(level - high / 2) + reach + 1):
            for left in range(round(home) - reach, round(home) + reach + 1):
                window = ink.flat[max(top, 0) : top + high, max(left, 0) : left + wide]
                if window.shape == shape.shape:
                    share = float((window < _DARK)[strokes].mean())
                    best = max(best, (share, digit, (left, top, left + wide, top + high)))
        ways.append(best)
    ways = [way for way in sorted(ways, reverse=True) if way[1] != "1"]  # any stroke of a seal covers a 1
    if not ways or ways[0][0] < _COVERED:
        return None
    if len(ways) > 1 and ways[1][0] > ways[0][0] - _AHEAD and ways[0][0] < 0.99:
        return None
    return ways[0][1], ways[0][2]
