"""Skew and perspective of a page: found by its lines and rulings, taken out in one go."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Matrix = NDArray[np.float64]

_MOST = 7.0  # degrees of skew looked for
_SMALL = 900  # pixels of the longer side on which skew is measured
_INKED, _RUN = 190, 12  # of a page so small: a ruling is darker, and runs straight for so long however it leans
_STEEP = 0.1  # per pixel: rulings lean no more
_SHARP = 1.6  # times as much ink on some rows as at most slopes: these are rulings
_STRONG = 0.03  # by so much the rulings at one edge lean, or more than at the other: else they are followed one by one
_ENOUGH = 4_000  # points that are looked at, at most this many times ten


def skew_of(flat: Grey) -> float:
    """Degrees by which lines of text or rulings fall to the right (clockwise positive); 0 if nothing tells."""
    height, width = flat.shape
    factor = min(1.0, _SMALL / max(height, width))
    small = cv2.resize(flat, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else flat
    ys, xs = np.nonzero(small < 150)
    if len(xs) < 200:
        return 0.0
    step = max(1, len(xs) // (_ENOUGH * 10))
    x, y = xs[::step].astype(np.float64), ys[::step].astype(np.float64)
    coarse = _sharpest(x, y, np.arange(-_MOST, _MOST + 0.01, 0.5))
    fine = _sharpest(x, y, coarse + np.arange(-0.6, 0.61, 0.1))
    return _sharpest(x, y, fine + np.arange(-0.1, 0.101, 0.02))


def _sharpest(x: NDArray[np.float64], y: NDArray[np.float64], angles: NDArray[np.float64]) -> float:
    """The angle at which rows, or columns, of ink are most unlike each other."""
    marks = [_marks(x, y, angle) for angle in angles]
    across, down = np.array(marks).T
    total = across / max(across.mean(), 1e-9) + down / max(down.mean(), 1e-9)
    best = int(np.argmax(total))
    return float(angles[best])


def levelness(flat: Grey) -> float:
    """How sharply rows and columns of ink differ: higher is straighter, for one page at one size."""
    factor = min(1.0, _SMALL / max(flat.shape))
    small = cv2.resize(flat, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else flat
    dark = (255.0 - small.astype(np.float64)) / 255.0
    ink = max(float(dark.sum()), 1.0)
    return float((dark.sum(axis=1) ** 2).sum() + (dark.sum(axis=0) ** 2).sum()) / ink


def _marks(x: NDArray[np.float64], y: NDArray[np.float64], angle: float) -> tuple[float, float]:
    slope = math.tan(math.radians(angle))
    marks = []
    for along in (y - x * slope, x + y * slope):
        counts = np.bincount((along - along.min()).astype(np.int64))
        marks.append(float((counts.astype(np.float64) ** 2).sum()))
    return marks[0], marks[1]


def turning(angle: float, width: int, height: int) -> tuple[Matrix, tuple[int, int]]:
    """The matrix that takes ``angle`` degrees of skew out, and the size (width, height) that holds the whole page."""
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), [0, 0, 1]])
    corners = moved([(0, 0), (width, 0), (width, height), (0, height)], matrix)
    left, top = corners.min(axis=0)
    right, bottom = corners.max(axis=0)
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]])
    return shift @ matrix, (math.ceil(right - left), math.ceil(bottom - top))


def moved(points: Sequence[tuple[float, float]], matrix: Matrix) -> NDArray[np.float64]:
    """Points through a homography, as rows of x, y."""
    given = np.array([[x, y, 1.0] for x, y in points])
    out = given @ matrix.T
    return out[:, :2] / out[:, 2:]


def warped(grey: Grey, matrix: Matrix, size: tuple[int, int]) -> Grey:
    """The page through a homography, paper around it."""
    paper = int(np.percentile(grey[::16, ::16], 80))
    done = cv2.warpPerspective(
        grey, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=paper
    )
    return cast("Grey", done)


@dataclass(frozen=True, slots=True)
class Lean:
    """A long ruling: where its middle is, how long it is, and how much it leans (per pixel along it)."""

    at: float
    middle: float
    length: float
    slope: float


def squaring(across: Sequence[Lean], down: Sequence[Lean], size: tuple[int, int]) -> Matrix | None:
    """The homography that makes long rulings level and upright, or None if they are so, or too few to tell."""
    width, height = size
    level, upright = _fitted(across, height), _fitted(down, width)
    if level is None and upright is None:
        return None
    top, bottom = level or (0.0, 0.0)
    left, right = upright or (-(top + bottom) / 2,) * 2
    if level is None:
        top = bottom = -(left + right) / 2
    if max(map(abs, (top, bottom, left, right))) * max(size) < 1.5:
        return None
    return _levelled((top, bottom, left, right), size, 0.12)


def foreshortened(flat: Grey) -> Matrix | None:
    """The homography that takes a strong perspective out, as of a page photographed aslant; None if there is none.

    Its rulings lean too much to be followed one by one: in each half of the page, the slope at which most of their
    ink falls together is theirs.
    """
    height, width = flat.shape
    factor = min(1.0, _SMALL / max(height, width))
    small = cv2.resize(flat, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else flat
    dark = (small < _INKED).view(np.uint8)
    ends = []
    for way in (dark, cv2.transpose(dark)):
        runs = cast("NDArray[np.uint8]", cv2.morphologyEx(way, cv2.MORPH_OPEN, np.ones((1, _RUN), np.uint8)))
        half = runs.shape[0] // 2
        one, other = _leaning(runs[:half]), _leaning(runs[half:])
        if one is None or other is None:
            ends += [0.0, 0.0]
        else:
            ends += [one - (other - one) / 2, other + (other - one) / 2]
    top, bottom, left, right = ends
    if max(abs(top - bottom), abs(left - right), *map(abs, ends)) < _STRONG:
        return None
    return _levelled((top, bottom, left, right), (width, height), 0.2)


def _leaning(runs: NDArray[np.uint8]) -> float | None:
    """How much the rulings in a strip fall per pixel to the right; None where none stand out."""
    ys, xs = np.nonzero(runs)
    if len(xs) < 200:
        return None
    step = max(1, len(xs) // (_ENOUGH * 4))
    x, y = xs[::step].astype(np.float64), ys[::step].astype(np.float64)
    slopes = np.arange(-_STEEP, _STEEP + 1e-6, 0.002)
    marks = []
    for slope in slopes:
        along = y - slope * x
        counts = np.bincount((along - along.min()).astype(np.int64))
        marks.append(float((counts.astype(np.float64) ** 2).sum()))
    best = int(np.argmax(marks))
    return float(slopes[best]) if marks[best] > _SHARP * float(np.median(marks)) else None


def _levelled(slopes: tuple[float, float, float, float], size: tuple[int, int], most: float) -> Matrix | None:
    """Slopes at the top, bottom, left and right edge → what takes them out; None if a corner moved too far for that.

    ``most``: so far, as a share of the longer side.
    """
    (width, height), (top, bottom, left, right) = size, slopes
    lines = (_across(width / 2, 0, top), _across(width / 2, height, bottom))
    sides = (_down(0, height / 2, left), _down(width, height / 2, right))
    corners = [
        _meeting(line, side)
        for line, side in ((lines[0], sides[0]), (lines[0], sides[1]), (lines[1], sides[1]), (lines[1], sides[0]))
    ]
    source = np.array(corners, dtype=np.float32)
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    if np.abs(source - target).max() > most * max(size):
        return None
    return np.asarray(cv2.getPerspectiveTransform(source, target), dtype=np.float64)


def _fitted(leans: Sequence[Lean], reach: int) -> tuple[float, float] | None:
    """Slopes at both ends of the page, by a line through those of the rulings (weighted by length, outliers out)."""
    if len(leans) < 3 or sum(lean.length for lean in leans) < reach / 2:
        return None
    at, slope, weight = (np.array([getattr(lean, name) for lean in leans]) for name in ("at", "slope", "length"))
    middle = float(np.median(slope))
    kept = np.abs(slope - middle) < 0.03
    if kept.sum() < 3:
        return None
    at, slope, weight = at[kept], slope[kept], weight[kept]
    if at.max() - at.min() < 0.25 * reach or len(at) < 4:
        mean = float(np.average(slope, weights=weight))
        return mean, mean
    rise, base = np.polyfit(at, slope, 1, w=weight)
    return float(base), float(base + rise * reach)


def _across(x: float, y: float, slope: float) -> tuple[float, float, float]:
    """a·x + b·y = c through a point, falling ``slope`` per pixel to the right."""
    return -slope, 1.0, y - slope * x


def _down(x: float, y: float, slope: float) -> tuple[float, float, float]:
    return 1.0, -slope, x - slope * y


def _meeting(one: tuple[float, float, float], two: tuple[float, float, float]) -> tuple[float, float]:
    determinant = one[0] * two[1] - two[0] * one[1]
    return (one[2] * two[1] - two[2] * one[1]) / determinant, (one[0] * two[2] - two[0] * one[2]) / determinant
