"""Rulings of a picture told from the strokes of its letters, and lines of text from each other."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from archive.documents.ocr import engine
from archive.documents.ocr.engine import TextBox, is_no_sign_of_tables
from archive.documents.ocr.page_ink import ink_of
from archive.documents.ocr.printed_lines import find_printed_lines
from archive.documents.ocr.rulings import detect_rulings, rulings_of_page

SIZE = 20  # pixels of the type drawn here
ROWS = (20, 54, 88, 122)


def table() -> NDArray[np.uint8]:
    """A table of three rows; the second has a cell parted from its neighbour in that row alone."""
    page = np.full((150, 700), 255, np.uint8)
    for y in ROWS:
        page[y - 1 : y + 1, 20:680] = 0
    for x in (20, 240, 460, 680):
        page[ROWS[0] : ROWS[-1], x - 1 : x + 1] = 0
    page[ROWS[1] : ROWS[2], 349:351] = 0
    return page


def letters(page: NDArray[np.uint8], x: int, y: int) -> None:
    """Something like 口 and 中 side by side: strokes as long as the type is high, and none of them at a ruling."""
    cv2.rectangle(page, (x, y), (x + SIZE, y + SIZE), 0, 2)
    cv2.line(page, (x + 34, y - 2), (x + 34, y + SIZE + 2), 0, 2)
    cv2.rectangle(page, (x + 24, y + 4), (x + 44, y + 14), 0, 2)


FOUND = [TextBox(250, 60, 340, 82, 0.9), TextBox(30, 26, 120, 48, 0.9)]  # the model overlooked other lines


def test_strokes_of_letters_are_no_rulings_even_where_no_line_of_text_was_found() -> None:
    page = table()
    plain = detect_rulings(page, FOUND)
    for x in (60, 300, 520):
        letters(page, x, 95)
        letters(page, x, 27)
    lettered = detect_rulings(page, FOUND)
    assert len(plain.horizontal) == 4
    assert len(plain.vertical) == 5
    assert [(s.at, s.start, s.end) for s in lettered.vertical] == [(s.at, s.start, s.end) for s in plain.vertical]
    assert len(lettered.horizontal) == 4


def low_row(found: list[TextBox], letter: int | None = None) -> list[int]:
    """Where uprights are found in a table of one low row with three inner ones; ``letter``: top of one in line."""
    page = np.full((400, 900), 255, np.uint8)
    for y in (40, 79):
        page[y : y + 1, 100:500] = 0
    for x in (100, 200, 300, 400, 499):
        page[40:80, x : x + 1] = 0
    if letter is not None:
        page[letter : letter + 24, 300:301] = 0
        page[letter + 2 : letter + 4, 290:312] = page[letter + 12 : letter + 14, 290:312] = 0
    return sorted(round(stroke.at) for stroke in detect_rulings(page, found).vertical)


def test_figures_found_as_one_line_over_a_ruling_take_none_away() -> None:
    assert low_row([TextBox(240, 38, 360, 83, 0.6), TextBox(130, 45, 160, 75, 0.7)]) == [100, 200, 300, 400, 499]


def test_a_letter_close_below_a_low_row_takes_no_ruling_in_line_with_it() -> None:
    figures = [TextBox(x + 30, 45, x + 60, 75, 0.7) for x in (100, 200, 300, 400)]
    heading = TextBox(180, 70, 700, 122, 0.9)
    assert low_row([*figures, heading], letter=85) == [100, 200, 300, 400, 499]


def test_a_letter_in_line_with_a_ruling_does_not_prolong_it() -> None:
    page = table()
    page[ROWS[1] - 15 : ROWS[1], 349:351] = 0
    parting = [s for s in detect_rulings(page, FOUND).vertical if 348 < s.at < 352]
    assert [abs(s.start - ROWS[1]) < 4 for s in parting] == [True]


def test_a_ruling_of_one_row_stays_where_it_runs_from_ruling_to_ruling() -> None:
    short = [s for s in detect_rulings(table(), FOUND).vertical if s.end - s.start < 2 * SIZE]
    assert len(short) == 1
    assert 348 < short[0].at < 352


def test_low_rows_of_a_picture_as_long_as_many_pages_keep_their_rulings() -> None:
    page = np.full((5000, 700), 255, np.uint8)
    page[3000:3150] = table()
    found = [TextBox(f.x0, f.y0 + 3000, f.x1, f.y1 + 3000, f.score) for f in FOUND]
    assert len(detect_rulings(page, found).vertical) == 5


def test_a_ruling_broken_by_a_faint_print_stays() -> None:
    page = table()
    for x in range(40, 680, 50):
        page[ROWS[2] - 2 : ROWS[2] + 2, x : x + 9] = 255
    assert any(s.start < 60 for s in detect_rulings(page, FOUND).horizontal if abs(s.at - ROWS[2]) < 3)


def wide_table() -> NDArray[np.uint8]:
    """The table with paper on all sides of it."""
    return cv2.copyMakeBorder(table(), 80, 80, 80, 80, cv2.BORDER_CONSTANT, value=255)


FOUND_WIDE = [TextBox(f.x0 + 80, f.y0 + 80, f.x1 + 80, f.y1 + 80, f.score) for f in FOUND]


@pytest.mark.parametrize(("ink", "paper"), [(2, 2), (4, 4), (3, 5), (6, 3)])
def test_dotted_and_dashed_rulings_are_found_as_solid_ones_are(ink: int, paper: int) -> None:
    page = wide_table()
    solid = detect_rulings(page, FOUND_WIDE)
    period = ink + paper
    page[(np.add.outer(np.arange(page.shape[0]), np.arange(page.shape[1])) % period >= ink)] = 255
    dotted = detect_rulings(page, FOUND_WIDE)
    for one, other in ((solid.horizontal, dotted.horizontal), (solid.vertical, dotted.vertical)):
        long = [[s for s in strokes if s.end - s.start > 2 * SIZE] for strokes in (one, other)]
        places = [sorted((s.at, s.start, s.end) for s in strokes) for strokes in long]
        assert np.allclose(*places, atol=period)


@pytest.mark.parametrize("upright", [False, True])
def test_a_fold_or_streak_that_runs_on_beyond_both_sides_of_a_table_is_no_ruling(*, upright: bool) -> None:
    page = wide_table()
    plain = detect_rulings(page, FOUND_WIDE)
    line = (slice(None), slice(200, 202)) if upright else (slice(150, 152), slice(None))
    page[line] = np.minimum(page[line], 110)
    folded = detect_rulings(page, FOUND_WIDE)
    assert (len(folded.horizontal), len(folded.vertical)) == (len(plain.horizontal), len(plain.vertical))
    assert folded.mask()[line].mean() > 0.9  # its ink is lifted all the same, as that of rulings is


@pytest.mark.parametrize("boxes", [[(30, 22, 100, 58), (30, 40, 100, 80)], [(30, 22, 100, 80)]])
def test_lines_whose_boxes_reach_into_each_other_are_read_one_by_one(boxes: list[tuple[int, int, int, int]]) -> None:
    page = np.full((120, 200), 255, np.uint8)
    for top in (26, 54):
        for left in (32, 58):
            cv2.rectangle(page, (left, top), (left + 18, top + 18), 0, 2)
    ink = ink_of(page, np.zeros_like(page), float(SIZE))
    done = find_printed_lines(ink, [(5, 5, 195, 115)], [TextBox(*box, 0.9) for box in boxes])
    assert [(p.y0, p.y1) for p in done] == [(25, 46), (53, 74)]


def test_lines_outside_of_tables_whose_boxes_reach_into_each_other_are_not_woven() -> None:
    page = np.full((120, 200), 255, np.uint8)
    for top in (26, 54):
        for left in (32, 58):
            cv2.rectangle(page, (left, top), (left + 18, top + 18), 0, 2)
    cv2.rectangle(page, (84, 26), (102, 72), 0, 2)  # two characters that touch
    ink = ink_of(page, np.zeros_like(page), float(SIZE))
    done = find_printed_lines(ink, [], [TextBox(30, 22, 110, 58, 0.9), TextBox(30, 40, 110, 80, 0.9)])
    assert [len(p.glyphs) for p in done] == [3, 3]
    assert (done[0].y1, done[1].y0) == (49, 49)


def bands(part: NDArray[np.uint8]) -> list[TextBox]:
    """In place of the model: each band of ink is a line; one that the edge cuts is seen as far as it is there."""
    inked = np.flatnonzero(np.diff(np.concatenate([[0], (part < 128).any(axis=1).astype(np.int8), [0]])))
    return [TextBox(10.0, float(a), 90.0, float(b), 0.9) for a, b in inked.reshape(-1, 2)]


@pytest.mark.parametrize("step", [7, 11, 13])
def test_each_line_of_a_long_picture_is_found_once(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    seen: list[tuple[int, int]] = []

    def found(part: NDArray[np.uint8]) -> list[TextBox]:
        seen.append(part.shape)
        return bands(part)

    monkeypatch.setattr(engine, "_detect_boxes", found)
    page = np.full((900, 100), 255, np.uint8)
    for top in range(5, 890, step):
        page[top : top + 5, 10:90] = 0
    page[:, 95] = 200  # something runs through all of it, as the sides of a table do
    assert [(f.y0, f.y1) for f in engine.find_lines(page)] == [(top, top + 5) for top in range(5, 890, step)]
    assert all(height < 2 * width for height, width in seen)


def test_digits_one_above_the_other_in_low_rows_are_no_ruling() -> None:
    page = np.full((200, 400), 255, np.uint8)
    for y in range(20, 150, 26):
        page[y : y + 2, 20:380] = 0
    for y in range(20, 124, 26):
        page[y + 10 : y + 19, 198:200] = 0  # ones, 9 pixels high, in rows of 26
    for x in (20, 300, 378):
        page[20:126, x : x + 2] = 0
    assert sorted(round(s.at) for s in detect_rulings(page).vertical) == [20, 300, 378]


def tight(low: int, rows: int, parted: tuple[int, ...]) -> NDArray[np.uint8]:
    """A table of ``rows`` rows, each ``low`` pixels high; its last two are parted at ``parted`` too."""
    page = np.full((60 + rows * low, 700), 255, np.uint8)
    for y in range(20, 21 + rows * low, low):
        page[y : y + 2, 20:680] = 0
    for x in (20, 300, 460, 678):
        page[20 : 22 + rows * low, x : x + 2] = 0
    for x in parted:
        page[20 + (rows - 2) * low : 22 + rows * low, x : x + 2] = 0
    return page


def printed(page: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As a scanner gives it: a little blurred, with the noise of paper."""
    noise = np.random.default_rng(1).normal(0, 6, page.shape)
    blurred = cv2.GaussianBlur(page, (0, 0), 0.9).astype(np.float64)
    return np.clip(blurred + noise, 0, 255).astype(np.uint8)


