"""One picture → pages of glyphs and strokes (several of an open book or of pages put together), upright."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.pages import UNREAD
from archive.documents.recognised import digits, imposed
from archive.documents.recognised.clipped_digits import doubt_cut
from archive.documents.recognised.completed import complete
from archive.documents.recognised.crossed import doubt_crossed
from archive.documents.recognised.dashed import settle_dashes
from archive.documents.recognised.dithered import without_dots
from archive.documents.recognised.dotted import drawn_through
from archive.documents.recognised.edged import without_edges
from archive.documents.recognised.engine import HEIGHT, Found, Said, is_letter, lines_found, said
from archive.documents.recognised.faded import darkened
from archive.documents.recognised.framed import unframed
from archive.documents.recognised.images import Pixels
from archive.documents.recognised.ink import MARK, Ink, Piece, crop, ink_of, pieces
from archive.documents.recognised.inverted import positive, unveiled
from archive.documents.recognised.lifted import unread_lifted
from archive.documents.recognised.loose import faint, is_loose, unseen
from archive.documents.recognised.matched import settle_alike
from archive.documents.recognised.overhanging import without_bars
from archive.documents.recognised.paper import Ring, evened, noise_of, unsealed, unstamped, unstamped_dark
from archive.documents.recognised.ruling_detection import TYPE, Drawn, drawn
from archive.documents.recognised.slashed import STROKES, strokes
from archive.documents.recognised.stained import Spot, doubt_blanks, look_again
from archive.documents.recognised.stepped import is_stepped, smoothed
from archive.documents.recognised.straight import foreshortened, levelness, moved, skew_of, squaring, turning, warped
from archive.documents.recognised.streaked import unstreaked
from archive.documents.ruled.page import Stroke
from archive.documents.ruled.rulings import Grid, grids

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archive.documents.recognised.straight import Matrix

    Grey = NDArray[np.uint8]

_EDGE = 2  # pixels by which a ruling may stray, or others reach into its ends
_INKED, _THROUGH = 170, 0.92  # ink is darker than this; the share of a ruling's length that is ink
_SLIGHT = 0.15  # degrees: by less a page is turned only if that is seen to help
_EVEN = 1.0  # noise of paper without any
_WORDS = 6.0  # type heights: a longer stroke is a ruling
_MEETS, _CROSSED = 4, 2  # pixels by which rulings that cross may miss each other; those that cross one of a table
_PALER = 1.04  # times as long: letters taken for rulings make less, the rulings of one row more
_POINTS = 10.0  # points of the type, taken as usual
_WORDY = 4.5  # times as wide as high: a line of words, which may be squeezed
_SQUARE, _TWO = 0.85, 1.6  # widths of a Chinese character, and of two, as shares of the line's height
_SQUEEZE = 0.56  # as much as the figures in it bear: at 0.5 more of them are misread
_UPRIGHT = 0.80  # readings as sure as this are not upside down
_SURELY_UPRIGHT = 0.95  # the same of a single line
MOST_TEXT = 150_000  # pixels of text, lines 48 high, read on one page: five times a full one
_SMALL_TYPE, _LARGER, _LARGEST = 17.0, 2, 10_000_000  # pixels of type; times, and pixels in all, of what is enlarged
_FAINT = 0.6  # how sure a dash can be that is no ink, and print so pale
_LOOKED_UP = 0.6  # how sure a figure is that no reading told
_MARKS = frozenset("-—") | STROKES
_SURE = 0.90  # a second reading is made of figures less sure than this


@dataclass(slots=True)
class Sheet:
    """A page read. ``unit``: pixels of ``flat`` per point; ``back``: from pixels of ``flat`` to those of the file.

    ``numbers``: for each grid and its regions in order, the number by which ``pieces`` name the cell. ``text``: pixels
    of lines that were read; ``cut``: there was more than is read.
    """

    width: float
    height: float
    unit: float
    back: Matrix
    grids: list[Grid] = field(default_factory=list)
    numbers: list[list[int]] = field(default_factory=list)
    horizontal: list[Stroke] = field(default_factory=list)
    vertical: list[Stroke] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    type_size: float = 0.0
    text: int = 0
    cut: bool = False


def sheets(pixels: Pixels) -> list[Sheet]:
    """The pages of a picture; none where no text stands."""
    plain, lifted = unsealed(positive(pixels.data))
    grey = unveiled(unstreaked(plain))
    scale = np.diag([1 / pixels.scale, 1 / pixels.scale, 1.0])
    return _sheets(
        evened(grey), scale, [], _Given(grey, np.asarray(np.linalg.inv(scale)), pixels.data, lifted), whole=True
    )


@dataclass(frozen=True, slots=True)
class _Stains:
    """What was lifted from a page, in its pixels: grey seals, and a mask that is 1 where coloured ink was."""

    stamps: Sequence[Ring]
    coloured: NDArray[np.uint8] | None


@dataclass(frozen=True, slots=True)
class _Given:
    """The picture as it was given, the way to it from pixels of the file, the same in its colours, if it has any, and
    where (1) coloured ink was lifted.
    """

    grey: Grey
    there: Matrix
    colours: NDArray[np.uint8]
    lifted: NDArray[np.uint8] | None = None

    def lifted_on(self, back: Matrix, shape: tuple[int, ...]) -> NDArray[np.uint8] | None:
        """Where coloured ink was lifted from a page; ``back`` as for ``part``."""
        if self.lifted is None:
            return None
        flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        return cast("NDArray[np.uint8]", cv2.warpPerspective(self.lifted, self.there @ back, shape[1::-1], flags=flags))

    def part(self, back: Matrix, part: tuple[slice, slice], shape: tuple[int, ...]) -> Grey:
        """What stands there in a part of a page; ``back`` leads from the pixels of the page to those of the file."""
        rows, columns = (range(*one.indices(size)) for one, size in zip(part, shape, strict=True))
        shift = np.array([[1, 0, columns.start], [0, 1, rows.start], [0, 0, 1.0]])
        size = (len(columns), len(rows))
        way = self.there @ back @ shift
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cast("Grey", cv2.warpPerspective(self.grey, way, size, flags=flags, borderValue=255))


def _sheets(flat: Grey, back: Matrix, stamps: Sequence[Ring], given: _Given, *, whole: bool) -> list[Sheet]:
    """``stamps``: seals that were lifted before, in pixels of the file."""
    flat, back = _straightened(flat, back)
    flat, dark = unstamped_dark(unstreaked(flat), lambda part: given.part(back, part, flat.shape))
    flat, grey = unstamped(flat, dark)
    lifted = [*dark, *grey]
    stamps = [*stamps, *_rings_moved(lifted, back)]
    found = lines_found(flat)
    if _lies_on_its_side(found):
        flat, back = _quarter(flat, back)
        found = lines_found(flat)
    if not found:
        return []
    if _is_upside_down(flat, found):
        flat, back, found = _half(flat, back, found)
    if whole and (parts := imposed.in_rows(flat, found)):
        return [sheet for part in parts for sheet in _sheets(*_part(flat, back, *part), stamps, given, whole=False)]
    gutter = imposed.gutter(flat, found) if whole else None
    if gutter is not None:
        more = imposed.pages_beside(flat) > imposed.PAIR  # the rest is more than one page
        return [
            *_sheets(*_part(flat, back, slice(None), slice(gutter)), stamps, given, whole=False),
            *_sheets(*_part(flat, back, slice(None), slice(gutter, None)), stamps, given, whole=more),
        ]
    flat, back, found, fine = _enlarged(flat, back, found)
    own = _rings_moved(stamps, np.asarray(np.linalg.inv(back), dtype=np.float64))
    sheet = _sheet(flat, back, found, fine, _Stains(own, given.lifted_on(back, flat.shape)))
    sheet.pieces = without_edges(sheet.pieces, lambda part: given.part(back, part, flat.shape))
    doubt_crossed(sheet.pieces, given.colours, np.asarray(given.there @ back))
    return [sheet]


def _part(flat: Grey, back: Matrix, rows: slice, columns: slice) -> tuple[Grey, Matrix]:
    """A part of a page; the second leads from its pixels to those of the file."""
    shift = np.array([[1, 0, columns.start or 0], [0, 1, rows.start or 0], [0, 0, 1.0]])
    return np.ascontiguousarray(flat[rows, columns]), back @ shift


def _enlarged(flat: Grey, back: Matrix, found: list[Found]) -> tuple[Grey, Matrix, list[Found], Grey]:
    """A page of very small type drawn larger: there the strokes of letters are as long as what evens out rulings.

    The last is the page without what is done for recognition alone, in the same pixels.
    """
    if _type_size(found) >= _SMALL_TYPE or _LARGER**2 * flat.size > _LARGEST:
        return flat, back, found, flat
    larger = smoothed(flat, _LARGER) if is_stepped(flat) else None
    fine = cast(
        "Grey",
        cv2.resize(
            flat, None, fx=_LARGER, fy=_LARGER, interpolation=cv2.INTER_CUBIC if larger is None else cv2.INTER_NEAREST
        ),
    )
    lines = [Found(_LARGER * f.x0, _LARGER * f.y0, _LARGER * f.x1, _LARGER * f.y1, f.score) for f in found]
    return fine if larger is None else larger, back @ np.diag([1 / _LARGER, 1 / _LARGER, 1.0]), lines, fine


def _type_size(found: Sequence[Found]) -> float:
    return TYPE * float(np.median([f.y1 - f.y0 for f in found]))


def _rings_moved(rings: Sequence[Ring], matrix: Matrix) -> list[Ring]:
    """Rings seen through a homography, which leaves them about as round."""
    done = []
    for ring in rings:
        middle, rim = moved([(ring.x, ring.y), (ring.x + ring.radius, ring.y)], matrix)
        done.append(Ring(float(middle[0]), float(middle[1]), float(np.hypot(*(rim - middle)))))
    return done


def _straightened(flat: Grey, back: Matrix) -> tuple[Grey, Matrix]:
    """Skew and perspective taken out. ``back`` leads from the new pixels to those of the file."""
    height, width = flat.shape
    angle = skew_of(flat)
    matrix, size = np.eye(3), (width, height)
    straight = flat
    if abs(angle) > 0.03:
        turned, turned_size = turning(angle, width, height)
        better = warped(flat, turned, turned_size)
        # a screenshot is level, and turning it would but blur it
        if abs(angle) > _SLIGHT or levelness(better) > levelness(flat):
            straight, matrix, size = better, turned, turned_size
    aslant = foreshortened(straight)
    if aslant is not None:
        better = warped(flat, aslant @ matrix, size)
        if levelness(better) > levelness(straight):
            straight, matrix = better, aslant @ matrix
    small = cv2.resize(straight, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    rough = drawn(cast("Grey", small))
    square = squaring(rough.across, rough.down, (small.shape[1], small.shape[0]))
    if square is not None:
        double = np.diag([2.0, 2.0, 1.0])
        squared = double @ square @ np.linalg.inv(double) @ matrix
        better = warped(flat, squared, size)
        if levelness(better) > levelness(straight):
            straight, matrix = better, squared
    return straight, back @ np.linalg.inv(matrix)


def _lies_on_its_side(found: Sequence[Found]) -> bool:
    wide = sum(f.x1 - f.x0 for f in found if f.x1 - f.x0 > 2 * (f.y1 - f.y0))
    tall = sum(f.y1 - f.y0 for f in found if f.y1 - f.y0 > 2 * (f.x1 - f.x0))
    return tall > 1.5 * wide


def _quarter(flat: Grey, back: Matrix) -> tuple[Grey, Matrix]:
    """The page turned by a quarter to the left; whether it stands on its head then is seen later."""
    width = int(flat.shape[1])
    # new (x, y) was at (width - y, x)
    return np.ascontiguousarray(np.rot90(flat)), back @ np.array([[0, -1, width], [1, 0, 0], [0, 0, 1.0]])


def _half(flat: Grey, back: Matrix, found: Sequence[Found]) -> tuple[Grey, Matrix, list[Found]]:
    height, width = flat.shape
    turned = [Found(width - f.x1, height - f.y1, width - f.x0, height - f.y0, f.score) for f in found]
    matrix = back @ np.array([[-1, 0, width], [0, -1, height], [0, 0, 1.0]])
    return np.ascontiguousarray(flat[::-1, ::-1]), matrix, turned


def _is_upside_down(flat: Grey, found: Sequence[Found]) -> bool:
    """Read a few lines; if they make little sense, read them turned round as well."""
    lines = sorted(found, key=lambda f: f.x1 - f.x0, reverse=True)
    usual = float(np.median([f.y1 - f.y0 for f in lines[:12]]))
    sample = [f for f in lines[:12] if f.y1 - f.y0 < 1.5 * usual][:3]
    crops = []
    for f in sample:
        right = min(f.x1, f.x0 + 5 * (f.y1 - f.y0))
        crops.append(np.ascontiguousarray(flat[int(f.y0) : int(f.y1) + 1, int(f.x0) : int(right) + 1]))
    if _sense(said(crops[:1])) >= _SURELY_UPRIGHT:
        return False
    upright = _sense(said(crops))
    if upright >= _UPRIGHT:
        return False
    return _sense(said([np.ascontiguousarray(c[::-1, ::-1]) for c in crops])) > upright + 0.05


def _sense(lines: Sequence[Said]) -> float:
    """Mean sureness of all characters."""
    chances = [chance for line in lines for chance in line.sure]
    return float(np.mean(chances)) if chances else 0.0


def _sheet(flat: Grey, back: Matrix, found: Sequence[Found], fine: Grey, stains: _Stains) -> Sheet:
    type_size = _type_size(found)
    flat = without_dots(flat, type_size)
    closed = drawn_through(flat, type_size)
    lines = _ruled(closed, found, type_size)
    unit = type_size / _POINTS
    sheet = Sheet(flat.shape[1] / unit, flat.shape[0] / unit, unit, back, type_size=type_size)
    sheet.horizontal = [Stroke(s.at / unit, s.start / unit, s.end / unit) for s in lines.horizontal]
    sheet.vertical = [Stroke(s.at / unit, s.start / unit, s.end / unit) for s in lines.vertical]
    made = grids(sheet.horizontal, sheet.vertical)
    across, down = _missed(closed, made, unit)
    if across or down:
        sheet.horizontal, sheet.vertical = sheet.horizontal + across, sheet.vertical + down
        made = grids(sheet.horizontal, sheet.vertical)
    if within := unframed(sheet.horizontal, sheet.vertical, made):
        sheet.horizontal, sheet.vertical = within
        made = grids(*within)
    # larger ones first: what lies within another paints over it
    sheet.grids = sorted(made, key=lambda grid: -grid.area)
    boxes: list[tuple[int, int, int, int]] = []
    for grid in sheet.grids:
        numbers = range(len(boxes), len(boxes) + len(grid.regions))
        sheet.numbers.append(list(numbers))
        for r in grid.regions:
            edges = (grid.xs[r.col], grid.ys[r.row], grid.xs[r.col + r.colspan], grid.ys[r.row + r.rowspan])
            boxes.append(cast("tuple[int, int, int, int]", tuple(round(edge * unit) for edge in edges)))
    tables = [([x * unit for x in grid.xs], [y * unit for y in grid.ys]) for grid in sheet.grids]
    flat, pale = darkened(flat, boxes, type_size, stains.stamps)
    ink = without_bars(ink_of(flat, lines.mask(), type_size), tables)
    sheet.pieces = pieces(ink, boxes, found)
    open_ = is_loose(boxes, found)
    loose = [*(unseen(ink, boxes, found) if open_ else ()), *faint(ink, boxes, {p.cell for p in sheet.pieces})]
    sheet.pieces += loose
    sheet.text, sheet.cut = _read(ink, sheet.pieces, fine, loose=open_)
    _settle_loose(ink, loose)
    for piece in sheet.pieces:
        piece.confidence = min(piece.confidence, _FAINT) if piece.cell in pale else piece.confidence
    spots, settled = list(_spots(sheet, boxes)), {piece.cell for piece in sheet.pieces}
    look_again(ink, sheet.pieces, spots, stains.stamps)
    settle_dashes(ink, sheet.pieces, spots, settled)
    if stains.coloured is not None:
        sheet.pieces += unread_lifted(sheet.pieces, spots, stains.coloured, type_size)
    doubt_blanks(sheet.pieces, spots, stains.stamps)
    doubt_cut(sheet.pieces, boxes, type_size)
    return sheet


def _ruled(flat: Grey, found: Sequence[Found], type_size: float) -> Drawn:
    """What is ruled; on even paper in a light grey too, if that makes rulings much longer together."""
    dark = drawn(flat, found)
    if noise_of(flat) >= _EVEN:
        return dark
    pale = drawn(flat, found, pale=True)
    one, other = (_long(lines, type_size) for lines in (dark, pale))
    return pale if other > _PALER * one else dark


def _long(lines: Drawn, type_size: float) -> float:
    """How long the rulings longer than words are together; of a grid those that others cross: no edge of a sheet."""
    done = 0.0
    for own, others in ((lines.horizontal, lines.vertical), (lines.vertical, lines.horizontal)):
        across = np.array([(s.at, s.start, s.end) for s in others], np.float64).reshape(-1, 3)
        for stroke in own:
            over = (across[:, 1] - _MEETS <= stroke.at) & (stroke.at <= across[:, 2] + _MEETS)
            crossed = over & (stroke.start - _MEETS <= across[:, 0]) & (across[:, 0] <= stroke.end + _MEETS)
            if stroke.end - stroke.start >= _WORDS * type_size and int(crossed.sum()) >= min(_CROSSED, len(across)):
                done += stroke.end - stroke.start
    return done


def _settle_loose(ink: Ink, loose: Sequence[Piece]) -> None:
    """Of what was not seen as text only figures and marks are believed; other ink stands there unread."""
    for piece in loose:
        mark = digits.mark_of(ink, piece)
        if mark:
            piece.said, piece.also = _as(piece.said, mark), []
            piece.confidence = _SURE if piece.cell < 0 else _FAINT
        elif not digits.plain_figure(piece.said.text):
            piece.said, piece.confidence, piece.also = _as(piece.said, UNREAD), 0.0, []


def _missed(flat: Grey, made: Sequence[Grid], unit: float) -> tuple[list[Stroke], list[Stroke]]:
    """Rulings within merged cells, where those of other rows or columns go on and ink runs through from edge to edge.

    Such a cell is none: strokes of a seal or a pen across its ruling have hidden that from the reader of rulings.
    """
    across: list[Stroke] = []
    down: list[Stroke] = []
    for grid in made:
        for region in grid.regions:
            left, right = grid.xs[region.col], grid.xs[region.col + region.colspan]
            top, bottom = grid.ys[region.row], grid.ys[region.row + region.rowspan]
            if region.rowspan == 1:
                inner = grid.xs[region.col + 1 : region.col + region.colspan]
                down += [Stroke(x, top, bottom) for x in inner if _is_inked(flat, x * unit, top * unit, bottom * unit)]
            if region.colspan == 1:
                inner = grid.ys[region.row + 1 : region.row + region.rowspan]
                turned = flat.T
                across += [
                    Stroke(y, left, right) for y in inner if _is_inked(turned, y * unit, left * unit, right * unit)
                ]
    return across, down


def _is_inked(flat: Grey, at: float, start: float, end: float) -> bool:
    """Whether ink runs down a page at the column ``at``, from row to row."""
    first, last, middle = round(start) + _EDGE, round(end) - _EDGE, round(at)
    band = flat[first:last, max(0, middle - _EDGE) : middle + _EDGE + 1]
    return last - first > 3 * _EDGE and float((band.min(axis=1) < _INKED).mean()) >= _THROUGH


def _spots(sheet: Sheet, boxes: Sequence[tuple[int, int, int, int]]) -> Iterator[Spot]:
    """The cells of one row each."""
    for at, (grid, numbers) in enumerate(zip(sheet.grids, sheet.numbers, strict=True)):
        for region, number in zip(grid.regions, numbers, strict=True):
            if region.rowspan == 1:
                yield Spot(number, boxes[number], (at, region.row), (at, region.col))


def _read(ink: Ink, found: Sequence[Piece], fine: Grey, *, loose: bool) -> tuple[int, bool]:
    """Read every piece, figures twice; tables first if there is more than can be read. ``loose``: see ``_alone``.

    ``fine``: the page as sharp as it was given.

    Returns the pixels of text read, and whether there was more.
    """
    crops = [crop(ink, piece, squeeze=_squeeze(piece)) for piece in found]
    order = sorted(range(len(found)), key=lambda at: found[at].cell < 0)
    lengths = np.cumsum([crops[at].shape[1] * HEIGHT / crops[at].shape[0] for at in order])
    kept = order[: int(np.searchsorted(lengths, MOST_TEXT))]
    for at, line in zip(kept, said([crops[at] for at in kept]), strict=True):
        found[at].said, found[at].confidence = line, line.confidence
    complete(ink, found)
    _read_again(ink, found, set(kept), fine, loose=loose)
    return int(lengths[len(kept) - 1]) if kept else 0, len(kept) < len(found)


def _read_again(ink: Ink, found: Sequence[Piece], kept: set[int], fine: Grey, *, loose: bool) -> None:
    """Compare the figures, read the doubtful ones again, mark ink of which nothing could be made."""
    for at, piece in enumerate(found):
        if at not in kept:
            piece.said = _as(piece.said, MARK) if piece.cell >= 0 else piece.said
    alone = _alone(found, loose=loose)
    told = strokes(ink, found, alone, [at for at in alone if _is_figure(found[at].said.text)])
    marks = {at for at, stroke in told.items() if stroke.text in STROKES}
    for at in marks:
        piece, stroke = found[at], told[at]
        piece.also = [] if stroke.sure >= _SURE else ["1"]
        piece.said, piece.confidence = _as(piece.said, stroke.text), stroke.sure
    texts = [_figure(piece, ink) if at in alone - marks else "" for at, piece in enumerate(found)]
    verdicts = digits.compared(ink, found, texts)
    again = []
    for at, (piece, text, verdict) in enumerate(zip(found, texts, verdicts, strict=True)):
        if at not in kept or at in marks:
            continue
        if text and verdict.sure and not is_letter(piece.said.text.strip()):
            piece.said, piece.confidence = _as(piece.said, text), 1 - (1 - piece.confidence) * 0.2
        elif text or not piece.said.text.strip() or (at in alone and _short(piece) and piece.confidence < _SURE):
            again.append(at)
    second = said([crop(ink, found[at], pad=0.32) for at in again])
    for at, line in zip(again, second, strict=True):
        _settle(found[at], texts[at], verdicts[at], line)
    _look_up(ink, found, texts, again)
    if noise_of(fine) < _EVEN:
        settle_alike(ink, found, fine, alone - marks)
    for at, stroke in told.items():
        found[at].confidence = min(found[at].confidence, stroke.sure)


def _look_up(ink: Ink, found: Sequence[Piece], texts: Sequence[str], again: Sequence[int]) -> None:
    """Tell figures of which no reading made one by the look of the page's own digits."""
    known = [
        piece.said.text if text and piece.confidence >= _SURE else "" for piece, text in zip(found, texts, strict=True)
    ]
    unread = [at for at in again if found[at].cell >= 0 and _is_unread(found[at])]
    for at, figure in digits.looked_up(ink, found, known, unread).items():
        piece = found[at]
        before = piece.said.text.strip()
        piece.said, piece.confidence = _as(piece.said, figure), min(piece.confidence, _LOOKED_UP)
        piece.also = list(dict.fromkeys(text for text in (before, *piece.also) if text and text != figure))


