"""Rulings on a straightened page → strokes in pixels, and how they lean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.recognised import anchored, arched, folded, lone, lowered, prolonged, tight
from archive.documents.recognised.components import components
from archive.documents.recognised.engine import Found
from archive.documents.recognised.straight import Lean
from archive.documents.ruled.page import Stroke

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_DARK = 205  # a ruling, smoothed along itself, is darker than this on white paper
_PALE = 236  # the same where paper is even, as on pictures of a screen: those draw rulings in a light grey
_FAINTEST = 230  # what is lighter is paper, however little of a run is ink
_SMOOTH = 9  # pixels along a ruling over which noise is evened out
_THICK = 0.006  # of a page's longer side: thicker things are bars, not rulings
_LONG = 0.15  # of the page's width: rulings that tell how the page lies
_CORE = 3, 0.6, 0.85, 6  # times the least length; share of a line that is ink, at its edges, in its middle; pixels high
_STRETCH = 1.5  # times the least length: of a ruling whose ends letters touch
_ROUGH = 0.8  # pixels that the middle of a ruling strays from a straight line; that of smeared letters strays more
_PAGE = 1.6  # times as long as broad: no page is longer, but a picture may show several one below the other
_MOST = 3_000
_RUNS_ON = 7.0  # heights of a line of text: no letters' strokes run on for so long
_BESIDE, _WHOLE, _PART = 0.5, 5.0, 2.0  # heights of a line: from its end to a ruling; its length; of a letter's stroke
_SURELY = 2.5  # type heights: a stroke so long without gaps is a ruling by which others are judged
_NEAR = 0.3  # type heights by which digits that fill their column may miss the rulings beside it
_TEXTUAL = 0.6  # share of what runs on beyond a table that stands in lines of text, if a letter's stroke
_MOST_OF_IT = 0.6  # share of a stroke's length that is ink in a line of it that is its own
_MEETS = 4  # pixels by which the end of a stroke may miss the ruling it stands at
_CLEAR = 8  # pixels beside a ruling in which no figure stands
_BROAD = 60  # pixels: broader ink is looked through for no upright
_CROSSES = 12  # pixels on both sides of an upright that a ruling across it goes on
_RUN, _INK = 4, 165  # pixels that ink runs on beside a stroke it meets; it is darker than this
TYPE = 0.68  # height of the type as a share of the boxes that the model draws around it


Box = tuple[int, int, int, int]  # left, top, width, height


@dataclass(slots=True)
class _Way:
    """The rulings of one direction. ``labels``: numbers of runs of ink; ``parts``: what of them is ruled, as number,
    left, top, right, bottom.
    """

    labels: NDArray[np.int32]
    strokes: list[Stroke] = field(default_factory=list)
    parts: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    leans: list[Lean] = field(default_factory=list)


@dataclass(slots=True)
class Drawn:
    """What is ruled on a page, and what of it belongs to letters."""

    _level: _Way
    _upright: _Way

    @property
    def across(self) -> list[Lean]:
        """How the long horizontal rulings lie."""
        return self._level.leans

    @property
    def down(self) -> list[Lean]:
        """How the long vertical rulings lie."""
        return self._upright.leans

    @property
    def horizontal(self) -> list[Stroke]:
        """Horizontal strokes, in pixels."""
        return self._level.strokes

    @property
    def vertical(self) -> list[Stroke]:
        """Vertical strokes, in pixels."""
        return self._upright.strokes

    def mask(self) -> NDArray[np.uint8]:
        """1 where a ruling is, else 0."""
        done = [_mask(way) for way in (self._level, self._upright)]
        return cast("NDArray[np.uint8]", cv2.bitwise_or(done[0], cv2.transpose(done[1])))


def drawn(flat: Grey, found: Sequence[Found] = (), *, pale: bool = False) -> Drawn:
    """What is ruled on a page whose skew is below a degree or so. ``pale``: in a light grey too.

    Strokes within a line of text (``found``) are none: 一, 口 and 目 have such; nor are, where text was found, short
    ones that are not fixed at rulings (``anchored``).
    """
    boxes = np.array([(f.x0, f.x1, f.y0, f.y1) for f in found]).reshape(-1, 4)
    height, width = flat.shape
    size = max(width, min(height, round(_PAGE * width)))
    dark = _PALE if pale else _DARK
    level = _one_way(flat, boxes, size, dark)
    upright = _one_way(cast("Grey", cv2.transpose(flat)), boxes[:, (2, 3, 0, 1)], size, dark, upright=True)
    if len(boxes):
        type_size = TYPE * float(np.median(boxes[:, 3] - boxes[:, 2]))
        _with_lone_rows(flat, level.strokes, upright, type_size, dark)
        _without_columns(flat, level, upright, type_size)
        sure = [stroke for stroke in level.strokes if _is_long(stroke, type_size)]
        _without_prolongations(flat, sure, upright, boxes, type_size)  # else nothing holds the ends of the ruling
        _without_letters(level, upright, type_size)
        for way, others in ((level, upright), (upright, level)):
            bent = [_shape(way, _held(way, at, others.strokes, type_size), type_size) for at in range(len(way.parts))]
            _leave_out(way, arched.arcs(bent, type_size))
        _without_prolongations(flat, level.strokes, upright, boxes, type_size)
        _without_folds(flat, level, upright, boxes, type_size)
        _leave_out(upright, lowered.strokes_of_digits(flat, upright.strokes, level.strokes, type_size))
    return Drawn(level, upright)


def _with_lone_rows(flat: Grey, across: Sequence[Stroke], upright: _Way, type_size: float, level: int) -> None:
    """Add the uprights of rows that stand alone (``lone``), but for those that were found."""
    for left, right, top, bottom in lone.uprights(flat, across, type_size, level):
        middle = (left + right - 1) / 2
        if not any(abs(s.at - middle) <= _MEETS and s.start < bottom and top < s.end for s in upright.strokes):
            number = -1 - len(upright.parts)  # none of those that count the ink
            upright.labels[left:right, top:bottom] = number
            upright.strokes.append(Stroke(middle, float(top), float(bottom)))
            upright.parts.append((number, top, left, bottom, right))


def _without_columns(flat: Grey, level: _Way, upright: _Way, type_size: float) -> None:
    """Leave out what letters of several rows, or of several columns, make with the rulings between them."""
    ways = ((level, flat), (upright, cast("Grey", cv2.transpose(flat))))
    papers = [[tight.paper(_darkest(grey, part)) for part in way.parts] for way, grey in ways]
    sure = [
        [s for s, gaps in zip(way.strokes, own, strict=True) if _is_long(s, type_size) and tight.is_whole(gaps)]
        for (way, _), own in zip(ways, papers, strict=True)
    ]
    for (way, _), own, others in zip(ways, papers, reversed(sure), strict=True):
        strokes, parts = way.strokes, way.parts
        way.strokes, way.parts = [], []
        for stroke, part, gaps in zip(strokes, parts, own, strict=True):
            number, left, top, right, bottom = part
            for start, end in tight.ruled(gaps, _crossings(stroke, others, type_size), type_size):
                kept = (start, end) == (0, right - left)
                way.strokes.append(stroke if kept else Stroke(stroke.at, float(left + start), float(left + end)))
                way.parts.append((number, left + start, top, left + end, bottom))


def _is_long(stroke: Stroke, type_size: float) -> bool:
    return stroke.end - stroke.start >= _SURELY * type_size


def _crossings(stroke: Stroke, others: Sequence[Stroke], type_size: float) -> list[float]:
    """Where rulings cross a stroke or end at it, from its start; those near the ends of a short one may be missed."""
    near = _MEETS if _is_long(stroke, type_size) else max(_MEETS, _NEAR * type_size)
    return sorted(
        other.at - stroke.start
        for other in others
        if stroke.start - near <= other.at <= stroke.end + near
        and other.start - _MEETS <= stroke.at <= other.end + _MEETS
    )


def _darkest(flat: Grey, part: tuple[int, int, int, int, int]) -> NDArray[np.int16]:
    """The darkest pixel at each place along a stroke."""
    _, left, top, right, bottom = part
    return cast("NDArray[np.int16]", flat[top:bottom, left:right].min(axis=0).astype(np.int16))


def _without_letters(level: _Way, upright: _Way, type_size: float) -> None:
    """Leave out the short strokes that do not run from ruling to ruling."""
    ways = (level, upright)
    spans: list[list[anchored.Span]] = [[(s.at, s.start, s.end) for s in way.strokes] for way in ways]
    kept = [anchored.length_trusted(own, type_size) for own in spans]
    for _ in range(anchored.ROUNDS):
        masks = [_mask(way, kept[at]) for at, way in enumerate(ways)]
        before = sum(int(k.sum()) for k in kept)
        for at, way in enumerate(ways):
            across = cast("NDArray[np.uint8]", cv2.transpose(masks[1 - at]))
            for index in np.flatnonzero(~kept[at]).tolist():
                _, _, top, _, bottom = way.parts[index]
                span = spans[at][index]
                fixed = anchored.fixed_ends(span, bottom - top, across, type_size)
                kept[at][index] = anchored.held(fixed, span[2] - span[1], type_size, upright=at == 1) or (
                    at == 1 and anchored.runs_across(span, bottom - top, across, type_size)
                )
        if sum(int(k.sum()) for k in kept) == before:
            break
    for at, way in enumerate(ways):
        _leave_out(way, set(np.flatnonzero(~kept[at]).tolist()))
    masks = [_mask(way) for way in ways]
    for at, way in enumerate(ways):
        _trim(way, cast("NDArray[np.uint8]", cv2.transpose(masks[1 - at])), type_size)


def _without_prolongations(
    flat: Grey, across: Sequence[Stroke], upright: _Way, boxes: NDArray[np.float64], type_size: float
) -> None:
    """Cut off the letters that stand in line with upright rulings (``prolonged``); ``across``: rulings that cross."""
    turned, text = cast("Grey", cv2.transpose(flat)), boxes[:, (2, 3, 0, 1)]
    inner = text + np.array((0.0, 0.0, type_size, -type_size))
    gone: set[int] = set()
    for index, (stroke, part) in enumerate(zip(upright.strokes, upright.parts, strict=True)):
        crossings = _crossings(stroke, across, type_size)

        def in_text(place: float, stroke: Stroke = stroke) -> bool:
            return _is_in_text(stroke.at, stroke.start + place, text)

        def amid_text(place: float, stroke: Stroke = stroke) -> bool:
            return _is_in_text(stroke.at, stroke.start + place, inner)

        own = _own_lines(upright, part)

        def met(start: int, end: int, own: tuple[int, int, int, int, int] = own) -> bool:
            return _is_met(turned, own, start, end)

        beside = prolonged.Beside(in_text, amid_text, met)
        gaps = tight.paper(_darkest(turned, own))
        start, end = prolonged.own_part(gaps, crossings, type_size, beside)
        if (start, end) != (0, len(gaps)):
            _cut_ends(upright, index, stroke.start + start, stroke.start + end)
        elif prolonged.has_no_own(gaps, crossings, type_size, beside):
            gone.add(index)
    _leave_out(upright, gone)


def _is_met(flat: Grey, part: tuple[int, int, int, int, int], start: int, end: int) -> bool:
    """Whether between two places along a stroke, not right at them, ink runs into it from above or below."""
    _, left, top, _, bottom = part
    first, last = left + start + _MEETS, left + end - _MEETS
    for band in (flat[max(top - _RUN, 0) : top, first:last], flat[bottom : bottom + _RUN, first:last]):
        if len(band) == _RUN and band.shape[1] > 1:
            through = band.max(axis=0) < _INK
            if bool((through[1:] & through[:-1]).any()):
                return True
    return False


def _own_lines(way: _Way, part: tuple[int, int, int, int, int]) -> tuple[int, int, int, int, int]:
    """The part of a stroke in the lines that most of it stands in: letters in line with it stand aside a little."""
    number, left, top, right, bottom = part
    inked = np.flatnonzero((way.labels[top:bottom, left:right] == number).mean(axis=1) > _MOST_OF_IT)
    return (number, left, top + int(inked[0]), right, top + int(inked[-1]) + 1) if len(inked) else part


def _without_folds(flat: Grey, level: _Way, upright: _Way, boxes: NDArray[np.float64], type_size: float) -> None:
    """Leave out the grey lines that folds leave, and the pieces of streaks (``folded``)."""
    ways = (
        (level, flat, upright, boxes),
        (upright, cast("Grey", cv2.transpose(flat)), level, boxes[:, (2, 3, 0, 1)]),
    )
    lines = [
        [
            folded.Line(
                s.at,
                s.start,
                s.end,
                float(np.median(_darkest(grey, part))),
                crossed := _crossed(s, across.strokes),
                _is_through(s, text, type_size),
                _ends_in_text(s, crossed, text),
            )
            for s, part in zip(way.strokes, way.parts, strict=True)
        ]
        for way, grey, across, text in ways
    ]
    usual = folded.usual_grey([*lines[0], *lines[1]])
    for at, (start, end) in folded.spelling(lines[1], type_size).items():
        _cut_ends(upright, at, start, end)
    down = folded.overrunning(lines[1], type_size) | folded.letters(lines[1], type_size)
    for (way, *_), own, gone in zip(ways, lines, (set[int](), down), strict=True):
        _leave_out(way, gone | folded.folds(own, usual, type_size))


def _leave_out(way: _Way, gone: set[int]) -> None:
    way.strokes = [s for at, s in enumerate(way.strokes) if at not in gone]
    way.parts = [p for at, p in enumerate(way.parts) if at not in gone]


def _held(way: _Way, index: int, across: Sequence[Stroke], type_size: float) -> tuple[int, int, int, int, int]:
    """The part of a stroke between the rulings that cross it, without the letters it runs into beyond them."""
    number, left, top, right, bottom = way.parts[index]
    first, last = _crossed(way.strokes[index], across) or (left, right)
    if last - first < type_size:
        return way.parts[index]
    return number, max(left, int(first)), top, min(right, int(last) + 1), bottom


def _shape(way: _Way, part: tuple[int, int, int, int, int], type_size: float) -> arched.Shape:
    number, left, top, right, bottom = part
    ink = way.labels[top:bottom, left:right] == number
    thick = float(ink.sum()) / max(right - left, 1)
    bent = _slope(ink) if right - left < arched.SHORT * type_size else (0.0, 0.0)  # long ones are none however bent
    return arched.Shape(right - left, thick, *bent)


def _crossed(stroke: Stroke, across: Sequence[Stroke]) -> tuple[float, float] | None:
    """Where the first and the last ruling cross a stroke, or end at it."""
    places = [
        other.at
        for other in across
        if stroke.start - _MEETS <= other.at <= stroke.end + _MEETS
        and other.start - _MEETS <= stroke.at <= other.end + _MEETS
    ]
    return (min(places), max(places)) if places else None


def _is_through(stroke: Stroke, boxes: NDArray[np.float64], type_size: float) -> bool:
    """Whether a stroke runs from side to side of a line of text, and not along its edge."""
    edge = 0.5 * type_size
    inside = (boxes[:, 2] + edge < stroke.at) & (stroke.at < boxes[:, 3] - edge)
    middle = (boxes[:, 0] + boxes[:, 1]) / 2
    return bool((inside & (stroke.start < middle) & (middle < stroke.end)).any())


def _is_in_text(across: float, along: float, boxes: NDArray[np.float64]) -> bool:
    """Whether a place on a stroke lies within a line of text; ``boxes`` as the stroke runs."""
    lines = boxes[(boxes[:, 2] <= across) & (across <= boxes[:, 3])]
    return bool(_are_within(np.array([along]), lines).any())


def _ends_in_text(stroke: Stroke, crossed: tuple[float, float] | None, boxes: NDArray[np.float64]) -> tuple[bool, bool]:
    """Whether what of a stroke runs on before, and behind, the rulings that cross it stands in lines of text."""
    lines = boxes[(boxes[:, 2] <= stroke.at) & (stroke.at <= boxes[:, 3])]
    first, last = crossed or (stroke.start, stroke.end)
    before = np.arange(stroke.start, max(first, stroke.start + 1))
    behind = np.arange(min(last, stroke.end - 1) + 1, stroke.end + 1)
    shares = [float(_are_within(places, lines).mean()) for places in (before, behind)]
    return shares[0] >= _TEXTUAL, shares[1] >= _TEXTUAL


def _are_within(places: NDArray[np.float64], lines: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each place along a stroke lies within one of the lines of text that it crosses."""
    within = (lines[:, :1] <= places) & (places <= lines[:, 1:2])
    return cast("NDArray[np.bool_]", within.any(axis=0))


