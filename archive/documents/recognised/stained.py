"""Cells on which a seal or a pen left marks: where the page's other figures stand tells which ink is the figure's.

A page sets its figures alike: those of one row at one height, each at one place of its column's width, all of one size.
In a cell that was read as no sure figure, ink elsewhere, or of another size, is left aside and the rest is read again;
a digit that a stroke touches is looked for by the look of that page's own digits. A sure figure that stands elsewhere
than all others is doubted: a stroke may have been read with it. A column may set its figures at a place of its own
(totals at the right of their cells). What is read so is never sure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from archive.documents.recognised import digits
from archive.documents.recognised.engine import Said, said
from archive.documents.recognised.ink import MARK, Ink, Piece
from archive.documents.recognised.paper import Ring
from archive.documents.recognised.slashed import SLASH, STROKES, leans

if TYPE_CHECKING:
    from numpy.typing import NDArray

Box = tuple[int, int, int, int]

_SURE = 0.9  # readings from which a page's habits are taken
_FEW, _MANY = 2, 8  # such figures of a row, and of a page
_LEVEL = 0.3  # heights of a digit by which figures of one row are off each other
_STEADY, _OFF = 0.12, 0.3  # heights by which a page's figures stray from their place; by which one is elsewhere
_OWN, _MOST_OF = 4, 0.75  # sure figures of a column with a place of its own; share of them that stand there
_NEAR = 0.7  # heights between the digits of a figure
_LIKE = (0.78, 1.22)  # of a digit's height: ink of that size may be one
_ODD = 0.4  # how sure a figure can be whose ink is not that of its digits
_SLASH = 1.6  # heights of a digit: no printed slash is higher
_DOUBTED, _GUESSED = 0.5, 0.3  # how sure what is read so can be at most
_EDGE, _INKED = 0.3, 0.12  # heights of a cell's edge where no figure is; share of a digit's box that is ink at least
_CRUMBS = 0.01  # of the square of the type's height: so much ink is left of a figure that was lifted with a seal
_LETTERS, _LEFT = 0.5, 0.04  # radii of a seal outside of which its letters stand; share of a place that has no figure
_WORDS = 3  # Chinese characters, surely read and half of all, that are words
_HAN = re.compile(r"[\u4e00-\u9fff]")
# with a point within it, or a unit behind: its ink is not that of digits alone, and a part of it is no figure
_AMOUNT = re.compile(r"\d\s?[.．]\s?\d|\d\s*(?:[十百千]?[万萬亿億]?元|[件条條项項个個宗次份])")
_CUT = re.compile(r"0\d")  # so no figure begins: its first digits are under the stain
_DARK = 150  # ink is darker than this on white paper
_COVERED = 0.93  # of a digit's strokes must be ink where it is said to stand
_AHEAD = 0.03  # by how much more than of the next likely digit


class Spot(NamedTuple):
    """A cell that may hold a figure: its number, its box in pixels, which row and which column of which grid it is."""

    number: int
    box: Box
    row: tuple[int, int]
    column: tuple[int, int]


@dataclass(slots=True)
class _Habit:
    """How a page sets figures. ``anchor``: 0 left, 0.5 centred, 1 right in the cell, ``shift`` from there in pixels.

    ``columns``: the same of the columns that have a place of their own. ``steady``: all stand so. ``levels``: by row,
    the middle of its figures; ``drop``: how much lower than the middle of its cell each stands, None if they differ;
    ``height``, ``width`` of a digit.
    """

    height: float
    width: float
    anchor: float
    shift: float
    columns: Mapping[tuple[int, int], tuple[float, float]]
    steady: bool
    levels: Mapping[tuple[int, int], float]
    drop: float | None

    def home(self, spot: Spot, width: float) -> float:
        """Where the figure of a cell begins that is so wide."""
        anchor, shift = self.columns.get(spot.column, (self.anchor, self.shift))
        x0, _, x1, _ = spot.box
        return x0 + anchor * (x1 - x0 - width) + shift

    def level(self, spot: Spot) -> float | None:
        """The height at which the figure of a cell stands; None if nothing tells it."""
        known = self.levels.get(spot.row)
        if known is None and self.drop is not None:
            return (spot.box[1] + spot.box[3]) / 2 + self.drop
        return known


def look_again(ink: Ink, found: list[Piece], spots: Sequence[Spot], stamps: Sequence[Ring] = ()) -> None:
    """Read stained cells anew; changes the pieces in ``found``, and leaves out those that are nothing but marks.

    ``stamps``: where grey seals were lifted, and some of the print with them.
    """
    found += [_mark(spot) for spot in _blank_under(spots, found, stamps) if _has_crumbs(ink, spot)]
    _by_habit(ink, found, spots, stamps)
    for piece in found if stamps else ():
        x, y = (piece.x0 + piece.x1) / 2, (piece.y0 + piece.y1) / 2
        if piece.cell >= 0 and _is_under(x, y, stamps) and digits.plain_figure(piece.said.text):
            piece.confidence, piece.digits = min(piece.confidence, _DOUBTED), 0.0


def _is_under(x: float, y: float, stamps: Sequence[Ring]) -> bool:
    return any(ring.holds(x, y) for ring in stamps)


def doubt_blanks(found: list[Piece], spots: Sequence[Spot], stamps: Sequence[Ring]) -> None:
    """Add a piece without text for each cell under a lifted seal that is blank: it is so in doubt."""
    for spot in _blank_under(spots, found, stamps):
        piece = _mark(spot)
        piece.said, piece.confidence = Said("", (), ()), _DOUBTED
        found.append(piece)


def _blank_under(spots: Sequence[Spot], found: Sequence[Piece], stamps: Sequence[Ring]) -> list[Spot]:
    """The cells under seals in which nothing was found."""
    filled = {piece.cell for piece in found}
    return [spot for spot in spots if spot.number not in filled and _is_under(*_middle(spot), stamps)]


def _middle(spot: Spot) -> tuple[float, float]:
    x0, y0, x1, y1 = spot.box
    return (x0 + x1) / 2, (y0 + y1) / 2


def _has_crumbs(ink: Ink, spot: Spot) -> bool:
    """Whether a cell without anything to read has ink: under a lifted seal there may have been a figure."""
    return _inked(ink, spot, round(_EDGE * ink.type_size)) >= _CRUMBS * ink.type_size**2


def _by_habit(ink: Ink, found: list[Piece], spots: Sequence[Spot], stamps: Sequence[Ring]) -> None:
    held: dict[int, list[Piece]] = {}
    for piece in found:
        if piece.cell >= 0:
            held.setdefault(piece.cell, []).append(piece)
    sure = [spot for spot in spots if _is_sure(held.get(spot.number, ()))]
    if len(sure) < _MANY:
        return
    habit = _habit(sure, held)
    own = list(_of_figures(spots, sure, habit))
    for spot in own:
        if not held.get(spot.number) and _has_ink(ink, spot, habit):
            held[spot.number] = [_mark(spot)]
            found += held[spot.number]
    doubtful = [spot for spot in own if _is_doubtful(spot, held, habit)]
    stained: list[tuple[Spot, Box]] = []
    unread: list[Spot] = []
    for spot in _not_printed(doubtful, held, habit):
        box = _of_figure(ink, spot, habit)
        if box is not None:
            stained.append((spot, box))
        elif not _is_sure(held[spot.number]):
            unread.append(spot)
        else:
            _doubt_place(held[spot.number][0])
    gone = _read_anew(ink, stained, unread, held)
    if unread and habit.steady:
        gone |= _told(ink, unread, held, habit, _shapes(ink, sure, held, habit), stamps)
    if gone:
        found[:] = [piece for piece in found if id(piece) not in gone]


def _told(
    ink: Ink,
    unread: Sequence[Spot],
    held: Mapping[int, list[Piece]],
    habit: _Habit,
    shapes: Mapping[str, NDArray[np.float32]],
    stamps: Sequence[Ring],
) -> set[int]:
    """Tell cells without a reading by the look of the page's digits, or that a seal's letter is all that is there.

    The pieces that are gone, by identity.
    """
    gone: set[int] = set()
    for spot in unread if shapes else ():
        guess = _guessed(ink, spot, habit, shapes)
        if guess is not None:
            gone |= _replaced(held[spot.number], guess[1], guess[0], _GUESSED)
        elif _is_stamped(held[spot.number], stamps) and not _is_home_inked(ink, spot, habit):
            gone |= _replaced(held[spot.number], spot.box, "", _GUESSED)
    return gone


def _read_anew(
    ink: Ink, stained: Sequence[tuple[Spot, Box]], unread: list[Spot], held: Mapping[int, list[Piece]]
) -> set[int]:
    """Read the ink in these boxes; what says no figure is ``unread``. The pieces that are gone, by identity.

    A cell of which the end of a figure can be read keeps what it was read as, in doubt. What says the same again has
    sure digits, if this reading is sure of them.
    """
    lines = said([_crop(ink, box) for _, box in stained])
    gone: set[int] = set()
    for (spot, box), line in zip(stained, lines, strict=True):
        text = SLASH if leans(ink, box) else digits.plain_figure(line.text) or ""
        if _CUT.match(text):
            for piece in held[spot.number]:
                piece.confidence = min(piece.confidence, _DOUBTED)
        elif text:
            own = held[spot.number]
            alike = len(own) == 1 and own[0].said.text.strip() == text and not own[0].also
            gone |= _replaced(own, box, text, min(line.confidence, _DOUBTED))
            own[0].digits = line.confidence if alike else 0.0
        else:
            unread.append(spot)
    return gone


def _of_figures(spots: Sequence[Spot], sure: Sequence[Spot], habit: _Habit) -> Iterator[Spot]:
    """The cells that hold figures, and no labels: below others, or right of others of their row."""
    columns = Counter(spot.column for spot in sure)
    first: dict[tuple[int, int], int] = {}
    for spot in sure:
        first[spot.row] = min(first.get(spot.row, spot.box[0]), spot.box[0])
    for spot in spots:
        if habit.level(spot) is not None and (
            columns[spot.column] >= _FEW or spot.box[0] >= first.get(spot.row, spot.box[2])
        ):
            yield spot


def _has_ink(ink: Ink, spot: Spot, habit: _Habit) -> bool:
    """Whether a cell without anything to read is inked all the same: by what belongs to a stroke over several cells."""
    return _inked(ink, spot, round(_EDGE * habit.height)) >= _INKED * habit.height * habit.width


def _inked(ink: Ink, spot: Spot, edge: int) -> int:
    """Pixels of ink within a cell, without ``edge`` pixels along its rulings."""
    x0, y0, x1, y1 = spot.box
    return int((ink.flat[y0 + edge : y1 - edge, x0 + edge : x1 - edge] < _DARK).sum())


def _mark(spot: Spot) -> Piece:
    x0, y0, x1, y1 = spot.box
    box = np.array([[x0, y0, x1 - x0, y1 - y0]], np.int32)
    return Piece(spot.number, x0, y0, x1, y1, box, Said(MARK, (0.0,), (0.5,)))


def _is_doubtful(spot: Spot, held: Mapping[int, list[Piece]], habit: _Habit) -> bool:
    own = held.get(spot.number)
    if not own or _is_worded(own):
        return False
    written = digits.plain_figure(own[0].said.text) if len(own) == 1 else ""
    if (written and not written.isdigit()) or _AMOUNT.search(" ".join(piece.said.text for piece in own)):
        return False  # with a sign, a point or a unit
    if len(own) == 1 and own[0].said.text in STROKES and own[0].confidence >= _SURE:
        # nothing but a slash as high as one is in print: a pen's stroke is longer, or has a figure's ink beside it
        return own[0].y1 - own[0].y0 > _SLASH * habit.height
    return not _is_at_home(spot, own, habit)


def _is_worded(own: Sequence[Piece]) -> bool:
    """Whether a cell surely says words: the head of a column, below which figures stand, and no figure of its row."""
    read = [pair for piece in own for pair in zip(piece.said.text, piece.said.sure, strict=True)]
    words = sum(bool(_HAN.match(character)) and sure >= _SURE for character, sure in read)
    return words >= _WORDS and 2 * words >= len(read)


def _not_printed(doubtful: Sequence[Spot], held: Mapping[int, list[Piece]], habit: _Habit) -> Iterator[Spot]:
    """The doubtful cells whose ink is not that of a printed figure alone; such figures stay as read, in doubt."""
    for spot in doubtful:
        own = held[spot.number]
        if _looks_printed(spot, own, habit):
            _doubt_place(own[0])
        else:
            yield spot


def _doubt_place(piece: Piece) -> None:
    """Doubt a figure that stands elsewhere than others, which says nothing against its digits if these are sure."""
    if piece.confidence >= _SURE and not piece.also:
        piece.digits = piece.confidence
    piece.confidence = min(piece.confidence, _DOUBTED)


def _looks_printed(spot: Spot, own: Sequence[Piece], habit: _Habit) -> bool:
    """Whether all ink of a cell is one figure as the page sets them, each piece of it as high as a digit.

    Digits of small type touch: a part of such a figure would be taken for all of it.
    """
    level = habit.level(spot)
    if level is None or len(own) != 1 or not own[0].said.text.isdigit():
        return False
    least, most = (share * habit.height for share in _LIKE)
    digits_alone = bool(((own[0].glyphs[:, 3] >= least) & (own[0].glyphs[:, 3] <= most)).all())
    if own[0].confidence <= _ODD and not digits_alone:
        return False
    high = own[0].y1 - own[0].y0
    return least <= high <= most and abs((own[0].y0 + own[0].y1) / 2 - level) <= _LEVEL * habit.height


def _is_sure(own: Sequence[Piece]) -> bool:
    """Whether a cell holds one figure and no doubt about it."""
    return len(own) == 1 and own[0].said.text.isdigit() and own[0].confidence >= _SURE and not own[0].also


def _habit(sure: Sequence[Spot], held: Mapping[int, list[Piece]]) -> _Habit:
    pieces = [held[spot.number][0] for spot in sure]
    height = float(np.median([piece.y1 - piece.y0 for piece in pieces]))
    single = [piece.x1 - piece.x0 for piece in pieces if len(piece.said.text) == 1 and piece.said.text != "1"]
    width = float(np.median(single)) if single else 0.6 * height
    _, spread, anchor, shift = _usual(sure, held, height)
    own: dict[tuple[int, int], tuple[float, float]] = {}
    for column, spots in _by_column(sure).items():
        off = np.array([_place(spot, held[spot.number][0], anchor) - shift for spot in spots])
        if len(spots) >= _OWN and float(np.median(np.abs(off))) > _OFF * height:
            elsewhere, stray, *place = _usual(spots, held, height)
            if stray <= _STEADY * height and elsewhere <= (1 - _MOST_OF) * len(spots):
                own[column] = place[0], place[1]
    rows: dict[tuple[int, int], list[float]] = {}
    for spot, piece in zip(sure, pieces, strict=True):
        rows.setdefault(spot.row, []).append((piece.y0 + piece.y1) / 2)
    levels = {row: float(np.median(middles)) for row, middles in rows.items() if len(middles) >= _FEW}
    low = np.array([(p.y0 + p.y1 - s.box[1] - s.box[3]) / 2 for s, p in zip(sure, pieces, strict=True)])
    even = float(np.median(np.abs(low - np.median(low)))) <= _STEADY * height
    drop = float(np.median(low)) if even else None
    return _Habit(height, width, anchor, shift, own, spread <= _STEADY * height, levels, drop)


def _by_column(sure: Sequence[Spot]) -> dict[tuple[int, int], list[Spot]]:
    columns: dict[tuple[int, int], list[Spot]] = {}
    for spot in sure:
        columns.setdefault(spot.column, []).append(spot)
    return columns


def _usual(spots: Sequence[Spot], held: Mapping[int, list[Piece]], height: float) -> tuple[int, float, float, float]:
    """How most figures of cells are set: how many are not, how far all stray, the anchor and the shift from it."""
    ways: list[tuple[int, float, float, float]] = []
    for anchor in (0.0, 0.5, 1.0):
        off = np.array([_place(spot, held[spot.number][0], anchor) for spot in spots])
        stray = np.abs(off - np.median(off))
        # where most columns are of one width, the middle of them is at one place by any anchor: the others tell
        elsewhere = int((stray > _OFF * height).sum())
        ways.append((elsewhere, float(np.median(stray)), anchor, float(np.median(off))))
    return min(ways)


def _place(spot: Spot, piece: Piece, anchor: float) -> float:
    """How far a figure stands right of the anchor of its cell."""
    x0, _, x1, _ = spot.box
    return piece.x0 + anchor * (piece.x1 - piece.x0) - (x0 + anchor * (x1 - x0))


def _is_at_home(spot: Spot, own: Sequence[Piece], habit: _Habit) -> bool:
    """Whether a sure figure stands where the page sets them."""
    if not _is_sure(own):
        return False
    off = abs(own[0].x0 - habit.home(spot, own[0].x1 - own[0].x0))
    return not habit.steady or off <= _OFF * habit.height


def _of_figure(ink: Ink, spot: Spot, habit: _Habit) -> Box | None:
    """The box of the ink that may be the cell's figure: of a digit's size, at its row's height, next to its place."""
    level = habit.level(spot)
    if level is None:
        return None
    x0, y0, x1, y1 = spot.box
    parts = ink.parts
    left, top, width, height = (parts[:, at] for at in range(4))
    inside = (left >= x0) & (left + width <= x1) & (top >= y0) & (top + height <= y1)
    like = (height >= _LIKE[0] * habit.height) & (height <= _LIKE[1] * habit.height) & (width <= 1.3 * habit.width)
    at_level = np.abs(top + height / 2 - level) <= _LEVEL * habit.height
    kept = parts[inside & like & at_level]
    if not len(kept):
        return None
    kept = kept[np.argsort(kept[:, 0], kind="stable")]
    breaks = np.flatnonzero(kept[1:, 0] - (kept[:-1, 0] + kept[:-1, 2]) > _NEAR * habit.height)
    runs = np.split(kept, breaks + 1)
    boxes = [
        (int(run[0, 0]), int(run[:, 1].min()), int((run[:, 0] + run[:, 2]).max()), int((run[:, 1] + run[:, 3]).max()))
        for run in runs
    ]

    def far(box: Box) -> float:
        return abs(box[0] - habit.home(spot, box[2] - box[0]))

    best = min(boxes, key=far)
    if habit.steady and far(best) > 2 * _OFF * habit.height:
        return None
    return best


