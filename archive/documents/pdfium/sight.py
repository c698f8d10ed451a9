"""Which characters of a page nobody sees, and of which it is not certain that they are seen as the file tells them.

What a person who looks at the page sees is what counts. Signs that it may not be what the text says are looked for by
places and colours alone; where there are any, the page is drawn (``rendered``).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from archive.documents.contrast import BLACK, carries_white, may_be_alike
from archive.documents.layout.page_layout import MARKS, Glyph, PageLayout, rotate_box
from archive.documents.pages import UNREAD
from archive.documents.pdfium import bulk
from archive.documents.pdfium.clips import Clip
from archive.documents.pdfium.doubled import Echoes
from archive.documents.pdfium.drawing import IDENTITY, Fill, PageDrawing
from archive.documents.pdfium.library import Handle
from archive.documents.pdfium.rendered import shown

Box = tuple[float, float, float, float]

_ASIDE, _ABOVE = 0.12, 0.2  # of a loose box: so much at each side holds no ink
_SEEN, _READ, _GONE = 0.6, 0.25, 0.02  # shares of the ink: of a figure, of words, of nothing
_STRIP = 1.0  # points within an edge where words stand that are cut off by it
_THIN = 0.001  # points that each of them takes
_NEXT = 0.3  # of the height: a character no further from the one before is of the same words
_ROUNDS = 3  # in which text that overlaps is looked at
_FIELD = 2.0  # points: text that stands in the same field of the page may overlap
_FIELDS = 60  # at most that one character takes in each direction
_NOWHERE: Box = (math.inf, math.inf, -math.inf, -math.inf)
_LITTLE = 0.2  # of a character's width: as much may neighbours take
_AGAIN = 500  # characters that are looked for in later text
_MOST = 400_000  # characters under what was painted, those under several counted for each


@dataclass(slots=True)
class Sight:
    """By number of the glyph: those that nobody sees, and those not surely seen as told.

    ``unread``: marks beside figures of which a clip cut digits off: what is seen of them is none.
    """

    gone: set[int] = field(default_factory=set)
    doubted: set[int] = field(default_factory=set)
    unread: list[Glyph] = field(default_factory=list)


def signs(drawn: PageDrawing) -> bool:
    """Whether anything drawn gives reason to look whether text is seen."""
    return bool(drawn.covers or drawn.pale or drawn.forms or drawn.white or _grounds(drawn))


def look_at_glyphs(
    layout: PageLayout, glyphs: Sequence[Glyph], objects: Sequence[Handle], drawn: PageDrawing,
    clips: dict[Handle, Clip], page: Handle, frame: Box, known: set[int], twice: Echoes,
) -> Sight:  # fmt: skip
    """Look at the glyphs of a page. ``objects``: the text object of each. ``known``: glyphs already judged.

    ``twice``: text that is seen as one with others.
    """
    sight = Sight()
    inner = [_inner(glyph) for glyph in glyphs]
    _clipped(sight, inner, objects, clips, layout.turn)
    sight.unread = list(_cut_figures(sight.gone, glyphs))
    _run_on(sight, glyphs, objects, clips, layout.turn)
    sight.doubted = {n for n in sight.doubted if _is_figure(glyphs[n]) and not _is_in_words(n, glyphs)}
    suspected = _suspected(layout, inner, objects, drawn, clips) - known - sight.gone - sight.doubted
    if layout.costly:  # no picture is made of it
        sight.doubted |= suspected
    elif suspected:
        _look(sight, layout, glyphs, objects, drawn, page, frame, sorted(suspected), twice)
    again = _printed_again(sight.gone, inner, objects, drawn, layout.turn) if sight.gone else set()
    sight.gone -= again
    torn = {objects[n] for n in sight.gone}  # what is seen of them is not all that they say
    sight.doubted |= {n for n, item in enumerate(objects) if item in torn and n not in sight.gone | again}
    return sight


def _printed_again(
    gone: Collection[int], boxes: Sequence[Box], objects: Sequence[Handle], drawn: PageDrawing, turn: int
) -> set[int]:
    """Those of the glyphs nobody sees that a later text prints again, at the same place, over what covers them.

    pdfium gives a character that is printed twice at one place once, as part of the first text: of a figure that was
    covered and typed anew, it has only the digits that differ. The later text has a gap where such a one stands.
    """
    first = min(drawn.texts.get(objects[n], 0) for n in gone)
    later = [item for item, order in drawn.texts.items() if order > first and item not in drawn.forms]
    words, known = bulk.answers(bulk.bounds_of, len(later), 4, 4, bulk.ready(later))
    values = bulk.floats(words)
    spans = [
        (item, rotate_box((values[4 * n], values[4 * n + 1], values[4 * n + 2], values[4 * n + 3]), turn))
        for n, item in enumerate(later)
        if known[n]
    ]
    own: dict[Handle, list[Box]] = {}
    for n, item in enumerate(objects):
        own.setdefault(item, []).append(boxes[n])
    found: set[int] = set()
    for n in list(gone)[:_AGAIN]:
        x, y = (boxes[n][0] + boxes[n][2]) / 2, (boxes[n][1] + boxes[n][3]) / 2
        for item, span in spans:
            order = drawn.texts[item]
            if order <= drawn.texts.get(objects[n], 0) or not (span[0] <= x <= span[2] and span[1] <= y <= span[3]):
                continue
            covered = any(
                late > order and box[0] <= x <= box[2] and box[1] <= y <= box[3]
                for late, box in ((late, rotate_box(box, turn)) for late, box in drawn.covers)
            )
            if not covered and not any(_overlap(boxes[n], box) > _LITTLE for box in own.get(item, ())):
                found.add(n)
                break
    return found


def _overlap(one: Box, other: Box) -> float:
    """The share of a box's width that another one takes."""
    return (min(one[2], other[2]) - max(one[0], other[0])) / max(one[2] - one[0], 0.01)


