"""Recognised pages → blocks by the reader of ruled pages; ``confidence`` and ``also`` go into the locators."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from archive.documents.layout.loose_text import positioned_text
from archive.documents.layout.page_blocks import PageBlocks, PlacedTable, page_blocks
from archive.documents.layout.page_joining import blocks_of
from archive.documents.layout.page_layout import Glyph, PageLayout
from archive.documents.ocr.page_ink import TextLine
from archive.documents.ocr.page_recognition import RecognizedPage
from archive.documents.ocr.straightening import transform_points
from archive.documents.pages import UNREAD, GridCell, PagePlaces, Paragraph, PositionedText, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

Place = Mapping[str, object]
_SAME_COLUMN = 3.5  # points that column lines of two recognized may differ, once aligned
_RINGS = re.compile(r"(?<!\S)[Oo○〇](?!\S)")  # alone outside of cells: a nought, by which the columns are found
# A numbered heading behind which a pen's tick stands, or a speck: none ends with a call, or with a letter apart.
_TICKED = re.compile(
    r"(\s{0,4}[一二三四五六七八九十]{1,2}\s?[、.．][^。；，：\n]{2,40}[\u3400-\u9fff])(?:\s{0,4}[!！]|\s{1,4}[A-Za-z√✓ˇ|/\\]){1,2}\s*\Z"
)
_SPACED = re.compile(r"\A(\s{0,4}[一二三四五六七八九十]{1,2}、) (?=[\u3400-\u9fff])")  # the mark brings its own blank
_UNRULED = 0.5  # how sure what stands in a table without rulings can be
_BODY = 0.25  # type that differs by less from the page's usual one is the usual one


@dataclass(frozen=True, slots=True)
class Source:
    """Where a one was taken from: ``locator`` shared by its places, its ``points`` and pixels (width, height)."""

    locator: Place
    points: tuple[float, float] | None
    pixels: tuple[float, float]


class _LinePlace(NamedTuple):
    """A line with its middle as a box in the picture."""

    left: float
    low: float
    right: float
    high: float
    line: TextLine


@dataclass(slots=True)
class ScannedPage(PageLayout):
    """A page whose boxes are told in the picture it was read from. ``back``: points here → pixels there."""

    back: NDArray[np.float64] = field(default_factory=lambda: np.eye(3))
    source: Source = field(default_factory=lambda: Source({}, None, (1.0, 1.0)))

    def box(self, x0: float, y0: float, x1: float, y1: float) -> list[float]:
        """Left, bottom, right, top in points of the page; in an image file left, top, right, bottom in pixels."""
        corners = transform_points([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], self.back)
        left, top = (float(v) for v in corners.min(axis=0))
        right, bottom = (float(v) for v in corners.max(axis=0))
        if self.source.points is None:
            return [float(round(v)) for v in (left, top, right, bottom)]
        (width, height), (wide, high) = self.source.points, self.source.pixels
        x, y = width / wide, height / high
        return [round(left * x, 1), round(height - bottom * y, 1), round(right * x, 1), round(height - top * y, 1)]


def blocks_of_pages(
    recognized: Sequence[tuple[RecognizedPage, Source]],
) -> tuple[list[Paragraph | Table], PositionedText | None]:
    """The blocks of pages that follow each other, tables and sentences joined over their ends.

    With them the places of words and figures, where not all tables are ruled and each is a page of its own.
    """
    laid: list[PageBlocks] = []
    for number, (one, source) in enumerate(recognized, 1):
        page = _page(one, source, number)
        if laid:
            page = _aligned(laid[-1], page)
        done = page_blocks(page)
        done.items = [_with_confidence(i, one) if isinstance(i, PlacedTable) else i for i in done.items]
        laid.append(done)
    lines = [_line_places(one, blocks.page) for (one, _), blocks in zip(recognized, laid, strict=True)]
    blocks = [_located(block, recognized, lines) for block in blocks_of(laid)]
    return blocks, _loose_text(recognized, laid, lines)


def _loose_text(
    recognized: Sequence[tuple[RecognizedPage, Source]],
    laid: Sequence[PageBlocks],
    lines: Sequence[Sequence[_LinePlace]],
) -> PositionedText | None:
    """The places as they are told in the pictures, by the numbers of their pages. None of them is sure."""
    pages = [source.locator.get("page") for _, source in recognized]
    numbers = {page: number for number, page in enumerate(pages, 1) if isinstance(page, int)}
    loose = positioned_text(laid) if len(numbers) == len(recognized) else None
    if loose is None:
        return None
    places = {number: page for page, number in numbers.items()}
    for piece in loose.pieces:
        piece.locator = {**_locator(piece.locator, recognized), **_unsure_locator(piece.locator, lines)}
        piece.page = places[piece.page]
    return replace(loose, places=_PicturePlaces(loose.places, numbers, recognized))


@dataclass(frozen=True, slots=True)
class _PicturePlaces:
    """Places as they are told in the pictures. ``numbers``: of the recognised pages, by those that are told."""

    points: PagePlaces
    numbers: Mapping[int, int]
    recognized: Sequence[tuple[RecognizedPage, Source]]

    def locator(self, page: int, x0: float, y0: float, x1: float, y1: float) -> Place:
        """Give page, box and how sure all without rulings is."""
        where = self.points.locator(self.numbers[page], x0, y0, x1, y1)
        return {**_locator(where, self.recognized), "confidence": _UNRULED}


def _page(one: RecognizedPage, source: Source, number: int) -> ScannedPage:
    page = ScannedPage(number, 0.0, 0.0, one.width, one.height)
    page.back = one.back @ np.diag([one.unit, one.unit, 1.0])
    page.source = source
    page.horizontal, page.vertical = one.horizontal, one.vertical
    high = _usual_height(one)
    for line in one.lines:
        page.glyphs += _glyphs(line, one.unit, high)
    return page


def _usual_height(one: RecognizedPage) -> float:
    """Height of the lines outside of tables, in points."""
    heights = [p.y1 - p.y0 for p in one.lines if p.cell < 0 and p.x1 - p.x0 > 3 * (p.y1 - p.y0)]
    return float(np.median(heights)) / one.unit if heights else one.type_size / one.unit


def _glyphs(line: TextLine, unit: float, usual: float) -> list[Glyph]:
    """A glyph for each character, side by side, all as high as the line."""
    x0, x1 = line.x0 / unit, line.x1 / unit
    y0, y1 = line.y0 / unit, line.y1 / unit
    if line.cell < 0 and (y1 - y0 < 0.6 * usual or abs(y1 - y0 - usual) < _BODY * usual):
        middle = (y0 + y1) / 2
        y0, y1 = middle - usual / 2, middle + usual / 2
    middles = [x0 + (x1 - x0) * place for place in line.result.places]
    glyphs: list[Glyph] = []
    spaced = False
    text = line.result.text if line.cell >= 0 else _RINGS.sub("0", line.result.text)
    for at, (character, middle) in enumerate(zip(text, middles, strict=True)):
        left = (middles[at - 1] + middle) / 2 if at else x0
        right = (middles[at + 1] + middle) / 2 if at + 1 < len(middles) else x1
        if character.isspace():
            spaced = True
            continue
        glyphs.append(Glyph(character, left, y0, max(right, left + 0.1), y1, spaced))
        spaced = False
    return glyphs


def _aligned(above: PageBlocks, page: ScannedPage) -> ScannedPage:
    """The page moved and stretched by a little so that its first table stands where the last one above ended."""
    upper = next((i for i in reversed(above.items) if isinstance(i, PlacedTable)), None)
    lower = next((i for i in page_blocks(page).items if isinstance(i, PlacedTable)), None)
    if upper is None or lower is None or len(upper.xs) < 3:
        return page
    stretch = (upper.xs[-1] - upper.xs[0]) / max(lower.xs[-1] - lower.xs[0], 1.0)
    shift = upper.xs[0] - stretch * lower.xs[0]
    if not 0.8 < stretch < 1.25:
        return page
    moved_xs = [stretch * x + shift for x in lower.xs]
    few, many = sorted((moved_xs, list(upper.xs)), key=len)
    if any(min(abs(x - y) for y in many) > _SAME_COLUMN for x in few):
        return page
    return _stretched(page, stretch, shift)


def _stretched(page: ScannedPage, stretch: float, shift: float) -> ScannedPage:
    forward = np.array([[stretch, 0, shift], [0, stretch, 0], [0, 0, 1.0]])
    done = ScannedPage(page.number, page.left, page.top, stretch * page.right + shift, stretch * page.bottom)
    done.left = min(page.left, stretch * page.left + shift)
    done.back, done.source = page.back @ np.linalg.inv(forward), page.source
    done.horizontal = [
        replace(s, at=stretch * s.at, start=stretch * s.start + shift, end=stretch * s.end + shift)
        for s in page.horizontal
    ]
    done.vertical = [
        replace(s, at=stretch * s.at + shift, start=stretch * s.start, end=stretch * s.end) for s in page.vertical
    ]
    done.glyphs = [
        replace(g, x0=stretch * g.x0 + shift, x1=stretch * g.x1 + shift, y0=stretch * g.y0, y1=stretch * g.y1)
        for g in page.glyphs
    ]
    return done


def _with_confidence(placed: PlacedTable, one: RecognizedPage) -> PlacedTable:
    """The table with what is known of each cell's reading."""
    numbers = _numbers(placed, one)
    inside: dict[int, list[TextLine]] = {}
    for line in one.lines:
        inside.setdefault(line.cell, []).append(line)
    cells = tuple(_cell(c, inside.get(numbers.get((c.row, c.col), -2), [])) for c in placed.table.cells)
    return replace(placed, table=replace(placed.table, cells=cells))


