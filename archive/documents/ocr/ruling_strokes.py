"""Strokes of one direction on a page: ink that runs on straight for longer than a letter's does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.layout.page_layout import Ruling
from archive.documents.ocr.components import components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_FAINTEST = 230  # what is lighter is paper, however little of a run is ink
_SMOOTH = 9  # pixels along a ruling over which noise is evened out
_THICK = 0.006  # of a page's longer side: thicker things are bars, not rulings
_LONG = 0.15  # of the page's width: rulings that tell how the page lies
_ROUGH = 0.8  # pixels that the middle of a ruling strays from a straight line; that of smeared letters strays more
_MOST = 3_000
_RUNS_ON = 7.0  # heights of a line of text: no letters' strokes run on for so long
_BESIDE, _WHOLE, _PART = 0.5, 5.0, 2.0  # heights of a line: from its end to a ruling; its length; of a letter's stroke
_MEETS = 4  # pixels by which the end of a stroke may miss the ruling it stands at
_CLEAR = 8  # pixels beside a ruling in which no figure stands
_CROSSES = 12  # pixels on both sides of an upright that a ruling across it goes on
TYPE = 0.68  # height of the type as a share of the boxes that the model draws around it
_Box = tuple[int, int, int, int]  # left, top, width, height
_GAP = 2  # pixels of paper that are a gap
_DASHES, _PERIOD = 8, 16  # dots or dashes that tell a ruling; pixels from one to the next at most
_EVEN, _MOSTLY = 0.2, 0.8  # of that distance, by which it varies; of all distances that vary no more
Span = tuple[int, int]  #: where something starts and ends along a stroke, in pixels


@dataclass(frozen=True, slots=True)
class Lean:
    """A long ruling: its place across, its middle and length along itself, how it leans (per pixel along it)."""

    at: float
    middle: float
    length: float
    slope: float


@dataclass(slots=True)
class StrokesOneWay:
    """The strokes of one direction. ``labels``: numbers of runs of ink; ``parts``: what of them is a stroke, as number,
    left, top, right, bottom.
    """

    labels: NDArray[np.int32]
    strokes: list[Ruling] = field(default_factory=list)
    parts: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    leans: list[Lean] = field(default_factory=list)


def darkest_along(flat: Grey, part: tuple[int, int, int, int, int]) -> NDArray[np.int16]:
    """The darkest pixel at each place along a stroke."""
    _, left, top, right, bottom = part
    return cast("NDArray[np.int16]", flat[top:bottom, left:right].min(axis=0).astype(np.int16))


def _is_in_text(across: float, along: float, boxes: NDArray[np.float64]) -> bool:
    """Whether a place on a stroke lies within a line of text; ``boxes`` as the stroke runs."""
    lines = boxes[(boxes[:, 2] <= across) & (across <= boxes[:, 3])]
    return bool(_are_within(np.array([along]), lines).any())


def _are_within(places: NDArray[np.float64], lines: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each place along a stroke lies within one of the lines of text that it crosses."""
    within = (lines[:, :1] <= places) & (places <= lines[:, 1:2])
    return cast("NDArray[np.bool_]", within.any(axis=0))


def find_strokes(
    flat: Grey, boxes: NDArray[np.float64], size: int, level: int, *, upright: bool = False
) -> StrokesOneWay:
    """Strokes from left to right; ``boxes`` of text as left, right, top, bottom; ``size``: longer side of a page.

    ``level``: what is lighter, smoothed, is paper; ``upright``: the page was turned.
    """
    least = max(22, size // 60)
    dark = (cv2.blur(flat, (_SMOOTH, 1)) < level).view(np.uint8)
    # breaks of a few pixels are closed, then only what runs on is kept
    closed = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    runs = cast("NDArray[np.uint8]", cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, least), np.uint8)))
    high = max(8, int(size * _THICK))
    bars = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((high, least), np.uint8))
    if bars.any():
        runs = cast("NDArray[np.uint8]", cv2.subtract(runs, bars))
    connected = components(runs)
    labels, stats = connected.labels, connected.stats
    way = StrokesOneWay(labels)
    letters = _letters(stats.astype(np.float64), boxes)
    order = np.argsort(-stats[:, cv2.CC_STAT_WIDTH], kind="stable")[:_MOST]
    for at_row in order.tolist():
        index = at_row + 1
        left, top, width, height, area = (int(v) for v in stats[at_row])
        at = float(connected.middles[at_row])
        if width < least:
            continue
        if area / width > high or height > max(10.0, 0.05 * width):
            continue
        if letters[at_row] and _is_letter(
            flat, (left, top, width, height), letters[at_row], boxes if upright else None, level
        ):
            continue
        runs_here = _solid(flat[top : top + height, left : left + width], least, level)
        mask = labels[top : top + height, left : left + width] == index
        runs_here = [_to_ends(flat[top : top + height], mask, left, run, level) for run in runs_here]
        way.strokes += [Ruling(at, float(left + start), float(left + end)) for start, end in runs_here]
        way.parts += [(index, left + start, top, left + end, top + height) for start, end in runs_here]
        if runs_here and width > _LONG * flat.shape[1] and int(mask.sum()) / width < max(4.0, 0.002 * size):
            slope, rough = _slope(mask)
            if rough < _ROUGH:
                way.leans.append(Lean(at, left + width / 2, float(width), slope))
    return way