def _crop(ink: Ink, box: Box) -> NDArray[np.uint8]:
    """The ink in a box and nothing of what is around it."""
    x0, y0, x1, y1 = box
    pad = max(2, round(0.2 * (y1 - y0)))
    inner = ink.flat[y0:y1, x0:x1]
    return np.pad(inner, pad, constant_values=255)


def _replaced(own: Sequence[Piece], box: Box, text: str, confidence: float) -> set[int]:
    """Make the first piece of a cell its figure; the others, by identity, are gone. What was read stays in ``also``."""
    before = [piece.said.text.strip() for piece in own]
    first = own[0]
    if before != [text]:
        first.also = list(dict.fromkeys(was for was in (*before, *first.also) if was and was != text))
    first.x0, first.y0, first.x1, first.y1 = box
    first.glyphs = np.array([[box[0], box[1], box[2] - box[0], box[3] - box[1]]], np.int32)
    count = len(text)
    first.said = Said(text, (confidence,) * count, tuple((at + 0.5) / count for at in range(count)))
    first.confidence = confidence
    return {id(piece) for piece in own[1:]}


def _is_stamped(own: Sequence[Piece], stamps: Sequence[Ring]) -> bool:
    """Whether all that was found in a cell lies under seals, and stands where they have their letters or their rim."""
    middles = [((piece.x0 + piece.x1) / 2, (piece.y0 + piece.y1) / 2) for piece in own]
    return all(any(ring.holds(*at) and ring.far(*at) > _LETTERS for ring in stamps) for at in middles)


