"""Blocks → plain text as others take it out of documents: cells behind tabs, one a line, or all run together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from archive.forms.printer import PrintedTable
from imitation.documents.grid import rows_of
from imitation.wording import Block, Heading

Shape = Literal["tabs", "lines", "glued"]


def text(title: str, blocks: Iterable[Block], shape: Shape = "tabs", charset: str = "utf-8") -> bytes:
    """The report as text. ``tabs`` keeps blank cells, ``lines`` and ``glued`` lose them."""
    lines = [title]
    for block in blocks:
        if isinstance(block, PrintedTable):
            lines += _table(block, shape)
        else:
            lines.append(block.text if isinstance(block, Heading) else block)
    return "\n".join(_joined(lines) if shape == "glued" else lines).encode(charset)


def _table(table: PrintedTable, shape: Shape) -> list[str]:
    rows = [[cell.text.replace("\n", "") for cell in row] for row in rows_of(table)]
    if shape == "tabs":
        return ["\t".join(row) for row in _padded(table)]
    return [text for row in rows for text in row if text]


def _padded(table: PrintedTable) -> list[list[str]]:
    rows = [[""] * table.cols for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row][cell.col] = cell.text.replace("\n", "")
    return rows


def _joined(lines: list[str]) -> list[str]:
    """The title, and all the rest in one line without anything between."""
    return [lines[0], "".join(lines[1:])]


def run_on(title: str, blocks: Iterable[Block], separator: str = " | ", *, broken: bool = False) -> bytes:
    """The report without line ends, the cells of its tables, blank ones too, parted by ``separator``; ``broken``: each
    paragraph and table has its line.
    """
    lines = [title]
    for block in blocks:
        if isinstance(block, PrintedTable):
            lines.append(separator.join(cell.text.replace("\n", "") for row in rows_of(block) for cell in row))
        else:
            lines.append(block.text if isinstance(block, Heading) else block)
    return ("\n" if broken else " ").join(lines).encode()
