"""Turn the blocks of a document into its logical rows in reading order: tables, and loose lines of text."""

from __future__ import annotations

from dataclasses import replace

from archive.documents.pages import GridCell, Pages, Table
from archive.forms.loader import tables_with_rows
from archive.parser.alternating_lines import take_turns
from archive.parser.line_rows import Stream
from archive.parser.rows import Row, table_rows
from archive.parser.text_classes import classes_of
from archive.parser.transposed_tables import transposed_back

_LABEL = 60  # characters; none is longer
_LINES = 6  # of a label
_FIGURES = 5  # of a row of blocks
_TABLE = 12  # cells of a table that may be the form's


def has_tables(pages: Pages) -> bool:
    """Whether a document has a table that may be the form's."""
    return any(isinstance(block, Table) and len(block.cells) >= _TABLE for block in pages.blocks)


def rows_of(pages: Pages, in_words: frozenset[str] | None = None) -> list[Row]:
    """Every logical row of a document in reading order, those of tables and of the lines between them.

    ``in_words``: the form's tables whose rows are looked for in sentences: all, if None, where there are no tables.
    """
    rows: list[Row] = []
    if in_words is None:
        in_words = frozenset() if has_tables(pages) else tables_with_rows()
    stream = Stream(in_words=in_words)
    number = 0
    for block in pages.blocks:
        if isinstance(block, Table):
            number += 1
            if not block.ruled and block.cols == 1:
                for cell in block.cells:
                    stream.cell(cell.text, cell.locator)
            elif take_turns(block, stream):
                continue
            elif (line := _lone_cell(block)) is not None:
                rows += stream.finish()
                stream.line(line.text, line.locator)
            else:
                if not block.ruled:
                    block = _with_first_label(_without_captions(block), stream)  # noqa: PLW2901 — the same table, made whole
                rows += stream.finish()
                for part in transposed_back(block):
                    rows += table_rows(part, number)
        else:
            stream.line(block.text, block.locator, heading=block.heading, blanks=block.blanks)
    rows += stream.finish(end=True)
    return rows


def _lone_cell(table: Table) -> GridCell | None:
    """The cell of figures that is all of a grid drawn by lines: a row of the table above without strokes in it."""
    cells = [cell for cell in table.cells if cell.text.strip()] if table.cols == 1 and len(table.cells) < _LINES else []
    if len(cells) != 1 or "box" not in cells[0].locator or "\n" in cells[0].text:
        return None
    parts = cells[0].text.split()
    return cells[0] if len(parts) > _FIGURES and all(classes_of(part).value for part in parts[1:]) else None


def _with_first_label(table: Table, stream: Stream) -> Table:
    """A table of lines whose first label began on the line above it (行政, 许可	12)."""
    first = table.cells[0] if table.cells else None
    if first is None or first.row or first.col or not stream.texts or stream.values:
        return table
    classes = classes_of(first.text)
    if classes.row is not None or (classes.value and not classes.blank):
        return table
    label = f"{stream.texts[-1][0]}\n{first.text}"
    if len(label) > _LABEL or classes_of(label).row is None:
        return table
    stream.texts.pop()
    return replace(table, cells=(replace(first, text=label), *table.cells[1:]))


def _without_captions(table: Table) -> Table:
    """A table without rulings without the captions that stand so near to a label that they seem to be lines of it."""
    if not any("\n" in cell.text for cell in table.cells):
        return table
    return replace(table, cells=tuple([replace(cell, text=_label(cell.text)) for cell in table.cells]))


def _label(text: str) -> str:
    """What of a text names a row, where the rest of its lines are captions; the text, where it is another."""
    lines = text.split("\n")
    if not 1 < len(lines) <= _LINES or classes_of(text).row is not None:
        return text
    left = "\n".join([line for line in lines if (hit := classes_of(line).heading) is None or hit.kind != "caption"])
    return left if classes_of(left).row is not None else text
