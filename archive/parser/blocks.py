"""All blocks of a document → its logical rows in reading order: grids as they are, loose lines as a stream."""

from __future__ import annotations

from dataclasses import replace

from archive.documents.pages import Pages, Table
from archive.parser.looks import look
from archive.parser.rows import Row, table_rows
from archive.parser.stream import Stream
from archive.parser.turned import upright

_LABEL = 60  # characters; none is longer


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
                block = block if block.ruled else _whole(block, stream)  # noqa: PLW2901 — the same table, made whole
                rows += stream.finish()
                rows += table_rows(upright(block), number)
        else:
            stream.line(block.text, block.locator, heading=block.heading)
    rows += stream.finish(end=True)
    return rows


def _whole(table: Table, stream: Stream) -> Table:
    """A table of lines whose first label began on the line above it (行政, 许可	12)."""
    first = table.cells[0] if table.cells else None
    if first is None or first.row or first.col or not stream.texts or stream.values or look(first.text).row is not None:
        return table
    label = f"{stream.texts[-1][0]}\n{first.text}"
    if len(label) > _LABEL or look(label).row is None:
        return table
    stream.texts.pop()
    return replace(table, cells=(replace(first, text=label), *table.cells[1:]))