def test_noughts_that_nearly_fill_their_rows_make_no_ruling_and_rulings_broken_elsewhere_stay() -> None:
    page = tight(30, 20, ())
    for row in range(20):
        cv2.ellipse(page, (380, 36 + 30 * row), (5, 9), 0, 0, 360, 0, 2)
        cv2.ellipse(page, (560, 36 + 30 * row), (5, 9), 0, 0, 360, 0, 2)
        page[30 + 30 * row : 30 + 30 * row + 5, 458:464] = 255  # a ruling that the printer left out here and there
    lines = detect_rulings(printed(page), [TextBox(40, 26, 280, 64, 0.9)]).vertical
    assert sorted(int(line.at) for line in lines if line.end - line.start > 300) == [20, 300, 460, 678]
    assert len(lines) == 4


def test_digits_that_fill_their_column_make_no_ruling() -> None:
    """Their bars lie on one line, and nearly reach the rulings on both sides."""
    page = tight(46, 6, (360,))
    for row in range(6):
        for x in (307, 320, 333, 346):
            page[40 + 46 * row : 43 + 46 * row, x : x + 10] = 60
    lines = detect_rulings(printed(page), [TextBox(40, 26, 280, 74, 0.9)])
    assert [int(line.at) for line in lines.horizontal] == [20 + 46 * row for row in range(7)]


