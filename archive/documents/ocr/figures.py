"""Figures of a page compared with each other, glyph by glyph: a second reading that costs next to nothing.

A page is printed in one or two types, so the same digit looks the same everywhere on it. What a figure was read as is
confirmed where each of its glyphs looks like those read alike elsewhere, and doubted where it looks like another digit,
where ink and characters differ in number, or where a sign or point was printed and none was read (or the reverse).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from archive.documents.ocr.cell_marks import is_struck_through
from archive.documents.ocr.page_ink import Ink, TextLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIGURE = re.compile(r"^[-+]?\d{1,3}(?:[,，]?\d{3})*(?:\.\d{1,6})?$|^[-+]?\d{1,12}(?:\.\d{1,6})?$")
# letters and characters that a figure standing alone is mistaken for
_TWINS = str.maketrans(
    {
        "O": "0", "o": "0", "Q": "0", "D": "0", "〇": "0", "○": "0", "口": "0", "C": "0", "c": "0", "°": "0", "a": "0",
        "l": "1", "I": "1", "|": "1", "!": "1", "i": "1", "丨": "1", "Z": "2", "z": "2", "S": "5", "s": "5", "B": "8",
        "g": "9", "q": "9", "b": "6", "—": "-", "–": "-", "一": "-", "－": "-", "＋": "+", "．": ".", "，": ",",
        "·": ".",
    }
)  # fmt: skip
_HIGH, _WIDE = 24, 22
_ALIKE = 0.80  # cosine of two glyphs that may be the same digit
_CLEAR = 0.03  # by how much they must be more alike than the nearest other digit
_MOST = 1_500  # glyphs compared


@dataclass(slots=True)
class FigureCheck:
    """What the comparison says of a figure: ``sure`` (all its glyphs confirmed), or ``also``: what it looks like.

    ``odd``: its ink is not that of such a figure: of another width, or struck through.
    """

    sure: bool = False
    also: str = ""
    odd: bool = False


@dataclass(slots=True)
class _Glyph:
    line: int
    at: int  # which character of the text
    digit: str
    picture: NDArray[np.float32]


def plain_figure(text: str) -> str | None:
    """The figure a lone text stands for, twins of digits replaced; None if it is none."""
    squeezed = "".join(text.split())
    if FIGURE.match(squeezed):
        return squeezed
    if not squeezed or len(squeezed) > 12:
        return None
    turned = squeezed.translate(_TWINS)
    digits = sum(character.isdigit() for character in squeezed)
    lone = len(squeezed) == 1 and squeezed in "OoQDC〇○口cl|I!丨"
    if FIGURE.match(turned) and (lone or digits * 2 >= len(squeezed)):
        return turned
    return None


def compare_figures(ink: Ink, lines: Sequence[TextLine], texts: Sequence[str]) -> list[FigureCheck]:
    """What the other figures of the page say of each; ``texts``: as read, "" for what is no figure."""
    glyphs: list[_Glyph] = []
    whole: set[int] = set()
    for index, (line, text) in enumerate(zip(lines, texts, strict=True)):
        boxes = digit_boxes(line, text, ink.type_size) if text else None
        if boxes is None or len(glyphs) > _MOST:
            continue
        whole.add(index)
        for at, box in boxes:
            glyphs.append(_Glyph(index, at, text[at], picture_of(ink, box)))
    checks = [FigureCheck() for _ in lines]
    for index in whole:
        checks[index].sure = True
    if glyphs:
        _vote(glyphs, checks, texts)
    pitch, width = _measures([(lines[index], texts[index]) for index in sorted(whole)])
    for index, (line, text) in enumerate(zip(lines, texts, strict=True)):
        if text and is_struck_through(ink.flat[line.y0 : line.y1, line.x0 : line.x1], text):
            checks[index].sure, checks[index].odd = False, True
        if text and not checks[index].also:
            checks[index].also = _unread_mark(line, text, split=index in whole)
            checks[index].sure &= not checks[index].also
        if text.isdigit() and not _may_fit(line, len(text), pitch, width, split=index in whole):
            checks[index].sure, checks[index].odd = False, True
    return checks


def _unread_mark(line: TextLine, text: str, *, split: bool) -> str:
    """The figure with a minus before it, or a point within it, where one seems to be printed and none was read."""
    boxes = glyph_boxes(line)
    high = max(line.y1 - line.y0, 1)
    first = boxes[0]
    level = 0.25 * high <= first[1] + first[3] / 2 - line.y0 <= 0.8 * high
    if text[0].isdigit() and len(boxes) > 1 and level and first[3] <= 0.45 * first[2] and first[2] <= 0.8 * high:
        return "-" + text
    if not (split and text.isdigit() and len(text) >= 3 and len(boxes) == len(text)):
        return ""
    middles = [float(box[0]) + float(box[2]) / 2 for box in boxes]
    steps = np.diff(middles)
    at = int(np.argmax(steps))
    return text[: at + 1] + "." + text[at + 1 :] if steps[at] > 1.32 * float(np.median(steps)) else ""


def _measures(figures: Sequence[tuple[TextLine, str]]) -> tuple[float, float]:
    """How far apart digits stand, and how wide one is, as shares of their height: of this page, or as is usual."""
    steps, widths = [], []
    for line, text in figures:
        boxes = glyph_boxes(line)
        high = max(line.y1 - line.y0, 1)
        if text.isdigit() and len(boxes) == len(text):
            widths += [float(box[2]) / high for box in boxes]
            if len(text) > 1:
                steps.append(float(boxes[-1][0] - boxes[0][0]) / (len(text) - 1) / high)
    return float(np.median(steps)) if steps else 0.74, float(np.median(widths)) if widths else 0.6


def _may_fit(line: TextLine, count: int, pitch: float, width: float, *, split: bool) -> bool:
    """Whether so many digits can stand in so much ink. ``split``: each is a line of ink of its own."""
    wide = (line.x1 - line.x0) / max(line.y1 - line.y0, 1)
    if split:
        return count > 1 or wide <= max(1.0, 1.4 * width)
    return abs(wide - (count - 1) * pitch - width) <= 0.6 * pitch


def digit_boxes(line: TextLine, text: str, type_size: float) -> list[tuple[int, NDArray[np.int32]]] | None:
    """The ink of each digit of ``text``, or None if ink and characters do not go together."""
    high = line.y1 - line.y0
    tall: list[NDArray[np.int32]] = []
    small: list[NDArray[np.int32]] = []
    for box in glyph_boxes(line):
        (tall if box[3] >= 0.6 * high else small).append(box)
    digits = [at for at, character in enumerate(text) if character.isdigit()]
    others = len(text) - len(digits)
    marks = [box for box in small if max(box[2], box[3]) >= 0.1 * type_size]
    if len(tall) != len(digits) or len(marks) != others:
        return None
    order = sorted([*((int(b[0]), True) for b in tall), *((int(b[0]), False) for b in marks)])
    if [is_digit for _, is_digit in order] != [character.isdigit() for character in text]:
        return None
    return list(zip(digits, tall, strict=True))


def glyph_boxes(line: TextLine) -> list[NDArray[np.int32]]:
    """Its boxes of ink, those that stand over each other made one: the parts of a broken digit."""
    done: list[NDArray[np.int32]] = []
    for box in line.glyphs:
        last = done[-1] if done else None
        if last is not None and min(last[0] + last[2], box[0] + box[2]) - box[0] > 0.5 * min(last[2], box[2]):
            right, bottom = max(last[0] + last[2], box[0] + box[2]), max(last[1] + last[3], box[1] + box[3])
            left, top = min(last[0], box[0]), min(last[1], box[1])
            done[-1] = np.array((left, top, right - left, bottom - top), np.int32)
        else:
            done.append(box)
    return done


def picture_of(ink: Ink, box: NDArray[np.int32]) -> NDArray[np.float32]:
    """A glyph at one height, in the middle, as a vector of length one."""
    left, top, width, height = (int(v) for v in box)
    dark = 255.0 - ink.flat[top : top + height, left : left + width].astype(np.float32)
    wide = min(_WIDE, max(3, round(width * _HIGH / height)))
    done = np.zeros((_HIGH, _WIDE), np.float32)
    start = (_WIDE - wide) // 2
    done[:, start : start + wide] = cv2.resize(dark, (wide, _HIGH), interpolation=cv2.INTER_AREA)
    flat = np.asarray(cv2.GaussianBlur(done, (0, 0), 1.0), dtype=np.float32).ravel()
    flat -= flat.mean()
    return flat / np.float32(max(float(np.linalg.norm(flat)), 1e-6))


def _vote(glyphs: Sequence[_Glyph], checks: list[FigureCheck], texts: Sequence[str]) -> None:
    matrix = np.stack([glyph.picture for glyph in glyphs])
    alike = matrix @ matrix.T
    line = np.array([glyph.line for glyph in glyphs])
    digit = np.array([int(glyph.digit) for glyph in glyphs])
    alike[line[:, None] == line[None, :]] = -1.0  # a figure does not confirm itself
    best = np.full((len(glyphs), 10), -1.0)
    for value in range(10):
        held = digit == value
        if held.any():
            best[:, value] = _second(alike[:, held])
    for index, glyph in enumerate(glyphs):
        own = best[index, digit[index]]
        others = np.delete(best[index], digit[index])
        rival = float(others.max())
        if own >= _ALIKE and own > rival + _CLEAR:
            continue
        check = checks[glyph.line]
        check.sure = False
        if rival > _ALIKE and rival > own + _CLEAR:
            value = int(np.argmax(np.where(np.arange(10) == digit[index], -1, best[index])))
            text = check.also or texts[glyph.line]
            check.also = text[: glyph.at] + str(value) + text[glyph.at + 1 :]


def _second(alike: NDArray[np.float32]) -> NDArray[np.float32]:
    """How alike the second nearest is: two witnesses, so that one misread figure confirms nothing."""
    if alike.shape[1] < 2:
        return np.full(len(alike), -1.0, np.float32)
    return np.partition(alike, -2, axis=1)[:, -2]
