"""What is done to a scanned page before it is read: shadows and grey seals go, print and rulings stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from archive.documents.ocr import figure_places
from archive.documents.ocr.cell_ink import doubt_hidden_ink
from archive.documents.ocr.cell_marks import find_mark
from archive.documents.ocr.dark_seals import lift_dark_seals
from archive.documents.ocr.engine import OcrResult
from archive.documents.ocr.figure_places import reread_stained_cells
from archive.documents.ocr.page_ink import CellBox, Ink, TextLine
from archive.documents.ocr.paper import even_light
from archive.documents.ocr.seals import Seal, lift_grey_seals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

SEAL = Seal(400.0, 500.0, 110.0)


def table(ink: int, thick: int) -> Grey:
    """A page with a ruled table in one grey, and a figure in black in each cell."""
    page = np.full((1100, 800), 255, np.uint8)
    for y in range(100, 1001, 45):
        page[y : y + thick, 80:721] = ink
    for x in range(80, 721, 80):
        page[100:1001, x : x + thick] = ink
    for y in range(132, 1000, 45):
        for x in range(100, 700, 80):
            cv2.putText(page, "38", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)
    return page


def stamped(page: Grey, grey: int) -> Grey:
    """The page with a seal in grey, through which the print shows."""
    over = page.copy()
    middle = (round(SEAL.x), round(SEAL.y))
    cv2.circle(over, middle, round(SEAL.radius), grey, 9)
    cv2.circle(over, middle, 30, grey, -1)
    return np.minimum(page, over)


@pytest.mark.parametrize(("ink", "thick"), [(0, 2), (120, 4), (150, 5)])
def test_grey_rulings_are_no_seal(ink: int, thick: int) -> None:
    page = table(ink, thick)
    same, lifted = lift_grey_seals(page)
    assert lifted == []
    assert (same == page).all()


def test_a_grey_seal_goes_and_what_it_lies_upon_stays() -> None:
    page = table(0, 2)
    clean, (ring,) = lift_grey_seals(stamped(page, 130))
    assert max(abs(ring.x - SEAL.x), abs(ring.y - SEAL.y), abs(ring.radius - SEAL.radius)) < 12
    assert (clean[page == 0] == 0).all()
    assert float((clean[page == 255] == 255).mean()) > 0.995


def test_a_seal_as_dark_as_print_goes_where_print_under_it_is_darker_still() -> None:
    given = np.where(table(100, 2) < 255, np.uint8(100), np.uint8(245))
    over = stamped(np.full_like(given, 255), 110)
    deep = (given.astype(np.float32) * over / 255).astype(np.uint8)  # as inks do that lie on each other
    flat = np.where(deep < 200, np.uint8(0), np.uint8(255))
    done, lifted = lift_dark_seals(flat, lambda part: deep[part])
    assert [ring.holds(SEAL.x, SEAL.y) for ring in lifted] == [True]
    assert (done[given < 200] < 128).mean() > 0.95
    assert (done[given > 200] > 128).mean() > 0.995
    shallow = np.where(deep < 200, np.uint8(100), np.uint8(245))
    assert lift_dark_seals(flat, lambda part: shallow[part])[0] is flat  # nothing tells print from the seal


def test_the_letters_of_a_seal_go_where_all_print_is_darker() -> None:
    given = np.where(table(56, 2) < 255, np.uint8(56), np.uint8(245))
    given[418:455, 412:470] = 245  # a blank cell
    letter = np.full_like(given, 255)
    cv2.putText(letter, "W", (425, 452), cv2.FONT_HERSHEY_SIMPLEX, 1.3, 110, 3)
    over = np.minimum(stamped(np.full_like(given, 255), 110), letter)
    deep = (given.astype(np.float32) * over / 255).astype(np.uint8)
    flat = np.where(deep < 200, np.uint8(0), np.uint8(255))
    done, lifted = lift_dark_seals(flat, lambda part: deep[part])
    assert len(lifted) == 1
    assert done[letter < 255].mean() > 250
    assert (done[given < 200] < 128).mean() > 0.95


@pytest.mark.parametrize("down", [False, True])
def test_the_shadow_of_a_fold_goes_and_what_lies_in_it_stays(down: bool) -> None:
    page = table(60, 2)
    dark = 1 - 0.4 * np.exp(-(((np.arange(page.shape[down]) - page.shape[down] // 2 - 12) / 10) ** 2))
    folded = (page * (dark[None, :] if down else dark[:, None])).astype(np.uint8)
    clean = even_light(folded)
    assert int(np.percentile(clean[page == 255], 1)) > 205  # darker than this is a ruling
    assert int(clean[page == 0].max()) < 100


def test_a_page_without_shadows_is_left_as_it_is() -> None:
    page = table(60, 2)
    assert (even_light(page)[page == 255] == 255).all()


def test_under_a_lifted_seal_figures_are_doubted_and_blanks_too() -> None:
    page = np.full((200, 300), 255, np.uint8)
    cv2.putText(page, "38", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)
    cv2.putText(page, "38", (220, 160), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)
    page[30:34, 140:144] = 0  # what is left of a figure
    ink = Ink(page, np.zeros((0, 5), np.int32), 20.0)

    def figure(cell: int, left: int, top: int) -> TextLine:
        box = np.array([[left, top, 34, 20]], np.int32)
        return TextLine(cell, left, top, left + 34, top + 20, box, OcrResult("38", (1.0, 1.0), (0.2, 0.8)), [], 1.0)

    found = [figure(0, 20, 22), figure(3, 220, 142)]
    boxes = {0: (0, 0, 100, 60), 1: (100, 0, 200, 60), 2: (200, 0, 300, 60), 3: (200, 120, 300, 200)}
    spots = [CellBox(cell, box, (0, box[1]), (0, box[0])) for cell, box in boxes.items()]
    seals = [Seal(110.0, 30.0, 100.0)]
    reread_stained_cells(ink, found, spots, seals)
    doubt_hidden_ink(found, spots, seals, None, 20.0)
    assert [(line.cell, line.result.text, line.confidence < 0.9) for line in found] == [
        (0, "38", True),
        (3, "38", False),
        (1, "", True),
    ]


def read_at(cell: int, x: int, y: int, wide: int, text: str) -> TextLine:
    """A text of 20 pixels' height, surely read."""
    read = OcrResult(text, (0.95,) * len(text), tuple((at + 0.5) / len(text) for at in range(len(text))))
    return TextLine(cell, x, y, x + wide, y + 20, np.array([[x, y, wide, 20]], np.int32), read, [], 0.95)