def _cut_ends(way: _Way, index: int, start: float, end: float) -> None:
    """Leave of a stroke what stands between two places along it, with the middle of that."""
    number, _, top, _, bottom = way.parts[index]
    kept = way.labels[top:bottom, int(start) : int(end)] == number
    rows = kept.sum(axis=1)
    at = top + float(rows @ np.arange(len(rows))) / float(rows.sum()) if rows.any() else way.strokes[index].at
    way.strokes[index] = Stroke(at, start, end)
    way.parts[index] = (number, int(start), top, int(end), bottom)


def _trim(way: _Way, across: NDArray[np.uint8], type_size: float) -> None:
    """Cut off what letters add to the ends of rulings; what crosses but one ruling is nothing but that."""
    ends = [end for stroke in way.strokes for end in (stroke.start, stroke.end)]
    for index, (stroke, part) in enumerate(zip(way.strokes, way.parts, strict=True)):
        _, _, top, _, bottom = part
        span = (stroke.at, stroke.start, stroke.end)
        start, end = anchored.without_overhang(span, bottom - top, across, type_size, ends)
        if (start, end) != span[1:]:
            _cut_ends(way, index, start, end)
    _leave_out(way, {at for at, (_, left, _, right, _) in enumerate(way.parts) if right - left <= _MEETS})


