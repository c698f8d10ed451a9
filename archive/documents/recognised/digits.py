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

from archive.documents.recognised.ink import Ink, Piece
from archive.documents.recognised.slashed import slash_of
from archive.documents.recognised.struck import is_struck

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
_MUCH_ALIKE = 0.88  # cosine of two glyphs of which one was read as no digit
_AS_HIGH, _DUST, _LONGEST = (
    (0.85, 1.2),
    0.25,
    7,
)  # heights of a usual digit: of one, of what is none; digits of a figure
_MOST = 1_500  # glyphs compared
_FLAT, _LEVEL, _DASHES = 0.3, 1.3, 4  # height of dashes as a share of their length; times as long as high; so many
LONG_DASH = 0.8  #: type heights: a dash so long is printed as "—"


@dataclass(slots=True)
class Verdict:
    """What the comparison says of a figure: ``sure`` (all its glyphs confirmed), or ``also``: what it looks like.

    ``odd``: its ink is not that of such a figure: of another width, or crossed out; ``left`` is then what is not.
    """

    sure: bool = False
    also: str = ""
    odd: bool = False
    left: str = ""


@dataclass(slots=True)
class _Glyph:
    piece: int
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


def mark_of(ink: Ink, piece: Piece) -> str:
    """The mark that flat or slanting ink is (a dash, several in a row, a slash), whatever it was read as; else ""."""
    if slash := slash_of(ink, piece):
        return slash
    if len(piece.glyphs) > 1:
        return "-" * len(piece.glyphs) if _are_dashes(ink, piece.glyphs) else ""
    width, height = (int(v) for v in piece.glyphs[0][2:])
    if height <= _FLAT * width and height <= _FLAT * ink.type_size:
        return "-" if width < LONG_DASH * ink.type_size else "—"
    return ""


def _are_dashes(ink: Ink, glyphs: NDArray[np.int32]) -> bool:
    """Whether all of some ink is short level strokes beside each other at one height, from left to right."""
    left, top, width, height = (glyphs[:, at] for at in range(4))
    high = int((top + height).max() - top.min())
    return (
        len(glyphs) <= _DASHES
        and high <= _FLAT * min(ink.type_size, float((left + width).max() - left.min()))
        and bool((width >= _LEVEL * height).all())
        and bool((left[1:] >= (left + width)[:-1]).all())
    )


def compared(ink: Ink, pieces: Sequence[Piece], texts: Sequence[str]) -> list[Verdict]:
    """What the other figures of the page say of each; ``texts``: as read, "" for what is no figure."""
    glyphs: list[_Glyph] = []
    whole: set[int] = set()
    for index, (piece, text) in enumerate(zip(pieces, texts, strict=True)):
        boxes = digit_boxes(piece, text, ink.type_size) if text else None
        if boxes is None or len(glyphs) > _MOST:
            continue
        whole.add(index)
        for at, box in boxes:
            glyphs.append(_Glyph(index, at, text[at], picture_of(ink, box)))
    verdicts = [Verdict() for _ in pieces]
    for index in whole:
        verdicts[index].sure = True
    if glyphs:
        _vote(glyphs, verdicts, texts)
    pitch, width = _measures([(pieces[index], texts[index]) for index in sorted(whole)])
    for index, (piece, text) in enumerate(zip(pieces, texts, strict=True)):
        if text:
            _cross(verdicts[index], ink, piece, text)
        if text and not verdicts[index].also:
            verdicts[index].also = _unread_mark(piece, text, split=index in whole)
            verdicts[index].sure &= not verdicts[index].also
        if text.isdigit() and not _fits(piece, len(text), pitch, width, split=index in whole):
            verdicts[index].sure, verdicts[index].odd = False, True
    return verdicts


def looked_up(ink: Ink, pieces: Sequence[Piece], texts: Sequence[str], unread: Sequence[int]) -> dict[int, str]:
    """The figures that pieces of which no reading made one are by the look of the page's own digits, by their number.

    ``texts``: of each piece the figure that it surely is, or ""; ``unread``: the numbers of those looked at.
    """
    known: list[_Glyph] = []
    heights: list[int] = []
    for index, (piece, text) in enumerate(zip(pieces, texts, strict=True)):
        placed = digit_boxes(piece, text, ink.type_size) if text and len(known) <= _MOST else None
        for at, box in placed or ():
            known.append(_Glyph(index, at, text[at], picture_of(ink, box)))
            heights.append(int(box[3]))
    if not known:
        return {}
    matrix = np.stack([glyph.picture for glyph in known])
    digit = np.array([int(glyph.digit) for glyph in known])
    usual = float(np.median(heights))
    found: dict[int, str] = {}
    for index in unread:
        boxes = [box for box in glyph_boxes(pieces[index]) if max(box[2], box[3]) >= _DUST * usual]
        if 0 < len(boxes) <= _LONGEST and all(_AS_HIGH[0] <= box[3] / usual <= _AS_HIGH[1] for box in boxes):
            read = [_like(matrix @ picture_of(ink, box), digit) for box in boxes]
            if all(read):
                found[index] = "".join(read)
    return found


def _like(alike: NDArray[np.float32], digit: NDArray[np.int64]) -> str:
    """The one digit that a glyph looks like; "" if it is none, or may be another."""
    best = [_second(alike[None, digit == value])[0] if (digit == value).any() else -1.0 for value in range(10)]
    order = np.argsort(best)
    one, other = int(order[-1]), int(order[-2])
    return str(one) if best[one] >= _MUCH_ALIKE and best[one] > best[other] + _CLEAR else ""


