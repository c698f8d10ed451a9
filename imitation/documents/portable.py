"""Blocks → PDF with a text layer: ruled tables over as many pages as it takes. The font is built into every viewer."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from archive.forms.printer import PrintedTable
from imitation.documents.grid import Measured, measured, wrapped
from imitation.wording import Block, Heading

FONT = "STSong-Light"
_SIZE, _LEADING = 12.0, 20.0
_CELL_SIZE, _CELL_LEADING = 9.0, 11.0
_PAD = 3.0
_MARGIN = 60.0


@dataclass(frozen=True)
class Style:
    """How a producer of PDFs draws.

    ``ruled`` False draws no lines at all; ``open_ends`` leaves out the ruling at a page break (Chromium), ``pieces``
    draws every cell's edges as thin filled boxes of their own (LibreOffice), ``turned`` rotates the pages by quarter
    turns, ``page_numbers`` prints "— 3 —".
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
    style: Style | None = None,
) -> bytes:
    """A PDF; with ``password`` it opens to nobody else. ``page_per_line``: each paragraph on a page of its own."""
    sheet = _Sheet(title, password, style or Style())
    sheet.paragraph(title, indent=0, centred=True)
    for block in blocks:
        if isinstance(block, PrintedTable):
            sheet.table(block)
        elif isinstance(block, Heading):
            sheet.paragraph(block.text)
        else:
            sheet.paragraph(block)
            if page_per_line:
                sheet.next_page()
    return sheet.done()


def _advance(character: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(character, FONT, size))


_full = partial(_advance, size=_SIZE)
_in_cells = partial(_advance, size=_CELL_SIZE)


class _Sheet:
    def __init__(self, title: str, password: str, style: Style) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        lock = StandardEncryption(password, ownerPassword=password) if password else None
        self._out = io.BytesIO()
        self._style = style
        self._size = A4 if style.turned % 2 == 0 else (A4[1], A4[0])
        self._width, self._height = A4
        self._canvas = Canvas(self._out, pagesize=self._size, encrypt=lock, invariant=1)
        self._canvas.setTitle(title)
        self._number = 0
        self._y = 0.0
        self._begin()

    def done(self) -> bytes:
        """Return the file."""
        self._end()
        self._canvas.save()
        return self._out.getvalue()

    def next_page(self) -> None:
        """Break the page here."""
        self._end()
        self._begin()

    def paragraph(self, text: str, *, indent: float = 2 * _SIZE, centred: bool = False) -> None:
        """Set a paragraph, its first line indented by two characters."""
        width = self._width - 2 * _MARGIN
        first = wrapped(text, width - indent, _full)[0]
        rest = wrapped(text[len(first) :].removeprefix("\n"), width, _full) if len(first) < len(text) else []
        for number, line in enumerate([first, *rest]):
            if self._y < _MARGIN + _LEADING:
                self.next_page()
            self._y -= _LEADING
            left = _MARGIN + (indent if number == 0 else 0)
            if centred:
                left = (self._width - pdfmetrics.stringWidth(line, FONT, _SIZE)) / 2
            self._write(line, left, self._y, _SIZE)

    def table(self, table: PrintedTable) -> None:
        """Draw a table, row by row on as many pages as needed."""
        plan = measured(table, _MARGIN, self._width - 2 * _MARGIN, _in_cells, _CELL_LEADING, _PAD)
        start = 0
        while start < table.rows:
            end, top = start, self._y - 6
            room = top - _MARGIN
            while end < table.rows and sum(plan.heights[start : end + 1]) <= room:
                end += 1
            if end == start:
                if room < 300:
                    self.next_page()
                    continue
                end = start + 1
            self._part(table, plan, start, end, top)
            self._y = top - sum(plan.heights[start:end]) - 4
            start = end
            if start < table.rows:
                self.next_page()

    def _part(self, table: PrintedTable, plan: Measured, start: int, end: int, top: float) -> None:
        """Draw the rows from ``start`` to before ``end``; the text of a merged cell runs on below the page's end."""
        tops = [top]
        for height in plan.heights[start:end]:
            tops.append(tops[-1] - height)
        for cell in table.cells:
            first, last = max(cell.row, start), min(cell.row + cell.rowspan, end)
            if first >= last:
                continue
            x0, x1 = plan.edges[cell.col], plan.edges[cell.col + cell.colspan]
            upper, lower = tops[first - start], tops[last - start]
            open_below = self._style.open_ends and last == end < table.rows
            open_above = self._style.open_ends and first == start > 0
            self._edges(x0, lower, x1, upper, below=not open_below, above=not open_above)
            lines = plan.lines[cell]
            fitting = max(1, int((upper - lower - 2 * _PAD + 0.1) / _CELL_LEADING)) if last == end else len(lines)
            self._fill(lines[:fitting], x0, lower, x1, upper)
            plan.lines[cell] = lines[fitting:]

    def _edges(self, x0: float, y0: float, x1: float, y1: float, *, below: bool, above: bool) -> None:
        if not self._style.ruled:
            return
        lines = [(x0, y0, x0, y1), (x1, y0, x1, y1)]
        lines += [(x0, y0, x1, y0)] * below + [(x0, y1, x1, y1)] * above
        for a, b, c, d in lines:
            if self._style.pieces:
                self._canvas.rect(a - 0.25, b - 0.25, c - a + 0.5, d - b + 0.5, stroke=0, fill=1)
            else:
                self._canvas.line(a, b, c, d)

    def _fill(self, lines: list[str], x0: float, y0: float, x1: float, y1: float) -> None:
        y = (y0 + y1) / 2 + len(lines) * _CELL_LEADING / 2 - _CELL_SIZE
        y = min(y, y1 - _CELL_SIZE)
        for line in lines:
            left = (x0 + x1 - pdfmetrics.stringWidth(line, FONT, _CELL_SIZE)) / 2
            self._write(line, left, y, _CELL_SIZE)
            y -= _CELL_LEADING

    def _write(self, text: str, x: float, y: float, size: float) -> None:
        self._canvas.setFont(FONT, size)
        self._canvas.drawString(x, y, text)

    def _begin(self) -> None:
        self._number += 1
        self._y = self._height - _MARGIN
        self._canvas.setLineWidth(0.5)
        turn = self._style.turned % 4
        width, height = self._size
        moves = {1: (width, 0), 2: (width, height), 3: (0, height)}
        if turn:
            self._canvas.translate(*moves[turn])
            self._canvas.rotate(90 * turn)

    def _end(self) -> None:
        if self._style.page_numbers:
            text = f"— {self._number} —"
            self._write(text, (self._width - pdfmetrics.stringWidth(text, FONT, 9)) / 2, 30, 9)
        self._canvas.showPage()
