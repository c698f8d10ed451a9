"""Strokes in cells that hold nothing (slash, backslash, bar), told from the digit 1 by slant and height; dashes; and
strokes through figures.

A thin slash leans as no digit does, to either side. A thick one, or one that broke in two, is told by the others of its
page: a page filled with slashes has many alike, and one printed in upright figures has no leaning 1. An upright stroke
without the flag or the foot of a 1 is a bar if it is higher than the page's figures; as high as they are it is a 1 that
may have lost both, and is doubted where the page's other 1s have them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from archive.documents.ocr.confidence import SURE
from archive.documents.ocr.page_ink import Ink, TextLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_FLAT, _LEVEL, _DASHES = 0.3, 1.3, 4  # height of dashes as a share of their length; times as long as high; so many
LONG_DASH = 0.8  #: type heights: a dash so long is printed as "—"
_MIDDLE = 0.34, 0.64, 0.8  # of a figure's height, from above: no bar stands there; none but that of a 4
_LOW = 10  # pixels: strokes of lower figures cannot be told
_LONG, _LONGER = 0.68, 1.25  # heights of a figure: of a stroke where no digit has one; no digit is so broad
_SHORTEST = 6  # pixels of a stroke
_BARS = 0.9  # widths of a digit that a stroke is longer than the bars of fours side by side
_DARK = 165
_SLANT = 0.84  # how strictly the ink of a slash runs from corner to corner; thick ones less
_LEANING = 0.72  # the same of what may be a thick one; an italic 1 comes to 0.47
_BACKWARD = 0.66  # the same of what may be a thick backslash: no 1 leans to the left, its flag makes it 0.65 at most
_UPRIGHT = 0.35  # of a digit 1 that does not lean
_NARROW = 0.22, 0.75  # width as a share of the height
_LEAST = 8  # pixels of height
_BROADEST_BAR, _LEAST_BAR = 0.2, 12  # width of a bar as a share of its height; pixels of its height
_SPECK = 0.3  # of the longest side: what is smaller beside a stroke is dust
_AS_HIGH = 0.2  # by which share heights of those alike differ
_HIGHER = 1.12, 1.9  # heights of a page's higher figures: of a bar, that is no digit; of what is no print of its size
_FIGURES = 3  # so many figures tell how high they are
_OTHERS = 2  # so many alike, or so many upright figures, tell
_ALONE = 0.6  # how sure a slash is that no other is like
_ONES = frozenset("1lI|!丨/\\")
SLASH, BACKSLASH, BAR = "/", "\\", "|"
STROKES = frozenset((SLASH, BACKSLASH, BAR))  #: the marks told here


class StrokeReading(NamedTuple):
    """What a stroke is, and how sure that is: a mark, or the figure it was read as, in doubt."""

    text: str
    sure: float


def find_slash(ink: Ink, line: TextLine) -> str:
    """The slash, of either side, that a line is by itself; "" if it is none."""
    leaning = slant(ink, line)
    if abs(leaning) <= _SLANT:
        return ""
    return SLASH if leaning < 0 else BACKSLASH


def leans(ink: Ink, box: tuple[int, int, int, int]) -> bool:
    """Whether the ink in a box (left, top, right, bottom) leans as a slash does, a thick one too, and no 1."""
    left, top, right, bottom = box
    return right - left <= _NARROW[1] * (bottom - top) and _slant(ink, box) < -_LEANING


def slant(ink: Ink, line: TextLine) -> float:
    """How a narrow stroke leans, from -1 (as a slash) to 1; 0 for what is no narrow stroke of one line or two."""
    box, count = _box_without_dust(line)
    left, top, right, bottom = box
    if count > 2 or (count > 1 and right - left > _NARROW[1] * (bottom - top)):
        return 0.0
    return _slant(ink, box)


def _box_without_dust(line: TextLine) -> tuple[tuple[int, int, int, int], int]:
    """The box (left, top, right, bottom) of a line without dust, and of how many parts it is."""
    sides = line.glyphs[:, 2:].max(axis=1)
    glyphs = line.glyphs[sides >= _SPECK * sides.max()]
    left, top = (int(v) for v in glyphs[:, :2].min(axis=0))
    right, bottom = (int(v) for v in (glyphs[:, :2] + glyphs[:, 2:]).max(axis=0))
    return (left, top, right, bottom), len(glyphs)


def _slant(ink: Ink, box: tuple[int, int, int, int]) -> float:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if height < _LEAST or width < _NARROW[0] * height:
        return 0.0
    ys, xs = np.nonzero(ink.flat[top:bottom, left:right] < _DARK)
    return float(np.corrcoef(xs, ys)[0, 1]) if len(xs) > _LEAST and np.ptp(xs) and np.ptp(ys) else 0.0


def find_stroke_marks(
    ink: Ink, lines: Sequence[TextLine], alone: Collection[int], figures: Collection[int]
) -> dict[int, StrokeReading]:
    """Of the lines ``alone`` in their cells those read as 1, or as nothing, that are strokes only the page tells.

    ``figures``: the lines that were read as figures, by which 1s and their height are known.
    """
    texts = {at: lines[at].result.text.strip() for at in alone}
    lone = [at for at in alone if not texts[at] or texts[at] in _ONES]
    leaning = {at: slant(ink, lines[at]) for at in lone}
    done = {at: mark for at, mark in _thick(lines, leaning).items() if texts[at] or mark.sure < SURE}
    done.update(_bars(lines, {at: texts[at] for at in lone if at not in done and not leaning[at]}, figures))
    return done


def _thick(lines: Sequence[TextLine], leaning: Mapping[int, float]) -> dict[int, StrokeReading]:
    """The thick slashes among strokes that lean so much."""
    done: dict[int, StrokeReading] = {}
    upright = sum(-_UPRIGHT < lean < _BACKWARD and lean != 0.0 for lean in leaning.values())
    for side, least, mark in ((-1, _LEANING, SLASH), (1, _BACKWARD, BACKSLASH)):
        heights = [_height(lines[at]) for at, lean in leaning.items() if side * lean > _SLANT]
        for at, lean in leaning.items():
            if least < side * lean <= _SLANT:
                high = _height(lines[at])
                alike = sum(abs(high - other) <= _AS_HIGH * high for other in heights)
                done[at] = StrokeReading(mark, SURE if max(alike, upright) >= _OTHERS else _ALONE)
    return done


def _bars(lines: Sequence[TextLine], lone: Mapping[int, str], figures: Collection[int]) -> dict[int, StrokeReading]:
    """The bars among strokes that lean to no side, and the 1s of which nobody knows whether they are."""
    bare = [at for at in lone if _is_bare(lines[at])]
    heights = [_height(lines[at]) for at in figures if at not in bare and lines[at].cell >= 0]
    if not bare or len(heights) < _FIGURES:
        return {}
    usual = float(np.percentile(heights, 90))
    bars = {at for at in bare if _HIGHER[0] < _height(lines[at]) / usual <= _HIGHER[1]}
    sure = SURE if len(bars) >= _OTHERS else _ALONE
    done = {at: StrokeReading(BAR, sure) for at in bars}
    footed = sum(lines[at].result.text.strip() == "1" for at in figures if at not in bare)
    if footed >= max(_OTHERS, len(bare) - len(bars)):
        done.update({at: StrokeReading(lone[at], _ALONE) for at in bare if at not in bars and lone[at]})
    return done


def _is_bare(line: TextLine) -> bool:
    """Whether a line is one upright stroke and nothing else."""
    (left, top, right, bottom), count = _box_without_dust(line)
    return count == 1 and bottom - top >= _LEAST_BAR and right - left <= _BROADEST_BAR * (bottom - top)


def _height(line: TextLine) -> int:
    return line.y1 - line.y0


def find_mark(ink: Ink, line: TextLine) -> str:
    """The mark that flat or slanting ink is (a dash, several in a row, a slash), whatever it was read as; else ""."""
    if slash := find_slash(ink, line):
        return slash
    if len(line.glyphs) > 1:
        return "-" * len(line.glyphs) if _are_dashes(ink, line.glyphs) else ""
    width, height = (int(v) for v in line.glyphs[0][2:])
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


def is_struck_through(line: Grey, text: str) -> bool:
    """Whether a stroke runs through the middle of a figure without a sign; ``line``: its box on the page."""
    high, wide = line.shape
    if not text[:1].isdigit() or high < _LOW:
        return False
    upper, bars, lower = (int(share * high) for share in _MIDDLE)
    dark = (line < _DARK).view(np.uint8)
    fours = max(len(run) for run in re.findall("4*", text))
    longer = max(_LONGER * high, (fours + _BARS) * wide / len(text))
    least = max(_SHORTEST, _LONG * high if text.isdigit() and not fours else _LONGER * high)
    return _runs(dark[upper : bars + 1], least) or _runs(dark[bars + 1 : lower], longer)


def _runs(dark: NDArray[np.uint8], least: float) -> bool:
    """Whether ink runs on level for so many pixels."""
    long = round(least)
    return (
        dark.size > 0
        and dark.shape[1] >= long
        and bool(cv2.erode(dark, np.ones((1, long), np.uint8), borderValue=0).any())
    )