def _unread_mark(piece: Piece, text: str, *, split: bool) -> str:
    """The figure with a minus before it, or a point within it, where one seems to be printed and none was read."""
    boxes = glyph_boxes(piece)
    high = max(piece.y1 - piece.y0, 1)
    first = boxes[0]
    level = 0.25 * high <= first[1] + first[3] / 2 - piece.y0 <= 0.8 * high
    if text[0].isdigit() and len(boxes) > 1 and level and first[3] <= 0.45 * first[2] and first[2] <= 0.8 * high:
        return "-" + text
    if not (split and text.isdigit() and len(text) >= 3 and len(boxes) == len(text)):
        return ""
    middles = [float(box[0]) + float(box[2]) / 2 for box in boxes]
    steps = np.diff(middles)
    at = int(np.argmax(steps))
    return text[: at + 1] + "." + text[at + 1 :] if steps[at] > 1.32 * float(np.median(steps)) else ""


def _measures(figures: Sequence[tuple[Piece, str]]) -> tuple[float, float]:
    """How far apart digits stand, and how wide one is, as shares of their height: of this page, or as is usual."""
    steps, widths = [], []
    for piece, text in figures:
        boxes = glyph_boxes(piece)
        high = max(piece.y1 - piece.y0, 1)
        if text.isdigit() and len(boxes) == len(text):
            widths += [float(box[2]) / high for box in boxes]
            if len(text) > 1:
                steps.append(float(boxes[-1][0] - boxes[0][0]) / (len(text) - 1) / high)
    return float(np.median(steps)) if steps else 0.74, float(np.median(widths)) if widths else 0.6


def _fits(piece: Piece, count: int, pitch: float, width: float, *, split: bool) -> bool:
    """Whether so many digits can stand in so much ink. ``split``: each is a piece of ink of its own."""
    wide = (piece.x1 - piece.x0) / max(piece.y1 - piece.y0, 1)
    if split:
        return count > 1 or wide <= max(1.0, 1.4 * width)
    return abs(wide - (count - 1) * pitch - width) <= 0.6 * pitch


def _cross(verdict: Verdict, ink: Ink, piece: Piece, text: str) -> None:
    """See whether digits are crossed out: corrections made with the pen, or by a word processor."""
    boxes = digit_boxes(piece, text, ink.type_size) or []
    fours = [box for at, box in boxes if text[at] == "4"]  # a bar is theirs
    struck = [
        box for box in piece.glyphs if not any((box == four).all() for four in fours) and _is_barred(ink, box, piece)
    ]
    if not struck and not is_struck(ink.flat[piece.y0 : piece.y1, piece.x0 : piece.x1], text):
        return
    gone = {at for at, box in boxes if any(box is other or (box == other).all() for other in struck)}
    verdict.sure, verdict.odd = False, True
    verdict.left = "".join(c for at, c in enumerate(text) if at not in gone) if gone else ""


def _is_barred(ink: Ink, box: NDArray[np.int32], piece: Piece) -> bool:
    """Whether a level bar runs through the middle of a glyph and out of it on both sides."""
    left, top, width, height = (int(v) for v in box)
    if height < 0.6 * (piece.y1 - piece.y0) or width < 6 or height < 10:
        return False
    dark = ink.flat[top : top + height, left : left + width] < 165
    rows = dark.mean(axis=1) >= 0.97
    middle = slice(int(0.34 * height), int(0.64 * height) + 1)
    if not rows[middle].any() or rows.sum() > 0.22 * height:
        return False
    rest = np.flatnonzero(dark[~rows].any(axis=0))
    if not len(rest):
        return False
    before, behind = int(rest[0]), width - 1 - int(rest[-1])
    return min(before, behind) >= 1 and before + behind >= 0.12 * height


def digit_boxes(piece: Piece, text: str, type_size: float) -> list[tuple[int, NDArray[np.int32]]] | None:
    """The ink of each digit of ``text``, or None if ink and characters do not go together."""
    high = piece.y1 - piece.y0
    tall: list[NDArray[np.int32]] = []
    small: list[NDArray[np.int32]] = []
    for box in glyph_boxes(piece):
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


def glyph_boxes(piece: Piece) -> list[NDArray[np.int32]]:
    """Its boxes of ink, those that stand over each other made one: the parts of a broken digit."""
    done: list[NDArray[np.int32]] = []
    for box in piece.glyphs:
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


def _vote(glyphs: Sequence[_Glyph], verdicts: list[Verdict], texts: Sequence[str]) -> None:
    matrix = np.stack([glyph.picture for glyph in glyphs])
    alike = matrix @ matrix.T
    piece = np.array([glyph.piece for glyph in glyphs])
    digit = np.array([int(glyph.digit) for glyph in glyphs])
    alike[piece[:, None] == piece[None, :]] = -1.0  # a figure does not confirm itself
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
        verdict = verdicts[glyph.piece]
        verdict.sure = False
        if rival > _ALIKE and rival > own + _CLEAR:
            value = int(np.argmax(np.where(np.arange(10) == digit[index], -1, best[index])))
            text = verdict.also or texts[glyph.piece]
            verdict.also = text[: glyph.at] + str(value) + text[glyph.at + 1 :]


def _second(alike: NDArray[np.float32]) -> NDArray[np.float32]:
    """How alike the second nearest is: two witnesses, so that one misread figure confirms nothing."""
    if alike.shape[1] < 2:
        return np.full(len(alike), -1.0, np.float32)
    return np.partition(alike, -2, axis=1)[:, -2]
