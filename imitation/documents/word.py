"""Turn blocks into .docx, with the form's merged cells as Word stores them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import docx as python_docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from archive.forms.printer import PrintedCell, PrintedTable
from imitation.wording import Block, SectionHeading

_MADE = datetime(2020, 1, 1, tzinfo=UTC)  # fixed, so that the bytes are the same on every machine


def docx(title: str, blocks: Iterable[Block]) -> bytes:
    """Return a Word document: title, headings, paragraphs and tables with a grid."""
    document = python_docx.Document()
    document.core_properties.title = title
    document.core_properties.created = document.core_properties.modified = _MADE
    document.add_heading(title, 0)
    for block in blocks:
        if isinstance(block, PrintedTable):
            _add_table(document, block)
        elif isinstance(block, SectionHeading):
            document.add_heading(block.text, 1)
        else:
            document.add_paragraph(block)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _add_table(document: Any, table: PrintedTable) -> None:
    """Add a table row by row as XML: python-docx merges cell by cell, which takes a second for one form."""
    shape = document.add_table(rows=0, cols=table.cols)
    shape.style = "Table Grid"
    covered = {(row, cell.col): cell for cell in table.cells for row in range(cell.row, cell.row + cell.rowspan)}
    for number in range(table.rows):
        row = OxmlElement("w:tr")
        col = 0
        while col < table.cols:
            cell = covered.get((number, col))
            row.append(_cell_xml(cell, number))
            col += cell.colspan if cell is not None else 1
        shape._tbl.append(row)


def _cell_xml(cell: PrintedCell | None, row: int) -> Any:
    """Return the ``w:tc`` element of a cell in a row; rows after its first continue the merge, without text."""
    element = OxmlElement("w:tc")
    properties = OxmlElement("w:tcPr")
    element.append(properties)
    is_first_row = cell is not None and cell.row == row
    if cell is not None and cell.colspan > 1:
        span = OxmlElement("w:gridSpan")
        span.set(qn("w:val"), str(cell.colspan))
        properties.append(span)
    if cell is not None and cell.rowspan > 1:
        merge = OxmlElement("w:vMerge")
        if is_first_row:
            merge.set(qn("w:val"), "restart")
        properties.append(merge)
    for line in cell.text.split("\n") if is_first_row and cell is not None else [""]:
        paragraph = OxmlElement("w:p")
        if line:
            run = OxmlElement("w:r")
            text = OxmlElement("w:t")
            text.set(qn("xml:space"), "preserve")
            text.text = line
            run.append(text)
            paragraph.append(run)
        element.append(paragraph)
    return element
