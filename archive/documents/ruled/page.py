"""A page as glyphs and strokes, in reading orientation: x to the right, y downwards, in points."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass(slots=True)
class Glyph:
    """One printed character in its loose box (full height of the font). ``spaced``: a blank stood before it."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    spaced: bool = False

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
class Stroke:
    """A horizontal or vertical line. ``at``: its y (horizontal) or x (vertical); ``start`` ≤ ``end`` along it."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class RuledPage:
    """One page. ``turn``: quarter turns counter-clockwise of the printed text in the page's own coordinates.

    ``left``/``top``/``right``/``bottom`` bound the page in reading orientation. ``images``: share they cover.
    ``invisible``: share of the characters that are not painted (the text layer of a scan).
    """

    number: int
    left: float
    top: float
    right: float
    bottom: float
    turn: int = 0
    glyphs: list[Glyph] = field(default_factory=list)
    horizontal: list[Stroke] = field(default_factory=list)
    vertical: list[Stroke] = field(default_factory=list)
    images: float = 0.0
    invisible: float = 0.0
    cut: bool = False

    def box(self, x0: float, y0: float, x1: float, y1: float) -> list[float]:
        """A box in reading orientation as left, bottom, right, top in the page's own points (y upwards)."""
        corners = [unturn(x0, y0, self.turn), unturn(x1, y1, self.turn)]
        xs, ys = sorted(c[0] for c in corners), sorted(c[1] for c in corners)
        return [round(xs[0], 1), round(ys[0], 1), round(xs[1], 1), round(ys[1], 1)]


def turned(x: float, y: float, turn: int) -> tuple[float, float]:
    """PDF point (y upwards) → reading orientation (y downwards) for text that runs ``turn`` quarter turns off."""
    if turn == 0:
        return x, -y
    if turn == 1:  # text runs upwards
        return y, x
    if turn == 2:
        return -x, y
    return -y, -x


def unturn(x: float, y: float, turn: int) -> tuple[float, float]:
    """Turn a point in reading orientation back into a PDF point."""
    if turn == 0:
        return x, -y
    if turn == 1:
        return y, x
    if turn == 2:
        return -x, y
    return -y, -x


def quarter(angle: float) -> int:
    """Quarter turns nearest to an angle in radians."""
    return round(angle / (math.pi / 2)) % 4 if math.isfinite(angle) else 0
