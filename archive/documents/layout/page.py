"""A page as glyphs and rulings, in reading orientation: x to the right, y downwards, in points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from archive.documents.model import Locator

MAX_RULING_WIDTH = 3.0  # points: a box no thicker is a ruling
IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
Box = tuple[float, float, float, float]  #: left, top, right, bottom
Matrix = tuple[float, float, float, float, float, float]


@dataclass(slots=True)
class Glyph:
    """A printed character, or a few recognised as one, in its loose box (the full height of the font).

    ``confidence`` is below 1 where it was recognised.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    spaced: bool = False
    visible: bool = True
    confidence: float = 1.0

    @property
    def cx(self) -> float:
        """Return the middle, horizontally."""
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        """Return the middle, vertically."""
        return (self.y0 + self.y1) / 2


class Ruling(NamedTuple):
    """A drawn line. ``at`` is its y (horizontal) or x (vertical); ``start`` ≤ ``end`` along it."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Page:
    """One page. ``locate`` turns a box of the layout into the locator that a reading shows."""

    number: int
    width: float
    height: float
    locate: Callable[[Box], Locator]
    glyphs: list[Glyph] = field(default_factory=list)
    horizontal: list[Ruling] = field(default_factory=list)
    vertical: list[Ruling] = field(default_factory=list)


def compose(inner: Matrix, outer: Matrix) -> Matrix:
    """Return the matrix that applies ``inner`` first, then ``outer``."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def transform(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Return where a matrix puts a point."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def unit_box(matrix: Matrix) -> Box:
    """Return the box around the unit square (an image) where a matrix puts it."""
    return enclose(transform(matrix, x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)))


def enclose(points: Iterable[tuple[float, float]]) -> Box:
    """Return the smallest box around points."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def add_ruling(box: Box, horizontal: list[Ruling], vertical: list[Ruling]) -> bool:
    """Add a box so thin that it is a ruling; return False for any other."""
    x0, y0, x1, y1 = box
    if y1 - y0 <= MAX_RULING_WIDTH and x1 - x0 > y1 - y0:
        horizontal.append(Ruling((y0 + y1) / 2, x0, x1))
    elif x1 - x0 <= MAX_RULING_WIDTH:
        vertical.append(Ruling((x0 + x1) / 2, y0, y1))
    else:
        return False
    return True


def place_page(drawn: Page, frame: Box, turn: int) -> Page:
    """Return a page in reading orientation, its left upper corner at 0, 0.

    ``drawn`` is in points of the source (y downwards), of which ``frame`` is shown; ``turn`` counts the clockwise
    quarter turns that make its text upright.
    """
    x0, y0, x1, y1 = _rotate_box(frame, turn)
    horizontal, vertical = _rotate_rulings(drawn.horizontal, drawn.vertical, turn)
    for glyph in drawn.glyphs:
        left, top, right, bottom = _rotate_box((glyph.x0, glyph.y0, glyph.x1, glyph.y1), turn)
        glyph.x0, glyph.y0, glyph.x1, glyph.y1 = left - x0, top - y0, right - x0, bottom - y0

    def locate(box: Box) -> Locator:
        return drawn.locate(_rotate_box((box[0] + x0, box[1] + y0, box[2] + x0, box[3] + y0), -turn))

    return Page(
        drawn.number,
        x1 - x0,
        y1 - y0,
        locate,
        drawn.glyphs,
        [Ruling(r.at - y0, r.start - x0, r.end - x0) for r in horizontal],
        [Ruling(r.at - x0, r.start - y0, r.end - y0) for r in vertical],
    )


def upright_turn(turns: Iterable[int]) -> int:
    """Return the clockwise quarter turns that make most text upright; ``turns``: those by which each text is turned."""
    counted = Counter(turns)
    return -max(counted, key=lambda turn: (counted[turn], -turn)) % 4 if counted else 0


def _rotate_box(box: Box, turn: int) -> Box:
    """Return a box after ``turn`` clockwise quarter turns about the origin (y downwards)."""
    x0, y0, x1, y1 = box
    for _ in range(turn % 4):
        x0, y0, x1, y1 = -y1, x0, -y0, x1
    return x0, y0, x1, y1


def _rotate_rulings(horizontal: list[Ruling], vertical: list[Ruling], turn: int) -> tuple[list[Ruling], list[Ruling]]:
    """Return horizontal and vertical rulings after ``turn`` clockwise quarter turns about the origin."""
    for _ in range(turn % 4):
        horizontal, vertical = (
            [Ruling(v.at, -v.end, -v.start) for v in vertical],
            [Ruling(-h.at, h.start, h.end) for h in horizontal],
        )
    return horizontal, vertical
