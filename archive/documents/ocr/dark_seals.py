"""Seals as dark as print, in grey: what is printed under their broad strokes is darker still, and stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

import cv2
import numpy as np

from archive.documents.ocr.components import components
from archive.documents.ocr.seals import Seal, find_rings, long_strokes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Light = NDArray[np.float32]

_PRINT, _PALE = 40, 180  # of 255: the grey of seals in between; paler ones are no ink anyway
_FILLED = 0.01  # of a seal's box that its strokes fill
_RIM = 1.15  # radii: so far out its rim goes, the middle being found to a few pixels
_LETTERS = 0.5, 0.88  # radii between which its letters stand
_BROAD_STROKE = 235  # of a page's width: so broad are a seal's ring and star, and no stroke of print
_PAPER, _MARGIN = 85, 25  # percentile of a seal's box that is paper; pixels around over which its ink is evened
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
    ruled = long_strokes(flat)
    broad = cast("NDArray[np.uint8]", cv2.subtract(broad, ruled))
    rings = find_rings(broad)
    for ring in rings:
        part = ring.box()
        strokes = broad[part] & _seal_mask(ring, flat.shape)[part]
        lighter = _lift_strokes(flat[part], _light(deep(part)), strokes)
        if lighter is not None:
            done = flat.copy() if done is flat else done
            done[part] = lighter
            darkest = _darkest(_light(deep(part)), strokes)
            around = ring.box(_WIDE)
            seals = [one.transform_points(-around[1].start, -around[0].start) for one in (ring, *rings)]
            _lift_letters(done[around], _light(deep(around)), darkest, ruled[around], seals)
            lifted.append(ring)
    return done, lifted


def _seal_mask(ring: Seal, shape: tuple[int, ...]) -> NDArray[np.uint8]:
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


def _lift_strokes(part: Grey, light: Light, broad: NDArray[np.uint8]) -> Grey | None:
    """A part of a page with the light that the strokes of a seal take given back; None if print is no darker there."""
    core = cv2.erode(broad, np.ones((3, 3), np.uint8)) > 0
    if core.mean() < _FILLED:
        return None
    level = float(np.percentile(light[core], 40))
    beside = (part < _PRINTED) & (cv2.dilate(broad, np.ones((5, 5), np.uint8)) == 0)
    if beside.any() and float(np.percentile(light[beside], 25)) < _LIGHT * level:
        return None
    through = light[broad > 0] < _OVER * level
    if level > _PALE or not _THROUGH[0] < float(through.mean()) < _THROUGH[1]:
        return None
    sure = (core & (light > _OVER * level)).astype(np.float32)
    near = (_MARGIN, _MARGIN)
    weight = cv2.blur(sure, near)
    seal = np.where(weight > 0, cv2.blur(light * sure, near) / np.maximum(weight, 1e-6), level)
    share = np.clip((light / seal - _DARKEST) / (_OVER - _DARKEST), 0, 1)
    # along the edges of a stroke, which are lighter than it, print beside it stays
    edge = (cv2.dilate(broad, np.ones((5, 5), np.uint8)) > broad) & (light > seal)
    return np.where(broad > 0, (255 * share).astype(np.uint8), np.where(edge, np.uint8(255), part)).astype(np.uint8)


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


def _lift_letters(flat: Grey, light: Light, level: float, ruled: NDArray[np.uint8], seals: Sequence[Seal]) -> None:
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
