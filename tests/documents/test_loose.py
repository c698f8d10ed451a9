"""Print outside of rulings that the model does not see: a place with ink never passes for blank."""

from __future__ import annotations

import numpy as np

from archive.documents.recognised.digits import mark_of
from archive.documents.recognised.engine import Found
from archive.documents.recognised.ink import Ink, ink_of
from archive.documents.recognised.loose import faint, is_loose, unseen
from archive.documents.recognised.page_recognition import _long, _ruled

SIZE = 20
ROWS, COLUMNS = range(100, 500, 50), range(300, 800, 100)


def _page() -> tuple[np.ndarray, list[Found]]:
    """White paper, and labels and figures as the model has seen them in a table without rulings."""
    seen = [Found(60, y - 12, 220, y + 12, 0.9) for y in ROWS]
    seen += [Found(x - 10, y - 12, x + 20, y + 12, 0.9) for y in ROWS for x in COLUMNS if (x, y) != (500, 200)]
    return np.full((600, 900), 255, np.uint8), seen


def _ink(flat: np.ndarray) -> Ink:
    return ink_of(flat, np.zeros_like(flat), SIZE)


def test_a_dash_of_one_grey_pixel_is_found_and_is_a_mark() -> None:
    flat, seen = _page()
    flat[200, 495:513] = 185
    (piece,) = unseen(_ink(flat), [], seen)
    assert is_loose([], seen)
    assert piece.cell == -1
    assert mark_of(_ink(flat), piece) in {"-", "—"}


def test_a_figure_is_found_where_one_stands_above_or_below() -> None:
    flat, seen = _page()
    flat[192:208, 498:508] = 40
    assert [(piece.x0, piece.x1) for piece in unseen(_ink(flat), [], seen)] == [(498, 508)]


def test_dirt_beside_the_table_or_between_its_rows_and_print_in_cells_is_none() -> None:
    flat, seen = _page()
    flat[192:208, 850:860] = 40  # below no figure
    flat[124:128, 495:513] = 40  # at no height of a row
    flat[192:208, 226:230] = 40  # a point right behind a label
    flat[242:258, 498:508] = 40  # it was seen
    assert not unseen(_ink(flat), [], seen)
    flat[192:208, 498:508] = 40
    assert not unseen(_ink(flat), [(480, 180, 520, 220)], seen)


def test_a_page_of_text_has_no_such_table() -> None:
    assert not is_loose([], [Found(60, y, 800, y + 24, 0.9) for y in ROWS])


def test_rulings_in_a_light_grey_on_the_picture_of_a_screen() -> None:
    flat, seen = _page()
    for y in range(75, 500, 50):
        flat[y : y + 2, 40:860] = 222
    assert _long(_ruled(flat, seen, SIZE), SIZE) >= 9 * 800


def test_a_faint_dash_in_a_cell_without_ink_is_found_and_the_rest_of_a_ruling_is_none() -> None:
    flat, _ = _page()
    cells = [(300, 180, 400, 220), (400, 180, 500, 220), (500, 180, 600, 220)]
    flat[200, 340:358] = 190
    flat[182, 440:458] = 190
    flat[200, 540:558] = 190
    assert [piece.cell for piece in faint(_ink(flat), cells, {2})] == [0]
