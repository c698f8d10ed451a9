"""A clean page → its rulings, and the boxes in which lines of text stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from archive.documents.layout.page import Box, Ruling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.documents.ocr.page_cleaning import Grey

    Mask = NDArray[np.uint8]

INK = 190  # of 255: darker pixels are ink
MIN_RULING = 0.022  # of the page's longer side: a shorter stroke may belong to a character
MAX_THICKNESS = 0.006  # of the page's longer side: a thicker stroke is no ruling
SPECK = 450  # a square as wide as this part of the page is dust: full stops are larger
MIN_DENSITY = 0.1  # of the box of a line that is ink: less is a row of dust
USUAL_PERCENTILE = 75  # of the heights of lines: most lines of a table are digits, which are lower than labels
LINE_GAP = 0.3  # of the usual height of a line: parts no further apart are of one line
TOO_HIGH = 1.7  # times the usual height: two lines that touch


def find_ink(grey: Grey) -> Mask:
    """Return 1 where there is ink."""
    return (grey < INK).astype(np.uint8)


def find_rulings(ink: Mask) -> tuple[list[Ruling], list[Ruling], Mask]:
    """Return horizontal and vertical rulings in pixels, and the ink that belongs to them."""
    horizontal, mask = _strokes(ink)
    vertical, turned = _strokes(np.ascontiguousarray(ink.T))
    return horizontal, vertical, np.maximum(mask, turned.T)


def _strokes(ink: Mask) -> tuple[list[Ruling], Mask]:
    side = max(ink.shape)
    length, thickness = max(24, round(MIN_RULING * side)), max(4, round(MAX_THICKNESS * side))
    whole = cv2.dilate(ink, np.ones((3, 1), np.uint8))  # a ruling that is not quite level runs over several rows
    lines = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    lines = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, np.ones((1, length // 2), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(lines)
    found: list[Ruling] = []
    kept = np.zeros(len(stats), np.uint8)
    for number, (left, top, width, height, area) in enumerate(stats.tolist()):
        if number and area / width <= thickness and width >= 4 * height:
            found.append(Ruling(top + height / 2, float(left), float(left + width)))
            kept[number] = 1
    return found, kept[labels]


def without_rulings(grey: Grey, rulings: Mask) -> Grey:
    """Return the page with the ink of its rulings made white."""
    wide = cv2.dilate(rulings, np.ones((3, 3), np.uint8))
    return np.where(wide > 0, 255, grey).astype(np.uint8)


def find_lines(ink: Mask, boxes: Sequence[Box]) -> tuple[list[Box], float]:
    """Return a box for each line of text within the given boxes, and the usual height of a line."""
    parts = [(box, _row_runs(_cut(ink, box).sum(axis=1))) for box in boxes]
    heights = [end - start for _, runs in parts for start, end in runs if end - start >= 6]
    usual = float(np.percentile(heights, USUAL_PERCENTILE)) if heights else 12.0
    lines: list[Box] = []
    for (left, top, right, _), runs in parts:
        high = max(usual, float(np.median([end - start for start, end in runs]))) if len(runs) > 3 else usual
        for start, end in _merge_runs(runs, high):
            band = _cut(ink, (left, top + start, right, top + end))
            for upper, lower in _split_band(band, high):
                columns = np.flatnonzero(band[upper:lower].any(axis=0))
                if columns.size:
                    first, last = int(columns[0]), int(columns[-1]) + 1
                    is_low = lower - upper < usual / 2 < (last - first) / 4
                    if is_low and band[upper:lower, first:last].mean() < MIN_DENSITY:
                        continue
                    lines.append((left + first, top + start + upper, left + last, top + start + lower))
    return lines, usual


def _cut(ink: Mask, box: Box) -> Mask:
    left, top, right, bottom = (max(0, round(side)) for side in box)
    return ink[top:bottom, left:right]


def _row_runs(rows: NDArray[np.int64]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (rows > 0).astype(np.int8), [0]))))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _merge_runs(runs: Sequence[tuple[int, int]], usual: float) -> list[tuple[int, int]]:
    """Join the strokes of one line: 二 and 三 have gaps, and so has a line of few characters."""
    merged: list[tuple[int, int]] = []
    for start, end in runs:
        if merged and start - merged[-1][1] <= LINE_GAP * usual and end - merged[-1][0] <= 1.3 * usual:
            merged[-1] = merged[-1][0], end
        else:
            merged.append((start, end))
    return merged


def _split_band(band: Mask, usual: float) -> list[tuple[int, int]]:
    """Cut a band as high as several lines where it has least ink."""
    height = band.shape[0]
    count = round(height / (1.15 * usual)) if height > TOO_HIGH * usual else 1
    cuts = [0]
    rows = band.sum(axis=1)
    for number in range(1, count):
        middle, reach = height * number // count, max(1, int(usual / 3))
        start = max(cuts[-1] + 1, middle - reach)
        window = rows[start : middle + reach]
        cuts.append(start + int(window.argmin()) if window.size else middle)
    return list(zip(cuts, [*cuts[1:], height], strict=True))


def without_specks(ink: Mask) -> Mask:
    """Return the ink without dust."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    kept = (stats[:, cv2.CC_STAT_AREA] > max(3.0, (ink.shape[1] / SPECK) ** 2)).astype(np.uint8)
    kept[0] = 0
    return np.asarray(kept[labels], np.uint8)
