"""Words and figures by their places, where a page has tables without rulings."""

from __future__ import annotations

import pytest

from archive.documents.layout.loose_text import positioned_text
from archive.documents.layout.page_blocks import page_blocks
from archive.documents.layout.page_layout import Glyph, PageLayout
from archive.documents.pages import PositionedText


def row(text: str, x: float, y: float, low: str = "") -> list[Glyph]:
    """Characters beside each other, those in ``low`` with a box hardly higher than their stroke."""
    return [
        Glyph(c, x + 10 * n, y + 4.5, x + 10 * n + 10, y + 5.5)
        if c in low
        else Glyph(c, x + 10 * n, y, x + 10 * n + 10, y + 10)
        for n, c in enumerate(text)
    ]


def found(*glyphs: Glyph) -> PositionedText:
    page = PageLayout(1, 0.0, 0.0, 500.0, 800.0, glyphs=list(glyphs))
    told = positioned_text([page_blocks(page)])
    assert told is not None
    return told


def texts(*glyphs: Glyph) -> list[str]:
    return [piece.text for piece in found(*glyphs).pieces]


def test_low_characters_stand_in_their_line() -> None:
    table = [*row("上一年项目", 50, 100, low="一"), *row("5", 200, 100), *row("7", 300, 100)]
    assert texts(*table) == ["上一年项目", "5", "7"]
    piece = found(*row("一", 50, 100, low="一"), *row("二三", 100, 100), *row("5", 200, 100)).pieces[0]
    assert (piece.y0, piece.y1) == (0.0, 10.0)


def test_figures_touch_no_words_before_them() -> None:
    assert texts(*row("只计这，", 50, 100), *row("8", 90, 100), *row("9", 200, 100)) == ["只计这，", "8", "9"]


def test_figures_at_another_height_are_pieces_of_their_own() -> None:
    table = [*row("公开", 50, 100), *row("5", 200, 104), *row("信息", 50, 112), *row("6", 300, 104)]
    assert texts(*table) == ["公开", "5", "6", "信息"]


def test_two_digits_over_each_other_are_doubted() -> None:
    table = [*row("公开", 50, 100), *row("5", 200, 100), *row("6", 201, 100), *row("7", 300, 100)]
    doubted = [piece.text for piece in found(*table).pieces if piece.locator.get("astray")]
    assert doubted == ["56"]


@pytest.mark.parametrize(("foot", "looked_for"), [(("file:///c.html", 785), False), (("规章", 400), True)])
def test_what_browsers_print_into_the_margins_is_no_row_of_figures(foot: tuple[str, int], looked_for: bool) -> None:
    """1/2 behind an address made every page of a browser's print one of tables without rulings: a third of its time."""
    pages = [
        PageLayout(
            n,
            0.0,
            0.0,
            500.0,
            800.0,
            glyphs=[*row("收到申请三件", 50, 100), *row(foot[0], 20, foot[1]), *row("1/2", 460, foot[1])],
        )
        for n in (1, 2)
    ]
    assert (positioned_text([page_blocks(page) for page in pages]) is not None) == looked_for