def _one_way(flat: Grey, boxes: NDArray[np.float64], size: int, level: int, *, upright: bool = False) -> _Way:
    """Rulings from left to right; ``boxes`` of text as left, right, top, bottom; ``size``: longer side of a page.

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
    way = _Way(labels)
    letters = _letters(stats.astype(np.float64), boxes)
    order = np.argsort(-stats[:, cv2.CC_STAT_WIDTH], kind="stable")[:_MOST]
    for at_row in order.tolist():
        index = at_row + 1
        left, top, width, height, area = (int(v) for v in stats[at_row])
        at = float(connected.middles[at_row])
        if width < least:
            continue
        box: Box | None = (left, top, width, height)
        cut: tuple[tuple[int, int] | None, tuple[int, int]] = (0, height), (0, width)
        if area / width > high or height > max(10.0, 0.05 * width):
            whole = labels[top : top + height, left : left + width] == index
            cut = _core(whole, least), (0, width)
            if cut[0] is None:
                cut = _bare(whole, least)
            box = _cut_to(labels, index, (left, top, width, height), cut)
        if box and letters[at_row] and _is_letter(flat, box, letters[at_row], boxes if upright else None, level):
            box = None
        if box is None and upright and width > letters[at_row]:
            cut = _framed(flat[:, left : left + width], top, height, level)
            box = _cut_to(labels, index, (left, top, width, height), cut)
            at = top + sum(cut[0] or (0, 0)) / 2 - 0.5
        if box is None:
            continue
        left, top, width, height = box
        runs_here = _solid(flat[top : top + height, left : left + width], least, level)
        mask = labels[top : top + height, left : left + width] == index
        runs_here = [_to_ends(flat[top : top + height], mask, left, run, level) for run in runs_here]
        way.strokes += [Stroke(at, float(left + start), float(left + end)) for start, end in runs_here]
        way.parts += [(index, left + start, top, left + end, top + height) for start, end in runs_here]
        if runs_here and width > _LONG * flat.shape[1] and int(mask.sum()) / width < max(4.0, 0.002 * size):
            slope, rough = _slope(mask)
            if rough < _ROUGH:
                way.leans.append(Lean(at, left + width / 2, float(width), slope))
    return way


def _core(mask: NDArray[np.bool_], least: int) -> tuple[int, int] | None:
    """The first line of a ruling, and the one behind its last, in ink that letters of a seal made too high for one.

    It runs through from end to end, and is thin.
    """
    height, width = mask.shape
    if width < _CORE[0] * least:
        return None
    lines = mask.mean(axis=1)
    best = int(lines.argmax())
    thin = lines >= _CORE[1]
    first = last = best
    while first > 0 and thin[first - 1]:
        first -= 1
    while last + 1 < height and thin[last + 1]:
        last += 1
    whole = lines[best] >= _CORE[2] and last + 1 - first <= _CORE[3]
    return (first, last + 1) if whole else None


def _bare(mask: NDArray[np.bool_], least: int) -> tuple[tuple[int, int] | None, tuple[int, int]]:
    """The lines and the stretch of a ruling that letters touch at its ends, as in copies of copies.

    Between them it runs on in one line, thin all along; None where nothing does.
    """
    none = None, (0, mask.shape[1])
    full = np.flatnonzero(mask.sum(axis=1) >= _STRETCH * least) if len(mask) <= least else ()
    if not len(full):
        return none
    start, end, at = max(((*_longest(mask[line]), int(line)) for line in full), key=lambda run: run[1] - run[0])
    if end - start < _STRETCH * least:
        return none
    # thin: no more ink above and below than the broadest ruling has
    first, last = max(0, at - _CORE[3]), min(len(mask), at + _CORE[3] + 1)
    thin = mask[:, start:end].sum(axis=0) <= _CORE[3]
    low, high = _longest(thin)
    if high - low < _STRETCH * least:
        return none
    lines = np.flatnonzero(mask[first:last, start + low : start + high].mean(axis=1) >= _CORE[1])
    core = first + int(lines[0]), first + int(lines[-1]) + 1
    paper = np.flatnonzero(~mask[core[0] : core[1]].any(axis=0))  # its ends are within the letters
    before, behind = paper[paper < start + low], paper[paper >= start + high]
    return core, (int(before[-1]) + 1 if len(before) else 0, int(behind[0]) if len(behind) else mask.shape[1])


def _framed(flat: Grey, top: int, height: int, level: int) -> tuple[tuple[int, int] | None, tuple[int, int]]:
    """The lines and the stretch of an upright from a ruling across to the next, in ink of letters in line with it.

    ``flat``: the page as far as the ink reaches along the upright; ``top``, ``height``: the lines of the ink.
    """
    none = None, (0, flat.shape[1])
    if height > _BROAD:
        return none
    first = max(0, top - _CROSSES)
    dark = (flat[first : top + height + _CROSSES] < level).view(np.uint8)
    across = cv2.erode(dark, np.ones((2 * _CROSSES + 1, 1), np.uint8), borderValue=0)[top - first :][:height]
    if not across.any():
        return none
    inked = dark[top - first :][:height].astype(bool)
    for line in np.argsort(flat[top : top + height].sum(axis=1, dtype=np.int64), kind="stable").tolist():
        crossed = np.flatnonzero(across[line])
        rest = crossed[crossed > crossed[0] + _MEETS] if len(crossed) else crossed
        if len(rest) and inked[line, crossed[0] : rest[0]].all():
            start, end = int(crossed[0]), int(rest[0]) + 1
            thick = np.flatnonzero(inked[:, start:end].all(axis=1))
            core = int(thick[0]), int(thick[-1]) + 1
            alone = _stands_alone(flat[:, start:end], (0, top + core[0], end - start, core[1] - core[0]), level)
            return (core, (start, end)) if alone else none
    return none


def _stands_alone(flat: Grey, box: Box, level: int) -> bool:
    """Whether paper is on both sides of an upright between two rulings: a letter's stroke has others beside it."""
    left, top, width, height = box
    inner = slice(left + _CLEAR, left + width - _CLEAR)
    sides = flat[max(0, top - _CLEAR) : max(0, top - 2), inner], flat[top + height + 2 : top + height + _CLEAR, inner]
    return all(side.size and int(side.min()) >= level for side in sides)


