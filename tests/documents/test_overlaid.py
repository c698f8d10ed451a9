"""Watermarks and seals that stand upright: left out and told; figures in another ink stay."""

from __future__ import annotations

import pytest

from archive.documents.contrast import BLACK, RGB
from archive.documents.layout.page_layout import Glyph, PageLayout, Ruling
from archive.documents.layout.watermarks import without_overlaid
from archive.parser.reader import read
from benchmarks.reading_files import sample
from imitation.documents.portable import Style, pdf

GREY, RED = (200, 200, 200), (255, 0, 0)


def row(text: str, x: float, y: float, ink: RGB = BLACK, size: float = 10.0) -> list[Glyph]:
    return [Glyph(c, x + size * n, y, x + size * (n + 1), y + size, ink=ink) for n, c in enumerate(text)]


def text_of(page: PageLayout) -> str:
    return "".join(glyph.text for glyph in page.glyphs)


def page(*glyphs: Glyph, number: int = 1) -> PageLayout:
    body = [glyph for n in range(6) for glyph in row("本机关公开政府信息", 50, 300 + 20 * n)]
    return PageLayout(number, 0.0, 0.0, 500.0, 800.0, glyphs=[*glyphs, *body])


BODY = "本机关公开政府信息" * 6


def test_words_of_a_watermark_over_figures_are_left_out() -> None:
    one = page(*row("12", 100, 100), *row("内部资料", 90, 98, GREY, 14.0))
    told = without_overlaid([one])
    assert text_of(one) == "12" + BODY
    assert (told.pages, told.text) == ([1], "内部资料")


@pytest.mark.parametrize(("size", "left_out"), [(10.5, ""), (20.0, "内部资料")])
def test_type_is_large_only_beside_that_of_its_own_page(size: float, left_out: str) -> None:
    """Of a document in small type, pages below a bound are told to another scale: their type is not large for that."""
    small = PageLayout(1, 0.0, 0.0, 500.0, 800.0)
    small.glyphs = [glyph for n in range(40) for glyph in row("本机关公开政府信息", 50, 100 + 8 * n, size=5.5)]
    scaled = PageLayout(2, 0.0, 0.0, 1000.0, 1600.0, scale=3.0, vertical=[Ruling(60.0, 90.0, 300.0)])
    scaled.glyphs = [glyph for n in range(4) for glyph in row("本机关公开政府信息", 100, 400 + 20 * n, size=10.5)]
    scaled.glyphs += row("内部资料", 45, 100, size=size)
    assert without_overlaid([small, scaled]).text == left_out


def test_words_across_a_ruling_are_no_text_of_a_cell() -> None:
    one = page(*row("内部资料", 90, 98, GREY))
    one.vertical = [Ruling(110.0, 90.0, 120.0)]
    assert without_overlaid([one]).text == "内部资料"


def test_pale_words_that_return_at_their_place_are_a_watermark() -> None:
    pages = [page(*row("内部资料", 90, 98, GREY), number=n) for n in (1, 2)]
    assert without_overlaid(pages).pages == [1, 2]


def test_words_and_figures_in_another_ink_that_lie_over_nothing_stay() -> None:
    one = page(*row("其中", 90, 98, RED), *row("5", 150, 98, RED))
    assert without_overlaid([one]).text == ""
    assert text_of(one) == "其中5" + BODY
    assert one.doubted == []


def test_the_upright_words_and_the_star_within_a_seal_are_left_out_and_figures_beside_are_doubted() -> None:
    one = page(*row("★", 105, 105, RED), *row("专用章", 95, 120, RED), *row("7", 110, 90, RED))
    one.leaning = [(80.0, 110.0, RED), (140.0, 110.0, RED), (110.0, 80.0, RED)]
    assert without_overlaid([one]).text == "★专用章"
    assert text_of(one) == "7" + BODY
    assert [glyph.text for glyph in one.doubted] == ["7"]


def test_a_figure_beside_the_words_of_a_mark_is_of_it() -> None:
    one = page(*row("12", 100, 100), *row("34", 100, 200))
    for y in (98, 198):
        one.glyphs += [*row("仅供参考", 90, y, GREY), *row("2024", 150, y, GREY)]
    assert without_overlaid([one]).text == "仅供参考2024" * 2
    assert text_of(one) == "1234" + BODY


def test_a_number_that_is_laid_over_a_page_as_often_as_the_words_of_a_mark_is_of_it() -> None:
    tiles = [300 + 20 * n for n in range(6)]
    marks = [g for y in tiles for g in [*row("张三", 60, y, GREY, 8), *row("8812", 300, y, GREY, 6)]]
    one = page(*row("12", 100, 100), *marks, *row("34", 400, 100, GREY))
    told = without_overlaid([one])
    assert sorted(told.text) == sorted("张三8812" * len(tiles))
    assert text_of(one) == "1234" + BODY
    assert [glyph.text for glyph in one.doubted] == ["3", "4"]  # in the mark's ink


@pytest.mark.parametrize("ruled", [True, False])
@pytest.mark.parametrize(("words", "size", "at"), [("汶上县财政局", 48, (0.7, 0.3)), ("仅供参考 2024", 20, (0.5,))])
def test_large_words_in_the_ink_of_the_text_change_no_cell(
    words: str, size: float, at: tuple[float, ...], ruled: bool
) -> None:
    report = sample(2)
    style = Style(ruled=ruled, mark=words, mark_size=size, mark_at=at)
    reading = read(pdf(report.title, report.blocks, style=style))
    assert {name: cell.value for name, cell in reading.cells.items()} == dict(report.truth)
    assert "overlaid" in {finding.code for finding in reading.findings}


def test_a_large_title_over_nothing_stays() -> None:
    one = page(*row("汶上县", 90, 98, size=24.0))
    assert without_overlaid([one]).text == ""
    assert text_of(one) == "汶上县" + BODY


def test_a_document_in_one_ink_is_left_as_it_is() -> None:
    one = page(*row("12", 100, 100), *row("内部资料", 90, 98))
    assert without_overlaid([one]).pages == []
    assert "内部资料" in text_of(one)
