"""Recognised lines → blocks: what stands outside of rulings is told by its place, and so must be known for a figure."""

from __future__ import annotations

import numpy as np
import pytest

from archive.documents.pages import Paragraph, Table
from archive.documents.recognised.engine import Said
from archive.documents.recognised.ink import Piece
from archive.documents.recognised.laying import Source, blocks
from archive.documents.recognised.page_recognition import Sheet
from tests.documents.helpers import texts


def line(text: str, x: int, y: int) -> Piece:
    wide = sum(10 if character.isascii() else 20 for character in text)
    places = tuple((at + 0.5) / len(text) for at in range(len(text)))
    said = Said(text, (1.0,) * len(text), places)
    return Piece(-1, x, y, x + wide, y + 20, np.zeros((0, 4), np.int32), said, [], 1.0)


@pytest.mark.parametrize("ring", ["0", "O", "o", "○", "〇"])
def test_a_ring_alone_is_a_nought_by_which_a_row_without_rulings_is_found(ring: str) -> None:
    rows = [("1.属于国家秘密", "3", ring, "12"), ("8.属于行政查询事项", ring, "4", ring), ("2.重复申请", "7", "5", "6")]
    sheet = Sheet(600.0, 800.0, 2.0, np.eye(3), type_size=20.0)
    for y, row in enumerate(rows):
        sheet.pieces += [line(text, x, 100 + 50 * y) for text, x in zip(row, (80, 500, 700, 900), strict=True)]
    made, _ = blocks([(sheet, Source({"page": 1}, None, (1200.0, 1600.0)))])
    (table,) = [b for b in made if isinstance(b, Table)]
    said = [[text for text in row if text] for row in texts(table)]
    assert said == [[text.replace(ring, "0") for text in row] for row in rows]


def test_how_sure_a_figure_is_that_stood_in_a_cell_is_told_among_scattered_ones_too() -> None:
    sheet = Sheet(600.0, 800.0, 2.0, np.eye(3), type_size=20.0)
    for y, row in enumerate([("1.甲", "3", "5", "12"), ("8.乙", "6", "4", "7"), ("2.丙", "7", "5", "6")]):
        sheet.pieces += [line(text, x, 100 + 50 * y) for text, x in zip(row, (80, 500, 700, 900), strict=True)]
    sheet.pieces[1].cell, sheet.pieces[1].confidence = 0, 0.5
    _, scattered = blocks([(sheet, Source({"page": 1}, None, (1200.0, 1600.0)))])
    assert scattered is not None
    assert {p.text: p.locator.get("confidence") for p in scattered.pieces if p.text in {"3", "12"}} == {
        "3": 0.5,
        "12": 1.0,
    }


def test_a_blank_behind_the_number_of_a_heading_is_its_marks_own() -> None:
    sheet = Sheet(600.0, 800.0, 2.0, np.eye(3), type_size=20.0)
    sheet.pieces += [line("二、 主动公开政府信息情况", 80, 100)]
    made, _ = blocks([(sheet, Source({"page": 1}, None, (1200.0, 1600.0)))])
    assert [b.text for b in made if isinstance(b, Paragraph)] == ["二、主动公开政府信息情况"]


@pytest.mark.parametrize("tick", [" V", "！", " √", "！ V"])
def test_a_tick_behind_a_heading_is_none_of_it(tick: str) -> None:
    sheet = Sheet(600.0, 800.0, 2.0, np.eye(3), type_size=20.0)
    texts = [f"一、总体情况{tick}", "全年公开信息12条 V"]
    sheet.pieces += [line(text, 80, 100 + 80 * at) for at, text in enumerate(texts)]
    made, _ = blocks([(sheet, Source({"page": 1}, None, (1200.0, 1600.0)))])
    said = [b.text for b in made if isinstance(b, Paragraph)]
    assert said == ["一、总体情况", "全年公开信息12条 V"]