def test_the_head_of_a_column_of_figures_is_left_as_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """An upright of its letters is as high as a digit, and stands where one would."""
    page = np.full((1100, 800), 255, np.uint8)
    pieces: list[TextLine] = []
    spots: list[CellBox] = []
    for row in range(12):
        box = (50, 80 * row + 50, 450, 80 * row + 130)
        spots.append(CellBox(row, box, (0, row), (0, 0)))
        wide, said = (120, "本年废止件数") if row == 0 else (14, "8")
        x, y = 250 - wide // 2, box[1] + 30
        page[y : y + 20, x : x + wide] = 0
        pieces.append(read_at(row, x, y, wide, said))
    monkeypatch.setattr(figure_places, "recognize_lines", lambda crops: [OcrResult("1", (0.9,), (0.5,)) for _ in crops])
    parts = np.array([[*piece.glyphs[0].tolist(), 60] for piece in pieces] + [[249, 80, 3, 20, 60]], np.int32)
    reread_stained_cells(Ink(page, parts, 20.0), pieces, spots)
    assert [pieces[0].result.text, pieces[0].confidence] == ["本年废止件数", 0.95]


def test_a_column_that_sets_its_figures_elsewhere_is_not_doubted_but_a_figure_elsewhere_is() -> None:
    """Totals stand at the right of their cells, all others in the middle."""
    page = np.full((1100, 800), 255, np.uint8)
    pieces: list[TextLine] = []
    spots: list[CellBox] = []
    for row in range(8):
        for col in range(4):
            box = (200 * col, 80 * row + 50, 200 * (col + 1), 80 * row + 130)
            spots.append(CellBox(len(spots), box, (0, row), (0, col)))
            x, y = box[0] + (180 if col == 3 or (row, col) == (4, 1) else 93), box[1] + 30
            page[y : y + 20, x : x + 14] = 0
            pieces.append(read_at(spots[-1].number, x, y, 14, "8"))
    parts = np.array([[*piece.glyphs[0].tolist(), 60] for piece in pieces], np.int32)
    reread_stained_cells(Ink(page, parts, 20.0), pieces, spots)
    assert [piece.cell for piece in pieces if piece.confidence < 0.9] == [4 * 4 + 1]
    assert {piece.cell: piece.digits for piece in pieces if piece.digits} == {4 * 4 + 1: 0.95}  # its place is doubted


def column_of(figures: Sequence[tuple[int, str]]) -> tuple[Grey, list[TextLine], list[CellBox]]:
    """A page of one column, a figure in the middle of each cell: how wide its ink is, and what was read."""
    page = np.full((1100, 800), 255, np.uint8)
    pieces: list[TextLine] = []
    spots: list[CellBox] = []
    for row, (wide, text) in enumerate(figures):
        box = (50, 80 * row + 50, 450, 80 * row + 130)
        spots.append(CellBox(row, box, (0, row), (0, 0)))
        x, y = 250 - wide // 2, box[1] + 30
        page[y : y + 20, x : x + wide] = 0
        pieces.append(read_at(row, x, y, wide, text))
    return page, pieces, spots


