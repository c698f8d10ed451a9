"""Skew, perspective and quarter turns of a page: found by its lines and rulings, taken out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.ocr.engine import OcrResult, TextBox, recognize_lines
from archive.documents.ocr.ruling_strokes import Lean
from archive.documents.ocr.rulings import detect_rulings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Matrix = NDArray[np.float64]

_MOST = 7.0  # degrees of skew looked for
_SMALL = 900  # pixels of the longer side on which skew is measured
_ENOUGH = 4_000  # points that are looked at, at most this many times ten
_SLIGHT = 0.15  # degrees: by less a page is turned only if that is seen to help
_UPRIGHT = 0.80  # readings as sure as this are not upside down
_SURELY_UPRIGHT = 0.95  # the same of a single line


def _skew_of(flat: Grey) -> float:
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


def _levelness(flat: Grey) -> float:
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


def _rotation(angle: float, width: int, height: int) -> tuple[Matrix, tuple[int, int]]:
    """The matrix that takes ``angle`` degrees of skew out, and the size (width, height) that holds the whole page."""
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), [0, 0, 1]])
    corners = transform_points([(0, 0), (width, 0), (width, height), (0, height)], matrix)
    left, top = corners.min(axis=0)
    right, bottom = corners.max(axis=0)
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]])
    return shift @ matrix, (math.ceil(right - left), math.ceil(bottom - top))


def transform_points(points: Sequence[tuple[float, float]], matrix: Matrix) -> NDArray[np.float64]:
    """Points through a homography, as rows of x, y."""
    homogeneous = np.array([[x, y, 1.0] for x, y in points])
    out = homogeneous @ matrix.T
    return out[:, :2] / out[:, 2:]


def _warp(grey: Grey, matrix: Matrix, size: tuple[int, int]) -> Grey:
    """The page through a homography, paper around it."""
    paper = int(np.percentile(grey[::16, ::16], 80))
    done = cv2.warpPerspective(
        grey, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=paper
    )
    return cast("Grey", done)


def _squaring(across: Sequence[Lean], down: Sequence[Lean], size: tuple[int, int]) -> Matrix | None:
    """The homography that makes long rulings level and upright, or None if they are so, or too few to tell."""
    width, height = size
    level, upright = _fit_slopes(across, height), _fit_slopes(down, width)
    if level is None and upright is None:
        return None
    top, bottom = level or (0.0, 0.0)
    left, right = upright or (-(top + bottom) / 2,) * 2
    if level is None:
        top = bottom = -(left + right) / 2
    if max(map(abs, (top, bottom, left, right))) * max(size) < 1.5:
        return None
    return _levelled((top, bottom, left, right), size, 0.12)


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


def _fit_slopes(leans: Sequence[Lean], reach: int) -> tuple[float, float] | None:
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


def straighten(flat: Grey, back: Matrix) -> tuple[Grey, Matrix]:
    """Skew and perspective taken out. ``back`` leads from the new pixels to those of the file."""
    height, width = flat.shape
    angle = _skew_of(flat)
    matrix, size = np.eye(3), (width, height)
    straight = flat
    if abs(angle) > 0.03:
        turned, turned_size = _rotation(angle, width, height)
        better = _warp(flat, turned, turned_size)
        # a screenshot is level, and turning it would but blur it
        if abs(angle) > _SLIGHT or _levelness(better) > _levelness(flat):
            straight, matrix, size = better, turned, turned_size
    small = cv2.resize(straight, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    rough = detect_rulings(cast("Grey", small))
    square = _squaring(rough.across, rough.down, (small.shape[1], small.shape[0]))
    if square is not None:
        double = np.diag([2.0, 2.0, 1.0])
        squared = double @ square @ np.linalg.inv(double) @ matrix
        better = _warp(flat, squared, size)
        if _levelness(better) > _levelness(straight):
            straight, matrix = better, squared
    return straight, back @ np.linalg.inv(matrix)


def lies_on_its_side(text_boxes: Sequence[TextBox]) -> bool:
    """Whether more lines of text run down the page than across it."""
    wide = sum(f.x1 - f.x0 for f in text_boxes if f.x1 - f.x0 > 2 * (f.y1 - f.y0))
    tall = sum(f.y1 - f.y0 for f in text_boxes if f.y1 - f.y0 > 2 * (f.x1 - f.x0))
    return tall > 1.5 * wide


def quarter_turn(flat: Grey, back: Matrix) -> tuple[Grey, Matrix]:
    """The page turned by a quarter to the left; whether it stands on its head then is seen later."""
    width = int(flat.shape[1])
    # new (x, y) was at (width - y, x)
    return np.ascontiguousarray(np.rot90(flat)), back @ np.array([[0, -1, width], [1, 0, 0], [0, 0, 1.0]])


def half_turn(flat: Grey, back: Matrix, text_boxes: Sequence[TextBox]) -> tuple[Grey, Matrix, list[TextBox]]:
    """The page turned upside down, with the boxes of its lines."""
    height, width = flat.shape
    turned = [TextBox(width - f.x1, height - f.y1, width - f.x0, height - f.y0, f.score) for f in text_boxes]
    matrix = back @ np.array([[-1, 0, width], [0, -1, height], [0, 0, 1.0]])
    return np.ascontiguousarray(flat[::-1, ::-1]), matrix, turned


def is_upside_down(flat: Grey, text_boxes: Sequence[TextBox]) -> bool:
    """Read a few lines; if they make little sense, read them turned round as well."""
    lines = sorted(text_boxes, key=lambda f: f.x1 - f.x0, reverse=True)
    usual = float(np.median([f.y1 - f.y0 for f in lines[:12]]))
    sample = [f for f in lines[:12] if f.y1 - f.y0 < 1.5 * usual][:3]
    crops = []
    for f in sample:
        right = min(f.x1, f.x0 + 5 * (f.y1 - f.y0))
        crops.append(np.ascontiguousarray(flat[int(f.y0) : int(f.y1) + 1, int(f.x0) : int(right) + 1]))
    if _sense(recognize_lines(crops[:1])) >= _SURELY_UPRIGHT:
        return False
    upright = _sense(recognize_lines(crops))
    if upright >= _UPRIGHT:
        return False
    return _sense(recognize_lines([np.ascontiguousarray(c[::-1, ::-1]) for c in crops])) > upright + 0.05


def _sense(lines: Sequence[OcrResult]) -> float:
    """Mean sureness of all characters."""
    chances = [chance for line in lines for chance in line.sure]
    return float(np.mean(chances)) if chances else 0.0
