"""Uneven light, shadows, grey paper and grey made of dots → dark print on white paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.ocr.components import components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

EVEN = 1.0  #: noise of paper without any
_SMALL = 640  # pixels of the longer side on which the light is measured
_SHORTER = 830  # pixels of the shorter side on which narrow shadows are measured
_TIMES = 3  # the middle of a shadow is lifted at second sight
_BROAD, _ALONG = 5, 41  # of these pixels: what is narrower, or shorter, is print or a ruling, and no shadow
_SHADOW, _DEEP = 248, 96  # of 255: paper darker than this lies in a shadow; no shadow is darker than that
_FAINTEST = 170  # print lighter than this share (of 255) of the paper is not made darker still
_DARK = 205  # of 255: specks are darker
_BAND = 0.375, 0.625  # of the page's height: where they are looked for first
_MANY = 0.001  # specks per pixel: a page has a hundredth of it, or ten times as many
_NARROW, _LARGEST = 2, 0.1  # pixels of a speck's shorter side; type heights of the longer: points are thicker


def even_light(grey: Grey) -> Grey:
    """Paper white (255) everywhere, print as dark as it can be made."""
    height, width = grey.shape
    factor = _SMALL / max(height, width)
    small = cv2.resize(
        grey, (max(1, round(width * factor)), max(1, round(height * factor))), interpolation=cv2.INTER_AREA
    )
    ground = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    ground = cv2.GaussianBlur(ground, (0, 0), 6)
    light = cv2.resize(np.maximum(ground, 24), (width, height), interpolation=cv2.INTER_LINEAR)
    flat = _lift_shadows(cast("Grey", cv2.divide(grey, light, scale=255)))
    sample = flat[:: max(1, height // 700), :: max(1, width // 700)]
    darkest = min(float(np.percentile(sample, 0.7)), _FAINTEST)
    table = np.clip((np.arange(256) - darkest) * (255.0 / (248.0 - darkest)), 0, 255).astype(np.uint8)
    return cast("Grey", cv2.LUT(flat, table))


def _lift_shadows(flat: Grey) -> Grey:
    """The page without long narrow shadows: of folds, of the edge of another sheet. They are broader than rulings.

    Where no shadow is, nothing is changed.
    """
    factor = min(1.0, _SHORTER / min(flat.shape))
    for _ in range(_TIMES):
        small = cast("Grey", cv2.resize(flat, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))
        across = _close_dark(_close_dark(small, (1, _ALONG)), (_BROAD, 1))
        down = _close_dark(_close_dark(small, (_ALONG, 1)), (1, _BROAD))
        ground = cv2.GaussianBlur(cv2.min(across, down), (0, 0), 1.0)
        if int(ground.min()) >= _SHADOW:
            break
        ground = np.where(ground < _SHADOW, np.maximum(ground, _DEEP), np.uint8(255)).astype(np.uint8)
        light = cv2.resize(ground, (flat.shape[1], flat.shape[0]), interpolation=cv2.INTER_LINEAR)
        flat = cast("Grey", cv2.divide(flat, light, scale=255))
    return flat


def _close_dark(grey: Grey, kernel: tuple[int, int]) -> Grey:
    """Without what is dark and smaller than ``kernel`` (rows, columns) in either direction."""
    return cast("Grey", cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones(kernel, np.uint8)))


def noise_of(flat: Grey) -> float:
    """Deviation of the grey values of empty paper, roughly (0 for a clean page)."""
    sample = flat[: flat.shape[0] // 2 * 2 : 2, : flat.shape[1] // 2 * 2].astype(np.int16)
    steps = np.abs(np.diff(sample, axis=1))
    return float(np.percentile(steps, 60)) / 0.85 / 1.41


def remove_dots(flat: Grey, type_size: float) -> Grey:
    """The page without its specks where it is full of them; the same one where it is not."""
    height = flat.shape[0]
    band = flat[round(_BAND[0] * height) : round(_BAND[1] * height)]
    if len(_specks(band, type_size)[1]) < _MANY * band.size:
        return flat
    labels, specks = _specks(flat, type_size)
    gone = np.zeros(int(labels.max()) + 1, np.uint8)
    gone[specks] = 1
    held = gone[labels]
    kept = ((labels > 0) & (held == 0)).view(np.uint8)
    near = np.ones((3, 3), np.uint8)
    around = (cv2.dilate(held, near) > 0) & (cv2.dilate(kept, near) == 0)
    return cast("Grey", np.where((held > 0) | around, np.uint8(255), flat))


def _specks(flat: Grey, type_size: float) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """The numbers of all ink, pixel by pixel, and those of the specks."""
    found = components((flat < _DARK).view(np.uint8))
    sides = np.sort(found.stats[:, 2:4], axis=1)
    small = (sides[:, 0] <= _NARROW) & (sides[:, 1] <= _LARGEST * type_size)
    return found.labels, np.flatnonzero(small) + 1