def _is_home_inked(ink: Ink, spot: Spot, habit: _Habit) -> bool:
    """Whether there is ink where any figure of this cell would stand; True if nothing tells where that is."""
    level = habit.level(spot)
    if level is None:
        return True
    left = round(habit.home(spot, habit.width))
    top = round(level - habit.height / 2)
    home = ink.flat[top : top + round(habit.height) + 1, left : left + round(habit.width) + 1] < _DARK
    return bool(home.any()) and float(home.mean()) > _LEFT


def _shapes(
    ink: Ink, sure: Sequence[Spot], held: Mapping[int, list[Piece]], habit: _Habit
) -> dict[str, NDArray[np.float32]]:
    """Digit → its strokes as this page prints it: where most of its prints, at one size, are dark."""
    size = (max(3, round(habit.width)), max(5, round(habit.height)))
    seen: dict[str, list[NDArray[np.float32]]] = {}
    for spot in sure:
        piece = held[spot.number][0]
        if len(piece.said.text) != 1 or len(seen.get(piece.said.text, ())) >= _MANY:
            continue
        part = (ink.flat[piece.y0 : piece.y1, piece.x0 : piece.x1] < _DARK).astype(np.float32)
        wide = size[0] if piece.said.text != "1" else max(2, min(size[0], piece.x1 - piece.x0))
        seen.setdefault(piece.said.text, []).append(
            np.asarray(cv2.resize(part, (wide, size[1]), interpolation=cv2.INTER_AREA), dtype=np.float32)
        )
    means: dict[str, NDArray[np.float32]] = {}
    for digit, prints in seen.items():
        alike = [one for one in prints if one.shape == prints[0].shape]
        means[digit] = np.asarray(np.mean(alike, axis=0), dtype=np.float32)
    return means


