"""One picture → pages of printed lines and rulings (several of an open book), upright."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from archive.documents.layout.page_layout import Ruling
from archive.documents.layout.ruled_grids import Grid, grids
from archive.documents.ocr.cell_ink import doubt_hidden_ink, doubt_low_cells, doubt_pale_ink
from archive.documents.ocr.crossed_rulings import find_crossed_rulings
from archive.documents.ocr.dark_seals import lift_dark_seals
from archive.documents.ocr.engine import TextBox, find_lines
from archive.documents.ocr.figure_places import reread_stained_cells
from archive.documents.ocr.images import Pixels
from archive.documents.ocr.line_reading import read_lines
from archive.documents.ocr.page_ink import Box, CellBox, TextLine, ink_of
from archive.documents.ocr.page_split import PAIR, find_gutter, pages_beside, part_of
from archive.documents.ocr.paper import even_light, remove_dots
from archive.documents.ocr.printed_lines import find_printed_lines
from archive.documents.ocr.ruling_strokes import TYPE
from archive.documents.ocr.rulings import rulings_of_page
from archive.documents.ocr.seals import Seal, lift_grey_seals, lift_red_seals
from archive.documents.ocr.small_dashes import mark_dashes
from archive.documents.ocr.straightening import (
    half_turn,
    is_upside_down,
    lies_on_its_side,
    quarter_turn,
    straighten,
    transform_points,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Matrix = NDArray[np.float64]

_POINTS = 10.0  # points of the type, taken as usual


@dataclass(slots=True)
class RecognizedPage:
    """A page read. ``unit``: pixels of ``flat`` per point; ``back``: from pixels of ``flat`` to those of the file.

    ``numbers``: for each grid and its regions in order, the number by which ``lines`` name the cell. ``text``: pixels
    of lines that were read; ``cut``: there was more than is read.
    """

    width: float
    height: float
    unit: float
    back: Matrix
    grids: list[Grid] = field(default_factory=list)
    numbers: list[list[int]] = field(default_factory=list)
    horizontal: list[Ruling] = field(default_factory=list)
    vertical: list[Ruling] = field(default_factory=list)
    lines: list[TextLine] = field(default_factory=list)
    type_size: float = 0.0
    text: int = 0
    cut: bool = False


def recognize_pages(pixels: Pixels) -> list[RecognizedPage]:
    """The pages of a picture; none where no text stands."""
    grey, lifted = lift_red_seals(pixels.data)
    scale = np.diag([1 / pixels.scale, 1 / pixels.scale, 1.0])
    original = _Original(grey, np.asarray(np.linalg.inv(scale)), lifted)
    return _pages(even_light(grey), scale, [], original, whole=True)


@dataclass(frozen=True, slots=True)
class _Original:
    """The picture as it was given, the way to it from pixels of the file, and where (1) red ink was lifted."""

    grey: Grey
    there: Matrix
    lifted: NDArray[np.uint8] | None

    def lifted_on(self, back: Matrix, shape: tuple[int, ...]) -> NDArray[np.uint8] | None:
        """Where red ink was lifted from a page; ``back`` as for ``part``."""
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


def _pages(
    flat: Grey, back: Matrix, seals: Sequence[Seal], original: _Original, *, whole: bool
) -> list[RecognizedPage]:
    """The pages of a picture, or of a part of one. ``seals``: those lifted before, in pixels of the file."""
    flat, back = straighten(flat, back)
    flat, dark = lift_dark_seals(flat, lambda part: original.part(back, part, flat.shape))
    flat, grey = lift_grey_seals(flat, dark)
    seals = [*seals, *_moved_seals([*dark, *grey], back)]
    text_boxes = find_lines(flat)
    if lies_on_its_side(text_boxes):
        flat, back = quarter_turn(flat, back)
        text_boxes = find_lines(flat)
    if not text_boxes:
        return []
    if is_upside_down(flat, text_boxes):
        flat, back, text_boxes = half_turn(flat, back, text_boxes)
    gutter = find_gutter(flat, text_boxes) if whole else None
    if gutter is not None:
        more = pages_beside(flat) > PAIR  # the rest is more than one page
        return [
            *_pages(*part_of(flat, back, slice(None), slice(gutter)), seals, original, whole=False),
            *_pages(*part_of(flat, back, slice(None), slice(gutter, None)), seals, original, whole=more),
        ]
    own = _moved_seals(seals, np.asarray(np.linalg.inv(back), dtype=np.float64))
    return [_recognize(flat, back, text_boxes, own, original.lifted_on(back, flat.shape))]


def _type_size(text_boxes: Sequence[TextBox]) -> float:
    return TYPE * float(np.median([f.y1 - f.y0 for f in text_boxes]))


def _moved_seals(seals: Sequence[Seal], matrix: Matrix) -> list[Seal]:
    """Seals seen through a homography, which leaves them about as round."""
    done = []
    for seal in seals:
        middle, rim = transform_points([(seal.x, seal.y), (seal.x + seal.radius, seal.y)], matrix)
        done.append(Seal(float(middle[0]), float(middle[1]), float(np.hypot(*(rim - middle)))))
    return done


def _recognize(
    flat: Grey, back: Matrix, text_boxes: Sequence[TextBox], seals: Sequence[Seal], lifted: NDArray[np.uint8] | None
) -> RecognizedPage:
    """One upright page read. ``seals``: grey ones that were lifted; ``lifted``: 1 where red ink was."""
    type_size = _type_size(text_boxes)
    flat = remove_dots(flat, type_size)
    rulings = rulings_of_page(flat, text_boxes, type_size)
    unit = type_size / _POINTS
    page = RecognizedPage(flat.shape[1] / unit, flat.shape[0] / unit, unit, back, type_size=type_size)
    page.horizontal = [Ruling(s.at / unit, s.start / unit, s.end / unit) for s in rulings.horizontal]
    page.vertical = [Ruling(s.at / unit, s.start / unit, s.end / unit) for s in rulings.vertical]
    across, down = find_crossed_rulings(flat, grids(page.horizontal, page.vertical), unit)
    page.horizontal, page.vertical = [*page.horizontal, *across], [*page.vertical, *down]
    # larger ones first: what lies within another paints over it
    page.grids = sorted(grids(page.horizontal, page.vertical), key=lambda grid: -grid.area)
    boxes = _number_cells(page)
    ink = ink_of(flat, rulings.mask(), type_size)
    page.lines = find_printed_lines(ink, boxes, text_boxes)
    page.text, page.cut = read_lines(ink, page.lines)
    cells, filled = list(_cell_boxes(page, boxes)), {line.cell for line in page.lines}
    reread_stained_cells(ink, page.lines, cells, seals)
    mark_dashes(ink, page.lines, cells, filled)
    doubt_pale_ink(ink, flat, page.lines, cells, seals)
    doubt_low_cells(page.lines, cells, type_size)
    doubt_hidden_ink(page.lines, cells, seals, lifted, type_size)
    return page


def _number_cells(page: RecognizedPage) -> list[Box]:
    """Give each region of the grids its number; their boxes in pixels, by number."""
    boxes: list[Box] = []
    for grid in page.grids:
        page.numbers.append(list(range(len(boxes), len(boxes) + len(grid.regions))))
        for r in grid.regions:
            edges = (grid.xs[r.col], grid.ys[r.row], grid.xs[r.col + r.colspan], grid.ys[r.row + r.rowspan])
            boxes.append(cast("Box", tuple(round(edge * page.unit) for edge in edges)))
    return boxes


def _cell_boxes(page: RecognizedPage, boxes: Sequence[Box]) -> Iterator[CellBox]:
    """The cells of one row each."""
    for at, (grid, numbers) in enumerate(zip(page.grids, page.numbers, strict=True)):
        for region, number in zip(grid.regions, numbers, strict=True):
            if region.rowspan == 1:
                yield CellBox(number, boxes[number], (at, region.row), (at, region.col))