def _numbers(placed: PlacedTable, one: RecognizedPage) -> dict[tuple[int, int], int]:
    """Row and column → number of the cell on the one: the grid of the same shape that lies nearest."""
    fitting = [i for i, grid in enumerate(one.grids) if len(grid.xs) == len(placed.xs)]
    if not fitting:
        return {}

    def far(i: int) -> float:
        grid = one.grids[i]
        wide = (placed.xs[-1] - placed.xs[0]) / max(grid.xs[-1] - grid.xs[0], 1e-6)
        return abs(placed.top / wide - grid.ys[0])

    nearest = min(fitting, key=far)
    regions = zip(one.grids[nearest].regions, one.numbers[nearest], strict=True)
    return {(region.row, region.col): number for region, number in regions}


def _cell(cell: GridCell, inside: Sequence[TextLine]) -> GridCell:
    if not inside:
        return cell
    known: dict[str, object] = _lowest_confidence(inside)
    if also := _alternatives(inside):
        known["also"] = also
    return replace(cell, locator={**cell.locator, **known})


def _lowest_confidence(inside: Sequence[TextLine]) -> dict[str, object]:
    """The lowest confidence of what stands in a cell; of a lone figure whose place is doubted that of its digits."""
    known: dict[str, object] = {"confidence": round(min(line.confidence for line in inside), 2)}
    if len(inside) == 1 and inside[0].digits:
        known["digits"] = round(inside[0].digits, 2)
    return known


