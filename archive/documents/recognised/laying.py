"""Sheets → blocks by the reader of ruled pages; ``confidence`` and ``also`` go into the locators.

Where tables have no rulings, so do the places of words and figures, for whoever knows the labels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from archive.documents.pages import UNREAD, GridCell, Paragraph, Scattered, Table
from archive.documents.recognised.ink import Piece
from archive.documents.recognised.page_recognition import Sheet
from archive.documents.recognised.screened import without_rulers
from archive.documents.recognised.straight import moved
from archive.documents.ruled.joining import blocks_of
from archive.documents.ruled.layout import PageBlocks, PlacedTable, page_blocks
from archive.documents.ruled.page import Glyph, RuledPage
from archive.documents.ruled.scattered import scattered

if TYPE_CHECKING:
    from numpy.typing import NDArray

Place = Mapping[str, object]
_SAME_COLUMN = 3.5  # points that column lines of two sheets may differ, once aligned
_RINGS = re.compile(r"(?<!\S)[Oo○〇](?!\S)")  # alone outside of cells: a nought, by which the columns are found
# A numbered heading behind which a pen's tick stands, or a speck: none ends with a call, or with a letter apart.
_TICKED = re.compile(
    r"(\s{0,4}[一二三四五六七八九十]{1,2}\s?[、.．][^。；，：\n]{2,40}[\u3400-\u9fff])(?:\s{0,4}[!！]|\s{1,4}[A-Za-z√✓ˇ|/\\]){1,2}\s*\Z"
)
_SPACED = re.compile(r"\A(\s{0,4}[一二三四五六七八九十]{1,2}、) (?=[\u3400-\u9fff])")  # the mark brings its own blank
_BODY = 0.25  # type that differs by less from the page's usual one is the usual one


@dataclass(frozen=True, slots=True)
class Source:
    """Where a sheet was taken from: ``locator`` shared by its places, its ``points`` and pixels (width, height)."""

    locator: Place
    points: tuple[float, float] | None
    pixels: tuple[float, float]


class _Seen(NamedTuple):
    """A piece with its middle as a box in the picture."""

    left: float
    low: float
    right: float
    high: float
    piece: Piece


@dataclass(slots=True)
class ScannedPage(RuledPage):
    """A page whose boxes are told in the picture it was read from. ``back``: points here → pixels there."""

    back: NDArray[np.float64] = field(default_factory=lambda: np.eye(3))
    source: Source = field(default_factory=lambda: Source({}, None, (1.0, 1.0)))

    def box(self, x0: float, y0: float, x1: float, y1: float) -> list[float]:
        """Left, bottom, right, top in points of the page; in an image file left, top, right, bottom in pixels."""
        corners = moved([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], self.back)
        left, top = (float(v) for v in corners.min(axis=0))
        right, bottom = (float(v) for v in corners.max(axis=0))
        if self.source.points is None:
            return [float(round(v)) for v in (left, top, right, bottom)]
        (width, height), (wide, high) = self.source.points, self.source.pixels
        x, y = width / wide, height / high
        return [round(left * x, 1), round(height - bottom * y, 1), round(right * x, 1), round(height - top * y, 1)]


def blocks(sheets: Sequence[tuple[Sheet, Source]]) -> tuple[list[Paragraph | Table], Scattered | None]:
    """The blocks of sheets that follow each other, tables and sentences joined over their ends.

    With them the places of words and figures, where not all tables are ruled and each sheet is a page of its own.
    """
    laid: list[PageBlocks] = []
    for number, (sheet, source) in enumerate(sheets, 1):
        page = _page(sheet, source, number)
        if laid:
            page = _aligned(laid[-1], page)
        done = page_blocks(page)
        done.items = [_told(i, sheet) if isinstance(i, PlacedTable) else i for i in done.items]
        laid.append(done)
    made = without_rulers(blocks_of(laid))
    seen = [_seen(sheet, blocks.page) for (sheet, _), blocks in zip(sheets, laid, strict=True)]
    return [_finished(block, sheets, seen) for block in made], _scattered(sheets, laid, seen)


def _scattered(
    sheets: Sequence[tuple[Sheet, Source]], laid: Sequence[PageBlocks], seen: Sequence[Sequence[_Seen]]
) -> Scattered | None:
    """The places as they are told in the pictures, by the numbers of their pages."""
    pages = [source.locator.get("page") for _, source in sheets]
    numbers = {page: number for number, page in enumerate(pages, 1) if isinstance(page, int)}
    found = scattered(laid) if len(numbers) == len(sheets) else None
    if found is None:
        return None
    places = {number: page for page, number in numbers.items()}
    for piece in found.pieces:
        piece.locator = {**_located(piece.locator, sheets), **_sureness(piece.locator, seen)}
        piece.page = places[piece.page]

    def boxed(page: int, x0: float, y0: float, x1: float, y1: float) -> Place:
        return _located(found.boxed(numbers[page], x0, y0, x1, y1), sheets)

    return replace(found, boxed=boxed)


def _page(sheet: Sheet, source: Source, number: int) -> ScannedPage:
    page = ScannedPage(number, 0.0, 0.0, sheet.width, sheet.height)
    page.back = sheet.back @ np.diag([sheet.unit, sheet.unit, 1.0])
    page.source = source
    page.horizontal, page.vertical = sheet.horizontal, sheet.vertical
    high = _usual_height(sheet)
    for piece in sheet.pieces:
        page.glyphs += _glyphs(piece, sheet.unit, high)
    return page


def _usual_height(sheet: Sheet) -> float:
    """Height of the lines outside of tables, in points."""
    heights = [p.y1 - p.y0 for p in sheet.pieces if p.cell < 0 and p.x1 - p.x0 > 3 * (p.y1 - p.y0)]
    return float(np.median(heights)) / sheet.unit if heights else sheet.type_size / sheet.unit


def _glyphs(piece: Piece, unit: float, usual: float) -> list[Glyph]:
    """A glyph for each character, side by side, all as high as the line."""
    x0, x1 = piece.x0 / unit, piece.x1 / unit
    y0, y1 = piece.y0 / unit, piece.y1 / unit
    if piece.cell < 0 and (y1 - y0 < 0.6 * usual or abs(y1 - y0 - usual) < _BODY * usual):
        middle = (y0 + y1) / 2
        y0, y1 = middle - usual / 2, middle + usual / 2
    middles = [x0 + (x1 - x0) * place for place in piece.said.places]
    done: list[Glyph] = []
    spaced = False
    text = piece.said.text if piece.cell >= 0 else _RINGS.sub("0", piece.said.text)
    for at, (character, middle) in enumerate(zip(text, middles, strict=True)):
        left = (middles[at - 1] + middle) / 2 if at else x0
        right = (middles[at + 1] + middle) / 2 if at + 1 < len(middles) else x1
        if character.isspace():
            spaced = True
            continue
        done.append(Glyph(character, left, y0, max(right, left + 0.1), y1, spaced))
        spaced = False
    return done


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


def _told(placed: PlacedTable, sheet: Sheet) -> PlacedTable:
    """The table with what is known of each cell's reading."""
    numbers = _numbers(placed, sheet)
    held: dict[int, list[Piece]] = {}
    for piece in sheet.pieces:
        held.setdefault(piece.cell, []).append(piece)
    cells = tuple(_cell(c, held.get(numbers.get((c.row, c.col), -2), [])) for c in placed.table.cells)
    return replace(placed, table=replace(placed.table, cells=cells))


