"""Uneven light, grey paper, faint print and red seals → dark print on white paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_SMALL = 640  # pixels of the longer side on which the light is measured
_RED = 45  # how much redder than green and blue the ink of a seal is
_PRINT, _PALE = 40, 180  # of 255: the grey of seals in between; paler ones are no ink anyway
_STROKE = 550  # of a page's width: so broad is a stroke of a seal, and none of small print
_FILLED = 0.01  # of a seal's box that its strokes fill
_SHARE = 0.4  # of the way from a seal to print: what is darker is print, or its edge
_APART = 45  # by so much print is darker than a seal over it
_FAINTEST = 170  # print lighter than this share (of 255) of the paper is not made darker still


def grey_of(pixels: NDArray[np.uint8]) -> Grey:
    """Grey values, in which red seals are as light as the paper; red headlines stay."""
    if pixels.ndim == 2:
        return pixels
    grey = cast("Grey", cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
    red = pixels[..., 0]
    coloured = cv2.subtract(red, cv2.max(pixels[..., 1], pixels[..., 2])) > _RED
    if not coloured.any():
        return grey
    for x, y, width, height in _seals(coloured.astype(np.uint8)):
        part = (slice(y, y + height), slice(x, x + width))
        # the red channel is light where only the seal is and dark where print shows through it
        lifted = np.where(coloured[part], cv2.max(red[part], grey[part]), grey[part])
        grey[part] = _without_rim(lifted, coloured[part])
    return grey


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
            found.append((int(x), int(y), int((width + 2) * factor), int((height + 2) * factor)))
    return found


def evened(grey: Grey) -> Grey:
    """Paper white (255) everywhere, print as dark as it can be made."""
    height, width = grey.shape
    factor = _SMALL / max(height, width)
    small = cv2.resize(
        grey, (max(1, round(width * factor)), max(1, round(height * factor))), interpolation=cv2.INTER_AREA
    )
    ground = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    ground = cv2.GaussianBlur(ground, (0, 0), 6)
    light = cv2.resize(np.maximum(ground, 24), (width, height), interpolation=cv2.INTER_LINEAR)
    flat = cv2.divide(grey, light, scale=255)
    sample = flat[:: max(1, height // 700), :: max(1, width // 700)]
    darkest = min(float(np.percentile(sample, 0.7)), _FAINTEST)
    table = np.clip((np.arange(256) - darkest) * (255.0 / (248.0 - darkest)), 0, 255).astype(np.uint8)
    return cast("Grey", cv2.LUT(flat, table))


def unstamped(flat: Grey) -> Grey:
    """The evened page without grey seals: broad strokes lighter than print, in things about as high as wide.

    Print and rulings that show through them are darker and stay. A seal as dark as print cannot be told from it so.
    """
    grey = ((flat > _PRINT) & (flat < _PALE)).view(np.uint8)
    side = max(3, flat.shape[1] // _STROKE)
    solid = cv2.erode(grey, np.ones((side, side), np.uint8))
    if not solid.any():
        return flat
    done = flat
    for x, y, width, height in _seals(cast("NDArray[np.uint8]", solid)):
        part = (slice(y, y + height), slice(x, x + width))
        held, strokes = flat[part], solid[part] > 0
        level, dark = float(np.median(held[strokes])), float(np.percentile(held, 1))
        if strokes.mean() < _FILLED or level - dark < _APART:
            continue
        around = cv2.dilate(solid[part], np.ones((2 * side + 1, 2 * side + 1), np.uint8)) > 0
        done = flat.copy() if done is flat else done
        done[part] = np.where(around & (held > level - _SHARE * (level - dark)), np.uint8(255), held)
    return done


def noise_of(flat: Grey) -> float:
    """Deviation of the grey values of empty paper, roughly (0 for a clean page)."""
    sample = flat[: flat.shape[0] // 2 * 2 : 2, : flat.shape[1] // 2 * 2].astype(np.int16)
    steps = np.abs(np.diff(sample, axis=1))
    return float(np.percentile(steps, 60)) / 0.85 / 1.41
