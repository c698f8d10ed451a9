"""Text that is printed twice at nearly the same place: to look bold, or with a shadow of another colour, or of none.

Of both only what is seen on top is text of the page; the other one is its echo.
"""

from __future__ import annotations

import ctypes
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from operator import attrgetter
from typing import NamedTuple

from archive.documents.contrast import BLACK, RGB
from archive.documents.layout.page_layout import Glyph
from archive.documents.pdfium import bulk, library
from archive.documents.pdfium.characters import Characters
from archive.documents.pdfium.drawing import FAR, IDENTITY, PageDrawing, bounds
from archive.documents.pdfium.library import Handle

_OFF = 0.35  # of the height of a character: so far its echo may be off
_NARROW = 0.5  # and of its width: what is further off stands beside it
_ALIKE = 0.1  # of the height: type of one size
_Offset = tuple[RGB, RGB, int, int]
_MOST = 200_000  # pairs of characters that are looked at

_move = library.fast("FPDFPageObj_Transform", None, ctypes.c_void_p, *[ctypes.c_double] * 6)


@dataclass(slots=True)
class Echoes:
    """``gone``: numbers of the glyphs that are an echo. ``joined``: text objects → their echoes."""

    gone: set[int] = field(default_factory=set)
    joined: dict[Handle, set[Handle]] = field(default_factory=dict)

    def with_echoes(self, items: Iterable[Handle]) -> set[Handle]:
        """Text objects and all that is seen as one with them."""
        return {one for item in items for one in (item, *self.joined.get(item, ()))}


class _TextObject(NamedTuple):
    """What a text object says, and how high its characters are."""

    text: str
    high: float


def swallowing(characters: Characters, text: Handle, drawn: PageDrawing) -> set[Handle]:
    """Text objects below others that pdfium took for the same and left out, though these are what is seen.

    As browsers print a blurred shadow: an image, the text without paint, the text. All is told as the first's.
    """
    if not drawn.hidden and not (drawn.inks and len({drawn.inks.get(item, BLACK) for item in drawn.texts}) > 1):
        return set()
    own: dict[Handle, list[int]] = defaultdict(list)
    for n, item in enumerate(map(bulk.text_object, repeat(bulk.pointer(text)), characters.indexes)):
        own[item].append(n)
    rank = _ranks(drawn)
    lost = [item for item in drawn.texts if item not in own and rank(item)]
    if not lost:
        return set()
    below = {
        item: _TextObject(
            "".join(characters.texts[n] for n in own[item]),
            max(abs(characters.top[n] - characters.bottom[n]) for n in own[item]),
        )
        for item in drawn.texts
        if item in own
    }
    found = _items_underneath(below, lost, drawn, rank)
    if found and drawn.hidden:  # so are those that pdfium told apart, as other characters are given in their place
        seen = [item for item in drawn.texts if rank(item)]
        found |= _items_underneath(
            {item: said for item, said in below.items() if item in drawn.hidden}, seen, drawn, rank
        )
    return found


def _items_underneath(
    items: Mapping[Handle, _TextObject], others: Sequence[Handle], drawn: PageDrawing, rank: Callable[[Handle], int]
) -> set[Handle]:
    """Those of the ``items`` at the place of one of the ``others`` of another ink, which shows at least as surely.

    Of items that say different things at one place nothing is told but those that nobody sees.
    """
    boxes = _boxes(others, drawn)
    order = sorted((n for n, box in enumerate(boxes) if box[0] < box[2]), key=lambda n: boxes[n][0])
    lefts = [boxes[n][0] for n in order]
    inks, painted, hidden = drawn.inks, drawn.texts, drawn.hidden
    found: dict[Handle, list[Handle]] = defaultdict(list)
    for (item, text), box in zip(items.items(), _boxes(list(items), drawn), strict=True):
        off = _OFF * text.high
        for n in order[bisect_left(lefts, box[0] - off) : bisect_right(lefts, box[0] + off)]:
            over = others[n]
            near = all(abs(a - b) <= off for a, b in zip(box, boxes[n], strict=True))
            differs = item in hidden or inks.get(item, BLACK) != inks.get(over, BLACK)
            if near and differs and painted[item] < painted[over] and rank(item) <= rank(over):
                found[over].append(item)
    handles: set[Handle] = set()
    for some in found.values():
        visible = {item for item in some if rank(item)}
        handles.update(some if len({items[item].text for item in visible}) <= 1 else set(some) - visible)
    return handles


def leave_out(items: Iterable[Handle], drawn: PageDrawing) -> None:
    """Take text objects from a page, far away: pdfium compares others with those that are not drawn, too."""
    for item in items:
        bulk.set_active(bulk.pointer(item), 0)
        _move(item, 1.0, 0.0, 0.0, 1.0, FAR, FAR)
        del drawn.texts[item]
        drawn.hidden.discard(item)


