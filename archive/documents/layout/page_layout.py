"""A page as glyphs and strokes, in reading orientation: x to the right, y downwards, in points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from archive.documents.contrast import BLACK, RGB

MARKS = "-－—–/／\\无"  #: what stands for no figure


@dataclass(slots=True)
class Glyph:
    """What is printed in one loose box (full height of the font): a character, or a few that were placed as one.

    ``spaced``: a blank stood before it. ``turn``: quarter turns counter-clockwise against the text of the page.
    ``ink``: its colour as it shows on white paper.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    spaced: bool = False
    turn: int = 0
    ink: RGB = BLACK

    @property
    def cx(self) -> float:
        """Middle, horizontally."""
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        """Middle, vertically."""
        return (self.y0 + self.y1) / 2

    @property
    def height(self) -> float:
        """Height of the loose box, which is about the size of the font."""
        return self.y1 - self.y0


@dataclass(slots=True)
class Ruling:
    """A horizontal or vertical line. ``at``: its y (horizontal) or x (vertical); ``start`` ≤ ``end`` along it."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class PageLayout:
    """One page. ``turn``: quarter turns counter-clockwise of the printed text in the page's own coordinates.

    ``left``/``top``/``right``/``bottom`` bound the page in reading orientation. ``fills``: boxes (x0, y0, x1, y1)
    filled with a colour, white too, larger than a line. ``pictures``: boxes of images. ``images``: share of the page
    they cover. ``struck``: characters crossed out. ``invisible``: share of the characters that cannot be seen (the text
    layer of a scan). ``curves``: number of bent shapes. ``scale``: points here for one point of the document, where
    that is drawn very small or very large. ``shown``: width and height in points as a viewer shows the page.
    ``leaning``: the middles of characters that lean, which are left out, and their ink.
    ``sideways``: figures printed on their side, each set upright as one of its glyphs.
    ``odd``: digits far smaller than those they stand beside.
    ``costly``: too much is drawn on it to make a picture of it.
    ``over``: figures stand over or beyond its right-hand edge.
    ``doubted``: characters of which it is not certain that they are seen where, and as, the file tells them.
    """

    number: int
    left: float
    top: float
    right: float
    bottom: float
    turn: int = 0
    glyphs: list[Glyph] = field(default_factory=list)
    horizontal: list[Ruling] = field(default_factory=list)
    vertical: list[Ruling] = field(default_factory=list)
    fills: list[tuple[float, float, float, float]] = field(default_factory=list)
    pictures: list[tuple[float, float, float, float]] = field(default_factory=list)
    struck: list[Glyph] = field(default_factory=list)
    doubted: list[Glyph] = field(default_factory=list)
    sideways: list[Glyph] = field(default_factory=list)
    odd: list[Glyph] = field(default_factory=list)
    leaning: list[tuple[float, float, RGB]] = field(default_factory=list)
    images: float = 0.0
    invisible: float = 0.0
    curves: int = 0
    cut: bool = False
    costly: bool = False
    over: bool = False
    scale: float = 1.0
    shown: tuple[float, float] | None = None

    def box(self, x0: float, y0: float, x1: float, y1: float) -> list[float]:
        """A box in reading orientation as left, bottom, right, top in the page's own points (y upwards)."""
        if self.turn == 0:
            left, bottom, right, top = x0, -y1, x1, -y0
        elif self.turn == 1:
            left, bottom, right, top = y0, x0, y1, x1
        elif self.turn == 2:
            left, bottom, right, top = -x1, y0, -x0, y1
        else:
            left, bottom, right, top = -y1, -x1, -y0, -x0
        k = self.scale
        return [round(left / k, 1), round(bottom / k, 1), round(right / k, 1), round(top / k, 1)]

    def boxes(self, xs: Sequence[float], ys: Sequence[float]) -> Callable[[int, int, int, int], list[float]]:
        """``box`` for the corners of a grid: a function of the indexes of x0, y0, x1 and y1."""
        if type(self).box is not PageLayout.box:  # told otherwise, as where a scan was straightened
            return lambda x0, y0, x1, y1: self.box(xs[x0], ys[y0], xs[x1], ys[y1])
        k, turn = self.scale, self.turn
        across = [round((x if turn < 2 else -x) / k, 1) for x in xs]
        down = [round((-y if turn in (0, 3) else y) / k, 1) for y in ys]
        if turn == 0:
            return lambda x0, y0, x1, y1: [across[x0], down[y1], across[x1], down[y0]]
        if turn == 1:
            return lambda x0, y0, x1, y1: [down[y0], across[x0], down[y1], across[x1]]
        if turn == 2:
            return lambda x0, y0, x1, y1: [across[x1], down[y0], across[x0], down[y1]]
        return lambda x0, y0, x1, y1: [down[y1], across[x1], down[y0], across[x0]]

    def height_of(self, box: Sequence[float]) -> float:
        """Where a box that ``box`` gave begins in reading orientation (its upper edge)."""
        left, bottom, right, top = (side * self.scale for side in box)
        return min(rotate_point(left, bottom, self.turn)[1], rotate_point(right, top, self.turn)[1])


def rotate_point(x: float, y: float, turn: int) -> tuple[float, float]:
    """PDF point (y upwards) → reading orientation (y downwards) for text that runs ``turn`` quarter turns off."""
    if turn == 0:
        return x, -y
    if turn == 1:  # text runs upwards
        return y, x
    if turn == 2:
        return -x, y
    return -y, -x


def rotate_box(box: tuple[float, float, float, float], turn: int) -> tuple[float, float, float, float]:
    """A PDF box (left, bottom, right, top) → (x0, y0, x1, y1) in reading orientation."""
    (xa, ya), (xb, yb) = rotate_point(box[0], box[1], turn), rotate_point(box[2], box[3], turn)
    return min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb)


def quarter(angle: float) -> int:
    """Quarter turns nearest to an angle in radians."""
    return round(angle / (math.pi / 2)) % 4 if math.isfinite(angle) else 0
