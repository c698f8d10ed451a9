"""Turn blocks into plain text as extracted from documents by other programs: cells separated by tabs."""

from __future__ import annotations

from collections.abc import Iterable

from archive.forms.printer import PrintedTable
from imitation.wording import Block, SectionHeading


def text(title: str, blocks: Iterable[Block]) -> bytes:
    """Return the report as text; blank cells keep their tabs."""
    lines = [title]
    for block in blocks:
        if isinstance(block, PrintedTable):
            lines += ["\t".join(row) for row in _filled_rows(block)]
        else:
            lines.append(block.text if isinstance(block, SectionHeading) else block)
    return "\n".join(lines).encode()


def _filled_rows(table: PrintedTable) -> list[list[str]]:
    rows = [[""] * table.cols for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row][cell.col] = cell.text.replace("\n", "")
    return rows
