"""Blocks → files. A stopgap until the document writers of this room stand; see ``documents``."""

from __future__ import annotations

import io
from collections.abc import Iterable

import docx as python_docx
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle

from archive.forms.printer import PrintedTable
from crawler.imitation.markup import fragment
from crawler.imitation.wording import Block, Heading


def docx(title: str, blocks: Iterable[Block]) -> bytes:
    """Return a Word document."""
    document = python_docx.Document()
    document.add_heading(title, 0)
    for block in blocks:
        if isinstance(block, PrintedTable):
            table = document.add_table(rows=block.rows, cols=block.cols)
            for cell in block.cells:
                last = table.cell(cell.row + cell.rowspan - 1, cell.col + cell.colspan - 1)
                table.cell(cell.row, cell.col).merge(last).text = cell.text
        elif isinstance(block, Heading):
            document.add_heading(block.text, 1)
        else:
            document.add_paragraph(block)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def doc(title: str, blocks: Iterable[Block]) -> bytes:
    """Return what many offices publish as .doc: HTML."""
    return f"<html><head><meta charset='utf-8'><title>{title}</title></head><body><h1>{title}</h1>{fragment(blocks)}</body></html>".encode()


def pdf(title: str, blocks: Iterable[Block], *, password: str = "", page_per_line: bool = False) -> bytes:
    """Return a PDF with a text layer."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    plain = ParagraphStyle("plain", fontName="STSong-Light", fontSize=7, leading=9, wordWrap="CJK")
    flow: list[Flowable] = [Paragraph(title, plain)]
    for block in blocks:
        if isinstance(block, PrintedTable):
            grid = [[""] * block.cols for _ in range(block.rows)]
            spans: list[tuple[object, ...]] = [
                ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
                ("LEFTPADDING", (0, 0), (-1, -1), 1),
                ("RIGHTPADDING", (0, 0), (-1, -1), 1),
            ]
            for cell in block.cells:
                grid[cell.row][cell.col] = Paragraph(cell.text, plain)
                spans.append(("SPAN", (cell.col, cell.row), (cell.col + cell.colspan - 1, cell.row + cell.rowspan - 1)))
            flow.append(Table(grid, colWidths=[440 / block.cols] * block.cols, style=TableStyle(spans)))
        else:
            flow.append(Paragraph(block.text if isinstance(block, Heading) else block, plain))
            if page_per_line:
                flow.append(PageBreak())
    out = io.BytesIO()
    lock = StandardEncryption(password, ownerPassword=password) if password else None
    SimpleDocTemplate(out, pagesize=A4, encrypt=lock, title=title, invariant=1).build(flow)
    return out.getvalue()
