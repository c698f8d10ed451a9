"""Seals and red print: what a seal covers is read, the seal itself is lifted from the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

import cv2
import numpy as np

from archive.documents.ocr.components import components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Light = NDArray[np.float32]

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
_LETTERS = 0.5, 0.88  # radii between which its letters stand
_ROUND, _ALONE = 0.7, 0.6  # of its directions in which a ring is drawn; of those, in which there is something around it
_BROAD_STROKE = 235  # of a page's width: so broad are a seal's ring and star, and no stroke of print
_PAPER, _AROUND = 85, 25  # percentile of a seal's box that is paper; pixels around over which its ink is evened
_OVER, _DARKEST = 0.85, 0.55  # of a seal's light: print over it leaves less; what is as dark as print alone
_PRINTED, _LIGHT = 100, 0.5  # print is darker; the share of a seal's light that print has beside it, where it is grey
_THROUGH = 0.004, 0.4  # shares of a seal's strokes that print shows through
_DARKEST_OF, _LEAST_DARK = 5, 0.8  # percentile of ink's light that is its darkest; of a seal's usual light at least
_CLOSE = 4  # of the light: by so little a seal's letters differ from its darkest strokes
_WIDE, _WITNESSES, _MISTAKEN = (
    2.2,
    15,
    0.02,
)  # radii around a seal; ink outside it, at least; share of that taken for it
_INK, _LETTER, _THIN = 165, 12, 4  # ink is darker than this; pixels of the least letter; of a ruling's breadth
_DIGIT = 0.75, 1.25  # of the height of print beside a seal: ink of that size may be a digit


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
    ruled = _ruled(flat)
    solid = cast("NDArray[np.uint8]", cv2.subtract(solid, ruled))
    done = flat
    lifted: list[Seal] = []
    for ring in _rings(solid):
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


def lift_dark_seals(flat: Grey, deep: Callable[[tuple[slice, slice]], Grey]) -> tuple[Grey, list[Seal]]:
    """The same for seals as dark as print: what is printed under their broad strokes is darker still.

    ``deep``: a part of the page as light as it was before print was made as dark as can be.
    """
    side = max(5, round(flat.shape[1] / _BROAD_STROKE))
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    broad = cast("NDArray[np.uint8]", cv2.morphologyEx((flat < _PALE).view(np.uint8), cv2.MORPH_OPEN, round_))
    if not broad.any():
        return flat, []
    done = flat
    lifted: list[Seal] = []
    ruled = _ruled(flat)
    broad = cast("NDArray[np.uint8]", cv2.subtract(broad, ruled))
    rings = _rings(broad)
    for ring in rings:
        part = ring.box()
        strokes = broad[part] & _drawn_in(ring, flat.shape)[part]
        lighter = _without_stroke(flat[part], _light(deep(part)), strokes)
        if lighter is not None:
            done = flat.copy() if done is flat else done
            done[part] = lighter
            darkest = _darkest(_light(deep(part)), strokes)
            around = ring.box(_WIDE)
            seals = [one.transform_points(-around[1].start, -around[0].start) for one in (ring, *rings)]
            _without_letters(done[around], _light(deep(around)), darkest, ruled[around], seals)
            lifted.append(ring)
    return done, lifted


def _drawn_in(ring: Seal, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """1 where a seal has its rim and its star, and not in between: strokes of its letters are no broader than print."""
    done = np.zeros(shape[:2], np.uint8)
    middle = (round(ring.x), round(ring.y))
    cv2.circle(done, middle, round(_RIM * ring.radius), 1, -1)
    cv2.circle(done, middle, round(_LETTERS[1] * ring.radius), 0, -1)
    cv2.circle(done, middle, round(_LETTERS[0] * ring.radius), 1, -1)
    return done


def _light(deep: Grey) -> Light:
    """A part of a page as it was given, its paper as light as 255."""
    return np.asarray(deep * np.float32(255 / max(float(np.percentile(deep, _PAPER)), 1.0)), dtype=np.float32)


def _without_stroke(held: Grey, light: Light, broad: NDArray[np.uint8]) -> Grey | None:
    """A part of a page with the light that the strokes of a seal take given back; None if print is no darker there."""
    core = cv2.erode(broad, np.ones((3, 3), np.uint8)) > 0
    if core.mean() < _FILLED:
        return None
    level = float(np.percentile(light[core], 40))
    beside = (held < _PRINTED) & (cv2.dilate(broad, np.ones((5, 5), np.uint8)) == 0)
    if beside.any() and float(np.percentile(light[beside], 25)) < _LIGHT * level:
        return None
    through = light[broad > 0] < _OVER * level
    if level > _PALE or not _THROUGH[0] < float(through.mean()) < _THROUGH[1]:
        return None
    sure = (core & (light > _OVER * level)).astype(np.float32)
    near = (_AROUND, _AROUND)
    weight = cv2.blur(sure, near)
    seal = np.where(weight > 0, cv2.blur(light * sure, near) / np.maximum(weight, 1e-6), level)
    share = np.clip((light / seal - _DARKEST) / (_OVER - _DARKEST), 0, 1)
    # along the edges of a stroke, which are lighter than it, print beside it stays
    edge = (cv2.dilate(broad, np.ones((5, 5), np.uint8)) > broad) & (light > seal)
    return np.where(broad > 0, (255 * share).astype(np.uint8), np.where(edge, np.uint8(255), held)).astype(np.uint8)


def _darkest(light: Light, strokes: NDArray[np.uint8]) -> float:
    """The light of the darkest places of a seal's strokes, print that shows through them left aside."""
    core = light[cv2.erode(strokes, np.ones((3, 3), np.uint8)) > 0]
    return max(float(np.percentile(core, _DARKEST_OF)), _LEAST_DARK * float(np.percentile(core, 40)))


