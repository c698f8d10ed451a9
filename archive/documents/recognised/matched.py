"""Digits of a picture that no printer or camera blurred, such as a screenshot, told by equal shapes and their holes.

In one type every 3 is drawn alike. Glyphs that look the same are one digit, whatever recognition made of each: where it
disagrees with itself the many outvote the few. And a shape with two holes is an 8, with a low one a 6: where nothing
but 6 was read of what has two holes, recognition knows this type badly. What is told so is doubted, for no reading says
it; what shape and reading leave open is doubted too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from archive.documents.recognised.digits import digit_boxes, glyph_boxes, picture_of, plain_figure
from archive.documents.recognised.ink import Ink, Piece

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_SAME = 0.97  # cosine of two pictures of one glyph
_MOST = 1_500  # glyphs compared
_MAJORITY = 0.6  # share of a shape's readings that tells it
_SEVERAL = 2  # glyphs of a shape, for its holes to be more than a speck
_LOOKED = 9  # glyphs of a shape whose holes are counted
_DARK = 200  # ink is darker, in the picture as it was given
_LEAST_HOLE = 0.004  # of the square of a glyph's height
_TALL, _LONGEST = 0.75, 9  # heights of a usual digit; digits of a figure
_UPPER, _LOWER, _LARGE = 0.44, 0.56, 0.55  # where the middle of a lone hole is, from the top; how high that of a 0 is
_SURE = 0.95  # recognition as sure as this of all of a shape is not overruled by holes, which may be blots
_TOLD, _DOUBTED = 0.6, 0.4  # how sure a figure is that shapes told, that shape and reading leave open
_HOLES = {"0": (1, 2), "4": (0, 1), "6": (1,), "8": (2,), "9": (1,)}  # of digits in usual types; of others none


@dataclass(slots=True)
class _Glyph:
    """A piece of ink that is a digit: the piece it is of, its box, and the digit it was read as."""

    piece: int
    box: NDArray[np.int32]
    digit: str = ""
    sure: float = 0.0


@dataclass(slots=True)
class _Shape:
    """Glyphs that look the same: the usual digit that they were read as, and which they are; "" for any doubt."""

    members: list[int] = field(default_factory=list)
    votes: Counter[str] = field(default_factory=Counter)
    sure: float = 0.0  # how sure recognition was of them
    holes: tuple[float, ...] | None = None  # the middles of the holes in shares of the height, and the height of one
    digit: str = ""


def settle_alike(ink: Ink, pieces: Sequence[Piece], fine: Grey, alone: Collection[int]) -> None:
    """Settle the figures that stand alone in their cells. ``fine``: the picture as sharp as it was given, of one size.

    A figure that its shapes tell otherwise is changed, and one of a shape that nothing tells is doubted.
    """
    glyphs = _glyphs(ink, pieces, alone)
    if not glyphs:
        return
    pictures = np.stack([picture_of(ink, glyph.box) for glyph in glyphs])
    shapes = _shapes(glyphs, pictures)
    for shape in shapes:
        if len(shape.members) >= _SEVERAL:
            shape.holes = _usual_holes(fine, [glyphs[at].box for at in shape.members[:_LOOKED]])
    _tell(shapes)
    of_piece: dict[int, list[_Shape]] = {}
    told = {at: shape for shape in shapes for at in shape.members}
    for at, glyph in enumerate(glyphs):
        of_piece.setdefault(glyph.piece, []).append(told[at])
    for index, own in of_piece.items():
        _settle(pieces[index], own)


def _settle(piece: Piece, shapes: Sequence[_Shape]) -> None:
    said = piece.said.text.strip()
    if any(not shape.digit for shape in shapes):
        if any(shape.votes for shape in shapes if not shape.digit):
            piece.confidence = min(piece.confidence, _DOUBTED)
        return
    figure = _with_marks(plain_figure(said) or "", "".join(shape.digit for shape in shapes))
    if said == figure:
        return
    count = len(figure)
    places = tuple((at + 0.5) / count for at in range(count))
    sure = min(piece.confidence, _TOLD)
    piece.said = replace(piece.said, text=figure, sure=(sure,) * count, places=places)
    piece.confidence = sure
    piece.also = list(dict.fromkeys(text for text in (said, *piece.also) if text and text != figure))


def _with_marks(said: str, digits: str) -> str:
    """The digits with the point or sign that was read with as many: their ink may be too little to be a glyph."""
    if sum(character.isdigit() for character in said) != len(digits):
        return digits
    rest = iter(digits)
    return "".join(next(rest) if character.isdigit() else character for character in said)


def _glyphs(ink: Ink, pieces: Sequence[Piece], alone: Collection[int]) -> list[_Glyph]:
    """The glyphs of whole figures, and of what is as short and high as one and was read as another or none."""
    found: list[_Glyph] = []
    rest: list[int] = []
    for index in sorted(alone):
        piece = pieces[index]
        if piece.cell < 0 or len(found) > _MOST:
            continue
        figure = plain_figure(piece.said.text) or ""
        boxes = digit_boxes(piece, figure, ink.type_size) if figure.isdigit() else None
        if boxes is None:
            rest.append(index)
        else:
            sure = piece.said.sure if len(piece.said.sure) == len(figure) else (piece.confidence,) * len(figure)
            found += [_Glyph(index, box, figure[at], sure[at]) for at, box in boxes]
    if not found:
        return []
    usual = float(np.median([glyph.box[3] for glyph in found]))
    for index in rest:
        if len(found) > _MOST:
            break
        said = pieces[index].said.text.strip()
        boxes_ = glyph_boxes(pieces[index])
        high = all(_TALL * usual <= box[3] <= usual / _TALL for box in boxes_)
        if (not said or plain_figure(said) or len(said) == 1) and high and len(boxes_) <= _LONGEST:
            found += [_Glyph(index, box) for box in boxes_]
    return found


def _shapes(glyphs: Sequence[_Glyph], pictures: NDArray[np.float32]) -> list[_Shape]:
    """The glyphs by their looks, the commonest look first."""
    alike = pictures @ pictures.T >= _SAME
    left = np.ones(len(glyphs), bool)
    found: list[_Shape] = []
    for at in np.argsort(-alike.sum(axis=1), kind="stable").tolist():
        if left[at]:
            members = np.flatnonzero(alike[at] & left).tolist()
            left[members] = False
            read = [glyphs[m] for m in members if glyphs[m].digit]
            sure = float(np.mean([glyph.sure for glyph in read])) if read else 0.0
            found.append(_Shape(members, Counter(glyph.digit for glyph in read), sure))
    return found


def _tell(shapes: Sequence[_Shape]) -> None:
    """Which digit each shape is: by its readings, unless its holes are those of another digit."""
    for shape in shapes:
        best = _elected(shape)
        sure = len(shape.votes) == 1 and shape.sure >= _SURE
        shape.digit = best if best and (sure or _may_be(best, shape)) else ""
    told = Counter(shape.digit for shape in shapes)
    for shape in shapes:
        if not shape.digit and shape.votes and shape.holes is not None:
            shape.digit = _by_holes(shape.holes)
            # a shape of its own beside those that the digit surely has: a type draws each digit one way
            near = [other for other in shapes if other is not shape and other.digit == shape.digit]
            if told[shape.digit] and not any(_alike(other, shape) for other in near):
                shape.digit = ""


def _alike(one: _Shape, other: _Shape) -> bool:
    """Whether two shapes have as many holes."""
    return one.holes is not None and other.holes is not None and len(one.holes) == len(other.holes)


def _elected(shape: _Shape) -> str:
    """The digit that most readings of a shape say; of several only those that its holes allow."""
    votes = shape.votes
    if len(votes) > 1:
        votes = Counter({digit: count for digit, count in votes.items() if _may_be(digit, shape)})
    if not votes:
        return ""
    (digit, count), total = votes.most_common(1)[0], votes.total()
    return digit if count >= _MAJORITY * total else ""


def _may_be(digit: str, shape: _Shape) -> bool:
    """Whether a digit may have so many holes: fewer than usual where a stroke is broken, never more."""
    most = max(_HOLES.get(digit, (0,)))
    if shape.holes is None or len(shape.holes) > most:
        return shape.holes is None
    return digit != "8" or len(shape.holes) == most or shape.votes[digit] == shape.votes.total()


def _by_holes(holes: tuple[float, ...]) -> str:
    """The digit that holes tell; "" if several have such."""
    if len(holes) == 2:
        return "8"
    if len(holes) == 1 and holes[0] >= _LOWER:
        return "6"
    return ""


def _usual_holes(fine: Grey, boxes: Sequence[NDArray[np.int32]]) -> tuple[float, ...] | None:
    """The holes of most of the glyphs that look the same; None where they have now so many, now others."""
    counted = [_holes(fine, box) for box in boxes]
    number, most = Counter(map(len, counted)).most_common(1)[0]
    if most < _MAJORITY * len(counted):
        return None
    same = [found for found in counted if len(found) == number]
    return tuple(float(np.median([found[at] for found in same])) for at in range(number))


def _holes(fine: Grey, box: NDArray[np.int32]) -> list[float]:
    """How far down the middle of each hole of a glyph is, from the top, in shares of its height."""
    left, top, width, height = (int(v) for v in box)
    part = fine[max(top, 0) : top + height, max(left, 0) : left + width] < _DARK
    if not part.size:
        return []
    paper = np.pad(~part, 1, constant_values=True).astype(np.uint8)
    count, _, stats, middles = cv2.connectedComponentsWithStats(paper, connectivity=4)
    least = max(2.0, _LEAST_HOLE * height * height)
    # the first is ink, the second the paper around
    return sorted(float(middles[at][1] - 1) / height for at in range(2, count) if stats[at][4] >= least)
