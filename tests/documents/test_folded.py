"""Grey lines of folds told from rulings, those of a light grey too."""

from __future__ import annotations

import numpy as np
import pytest

from archive.documents.recognised.engine import Found
from archive.documents.recognised.folded import Line, folds, letters, overrunning, spelling, usual_grey
from archive.documents.recognised.ruling_detection import drawn

SIZE = 20.0


def dark(at: float) -> Line:
    return Line(at, 100, 400, 10, (100, 400))


def test_a_pale_stroke_that_runs_on_beyond_the_table_is_a_fold_with_its_other_pieces() -> None:
    lines = [dark(100), dark(200), Line(150, 0, 300, 220, (100, 280)), Line(158, 340, 400, 225, (340, 400))]
    assert folds(lines, usual_grey(lines), SIZE) == {2, 3}


def test_a_pale_stroke_from_ruling_to_ruling_stays_unless_it_runs_through_text() -> None:
    lines = [dark(100), dark(200), Line(150, 100, 400, 220, (100, 400))]
    assert folds(lines, 10, SIZE) == set()
    assert folds([*lines[:2], lines[2]._replace(through=True)], 10, SIZE) == {2}


def test_where_all_rulings_are_pale_none_is_a_fold() -> None:
    lines = [Line(at, 100, 400, 215, (100, 400)) for at in (100, 200)] + [Line(150, 0, 400, 225, (100, 400))]
    assert folds(lines, usual_grey(lines), SIZE) == set()
    assert usual_grey([]) == 255


def test_where_a_table_goes_on_its_pale_rulings_stay() -> None:
    lines = [Line(at, 100, 500, 200, (100, 400)) for at in (100, 150, 200, 250)]
    assert folds(lines, 10, SIZE) == set()


def test_a_dark_stroke_that_alone_runs_on_below_a_table_is_a_streak() -> None:
    lines = [dark(at) for at in (100, 150, 200, 250, 300)]
    streak = Line(180, 100, 440, 10, (100, 400))
    assert overrunning([*lines, streak], SIZE) == {5}
    assert overrunning([*lines, streak, streak._replace(at=220)], SIZE) == set()  # the table goes on
    assert overrunning([*lines, streak._replace(at=90)], SIZE) == set()  # beside the table
    assert overrunning([*lines, streak._replace(end=425)], SIZE) == set()


def test_a_ruling_that_ends_where_a_heading_has_a_letter_below_it_is_cut_to_its_table() -> None:
    lines = [dark(at) for at in (100, 150, 200, 250, 300)]
    ruling = Line(180, 100, 440, 10, (100, 400), in_text=(False, True))
    assert overrunning([*lines, ruling], SIZE) == set()
    assert spelling([*lines, ruling], SIZE) == {5: (100, 400)}
    streak = ruling._replace(start=110)  # at no ruling
    assert overrunning([*lines, streak], SIZE) == {5}
    assert spelling([*lines, streak], SIZE) == {}
    assert spelling([*lines, ruling._replace(in_text=(False, False))], SIZE) == {}
    low = [Line(at, 370, 400, 10, (370, 400)) for at in (100, 150, 200, 250, 300)]  # a row of figures, one of them a 0
    figure = Line(180, 370, 440, 10, (370, 400), in_text=(False, True))
    assert (spelling([*low, figure], SIZE), overrunning([*low, figure], SIZE)) == ({}, {5})


def test_a_ruling_that_a_small_letter_prolongs_is_cut_and_a_letter_below_its_table_is_no_piece_of_it() -> None:
    lines = [dark(at) for at in (100, 150, 200, 250, 300)]
    ruling = Line(180, 100, 427, 10, (100, 400), in_text=(False, True))
    letter = Line(220, 403, 435, 10, None, in_text=(True, True))
    assert spelling([*lines, ruling, letter], SIZE) == {5: (100, 400)}
    assert letters([*lines, ruling, letter], SIZE) == {6}
    closed = letter._replace(crossed=(403, 435))  # a cell of its own
    assert letters([*lines, closed, letter._replace(in_text=(True, False)), letter._replace(at=90)], SIZE) == set()


def test_a_heading_close_below_a_table_takes_no_column_from_it() -> None:
    page = np.full((500, 700), 255, np.uint8)
    for y in (100, 150, 200, 250):
        page[y - 1 : y + 1, 50:650] = 10
    for x in (50, 150, 250, 350, 450, 650):
        page[100:250, x - 1 : x + 1] = 10
    headed = page.copy()
    headed[250:285, 349:352] = 10  # an upright stroke of a letter, right below a ruling
    found = [Found(60, 110, 140, 130, 0.9), Found(60, 252, 600, 290, 0.9), Found(60, 160, 140, 180, 0.9)]
    columns = sorted((round(stroke.at, -1), round(stroke.end, -1)) for stroke in drawn(headed, found).vertical)
    assert columns == [(at, 250) for at in (50, 150, 250, 350, 450, 650)]


@pytest.mark.parametrize(("left", "right", "high"), [(350, 356, 45), (351, 359, 75), (351, 357, 36)])
def test_a_letter_that_touches_a_short_ruling_makes_it_no_arc_of_a_seal(left: int, right: int, high: int) -> None:
    page = np.full((500, 700), 255, np.uint8)
    for y in (100, 130, 160):
        page[y - 1 : y + 1, 50:650] = 10
    for x in (50, 150, 250, 350, 450, 650):
        page[100:160, x - 1 : x + 1] = 10
    page[156 : 160 + high, left:right] = 10  # a stroke of the heading below, close to the last ruling
    found = [Found(60, 104, 140, 126, 0.9), Found(60, 163, 600, 155 + high, 0.9), Found(60, 134, 140, 156, 0.9)]
    columns = sorted((round(stroke.at, -1), round(stroke.end, -1)) for stroke in drawn(page, found).vertical)
    assert columns == [(at, 160) for at in (50, 150, 250, 350, 450, 650)]


def test_a_fold_through_a_page_makes_no_column() -> None:
    page = np.full((500, 700), 255, np.uint8)
    for y in (100, 150, 200, 250):
        page[y - 1 : y + 1, 50:650] = 10
    for x in (50, 250, 450, 650):
        page[100:250, x - 1 : x + 1] = 10
    folded = page.copy()
    folded[:, 340:346] = np.minimum(folded[:, 340:346], 215)
    found = [Found(60, 110, 160, 140, 0.9), Found(60, 300, 600, 330, 0.9)]
    for pale in (False, True):
        assert drawn(folded, found, pale=pale).vertical == drawn(page, found, pale=pale).vertical