def _guessed(ink: Ink, spot: Spot, habit: _Habit, shapes: Mapping[str, NDArray[np.float32]]) -> tuple[str, Box] | None:
    """The one digit whose strokes are all ink at the figure's place, with its box; None if none is, or several are."""
    level = habit.level(spot)
    if level is None:
        return None
    ways: list[tuple[float, str, Box]] = []
    for digit, shape in shapes.items():
        high, wide = shape.shape
        strokes = shape > 0.6
        if not strokes.any():
            continue
        home = habit.home(spot, wide)
        reach = max(1, round(0.15 * habit.height))
        best: tuple[float, str, Box] = (0.0, digit, spot.box)
        for top in range(round(level - high / 2) - reach, round(level - high / 2) + reach + 1):
            for left in range(round(home) - reach, round(home) + reach + 1):
                window = ink.flat[max(top, 0) : top + high, max(left, 0) : left + wide]
                if window.shape == shape.shape:
                    share = float((window < _DARK)[strokes].mean())
                    best = max(best, (share, digit, (left, top, left + wide, top + high)))
        ways.append(best)
    ways = [way for way in sorted(ways, reverse=True) if way[1] != "1"]  # any stroke of a seal covers a 1
    if not ways or ways[0][0] < _COVERED:
        return None
    if len(ways) > 1 and ways[1][0] > ways[0][0] - _AHEAD and ways[0][0] < 0.99:
        return None
    return ways[0][1], ways[0][2]