class _Shape(NamedTuple):
    """Connected ink: its number, where it is with a pixel around it, its darkest light, whether a seal holds it."""

    number: int
    part: tuple[slice, slice]
    width: int
    height: int
    dark: float
    within: bool | None  #: None: no seal does


def _without_letters(flat: Grey, light: Light, level: float, ruled: NDArray[np.uint8], seals: Sequence[Seal]) -> None:
    """Lift the letters of the first of the seals from a part of a page: ink that is nowhere darker than the seal.

    ``level``: the light of the seal's darkest strokes. Nothing is lifted where print around the seal is no darker than
    its letters. What is larger than digits and darker here and there is print with a letter over it: what is near to
    such print stays.
    """
    found = components(((flat < _INK) & (ruled == 0)).view(np.uint8))
    shapes = []
    for at, (x, y, width, height, area) in enumerate(found.stats.tolist(), 1):
        if area >= _LETTER and min(width, height) >= _THIN:
            part = (slice(max(0, y - 1), y + height + 1), slice(max(0, x - 1), x + width + 1))
            dark = float(np.percentile(light[part][found.labels[part] == at], _DARKEST_OF))
            held = [seal.holds(x + width / 2, y + height / 2) for seal in seals]
            shapes.append(_Shape(at, part, width, height, dark, held[0] if any(held) else None))
    outside = [shape for shape in shapes if shape.within is None]
    if len(outside) < _WITNESSES:
        return
    digit = float(np.median([shape.height for shape in outside]))
    if sum(_is_stamped(shape, digit, level) for shape in outside) > _MISTAKEN * len(outside):
        return
    near = np.ones((5, 5), np.uint8)
    for shape in shapes:
        if not shape.within:
            continue
        labels = found.labels[shape.part]
        own = labels == shape.number
        if not _is_stamped(shape, digit, level):
            if shape.height <= _DIGIT[1] * digit and shape.width <= 2 * digit:
                continue
            own &= cv2.dilate((own & (light[shape.part] < level - _CLOSE)).view(np.uint8), near) == 0
        gone = cv2.dilate(own.view(np.uint8), near[1:4, 1:4]) > 0
        flat[shape.part][gone & ((labels == 0) | own)] = 255


def _is_stamped(shape: _Shape, digit: float, level: float) -> bool:
    """Whether ink is nowhere darker than a seal; what is as high as a digit must be clearly lighter."""
    like = _DIGIT[0] * digit <= shape.height <= _DIGIT[1] * digit
    return shape.dark >= level + (_CLOSE if like else -_CLOSE)


def _rings(solid: NDArray[np.uint8]) -> list[Seal]:
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
        inked = _around(drawn, x, y, radius - 2, radius + 2)
        if inked < _ROUND or _around(drawn, x, y, radius + 4, radius + 8) > _ALONE * inked:
            continue
        found.append(Seal(x * _FINER, y * _FINER, radius * _FINER))
    return found


def _around(drawn: NDArray[np.uint8], x: float, y: float, inner: float, outer: float) -> float:
    """In how many directions from a point, as a share, something is drawn between two distances from it."""
    angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    far = np.arange(inner, outer + 0.5)
    xs = np.rint(x + np.cos(angles)[:, None] * far).astype(int).clip(0, drawn.shape[1] - 1)
    ys = np.rint(y + np.sin(angles)[:, None] * far).astype(int).clip(0, drawn.shape[0] - 1)
    return float(drawn[ys, xs].any(axis=1).mean())


def _ruled(flat: Grey) -> NDArray[np.uint8]:
    """1 where ink runs straight and level, or upright, for so long as only rulings do."""
    inked = (flat < _PALE).view(np.uint8)
    long = max(flat.shape[1] // _RULED, 3)
    level = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    upright = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((long, 1), np.uint8))
    return cast("NDArray[np.uint8]", cv2.dilate(cv2.bitwise_or(level, upright), np.ones((3, 3), np.uint8)))
