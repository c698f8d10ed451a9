"""A page as glyphs and rulings: x to the right, y downwards, in points, turned so that most text is upright."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from archive.documents.model import Image, Locator

MAX_RULING_WIDTH = 3.0  # points: a thicker box is not a ruling
MIN_CHARACTERS = 20  # visible ones: a page with fewer is not read as text if it has images or drawn letters
MIN_IMAGE = 0.15  # of the page's area: images that cover less are not worth recognition
MIN_SHAPES = 100  # bent shapes on a page without text: more mean that its letters are drawn
WHITE = 235  # of 255: lighter ink may be invisible
Box = tuple[float, float, float, float]  #: left, top, right, bottom
Point = tuple[float, float]


@dataclass(slots=True)
class Glyph:
    """A character, or text recognised as a whole (``confidence`` below 1), in a box of the font's full height;
    ``turn``: in clockwise quarter turns.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    visible: bool = True
    confidence: float = 1.0
    turn: int = 0

    @property
    def cx(self) -> float:
        """Return the x of the middle."""
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        """Return the y of the middle."""
        return (self.y0 + self.y1) / 2


class RuledLine(NamedTuple):
    """A straight ruling. ``at`` is the y of a horizontal one, the x of a vertical one; it runs from start to end."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class PageContent:
    """One page. ``locate``: turns a layout box into a stored locator; ``images``: its pictures, if it has no text.
    ``is_picture``: it shows almost only pictures or drawn letters; else its text may have codes that nobody can read.
    """

    number: int
    height: float
    locate: Callable[[Box], Locator]
    glyphs: list[Glyph] = field(default_factory=list)
    horizontal: list[RuledLine] = field(default_factory=list)
    vertical: list[RuledLine] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    is_picture: bool = False


def enclose(points: Iterable[Point]) -> Box:
    """Return the smallest box that contains all points."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def cut_path(steps: Iterable[tuple[str, Point]]) -> Iterator[list[Point]]:
    """Yield the corners of each part of a path, [] for one with a curve. Steps: ``M`` begins a part, ``L`` is a
    straight line, ``C`` closes the part, any other is a curve.
    """
    points: list[Point] = []
    is_bent = False
    for kind, point in steps:
        if kind == "M" and points:
            yield [] if is_bent else points
            points, is_bent = [], False
        is_bent = is_bent or kind not in "MLC"
        points += points[:1] if kind == "C" else [point]
    if points:
        yield [] if is_bent else points


@dataclass(slots=True)
class Drawing:
    """Everything drawn on a page, in points of the source with y downwards.

    ``rulings``: thin boxes; ``covers``: boxes, in the order of drawing, that may hide the text drawn before them.
    """

    glyphs: list[Glyph] = field(default_factory=list)
    rulings: list[Box] = field(default_factory=list)
    images: list[Box] = field(default_factory=list)
    covers: list[Box] = field(default_factory=list)
    curves: int = 0

    def is_picture(self, area: float) -> bool:
        """Return whether a page of this area shows almost only images or drawn letters."""
        image_area = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in self.images)
        is_drawn = image_area > MIN_IMAGE * area or self.curves > MIN_SHAPES
        return is_drawn and sum([glyph.visible for glyph in self.glyphs]) < MIN_CHARACTERS

    def add_path(self, parts: Iterable[Sequence[Point]], *, is_filled: bool, is_stroked: bool) -> None:
        """Add thin parts of a path as rulings, other filled ones as covers (of earlier text); count [], a curve."""
        for points in parts:
            if not points:
                self.curves += 1
                continue
            boxes = [enclose(pair) for pair in pairwise(points)] if is_stroked else []
            if is_filled:
                box = enclose(points)
                if _is_thin(box):
                    boxes.append(box)
                else:
                    self.covers.append(box)
            self.rulings += filter(_is_thin, boxes)

    def place(self, number: int, frame: Box, locate: Callable[[Box], Locator]) -> PageContent:
        """Return the part inside ``frame`` as a page, turned so that most text is upright, with 0, 0 at top left."""
        counted = Counter(glyph.turn for glyph in self.glyphs)
        turn = -max(counted, key=lambda turn: (counted[turn], -turn), default=0) % 4
        x0, y0, _, y1 = _rotate_box(frame, turn)

        def upright(box: Box) -> Box:
            left, top, right, bottom = _rotate_box(box, turn) if turn else box
            return left - x0, top - y0, right - x0, bottom - y0

        def locate_upright(box: Box) -> Locator:  # ``locate`` takes boxes as they were drawn, not turned
            return locate(_rotate_box((box[0] + x0, box[1] + y0, box[2] + x0, box[3] + y0), -turn))

        page = PageContent(number, y1 - y0, locate_upright, self.glyphs)
        for glyph in self.glyphs:
            glyph.x0, glyph.y0, glyph.x1, glyph.y1 = upright((glyph.x0, glyph.y0, glyph.x1, glyph.y1))
        for left, top, right, bottom in map(upright, self.rulings):
            if right - left > bottom - top:
                page.horizontal.append(RuledLine((top + bottom) / 2, left, right))
            else:
                page.vertical.append(RuledLine((left + right) / 2, top, bottom))
        return page


def _is_thin(box: Box) -> bool:
    return min(box[2] - box[0], box[3] - box[1]) <= MAX_RULING_WIDTH


def _rotate_box(box: Box, turn: int) -> Box:
    """Return a box after ``turn`` clockwise quarter turns around the origin (y downwards)."""
    x0, y0, x1, y1 = box
    for _ in range(turn % 4):
        x0, y0, x1, y1 = -y1, x0, -y0, x1
    return x0, y0, x1, y1
