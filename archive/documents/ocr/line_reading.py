"""Lines of print → what they read, figures twice; what two readings differ in is doubted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.ocr.cell_marks import STROKES, find_mark, find_stroke_marks
from archive.documents.ocr.confidence import SURE
from archive.documents.ocr.engine import HEIGHT, OcrResult, is_letter, recognize_lines
from archive.documents.ocr.figures import FIGURE, FigureCheck, compare_figures, plain_figure
from archive.documents.ocr.page_ink import MARK, Ink, TextLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_WORDY = 4.5  # times as wide as high: a line of words, which may be squeezed
_SQUARE, _TWO = 0.85, 1.6  # widths of a Chinese character, and of two, as shares of the line's height
_SQUEEZE = 0.56  # as much as the figures in it bear: at 0.5 more of them are misread
MOST_TEXT = 150_000  # pixels of text, lines 48 high, read on one page: five times a full one
_DIFFERENT, _ODD = 0.6, 0.4  # how sure is what two readings differ in; what its ink speaks against
_PAD = 0.16  # of a line's height: paper left around it


def read_lines(ink: Ink, lines: Sequence[TextLine]) -> tuple[int, bool]:
    """Read every line of print, figures twice; tables first if there is more than can be read.

    Returns the pixels of text read, and whether there was more.
    """
    crops = [crop(ink, line, squeeze=_squeeze(line)) for line in lines]
    order = sorted(range(len(lines)), key=lambda at: lines[at].cell < 0)
    lengths = np.cumsum([crops[at].shape[1] * HEIGHT / crops[at].shape[0] for at in order])
    kept = order[: int(np.searchsorted(lengths, MOST_TEXT))]
    for at, result in zip(kept, recognize_lines([crops[at] for at in kept]), strict=True):
        lines[at].result, lines[at].confidence = result, result.confidence
    for at in order[len(kept) :]:
        if lines[at].cell >= 0:
            lines[at].result = _with_text(lines[at].result, MARK)
    _read_again(ink, lines, set(kept))
    return int(lengths[len(kept) - 1]) if kept else 0, len(kept) < len(lines)


def _read_again(ink: Ink, lines: Sequence[TextLine], kept: set[int]) -> None:
    """Compare the figures, read the doubtful ones again, mark ink of which nothing could be made."""
    alone = _lone_lines(lines)
    strokes = find_stroke_marks(ink, lines, alone, [at for at in alone if plain_figure(lines[at].result.text)])
    marks = {at for at, stroke in strokes.items() if stroke.text in STROKES}
    for at in marks:
        line, stroke = lines[at], strokes[at]
        line.also = [] if stroke.sure >= SURE else ["1"]
        line.result, line.confidence = _with_text(line.result, stroke.text), stroke.sure
    texts = [_figure(line, ink) if at in alone - marks else "" for at, line in enumerate(lines)]
    checks = compare_figures(ink, lines, texts)
    again = []
    for at, (line, text, check) in enumerate(zip(lines, texts, checks, strict=True)):
        if at not in kept or at in marks:
            continue
        if text and check.sure and not is_letter(line.result.text.strip()):
            line.result, line.confidence = _with_text(line.result, text), 1 - (1 - line.confidence) * 0.2
        elif text or not line.result.text.strip() or (at in alone and _is_short(line) and line.confidence < SURE):
            again.append(at)
    results = recognize_lines([crop(ink, lines[at], pad=0.32) for at in again])
    for at, second in zip(again, results, strict=True):
        _choose(lines[at], texts[at], checks[at], second)
    for at, stroke in strokes.items():
        lines[at].confidence = min(lines[at].confidence, stroke.sure)


def _squeeze(line: TextLine) -> float:
    """Words bear it; of short texts those with ink as wide as a Chinese character, which no digit is.

    Digits that touch are as wide, but they are always read a second time, as they are.
    """
    width, height = line.x1 - line.x0, line.y1 - line.y0
    square = (line.glyphs[:, 2] >= _SQUARE * height) & (line.glyphs[:, 3] >= 0.6 * height)
    words = width > _WORDY * height or (width > _TWO * height and bool(square.any()))
    return _SQUEEZE if words else 1.0


def _is_short(line: TextLine) -> bool:
    return line.x1 - line.x0 < 6 * (line.y1 - line.y0)


def _lone_lines(lines: Sequence[TextLine]) -> set[int]:
    """The numbers of lines that are the only one of their cell, as figures are, and of other figures."""
    count = Counter(line.cell for line in lines)
    return {
        at
        for at, line in enumerate(lines)
        if (line.cell >= 0 and count[line.cell] == 1) or FIGURE.match(line.result.text)
    }


def _figure(line: TextLine, ink: Ink) -> str:
    """The figure that a line alone in its cell is; "" if it is none. One that is a mark by its ink is read as that."""
    if mark := find_mark(ink, line):
        line.result, line.confidence = _with_text(line.result, mark), max(line.confidence, SURE)
        return ""
    return _figure_of(line, line.result)


def _figure_of(line: TextLine, result: OcrResult) -> str:
    """The figure that an OCR result is, of a line that stands alone in its cell or is a figure; "" if it is none."""
    return plain_figure(result.text) or (result.digit if line.cell >= 0 else "")


def _choose(line: TextLine, text: str, check: FigureCheck, second: OcrResult) -> None:
    """Choose between two OCR results of a line and keep the other as an alternative."""
    other = _figure_of(line, second) or second.text.strip()
    if is_letter(second.text.strip()) or is_letter(line.result.text.strip()):
        line.confidence = min(line.confidence, _DIFFERENT)
        second = replace(second, sure=tuple(min(chance, _DIFFERENT) for chance in second.sure))
    one = text or line.result.text.strip()
    if not one and not other:
        line.result, line.confidence = _with_text(line.result, MARK), 0.0
        return
    if one == other:
        line.result = _with_text(line.result, one)
        line.confidence = 1 - (1 - line.confidence) * (1 - second.confidence)
        rest = [check.also]
    elif not one or (second.confidence > line.confidence and (plain_figure(other) or not plain_figure(one))):
        rest = [one, check.also]
        line.result = _with_text(second, other)
        line.confidence = min(second.confidence, _DIFFERENT if one else second.confidence)
    else:
        rest = [other, check.also]
        line.result, line.confidence = _with_text(line.result, one), min(line.confidence, _DIFFERENT)
    if check.odd:
        line.confidence = min(line.confidence, _ODD)
    line.also = list(dict.fromkeys(text for text in rest if text and text != line.result.text))


def _with_text(result: OcrResult, text: str) -> OcrResult:
    """The same result with another text, its characters evenly spread if their number differs."""
    if len(text) == len(result.text):
        return replace(result, text=text)
    count = max(len(text), 1)
    return OcrResult(text, (result.confidence,) * len(text), tuple((i + 0.5) / count for i in range(len(text))))


def crop(ink: Ink, piece: TextLine, *, pad: float = _PAD, squeeze: float = 1.0) -> Grey:
    """The line with some paper around it; a dash keeps the height of its line."""
    height = max(piece.y1 - piece.y0, 0.72 * ink.type_size)
    middle = (piece.y0 + piece.y1) / 2
    around = pad * height
    top, bottom = int(middle - height / 2 - around), int(np.ceil(middle + height / 2 + around)) + 1
    left, right = int(piece.x0 - around - 1), int(np.ceil(piece.x1 + around)) + 1
    line = _crop(ink.flat, left, top, right, bottom)
    if squeeze == 1.0:
        return line
    high, wide = line.shape
    tall = max(high, HEIGHT)  # a low line is drawn as high as it is read: squeezed as it is, strokes would run together
    width = max(8, round(wide * squeeze * tall / high))
    if width < wide and tall > high:
        line = cast("Grey", cv2.resize(line, (wide, tall), interpolation=cv2.INTER_CUBIC))
    way = cv2.INTER_AREA if width < wide else cv2.INTER_CUBIC
    return cast("Grey", cv2.resize(line, (width, tall), interpolation=way))


def _crop(flat: Grey, left: int, top: int, right: int, bottom: int) -> Grey:
    """A rectangle, white where it leaves the page."""
    height, width = flat.shape
    done = np.full((bottom - top, right - left), 255, np.uint8)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    if x0 < x1 and y0 < y1:
        done[y0 - top : y1 - top, x0 - left : x1 - left] = flat[y0:y1, x0:x1]
    return done
