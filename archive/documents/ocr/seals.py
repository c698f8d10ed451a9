"""Seals and red print: what a seal covers is read, the seal itself is lifted from the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

import cv2
import numpy as np

from archive.documents.ocr.components import components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_RED = 45  # how much redder than green and blue the ink of a seal is
_TINGE, _DEEPEST = 20, 90  # how much redder than green or blue red print is, however thin; it is made no darker
_TALL, _BROKEN = 70, 5  # of the page's longer side: print is no higher; pixels by which ink of a seal may be broken
_PRINT, _PALE = 40, 180  # of 255: the grey of seals in between; paler ones are no ink anyway
_STROKE = 550  # of a page's width: so broad is a stroke of a seal, and none of small print
_FILLED = 0.01  # of a seal's box that its strokes fill
_SHARE = 0.4  # of the way from a seal to print: what is darker is print, or its edge
_APART = 45  # by so much print is darker than a seal over it
_RULED = 12  # of a page's width: what runs straight so far is a ruling, and no stroke of a seal
_RADIUS = 0.055, 0.16  # of a page's shorter side: seals are 38 to 58 mm across; two pages may lie side by side
_FINER, _CIRCLES = 4, 12  # times that the page is made smaller to look for rings; so many are looked at
_VOTES = 0.9  # per pixel of the smallest radius: rings with fewer votes are none
_RIM = 1.15  # radii: so far out its rim goes, the middle being found to a few pixels
_ROUND, _ALONE = 0.7, 0.6  # of its directions in which a ring is drawn; of those, in which there is something around it
_CLOSE = 4  # of the light: by so little a seal's letters differ from its darkest strokes


class Seal(NamedTuple):
    """The rim of a seal: its middle and its radius, in pixels."""

    x: float
    y: float
    radius: float

    def box(self, radii: float = _RIM) -> tuple[slice, slice]:
        """The rows and columns that it takes, or so many of its radii to either side of its middle."""
        reach = round(radii * self.radius) + 1
        x, y = round(self.x), round(self.y)
        return slice(max(0, y - reach), y + reach), slice(max(0, x - reach), x + reach)

    def transform_points(self, x: float, y: float) -> Seal:
        """The same elsewhere."""
        return Seal(self.x + x, self.y + y, self.radius)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies within it, or on its rim."""
        return self.far(x, y) <= _RIM

    def far(self, x: float, y: float) -> float:
        """How far from its middle a point is, in radii."""
        return math.hypot(x - self.x, y - self.y) / self.radius


