"""Which strokes of a page are rulings: long ones, and short ones that run from ruling to ruling as edges of cells do.

The strokes of letters are no longer than a letter and end in the paper, or at other letters' strokes (口, 目). A short
stroke is therefore believed only where it is fixed at rulings already believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.layout.page_layout import Ruling
from archive.documents.ocr.engine import TextBox
from archive.documents.ocr.letter_columns import leave_out_letter_columns
from archive.documents.ocr.paper import EVEN, noise_of
from archive.documents.ocr.ruling_strokes import TYPE, Lean, StrokesOneWay, find_strokes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Mask = NDArray[np.uint8]

_DARK = 205  # a ruling, smoothed along itself, is darker than this on white paper
_PALE = 236  # the same where paper is even, as on pictures of a screen: those draw rulings in a light grey
_PAGE = 1.6  # times as long as broad: no page is longer, but a picture may show several one below the other
_WORDS = 6.0  # type heights: a longer stroke is a ruling
_CROSSED = 2  # rulings that cross one of a table
_PALER = 1.04  # times as long: letters taken for rulings make less, the rulings of one row more
_MEETS = 4  # pixels by which the end of a stroke may miss the ruling it stands at
_LONG = 10.0  # type heights: no letters run together into a stroke so long
_LONG_HELD = 5.0, 3.0  # the same of a stroke, level or upright, one end of which is fixed
_REACH = 0.15  # type heights that the end of a stroke may stay away from what it is fixed at
_LEAST_REACH = 3  # pixels of the same
_BROKEN_GAP = 0.35  # type heights: pieces of one line no further apart are one stroke
_PIECE = 1.5  # type heights: shorter pieces may be a letter's stroke that stands where a ruling ends
_OVERHANG = 1.2  # type heights: what runs on so far beyond the last ruling across may be such a stroke
_SPREAD, _COVERED = 20.0, 0.75  # type heights over which pieces on one line are a broken ruling, if they cover so much
_OPEN_AT = 4  # rulings that end where no ruling crosses them: there the table goes on
_BEYOND, _DRIFT = 1.5, 0.2  # type heights by which a fold runs on beyond a table; that its pieces stand aside
_ROUNDS = 4  # short strokes fixed at short strokes, and so on
_ONE_LINE = 1.5  # pixels by which the pieces of one line differ
Span = tuple[float, float, float]  #: where a stroke is across itself, where it starts and ends along itself, in pixels


@dataclass(slots=True)
class Rulings:
    """What is ruled on a page, and what of it belongs to letters."""

    _level: StrokesOneWay
    _upright: StrokesOneWay

    @property
    def across(self) -> list[Lean]:
        """How the long horizontal rulings lie."""
        return self._level.leans

    @property
    def down(self) -> list[Lean]:
        """How the long vertical rulings lie."""
        return self._upright.leans

    @property
    def horizontal(self) -> list[Ruling]:
        """Horizontal strokes, in pixels."""
        return self._level.strokes

    @property
    def vertical(self) -> list[Ruling]:
        """Vertical strokes, in pixels."""
        return self._upright.strokes

    def mask(self) -> NDArray[np.uint8]:
        """1 where a ruling is, else 0."""
        done = [_mask(way) for way in (self._level, self._upright)]
        return cast("NDArray[np.uint8]", cv2.bitwise_or(done[0], cv2.transpose(done[1])))


def detect_rulings(flat: Grey, text_boxes: Sequence[TextBox] = (), *, pale: bool = False) -> Rulings:
    """What is ruled on a page whose skew is below a degree or so. ``pale``: in a light grey too.

    Strokes within a line of text (``text_boxes``) are none: 一, 口 and 目 have such; nor are, where text was found,
    short ones that are not fixed at rulings.
    """
    boxes = np.array([(f.x0, f.x1, f.y0, f.y1) for f in text_boxes]).reshape(-1, 4)
    height, width = flat.shape
    size = max(width, min(height, round(_PAGE * width)))
    dark = _PALE if pale else _DARK
    level = find_strokes(flat, boxes, size, dark)
    upright = find_strokes(cast("Grey", cv2.transpose(flat)), boxes[:, (2, 3, 0, 1)], size, dark, upright=True)
    if len(boxes):
        type_size = TYPE * float(np.median(boxes[:, 3] - boxes[:, 2]))
        leave_out_letter_columns(flat, level, upright, type_size)
        _leave_out_letters(level, upright, type_size)
        _leave_out_folds(level, upright, type_size)
    return Rulings(level, upright)


def rulings_of_page(flat: Grey, text_boxes: Sequence[TextBox], type_size: float) -> Rulings:
    """What is ruled; on even paper in a light grey too, if that makes rulings much longer together."""
    dark = detect_rulings(flat, text_boxes)
    if noise_of(flat) >= EVEN:
        return dark
    pale = detect_rulings(flat, text_boxes, pale=True)
    one, other = (_length_of_rulings(rulings, type_size) for rulings in (dark, pale))
    return pale if other > _PALER * one else dark


def _length_of_rulings(rulings: Rulings, type_size: float) -> float:
    """How long those longer than words are together; of a grid those that others cross: no edge of a sheet."""
    done = 0.0
    for own, others in ((rulings.horizontal, rulings.vertical), (rulings.vertical, rulings.horizontal)):
        across = np.array([(s.at, s.start, s.end) for s in others], np.float64).reshape(-1, 3)
        for stroke in own:
            over = (across[:, 1] - _MEETS <= stroke.at) & (stroke.at <= across[:, 2] + _MEETS)
            crossed = over & (stroke.start - _MEETS <= across[:, 0]) & (across[:, 0] <= stroke.end + _MEETS)
            if stroke.end - stroke.start >= _WORDS * type_size and int(crossed.sum()) >= min(_CROSSED, len(across)):
                done += stroke.end - stroke.start
    return done


def _leave_out_letters(level: StrokesOneWay, upright: StrokesOneWay, type_size: float) -> None:
    """Leave out the short strokes that do not run from ruling to ruling."""
    ways = (level, upright)
    spans: list[list[Span]] = [[(s.at, s.start, s.end) for s in way.strokes] for way in ways]
    kept = [_trusted_by_length(own, type_size) for own in spans]
    for _ in range(_ROUNDS):
        masks = [_mask(way, kept[at]) for at, way in enumerate(ways)]
        before = sum(int(k.sum()) for k in kept)
        for at, way in enumerate(ways):
            across = cast("NDArray[np.uint8]", cv2.transpose(masks[1 - at]))
            for index in np.flatnonzero(~kept[at]).tolist():
                _, _, top, _, bottom = way.parts[index]
                span = spans[at][index]
                fixed = _count_fixed_ends(span, bottom - top, across, type_size)
                kept[at][index] = _is_held(fixed, span[2] - span[1], type_size, upright=at == 1)
        if sum(int(k.sum()) for k in kept) == before:
            break
    for at, way in enumerate(ways):
        _leave_out(way, set(np.flatnonzero(~kept[at]).tolist()))
    masks = [_mask(way) for way in ways]
    for at, way in enumerate(ways):
        _trim(way, cast("NDArray[np.uint8]", cv2.transpose(masks[1 - at])), type_size)


def _leave_out(way: StrokesOneWay, gone: set[int]) -> None:
    way.strokes = [s for at, s in enumerate(way.strokes) if at not in gone]
    way.parts = [p for at, p in enumerate(way.parts) if at not in gone]


def _cut_ends(way: StrokesOneWay, index: int, start: float, end: float) -> None:
    """Leave of a stroke what stands between two places along it, with the middle of that."""
    number, _, top, _, bottom = way.parts[index]
    kept = way.labels[top:bottom, int(start) : int(end)] == number
    rows = kept.sum(axis=1)
    at = top + float(rows @ np.arange(len(rows))) / float(rows.sum()) if rows.any() else way.strokes[index].at
    way.strokes[index] = Ruling(at, start, end)
    way.parts[index] = (number, int(start), top, int(end), bottom)


def _trim(way: StrokesOneWay, across: NDArray[np.uint8], type_size: float) -> None:
    """Cut off what letters add to the ends of rulings; what crosses but one ruling is nothing but that."""
    ends = [end for stroke in way.strokes for end in (stroke.start, stroke.end)]
    for index, (stroke, part) in enumerate(zip(way.strokes, way.parts, strict=True)):
        _, _, top, _, bottom = part
        span = (stroke.at, stroke.start, stroke.end)
        start, end = _without_overhang(span, bottom - top, across, type_size, ends)
        if (start, end) != span[1:]:
            _cut_ends(way, index, start, end)
    _leave_out(way, {at for at, (_, left, _, right, _) in enumerate(way.parts) if right - left <= _MEETS})


def _mask(way: StrokesOneWay, kept: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
    done = np.zeros(way.labels.shape, np.uint8)
    for at, (number, left, top, right, bottom) in enumerate(way.parts):
        if kept is not None and not kept[at]:
            continue
        part = (slice(top, bottom), slice(left, right))
        done[part] |= way.labels[part] == number
    return done


def _trusted_by_length(spans: Sequence[Span], type_size: float) -> NDArray[np.bool_]:
    """Which strokes of one direction are rulings by their length alone, with the pieces on their line."""
    done = np.zeros(len(spans), bool)
    order = sorted(range(len(spans)), key=lambda i: spans[i][0])
    first = 0
    for last in range(1, len(order) + 1):
        if last < len(order) and spans[order[last]][0] - spans[order[last - 1]][0] <= _ONE_LINE:
            continue
        line = sorted(order[first:last], key=lambda i: spans[i][1])
        _trust(line, spans, type_size, done)
        first = last
    return done


def _trust(line: Sequence[int], spans: Sequence[Span], type_size: float, done: NDArray[np.bool_]) -> None:
    """Mark the strokes of one line, from left to right, that are long together."""
    whole = spans[line[-1]][2] - spans[line[0]][1]
    inked = sum(spans[i][2] - spans[i][1] for i in line)
    if whole >= _SPREAD * type_size and inked >= _COVERED * whole:
        done[list(line)] = True
        return
    line = [i for i in line if spans[i][2] - spans[i][1] >= _PIECE * type_size]
    if not line:
        return
    run = [line[0]]
    for index in [*line[1:], None]:
        if index is not None and spans[index][1] - spans[run[-1]][2] <= _BROKEN_GAP * type_size:
            run.append(index)
            continue
        if spans[run[-1]][2] - spans[run[0]][1] >= _LONG * type_size:
            done[run] = True
        if index is not None:
            run = [index]


def _leave_out_folds(level: StrokesOneWay, upright: StrokesOneWay, type_size: float) -> None:
    """Leave out folds and streaks; their ``parts`` stay, as their ink is lifted like that of rulings."""
    folds = _folds(level.strokes, upright.strokes, type_size), _folds(upright.strokes, level.strokes, type_size)
    for way, gone in zip((level, upright), folds, strict=True):
        way.strokes = [stroke for at, stroke in enumerate(way.strokes) if at not in gone]


def _folds(strokes: Sequence[Ruling], others: Sequence[Ruling], type_size: float) -> set[int]:
    """Which strokes are folds, or streaks of dust: on both sides they run on beyond the edges at which rulings end."""
    done: set[int] = set()
    crossing = np.array([(s.at, s.start - _MEETS, s.end + _MEETS) for s in others], np.float64).reshape(-1, 3)
    order = sorted(range(len(strokes)), key=lambda i: strokes[i].at)
    first = 0
    for last in range(1, len(order) + 1):
        if last < len(order) and strokes[order[last]].at - strokes[order[last - 1]].at <= _DRIFT * type_size:
            continue
        line = order[first:last]
        first = last
        start, end = min(strokes[i].start for i in line), max(strokes[i].end for i in line)
        at = crossing[(crossing[:, 1] <= strokes[line[0]].at) & (strokes[line[0]].at <= crossing[:, 2]), 0]
        at = at[(start < at) & (at < end)]
        if len(at) < _CROSSED or min(at.min() - start, end - at.max()) < _BEYOND * type_size:
            continue
        left = sum(abs(s.start - at.min()) <= _MEETS for s in strokes)
        right = sum(abs(s.end - at.max()) <= _MEETS for s in strokes)
        if min(left, right) >= _OPEN_AT:
            done.update(line)
    return done


def _count_fixed_ends(span: Span, thick: float, across: Mask, type_size: float) -> int:
    """How many ends of a stroke (0–2) are at rulings, or at the edge of the picture.

    ``across``: 1 where a ruling of the other direction is; rows along ``span[0]``, columns along the stroke.
    """
    reach = max(_LEAST_REACH, round(_REACH * type_size))
    at, start, end = (round(v) for v in span)
    top, bottom = max(0, at - round(thick / 2) - reach), at + round(thick / 2) + reach + 1
    count = 0
    for place in (start, end):
        paper = place <= reach or place >= across.shape[1] - 1 - reach
        if paper or across[top:bottom, max(0, place - reach) : place + reach + 1].any():
            count += 1
    return count


def _without_overhang(
    span: Span, thick: float, across: Mask, type_size: float, ends: Sequence[float]
) -> tuple[float, float]:
    """Where a ruling starts and ends without the letters' strokes that it runs into beyond the rulings across it.

    ``ends``: where all rulings of its direction start and end. Where several end, the table is open.
    """
    reach = max(_LEAST_REACH, round(_REACH * type_size))
    at, start, end = span
    top, bottom = max(0, round(at - thick / 2) - reach), round(at + thick / 2) + reach + 1
    crossed = np.flatnonzero(across[top:bottom, max(0, round(start)) : round(end) + 1].any(axis=0))
    if not len(crossed):
        return start, end
    first, last = max(0, round(start)) + int(crossed[0]), max(0, round(start)) + int(crossed[-1])

    def open_at(place: float) -> bool:
        return sum(abs(other - place) <= _LEAST_REACH for other in ends) >= _OPEN_AT

    if reach < first - start <= _OVERHANG * type_size and not open_at(start):
        start = float(first)
    if reach < end - last <= _OVERHANG * type_size and not open_at(end):
        end = float(last)
    return start, end


def _is_held(fixed: int, length: float, type_size: float, *, upright: bool) -> bool:
    """Whether a stroke of this length is a ruling, so many of its ends being at rulings."""
    return fixed == 2 or (fixed == 1 and length >= _LONG_HELD[upright] * type_size)