def _longest(line: NDArray[np.bool_]) -> tuple[int, int]:
    """Where the longest stretch of ink in a line starts and ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], line, [False]]).view(np.int8)))
    if not len(edges):
        return 0, 0
    at = int((edges[1::2] - edges[::2]).argmax())
    return int(edges[2 * at]), int(edges[2 * at + 1])


def _cut_to(
    labels: NDArray[np.int32], number: int, box: Box, cut: tuple[tuple[int, int] | None, tuple[int, int]]
) -> Box | None:
    """Leave of one number in its box some lines and places, each from the first to before the second; its new box.

    None, and all is left, without lines.
    """
    (left, top, width, height), (core, span) = box, cut
    if core is None:
        return None
    here = labels[top : top + height, left : left + width]
    for part in (here[: core[0]], here[core[1] :], here[:, : span[0]], here[:, span[1] :]):
        part[part == number] = 0
    return left + span[0], top + core[0], span[1] - span[0], core[1] - core[0]


def _solid(strip: Grey, least: int, level: int) -> list[tuple[int, int]]:
    """Where ink runs through, without the gaps that part letters from each other and from rulings beside them.

    Long rulings may be broken here and there. The ends are where ink is: smoothing has drawn them out.
    """
    darkest = strip.min(axis=0).astype(np.int16)
    faint = min((255 + int(np.median(darkest))) // 2, _FAINTEST)
    inked = np.flatnonzero(darkest <= max(faint, level))
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
    box: Box,
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
    start, end = tight.longest_ink(tight.paper(_darkest(flat, (0, left, top, left + width, bottom))))
    if end - start > longest:
        return False
    if boxes is None:
        return True
    across = flat[max(0, top - _CROSSES) : bottom + _CROSSES, left + start : left + end].max(axis=0) < level
    framed = bool(across[:_MEETS].any() and across[-_MEETS:].any())
    lone = framed and _stands_alone(flat, (left + start, top, end - start, height), level)
    return not lone and _is_in_text((top + bottom) / 2, left + (start + end) / 2, boxes)


def _mask(way: _Way, kept: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
    done = np.zeros(way.labels.shape, np.uint8)
    for at, (number, left, top, right, bottom) in enumerate(way.parts):
        if kept is not None and not kept[at]:
            continue
        part = (slice(top, bottom), slice(left, right))
        done[part] |= way.labels[part] == number
    return done
