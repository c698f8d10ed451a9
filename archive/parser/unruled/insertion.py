"""Put rebuilt tables into a document in place of the blocks that were made of the same places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archive.documents.pages import GridCell, Pages, Paragraph, PositionedText, PositionedWord, Table
from archive.forms.printer import PrintedCell, tables
from archive.parser.unruled.layouts import tables_of
from archive.parser.unruled.matches import LabelMatches

Block = Paragraph | Table
Box = tuple[float, float, float, float]


def with_rebuilt_tables(pages: Pages) -> Pages:
    """The document with the form's tables made of its words and figures by their places; itself if they make none."""
    found = [table for table in tables_of(pages.positioned) if _is_loose(table)] if pages.positioned is not None else []
    if pages.positioned is None or not found:
        return pages
    places = [_Place(one) for one in found]
    blocks: list[Block] = []
    before: list[int] = []  # of each block, how many of those done stand before it
    pending = list(zip(places, (_table(one, pages.positioned) for one in found), strict=True))
    for block in pages.blocks:
        before.append(len(blocks))
        left = _outside_places(block, places)
        if left is not block:
            meeting = [pair for pair in pending if pair[0].meets(block)]
            blocks += [table for _, table in meeting]
            pending = [pair for pair in pending if not any(pair is other for other in meeting)]
        if left is not None:
            blocks.append(left)
    blocks += [table for _, table in pending]
    before.append(len(blocks))
    pictures = tuple(replace(picture, at=before[min(picture.at, len(before) - 1)]) for picture in pages.pictures)
    return replace(pages, blocks=_numbered(blocks), pictures=pictures)


def _is_loose(matches: LabelMatches) -> bool:
    """Whether figures of a table stand outside of rulings, or it has none; else rulings tell best what it holds."""
    return not matches.figures or not all(piece.ruled for piece in matches.figures.values())


class _Place:
    """Where a table stands: of each page the box around its pieces."""

    def __init__(self, matches: LabelMatches) -> None:
        self._around: dict[int, Box] = {}
        for piece in matches.used:
            box = _box(piece.locator)
            if box is not None:
                box_there = self._around.get(piece.page, box)
                edges = zip((min, min, max, max), box_there, box, strict=True)
                left, low, right, high = (edge(a, b) for edge, a, b in edges)
                self._around[piece.page] = left, low, right, high

    def holds(self, locator: Mapping[str, object]) -> bool:
        """Whether the middle of what stands there is within the table."""
        box, page = _box(locator), locator.get("page")
        around = self._around.get(page) if isinstance(page, int) else None
        if box is None or around is None:
            return False
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return around[0] <= x <= around[2] and around[1] <= y <= around[3]

    def meets(self, block: Block) -> bool:
        """Whether some of a block is within the table."""
        if isinstance(block, Paragraph):
            return self.holds(block.locator)
        return any(self.holds(cell.locator) for cell in block.cells)


def _box(locator: Mapping[str, object]) -> Box | None:
    """The box of a locator with its smaller sides first."""
    box = locator.get("box")
    if not isinstance(box, list) or len(box) != 4:
        return None
    a, b, c, d = box
    return min(a, c), min(b, d), max(a, c), max(b, d)


def _outside_places(block: Block, places: Sequence[_Place]) -> Block | None:
    """What of a block stands in none of these places: the block itself, a part of a table, or nothing."""
    if isinstance(block, Paragraph):
        return None if any(place.holds(block.locator) for place in places) else block
    cells = tuple(cell for cell in block.cells if not any(place.holds(cell.locator) for place in places))
    if len(cells) == len(block.cells):
        return block
    return replace(block, cells=cells) if any(cell.text for cell in cells) else None


def _table(matches: LabelMatches, positioned: PositionedText) -> Table:
    """The table as the form prints it, its cells where they stand on the page."""
    at = next(n for n, plan in enumerate(matches.form.tables) if plan.key == matches.plan.key)
    printed = tables(matches.form, {})[at]
    rows = {place: row.id for row in matches.plan.rows for place in row.place_ids}
    cells = tuple(
        GridCell(
            row=cell.row,
            col=cell.col,
            rowspan=cell.rowspan,
            colspan=cell.colspan,
            text=_text(matches, cell),
            locator=_locator(matches, cell, rows, positioned),
        )
        for cell in printed.cells
    )
    return Table(cells=cells, rows=printed.rows, cols=printed.cols)


def _text(matches: LabelMatches, cell: PrintedCell) -> str:
    if cell.id is None:
        return cell.text
    return matches.figures[cell.id].text if cell.id in matches.figures else ""


def _locator(
    matches: LabelMatches, cell: PrintedCell, rows: Mapping[str, str], positioned: PositionedText
) -> Mapping[str, object]:
    """Where a figure stands; of a blank where its row crosses its column; of a label the page alone."""
    if cell.id is None:
        return {"page": matches.used[0].page}
    doubt = {"astray": True} if matches.doubted else {}
    if (piece := matches.figures.get(cell.id)) is not None:
        return {**piece.locator, **doubt}
    tile = matches.rows[rows[cell.id]]
    own = [p for p in tile.pieces if p.page == tile.pieces[0].page]
    y0, y1 = min(p.y0 for p in own), max(p.y1 for p in own)
    beside = _figure_heights(matches, own[0], rows, cell.id)
    if beside is not None:
        y0, y1 = beside
    x0, x1 = matches.columns.get(cell.id, (tile.x0, tile.x1))
    return {**positioned.places.locator(own[0].page, x0, y0, x1, y1), **doubt}


def _figure_heights(
    matches: LabelMatches, label: PositionedWord, rows: Mapping[str, str], place: str
) -> tuple[float, float] | None:
    """How high the figures of a blank cell's row stand, if it has some on its label's page."""
    for other, piece in matches.figures.items():
        if rows[other] == rows[place] and piece.page == label.page and matches.plan.layout != "strip":
            return piece.y0, piece.y1
    return None


def _numbered(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks with tables counted anew."""
    numbered: list[Block] = []
    number = 0
    for block in blocks:
        if isinstance(block, Paragraph):
            numbered.append(block)
            continue
        cells = tuple(
            replace(c, locator={**c.locator, "table": number, "row": c.row, "col": c.col}) for c in block.cells
        )
        numbered.append(replace(block, cells=cells, locator={**block.locator, "table": number}))
        number += 1
    return tuple(numbered)
