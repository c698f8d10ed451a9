"""What one reading of a line left out: a mark between two characters, the number before a heading.

Lines of words are read squeezed, and a small mark between two characters may fall away; of a heading on a tint the
model that finds text may see all but its number. Where ink stands of which nothing was read, the line is read again as
it is, and believed if it says the same and only that besides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from archive.documents.recognised.engine import said
from archive.documents.recognised.ink import Ink, Piece, crop

_MOST = 40  # lines of a page read again
_SHORTEST = 4  # characters of a line of words
_SKIPPED, _APART = 1.6, 0.55  # of the usual step between characters: where one is left out; how far it is from both
_MARK = 0.55  # of the line's height: how large a mark is at most
_MARKS = re.compile(r"[\s、，。；：]+")  # no point or comma: a figure must say the same
_REACH = 3.2  # type heights before a line in which its number stands
_NEAR, _WIDE = 1.2, 0.9  # type heights from the number to the line, at most; of the number with its mark, at least
_PARTS = 16  # pieces of ink of a number and its mark
_NUMBER = re.compile(r"[一二三四五六七八九十]{1,2}\s?[、.．]\s?")


def complete(ink: Ink, found: Sequence[Piece]) -> None:
    """Give the lines outside of tables what was left out of them."""
    lines = [piece for piece in found if piece.cell < 0 and len(piece.said.text) >= _SHORTEST]
    numbered = [(line, wider) for line in lines if (wider := _with_number(ink, line, found)) is not None]
    marked = [(line, line) for line in lines if _lacks_mark(line)]
    pairs = [*numbered, *marked][:_MOST]
    again = said([crop(ink, wider) for _, wider in pairs])
    for (line, wider), other in zip(pairs, again, strict=True):
        number = "" if wider is line else _NUMBER.match(other.text)
        if number is None or len(other.text) <= len(line.said.text):
            continue
        if _words(other.text[len(number[0]) if number else 0 :]) == _words(line.said.text):
            line.x0, line.y0, line.x1, line.y1, line.glyphs = wider.x0, wider.y0, wider.x1, wider.y1, wider.glyphs
            line.said, line.confidence = other, other.confidence


def _words(text: str) -> str:
    """A text without marks and blanks."""
    return _MARKS.sub("", text)


def _lacks_mark(line: Piece) -> bool:
    """Whether two characters of a line are too far apart, and ink as small as a mark stands between them."""
    middles = line.x0 + (line.x1 - line.x0) * np.array(line.said.places)
    steps = np.diff(middles)
    usual = float(np.median(steps))
    centres = line.glyphs[:, 0] + line.glyphs[:, 2] / 2
    small = line.glyphs[:, 2:].max(axis=1) <= _MARK * (line.y1 - line.y0)
    for at in np.flatnonzero(steps >= _SKIPPED * usual):
        between = (middles[at] + _APART * usual < centres) & (centres < middles[at + 1] - _APART * usual)
        if between.any() and bool(small[between].all()):
            return True
    return False


def _with_number(ink: Ink, line: Piece, found: Sequence[Piece]) -> Piece | None:
    """The line with the ink right before it that is of none, and may be its number; None if there is none."""
    reach = line.x0 - _REACH * ink.type_size
    middles = ink.parts[:, 1] + ink.parts[:, 3] / 2
    right = ink.parts[:, 0] + ink.parts[:, 2]
    before = (ink.parts[:, 0] >= reach) & (right <= line.x0) & (line.y0 <= middles) & (middles < line.y1)
    own = ink.parts[before]
    if not 0 < len(own) <= _PARTS or int(own[:, 3].max()) > _NEAR * (line.y1 - line.y0):
        return None
    left = int(own[:, 0].min())
    gap, wide = line.x0 - int(right[before].max()), line.x0 - left
    if gap > _NEAR * ink.type_size or wide < _WIDE * ink.type_size:
        return None
    if any(p.x1 > reach and p.x0 < line.x0 and p.y1 > line.y0 and p.y0 < line.y1 for p in found if p is not line):
        return None
    glyphs = np.concatenate([own[np.argsort(own[:, 0], kind="stable"), :4], line.glyphs])
    top, bottom = int(own[:, 1].min()), int((own[:, 1] + own[:, 3]).max())
    return Piece(-1, left, min(line.y0, top), line.x1, max(line.y1, bottom), glyphs)
