"""Reports drawn without vertical rulings in many ways: type, leading, padding, widths, alignments, blanks."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from archive.forms.loader import form
from archive.forms.printer import PrintedCell, PrintedTable, tables
from imitation import figures
from imitation.documents.grid import shares, wrapped
from imitation.documents.portable import FONT

HEADINGS = ("二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、行政复议、行政诉讼情况")
_LEFT, _CENTRE, _RIGHT = 0.0, 0.5, 1.0


@dataclass(frozen=True)
class Look:
    """How a producer sets tables. Alignments: 0 left (top), 0.5 centred, 1 right (bottom). ``size``, ``pad``: points.

    ``leading``: in sizes. ``even``: 0 makes columns as wide as their texts want, 1 all alike. ``rules``: lines above
    and below the head and at the end of each table; ``upright``: lines between columns alone. ``figures``: where these
    stand in the height of their cells, if elsewhere than labels; ``tall``: points by which rows are higher than needed;
    ``lined``: a line below each cell, and a box around all of them.
    """

    size: float = 9.0
    leading: float = 1.2
    pad: float = 3.0
    across: float = _CENTRE
    labels: float = _CENTRE
    heads: float = _CENTRE
    down: float = _CENTRE
    even: float = 0.0
    rules: bool = False
    margin: float = 50.0
    figures: float | None = None
    tall: float = 0.0
    upright: bool = False
    lined: bool = False


def drawn_by_lot(lot: random.Random) -> Look:
    """A look that some producer may have."""
    across = lot.choice((_LEFT, _CENTRE, _CENTRE, _RIGHT))
    return Look(
        size=lot.choice((7.5, 8.0, 9.0, 10.5)),
        leading=lot.choice((1.1, 1.2, 1.35, 1.5)),
        pad=lot.choice((2.0, 3.0, 5.0)),
        across=across,
        labels=lot.choice((_LEFT, _CENTRE)),
        heads=lot.choice((across, _CENTRE)),
        down=lot.choice((_LEFT, _CENTRE, _CENTRE, _CENTRE, _RIGHT)),
        even=lot.choice((0.0, 0.3, 0.6)),
        rules=lot.random() < 0.4,
        margin=lot.choice((30.0, 50.0)),
        figures=lot.choice((None, None, _LEFT, _CENTRE, _RIGHT)),
        tall=lot.choice((0.0, 0.0, 12.0, 25.0)),
        upright=lot.random() < 0.2,
    )


def report(
    seed: int, name: str, look: Look, blanks: float, year: int = 2021, order: Sequence[int] = (0, 1, 2)
) -> tuple[bytes, Mapping[str, Decimal | None]]:
    """A report on the form ``name`` with the truth of its cells; ``blanks``: share of cells left blank; ``order``: of
    its tables.
    """
    plan, lot = form(name), random.Random(f"blanks/{seed}")
    drawn = figures.drawn(f"unruled/{seed}", year, name)
    zero = lot.random() < 0.5
    truth: dict[str, Decimal | None] = {}
    for place in plan.ids:
        value = drawn.get(place, Decimal(0) if zero else None)
        truth[place] = None if value == 0 and lot.random() < blanks else value
    sheet = _Sheet(look)
    sheet.text(f"汶上县财政局{year}年政府信息公开工作年度报告", 14)
    sheet.text("一、总体情况", 12)
    sheet.text(f"{year}年，本机关认真贯彻落实《中华人民共和国政府信息公开条例》，主动公开政府信息250条。", 12)
    printed = list(zip(HEADINGS, tables(plan, truth), strict=True))
    for heading, table in (printed[n] for n in order):
        sheet.text(heading, 12)
        sheet.table(table)
    sheet.text("五、存在的主要问题及改进情况", 12)
    sheet.text("一是公开的广度有待拓展。" * 12, 12)
    sheet.text("六、其他需要报告的事项", 12)
    sheet.text("无。", 12)
    return sheet.done(), truth


class _Sheet:
    def __init__(self, look: Look) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self._look = look
        self._out = io.BytesIO()
        self._canvas = Canvas(self._out, pagesize=A4, invariant=1)
        self._y = A4[1] - 60.0

    def done(self) -> bytes:
        self._canvas.save()
        return self._out.getvalue()

    def text(self, text: str, size: float) -> None:
        for line in wrapped(text, A4[0] - 2 * 60, lambda c: float(pdfmetrics.stringWidth(c, FONT, size))):
            if self._y < 60 + 2 * size:
                self._next()
            self._y -= 1.6 * size
            self._write(line, 60.0, self._y, size)

    def table(self, table: PrintedTable) -> None:
        edges, heights, lines = self._measured(table)
        self._y -= 8.0
        start = 0
        while start < table.rows:
            end, used = start, 0.0
            while end < table.rows and used + heights[end] <= self._y - 50:
                used += heights[end]
                end += 1
            if end == start:
                self._next()
                continue
            tops = [self._y]
            for height in heights[start:end]:
                tops.append(tops[-1] - height)
            for cell in table.cells:
                first, last = max(cell.row, start), min(cell.row + cell.rowspan, end)
                if first < last:
                    self._cell(table, cell, lines[cell], edges, tops[first - start], tops[last - start])
                    lines[cell] = []  # the text of a cell that goes on over the page's end stands at its beginning
            self._lines(table, edges, tops, start, end)
            self._y, start = tops[-1] - 4.0, end
            if start < table.rows:
                self._next()

    def _lines(self, table: PrintedTable, edges: list[float], tops: list[float], start: int, end: int) -> None:
        """The lines of the rows from ``start`` to ``end``, which begin and end at ``tops``."""
        look = self._look
        if look.rules:
            for y in (tops[0], tops[min(_head(table), end)] if start == 0 else tops[0], tops[-1]):
                self._canvas.line(edges[0], y, edges[-1], y)
        if look.lined:
            self._canvas.rect(edges[0], tops[-1], edges[-1] - edges[0], tops[0] - tops[-1])
        for cell in table.cells:
            left, right = edges[cell.col], edges[cell.col + cell.colspan]
            first, last = max(cell.row, start), min(cell.row + cell.rowspan, end)
            for x in (left, right) if look.upright and first < last else ():
                self._canvas.line(x, tops[first - start], x, tops[last - start])
            if look.lined and start < cell.row + cell.rowspan <= end:
                self._canvas.line(left, tops[last - start], right, tops[last - start])

    def _measured(self, table: PrintedTable) -> tuple[list[float], list[float], dict[PrintedCell, list[str]]]:
        look = self._look
        width = A4[0] - 2 * look.margin
        edges = [look.margin]
        for share in shares(table):
            edges.append(edges[-1] + width * ((1 - look.even) * share + look.even / table.cols))
        heights = [look.size * look.leading + 2 * look.pad + look.tall] * table.rows
        lines: dict[PrintedCell, list[str]] = {}
        for cell in sorted(table.cells, key=lambda cell: cell.rowspan):
            room = edges[cell.col + cell.colspan] - edges[cell.col] - 2 * look.pad
            lines[cell] = wrapped(cell.text, room, lambda c: float(pdfmetrics.stringWidth(c, FONT, look.size)))
            have = sum(heights[cell.row : cell.row + cell.rowspan])
            want = len(lines[cell]) * look.size * look.leading + 2 * look.pad
            heights[cell.row + cell.rowspan - 1] += max(0.0, want - have)
        return edges, heights, lines

    def _cell(
        self, table: PrintedTable, cell: PrintedCell, lines: list[str], edges: list[float], top: float, bottom: float
    ) -> None:
        look = self._look
        across = look.heads if cell.row < _head(table) and cell.col else look.labels
        across = look.across if cell.id is not None else across
        left, right = edges[cell.col] + look.pad, edges[cell.col + cell.colspan] - look.pad
        spare = top - bottom - 2 * look.pad - len(lines) * look.size * look.leading
        place = look.down if cell.id is None or look.figures is None else look.figures
        y = top - look.pad - spare * place
        for line in lines:
            room = right - left - float(pdfmetrics.stringWidth(line, FONT, look.size))
            y -= look.size * look.leading
            self._write(line, left + room * across, y + 0.2 * look.size, look.size)

    def _write(self, text: str, x: float, y: float, size: float) -> None:
        self._canvas.setFont(FONT, size)
        self._canvas.drawString(x, y, text)

    def _next(self) -> None:
        self._canvas.showPage()
        self._y = A4[1] - 50.0


def _head(table: PrintedTable) -> int:
    """Rows of headings: those before the first figure."""
    return min(cell.row for cell in table.cells if cell.id is not None)
