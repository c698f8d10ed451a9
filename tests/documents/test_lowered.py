"""Rows lower than their digits: what digits draw over each other is no ruling, and what rulings cut is never sure."""

from __future__ import annotations

import io
import itertools

import numpy as np
from PIL import Image, ImageDraw

from archive.documents import scan
from archive.documents.kinds import read_pages
from archive.documents.pages import Limits, Table
from archive.documents.recognised.clipped_digits import doubt_cut
from archive.documents.recognised.ink import Piece
from archive.documents.recognised.lowered import strokes_of_digits
from archive.documents.ruled.page import Stroke

SIZE = 20.0
PAPER = np.full((600, 500), 255, np.uint8)
LOW = [Stroke(float(y), 0.0, 400.0) for y in range(100, 301, 20)]
HIGH = [Stroke(float(y), 0.0, 400.0) for y in range(100, 501, 40)]
HIGH_AS = 20, 27  # of words, of figures
COLUMNS = [Stroke(float(x), 60.0, 300.0) for x in (0, 100, 200, 300, 400)]


def test_strokes_over_each_other_nearer_than_a_column_are_digits() -> None:
    uprights = [*COLUMNS, Stroke(144.0, 100.0, 300.0), Stroke(156.0, 120.0, 300.0)]
    assert strokes_of_digits(PAPER, uprights, LOW, SIZE) == {5, 6}


def test_a_stroke_of_a_row_or_two_is_a_digit() -> None:
    assert strokes_of_digits(PAPER, [*COLUMNS, Stroke(150.0, 120.0, 160.0)], LOW, SIZE) == {5}


def test_columns_of_a_few_rows_in_line_or_beside_each_other_stay() -> None:
    beside = [Stroke(150.0, 120.0, 160.0), Stroke(250.0, 120.0, 160.0)]
    in_line = [Stroke(150.0, 120.0, 160.0), Stroke(151.0, 200.0, 260.0)]
    for columns in (beside, in_line):
        assert strokes_of_digits(PAPER, [*COLUMNS, *columns], LOW, SIZE) == set()


def test_a_ruling_beside_a_digit_and_rulings_of_rows_with_room_stay() -> None:
    assert strokes_of_digits(PAPER, [*COLUMNS, Stroke(192.0, 120.0, 300.0)], LOW, SIZE) == {5}
    near = [Stroke(s.at, s.start, 500.0) for s in COLUMNS] + [Stroke(150.0, 100.0, 180.0), Stroke(160.0, 100.0, 500.0)]
    assert strokes_of_digits(PAPER, near, HIGH, SIZE) == set()
    assert strokes_of_digits(PAPER, [Stroke(100.0, 100.0, 300.0), Stroke(103.0, 100.0, 300.0)], LOW, SIZE) == set()


def test_a_stroke_whose_other_side_is_printed_less_evenly_is_a_digit() -> None:
    inked = PAPER.copy()
    for top in range(102, 300, 20):
        inked[top : top + 14, 140:142] = 0
    uprights = [*COLUMNS, Stroke(150.0, 100.0, 300.0)]
    assert strokes_of_digits(inked, uprights, LOW, SIZE) == {5}
    assert strokes_of_digits(PAPER, uprights, LOW, SIZE) == set()


def test_what_reaches_the_rulings_of_a_low_cell_is_doubted() -> None:
    cells = [(0, 100, 100, 120), (0, 120, 100, 140), (0, 140, 100, 180)]
    found = [
        Piece(number, 40, top, 50, bottom, np.zeros((0, 4), np.int32), confidence=1.0)
        for number, (top, bottom) in enumerate([(102, 118), (124, 136), (142, 178)])
    ]
    doubt_cut(found, cells, SIZE)
    assert [piece.confidence for piece in found] == [0.6, 1.0, 1.0]


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


def test_columns_of_noughts_that_overlap_their_rows_are_not_split_nor_blank() -> None:
    pages = scan.fill(read_pages(low_rows()), Limits())
    (table,) = (block for block in pages.blocks if isinstance(block, Table))
    assert table.cols == 6
    figures = [cell for cell in table.cells if cell.row and cell.col]
    assert len(figures) == 5 * (table.rows - 1)
    for cell in figures:
        assert cell.text == "0"
