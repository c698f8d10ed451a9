"""Text printed twice at nearly one place, to look bold or with a shadow, is one text; different text is doubted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from reportlab.lib.colors import Color, black, white
from reportlab.pdfgen.canvas import Canvas

from archive.documents.kinds import read_pages
from archive.documents.pages import Pages
from tests.documents.drawing import HEIGHT, pages, prose, write
from tests.documents.helpers import tables

CELLS = [(110, 218, "规章"), (110, 248, "第一件"), (210, 218, "57"), (210, 248, "1.5")]
GREY, RED = Color(0.6, 0.6, 0.6), Color(0.8, 0, 0)
Layer = Callable[[Canvas], None]


def typed(canvas: Canvas, cells: Sequence[tuple[float, float, str]], *, apart: bool) -> None:
    """Cells in Chinese type; ``apart``: each character by itself, as browsers print them."""
    canvas.setFont("STSong-Light", 10)
    for x, y, text in cells:
        left = x - canvas.stringWidth(text, "STSong-Light", 10) / 2
        for part in text if apart else [text]:
            canvas.drawString(left, HEIGHT - y, part)
            left += canvas.stringWidth(part, "STSong-Light", 10)


def layer(colour: Color, off: float = 0.0, mode: int = 0, *, apart: bool = False) -> Layer:
    def draw(canvas: Canvas) -> None:
        canvas.saveState()
        canvas.translate(off, -off)
        canvas.setFillColor(colour)
        canvas._code.append(f"{mode} Tr")
        typed(canvas, CELLS, apart=apart)
        canvas._code.append("0 Tr")
        canvas.restoreState()

    return draw


def drawn(*layers: Layer) -> Pages:
    def page(canvas: Canvas) -> None:
        prose(canvas)
        canvas.grid((60, 160, 260), [HEIGHT - y for y in (200, 230, 260)])
        for one in layers:
            one(canvas)

    return read_pages(pages(page))


def in_form(name: str, cells: Sequence[tuple[float, float, str]], off: float) -> Layer:
    def draw(canvas: Canvas) -> None:
        canvas.beginForm(name, -100, -100, 700, 950)
        prose(canvas)
        write(canvas, [(x + off, y, text) for x, y, text in cells])
        canvas.endForm()
        canvas.doForm(name)

    return draw


def shown(read: Pages) -> list[tuple[str, bool]]:
    return [(cell.text, bool(cell.locator.get("astray"))) for cell in tables(read)[0].cells]


WHOLE = [("规章", False), ("57", False), ("第一件", False), ("1.5", False)]


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize(
    "layers",
    [
        [(black, 0.0, 3), (black, 0.0, 0)],  # a blurred shadow: an image, the text without paint, the text
        [(white, 1.0, 0), (black, 0.0, 0)],
        [(GREY, 1.0, 0), (black, 0.0, 0)],
        [(GREY, 2.2, 0), (black, 0.0, 0)],
        [(white, 1.0, 0), (black, 0.0, 3), (black, 0.0, 0)],
        [(white, 1.0, 0), (GREY, 0.5, 0), (black, 0.0, 0)],
        [(black, 0.0, 0), (black, 0.0, 3)],
    ],
)
def test_text_with_a_shadow_is_read_once(layers: Sequence[tuple[Color, float, int]], apart: bool) -> None:
    read = drawn(*(layer(*one, apart=apart) for one in layers))
    assert (shown(read), read.findings) == (WHOLE, ())


@pytest.mark.parametrize("off", [0.0, 0.3])
def test_a_page_printed_twice_is_one(off: float) -> None:
    read = drawn(in_form("one", CELLS, 0.0), in_form("two", CELLS, off))
    assert (shown(read), read.findings) == (WHOLE, ())


def test_another_figure_at_the_same_place_is_doubted() -> None:
    other = [(x, y, "98" if text == "57" else text) for x, y, text in CELLS]
    read = drawn(in_form("one", CELLS, 0.0), in_form("two", other, 0.3))
    assert [doubted for _, doubted in shown(read)] == [False, True, False, False]


def test_another_figure_in_another_ink_is_doubted() -> None:
    def red(canvas: Canvas) -> None:
        canvas.setFillColor(RED)
        typed(canvas, [(210, 218, "98")], apart=False)

    assert shown(drawn(red, layer(GREY, 0.2), layer(black)))[1][1]