def test_rulings_of_two_low_rows_stay_where_a_line_of_text_runs_through_them() -> None:
    page = tight(34, 5, (90, 160, 230, 540, 610))
    bottom = 20 + 5 * 34
    seen = [TextBox(30, bottom - 80, 670, bottom - 29, 0.9), TextBox(30, bottom - 62, 670, bottom - 14, 0.9)]
    lines = detect_rulings(printed(page), seen)
    assert sorted(int(line.at) for line in lines.vertical) == [20, 90, 160, 230, 300, 460, 540, 610, 678]
    assert len(lines.horizontal) == 6


CELL = (20, 10, 220, 50)


def boxes_in_cell(*ink: tuple[int, int, int, int]) -> list[tuple[int, int, int, int]]:
    """What is to be read in a cell that holds boxes of ink: left, top, width, height."""
    page = np.full((60, 240), 255, np.uint8)
    for x, y, width, height in ink:
        page[y : y + height, x : x + width] = 0
    held = find_printed_lines(ink_of(page, np.zeros_like(page), float(SIZE)), [CELL], [])
    return [(piece.x0, piece.y0, piece.x1, piece.y1) for piece in held]


def test_a_digit_of_small_type_broken_into_crumbs_is_print_and_crumbs_apart_are_not() -> None:
    assert boxes_in_cell((100, 25, 4, 4), (103, 30, 3, 4), (99, 35, 4, 2)) == [(99, 25, 106, 37)]
    assert boxes_in_cell((100, 25, 4, 4), (150, 20, 3, 4), (60, 33, 4, 2)) == []


