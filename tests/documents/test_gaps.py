"""Tables ruled by what shows between their cells."""

from __future__ import annotations

import pytest
from reportlab.lib.colors import black, lightgrey, white
from reportlab.pdfgen.canvas import Canvas

from archive.documents.kinds import read_pages
from archive.documents.layout.gap_rulings import gap_rulings
from tests.documents.drawing import HEIGHT, pages, prose, write
from tests.documents.helpers import tables, texts

GROUND = (60.0, 200.0, 301.0, 281.0)
XS, YS = (61.0, 141.0, 221.0), (201.0, 241.0)
CELLS = [(x, y, x + 79, y + 39) for y in YS for x in XS]


def fill(canvas: Canvas, box: tuple[float, float, float, float], colour: object) -> None:
    x0, y0, x1, y1 = box
    canvas.setFillColor(colour)
    canvas.rect(x0, HEIGHT - y1, x1 - x0, y1 - y0, stroke=0, fill=1)


@pytest.mark.parametrize(("ground", "cell"), [(black, white), (white, lightgrey)])
def test_cells_a_little_apart_on_a_ground_of_another_colour_are_a_ruled_table(ground: object, cell: object) -> None:
    def page(canvas: Canvas) -> None:
        prose(canvas)
        fill(canvas, GROUND, ground)
        for box in CELLS:
            fill(canvas, box, cell)
        canvas.setFillColor(black)
        write(
            canvas, [(100, 224, "规章"), (260, 224, "7"), (100, 258, "行政规范"), (100, 272, "性文件"), (180, 264, "8")]
        )

    (table,) = tables(read_pages(pages(page)))
    assert table.ruled
    assert texts(table) == [["规章", "", "7"], ["行政规范\n性文件", "8", ""]]


def test_boxes_that_touch_are_a_background_in_stripes() -> None:
    stripes = [(62.0, y, 299.0, y + 20) for y in (200.0, 220.0, 240.0, 260.0)]
    assert gap_rulings([GROUND, *stripes], [0, 1, 2, 1, 2]) == ([], [])


def test_boxes_that_leave_most_of_their_ground_bare_are_no_table() -> None:
    assert gap_rulings([GROUND, *((x, y, x + 10, y + 10) for x, y, _, _ in CELLS)], [0, *[1] * 6]) == ([], [])


def test_boxes_far_apart_are_no_table() -> None:
    boxes = [(x, y, x + 70, y + 33) for x, y, _, _ in CELLS]
    assert gap_rulings([GROUND, *boxes], [0, *[1] * 6]) == ([], [])


def test_one_row_left_on_a_page_is_ruled_too() -> None:
    row = [(x, 201.0, x + 19, 240.0) for x in (61.0, 81.0, 101.0, 121.0)]
    horizontal, vertical = gap_rulings([(60.0, 200.0, 141.0, 241.0), *row], [0, *[1] * 4])
    assert {stroke.at for stroke in horizontal} == {200.5, 240.5}
    assert {stroke.at for stroke in vertical} == {60.5, 80.5, 100.5, 120.5, 140.5}


def test_where_the_ground_goes_on_to_the_end_of_the_page_the_last_row_is_closed() -> None:
    x0, y0, x1, y1 = GROUND
    horizontal, _ = gap_rulings([(x0, y0, x1, y1 + 15), *CELLS], [0, *[1] * 6])
    assert {stroke.at for stroke in horizontal} == {200.5, 240.5, 280.0}


def test_a_cell_cut_by_the_end_of_the_page_stays_open() -> None:
    x0, y0, x1, _ = GROUND
    horizontal, _ = gap_rulings([(x0, y0, x1, 280.0), *CELLS], [0, *[1] * 6])
    assert {stroke.at for stroke in horizontal} == {200.5, 240.5}
