"""Rows lower than their digits: nothing in them is sure, not even that a cell is blank."""

from __future__ import annotations

import io
import itertools

import numpy as np
from PIL import Image, ImageDraw

from archive.documents import scan
from archive.documents.kinds import read_pages
from archive.documents.layout.page_layout import Ruling
from archive.documents.pages import Limits, Table

SIZE = 20.0
PAPER = np.full((600, 500), 255, np.uint8)
LOW = [Ruling(float(y), 0.0, 400.0) for y in range(100, 301, 20)]
HIGH = [Ruling(float(y), 0.0, 400.0) for y in range(100, 501, 40)]
HIGH_AS = 20, 27  # of words, of figures
COLUMNS = [Ruling(float(x), 60.0, 300.0) for x in (0, 100, 200, 300, 400)]


def low_rows() -> bytes:
    """A head, and rows below it that are lower than the noughts in them."""
    picture = Image.new("L", (1200, 660), "white")
    draw = ImageDraw.Draw(picture)
    edges = [40, 100, *range(120, 120 + 20 * 22, 20)]
    columns = [20, 420, *range(540, 1101, 120)]
    for row, (top, bottom) in enumerate(itertools.pairwise(edges)):
        for left, right in itertools.pairwise(columns):
            draw.rectangle((left, top, right, bottom), outline="black", width=2)
            shown = f"information item {row + 10}" if left == 20 else "total" if row == 0 else "0"
            draw.text(
                ((left + right) / 2, (top + bottom) / 2),
                shown,
                fill="black",
                font_size=HIGH_AS[shown == "0"],
                anchor="mm",
            )
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_nothing_in_rows_lower_than_their_digits_is_sure() -> None:
    pages = scan.fill(read_pages(low_rows()), Limits())
    (table,) = (block for block in pages.blocks if isinstance(block, Table))
    figures = [cell for cell in table.cells if cell.row and cell.col and "item" not in cell.text]
    assert figures
    for cell in figures:
        sure = cell.locator.get("confidence", 1.0)
        assert isinstance(sure, float)
        assert cell.text == "0" or sure < 0.9