def lift_red_seals(pixels: NDArray[np.uint8]) -> tuple[Grey, NDArray[np.uint8] | None]:
    """The same, and a mask that is 1 where red ink was lifted; None if nothing was."""
    if pixels.ndim == 2:
        return pixels, None
    grey = cast("Grey", cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
    red = pixels[..., 0]
    coloured = cv2.subtract(red, cv2.max(pixels[..., 1], pixels[..., 2])) > _RED
    if not coloured.any():
        return grey, None
    seals = _seals(coloured.astype(np.uint8))
    printed = _as_print(pixels, grey)
    lifted_at = np.zeros(grey.shape, np.uint8) if seals else None
    for x, y, width, height in seals:
        part = (slice(y, y + height), slice(x, x + width))
        if lifted_at is not None:
            lifted_at[part] = coloured[part]
        # the red channel is light where only the seal is and dark where print shows through it
        lifted = np.where(coloured[part], cv2.max(red[part], grey[part]), grey[part])
        printed[part] = _without_rim(lifted, coloured[part])
    return printed, lifted_at


def _as_print(pixels: NDArray[np.uint8], grey: Grey) -> Grey:
    """The grey in which pale red print is as dark as it looks: its red, of which paper has as much, makes it light."""
    others = cv2.min(pixels[..., 1], pixels[..., 2])
    tinged = cv2.subtract(pixels[..., 0], others) > _TINGE
    return np.where(tinged, np.minimum(grey, np.maximum(others, _DEEPEST)), grey).astype(np.uint8)


def _without_rim(grey: Grey, coloured: NDArray[np.bool_]) -> Grey:
    """Where only seal was, the light of the paper: its ink is not quite white in the red channel."""
    if not coloured.any() or coloured.all():
        return grey
    paper = float(np.percentile(grey[~coloured], 70))
    seal = float(np.percentile(grey[coloured], 60))
    if seal >= paper or seal < paper / 3:
        return grey
    lifted = np.clip(grey[coloured].astype(np.float32) * (paper / max(seal, 1.0)), 0, paper)
    grey[coloured] = lifted.astype(np.uint8)
    return grey


def _seals(mask: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """Boxes of red things that are about as high as wide, and no small ones."""
    size = max(mask.shape)
    reach = max(5, size // 150)
    factor = 4
    small = cv2.resize(mask, (mask.shape[1] // factor + 1, mask.shape[0] // factor + 1), interpolation=cv2.INTER_AREA)
    small = cv2.dilate((small > 0).astype(np.uint8), np.ones((reach, reach), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(small)
    found = []
    for left, top, width, height, _area in stats[1:count]:
        if min(width, height) * factor > size / 25 and 0.4 < width / height < 2.5:
            x, y = max(0, (left - 1) * factor), max(0, (top - 1) * factor)
            box = int(x), int(y), int((width + 2) * factor), int((height + 2) * factor)
            if not _is_low(mask[y : y + box[3], x : x + box[2]], size / _TALL):
                found.append(box)
    return found


def _is_low(mask: NDArray[np.uint8], high: float) -> bool:
    """Whether nothing in it is higher than print, as figures in red of rows one below the other; a seal's rim is."""
    whole = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((_BROKEN, _BROKEN), np.uint8))
    return bool((components(cast("NDArray[np.uint8]", whole)).stats[:, cv2.CC_STAT_HEIGHT] <= high).all())


def lift_grey_seals(flat: Grey, but: Sequence[Seal] = ()) -> tuple[Grey, list[Seal]]:
    """The evened and straightened page without grey seals (broad strokes lighter than print, in a ring), and where.

    ``but``: seals that are lifted already.

    Print and rulings that show through them are darker and stay; so do rulings as grey as a seal. A seal as dark as
    print cannot be told from it so.
    """
    grey = ((flat > _PRINT) & (flat < _PALE)).view(np.uint8)
    side = max(3, flat.shape[1] // _STROKE)
    solid = cv2.erode(grey, np.ones((side, side), np.uint8))
    if not solid.any():
        return flat, []
    ruled = long_strokes(flat)
    solid = cast("NDArray[np.uint8]", cv2.subtract(solid, ruled))
    done = flat
    lifted: list[Seal] = []
    for ring in find_rings(solid):
        if any(one.holds(ring.x, ring.y) for one in but):
            continue
        part = ring.box()
        held, strokes = flat[part], solid[part] > 0
        if strokes.mean() < _FILLED:
            continue
        level, dark = float(np.median(held[strokes])), float(np.percentile(held, 1))
        if level - dark < _APART:
            continue
        around = cv2.dilate(solid[part], np.ones((2 * side + 1, 2 * side + 1), np.uint8)) > ruled[part]
        done = flat.copy() if done is flat else done
        done[part] = np.where(around & (held > level - _SHARE * (level - dark)), np.uint8(255), held)
        lifted.append(ring)
    return done, lifted


def find_rings(solid: NDArray[np.uint8]) -> list[Seal]:
    """Rings of about the size of a seal, round which there is less of what they are drawn with."""
    height, width = solid.shape
    small = cv2.resize(solid * np.uint8(255), (width // _FINER, height // _FINER), interpolation=cv2.INTER_AREA)
    drawn = (small > 16).view(np.uint8)
    least, most = (round(share * min(small.shape)) for share in _RADIUS)
    if least < 4 or not drawn.any():
        return []
    blurred = cv2.GaussianBlur(drawn * np.uint8(255), (3, 3), 0)
    seen = cv2.HoughCircles(
        blurred, cv2.HOUGH_GRADIENT, 1, least, param1=100, param2=_VOTES * least, minRadius=least, maxRadius=most
    )
    found = []
    for x, y, radius in [] if seen is None else seen.reshape(-1, 3)[:_CIRCLES].tolist():
        inked = _drawn_share(drawn, x, y, radius - 2, radius + 2)
        if inked < _ROUND or _drawn_share(drawn, x, y, radius + 4, radius + 8) > _ALONE * inked:
            continue
        found.append(Seal(x * _FINER, y * _FINER, radius * _FINER))
    return found


def _drawn_share(drawn: NDArray[np.uint8], x: float, y: float, inner: float, outer: float) -> float:
    """In how many directions from a point, as a share, something is drawn between two distances from it."""
    angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    far = np.arange(inner, outer + 0.5)
    xs = np.rint(x + np.cos(angles)[:, None] * far).astype(int).clip(0, drawn.shape[1] - 1)
    ys = np.rint(y + np.sin(angles)[:, None] * far).astype(int).clip(0, drawn.shape[0] - 1)
    return float(drawn[ys, xs].any(axis=1).mean())


def long_strokes(flat: Grey) -> NDArray[np.uint8]:
    """1 where ink runs straight and level, or upright, for so long as only rulings do."""
    inked = (flat < _PALE).view(np.uint8)
    long = max(flat.shape[1] // _RULED, 3)
    level = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    upright = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((long, 1), np.uint8))
    return cast("NDArray[np.uint8]", cv2.dilate(cv2.bitwise_or(level, upright), np.ones((3, 3), np.uint8)))