def _numbers(placed: PlacedTable, sheet: Sheet) -> dict[tuple[int, int], int]:
    """Row and column → number of the cell on the sheet: the grid of the same shape that lies nearest."""
    fitting = [i for i, grid in enumerate(sheet.grids) if len(grid.xs) == len(placed.xs)]
    if not fitting:
        return {}

    def far(i: int) -> float:
        grid = sheet.grids[i]
        wide = (placed.xs[-1] - placed.xs[0]) / max(grid.xs[-1] - grid.xs[0], 1e-6)
        return abs(placed.top / wide - grid.ys[0])

    nearest = min(fitting, key=far)
    regions = zip(sheet.grids[nearest].regions, sheet.numbers[nearest], strict=True)
    return {(region.row, region.col): number for region, number in regions}


def _cell(cell: GridCell, held: Sequence[Piece]) -> GridCell:
    if not held:
        return cell
    said: dict[str, object] = _how_surely(held)
    if also := _also(held):
        said["also"] = also
    return replace(cell, locator={**cell.locator, **said})


def _how_surely(held: Sequence[Piece]) -> dict[str, object]:
    """The lowest confidence of what stands in a cell; of a lone figure whose place is doubted that of its digits."""
    said: dict[str, object] = {"confidence": round(min(piece.confidence for piece in held), 2)}
    if len(held) == 1 and held[0].digits:
        said["digits"] = round(held[0].digits, 2)
    return said


