"""All blocks of a document → its logical rows in reading order: grids as they are, loose lines as a stream."""

from __future__ import annotations

from archive.documents.pages import Pages, Table
from archive.parser.rows import Row, table_rows
from archive.parser.stream import Stream


def all_rows(pages: Pages) -> list[Row]:
    """Every logical row of a document in reading order, grids and streams together."""
    rows: list[Row] = []
    stream = Stream()
    number = 0
    for block in pages.blocks:
        if isinstance(block, Table):
            number += 1
            if not block.ruled and block.cols == 1:
                for cell in block.cells:
                    stream.cell(cell.text, cell.locator)
            else:
                rows += stream.finish()
                rows += table_rows(block, number)
        else:
            stream.line(block.text, block.locator, heading=block.heading)
    rows += stream.finish(end=True)
    return rows