def test_a_short_sign_before_a_low_figure_is_taken_in() -> None:
    assert boxes_in_cell((100, 25, 6, 9), (108, 25, 6, 9)) == [(100, 25, 114, 34)]
    assert boxes_in_cell((95, 29, 3, 1), (100, 25, 6, 9), (108, 25, 6, 9)) == [(95, 25, 114, 34)]


def test_a_zero_with_a_dot_in_it_is_told_from_the_character_it_looks_like() -> None:
    crops = []
    for height in (32, 40, 48):
        crop = np.full((round(1.5 * height), round(1.2 * height)), 255, np.uint8)
        middle = (crop.shape[1] // 2, crop.shape[0] // 2)
        cv2.ellipse(crop, middle, (round(0.255 * height), height // 2), 0, 0, 360, 20, height // 11, cv2.LINE_AA)
        cv2.ellipse(crop, middle, (round(0.1 * height), round(0.16 * height)), 0, 0, 360, 20, -1, cv2.LINE_AA)
        crops.append(crop)
    read = engine.recognize_lines(crops)
    assert {line.text for line in read} <= {"日", "曰"}
    assert [line.digit for line in read] == ["0", "0", "0"]


def test_the_pale_rulings_of_a_single_row_are_seen_on_even_paper() -> None:
    """A scanner gives fine grey rulings unevenly: those of one row may be lighter than all the others."""
    page = np.full((900, 700), 255, np.uint8)
    for y in range(20, 821, 80):
        page[y : y + 2, 20:680] = 185
    for x in range(20, 681, 66):
        page[20:740, x : x + 2] = 185
        page[740:820, x] = 210
    lines = rulings_of_page(page, FOUND, float(SIZE)).vertical
    assert len(lines) >= 11
    assert all(any(abs(s.at - x) < 2 and s.end > 815 for s in lines) for x in range(20, 681, 66))


@pytest.mark.parametrize(
    ("text", "lone"), [("a", True), ("é", True), ("日", True), ("x", False), ("无", False), ("/", False), ("ab", False)]
)
def test_letters_and_dotted_zeros_stand_alone_in_no_cell(text: str, *, lone: bool) -> None:
    assert is_no_sign_of_tables(text) is lone