def _also(held: Sequence[Piece]) -> list[str]:
    """Other readings of the whole cell."""
    texts = [piece.said.text for piece in held]
    return ["\n".join([*texts[:at], other, *texts[at + 1 :]]) for at, piece in enumerate(held) for other in piece.also]


def _finished(
    block: Paragraph | Table, sheets: Sequence[tuple[Sheet, Source]], seen: Sequence[Sequence[_Seen]]
) -> Paragraph | Table:
    """The block with the picture's own locator in place of the sheet's number."""
    if isinstance(block, Table):
        ruled = block.ruled
        cells = tuple(
            replace(c, locator={**_located(c.locator, sheets), **({} if ruled else _sureness(c.locator, seen))})
            for c in block.cells
        )
        return replace(block, cells=cells)
    text = block.text.replace(UNREAD, "").strip() if UNREAD in block.text else block.text
    text = _SPACED.sub(r"\1", text)
    if match := _TICKED.match(text):
        text = match[1]
    return replace(block, text=text, locator={**_located(block.locator, sheets), **_sureness(block.locator, seen)})


def _located(locator: Place, sheets: Sequence[tuple[Sheet, Source]]) -> dict[str, object]:
    number = locator.get("page")
    if not isinstance(number, int):
        return dict(locator)
    source = sheets[number - 1][1]
    unit = {} if source.points else {"unit": "px"}
    rest = {key: value for key, value in locator.items() if key != "page"}
    return {**source.locator, **rest, **unit}


def _seen(sheet: Sheet, page: RuledPage) -> list[_Seen]:
    """The pieces by their middles in the picture, those in cells too: their grid may be read as scattered figures."""
    if not isinstance(page, ScannedPage):
        return []
    stretch = page.bottom / max(sheet.height, 1e-6)
    shift = page.right - stretch * sheet.width
    done = []
    for piece in sheet.pieces:
        x = (piece.x0 + piece.x1) / 2 / sheet.unit * stretch + shift
        y = (piece.y0 + piece.y1) / 2 / sheet.unit * stretch
        left, low, right, high = page.box(x, y, x, y)
        done.append(_Seen(left, min(low, high), right, max(low, high), piece))
    return done


def _sureness(locator: Place, seen: Sequence[Sequence[_Seen]]) -> dict[str, object]:
    """The lowest confidence of the pieces within a box, and what else one that stands there alone may be."""
    number, box = locator.get("page"), locator.get("box")
    if not isinstance(number, int) or not isinstance(box, list):
        return {}
    low, high = min(box[1], box[3]), max(box[1], box[3])
    held = [
        one.piece
        for one in seen[number - 1]
        if box[0] <= one.left and one.right <= box[2] and low <= one.low and one.high <= high
    ]
    if not held:
        return {}
    said: dict[str, object] = _how_surely(held)
    if len(held) == 1 and held[0].also:
        said["also"] = list(held[0].also)
    return said
