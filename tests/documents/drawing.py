"""PDF pages drawn by hand for tests: texts at places, with lines, images and whatever else a test adds."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pypdfium2
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from imitation.documents.portable import FONT

HEIGHT = A4[1]
PROSE = "本机关按照规定公开政府信息，编制本年度报告并向社会公布。"
Text = tuple[float, float, str]  # left end, distance of the baseline from the top, words


def pages(*draw: Callable[[Canvas], None]) -> bytes:
    """A PDF with a page for each function."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for one in draw:
        canvas.setFont(FONT, 10)
        one(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def write(canvas: Canvas, texts: Sequence[Text], size: float = 10) -> None:
    """Texts, each centred at its place."""
    canvas.setFont(FONT, size)
    for x, y, text in texts:
        canvas.drawCentredString(x, HEIGHT - y, text)


def prose(canvas: Canvas, y: float = 60) -> None:
    """Two lines of running text from ``y`` down."""
    canvas.setFont(FONT, 10)
    canvas.drawString(60, HEIGHT - y, PROSE)
    canvas.drawString(60, HEIGHT - y - 16, PROSE)


def image(width: int = 60, height: int = 80, grey: int = 128) -> ImageReader:
    """A plain grey image."""
    return ImageReader(Image.new("L", (width, height), grey))


def changed(data: bytes, change: Callable[[pypdfium2.PdfDocument], None]) -> bytes:
    """The file after ``change`` was done to it."""
    document = pypdfium2.PdfDocument(data)
    change(document)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()