def _is_unread(piece: Piece) -> bool:
    """Whether a piece is as short as a figure and says neither one nor a mark, nor surely words."""
    text = piece.said.text.strip()
    return _short(piece) and not digits.plain_figure(text) and text not in _MARKS and piece.confidence < _SURE


def _squeeze(piece: Piece) -> float:
    """Words bear it; of short texts those with ink as wide as a Chinese character, which no digit is.

    Digits that touch are as wide, but they are always read a second time, as they are.
    """
    width, height = piece.x1 - piece.x0, piece.y1 - piece.y0
    square = (piece.glyphs[:, 2] >= _SQUARE * height) & (piece.glyphs[:, 3] >= 0.6 * height)
    words = width > _WORDY * height or (width > _TWO * height and bool(square.any()))
    return _SQUEEZE if words else 1.0


def _short(piece: Piece) -> bool:
    return piece.x1 - piece.x0 < 6 * (piece.y1 - piece.y0)


def _alone(found: Sequence[Piece], *, loose: bool) -> set[int]:
    """Pieces that are the only one of their cell, as figures are, and other figures.

    ``loose``: tables stand outside of rulings, and what looks there like a figure or like one sign is one.
    """
    count: dict[int, int] = {}
    for piece in found:
        count[piece.cell] = count.get(piece.cell, 0) + 1
    return {
        at
        for at, piece in enumerate(found)
        if (piece.cell >= 0 and count[piece.cell] == 1)
        or digits.FIGURE.match(piece.said.text)
        or (loose and piece.cell < 0 and (len(piece.glyphs) == 1 or digits.plain_figure(piece.said.text)))
    }