def _look(
    sight: Sight, layout: PageLayout, glyphs: Sequence[Glyph], objects: Sequence[Handle], drawn: PageDrawing,
    page: Handle, frame: Box, numbers: list[int], twice: Echoes,
) -> None:  # fmt: skip
    """Draw the page for the glyphs with these ``numbers``."""
    rounds, left_over = _rounds({n: _inner(glyphs[n]) for n in numbers}, objects)
    sight.doubted |= left_over
    boxes: dict[int, Box] = {}
    for n in numbers:
        left, bottom, right, top = layout.box(glyphs[n].x0, glyphs[n].y0, glyphs[n].x1, glyphs[n].y1)
        boxes[n] = left, bottom, right, top
    light = {item for item, colour in drawn.colours.items() if not carries_white(colour)}
    rounds = [
        part
        for some in rounds
        for pale in (False, True)
        if (part := [n for n in some if (objects[n] in light) == pale])
    ]
    questions = [
        ([boxes[n] for n in some], twice.with_echoes({objects[n] for n in some}), objects[some[0]] in light)
        for some in rounds
    ]
    answers = shown(page, frame, questions, [*drawn.others, *bulk.ready(drawn.texts)])
    for n, found in zip(chain.from_iterable(rounds), answers, strict=True):
        if found.all <= _GONE:
            sight.gone.add(n)
        elif not found.ink or found.clearly < (_SEEN if _is_figure(glyphs[n]) else _READ):
            sight.doubted.add(n)


