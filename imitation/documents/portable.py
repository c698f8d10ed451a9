"""Turn blocks into PDF with a text layer: ruled tables on as many pages as needed. Every viewer has the font."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from imitation.documents.grid import GridSizes, Pages
from imitation.wording import Block

FONT = "STSong-Light"
_POINTS = GridSizes(
    width=A4[0], height=A4[1], margin=60.0, size=12.0, leading=20.0, cell_size=9.0, cell_leading=11.0, pad=3.0, gap=6.0,
    below=4.0, least=300.0,
)  # fmt: skip


@dataclass(frozen=True)
class PdfStyle:
    """How a producer of PDFs draws.

    ``ruled`` False: no rulings at all; ``open_ends``: no ruling at page breaks (Chromium); ``pieces``: each cell's
    edges as thin filled boxes of their own (LibreOffice); ``turned``: the pages' rotation in quarter turns;
    ``page_numbers``: prints "— 3 —".
    """

    ruled: bool = True
    open_ends: bool = False
    pieces: bool = False
    turned: int = 0
    page_numbers: bool = True


def pdf(
    title: str,
    blocks: Iterable[Block],
    *,
    password: str = "",
    page_per_line: bool = False,
    style: PdfStyle | None = None,
) -> bytes:
    """Return a PDF, encrypted if ``password`` is given. ``page_per_line``: each paragraph on a page of its own."""
    sheet = _PortableSheet(title, password, style or PdfStyle())
    sheet.paragraph(title, indent=0, centred=True)
    for block in blocks:
        sheet.add([block])
        if page_per_line and isinstance(block, str):
            sheet.next_page()
    return sheet.finish()


class _PortableSheet(Pages):
    heading_indent = 2

    def __init__(self, title: str, password: str, style: PdfStyle) -> None:
        super().__init__(_POINTS)
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        lock = StandardEncryption(password, ownerPassword=password) if password else None
        self._out, self._style = io.BytesIO(), style
        self._size = A4 if style.turned % 2 == 0 else (A4[1], A4[0])
        self._canvas = Canvas(self._out, pagesize=self._size, encrypt=lock, invariant=1)
        self._canvas.setTitle(title)
        self._number = 0
        self._begin_page()

    def finish(self) -> bytes:
        """Return the file."""
        self._end_page()
        self._canvas.save()
        return self._out.getvalue()

    def advance(self, character: str, size: float) -> float:
        """Return the width of a character in the font."""
        return float(pdfmetrics.stringWidth(character, FONT, size))

    def next_page(self) -> None:
        """End the page and begin another."""
        self._end_page()
        self._begin_page()

    def base_line(self, lines: int, y0: float, y1: float) -> float:
        """Return the base line of the first of ``lines`` lines, which are centred in a cell."""
        sizes = self.measures
        return max((y0 + y1) / 2 - lines * sizes.cell_leading / 2 + sizes.cell_size, y0 + sizes.cell_size)

    def box(self, x0: float, y0: float, x1: float, y1: float, *, open_above: bool, open_below: bool) -> None:
        """Draw the edges of a cell; at a page break only if this producer does."""
        if not self._style.ruled:
            return
        lines = [(x0, y0, x0, y1), (x1, y0, x1, y1)]
        if not (self._style.open_ends and open_below):
            lines.append((x0, y1, x1, y1))
        if not (self._style.open_ends and open_above):
            lines.append((x0, y0, x1, y0))
        for line in lines:
            self._draw_edge(*line)

    def end_part(self) -> None:
        """Do nothing: edges are drawn with each cell."""

    def _draw_edge(self, x0: float, y0: float, x1: float, y1: float) -> None:
        below, above = self.measures.height - y1, self.measures.height - y0
        if self._style.pieces:
            self._canvas.rect(x0 - 0.25, below - 0.25, x1 - x0 + 0.5, above - below + 0.5, stroke=0, fill=1)
        else:
            self._canvas.line(x0, below, x1, above)

    def write(self, text: str, x: float, y: float, size: float) -> None:
        """Write text whose base line begins at ``x``, ``y``."""
        self._canvas.setFont(FONT, size)
        self._canvas.drawString(x, self.measures.height - y, text)

    def _begin_page(self) -> None:
        self._number += 1
        self.y = self.measures.margin
        self._canvas.setLineWidth(0.5)
        turn = self._style.turned % 4
        width, height = self._size
        moves = {1: (width, 0), 2: (width, height), 3: (0, height)}
        if turn:
            self._canvas.translate(*moves[turn])
            self._canvas.rotate(90 * turn)

    def _end_page(self) -> None:
        if self._style.page_numbers:
            text = f"— {self._number} —"
            self.write(text, self._centred_x(text, 0, self.measures.width, 9), self.measures.height - 30, 9)
        self._canvas.showPage()