def _figure(piece: Piece, ink: Ink) -> str:
    if mark := digits.mark_of(ink, piece):
        piece.said, piece.confidence = _as(piece.said, mark), max(piece.confidence, 0.9)
        return ""
    return _plain(piece, piece.said)


def _plain(piece: Piece, line: Said) -> str:
    """The figure that a line is, of a piece that stands alone in its cell or is a figure; "" if it is none."""
    return digits.plain_figure(line.text) or (line.digit if piece.cell >= 0 else "")


def _settle(piece: Piece, text: str, verdict: digits.Verdict, line: Said) -> None:
    """Make one of two readings, and keep what else was seen in ``also``."""
    other = _plain(piece, line) or line.text.strip()
    if is_letter(line.text.strip()) or is_letter(piece.said.text.strip()):
        piece.confidence = min(piece.confidence, _LOOKED_UP)
        line = replace(line, sure=tuple(min(chance, _LOOKED_UP) for chance in line.sure))
    one = text or piece.said.text.strip()
    if not one and not other:
        piece.said, piece.confidence = _as(piece.said, MARK), 0.0
        return
    if one == other:
        piece.said, piece.confidence = _as(piece.said, one), 1 - (1 - piece.confidence) * (1 - line.confidence)
        seen = [verdict.also]
    elif not one or (line.confidence > piece.confidence and (digits.plain_figure(other) or not _is_figure(one))):
        seen = [one, verdict.also]
        piece.said, piece.confidence = _as(line, other), min(line.confidence, 0.6 if one else line.confidence)
    else:
        seen = [other, verdict.also]
        piece.said, piece.confidence = _as(piece.said, one), min(piece.confidence, 0.6)
    if verdict.left:
        seen, piece.said = [piece.said.text, *seen], _as(piece.said, verdict.left)
    if verdict.odd:
        piece.confidence = min(piece.confidence, 0.4)
    piece.also = list(dict.fromkeys(s for s in seen if s and s != piece.said.text))


def _is_figure(text: str) -> bool:
    return bool(digits.plain_figure(text))


def _as(line: Said, text: str) -> Said:
    """The same line with another text, its characters evenly spread if their number differs."""
    if len(text) == len(line.text):
        return replace(line, text=text)
    count = max(len(text), 1)
    return Said(text, (line.confidence,) * len(text), tuple((i + 0.5) / count for i in range(len(text))))
