"""Text set from top to bottom, as beside the rows of a table: its characters are as large as they are printed."""

from __future__ import annotations

import io

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from archive.documents.pdfium import library
from archive.documents.pdfium.characters import Characters, characters_of
from imitation.documents.portable import FONT

DOWN = "MSung-Light"


def characters(scale: float, size: float) -> Characters:
    """A page with a line and, beside it, text set downwards in type of ``size`` made ``scale`` times as large."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    pdfmetrics.registerFont(UnicodeCIDFont(DOWN, isVertical=True))
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.setFont(FONT, 10)
    canvas.drawString(200, 700, "行政许可 12 34 56")
    canvas.scale(scale, scale)
    canvas.setFont(DOWN, size)
    canvas.drawString(100 / scale, 650 / scale, "本年度办理")
    canvas.save()
    with library.opened(out.getvalue()) as document:
        page = library.load_page(library.address_of(document.raw), 0)
        text = library.load_text(page)
        try:
            return characters_of(text)
        finally:
            library.close_text(text)
            library.close_page(page)


@pytest.mark.parametrize(("scale", "size"), [(1, 10), (0.05, 200), (10, 1)])
def test_it_has_the_size_it_is_printed_in_whatever_makes_it_so(scale: float, size: float) -> None:
    found = characters(scale, size)
    down = [at for at, text in enumerate(found.texts) if text in "本年度办理"]
    assert [found.texts[at] for at in down] == list("本年度办理")
    for number, at in enumerate(down):
        assert found.top[at] - found.bottom[at] == pytest.approx(10, abs=1)
        assert (found.top[at] + found.bottom[at]) / 2 == pytest.approx(645 - 10 * number, abs=2)
        assert (found.left[at] + found.right[at]) / 2 == pytest.approx(100, abs=4)
