"""Find the rulings of a clean page, and the boxes of its lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from archive.documents.layout.page import Box, RuledLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Mask = NDArray[np.uint8]

PAGE_RATIO = 1.415  # of height to width: a much longer image is a strip of several pages
INK, FAINTEST = 190, 235  # of 255: darker pixels are ink; those between are faint print, or dirt
MIN_LONE_RULING = 0.045  # of the page's longer side: a shorter stroke may belong to large type
MIN_HORIZONTAL = 0.035  # of the page's longer side: joined strokes of large type are shorter than a ruling
MIN_PIECE = 0.012  # of the page's longer side: a shorter piece does not belong to a ruling
MAX_THICKNESS = 0.006  # of the page's longer side: a thicker stroke is not a ruling
MAX_TOUCH = 0.0025  # of the page's longer side: from a ruling's end to the ruling it meets; text is further away
MIN_JOINED = 3  # rulings that a ruling joins if it runs on into a character; a character in a low row may join two
SPECK = 450  # a square as wide as the page divided by this is dust: full stops are larger
MIN_DENSITY = 0.1  # share of a line's box that is ink: a row with less is dust
USUAL_PERCENTILE = 75  # of the heights of lines: most lines of a table are digits, which are lower than characters
LINE_GAP = 0.3  # of the usual height of a line: parts no further apart belong to one line
MAX_DASH_HEIGHT = 0.35  # of the usual height of a line
MIN_DIGIT_HEIGHT = 0.6  # of the usual height of a line; also for a slash
MIN_ZERO_PIXELS = 10  # of height: the hole of a smaller 0 cannot be measured
ZERO_WIDTHS = 0.4, 0.85  # of its height: recognition reads narrower and wider rings
OFF_CENTRE, MIN_HOLE = 0.1, 0.55  # of its size: how far off the centre the hole of a 0 may be, how high it must be
MIN_OVAL = 0.62  # share of its box that a 0's hole fills: the triangle of a 4 fills less
MIN_SLANT = 0.25  # of its height: a slash leans to the right by more, a 1 by less
MAX_STROKE = 0.3  # of a slash's height: its greatest width in any row; the bar of a 7 is wider


class InkLine(NamedTuple):
    """A line of text: its box, its ink, and whether it reaches a side of its cell, so that it may be cut there."""

    box: Box
    ink: Mask
    is_cut: bool


def find_ink(grey: Grey) -> Mask:
    """Return a mask that is 1 where there is ink."""
    return (grey < INK).astype(np.uint8)


def find_rulings(ink: Mask) -> tuple[list[RuledLine], list[RuledLine], Mask]:
    """Return the horizontal and vertical rulings in pixels, and a mask of their ink.

    A short stroke is a ruling only if it is vertical and connects two horizontal rulings: a row may be as low as large
    type, and characters touch the lines of narrow rows.
    """
    height, width = ink.shape
    side = max(width, min(height, round(PAGE_RATIO * width)))
    across, labels = _strokes(ink, MIN_HORIZONTAL * side, MAX_THICKNESS * side)
    down, turned = _strokes(np.ascontiguousarray(ink.T), MIN_PIECE * side, MAX_THICKNESS * side)
    long = MIN_LONE_RULING * side
    horizontal = {number: one for number, one in across.items() if one.end - one.start >= long}
    vertical = {
        number: one
        for number, one in down.items()
        if one.end - one.start >= long or _meets(one, horizontal.values(), MAX_TOUCH * side, ink)
    }
    mask = np.maximum(_pick(labels, horizontal), _pick(turned, vertical).T)
    return list(horizontal.values()), list(vertical.values()), mask


def _meets(stroke: RuledLine, others: Iterable[RuledLine], reach: float, ink: Mask) -> bool:
    """Return whether a stroke begins at one of the other lines, which run across it, and ends at another; or, if it
    runs on into a character of the next line of text, whether its ink joins three of them.
    """
    across = [other.at for other in others if other.start - reach <= stroke.at <= other.end + reach]
    if all(any(abs(at - end) <= reach for at in across) for end in (stroke.start, stroke.end)):
        return True
    joined = [round(at) for at in across if stroke.start - reach <= at <= stroke.end + reach]
    at = max(1, round(stroke.at))
    return len(joined) >= MIN_JOINED and bool(ink[min(joined) : max(joined), at - 1 : at + 2].any(axis=1).all())


def _strokes(ink: Mask, shortest: float, thickest: float) -> tuple[dict[int, RuledLine], NDArray[np.int32]]:
    """Return the strokes along the rows, by number, and an image of the number of each pixel's stroke."""
    length, thickness = max(16, round(shortest)), max(4, round(thickest))
    whole = cv2.dilate(ink, np.ones((3, 1), np.uint8))  # a ruling that is not quite level covers several rows
    lines = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    lines = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, np.ones((1, length // 2), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(lines)
    return {
        number: RuledLine(top + height / 2, float(left), float(left + width))
        for number, (left, top, width, height, area) in enumerate(stats.tolist())
        if number and area / width <= thickness and width >= 4 * height
    }, np.asarray(labels, np.int32)


def _pick(labels: NDArray[np.int32], numbers: Iterable[int]) -> Mask:
    """Return a mask that is 1 where the number of a pixel (its component) is among these."""
    lookup = np.zeros(labels.max() + 1, np.uint8)
    lookup[list(numbers)] = 1
    return np.asarray(lookup[labels], np.uint8)


def without_rulings(grey: Grey, rulings: Mask) -> Grey:
    """Return the page with its rulings made white."""
    wide = cv2.dilate(rulings, np.ones((3, 3), np.uint8))
    return np.where(wide > 0, 255, grey).astype(np.uint8)


def find_lines(ink: Mask, boxes: Sequence[Box]) -> tuple[list[InkLine], float]:
    """Return the lines of text inside these boxes, without faint streaks, and the usual height of a line in pixels."""
    parts = [(box, find_runs(_cut(ink, box).sum(axis=1))) for box in boxes]
    heights = [end - start for _, runs in parts for start, end in runs if end - start >= 6]
    usual = float(np.percentile(heights, USUAL_PERCENTILE)) if heights else 12.0
    lines: list[InkLine] = []
    for (left, top, right, _), runs in parts:
        high = max(usual, float(np.median([end - start for start, end in runs]))) if len(runs) > 3 else usual
        for start, end in _merge_runs(runs, high):
            band = _cut(ink, (left, top + start, right, top + end))
            columns = np.flatnonzero(band.any(axis=0))
            first, last = int(columns[0]), int(columns[-1]) + 1
            is_low = end - start < usual / 2 < (last - first) / 4
            if not (is_low and band[:, first:last].mean() < MIN_DENSITY):
                box = left + first, top + start, left + last, top + end
                lines.append(InkLine(box, band[:, first:last], is_cut=first == 0 or last == band.shape[1]))
    return lines, usual


def _cut(ink: Mask, box: Box) -> Mask:
    left, top, right, bottom = (max(0, round(side)) for side in box)
    return ink[top:bottom, left:right]


def find_runs(rows: NDArray[Any]) -> list[tuple[int, int]]:
    """Return start and end of each run of rows that are above 0."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (rows > 0).astype(np.int8), [0]))))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _merge_runs(runs: Sequence[tuple[int, int]], usual: float) -> list[tuple[int, int]]:
    """Join runs of rows into lines: 二 and 三 have gaps, and so may a line of few characters."""
    merged: list[tuple[int, int]] = []
    for start, end in runs:
        top, bottom = merged[-2] if len(merged) > 1 else (0, 0)
        is_near = bool(merged) and merged[-1][0] - bottom < bottom - top
        size = max(usual, bottom - top) if is_near else usual  # the last line of a large title may be one character
        if merged and start - merged[-1][1] <= LINE_GAP * usual and end - merged[-1][0] <= 1.3 * size:
            merged[-1] = merged[-1][0], end
        else:
            merged.append((start, end))
    return merged


def find_covers(seal: Mask, usual: float) -> Mask:
    """Return a mask of the places of a seal that are large enough to hide a figure of one digit."""
    return np.asarray(cv2.erode(seal, np.ones((round(0.6 * usual), max(1, round(0.2 * usual))), np.uint8)), np.uint8)


def find_tall_parts(grey: Grey, boxes: Sequence[Box], usual: float) -> Mask:
    """Return a mask of what is as high as a digit inside these boxes, with print too faint to be ink."""
    tall = np.zeros_like(grey)
    for box in boxes:
        cut = _cut(grey, box)
        if not cut.size:
            continue
        _, labels, stats, _ = cv2.connectedComponentsWithStats((cut < FAINTEST).astype(np.uint8))
        first, last = stats[:, :2], stats[:, :2] + stats[:, 2:4]
        is_inside = (first > 0).all(axis=1) & (last < cut.shape[::-1]).all(axis=1)  # else the edge of a ruling
        is_tall = is_inside & (stats[:, cv2.CC_STAT_HEIGHT] >= MIN_DIGIT_HEIGHT * usual)
        _cut(tall, box)[:] = is_tall[labels] & (labels > 0)
    return tall


def is_touched(mask: Mask, box: Box) -> bool:
    """Return whether a mask has any 1 inside a box."""
    return bool(_cut(mask, box).any())


def count_parts(ink: Mask) -> int:
    """Return the number of parts of a line that are separated by vertical gaps."""
    return len(find_runs(ink.sum(axis=0)))


def find_mark(ink: Mask, usual: float) -> str:
    """Return "-", "/" or "0" if the ink is a single such mark, else "": recognition misreads strokes as 一 or 1, and
    most figures are a single 0, which its shape shows cheaply.
    """
    height, width = ink.shape
    if width > 1.3 * usual or cv2.connectedComponents(ink)[0] != 2:
        return ""
    if height <= MAX_DASH_HEIGHT * usual and width >= height:
        return "-" if ink.mean() > 0.5 else ""
    if height < MIN_DIGIT_HEIGHT * usual:
        return ""
    if _is_zero(ink):
        return "0"
    ys, xs = np.nonzero(ink)
    is_thin = ink.sum(axis=1).max() <= MAX_STROKE * height
    return "/" if is_thin and -np.polyfit(ys, xs, 1)[0] > MIN_SLANT else ""


def _is_zero(ink: Mask) -> bool:
    """Return whether the ink is a high ring: a 0 has one hole, high and centred, unlike 4, 6 and 9."""
    height, width = ink.shape
    if height < MIN_ZERO_PIXELS or not ZERO_WIDTHS[0] < width / height < ZERO_WIDTHS[1]:
        return False
    paper = np.pad(1 - ink, 1, constant_values=1)
    count, _, stats, centres = cv2.connectedComponentsWithStats(paper, connectivity=4)
    if count != 3:  # the ink, the paper around it, and one hole
        return False
    hole = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmin())
    across, down = (centres[hole] - 0.5) / (width, height)
    is_central = abs(across - 0.5) < OFF_CENTRE and abs(down - 0.5) < OFF_CENTRE
    hole_width, hole_height, area = stats[hole, cv2.CC_STAT_WIDTH :]
    return bool(is_central and hole_height > MIN_HOLE * height and area > MIN_OVAL * hole_width * hole_height)


def without_specks(ink: Mask) -> Mask:
    """Return the ink without dust; flat strokes as wide as a minus sign are kept."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    side = ink.shape[1] / SPECK
    widths, heights, areas = (stats[:, column] for column in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    is_stroke = (widths > side) & (widths >= 2 * heights) & (areas > 3.0)
    lookup = (is_stroke | (areas > max(3.0, side**2))).astype(np.uint8)
    lookup[0] = 0
    return np.asarray(lookup[labels], np.uint8)