def _rounds(boxes: Mapping[int, Box], objects: Sequence[Handle]) -> tuple[list[list[int]], set[int]]:
    """Glyphs that can be looked at together, as those of different objects do not overlap; and those too many."""
    at: dict[tuple[int, int], set[Handle]] = {}
    apart: dict[Handle, set[Handle]] = {objects[n]: set() for n in boxes}
    for n, (x0, y0, x1, y1) in boxes.items():
        item = objects[n]
        across = range(int(x0 // _FIELD), min(int(x1 // _FIELD), int(x0 // _FIELD) + _FIELDS) + 1)
        for x in across:
            for y in range(int(y0 // _FIELD), min(int(y1 // _FIELD), int(y0 // _FIELD) + _FIELDS) + 1):
                there = at.setdefault((x, y), set())
                if item not in there and len(there) <= _ROUNDS:
                    for other in there:
                        apart[item].add(other)
                        apart[other].add(item)
                    there.add(item)
    turn: dict[Handle, int] = {}
    for item, others in apart.items():
        taken = {turn.get(other, -1) for other in others}
        turn[item] = next(n for n in range(len(taken) + 1) if n not in taken)
    rounds: list[list[int]] = [[n for n in boxes if turn[objects[n]] == k] for k in range(_ROUNDS)]
    return [some for some in rounds if some], {n for n in boxes if turn[objects[n]] >= _ROUNDS}


def _inner(glyph: Glyph) -> Box:
    """Where the ink of a glyph is."""
    x, y = _ASIDE * (glyph.x1 - glyph.x0), _ABOVE * (glyph.y1 - glyph.y0)
    return glyph.x0 + x, glyph.y0 + y, glyph.x1 - x, glyph.y1 - y


def _clipped(
    sight: Sight, boxes: Sequence[Box], objects: Sequence[Handle], clips: dict[Handle, Clip], turn: int
) -> None:
    """What is cut away by clips."""
    if not clips:
        return
    turned = {item: rotate_box(clip.box, turn) if _is_some(clip.box) else _NOWHERE for item, clip in clips.items()}
    for n, item in enumerate(objects):
        clip = turned.get(item)
        if clip is None:
            continue
        x0, y0, x1, y1 = boxes[n]
        if clip[0] <= x0 and clip[1] <= y0 and x1 <= clip[2] and y1 <= clip[3]:
            continue
        if min(x1, clip[2]) <= max(x0, clip[0]) or min(y1, clip[3]) <= max(y0, clip[1]):
            sight.gone.add(n)
        else:
            sight.doubted.add(n)


def _cut_figures(gone: set[int], glyphs: Sequence[Glyph]) -> Iterator[Glyph]:
    """A mark behind, or before, each digit that is seen beside one of its figure that a clip cut off."""
    for n in sorted(gone):
        for seen_one in {max(n - 1, 0), min(n + 1, len(glyphs) - 1)} - gone:
            glyph, other = glyphs[n], glyphs[seen_one]
            close = _NEXT * (other.y1 - other.y0)
            beside = min(abs(glyph.x0 - other.x1), abs(glyph.x1 - other.x0)) < close and glyph.turn == other.turn
            if glyph.text.isdecimal() and other.text.isdecimal() and beside and abs(glyph.y0 - other.y0) < close:
                at = other.x1 if seen_one < n else other.x0
                yield Glyph(UNREAD, at, other.y0, at, other.y1, False, other.turn, other.ink)


def _is_figure(glyph: Glyph) -> bool:
    return glyph.text.isdecimal() or glyph.text in MARKS


def _run_on(
    sight: Sight, glyphs: Sequence[Glyph], objects: Sequence[Handle], clips: dict[Handle, Clip], turn: int
) -> None:
    """Keep words cut off at the edge of a cell that is too narrow for them, as spreadsheets print them.

    They are set within that edge, as thin as what is left of them: where they would stand is another cell.
    """
    cut = sight.gone | sight.doubted
    if not cut:
        return
    places = {n: (glyphs[n].x0, glyphs[n].x1) for m in cut for n in (m - 1, m, m + 1) if 0 <= n < len(glyphs)}
    edges: dict[int, tuple[float, float]] = {}
    for n in cut:
        box = clips[objects[n]].box
        if _is_some(box):
            left, _, right, _ = rotate_box(box, turn)
            edges[n] = min(left + _STRIP, right), max(right - _STRIP, left)
    for n in sight.doubted & edges.keys():
        glyph, (left, right) = glyphs[n], edges[n]
        if not glyph.text.isdecimal():
            glyph.x0, glyph.x1 = min(max(glyph.x0, left), right), max(min(glyph.x1, right), left)
    for ordered, step in ((sorted(sight.gone), -1), (sorted(sight.gone, reverse=True), 1)):
        for n in ordered:
            near = n + step
            if n in edges and near in places and near not in sight.gone and _goes_on(n, near, glyphs, places):
                sight.gone.discard(n)
                left, right = edges[n]
                beside, glyph = glyphs[near], glyphs[n]
                if step < 0:
                    beside.x1 = max(min(beside.x1, right), beside.x0)
                    glyph.x0 = glyph.x1 = beside.x1 + _THIN
                else:
                    beside.x0 = min(max(beside.x0, left), beside.x1)
                    glyph.x0 = glyph.x1 = beside.x0 - _THIN


def _is_in_words(n: int, glyphs: Sequence[Glyph]) -> bool:
    """Whether what could be a mark (无) stands right beside a letter, as one of a word."""
    glyph, close = glyphs[n], _NEXT * (glyphs[n].y1 - glyphs[n].y0)
    return not glyph.text.isdecimal() and any(
        not _is_figure(other) and abs(other.y0 - glyph.y0) < close and -close < gap < close
        for other, gap in (
            *((o, glyph.x0 - o.x1) for o in glyphs[max(n - 1, 0) : n]),
            *((o, o.x0 - glyph.x1) for o in glyphs[n + 1 : n + 2]),
        )
    )


def _goes_on(n: int, near: int, glyphs: Sequence[Glyph], places: Mapping[int, tuple[float, float]]) -> bool:
    """Whether a character stands right beside its neighbour in the text, words among words."""
    glyph, other = glyphs[n], glyphs[near]
    close = _NEXT * (glyph.y1 - glyph.y0)
    gap = places[max(n, near)][0] - places[min(n, near)][1]
    word = not _is_figure(glyph) or not (glyph.text.isdecimal() or _is_figure(other))
    return word and abs(glyph.y0 - other.y0) < close and abs(gap) < close


def _is_some(box: Box) -> bool:
    return box[0] < box[2] and box[1] < box[3]


def _suspected(
    layout: PageLayout, boxes: Sequence[Box], objects: Sequence[Handle], drawn: PageDrawing, clips: dict[Handle, Clip]
) -> set[int]:
    """The glyphs that something was painted over, that hardly differ from their ground, or stand in a form."""
    orders = [drawn.texts.get(item, 0) for item in objects]
    found: set[int] = set()
    late = [*drawn.covers, *((image.order, image.box) for image in drawn.images)]
    found |= _touching(boxes, orders, ((order, rotate_box(box, layout.turn)) for order, box in late), int.__lt__)
    grounds = ((fill.order, rotate_box(fill.box, layout.turn)) for fill in _grounds(drawn))
    found |= _touching(boxes, orders, grounds, int.__gt__)
    odd = {item for item, clip in clips.items() if not clip.plain}
    suspected = drawn.pale | odd | drawn.forms.keys()
    found |= {n for n, item in enumerate(objects) if item in suspected}
    white = [n for n, item in enumerate(objects) if item in drawn.white]
    if white:
        dark = [rotate_box(fill.box, layout.turn) for fill in drawn.fills if carries_white(fill.colour)]
        found |= {n for n in white if not any(_within(boxes[n], box) for box in dark)}
    return found


def _touching(
    boxes: Sequence[Box], orders: Sequence[int], painted: Iterable[tuple[int, Box]], earlier: Callable[[int, int], bool]
) -> set[int]:
    """The boxes that touch what was painted, where ``earlier`` holds for when both were."""
    numbers = sorted(range(len(boxes)), key=lambda n: boxes[n][1])
    tops = [boxes[n][1] for n in numbers]
    tallest = max((box[3] - box[1] for box in boxes), default=0.0)
    found: set[int] = set()
    left = _MOST
    for order, (x0, y0, x1, y1) in painted:
        some = numbers[bisect_left(tops, y0 - tallest) : bisect_right(tops, y1)]
        left -= len(some)
        if left < 0:
            return set(numbers)
        for n in some:
            box = boxes[n]
            if box[0] < x1 and x0 < box[2] and y0 < box[3] and earlier(orders[n], order):
                found.add(n)
    return found


def _grounds(drawn: PageDrawing) -> list[Fill]:
    """Fills in a colour near to that of some text."""
    inks = set(drawn.colours.values()) or {BLACK}
    if len(drawn.colours) < len(drawn.texts):
        inks.add(BLACK)
    near = {ground: any(may_be_alike(ink, ground) for ink in inks) for ground in {fill.colour for fill in drawn.fills}}
    return [fill for fill in drawn.fills if near[fill.colour] and not fill.white]


def _within(inner: Box, outer: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def mirrored(drawn: PageDrawing) -> set[Handle]:
    """Text objects that are drawn as in a mirror."""
    texts = list(drawn.texts)
    words, _ = bulk.answers(bulk.object_matrix, len(texts), 6, 1, bulk.ready(texts))
    values = bulk.floats(words)
    found = set()
    for n, (a, b, c, d) in enumerate(zip(values[0::6], values[1::6], values[2::6], values[3::6], strict=True)):
        if a * d - b * c < 0:
            found.add(texts[n])
    for text, outer in drawn.forms.items():
        if outer is not IDENTITY and outer[0] * outer[3] - outer[1] * outer[2] < 0:
            found ^= {text}
    return found
