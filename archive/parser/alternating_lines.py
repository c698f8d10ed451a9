"""Read tables of lines that print a row's label on one line and its figures, parted by tabs or pipes, on the next."""

from __future__ import annotations

from collections.abc import Sequence

from archive.documents.pages import GridCell, Table
from archive.parser.line_rows import Stream
from archive.parser.text_classes import classes_of

_FIELDS = 2  # of a line that something parts
_LINE = "line"  # in the locators of what was read from lines: elsewhere places tell what belongs together
_WIDEST = 64  # fields of a row that may be of the form


def take_turns(table: Table, stream: Stream) -> bool:
    """Give the lines of such a table to the stream, which knows the label above it; False where it is no such."""
    if table.ruled or not _FIELDS <= table.cols <= _WIDEST or _LINE not in table.cells[0].locator:
        return False
    rows = [cells for _, cells in table.by_row()]
    if not _are_by_turns(rows, stream):
        return False
    for cells in rows:
        if _are_figures(cells):
            stream.fields([(cell.text, cell.locator) for cell in cells])
        else:
            for cell in cells:
                if cell.text.strip():
                    stream.line(cell.text, cell.locator)
    return True


def _are_by_turns(rows: Sequence[Sequence[GridCell]], stream: Stream) -> bool:
    """Whether each row is of words or of figures alone, and each of figures, and nothing else, stands behind a label.

    Words that end in a label, with nothing behind it, are by turns as well.
    """
    labelled = not stream.values and stream.ends_in_label()
    for cells in rows:
        if _are_figures(cells):
            if not labelled:
                return False
            labelled = False
        elif any(classes_of(cell.text).value and cell.text.strip() for cell in cells):
            return False
        else:
            labelled = _is_label(cells)
    return labelled or _are_figures(rows[-1])


def _are_figures(cells: Sequence[GridCell]) -> bool:
    """Whether all fields of a line could hold figures."""
    return all(classes_of(cell.text).value for cell in cells)


def _is_label(cells: Sequence[GridCell]) -> bool:
    """Whether a line of words is the label of one row, that of its group before it, with no blank field behind it."""
    cell_classes = [classes_of(cell.text) for cell in cells]
    named = [classes for classes in cell_classes[:-1] if classes.row is not None and classes.heading is None]
    last = cell_classes[-1].row
    return last is not None and not last.vague and not named