def _alternatives(inside: Sequence[TextLine]) -> list[str]:
    """Other readings of the whole cell."""
    texts = [line.result.text for line in inside]
    return ["\n".join([*texts[:at], other, *texts[at + 1 :]]) for at, line in enumerate(inside) for other in line.also]


def _located(
    block: Paragraph | Table,
    recognized: Sequence[tuple[RecognizedPage, Source]],
    lines: Sequence[Sequence[_LinePlace]],
) -> Paragraph | Table:
    """The block with the picture's own locator in place of the page's number.

    Nothing in a table without rulings is sure: its columns are told by places, and small print may not be seen at all.
    """
    if isinstance(block, Table) and block.ruled:
        return replace(block, cells=tuple(replace(c, locator=_locator(c.locator, recognized)) for c in block.cells))
    if isinstance(block, Table):
        cells = tuple(
            replace(c, locator={**_locator(c.locator, recognized), **_unsure_locator(c.locator, lines)})
            for c in block.cells
        )
        return replace(block, cells=cells)
    text = block.text.replace(UNREAD, "").strip() if UNREAD in block.text else block.text
    text = _SPACED.sub(r"\1", text)
    if match := _TICKED.match(text):
        text = match[1]
    return replace(
        block, text=text, locator={**_locator(block.locator, recognized), **_confidence_within(block.locator, lines)}
    )


def _locator(locator: Place, recognized: Sequence[tuple[RecognizedPage, Source]]) -> dict[str, object]:
    number = locator.get("page")
    if not isinstance(number, int):
        return dict(locator)
    source = recognized[number - 1][1]
    unit = {} if source.points else {"unit": "px"}
    rest = {key: value for key, value in locator.items() if key != "page"}
    return {**source.locator, **rest, **unit}


def _line_places(one: RecognizedPage, page: PageLayout) -> list[_LinePlace]:
    """The lines by their middles in the picture, those in cells too: their grid may be read as scattered figures."""
    if not isinstance(page, ScannedPage):
        return []
    stretch = page.bottom / max(one.height, 1e-6)
    shift = page.right - stretch * one.width
    done = []
    for line in one.lines:
        x = (line.x0 + line.x1) / 2 / one.unit * stretch + shift
        y = (line.y0 + line.y1) / 2 / one.unit * stretch
        left, low, right, high = page.box(x, y, x, y)
        done.append(_LinePlace(left, min(low, high), right, max(low, high), line))
    return done


def _unsure_locator(locator: Place, lines: Sequence[Sequence[_LinePlace]]) -> dict[str, object]:
    """What is known of the lines within a box outside of rulings, where nothing is sure."""
    known = _confidence_within(locator, lines)
    confidence = known.get("confidence", _UNRULED)
    return {**known, "confidence": min(confidence, _UNRULED) if isinstance(confidence, float) else _UNRULED}


def _confidence_within(locator: Place, lines: Sequence[Sequence[_LinePlace]]) -> dict[str, object]:
    """The lowest confidence of the lines within a box, and what else one that stands there alone may be."""
    number, box = locator.get("page"), locator.get("box")
    if not isinstance(number, int) or not isinstance(box, list):
        return {}
    low, high = min(box[1], box[3]), max(box[1], box[3])
    inside = [
        one.line
        for one in lines[number - 1]
        if box[0] <= one.left and one.right <= box[2] and low <= one.low and one.high <= high
    ]
    if not inside:
        return {}
    known: dict[str, object] = _lowest_confidence(inside)
    if len(inside) == 1 and inside[0].also:
        known["also"] = list(inside[0].also)
    return known