def _stands_alone(flat: Grey, box: _Box, level: int) -> bool:
    """Whether paper is on both sides of an upright between two rulings: a letter's stroke has others beside it."""
    left, top, width, height = box
    inner = slice(left + _CLEAR, left + width - _CLEAR)
    sides = flat[max(0, top - _CLEAR) : max(0, top - 2), inner], flat[top + height + 2 : top + height + _CLEAR, inner]
    return all(side.size and int(side.min()) >= level for side in sides)


def _solid(strip: Grey, least: int, level: int) -> list[tuple[int, int]]:
    """Where ink runs through, without the gaps that part letters from each other and from rulings beside them.

    Long rulings may be broken here and there. The ends are where ink is: smoothing has drawn them out.
    """
    darkest = strip.min(axis=0).astype(np.int16)
    faint = min((255 + int(np.median(darkest))) // 2, _FAINTEST)
    inked = np.flatnonzero(~without_even_gaps(darkest > max(faint, level)))
    if not len(inked):
        return []
    ends = np.flatnonzero(np.diff(inked) > 3)
    starts = [int(inked[0]), *(int(v) for v in inked[ends + 1])]
    stops = [*(int(v) + 1 for v in inked[ends]), int(inked[-1]) + 1]
    whole = stops[-1] - starts[0]
    if whole > 6 * least and len(inked) > 0.75 * whole:
        return [(starts[0], stops[-1])]
    return [(start, stop) for start, stop in zip(starts, stops, strict=True) if stop - start >= 0.8 * least]


def _to_ends(flat: Grey, mask: NDArray[np.bool_], left: int, run: tuple[int, int], level: int) -> tuple[int, int]:
    """A run with the ink that goes on beyond its ends, in its own lines, no further than smoothing draws ink out.

    Letters close behind the ruling at which it ends, drawn out over that, make its end too high for a ruling.
    ``flat``: the lines of the page in which the run lies; ``mask``: its ink, from ``left`` on.
    """
    start, end = run
    own = mask[:, max(start, end - _SMOOTH) : end].mean(axis=1) > 0.5
    behind = flat[own, left + end : left + end + _SMOOTH].min(axis=0, initial=255) < level
    own = mask[:, start : min(end, start + _SMOOTH)].mean(axis=1) > 0.5
    before = flat[own, max(0, left + start - _SMOOTH) : left + start].min(axis=0, initial=255)[::-1] < level
    return start - _leading(before), end + _leading(behind)


def _leading(inked: NDArray[np.bool_]) -> int:
    """How many places from the first on are ink."""
    return int(np.logical_and.accumulate(inked).sum())


def _slope(mask: NDArray[np.bool_]) -> tuple[float, float]:
    """How much a ruling falls per pixel, and how far its middle strays from a straight line."""
    columns = mask.sum(axis=0)
    places = np.nonzero(columns)[0]
    middles = (mask * np.arange(mask.shape[0])[:, None]).sum(axis=0)[places] / columns[places]
    if len(places) < 12:
        return 0.0, 9.0
    slope, base = np.polyfit(places, middles, 1)
    return float(slope), float(np.sqrt(np.mean((middles - slope * places - base) ** 2)))


def _letters(stats: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far ink may run on in each stroke if it is a letter's; 0 for those that are none.

    Letters' strokes lie within a line of text: not along its edges, and hardly longer than it. A letter's upright may
    seem to reach the rulings above and below, but not much further than its line. A line may be found so high, or a
    row be so low, that rulings seem to lie within it too; but their ink runs on. In tight cells the strokes of a whole
    line seem to reach the rulings beside it.
    """
    if not len(boxes):
        return np.zeros(len(stats))
    across = boxes[:, 3] - boxes[:, 2]
    edge = 0.12 * across
    start, at = stats[:, :1], stats[:, 1:2] + stats[:, 3:4] / 2
    inside = (boxes[:, 0] <= start + 2) & (start + stats[:, 2:3] - 2 <= boxes[:, 1])
    inside &= (boxes[:, 2] + edge < at) & (at < boxes[:, 3] - edge)
    along = boxes[:, 1] - boxes[:, 0]
    middle = start + stats[:, 2:3] / 2
    through = (boxes[:, 0] < middle) & (middle < boxes[:, 1]) & (stats[:, 2:3] <= 1.6 * along)
    through &= (boxes[:, 2] + 0.4 * along < at) & (at < boxes[:, 3] - 0.4 * along)
    out = _BESIDE * across
    beside = (boxes[:, 0] - out <= start) & (start + stats[:, 2:3] <= boxes[:, 1] + out)
    beside &= (stats[:, 2:3] >= _WHOLE * across) & (boxes[:, 2] + edge < at) & (at < boxes[:, 3] - edge)
    other = np.where(through, along, np.where(beside, _PART * across, 0.0))
    return np.asarray(np.where(inside, _RUNS_ON * across, other).max(axis=1), dtype=np.float64)


def _is_letter(
    flat: Grey,
    box: _Box,
    longest: float,
    boxes: NDArray[np.float64] | None,
    level: int,
) -> bool:
    """Whether no ink of a stroke runs on for longer than a letter's; an upright's stands in one of the ``boxes``.

    One that runs from a line across to another is a ruling: figures on both its sides may be found as one line, and a
    letter may stand close below in line with it.
    """
    left, top, width, height = box
    bottom = top + height
    start, end = longest_ink(paper_gaps(darkest_along(flat, (0, left, top, left + width, bottom))))
    if end - start > longest:
        return False
    if boxes is None:
        return True
    across = flat[max(0, top - _CROSSES) : bottom + _CROSSES, left + start : left + end].max(axis=0) < level
    framed = bool(across[:_MEETS].any() and across[-_MEETS:].any())
    lone = framed and _stands_alone(flat, (left + start, top, end - start, height), level)
    return not lone and _is_in_text((top + bottom) / 2, left + (start + end) / 2, boxes)


def paper_gaps(darkest: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Where paper shows through a stroke; ``darkest``: of its pixels at each place along it."""
    if not len(darkest):
        return np.zeros(0, bool)
    return without_even_gaps(np.asarray(darkest > (255 + int(np.median(darkest))) // 2, dtype=bool))


def without_even_gaps(gaps: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The gaps of a stroke; none where they come at even distances: a ruling of dots or dashes is one stroke."""
    edges = np.flatnonzero(np.diff(gaps.view(np.int8)))
    if len(edges) < 2 * _DASHES:
        return gaps
    periods = edges[2:] - edges[:-2]  # from dash to dash, and from gap to gap
    usual = float(np.median(periods))
    even = float((np.abs(periods - usual) <= max(1.0, _EVEN * usual)).mean())
    return np.zeros_like(gaps) if usual <= _PERIOD and even >= _MOSTLY else gaps


def longest_ink(gaps: NDArray[np.bool_]) -> Span:
    """Where the longest stretch without a gap starts, and the pixel behind its end."""
    edges = [-1, *(end for run in gaps_of(gaps) for end in run), len(gaps)]
    return max(((edges[at] + 1, edges[at + 1]) for at in range(0, len(edges), 2)), key=lambda span: span[1] - span[0])


def gaps_of(gaps: NDArray[np.bool_]) -> list[Span]:
    """The gaps as first pixel and last."""
    padded = np.concatenate([[False], gaps, [False]]).astype(np.int8)
    steps = np.diff(padded)
    found = zip(np.flatnonzero(steps == 1).tolist(), np.flatnonzero(steps == -1).tolist(), strict=True)
    return [(start, end - 1) for start, end in found if end - start >= _GAP]