@pytest.mark.parametrize(("again", "sure", "digits"), [("8", 0.99, 0.99), ("8", 0.6, 0.6), ("3", 0.99, 0.0)])
def test_a_stained_figure_that_is_read_twice_alike_is_as_sure_as_the_second_reading(
    monkeypatch: pytest.MonkeyPatch, again: str, sure: float, digits: float
) -> None:
    page, pieces, spots = column_of([(14, "8")] * 12)
    wide = np.array([[243, 480, 14, 20], [257, 496, 40, 4]], np.int32)  # a stroke goes out of it
    pieces[5].glyphs, pieces[5].x1, pieces[5].confidence = wide, 297, 0.4
    page[496:500, 257:297] = 0
    monkeypatch.setattr(
        figure_places, "recognize_lines", lambda crops: [OcrResult(again, (sure,), (0.5,)) for _ in crops]
    )
    parts = np.array([[*box.tolist(), 60] for piece in pieces for box in piece.glyphs], np.int32)
    reread_stained_cells(Ink(page, parts, 20.0), pieces, spots)
    assert (pieces[5].result.text, pieces[5].confidence <= 0.5, pieces[5].digits) == (again, True, digits)


@pytest.mark.parametrize(
    ("printed", "again", "kept", "sure"),
    [
        ("34084.75万元", "7", "34084.75万元", True),  # no part of it is looked for
        ("34084.75 万元", "7", "34084.75 万元", True),
        ("M0491.9", "0491.9", "M0491.9", True),
        ("M10", "010", "M10", False),  # no figure begins so: its beginning is under the stain
        ("M10", "10", "10", False),
    ],
)
def test_a_part_of_a_figure_is_not_taken_for_it(
    monkeypatch: pytest.MonkeyPatch, printed: str, again: str, kept: str, *, sure: bool
) -> None:
    """Only some of its ink is as high as digits are, and at a digit's place."""
    page, pieces, spots = column_of([(120, printed) if row == 5 else (14, "8") for row in range(12)])
    monkeypatch.setattr(
        figure_places, "recognize_lines", lambda crops: [OcrResult(again, (0.9,) * len(again), (0.5,)) for _ in crops]
    )
    parts = np.array([[*piece.glyphs[0].tolist(), 60] for piece in pieces] + [[243, 480, 14, 20, 60]], np.int32)
    reread_stained_cells(Ink(page, parts, 20.0), pieces, spots)
    assert (pieces[5].result.text, pieces[5].confidence >= 0.9) == (kept, sure)


@pytest.mark.parametrize("stained", [False, True])
def test_a_printed_slash_is_left_as_one(monkeypatch: pytest.MonkeyPatch, *, stained: bool) -> None:
    """It is set as a figure is; read alone, it passes for a 1. With a stain beside it, it is looked for."""
    page = np.full((1100, 800), 255, np.uint8)
    pieces: list[TextLine] = []
    spots: list[CellBox] = []
    for row in range(12):
        for col in range(6):
            box = (100 * col + 50, 80 * row + 50, 100 * col + 150, 80 * row + 130)
            x, y = box[0] + 40, box[1] + 50
            spots.append(CellBox(len(spots), box, (0, row), (0, col)))
            slash = (row, col) == (4, 3)
            top = y - 23 if slash else y - 20
            if slash:
                cv2.line(page, (x, y), (x + 12, top), 0, 2)
            else:
                cv2.putText(page, "8", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2)
            glyph = np.array([[x, top, 14, y - top]], np.int32)
            said = OcrResult("/" if slash else "8", (1.0,), (0.5,))
            pieces.append(TextLine(len(spots) - 1, x, top, x + 14, y, glyph, said, [], 0.95))
    if stained:
        stain = np.array([[490, 380, 6, 5]], np.int32)
        pieces.append(TextLine(27, 490, 380, 496, 385, stain, OcrResult("·", (0.3,), (0.5,)), [], 0.3))
    monkeypatch.setattr(figure_places, "recognize_lines", lambda crops: [OcrResult("1", (0.9,), (0.5,)) for _ in crops])
    parts = np.array([[*piece.glyphs[0].tolist(), 60] for piece in pieces], np.int32)
    reread_stained_cells(Ink(page, parts, 20.0), pieces, spots)
    assert next(piece.result.text for piece in pieces if piece.cell == 27) == "/"


@pytest.mark.parametrize(("thick", "blur"), [(1, 0.0), (2, 0.0), (2, 0.9)])
def test_a_slash_is_a_mark_though_print_is_thick_or_blurred_and_a_digit_none(thick: int, blur: float) -> None:
    page = np.full((60, 300), 255, np.uint8)
    cv2.line(page, (20, 40), (27, 22), 0, thick, cv2.LINE_AA)
    for x, text in ((60, "1"), (100, "7"), (140, "4"), (180, "2")):
        cv2.putText(page, text, (x, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2, cv2.LINE_AA)
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), blur) if blur else page, np.uint8)
    said = []
    for left, right in ((10, 50), (55, 95), (95, 135), (135, 175), (175, 215)):
        ys, xs = np.nonzero(page[:, left:right] < 165)
        x0, x1, y0, y1 = (int(v) for v in (xs.min() + left, xs.max() + left + 1, ys.min(), ys.max() + 1))
        box = np.array([[x0, y0, x1 - x0, y1 - y0]], np.int32)
        piece = TextLine(0, x0, y0, x1, y1, box, OcrResult("1", (1.0,), (0.5,)), [], 1.0)
        said.append(find_mark(Ink(page, np.zeros((0, 5), np.int32), 20.0), piece))
    assert said == ["/", "", "", "", ""]
