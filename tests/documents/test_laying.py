"""Recognised lines → blocks: what stands outside of rulings is told by its place, and so must be known for a figure."""

from __future__ import annotations

import numpy as np
import pytest

from archive.documents.ocr.engine import OcrResult
from archive.documents.ocr.page_ink import TextLine
from archive.documents.ocr.page_recognition import RecognizedPage
from archive.documents.ocr.recognized_blocks import Source, blocks_of_pages
from archive.documents.pages import Paragraph


def line(text: str, x: int, y: int) -> TextLine:
    wide = sum(10 if character.isascii() else 20 for character in text)
    places = tuple((at + 0.5) / len(text) for at in range(len(text)))
    said = OcrResult(text, (1.0,) * len(text), places)
    return TextLine(-1, x, y, x + wide, y + 20, np.zeros((0, 4), np.int32), said, [], 1.0)


@pytest.mark.parametrize("ring", ["0", "O", "o", "○", "〇"])
def test_a_ring_alone_is_a_nought_by_which_a_row_without_rulings_is_found(ring: str) -> None:
    rows = [("1.属于国家秘密", "3", ring, "12"), ("8.属于行政查询事项", ring, "4", ring), ("2.重复申请", "7", "5", "6")]
    page = RecognizedPage(600.0, 800.0, 2.0, np.eye(3), type_size=20.0)
    for y, row in enumerate(rows):
        page.lines += [line(text, x, 100 + 50 * y) for text, x in zip(row, (80, 500, 700, 900), strict=True)]
    _, loose = blocks_of_pages([(page, Source({"page": 1}, None, (1200.0, 1600.0)))])
    assert loose is not None
    texts = [piece.text for piece in loose.pieces]
    assert [text for text in texts if text.isdigit()] == [text.replace(ring, "0") for row in rows for text in row[1:]]
    assert all(piece.locator["confidence"] == 0.5 for piece in loose.pieces)  # outside of rulings nothing is sure


def test_a_blank_behind_the_number_of_a_heading_is_its_marks_own() -> None:
    page = RecognizedPage(600.0, 800.0, 2.0, np.eye(3), type_size=20.0)
    page.lines += [line("二、 主动公开政府信息情况", 80, 100)]
    made, _ = blocks_of_pages([(page, Source({"page": 1}, None, (1200.0, 1600.0)))])
    assert [b.text for b in made if isinstance(b, Paragraph)] == ["二、主动公开政府信息情况"]


@pytest.mark.parametrize("tick", [" V", "！", " √", "！ V"])
def test_a_tick_behind_a_heading_is_none_of_it(tick: str) -> None:
    page = RecognizedPage(600.0, 800.0, 2.0, np.eye(3), type_size=20.0)
    texts = [f"一、总体情况{tick}", "全年公开信息12条 V"]
    page.lines += [line(text, 80, 100 + 80 * at) for at, text in enumerate(texts)]
    made, _ = blocks_of_pages([(page, Source({"page": 1}, None, (1200.0, 1600.0)))])
    said = [b.text for b in made if isinstance(b, Paragraph)]
    assert said == ["一、总体情况", "全年公开信息12条 V"]
