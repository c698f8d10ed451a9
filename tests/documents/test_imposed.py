"""Several pages on one sheet are parted into pages, and a page of two columns is not."""

from __future__ import annotations

import numpy as np

from archive.documents.recognised.engine import Found
from archive.documents.recognised.imposed import gutter, in_rows

PAGE = 707, 1000  # pixels of one page


def _lines(left: int, top: int, width: int = 500, count: int = 12) -> list[Found]:
    """Lines of text from a place on, far from the lower end of a page."""
    return [Found(left, y, left + width, y + 20, 0.9) for y in range(top, top + 40 * count, 40)]


def _paper(across: int, down: int) -> np.ndarray:
    return np.full((down * PAGE[1], across * PAGE[0]), 255, np.uint8)


def test_three_pages_beside_each_other_are_parted_where_the_first_ends() -> None:
    lines = [Found(x, y, x + 400, y + 20, 0.9) for x in (50, 550, 1050) for y in range(50, 650, 40)]
    middle = gutter(np.full((700, 1500), 255, np.uint8), lines)
    assert middle is not None
    assert 450 < middle < 550


def test_two_rows_of_two_pages_are_four_from_the_left_of_the_first_row_on() -> None:
    lines = [line for top in (100, 1100) for left in (100, 807) for line in _lines(left, top)]
    pages = in_rows(_paper(2, 2), [*lines, Found(300, 920, 360, 940, 0.9)])
    assert len(pages) == 4
    assert [(rows.start == 0, columns.start == 0) for rows, columns in pages] == [
        (True, True),
        (True, False),
        (False, True),
        (False, False),
    ]
    assert 940 < pages[0][0].stop < 1100
    assert 600 < pages[0][1].stop < 807


def test_figures_beside_their_labels_are_no_page_of_their_own() -> None:
    places = [(left, top, width) for top in (100, 1100) for left, width in ((100, 500), (1000, 60))]
    lines = [line for place in places for line in _lines(*place)]
    assert in_rows(_paper(2, 2), lines) == []


def test_a_page_on_which_a_table_stands_where_a_row_would_end_is_one() -> None:
    lines = [line for top in (100, 1100) for left in (100, 807) for line in _lines(left, top)]
    paper = _paper(2, 2)
    for x in (100, 350, 600):
        paper[800:1300, x : x + 3] = 0
    for y in range(800, 1301, 50):
        paper[y : y + 3, 100:603] = 0
    assert in_rows(paper, lines) == []


def test_a_table_over_the_middle_keeps_a_page_whole() -> None:
    lines = [line for top in (100, 1100) for left in (100, 807) for line in _lines(left, top)]
    paper = _paper(2, 2)
    paper[850:853, 100:1300] = 0
    assert in_rows(paper, lines) == []
