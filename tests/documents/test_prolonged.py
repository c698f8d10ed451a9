"""A letter between the last cell of a ruling and the next ruling across is no part of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from archive.documents.recognised.engine import Found
from archive.documents.recognised.prolonged import Beside, has_no_own, own_part
from archive.documents.recognised.ruling_detection import drawn

SIZE = 20.0


def _text(within: Callable[[float], bool], *, met: bool = False) -> Beside:
    """Text at some places of a stroke, and no ink that meets it, or everywhere some."""
    return Beside(within, within, lambda *_: met)


TEXT, NO_TEXT = _text(lambda _: True), _text(lambda _: False)


def _gaps(*inked: tuple[int, int]) -> np.ndarray:
    """Paper but for some stretches, to 300."""
    gaps = np.ones(300, bool)
    for start, end in inked:
        gaps[start:end] = False
    return gaps


def test_a_stroke_with_paper_before_and_behind_is_a_letter_at_either_end() -> None:
    crossings = (1.0, 46.0, 150.0, 260.0, 298.0)
    gaps = _gaps((0, 3), (12, 40), (45, 262), (268, 292), (297, 300))
    assert own_part(gaps, crossings, SIZE, TEXT) == (46, 261)
    assert own_part(gaps, crossings, SIZE, _text(lambda place: place > 150)) == (0, 300)  # a ruling broken elsewhere
    assert own_part(gaps, crossings, SIZE, NO_TEXT) == (0, 300)


def test_a_letter_beyond_the_last_ruling_is_cut_off_with_those_of_the_rows_before() -> None:
    crossings = (30.0, 70.0, 110.0, 200.0, 270.0)
    gaps = _gaps((4, 22), (28, 32), (37, 63), (68, 72), (78, 102), (109, 272), (277, 300))
    assert own_part(gaps, crossings, SIZE, TEXT) == (110, 271)
    gaps[272:277] = False  # a ruling that goes on
    assert own_part(gaps, crossings, SIZE, TEXT) == (110, 300)


def test_a_ruling_ends_at_the_inner_line_of_a_frame_whatever_stands_in_line_with_it_beyond() -> None:
    crossings = (30.0, 120.0, 200.0, 210.0, 260.0, 270.0, 298.0)
    gaps = _gaps((0, 203), (207, 213), (219, 250), (257, 263), (267, 273), (278, 294), (296, 300))
    assert own_part(gaps, crossings, SIZE, _text(lambda place: place > 215)) == (0, 201)
    gaps[80:95] = gaps[100:118] = True  # a letter of a label within the table
    assert own_part(gaps, (30.0, 78.0, *crossings[1:]), SIZE, _text(lambda place: place > 70)) == (0, 201)


def test_a_stroke_that_is_nothing_but_letters_has_no_part_of_its_own() -> None:
    gaps = _gaps((0, 4), (7, 50), (55, 62))[:62]
    assert has_no_own(gaps, (1.0, 60.0), 28.0, TEXT)
    assert not has_no_own(gaps, (1.0, 60.0), 28.0, NO_TEXT)
    gaps[50:55] = False
    assert not has_no_own(gaps, (1.0, 60.0), 28.0, TEXT)


def test_a_letter_that_reaches_one_ruling_is_told_by_the_strokes_that_meet_it() -> None:
    gaps = _gaps((0, 3), (9, 300))
    crossings = (1.0, 46.0, 150.0, 298.0)
    assert own_part(gaps, crossings, SIZE, _text(lambda _: True, met=True)) == (46, 300)
    assert own_part(gaps, crossings, SIZE, TEXT) == (0, 300)
    assert has_no_own(gaps[:48], crossings[:2], 28.0, _text(lambda _: True, met=True))
    gaps[3:9] = False  # it reaches both
    assert own_part(gaps, crossings, SIZE, _text(lambda _: True, met=True)) == (0, 300)


def test_the_first_letter_of_a_heading_that_reaches_neither_ruling_is_none() -> None:
    first = Beside(lambda _: True, lambda _: False, lambda *_: False)
    assert has_no_own(_gaps((0, 37))[:37], (-5.0, 41.0), 28.0, first)
    assert not has_no_own(_gaps((0, 37))[:37], (-2.0, 41.0), 28.0, first)
    assert not has_no_own(_gaps((0, 37))[:37], (-5.0, 41.0), 28.0, NO_TEXT)


def test_paper_beside_a_letter_may_be_blurred_on_one_side() -> None:
    gaps = _gaps((0, 40), (41, 300))
    gaps[9:12] = True
    assert own_part(gaps, (1.0, 46.0, 150.0, 298.0), SIZE, TEXT) == (46, 300)
    gaps[10:12] = False
    assert own_part(gaps, (1.0, 46.0, 150.0, 298.0), SIZE, TEXT) == (0, 300)


@pytest.mark.parametrize("inked", [(0, 300), (12, 300), (0, 40)])
def test_a_ruling_without_paper_beside_both_rulings_stays(inked: tuple[int, int]) -> None:
    gaps = _gaps((0, 3), inked, (45, 300))
    assert own_part(gaps, (1.0, 46.0, 150.0, 298.0), SIZE, TEXT) == (0, 300)


def test_a_heading_between_two_tables_close_to_both_stands_in_neither() -> None:
    page = np.full((500, 700), 255, np.uint8)
    for y in (50, 90, 130, 166, 220, 260, 300):
        page[y - 1 : y + 1, 50:650] = 10
    for x in (50, 650):
        page[50:130, x - 1 : x + 1] = page[166:300, x - 1 : x + 1] = 10
    page[50:130, 249:251] = 10
    page[166:300, 399:401] = 10
    page[138:158, 399:401] = 10  # a letter in line with a ruling below
    found = [Found(60, 132, 600, 164, 0.9), Found(60, 60, 140, 84, 0.9), Found(60, 190, 140, 214, 0.9)]
    columns = {round(stroke.at): (stroke.start, stroke.end) for stroke in drawn(page, found).vertical}
    assert columns[400][0] >= 164
    assert columns[250][1] <= 132


def test_headings_above_and_below_a_table_in_line_with_its_rulings_leave_them() -> None:
    page = np.full((500, 700), 255, np.uint8)
    for y in (120, 150, 230, 262):
        page[y - 1 : y + 1, 50:650] = 10
    for x in (250, 400):
        page[150:262, x - 1 : x + 1] = 10
    for top in (86, 268):  # in line with the one, close to the table on both sides
        page[top : top + 28, 248:250] = 10
    found = [Found(60, 82, 600, 118, 0.9), Found(60, 264, 600, 300, 0.9), Found(60, 170, 140, 200, 0.9)]
    columns = drawn(page, found).vertical
    assert len(columns) == 2
    assert all(abs(s.start - 150) < 6 and abs(s.end - 262) < 6 for s in columns)


def test_a_dense_letter_close_below_a_ruling_takes_no_end_of_the_upright_above_it() -> None:
    page = np.full((500, 700), 255, np.uint8)
    for y in (150, 230, 262):
        page[y - 1 : y + 2, 50:650] = 10
    page[120:262, 50:52] = 10
    page[150:262, 250:252] = 10
    page[268:310, 250:290] = 10
    found = [Found(60, 264, 600, 314, 0.9), Found(60, 170, 140, 200, 0.9)]
    assert [abs(s.end - 262) < 4 for s in drawn(page, found).vertical if 248 < s.at < 254] == [True]


def test_letters_of_a_heading_between_tables_that_touch_one_of_them_are_no_columns() -> None:
    page = np.full((500, 700), 255, np.uint8)
    for y in (50, 100, 146, 200, 260):
        page[y - 1 : y + 1, 50:650] = 10
    page[50:100, 399:401] = page[146:260, 249:251] = 10
    for x in (300, 250):  # the one in line with a column
        page[107:145, x - 1 : x + 1] = 10
        page[115:118, x - 16 : x + 16] = page[130:133, x - 16 : x + 16] = 10
    found = [Found(60, 98, 600, 148, 0.9), Found(60, 58, 140, 90, 0.9), Found(60, 158, 140, 190, 0.9)]
    columns = drawn(page, found).vertical
    assert not [stroke for stroke in columns if stroke.start < 125 < stroke.end]
    assert sorted(round(stroke.at) for stroke in columns) == [250, 400]