def echoes(glyphs: Sequence[Glyph], objects: Sequence[Handle], drawn: PageDrawing) -> Echoes:
    """The glyphs of text objects all of whose characters stand at nearly the same place in others, painted above."""
    rank = _ranks(drawn)
    seconds: dict[int, set[Handle]] = defaultdict(set)  # glyph → the objects above that print it too
    painted = drawn.texts
    for one, other in _pairs(glyphs, objects):
        first, second = objects[one], objects[other]
        above = (rank(second), painted.get(second, 0)) > (rank(first), painted.get(first, 0))
        seconds[one if above else other].add(second if above else first)
    done = Echoes()
    if not seconds:
        return done
    own: dict[Handle, list[int]] = defaultdict(list)
    for n, item in enumerate(objects):
        own[item].append(n)
    for item in {objects[n] for n in seconds}:
        if all(n in seconds for n in own[item]):
            done.gone.update(own[item])
            for other in set[Handle]().union(*(seconds[n] for n in own[item])):
                done.joined.setdefault(other, set()).add(item)
    return done


def _pairs(glyphs: Sequence[Glyph], objects: Sequence[Handle]) -> Iterator[tuple[int, int]]:
    """Two glyphs each of different objects that are the same at nearly the same place.

    What is narrow (a point) may stand beside another such: it must be as far off as other characters are.
    """
    same: dict[str, list[int]] = defaultdict(list)
    for n, text in enumerate(map(_TEXT, glyphs)):
        same[text].append(n)
    left = _MOST
    ways: set[_Offset] = set()
    narrow: list[tuple[int, int, _Offset]] = []
    for numbers in same.values():
        if len(numbers) == 1:
            continue
        numbers.sort(key=lambda n: glyphs[n].y0)
        for at, n in enumerate(numbers):
            glyph = glyphs[n]
            off = _OFF * max(glyph.y1 - glyph.y0, glyph.x1 - glyph.x0)  # 一 may be told as flat as its ink
            for m in numbers[at + 1 :]:
                other = glyphs[m]
                left -= 1
                if other.y0 - glyph.y0 > off or left < 0:
                    break
                if abs(other.x0 - glyph.x0) <= off and objects[n] != objects[m] and _one_size(glyph, other):
                    wide = abs(other.x0 - glyph.x0) <= _NARROW * (glyph.x1 - glyph.x0)
                    way = _offset(glyph, other)
                    if wide:
                        ways.add(way)
                        yield n, m
                    elif glyph.ink != other.ink:
                        narrow.append((n, m, way))
    near = [(x, y) for x in (0, -1, 1) for y in (0, -1, 1)]
    for n, m, (ink, over, x, y) in narrow:
        if any((ink, over, x + dx, y + dy) in ways for dx, dy in near):
            yield n, m


def _one_size(glyph: Glyph, other: Glyph) -> bool:
    high = glyph.y1 - glyph.y0
    return abs(other.y1 - other.y0 - high) <= _ALIKE * high and other.turn == glyph.turn


def _offset(glyph: Glyph, other: Glyph) -> _Offset:
    """How far, and in which direction, the one whose ink comes first stands off the other, in half points."""
    one, two = (glyph, other) if glyph.ink <= other.ink else (other, glyph)
    return one.ink, two.ink, round(2 * (two.x0 - one.x0)), round(2 * (two.y0 - one.y0))


_TEXT: Callable[[Glyph], str] = attrgetter("text")


def _ranks(drawn: PageDrawing) -> Callable[[Handle], int]:
    """How surely a text object is seen: 0 not at all, 1 only on some grounds, 2 on paper."""
    hidden, light = drawn.hidden, drawn.white | drawn.pale
    return lambda item: 0 if item in hidden else 1 if item in light else 2


def _boxes(items: Sequence[Handle], drawn: PageDrawing) -> list[tuple[float, float, float, float]]:
    """Where text objects stand on the page."""
    words, known = bulk.answers(bulk.bounds_of, len(items), 4, 4, bulk.ready(items))
    values = bulk.floats(words)
    forms: Mapping[Handle, tuple[float, float, float, float, float, float]] = drawn.forms
    done = []
    for n, item in enumerate(items):
        left, bottom, right, top = values[4 * n : 4 * n + 4] if known[n] else (0.0, 0.0, 0.0, 0.0)
        box = bounds((right - left, 0.0, 0.0, top - bottom, left, bottom), forms.get(item, IDENTITY))
        done.append(box)
    return done
